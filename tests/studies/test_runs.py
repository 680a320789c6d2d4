"""A run of a batch has the figures of ``twin run`` to the last bit, and one that fails is a row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.engine.scenarios import FOLDER
from twin.engine.simulate import simulate
from twin.errors import RunError
from twin.outputs.files import metrics_document, metrics_text
from twin.scenario.reading import read_scenario
from twin.studies.kpis import figures_of, kpis
from twin.studies.runs import cause_of, run_once, simulated
from twin.studies.sums import sums_of
from twin.studies.variants import Template

DAYS = ("run.start=2025-07-01", "run.duration=3d")
SITES = ("quickstart.yaml", "greensboro.yaml", "technologies/humidity_control.yaml", "technologies/heat_reuse.yaml",
         "technologies/outdoor_air.yaml", "sites/server_room.yaml", "work/llm_requests.yaml", "grid/contracts.yaml",
         "grid/peak_shaving.yaml")  # fmt: skip


@pytest.mark.parametrize("name", SITES)
def test_figures_without_a_dataset_are_those_of_a_run_to_the_last_bit(name: str) -> None:
    scenario = read_scenario(FOLDER / name, DAYS)
    results = simulate(scenario)
    wanted = json.loads(metrics_text(metrics_document(results, kpis(results))))["metrics"]
    one = simulated(scenario)
    assert figures_of(one, scenario) == kpis(results)
    record = run_once("x", Template(scenario.model_dump(mode="json", by_alias=True), ()), ())
    assert record.error == ""
    assert record.figures == {key: metric["value"] for key, metric in wanted.items()}
    assert record.units == {key: metric["unit"] for key, metric in wanted.items()}
    assert sums_of(one) == sums_of(results.isel(scenario=0))  # type: ignore[arg-type]


def test_a_run_that_runs_away_is_a_record_with_its_cause() -> None:
    gone = "availability={kind: outages, outages: [{at: '2025-07-02 12:00', duration_h: 24}]}"
    overrides = [f"plants.main.chillers.{name}.{gone}" for name in ("large", "medium", "small")]
    scenario = read_scenario(FOLDER / "quickstart.yaml", [*DAYS, *overrides])
    record = run_once("x", Template(scenario.model_dump(mode="json", by_alias=True), ()), ())
    with pytest.raises(RunError) as caught:
        simulate(scenario)
    assert record.error == str(caught.value)
    assert record.cause == "ran away: halls.enterprise.air.inlet_c"
    assert record.figures == {}


def test_causes_leave_out_numbers() -> None:
    assert cause_of(ValueError("import_kw has shape (24,), the axis has 25 steps")) == cause_of(
        ValueError("import_kw has shape (48,), the axis has 49 steps")
    )
    assert cause_of(ZeroDivisionError()) == "ZeroDivisionError"


def test_a_resolved_scenario_as_json_is_the_same_scenario(tmp_path: Path) -> None:
    from twin.scenario.model import Scenario

    for name in SITES:
        scenario = read_scenario(FOLDER / name)
        assert Scenario.model_validate_json(scenario.model_dump_json()) == scenario
