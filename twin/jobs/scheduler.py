"""Replay of jobs on a machine of equal units: first come first served, shortest or most urgent first, EASY backfill.

EASY (Lifka, "The ANL/IBM SP scheduling system", JSSPP 1995; Mu'alem & Feitelson, IEEE TPDS 12(6), 2001): the first
job of the queue that does not fit gets a reservation at the earliest time at which enough units will be free by what
users asked for; a later job may start now if it fits and does not delay that reservation. Power is a second resource
beside units: a job starts only where the power of all that run stays within a limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from twin.compiled import compilable, has_numba, jit, once
from twin.jobs.table import Floats, Jobs

Policy = Literal["fifo", "shortest", "priority", "easy"]
SHORTEST_S = 10.0  # run time below which a wait is not held against it (Feitelson 2001)
DEPTH = 500  # waiting jobs that are tried for backfill at an event: Slurm's default of bf_max_job_test
ROOM = 1e-9  # units and kW by which rounding may exceed a limit


@dataclass(frozen=True, eq=False)
class Schedule:
    """When each job ran; arrays of shape (job,), NaN for jobs that can never start.

    ``wait_s`` start less submission; ``stretch_ratio`` (wait + run) / run, bounded as usual below by a run of 10 s
    (Feitelson, "Metrics for parallel job scheduling", JSSPP 2001).
    """

    jobs: Jobs
    capacity_count: float
    start_s: Floats
    policy: Policy

    @property
    def end_s(self) -> Floats:
        """End of each job, seconds after the trace's start."""
        return self.start_s + self.jobs.run_s

    @property
    def wait_s(self) -> Floats:
        """Time in the queue."""
        return self.start_s - self.jobs.submit_s

    @property
    def stretch_ratio(self) -> Floats:
        """Bounded slowdown, at least 1."""
        return np.maximum((self.wait_s + self.jobs.run_s) / np.maximum(self.jobs.run_s, SHORTEST_S), 1.0)

    @property
    def unscheduled(self) -> NDArray[np.bool_]:
        """Jobs that ask for more units, or more power, than there are."""
        return np.isnan(self.start_s)

    @property
    def utilisation_frac(self) -> float:
        """Work over capacity from the trace's start to the last end."""
        ran = ~self.unscheduled
        if not ran.any():
            return 0.0
        span_s = float(self.end_s[ran].max())
        work = float(np.dot(self.jobs.units_count[ran], self.jobs.run_s[ran]))
        return work / (self.capacity_count * span_s) if span_s > 0 else 0.0


def replay(
    jobs: Jobs,
    capacity_count: float,
    policy: Policy = "easy",
    unit_kw: float = 0.0,
    power_limit_kw: float = np.inf,
) -> Schedule:
    """Start of each job under ``policy`` on ``capacity_count`` equal units.

    ``unit_kw`` is the power of a busy unit, ``power_limit_kw`` what all busy units together may draw. Jobs that run
    longer than requested are not stopped; the scheduler then reckons with their end at any moment.
    """
    key = {"fifo": np.zeros(jobs.count), "easy": np.zeros(jobs.count), "shortest": jobs.requested_s,
           "priority": -jobs.priority}[policy]  # fmt: skip
    start_s = np.full(jobs.count, np.nan)
    most = min(capacity_count, power_limit_kw / unit_kw) if unit_kw > 0 else capacity_count
    _loop()(jobs.submit_s, jobs.run_s, jobs.requested_s, jobs.units_count, np.ascontiguousarray(key, dtype=float),
            float(most) + ROOM, policy == "easy", DEPTH, start_s)  # fmt: skip
    return Schedule(jobs, capacity_count, start_s, policy)


@once
def _loop() -> Any:
    return jit(_replay) if has_numba() else _replay


@compilable
def _insert(values, jobs, count, value, job):  # type: ignore[no-untyped-def]
    """Put a job into a list kept in descending order of ``values``, after equal ones; the new count."""
    at = count
    for i in range(count, 0, -1):
        if values[i - 1] >= value:
            break
        values[i], jobs[i] = values[i - 1], jobs[i - 1]
        at = i - 1
    values[at], jobs[at] = value, job
    return count + 1


@compilable
def _remove(values, jobs, count, job):  # type: ignore[no-untyped-def]
    """Take a job out of such a list."""
    found = False
    for i in range(count - 1):
        found = found or jobs[i] == job
        if found:
            values[i], jobs[i] = values[i + 1], jobs[i + 1]
    return count - 1


@compilable
def _reserve(now, need, units, expected, expecting, running, free):  # type: ignore[no-untyped-def]
    """Time at which ``need`` units are expected to be free, and the units left beside them then."""
    shadow = now
    for i in range(running - 1, -1, -1):
        free += units[expecting[i]]
        shadow = expected[i] if expected[i] > now else now
        if free >= need:
            break
    return shadow, free - need


def _replay(submit, run, requested, units, key, capacity, backfill, depth, start):  # type: ignore[no-untyped-def]
    """Events in order of time; the queue and two lists of running jobs, by actual and by requested end, stay sorted."""
    count = submit.size
    queue, ending, expecting = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.int64)
    ends, expected = np.empty(count), np.empty(count)
    waiting = running = arrived = 0
    free = capacity
    while arrived < count or running > 0:
        now = ends[running - 1] if running > 0 else submit[arrived]
        if arrived < count and submit[arrived] < now:
            now = submit[arrived]
        while running > 0 and ends[running - 1] <= now:
            job = ending[running - 1]
            _remove(expected, expecting, running, job)
            running -= 1
            free += units[job]
        while arrived < count and submit[arrived] <= now:
            if units[arrived] <= capacity:
                at = waiting
                while at > 0 and key[queue[at - 1]] > key[arrived]:
                    queue[at] = queue[at - 1]
                    at -= 1
                queue[at] = arrived
                waiting += 1
            arrived += 1
        left, blocked, shadow, spare = 0, False, 0.0, 0.0
        for i in range(waiting):
            job = queue[i]
            begins = units[job] <= free
            if blocked:
                in_time = now + requested[job] <= shadow
                begins = begins and backfill and i < depth and (in_time or units[job] <= spare)
                if begins and not in_time:
                    spare -= units[job]
            elif not begins:
                blocked = True
                if backfill:
                    shadow, spare = _reserve(now, units[job], units, expected, expecting, running, free)
            if begins:
                start[job] = now
                free -= units[job]
                _insert(ends, ending, running, now + run[job], job)
                running = _insert(expected, expecting, running, now + requested[job], job)
            else:
                queue[left] = job
                left += 1
        waiting = left
