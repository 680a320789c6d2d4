"""OpenDC workload traces: tasks, each a row of fragments with their own use of the processors (OpenDC 2.x, Parquet)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from twin.errors import Fault, InputError, Place, did_you_mean
from twin.jobs.course import steps_of
from twin.jobs.table import Floats, rows_at

MS = 1e-3  # OpenDC states times and durations in milliseconds
TASKS = ("id", "submission_time", "duration", "cpu_count", "cpu_capacity", "mem_capacity")
FRAGMENTS = ("id", "duration", "cpu_usage")


@dataclass(frozen=True, eq=False)
class Fragments:
    """Spans with a steady use; arrays of shape (fragment,): seconds after ``start_utc``, MHz."""

    start_s: Floats
    end_s: Floats
    usage_mhz: Floats
    start_utc: np.datetime64
    tasks_count: int
    capacity_mhz: float  # of all tasks together: number of cpus times cpu capacity
    notes: tuple[str, ...] = ()

    def mean_mhz(self, offset_s: float, step_s: float, count: int) -> Floats:
        """Mean use over each of ``count`` steps that begin ``offset_s`` after the trace's start."""
        return steps_of(self.start_s - offset_s, self.end_s - offset_s, self.usage_mhz, step_s, count)


def read_opendc(tasks_file: Path, fragments_file: Path) -> Fragments:
    """Fragments of all tasks, each task's one after the other from its submission on.

    InputError with row numbers (from 1) for unknown tasks, negative figures, tasks that come twice, and fragments that
    run longer than their task.
    """
    tasks, fragments = _columns(tasks_file, TASKS), _columns(fragments_file, FRAGMENTS)
    index = _index_of(fragments["id"], tasks["id"], tasks_file, fragments_file)
    _check(tasks, fragments, tasks_file, fragments_file)
    tasks_count = len(tasks["id"])
    usage_mhz, length_s = fragments["cpu_usage"], fragments["duration"] * MS
    if (np.diff(index) < 0).any():
        order = np.argsort(index, kind="stable")
        index, usage_mhz, length_s = index[order], usage_mhz[order], length_s[order]
    ends = np.cumsum(length_s)
    first = np.flatnonzero(np.diff(index, prepend=-1))
    before = np.repeat(ends[first] - length_s[first], np.diff(first, append=index.size))
    submitted_s = (tasks["submission_time"] - tasks["submission_time"].min()) * MS
    start_s = submitted_s[index] + ends - length_s - before
    _check_lengths(index, first, ends, before, tasks, tasks_file)
    start = np.datetime64(int(tasks["submission_time"].min()), "ms").astype("datetime64[ns]")
    capacity = float(np.dot(tasks["cpu_count"], tasks["cpu_capacity"]))
    idle = tasks_count - first.size
    notes = (f"{idle} tasks without fragments",) if idle else ()
    return Fragments(start_s, start_s + length_s, usage_mhz, start, tasks_count, capacity, notes)


def _columns(path: Path, wanted: tuple[str, ...]) -> dict[str, Any]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise InputError("OpenDC traces are Parquet files; reading them needs pyarrow: pip install pyarrow") from None
    try:
        there = parquet.read_schema(path).names
        faults = [_no_column(name, there, path) for name in wanted if name not in there]
        if faults:
            raise InputError(faults)
        table = parquet.read_table(path, columns=list(wanted), read_dictionary=["id"])
    except (ArrowException, OSError) as error:
        raise InputError([Fault(f"is no Parquet file: {error}", place=Place(str(path)))]) from error
    if not table.num_rows:
        raise InputError([Fault("holds no rows", place=Place(str(path)))])
    return {name: _numbers(table[name], name) for name in wanted}


def _no_column(name: str, there: list[str], path: Path) -> Fault:
    near = did_you_mean(name, there) or f": there are {', '.join(there)}"
    return Fault(f"no column '{name}'{near}", place=Place(str(path)))


def _numbers(column: Any, name: str) -> Any:
    import pyarrow

    if name == "id":
        whole = column.combine_chunks()
        return whole if pyarrow.types.is_dictionary(whole.type) else whole.dictionary_encode()
    values = column.to_numpy()
    if np.issubdtype(values.dtype, np.datetime64):
        values = values.astype("datetime64[ms]")
    return values.astype(np.float64)


def _index_of(ids: Any, known: Any, tasks_file: Path, fragments_file: Path) -> Any:
    """Row of the task of each fragment; both are dictionary-encoded."""
    from pyarrow import compute

    names = known.dictionary_decode()
    first = compute.index_in(names, value_set=names).to_numpy()
    twice = first != np.arange(first.size)
    faults = list(rows_at(twice, first + 1.0, _rows(first), str(tasks_file), "names the task of row {:g} again"))
    task_of = compute.index_in(ids.dictionary, value_set=names).fill_null(-1).to_numpy()
    index = task_of[ids.indices.to_numpy()]
    faults += rows_at(index < 0, index, _rows(index), str(fragments_file), "belongs to no task")
    if faults:
        raise InputError(faults)
    return index


def _rows(column: Any) -> Any:
    return np.arange(len(column)) + 1


def _check(tasks: dict[str, Any], fragments: dict[str, Any], tasks_file: Path, fragments_file: Path) -> None:
    faults: list[Fault] = []
    for table, path in ((tasks, tasks_file), (fragments, fragments_file)):
        for name in (name for name in table if name not in ("id", "submission_time", "mem_capacity")):
            bad, message = ~(table[name] >= 0), f"{name} is {{:g}}, at least 0 wanted"
            faults += rows_at(bad, table[name], _rows(bad), str(path), message) if bad.any() else ()
    if faults:
        raise InputError(faults)


def _check_lengths(index: Any, first: Any, ends: Any, before: Any, tasks: dict[str, Any], tasks_file: Path) -> None:
    """Fragments that last longer than their task would overlap what comes after it."""
    last = np.append(first[1:], index.size) - 1
    over_s = ends[last] - before[last] - tasks["duration"][index[last]] * MS
    bad, beyond = np.zeros(len(tasks["id"]), dtype=bool), np.zeros(len(tasks["id"]))
    bad[index[last]], beyond[index[last]] = over_s > 1.0, over_s
    faults = list(
        rows_at(bad, beyond, np.arange(bad.size) + 1, str(tasks_file), "its fragments run {:g} s longer than the task")
    )
    if faults:
        raise InputError(faults)
