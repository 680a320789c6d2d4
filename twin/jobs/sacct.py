"""Slurm accounting: what ``sacct --parsable2`` prints, with a header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from twin.errors import Fault, InputError, Place
from twin.jobs.table import MOST_FAULTS, Floats, Jobs, checked
from twin.jobs.times import seconds_since_first
from twin.series.columns import content_of, numbers_of, require_columns, rows_of

Unit = Literal["cpus", "nodes", "gpus"]
COUNTS = {
    "cpus": ("AllocCPUS", "NCPUS", "ReqCPUS"),
    "nodes": ("AllocNodes", "NNodes"),
    "gpus": ("AllocTRES", "ReqTRES"),
}
NEVER_RAN = ("PENDING", "REVOKED")
_SPAN = re.compile(r"(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)(?:\.\d+)?")  # [days-][hours:]minutes:seconds
_GPUS = re.compile(r"gres/gpu(?::[^=,]+)?=(\d+)")
UNLIMITED = ("UNLIMITED", "Partition_Limit", "")


def read_sacct(path: Path, unit: Unit, timezone: str) -> Jobs:
    """Jobs of an export of ``sacct -P``; steps of jobs (``123.batch``) are left out.

    Needs the columns JobID (or JobIDRaw), Submit, Elapsed (or ElapsedRaw) and one that counts ``unit``; uses Timelimit,
    Priority and State where they are there. Jobs that never started are counted, not replayed.
    """
    lines, header, rows = rows_of(content_of(path), path)
    name = _present(("JobIDRaw", "JobID"), header, path)
    elapsed = _present(("ElapsedRaw", "Elapsed"), header, path)
    counted = _present(COUNTS[unit], header, path)
    require_columns(["Submit"], header, path)
    whole = [row for row, values in enumerate(rows) if "." not in values[header.index(name)]]
    columns = {title: [rows[row][at].strip() for row in whole] for at, title in enumerate(header)}
    lines = lines[whole]
    run_s = _spans(columns[elapsed], lines, path)
    units = _units(columns[counted], unit, lines, path)
    states = columns.get("State", [""] * len(whole))
    ran = np.array([state.split(" ")[0] not in NEVER_RAN for state in states]) & (run_s > 0) & (units > 0)
    return _jobs(columns, columns[name], run_s, units, ran, lines, path, timezone)


def _jobs(columns: dict[str, list[str]], names: list[str], run_s: Floats, units: Floats, ran: np.ndarray,
          lines: np.ndarray, path: Path, timezone: str) -> Jobs:  # fmt: skip
    limit_s = _spans(columns["Timelimit"], lines, path) if "Timelimit" in columns else run_s
    limit_s = np.where(limit_s > 0, limit_s, run_s)
    priority = numbers_of(columns["Priority"])[0] if "Priority" in columns else np.zeros(run_s.size)
    start, submit_s = seconds_since_first(columns["Submit"], lines, path, "Submit", timezone)
    order = np.flatnonzero(ran)
    order = order[np.argsort(submit_s[order], kind="stable")]  # sacct sorts by job number, not by submission
    never = int(np.count_nonzero(~ran))
    notes = (f"{never} jobs that never ran left out",) if never else ()
    return checked(
        Jobs(np.array(names, dtype=object)[order], submit_s[order], run_s[order], limit_s[order], units[order],
             np.nan_to_num(priority)[order], lines[order], start, 0.0, never, notes), str(path))  # fmt: skip


def _present(titles: Sequence[str], header: Sequence[str], path: Path) -> str:
    found = next((title for title in titles if title in header), None)
    if found is None:
        raise InputError(
            [Fault(f"no column {' or '.join(titles)}: there are {', '.join(header)}", place=Place(str(path)))]
        )
    return found


def _spans(texts: Sequence[str], lines: np.ndarray, path: Path) -> Floats:
    """Seconds of spans such as 2-03:00:00, 59:30 or 86400; 0 where unlimited."""
    seconds, faults = np.zeros(len(texts)), []
    for row, text in enumerate(texts):
        match = _SPAN.fullmatch(text)
        if match:
            days, hours, minutes, rest = (int(part or 0) for part in match.groups())
            seconds[row] = ((days * 24 + hours) * 60 + minutes) * 60 + rest
        elif text.isdigit():
            seconds[row] = float(text)
        elif text not in UNLIMITED:
            faults.append(
                Fault(f"{text!r} is no time span such as 1-02:30:00", place=Place(str(path), int(lines[row])))
            )
    if faults:
        raise InputError(faults[:MOST_FAULTS])
    return seconds


def _units(texts: Sequence[str], unit: Unit, lines: np.ndarray, path: Path) -> Floats:
    if unit == "gpus":
        return np.array([sum(int(n) for n in _GPUS.findall(text)[:1]) for text in texts], dtype=float)
    values, bad = numbers_of(texts)
    if bad:
        raise InputError(
            Fault(f"{texts[row]!r} is no number", place=Place(str(path), int(lines[row]))) for row in bad[:MOST_FAULTS]
        )
    return np.nan_to_num(values)
