"""The form holds every setting of the technologies that a scenario has, and what it says an override takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from twin.scenario.form import Setting, as_override, settings
from twin.scenario.reading import read_scenario
from twin.studies.visitors import changed

SCENARIOS = Path(__file__).parents[2] / "scenarios"
QUICKSTART = SCENARIOS / "quickstart.yaml"


def by_path(file: Path = QUICKSTART) -> dict[str, Setting]:
    """Settings of a file."""
    return {setting.path: setting for setting in settings(read_scenario(file))}


def test_a_setting_has_the_bounds_unit_and_meaning_of_the_schema() -> None:
    one = by_path()["halls.ai.air.supply_air_c"]
    assert (one.value, one.unit, one.low, one.high, one.kind) == (23.0, "degC", 10.0, 40.0, "number")
    assert (one.label, one.bounds, one.part) == ("supply air", "10 to 40", "halls.ai.air")
    assert one.meaning


def test_open_bounds_are_told_as_such() -> None:
    one = by_path()["halls.ai.air.fan_efficiency_frac"]
    assert (one.low_open, one.bounds, one.label) == (True, "above 0 to 1", "fan efficiency")


def test_bounds_that_are_far_are_not_told_and_numbers_to_choose_from_are_a_choice() -> None:
    own = by_path(SCENARIOS / "grid" / "contracts.yaml")
    committed = own["grid.contracts.demand_response.committed_kw"]
    assert (committed.high, committed.bounds) == (1e7, "above 0")
    flat = {setting.path: setting for setting in settings(changed(read_scenario(QUICKSTART), [
        "grid.tariff={kind: flat, currency: USD, energy_per_kwh: 0.1}"]))}  # fmt: skip
    assert flat["grid.tariff.energy_per_kwh"].bounds == ""
    interval = flat["grid.tariff.demand.demand_interval_min"]
    assert (interval.kind, interval.value, interval.words) == ("choice", 15, (15, 30, 60))


def test_only_fields_of_the_chosen_technology_are_there() -> None:
    fixed, staged = by_path(), by_path(SCENARIOS / "technologies" / "crac_dx.yaml")
    assert any(path.endswith("coil_capacity_kw") for path in fixed)
    crac = [path for path in staged if path.startswith("halls.enterprise.air.")]
    assert crac
    assert not any(path.endswith("coil_water_c") for path in crac)
    assert not any(path.endswith(".kind") for path in (*fixed, *staged))


@pytest.mark.parametrize("file", ["quickstart.yaml", "sites/summit.yaml", "work/cap_kinds.yaml"])
def test_every_setting_put_back_as_an_override_changes_nothing(file: str) -> None:
    scenario = read_scenario(SCENARIOS / file)
    found = [s for s in settings(scenario) if not s.path.endswith(("file", "hardware", "tasks"))]
    assert len(found) > 60
    assert changed(scenario, [as_override(s.path, s.value) for s in found]) == scenario


def test_a_search_finds_words_of_name_path_unit_and_meaning() -> None:
    found = [path for path, setting in by_path().items() if setting.matches("supply air degc")]
    assert "halls.ai.air.supply_air_c" in found
    assert not any(path.endswith("_kw") for path in found)
