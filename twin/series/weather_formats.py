"""The four formats that pvlib reads: EPW, TMY3, TMY2 and NSRDB; recognised by content.

pvlib parses. What it does not do is done here: unzipping, errors with the line they stand on, one convention of time
(pvlib moves the stamps of EPW and TMY2 to the start of their hour, those of TMY3 not), one set of units.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from twin.errors import Fault, InputError, Place
from twin.series.weather_pvlib import frame_of, nsrdb_reader, numbers
from twin.series.weather_raw import Layout, RawWeather, Site, Stamps, check_widths, dates
from twin.units import MINUTES_PER_HOUR, PA_PER_MBAR, SECONDS_PER_HOUR

Factors = Mapping[str, tuple[str, float]]
_PER_CENT = 0.01
_TENTH = 0.1
_SECONDS_PER_MINUTE = SECONDS_PER_HOUR / MINUTES_PER_HOUR
_LONGEST_YEAR_DAYS = 366
_LEAP_BETWEEN_YEARS_DAYS = 300  # from one row to the next

# pvlib's name -> field (from 0), our name, factor. EnergyPlus Auxiliary Programs, EPW data dictionary.
_EPW = {
    "temp_air": (6, "dry_bulb_c", 1.0),
    "temp_dew": (7, "dew_point_c", 1.0),
    "relative_humidity": (8, "rh_frac", _PER_CENT),
    "atmospheric_pressure": (9, "pressure_pa", 1.0),
    "ghi": (13, "ghi_w_m2", 1.0),
    "dni": (14, "dni_w_m2", 1.0),
    "dhi": (15, "dhi_w_m2", 1.0),
    "wind_speed": (21, "wind_m_s", 1.0),
}
_EPW_FIELDS = 35
_EPW_TIMES = ("year", "month", "day", "hour", "minute")
# Data types (field 5 of LOCATION) that stand for a typical year even where all rows bear one year.
_EPW_TYPICAL = ("TMY", "IWEC", "CWEC", "WYEC", "TRY", "RMY", "CSWD", "SWERA", "ISHRAE", "CTZ")
# pvlib's name -> characters (from 0), our name, factor. TMY2 User's Manual (Marion & Urban 1995) table 3-2.
_TMY2 = {
    "GHI": ((17, 21), "ghi_w_m2", 1.0),
    "DNI": ((23, 27), "dni_w_m2", 1.0),
    "DHI": ((29, 33), "dhi_w_m2", 1.0),
    "DryBulb": ((67, 71), "dry_bulb_c", _TENTH),
    "DewPoint": ((73, 77), "dew_point_c", _TENTH),
    "RHum": ((79, 82), "rh_frac", _PER_CENT),
    "Pressure": ((84, 88), "pressure_pa", PA_PER_MBAR),
    "Wspd": ((95, 98), "wind_m_s", _TENTH),
}
_TMY2_TIMES = {"month": (3, 5), "day": (5, 7), "hour": (7, 9)}
_TMY2_LENGTH = 142
_TMY2_HEADER = re.compile(r"\s*\d{5}\s.{20,24}\s[A-Z]{2}\s+-?\d+\s+[NS]\s")
# Head in the file -> our name, factor.
_TMY3: Factors = {
    "Dry-bulb (C)": ("dry_bulb_c", 1.0),
    "Dew-point (C)": ("dew_point_c", 1.0),
    "RHum (%)": ("rh_frac", _PER_CENT),
    "Pressure (mbar)": ("pressure_pa", PA_PER_MBAR),
    "Wspd (m/s)": ("wind_m_s", 1.0),
    "GHI (W/m^2)": ("ghi_w_m2", 1.0),
    "DNI (W/m^2)": ("dni_w_m2", 1.0),
    "DHI (W/m^2)": ("dhi_w_m2", 1.0),
}
_TMY3_TIMES = ("Date (MM/DD/YYYY)", "Time (HH:MM)")
_TMY3_STAMP = re.compile(r"(0\d|1[0-2])/([0-2]\d|3[01])/\d{4},([01]\d|2[0-4]):[0-5]\d,")
_NSRDB: Factors = {
    "Temperature": ("dry_bulb_c", 1.0),
    "Dew Point": ("dew_point_c", 1.0),
    "Relative Humidity": ("rh_frac", _PER_CENT),
    "Pressure": ("pressure_pa", PA_PER_MBAR),
    "Wind Speed": ("wind_m_s", 1.0),
    "GHI": ("ghi_w_m2", 1.0),
    "DNI": ("dni_w_m2", 1.0),
    "DHI": ("dhi_w_m2", 1.0),
}
_NSRDB_TIMES = ("Year", "Month", "Day", "Hour", "Minute")


def reader_of(lines: list[str]) -> Callable[[str, list[str]], RawWeather] | None:
    """The reader ``read(file, lines)`` of the format that these lines are in, or None: a plain CSV perhaps."""
    first, second, third = [*lines[:3], "", "", ""][:3]
    if first.startswith("LOCATION,"):
        return read_epw
    if second.startswith(_TMY3_TIMES[0]):
        return read_tmy3
    if third.startswith("Year,Month,Day,Hour") and "Latitude" in first:
        return read_nsrdb
    return read_tmy2 if _TMY2_HEADER.match(first) else None


def read_epw(file: str, lines: list[str]) -> RawWeather:
    """EnergyPlus weather: hour-ending 1..24 in local standard time, irradiance as the mean of the hour before."""
    if len(lines) < 9 or not lines[7].startswith("DATA PERIODS"):
        place = Place(file, min(len(lines), 8))
        raise InputError([Fault("line 8 of an EPW file must be DATA PERIODS, and data must follow", place=place)])
    cells = {**{name: i for i, name in enumerate(_EPW_TIMES)}, **{ours: i for i, ours, _ in _EPW.values()}}
    width = min(max(lines[8].count(",") + 1, max(cells.values()) + 1), _EPW_FIELDS)
    layout = Layout("EPW", 8, lambda row: row.split(","), cells, width)
    check_widths(file, lines[8:], layout)
    cut = lines[:8] + [",".join(row.split(",")[:_EPW_FIELDS]) for row in lines[8:]]  # one too many shifts all in pandas
    frame, header = frame_of("read_epw", file, cut, layout)
    columns = numbers(file, cut, layout, frame, {theirs: (ours, factor) for theirs, (_, ours, factor) in _EPW.items()})
    days, second_s = _days(frame, _EPW_TIMES), _hour_ending_s(_values(frame, "hour"), _values(frame, "minute"))
    parts = (str(header[key]).strip() for key in ("city", "state-prov", "country"))
    typical = any(word in str(header["data_type"]).upper() for word in _EPW_TYPICAL) or _of_many_years(days)
    site = _site(", ".join(part for part in parts if part.strip("-")), header)
    return RawWeather("EPW", site, typical, True, Stamps(days, second_s, np.arange(days.size) + 9), columns)


def read_tmy3(file: str, lines: list[str]) -> RawWeather:
    """NREL TMY3: hour-ending 01:00..24:00 in local standard time; -9900 is missing."""
    heads = [head.strip() for head in lines[1].split(",")]
    cells = _cells(file, 2, heads, _TMY3)
    layout = Layout("TMY3", 2, lambda row: row.split(","), cells, len(heads))
    check_widths(file, lines[2:], layout, exact=True)
    for number, row in enumerate(lines[2:], 3):
        if not _TMY3_STAMP.match(row):
            message = f"'{row[:16]}' is no date and time such as 01/31/1988,24:00"
            raise InputError([Fault(message, place=Place(file, number))])
    frame, header = frame_of("read_tmy3", file, lines, layout, map_variables=False)
    columns = numbers(file, lines, layout, frame, _TMY3)
    date, time = (frame[name].astype(str).str for name in _TMY3_TIMES)
    days = dates(*(date[part].astype(int) for part in (slice(6, 10), slice(0, 2), slice(3, 5))))
    hour, minute = (time[part].astype(int).to_numpy() for part in (slice(0, 2), slice(3, 5)))
    second_s = hour * SECONDS_PER_HOUR + minute * _SECONDS_PER_MINUTE
    site = _site(f"{str(header['Name']).strip(' ' + chr(34))}, {header['State']}", header)
    return RawWeather("TMY3", site, True, True, Stamps(days, second_s, np.arange(days.size) + 3), columns)


def read_tmy2(file: str, lines: list[str]) -> RawWeather:
    """NREL TMY2: characters at fixed places, hour-ending 1..24 in local standard time; tenths of degC and of m/s."""
    spans = [*_TMY2_TIMES.values(), *(span for span, _, _ in _TMY2.values())]
    names = [*_TMY2_TIMES, *(ours for _, ours, _ in _TMY2.values())]
    layout = Layout(
        "TMY2", 1, lambda row: [row[a:b] for a, b in spans], {n: i for i, n in enumerate(names)}, len(names)
    )
    for number, row in enumerate(lines[1:], 2):
        if len(row.rstrip()) < _TMY2_LENGTH:
            message = f"the row has {len(row.rstrip())} characters, {_TMY2_LENGTH} are expected"
            raise InputError([Fault(message, place=Place(file, number))])
    frame, header = frame_of("read_tmy2", file, lines, layout)
    columns = numbers(
        file, lines, layout, frame, {theirs: (ours, factor) for theirs, (_, ours, factor) in _TMY2.items()}
    )
    days = dates(_values(frame, "year") + 1900, _values(frame, "month"), _values(frame, "day"))
    second_s = _values(frame, "hour") * SECONDS_PER_HOUR
    site = _site(f"{header['City']}, {header['State']}", header)
    return RawWeather("TMY2", site, True, True, Stamps(days, second_s, np.arange(days.size) + 2), columns)


def read_nsrdb(file: str, lines: list[str]) -> RawWeather:
    """NSRDB PSM as SAM CSV: values at the stamp; a real year, or a typical one made of months of several years."""
    heads = [head.strip() for head in lines[2].split(",") if head.strip()]
    times = {name.lower(): heads.index(name) for name in _NSRDB_TIMES if name in heads}
    cells = {**times, **_cells(file, 3, heads, _NSRDB)}
    layout = Layout("NSRDB", 3, lambda row: row.split(","), cells, len(heads))
    check_widths(file, lines[3:], layout)
    frame, header = frame_of(nsrdb_reader(), file, lines, layout, map_variables=False)
    columns = numbers(file, lines, layout, frame, _NSRDB)
    days = _days(frame, _NSRDB_TIMES)
    second_s = _values(frame, "Hour") * SECONDS_PER_HOUR + _values(frame, "Minute") * _SECONDS_PER_MINUTE
    parts = (str(header.get(key, "")).strip() for key in ("City", "State", "Country"))
    name = ", ".join(part for part in parts if part.strip("-")) or f"NSRDB {header.get('Location ID', '')}".strip()
    stamps = Stamps(days, second_s, np.arange(days.size) + 4)
    return RawWeather("NSRDB", _site(name, header), _of_many_years(days), False, stamps, columns)


def _values(frame: Any, name: str) -> np.ndarray:
    return np.asarray(frame[name], dtype=float)


def _days(frame: Any, times: tuple[str, ...]) -> np.ndarray:
    return dates(*(_values(frame, name) for name in times[:3]))


def _hour_ending_s(hour: np.ndarray, minute: np.ndarray) -> np.ndarray:
    """Second of the day of an EPW row: minute 0 or 60 is the end of the hour, anything else is inside it."""
    inside = (minute > 0) & (minute < MINUTES_PER_HOUR)
    return np.where(inside, (hour - 1.0) * SECONDS_PER_HOUR + minute * _SECONDS_PER_MINUTE, hour * SECONDS_PER_HOUR)


def _of_many_years(days: np.ndarray) -> bool:
    """Whether rows fill at most one year but leap between years: a typical year made of months of several."""
    leaps = np.abs(np.diff(days.astype("int64"))) > _LEAP_BETWEEN_YEARS_DAYS
    return bool(leaps.any()) and np.unique(days).size <= _LONGEST_YEAR_DAYS


def _cells(file: str, line: int, heads: list[str], factors: Factors) -> dict[str, int]:
    """Our name -> position, for the heads that are there; dry bulb and a humidity must be."""
    cells = {ours: heads.index(head) for head, (ours, _) in factors.items() if head in heads}
    for wanted in (("dry_bulb_c",), ("dew_point_c", "rh_frac")):
        if not cells.keys() & set(wanted):
            names = " or ".join(f"'{head}'" for head, (ours, _) in factors.items() if ours in wanted)
            message = f"no column {names}; found {', '.join(heads)}"
            raise InputError([Fault(message, place=Place(file, line))])
    return cells


def _site(name: str, header: Mapping[str, Any]) -> Site:
    """Place of a file from pvlib's header, which spells its keys in three ways."""
    latitude, longitude, elevation, offset = (
        float(next(header[key] for key in keys if key in header))
        for keys in (
            ("latitude", "Latitude"),
            ("longitude", "Longitude"),
            ("altitude", "Elevation"),
            ("TZ", "Time Zone"),
        )
    )
    return Site(name, latitude, longitude, elevation, offset, float(header.get("Local Time Zone", offset)))
