"""Plans are optimal: small cases equal enumeration in cost, and batteries neither gain energy nor run both ways."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.studies.planning.cases import bent, line, monthly, one_class, problem
from twin.studies.planning.hull import Segments
from twin.studies.planning.problem import PlannedBattery
from twin.studies.planning.solve import Infeasible, solve

whole = st.integers(0, 4)
price = st.sampled_from([-0.05, 0.0, 0.02, 0.1, 0.3, 1.0])


def served_in_whole_units(arrivals: list[int], slack: int, most: int) -> Any:
    """Every way to serve a class in whole units, within its deadlines, with nothing left at the end."""
    last = len(arrivals) - 1
    for served in product(range(most + 1), repeat=len(arrivals)):
        waiting, fits = 0, True
        for t, amount in enumerate(served):
            waiting += arrivals[t] - amount
            recent = sum(arrivals[max(t - slack + 1, 0) : t + 1]) if slack else 0
            if not 0 <= waiting <= (0 if t == last else recent):
                fits = False
                break
        if fits:
            yield np.array(served, dtype=float)


def energy_cost(served: Any, prices: Any, facility: Segments) -> float:
    return float(np.dot(prices, facility.at(served)))


@given(st.lists(whole, min_size=5, max_size=5), st.lists(price, min_size=5, max_size=5), st.integers(0, 4))
@settings(max_examples=60, deadline=None)
def test_a_class_on_bent_facility_power_costs_what_enumeration_finds(
    arrivals: list[int], prices: list[float], slack: int
) -> None:
    convex = bent(5, 10.0, (2.0, 1.1), (2.0, 1.3), (1e3, 1.6))
    concave = bent(5, 10.0, (2.0, 1.6), (2.0, 1.3), (1e3, 1.1))
    best = min((sum(p * (concave if p < 0 else convex).at(served)[t] for t, p in enumerate(prices))
                for served in served_in_whole_units(arrivals, slack, 5)), default=None)  # fmt: skip
    one = one_class(arrivals, slack, most_kw=5.0)
    if best is None:
        with pytest.raises(Infeasible):
            solve(problem(prices, one, facility=convex, ceiling=concave))
        return
    found = solve(problem(prices, one, facility=convex, ceiling=concave))
    assert found.objective == pytest.approx(best, abs=1e-6)
    assert sum(found.served_per_h["batch"]) == pytest.approx(sum(arrivals))


@given(st.lists(whole, min_size=4, max_size=4), st.lists(whole, min_size=4, max_size=4),
       st.lists(price, min_size=4, max_size=4), st.integers(1, 3), st.integers(0, 2))  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_two_classes_that_share_devices_cost_what_enumeration_finds(
    first: list[int], second: list[int], prices: list[float], slack: int, other: int
) -> None:
    best = min((energy_cost(a + b, prices, line(4)) for a in served_in_whole_units(first, slack, 6)
                for b in served_in_whole_units(second, other, 6) if (a + b).max() <= 6), default=None)  # fmt: skip
    classes = (one_class(first, slack, 6.0, "one"), one_class(second, other, 6.0, "two"))
    if best is None:
        with pytest.raises(Infeasible):
            solve(problem(prices, *classes))
        return
    assert solve(problem(prices, *classes)).objective == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("rate", [0.0, 0.05, 0.4, 3.0])
@pytest.mark.parametrize("prices", [[0.1, 0.1, 0.1, 0.1], [0.3, 0.1, 0.2, 0.15], [0.1, 0.3, 0.3, 0.1]])
def test_a_demand_charge_flattens_as_enumeration_finds(rate: float, prices: list[float]) -> None:
    """Twelve units may be spread over up to four hours: over one to four they are whole numbers in each."""
    arrivals = [12, 0, 0, 0]
    ways = served_in_whole_units(arrivals, 4, 12)
    best = min(float(np.dot(prices, 10.0 + served)) + rate * float((10.0 + served).max()) for served in ways)
    found = solve(problem(prices, one_class(arrivals, 4), demand=monthly(4, rate)))
    assert found.objective == pytest.approx(best, abs=1e-6)


def battery_by_enumeration(prices: list[float], battery: PlannedBattery, load_kw: float) -> float:
    """Least cost over all states of charge on a fine grid; in each step it does one thing only."""
    grid = np.linspace(battery.least_frac, battery.most_frac, 33) * battery.energy_kwh
    cost = np.where(np.isclose(grid, battery.start_kwh), 0.0, np.inf)
    change = grid[None, :] - grid[:, None]  # from, to
    charge = np.where(change > 0, change / battery.charge_frac, 0.0)
    discharge = np.where(change < 0, -change * battery.discharge_frac, 0.0)
    can = (charge <= battery.power_kw + 1e-9) & (discharge <= min(battery.power_kw, load_kw) + 1e-9)
    for value in prices:
        step = value * (load_kw + charge - discharge) + battery.wear_per_kwh * discharge
        cost = np.min(cost[:, None] + np.where(can, step, np.inf), axis=0)
    return float(np.min(cost[grid >= battery.start_kwh - 1e-9]))


@given(st.lists(price, min_size=6, max_size=6), st.sampled_from([0.0, 0.02]))
@settings(max_examples=60, deadline=None)
def test_a_battery_costs_what_enumeration_finds_at_negative_prices_too(prices: list[float], wear: float) -> None:
    battery = PlannedBattery(4.0, 8.0, 0.5, 0.5, 0.0, 1.0, 0.5, wear)  # steps of a quarter: power of 4 is 2 stored
    found = solve(problem(prices, battery=battery))
    assert found.objective == pytest.approx(battery_by_enumeration(prices, battery, 10.0), abs=1e-6)
    assert np.minimum(found.charge_kw, found.discharge_kw).max() < 1e-2
    gained = found.charge_kw * 0.5 - found.discharge_kw / 0.5
    assert np.diff(np.concatenate([[4.0], found.stored_kwh])) == pytest.approx(gained, abs=1e-6)
    assert found.stored_kwh[-1] >= 4.0 - 1e-6


def test_a_choice_is_made_only_where_both_would_pay() -> None:
    battery = PlannedBattery(4.0, 8.0, 0.9, 0.9, 0.0, 1.0, 0.5)
    assert solve(problem([0.1, 0.3, 0.1, 0.3], battery=battery)).choices == 0
    assert 0 < solve(problem([0.1, *[-0.3] * 5], battery=battery)).choices <= 5


def test_elastic_deadlines_cost_what_they_are_worth() -> None:
    late = one_class([8, 0, 0, 0], 0, most_kw=2.0)
    with pytest.raises(Infeasible):
        solve(problem([0.0] * 4, late))
    found = solve(problem([0.0] * 4, late, late_per_unit_h={"batch": 3.0}))
    assert found.objective == pytest.approx(3.0 * (6 + 4 + 2), abs=1e-6)


def test_carried_peaks_are_free_to_use() -> None:
    one = one_class([6, 0, 0], 3)
    free = problem([0.1, 0.3, 0.3], one, demand=monthly(3, 1.0))
    carried = problem([0.1, 0.3, 0.3], one, demand=monthly(3, 1.0), carried_peak_kw=np.array([16.0]),
                      carried_month_kw=np.array([16.0]))  # fmt: skip
    assert solve(free).facility_kw.max() == pytest.approx(12.0)
    assert solve(carried).served_per_h["batch"] == pytest.approx([6.0, 0.0, 0.0])


def test_the_preference_for_early_work_does_not_raise_the_bound() -> None:
    one = one_class([4, 3, 0, 2, 0, 0], 3, most_kw=3.0)
    prices = [0.3, 0.1, 0.25, 0.1, 0.3, 0.05]
    exact, rough = (solve(problem(prices, one, tie_frac=tie)) for tie in (0.0, 1e-2))
    assert rough.objective >= exact.objective - 1e-9
    assert rough.least <= exact.objective
    assert exact.least == pytest.approx(exact.objective, rel=1e-6)


def test_of_equal_plans_the_earliest_is_made() -> None:
    found = solve(problem([0.1] * 5, one_class([4, 0, 0, 0, 0], 5, most_kw=2.0), tie_frac=1e-6))
    assert found.served_per_h["batch"] == pytest.approx([2.0, 2.0, 0.0, 0.0, 0.0])
