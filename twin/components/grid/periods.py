"""Tariff periods: windows of months, day types and hours of local civil time that share every hour between them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, model_validator
from pydantic.fields import FieldInfo

from twin.errors import did_you_mean
from twin.quantities import Spec

MINUTES_PER_DAY = 1440
DAY_TYPES = ("weekdays", "weekends")  # holidays count as weekends
Month = Annotated[int, Field(ge=1, le=12)]
PeriodName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
ALL_MONTHS = tuple(range(1, 13))


_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")


def _clock(value: Any) -> Any:
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise ValueError(f'{value!r} is not a time of day: write it as "08:30", up to "24:00"')
    return value


Clock = Annotated[str, BeforeValidator(_clock), Field(pattern=f"^({_CLOCK.pattern})$")]


def is_clock(field: FieldInfo) -> bool:
    """Whether a field of a model holds a time of day."""
    return any(getattr(mark, "func", None) is _clock for mark in field.metadata)


def minute_of(clock: str) -> int:
    """Minutes from midnight to a time of day.

    >>> minute_of("08:30"), clock_of(510)
    (510, '08:30')
    """
    hours, minutes = clock.split(":")
    return 60 * int(hours) + int(minutes)


def clock_of(minute: int) -> str:
    """The time of day so many minutes after midnight."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


class Window(Spec):
    """When a period applies. Each day's own clock counts: 22:00 to 06:00 is the first six and last two hours of it."""

    period: PeriodName
    """Name of the period."""
    months: tuple[Month, ...] = ALL_MONTHS
    """Months of the year, 1 to 12."""
    days: Literal["all", "weekdays", "weekends"] = "all"
    """Monday to Friday, Saturday and Sunday (and holidays), or all."""
    start: Clock = "00:00"
    """From this local civil time, "HH:MM"."""
    end: Clock = "24:00"
    """Until this local civil time, "HH:MM"; before `start` it crosses midnight."""

    @model_validator(mode="after")
    def _not_empty(self) -> Window:
        if self.start == self.end:
            raise ValueError(f"a window from {self.start} to {self.end} is empty: a whole day is 00:00 to 24:00")
        return self

    def minutes(self) -> NDArray[np.bool_]:
        """Which minutes of the day it holds, shape (1440,)."""
        start, end, minute = minute_of(self.start), minute_of(self.end), np.arange(MINUTES_PER_DAY)
        if start < end:
            return (minute >= start) & (minute < end)
        return (minute >= start) | (minute < end)


@dataclass(frozen=True)
class Schedule:
    """Periods and the windows in which they apply; hours outside all windows belong to ``default``."""

    names: tuple[str, ...]
    default: str | None
    windows: tuple[Window, ...]

    def boundaries_min(self) -> tuple[int, ...]:
        """Minutes of the day at which a period can change."""
        clocks = {minute_of(clock) % MINUTES_PER_DAY for window in self.windows for clock in (window.start, window.end)}
        return tuple(sorted({0} | clocks))

    def faults(self) -> list[str]:
        """What is wrong with it, in words."""
        named = [window.period for window in self.windows] + ([self.default] if self.default else [])
        unknown = [f"no period '{name}'{did_you_mean(name, self.names)}" for name in named if name not in self.names]
        return list(dict.fromkeys(unknown)) or _cover_faults(self)

    def grid(self) -> NDArray[np.int8]:
        """Index of the period by month, day type and minute of the day: shape (12, 2, 1440)."""
        return _grid(self)


@functools.lru_cache(maxsize=256)
def _grid(schedule: Schedule) -> NDArray[np.int8]:
    default = -1 if schedule.default is None else schedule.names.index(schedule.default)
    grid = np.full((12, len(DAY_TYPES), MINUTES_PER_DAY), default, np.int8)
    for window in schedule.windows:
        grid[_cells(window)] = schedule.names.index(window.period)
    grid.flags.writeable = False
    return grid


def _cells(window: Window) -> tuple[NDArray[np.intp], ...]:
    days = [day for day, name in enumerate(DAY_TYPES) if window.days in ("all", name)]
    return np.ix_(np.array(window.months) - 1, np.array(days), np.flatnonzero(window.minutes()))


def _cover_faults(schedule: Schedule) -> list[str]:
    grid, faults = _grid(schedule), []
    if (grid < 0).any():
        faults.append(f"no period at {_when(np.argwhere(grid < 0)[0])}: name a default_period for the hours left over")
    for window in schedule.windows:
        other = grid[_cells(window)] != schedule.names.index(window.period)
        if other.any():
            first = [axis.ravel()[at] for axis, at in zip(_cells(window), np.argwhere(other)[0], strict=True)]
            there = schedule.names[grid[tuple(first)]]
            faults.append(f"two periods at {_when(first)}: '{window.period}' and '{there}'")
    idle = [name for at, name in enumerate(schedule.names) if not (grid == at).any()]
    return faults or [f"period '{name}' never applies" for name in idle]


def _when(cell: Iterable[int]) -> str:
    month, day, minute = (int(part) for part in cell)
    return f"{clock_of(minute)} on {DAY_TYPES[day]} of month {month + 1}"
