"""YorkCalc tower: the correlation, its inverse, and control as EnergyPlus does it from the entering water."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from twin.physics import towers as t
from twin.units import WATER_CP_KJ_KG_K

CHECKS = "checks_towers.csv"
QUANTITIES: dict[str, Callable[..., float]] = {
    "approach_k": t.yorkcalc_approach_k,
    "calibrated_ratio": t.yorkcalc_calibrated_ratio,
    "fan_cube": lambda air_ratio: t.fan_power_frac(t.FAN_CUBE, air_ratio, 1.0),
    "fan_merkel": lambda air_ratio: t.fan_power_frac(t.FAN_MERKEL, air_ratio, 1.0),
}
WET_BULB = st.floats(t.COLDEST_C, t.WARMEST_C)
RANGE = st.floats(t.LEAST_RANGE_K, t.MOST_RANGE_K)
WATER, CALIBRATED = 54.8, 54.4  # kg/s


def test_a_tower_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


def test_the_published_coefficients_are_summed_in_their_order() -> None:
    wet_bulb, span, ratio = 12.3, 6.7, 1.4
    coefficients = np.array((t.YORK_0, t.YORK_1, t.YORK_2)).reshape(3, 3, 3)
    total = np.einsum("kji,k,j,i", coefficients, ratio ** np.arange(3), span ** np.arange(3), wet_bulb ** np.arange(3))
    assert t.yorkcalc_approach_k(wet_bulb, span, ratio) == pytest.approx(float(total), rel=1e-12)


@given(wet_bulb=WET_BULB, span=RANGE, ratio=st.floats(0.05, 8))
def test_the_inverse_finds_the_ratio_of_an_approach(wet_bulb: float, span: float, ratio: float) -> None:
    assume(t.yorkcalc_approach_k(wet_bulb, span, ratio * 1.001) > t.yorkcalc_approach_k(wet_bulb, span, ratio))
    approach = t.yorkcalc_approach_k(wet_bulb, span, ratio)
    found = t.yorkcalc_ratio(wet_bulb, span, approach)
    assert t.yorkcalc_approach_k(wet_bulb, span, found) == pytest.approx(approach, abs=1e-8)
    assert found == pytest.approx(ratio, rel=1e-3)


@given(wet_bulb=WET_BULB, span=RANGE, low=st.floats(0, 8), high=st.floats(0, 8))
def test_the_approach_rises_with_the_ratio_up_to_the_highest(
    wet_bulb: float, span: float, low: float, high: float
) -> None:
    highest = t.yorkcalc_ratio(wet_bulb, span, 1e6)
    assert 3.5 < highest <= t.MOST_RATIO
    low, high = sorted(min(r, highest) for r in (low, high))
    assert t.yorkcalc_approach_k(wet_bulb, span, low) <= t.yorkcalc_approach_k(wet_bulb, span, high) + 1e-9


def test_an_approach_that_no_air_flow_reaches_gives_ratio_zero() -> None:
    assert t.yorkcalc_ratio(20.0, 5.6, -50.0) == 0.0


def outlet_c(entering_c: float, wet_bulb_c: float, ratio: float) -> float:
    """EnergyPlus: the range at which wet bulb + approach + range is the entering water."""
    capped = min(max(wet_bulb_c, t.COLDEST_C), t.WARMEST_C)

    def miss(span: float) -> float:
        held = min(max(span, t.LEAST_RANGE_K), t.MOST_RANGE_K)
        return wet_bulb_c + t.yorkcalc_approach_k(capped, held, ratio) + span - entering_c

    if miss(0.0) >= 0.0:
        return entering_c
    return entering_c - float(brentq(miss, 0.0, entering_c - wet_bulb_c + 50.0, xtol=1e-12))


def energyplus(
    entering_c: float, wet_bulb_c: float, setpoint_c: float, flow: float, slowest: float, free: float
) -> tuple[float, float, float]:
    """Leaving water, fan speed and share of time as CalcVariableSpeedTower finds them from the entering water."""
    full_c = outlet_c(entering_c, wet_bulb_c, flow)
    if full_c >= setpoint_c:
        return full_c, 1.0, 1.0
    off_c = entering_c - free * (entering_c - full_c)
    if off_c <= setpoint_c:
        return off_c, 0.0, 0.0
    slow_c = outlet_c(entering_c, wet_bulb_c, flow / slowest)
    if slow_c < setpoint_c:
        return setpoint_c, slowest, (off_c - setpoint_c) / (off_c - slow_c)

    def miss(air: float) -> float:
        return outlet_c(entering_c, wet_bulb_c, flow / air) - setpoint_c

    return setpoint_c, float(brentq(miss, slowest, 1.0, xtol=1e-13)), 1.0


@settings(max_examples=400)
@given(heat=st.floats(100, 1800), water=st.floats(25, 60), wet_bulb=st.floats(-15, 30), above=st.floats(-3, 25),
       slowest=st.floats(0.2, 0.6), free=st.sampled_from((0.0, 0.1, 0.125)))  # fmt: skip
def test_the_tower_does_what_energyplus_does_with_the_water_that_it_gets(
    heat: float, water: float, wet_bulb: float, above: float, slowest: float, free: float
) -> None:
    setpoint = wet_bulb + above
    span = heat / (water * WATER_CP_KJ_KG_K)
    held = min(max(span, t.LEAST_RANGE_K), t.MOST_RANGE_K)
    capped = min(max(wet_bulb, t.COLDEST_C), t.WARMEST_C)
    assume(water / CALIBRATED / slowest < t.yorkcalc_ratio(capped, held, 1e6))  # EnergyPlus has no such limit
    leaving, air, on, _ = t.yorkcalc_tower(heat, water, CALIBRATED, wet_bulb, setpoint, slowest, free)
    expected = energyplus(leaving + span, wet_bulb, setpoint, water / CALIBRATED, slowest, free)
    assert leaving == pytest.approx(expected[0], abs=1e-7)
    if abs(air - 1.0) > 1e-9 or expected[1] < 1.0 - 1e-9:
        assert (air, on) == pytest.approx(expected[1:], abs=1e-6)


@given(heat=st.floats(0, 1e5), water=st.floats(0, 500), wet_bulb=st.floats(-60, 60), setpoint=st.floats(-20, 80),
       slowest=st.floats(0.01, 1), free=st.floats(0, 0.3))  # fmt: skip
def test_any_weather_and_load_gives_a_bounded_answer(
    heat: float, water: float, wet_bulb: float, setpoint: float, slowest: float, free: float
) -> None:
    leaving, air, on, clamped = t.yorkcalc_tower(heat, water, CALIBRATED, wet_bulb, setpoint, slowest, free)
    assert math.isfinite(leaving)
    assert 0.0 <= air <= 1.0
    assert 0.0 <= on <= 1.0
    assert clamped in (0.0, 1.0)
    if heat > 0.0 and water > 0.0:
        assert leaving >= wet_bulb - 1e-9
        assert (air == 1.0 and on == 1.0) or leaving <= setpoint + 1e-9


@given(wet_bulb=st.floats(-10, 26), low=st.floats(200, 1600), high=st.floats(200, 1600))
def test_more_heat_never_needs_less_fan_or_leaves_colder(wet_bulb: float, low: float, high: float) -> None:
    def run(heat: float) -> tuple[float, float]:
        leaving, air, on, _ = t.yorkcalc_tower(heat, WATER, CALIBRATED, wet_bulb, 22.0, 0.2, 0.0)
        return leaving, t.mean_air_ratio(air, on, 0.0)

    (leaving_low, air_low), (leaving_high, air_high) = run(min(low, high)), run(max(low, high))
    assert leaving_low <= leaving_high + 1e-9
    assert air_low <= air_high + 1e-9


def test_fan_speed_and_cycling_meet_without_a_jump() -> None:
    for wet_bulb in np.linspace(-8, 15, 60):
        mean = [
            t.mean_air_ratio(*t.yorkcalc_tower(800.0, WATER, CALIBRATED, wet_bulb, s, 0.2, 0.0)[1:3], 0.0)
            for s in np.linspace(20, 30, 400)
        ]
        assert np.max(np.abs(np.diff(mean))) < 0.05
        assert np.all(np.diff(mean) <= 1e-9)


def test_the_count_tells_when_the_correlation_is_outside_its_range() -> None:
    def count(heat: float, wet_bulb: float) -> float:
        return t.yorkcalc_tower(heat, WATER, CALIBRATED, wet_bulb, 24.0, 0.2, 0.0)[3]

    assert count(1284.0, 20.0) == 0.0
    assert count(1284.0, 27.5) == count(1284.0, -35.0) == 1.0
    assert count(100.0, 20.0) == count(6000.0, 20.0) == 1.0


def test_without_heat_or_water_the_fan_stands_still_at_set_point() -> None:
    assert t.yorkcalc_tower(0.0, WATER, CALIBRATED, 20.0, 24.0, 0.2, 0.1) == (24.0, 0.0, 0.0, 0.0)
    assert t.yorkcalc_tower(500.0, 0.0, CALIBRATED, 20.0, 24.0, 0.2, 0.1) == (24.0, 0.0, 0.0, 0.0)


def test_a_missing_wet_bulb_stays_missing() -> None:
    assert not all(map(math.isfinite, t.yorkcalc_tower(500.0, WATER, CALIBRATED, math.nan, 24.0, 0.2, 0.0)))
    assert not all(map(math.isfinite, t.yorkcalc_tower(math.nan, WATER, CALIBRATED, 20.0, 24.0, 0.2, 0.0)))


def test_twice_the_tower_for_twice_the_heat_is_the_same() -> None:
    one = t.yorkcalc_tower(1000.0, WATER, CALIBRATED, 18.0, 23.0, 0.2, 0.0)
    assert t.yorkcalc_tower(2000.0, 2 * WATER, 2 * CALIBRATED, 18.0, 23.0, 0.2, 0.0) == pytest.approx(one, rel=1e-12)


@pytest.mark.parametrize("curve", [t.FAN_CUBE, t.FAN_CUBE_BASE, t.FAN_MERKEL])
def test_a_fan_curve_is_one_at_design_and_rises(curve: tuple[float, ...]) -> None:
    powers = [t.fan_power_frac(curve, x, 1.0) for x in np.linspace(0.2, 1, 50)]
    assert powers[-1] == pytest.approx(1.0, abs=1e-6)
    assert np.all(np.diff(powers) > 0.0)
    assert t.fan_power_frac(curve, 0.2, 0.5) == pytest.approx(0.5 * powers[0])
