"""Tables in a pipe are whole; on a terminal, or where COLUMNS says so, they fit."""

from __future__ import annotations

import pytest
from rich.table import Table

from twin.outputs.screens import table_screen


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[str]:
    table = Table(box=None)
    for name in ("weather.file", "halls.ai.air.supply_air_c", "plants.main.supply_c", "a figure", "another figure"):
        table.add_column(name)
    table.add_row("pvlib:723170TYA.CSV", "25", "9.0789", "35 840 USD", "78.69 t CO2e")
    table_screen().print(table)
    return capsys.readouterr().out.splitlines()


def test_a_table_in_a_pipe_is_not_folded(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    head, row = lines_of(capsys)
    assert "halls.ai.air.supply_air_c" in head
    assert "pvlib:723170TYA.CSV" in row


def test_a_width_that_is_stated_holds(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    found = lines_of(capsys)
    assert len(found) > 2
    assert max(map(len, found)) <= 60
