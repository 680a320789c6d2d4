"""Sites that are odd but legal: nothing crashes, every ledger closes, every figure is a number."""

from __future__ import annotations

import copy
import io
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr
from rich.console import Console

from tests.engine.scenarios import FOLDER, from_text, shipped
from twin.engine.simulate import simulate
from twin.errors import RunError
from twin.outputs.summary import print_summary
from twin.scenario.model import Scenario
from twin.scenario.writing import dump
from twin.studies.kpis import kpis
from twin.yaml_source import load

CLOSED = 1e-9  # of IT energy, or of facility energy where there is no IT
DAYS = ("run.duration=3d",)
NOON = "{kind: outages, outages: [{at: '2025-07-01 12:00', duration_h: 0.5}]}"
SUMMER_DAY = ("run.step=5min", "run.start=2025-07-01", "run.duration=1d")
GPU, WEB = "halls.ai.rack_groups.gpu", "halls.enterprise.rack_groups.web"
UTILISATION = "utilisation={{kind: constant, value_frac: {}}}"
NO_POWER = ("[" + ", ".join(["0"] * 11) + "]").join(("load_power_frac=", ""))
TOWERS = "plants.main.condenser.towers.cells"
CHILLERS = tuple(f"plants.main.chillers.{name}" for name in ("large", "medium", "small"))


def site(change: Callable[[dict[str, Any]], None], *overrides: str, base: str = "quickstart") -> Scenario:
    """A shipped scenario whose data is changed."""
    data = copy.deepcopy(load(FOLDER / f"{base}.yaml").data)
    change(data)
    return from_text(dump(data), *overrides)


def sound(scenario: Scenario) -> tuple[xr.Dataset, dict[str, float]]:
    """Results and figures of a run, once its ledgers are closed and all of it is finite."""
    results = simulate(scenario)
    figures = {name: figure["value"] for name, figure in kpis(results).items()}
    through = figures["it_energy_kwh"] or figures["facility_energy_kwh"]
    assert np.abs(results["residual_kwh"].values).max() <= CLOSED * through
    assert [name for name, value in figures.items() if not math.isfinite(value)] == []
    series = [name for name, values in results.data_vars.items() if values.dtype.kind == "f"]
    assert [name for name in series if not np.isfinite(results[name].values).all()] == []
    assert figures["unsolved_step_count"] == 0
    return results, figures


@pytest.mark.parametrize(
    "overrides",
    [
        ("halls.ai=null", "power.pdu_ai=null", "loads.lighting_ai=null"),
        ("rooms=null", "power.ups.heat_to=outdoors", "power.mechanical.heat_to=outdoors"),
        (f"{GPU}.{UTILISATION.format(0)}", f"{WEB}.{UTILISATION.format(0)}"),
        (f"{GPU}.{UTILISATION.format(1.2)}", f"{WEB}.{UTILISATION.format(1.2)}"),
        (f"{GPU}.racks_count=1", f"{WEB}.racks_count=1", f"{WEB}.servers_per_rack_count=1"),
        ("halls.ai.air.supply_air_c=40", "halls.enterprise.air.supply_air_c=40"),
        ("plants.main.volume_m3=0.01", "run.step=5s", "run.duration=1h"),
        ("plants.main.volume_m3=100000",),
        ("run.step=1s", "run.duration=20min"),
        ("run.step=24h", "run.duration=28d"),
        ("run.step=30min",),
        ("run.warmup_h=0",),
        ("site.timezone=Australia/Sydney",),
        ("site.timezone=Asia/Kathmandu", "run.step=15min"),
        ("power.rpp={kind: pdu, fed_by: pdu_ai, heat_to: halls.ai, rated_kw: 1200}", f"{GPU}.fed_by=rpp"),
        ("power.mechanical.fed_by=ups", "power.ups.modules_count=10"),
        ("power.mechanical.heat_to=halls.ai", "loads.lighting_ai.heat_to=rooms.electrical"),
        ("power.spare={kind: ups, fed_by: main, heat_to: rooms.electrical, module_kw: 250, modules_count: 6}",),
        ("plants.main.pump.control=constant", "plants.main.condenser.pump.control=constant"),
        ("weather.elevation_m=4000", "weather.dry_bulb_shift_k=-20"),
    ],
    ids=lambda overrides: " ".join(overrides)[:60],
)
def test_an_odd_site_runs_with_closed_ledgers_and_finite_figures(overrides: tuple[str, ...]) -> None:
    _, figures = sound(shipped("quickstart", *DAYS, *overrides))
    assert figures["pue"] > 1


