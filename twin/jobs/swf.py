"""Standard Workload Format (Feitelson, Parallel Workloads Archive, version 2.2): 18 numbers a job, -1 for unknown."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pandas as pd

from twin.errors import Fault, InputError, Place
from twin.jobs.table import MOST_FAULTS, Floats, Jobs, checked
from twin.series.columns import content_of

FIELDS = 18
NAME, SUBMIT, RUN, ALLOCATED, ASKED_UNITS, ASKED_S = 0, 1, 3, 4, 7, 8  # fields that a replay needs, from 0
_HEADER = re.compile(r"^;\s*(\w+):\s*(\S+)", re.MULTILINE)


def read_swf(path: Path) -> Jobs:
    """Jobs of an SWF file, gzipped or not.

    Units are the processors allocated, or asked for where that is unknown; the requested time is the run time where
    none is stated. Jobs that never ran (unknown run time or units) are counted, not replayed.
    """
    text = content_of(path)
    header = dict(_HEADER.findall(text))
    lines, rows = _rows(text, path)
    units = np.where(rows[:, ALLOCATED] > 0, rows[:, ALLOCATED], rows[:, ASKED_UNITS])
    ran = (rows[:, RUN] != -1) & (units != -1)
    rows, lines, units = rows[ran], lines[ran], units[ran]
    requested = np.where(rows[:, ASKED_S] > 0, rows[:, ASKED_S], rows[:, RUN])
    never = int(np.count_nonzero(~ran))
    jobs = Jobs(
        rows[:, NAME].astype(np.int64).astype(str).astype(object), rows[:, SUBMIT], rows[:, RUN], requested, units,
        np.zeros(units.size), lines, _start(header), float(header.get("MaxProcs") or header.get("MaxNodes") or 0),
        never, (f"{never} jobs that never ran left out",) if never else ())  # fmt: skip
    return checked(jobs, str(path))


def _start(header: dict[str, str]) -> np.datetime64:
    seconds = header.get("UnixStartTime", "")
    return (
        np.datetime64(int(seconds), "s").astype("datetime64[ns]") if seconds.isdigit() else np.datetime64("NaT", "ns")
    )


def _rows(text: str, path: Path) -> tuple[np.ndarray, Floats]:
    """Line numbers, and the 18 numbers of each job."""
    kept = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith(";")]
    if not kept:
        raise InputError([Fault("holds no jobs", place=Place(str(path)))])
    odd = [(n, count) for n, line in kept if (count := len(line.split())) != FIELDS]
    if odd:
        raise InputError(
            Fault(f"{count} fields, SWF has {FIELDS}", place=Place(str(path), n)) for n, count in odd[:MOST_FAULTS]
        )
    try:
        table = pd.read_csv(io.StringIO("\n".join(line for _, line in kept)), sep=r"\s+", header=None, dtype=float)
    except ValueError:
        raise InputError(_no_numbers(kept, path)) from None
    return np.array([n for n, _ in kept]), table.to_numpy()


def _no_numbers(kept: list[tuple[int, str]], path: Path) -> list[Fault]:
    faults = []
    for n, line in kept:
        for at, word in enumerate(line.split(), 1):
            try:
                float(word)
            except ValueError:
                faults.append(Fault(f"field {at}: {word!r} is no number", place=Place(str(path), n)))
    return faults[:MOST_FAULTS]
