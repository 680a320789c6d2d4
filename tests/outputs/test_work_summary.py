"""Work on the screen: what was done, for what, and what a reader has to know of it."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from tests.engine.scenarios import FOLDER
from twin.engine.simulate import simulate
from twin.outputs.files import metrics_document
from twin.outputs.numbers import THIN
from twin.outputs.summary import print_summary, warnings_of
from twin.outputs.work import work_warnings
from twin.scenario.reading import read_scenario
from twin.studies.kpis import kpis, notes, warnings

WEEK = ("run.start=2025-07-07", "run.duration=7d")
DEAR = "halls.ai.rack_groups.gpu.caps.dear_hours.limit_frac"


def document(name: str, *overrides: str) -> dict:
    results = simulate(read_scenario(FOLDER / f"{name}.yaml", [*WEEK, *overrides]))
    return metrics_document(results, kpis(results), warnings(results), notes=notes(results))


def screen(of: dict, width: int = 100) -> str:
    console = Console(width=width, record=True, highlight=False, file=io.StringIO())
    print_summary(of, [], console)
    return console.export_text().replace(THIN, " ")


def figures(**values: float) -> dict[str, dict]:
    """A document's figures of a class ``x`` of which 100 device hours arrived."""
    units = {"served": "device hours", "dropped": "device hours", "waiting_at_end": "device hours"}
    known = {"arrived": 100.0, "served": 100.0} | values
    return {f"workloads.x.{name}": {"value": v, "unit": units.get(name, "device hours")} for name, v in known.items()}


@pytest.mark.parametrize("width", [80, 100, 160])
def test_each_class_has_a_row_of_what_was_done_and_one_of_what_a_unit_took(width: int) -> None:
    text = screen(document("power_capping"), width)
    work, unit = text.split("\nWork\n")[1].split("\nWhat a unit of work took\n")
    for name in ("chat", "summaries", "training"):
        assert re.search(rf"^  {name} .*100\.0 %", work, re.MULTILINE), work
        assert re.search(rf"^  {name} .* USD ", unit, re.MULTILINE), unit
    assert "…" not in work + unit


def test_a_site_without_work_has_no_such_sections() -> None:
    text = screen(document("quickstart"))
    assert "\nWork\n" not in text
    assert "\nJobs\n" not in text


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"missed_frac": 0.25}, "x: 25.0 % of the work missed its deadline"),
        ({"dropped": 20.0}, "x: 20.00 device hours were dropped, 20.0 % of what arrived"),
        ({"waiting_at_end": 5.0}, "x: 5.000 device hours still wait at the end, 5.0 % of what arrived"),
        ({"slow_frac": 0.5}, "x: 50.0 % of the work was done while its latency objective was missed"),
        ({"lost": 2.0}, "x: 2.000 device hours must be done again after interruptions"),
        ({"jobs_unfinished_count": 3.0}, "x: 3 jobs of the trace end after the run"),
    ],
)
def test_what_work_was_paid_with_is_said(found: dict[str, float], said: str) -> None:
    assert list(work_warnings(figures(**found))) == [said]


def test_rounding_is_not_worth_a_look() -> None:
    slight = {"missed_frac": 1e-7, "dropped": 1e-9, "waiting_at_end": 1e-9, "slow_frac": 1e-9, "lost": 1e-9}
    assert list(work_warnings(figures(**slight))) == []


def test_work_left_from_before_a_run_in_which_nothing_came_is_said_without_a_share() -> None:
    (said,) = work_warnings(figures(arrived=0.0, waiting_at_end=4.0))
    assert said == "x: 4.000 device hours still wait at the end, left from before the run"


def test_a_deep_cap_is_told_with_its_missed_latency_and_a_sound_run_with_none() -> None:
    deep = warnings_of(document("power_capping", f"{DEAR}=0.4"))
    assert [text for text in deep if text.startswith("chat: ") and "latency objective was missed" in text]
    assert not [text for text in warnings_of(document("power_capping")) if text.startswith(("chat: ", "training: "))]


def test_a_device_that_stands_in_is_worth_a_look_and_said_once() -> None:
    text = screen(document("power_capping"), 160)
    said = "power limits as measured on NVIDIA A100 SXM"
    assert text.count(said) == 1
    assert said in text.split("Worth a look")[1]
