"""A weather file as it was read, before anything is corrected; and the search for what cannot be read in it."""

from __future__ import annotations

import calendar
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from twin.errors import Fault, InputError, Place

# What a file may hold, in these units; others are computed from them.
MEASURED = (
    "dry_bulb_c",
    "dew_point_c",
    "wet_bulb_c",
    "rh_frac",
    "pressure_pa",
    "wind_m_s",
    "ghi_w_m2",
    "dni_w_m2",
    "dhi_w_m2",
)
_MOST_FAULTS = 5  # faults of one kind that are listed
_LIMITS = {"year": (1000, 3000), "month": (1, 12), "day": (1, 31), "hour": (0, 24), "minute": (0, 60)}


@dataclass(frozen=True)
class Site:
    """Where a weather file is from; None is what the file does not say."""

    name: str = ""
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    elevation_m: float | None = None
    stamps_offset_h: float | None = None
    """Zone of the time stamps, hours from UTC."""
    utc_offset_h: float | None = None
    """Local standard time, hours from UTC."""

    def local_h(self) -> float:
        """Local standard time, hours from UTC; that of the stamps where the file does not tell it."""
        return self.stamps_h() if self.utc_offset_h is None else self.utc_offset_h

    def stamps_h(self) -> float:
        """Zone of the time stamps, hours from UTC; local standard time where the file does not tell it."""
        return (self.utc_offset_h or 0.0) if self.stamps_offset_h is None else self.stamps_offset_h


@dataclass(frozen=True, eq=False)
class Stamps:
    """Time stamps in file order, as the file states them, and the line that each stands on."""

    days: np.ndarray
    """datetime64[D]"""
    second_s: np.ndarray
    """Second of the day, 0..86400."""
    lines: np.ndarray


@dataclass(frozen=True, eq=False)
class RawWeather:
    """A weather file in file order: columns of :data:`MEASURED` in units of their names, NaN where a cell is empty."""

    kind: str
    """Format, for messages: EPW, TMY3, TMY2, NSRDB or CSV."""
    site: Site
    typical: bool
    solar_before_stamp: bool
    """Irradiance is the mean of the interval that ends at the stamp; else it holds at the stamp."""
    stamps: Stamps
    columns: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Layout:
    """How the rows of a format are cut: where data begin, how a line splits, where the needed cells are."""

    kind: str
    skip: int
    """Header lines."""
    split: Callable[[str], Sequence[str]]
    cells: Mapping[str, int]
    """Name of a needed cell -> its position."""
    width: int
    """Fields that every row must have."""


def check_widths(file: str, rows: Sequence[str], layout: Layout, exact: bool = False) -> None:
    """Refuse rows with fewer fields than ``layout.width`` (or, if ``exact``, more), naming each by its line."""
    found = [(i, len(layout.split(row))) for i, row in enumerate(rows)]
    wrong = [(i, n) for i, n in found if n < layout.width or (exact and n > layout.width)]
    _refuse(
        Fault(f"the row has {n} fields, {layout.width} are expected", place=Place(file, i + layout.skip + 1))
        for i, n in wrong
    )


def refuse_bad_cells(file: str, rows: Sequence[str], layout: Layout, reason: str) -> NoReturn:
    """Raise an :class:`InputError` that names the cells that are no numbers or no dates; else one with ``reason``."""
    faults = []
    for i, row in enumerate(rows):
        texts = {name: layout.split(row)[position].strip() for name, position in layout.cells.items()}
        message = next((m for m in map(_cell_fault, texts, texts.values()) if m), "") or _date_fault(texts)
        if message:
            faults.append(Fault(message, place=Place(file, i + layout.skip + 1)))
    _refuse(faults)
    raise InputError(f"{file}: cannot be read as {layout.kind}: {reason}")


def _cell_fault(name: str, text: str) -> str:
    if not text or text.lower() in ("nan", "na", "null", "none"):
        return f"{name} is empty" if name in _LIMITS else ""
    try:
        value = float(text)
    except ValueError:
        return f"{name} '{text}' is not a number"
    low, high = _LIMITS.get(name, (-math.inf, math.inf))
    return "" if low <= value <= high else f"{name} {text} is outside {low}..{high}"


def _date_fault(texts: Mapping[str, str]) -> str:
    if not {"month", "day"} <= texts.keys():
        return ""
    month, day = int(float(texts["month"])), int(float(texts["day"]))
    year = int(float(texts["year"])) if texts.get("year") else 2000
    if day > calendar.monthrange(year, month)[1]:
        return f"there is no day {day} in month {month} of {year}"
    return ""


def _refuse(faults: Iterable[Fault]) -> None:
    listed = list(faults)
    if len(listed) > _MOST_FAULTS:
        more = Fault(f"and {len(listed) - _MOST_FAULTS} rows more like these")
        raise InputError([*listed[:_MOST_FAULTS], more])
    if listed:
        raise InputError(listed)


def dates(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Days (datetime64[D]) from arrays of year, month and day."""
    months = (np.asarray(year, dtype="int64") - 1970) * 12 + np.asarray(month, dtype="int64") - 1
    firsts: np.ndarray = months.astype("datetime64[M]").astype("datetime64[D]")
    return firsts + (np.asarray(day, dtype="int64") - 1)


def month_and_day(days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Month 1..12 and day 1..31 of days (datetime64[D])."""
    months = days.astype("datetime64[M]")
    return months.astype("int64") % 12 + 1, (days - months).astype("int64") + 1


def year_of(days: np.ndarray) -> np.ndarray:
    """Year of days (datetime64[D])."""
    years: np.ndarray = days.astype("datetime64[Y]").astype("int64") + 1970
    return years
