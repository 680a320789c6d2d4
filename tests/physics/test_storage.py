"""Storage tanks: capacity, conservation to rounding, bounds, and convergence."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.physics import storage as t

CHECKS = "checks_storage.csv"


def node(entering_c: float, flow_frac: float, at: float) -> float:
    """One node of a tank at 16 degC after a step without conduction or gain."""
    return t.ten_nodes_along_flow((16.0,) * 10, entering_c, flow_frac, 0.0, 0.0, 20.0)[int(at)]


QUANTITIES: dict[str, Callable[..., float]] = {
    "capacity": t.tank_capacity_kwh,
    "charge_cold_c": lambda **i: t.two_zone_exchange(**i)[1],
    "moved": lambda **i: t.two_zone_exchange(**i)[3],
    "gained": lambda **i: t.two_zone_gain(**i)[2],
    "node": node,
}
FRAC = st.floats(0, 1)
TEMPERATURE = st.floats(4, 45)
MERIT = st.floats(0.5, 1)


def stored(cold_frac: float, cold_c: float, warm_c: float) -> float:
    """Heat in the tank over its capacity, K."""
    return cold_frac * cold_c + (1.0 - cold_frac) * warm_c


def test_a_tank_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


@settings(max_examples=400)
@given(cold_frac=FRAC, cold=TEMPERATURE, warm=TEMPERATURE, wanted=st.floats(-2, 2), entering=TEMPERATURE, merit=MERIT)
def test_moving_water_through_two_zones_conserves_energy_and_stays_bounded(
    cold_frac: float, cold: float, warm: float, wanted: float, entering: float, merit: float
) -> None:
    after, cold_c, warm_c, moved, leaving = t.two_zone_exchange(cold_frac, cold, warm, wanted, entering, merit)
    change = stored(after, cold_c, warm_c) - stored(cold_frac, cold, warm)
    assert change == pytest.approx(abs(moved) * (entering - leaving), abs=1e-12 * 100.0)
    assert -1e-15 <= after <= 1.0 + 1e-15
    assert abs(moved) <= abs(wanted)
    assert moved == 0.0 or math.copysign(1.0, moved) == math.copysign(1.0, wanted)
    low, high = min(cold, warm, entering), max(cold, warm, entering)
    assert all(low - 1e-9 <= x <= high + 1e-9 for x in (cold_c, warm_c, leaving))
    if wanted < 0.0 and cold_frac >= 1.0 - merit:
        assert after >= 1.0 - merit - 1e-15


def test_a_full_discharge_gives_the_capacity_times_the_figure_of_merit() -> None:
    after, cold, warm, moved, leaving = t.two_zone_exchange(1.0, 6.0, 16.0, -5.0, 16.0, 0.9)
    given_kwh = -moved * t.tank_kwh_per_k(1000.0) * (16.0 - leaving)
    assert given_kwh == pytest.approx(t.tank_capacity_kwh(1000.0, 10.0, 0.9), rel=1e-12)
    assert (cold, warm) == (6.0, 16.0)
    assert after == pytest.approx(0.1)


def test_a_full_tank_takes_no_charge_and_an_empty_one_gives_nothing() -> None:
    assert t.two_zone_exchange(1.0, 6.0, 16.0, 0.5, 6.0, 0.9)[3] == 0.0
    assert t.two_zone_exchange(0.1, 6.0, 16.0, -0.5, 16.0, 0.9)[3] == pytest.approx(0.0, abs=1e-12)


def test_two_half_steps_move_as_one_whole_step() -> None:
    whole = t.two_zone_exchange(0.3, 7.0, 15.0, 0.4, 5.0, 0.9)
    half = t.two_zone_exchange(0.3, 7.0, 15.0, 0.2, 5.0, 0.9)
    both = t.two_zone_exchange(half[0], half[1], half[2], 0.2, 5.0, 0.9)
    assert both[:3] == pytest.approx(whole[:3], rel=1e-14)


@given(cold_frac=FRAC, cold=TEMPERATURE, warm=TEMPERATURE, ambient=st.floats(-45, 55), ua=st.floats(0, 5),
       dt=st.floats(1 / 60, 24))  # fmt: skip
def test_gain_is_exact_and_what_is_stored(
    cold_frac: float, cold: float, warm: float, ambient: float, ua: float, dt: float
) -> None:
    cold_c, warm_c, gained = t.two_zone_gain(cold_frac, cold, warm, ambient, ua, 1000.0, dt)
    change = 1000.0 * (stored(cold_frac, cold_c, warm_c) - stored(cold_frac, cold, warm))
    assert gained == pytest.approx(change, abs=1e-10)
    half = t.two_zone_gain(cold_frac, cold, warm, ambient, ua, 1000.0, 0.5 * dt)
    twice = t.two_zone_gain(cold_frac, half[0], half[1], ambient, ua, 1000.0, 0.5 * dt)
    assert twice[:2] == pytest.approx((cold_c, warm_c), abs=1e-11)
    assert half[2] + twice[2] == pytest.approx(gained, abs=1e-9)


NODES = st.lists(TEMPERATURE, min_size=10, max_size=10)


@settings(max_examples=300)
@given(nodes=NODES, entering=TEMPERATURE, flow=st.floats(0, 100), conduction=st.floats(0, 10), gain=st.floats(0, 2),
       ambient=st.floats(-45, 55))  # fmt: skip
def test_ten_nodes_conserve_energy_and_keep_within_the_temperatures_given(
    nodes: list[float], entering: float, flow: float, conduction: float, gain: float, ambient: float
) -> None:
    after = t.ten_nodes_along_flow(tuple(nodes), entering, flow, conduction, gain, ambient)
    inflow = flow * (entering - after[9]) + gain * sum(ambient - x for x in after)
    assert sum(after) - sum(nodes) == pytest.approx(inflow, abs=1e-11 * (1.0 + flow + gain) * 10.0)
    low, high = min(*nodes, entering, ambient), max(*nodes, entering, ambient)
    assert all(low - 1e-9 <= x <= high + 1e-9 for x in after)


def test_ten_nodes_agree_with_a_matrix_solver() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        nodes, flow, k, g = rng.uniform(5, 20, 10), rng.uniform(0, 5), rng.uniform(0, 1), rng.uniform(0, 0.2)
        matrix = np.diag(np.full(10, 1.0 + flow + g + 2.0 * k)) - (k + flow) * np.eye(10, k=-1) - k * np.eye(10, k=1)
        matrix[0, 0] -= k
        matrix[9, 9] -= k
        right = nodes + g * 25.0
        right[0] += flow * 6.0
        expected = np.linalg.solve(matrix, right)
        assert t.ten_nodes_along_flow(tuple(nodes), 6.0, flow, k, g, 25.0) == pytest.approx(tuple(expected), rel=1e-12)


def test_ten_nodes_at_rest_stay_as_they_are() -> None:
    nodes = tuple(float(x) for x in range(6, 16))
    assert t.ten_nodes_along_flow(nodes, 6.0, 0.0, 0.0, 0.0, 20.0) == nodes


def test_a_charged_tank_of_ten_nodes_gives_most_of_its_capacity_at_a_useful_temperature() -> None:
    nodes, useful = (6.0,) * 10, 0.0
    for _ in range(200):
        nodes = t.ten_nodes_along_flow(nodes, 16.0, 0.05, 0.0, 0.0, 20.0)
        useful += 0.05 * (16.0 - nodes[9]) if nodes[9] < 11.0 else 0.0
    assert 0.8 < useful / (10.0 * 10.0) < 0.95


def test_a_missing_number_stays_missing() -> None:
    assert math.isnan(t.two_zone_exchange(0.5, 6.0, 16.0, 0.2, math.nan, 0.9)[1])
    assert math.isnan(t.ten_nodes_along_flow((16.0,) * 10, math.nan, 1.0, 0.0, 0.0, 20.0)[9])
