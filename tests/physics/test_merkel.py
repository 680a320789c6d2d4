"""Merkel tower against EnergyPlus's fixed point by effectiveness and NTU, and what holds for any tower."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from twin.physics import merkel as m
from twin.physics.fluids import (
    humidity_ratio_from_relative,
    saturated_enthalpy_kj_kg,
    saturation_humidity_ratio_kg_kg,
)
from twin.physics.towers import mean_air_ratio
from twin.units import WATER_CP_KJ_KG_K

CHECKS = "checks_merkel.csv"
SEA = 101325.0
EXAMPLE_KW_PER_K = 0.00109317 * 998.0 * WATER_CP_KJ_KG_K  # water of EnergyPlus's example tower
EXAMPLE_KG_S = 0.56124 * 1.2  # its air
AIR, WATER, DESIGN_C = 39.0, 54.8, 25.56  # kg/s, kg/s, degC: a tower of 1.3 MW
RH, HUMID = 0.5, 0.012


def design_ua() -> float:
    """UA of the 1.3 MW tower for 5.6 K range and 3.9 K approach."""
    return m.merkel_design_ua_kw_per_k(WATER * WATER_CP_KJ_KG_K * 5.6, 5.6, 3.9, DESIGN_C, 0.0172, SEA, AIR)


def fixed_point(entering_c: float, wet_bulb_c: float, water_kw_per_k: float, air_kg_s: float, base: float,
                pressure_pa: float) -> float:  # fmt: skip
    """Heat by EnergyPlus's iteration on the leaving wet bulb; ``base`` is UA / c_p with its factors."""
    h = saturated_enthalpy_kj_kg(wet_bulb_c, pressure_pa)

    def miss(leaving_c: float) -> float:
        return (
            wet_bulb_c
            + heat(leaving_c)
            / (saturated_enthalpy_kj_kg(leaving_c, pressure_pa) - h)
            / air_kg_s
            * (leaving_c - wet_bulb_c)
            - leaving_c
        )

    def heat(leaving_c: float) -> float:
        c_pe = (saturated_enthalpy_kj_kg(leaving_c, pressure_pa) - h) / (leaving_c - wet_bulb_c)
        air = air_kg_s * c_pe
        least, most = min(air, water_kw_per_k), max(air, water_kw_per_k)
        ntu, ratio = base * c_pe / least, least / most
        gone = math.exp(-ntu * (1.0 - ratio))
        effectiveness = ntu / (1.0 + ntu) if ratio > 1.0 - 1e-9 else (1.0 - gone) / (1.0 - ratio * gone)
        return effectiveness * least * (entering_c - wet_bulb_c)

    return heat(float(brentq(miss, wet_bulb_c + 1e-9, entering_c + 1e-6, xtol=1e-12)))


def design(**i: float) -> tuple[float, float]:
    """Effectiveness and NTU at the design point."""
    rise = m.saturated_rise_k(i["heat_kw"], i["air_kg_s"], i["wet_bulb_c"], i["pressure_pa"])
    air, water = i["heat_kw"] / rise, i["heat_kw"] / i["range_k"]
    c_pe = i["heat_kw"] / i["air_kg_s"] / rise
    least = min(air, water)
    ntu = m.merkel_design_ua_kw_per_k(**i) * c_pe / 1.006 / least
    return i["heat_kw"] / (least * (i["range_k"] + i["approach_k"])), ntu


def example_leaving_c(wet_bulb_c: float, entering_c: float, air_ratio: float) -> float:
    """Leaving water of EnergyPlus's example tower at its design water flow."""
    ua = m.merkel_design_ua_kw_per_k(25.057, 5.5, 3.9, 25.6, 0.0, SEA, EXAMPLE_KG_S)
    base = ua / 1.006 * m.air_flow_factor(air_ratio) * m.water_flow_factor(1.0) * m.wet_bulb_factor(25.6 - wet_bulb_c)
    heat = fixed_point(entering_c, wet_bulb_c, EXAMPLE_KW_PER_K, EXAMPLE_KG_S * air_ratio, base, SEA)
    return entering_c - heat / EXAMPLE_KW_PER_K


def mixture_enthalpy_kj_kg(t_c: float) -> float:
    """Enthalpy of saturated air per kg of mixture; the tower reckons per kg of dry air, some 6 % more."""
    return saturated_enthalpy_kj_kg(t_c, SEA) / (1.0 + saturation_humidity_ratio_kg_kg(t_c, SEA))


