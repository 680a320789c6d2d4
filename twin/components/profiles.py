"""Courses over time that a user states: constant, daily and weekly profiles, CSV files, outages."""

from __future__ import annotations

import functools
from datetime import datetime
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, ConfigDict, Field, model_validator

from twin.errors import SpecFault
from twin.quantities import Spec
from twin.series.series_file import SeriesFile
from twin.units import DURATION, SECONDS_PER_HOUR, seconds_of

LEAST_SHARE, MOST_SHARE = 0.0, 1.2  # 1.2: servers in turbo, or a load above its rating
MOST_IN_SERVICE = 1.0
Share = Annotated[float, Field(ge=LEAST_SHARE, le=MOST_SHARE)]


def real_moment(text: str) -> str:
    """The text itself; ValueError where the calendar or the clock does not have it."""
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"there is no '{text}': {error}") from None
    return text


LostCount = Annotated[int | None, Field(ge=1, le=100000)]
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?$"), AfterValidator(real_moment)]


def _refuse_both(span: OutOfService | Event) -> None:
    """SpecFault where a span says twice what is lost."""
    if span.lost_count is not None and span.available_frac > 0.0:
        raise SpecFault(
            ("lost_count",), f"is stated beside available_frac ({span.available_frac:g}); state one of them"
        )


class ConstantProfile(Spec):
    """The same value all the time."""

    kind: Literal["constant"] = "constant"
    """Kind of profile."""
    value_frac: Share
    """Value, 1 = full."""


class DailyProfile(Spec):
    """A value for each hour of civil local time, on weekdays and at weekends."""

    kind: Literal["daily"] = "daily"
    """Kind of profile."""
    weekday_frac: tuple[Share, ...] = Field(min_length=24, max_length=24)
    """24 values from midnight, Monday to Friday."""
    weekend_frac: tuple[Share, ...] | None = Field(None, min_length=24, max_length=24)
    """24 values from midnight, Saturday and Sunday; as on weekdays if left out."""


class Outage(Spec):
    """A time span in which something is out of service."""

    at: Moment
    """Start in civil local time, such as 2025-07-15 14:00."""
    duration_h: float = Field(gt=0, le=8784)
    """How long it lasts."""


class OutOfService(Outage):
    """A time span in which all or some of the units are out of service."""

    available_frac: float = Field(0.0, ge=0, lt=1)
    """Share that stays in service."""
    lost_count: LostCount = None
    """Units lost of those that stand there, in the place of the share."""

    @model_validator(mode="after")
    def _says_it_once(self) -> Self:
        _refuse_both(self)
        return self


class OutageProfile(Spec):
    """In service except during stated outages."""

    kind: Literal["outages"] = "outages"
    """Kind of profile."""
    outages: tuple[OutOfService, ...]
    """The outages; they may overlap where they leave the same share in service."""


class Event(Spec):
    """A single time span in which a unit is out of service."""

    model_config = ConfigDict(populate_by_name=True)

    at: Moment
    """Start in civil local time, such as 2025-07-15 14:00."""
    duration: str = Field(alias="for", pattern=DURATION)
    """How long it lasts, such as 10min or 2h."""
    available_frac: float = Field(0.0, ge=0, lt=1)
    """Share that stays in service."""
    lost_count: LostCount = None
    """Units lost of those that stand there, such as 1 of four tower cells, in the place of the share."""

    @model_validator(mode="after")
    def _says_it_once(self) -> Self:
        _refuse_both(self)
        return self

    @property
    def duration_h(self) -> float:
        """How long it lasts in hours."""
        return seconds_of(self.duration) / SECONDS_PER_HOUR


class EventProfile(Event):
    """In service except during one event."""

    kind: Literal["event"] = "event"
    """Kind of profile."""


class UnitEvent(Event):
    """One unit of the site that is lost for a time."""

    unit: str = Field(min_length=1, max_length=200)
    """Path of the unit, such as plants.main.chillers.one."""


class FailureProfile(Spec):
    """Units that fail and are repaired at random, each by itself; the same seed gives the same course.

    Times in service and of repair are exponential with the means stated, as IEEE Std 493-2007 (Gold Book), chapter 2,
    has it for units of constant failure and repair rates. All units are in service at the start of the year.
    """

    kind: Literal["failures"] = "failures"
    """Kind of profile."""
    mtbf_h: float = Field(gt=0, le=1e8)
    """Mean time in service between failures of one unit (8760 over the failures a year, IEEE Std 493)."""
    mttr_h: float = Field(gt=0, le=8784)
    """Mean time to repair of one unit."""
    units_count: int | None = Field(None, ge=1, le=1000)
    """Equal units that fail by themselves, each with its share; as many as stand there if left out."""
    seed: int = Field(0, ge=0, le=2**31)
    """Seed of the random numbers."""

    def spans_h(self, length_h: float) -> tuple[tuple[int, float, float], ...]:
        """Failures within ``length_h``: unit, and the hours from the start at which it fails and is back."""
        return _drawn(self, length_h)


