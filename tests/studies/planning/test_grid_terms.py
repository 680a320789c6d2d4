"""What a plan pays at the meter: surplus and export, offers, ratchets and tiers, each against enumeration."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from tests.studies.planning.cases import bent, line, one_class, problem
from tests.studies.planning.test_solve import served_in_whole_units
from twin.studies.planning.charges import FALLING_DEMAND, Blocks, DemandCharges
from twin.studies.planning.filled import still_outside
from twin.studies.planning.hull import Segments
from twin.studies.planning.problem import PlannedBattery, Problem
from twin.studies.planning.solve import solve
from twin.studies.planning.terms import FALLING_ENERGY, Offers

PRICE = st.sampled_from([-0.05, 0.0, 0.02, 0.1, 0.3])
FREE = np.zeros((1, 1))


def best_of(case: Problem, facility: Any, slack: int, arrivals: list[int]) -> float:
    """Least value of all ways to serve in whole units."""
    ways = served_in_whole_units(arrivals, slack, 6)
    return min(case.value(served, facility(served), np.zeros(served.size)) for served in ways)


@given(st.lists(PRICE, min_size=5, max_size=5), st.lists(st.integers(0, 3), min_size=5, max_size=5),
       st.sampled_from([0.0, 0.03, 0.2]), st.sampled_from([1.0, 3.0, np.inf]))  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_what_is_generated_is_used_sold_or_curtailed_as_enumeration_finds(
    prices: list[float], arrivals: list[int], earned: float, limit: float
) -> None:
    base = np.array([2.0, -4.0, -4.0, -1.0, 3.0])
    lines = Segments(base, np.full((1, 5), 1e3), np.ones((1, 5)))
    case = problem(prices, one_class(arrivals, 4, 6.0), facility=lines, export_per_kwh=earned, most_export_kw=limit)
    found = solve(case)
    assert found.objective == pytest.approx(best_of(case, lambda served: base + served, 4, arrivals), abs=1e-6)
    assert found.objective == pytest.approx(case.value(found.work_kw, found.net_kw, found.discharge_kw), abs=1e-6)


@given(st.lists(PRICE, min_size=4, max_size=4), st.sampled_from([0.0, 0.05]), st.booleans())
@settings(max_examples=30, deadline=None)
def test_a_battery_beside_a_surplus_exports_only_where_it_may(prices: list[float], earned: float, may: bool) -> None:
    base, half = np.array([1.0, -4.0, 0.0, 3.0]), 0.5
    lines = Segments(base, np.full((1, 4), 1e3), np.ones((1, 4)))
    unit = PlannedBattery(4.0, 8.0, half, half, 0.0, 1.0, 0.5, may_export=may)
    case = problem(prices, facility=lines, export_per_kwh=earned, battery=unit)
    found = solve(case)
    change = np.array(list(product(np.arange(-8.0, 3.0), repeat=4)))  # kWh stored in each step
    stored = 4.0 + np.cumsum(change, axis=1)
    charge, discharge = np.maximum(change, 0.0) / half, np.maximum(-change, 0.0) * half
    can = (stored.min(axis=1) >= 0.0) & (stored.max(axis=1) <= 8.0) & (stored[:, -1] >= 4.0)
    if not may:
        can &= (discharge <= np.maximum(base + charge, 0.0)).all(axis=1)
    net = (base + charge - discharge)[can]
    best = float((np.maximum(net, 0.0) @ np.array(prices) - earned * np.maximum(-net, 0.0).sum(axis=1)).min())
    assert found.objective == pytest.approx(best, abs=1e-6)
    exported = np.maximum(-found.net_kw, 0.0)
    assert may or np.minimum(found.discharge_kw, exported).max() < 1e-2


def two_months(rate: float, share: float, blocks: Blocks | None = None) -> DemandCharges:
    """Two months of three hours; the second is billed at least a share of the first one's peak."""
    flat = blocks or Blocks(np.full((1, 2), np.inf), np.full((1, 2), rate))
    free = Blocks(np.full((1, 2), np.inf), np.zeros((1, 2)))
    ratchet = np.array([[0.0, 0.0], [share, 0.0]])
    number = np.array([0, 0, 0, 1, 1, 1])
    return DemandCharges(sparse.csr_array(np.eye(6)), number, free, np.array([0, 1]), flat, np.zeros(2), np.zeros(2),
                         ratchet, np.array([0, 3]), np.array([3, 6]))  # fmt: skip


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("rate", [0.05, 0.5])
def test_a_ratchet_is_in_the_plan_as_enumeration_finds(share: float, rate: float) -> None:
    arrivals, prices = [6, 0, 0, 0, 0, 0], [0.1, 0.1, 0.4, 0.2, 0.3, 0.3]
    case = problem(prices, one_class(arrivals, 5, 6.0), demand=two_months(rate, share))
    found = solve(case)
    exact = case.value(found.work_kw, found.net_kw, found.discharge_kw)
    assert found.objective == pytest.approx(exact, abs=1e-6)
    assert found.objective <= best_of(case, lambda served: 10.0 + served, 5, arrivals) + 1e-6
    if share == 1.0:  # by hand: what the first month's peak costs is paid twice
        high = found.net_kw[:3].max()
        assert case.demand is not None
        assert case.demand.cost(found.import_kw) == pytest.approx(rate * (high + max(high, found.net_kw[3:].max())))