QUANTITIES: dict[str, Callable[..., float]] = {
    "design_ua_kw_per_k": m.merkel_design_ua_kw_per_k,
    "design_effectiveness": lambda **i: design(**i)[0],
    "design_ntu": lambda **i: design(**i)[1],
    "leaving_c": example_leaving_c,
    "mixture_cpe_kj_kg_k": lambda wet_bulb_c, rise_k: (
        (mixture_enthalpy_kj_kg(wet_bulb_c + rise_k) - mixture_enthalpy_kj_kg(wet_bulb_c)) / rise_k
    ),
}


def tower(heat: float, wet_bulb: float, setpoint: float, slowest: float = 0.2, free: float = 0.0,
          water: float = WATER, pressure: float = SEA) -> tuple[float, float, float, float]:  # fmt: skip
    """The 1.3 MW tower."""
    return m.merkel_tower(heat, water, WATER, wet_bulb, setpoint, slowest, free, HUMID, pressure, AIR, design_ua(),
                          DESIGN_C)  # fmt: skip


def base_at(wet_bulb: float, air: float, water: float) -> float:
    """UA / c_p of the 1.3 MW tower with its factors."""
    factors = m.air_flow_factor(air) * m.water_flow_factor(water / WATER) * m.wet_bulb_factor(DESIGN_C - wet_bulb)
    return design_ua() * factors / (1.006 + 1.86 * HUMID)


def test_merkel_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


def test_the_design_point_is_met_at_full_fan() -> None:
    heat = WATER * WATER_CP_KJ_KG_K * 5.6
    ua = m.merkel_design_ua_kw_per_k(heat, 5.6, 3.9, DESIGN_C, HUMID, SEA, AIR)
    ua = ua / m.water_flow_factor(1.0)  # its curve is 1.0039 at design flow
    leaving, air, on, clamped = m.merkel_tower(heat, WATER, WATER, DESIGN_C, 20.0, 0.2, 0.0, HUMID, SEA, AIR, ua, 25.56)
    assert leaving == pytest.approx(DESIGN_C + 3.9, abs=1e-9)
    assert (air, on, clamped) == (1.0, 1.0, 0.0)


@settings(max_examples=300)
@given(heat=st.floats(100, 1800), wet_bulb=st.floats(-10, 28), water=st.floats(20, 54.8),
       pressure=st.sampled_from((SEA, 84000.0)))  # fmt: skip
def test_at_full_fan_the_closed_form_is_energyplus_fixed_point(
    heat: float, wet_bulb: float, water: float, pressure: float
) -> None:
    leaving, air, _, _ = tower(heat, wet_bulb, wet_bulb - 5.0, water=water, pressure=pressure)
    kw_per_k = water * WATER_CP_KJ_KG_K
    again = fixed_point(leaving + heat / kw_per_k, wet_bulb, kw_per_k, AIR, base_at(wet_bulb, 1.0, water), pressure)
    assert air == 1.0
    assert again == pytest.approx(heat, rel=1e-6)


@settings(max_examples=400)
@given(heat=st.floats(100, 1800), wet_bulb=st.floats(-10, 28), above=st.floats(0.5, 30), water=st.floats(20, 54.8),
       pressure=st.sampled_from((SEA, 84000.0)), slowest=st.floats(0.05, 0.4))  # fmt: skip
def test_on_set_point_the_fan_speed_is_the_one_that_rejects_the_heat(
    heat: float, wet_bulb: float, above: float, water: float, pressure: float, slowest: float
) -> None:
    setpoint = wet_bulb + above
    leaving, air, on, _ = tower(heat, wet_bulb, setpoint, slowest, 0.0, water, pressure)
    kw_per_k = water * WATER_CP_KJ_KG_K
    entering = leaving + heat / kw_per_k
    assume(entering < 60.0)
    rejected = fixed_point(entering, wet_bulb, kw_per_k, AIR * air, base_at(wet_bulb, air, water), pressure)
    if air == 1.0:
        assert leaving >= setpoint - 1e-5
        assert rejected == pytest.approx(heat, rel=1e-6)
    else:
        assert leaving == setpoint
        assert on * rejected == pytest.approx(heat, rel=2e-6)
        assert on == 1.0 or air == slowest


