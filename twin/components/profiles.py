"""Courses over time that a user states: constant, daily and weekly profiles, CSV files, outages."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from twin.quantities import Spec
from twin.series.series_file import SeriesFile

Share = Annotated[float, Field(ge=0, le=1.2)]


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

    at: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?$")
    """Start in civil local time, such as 2025-07-15 14:00."""
    duration_h: float = Field(gt=0)
    """How long it lasts."""


class OutageProfile(Spec):
    """In service except during stated outages."""

    kind: Literal["outages"] = "outages"
    """Kind of profile."""
    outages: tuple[Outage, ...]
    """The outages; they may overlap."""


class SeriesProfile(SeriesFile):
    """Values from a CSV file."""

    kind: Literal["csv"] = "csv"
    """Kind of profile."""


Profile = Annotated[ConstantProfile | DailyProfile | OutageProfile | SeriesProfile, Field(discriminator="kind")]
ALWAYS = ConstantProfile(value_frac=1.0)
