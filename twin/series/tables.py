"""A user's time series (prices, carbon, utilisation) from a CSV file onto the time axis of a run.

A value holds for its interval. A run step that spans several intervals takes their mean weighted by time, so sums are
kept; a shorter step takes the value of the interval that it lies in. Gaps of up to three hours are filled by the
stated rule and noted; longer gaps inside the run are refused by name.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.errors import Fault, InputError, Place
from twin.series.axis import TimeAxis
from twin.series.columns import MOST_FAULTS, Column, read_column
from twin.series.files import content_of, resolve
from twin.series.series_file import SeriesFile
from twin.series.stamps import DAY_NS, HOUR_NS, MINUTE_NS, Stamps, read_stamps

LONGEST_GAP_NS = 3 * HOUR_NS
LONGEST_DAYS_NS = 2 * DAY_NS  # of gaps that take the day before
LONG_TABLE = 0.25  # share of rows that repeat a time, from which on a table is a long one
CYCLE_DAYS = {"day": 1, "week": 7, "year": 365}
_MOST_NOTES = 3
Span = tuple[int, int]  # start and end, nanoseconds UTC
Rule = Literal["hold", "interpolate", "day_before"]
FILLED: dict[Rule, str] = {"hold": "held", "interpolate": "interpolated", "day_before": "taken from the day before"}


@dataclass(frozen=True)
class Series:
    """Values on a run's axis, shape (time,), read-only, and what was done to get them."""

    values: NDArray[np.float64]
    axis: TimeAxis
    name: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Regular:
    """Values on a regular grid of intervals from ``start_ns``; missing ones are NaN."""

    start_ns: int
    step_ns: int
    values: NDArray[np.float64]
    lines: NDArray[np.int64]  # of the file, 0 where missing
    notes: tuple[str, ...] = ()

    @property
    def end_ns(self) -> int:
        return self.start_ns + self.values.size * self.step_ns


def read_series(
    spec: SeriesFile, axis: TimeAxis, base: Path | None = None, civil_timezone: str | None = None
) -> Series:
    """The column that ``spec`` states, on ``axis``; kept in memory while the file does not change.

    Parameters
    ----------
    spec : file, column, zone, stamp and gap rule
    axis : the run's intervals
    base : folder that a relative path starts from
    civil_timezone : the site's zone, on whose clock typical days and weeks are laid unless ``spec`` names another

    Raises
    ------
    InputError
        With file and line: unknown column, text among numbers, unreadable or contradictory times, gaps longer than
        three hours, a file that does not cover the run.
    """
    path = resolve(spec.file, base)
    return _read_cached(spec, path, content_of(path), axis, civil_timezone)


@functools.lru_cache(maxsize=64)
def _read_cached(spec: SeriesFile, path: Path, _content: str, axis: TimeAxis, civil: str | None) -> Series:
    column, run = read_column(path, spec), _span_of(axis)
    if spec.repeat == "none":
        regular = _filled(_covering(_on_grid(column, spec), run, spec.gaps, path), run, spec.gaps, path)
    else:
        regular = _repeated(column, spec, axis, spec.timezone or civil)
    values = _on_axis(regular, axis) * spec.scale_ratio
    values.flags.writeable = False
    return Series(values, axis, spec.column, regular.notes)


def _span_of(axis: TimeAxis) -> Span:
    start = int(axis.start.astype("datetime64[ns]").astype(np.int64))
    return start, start + round(axis.count * axis.step_s * 1e9)


def _on_grid(column: Column, spec: SeriesFile) -> _Regular:
    """Rows at their places on the grid of the usual step; equal duplicates fall together."""
    stamps = read_stamps(column, spec)
    start, rows = int(stamps.start_ns.min()), stamps.rows
    index, off = np.divmod(stamps.start_ns - start, stamps.step_ns)
    if off.any():
        at = int(np.flatnonzero(off)[0])
        message = f"{_text(stamps.start_ns[at])} lies off the {stamps.step_ns / MINUTE_NS:g}-minute grid of the others"
        raise InputError([column.fault(int(rows[at]), message)])
    notes = stamps.notes + _repeated_rows(index, stamps, column)
    values, lines = np.full(int(index.max()) + 1, np.nan), np.zeros(int(index.max()) + 1, np.int64)
    values[index], lines[index] = column.values[rows], column.lines[rows]
    return _Regular(start, stamps.step_ns, values, lines, notes)