def test_a_site_without_power_devices_hangs_on_the_grid() -> None:
    def direct(data: dict[str, Any]) -> None:
        parts = [*data["halls"].values(), *data["rooms"].values(), *data["plants"].values(), *data["loads"].values()]
        parts += [hall["air"] for hall in data["halls"].values()]
        parts += [group for hall in data["halls"].values() for group in hall["rack_groups"].values()]
        for part in parts:
            part.pop("fed_by", None)
        del data["power"]

    _, figures = sound(site(direct, *DAYS))
    assert figures["power_chain_loss_kwh"] == 0
    assert figures["it_energy_ups_output_kwh"] == pytest.approx(figures["it_energy_kwh"], rel=1e-12)


def test_two_plants_with_a_hall_each_add_up() -> None:
    def two(data: dict[str, Any]) -> None:
        data["plants"]["second"] = copy.deepcopy(data["plants"]["main"])
        data["halls"]["ai"]["air"]["plant"] = "second"

    results, _ = sound(site(two, *DAYS))
    loads = [results[f"plants.{name}.load_kw"].values for name in ("main", "second")]
    coils = results["halls.ai.air.coil_kw"] + results["plants.second.pump.water_heat_kw"]
    np.testing.assert_allclose(loads[1], coils.values, rtol=1e-12)
    assert (loads[0] > 0).all()


def test_a_plant_that_cools_nothing_stands_still() -> None:
    def standby(data: dict[str, Any]) -> None:
        data["plants"]["standby"] = copy.deepcopy(data["plants"]["main"])

    results, figures = sound(site(standby, *DAYS))
    plain = kpis(simulate(shipped("quickstart", *DAYS)))
    assert float(results["plants.standby.chillers.large.power_kw"].sum()) == 0
    assert figures["facility_energy_kwh"] == plain["facility_energy_kwh"]["value"]


def test_a_site_without_any_plant_is_cooled_by_units_with_their_own_condensers() -> None:
    def dry(data: dict[str, Any]) -> None:
        del data["plants"], data["rooms"]
        for device in data["power"].values():
            device["heat_to"] = "outdoors"
        for hall in data["halls"].values():
            units = {name: hall["air"][name] for name in ("units_count", "airflow_m3_s", "supply_air_c")}
            hall["air"] = {"kind": "crac", "fed_by": "mechanical", "capacity_kw": 125, **units}

    results, figures = sound(site(dry, *DAYS))
    cooled = sum(results[f"halls.{name}.air.coil_kw"].sum() for name in ("ai", "enterprise"))
    assert cooled > figures["it_energy_kwh"]
    assert figures["crac_energy_kwh"] == figures["cooling_energy_kwh"] > 0
    assert figures["wue_l_per_kwh"] == figures["water_use_m3"] == 0
    assert "chilled_water_excess_k" not in figures
    document = {"scenario": "dry", "metrics": kpis(results)}
    console = Console(file=io.StringIO(), width=120)
    print_summary(document, [], console)
    assert "DX units" in console.file.getvalue()  # type: ignore[attr-defined]


def test_a_leap_year_has_a_29th_of_february() -> None:
    results, _ = sound(shipped("quickstart", "run.calendar_year=2024"))
    assert results.sizes["time"] == 8784


def test_a_run_that_starts_in_the_middle_of_the_year_ends_with_it() -> None:
    results, _ = sound(shipped("quickstart", "run.start=2025-07-01"))
    assert results.sizes["time"] == 184 * 24
    assert str(results["time"].values[-1]).startswith("2026-01-01T04:00")  # 23:00 in standard time


@pytest.mark.parametrize("name", ["chillers", "condenser", "grid"])
def test_a_plant_may_be_called_like_a_part_of_itself(name: str) -> None:
    def renamed(data: dict[str, Any]) -> None:
        data["plants"][name] = data["plants"].pop("main")
        for part in (data["halls"]["ai"]["air"], data["halls"]["enterprise"]["air"], data["rooms"]["electrical"]):
            part["plant"] = name

    _, figures = sound(site(renamed, *DAYS))
    plain = kpis(simulate(shipped("quickstart", *DAYS)))
    assert figures["facility_energy_kwh"] == plain["facility_energy_kwh"]["value"]


def test_a_rack_group_may_be_called_like_the_air_of_its_hall() -> None:
    def renamed(data: dict[str, Any]) -> None:
        data["halls"]["ai"]["rack_groups"]["air"] = data["halls"]["ai"]["rack_groups"].pop("gpu")

    _, figures = sound(site(renamed, *DAYS))
    assert figures["it_fan_energy_kwh"] == kpis(simulate(shipped("quickstart", *DAYS)))["it_fan_energy_kwh"]["value"]


