"""Outdoor air through a year, read from a weather file: the one place that the rest of the twin asks.

Values are points in time joined by straight lines, as EnergyPlus joins them within the hour; irradiance of EPW, TMY
and Open-Meteo is the mean of the interval before its stamp. A run takes exact means over its steps, so hourly and
5-minute runs see the same sums.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twin.components.weather_file import WeatherFile
from twin.errors import Fault, InputError, Place
from twin.physics import fluids
from twin.series import weather_air, weather_cache
from twin.series.axis import TimeAxis
from twin.series.course import intervals, means
from twin.series.files import resolve, text_of
from twin.series.weather_calendar import Laid, lay, moment, refuse_long_gaps
from twin.series.weather_csv import read_csv
from twin.series.weather_formats import reader_of
from twin.series.weather_quality import SOLAR, Rows, filled, on_even_grid, within_limits
from twin.series.weather_raw import RawWeather, Site
from twin.units import SECONDS_PER_HOUR

COLUMNS = (
    "dry_bulb_c",
    "wet_bulb_c",
    "dew_point_c",
    "humidity_ratio_kg_kg",
    "pressure_pa",
    "density_kg_m3",
    "wind_m_s",
    *SOLAR,
)
DEFAULT_YEAR = 2025  # calendar of a typical year where none is asked for
_OPTIONAL = ("wind_m_s", *SOLAR)


@dataclass(frozen=True, eq=False)
class Weather:
    """Outdoor air on one calendar, columns of :data:`COLUMNS` at ``seconds`` from the start of ``calendar_year``.

    Times are local standard time, ``utc_offset_h`` from UTC. A ``typical`` year begins again after its end. Wind and
    irradiance are NaN throughout where the file has none. ``density_kg_m3`` is of moist air.
    """

    file: str
    name: str
    latitude_deg: float | None
    longitude_deg: float | None
    elevation_m: float
    utc_offset_h: float
    calendar_year: int
    typical: bool
    step_s: float
    sha256: str
    notes: tuple[str, ...]
    seconds: np.ndarray
    columns: Mapping[str, np.ndarray]
    stepped: frozenset[str]
    """Columns whose values are means of the interval before their stamp."""
    period_s: float | None

    def on(self, axis: TimeAxis) -> dict[str, np.ndarray]:
        """Mean of every column over each interval of ``axis``, shape (axis.count,).

        Raises :class:`InputError` with the missing period where a real year ends more than one row short of the axis.
        """
        year_start = np.datetime64(f"{self.calendar_year:04d}-01-01T00:00:00", "ns")
        start_s = float((axis.start.astype("datetime64[ns]") - year_start).astype("int64")) * 1e-9
        edges_s = start_s + self.utc_offset_h * SECONDS_PER_HOUR + axis.step_s * np.arange(axis.count + 1)
        knots_s, columns = self._knots()
        if self.period_s is None:
            self._refuse_uncovered(edges_s, knots_s)
        return means(columns, self.stepped, intervals(edges_s, knots_s, self.period_s))

    def _knots(self) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Points with the ends joined: round the year's end, or held for one row beyond a real file's ends."""
        if self.period_s is not None:
            seconds = np.concatenate([self.seconds[-1:] - self.period_s, self.seconds])
            return seconds, {name: np.concatenate([v[-1:], v]) for name, v in self.columns.items()}
        seconds = np.concatenate([self.seconds[:1] - self.step_s, self.seconds, self.seconds[-1:] + self.step_s])
        return seconds, {name: np.concatenate([v[:1], v, v[-1:]]) for name, v in self.columns.items()}

    def _refuse_uncovered(self, edges_s: np.ndarray, knots_s: np.ndarray) -> None:
        missing = []
        if edges_s[0] < knots_s[0] - 1.0:
            missing.append((edges_s[0], min(self.seconds[0], edges_s[-1])))
        if edges_s[-1] > knots_s[-1] + 1.0:
            missing.append((max(self.seconds[-1], edges_s[0]), edges_s[-1]))
        if missing:
            spans = (f"{moment(self.calendar_year, a)} to {moment(self.calendar_year, b)}" for a, b in missing)
            raise InputError(f"{self.file}: no weather from {' and from '.join(spans)} (UTC{self.utc_offset_h:+g})")


def read_weather(
    source: WeatherFile | str | Path, calendar_year: int | None = None, base: Path | None = None
) -> Weather:
    """Weather of a file (a path, ``pvlib:NAME`` or ``data:PATH``; or with corrections) on a calendar year.

    Parameters
    ----------
    calendar_year : what a typical year is laid on (2025 if None), or what is used of a real file (all if None)
    base : folder where relative paths start

    Raises
    ------
    InputError
        With file and line: unreadable cells or rows, missing columns, gaps of more than six hours, a year of
        which the file holds nothing. What a run needs beyond the file is refused by :meth:`Weather.on`.
    """
    options = source if isinstance(source, WeatherFile) else WeatherFile(file=str(source))
    content = resolve(options.file, base).read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    raw = weather_cache.load(sha256)
    if raw is None:
        raw = _parse(options.file, text_of(content, options.file))
        weather_cache.keep(sha256, raw)
    if options.typical is not None:
        raw = dataclasses.replace(raw, typical=options.typical)
    return _weather(raw, calendar_year, options, sha256)


