"""Heat reuse in a run: what the network gets, what the plant is spared, and that nothing is lost between."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from tests.engine.scenarios import shipped
from twin.engine.simulate import simulate
from twin.physics.heat_pumps import heat_pump_cop
from twin.studies.kpis import kpis
from twin.units import WATER_CP_KJ_KG_K

NAME = "technologies/heat_reuse"
DAYS = ("run.start=2025-07-07", "run.duration=2d", "run.warmup_h=30")
DIRECT, PUMP = "plants.warm.heat_reuse", "plants.main.heat_reuse"


def run(*overrides: str) -> xr.Dataset:
    return simulate(shipped(NAME, *DAYS, *overrides))


def total(ds: xr.Dataset, path: str) -> float:
    return float(ds[path].sum())


def test_what_the_network_does_not_take_is_cooled_as_before() -> None:
    ds = run()
    for plant in ("warm", "main"):
        names = [str(name) for name in ds.data_vars if str(name).startswith(f"plants.{plant}.chillers.")]
        chilled = sum(ds[name].values for name in names if name.endswith(".cooling_kw"))
        parts = ds[f"plants.{plant}.heat_reuse.source_kw"].values + ds[f"plants.{plant}.free_kw"].values + chilled
        np.testing.assert_allclose(ds[f"plants.{plant}.removed_kw"].values, parts, rtol=1e-9)
    assert np.abs(ds["residual_kwh"].values).max() < 1e-9 * kpis(ds)["it_energy_kwh"]["value"]


def test_a_demand_within_reach_is_met_exactly() -> None:
    ds = run()
    weekday = shipped(NAME).plants["warm"].heat_reuse.demand.weekday_frac
    local = (ds["time"].dt.hour.values - 4) % 24  # Miami, summer time
    np.testing.assert_allclose(ds[f"{DIRECT}.reused_kw"].values[0], 400 * np.array(weekday)[local], rtol=1e-12)
    np.testing.assert_array_equal(ds[f"{DIRECT}.network_c"].values, 40.0)


def test_direct_reuse_stops_at_the_pinch_above_the_networks_return() -> None:
    """By hand: the water leaves at the network's return and 3 K, and heat is flow x cp x cooling."""
    ds = run(f"{DIRECT}.demand_kw=5000", f"{DIRECT}.network_return_c=38")
    np.testing.assert_allclose(ds[f"{DIRECT}.leaving_c"].values, 41.0, rtol=1e-9)
    cooling = ds[f"{DIRECT}.entering_c"].values - 41.0
    heat = ds["plants.warm.flow_kg_s"].values * WATER_CP_KJ_KG_K * cooling
    np.testing.assert_allclose(ds[f"{DIRECT}.reused_kw"].values, heat, rtol=1e-9)


def test_water_that_is_not_warm_enough_gives_nothing_directly() -> None:
    ds = run(f"{DIRECT}.network_supply_c=60")
    assert total(ds, f"{DIRECT}.reused_kw") == 0.0
    np.testing.assert_array_equal(ds[f"{DIRECT}.network_c"].values, 30.0)
    np.testing.assert_array_equal(ds[f"{DIRECT}.leaving_c"].values, ds[f"{DIRECT}.entering_c"].values)


def test_a_boundless_network_carries_a_warm_loop_alone() -> None:
    ds = run(f"{DIRECT}.demand_kw=5000", f"{DIRECT}.demand={{kind: constant, value_frac: 1}}")
    removed = ds["plants.warm.removed_kw"].values
    np.testing.assert_allclose(ds[f"{DIRECT}.source_kw"].values, removed, rtol=1e-9)
    assert total(ds, "plants.warm.economizer.fan_kw") == 0.0
    np.testing.assert_allclose(ds["plants.warm.supply_c"].values, 38.0, atol=1e-6)


def test_a_heat_pump_has_the_lorenz_cop_of_its_two_streams() -> None:
    """Half of T_h / (T_h - T_c): the network from 40 to 65, the side stream from the return to the set-point."""
    ds = run()
    for i in range(0, 48, 7):
        entering = float(ds[f"{PUMP}.entering_c"].values[0, i])
        expected = heat_pump_cop(40.0, 65.0, entering, 8.5, 0.5)
        assert float(ds[f"{PUMP}.heating_cop"].values[0, i]) == pytest.approx(expected, rel=1e-6)
    np.testing.assert_allclose(ds[f"{PUMP}.power_kw"] * ds[f"{PUMP}.heating_cop"], ds[f"{PUMP}.reused_kw"], rtol=1e-12)
    sink = ds[f"{PUMP}.source_kw"] + ds[f"{PUMP}.power_kw"]
    np.testing.assert_allclose(sink, ds[f"{PUMP}.reused_kw"], rtol=1e-12)


