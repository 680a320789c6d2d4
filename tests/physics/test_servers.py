"""Server power over load, fans over inlet temperature, and EnergyPlus's ITE object."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.physics import interpolation, servers

CHECKS = "checks_servers.csv"
CPU = (-1.0, 1.0, 0.0, 0.06667, 0.0, 0.0)  # curves of EnergyPlus example 1ZoneDataCenterCRAC_wApproachTemp
FLOW = (-1.4, 0.9, 0.0, 0.1, 0.0, 0.0)
TABLE = servers.SPECPOWER_2023


def ite(inlet_c: float, load_frac: float) -> tuple[float, float, float]:
    """The example's server of 50 kW with 40 % fans."""
    return servers.ite_power_kw(50.0, 0.4, load_frac, inlet_c, CPU, FLOW)


QUANTITIES: dict[str, Callable[..., float]] = {
    "table": lambda load_frac: servers.table_power_frac(TABLE, load_frac),
    "linear": lambda load_frac: servers.linear_power_frac(0.181, load_frac),
    "fan_model": lambda load_frac: servers.fan_power_model_frac(0.181, load_frac),
    "ite_cpu_kw": lambda **i: ite(**i)[0],
    "ite_fan_kw": lambda **i: ite(**i)[1],
    "ite_psu_loss_kw": lambda **i: servers.ite_supply_loss_kw(ite(**i)[0], ite(**i)[1], 0.9),
}


def test_a_server_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


@given(load=st.floats(-1, 2))
def test_the_table_interpolates_like_numpy_and_is_clamped(load: float) -> None:
    expected = np.interp(load, np.linspace(0, 1, 11), TABLE)
    assert servers.table_power_frac(TABLE, load) == pytest.approx(expected, rel=1e-12)


def test_a_table_of_any_length_is_read_at_its_nodes() -> None:
    assert [servers.table_power_frac((0.2, 0.6, 1.0), x) for x in (0.0, 0.5, 1.0)] == [0.2, 0.6, 1.0]


@given(x=st.floats(-1, 3))
def test_unequal_points_interpolate_like_numpy(x: float) -> None:
    points, values = (0.1, 0.2, 0.5, 1.0), (0.90, 0.92, 0.94, 0.90)
    assert interpolation.interpolate_at(points, values, x) == pytest.approx(np.interp(x, points, values), rel=1e-12)


def test_a_missing_load_stays_missing() -> None:
    assert math.isnan(servers.table_power_frac(TABLE, math.nan))
    assert math.isnan(interpolation.interpolate_at((0.0, 1.0), (0.0, 1.0), math.nan))


@given(low=st.floats(0, 1), high=st.floats(0, 1), idle=st.floats(0.05, 0.6))
def test_power_grows_with_load_from_idle_to_full(low: float, high: float, idle: float) -> None:
    low, high = min(low, high), max(low, high)
    for f in (servers.linear_power_frac, servers.fan_power_model_frac):
        assert f(idle, low) <= f(idle, high) + 1e-12
        assert f(idle, 0.0) == pytest.approx(idle)
        assert f(idle, 1.0) == pytest.approx(1.0)
    assert servers.table_power_frac(TABLE, low) <= servers.table_power_frac(TABLE, high)


@given(low=st.floats(-20, 200), high=st.floats(-20, 200), rise=st.floats(0, 0.2), limit=st.floats(1, 3))
def test_fans_speed_up_with_the_inlet_and_stop_at_their_limit(
    low: float, high: float, rise: float, limit: float
) -> None:
    low, high = min(low, high), max(low, high)
    slow, fast = (servers.fan_speed_ratio(t, 25.0, rise, limit) for t in (low, high))
    assert 1.0 <= slow <= fast <= limit


@given(inlet=st.floats(-1e6, 1e6))
def test_no_inlet_temperature_gives_power_without_limit(inlet: float) -> None:
    assert 1.0 <= servers.warm_inlet_power_ratio(inlet, 23.0, 0.005) <= 1.285 + 1e-12
    assert 0.0 <= servers.leakage_power_ratio(inlet, 60.0, 0.02, 3.0) <= 3.0


def test_a_server_is_4_percent_hungrier_at_32_c_than_at_23_c() -> None:
    assert servers.warm_inlet_power_ratio(32.0, 23.0, 0.0045) == pytest.approx(1.0405)
    assert servers.warm_inlet_power_ratio(15.0, 23.0, 0.0045) == 1.0


@given(load=st.floats(0, 1), inlet=st.floats(-50, 60))
def test_the_ite_object_never_draws_less_than_nothing(load: float, inlet: float) -> None:
    cpu_kw, fan_kw, flow = ite(inlet, load)
    assert cpu_kw >= 0.0
    assert fan_kw >= 0.0
    assert flow >= 0.0