@functools.lru_cache(maxsize=256)
def _drawn(profile: FailureProfile, length_h: float) -> tuple[tuple[int, float, float], ...]:
    found = []
    for unit in range(profile.units_count or 1):
        draw = np.random.Generator(np.random.PCG64([profile.seed, unit]))
        clock = float(draw.exponential(profile.mtbf_h))
        while clock < length_h:
            back = clock + float(draw.exponential(profile.mttr_h))
            found.append((unit, clock, back))
            clock = back + float(draw.exponential(profile.mtbf_h))
    return tuple(found)


class MonthlyProfile(Spec):
    """A value during the same hours of one day in every month, and zero else: test runs."""

    kind: Literal["monthly"] = "monthly"
    """Kind of profile."""
    day: int = Field(1, ge=1, le=28)
    """Day of the month."""
    start_h: float = Field(10.0, ge=0, le=23.75)
    """Hour of civil local time at which it begins."""
    duration_h: float = Field(gt=0, le=24)
    """How long it lasts."""
    value_frac: Share = 1.0
    """Value in those hours, 1 = full."""


class SeriesProfile(SeriesFile):
    """Values from a CSV file."""

    kind: Literal["csv"] = "csv"
    """Kind of profile."""


AnyProfile = ConstantProfile | DailyProfile | OutageProfile | MonthlyProfile | SeriesProfile
Profile = Annotated[AnyProfile, Field(discriminator="kind")]
AnyAvailability = AnyProfile | EventProfile | FailureProfile


def in_shares(profile: Any, units_count: int) -> Any:
    """The same course of ``units_count`` equal units in shares of them: what counts units states them no longer."""
    if isinstance(profile, FailureProfile):
        return profile if profile.units_count else profile.model_copy(update={"units_count": units_count})
    if isinstance(profile, OutageProfile):
        return profile.model_copy(update={"outages": tuple(_in_share(one, units_count) for one in profile.outages)})
    return _in_share(profile, units_count) if isinstance(profile, Event) else profile


def _in_share(span: Any, units_count: int) -> Any:
    if span.lost_count is None:
        return span
    left_frac = max(1.0 - span.lost_count / units_count, 0.0)
    return span.model_copy(update={"available_frac": left_frac, "lost_count": None})


def no_more_than_all(profile: AnyAvailability) -> AnyAvailability:
    """The profile itself; SpecFault where more than all units would be in service. A file is not read here."""
    for name in ("value_frac", "weekday_frac", "weekend_frac"):
        stated = getattr(profile, name, None)
        values = stated if isinstance(stated, tuple) else () if stated is None else (stated,)
        for index, value in enumerate(values):
            if value > MOST_IN_SERVICE:
                path = (name, index) if isinstance(stated, tuple) else (name,)
                raise SpecFault(path, f"must not be above {MOST_IN_SERVICE:g} (all units in service), got {value:g}")
    return profile


def most_share(field: str) -> float:
    """Largest value that the profile of a field may have."""
    return MOST_IN_SERVICE if field == "availability" else MOST_SHARE


Availability = Annotated[AnyAvailability, Field(discriminator="kind"), AfterValidator(no_more_than_all)]
ALWAYS, NEVER = ConstantProfile(value_frac=1.0), ConstantProfile(value_frac=0.0)


def hours_of(profile: AnyAvailability) -> NDArray[np.float64]:
    """Largest values by hour of a weekday, then of a weekend day, shape (48,); 0 for a file, which is not read here."""
    if isinstance(profile, DailyProfile):
        return np.array([*profile.weekday_frac, *(profile.weekend_frac or profile.weekday_frac)])
    if isinstance(profile, ConstantProfile):
        return np.full(48, profile.value_frac)
    if isinstance(profile, MonthlyProfile):
        first = int(profile.start_h)
        last = profile.start_h + profile.duration_h
        return np.where((np.arange(48) - first) % 24 < last - first, profile.value_frac, 0.0)
    return np.full(48, 1.0 if isinstance(profile, OutageProfile | EventProfile | FailureProfile) else 0.0)
