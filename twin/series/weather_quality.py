"""What is missing or impossible in a weather file, filled where the gap is short and counted in notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twin.errors import Fault, InputError, Place
from twin.series.weather_calendar import LONGEST_GAP_S, Laid, moment
from twin.units import SECONDS_PER_HOUR

# Beyond these a value is a code for "missing" or an error. Records on Earth: -89.2 and 56.7 degC, 113 m/s gust (WMO);
# 6000 m of elevation is 47 kPa. EPW writes 99.9, 999, 9999 and 999999 for missing, TMY2 9999, TMY3 -9900.
LIMITS = {
    "dry_bulb_c": (-90.0, 60.0),
    "dew_point_c": (-100.0, 40.0),
    "wet_bulb_c": (-90.0, 45.0),
    "rh_frac": (0.0, 1.5),
    "pressure_pa": (45e3, 110e3),
    "wind_m_s": (0.0, 120.0),
    "ghi_w_m2": (-20.0, 2000.0),  # night offsets of sensors down to -20 are set to 0; clouds can lift to 1800
    "dni_w_m2": (-20.0, 1500.0),
    "dhi_w_m2": (-20.0, 1200.0),
}
SOLAR = ("ghi_w_m2", "dni_w_m2", "dhi_w_m2")
_GRID_S = 1.0  # rows within a second of an even grid are on it


@dataclass(frozen=True, eq=False)
class Rows:
    """Columns on the calendar, and for messages the year, the file and the line of each row."""

    file: str
    laid: Laid
    lines: np.ndarray
    columns: Mapping[str, np.ndarray]


def within_limits(rows: Rows) -> dict[str, np.ndarray]:
    """Columns with NaN for whatever is outside :data:`LIMITS`; columns without a single value left are dropped."""
    kept = {}
    for name, values in rows.columns.items():
        low, high = LIMITS[name]
        values = np.where((values >= low) & (values <= high), values, np.nan)
        if not np.isnan(values).all():
            kept[name] = np.maximum(values, 0.0) if name in SOLAR else values
    return kept


def filled(rows: Rows, name: str, values: np.ndarray, needed: bool = True) -> tuple[np.ndarray, list[str]]:
    """``values`` with NaN replaced along straight lines, and a note that counts them.

    A gap of more than six hours raises :class:`InputError` with its place; in a column that is not ``needed`` it
    leaves the whole column NaN, with a note.
    """
    missing = np.isnan(values)
    if not missing.any():
        return values, []
    first = int(np.flatnonzero(missing)[0])
    when = f"{moment(rows.laid.year, rows.laid.seconds[first])}, line {rows.lines[first]}"
    gap = _longest_gap_s(rows.laid, ~missing)
    if gap > LONGEST_GAP_S + 1.0:
        message = f"{name} is missing for {gap / SECONDS_PER_HOUR:.3g} h; gaps of up to 6 h are filled"
        if needed:
            place = Place(rows.file, int(rows.lines[_start_of_longest(rows.laid, ~missing)]))
            raise InputError([Fault(message, place=place)])
        return np.full(values.size, np.nan), [f"{message}: {name} is not used"]
    seconds, period = rows.laid.seconds, rows.laid.period_s
    whole = np.interp(seconds, seconds[~missing], values[~missing], period=period)
    return whole, [f"{name}: {missing.sum()} of {missing.size} values missing or impossible, filled (first: {when})"]


def on_even_grid(laid: Laid, columns: Mapping[str, np.ndarray]) -> tuple[np.ndarray, dict[str, np.ndarray], list[str]]:
    """Seconds and columns with missing rows put in along straight lines, where the rows stand on an even grid."""
    steps = np.diff(laid.seconds) / laid.step_s
    whole = np.round(steps)
    absent = int(np.sum(np.maximum(whole, 1.0) - 1.0))
    if np.any(np.abs(steps - whole) * laid.step_s > _GRID_S) or np.any(whole < 1.0):
        pauses = np.diff(laid.seconds)
        long = pauses[pauses > 1.5 * laid.step_s]
        text = f"times are uneven; {long.size} pauses of up to {pauses.max() / 60.0:.0f} min bridged by straight lines"
        return laid.seconds, dict(columns), [text]
    if not absent:
        return laid.seconds, dict(columns), []
    grid = laid.seconds[0] + laid.step_s * np.arange(int(whole.sum()) + 1)
    first = int(np.flatnonzero(whole > 1.0)[0])
    note = f"{absent} missing rows filled (first after {moment(laid.year, laid.seconds[first])})"
    return grid, {name: np.interp(grid, laid.seconds, values) for name, values in columns.items()}, [note]


def _pauses(laid: Laid, there: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row before each pause (or first row) and what is missing in it, in seconds, for the rows that are ``there``."""
    at = np.flatnonzero(there)
    seconds = laid.seconds[at]
    pauses = np.diff(seconds) - laid.step_s
    if laid.period_s is not None:
        around = seconds[0] + laid.period_s - seconds[-1] - laid.step_s
        return at, np.append(pauses, around)
    ends = [seconds[0] - laid.seconds[0], laid.seconds[-1] - seconds[-1]]
    return np.concatenate([[0], at[:-1], [at[-1]]]), np.concatenate([ends[:1], pauses, ends[1:]])


def _longest_gap_s(laid: Laid, there: np.ndarray) -> float:
    return float(_pauses(laid, there)[1].max())


def _start_of_longest(laid: Laid, there: np.ndarray) -> int:
    at, pauses = _pauses(laid, there)
    before = int(at[int(np.argmax(pauses))])
    return before if not there[before] else min(before + 1, there.size - 1)