@given(heat=st.floats(100, 900), wet_bulb=st.floats(-10, 10), free=st.floats(0.05, 0.2))
def test_free_convection_is_a_share_of_the_capacity_at_full_fan(heat: float, wet_bulb: float, free: float) -> None:
    leaving, _, on, _ = tower(heat, wet_bulb, 26.0, 0.2, free)
    kw_per_k = WATER * WATER_CP_KJ_KG_K
    entering = leaving + heat / kw_per_k
    full = fixed_point(entering, wet_bulb, kw_per_k, AIR, base_at(wet_bulb, 1.0, WATER), SEA)
    if on == 0.0:
        assert free * full == pytest.approx(heat, rel=1e-6)
        assert leaving <= 26.0
    elif on < 1.0:
        slow = fixed_point(entering, wet_bulb, kw_per_k, AIR * 0.2, base_at(wet_bulb, 0.2, WATER), SEA)
        assert on * slow + (1.0 - on) * free * full == pytest.approx(heat, rel=2e-6)


@settings(max_examples=300)
@given(heat=st.floats(0, 1e4), water=st.one_of(st.just(0.0), st.floats(0.5, 120)), wet_bulb=st.floats(-40, 45),
       setpoint=st.floats(-20, 70), slowest=st.floats(0.02, 1), free=st.floats(0, 0.3))  # fmt: skip
def test_any_weather_and_load_gives_a_bounded_answer(
    heat: float, water: float, wet_bulb: float, setpoint: float, slowest: float, free: float
) -> None:
    leaving, air, on, clamped = tower(heat, wet_bulb, setpoint, slowest, free, water)
    assert math.isfinite(leaving)
    assert 0.0 <= air <= 1.0
    assert 0.0 <= on <= 1.0
    assert clamped in (0.0, 1.0)


@given(wet_bulb=st.floats(-10, 26), low=st.floats(200, 1600), high=st.floats(200, 1600))
def test_more_heat_never_needs_less_fan_or_leaves_colder(wet_bulb: float, low: float, high: float) -> None:
    def run(heat: float) -> tuple[float, float]:
        leaving, air, on, _ = tower(heat, wet_bulb, 22.0)
        return leaving, mean_air_ratio(air, on, 0.0)

    (leaving_low, air_low), (leaving_high, air_high) = run(min(low, high)), run(max(low, high))
    assert leaving_low <= leaving_high + 1e-6
    assert air_low <= air_high + 1e-6


def test_the_water_never_leaves_below_the_wet_bulb_and_warms_with_it() -> None:
    leaving = [tower(1200.0, wet_bulb, -50.0)[0] for wet_bulb in np.linspace(-15, 30, 100)]
    assert np.all(np.diff(leaving) > 0.0)
    assert np.all(np.array(leaving) > np.linspace(-15, 30, 100))


def test_the_count_tells_when_a_ua_curve_is_outside_its_range() -> None:
    assert tower(1000.0, 20.0, 24.0)[3] == 0.0
    assert tower(1000.0, 20.0, 24.0, water=0.2 * WATER)[3] == tower(1000.0, 20.0, 24.0, water=1.2 * WATER)[3] == 1.0
    assert tower(1000.0, -20.0, 24.0)[3] == 1.0


def test_without_heat_or_water_the_fan_stands_still_at_set_point() -> None:
    assert tower(0.0, 20.0, 24.0) == tower(500.0, 20.0, 24.0, water=0.0) == (24.0, 0.0, 0.0, 0.0)


def test_a_design_that_the_air_cannot_carry_has_no_ua() -> None:
    assert m.merkel_design_ua_kw_per_k(1284.0, 5.6, 3.9, DESIGN_C, 0.017, SEA, 5.0) == 0.0


@given(heat=st.floats(1, 2000), wet_bulb=st.floats(-15, 35))
def test_the_rise_of_the_wet_bulb_takes_up_the_heat(heat: float, wet_bulb: float) -> None:
    assume(heat / AIR < 60.0)
    rise = m.saturated_rise_k(heat, AIR, wet_bulb, SEA)
    taken = saturated_enthalpy_kj_kg(wet_bulb + rise, SEA) - saturated_enthalpy_kj_kg(wet_bulb, SEA)
    assert AIR * taken == pytest.approx(heat, rel=1e-6, abs=1e-6)


def test_humid_air_of_the_checks_is_near_half_saturated() -> None:
    assert humidity_ratio_from_relative(28.0, RH, SEA) == pytest.approx(HUMID, rel=0.02)
