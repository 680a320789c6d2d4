"""Times in a user's file -> starts of intervals in UTC.

Three kinds are known: with a zone (``2021-01-01T00:00Z``, ``+01:00``), in a zone that the reader was told (or that
the column's name tells, such as ``time_utc`` or ``MTU (CET/CEST)``), and local civil time with daylight saving. In a
repeated hour a mark in the text or a column of flags tells which of two equal times is which; without one the first is
daylight-saving time. A time that the spring change skips does not exist and is dropped. Hours may be counted through
the day, 1 to 23, 24 or 25.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.errors import Fault, InputError, Place
from twin.series.columns import MOST_FAULTS, UTC_NAME, Column
from twin.series.series_file import SeriesFile
from twin.series.stamp_texts import DAY_NS, Times, read_times

__all__ = ["DAY_NS", "HOUR_NS", "MINUTE_NS", "Stamps", "read_stamps"]

_HOUR = re.compile(r"(?:HE ?)?(\d{1,2})(X?)(?::(\d{2}))?(?::00)?", re.IGNORECASE)  # 02X: ISO New England's second 2
_ENDING = re.compile(r"\bending\b|^HE\b|^OPR_HR$|^delivery hour$", re.IGNORECASE)  # the latter: CAISO, ERCOT, from 1
ZONES = ((re.compile(r"\bCET ?/ ?CEST\b"), "Europe/Brussels"), (re.compile(r"_ept$|\bEPT\b"), "America/New_York"))
MINUTE_NS = 60_000_000_000
HOUR_NS = 60 * MINUTE_NS
SHORTEST_DAY_H, LONGEST_DAY_H = 23, 25


@dataclass(frozen=True)
class Stamps:
    """Interval starts, nanoseconds UTC, shape (n,); ``rows`` are the rows of the file that they belong to."""

    start_ns: NDArray[np.int64]
    rows: NDArray[np.intp]
    step_ns: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Clock:
    """Times of rows on one clock, which of two repeated ones is daylight saving (1, 0, or -1), and hours counted."""

    naive_ns: NDArray[np.int64]
    saving: NDArray[np.int8]
    counted_ns: NDArray[np.int64] | None = None  # time since local midnight that has really passed


def read_stamps(column: Column, spec: SeriesFile) -> Stamps:
    """Interval starts in UTC of all rows of a column.

    Raises
    ------
    InputError
        No column of times, one that cannot be read, or one that states no zone where none was given.
    """
    if column.times is None or column.time_name is None:
        raise InputError([Fault("no column of times found: give `time_column`", "", Place(str(column.path)))])
    times = read_times(column, column.times, spec.time_format)
    zone = _zone(column, spec, times)
    clock, rows = _clock(column, times, spec), np.arange(times.starts_ns.size)
    if times.ends_ns is not None:
        return _from_ranges(times, rows, zone, column)
    if zone == "UTC":
        rows = np.argsort(clock.naive_ns, kind="stable")
    elif clock.naive_ns[0] > clock.naive_ns[-1]:  # newest first
        rows = rows[::-1]
    naive_ns = clock.naive_ns[rows]
    step_ns = _usual_step(naive_ns, column)
    ending = spec.stamp == "end" or (spec.stamp is None and _names_ends(column))
    if clock.counted_ns is not None and zone != "UTC":
        return _counted(clock.counted_ns[rows], naive_ns, rows, step_ns, zone, ending)
    return _in_utc(naive_ns - step_ns * ending, clock.saving[rows], rows, step_ns, zone)


def _zone(column: Column, spec: SeriesFile, times: Times) -> str:
    name = str(column.time_name)
    if times.zoned or (spec.timezone is None and UTC_NAME.search(name)):
        return "UTC"
    zone = spec.timezone or next((zone for pattern, zone in ZONES if pattern.search(name)), None)
    if zone is None:
        message = f"times in column '{name}' state no zone: give `timezone`, UTC or a name"
        raise InputError([column.fault(0, message)])
    return zone


def _names_ends(column: Column) -> bool:
    names = (column.hour_name, column.time_name)
    return any(_ENDING.search(name) for name in names if name)


def _clock(column: Column, times: Times, spec: SeriesFile) -> _Clock:
    """Times with the hours and parts of hours that stand in columns beside the dates."""
    saving = times.saving.copy()
    if column.flags is not None:
        second = np.array([flag.strip().upper() in ("Y", "YES", "1", "TRUE") for flag in column.flags])
        saving = np.where(second, 0, 1 if second.any() else saving).astype(np.int8)
    if column.hours is None:
        return _Clock(times.starts_ns, saving)
    hours_ns, again = _hours_ns(column)
    saving[again] = 0
    counted = _are_counted(times.starts_ns, hours_ns)
    if column.parts is not None:
        hours_ns = _with_parts(column, hours_ns)
    return _Clock(times.starts_ns + hours_ns, saving, hours_ns if counted else None)


def _are_counted(days_ns: NDArray[np.int64], hours_ns: NDArray[np.int64]) -> bool:
    """Whether hours run on through a day of 25, or a day before the file's last one has just the hours 1 to 23."""
    if hours_ns.max(initial=0) >= LONGEST_DAY_H * HOUR_NS:
        return True
    by_day = pd.Series(hours_ns // HOUR_NS).groupby(days_ns).agg(["min", "max", "nunique"])[:-1]
    return bool(
        ((by_day["min"] == 1) & (by_day["max"] == SHORTEST_DAY_H) & (by_day["nunique"] == SHORTEST_DAY_H)).any()
    )


def _with_parts(column: Column, hours_ns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ends of the numbered parts of hours, 1 to 4 for quarters or 1 to 12: the hour before, and so many of them."""
    texts = column.parts or ()
    numbers = [int(text) if text.isdigit() else 0 for text in texts]
    bad = [at for at, number in enumerate(numbers) if not number]
    if bad:
        raise InputError(column.fault(at, f"{texts[at]!r} is no part of an hour") for at in bad[:MOST_FAULTS])
    part_ns = HOUR_NS // max(numbers)
    return hours_ns - HOUR_NS + np.array(numbers, np.int64) * part_ns


def _from_ranges(times: Times, rows: NDArray[np.intp], zone: str, column: Column) -> Stamps:
    """Starts of ranges; a file of several interval lengths (an hour, then quarters) is laid on the shortest."""
    ends, saving = times.ends_ns, times.end_saving
    assert ends is not None
    assert saving is not None
    moved = np.where((times.saving >= 0) & (saving >= 0), times.saving.astype(np.int64) - saving, 0)
    lengths = ends - times.starts_ns + moved * HOUR_NS  # from daylight saving to standard time an hour passes unseen
    usual = lengths[(lengths > 0) & (lengths <= HOUR_NS)]
    step_ns = int(usual.min()) if usual.size else _usual_step(times.starts_ns, column)
    counts = np.clip(lengths, step_ns, max(HOUR_NS, step_ns)) // step_ns
    starts = _in_utc(times.starts_ns, times.saving, rows, step_ns, zone)
    if (counts == 1).all():
        return starts
    repeats = counts[starts.rows]
    within = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    laid = np.repeat(starts.start_ns, repeats) + within * step_ns
    note = (
        f"rows of different length, the shortest {step_ns / MINUTE_NS:g} min: longer ones hold for their whole length"
    )
    return Stamps(laid, np.repeat(starts.rows, repeats), step_ns, (*starts.notes, note))


def _counted(
    counted_ns: NDArray[np.int64],
    naive_ns: NDArray[np.int64],
    rows: NDArray[np.intp],
    step_ns: int,
    zone: str,
    ending: bool,
) -> Stamps:
    """Hours counted from local midnight on, so that a day has 23, 24 or 25 of them."""
    midnight = pd.DatetimeIndex((naive_ns - counted_ns).astype("datetime64[ns]"))
    utc = midnight.tz_localize(zone, ambiguous=True, nonexistent="shift_forward").tz_convert("UTC").tz_localize(None)
    return Stamps(utc.as_unit("ns").asi8 + counted_ns - step_ns * ending, rows, step_ns)


def _in_utc(
    naive_ns: NDArray[np.int64], saving: NDArray[np.int8], rows: NDArray[np.intp], step_ns: int, zone: str
) -> Stamps:
    if zone == "UTC":
        return Stamps(naive_ns, rows, step_ns)
    local = pd.DatetimeIndex(naive_ns.astype("datetime64[ns]"))
    first_of_two = np.where(saving < 0, ~local.duplicated(keep="first"), saving == 1)
    utc = local.tz_localize(zone, ambiguous=first_of_two, nonexistent="NaT").tz_convert("UTC").tz_localize(None)
    real = ~np.asarray(utc.isna())
    dropped = f"{(~real).sum()} rows in hours that {zone} skips (daylight saving begins) dropped"
    return Stamps(utc[real].as_unit("ns").asi8, rows[real], step_ns, () if real.all() else (dropped,))


def _hours_ns(column: Column) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Hours of the day beside dates, and which of them are marked as the second of two."""
    texts = column.hours or ()
    found = [_HOUR.fullmatch(text) for text in texts]
    bad = [at for at, match in enumerate(found) if match is None]
    if bad:
        raise InputError(column.fault(at, f"{texts[at]!r} is no hour of the day") for at in bad[:MOST_FAULTS])
    parts = [(int(match[1]), int(match[3] or 0)) for match in found if match]
    hours = np.array([hour * HOUR_NS + minute * MINUTE_NS for hour, minute in parts], np.int64)
    return hours, np.array([bool(match[2]) for match in found if match])


def _usual_step(times_ns: NDArray[np.int64], column: Column) -> int:
    """The commonest distance between rows that follow one another, in nanoseconds."""
    distances = np.diff(times_ns)
    steps, counts = np.unique(distances[distances > 0], return_counts=True)
    if not steps.size:
        raise InputError([column.fault(0, "a series needs two times or more, in order")])
    return int(steps[np.argmax(counts)])
