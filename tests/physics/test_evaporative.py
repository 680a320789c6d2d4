"""Evaporative coolers and the air-side economizer against EnergyPlus's equations, psychrolib and balances."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import psychrolib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.physics import evaporative as e
from twin.physics.fluids import (
    dew_point_c,
    humidity_ratio_from_relative,
    moist_air_enthalpy_kj_kg,
    saturation_humidity_ratio_kg_kg,
    station_pressure_pa,
    wet_bulb_c,
)

psychrolib.SetUnitSystem(psychrolib.SI)
CHECKS = "checks_evaporative.csv"
SEA_PA = 101325.0
QUANTITIES: dict[str, Callable[..., float]] = {
    "direct_c": lambda **i: e.direct_cooler(*i.values(), SEA_PA)[0],
    "direct_ratio": lambda **i: e.direct_cooler(*i.values(), SEA_PA)[1],
    "direct_share": lambda **i: e.direct_cooler(*i.values(), SEA_PA)[2],
    "pad": e.pad_effectiveness_frac,
    "indirect_wet": e.indirect_wet_c,
    "indirect_dry": e.indirect_dry_c,
    "indirect_water": e.indirect_evaporation_kg_s,
    "mixed_c": lambda **i: e.mixed_air(**i)[0],
    "mixed_ratio": lambda **i: e.mixed_air(**i)[1],
    "fog_c": lambda **i: e.without_fog(**i)[0],
    "fog_drops": lambda **i: e.without_fog(**i)[2],
    "outdoor_share": e.outdoor_air_frac,
}
OUTDOOR = st.floats(-45, 55)
HUMIDITY = st.floats(0.02, 1)
ALTITUDE = st.floats(0, 3000)
EFFECTIVENESS = st.floats(0, 1)
SUPPLY = st.floats(10, 40)


def test_evaporative_cooling_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


def outdoor_air(t_c: float, rh_frac: float, altitude_m: float) -> tuple[float, float, float]:
    """Pressure, humidity ratio and wet bulb."""
    pressure = station_pressure_pa(altitude_m)
    ratio = humidity_ratio_from_relative(t_c, rh_frac, pressure)
    return pressure, ratio, wet_bulb_c(t_c, ratio, pressure)


@settings(deadline=None)  # psychrolib compiles itself on its first call
@given(t=st.floats(3, 55), rh=HUMIDITY, altitude=ALTITUDE, effectiveness=EFFECTIVENESS, supply=SUPPLY)
def test_a_direct_cooler_follows_the_wet_bulb_as_psychrolib_does(
    t: float, rh: float, altitude: float, effectiveness: float, supply: float
) -> None:
    pressure, ratio, wet_bulb = outdoor_air(t, rh, altitude)
    leaving, w, share = e.direct_cooler(t, wet_bulb, effectiveness, supply, pressure)
    assert wet_bulb - 1e-9 <= leaving <= t
    assert leaving >= min(supply, t) - 1e-9
    assert 0.0 <= share <= 1.0
    if wet_bulb > 1.0:
        expected = psychrolib.GetHumRatioFromTWetBulb(leaving, min(wet_bulb, leaving), pressure)
        assert w == pytest.approx(expected, rel=1e-5)
        assert w >= ratio - 1e-7


@given(t=OUTDOOR, rh=HUMIDITY, altitude=ALTITUDE, effectiveness=EFFECTIVENESS, supply=SUPPLY)
def test_a_direct_cooler_stays_finite_in_any_weather(
    t: float, rh: float, altitude: float, effectiveness: float, supply: float
) -> None:
    pressure, _, wet_bulb = outdoor_air(t, rh, altitude)
    assert all(map(math.isfinite, e.direct_cooler(t, wet_bulb, effectiveness, supply, pressure)))


def test_a_direct_cooler_keeps_its_enthalpy_but_for_the_water() -> None:
    pressure, ratio, wet_bulb = outdoor_air(38.0, 0.2, 0.0)
    t, w, _ = e.direct_cooler(38.0, wet_bulb, 0.85, 0.0, pressure)
    gained = moist_air_enthalpy_kj_kg(t, w) - moist_air_enthalpy_kj_kg(38.0, ratio)
    assert gained == pytest.approx((w - ratio) * 4.186 * wet_bulb, abs=1e-3)


@given(v=st.floats(0, 6), depth=st.floats(0, 0.6))
def test_the_effectiveness_of_a_pad_is_a_fraction(v: float, depth: float) -> None:
    assert 0.0 <= e.pad_effectiveness_frac(v, depth) <= 1.0


def test_a_thicker_pad_and_slower_air_saturate_more() -> None:
    by_depth = [e.pad_effectiveness_frac(2.0, depth) for depth in np.linspace(0.1, 0.3, 9)]
    by_velocity = [e.pad_effectiveness_frac(v, 0.2) for v in np.linspace(1.0, 3.0, 9)]
    assert np.all(np.diff(by_depth) > 0.0)
    assert np.all(np.diff(by_velocity) < 0.0)


@given(entering=SUPPLY, t=OUTDOOR, rh=HUMIDITY, altitude=ALTITUDE, wet=EFFECTIVENESS, dry=EFFECTIVENESS,
       setpoint=SUPPLY, ratio=st.floats(0.1, 3))  # fmt: skip
def test_an_indirect_cooler_is_bounded_and_never_heats(
    entering: float, t: float, rh: float, altitude: float, wet: float, dry: float, setpoint: float, ratio: float
) -> None:
    pressure, humidity, wet_bulb = outdoor_air(t, rh, altitude)
    wet_c = e.indirect_wet_c(entering, wet_bulb, dew_point_c(humidity, pressure), wet)
    dry_c = e.indirect_dry_c(entering, t, dry, 10.0, 10.0 * ratio)
    leaving, share, sprays = e.indirect_cooler(entering, dry_c, wet_c, setpoint, t, 5.0)
    assert min(entering, wet_bulb) - 1e-9 <= wet_c <= entering
    assert min(entering, t) - 1e-9 <= dry_c <= entering
    assert min(wet_c, dry_c) - 1e-9 <= leaving <= entering
    assert leaving >= min(setpoint, entering) - 1e-9
    assert 0.0 <= share <= 1.0
    assert sprays == 0.0 or t >= 5.0


def test_an_indirect_cooler_runs_dry_in_the_cold_and_wet_in_the_heat() -> None:
    modes = [e.indirect_cooler(36.0, 36.0 - 0.55 * (36.0 - t), 36.0 - 0.75 * (36.0 - t + 8.0), 24.0, t, 4.0)[2]
             for t in (-20.0, 0.0, 10.0, 16.0, 25.0, 35.0)]  # fmt: skip
    assert modes == [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]


STREAM = st.tuples(st.floats(0, 50), st.floats(-45, 55), st.floats(0, 0.03))


@given(first=STREAM, second=STREAM)
def test_mixing_conserves_water_and_enthalpy(
    first: tuple[float, float, float], second: tuple[float, float, float]
) -> None:
    t, w = e.mixed_air(*first, *second)
    total = first[0] + second[0]
    water = first[0] * first[2] + second[0] * second[2]
    enthalpy = first[0] * moist_air_enthalpy_kj_kg(*first[1:]) + second[0] * moist_air_enthalpy_kj_kg(*second[1:])
    assert total * w == pytest.approx(water, rel=1e-12, abs=1e-14)
    assert total * moist_air_enthalpy_kj_kg(t, w) == pytest.approx(enthalpy, rel=1e-12, abs=1e-9)
    assert min(first[1], second[1]) - 1e-9 <= t <= max(first[1], second[1]) + 1e-9


@given(t=st.floats(-45, 40), over=st.floats(0.5, 2), altitude=ALTITUDE)
def test_parting_fog_conserves_water_and_enthalpy(t: float, over: float, altitude: float) -> None:
    pressure = station_pressure_pa(altitude)
    ratio = over * saturation_humidity_ratio_kg_kg(t, pressure)
    dry, w, drops = e.without_fog(t, ratio, pressure)
    assert w + drops == pytest.approx(ratio, rel=1e-12)
    after = moist_air_enthalpy_kj_kg(dry, w) + drops * 4.186 * dry
    assert after == pytest.approx(moist_air_enthalpy_kj_kg(t, ratio), abs=2e-5)
    assert drops == 0.0 or w <= saturation_humidity_ratio_kg_kg(dry, pressure) * (1.0 + 1e-9)


@given(supply=SUPPLY, rise=st.floats(1, 20), t=OUTDOOR, least=st.floats(0, 0.3))
def test_the_share_of_outdoor_air_reaches_the_temperature_where_it_can(
    supply: float, rise: float, t: float, least: float
) -> None:
    returned = supply + rise
    share = e.outdoor_air_frac(supply, returned, t, least)
    assert least <= share <= 1.0
    mixed = (1.0 - share) * returned + share * t
    if t < supply and share > least:
        assert mixed == pytest.approx(supply, abs=1e-9)
    if t >= returned:
        assert share == least


def test_water_taken_up_is_never_negative() -> None:
    assert e.evaporated_kg_s(10.0, 0.01, 0.008) == 0.0
    assert e.indirect_evaporation_kg_s(-5.0) == 0.0
