"""Outdoor air on its way to supply air, against psychrolib, balances, and the order of its modes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import psychrolib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.physics import airside as a
from twin.physics.evaporative import direct_cooler, outdoor_air_frac
from twin.physics.fluids import humidity_ratio_from_relative, station_pressure_pa, wet_bulb_c

psychrolib.SetUnitSystem(psychrolib.SI)
CHECKS = "checks_airside.csv"
QUANTITIES: dict[str, Callable[..., float]] = {
    "per_moisture": a.cooling_per_moisture_k,
    "limit": a.evaporation_limit_k,
    "share": a.mixing_share,
    "line_ratio": a.humidity_on_line,
    "line_c": a.temperature_on_line,
}
OUTDOOR, HUMIDITY, ALTITUDE = st.floats(-45, 55), st.floats(0, 1), st.floats(0, 3000)
LOW_C, HIGH_C = 17.5, 26.5


def test_airside_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


def treated(t_c: float, rh: float, altitude_m: float, effectiveness: float = 0.8) -> tuple[float, ...]:
    """Mode, leaving temperature and humidity, then outdoor humidity, full effect and pressure."""
    pressure = station_pressure_pa(altitude_m)
    ratio = humidity_ratio_from_relative(t_c, rh, pressure)
    wet = direct_cooler(t_c, wet_bulb_c(t_c, ratio, pressure), effectiveness, -100.0, pressure)[:2]
    mode, leaving_c, leaving = a.treated_outdoor_air(t_c, ratio, *wet, LOW_C, HIGH_C, 0.003, 0.014)
    return mode, leaving_c, leaving, ratio, *wet, pressure


def test_the_modes_follow_each_other_from_cold_to_hot() -> None:
    modes = [treated(t, 0.3, 0.0)[0] for t in np.linspace(-45.0, 55.0, 401)]
    assert modes == sorted(modes)
    assert set(modes) == {a.MIXED, a.PLAIN, a.EVAPORATIVE, a.TRIMMED}


@given(outdoor_c=OUTDOOR, rh=HUMIDITY, altitude=ALTITUDE, effectiveness=st.floats(0, 0.99))
def test_treated_air_lies_between_outdoor_air_and_the_full_effect(
    outdoor_c: float, rh: float, altitude: float, effectiveness: float
) -> None:
    mode, leaving_c, leaving, ratio, wet_c, wet_ratio, pressure = treated(outdoor_c, rh, altitude, effectiveness)
    if mode == a.MIXED:
        assert leaving_c == LOW_C
        return
    assert wet_c - 1e-9 <= leaving_c <= outdoor_c
    assert ratio - 1e-12 <= leaving <= max(wet_ratio, ratio) + 1e-12
    assert leaving <= max(0.014, ratio) + 1e-12
    assert leaving <= psychrolib.GetSatHumRatio(leaving_c, pressure) * (1 + 1e-4) + 1e-7
    if mode != a.TRIMMED:
        assert LOW_C <= leaving_c <= HIGH_C + 1e-8


@settings(deadline=None)  # psychrolib compiles itself on its first call
@given(outdoor_c=st.floats(10, 55), rh=st.floats(0.02, 0.9), altitude=ALTITUDE, part=st.floats(0, 1))
def test_the_line_of_a_stage_keeps_the_wet_bulb(outdoor_c: float, rh: float, altitude: float, part: float) -> None:
    *_, ratio, wet_c, wet_ratio, pressure = treated(outdoor_c, rh, altitude)
    t = outdoor_c - part * (outdoor_c - wet_c)
    found = a.humidity_on_line(t, outdoor_c, ratio, wet_c, wet_ratio)
    wet_bulb = wet_bulb_c(outdoor_c, ratio, pressure)
    if wet_bulb > 0.0:  # psychrolib freezes the wick at 0 degC
        assert found == pytest.approx(psychrolib.GetHumRatioFromTWetBulb(t, min(wet_bulb, t), pressure), rel=1e-4)
    assert a.temperature_on_line(found, outdoor_c, ratio, wet_c, wet_ratio) == pytest.approx(t, abs=1e-6)


@given(return_c=st.floats(20, 50), outdoor_c=OUTDOOR, leaving_c=st.floats(10, 30))
def test_without_moisture_the_share_is_that_of_the_economizer(
    return_c: float, outdoor_c: float, leaving_c: float
) -> None:
    found = a.mixing_share(leaving_c, 0.0, return_c, 0.0, outdoor_c, 0.0, 0.0)
    assert found == outdoor_air_frac(leaving_c, return_c, outdoor_c, 0.0)


@given(return_c=st.floats(25, 45), outdoor_c=st.floats(-40, 15), return_g=st.floats(2, 12), outdoor_g=st.floats(0, 2))
def test_a_moistened_mixture_keeps_enthalpy_and_water(
    return_c: float, outdoor_c: float, return_g: float, outdoor_g: float
) -> None:
    """Shares of both streams, the pad's slope and the water taken up give the state that was asked for."""
    wanted, per_k = 0.008, a.cooling_per_moisture_k(18.0, 14.0, 1.02)
    share = a.mixing_share(18.0, wanted, return_c, return_g / 1e3, outdoor_c, outdoor_g / 1e3, per_k)
    mixed_c = return_c + share * (outdoor_c - return_c)
    mixed = (return_g + share * (outdoor_g - return_g)) / 1e3
    if 0.0 < share < 1.0:
        assert mixed_c - per_k * (wanted - mixed) == pytest.approx(18.0, abs=1e-9)
