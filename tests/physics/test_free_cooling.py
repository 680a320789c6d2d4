"""Air-cooled chillers with a free-cooling coil: how coil and evaporator share the load, and where they change over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.physics import dry_coolers, exchangers
from twin.physics import free_cooling as f

CHECKS = "checks_free_cooling.csv"
QUANTITIES: dict[str, Callable[..., float]] = {
    "free_kw": lambda **i: f.free_cooling_split(**i)[0],
    "between_c": f.evaporator_in_c,
    "full_below": f.full_free_below_c,
    "pump": f.coil_pump_kw,
}
LOAD = st.floats(0, 2000)
RETURN = st.floats(4, 45)
OUTDOOR = st.floats(-45, 55)
COIL = st.floats(0, 200)


def test_free_cooling_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


@given(load=LOAD, back=RETURN, outdoor=OUTDOOR, coil=COIL, gain=st.floats(0, 5))
def test_coil_and_evaporator_take_the_load(load: float, back: float, outdoor: float, coil: float, gain: float) -> None:
    free, mechanical, mode = f.free_cooling_split(load, back, outdoor, coil, gain)
    assert free + mechanical == pytest.approx(load, abs=1e-9)
    assert min(free, mechanical) >= 0.0
    assert free <= coil * max(back - outdoor, 0.0) + 1e-9
    assert (mode == f.FREE) == (mechanical == 0.0 and load > 0.0)
    assert mode != f.MECHANICAL or free == 0.0


@given(load=st.floats(10, 2000), back=RETURN, coil=st.floats(1, 200), gain=st.floats(0, 5))
def test_the_modes_change_at_their_temperatures(load: float, back: float, coil: float, gain: float) -> None:
    partial = f.partial_free_below_c(back, gain)
    full = min(f.full_free_below_c(load, back, coil), partial)
    assert f.free_cooling_split(load, back, full - 0.01, coil, gain)[2] == f.FREE
    if partial - full > 0.1:
        assert f.free_cooling_split(load, back, 0.5 * (full + partial), coil, gain)[2] == f.PARTIAL
    assert f.free_cooling_split(load, back, partial + 0.01, coil, gain)[2] == f.MECHANICAL


@given(load=LOAD, back=RETURN, outdoor=OUTDOOR, coil=st.floats(0, 100))
def test_the_water_between_them_is_no_colder_than_outdoors(
    load: float, back: float, outdoor: float, coil: float
) -> None:
    free, _, _ = f.free_cooling_split(load, back, outdoor, coil, 0.0)
    between = f.evaporator_in_c(back, free, 100.0)
    assert min(back, outdoor) - 1e-9 <= between <= back


def test_a_coil_of_the_dry_cooler_model_meets_the_exchanger_equation() -> None:
    coil = dry_coolers.cooler_kw_per_k(1.0, 150.0, 1.0, 60.0, 1.0, 180.0, 0.6, 0.8, 0.85)
    free, _, mode = f.free_cooling_split(1e6, 18.0, 3.0, coil, 1.0)
    assert free == pytest.approx(exchangers.crossflow_heat_kw(180.0, 60.0, 150.0, 18.0, 3.0), rel=1e-12)
    assert mode == f.PARTIAL


def test_without_coil_or_flow_nothing_is_free() -> None:
    assert f.free_cooling_split(500.0, 20.0, -20.0, 0.0, 1.0)[0] == 0.0
    assert f.full_free_below_c(500.0, 20.0, 0.0) == -1e9
    assert f.evaporator_in_c(20.0, 0.0, 0.0) == 20.0
    assert f.coil_pump_kw(4.0, 0.0, 0.01) == 0.0
