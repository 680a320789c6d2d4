"""The period of a run: its step, its first instant, its steps; and what of it the calendar refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from twin.components.it.caps import GridEvent
from twin.components.profiles import Event, Outage
from twin.errors import SpecFault
from twin.units import seconds_of

MOST_STEPS = 1_200_000  # a year at 30 s; the outputs of a site of 30 components then take some 2 GB
HOUR_S, DAY_S = 3600, 86400


def period_of(run: Any) -> tuple[datetime, int]:
    """First instant of a run in local standard time, and the number of its steps."""
    start = _start(run)
    return start, _length_s(run, start) // seconds_of(run.step)


def period_faults(run: Any) -> Iterator[SpecFault]:
    """What is wrong with a run's step, start and duration, each by itself within its pattern."""
    step_s = seconds_of(run.step)
    if not ((step_s <= HOUR_S and HOUR_S % step_s == 0) or (step_s % HOUR_S == 0 and DAY_S % step_s == 0)):
        yield SpecFault(("step",), f"'{run.step}' does not divide an hour or a day evenly; try 5min, 15min or 1h")
        return
    if run.refine is not None and step_s % seconds_of(run.refine.step):
        yield SpecFault(
            ("refine", "step"), f"'{run.refine.step}' does not divide the step of the run, {run.step}, evenly"
        )
    start, year = _start(run), run.calendar_year
    if start.year != year:
        yield SpecFault(("start",), f"'{run.start}' lies outside {year}, the year that is run (run.calendar_year)")
        return
    length_s, left_s = _length_s(run, start), _left_s(start)
    if length_s > left_s:
        left = f"{left_s / DAY_S:,.6g} days of {year} are left from {start:%Y-%m-%d %H:%M} on"
        yield SpecFault(("duration",), f"'{run.duration}' is too long: {left}")
    elif length_s % step_s:
        field, span = ("duration", "") if run.duration else ("start", " to the end of the year")
        yield SpecFault((field,), f"'{getattr(run, field)}'{span} is no whole number of steps of {run.step}")
    elif length_s // step_s > MOST_STEPS:
        limit = f"at most {MOST_STEPS:,} fit in memory: take a longer step, or state run.duration"
        yield SpecFault(("step",), f"{length_s // step_s:,} steps of {run.step} are too many; {limit}")


def outage_faults(outage: Outage | Event | GridEvent, year: int, timezone: str) -> Iterator[SpecFault]:
    """Where an outage or event lies outside the year that is run, or begins in the hour that clocks are put forward."""
    begins = datetime.fromisoformat(outage.at)
    if begins.year > year or begins + timedelta(hours=outage.duration_h) <= datetime(year, 1, 1):
        yield SpecFault(("at",), f"'{outage.at}' lies outside {year}, the year that is run (run.calendar_year)")
        return
    zone = ZoneInfo(timezone)
    if begins.replace(tzinfo=zone).astimezone(ZoneInfo("UTC")).astimezone(zone).replace(tzinfo=None) != begins:
        yield SpecFault(("at",), f"there is no '{outage.at}' in {timezone}: clocks are put forward over it")


def _start(run: Any) -> datetime:
    return datetime(run.calendar_year, 1, 1) if run.start is None else datetime.fromisoformat(run.start)


def _left_s(start: datetime) -> int:
    return round((datetime(start.year + 1, 1, 1) - start).total_seconds())


def _length_s(run: Any, start: datetime) -> int:
    return _left_s(start) if run.duration is None else seconds_of(run.duration)
