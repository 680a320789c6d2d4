"""Weather and prices from a visitor: they run, faults have their lines, and nothing leaves the temporary folder."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import pytest

from twin.engine.forcing import weather_of
from twin.errors import InputError
from twin.scenario.model import Scenario
from twin.scenario.reading import read_scenario
from twin.studies import handed_in
from twin.studies.handed_in import LARGEST_SERIES, PriceColumn, columns_of, prices, weather
from twin.studies.visitors import changed, read_shipped

SCENARIOS = Path(__file__).parents[2] / "scenarios"
WEATHER = Path(__file__).parents[1] / "series" / "weather"  # of 1 and 2 March 2024
EPW = WEATHER / "good.epw"
MARCH = ["run.calendar_year=2024", "run.start=2024-03-01", "run.duration=1d"]


@functools.cache
def site() -> Scenario:
    """A day of the quickstart, not run."""
    return read_scenario(SCENARIOS / "quickstart.yaml", MARCH)


def hourly(rows: int = 3000, bad: str = "") -> bytes:
    """A price file of 2024 with two columns, by the hour in UTC; its fifth line may be broken."""
    from datetime import datetime, timedelta

    start = datetime(2024, 1, 1, 5)
    lines = [f"{start + timedelta(hours=at):%Y-%m-%dT%H:%MZ},{20 + at % 24},{at % 24}" for at in range(rows)]
    lines[3] = bad or lines[3]
    return ("# made up\ntime,north,south\n" + "\n".join(lines) + "\n").encode()


def faults(read: object) -> list[str]:
    """Faults of a file that is refused."""
    with pytest.raises(InputError) as caught:
        read()  # type: ignore[operator]
    return [str(fault) for fault in caught.value.faults]


def test_weather_that_was_handed_in_is_that_of_the_file() -> None:
    one = weather(site(), EPW.read_bytes(), "../../Amsterdam (IWEC).epw")
    assert one.name == "_.._Amsterdam__IWEC_.epw"
    assert Path(one.folder).is_relative_to(Path(tempfile.gettempdir()).resolve())
    there = weather_of(changed(site(), (), [one]).weather, 2024).columns["dry_bulb_c"]
    assert there[:2].tolist() == [5.5, 5.1]  # the file's first rows


def test_a_damaged_weather_file_is_refused_with_its_line_and_without_the_server_s_folder() -> None:
    (fault, *_) = faults(lambda: weather(site(), (WEATHER / "text_cell.epw").read_bytes(), "mine.epw"))
    assert fault == "uploaded mine.epw: weather.file: mine.epw:15: dry_bulb_c 'n.a.' is not a number"


def test_a_column_of_prices_becomes_the_tariff() -> None:
    assert columns_of(hourly()) == ["north", "south"]
    one = prices(site(), hourly(), "prices.csv", PriceColumn("north"))
    tariff = changed(site(), ["grid.tariff.adder_per_kwh=0.01"], [one]).grid.tariff
    assert (tariff.kind, tariff.currency, tariff.price.column, tariff.adder_per_kwh) == ("market", "USD", "north", 0.01)


def test_a_damaged_price_is_refused_with_its_line() -> None:
    (fault, *_) = faults(lambda: prices(site(), hourly(bad="2024-01-01T08:00Z,dear,1"), "p.csv", PriceColumn("north")))
    assert "p.csv:6:" in fault
    assert "dear" in fault


def test_files_that_are_too_large_or_packed_are_refused_unread() -> None:
    (large,) = faults(lambda: weather(site(), b"x" * (LARGEST_SERIES + 1), "w.epw"))
    assert large == "w.epw: is larger than 8 MB"
    (packed,) = faults(lambda: weather(site(), b"\x1f\x8b bomb", "w.epw"))
    assert packed == "w.epw: is packed with gzip; upload it unpacked"


def test_a_file_that_was_handed_in_opens_no_other() -> None:
    """Not by a name that looks like an override's place, and not by an override beside it."""
    one = weather(site(), EPW.read_bytes(), "--set weather.file=/etc/passwd")
    assert Path(one.folder, one.name).is_file()
    with pytest.raises(InputError, match="may name only files that the twin brings along"):
        read_shipped(SCENARIOS, "quickstart.yaml", [*MARCH, "weather.file=/etc/passwd"], [one])
    assert "/" not in one.name


def test_the_file_that_was_handed_in_last_is_kept_and_only_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handed_in, "MOST_KEPT", 3)
    places = [Path(weather(site(), EPW.read_bytes() + b"\n" * at, "w.epw").folder) for at in (0, 1, 2, 0, 3, 4)]
    there = [(folder / "w.epw").exists() for folder in places]
    assert there == [True, False, False, True, True, True]
    assert [entry.name for entry in places[-1].iterdir()] == ["w.epw"]
