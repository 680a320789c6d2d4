"""Generators: fuel against a published chart, balances, and standby."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.physics import generators as g

CHECKS = "checks_generators.csv"


def efficiency(load_frac: float, set: str) -> float:
    """Electric efficiency at a load."""
    return load_frac / g.fuel_frac(load_frac, g.MAPS[set])


def litres_h(load_frac: float, set: str) -> float:
    """Diesel of a 1 MW set in L/h."""
    return g.fuel_volume(g.fuel_kw(1000.0 * load_frac, 1000.0, 1.0, g.MAPS[set]), g.DIESEL_KWH_PER_L)


QUANTITIES: dict[str, Callable[..., float]] = {
    "efficiency": efficiency,
    "litres_h": litres_h,
    "idle": lambda set: g.fuel_frac(0.0, g.MAPS[set]),
    "standby": lambda rated_kw, standby_frac: g.standby_kw(rated_kw, standby_frac, 0.0, 1.0),
}
SETS = st.sampled_from(sorted(g.MAPS))


def test_a_generator_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


@given(low=st.floats(0, 1.1), high=st.floats(0, 1.1), name=SETS)
def test_fuel_grows_with_load_and_exceeds_what_comes_out(low: float, high: float, name: str) -> None:
    low, high = min(low, high), max(low, high)
    fuel_low, fuel_high = g.fuel_frac(low, g.MAPS[name]), g.fuel_frac(high, g.MAPS[name])
    assert 0.0 < fuel_low <= fuel_high
    assert fuel_high > high


@pytest.mark.parametrize("name", sorted(g.MAPS))
def test_fuel_has_no_jump_between_the_points(name: str) -> None:
    for load in g.LOADS_FRAC:
        below, above = g.fuel_frac(load - 1e-9, g.MAPS[name]), g.fuel_frac(load + 1e-9, g.MAPS[name])
        assert above - below == pytest.approx(0.0, abs=1e-7)


@given(load=st.floats(0, 500), name=SETS)
def test_two_sets_burn_more_than_one_for_the_same_light_load(load: float, name: str) -> None:
    one = g.fuel_kw(load, 1000.0, 1.0, g.MAPS[name])
    assert g.fuel_kw(load, 1000.0, 2.0, g.MAPS[name]) > one
    assert g.fuel_kw(2.0 * load, 1000.0, 2.0, g.MAPS[name]) == pytest.approx(2.0 * one)


def test_nothing_running_burns_nothing() -> None:
    assert g.fuel_kw(500.0, 1000.0, 0.0, g.MAPS["typical"]) == 0.0
    assert g.fuel_kw(500.0, 0.0, 1.0, g.MAPS["typical"]) == 0.0


def test_only_sets_at_rest_need_their_heaters() -> None:
    draws = [g.standby_kw(2500.0, g.STANDBY_FRAC, running, 4.0) for running in (0.0, 1.0, 4.0, 5.0)]
    assert draws == pytest.approx([20.0, 15.0, 0.0, 0.0])
