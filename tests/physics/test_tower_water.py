"""Water of a cooling tower: evaporation within the bounds of the energy balance, drift and blowdown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from twin.physics import tower_water as w
from twin.physics.fluids import (
    humidity_ratio_from_relative,
    saturated_enthalpy_kj_kg,
    saturation_humidity_ratio_kg_kg,
    vaporisation_heat_kj_kg,
    wet_bulb_c,
)

CHECKS = "checks_tower_water.csv"
QUANTITIES: dict[str, Callable[..., float]] = {
    "all_latent_kg_per_kwh": lambda water_c: 3600.0 * w.all_latent_evaporation_kg_s(1.0, water_c),
    "blowdown_share": lambda cycles: w.blowdown_kg_s(1.0, 0.0, cycles, 1.0),
    "make_up_share": lambda cycles: w.make_up_kg_s(1.0, 0.0, w.blowdown_kg_s(1.0, 0.0, cycles, 1.0)),
}
PRESSURE = st.sampled_from((101325.0, 84000.0))


def test_tower_water_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


@settings(max_examples=400)
@given(heat=st.floats(1, 2000), air=st.floats(8, 40), t=st.floats(-10, 45), rh=st.floats(0.02, 1), pressure=PRESSURE)
def test_evaporation_is_bounded_by_the_heat_that_is_there(
    heat: float, air: float, t: float, rh: float, pressure: float
) -> None:
    assume(heat / air < 60.0)
    humidity = humidity_ratio_from_relative(t, rh, pressure)
    wet_bulb = wet_bulb_c(t, humidity, pressure)
    assume(wet_bulb > 0.5)  # over ice the two enthalpies of the balance have different zeros
    evaporated = w.saturated_exit_evaporation_kg_s(heat, air, wet_bulb, humidity, pressure)
    exit_c = w.saturated_exit_c(heat, air, wet_bulb, pressure)
    bound = heat + air * 1.02 * max(0.0, t - exit_c)
    assert evaporated * vaporisation_heat_kj_kg(exit_c) <= bound * 1.02
    assert exit_c >= wet_bulb


@given(heat=st.floats(1, 2000), air=st.floats(8, 40), wet_bulb=st.floats(-10, 30), pressure=PRESSURE)
def test_the_exit_air_has_taken_up_the_heat(heat: float, air: float, wet_bulb: float, pressure: float) -> None:
    assume(heat / air < 60.0)
    exit_c = w.saturated_exit_c(heat, air, wet_bulb, pressure)
    gained = saturated_enthalpy_kj_kg(exit_c, pressure) - saturated_enthalpy_kj_kg(wet_bulb, pressure)
    assert air * gained == pytest.approx(heat, rel=1e-6)


def test_energyplus_form_is_some_percent_below_a_balance_of_dry_air() -> None:
    evaporated = w.saturated_exit_evaporation_kg_s(1284.0, 38.0, 20.0, 0.010, 101325.0)
    exit_c = w.saturated_exit_c(1284.0, 38.0, 20.0, 101325.0)
    dry = 38.0 * (saturation_humidity_ratio_kg_kg(exit_c, 101325.0) - 0.010)
    assert 0.94 < evaporated / dry < 0.99


def test_evaporation_goes_from_two_thirds_of_a_litre_per_kwh_in_frost_to_two_in_dry_heat() -> None:
    for t, rh in ((-5.0, 0.7), (10.0, 0.7), (25.0, 0.5), (35.0, 0.2)):
        humidity = humidity_ratio_from_relative(t, rh, 101325.0)
        wet_bulb = wet_bulb_c(t, humidity, 101325.0)
        evaporated = w.saturated_exit_evaporation_kg_s(1284.0, 30.0, wet_bulb, humidity, 101325.0)
        assert 0.6 < evaporated * 3600.0 / 1284.0 < 2.1


def test_without_air_or_heat_the_saturated_exit_evaporates_nothing_or_only_what_dry_air_takes() -> None:
    assert w.saturated_exit_evaporation_kg_s(1000.0, 0.0, 20.0, 0.01, 101325.0) == 0.0
    saturated = saturation_humidity_ratio_kg_kg(20.0, 101325.0)
    assert w.saturated_exit_evaporation_kg_s(0.0, 30.0, 20.0, saturated, 101325.0) == 0.0
    assert w.saturated_exit_evaporation_kg_s(0.0, 30.0, 20.0, 0.9 * saturated, 101325.0) > 0.0
    assert w.all_latent_evaporation_kg_s(-5.0, 25.0) == 0.0


@given(evaporated=st.floats(0, 10), drift=st.floats(0, 1), cycles=st.floats(1.5, 15), credit=st.sampled_from((0, 1)))
def test_make_up_replaces_what_leaves_and_holds_the_cycles(
    evaporated: float, drift: float, cycles: float, credit: float
) -> None:
    blown = w.blowdown_kg_s(evaporated, drift, cycles, credit)
    made = w.make_up_kg_s(evaporated, drift, blown)
    assert blown >= 0.0
    assert made == pytest.approx(evaporated + drift + blown)
    if credit == 1.0 and blown > 0.0:
        assert made == pytest.approx(cycles * (drift + blown))  # salts in = salts out
    if credit == 0.0:
        assert blown == pytest.approx(evaporated / (cycles - 1.0))


def test_drift_is_a_fraction_of_the_water() -> None:
    assert w.drift_kg_s(50.0, 0.00008) == pytest.approx(0.004)