def test_tiers_of_demand_that_rise_are_paid_block_by_block() -> None:
    blocks = Blocks(np.array([[12.0, 12.0], [np.inf, np.inf]]), np.array([[0.1, 0.1], [2.0, 2.0]]))
    assert blocks.convex
    assert blocks.cost(np.array([10.0, 15.0])) == pytest.approx(1.0 + 1.2 + 6.0)
    case = problem([0.1, 0.3, 0.3, 1.0, 1.0, 1.0], one_class([6, 0, 0, 0, 0, 0], 5, 6.0),
                   demand=two_months(0.0, 0.0, blocks))  # fmt: skip
    found = solve(case)
    assert found.work_kw == pytest.approx([2.0, 2.0, 2.0, 0.0, 0.0, 0.0])
    assert found.objective == pytest.approx(case.value(found.work_kw, found.net_kw, found.discharge_kw), abs=1e-6)


@given(st.lists(st.integers(0, 3), min_size=5, max_size=5), st.lists(PRICE, min_size=5, max_size=5),
       st.lists(st.integers(0, 14), min_size=5, max_size=5), st.integers(45, 70))  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_offers_are_taken_up_to_their_amount_as_enumeration_finds(
    arrivals: list[int], prices: list[float], delivered: list[int], block: int
) -> None:
    bought = Offers(sparse.csr_array(np.eye(5)), np.array([delivered], dtype=float), np.full((1, 5), 0.04))
    tier = Offers(sparse.csr_array(np.ones((1, 5))), np.array([[float(block)]]), np.array([[0.02]]))
    case = problem(prices, one_class(arrivals, 4, 6.0), offers=(bought, tier))
    found = solve(case)
    assert found.objective == pytest.approx(best_of(case, lambda served: 10.0 + served, 4, arrivals), abs=1e-6)


def test_a_window_has_its_share_of_a_months_offer() -> None:
    month = Offers(sparse.csr_array(np.ones((1, 10))), np.array([[50.0]]), np.array([[0.02]]))
    assert month.window(2, 6).most_kwh == pytest.approx(np.array([[20.0]]))
    each = Offers(sparse.csr_array(np.eye(10)), np.full((1, 10), 3.0), np.ones((1, 10)))
    assert each.window(2, 6).most_kwh.tolist() == [[3.0] * 4]
    assert each.value(np.full(10, 2.0), 1.0) == pytest.approx(20.0)


