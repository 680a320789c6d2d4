"""Which month and which tariff period each part of a run belongs to, in local civil time.

Worked out once per schedule, axis and zone and kept in memory, so that a bill is a few sums.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.components.grid.periods import Schedule
from twin.series.axis import TimeAxis
from twin.units import SECONDS_PER_HOUR

DAY_S = 86_400
HOURS_PER_DAY = 24
_NS = 1_000_000_000
_FINEST_SPLIT_S = 60.0  # a step of a minute or less belongs to the period in which it starts


@dataclass(frozen=True)
class Calendar:
    """Months and periods of the pieces of a run.

    A run step is split into ``pieces`` equal parts where a period can change inside it (an hourly run and a period
    that begins at 08:30). ``energy_cell`` and the cells of the demand intervals are period x months + month.
    """

    pieces: int
    piece_h: float
    months: tuple[str, ...]
    covered_frac: NDArray[np.float64]
    energy_period: NDArray[np.intp]
    energy_cell: NDArray[np.intp]
    demand: DemandCells
    holidays_in_run: int


@dataclass(frozen=True)
class DemandCells:
    """How pieces make demand intervals, and intervals months and periods.

    ``starts`` is the first piece of each interval (None: each piece is one), ``order`` sorts intervals by cell,
    ``cuts`` is where each of ``cells`` begins in that order.
    """

    starts: NDArray[np.intp] | None
    lengths: NDArray[np.float64] | None
    order: NDArray[np.intp]
    cuts: NDArray[np.intp]
    cells: NDArray[np.intp]
    coarse: bool

    def peaks_kw(self, pieces_kw: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.float64]:
        """Highest interval mean by period and month, kW, 0 where a period has no interval; shape (period, month)."""
        intervals = pieces_kw
        if self.starts is not None:
            intervals = np.add.reduceat(pieces_kw, self.starts) / self.lengths
        peaks = np.zeros(shape[0] * shape[1])
        peaks[self.cells] = np.maximum.reduceat(intervals[self.order], self.cuts)
        return peaks.reshape(shape)


@functools.lru_cache(maxsize=64)
def calendar(
    energy: Schedule, demand: Schedule, interval_min: int, holidays: tuple[date, ...], axis: TimeAxis, timezone: str
) -> Calendar:
    """Calendar of a run for a tariff's energy and demand periods in civil time of ``timezone``."""
    pieces = _pieces(axis, timezone, energy.boundaries_min() + demand.boundaries_min())
    fine = TimeAxis(axis.start, axis.step_s / pieces, axis.count * pieces, axis.utc_offset_h)
    civil = _civil(fine, timezone)
    months, month, covered = _months(civil, fine.dt_h, timezone)
    off_days = np.array(holidays, "datetime64[D]")
    energy_period = _periods(energy, civil, off_days)
    demand_cell = _periods(demand, civil, off_days) * len(months) + month
    return Calendar(
        pieces,
        fine.dt_h,
        months,
        covered,
        energy_period,
        energy_period * len(months) + month,
        _demand_cells(demand_cell, axis, fine, civil[0], interval_min * 60),
        int(np.isin(off_days, civil.astype("datetime64[D]")).sum()),
    )


def _civil(axis: TimeAxis, timezone: str) -> NDArray[np.datetime64]:
    """Civil local time of each interval's start, without its zone."""
    return axis.civil(timezone).tz_localize(None).to_numpy().astype("datetime64[ns]")


def _pieces(axis: TimeAxis, timezone: str, boundaries_min: tuple[int, ...]) -> int:
    """In how many equal parts steps are split, so that none holds a change of period."""
    if axis.step_s <= _FINEST_SPLIT_S:
        return 1
    start = axis.utc()[:1]
    offsets = np.unique(_civil(axis, timezone) - axis.utc().to_numpy().astype("datetime64[ns]")).astype(np.int64)
    start_ns = int(start.as_unit("ns").asi8[0])
    common = math.gcd(round(axis.step_s * _NS), DAY_S * _NS)
    for offset in offsets:
        for minute in boundaries_min:
            common = math.gcd(common, minute * 60 * _NS - int(offset) - start_ns)
    return round(axis.step_s * _NS / max(common, _NS))


def _months(
    civil: NDArray[np.datetime64], dt_h: float, timezone: str
) -> tuple[tuple[str, ...], NDArray[np.intp], NDArray[np.float64]]:
    """Names of the billing months, the month of each piece, and the share of each month that the run covers.

    Hours before the first or after the last whole day of a month at the ends of a run (a year of standard time ends
    an hour into January where summer time holds then) are billed with the month beside them.
    """
    stamps = civil.astype("datetime64[M]").astype(np.int64)
    names, month = np.unique(stamps, return_inverse=True)
    hours = np.bincount(month) * dt_h
    lower = 1 if len(names) > 1 and hours[0] < HOURS_PER_DAY else 0
    upper = len(names) - (1 if len(names) - lower > 1 and hours[-1] < HOURS_PER_DAY else 0)
    month = np.clip(month, lower, upper - 1) - lower
    names = names[lower:upper].astype("datetime64[M]")
    whole = np.array([_hours_of(name, timezone) for name in names])
    hours = np.bincount(month) * dt_h
    covered = np.where(whole - hours < HOURS_PER_DAY, 1.0, hours / whole)
    return tuple(str(name) for name in names), month, covered


def _hours_of(month: np.datetime64, timezone: str) -> float:
    first, after = (pd.Timestamp(str(edge)).tz_localize(timezone) for edge in (month, month + 1))
    return float((after - first).total_seconds() / SECONDS_PER_HOUR)


def _periods(schedule: Schedule, civil: NDArray[np.datetime64], off_days: NDArray[np.datetime64]) -> NDArray[np.intp]:
    """Index of the period at each time."""
    day = civil.astype("datetime64[D]")
    minute = (civil - day).astype("timedelta64[m]").astype(np.intp)
    month = civil.astype("datetime64[M]").astype(np.int64) % 12
    weekday = (day.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday, day 3 of a week from Monday
    weekend = (weekday >= 5) | np.isin(day, off_days)
    found: NDArray[np.intp] = schedule.grid()[month, weekend.astype(np.intp), minute].astype(np.intp)
    return found


def _demand_cells(
    cell: NDArray[np.intp], axis: TimeAxis, fine: TimeAxis, first: np.datetime64, interval_s: int
) -> DemandCells:
    """Intervals on the local clock; where a step is longer, or does not divide them, each piece is its own."""
    coarse = axis.step_s > interval_s or (interval_s / fine.step_s) % 1 != 0
    starts = lengths = None
    if not coarse and interval_s != fine.step_s:
        into_s = int((first - first.astype("datetime64[D]")).astype("timedelta64[s]").astype(np.int64))
        number = (np.arange(fine.count) * fine.step_s + into_s) // interval_s
        starts = np.flatnonzero(np.diff(number, prepend=-1))
        lengths = np.diff(starts, append=fine.count).astype(float)
        cell = cell[starts]
    order = np.argsort(cell, kind="stable")
    cells, cuts = np.unique(cell[order], return_index=True)
    return DemandCells(starts, lengths, order, cuts, cells, coarse)
