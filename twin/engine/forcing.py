"""What does not depend on state: the time axis, weather on it, and the courses of profiles. Computed once, kept."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd

from twin.components.profiles import ConstantProfile, DailyProfile, OutageProfile, SeriesProfile
from twin.components.weather_file import WeatherFile
from twin.errors import InputError
from twin.scenario.checks import seconds_of
from twin.scenario.model import Run, Scenario
from twin.series.axis import TimeAxis, year_axis
from twin.series.tables import read_series
from twin.series.weather import Weather, read_weather
from twin.units import SECONDS_PER_HOUR


@functools.lru_cache(maxsize=32)
def weather_of(options: WeatherFile, calendar_year: int) -> Weather:
    """The weather file, read once per process."""
    return read_weather(options, calendar_year)


@functools.lru_cache(maxsize=32)
def weather_on(options: WeatherFile, calendar_year: int, axis: TimeAxis) -> dict[str, np.ndarray]:
    """Mean of each weather quantity over each step of ``axis``."""
    return weather_of(options, calendar_year).on(axis)


@functools.lru_cache(maxsize=64)
def axis_of(run: Run, utc_offset_h: float) -> TimeAxis:
    """Time axis of a run; InputError if its period leaves the calendar year."""
    step_s = float(seconds_of(run.step))
    year = year_axis(run.calendar_year, step_s, utc_offset_h)
    if run.start is None and run.duration is None:
        return year
    start = year.start
    if run.start is not None:
        start = np.datetime64(run.start.replace(" ", "T"), "ns") - np.timedelta64(round(utc_offset_h * 3600), "s")
    end = year.start + np.timedelta64(round(year.count * step_s), "s")
    stop = start + np.timedelta64(seconds_of(run.duration), "s") if run.duration else end
    if start < year.start or stop > end or stop <= start:
        raise InputError(
            f"run: {run.start or 'the start of the year'} + {run.duration or 'to the end'} leaves {run.calendar_year}"
        )
    return TimeAxis(start, step_s, int((stop - start) / np.timedelta64(1, "s") / step_s), utc_offset_h)


def course(profile: Any, axis: TimeAxis, timezone: str) -> np.ndarray | float:
    """Values of a profile on the axis; a plain number where it is constant."""
    if isinstance(profile, ConstantProfile):
        return profile.value_frac
    return _varying(profile, axis, timezone)


@functools.lru_cache(maxsize=256)
def _varying(profile: Any, axis: TimeAxis, timezone: str) -> np.ndarray:
    if isinstance(profile, DailyProfile):
        return _daily(profile, _civil(axis, timezone))
    if isinstance(profile, OutageProfile):
        return _in_service(profile, axis, timezone)
    assert isinstance(profile, SeriesProfile)
    return read_series(profile, axis, civil_timezone=timezone).values


@functools.lru_cache(maxsize=16)
def _civil(axis: TimeAxis, timezone: str) -> pd.DatetimeIndex:
    return axis.civil(timezone)


def _daily(profile: DailyProfile, local: pd.DatetimeIndex) -> np.ndarray:
    weekday = np.asarray(profile.weekday_frac)
    weekend = np.asarray(profile.weekend_frac or profile.weekday_frac)
    hour = np.asarray(local.hour)
    return np.where(np.asarray(local.day_of_week) < 5, weekday[hour], weekend[hour])


def _in_service(profile: OutageProfile, axis: TimeAxis, timezone: str) -> np.ndarray:
    """1 in service, 0 in an outage, the share of the step where an outage begins or ends inside it."""
    start = axis.utc()
    served = np.ones(axis.count)
    for outage in profile.outages:
        begins = pd.Timestamp(outage.at).tz_localize(timezone).tz_convert("UTC").tz_localize(None)
        ends = begins + pd.Timedelta(hours=outage.duration_h)
        offset_h = (start - begins).total_seconds().to_numpy() / SECONDS_PER_HOUR
        length_h = (ends - begins).total_seconds() / SECONDS_PER_HOUR
        overlap = np.minimum(offset_h + axis.dt_h, length_h) - np.maximum(offset_h, 0.0)
        served = np.minimum(served, 1.0 - np.clip(overlap, 0.0, axis.dt_h) / axis.dt_h)
    return served


def input_courses(component: Any, scenario: Scenario, axis: TimeAxis) -> dict[str, np.ndarray | float]:
    """Course of each input of a component: input ``x_frac`` comes from the profile in field ``x``."""
    zone = scenario.site.timezone
    return {name: course(getattr(component, name.removesuffix("_frac")), axis, zone) for name in type(component).inputs}
