"""Jobs in a plain table: one row a job, columns named by the user or known by their usual names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from twin.errors import Fault, InputError, Place
from twin.jobs.table import MOST_FAULTS, Floats, Jobs, checked
from twin.jobs.times import seconds_since_first
from twin.series.columns import content_of, numbers_of, require_columns, rows_of

SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}
KNOWN = {  # role -> names under which it is found where the user names none
    "submit": ("submit", "submit_time", "submission_time", "arrival_time", "arrival", "creation_time", "Submit"),
    "start": ("scheduled_time", "start_time", "start"),
    "end": ("deletion_time", "end_time", "end"),
    "run": ("run", "run_time", "duration", "length", "run_s", "Elapsed"),
    "units": ("units", "gpus", "num_gpu", "gpu_num", "cpus", "processors", "nodes"),
    "requested": ("requested", "requested_time", "time_limit", "walltime"),
    "priority": ("priority",),
    "name": ("job", "job_id", "jobid", "id", "name"),
}


class _Table:
    """Columns by role, with the fault for a text among numbers."""

    def __init__(self, path: Path, named: Mapping[str, str | None]):
        self.path = path
        self.lines, self.header, self.rows = rows_of(content_of(path), path)
        require_columns([title for title in named.values() if title], self.header, path)
        self.titles = {role: named.get(role) or self._known(role) for role in KNOWN}

    def _known(self, role: str) -> str | None:
        return next((title for title in KNOWN[role] if title in self.header), None)

    def texts(self, role: str) -> list[str]:
        at = self.header.index(self.titles[role] or "")
        return [row[at].strip() for row in self.rows]

    def numbers(self, role: str) -> Floats:
        texts = self.texts(role)
        values, bad = numbers_of(texts)
        if bad:
            raise InputError(self._no_number(role, row, texts) for row in bad[:MOST_FAULTS])
        return values

    def _no_number(self, role: str, row: int, texts: Sequence[str]) -> Fault:
        return Fault(
            f"{self.titles[role]}: {texts[row]!r} is no number", place=Place(str(self.path), int(self.lines[row]))
        )

    def times(self, role: str, per_unit_s: float, timezone: str) -> tuple[np.datetime64, Floats]:
        """Start (NaT for plain numbers) and seconds after it; stamps are told by their first."""
        texts = self.texts(role)
        first = next((text for text in texts if text), "")
        if "-" in first[1:] and ":" in first:
            return seconds_since_first(texts, self.lines, self.path, str(self.titles[role]), timezone)
        return np.datetime64("NaT", "ns"), self.numbers(role) * per_unit_s


def read_job_csv(path: Path, columns: Mapping[str, str | None], time_unit: str, timezone: str) -> Jobs:
    """Jobs of a CSV file (comma, semicolon, tab or bar; gzipped or not).

    ``columns`` names the column of each role of :data:`KNOWN`, None to find it. The run time is a column of its own, or
    end less start. Rows without a start or an end never ran: counted, not replayed. One unit where none is stated.
    """
    table = _Table(path, columns)
    _require_roles(table)
    per_unit_s = SECONDS[time_unit]
    origin, submit_s = table.times("submit", per_unit_s, timezone)
    run_s = _run_s(table, per_unit_s, timezone)
    ones = np.ones(submit_s.size)
    units = table.numbers("units") if table.titles["units"] else ones
    requested_s = table.numbers("requested") * per_unit_s if table.titles["requested"] else run_s
    priority = table.numbers("priority") if table.titles["priority"] else 0.0 * ones
    names = table.texts("name") if table.titles["name"] else [str(line) for line in table.lines]
    without = (units == 0) & ~np.isnan(run_s)  # such as pods without a GPU in a trace of GPUs
    ran = ~np.isnan(run_s) & ~without
    never, none = int(np.count_nonzero(np.isnan(run_s))), int(np.count_nonzero(without))
    notes: tuple[str, ...] = (f"{never} jobs that never ran left out",) if never else ()
    notes += (f"{none} jobs with 0 in column '{table.titles['units']}' left out",) if none else ()
    return checked(
        Jobs(np.array(names, dtype=object)[ran], submit_s[ran], run_s[ran], requested_s[ran], units[ran],
             priority[ran], table.lines[ran], origin, 0.0, never, notes), str(path))  # fmt: skip


def _require_roles(table: _Table) -> None:
    spans = table.titles["run"] or (table.titles["start"] and table.titles["end"])
    wanted = [] if table.titles["submit"] else ["submission (`submit_column`)"]
    wanted += [] if spans else ["run time (`run_column`, or `start_column` and `end_column`)"]
    if wanted:
        message = f"no column for {' and '.join(wanted)}: there are {', '.join(table.header)}"
        raise InputError([Fault(message, place=Place(str(table.path)))])


def _run_s(table: _Table, per_unit_s: float, timezone: str) -> Floats:
    if table.titles["run"]:
        return table.numbers("run") * per_unit_s
    begun, start_s = table.times("start", per_unit_s, timezone)
    ended, end_s = table.times("end", per_unit_s, timezone)
    apart_s = 0.0 if np.isnat(begun) else (ended - begun) / np.timedelta64(1, "s")
    return np.asarray(end_s - start_s + apart_s, dtype=float)
