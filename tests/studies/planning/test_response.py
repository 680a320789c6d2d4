"""Demand response and lowest bills in plans: as enumeration finds, and as the bill has them."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.studies.planning.cases import monthly, one_class, problem
from tests.studies.planning.sites import site
from tests.studies.planning.test_terms import TOU, axis_of_run, left_over, tariff, tiered
from twin.components.grid.contracts import DemandResponse, Event
from twin.series.axis import TimeAxis
from twin.studies.planning.lowest import LowestBills
from twin.studies.planning.model import program
from twin.studies.planning.plan import Weights, problem_of, signals_of
from twin.studies.planning.problem import PlannedBattery
from twin.studies.planning.response import Response
from twin.studies.planning.rolling import Rolling, roll
from twin.studies.planning.sampling import sample
from twin.studies.planning.settling import SETTLED_FRAC, settled
from twin.studies.planning.solve import solve
from twin.studies.planning.study import PlanStudy, plan_study

AXIS = TimeAxis(np.datetime64("2025-03-04T00:00", "ns"), 3600.0, 5)
WAYS = np.array(list(product(range(5), repeat=5)), dtype=float)
PRICE = st.sampled_from([-0.05, 0.0, 0.02, 0.1, 0.3])


def calls(steps: list[int], baseline_kw: float, gain: float, committed_kw: float = 3.0) -> Response:
    """One call over some steps."""
    terms = DemandResponse(committed_kw=committed_kw, energy_per_kwh=gain, penalty_per_kwh=0.5 * gain,
                           baseline_kw=baseline_kw, events=(Event(at="2025-03-04 01:00", duration_h=2.0),))  # fmt: skip
    at, zero = np.array(steps), np.zeros(len(steps), dtype=np.int64)
    return Response(terms, AXIS, "UTC", zero, at, np.ones(at.size), np.full(at.size, baseline_kw))


def best(case: Any, arrivals: list[int], slack: int) -> float:
    """Least value of all ways to serve in whole units."""
    came, done = np.cumsum(arrivals), np.cumsum(WAYS, axis=1)
    due = np.concatenate([np.zeros(slack), came])[:5]
    can = (done <= came).all(axis=1) & (done >= due).all(axis=1) & (done[:, -1] == came[-1])
    return min((case.value(way, 10.0 + way, 0.0 * way) for way in WAYS[can]), default=np.inf)


@given(st.lists(st.integers(0, 3), min_size=5, max_size=5), st.lists(PRICE, min_size=5, max_size=5),
       st.sampled_from([9.0, 11.0, 13.0, 16.0]), st.sampled_from([0.05, 0.4]))  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_calls_are_answered_as_enumeration_finds(
    arrivals: list[int], prices: list[float], baseline: float, gain: float
) -> None:
    arrivals[-1] = 0
    case = problem(prices, one_class(arrivals, 3, 4.0), response=calls([1, 2], baseline, gain))
    least = best(case, arrivals, 3)
    if not np.isfinite(least):
        return
    found = solve(case)
    assert found.objective == pytest.approx(least, abs=1e-6)
    assert found.objective == pytest.approx(case.value(found.work_kw, found.net_kw, found.discharge_kw), abs=1e-6)


def test_what_is_drawn_above_the_baseline_is_not_paid_for_and_not_fined_twice() -> None:
    """By hand: four units in one hour at 14 kW against a baseline of 12; three promised, none given."""
    case = problem([0.1, 0.1], one_class([4, 0], 0, 4.0), response=calls([0], 12.0, 1.0))
    assert solve(case).objective == pytest.approx(0.1 * 24.0 + 0.5 * 3.0)


def test_a_call_at_a_price_below_nothing_has_its_limit_of_both_once() -> None:
    case = problem([-0.05, -0.1, 0.1], one_class([3, 0, 0], 2, 4.0), response=calls([0, 1, 2], 12.0, 0.4))
    made = program(case)
    rows = np.column_stack([made.below.toarray(), made.below_to])
    assert len(np.unique(rows, axis=0)) == len(rows)
    both = (rows[:, made.at["cut"] : made.at["over"]] > 0.0) & (rows[:, made.at["over"] : made.at["charged"]] > 0.0)
    assert both.sum(axis=0).tolist() == [1, 1, 1]


@given(st.lists(st.integers(0, 3), min_size=5, max_size=5), st.lists(PRICE, min_size=5, max_size=5),
       st.sampled_from([0.5, 4.0, 12.0]), st.sampled_from([0.0, 0.3]), st.sampled_from([None, 15.0]))  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_a_lowest_bill_is_in_the_plan_as_enumeration_finds(
    arrivals: list[int], prices: list[float], floor: float, rate: float, year: float | None
) -> None:
    arrivals[-1] = 0
    bills = LowestBills(np.array(prices), np.zeros(5, dtype=np.int64), np.array([floor]), year, np.ones(1))
    case = problem(prices, one_class(arrivals, 3, 4.0), demand=monthly(5, rate), lowest=bills)
    least = best(case, arrivals, 3)
    if not np.isfinite(least):
        return
    found = solve(case)
    assert found.objective <= least + 1e-6, "a peak of divisible work may lie between whole units"
    assert rate > 0.0 or found.objective == pytest.approx(least, abs=1e-6)
    assert found.objective == pytest.approx(case.value(found.work_kw, found.net_kw, found.discharge_kw), abs=1e-6)
    free = solve(replace(case, lowest=None))
    assert found.objective >= max(free.objective, floor if year is None else max(floor, year)) - 1e-6


LOWEST = TOU | {"minimum_per_month": 6000.0, "minimum_per_year": 90000.0, "fixed_per_month": 40.0}


@pytest.mark.parametrize("overrides", [
    ("run.start=2025-03-15", "run.duration=30d", f"grid.tariff={LOWEST}"),
    ("run.start=2025-01-01", "run.duration=365d", f"grid.tariff={LOWEST}",
     "grid.contracts.escalation={per_year_frac: 0.03, from_year: 2021}"),
    ("run.start=2025-03-15", "run.duration=30d", tiered((40000, 0.06)).replace("{kind: tou,",
     "{kind: tou, minimum_per_month: 8000, tax_frac: 0.04,")),
    ("run.start=2025-03-15", "run.duration=30d", tariff(ratchet={"peak_frac": 0.8}),
     "grid.contracts.demand_response={committed_kw: 90, energy_per_kwh: 0.5, penalty_per_kwh: 0.2, baseline_kw: 300, "
     "events: [{at: 2025-03-20 13:30, duration_h: 2.5}, {at: 2025-04-02 08:00, duration_h: 1}]}"),
    ("run.start=2025-03-15", "run.duration=30d", tariff(),
     "grid.contracts.demand_response={committed_kw: 90, energy_per_kwh: 0.5, capacity_per_kw: 4, "
     "events: [{at: 2025-03-26 13:30, duration_h: 2.5}, {at: 2025-04-02 08:00, duration_h: 1}]}"),
])  # fmt: skip
def test_what_a_schedule_changes_of_them_is_in_the_objective(overrides: tuple[str, ...]) -> None:
    left, signals = left_over(site(*overrides), 1, 2, 3)
    assert left == pytest.approx([left[0]] * 3, abs=1e-9 * abs(left[0]) + 1e-6)
    assert bool(signals.terms.outside) == (abs(left[0]) > 1e-6)


EVENTS = "events: [{at: 2025-04-01 13:00, duration_h: 3}, {at: 2025-04-02 14:00, duration_h: 2}]"
PROGRAMME = f"{{committed_kw: 60, energy_per_kwh: 0.6, penalty_per_kwh: 0.3, {EVENTS}}}"


def called(*overrides: str) -> Any:
    settings = ("run.duration=15d", f"grid.contracts.demand_response={PROGRAMME}", *overrides)
    return site(*settings)


def response_cost(study: PlanStudy, way: Any) -> float:
    assert study.signals.response is not None
    return study.signals.response.cost(way.import_kw)


@pytest.fixture(scope="module")
def study() -> PlanStudy:
    return plan_study(called(), battery=PlannedBattery(30.0, 90.0))


def test_what_the_plan_has_of_demand_response_is_what_is_billed(study: PlanStudy) -> None:
    for way in (study.submitted, study.planned, study.realised):
        assert response_cost(study, way) == pytest.approx(way.contracts_cost, abs=1e-6)
    assert study.realised.contracts_cost < study.submitted.contracts_cost
    assert study.realised.contracts_cost == pytest.approx(study.planned.contracts_cost, abs=1.0)
    assert study.plan.objective == pytest.approx(study.planned.objective, rel=1e-6)
    assert study.realised.objective >= study.bound
    deaf = plan_study(called().model_copy(update={"grid": site("run.duration=15d").grid}),
                      battery=PlannedBattery(30.0, 90.0), samples=study.samples)  # fmt: skip
    assert response_cost(study, study.realised) < response_cost(study, deaf.realised) - 10.0


@pytest.mark.slow
def test_the_baseline_is_that_of_the_plans_own_days(study: PlanStudy) -> None:
    assert study.problem.response is not None
    again = settled(study.problem)
    assert again.objective == pytest.approx(study.plan.objective, rel=1e-9)
    held = study.problem.response.held(study.problem.response.baseline_of(again.import_kw))
    assert solve(replace(study.problem, response=held)).objective == pytest.approx(again.objective, rel=SETTLED_FRAC)


@pytest.mark.slow
def test_rolling_plans_answer_calls_within_their_horizon(study: PlanStudy) -> None:
    rolled = plan_study(called(), battery=PlannedBattery(30.0, 90.0), samples=study.samples, rolling=Rolling(72.0))
    assert rolled.realised.contracts_cost < study.submitted.contracts_cost
    assert "rolling plans see calls of demand response within their horizon" in rolled.notes


def test_a_lowest_bill_that_binds_leaves_nothing_to_gain_below_it() -> None:
    low = site("run.duration=5d", f"grid.tariff={TOU | {'minimum_per_month': 1e6}}")
    found = plan_study(low)
    assert axis_of_run(low).count == found.samples.axis.count
    assert found.realised.objective == pytest.approx(found.submitted.objective, rel=1e-9)
    assert found.realised.objective == pytest.approx(found.bound, rel=1e-6)
    assert found.realised.objective == pytest.approx(found.realised.total_cost, rel=1e-9)


def test_a_rolling_plan_knows_what_a_lowest_bill_still_asks_for() -> None:
    """By hand: 100 at least, 40 charged before, and half of the month's rest within the horizon."""
    bills = LowestBills(np.full(6, 0.1), np.array([0, 0, 0, 1, 1, 1]), np.array([100.0, 80.0]), 500.0, np.ones(2))
    ahead = bills.window(1, np.array([0.3, 0.2]), np.array([40.0, 0.0]), np.array([0.5, 0.0]))
    assert ahead.month_floor == pytest.approx([30.0, 0.0])
    assert ahead.month.tolist() == [0, 0]
    assert ahead.price_per_kwh == pytest.approx([0.3, 0.2])
    assert ahead.year_floor is None


