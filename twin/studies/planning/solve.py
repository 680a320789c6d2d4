"""Solve the program of a plan with HiGHS, and read the plan from it. Batteries that would charge and discharge at once
are given a choice (a binary) in just those steps.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from twin.errors import RunError
from twin.studies.planning.draft import KW_PER_MW, Integers
from twin.studies.planning.model import Program, program
from twin.studies.planning.problem import Problem
from twin.studies.planning.warm import warm

Floats = NDArray[np.float64]
OPTIMAL, INFEASIBLE = 0, 2  # statuses of scipy.optimize.linprog and milp
SIMULTANEOUS_MW = 1e-6  # charge beside discharge below which it is rounding
MOST_ROUNDS = 20
GAP_FRAC = 1e-7  # of the integer program


class Infeasible(RunError):
    """No plan holds all deadlines within capacity."""


@dataclass(frozen=True, eq=False)
class Solution:
    """A plan. Work in its classes' units, power in kW, shape (time,); ``objective`` in the objective's currency.

    ``least`` is a value that no schedule of this problem goes below: the optimum of the program, less all that its
    preference for early work and the gap of its integers could have added.
    ``choices`` counts the steps in which the site had to be forbidden to take and give at once: a battery charge and
    discharge, the meter import and surplus. ``tank_kw`` is what the tank of chilled water takes or saves at the meter.
    """

    served_per_h: dict[str, Floats]
    queue_count: dict[str, Floats]
    work_kw: Floats
    facility_kw: Floats
    charge_kw: Floats
    discharge_kw: Floats
    stored_kwh: Floats
    objective: float
    least: float
    choices: int
    seconds: float
    tank_charge_kw: Floats = field(default_factory=lambda: np.zeros(1))
    tank_discharge_kw: Floats = field(default_factory=lambda: np.zeros(1))
    tank_kwh: Floats = field(default_factory=lambda: np.zeros(1))
    tank_kw: Floats = field(default_factory=lambda: np.zeros(1))
    generated_kw: Floats = field(default_factory=lambda: np.zeros(1))

    @property
    def net_kw(self) -> Floats:
        """Facility, tank, battery and generators at the meter; below zero what the site gives."""
        return self.facility_kw + self.tank_kw + self.charge_kw - self.discharge_kw - self.generated_kw

    @property
    def import_kw(self) -> Floats:
        """What is drawn from the grid."""
        return np.maximum(self.net_kw, 0.0)


def solve(problem: Problem) -> Solution:
    """The best plan; Infeasible where there is none, RunError where the solver fails."""
    start = time.perf_counter()
    linear = program(problem)
    x = _linear(linear)
    choose: Integers = np.zeros(0, dtype=np.int64)
    for _ in range(MOST_ROUNDS):
        both = _both(linear, x)
        if not both.size:
            break
        choose = np.union1d(choose, both)
        x = _with_choices(linear, choose)
    else:
        raise RunError(f"the site would take and give at once after {MOST_ROUNDS} rounds")
    return _read(problem, linear, x, choose.size, time.perf_counter() - start)


def _linear(p: Program) -> Floats:
    found: Any = _from_months(p)
    if found is not None:
        return np.asarray(found, dtype=float)
    bounds: Any = np.stack([p.low, p.high], axis=1)
    below: Any = p.below  # stubs know no sparse matrices here
    equal: Any = p.equal
    found = linprog(p.cost, below, p.below_to, equal, p.equal_to, bounds, method="highs-ds")
    return _answer(found)


def _from_months(p: Program) -> Floats | None:
    """The whole from its months, where that is possible."""
    rows = sparse.vstack([p.equal, p.below]).tocsr()
    least = np.concatenate([p.equal_to, np.full(p.below_to.size, -np.inf)])
    return warm(p.cost, rows, least, np.concatenate([p.equal_to, p.below_to]), p.low, p.high, p.part)


def _answer(found: Any) -> Floats:
    status, message = found.status, found.message
    if status == INFEASIBLE:
        raise Infeasible("no plan holds all deadlines within the devices that are free")
    if status != OPTIMAL:
        raise RunError(f"the plan was not solved: {message}")
    return np.asarray(found.x, dtype=float)


def _both(p: Program, x: Floats) -> Integers:
    """Pairs of which neither is zero: a battery that charges and discharges, import beside a surplus."""
    first, second = p.either.T
    return np.flatnonzero(np.minimum(x[first], x[second]) > SIMULTANEOUS_MW)


def _with_choices(p: Program, choose: Integers) -> Floats:
    """Solve again with one binary for each pair in ``choose``: 1 has the first, 0 the second."""
    n, k = p.cost.size, choose.size
    row, binary, (first, second) = np.arange(k), n + np.arange(k), p.either[choose].T
    ones, rows = np.ones(k), np.r_[row, row]
    one = sparse.csr_array((np.r_[ones, -p.high[first]], (rows, np.r_[first, binary])), shape=(k, n + k))
    other = sparse.csr_array((np.r_[ones, p.high[second]], (rows, np.r_[second, binary])), shape=(k, n + k))
    wide = [sparse.hstack([m, sparse.csr_array((m.shape[0], k))]) for m in (p.equal, p.below)]
    limits = [
        LinearConstraint(wide[0], p.equal_to, p.equal_to), LinearConstraint(wide[1], -np.inf, p.below_to),
        LinearConstraint(one, -np.inf, 0.0), LinearConstraint(other, -np.inf, p.high[second]),
    ]  # fmt: skip
    whole = np.r_[np.zeros(n), np.ones(k)]
    bounds = Bounds(np.r_[p.low, np.zeros(k)], np.r_[p.high, np.ones(k)])
    found = milp(np.r_[p.cost, np.zeros(k)], integrality=whole, bounds=bounds, constraints=limits,
                 options={"mip_rel_gap": GAP_FRAC})  # fmt: skip
    return _answer(found)[:n]


def _read(problem: Problem, p: Program, x: Floats, choices: int, seconds: float) -> Solution:
    count = problem.count

    def part(name: str, i: int = 0) -> Floats:
        return x[p.at[name] + i * count :][:count]

    served, queue, work_kw = {}, {}, np.zeros(count)
    for i, (one, mw) in enumerate(zip(problem.classes, p.scale, strict=True)):
        served[one.name] = np.maximum(part("served", i), 0.0) / mw
        queue[one.name] = np.maximum(part("waiting", i), 0.0) / mw
        work_kw += served[one.name] * one.kw_per_rate
    none = np.zeros(count)
    charge, discharge, stored = (
        (np.maximum(part(name), 0.0) * KW_PER_MW for name in ("charge", "discharge", "stored"))
        if problem.battery
        else (none, none, none)
    )
    facility = np.where(problem.price_per_kwh < 0.0, problem.ceiling.at(work_kw), problem.facility.at(work_kw))
    whole = float(p.cost @ x)
    objective = whole - float(p.tie @ x) + p.constant
    preferred = p.tie > 0.0
    least = whole - float(p.tie[preferred] @ p.high[preferred]) - GAP_FRAC * abs(whole) + p.constant
    tank = {"generated_kw": np.maximum(part("generated"), 0.0) * KW_PER_MW} if problem.generator else {}
    if problem.tank is not None:
        into, out, held = (np.maximum(part(name), 0.0) * KW_PER_MW for name in ("tank_in", "tank_out", "tank"))
        power = problem.tank.kw_per_charge * into - problem.tank.kw_per_discharge * out
        tank |= {"tank_charge_kw": into, "tank_discharge_kw": out, "tank_kwh": held, "tank_kw": power}
    return Solution(served, queue, work_kw, facility, charge, discharge, stored, objective, least, choices, seconds,
                    **tank)  # fmt: skip
