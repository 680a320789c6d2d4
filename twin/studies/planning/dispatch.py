"""From a plan to jobs: which job of a trace starts when, so that whole jobs follow what the plan has of divisible work.

A job holds its units from start to end and is not stopped. As it becomes ready, it is given the start within its slack
at which the plan has most room left for it, among those at which it fits under the limit (devices that are free, and
the planned peak); where it fits nowhere, the start at which it is least above it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.components.work.demand import JobTrace
from twin.engine.work_courses import schedule_of
from twin.scenario.model import Scenario
from twin.studies.delay import ROUNDING_SINGLE, longest_delay_h
from twin.studies.planning.lateness import late_count
from twin.studies.planning.problem import PlannedClass, Problem
from twin.studies.planning.solve import Solution
from twin.units import SECONDS_PER_HOUR

Floats = NDArray[np.float64]
ROOM = 1e-9  # units by which rounding may exceed a limit
LEAST_SLOPE = 1.0  # kW at the meter for a kW of devices, where the hull says less


@dataclass(frozen=True, eq=False)
class Work:
    """Jobs that are to start: when each is ready and must start at the latest, how long it runs, what it holds."""

    ready_s: Floats
    latest_s: Floats
    run_s: Floats
    units_count: Floats


@dataclass(frozen=True, eq=False)
class Dispatched:
    """Start of each job, units busy in each step, and the number of jobs that fit nowhere under the limit.

    ``gap_frac`` is the work that lies in other steps than planned, over all work.
    """

    start_s: Floats
    units: Floats
    forced_count: int
    gap_frac: float


def dispatch(work: Work, planned_units: Floats, limit_units: Floats, step_s: float) -> Dispatched:
    """Give each job, as it becomes ready, its best start. ``planned_units`` and ``limit_units`` have a value per step.

    Jobs may run beyond the last step; what lies there is not in ``units``.
    """
    busy = np.zeros(planned_units.size)
    starts = np.empty(work.ready_s.size)
    forced = 0
    for job in np.lexsort((work.latest_s, work.ready_s)):
        candidates = _candidates(float(work.ready_s[job]), float(work.latest_s[job]), step_s)
        run_s, units = float(work.run_s[job]), float(work.units_count[job])
        room = np.clip(planned_units - busy, 0.0, units)
        over = np.maximum(busy + units - limit_units - ROOM, 0.0)
        covered, excess = (_over_spans(values, candidates / step_s, run_s / step_s) for values in (room, over))
        fits = excess <= ROOM
        forced += not fits.any()
        best = np.argmax(np.where(fits, covered, -np.inf)) if fits.any() else np.argmin(excess)
        starts[job] = candidates[best]
        where, share = _steps(float(starts[job]), float(starts[job]) + run_s, step_s, busy.size)
        busy[where] += units * share
    total = max(float(planned_units.sum()), 1e-300)
    return Dispatched(starts, busy, forced, 0.5 * float(np.abs(busy - planned_units).sum()) / total)


def _candidates(ready_s: float, latest_s: float, step_s: float) -> Floats:
    """At once, or with the beginning of any step up to the latest start."""
    later = np.arange(np.floor(ready_s / step_s) + 1.0, np.floor(latest_s / step_s) + 1.0) * step_s
    return np.concatenate([[ready_s], later])


def _over_spans(values: Floats, starts: Floats, length: float) -> Floats:
    """Integral of a course over spans of equal length, in steps; nothing lies beyond its end."""
    integral = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(integral.size, dtype=float)
    return np.asarray(np.interp(starts + length, at, integral) - np.interp(starts, at, integral))


def _steps(start_s: float, end_s: float, step_s: float, count: int) -> tuple[slice, Floats]:
    """The steps that a span touches, and the share of each that it covers."""
    first, last = min(int(start_s // step_s), count), min(int(np.ceil(end_s / step_s)), count)
    edges = np.arange(first, last + 1) * step_s
    covered = np.minimum(edges[1:], end_s) - np.maximum(edges[:-1], start_s)
    return slice(first, last), np.clip(covered / step_s, 0.0, 1.0)


def traced(scenario: Scenario, classes: tuple[PlannedClass, ...]) -> list[PlannedClass]:
    """The planned classes whose work is a trace of jobs, laid once over the run."""
    demands = {one.name: scenario.workloads[one.name].demand for one in classes}
    return [
        one for one in classes if demands[one.name].kind == "jobs" and not getattr(demands[one.name], "repeat", True)
    ]


def dispatched(scenario: Scenario, problem: Problem, plan: Solution) -> dict[str, Dispatched]:
    """Jobs of every class that is a trace, by class. A job is ready when the trace's scheduler would start it."""
    found = {}
    for one in traced(scenario, problem.classes):
        demand = scenario.workloads[one.name].demand
        assert isinstance(demand, JobTrace)
        done = schedule_of(demand)
        step_s = problem.dt_h * SECONDS_PER_HOUR
        runs = ~done.unscheduled & (done.start_s < step_s * problem.count)
        ready = done.start_s[runs]
        scale = demand.scale_ratio
        latest = ready + (one.slack_h + late_h(problem, plan, one)) * SECONDS_PER_HOUR
        work = Work(ready, latest, done.jobs.run_s[runs], done.jobs.units_count[runs] * scale)
        found[one.name] = dispatch(work, plan.served_per_h[one.name], limit_per_h(problem, plan, one), step_s)
    return found


def late_h(problem: Problem, plan: Solution, one: PlannedClass) -> float:
    """How far beyond their deadlines jobs may start: as far as the plan has work late at the most; none without."""
    late = late_count(one, plan.queue_count[one.name])
    if one.name not in problem.late_per_unit_h or not late.any():
        return 0.0
    arrived, left = (values * problem.dt_h for values in (one.arrivals_per_h, plan.served_per_h[one.name]))
    longest = longest_delay_h(one.queue_count, arrived, left, problem.dt_h, ROUNDING_SINGLE)
    return max(longest - one.slack_h, 0.0)


def limit_per_h(problem: Problem, plan: Solution, one: PlannedClass) -> Floats:
    """Most work of a class in each step: the devices that other work leaves, and the month's planned peak."""
    others = sum(
        (plan.served_per_h[other.name] * other.share_per_rate for other in problem.classes
         if other.group == one.group and other.name != one.name), np.zeros(problem.count))  # fmt: skip
    free = np.minimum(problem.free_share[one.group] - others, one.most_share) / one.share_per_rate
    if problem.demand is None or not problem.demand.charged:
        return np.maximum(free, 0.0)
    months = problem.demand.measured_kw(plan.import_kw)[1]
    lengths = problem.demand.ends - problem.demand.begins
    peak = np.repeat(months, lengths)
    slope = np.maximum(problem.facility.slope[-1], LEAST_SLOPE)
    room = plan.served_per_h[one.name] + (peak - plan.import_kw) / (slope * one.kw_per_rate)
    return np.maximum(np.minimum(free, room), 0.0)