def test_a_bound_stays_below_every_way_to_run_a_site_with_a_surplus() -> None:
    """Lines below the site's power, negative prices and export among them."""
    random = np.random.default_rng(4)
    for _ in range(20):
        prices, earned = random.choice([-0.05, 0.0, 0.05, 0.2], 5), float(random.choice([-0.02, 0.0, 0.1]))
        base, arrivals = random.integers(-4, 4, 5).astype(float), random.integers(0, 3, 5).tolist()
        low, high = (Segments(base + by, np.full((1, 5), 1e3), np.ones((1, 5))) for by in (-0.5, 0.5))
        exact = problem(prices, one_class(arrivals, 4, 6.0), facility=Segments(base, low.width_kw, low.slope),
                        export_per_kwh=earned, most_export_kw=2.0)  # fmt: skip
        bound = replace(exact, facility=low, ceiling=high, relaxed=True)
        best = best_of(exact, lambda served, base=base: base + served, 4, arrivals)
        assert solve(bound).least <= best + 1e-9


def test_water_bends_with_the_power_or_by_itself_at_the_same_cost() -> None:
    one, prices = one_class([5, 0, 0, 2], 3, 4.0), [0.3, 0.1, 0.2, 0.1]
    power = bent(4, 10.0, (2.0, 1.1), (1e3, 1.5))
    water = bent(4, 1.0, (2.0, 0.02), (1e3, 0.3))
    split = bent(4, 1.0, (1.0, 0.02), (1.0, 0.02), (1e3, 0.3))
    together, apart = (solve(problem(prices, one, facility=power, water=w)) for w in (water, split))
    assert together.objective == pytest.approx(apart.objective, abs=1e-9)
    case = problem(prices, one, facility=power, water=water)
    assert together.objective == pytest.approx(case.value(together.work_kw, together.net_kw, together.work_kw))


def test_the_meter_is_a_line_where_nothing_is_generated() -> None:
    assert solve(problem([0.1, 0.2], one_class([1, 0], 1), facility=line(2))).choices == 0


@given(st.lists(st.integers(0, 3), min_size=5, max_size=5), st.lists(PRICE, min_size=5, max_size=5),
       st.sampled_from([20.0, 45.0]), st.sampled_from([0.05, 0.3]))  # fmt: skip
@settings(max_examples=20, deadline=None)
def test_falling_prices_of_blocks_that_are_always_filled_are_in_the_plan(
    arrivals: list[int], prices: list[float], block: float, dearer: float
) -> None:
    tier = Offers(sparse.csr_array(np.ones((1, 5))), np.array([[block]]), np.array([[-dearer]]), tariff=True)
    case = problem(prices, one_class(arrivals, 4, 6.0), offers=(tier,))
    found = solve(case)
    assert found.objective == pytest.approx(best_of(case, lambda served: 10.0 + served, 4, arrivals), abs=1e-6)
    assert still_outside(case, (FALLING_ENERGY, "fixed charges")) == ("fixed charges",)
    open_ended = replace(case, offers=(replace(tier, most_kwh=np.array([[55.0]])),))
    assert still_outside(open_ended, (FALLING_ENERGY,)) == (FALLING_ENERGY,)


@pytest.mark.parametrize(("end", "exact"), [(9.0, True), (12.0, False)])
def test_falling_prices_of_demand_are_in_the_plan_below_what_is_always_drawn(end: float, exact: bool) -> None:
    blocks = Blocks(np.array([[end, end], [np.inf, np.inf]]), np.array([[2.0, 2.0], [0.1, 0.1]]))
    case = problem([0.1, 0.3, 0.3, 1.0, 1.0, 1.0], one_class([6, 0, 0, 0, 0, 0], 5, 6.0),
                   demand=two_months(0.0, 0.0, blocks))  # fmt: skip
    found, value = solve(case), case.value
    told = value(found.work_kw, found.net_kw, found.discharge_kw)
    assert (found.objective == pytest.approx(told, abs=1e-6)) == exact
    assert still_outside(case, (FALLING_DEMAND,)) == (() if exact else (FALLING_DEMAND,))
    if exact:
        assert told <= best_of(case, lambda served: 10.0 + served, 5, [6, 0, 0, 0, 0, 0]) + 1e-6
