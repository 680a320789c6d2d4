"""What does not depend on state: the time axis, weather on it, and the courses of profiles. Computed once, kept."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from twin.components.base import Component, Course
from twin.components.grid.pv import Photovoltaics
from twin.components.profiles import (
    LEAST_SHARE,
    MOST_SHARE,
    ConstantProfile,
    DailyProfile,
    MonthlyProfile,
    SeriesProfile,
    most_share,
)
from twin.components.weather_file import WeatherFile
from twin.engine.outages import civil_to_utc, in_service, lost_spans, share_of_steps
from twin.engine.solar_courses import pv_course_kw
from twin.engine.work_courses import work_courses, work_notes
from twin.errors import Fault, InputError, Place
from twin.scenario.model import Run, Scenario
from twin.scenario.outages import availability_of
from twin.scenario.period import period_of
from twin.series.axis import TimeAxis
from twin.series.files import content_of, resolve
from twin.series.series_file import SeriesFile
from twin.series.tables import read_series
from twin.series.weather import Weather, read_weather
from twin.units import MINUTES_PER_HOUR, SECONDS_PER_HOUR, seconds_of


def weather_of(options: WeatherFile, calendar_year: int) -> Weather:
    """The weather of a file, kept for as long as the file does not change. InputError where it does not serve."""
    return _weather(options, calendar_year, content_of(resolve(options.file)))


def weather_on(options: WeatherFile, calendar_year: int, axis: TimeAxis) -> dict[str, np.ndarray]:
    """Mean of each weather quantity over each step of ``axis``. InputError where the file does not reach so far."""
    return _weather_on(options, calendar_year, axis, content_of(resolve(options.file)))


@functools.lru_cache(maxsize=32)
def _weather(options: WeatherFile, calendar_year: int, _content: str) -> Weather:
    return read_weather(options, calendar_year)


@functools.lru_cache(maxsize=32)
def _weather_on(options: WeatherFile, calendar_year: int, axis: TimeAxis, content: str) -> dict[str, np.ndarray]:
    return _weather(options, calendar_year, content).on(axis)


@functools.lru_cache(maxsize=64)
def axis_of(run: Run, utc_offset_h: float) -> TimeAxis:
    """Time axis of a run."""
    start, count = period_of(run)
    offset = np.timedelta64(round(utc_offset_h * SECONDS_PER_HOUR), "s")
    return TimeAxis(np.datetime64(start, "ns") - offset, float(seconds_of(run.step)), count, utc_offset_h)


def course(profile: Any, axis: TimeAxis, timezone: str, most_frac: float = MOST_SHARE) -> np.ndarray | float:
    """Values of a profile on the axis; a number where it is constant. InputError where its file does not serve."""
    if isinstance(profile, ConstantProfile):
        return profile.value_frac
    if isinstance(profile, SeriesProfile):  # kept where it is read, for as long as the file does not change
        return _shares(profile, axis, timezone, most_frac)
    return _varying(profile, axis, timezone)


def _shares(profile: SeriesProfile, axis: TimeAxis, timezone: str, most_frac: float) -> np.ndarray:
    values = read_series(profile, axis, civil_timezone=timezone).values
    low, high = float(values.min()), float(values.max())
    if low < LEAST_SHARE or high > most_frac:
        wanted = f"a share from {LEAST_SHARE:g} to {most_frac:g}"
        if MOST_SHARE < high <= 100 * MOST_SHARE:
            wanted += " (in percent? state `scale_ratio: 0.01`)"
        message = f"column '{profile.column}' runs from {low:g} to {high:g}, {wanted}"
        raise InputError([Fault(message, place=Place(profile.file))])
    return values


@functools.lru_cache(maxsize=256)
def _varying(profile: Any, axis: TimeAxis, timezone: str) -> np.ndarray:
    if isinstance(profile, DailyProfile):
        return _daily(profile, _civil(axis, timezone))
    if isinstance(profile, MonthlyProfile):
        return _monthly(profile, axis, timezone)
    return in_service(lost_spans(profile, axis, timezone), axis)


@functools.lru_cache(maxsize=16)
def _civil(axis: TimeAxis, timezone: str) -> pd.DatetimeIndex:
    return axis.civil(timezone)


def _daily(profile: DailyProfile, local: pd.DatetimeIndex) -> np.ndarray:
    weekday = np.asarray(profile.weekday_frac)
    weekend = np.asarray(profile.weekend_frac or profile.weekday_frac)
    hour = np.asarray(local.hour)
    return np.where(np.asarray(local.day_of_week) < 5, weekday[hour], weekend[hour])


def _monthly(profile: MonthlyProfile, axis: TimeAxis, timezone: str) -> np.ndarray:
    """The value in its hours of each month, less by the share of the step where they begin or end inside it."""
    local = _civil(axis, timezone)
    first, last = local[0].year * 12 + local[0].month - 2, local[-1].year * 12 + local[-1].month - 1
    minutes = round(profile.start_h * MINUTES_PER_HOUR)
    share = np.zeros(axis.count)
    for month in range(first, last + 1):  # from the month before: hours of its last day may reach into the run
        at = f"{month // 12}-{month % 12 + 1:02d}-{profile.day:02d} {minutes // 60:02d}:{minutes % 60:02d}"
        share = share + share_of_steps(axis, civil_to_utc(at, timezone), profile.duration_h)
    return share * profile.value_frac


def input_courses(component: Component, scenario: Scenario, axis: TimeAxis) -> dict[str, np.ndarray | float]:
    """Course of each input of a component: from its profiles, and from the weather or a file as it states itself."""
    return inputs_of(component, scenario, axis)[0]


def inputs_of(
    component: Component, scenario: Scenario, axis: TimeAxis
) -> tuple[dict[str, np.ndarray | float], tuple[str, ...]]:
    """The same, and what was done to the files that they come from or what stands in for what nobody measured."""
    zone = scenario.site.timezone
    profiles = {name: (_profile(component, field), most_share(field)) for name, field in component.profiles().items()}
    courses = {name: course(profile, axis, zone, most) for name, (profile, most) in profiles.items()}
    own = _own_courses(component, scenario, axis)
    for name, one in own.items():
        courses[name] = read_series(one, axis, civil_timezone=zone).values if isinstance(one, SeriesFile) else one
    rest = [name for name in component.inputs if name not in courses]
    if rest:
        courses |= work_courses(component, rest, scenario, axis, course)
    files = [one for one in (*(one for one, _ in profiles.values()), *own.values()) if isinstance(one, SeriesFile)]
    read = tuple(note for one in files for note in read_series(one, axis, civil_timezone=zone).notes)
    return courses, read + work_notes(component)


def _profile(component: Component, field: str) -> Any:
    return availability_of(component) if field == "availability" else vars(component)[field]


def _own_courses(component: Component, scenario: Scenario, axis: TimeAxis) -> Mapping[str, Course]:
    if component.profiles().keys() == component.inputs.keys():
        return {}
    if type(component).courses is Component.courses and not isinstance(component, Photovoltaics):
        return {}
    if isinstance(component, Photovoltaics):
        weather = weather_of(scenario.weather, scenario.run.calendar_year)
        return {"available_kw": pv_course_kw(component, weather, axis)}
    return component.courses(weather_on(scenario.weather, scenario.run.calendar_year, axis), axis)
