"""Work beyond its deadline, by class: how much, for how long, and what the scenario's price of delay makes of it.

Work is counted by the energy that its devices usually take for it, as what is left at the end of a run is. Delay is
counted at the end of each step: an amount that is done in the step in which it falls due is not late.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from twin.scenario.model import Scenario
from twin.studies.planning.hull import Segments
from twin.studies.planning.problem import PlannedClass, Problem
from twin.studies.planning.solve import Infeasible, Solution, solve

Floats = NDArray[np.float64]
ROUNDING = 1e-6  # of what may wait at most: less is rounding of the solver, and not late
REST_FRAC, REST_KWH = 1e-9, 1e-6  # by which the least rest may be exceeded, so that rounding does not forbid it


@dataclass(frozen=True)
class Late:
    """Work of a class that was not done by its deadline.

    ``missed_kwh`` passed it, ``late_kwh_h`` is what waited beyond it times how long, ``cost`` that at its price.
    """

    missed_kwh: float
    late_kwh_h: float
    cost: float

    @property
    def mean_h(self) -> float:
        """Mean delay beyond the deadline of what passed it."""
        return self.late_kwh_h / self.missed_kwh if self.missed_kwh > 0.0 else 0.0


def late_prices(scenario: Scenario) -> dict[str, float]:
    """Price of an hour of delay for each kWh, of the classes that have one."""
    priced = {name: work.late_per_kwh_h for name, work in scenario.workloads.items()}
    return {name: price for name, price in priced.items() if price is not None}


def usual_kw(one: PlannedClass) -> float:
    """Energy that devices usually take for a unit of work: limits change it over time, equal work must count alike."""
    return float(one.kw_per_rate.mean())


def late_count(one: PlannedClass, queue_count: Floats) -> Floats:
    """Work that waits beyond its deadline at the end of each step, shape (time,)."""
    beyond = np.maximum(queue_count - one.waiting_count, 0.0)
    most = max(float(one.waiting_count.max(initial=0.0)), float(one.arrivals_per_h.max(initial=0.0)))
    return np.where(beyond > ROUNDING * most, beyond, 0.0)


def late_work(
    classes: Iterable[PlannedClass], prices: Mapping[str, float], queue_count: Mapping[str, Floats],
    served_per_h: Mapping[str, Floats], dt_h: float,
) -> dict[str, Late]:  # fmt: skip
    """What was late of each class that has a price, from its queue and what was done in each step."""
    return {one.name: _late(one, prices[one.name], queue_count[one.name], served_per_h[one.name], dt_h)
            for one in classes if one.name in prices}  # fmt: skip


def _late(one: PlannedClass, per_kwh_h: float, queue_count: Floats, served_per_h: Floats, dt_h: float) -> Late:
    late, usual = late_count(one, queue_count), usual_kw(one)
    still = np.maximum(np.concatenate([[0.0], late[:-1]]) - served_per_h * dt_h, 0.0)
    missed = float(np.maximum(late - still, 0.0).sum()) * usual
    waited = float(late.sum()) * dt_h * usual
    return Late(missed, waited, per_kwh_h * waited)


def solved(problem: Problem) -> Solution:
    """The best plan. Where work with a price of delay cannot all be done by the end, the least possible is left over.

    Raises Infeasible where work without such a price cannot be done in time.
    """
    try:
        return solve(problem)
    except Infeasible:
        if not problem.late_per_unit_h:
            raise
    return solve(replace(problem, rest_kwh=least_rest_kwh(problem) * (1.0 + REST_FRAC) + REST_KWH))


def least_rest_kwh(problem: Problem) -> float:
    """Least work with a price of delay that must be left over at the end, whatever the rest costs."""
    none = np.zeros((1, problem.count))
    flat = Segments(none[0], none, none)
    bare = replace(
        problem, facility=flat, ceiling=flat, water=None, price_per_kwh=none[0], demand=None, offers=(), response=None,
        lowest=None, peak_per_kw=0.0, battery=None, tank=None, generator=None, rest_kwh=np.inf, rest_per_kwh=1.0,
        late_per_unit_h=dict.fromkeys(problem.late_per_unit_h, 0.0))  # fmt: skip
    return solve(bare).objective


def late_value(problem: Problem, queue_count: Mapping[str, Floats]) -> float:
    """What the delay of a schedule costs in the objective."""
    return sum(problem.late_per_unit_h[one.name] * float(late_count(one, queue_count[one.name]).sum()) * problem.dt_h
               for one in problem.classes if one.name in problem.late_per_unit_h)  # fmt: skip


def left_kwh(problem: Problem, plan: Solution) -> float:
    """Work with a price of delay that a plan leaves over at the end."""
    return sum(float(plan.queue_count[one.name][-1]) * usual_kw(one)
               for one in problem.classes if one.name in problem.late_per_unit_h)  # fmt: skip
