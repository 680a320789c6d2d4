"""Solve the program of a plan with HiGHS, and read the plan from it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from twin.studies.planning.choices import GAP_FRAC, Chosen, Infeasible, Optimum, answer, chosen
from twin.studies.planning.draft import KW_PER_MW
from twin.studies.planning.model import Program, program
from twin.studies.planning.problem import Problem
from twin.studies.planning.warm import warm

Floats = NDArray[np.float64]
__all__ = ["Infeasible", "Solution", "solve"]


@dataclass(frozen=True, eq=False)
class Solution:
    """A plan. Work in its classes' units, power in kW, shape (time,); ``objective`` in the objective's currency.

    ``least`` is a value that no schedule of this problem goes below: the optimum of the program, less all that its
    preference for early work and the gap of its integers could have added.
    ``choices`` counts the steps in which the site had to be forbidden to take and give at once: a battery charge and
    discharge, the meter import and surplus. ``gap_frac`` is how much less than this plan, over it, the best one could
    cost: of long programs with choices, which are solved in windows. ``tank_kw`` is what the tank of chilled water
    takes or saves at the meter.
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
    gap_frac: float
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
    found = chosen(linear, _linear(linear), problem.dt_h)
    return _read(problem, linear, found, time.perf_counter() - start)


def _linear(p: Program) -> Optimum:
    found: Any = _from_months(p)
    if found is not None:
        return Optimum(*found)
    bounds: Any = np.stack([p.low, p.high], axis=1)
    below: Any = p.below  # stubs know no sparse matrices here
    equal: Any = p.equal
    found = linprog(p.cost, below, p.below_to, equal, p.equal_to, bounds, method="highs-ds")
    x = answer(found)
    return Optimum(x, np.concatenate([found.eqlin.marginals, found.ineqlin.marginals]))


def _from_months(p: Program) -> tuple[Floats, Floats] | None:
    """The whole from its months, where that is possible."""
    return warm(p.cost, p.rows, p.least, p.most, p.low, p.high, p.part)


def _read(problem: Problem, p: Program, found: Chosen, seconds: float) -> Solution:
    count, x = problem.count, found.x

    def part(name: str, i: int = 0) -> Floats:
        return x[p.at[name] + i * count :][:count]

    served, queue, work_kw = {}, {}, np.zeros(count)
    for i, (one, mw) in enumerate(zip(problem.classes, p.scale, strict=True)):
        served[one.name] = np.maximum(part("served", i), 0.0) / mw
        queue[one.name] = np.maximum(part("waiting", i), 0.0) / mw
        if one.name in problem.late_per_unit_h:
            queue[one.name] += np.maximum(part("late", i), 0.0) / mw
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
    least = found.least - float(p.tie[preferred] @ p.high[preferred]) - GAP_FRAC * abs(whole) + p.constant
    gap_frac = max(whole - found.least, 0.0) / max(abs(whole + p.constant), 1e-12)
    others = _tank(problem, p, x)
    if problem.generator:
        others["generated_kw"] = np.maximum(part("generated"), 0.0) * KW_PER_MW
    return Solution(served, queue, work_kw, facility, charge, discharge, stored, objective, least, found.choices,
                    seconds, gap_frac, **others)  # fmt: skip


def _tank(problem: Problem, p: Program, x: Floats) -> dict[str, Floats]:
    """Cooling put in, taken out and held, and power at the meter."""
    if problem.tank_lines is None:
        return {}
    into, out = (np.maximum(x[p.at[a] : p.at[b]], 0.0).reshape(-1, problem.count) * KW_PER_MW
                 for a, b in (("tank_in", "tank_out"), ("tank_out", "tank")))  # fmt: skip
    power = (problem.tank_lines[0].slope * into).sum(axis=0) - (problem.tank_lines[1].slope * out).sum(axis=0)
    held = np.maximum(x[p.at["tank"] :][: problem.count], 0.0) * KW_PER_MW
    return {"tank_charge_kw": into.sum(axis=0), "tank_discharge_kw": out.sum(axis=0), "tank_kwh": held,
            "tank_kw": power}  # fmt: skip
