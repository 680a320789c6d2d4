"""Texts of times in a user's file -> starts of intervals in UTC.

Three kinds are known: with a zone (``2021-01-01T00:00Z``, ``+01:00``), in a zone that the reader was told (or that
the column's name tells, such as ``time_utc``), and local civil time with daylight saving. In a repeated hour the
first of two equal times is daylight-saving time; a time that the spring change skips does not exist and is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.errors import Fault, InputError, Place
from twin.series.columns import MOST_FAULTS, UTC_NAME, Column
from twin.series.series_file import SeriesFile

_ZONE = re.compile(r"(Z|[+-]\d{2}:?\d{2})$")
_MIDNIGHT = re.compile(r"([T ])24:00(:00)?(?=$|Z|[+-])")  # 24:00 of a day is 00:00 of the next
_HOUR = re.compile(r"(\d{1,2})(?::(\d{2}))?(?::00)?")
MINUTE_NS = 60_000_000_000
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS


@dataclass(frozen=True)
class Stamps:
    """Interval starts, nanoseconds UTC, shape (n,); ``rows`` are the rows of the file that they belong to."""

    start_ns: NDArray[np.int64]
    rows: NDArray[np.intp]
    step_ns: int
    notes: tuple[str, ...] = ()


def read_stamps(column: Column, spec: SeriesFile) -> Stamps:
    """Interval starts in UTC of all rows of a column.

    Raises
    ------
    InputError
        No column of times, one that cannot be read, or one that states no zone where none was given.
    """
    if column.times is None or column.time_name is None:
        raise InputError([Fault("no column of times found: give `time_column`", "", Place(str(column.path)))])
    zoned = _zoned(column, column.times)
    naive_ns = _parse(column, column.times, zoned, spec.time_format) + _hours_ns(column)
    rows = np.arange(naive_ns.size)
    if naive_ns[0] > naive_ns[-1]:  # newest first
        naive_ns, rows = naive_ns[::-1], rows[::-1]
    step_ns = _usual_step(naive_ns, column)
    if spec.stamp == "end":
        naive_ns = naive_ns - step_ns
    zone = "UTC" if zoned or (spec.timezone is None and UTC_NAME.search(column.time_name)) else spec.timezone
    if zone is None:
        message = f"times in column '{column.time_name}' state no zone: give `timezone`, UTC or a name"
        raise InputError([column.fault(0, message)])
    return _in_utc(naive_ns, rows, step_ns, zone)


def _in_utc(naive_ns: NDArray[np.int64], rows: NDArray[np.intp], step_ns: int, zone: str) -> Stamps:
    if zone == "UTC":
        return Stamps(naive_ns, rows, step_ns)
    local = pd.DatetimeIndex(naive_ns.astype("datetime64[ns]"))
    first_of_two = ~local.duplicated(keep="first")
    utc = local.tz_localize(zone, ambiguous=first_of_two, nonexistent="NaT").tz_convert("UTC").tz_localize(None)
    real = ~np.asarray(utc.isna())
    dropped = f"{(~real).sum()} rows in hours that {zone} skips (daylight saving begins) dropped"
    return Stamps(utc[real].as_unit("ns").asi8, rows[real], step_ns, () if real.all() else (dropped,))


def _zoned(column: Column, texts: Sequence[str]) -> bool:
    """Whether the times state their zone; all of them must do as the first."""
    zoned = [bool(_ZONE.search(text)) for text in texts]
    if any(zoned) != all(zoned):
        odd = zoned.index(not zoned[0])
        raise InputError([column.fault(odd, f"{texts[odd]!r}: some times state a zone and others do not")])
    return zoned[0]


def _parse(column: Column, texts: Sequence[str], zoned: bool, time_format: str | None) -> NDArray[np.int64]:
    late = np.array([bool(_MIDNIGHT.search(text)) for text in texts])
    plain = [_MIDNIGHT.sub(r"\g<1>00:00", text) for text in texts] if late.any() else texts
    parsed = pd.to_datetime(pd.Series(plain), format=time_format or "ISO8601", utc=zoned, errors="coerce")
    bad = np.flatnonzero(parsed.isna())
    if bad.size:
        form = time_format or "ISO 8601, such as 2025-01-31 13:00 (for another, give `time_format`)"
        message = "{!r} is no time in the form " + form
        raise InputError(column.fault(at, message.format(texts[at])) for at in bad[:MOST_FAULTS].tolist())
    naive = parsed.dt.tz_localize(None) if zoned else parsed
    times_ns: NDArray[np.int64] = pd.DatetimeIndex(naive).as_unit("ns").asi8 + late * DAY_NS
    return times_ns


def _hours_ns(column: Column) -> NDArray[np.int64]:
    """Hours of the day beside dates, 0 where there is no such column."""
    if column.hours is None:
        return np.zeros(column.values.size, np.int64)
    found = [_HOUR.fullmatch(text) for text in column.hours]
    bad = [at for at, match in enumerate(found) if match is None]
    if bad:
        raise InputError(column.fault(at, f"{column.hours[at]!r} is no hour of the day") for at in bad[:MOST_FAULTS])
    parts = [(int(match[1]), int(match[2] or 0)) for match in found if match]
    return np.array([hour * HOUR_NS + minute * MINUTE_NS for hour, minute in parts], np.int64)


def _usual_step(times_ns: NDArray[np.int64], column: Column) -> int:
    """The commonest distance between rows that follow one another, in nanoseconds."""
    distances = np.diff(times_ns)
    steps, counts = np.unique(distances[distances > 0], return_counts=True)
    if not steps.size:
        raise InputError([column.fault(0, "a series needs two times or more, in order")])
    return int(steps[np.argmax(counts)])
