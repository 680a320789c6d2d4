"""What a reader has to know of a run reaches them: in the table, on stderr when it is quiet, and in metrics.json."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from twin.cli import commands
from twin.outputs.numbers import THIN
from twin.outputs.summary import CAUTIONS

ROOT = Path(__file__).parents[2]
WEEK = ("run.start=2025-07-07", "run.duration=7d")
FLAT = "grid.tariff={kind: flat, currency: EUR, energy_per_kwh: 0.11}"
ONE_CHILLER = (
    "plants.main.chillers={one: {kind: water_cooled, curves: York_YT_1023, rated_kw: 1400, "
    "condenser_flow_m3_s: 0.07, availability: "
    "{kind: outages, outages: [{at: '2025-07-08 12:00', duration_h: 1}]}}}"
)
WARM = (
    "plants.main.chillers={warm: {kind: carnot_fraction, curves: York_YT_1023, rated_kw: 1800, "
    "condenser_flow_m3_s: 0.07, minimum_entering_c: 36}}"
)
PLAN = (
    "onsite.store={kind: battery, energy_kwh: 100, control: "
    "{kind: schedule, discharge: {kind: constant, value_frac: 1}}}"
)
DX = (
    "halls.enterprise.air={kind: crac, fed_by: mechanical, supply_air_c: 23, units_count: 5, airflow_m3_s: 8, "
    "capacity_kw: 125}"
)
DOORS = (
    "halls.enterprise.rear_doors={kind: rear_door, plant: main, fed_by: mechanical, doors_count: 40, capacity_kw: 10, "
    "airflow_m3_s: 0.69, exhaust_air_c: 38, water_c: 18, water_rise_k: 6, dew_guard: none}"
)
PROVOKED = {  # override -> figure that it raises, words of the warning
    "halls.ai.air.coil_capacity_kw=85": ("unmet_cooling_kwh", "of cooling short of the set-point"),
    "halls.ai.air.supply_air_c=33": ("hours_above_allowable_h", "168 h with rack inlets above the allowable envelope"),
    "halls.ai.dew_point_c=18": ("coil_below_dew_point_h", "168 h with a coil surface below the dew point"),
    DX: ("running_coil_below_dew_point_h", "running compressors hold their coils below the dew point of a hall"),
    DOORS: ("door_below_dew_point_h", "168 h with rear doors' water below the dew point"),
    "halls.ai.humidity={kind: tracked, outdoor_m3_s: 10}": (
        "hours_above_allowable_moisture_h",
        "with rack inlets moister than the allowable envelope",
    ),
    "plants.main.supply_c=3.5": ("curve_extrapolation_h", "outside the range of a performance curve"),
    "plants.main.pump.flow_m3_s=0.027": ("pump_over_flow_h", "more flow is asked of pumps than their rated"),
    "loads.building.power_kw=500": ("power_overload_kw", "above its rating, at worst, goes through a power device"),
    "grid.meter.limit_kw=1350": ("above_grid_limit_h", "draws more than the contracted power"),
    "rooms.electrical.capacity_kw=8": ("room_excess_k", "is the air of an electrical room"),
    "grid.meter.availability={kind: event, at: '2025-07-08 12:00', for: 5min}": (
        "unserved_it_kwh",
        "of IT that power did not reach",
    ),
    PLAN: ("battery_short_kwh", "that rules ask of batteries and that they cannot give"),
    WARM: ("carnot_extrapolation_h", "extrapolated at a constant share of Carnot"),
    ONE_CHILLER: ("chilled_water_excess_k", "is the chilled water that a plant could not cool"),
}
NEVER_HERE = {
    "unsolved_step_count",  # no case is known in which a search fails
    "unfed_kwh",  # all that draws power here is shed with it; tests/engine/test_supply.py holds it at zero
    "hours_below_allowable_moisture_h",  # Miami is never that dry; tests/components/air/test_humidity.py has it
}


def run(folder: Path, *overrides: str, quiet: bool = False) -> tuple[Result, dict]:
    sets = [part for override in overrides for part in ("--set", override)]
    scenario = str(ROOT / "scenarios" / "quickstart.yaml")
    arguments = ["run", scenario, "--out", str(folder), *sets, *(["-q"] if quiet else [])]
    result = CliRunner(env={"COLUMNS": "400"}).invoke(commands, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result, json.loads((folder / "metrics.json").read_text(encoding="utf-8"))


def test_a_sound_site_gives_no_warning(tmp_path: Path) -> None:
    result, document = run(tmp_path, "run.duration=365d", FLAT, quiet=True)
    assert result.output == ""
    assert document["warnings"] == []
    metrics = document["metrics"]
    assert all(metrics[name]["value"] == pytest.approx(0, abs=1e-9) for name in CAUTIONS if name in metrics)
    absent = {
        "battery_short_kwh",
        "above_grid_limit_h",
        "hours_above_allowable_moisture_h",
        "hours_below_allowable_moisture_h",
        "unserved_it_kwh",
        "unfed_kwh",
        "running_coil_below_dew_point_h",
        "door_below_dew_point_h",
    }
    assert set(CAUTIONS) - set(metrics) == absent, (
        "no contract, moisture, battery, outage, compressors in halls or rear doors here"
    )


def test_every_caution_is_provoked() -> None:
    assert {name for name, _ in PROVOKED.values()} | NEVER_HERE == set(CAUTIONS)


@pytest.mark.parametrize("override", PROVOKED, ids=lambda override: PROVOKED[override][0])
def test_what_is_beyond_its_limits_is_warned_of(override: str, tmp_path: Path) -> None:
    name, words = PROVOKED[override]
    result, document = run(tmp_path, *WEEK, FLAT, override)
    assert document["metrics"][name]["value"] > 0.05
    assert words in result.output.split("Worth a look")[1].replace(THIN, " ")


def test_a_quiet_run_warns_on_stderr_and_nowhere_else(tmp_path: Path) -> None:
    result, _ = run(tmp_path, *WEEK, FLAT, "grid.meter.limit_kw=1350", quiet=True)
    assert "contracted power" in result.stderr
    assert result.stdout == ""


def test_demand_beyond_the_tariffs_range_is_warned_of_and_written(tmp_path: Path) -> None:
    result, document = run(tmp_path, "run.duration=365d", "loads.building={kind: auxiliary, power_kw: 1500}")
    (said,) = [text for text in document["warnings"] if "leaves the range" in text]
    assert said.startswith("billed demand leaves the range of GSLDT-1 (500 to 2000 kW) in 12 of 12 months")
    assert said in result.output


def test_a_step_longer_than_the_demand_interval_is_warned_of(tmp_path: Path) -> None:
    _, coarse = run(tmp_path, "run.duration=365d")
    _, fine = run(tmp_path, "run.duration=365d", "run.step=30min")
    said = "peaks are means over 60 min, the tariff bills those over 30 min (demand_resolution: coarse)"
    assert coarse["warnings"] == [said]
    assert fine["warnings"] == []


def test_typical_weather_is_told_on_screen_and_in_the_file(tmp_path: Path) -> None:
    result, document = run(tmp_path, *WEEK, FLAT)
    assert document["notes"] == ["weather: typical weather laid on 2025"]
    assert "typical weather laid on 2025" in result.output.splitlines()[1]


def test_a_run_shorter_than_a_year_says_so_in_the_file(tmp_path: Path) -> None:
    _, document = run(tmp_path, *WEEK, FLAT)
    assert "interim (iPUE)" in document["metrics"]["pue"]["basis"]