@pytest.mark.slow
@pytest.mark.parametrize("overrides", [
    (f"grid.tariff={TOU | {'minimum_per_month': 23000.0}}",),
    (tiered((40000, 0.06)).replace("{kind: tou,", "{kind: tou, minimum_per_month: 30000, tax_frac: 0.04,"),),
])  # fmt: skip
def test_one_rolling_plan_over_all_months_has_their_lowest_bills_as_the_plan_has(overrides: tuple[str, ...]) -> None:
    found = plan_study(site("run.start=2025-03-27", "run.duration=9d", *overrides), rolling=Rolling(216.0, 216.0))
    assert found.cycles == 1
    assert found.problem.lowest is not None
    floor, charges = found.problem.lowest.month_floor, found.problem._charges(found.planned.import_kw)
    assert (charges <= floor * (1.0 + 1e-6)).any(), "a lowest bill binds"
    assert found.foresight is not None
    assert found.plan.objective == pytest.approx(found.foresight.objective, rel=2e-3)
    assert any("have of each month's lowest bill" in note for note in found.notes)


@pytest.mark.slow
def test_rolling_plans_leave_money_that_a_lowest_bill_takes_anyway() -> None:
    """Energy below the lowest bill is free, so only the peak counts that has a weight of its own."""
    low = site("run.duration=6d", f"grid.tariff={TOU | {'minimum_per_month': 1e5, 'demand': {}}}")
    samples = sample(low)
    signals = signals_of(low, samples, Weights(1.0, 0.0, 0.5))
    whole = problem_of(samples, signals)
    knows, not_ = (roll(low, case, signals, samples.axis, Rolling(72.0)).plan.import_kw.max()
                   for case in (whole, replace(whole, lowest=None)))  # fmt: skip
    assert knows < 0.95 * not_


def test_falling_tiers_that_the_site_always_fills_are_planned_as_they_are_billed() -> None:
    falling = tiered((1000, 0.2), (2500, 0.15)).replace("{kind: tou,", "{kind: tou, demand: {demand_interval_min: 60, "
        "flat: [{base_per_kw: 2, tiers: [{up_to_kw: 40, base_per_kw: 6}]}]},")  # fmt: skip
    found = plan_study(site("run.duration=5d", falling))
    assert found.signals.outside == ()
    assert found.plan.objective == pytest.approx(found.planned.objective, abs=1e-6)
    assert found.planned.objective == pytest.approx(found.planned.total_cost, abs=1e-6)
    assert found.realised.objective == pytest.approx(found.bound, rel=0.01)
    assert found.realised.objective >= found.bound
