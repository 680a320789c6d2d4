"""Dehumidifying coils against Modelica's reference results, humidifiers and hall moisture against balances."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import ht
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from twin.physics import moist_coils as m
from twin.physics.fluids import (
    dew_point_c,
    humidity_ratio_from_relative,
    moist_air_enthalpy_kj_kg,
    saturation_humidity_ratio_kg_kg,
    station_pressure_pa,
)
from twin.units import AIR_CP_KJ_KG_K, VAPOUR_CP_KJ_KG_K, WATER_CP_KJ_KG_K

CHECKS = "checks_moist_coils.csv"
SEA_PA = 101325.0


def textbook_coil(humidity_ratio: float) -> tuple[float, float, float, float, float]:
    """Coil of Mitchell & Braun 2012, example SM-2-1: 80 degF air, 42 degF water, UA 4748 W/K, hA ratio 2/3."""
    air_kg_s = 2.646 / (1.0 + humidity_ratio)
    return m.cooling_coil(air_kg_s, 26.6667, humidity_ratio, SEA_PA, 3.78 * WATER_CP_KJ_KG_K, 5.5556,
                          4.748 / 0.6, 4.748 / 0.4)  # fmt: skip


QUANTITIES: dict[str, Callable[..., float]] = {
    "coil_kw": lambda humidity_ratio: textbook_coil(humidity_ratio)[0],
    "coil_air_c": lambda humidity_ratio: textbook_coil(humidity_ratio)[3],
    "outlet_c": lambda **i: m.coil_outlet(**i)[0],
    "outlet_ratio": lambda **i: m.coil_outlet(**i)[1],
    "outlet_shr": lambda **i: m.coil_outlet(**i)[2],
    "bypass": m.bypass_at_flow_frac,
    "drying_surface": lambda **i: m.dehumidified(**i)[0],
    "steam_kw": m.steam_humidifier_kw,
    "humidified_c": lambda water_kj_kg: m.humidified(10.0, 24.0, 0.006, 0.02, water_kj_kg)[0],
    "hall_end": lambda **i: m.hall_humidity(**i)[0],
    "hall_mean": lambda **i: m.hall_humidity(**i)[1],
}
AIR_C = st.floats(10, 60)
HUMIDITY = st.floats(0.02, 1)
ALTITUDE = st.floats(0, 3000)
WATER_C = st.floats(4, 45)
COIL = st.tuples(st.floats(0.1, 50), AIR_C, HUMIDITY, ALTITUDE, st.floats(0.1, 200), WATER_C, st.floats(0.1, 200),
                 st.floats(0.1, 200))  # fmt: skip


def coil_arguments(drawn: tuple[float, ...]) -> tuple[float, ...]:
    """Arguments of the coil from a draw: relative humidity and altitude made into humidity ratio and pressure."""
    air_kg_s, air_c, rh, altitude, *water = drawn
    pressure = station_pressure_pa(altitude)
    return air_kg_s, air_c, humidity_ratio_from_relative(air_c, rh, pressure), pressure, *water


def test_a_moist_coil_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


@settings(max_examples=300)
@given(drawn=COIL)
def test_a_coil_is_bounded_and_closes_its_balances(drawn: tuple[float, ...]) -> None:
    a = coil_arguments(drawn)
    total, sensible, condensate, out_c, out_ratio = m.cooling_coil(*a)
    assert all(map(math.isfinite, (total, sensible, condensate, out_c, out_ratio)))
    assert 0.0 <= sensible <= total + 1e-9
    assert 0.0 <= out_ratio <= a[2] + 1e-12
    assert condensate == pytest.approx(a[0] * (a[2] - out_ratio), abs=1e-12)
    lost = moist_air_enthalpy_kj_kg(a[1], a[2]) - moist_air_enthalpy_kj_kg(out_c, out_ratio)
    assert a[0] * lost == pytest.approx(total, rel=1e-9, abs=1e-9)
    assert min(a[5], a[1]) - 0.5 <= out_c <= a[1] + 1e-9
    assert a[5] + total / a[4] <= max(a[1], a[5]) + 1e-6


@given(drawn=COIL)
def test_dry_air_gives_the_counterflow_coil_of_ht(drawn: tuple[float, ...]) -> None:
    air_kg_s, air_c, _, _, water_kw_per_k, water_c, ua_air, ua_water = drawn
    assume(water_c < air_c)
    total, sensible, condensate, _, _ = m.cooling_coil(
        air_kg_s, air_c, 1e-5, SEA_PA, water_kw_per_k, water_c, ua_air, ua_water
    )
    air_kw_per_k = air_kg_s * (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * 1e-5)
    least, most = min(air_kw_per_k, water_kw_per_k), max(air_kw_per_k, water_kw_per_k)
    ntu = 1.0 / (1.0 / ua_air + 1.0 / ua_water) / least
    expected = ht.effectiveness_from_NTU(ntu, least / most, subtype="counterflow") * least * (air_c - water_c)
    assert total == pytest.approx(expected, rel=1e-6)
    assert (sensible, condensate) == (total, 0.0)


@given(drawn=COIL, more=st.floats(1.01, 1.5))
def test_moister_air_never_gives_less_heat(drawn: tuple[float, ...], more: float) -> None:
    a = coil_arguments(drawn)
    assume(a[2] > 1e-4)
    moister = (a[0], a[1], a[2] * more, *a[3:])
    assert m.cooling_coil(*moister)[0] >= m.cooling_coil(*a)[0] * (1.0 - 1e-9)


def test_the_coil_passes_from_dry_to_wet_without_a_jump() -> None:
    heat = np.array([m.cooling_coil(2.6, 30.0, w, SEA_PA, 12.0, 8.0, 8.0, 12.0)[:2] for w in np.linspace(0, 0.02, 800)])
    assert np.max(np.abs(np.diff(heat, axis=0))) < 0.4
    assert np.all(np.diff(heat[:, 0]) >= -1e-12)


def test_water_above_the_dew_point_condenses_nothing() -> None:
    dew = dew_point_c(0.010, SEA_PA)
    assert m.cooling_coil(5.0, 30.0, 0.010, SEA_PA, 20.0, dew + 0.1, 30.0, 40.0)[2] == 0.0
    assert m.cooling_coil(5.0, 30.0, 0.010, SEA_PA, 20.0, dew - 4.0, 30.0, 40.0)[2] > 0.0


@pytest.mark.parametrize("index", [0, 4, 6, 7])
def test_a_coil_without_a_flow_or_surface_does_nothing(index: int) -> None:
    a = [5.0, 30.0, 0.01, SEA_PA, 20.0, 8.0, 30.0, 40.0]
    a[index] = 0.0
    assert m.cooling_coil(*a) == (0.0, 0.0, 0.0, 30.0, 0.01)


@settings(max_examples=200)
@given(drawn=COIL, opening=st.floats(0.1, 0.9))
def test_the_valve_delivers_the_sensible_heat_asked_for(drawn: tuple[float, ...], opening: float) -> None:
    a = coil_arguments(drawn)
    assume(a[5] < a[1] - 2.0)

    def sensible(v: float) -> float:
        return m.cooling_coil(*a[:4], v * a[4], a[5], a[6], a[7] * v**0.85)[1]

    assume(sensible(1.0) > 1e-6)
    asked = opening * sensible(1.0)
    v = m.coil_valve_for_sensible(asked, *a, 0.85)
    assert 0.0 < v <= 1.0
    assert sensible(v) == pytest.approx(asked, rel=1e-3)


@settings(max_examples=200)
@given(drawn=COIL, gain=st.floats(1.0, 4.0), surface_c=st.floats(-20, 60))
def test_a_coil_does_not_depend_on_where_it_is_sought_from(
    drawn: tuple[float, ...], gain: float, surface_c: float
) -> None:
    a = coil_arguments(drawn)
    dew_c = dew_point_c(a[2], a[3])
    found = m.coil_near(*a[:3], dew_c, *a[3:], gain, surface_c)[:5]
    assert found == pytest.approx(m.cooling_coil(*a), rel=1e-6, abs=1e-9)


@settings(max_examples=200)
@given(drawn=COIL, opening=st.floats(0.05, 0.95), near=st.floats(0.0, 1.0))
def test_a_valve_sought_from_anywhere_delivers_the_heat_and_says_what_the_coil_does(
    drawn: tuple[float, ...], opening: float, near: float
) -> None:
    a = coil_arguments(drawn)
    assume(a[5] < a[1] - 2.0)
    full_kw = m.cooling_coil(*a)[1]
    assume(full_kw > 1e-3)
    dew_c = dew_point_c(a[2], a[3])
    v, kw, taken_kg_s, out_c, _, _ = m.valve_near(opening * full_kw, *a[:3], dew_c, *a[3:], 0.85, near, 1.0, dew_c)
    assert kw == pytest.approx(opening * full_kw, rel=1e-5)
    found = m.cooling_coil(*a[:4], v * a[4], a[5], a[6], a[7] * v**0.85)
    assert (kw, taken_kg_s, out_c) == pytest.approx(found[1:4], rel=1e-6, abs=1e-8)


def test_a_coil_is_dry_just_where_its_coldest_surface_is_above_the_dew_point() -> None:
    air, ua_air, ua_water, water_c = (2.6, 30.0), 8.0, 12.0, 8.0
    dry_out_c = m.cooling_coil(*air, 0.001, SEA_PA, 12.0, water_c, ua_air, ua_water)[3]
    cold_c = (ua_air * dry_out_c + ua_water * water_c) / (ua_air + ua_water)
    for above_k, wet in ((0.01, False), (-2.0, True)):
        ratio = saturation_humidity_ratio_kg_kg(cold_c - above_k, SEA_PA)
        assert (m.cooling_coil(*air, ratio, SEA_PA, 12.0, water_c, ua_air, ua_water)[2] > 0.0) is wet


def test_a_coil_that_is_too_small_opens_its_valve_and_one_without_load_shuts_it() -> None:
    a = (2.6, 26.7, 0.012, SEA_PA, 15.9, 5.6, 7.9, 11.9, 0.85)
    assert m.coil_valve_for_sensible(1e4, *a) == 1.0
    assert m.coil_valve_for_sensible(0.0, *a) == 0.0


@given(heat=st.floats(0, 60), t=AIR_C, rh=HUMIDITY, altitude=ALTITUDE, bypass=st.floats(0, 0.5))
def test_the_air_behind_a_bypassed_coil_has_lost_the_heat(
    heat: float, t: float, rh: float, altitude: float, bypass: float
) -> None:
    pressure = station_pressure_pa(altitude)
    ratio = humidity_ratio_from_relative(t, rh, pressure)
    assume(moist_air_enthalpy_kj_kg(t, ratio) - heat / (1.0 - bypass) > 0.0)
    out_c, out_ratio, share = m.coil_outlet(heat, t, ratio, bypass, pressure)
    lost = moist_air_enthalpy_kj_kg(t, ratio) - moist_air_enthalpy_kj_kg(out_c, out_ratio)
    assert lost == pytest.approx(heat, abs=1e-6)
    assert 0.0 <= share <= 1.0
    assert out_c <= t + 1e-6
    assert 0.0 <= out_ratio <= ratio


@given(t=st.floats(18, 40), rh=st.floats(0.4, 0.95), dry=st.floats(0.3, 0.99), bypass=st.floats(0, 0.3))
def test_drying_reaches_its_humidity_and_is_undone_by_its_own_balance(
    t: float, rh: float, dry: float, bypass: float
) -> None:
    ratio = humidity_ratio_from_relative(t, rh, SEA_PA)
    goal = dry * ratio
    surface, out_c, heat = m.dehumidified(t, ratio, goal, bypass, SEA_PA)
    assert surface - 1e-9 <= out_c <= t
    assert heat > 0.0
    reached = max(goal, ratio * bypass)
    assert moist_air_enthalpy_kj_kg(t, ratio) - heat == pytest.approx(moist_air_enthalpy_kj_kg(out_c, reached))
    cp = AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * reached
    assert m.reheat_kw(1.0, reached, out_c, t) == pytest.approx(cp * (t - out_c), abs=1e-12)


def test_dry_air_needs_no_drying() -> None:
    assert m.dehumidified(24.0, 0.008, 0.009, 0.1, SEA_PA) == (24.0, 24.0, 0.0)


@given(air=st.floats(0.1, 50), t=st.floats(10, 40), ratio=st.floats(0, 0.015), added=st.floats(0, 0.01),
       water=st.sampled_from((m.STEAM_KJ_KG, 42.0)))  # fmt: skip
def test_humidifying_conserves_water_and_enthalpy(
    air: float, t: float, ratio: float, added: float, water: float
) -> None:
    out_c, out_ratio = m.humidified(air, t, ratio, added * air, water)
    assert out_ratio == pytest.approx(ratio + added, rel=1e-12)
    gained = moist_air_enthalpy_kj_kg(out_c, out_ratio) - moist_air_enthalpy_kj_kg(t, ratio)
    assert gained == pytest.approx(added * water, rel=1e-9, abs=1e-9)
    assert (out_c >= t - 1e-9) if water > 2600.0 else (out_c <= t + 1e-9)


def test_mist_takes_a_tenth_of_the_electricity_of_steam() -> None:
    saving = 1.0 - m.ULTRASONIC_SHARE_FRAC
    assert 0.90 <= saving <= 0.93


@given(air=st.floats(10, 1e5), start=st.floats(0, 0.03), flow=st.floats(0, 1e6), inflow=st.floats(0, 0.03),
       gain=st.floats(-10, 50), dt=st.floats(1 / 60, 1))  # fmt: skip
def test_hall_moisture_balances_over_a_step(
    air: float, start: float, flow: float, inflow: float, gain: float, dt: float
) -> None:
    end, mean = m.hall_humidity(air, start, flow, inflow, gain, dt)
    change = dt / air * (flow * (inflow - mean) + gain)
    scale = abs(start) + abs(inflow) + abs(gain) * dt / air
    assert end - start == pytest.approx(change, abs=1e-9 * (1.0 + flow * dt / air) * max(scale, 1e-12))


def test_hall_moisture_agrees_with_an_integrator() -> None:
    for flow in (0.0, 50.0, 2000.0):
        found = solve_ivp(lambda _, w, f=flow: [(f * (0.004 - w[0]) + 1.5) / 1800.0], (0, 0.5), [0.009],
                          rtol=1e-11, atol=1e-14)  # fmt: skip
        assert m.hall_humidity(1800.0, 0.009, flow, 0.004, 1.5, 0.5)[0] == pytest.approx(found.y[0, -1], rel=1e-9)


def test_a_missing_number_stays_missing() -> None:
    assert math.isnan(m.cooling_coil(2.0, math.nan, 0.01, SEA_PA, 10.0, 8.0, 8.0, 8.0)[0])
    assert math.isnan(m.hall_humidity(1800.0, math.nan, 900.0, 0.004, 1.8, 1.0)[0])