# --- without IT -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("utilisation", [0, 0.5])
def test_racks_that_draw_nothing_leave_ratios_out(utilisation: float) -> None:
    off = (NO_POWER, "fan_power_frac=0", UTILISATION.format(utilisation))
    _, figures = sound(shipped("quickstart", *DAYS, *(f"{group}.{option}" for group in (GPU, WEB) for option in off)))
    assert figures["it_energy_kwh"] == 0
    assert not {"pue", "pue_category_1", "tue", "wue_l_per_kwh", "cue_kgco2_per_kwh"} & set(figures)
    assert 0 <= figures["energy_balance_residual_frac"] < CLOSED


def test_a_plant_for_a_process_alone_has_no_rack_inlet_and_no_pue() -> None:
    _, figures = sound(shipped("reference_plant", *DAYS))
    assert not {"pue", "max_rack_inlet_c"} & set(figures)
    assert figures["facility_energy_kwh"] > 0


def test_a_process_without_heat_lets_the_plant_idle() -> None:
    _, figures = sound(shipped("reference_plant", *DAYS, "plants.main.process.load.heat_kw=0"))
    assert figures["chiller_energy_kwh"] == 0


# --- when cooling falls short -----------------------------------------------------------------------------------


def test_losses_reach_their_room_once_when_the_plant_searches_for_a_temperature_that_it_can_hold() -> None:
    """The search repeats the plant's steps; heat from outside it must not come in again with each pass."""
    out = "halls.ai.air.availability={kind: outages, outages: [{at: '2025-07-01 12:00', duration_h: 0.1}]}"
    results, figures = sound(shipped("quickstart", *SUMMER_DAY, out))
    assert results["plants.main.passes_count"].max() > 2
    assert figures["room_excess_k"] < 0.5  # the room's own coils are not short: only the halls were


@pytest.mark.parametrize("engine", ["compiled", "plain"])
def test_chillers_trip_without_a_tower_and_the_site_recovers_as_after_an_outage_of_the_chillers(engine: str) -> None:
    day = (*SUMMER_DAY[:2], "run.duration=15h", "run.warmup_h=1")
    towers = shipped("quickstart", *day, f"{TOWERS}.availability={NOON}")
    chillers = shipped("quickstart", *day, *(f"{name}.availability={NOON}" for name in CHILLERS))
    one, other = (simulate(scenario, engine=engine) for scenario in (towers, chillers))  # type: ignore[arg-type]
    for name in ("halls.ai.air.inlet_c", "plants.main.supply_c", "grid.meter.import_kw"):
        np.testing.assert_allclose(one[name].values, other[name].values, rtol=1e-9)
        assert np.isfinite(one[name].values).all()
    assert one["plants.main.supply_c"].max() > 12
    assert float(one["plants.main.supply_c"][0, -1]) == pytest.approx(8.5)
    assert np.abs(one["residual_kwh"].values).max() < CLOSED * float(one["total"].sel(output=f"{GPU}.power_kw").sum())


def test_an_economizer_without_a_tower_carries_nothing() -> None:
    winter = ("run.step=5min", "run.start=2025-01-15", "run.duration=1d")
    outage = f"{TOWERS}.availability={{kind: outages, outages: [{{at: '2025-01-15 12:00', duration_h: 0.2}}]}}"
    results, _ = sound(shipped("greensboro", *winter, outage))
    heat = results["plants.main.economizer.heat_kw"].values[0]
    assert (heat[144:146] == 0).all()  # 12:00 to 12:10
    assert heat[100] > 0


@pytest.mark.parametrize("step", ["1h", "5min"])
def test_halls_stay_near_their_water_when_it_becomes_warmer_than_their_air_should_be(step: str) -> None:
    """A coil with water warmer than a hall at set-point still cools the hall once that is warmer than the water."""
    outage = "{kind: outages, outages: [{at: '2025-07-01 12:00', duration_h: 12}]}"
    hopeless = [f"{name}.availability={outage}" for name in CHILLERS]
    scenarios = [shipped("quickstart", f"run.step={step}", "run.start=2025-07-01", "run.duration=1d", *hopeless)]
    results = simulate(scenarios)
    assert "halls.ai.air.inlet_c" in results["failure"].values[0]
    taken = np.isfinite(results["plants.main.supply_c"].values[0])
    names = ("plants.main.supply_c", "halls.ai.air.inlet_c", "halls.ai.air.coil_kw")
    water, inlet, coil = (results[name].values[0][taken] for name in names)
    assert water.max() > 40
    assert (inlet - water)[water > 30].max() < 25
    assert (coil > 500).all()
    assert (results["plants.main.unsolved_count"].values[0][taken] == 0).all()


