"""Weather files that cannot be used: each is refused with file, line and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from twin.errors import InputError
from twin.series.files import resolve
from twin.series.weather import read_weather

HERE = Path(__file__).parent / "weather"
TMY2, TMY3 = "pvlib:12839.tm2", "pvlib:723170TYA.CSV"

BAD = {
    "bad_date.epw": "{}:16: month 13 is outside 1..12\n{}:17: day 32 is outside 1..31",
    "bad_time.csv": "{}:5: time '01/03/2024 03:00' is not ISO 8601, such as 2024-05-31T14:00",
    "empty.csv": "{}: the file is empty",
    "heads_only.csv": "{}:1: no rows below the heads",
    "long_gap.csv": "{}:11: no rows from 2024-03-01 09:00 to 2024-03-01 17:00 (8 h); gaps of up to 6 h are filled",
    "long_row.csv": "{}:6: the row has 6 fields, 5 are expected",
    "missing_dry_bulb.csv": "{}:22: dry_bulb_c is missing for 8 h; gaps of up to 6 h are filled",
    "no_columns.csv": (
        "{}:1: no column of times (time_utc, or time with utc_offset_h stated); found station, height\n"
        "{}:1: no column of dry bulb (such as dry_bulb_c, temp_C, temperature_2m); found station, height\n"
        "{}:1: no column of humidity (such as dew_point_c, rh_pct, rh_frac, wet_bulb_c); found station, height"
    ),
    "no_data_periods.epw": "{}:8: line 8 of an EPW file must be DATA PERIODS, and data must follow",
    "no_humidity.csv": (
        "{}:1: no column of humidity (such as dew_point_c, rh_pct, rh_frac, wet_bulb_c); "
        "found time_utc, temp_c, cloud_pct"
    ),
    "no_pressure.csv": "{}: no station pressure in the file: state `elevation_m`",
    "no_temperature.nsrdb.csv": (
        "{}:3: no column 'Temperature'; "
        "found Year, Month, Day, Hour, Minute, DHI, DNI, Wind Speed, Relative Humidity, Pressure"
    ),
    "no_zone.csv": "{}:2: times state no zone: state `utc_offset_h`, local standard time less UTC",
    "short_row.csv": "{}:6: the row has 4 fields, 5 are expected",
    "short_row.epw": "{}:14: the row has 9 fields, 35 are expected",
    "text_cell.csv": "{}:7: temp_c 'cold' is not a number\n{}:9: rh_pct '--' is not a number",
    "text_cell.epw": "{}:15: dry_bulb_c 'n.a.' is not a number",
    "text_cell.nsrdb.csv": "{}:7: dry_bulb_c '?' is not a number",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_line_and_reason(name: str) -> None:
    path = str(HERE / name)
    with pytest.raises(InputError) as caught:
        read_weather(path)
    assert str(caught.value) == BAD[name].replace("{}", path)


def _edited(tmp_path: Path, source: str, line: int, old: str, new: str) -> Path:
    """A copy of a file with one thing changed in one line."""
    lines = resolve(source).read_text(encoding="latin-1").splitlines()
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    path = tmp_path / "edited.txt"
    path.write_text("\n".join(lines) + "\n", encoding="latin-1")
    return path


@pytest.mark.parametrize(
    ("source", "line", "old", "new", "message"),
    [
        (TMY2, 5, "A7", "", "{}:5: the row has 140 characters, 142 are expected"),
        (TMY2, 7, " 62", " xx", "{}: cannot be read as TMY2: WARNING: In {} Read value is not an integer"),
        (TMY3, 2, "Dry-bulb (C)", "Dry-bulb (F)", "{}:2: no column 'Dry-bulb (C)'; found Date (MM/DD/YYYY)"),
        (TMY3, 50, ",A,7,", ",A,", "{}:50: the row has 70 fields, 71 are expected"),
        (TMY3, 1, "36.100", "north", "{}: cannot be read as TMY3: could not convert string to float: 'north'"),
        (TMY3, 99, "/", ".", "{}:99: '01.05/1988,01:00' is no date and time such as 01/31/1988,24:00"),
    ],
)
def test_a_damaged_tmy_file_is_refused_with_line_or_reason(
    tmp_path: Path, source: str, line: int, old: str, new: str, message: str
) -> None:
    path = _edited(tmp_path, source, line, old, new)
    with pytest.raises(InputError) as caught:
        read_weather(str(path))
    assert str(caught.value).startswith(message.replace("{}", str(path)))


def test_text_among_the_numbers_of_tmy_files_is_named_with_its_line(tmp_path: Path) -> None:
    lines = resolve(TMY2).read_text().splitlines()
    lines[99] = lines[99][:67] + "warm" + lines[99][71:]
    (tmp_path / "a.tm2").write_text("\n".join(lines))
    with pytest.raises(InputError) as caught:
        read_weather(str(tmp_path / "a.tm2"))
    assert str(caught.value) == f"{tmp_path / 'a.tm2'}:100: dry_bulb_c 'warm' is not a number"
    fields = (lines := resolve(TMY3).read_text().splitlines())[49].split(",")
    fields[31] = "cold"
    lines[49] = ",".join(fields)
    (tmp_path / "a.csv").write_text("\n".join(lines))
    with pytest.raises(InputError) as caught:
        read_weather(str(tmp_path / "a.csv"))
    assert str(caught.value) == f"{tmp_path / 'a.csv'}:50: dry_bulb_c 'cold' is not a number"


def test_many_faults_are_listed_in_part_and_counted(tmp_path: Path) -> None:
    lines = (HERE / "good.csv").read_text().splitlines()
    (tmp_path / "a.csv").write_text("\n".join([lines[0], *(line + ",1" for line in lines[1:])]))
    with pytest.raises(InputError) as caught:
        read_weather(str(tmp_path / "a.csv"))
    assert len(caught.value.faults) == 6
    assert caught.value.faults[-1].message == "and 43 rows more like these"
