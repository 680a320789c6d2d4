"""The time axis of a run: UTC inside, intervals named by their start, local time for tariffs and screens only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from twin.units import SECONDS_PER_HOUR


@dataclass(frozen=True)
class TimeAxis:
    """``count`` intervals of ``step_s`` seconds from ``start`` (UTC); ``utc_offset_h`` is local standard time's."""

    start: np.datetime64
    step_s: float
    count: int
    utc_offset_h: float = 0.0

    @property
    def dt_h(self) -> float:
        """Length of one interval in hours."""
        return self.step_s / SECONDS_PER_HOUR

    def end(self) -> pd.Timestamp:
        """End of the last interval in UTC."""
        return pd.Timestamp(self.start) + pd.Timedelta(seconds=self.step_s * self.count)

    def utc(self) -> pd.DatetimeIndex:
        """Interval starts in UTC, without a zone, in nanoseconds."""
        nanoseconds = np.round(np.arange(self.count) * (self.step_s * 1e9)).astype("timedelta64[ns]")
        return pd.DatetimeIndex(self.start.astype("datetime64[ns]") + nanoseconds)

    def standard(self) -> pd.DatetimeIndex:
        """Interval starts in local standard time (no daylight saving), without a zone."""
        return self.utc() + pd.Timedelta(hours=self.utc_offset_h)

    def civil(self, timezone: str) -> pd.DatetimeIndex:
        """Interval starts in civil local time of an IANA zone, daylight saving included, zone attached."""
        return self.utc().tz_localize("UTC").tz_convert(timezone)


def year_axis(year: int, step_s: float, utc_offset_h: float = 0.0) -> TimeAxis:
    """Axis over one calendar year of local standard time."""
    start, end = (np.datetime64(f"{y}-01-01T00:00:00", "ns") for y in (year, year + 1))
    offset = np.timedelta64(round(utc_offset_h * SECONDS_PER_HOUR), "s")
    count = round((end - start) / np.timedelta64(1, "s") / step_s)
    return TimeAxis(start - offset, step_s, int(count), utc_offset_h)
