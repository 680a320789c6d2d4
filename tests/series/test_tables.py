"""Columns of CSV files on a run's axis: zones, stamps, gaps, faults with their lines, typical periods."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from twin.errors import InputError
from twin.series.axis import TimeAxis, year_axis
from twin.series.series_file import SeriesFile
from twin.series.tables import Series, read_series


def axis_from(start: str, hours: float, step_s: float = 3600.0, offset_h: float = 0.0) -> TimeAxis:
    return TimeAxis(np.datetime64(start, "ns"), step_s, round(hours * 3600 / step_s), offset_h)


class Reader:
    """Writes a text to a file and reads its column ``v``."""

    def __init__(self, folder: Path):
        self.path = folder / "series.csv"

    def __call__(self, text: str, axis: TimeAxis, civil_timezone: str | None = None, **options: Any) -> Series:
        self.path.write_text(text, encoding="utf-8")
        spec = SeriesFile.model_validate({"file": str(self.path), "column": "v", **options})
        return read_series(spec, axis, civil_timezone=civil_timezone)

    def faults(self, text: str, axis: TimeAxis, **options: Any) -> list[str]:
        with pytest.raises(InputError) as caught:
            self(text, axis, **options)
        return [str(fault).replace(str(self.path), "F") for fault in caught.value.faults]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def hourly(start: str, values: Any, time: str = "time_utc", zone: str = "Z") -> str:
    stamps = pd.date_range(start, periods=len(values), freq="h").strftime("%Y-%m-%dT%H:%M")
    return f"{time},v\n" + "".join(f"{stamp}{zone},{value}\n" for stamp, value in zip(stamps, values, strict=True))


DAY = axis_from("2025-01-01T00:00", 4)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("time_utc,v\n2025-01-01T00:00Z,1\n2025-01-01T01:00Z,2\n2025-01-01T02:00Z,3\n2025-01-01T03:00Z,4\n", {}),
        (hourly("2025-01-01", [1, 2, 3, 4], zone=""), {}),  # the name of the column says UTC
        (hourly("2025-01-01", [1, 2, 3, 4], "Datetime (UTC)", ""), {}),
        (hourly("2025-01-01T01:00", [1, 2, 3, 4], "time", "+01:00"), {}),
        (hourly("2024-12-31T19:00", [1, 2, 3, 4], "time", ""), {"timezone": "America/New_York"}),
        (hourly("2025-01-01T01:00", [1, 2, 3, 4], "time_utc"), {"stamp": "end"}),
        ("time_utc;v\n" + "".join(f"2025-01-01 0{h}:00;{h + 1},0\n" for h in range(4)), {}),
        ("time_utc\tv\n" + "".join(f"2025-01-01 0{h}:00\t{h + 1}\n" for h in range(4)), {}),
        ("# prices\n\n" + hourly("2025-01-01", [1, 2, 3, 4]).replace("Z,3", "Z,3\n# half way"), {}),
        ("\ufeff" + hourly("2025-01-01", [1, 2, 3, 4]), {}),
        ("time_utc,v\n" + "".join(f"2025-01-01 0{h}:00,{h + 1}\n" for h in (3, 2, 1, 0)), {}),  # newest first
        (hourly("2025-01-01", [10, 20, 30, 40]), {"scale_ratio": 0.1}),
        ("day,hour,v\n" + "".join(f"01/01/2025,{h},{h}\n" for h in (1, 2, 3, 4)),
         {"time_column": "day", "hour_column": "hour", "time_format": "%m/%d/%Y", "stamp": "end", "timezone": "UTC"}),
    ],
)  # fmt: skip
def test_the_same_four_hours_are_read_from_every_form(read: Reader, text: str, options: dict[str, Any]) -> None:
    assert read(text, DAY, **options).values.tolist() == [1, 2, 3, 4]
    assert read(text, DAY, **options).notes == ()


def test_a_gzipped_file_reads_as_the_plain_one(tmp_path: Path) -> None:
    import gzip

    path = tmp_path / "series.csv.gz"
    path.write_bytes(gzip.compress(hourly("2025-01-01", [1, 2, 3, 4]).encode()))
    assert read_series(SeriesFile(file="series.csv.gz", column="v"), DAY, base=tmp_path).values.tolist() == [1, 2, 3, 4]


def test_24_00_is_the_midnight_after(read: Reader) -> None:
    text = "time,v\n" + "".join(f"2025-01-01 {h:02d}:00,{h}\n" for h in (21, 22, 23, 24))
    found = read(text, axis_from("2025-01-01T20:00", 4), stamp="end", timezone="UTC")
    assert found.values.tolist() == [21, 22, 23, 24]


def test_a_changed_file_is_read_again(read: Reader) -> None:
    assert read(hourly("2025-01-01", [1, 2, 3, 4]), DAY).values[0] == 1
    assert read(hourly("2025-01-01", [100, 2, 3, 4]), DAY).values[0] == 100


def test_values_may_be_negative_and_cannot_be_written_to(read: Reader) -> None:
    found = read(hourly("2025-01-01", [-5.25, 2, 3, 4]), DAY)
    assert found.values[0] == -5.25
    with pytest.raises(ValueError, match="read-only"):
        found.values[0] = 0.0


BERLIN = {"timezone": "Europe/Berlin"}


def test_the_repeated_hour_of_autumn_is_read_in_order(read: Reader) -> None:
    clock = ["00:00", "01:00", "02:00", "02:00", "03:00"]
    text = "time,v\n" + "".join(f"2025-10-26 {time},{at}\n" for at, time in enumerate(clock))
    found = read(text, axis_from("2025-10-25T22:00", 5), **BERLIN)
    assert found.values.tolist() == [0, 1, 2, 3, 4]
    assert found.notes == ()


def test_hour_ending_stamps_skip_and_repeat_with_the_clock(read: Reader) -> None:
    spring = "time,v\n" + "".join(f"2025-03-09 {h:02d}:00,{h}\n" for h in (1, 2, 4, 5))
    found = read(spring, axis_from("2025-03-09T06:00", 4), timezone="America/Chicago", stamp="end")
    assert found.values.tolist() == [1, 2, 4, 5]
    autumn = "time,v\n" + "".join(f"2025-11-02 {h:02d}:00,{at}\n" for at, h in enumerate((1, 2, 2, 3)))
    found = read(autumn, axis_from("2025-11-02T05:00", 4), timezone="America/Chicago", stamp="end")
    assert found.values.tolist() == [0, 1, 2, 3]


def test_days_of_24_rows_lose_the_skipped_hour_and_hold_the_repeated_one(read: Reader) -> None:
    spring = read(hourly("2025-03-30", range(24), "time", ""), axis_from("2025-03-29T23:00", 23), **BERLIN)
    assert spring.values.tolist() == [0, 1, *range(3, 24)]
    assert spring.notes == ("1 rows in hours that Europe/Berlin skips (daylight saving begins) dropped",)
    autumn = read(hourly("2025-10-26", range(24), "time", ""), axis_from("2025-10-25T22:00", 25), **BERLIN)
    assert autumn.values.tolist() == [0, 1, 2, 2, *range(3, 24)]
    assert autumn.notes == ("2025-10-26T01:00Z to 2025-10-26T02:00Z is missing: held",)


def test_gaps_of_three_hours_are_filled_by_the_stated_rule_and_noted(read: Reader) -> None:
    text = hourly("2025-01-01", [1, "", "nan", "NULL", 5])
    axis = axis_from("2025-01-01T00:00", 5)
    held, straight = read(text, axis), read(text, axis, gaps="interpolate")
    assert held.values.tolist() == [1, 1, 1, 1, 5]
    assert straight.values.tolist() == [1, 2, 3, 4, 5]
    assert held.notes == ("2025-01-01T01:00Z to 2025-01-01T04:00Z is missing: held",)
    assert straight.notes == ("2025-01-01T01:00Z to 2025-01-01T04:00Z is missing: interpolated",)


def test_rows_that_are_not_there_are_a_gap_like_empty_ones(read: Reader) -> None:
    lines = hourly("2025-01-01", [1, 2, 3, 4]).splitlines(keepends=True)
    assert read("".join(lines[:2] + lines[3:]), DAY).values.tolist() == [1, 1, 3, 4]


def test_many_gaps_are_noted_in_one_line(read: Reader) -> None:
    text = hourly("2025-01-01", [1, ""] * 6)
    (note,) = read(text, axis_from("2025-01-01T00:00", 12)).notes
    assert note == "6 gaps, 6 h together, the first 2025-01-01T01:00Z to 2025-01-01T02:00Z: held"


def test_a_longer_gap_is_refused_by_name_only_where_the_run_needs_it(read: Reader) -> None:
    text = hourly("2025-01-01", [1, 2, "", "", "", "", 7, 8, 9, 10])
    (fault,) = read.faults(text, axis_from("2025-01-01T00:00", 10))
    assert fault == "F:7: 2025-01-01T02:00Z to 2025-01-01T06:00Z is missing: 4 h (up to 3 h are filled)"
    assert read(text, axis_from("2025-01-01T06:00", 4)).values.tolist() == [7, 8, 9, 10]


def test_a_file_may_lack_three_hours_at_its_ends_and_no_more(read: Reader) -> None:
    text = hourly("2025-01-01T03:00", [4, 5, 6])
    assert read(text, axis_from("2025-01-01T00:00", 9)).values.tolist() == [4, 4, 4, 4, 5, 6, 6, 6, 6]
    (fault,) = read.faults(text, axis_from("2025-01-01T00:00", 10))
    assert fault == (
        "F: covers 2025-01-01T03:00Z to 2025-01-01T06:00Z, the run needs 2025-01-01T00:00Z to 2025-01-01T10:00Z"
    )


def test_another_year_of_8760_hours_hints_at_a_typical_year(read: Reader) -> None:
    (fault,) = read.faults(hourly("2023-01-01", range(8760)), year_axis(2025, 3600.0))
    assert fault.endswith("(a typical year? give `repeat: year`)")


def test_equal_duplicates_are_dropped_and_contradicting_ones_refused(read: Reader) -> None:
    lines = hourly("2025-01-01", [1, 2, 3, 4]).splitlines(keepends=True)
    found = read("".join([*lines[:3], lines[2], *lines[3:]]), DAY)
    assert found.values.tolist() == [1, 2, 3, 4]
    assert found.notes == ("1 repeated rows with equal values dropped",)
    other = lines[2].replace(",2", ",9")
    (fault,) = read.faults("".join([*lines[:3], other, *lines[3:]]), DAY)
    assert fault == "F:4: another value for 2025-01-01T01:00Z than in line 3"


FINE = hourly("2025-01-01", [1, 2, 3, 4])


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        (FINE, {"column": "w"}, "F: no column 'w': there are time_utc, v"),
        (FINE, {"column": "V"}, "F: no column 'V'"),
        (FINE, {"time_column": "time"}, "F: no column 'time' (did you mean 'time_utc'?)"),
        (FINE.replace(",3", ",3 EUR"), {}, "F:4: '3 EUR' is no number"),
        (FINE.replace(",3", ",inf"), {}, "F:4: 'inf' is no number"),
        (FINE.replace(",3", ",3,5"), {}, "F:4: 3 fields, the header has 2"),
        ("# top\n\n" + FINE.replace(",3", ",x"), {}, "F:6: 'x' is no number"),
        (FINE.replace("02:00Z", "02:70Z"), {}, "F:4: '2025-01-01T02:70Z' is no time in the form ISO 8601"),
        (FINE.replace("02:00Z", "02:00"), {}, "F:4: '2025-01-01T02:00': some times state a zone and others do not"),
        (
            hourly("2025-01-01", range(7)).replace("02:00Z", "02:10Z"),
            {},
            "F:4: 2025-01-01T02:10Z lies off the 60-minute grid",
        ),
        (hourly("2025-01-01", [1, 2], "time", ""), {}, "F:2: times in column 'time' state no zone: give `timezone`"),
        ("when,v\n1,1\n2,2\n", {}, "F: no column of times found: give `time_column`"),
        ("time_utc,v\n2025-01-01,1\n", {}, "F:2: a series needs two times or more"),
        ("time_utc,v\n", {}, "F: no rows of values"),
        ("", {}, "F: no rows of values"),
        (hourly("2025-01-01", ["", ""]), {}, "F: column 'v' holds no values"),
        ("time_utc,h,v\n2025-01-01,1,1\n2025-01-01,two,2\n", {"hour_column": "h"}, "F:3: 'two' is no hour of the day"),
    ],
)
def test_a_fault_names_file_line_and_remedy(read: Reader, text: str, options: dict[str, Any], expected: str) -> None:
    assert read.faults(text, DAY, **options)[0].startswith(expected)


def test_all_faulty_rows_are_told_at_once(read: Reader) -> None:
    faults = read.faults(FINE.replace(",2", ",x").replace(",4", ",y"), DAY)
    assert faults == ["F:3: 'x' is no number", "F:5: 'y' is no number"]


def test_an_unknown_zone_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ValidationError, match=r"did you mean 'America/New_York'\?"):
        SeriesFile.model_validate({"file": "a.csv", "column": "v", "timezone": "America/NewYork"})


def test_a_typical_day_follows_the_clock_on_the_wall(read: Reader) -> None:
    text = "v\n" + "".join(f"{hour}\n" for hour in range(24))
    axis = year_axis(2025, 3600.0, -5.0)
    found = read(text, axis, civil_timezone="America/New_York", repeat="day").values
    assert np.array_equal(found, axis.civil("America/New_York").hour)
    assert np.array_equal(read(text, axis, repeat="day").values, axis.standard().hour)


def test_a_typical_week_begins_on_monday(read: Reader) -> None:
    axis = year_axis(2025, 3600.0)
    weekly = read("v\n" + "".join(f"{hour}\n" for hour in range(168)), axis, repeat="week").values
    assert np.array_equal(weekly, axis.utc().day_of_week * 24 + axis.utc().hour)
    daily = read("v\n" + "".join(f"{day}\n" for day in range(7)), axis, repeat="week").values
    assert np.array_equal(daily, axis.utc().day_of_week)


def test_a_typical_week_with_times_must_begin_on_monday(read: Reader) -> None:
    axis = year_axis(2025, 3600.0)
    monday = hourly("2024-01-01", range(168), "time", "")
    assert read(monday, axis, repeat="week").values[0] == 48  # 1 January 2025 is a Wednesday
    ending = hourly("2024-01-01T01:00", range(168), "time", "")
    assert read(ending, axis, repeat="week", stamp="end").values[0] == 48
    (fault,) = read.faults(hourly("2024-01-03", range(168), "time", ""), axis, repeat="week")
    assert fault == "F:2: a typical week begins on a Monday at 00:00, this one 2024-01-03 00:00:00"


def test_a_typical_year_is_laid_on_a_leap_year_with_28_february_twice(read: Reader) -> None:
    text = "hour,v\n" + "".join(f"{hour},{hour}\n" for hour in range(8760))
    plain = read(text, year_axis(2025, 3600.0, -5.0), repeat="year")
    assert plain.values.tolist() == list(range(8760))
    assert plain.notes == ("typical year of 8760 values laid on the run's calendar",)
    leap = read(text, year_axis(2024, 3600.0, -5.0), repeat="year").values
    assert leap.size == 8784
    assert leap[59 * 24 : 60 * 24].tolist() == list(range(58 * 24, 59 * 24))
    assert leap[60 * 24 :].tolist() == list(range(59 * 24, 8760))


def test_a_typical_period_of_another_length_is_refused(read: Reader) -> None:
    (fault,) = read.faults("v\n" + "1\n" * 100, DAY, repeat="day")
    assert fault == "F: 100 rows are no typical day: 24 of an hour would be"


MINUTES = st.sampled_from([5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180, 1440])


@settings(deadline=None)
@given(MINUTES, MINUTES, st.integers(0, 600), st.integers(0, 2**32 - 1))
def test_sums_over_the_run_are_kept_whatever_the_steps(
    tmp_path_factory: pytest.TempPathFactory, source: int, run: int, shift: int, seed: int
) -> None:
    values = np.random.default_rng(seed).uniform(-50, 200, 4 * 1440 // source)
    stamps = pd.date_range("2025-01-01", periods=values.size, freq=f"{source}min").strftime("%Y-%m-%dT%H:%MZ")
    path = tmp_path_factory.mktemp("sums") / "series.csv"
    path.write_text("time_utc,v\n" + "".join(f"{s},{v!r}\n" for s, v in zip(stamps, values.tolist(), strict=True)))
    axis = axis_from("2025-01-01T00:00", 48.0, run * 60.0)
    axis = TimeAxis(axis.start + np.timedelta64(shift, "m"), axis.step_s, axis.count)
    found = read_series(SeriesFile(file=str(path), column="v"), axis).values
    by_minute = np.repeat(values, source)[shift : shift + axis.count * run]
    assert found == pytest.approx(by_minute.reshape(axis.count, run).mean(axis=1), abs=1e-9)