def _repeated_rows(index: NDArray[np.int64], stamps: Stamps, column: Column) -> tuple[str, ...]:
    """A note on rows that come twice; two values for one time are a fault."""
    order = np.argsort(index, kind="stable")
    again = np.flatnonzero(np.diff(index[order]) == 0)
    one, two = stamps.rows[order[again]], stamps.rows[order[again + 1]]
    same = (column.values[one] == column.values[two]) | (np.isnan(column.values[one]) & np.isnan(column.values[two]))
    if not same.all() and again.size > LONG_TABLE * index.size:
        message = (
            f"{again.size} of {index.size} rows have the time of another: choose rows of a long table with `where`"
        )
        raise InputError([column.fault(int(two[0]), message)])
    if not same.all():
        raise InputError(
            column.fault(int(b), f"another value for {column.times and column.times[b]} than in line {column.lines[a]}")
            for a, b in list(zip(one[~same], two[~same], strict=True))[:MOST_FAULTS]
        )
    return (f"{again.size} repeated rows with equal values dropped",) if again.size else ()


def _covering(regular: _Regular, run: Span, rule: Rule, path: Path) -> _Regular:
    """The grid with up to three missing hours added at its ends (at the last, two days that may take those before)."""
    early, late = regular.start_ns - run[0], run[1] - regular.end_ns
    if early > LONGEST_GAP_NS or late > (LONGEST_DAYS_NS if rule == "day_before" else LONGEST_GAP_NS):
        covers, needs = (f"{_text(a)} to {_text(b)}" for a, b in ((regular.start_ns, regular.end_ns), run))
        is_year = abs(regular.end_ns - regular.start_ns - CYCLE_DAYS["year"] * DAY_NS) <= DAY_NS
        hint = " (a typical year? give `repeat: year`)" if is_year else ""
        raise InputError([Fault(f"covers {covers}, the run needs {needs}{hint}", "", Place(str(path)))])
    before, after = (max(0, -(-span // regular.step_ns)) for span in (early, late))
    values = np.pad(regular.values, (before, after), constant_values=np.nan)
    lines = np.pad(regular.lines, (before, after))
    return _Regular(regular.start_ns - before * regular.step_ns, regular.step_ns, values, lines, regular.notes)


def _filled(regular: _Regular, run: Span, rule: Rule, path: Path) -> _Regular:
    """Short gaps filled by the stated rule; a longer one that the run needs is refused."""
    low, high = (run[0] - regular.start_ns) // regular.step_ns, -(-(run[1] - regular.start_ns) // regular.step_ns)
    missing = np.concatenate([[False], np.isnan(regular.values), [False]])
    gaps = np.flatnonzero(np.diff(missing.astype(np.int8))).reshape(-1, 2)
    gaps = gaps[(gaps[:, 1] > low) & (gaps[:, 0] < high)]
    longest_ns, done = (LONGEST_DAYS_NS if rule == "day_before" else LONGEST_GAP_NS), FILLED[rule]
    long = gaps[(gaps[:, 1] - gaps[:, 0]) * regular.step_ns > longest_ns]
    if long.size:
        raise InputError(_gap_fault(regular, gap, longest_ns, path) for gap in long[:MOST_FAULTS])
    notes = regular.notes + _gap_notes(regular, gaps, done)
    day = DAY_NS // regular.step_ns if rule == "day_before" else 0
    values = _from_the_day_before(regular.values, gaps, int(day)) if day else regular.values
    return _Regular(regular.start_ns, regular.step_ns, _fill(values, rule), regular.lines, notes)


def _from_the_day_before(values: NDArray[np.float64], gaps: NDArray[np.intp], day: int) -> NDArray[np.float64]:
    """Gaps filled from 24 hours before, in order, so that a second day takes the first."""
    filled = values.copy()
    for begin, end in gaps:
        for at in range(max(begin, day), end):
            filled[at] = filled[at - day]
    return filled


def _gap_fault(regular: _Regular, gap: NDArray[np.intp], longest_ns: int, path: Path) -> Fault:
    hours = int(gap[1] - gap[0]) * regular.step_ns / HOUR_NS
    before = int(regular.lines[: gap[1]].max(initial=0))  # the last line before it, or of the empty values in it
    message = f"{_between(regular, gap)} is missing: {hours:g} h (up to {longest_ns / HOUR_NS:g} h are filled)"
    return Fault(message, "", Place(str(path), before))


def _gap_notes(regular: _Regular, gaps: NDArray[np.intp], done: str) -> tuple[str, ...]:
    if len(gaps) <= _MOST_NOTES:
        return tuple(f"{_between(regular, gap)} is missing: {done}" for gap in gaps)
    hours = int((gaps[:, 1] - gaps[:, 0]).sum()) * regular.step_ns / HOUR_NS
    return (f"{len(gaps)} gaps, {hours:g} h together, the first {_between(regular, gaps[0])}: {done}",)


def _between(regular: _Regular, gap: NDArray[np.intp]) -> str:
    return " to ".join(_text(regular.start_ns + int(edge) * regular.step_ns) for edge in gap)


def _fill(values: NDArray[np.float64], rule: str) -> NDArray[np.float64]:
    known = np.flatnonzero(~np.isnan(values))
    at = np.arange(values.size)
    if rule == "interpolate":
        return np.interp(at, known, values[known])
    before = np.searchsorted(known, at, side="right") - 1
    return values[known[np.maximum(before, 0)]]  # a gap at the very start takes the first value


def _repeated(column: Column, spec: SeriesFile, axis: TimeAxis, timezone: str | None) -> _Regular:
    """A typical day, week or year laid on the run's calendar: civil time for days and weeks, standard for a year."""
    cycle, run = _cycle(column, spec), _span_of(axis)
    piece_ns = int(np.gcd(cycle.step_ns, HOUR_NS // 2))  # daylight saving moves clocks by whole half hours
    start = run[0] // piece_ns * piece_ns
    utc = pd.DatetimeIndex((np.arange(start, run[1], piece_ns)).astype("datetime64[ns]"))
    if timezone and spec.repeat != "year":
        local = utc.tz_localize("UTC").tz_convert(timezone).tz_localize(None)
    else:
        local = utc + pd.Timedelta(hours=axis.utc_offset_h)
    row = _into_cycle_ns(local, spec.repeat) // cycle.step_ns
    laid = f"typical {spec.repeat} of {cycle.values.size} values laid on the run's calendar"
    return _Regular(start, piece_ns, cycle.values[row], cycle.lines[row], (*cycle.notes, laid))


def _into_cycle_ns(local: pd.DatetimeIndex, repeat: str) -> NDArray[np.int64]:
    """Time since the cycle began; 29 February repeats the 28th."""
    into_day = (local - local.normalize()).to_numpy().astype("timedelta64[ns]").astype(np.int64)
    if repeat == "day":
        return into_day
    if repeat == "week":
        return into_day + local.day_of_week.to_numpy().astype(np.int64) * DAY_NS
    day = local.day_of_year.to_numpy().astype(np.int64) - 1
    return into_day + (day - (local.is_leap_year & (day >= 59))) * DAY_NS  # day 59 (from 0) is 29 February


def _cycle(column: Column, spec: SeriesFile) -> _Regular:
    """One cycle, its gaps filled; its grid starts at 0."""
    span_ns, count = CYCLE_DAYS[spec.repeat] * DAY_NS, column.values.size
    if span_ns % (count * MINUTE_NS) or DAY_NS % (span_ns // count):
        message = f"{count} rows are no typical {spec.repeat}: {span_ns // HOUR_NS} of an hour would be"
        raise InputError([Fault(message, "", Place(str(column.path)))])
    _check_beginning(column, spec)
    whole = _Regular(0, span_ns // count, column.values, column.lines)
    return _filled(whole, (0, span_ns), spec.gaps, column.path)


def _check_beginning(column: Column, spec: SeriesFile) -> None:
    """Where the file has times (rather than numbered rows), its first interval must be the first of the cycle."""
    if column.times is None or column.times[0].isdigit():
        return
    stamps = read_stamps(column, spec.model_copy(update={"timezone": "UTC"}))  # local times, compared as they stand
    begin = pd.DatetimeIndex(stamps.start_ns[:1].astype("datetime64[ns]"))
    if _into_cycle_ns(begin, spec.repeat)[0]:
        begins = {"day": "at 00:00", "week": "on a Monday at 00:00", "year": "on 1 January at 00:00"}[spec.repeat]
        raise InputError([column.fault(0, f"a typical {spec.repeat} begins {begins}, this one {begin[0]}")])


def _on_axis(regular: _Regular, axis: TimeAxis) -> NDArray[np.float64]:
    """Mean over each run step, weighted by time; exact where one step is a multiple of the other."""
    values, step_ns, offset_ns = regular.values, round(axis.step_s * 1e9), _span_of(axis)[0] - regular.start_ns
    edges_ns = offset_ns + np.arange(axis.count + 1) * step_ns
    if step_ns % regular.step_ns == 0 and offset_ns % regular.step_ns == 0:
        inner, at = step_ns // regular.step_ns, offset_ns // regular.step_ns
        means = values[at : at + inner * axis.count].reshape(axis.count, inner).mean(axis=1)
    elif regular.step_ns % step_ns == 0 and offset_ns % step_ns == 0:
        means = values[edges_ns[:-1] // regular.step_ns]
    else:
        sums = np.concatenate([[0.0], np.cumsum(values)])
        means = np.diff(np.interp(edges_ns / regular.step_ns, np.arange(sums.size), sums)) * regular.step_ns / step_ns
    return np.asarray(means, np.float64)


def _text(time_ns: int | np.int64) -> str:
    return f"{np.datetime64(int(time_ns), 'ns').astype('datetime64[m]')}Z"