def test_a_heat_pump_takes_no_more_than_the_loop_has_to_give() -> None:
    ds = run(f"{PUMP}.demand_kw=50000")
    np.testing.assert_allclose(ds[f"{PUMP}.source_kw"].values, ds["plants.main.removed_kw"].values, rtol=1e-9)
    np.testing.assert_allclose(ds["plants.main.supply_c"].values, 8.5, atol=1e-6)
    assert total(ds, "plants.main.stage_count") == 0.0


def test_the_machine_bounds_the_heat() -> None:
    np.testing.assert_allclose(run(f"{PUMP}.capacity_kw=120")[f"{PUMP}.reused_kw"].values, 120.0, rtol=1e-12)


def test_a_warmer_network_costs_more_electricity_and_spares_the_chillers_less() -> None:
    power, chillers = [], []
    for supply_c in (50, 65, 80):
        figures = kpis(run(f"{PUMP}.network_supply_c={supply_c}"))
        power.append(figures["heat_pump_energy_kwh"]["value"])
        chillers.append(figures["chiller_energy_kwh"]["value"])
    assert power == sorted(power)
    assert chillers == sorted(chillers)
    assert power[0] < power[2]


def test_reuse_spares_chillers_and_water() -> None:
    with_it = kpis(run())
    without = kpis(simulate(shipped("technologies/direct_to_chip", *DAYS)))
    for name in ("chiller_energy_kwh", "water_use_m3", "tower_fan_energy_kwh"):
        assert with_it[name]["value"] < without[name]["value"], name
    for name in ("reused_energy_kwh", "erf", "ere", "heat_pump_cop"):
        assert name in with_it
        assert name not in without


def test_reuse_stands_before_an_economizer_on_condenser_water() -> None:
    """Greensboro in winter: what the heat pump takes, the towers need not."""
    pump = "plants.{}.heat_reuse={{kind: heat_pump, demand_kw: 200, network_supply_c: 60, network_return_c: 40}}"
    plant = next(iter(shipped("greensboro").plants))
    days = ("run.start=2025-01-15", "run.duration=2d", "run.step=1h")
    with_it, without = (simulate(shipped("greensboro", *days, *more)) for more in ((pump.format(plant),), ()))
    path = f"plants.{plant}"
    assert total(with_it, f"{path}.economizer.heat_kw") < total(without, f"{path}.economizer.heat_kw")
    np.testing.assert_allclose(with_it[f"{path}.heat_reuse.reused_kw"].values, 200.0, rtol=1e-9)
    assert np.abs(with_it["residual_kwh"].values).max() < 1e-9 * kpis(with_it)["it_energy_kwh"]["value"]


def test_the_books_of_a_year_with_reuse_close() -> None:
    ds = simulate(shipped(NAME), keep="none")
    it_kwh = float(ds["total"].values[0][ds["end_use"].values[0] == "it"].sum())
    assert np.abs(ds["residual_kwh"].values).max() < 1e-9 * it_kwh


def test_a_lift_that_no_machine_works_at_is_clamped_and_counted() -> None:
    """A network as warm as the water: the COP is that of 5 K, and each step is told."""
    near = run(f"{PUMP}.network_supply_c=18", f"{PUMP}.network_return_c=10")
    mean_k = (18 - 10) / np.log((273.15 + 18) / (273.15 + 10))
    np.testing.assert_allclose(near[f"{PUMP}.heating_cop"].values, 0.5 * mean_k / 5.0, rtol=1e-9)
    assert kpis(near)["curve_extrapolation_count"]["value"] == 48
    assert kpis(run())["curve_extrapolation_count"]["value"] == 0


def test_water_that_comes_just_warm_enough_for_the_network_finds_its_temperature() -> None:
    """One rack and no air colder than the water: all its heat goes to the network, a part of the valve open."""
    one = (
        "halls.ai.rack_groups.gpu.racks_count=1",
        "plants.warm.economizer.availability={kind: constant, value_frac: 0}",
    )
    ds = run(*one, "run.warmup_h=200")
    assert ds["plants.warm.unsolved_count"].values.sum() == 0.0
    taken_kw, load_kw = ds[f"{DIRECT}.source_kw"].values[0], ds["plants.warm.load_kw"].values[0]
    np.testing.assert_allclose(taken_kw, load_kw, rtol=0.02)
    above_k = ds[f"{DIRECT}.entering_c"].values[0] - 43.0  # network supply and pinch
    assert above_k.min() > 0.0
    assert above_k.max() < 0.2
