"""How a user states a column of a CSV file that varies in time; :mod:`twin.series.tables` reads it."""

from __future__ import annotations

import zoneinfo
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from twin.errors import did_you_mean
from twin.quantities import Spec
from twin.references import InputFile
from twin.units import KG_PER_LB
from twin.yaml_source import shown

LONGEST_ZONE = 60  # characters of a name that are compared with those of zones
PER_KWH = {"per_kwh": 1.0, "cent_per_kwh": 1e-2, "per_mwh": 1e-3}  # price units, to currency/kWh
KGCO2_PER_KWH = {  # units of emission factors, to kgCO2e/kWh
    "g_per_kwh": 1e-3,
    "kg_per_kwh": 1.0,
    "kg_per_mwh": 1e-3,
    "lb_per_kwh": KG_PER_LB,
    "lb_per_mwh": KG_PER_LB * 1e-3,
}


def _known_zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        near = did_you_mean(name[:LONGEST_ZONE], zoneinfo.available_timezones())
        raise ValueError(f"no time zone {shown(name)}{near}") from None
    return name


Timezone = Annotated[str, AfterValidator(_known_zone)]


class Where(Spec):
    """Rows to take from a long table: those that have one of the values in a column."""

    column: str
    """Name of the column."""
    values: tuple[str, ...] = Field(min_length=1)
    """What it may hold, such as HB_WEST."""


class SeriesFile(Spec):
    """A column of a CSV file (comma, semicolon or tab; may be gzipped; lines that begin with # are comments)."""

    file: InputFile
    """The file."""
    column: str
    """Name of the column with the values."""
    where: tuple[Where, ...] = ()
    """Rows of a long table that are meant; all conditions hold together. Left out: all rows."""
    time_column: str | None = None
    """Column with the times; found by its name if left out."""
    hour_column: str | None = None
    """Column with the hour of the day beside dates: 1 to 24 by the clock, or up to 25 counted through the day."""
    part_column: str | None = None
    """Column with the number of the quarter (or twelfth) of the hour, from 1, beside hours that end."""
    flag_column: str | None = None
    """Column that marks (Y) the second of two equal hours as daylight saving ends; without it their order tells."""
    time_format: str | None = None
    """Form of the times, such as %m/%d/%Y; left out: ISO 8601, or the one common form that fits every row."""
    timezone: Timezone | None = None
    """Zone of times that state none: UTC or an IANA name, daylight saving included."""
    stamp: Literal["start", "end"] | None = None
    """Whether a time names the start or the end of its interval; left out: the end where the column is Hour Ending."""
    scale_ratio: float = Field(1.0, gt=0, le=1e6)
    """Values are multiplied by this, such as .01 for a column in percent."""
    gaps: Literal["hold", "interpolate", "day_before"] = "hold"
    """Gaps of up to 3 hours keep the value before or run straight to the next; up to 48, they take the day before."""
    repeat: Literal["none", "day", "week", "year"] = "none"
    """The file is a typical day, week (from Monday) or year (of 365 days) that is laid on the run's calendar."""
