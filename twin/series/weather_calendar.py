"""Rows of a weather file on a calendar year: seconds from its start in local standard time, in order, without gaps.

A typical year fits any calendar year. A real one fits the year that it holds, with a day more on both sides where
the file has it, so that the year's ends need no guess.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass

import numpy as np

from twin.errors import Fault, InputError, Place
from twin.series.weather_raw import RawWeather, Stamps, month_and_day, year_of
from twin.units import SECONDS_PER_HOUR

DAY_S = 24.0 * SECONDS_PER_HOUR
LONGEST_GAP_S = 6.0 * SECONDS_PER_HOUR  # longer ones are not filled
_LEAP_DAY = (2, 29)
_MOST_DAYS = 367  # a typical year, and midnight of the next
_REPEATED = "28 February repeated as 29 February, which the file does not have"


@dataclass(frozen=True, eq=False)
class Laid:
    """Which row of the file stands at which second of the year."""

    year: int
    seconds: np.ndarray
    rows: np.ndarray
    period_s: float | None
    """Length of the year after which a typical one begins again; None for a real one."""
    step_s: float
    notes: tuple[str, ...]


def length_of_year_s(year: int) -> float:
    """Seconds of a calendar year."""
    return (366.0 if calendar.isleap(year) else 365.0) * DAY_S


def moment(year: int, second: float) -> str:
    """Text of a local standard time given as seconds from the start of a year."""
    start = np.datetime64(f"{year:04d}-01-01T00:00:00")
    return str(start + np.timedelta64(round(second), "s")).replace("T", " ")[:16]


def lay(raw: RawWeather, file: str, calendar_year: int | None, default_year: int) -> Laid:
    """Rows of ``raw`` on ``calendar_year`` in local standard time, sorted, each time once.

    Without ``calendar_year`` a typical year is laid on ``default_year`` and a real one kept whole.
    Raises :class:`InputError` where a real file holds nothing of the year.
    """
    shift_s = (raw.site.local_h() - raw.site.stamps_h()) * SECONDS_PER_HOUR
    if raw.typical:
        year = calendar_year or default_year
        _refuse_many_years(raw, file)
        rows, seconds, notes = _typical(raw.stamps, year, shift_s)
    else:
        year = calendar_year or int(year_of(raw.stamps.days).min())
        rows, seconds, notes = _real(raw, year, shift_s)
    rows, seconds, more = _in_order(raw.stamps, rows, seconds, year)
    if seconds.size < 2:
        raise InputError(f"{file}: {_missing_year(raw, year)}")
    step_s = float(np.median(np.diff(seconds)))
    if not raw.typical and calendar_year is not None:
        rows, seconds = _around_year(rows, seconds, year, step_s)
        if not np.any((seconds > 0.0) & (seconds <= length_of_year_s(year))):
            raise InputError(f"{file}: {_missing_year(raw, year)}")
    period_s = length_of_year_s(year) if raw.typical else None
    if period_s and seconds[-1] - seconds[0] >= period_s:  # a file with both 00:00 and 24:00
        rows, seconds = rows[:-1], seconds[:-1]
    return Laid(year, seconds, rows, period_s, step_s, (*notes, *more))


def refuse_long_gaps(laid: Laid, file: str, lines: np.ndarray) -> None:
    """Refuse pauses between rows of which more than six hours are missing."""
    pauses = np.diff(laid.seconds)
    long = np.flatnonzero(pauses - laid.step_s > LONGEST_GAP_S + 1.0)
    if laid.step_s > LONGEST_GAP_S:
        raise InputError(f"{file}: one row in {laid.step_s / SECONDS_PER_HOUR:.3g} h, at least one in 6 h is needed")
    if long.size:
        i = int(long[0])
        span = f"{moment(laid.year, laid.seconds[i])} to {moment(laid.year, laid.seconds[i + 1])}"
        raise InputError([Fault(_gap_text(span, pauses[i], long.size), place=Place(file, int(lines[laid.rows[i]])))])
    if laid.period_s is not None:
        pause = laid.seconds[0] + laid.period_s - laid.seconds[-1]
        if pause - laid.step_s > LONGEST_GAP_S + 1.0:
            end = moment(laid.year, laid.seconds[-1])
            raise InputError(f"{file}: {_gap_text(f'{end} to the first row of the typical year', pause, 1)}")


def _gap_text(span: str, pause_s: float, count: int) -> str:
    more = f", the first of {count} such gaps" if count > 1 else ""
    return f"no rows from {span} ({pause_s / SECONDS_PER_HOUR:.3g} h{more}); gaps of up to 6 h are filled"


def _typical(stamps: Stamps, year: int, shift_s: float) -> tuple[np.ndarray, np.ndarray, list[str]]:
    month, day = month_and_day(stamps.days)
    leap_day = (month == _LEAP_DAY[0]) & (day == _LEAP_DAY[1])
    before = (month == _LEAP_DAY[0]) & (day == _LEAP_DAY[1] - 1)
    rows, notes = np.arange(month.size), [f"typical weather laid on {year}"]
    if leap_day.any() and not calendar.isleap(year):
        rows = rows[~leap_day]
        notes.append(f"29 February left out: {year} has none")
    seconds = _day_of_year(month[rows], day[rows], year) * DAY_S + stamps.second_s[rows]
    if calendar.isleap(year) and before.any() and not leap_day.any():
        rows, seconds = _with_leap_day(rows, seconds, np.flatnonzero(before))
        notes.append(_REPEATED)
    if shift_s:
        rows, seconds = _sorted(rows, np.mod(seconds + shift_s, length_of_year_s(year)))
    return rows, seconds, notes


def _with_leap_day(rows: np.ndarray, seconds: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows with those of 28 February (positions ``before``) once more, a day later."""
    return _sorted(np.concatenate([rows, rows[before]]), np.concatenate([seconds, seconds[before] + DAY_S]))