def test_a_plant_at_the_very_edge_of_its_capacity_finds_the_temperature_that_it_can_hold() -> None:
    chiller = "plants.main.chillers.chiller"
    edge = (f"{chiller}.rated_kw=1011.33", f"{chiller}.condenser_flow_m3_s=0.0576", "plants.main.condenser.low_c=30.59")
    period = ("run.step=1h", "run.start=2025-07-10", "run.duration=2d", "run.warmup_h=0")
    results, _ = sound(shipped("reference_plant", *period, *edge))
    assert results["plants.main.passes_count"].max() > 4
    np.testing.assert_allclose(results["plants.main.supply_c"].values, 7.19, atol=0.1)


@pytest.mark.parametrize(
    ("overrides", "place"),
    [
        (("halls.ai.air.availability={kind: constant, value_frac: 0}",), "halls.ai.air.inlet_c = "),
        ((f"{TOWERS}.availability={{kind: constant, value_frac: 1e-4}}",), "condenser.supply_c = "),
        (("halls.ai.bypass_frac=0.9", "halls.ai.recirculation_frac=0.9"), "halls.ai.air.inlet_c = "),
    ],
)
def test_a_site_that_cannot_work_fails_with_time_and_place(overrides: tuple[str, ...], place: str) -> None:
    with pytest.raises(RunError) as error:
        simulate(shipped("quickstart", *DAYS, *overrides))
    assert "ran away at 2025-01-01 " in str(error.value)
    assert place in str(error.value)


# --- outages and clocks -----------------------------------------------------------------------------------------


def test_an_outage_in_the_hour_that_comes_twice_is_in_the_first_of_the_two() -> None:
    outage = "{kind: outages, outages: [{at: '2025-11-02 01:30', duration_h: 0.08333333333}]}"
    night = ("run.step=5min", "run.start=2025-11-02", "run.duration=6h")
    results = simulate(shipped("quickstart", *night, f"halls.ai.air.availability={outage}"))
    flow = results["halls.ai.air.flow_kg_s"].values[0]
    out = results["time"].values[np.flatnonzero(flow < 1e-3)]
    assert [str(time)[:16] for time in out] == ["2025-11-02T05:30"]  # 01:30 daylight time


def test_outages_that_overlap_or_are_none_count_as_stated() -> None:
    def served(outages: str) -> float:
        profile = f"halls.ai.air.availability={{kind: outages, outages: [{outages}]}}"
        results = simulate(shipped("quickstart", "run.step=5min", "run.start=2025-07-01", "run.duration=13h", profile))
        return float((results["halls.ai.air.flow_kg_s"].values == 0).sum())

    assert served("") == 0
    assert served("{at: 2025-07-01 12:00, duration_h: 0.1}, {at: 2025-07-01 12:00, duration_h: 0.1}") == 1


# --- files ------------------------------------------------------------------------------------------------------


def test_a_weather_or_profile_file_that_changes_is_read_again(tmp_path) -> None:
    from twin.scenario.reading import read_scenario

    def energy(share: float, dry_bulb_c: float) -> tuple[float, float]:
        hours = [f"2025-01-01 {hour:02d}:00" for hour in range(24)]
        (tmp_path / "load.csv").write_text("time,share\n" + "".join(f"{hour},{share}\n" for hour in hours))
        weather = "".join(f"{hour},{dry_bulb_c},50,101325\n" for hour in hours)
        (tmp_path / "weather.csv").write_text("time,dry_bulb_c,rh_pct,pressure_pa\n" + weather)
        (tmp_path / "site.yaml").write_text(
            f"extends: {FOLDER / 'quickstart.yaml'}\nrun: {{duration: 20h}}\n"
            "weather: {file: weather.csv, utc_offset_h: -5, typical: false}\n"
            "halls: {ai: {rack_groups: {gpu: {utilisation:"
            " {kind: csv, file: load.csv, column: share, repeat: day}}}}}\n"
        )
        figures = kpis(simulate(read_scenario(tmp_path / "site.yaml")))
        return figures["it_energy_kwh"]["value"], figures["tower_fan_energy_kwh"]["value"]

    first, busier, warmer = energy(0.2, 15), energy(0.60, 15), energy(0.60, 30.5)
    assert first[0] < 0.8 * busier[0]
    assert busier[0] == pytest.approx(warmer[0], rel=1e-3)
    assert busier[1] != warmer[1]
