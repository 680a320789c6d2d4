"""Load shifting of one job a day against a signal: how much lower its mean is where the job may move by some hours.

The study of Wiesner et al. 2021 (Let's Wait Awhile, Middleware '21, doi 10.1145/3464298.3493399): a job of half an hour
at one at night, moved by up to 2, 4, 6 or 8 h either way with the signal known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.errors import Fault, InputError
from twin.series.axis import TimeAxis, year_axis
from twin.units import SECONDS_PER_HOUR

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shifted:
    """Mean of the signal over all runs of the job that may move by ``window_h`` either way, and what that saves."""

    window_h: float
    mean: float
    saving_frac: float


def nightly_starts(axis: TimeAxis, timezone: str, at: str) -> NDArray[np.int64]:
    """Steps in which a civil time of day begins. InputError where it begins inside steps."""
    civil = axis.civil(timezone)
    hour, minute = (int(part) for part in at.split(":"))
    found = np.flatnonzero((civil.hour == hour) & (civil.minute == minute) & (civil.second == 0))
    if not found.size:
        raise InputError([Fault(f"no step begins at {at}: the steps are {axis.step_s / 60.0:g} min long", "at")])
    return found.astype(np.int64)


def shifted(
    values: Floats, starts: NDArray[np.int64], length: int, windows_h: Sequence[float], dt_h: float
) -> list[Shifted]:
    """Best contiguous place of each job of ``length`` steps, its start moved by at most each window.

    The first of the results is that of no window, the base. Windows end with the run; jobs that do not fit in it are
    left out. Exact: all places are looked at.
    """
    means = np.lib.stride_tricks.sliding_window_view(values, length).mean(axis=1)
    starts = starts[starts < means.size]
    base = float(means[starts].mean())
    found = [Shifted(0.0, base, 0.0)]
    for window_h in windows_h:
        reach = round(window_h / dt_h)
        best = np.array([means[max(start - reach, 0) : start + reach + 1].min() for start in starts])
        found.append(Shifted(window_h, float(best.mean()), 1.0 - float(best.mean()) / base))
    return found


def steps_of(duration_min: float, axis: TimeAxis) -> int:
    """Steps that a job takes, at least one: shorter than a step it takes the signal of its step."""
    return max(round(duration_min * 60.0 / axis.step_s), 1)


def axis_of_year(year: int, step_min: float, timezone: str) -> TimeAxis:
    """Axis over a calendar year of the zone's standard time."""
    january = pd.Timestamp(year=year, month=1, day=1, tz=timezone)
    offset = january.utcoffset()
    assert offset is not None
    return year_axis(year, step_min * 60.0, offset.total_seconds() / SECONDS_PER_HOUR)
