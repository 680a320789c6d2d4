"""What a screen shows of a run adds up to its key figures: months, flows, margins, bands."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest

from twin.scenario.reading import read_scenario
from twin.series.weather import read_weather
from twin.studies.benchmarks import benchmarks, cooling_of, thermal_zone
from twin.studies.flows import GENERATORS, GIVEN, GRID, HEAT, SOLAR, STORED, Flow
from twin.studies.portrait import Portrait, portrait, series_names

SCENARIOS = Path(__file__).parents[2] / "scenarios"
QUICKSTART = SCENARIOS / "quickstart.yaml"


@functools.lru_cache(maxsize=1)
def quickstart() -> Portrait:
    """A year of the quickstart, shared by the tests: nothing of it is changed."""
    return portrait(read_scenario(QUICKSTART))


def test_months_add_up_to_the_figures_of_the_run() -> None:
    run = quickstart()
    months, figures = run.monthly, run.metrics
    assert months.months[0] == "2025-01"
    assert len(months.months) == 12
    assert months.facility_kwh.sum() == pytest.approx(figures["facility_energy_kwh"]["value"], rel=1e-12)
    assert sum(kwh.sum() for kwh in months.energy_kwh.values()) == pytest.approx(months.facility_kwh.sum(), rel=1e-9)
    assert sum(cost.sum() for cost in months.cost.values()) == pytest.approx(figures["total_cost"]["value"], rel=1e-12)
    assert months.cost["demand"].sum() == pytest.approx(figures["demand_cost"]["value"], rel=1e-12)
    assert months.emissions_kgco2.sum() == pytest.approx(figures["emissions_kgco2"]["value"], rel=1e-12)
    assert months.water_m3.sum() == pytest.approx(figures["water_use_m3"]["value"], rel=1e-12)
    assert months.pue.min() < figures["pue"]["value"] < months.pue.max()


def test_a_run_that_ends_within_the_last_hour_of_a_month_has_months_that_add_up() -> None:
    """Two weeks to midnight of 31 July by standard time: 1 August, 01:00 by the clock of summer."""
    run = portrait(read_scenario(QUICKSTART, ["run.start=2025-07-18", "run.duration=14d"]))
    assert run.monthly.months == ("2025-07",)
    assert run.monthly.facility_kwh.sum() == pytest.approx(run.metrics["facility_energy_kwh"]["value"], rel=1e-9)


def through(flows: tuple[Flow, ...], name: str) -> tuple[float, float]:
    """What enters and what leaves a node."""
    return sum(f.kwh for f in flows if f.target == name), sum(f.kwh for f in flows if f.source == name)


def test_every_node_of_the_energy_flow_passes_on_what_it_takes_in() -> None:
    run = quickstart()
    inner = {f.source for f in run.flows} & {f.target for f in run.flows}
    assert {"Transformers", "UPS", "PDU", "Panels", "IT", "chiller", HEAT} <= inner
    for name in inner:
        taken, passed = through(run.flows, name)
        assert taken == pytest.approx(passed, rel=1e-9), name
    assert through(run.flows, GRID)[1] == pytest.approx(run.metrics["facility_energy_kwh"]["value"], rel=1e-9)
    assert through(run.flows, HEAT)[0] == pytest.approx(run.metrics["facility_energy_kwh"]["value"], rel=1e-9)


def test_on_site_generation_counts_in_the_pue_of_months_and_steps() -> None:
    run = portrait(read_scenario(SCENARIOS / "grid" / "solar_battery.yaml", ["run.duration=3d"]))
    facility = run.metrics["facility_energy_kwh"]["value"]
    assert run.monthly.facility_kwh.sum() == pytest.approx(facility, rel=1e-9)
    assert facility > run.values("grid.meter.import_kw").sum() * run.dt_h


@pytest.mark.parametrize(
    ("file", "day"),
    [("solar_battery", "2021-07-08"), ("price_battery", "2021-07-08"), ("demand_response", "2025-07-15")],
)
def test_flows_close_with_generation_export_and_batteries(file: str, day: str) -> None:
    """All that comes in goes out at every node, what batteries hold more or less at the end among it."""
    run = portrait(read_scenario(SCENARIOS / "grid" / f"{file}.yaml", [f"run.start={day}", "run.duration=16h"]))
    sources = {f.source for f in run.flows} - {f.target for f in run.flows}
    for name in {f.source for f in run.flows} & {f.target for f in run.flows}:
        taken, passed = through(run.flows, name)
        assert taken == pytest.approx(passed, rel=1e-9), name
    imported = run.values("grid.meter.import_kw").sum() * run.dt_h
    assert through(run.flows, GRID)[1] == pytest.approx(imported, rel=1e-9)
    assert sources <= {GRID, SOLAR, GENERATORS, GIVEN}
    stored = run.metrics["battery_stored_kwh"]["value"]
    assert through(run.flows, STORED)[0] - through(run.flows, GIVEN)[1] == pytest.approx(stored, abs=1e-6)
    assert abs(stored) > 1.0


def test_margins_are_the_worst_steps_tightest_first() -> None:
    run = quickstart()
    found = {(margin.path, margin.what): margin.used_frac for margin in run.margins}
    assert found["power.ups", "load over rating"] == pytest.approx(run.values("power.ups.load_frac").max())
    chillers = ("large", "medium", "small")
    cooling, able = (sum(run.values(f"plants.main.chillers.{c}.{o}") for c in chillers)
                     for o in ("cooling_kw", "capacity_kw"))  # fmt: skip
    assert found["plants.main", "chillers in all"] == pytest.approx((cooling / able).max())
    shares = [margin.used_frac for margin in run.margins]
    assert shares == sorted(shares, reverse=True)


def test_the_bands_are_those_of_the_nearest_archetype_and_say_where_the_zone_has_none() -> None:
    band = quickstart().bands["pue"]
    assert (band.low, band.high) == (1.488, 1.777)  # case 5, zone 2A: Lei & Masanet 2022
    assert "this weather is of zone 1, for which none is published" in band.note
    assert (band.says(1.4), band.says(1.6)) == ("below", "in")
    assert band.says(1.8) == "above"


def test_a_run_shorter_than_a_year_has_no_band() -> None:
    run = quickstart()
    assert benchmarks(run.one.isel(time=slice(0, 48)), run.scenario, 50_000.0) == {}


@pytest.mark.parametrize(("file", "zone"), [("12839.tm2", 1), ("723170TYA.CSV", 4), ("703165TY.csv", 7)])
def test_the_thermal_zone_is_that_of_the_standard(file: str, zone: int) -> None:
    """ASHRAE Standard 169-2013, stations: Miami 1A, Greensboro 4A, Sand Point 7."""
    weather = read_weather(f"pvlib:{file}", 2025)
    assert thermal_zone(weather.columns["dry_bulb_c"][:8760], 1.0) == zone


@pytest.mark.parametrize(
    ("name", "cooling"),
    [
        ("02_large_waterside", "waterside"),
        ("01_large_airside_adiabatic", "airside"),
        ("05_midsize_water_cooled", "water"),
        ("06_midsize_air_cooled_airside", "airside, air-cooled"),
        ("07_midsize_air_cooled", "air"),
        ("10_small_direct_expansion", "dx"),
    ],
)
def test_the_archetypes_are_recognised_by_their_cooling(name: str, cooling: str) -> None:
    assert cooling_of(read_scenario(SCENARIOS / "archetypes" / f"{name}.yaml")) == cooling


def test_liquid_cooling_is_like_none_of_the_archetypes() -> None:
    assert cooling_of(read_scenario(SCENARIOS / "technologies" / "direct_to_chip.yaml")) == "other"


def test_every_series_of_the_run_can_be_chosen_with_its_unit() -> None:
    run = quickstart()
    names = series_names(run)
    assert list(names)[:2] == ["grid.meter.import_kw", "pue"]
    assert names["halls.ai.air.fan_kw"] == ("Power of the fans (halls.ai.air)", "kW")
    energy = run.metrics["facility_energy_kwh"]["value"] / run.metrics["it_energy_kwh"]["value"]
    it = sum(run.values(f"halls.{h}.rack_groups.{g}.power_kw") for h, g in (("ai", "gpu"), ("enterprise", "web")))
    assert np.average(run.pue, weights=it) == pytest.approx(energy, rel=1e-9)
