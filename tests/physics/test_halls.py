"""The two-node hall against exact solutions, loss of cooling, and the mixing of rack and handler air."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal, getcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.optimize import brentq

from twin.physics import halls

CHECKS = "checks_halls.csv"
HEAT_KW, AIR, SOLID = 500.0, 1810.8 / 3600.0, 41400.0 / 3600.0  # 100 racks in 1500 m3; kWh/K
CFM = 2118.880  # cubic feet per minute in a m3/s


def room_c(t_s: float, exchange_kw_per_k: float) -> float:
    """The check case without cooling."""
    return halls.uncooled_air_c(t_s / 3600.0, HEAT_KW, AIR, SOLID, exchange_kw_per_k, 22.0)


def tau_s() -> float:
    """Time constant of the check case at 40 kW/K."""
    return AIR * SOLID / (AIR + SOLID) / 40.0 * 3600.0


QUANTITIES: dict[str, Callable[..., float]] = {
    "uncooled_c": room_c,
    "rate_first_k_per_min": lambda: 60.0 * (room_c(1e-3, 40.0) - 22.0) / 1e-3,
    "rate_last_k_per_min": lambda: room_c(3600.0, 40.0) - room_c(3540.0, 40.0),
    "tau_s": tau_s,
    "seconds_to_32": lambda exchange_kw_per_k: brentq(lambda t: room_c(t, exchange_kw_per_k) - 32.0, 1.0, 3600.0),
    "inlet_c": lambda **i: halls.inlet_c(i["supply_c"], i["rise_k"], i["share"]),
    "m3_s_per_kw": lambda rise_k: halls.air_flow_kg_s(1.0, rise_k, 1.006) / 1.2,
    "cfm_per_kw": lambda rise_k: CFM * halls.air_flow_kg_s(1.0, rise_k, 1.006) / 1.2,
}


def test_a_hall_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


def hall(rng: np.random.Generator, length: float) -> tuple[float, ...]:
    """Random hall: A, b, start and a step so that its fastest rate times the step is about ``length``."""
    air, solid = 10.0 ** rng.uniform(-2, 2), 10.0 ** rng.uniform(-2, 4)
    exchange = 10.0 ** rng.uniform(-1, 3)
    flow = 10.0 ** rng.uniform(-3, 3) if rng.random() < 0.8 else 0.0
    a = (-(exchange + flow) / air, exchange / air, exchange / solid, -exchange / solid)
    dt = length / max(abs(a[0]), abs(a[3]))
    return (*a, flow * 18.0 / air, rng.uniform(0, 1000) / solid, *rng.uniform(10, 60, 2), dt)


def exact(case: tuple[float, ...]) -> list[Decimal]:
    """End and mean by the matrix exponential in 60 digits."""
    getcontext().prec = 60
    a11, a12, a21, a22, b1, b2, x1, x2, dt = (Decimal(float(value)) for value in case)
    m = [[a11 * dt, a12 * dt, b1 * dt, 0, 0], [a21 * dt, a22 * dt, b2 * dt, 0, 0], [0] * 5, [1, 0, 0, 0, 0],
         [0, 1, 0, 0, 0]]  # fmt: skip
    halvings = max(0, math.ceil(math.log2(max(sum(abs(float(v)) for v in row) for row in m))) + 4)
    scaled = [[Decimal(v) / 2**halvings for v in row] for row in m]
    total = [[Decimal(i == j) for j in range(5)] for i in range(5)]
    term = total
    for k in range(1, 26):
        term = [[v / k for v in row] for row in _product(term, scaled)]
        total = [[total[i][j] + term[i][j] for j in range(5)] for i in range(5)]
    for _ in range(halvings):
        total = _product(total, total)
    start = (x1, x2, Decimal(1), Decimal(0), Decimal(0))
    ends = [sum((total[i][j] * start[j] for j in range(5)), Decimal(0)) for i in range(5)]
    return [ends[0], ends[1], ends[3], ends[4]]


def _product(a: list[list[Decimal]], b: list[list[Decimal]]) -> list[list[Decimal]]:
    return [[sum((a[i][k] * b[k][j] for k in range(5)), Decimal(0)) for j in range(5)] for i in range(5)]


@pytest.mark.parametrize("length", [1e-9, 1e-6, 1e-3, 0.1, 1.0, 10.0, 1e3])
def test_end_and_mean_are_exact_to_13_digits(length: float) -> None:
    rng = np.random.default_rng(1)
    for _ in range(4):
        case = hall(rng, length)
        expected = exact(case)
        scale = max(abs(float(e)) for e in expected)
        for value, true in zip(halls.two_node_step(*case), expected, strict=True):
            assert abs(float(Decimal(value) - true)) < 2e-13 * scale


def test_end_and_mean_agree_with_scipys_exponential_and_integrator() -> None:
    case = (-120.0, 80.0, 3.5, -3.5, 720.0, 43.0, 24.0, 30.0, 0.25)
    a, b = np.array(case[:4]).reshape(2, 2), np.array(case[4:6])
    end1, end2, mean1, mean2 = halls.two_node_step(*case)
    block = np.zeros((3, 3))
    block[:2, :2], block[:2, 2] = a * 0.25, b * 0.25
    assert expm(block) @ [24.0, 30.0, 1.0] == pytest.approx([end1, end2, 1.0], rel=1e-11)
    run = solve_ivp(lambda t, x: [*(a @ x[:2] + b), *x[:2]], (0, 0.25), [24.0, 30.0, 0.0, 0.0], rtol=1e-10, atol=1e-10)
    assert run.y[:, -1] == pytest.approx([end1, end2, 0.25 * mean1, 0.25 * mean2], rel=1e-8)


@pytest.mark.parametrize("exponent", range(-9, 7))
def test_heat_flows_of_the_means_balance_the_change_of_stored_heat(exponent: int) -> None:
    rng = np.random.default_rng(exponent + 20)
    for _ in range(300):
        case = hall(rng, 10.0**exponent)
        a11, a12, a21, a22, b1, b2, x1, x2, dt = case
        end1, end2, mean1, mean2 = halls.two_node_step(*case)
        for row, force, start, end in (((a11, a12), b1, x1, end1), ((a21, a22), b2, x2, end2)):
            terms = (dt * row[0] * mean1, dt * row[1] * mean2, dt * force)
            assert abs(end - start - sum(terms)) < 1e-13 * max(*(abs(t) for t in terms), abs(start))


def test_an_adiabatic_hall_keeps_all_its_heat() -> None:
    air, solid, exchange = 0.5, 11.5, 40.0
    case = (-exchange / air, exchange / air, exchange / solid, -exchange / solid, 0.0, 500.0 / solid, 22.0, 34.5)
    for dt in (1e-6, 1e-2, 1.0, 100.0):
        end1, end2, _, _ = halls.two_node_step(*case, dt)
        stored = air * (end1 - 22.0) + solid * (end2 - 34.5)
        assert stored == pytest.approx(500.0 * dt, rel=1e-9)


def test_without_cooling_the_step_is_the_closed_form() -> None:
    start_solid = 22.0 + HEAT_KW / 40.0  # steady: all heat passes from the solids to the air
    for t_s in (1.0, 60.0, 300.0, 3600.0):
        end_c, _, _, _ = halls.two_node_step(
            -40.0 / AIR, 40.0 / AIR, 40.0 / SOLID, -40.0 / SOLID, 0.0, HEAT_KW / SOLID, 22.0, start_solid, t_s / 3600.0
        )
        assert end_c == pytest.approx(room_c(t_s, 40.0), rel=1e-12)


def test_two_halves_of_a_step_are_the_step() -> None:
    case = (-120.0, 80.0, 3.5, -3.5, 720.0, 43.0)
    whole = halls.two_node_step(*case, 24.0, 30.0, 0.2)
    first = halls.two_node_step(*case, 24.0, 30.0, 0.1)
    second = halls.two_node_step(*case, first[0], first[1], 0.1)
    assert second[:2] == pytest.approx(whole[:2], rel=1e-13)
    assert (first[2] + second[2]) / 2 == pytest.approx(whole[2], rel=1e-13)


@pytest.mark.parametrize(("a12", "a21"), [(0.0, 3.0), (5.0, 0.0), (0.0, 0.0)])
def test_stores_that_are_coupled_one_way_or_not_at_all(a12: float, a21: float) -> None:
    case = (-7.0, a12, a21, -2.0, 100.0, 20.0, 25.0, 40.0, 0.3)
    for value, true in zip(halls.two_node_step(*case), exact(case), strict=True):
        assert value == pytest.approx(float(true), rel=1e-12)


def test_equal_stores_coupled_one_way_are_close() -> None:
    case = (-2.0, 0.0, 3.0, -2.0, 100.0, 20.0, 25.0, 40.0, 0.3)
    for value, true in zip(halls.two_node_step(*case), exact(case), strict=True):
        assert value == pytest.approx(float(true), rel=1e-5)


def test_a_runaway_hall_ends_in_a_number() -> None:
    assert all(math.isfinite(v) for v in halls.two_node_step(50.0, 1.0, 1.0, 40.0, 0.0, 0.0, 20.0, 20.0, 100.0))


@settings(max_examples=300)
@given(exchange=st.floats(0.1, 500), flow=st.floats(0, 500), supply=st.floats(10, 30), heat=st.floats(0, 1000),
       dt=st.floats(1e-4, 2), air_c=st.floats(10, 60), solid_c=st.floats(10, 80))  # fmt: skip
def test_a_hall_warms_with_its_heat(exchange: float, flow: float, supply: float, heat: float, dt: float,
                                    air_c: float, solid_c: float) -> None:  # fmt: skip
    def end(kw: float) -> tuple[float, ...]:
        a = (-(exchange + flow) / AIR, exchange / AIR, exchange / SOLID, -exchange / SOLID)
        return halls.two_node_step(*a, flow * supply / AIR, kw / SOLID, air_c, solid_c, dt)

    cool, warm = end(heat), end(heat + 10.0)
    assert all(w >= c - 1e-9 for w, c in zip(warm, cool, strict=True))
    low, high = min(supply, air_c, solid_c), max(supply, air_c, solid_c)
    assert all(low - 1e-6 <= t <= high + 1e-6 for t in end(0.0))


@given(rate=st.floats(-50, 0), force=st.floats(-100, 100), start=st.floats(-50, 50), dt=st.floats(1e-6, 10))
def test_one_node_balances_too(rate: float, force: float, start: float, dt: float) -> None:
    end, mean = halls.one_node_step(rate, force, start, dt)
    scale = max(abs(start), abs(dt * force), abs(dt * rate * mean), 1e-300)
    assert abs(end - start - dt * (rate * mean + force)) <= 1e-13 * scale


@pytest.mark.parametrize("z", [-1e6, -50.0, -1.0, -0.2, -0.19999, -1e-5, -1e-12, 0.0, 1e-12, 0.1, 0.3, 5.0])
def test_phi_functions_obey_their_recurrence(z: float) -> None:
    assert halls.phi1(z) == pytest.approx(1.0 + z * halls.phi2(z), rel=1e-9, abs=1e-9)
    assert 0.0 < halls.phi2(z) < halls.phi1(z) or z < -1.0


def test_phi2_is_smooth_where_series_and_closed_form_meet() -> None:
    inside, outside = halls.phi2(-0.2 + 1e-12), halls.phi2(-0.2 - 1e-12)
    assert inside == pytest.approx(outside, rel=1e-13)


@given(supply=st.floats(0.1, 100), rack=st.floats(0.1, 100), bypass=st.floats(0, 0.5), back=st.floats(0, 0.5))
def test_one_of_the_two_streams_is_always_free(supply: float, rack: float, bypass: float, back: float) -> None:
    by, re = halls.leaked_shares(supply, rack, bypass, back)
    assert supply * (1.0 - by) == pytest.approx(rack * (1.0 - re), rel=1e-9)
    assert by >= bypass - 1e-12
    assert re >= back - 1e-12
    assert by == pytest.approx(bypass, abs=1e-9) or re == pytest.approx(back, abs=1e-9)


@given(supply=st.floats(10, 30), rise=st.floats(5, 20), by=st.floats(0, 0.6), re=st.floats(0, 0.6))
def test_mixed_air_carries_the_racks_heat_back(supply: float, rise: float, by: float, re: float) -> None:
    inlet = halls.inlet_c(supply, rise, re)
    outlet = inlet + rise
    assert halls.mixed_c(supply, outlet, re) == pytest.approx(inlet)
    back_c = halls.mixed_c(outlet, supply, by)
    rack_kg_s = 10.0
    supply_kg_s = rack_kg_s * (1.0 - re) / (1.0 - by)
    assert supply_kg_s * (back_c - supply) == pytest.approx(rack_kg_s * rise)
    assert halls.supply_heat_index(inlet, outlet, supply) == pytest.approx(re, abs=1e-9)
    assert halls.return_heat_index(inlet, outlet, supply) == pytest.approx(1.0 - re)
    assert halls.return_temperature_index(back_c, supply, rise) == pytest.approx((1.0 - by) / (1.0 - re))


def test_an_index_without_heat_is_defined() -> None:
    assert halls.supply_heat_index(20.0, 20.0, 20.0) == 0.0
    assert halls.return_temperature_index(20.0, 20.0, 0.0) == 1.0
    assert halls.leaked_shares(0.0, 0.0, 0.1, 0.1) == (0.0, 0.0)


def test_cooling_index_falls_with_excess_on_either_side() -> None:
    assert halls.rack_cooling_index(0.0, 10.0, 27.0, 32.0) == 1.0
    assert halls.rack_cooling_index(15.0, 10.0, 18.0, 15.0) == pytest.approx(0.5)
