"""Jobs of a trace: when each came, how long it runs, what it asks for; and the checks that every reader ends with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from twin.errors import Fault, InputError, Place

MOST_FAULTS = 5  # rows that are named for each kind of fault; the rest is counted
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Jobs:
    """Jobs in the order of their trace; all arrays have shape (job,).

    Attributes
    ----------
    names : what the trace calls each job
    submit_s : submission, seconds after ``start_utc``, ascending
    run_s : time that the job runs on its own, without waiting
    requested_s : run time that its user asked for; what a scheduler may know
    units_count : processors, GPUs or nodes that it holds from start to end
    priority : larger goes first, where the policy asks for it
    lines : line of the file that each came from
    start_utc : instant of ``submit_s`` = 0, NaT where the trace states none
    capacity_count : units of the machine that the trace was taken on, 0 where unknown
    never_count : rows without a run (cancelled, failed or still pending): reported, not replayed
    """

    names: NDArray[np.object_]
    submit_s: Floats
    run_s: Floats
    requested_s: Floats
    units_count: Floats
    priority: Floats
    lines: NDArray[np.int64]
    start_utc: np.datetime64 = field(default_factory=lambda: np.datetime64("NaT", "ns"))
    capacity_count: float = 0.0
    never_count: int = 0
    notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Number of jobs."""
        return self.submit_s.size

    @property
    def work_unit_s(self) -> float:
        """Units times seconds, over all jobs."""
        return float(np.dot(self.units_count, self.run_s))


def checked(jobs: Jobs, file: str) -> Jobs:
    """The jobs as they are; InputError with every fault, by line, where they cannot be replayed."""
    faults = list(_faults(jobs, file))
    if faults:
        raise InputError(faults)
    return jobs


def _faults(jobs: Jobs, file: str) -> Iterator[Fault]:
    if not jobs.count:
        gone = f" ({jobs.never_count} that never ran)" if jobs.never_count else ""
        yield Fault(f"holds no jobs{gone}", place=Place(file))
        return
    for name, values in (("submission", jobs.submit_s), ("run time", jobs.run_s), ("requested time", jobs.requested_s),
                         ("units", jobs.units_count), ("priority", jobs.priority)):  # fmt: skip
        yield from rows_at(~np.isfinite(values), values, jobs.lines, file, f"{name} is missing or not a number")
    yield from rows_at(jobs.run_s < 0, jobs.run_s, jobs.lines, file, "run time is negative: {:g} s")
    yield from rows_at(jobs.requested_s < 0, jobs.requested_s, jobs.lines, file, "requested time is negative: {:g} s")
    yield from rows_at(jobs.units_count <= 0, jobs.units_count, jobs.lines, file, "asks for {:g} units, above 0 wanted")
    back_s = np.diff(jobs.submit_s, prepend=jobs.submit_s[:1])
    message = "was submitted {:g} s before the line above it: sort the trace by submission"
    yield from rows_at(back_s < 0, -back_s, jobs.lines, file, message)
    yield from _repeated_names(jobs, file)


def _repeated_names(jobs: Jobs, file: str) -> Iterator[Fault]:
    _, first, inverse = np.unique(jobs.names.astype(str), return_index=True, return_inverse=True)
    again = np.arange(jobs.count) != first[inverse]
    where = jobs.lines[first[inverse]].astype(float)
    yield from rows_at(again, where, jobs.lines, file, "names a job that stands in line {:g} already")


def rows_at(
    bad: NDArray[np.bool_], values: Floats, lines: NDArray[np.int64], file: str, message: str
) -> Iterator[Fault]:
    """A fault for each of the first rows that are ``bad``, and one that counts the others."""
    rows = np.flatnonzero(bad)
    for row in rows[:MOST_FAULTS]:
        yield Fault(message.format(float(values[row])), place=Place(file, int(lines[row])))
    if rows.size > MOST_FAULTS:
        rest = rows.size - MOST_FAULTS
        yield Fault(f"{rest} more like line {int(lines[rows[0]])}", place=Place(file, int(lines[rows[MOST_FAULTS]])))
