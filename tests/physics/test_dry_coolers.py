"""Dry coolers: effectiveness and design against ht, the fan search against brentq, pads against psychrolib."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import ht
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar

from twin.physics import dry_coolers as d
from twin.physics.fluids import dry_air_density_kg_m3, humidity_ratio_from_relative, station_pressure_pa, wet_bulb_c

CHECKS = "checks_dry_coolers.csv"
UA = d.design_ua_kw_per_k(1000.0, 200.0, 150.0, 7.0)
LAW = (0.6, 0.8, 0.85)  # share of the air side, exponents of air and water


def cooler(heat_kw: float, air_in_c: float, setpoint_c: float, slowest: float = 0.2) -> tuple[float, float, float]:
    """The design cooler with its design water flow, at design air density."""
    return d.dry_cooler(heat_kw, 200.0, 1.0, air_in_c, setpoint_c, 150.0, 1.0, slowest, UA, *LAW)


def at_speed(ratio: float) -> float:
    """Heat per kelvin of that cooler at a fan speed."""
    return d.cooler_kw_per_k(ratio, 150.0, 1.0, 200.0, 1.0, UA, *LAW)


def worthwhile(driving_k: float, fan_kw: float, worth: float, slowest: float = 0.2) -> float:
    """Air flow of that cooler up to which its fans are worth their power."""
    return d.worthwhile_air_ratio(driving_k, fan_kw, worth, slowest, 150.0, 1.0, 200.0, 1.0, UA, *LAW)


QUANTITIES: dict[str, Callable[..., float]] = {
    "effectiveness": d.crossflow_effectiveness,
    "design_effectiveness": d.design_effectiveness_frac,
    "design_ua": d.design_ua_kw_per_k,
    "leaving": lambda heat_kw, setpoint_c, air_in_c: cooler(heat_kw, air_in_c, setpoint_c)[0],
    "pad_c": lambda **i: d.adiabatic_inlet(**i)[0],
    "pad_ratio": lambda **i: d.adiabatic_inlet(**i)[1],
    "pad_water": d.pad_water_kg_s,
    "fan": d.fan_power_frac,
    "air_capacity": d.air_capacity_kw_per_k,
    "worthwhile_air": lambda driving_k, fan_kw, worth: worthwhile(driving_k, fan_kw, worth),
}


def test_a_dry_cooler_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


def test_effectiveness_agrees_with_ht() -> None:
    for ntu in np.geomspace(1e-2, 10, 20):
        for ratio in (1e-12, 0.1, 0.5, 1.0):
            expected = ht.effectiveness_from_NTU(ntu, max(ratio, 1e-9), subtype="crossflow approximate")
            assert d.crossflow_effectiveness(ntu, ratio) == pytest.approx(expected, rel=1e-6)


@given(heat=st.floats(100, 5000), water=st.floats(20, 500), air=st.floats(20, 500), approach=st.floats(3, 15))
def test_a_cooler_built_for_a_design_point_meets_it(heat: float, water: float, air: float, approach: float) -> None:
    assume(d.design_effectiveness_frac(heat, water, air, approach) < 0.9)
    ua = d.design_ua_kw_per_k(heat, water, air, approach)
    assume(ua < 0.99 * d.LARGEST_NTU * min(water, air))
    leaving, ratio, on = d.dry_cooler(heat, water, 1.0, 30.0, 10.0, air, 1.0, 0.2, ua, *LAW)
    assert (ratio, on) == (1.0, 1.0)
    assert leaving - 30.0 == pytest.approx(approach, abs=1e-6)


@settings(max_examples=300)
@given(heat=st.floats(50, 2000), outdoor=st.floats(-45, 40), setpoint=st.floats(10, 45), slowest=st.floats(0.05, 0.6))
def test_the_fan_speed_is_the_one_that_a_bracketing_search_finds(
    heat: float, outdoor: float, setpoint: float, slowest: float
) -> None:
    leaving, ratio, on = cooler(heat, outdoor, setpoint, slowest)
    driving_k = setpoint + heat / 200.0 - outdoor
    if ratio == 1.0 and leaving > setpoint:
        assert at_speed(1.0) * (leaving + heat / 200.0 - outdoor) == pytest.approx(heat, rel=1e-9)
    elif on < 1.0:
        assert at_speed(slowest) * driving_k * on == pytest.approx(heat, rel=1e-9)
        assert (leaving, ratio) == (setpoint, slowest)
    else:
        expected = brentq(lambda a: at_speed(a) * driving_k - heat, slowest - 1e-9, 1.0, xtol=1e-13)
        assert ratio == pytest.approx(expected, rel=5e-7)
        assert leaving == setpoint


@given(low=st.floats(0.01, 1), high=st.floats(0.01, 1), water=st.floats(0.05, 1.5), density=st.floats(0.6, 1.3))
def test_more_air_never_carries_less_heat(low: float, high: float, water: float, density: float) -> None:
    low, high = min(low, high), max(low, high)

    def heat(ratio: float) -> float:
        return d.cooler_kw_per_k(ratio, 150.0 * density, density, 200.0 * water, water, UA, *LAW)

    assert 0.0 < heat(low) <= heat(high) * (1.0 + 1e-9)


@given(heat=st.floats(50, 1500), outdoor=st.floats(-45, 35), setpoint=st.floats(10, 45))
def test_more_heat_never_needs_less_fan_or_leaves_colder(heat: float, outdoor: float, setpoint: float) -> None:
    leaving, ratio, on = cooler(heat, outdoor, setpoint)
    more_leaving, more_ratio, more_on = cooler(1.1 * heat, outdoor, setpoint)
    assert more_leaving >= leaving - 1e-9
    assert more_ratio * more_on >= ratio * on - 1e-7


def test_fan_speed_and_cycling_meet_without_a_jump() -> None:
    mean = [np.prod(cooler(800.0, t, 32.0)[1:]) for t in np.linspace(-40, 30, 2000)]
    assert np.max(np.abs(np.diff(mean))) < 0.01
    assert np.all(np.diff(mean) >= -1e-7)


def test_thin_air_at_altitude_leaves_the_water_warmer() -> None:
    leaving = []
    for altitude in (0.0, 1500.0, 3000.0):
        pressure = station_pressure_pa(altitude)
        density = dry_air_density_kg_m3(30.0, 0.008, pressure)
        full = d.air_capacity_kw_per_k(150.0, density, 0.008)
        frac = density / dry_air_density_kg_m3(30.0, 0.008, station_pressure_pa(0.0))
        leaving.append(d.dry_cooler(1000.0, 200.0, 1.0, 30.0, 20.0, full, frac, 0.2, UA, *LAW)[0])
    assert leaving[0] < leaving[1] < leaving[2]


@given(heat=st.floats(0, 1e5), water=st.just(0.0) | st.floats(0.01, 500), outdoor=st.floats(-45, 55),
       setpoint=st.floats(4, 60), density=st.just(0.0) | st.floats(0.01, 1.4), slowest=st.floats(0, 1))  # fmt: skip
def test_any_weather_and_load_gives_a_bounded_answer(
    heat: float, water: float, outdoor: float, setpoint: float, density: float, slowest: float
) -> None:
    leaving, ratio, on = d.dry_cooler(
        heat, water, water / 200.0, outdoor, setpoint, 150.0 * density, density, slowest, UA, *LAW
    )
    assert math.isfinite(leaving)
    assert 0.0 <= ratio <= 1.0
    assert 0.0 <= on <= 1.0
    if on == 1.0 and ratio == 1.0:
        assert leaving >= setpoint - 1e-6


def test_without_heat_or_water_the_fans_stand_still() -> None:
    assert cooler(0.0, 20.0, 25.0) == (25.0, 0.0, 0.0)
    assert d.dry_cooler(500.0, 0.0, 0.0, 20.0, 25.0, 150.0, 1.0, 0.2, UA, *LAW) == (25.0, 0.0, 0.0)


def test_without_air_the_water_runs_away_as_a_finite_number() -> None:
    leaving, ratio, on = d.dry_cooler(500.0, 200.0, 1.0, 20.0, 25.0, 0.0, 0.0, 0.2, UA, *LAW)
    assert 1e6 < leaving < math.inf
    assert (ratio, on) == (1.0, 1.0)


@given(outdoor=st.floats(-45, 55), humidity=st.floats(0.02, 1), altitude=st.floats(0, 3000), pad=st.floats(0, 1))
def test_a_pad_cools_between_dry_and_wet_bulb_and_adds_water(
    outdoor: float, humidity: float, altitude: float, pad: float
) -> None:
    pressure = station_pressure_pa(altitude)
    ratio = humidity_ratio_from_relative(outdoor, humidity, pressure)
    wet_bulb = wet_bulb_c(outdoor, ratio, pressure)
    t, w = d.adiabatic_inlet(outdoor, wet_bulb, pad, pressure)
    assert wet_bulb - 1e-9 <= t <= outdoor
    assert math.isfinite(w)
    if wet_bulb > 0.5:
        assert w >= ratio - 1e-8
        assert wet_bulb_c(t, w, pressure) == pytest.approx(wet_bulb, abs=1e-4)
    assert d.pad_water_kg_s(100.0, ratio, w, 3.0) >= 0.0


def test_pads_switch_with_a_band() -> None:
    state, seen = 0.0, []
    for outdoor in (10.0, 17.9, 18.0, 17.2, 17.0, 17.5, 18.5):
        state = d.wetted(outdoor, 18.0, 1.0, state)
        seen.append(state)
    assert seen == [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0]


def test_a_missing_number_stays_missing() -> None:
    assert math.isnan(cooler(500.0, math.nan, 25.0)[0]) or math.isnan(cooler(500.0, math.nan, 25.0)[1])
    assert math.isnan(cooler(math.nan, 20.0, 15.0)[0]) or math.isnan(cooler(math.nan, 20.0, 15.0)[1])


@given(driving=st.floats(0.5, 40), fan=st.floats(1, 100), worth=st.floats(0.5, 200))
def test_fans_run_where_heat_less_the_worth_of_their_power_is_most(driving: float, fan: float, worth: float) -> None:
    def loss_kw(ratio: float) -> float:
        return worth * fan * ratio**3 - driving * at_speed(ratio)

    found = worthwhile(driving, fan, worth)
    best = minimize_scalar(loss_kw, bounds=(0.2, 1.0), method="bounded", options={"xatol": 1e-7})
    if found == 0.0:
        assert best.fun > -1e-3 * driving * at_speed(0.2)
    else:
        assert loss_kw(found) <= best.fun + 1e-6 * driving * at_speed(1.0)
        assert found == pytest.approx(best.x, abs=2e-4)


def test_fans_that_cost_nothing_run_fully_and_fans_without_a_gain_stand_still() -> None:
    assert worthwhile(12.0, 30.0, 0.0) == 1.0
    assert worthwhile(0.0, 30.0, 10.0) == 0.0
    assert worthwhile(0.01, 30.0, 1000.0) == 0.0
