"""The weather of a site: which file, and what to correct in it."""

from __future__ import annotations

from pydantic import Field

from twin.quantities import Spec
from twin.references import InputFile


class WeatherFile(Spec):
    """A weather file (EPW, TMY2, TMY3, NSRDB or CSV) and corrections to it."""

    file: InputFile
    """Weather file: a path, `pvlib:NAME` or `data:PATH`; a .gz is unzipped."""
    latitude_deg: float | None = Field(None, ge=-90, le=90)
    """Latitude, north positive; in place of the file's own."""
    longitude_deg: float | None = Field(None, ge=-180, le=180)
    """Longitude, east positive; in place of the file's own."""
    elevation_m: float | None = Field(None, ge=-430, le=6000)
    """Elevation above sea level; in place of the file's own. Gives the pressure where the file has none."""
    utc_offset_h: float | None = Field(None, ge=-12, le=14)
    """Local standard time less UTC; in place of the file's own. Times in local time are then read in it."""
    typical: bool | None = None
    """Whether the file is a typical year, which fits any calendar year; unset: as the file says."""
    dry_bulb_shift_k: float = Field(0.0, ge=-20, le=20)
    """Added to the dry bulb at unchanged relative humidity, to ask for a warmer climate."""
