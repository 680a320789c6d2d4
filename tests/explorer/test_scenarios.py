"""Every shipped scenario opens on every page, without a browser: drawn, or told what it is instead."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

pytest.importorskip("streamlit")

from streamlit.testing import v1 as testing

from tests.explorer.alone import MOST_S
from twin.errors import InputError
from twin.explorer.choice import Choice
from twin.outputs.template import scenarios_folder
from twin.studies.visitors import shipped_names

SCENARIOS = [name for name in shipped_names(scenarios_folder()) if not name.startswith("studies/")]
SCRIPT = """
from twin.explorer import explore, floor, overview, session
session.start()
overview.page()
explore.page()
floor.page()
"""


def shortest(file: str) -> list[str]:
    """Changes that leave two days of a run, or less where it is shorter anyway."""
    for changes in (["run.duration=2d"], []):
        with contextlib.suppress(InputError):
            Choice(file, overrides=tuple(tuple(one.split("=")) for one in changes)).scenario()
            return changes
    raise AssertionError(file)


@pytest.mark.slow
@pytest.mark.parametrize("file", SCENARIOS)
def test_a_shipped_scenario_opens_on_every_page(file: str) -> None:
    test = testing.AppTest.from_string(SCRIPT, default_timeout=MOST_S)
    test.query_params["file"], test.query_params["set"] = [file], shortest(file)
    test.run()
    assert not test.exception
    assert not test.error
    assert len(test.get("plotly_chart")) >= 5  # energy flow, months, bill, carbon, capacity


def test_a_study_among_the_shipped_files_is_told_not_to_be_a_scenario() -> None:
    file = next(name for name in shipped_names(Path(scenarios_folder())) if name.startswith("studies/"))
    test = testing.AppTest.from_string(SCRIPT.replace("explore.page()\nfloor.page()\n", ""), default_timeout=MOST_S)
    test.query_params["file"] = [file]
    test.run()
    assert not test.exception
    assert "This scenario cannot run" in test.error[0].value
