"""Weather from a plain CSV file with a line of heads: one table says which head means what.

The unit is told by the head alone, never guessed from the values. A download of Open-Meteo may keep its block of
metadata (two lines and an empty one) above the heads.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from twin.errors import Fault, InputError, Place
from twin.series.weather_raw import MEASURED, Layout, RawWeather, Site, Stamps, check_widths, refuse_bad_cells
from twin.units import PA_PER_INHG, PA_PER_MBAR, SECONDS_PER_HOUR

_C, _F, _ONE, _PER_CENT = (1.0, 0.0), (1.0 / 1.8, -32.0 / 1.8), (1.0, 0.0), (0.01, 0.0)  # factor, then summand
_HPA, _KPA, _INHG = (PA_PER_MBAR, 0.0), (1000.0, 0.0), (PA_PER_INHG, 0.0)
_KMH, _MPH, _KNOT = (1000.0 / SECONDS_PER_HOUR, 0.0), (0.44704, 0.0), (1852.0 / SECONDS_PER_HOUR, 0.0)  # to m/s

# Head in lower case -> column, conversion.
ALIASES: dict[str, tuple[str, tuple[float, float]]] = {
    "dry_bulb_c": ("dry_bulb_c", _C),
    "temp_c": ("dry_bulb_c", _C),
    "temperature_c": ("dry_bulb_c", _C),
    "air_temperature_c": ("dry_bulb_c", _C),
    "temp_air": ("dry_bulb_c", _C),  # pvlib
    "temp (°c)": ("dry_bulb_c", _C),
    "temperature_2m": ("dry_bulb_c", _C),  # Open-Meteo, and the next
    "temperature_2m (°c)": ("dry_bulb_c", _C),
    "temperature_2m (°f)": ("dry_bulb_c", _F),
    "temp_f": ("dry_bulb_c", _F),
    "temperature_f": ("dry_bulb_c", _F),
    "temp (°f)": ("dry_bulb_c", _F),
    "dew_point_c": ("dew_point_c", _C),
    "dewpoint_c": ("dew_point_c", _C),
    "temp_dew": ("dew_point_c", _C),
    "dew point (°c)": ("dew_point_c", _C),
    "dew_point_2m": ("dew_point_c", _C),
    "dew_point_2m (°c)": ("dew_point_c", _C),
    "dew_point_2m (°f)": ("dew_point_c", _F),
    "dew_point_f": ("dew_point_c", _F),
    "dewpoint_f": ("dew_point_c", _F),
    "dew point (°f)": ("dew_point_c", _F),
    "wet_bulb_c": ("wet_bulb_c", _C),
    "wetbulb_c": ("wet_bulb_c", _C),
    "wet_bulb_temperature_2m (°c)": ("wet_bulb_c", _C),
    "wet_bulb_f": ("wet_bulb_c", _F),
    "wetbulb_f": ("wet_bulb_c", _F),
    "rh_frac": ("rh_frac", _ONE),
    "relative_humidity_frac": ("rh_frac", _ONE),
    "rh_pct": ("rh_frac", _PER_CENT),
    "rh_percent": ("rh_frac", _PER_CENT),
    "rh (%)": ("rh_frac", _PER_CENT),
    "humidity (%)": ("rh_frac", _PER_CENT),
    "relative_humidity": ("rh_frac", _PER_CENT),  # pvlib
    "relative_humidity_pct": ("rh_frac", _PER_CENT),
    "relative_humidity_2m": ("rh_frac", _PER_CENT),
    "relative_humidity_2m (%)": ("rh_frac", _PER_CENT),
    "pressure_pa": ("pressure_pa", _ONE),
    "pressure_kpa": ("pressure_pa", _KPA),
    "pressure_hpa": ("pressure_pa", _HPA),
    "pressure_mbar": ("pressure_pa", _HPA),
    "pressure (mb)": ("pressure_pa", _HPA),
    "pressure (hpa)": ("pressure_pa", _HPA),
    "surface_pressure": ("pressure_pa", _HPA),
    "surface_pressure (hpa)": ("pressure_pa", _HPA),
    "pressure_inhg": ("pressure_pa", _INHG),
    "wind_m_s": ("wind_m_s", _ONE),
    "wind_speed": ("wind_m_s", _ONE),  # pvlib
    "wind_speed_m_s": ("wind_m_s", _ONE),
    "wind_speed_10m (m/s)": ("wind_m_s", _ONE),
    "wind_10m_kmh": ("wind_m_s", _KMH),
    "wind_speed_kmh": ("wind_m_s", _KMH),
    "wind speed (km/h)": ("wind_m_s", _KMH),
    "wind_speed_10m": ("wind_m_s", _KMH),
    "wind_speed_10m (km/h)": ("wind_m_s", _KMH),
    "wind_speed_10m (mp/h)": ("wind_m_s", _MPH),
    "wind_mph": ("wind_m_s", _MPH),
    "wind_speed_10m (kn)": ("wind_m_s", _KNOT),
    "ghi_w_m2": ("ghi_w_m2", _ONE),
    "ghi": ("ghi_w_m2", _ONE),
    "solar radiation (w/m²)": ("ghi_w_m2", _ONE),
    "shortwave_radiation": ("ghi_w_m2", _ONE),
    "shortwave_radiation (w/m²)": ("ghi_w_m2", _ONE),
    "dni_w_m2": ("dni_w_m2", _ONE),
    "dni": ("dni_w_m2", _ONE),
    "direct_normal_irradiance": ("dni_w_m2", _ONE),
    "direct_normal_irradiance (w/m²)": ("dni_w_m2", _ONE),
    "dhi_w_m2": ("dhi_w_m2", _ONE),
    "dhi": ("dhi_w_m2", _ONE),
    "diffuse_radiation": ("dhi_w_m2", _ONE),
    "diffuse_radiation (w/m²)": ("dhi_w_m2", _ONE),
}
TIMES_UTC = ("time_utc", "timestamp_utc", "datetime_utc", "utc")
TIMES = (*TIMES_UTC, "time", "timestamp", "datetime", "date_time", "local_time", "time_local")
_ZONE = re.compile(r"(?:Z|[+-]\d{2}:?\d{2})$")
_OPEN_METEO = "latitude,longitude,elevation,utc_offset_seconds"
_HUMIDITY = ("dew_point_c", "rh_frac", "wet_bulb_c")


def read_csv(file: str, lines: list[str]) -> RawWeather:
    """A table with a time column (ISO 8601), dry bulb and one of dew point, relative humidity or wet bulb."""
    site, skip = _above_heads(file, lines)
    separator = max(",;\t", key=lines[skip].count)
    heads = [head.strip().lower() for head in _split(lines[skip], separator)]
    cells = _cells(heads)
    time = next((name for name in TIMES if name in heads), None)
    _refuse_missing(file, skip + 1, time, cells, heads)
    rows = lines[skip + 1 :]
    positions = {head: heads.index(head) for head in cells.values()}
    layout = Layout("CSV", skip + 1, lambda row: _split(row, separator), positions, len(heads))
    if not rows:
        raise InputError([Fault("no rows below the heads", place=Place(file, skip + 1))])
    check_widths(file, rows, layout, exact=True)
    frame = _frame(file, rows, layout, separator, heads)
    first_line = skip + 2
    zoned = time in TIMES_UTC or bool(_ZONE.search(str(frame[time].iloc[0]).strip()))
    stamps = _stamps(file, frame[time], zoned, first_line)
    columns = {column: _converted(frame[head], ALIASES[head][1]) for column, head in cells.items()}
    offset = 0.0 if zoned else site.utc_offset_h
    site = Site(site.name, site.latitude_deg, site.longitude_deg, site.elevation_m, offset, site.utc_offset_h)
    return RawWeather("CSV", site, False, lines[0].startswith(_OPEN_METEO), stamps, columns)


def _split(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator)) if '"' in line else line.split(separator)


def _cells(heads: Sequence[str]) -> dict[str, str]:
    """Column -> head; where two heads mean one column the first stands."""
    cells: dict[str, str] = {}
    for head in heads:
        if head in ALIASES:
            cells.setdefault(ALIASES[head][0], head)
    return {column: cells[column] for column in MEASURED if column in cells}


def _refuse_missing(file: str, line: int, time: str | None, cells: dict[str, str], heads: Sequence[str]) -> None:
    wanted = []
    if time is None:
        wanted.append("no column of times (time_utc, or time with utc_offset_h stated)")
    if "dry_bulb_c" not in cells:
        wanted.append("no column of dry bulb (such as dry_bulb_c, temp_C, temperature_2m)")
    if not set(_HUMIDITY) & cells.keys():
        wanted.append("no column of humidity (such as dew_point_c, rh_pct, rh_frac, wet_bulb_c)")
    found = ", ".join(heads)[:200]
    if wanted:
        raise InputError([Fault(f"{what}; found {found}", place=Place(file, line)) for what in wanted])


def _above_heads(file: str, lines: list[str]) -> tuple[Site, int]:
    """Site, and how many lines stand above the heads: comments, or metadata of Open-Meteo."""
    if not lines[0].startswith(_OPEN_METEO):
        return Site(), next((i for i, line in enumerate(lines) if not line.startswith("#")), 0)
    try:
        latitude, longitude, elevation, offset_s = (float(cell) for cell in lines[1].split(",")[:4])
        skip = next(i for i in range(2, len(lines)) if lines[i].strip())
    except (ValueError, IndexError, StopIteration):
        raise InputError([Fault("unreadable metadata of Open-Meteo", place=Place(file, 2))]) from None
    offset = offset_s / SECONDS_PER_HOUR
    return Site("", latitude, longitude, elevation, offset, offset), skip


def _frame(file: str, rows: list[str], layout: Layout, separator: str, heads: list[str]) -> Any:
    """Needed columns as numbers, the rest as text."""
    import pandas as pd

    names = [head if heads.index(head) == i else f"{head}.{i}" for i, head in enumerate(heads)]
    types = {name: str for name in names if name not in layout.cells}
    text = io.StringIO("\n".join(rows))
    try:
        frame = pd.read_csv(text, sep=separator, header=None, names=names, dtype=types)
    except ValueError as error:
        refuse_bad_cells(file, rows, layout, str(error))
    if any(frame[head].dtype.kind not in "fiu" for head in layout.cells):
        refuse_bad_cells(file, rows, layout, "a column holds text")
    return frame


def _converted(values: Any, conversion: tuple[float, float]) -> np.ndarray:
    factor, summand = conversion
    return np.asarray(values.to_numpy(dtype=float) * factor + summand)


def _stamps(file: str, texts: Any, zoned: bool, first_line: int) -> Stamps:
    """Stamps of ISO 8601 texts, in UTC where they say so."""
    import pandas as pd

    times = pd.to_datetime(texts, format="ISO8601", utc=zoned, errors="coerce")
    bad = np.flatnonzero(times.isna().to_numpy())
    if bad.size:
        message = f"time '{texts.iloc[bad[0]]}' is not ISO 8601, such as 2024-05-31T14:00"
        more = f" (and {bad.size - 1} rows more)" if bad.size > 1 else ""
        raise InputError([Fault(message + more, place=Place(file, first_line + int(bad[0])))])
    naive = (times.dt.tz_localize(None) if zoned else times).to_numpy().astype("datetime64[ms]")
    days = naive.astype("datetime64[D]")
    second_s = (naive - days).astype("int64") / 1000.0
    return Stamps(days, second_s, np.arange(days.size) + first_line)