def _sorted(rows: np.ndarray, seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(seconds, kind="stable")
    return rows[order], seconds[order]


def _refuse_many_years(raw: RawWeather, file: str) -> None:
    held = np.unique(raw.stamps.days).size
    if held > _MOST_DAYS:
        raise InputError(f"{file}: a typical year has 365 or 366 days, this file has {held}")


def _day_of_year(month: np.ndarray, day: np.ndarray, year: int) -> np.ndarray:
    """Days since 1 January, from 0."""
    starts = np.cumsum([0, *(calendar.monthrange(year, m)[1] for m in range(1, 12))])
    return np.asarray(starts[month - 1] + day - 1)


def _real(raw: RawWeather, year: int, shift_s: float) -> tuple[np.ndarray, np.ndarray, list[str]]:
    days, second_s = raw.stamps.days, raw.stamps.second_s
    rows, notes = np.arange(days.size), []
    seconds = (days - np.datetime64(f"{year:04d}-01-01")).astype("int64") * DAY_S + second_s + shift_s
    if raw.kind == "NSRDB" and calendar.isleap(year):  # NSRDB leaves leap days out unless they are asked for
        before = days == np.datetime64(f"{year:04d}-02-28")
        if before.any() and not np.any(days == np.datetime64(f"{year:04d}-02-29")):
            rows, seconds = _with_leap_day(rows, seconds, np.flatnonzero(before))
            notes.append(_REPEATED)
    return rows, seconds, notes


def _in_order(
    stamps: Stamps, rows: np.ndarray, seconds: np.ndarray, year: int
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Rows sorted by time, the first of equal times kept."""
    notes = []
    late = np.flatnonzero(np.diff(seconds) < 0.0)
    if late.size:
        place = f"first at line {stamps.lines[rows[late[0] + 1]]}"
        rows, seconds = _sorted(rows, seconds)
        notes.append(f"rows out of order of time sorted ({late.size} steps back, {place})")
    again = np.concatenate([[False], np.diff(seconds) == 0.0])
    if again.any():
        first = int(np.flatnonzero(again)[0])
        place = f"{moment(year, seconds[first])}, line {stamps.lines[rows[first]]}"
        notes.append(f"{again.sum()} repeated times left out, the first row of each kept (first: {place})")
        rows, seconds = rows[~again], seconds[~again]
    return rows, seconds, notes


def _around_year(rows: np.ndarray, seconds: np.ndarray, year: int, step_s: float) -> tuple[np.ndarray, np.ndarray]:
    """The year's rows, and those of the days before and after that join it without a long gap."""
    end = length_of_year_s(year)
    near = (seconds >= -DAY_S) & (seconds <= end + DAY_S)
    rows, seconds = rows[near], seconds[near]
    long = np.flatnonzero(np.diff(seconds) - step_s > LONGEST_GAP_S + 1.0)
    before = long[seconds[long + 1] <= step_s] if long.size else long
    after = long[seconds[long] >= end - step_s] if long.size else long
    kept = slice(before[-1] + 1 if before.size else 0, after[0] + 1 if after.size else seconds.size)
    return rows[kept], seconds[kept]


def _missing_year(raw: RawWeather, year: int) -> str:
    first, last = raw.stamps.days.min(), raw.stamps.days.max()
    advice = "choose a year that it holds"
    if np.unique(raw.stamps.days).size <= _MOST_DAYS:
        advice += ", or state `typical: true` to lay it on any"
    return f"no weather of {year}: it holds {first} to {last} (UTC{raw.site.stamps_h():+g}); {advice}"