def _weather(raw: RawWeather, calendar_year: int | None, options: WeatherFile, sha256: str) -> Weather:
    file = options.file
    raw = dataclasses.replace(raw, site=_site(file, raw, options))
    site = raw.site
    laid = lay(raw, file, calendar_year, DEFAULT_YEAR)
    refuse_long_gaps(laid, file, raw.stamps.lines)
    seconds, columns, notes = _canonical(file, raw, laid, site, options.dry_bulb_shift_k)
    elevation_m = site.elevation_m
    if elevation_m is None:
        elevation_m = fluids.elevation_at_pressure_m(float(columns["pressure_pa"].mean()))
        notes.append(f"no elevation in the file: {elevation_m:.0f} m, from the mean pressure")
    for values in (seconds, *columns.values()):
        values.flags.writeable = False
    return Weather(
        file=file,
        name=site.name,
        latitude_deg=site.latitude_deg,
        longitude_deg=site.longitude_deg,
        elevation_m=elevation_m,
        utc_offset_h=site.local_h(),
        calendar_year=laid.year,
        typical=raw.typical,
        step_s=laid.step_s,
        sha256=sha256,
        notes=(*laid.notes, *notes),
        seconds=seconds,
        columns=columns,
        stepped=frozenset(SOLAR) if raw.solar_before_stamp else frozenset(),
        period_s=laid.period_s,
    )


def _parse(file: str, text: str) -> RawWeather:
    lines = text.splitlines()
    while lines and not lines[-1].strip(" ,;\t\x1a"):
        lines.pop()
    if not lines:
        raise InputError(f"{file}: the file is empty")
    if "\x00" in text:
        raise InputError(f"{file}: not a text file; EPW, TMY3, TMY2, NSRDB and CSV can be read")
    return (reader_of(lines) or read_csv)(file, lines)


def _site(file: str, raw: RawWeather, options: WeatherFile) -> Site:
    """The file's site with the user's corrections. A corrected zone is also that of stamps in local time."""
    names = ("latitude_deg", "longitude_deg", "elevation_m", "utc_offset_h")
    stated = {name: value for name in names if (value := getattr(options, name)) is not None}
    site = dataclasses.replace(raw.site, name=raw.site.name or re.split(r"[\\/:]", file)[-1], **stated)
    if site.utc_offset_h is None and site.stamps_offset_h is None:
        place = Place(file, int(raw.stamps.lines[0]))
        raise InputError(
            [Fault("times state no zone: state `utc_offset_h`, local standard time less UTC", place=place)]
        )
    if raw.site.stamps_offset_h == raw.site.utc_offset_h:
        site = dataclasses.replace(site, stamps_offset_h=site.utc_offset_h)
    return site


def _canonical(
    file: str, raw: RawWeather, laid: Laid, site: Site, shift_k: float
) -> tuple[np.ndarray, dict[str, np.ndarray], list[str]]:
    """Seconds, the columns of :data:`COLUMNS`, and notes on what was done to get them."""
    rows = Rows(file, laid, raw.stamps.lines[laid.rows], {name: v[laid.rows] for name, v in raw.columns.items()})
    measured = within_limits(rows)
    if "dry_bulb_c" not in measured:
        raise InputError(f"{file}: no usable value of dry bulb")
    dry_bulb_c, notes = filled(rows, "dry_bulb_c", measured["dry_bulb_c"])
    pressure_pa, of_pressure = weather_air.pressure_of(rows, measured, site.elevation_m)
    ratio, of_humidity = weather_air.humidity_of(rows, measured, dry_bulb_c, pressure_pa)
    optional, of_others = _optional(rows, measured)
    points = {"t": dry_bulb_c, "w": ratio, "p": pressure_pa, **optional}
    seconds, points, of_rows = on_even_grid(laid, points)
    dry_bulb_c, ratio, pressure_pa = (points.pop(key) for key in ("t", "w", "p"))
    notes = [*notes, *of_pressure, *of_humidity, *of_others, *of_rows]
    if shift_k:
        dry_bulb_c, ratio = weather_air.warmer(dry_bulb_c, ratio, pressure_pa, shift_k)
        notes.append(f"dry bulb shifted by {shift_k:+g} K at unchanged relative humidity")
    return seconds, {**weather_air.states(dry_bulb_c, ratio, pressure_pa), **points}, notes


def _optional(rows: Rows, measured: Mapping[str, np.ndarray]) -> tuple[dict[str, np.ndarray], list[str]]:
    """Wind and irradiance, NaN throughout where the file has none."""
    columns = {name: np.full(rows.lines.size, np.nan) for name in _OPTIONAL}
    absent = [name for name in _OPTIONAL if name not in measured]
    notes = [f"not in the file: {', '.join(absent)}"] if absent else []
    for name in (name for name in _OPTIONAL if name in measured):
        columns[name], more = filled(rows, name, measured[name], needed=False)
        notes.extend(more)
    return columns, notes
