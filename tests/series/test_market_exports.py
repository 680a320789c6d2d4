"""Files of prices as markets hand them out: headers and rows as in their exports, with invented prices."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from twin.components.grid.tariffs import MarketPrice
from twin.errors import InputError
from twin.series.axis import TimeAxis
from twin.series.energy_price import price_per_kwh
from twin.series.series_file import SeriesFile
from twin.series.tables import Series, read_series

Read = Callable[..., Series]

CHICAGO, BERLIN = "America/Chicago", "Europe/Berlin"
AUTUMN_UTC = TimeAxis(np.datetime64("2021-10-30T22:00", "ns"), 3600.0, 25)  # Sunday 31 October in Berlin: 25 hours
SPRING_UTC = TimeAxis(np.datetime64("2021-03-27T23:00", "ns"), 3600.0, 23)
TEXAS_AUTUMN = TimeAxis(np.datetime64("2021-11-07T05:00", "ns"), 3600.0, 25)
TEXAS_SPRING = TimeAxis(np.datetime64("2021-03-14T06:00", "ns"), 3600.0, 23)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def run(text: str, axis: TimeAxis, column: str, **options: Any) -> Series:
        (tmp_path / "export.csv").write_text(text, encoding="utf-8")
        return read_series(
            SeriesFile.model_validate({"file": str(tmp_path / "export.csv"), "column": column, **options}), axis
        )

    return run


def refused(read: Read, *arguments: Any, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        read(*arguments, **options)
    return caught.value.faults[0].message


def local(axis: TimeAxis, zone: str, form: str) -> list[tuple[str, str, str]]:
    """Start and end on the wall clock, and the zone's abbreviation at the start."""
    starts = axis.civil(zone)
    ends = (axis.utc() + pd.Timedelta(seconds=axis.step_s)).tz_localize("UTC").tz_convert(zone)
    return [(a.strftime(form), b.strftime(form), a.strftime("%Z")) for a, b in zip(starts, ends, strict=True)]


@pytest.mark.parametrize("axis", [AUTUMN_UTC, SPRING_UTC])
def test_entsoes_older_export_of_local_ranges_is_read_through_a_change_of_the_clock(read: Read, axis: TimeAxis) -> None:
    rows = [f'"{a} - {b}","{at}.5","EUR",""' for at, (a, b, _) in enumerate(local(axis, BERLIN, "%d.%m.%Y %H:%M"))]
    text = '"MTU (CET/CEST)","Day-ahead Price [EUR/MWh]","Currency","BZN|DE-LU"\n' + "\n".join(rows)
    found = read(text, axis, "Day-ahead Price [EUR/MWh]")  # the zone stands in the header
    assert found.values.tolist() == [at + 0.5 for at in range(axis.count)]
    assert found.notes == ()


@pytest.mark.parametrize("axis", [AUTUMN_UTC, SPRING_UTC])
def test_entsoes_newer_export_with_marks_of_daylight_saving_is_read(read: Read, axis: TimeAxis) -> None:
    """Rows with marks say themselves which of two equal hours they are: here they stand the other way round."""
    texts = local(axis, BERLIN, "%d/%m/%Y %H:%M:%S")
    marks = [*(mark for _, _, mark in texts), "CET" if axis is AUTUMN_UTC else "CEST"]
    rows = [
        f'"{a} ({marks[at]}) - {b} ({marks[at + 1]})","BZN|DE-LU","Sequence 1","{at}"'
        for at, (a, b, _) in enumerate(texts)
    ]
    rows[2], rows[3] = rows[3], rows[2]
    rows += [row.replace("Sequence 1", "Sequence 2").replace('","', '","9', 1) for row in rows]
    text = '"MTU (CET/CEST)","Area","Sequence","Day-ahead Price (EUR/MWh)"\n' + "\n".join(rows)
    where = [{"column": "Sequence", "values": ["Sequence 1", "Without Sequence"]}]
    found = read(text, axis, "Day-ahead Price (EUR/MWh)", where=where)
    assert found.values.tolist() == list(range(axis.count))


def test_a_file_that_changes_from_hours_to_quarters_keeps_each_price_for_its_own_length(read: Read) -> None:
    day = TimeAxis(np.datetime64("2025-09-30T20:00", "ns"), 900.0, 16)
    rows = ["30/09/2025 20:00:00 - 30/09/2025 21:00:00,40", "30/09/2025 21:00:00 - 30/09/2025 22:00:00,n/e"]
    rows += [f"30/09/2025 {h}:{m:02d}:00 - 30/09/2025 {h}:{m + 15:02d}:00,{m}" for h in (22, 23) for m in (0, 15, 30)]
    text = "MTU (UTC),Day-ahead Price (EUR/MWh)\n" + "\n".join(rows)
    found = read(text, day, "Day-ahead Price (EUR/MWh)")
    assert found.values.tolist() == [40] * 8 + [0, 15, 30, 30] * 2
    assert found.notes[0] == "rows of different length, the shortest 15 min: longer ones hold for their whole length"


def ercot(axis: TimeAxis) -> str:
    """ERCOT's day-ahead report: dates and hours that end, a flag on the repeated one, a row for each point."""
    texts = axis.civil(CHICAGO)
    seen: set[str] = set()
    rows = []
    for at, time in enumerate(texts):
        name = f"{time:%m/%d/%Y},{time.hour + 1:02d}:00"
        flag = "Y" if name in seen else "N"
        seen.add(name)
        rows += [f"{name},{flag},{point},{value}" for point, value in (("HB_WEST", -at), ("LZ_WEST", at))]
    return "Delivery Date,Hour Ending,Repeated Hour Flag,Settlement Point,Settlement Point Price\n" + "\n".join(rows)


@pytest.mark.parametrize("axis", [TEXAS_AUTUMN, TEXAS_SPRING])
def test_ercots_long_table_is_read_by_its_settlement_point_alone(read: Read, axis: TimeAxis) -> None:
    where = [{"column": "Settlement Point", "values": ["HB_WEST"]}]
    found = read(ercot(axis), axis, "Settlement Point Price", where=where, timezone=CHICAGO)
    assert found.values.tolist() == [-float(at) for at in range(axis.count)]
    assert found.notes == ()


def test_a_flag_tells_which_hour_is_repeated_whatever_the_order_of_rows(read: Read) -> None:
    head, *rows = ercot(TEXAS_AUTUMN).splitlines()
    again = [row for row in rows if ",Y," in row]
    text = "\n".join([head, rows[0], rows[1], *again, *(row for row in rows[2:] if row not in again)])
    where = [{"column": "Settlement Point", "values": ["LZ_WEST"]}]
    found = read(text, TEXAS_AUTUMN, "Settlement Point Price", where=where, timezone=CHICAGO)
    assert found.values.tolist() == list(range(25))


def test_ercots_real_time_report_numbers_quarters_of_hours(read: Read) -> None:
    axis = TimeAxis(np.datetime64("2023-11-05T05:00", "ns"), 900.0, 100)  # the long day
    hours = [(1, "N"), (2, "N"), (2, "Y"), *((hour, "N") for hour in range(3, 25))]
    places = [(hour, part, flag) for hour, flag in hours for part in range(1, 5)]
    rows = [
        f"11/05/2023,{hour},{part},{flag},LZ_NORTH,{kind},{at if kind == 'LZ' else -1}"
        for at, (hour, part, flag) in enumerate(places)
        for kind in ("LZ", "LZEW")
    ]
    head = (
        "Delivery Date,Delivery Hour,Delivery Interval,Repeated Hour Flag,Settlement Point Name,Settlement Point Type,"
    )
    text = head + "Settlement Point Price\n" + "\n".join(rows)
    where = [
        {"column": "Settlement Point Name", "values": ["LZ_NORTH"]},
        {"column": "Settlement Point Type", "values": ["LZ"]},
    ]
    found = read(text, axis, "Settlement Point Price", where=where, timezone=CHICAGO)
    assert found.values.tolist() == list(range(100))


@pytest.mark.parametrize(("axis", "hours"), [(TEXAS_AUTUMN, 25), (TEXAS_SPRING, 23)])
def test_hours_counted_to_23_or_25_are_hours_since_midnight(read: Read, axis: TimeAxis, hours: int) -> None:
    day = axis.civil(CHICAGO)[0].tz_localize(None)
    days = ((day + pd.Timedelta(days=at), hours if at == 0 else 24) for at in (-1, 0, 1))
    rows = [f"{date:%m/%d/%Y},{hour},{hour}" for date, count in days for hour in range(1, count + 1)]
    text = "OPR_DT,OPR_HR,LMP\n" + "\n".join(rows)
    found = read(text, axis, "LMP", timezone=CHICAGO)
    assert found.values.tolist() == list(range(1, hours + 1))
    assert found.notes == ()


def test_new_englands_hour_02x_is_the_second_of_two(read: Read) -> None:
    axis = TimeAxis(np.datetime64("2021-11-07T04:00", "ns"), 3600.0, 25)
    labels = ["01", "02", "02X", *(f"{hour:02d}" for hour in range(3, 25))]
    text = "Date,Hour Ending,LMP\n" + "\n".join(f"11/07/2021,{label},{at}" for at, label in enumerate(labels))
    assert read(text, axis, "LMP", timezone="America/New_York").values.tolist() == list(range(25))


def test_new_englands_report_with_a_letter_before_each_line_is_read(read: Read) -> None:
    axis = TimeAxis(np.datetime64("2026-03-17T04:00", "ns"), 3600.0, 3)
    rows = [
        f'"D","03/17/2026","{hour:02d}","{place}","{name}",{value}'
        for hour in (1, 2, 3)
        for place, name, value in (("4000", ".H.INTERNAL_HUB", hour), ("321", "UN.FRNKLNSQ13.810CC", -9))
    ]
    text = "\n".join(
        [
            '"C","Day-Ahead Energy Market Hourly LMP Report"',
            '"C","Report for: 03/17/2026 - 03/17/2026"',
            '"H","Date","Hour Ending","Location ID","Location Name","Locational Marginal Price"',
            '"H","Date","HE","String","String","Number"',
            *rows,
            '"T","6"',
        ]
    )
    where = [{"column": "Location Name", "values": [".H.INTERNAL_HUB"]}]
    found = read(text, axis, "Locational Marginal Price", where=where, timezone="America/New_York")
    assert found.values.tolist() == [1, 2, 3]


def test_caisos_rows_in_any_order_are_sorted_by_their_times_in_utc(read: Read) -> None:
    axis = TimeAxis(np.datetime64("2021-01-01T08:00", "ns"), 3600.0, 4)
    rows = [
        f"2021-01-01T{8 + at:02d}:00:00-00:00,-,2021-01-01,{at + 1},NP15,{kind},{value}"
        for at in (2, 0, 3, 1)
        for kind, value in (("LMP", at), ("MCC", -9))
    ]
    text = "INTERVALSTARTTIME_GMT,INTERVALENDTIME_GMT,OPR_DT,OPR_HR,NODE,LMP_TYPE,MW\n" + "\n".join(rows)
    found = read(text, axis, "MW", where=[{"column": "LMP_TYPE", "values": ["LMP"]}])
    assert found.values.tolist() == [0, 1, 2, 3]


def test_new_yorks_and_pjms_clocks_of_months_before_days_are_read(read: Read) -> None:
    axis = TimeAxis(np.datetime64("2021-01-31T05:00", "ns"), 3600.0, 3)
    nyiso = "Time Stamp,Name,PTID,LBMP ($/MWHr)\n" + "".join(
        f'"01/31/2021 0{at}:00","{zone}",61761,{value}\n'
        for at in range(3)
        for zone, value in (("N.Y.C.", at), ("WEST", -1))
    )
    where = [{"column": "Name", "values": ["N.Y.C."]}]
    found = read(nyiso, axis, "LBMP ($/MWHr)", where=where, timezone="America/New_York")
    assert found.values.tolist() == [0, 1, 2]
    pjm = "datetime_beginning_utc,datetime_beginning_ept,total_lmp_da\n" + "".join(
        f"1/31/2021 {5 + at}:00:00 AM,1/31/2021 {at or 12}:00:00 AM,{at}\n" for at in range(3)
    )
    assert read(pjm, axis, "total_lmp_da", time_column="datetime_beginning_utc").values.tolist() == [0, 1, 2]
    assert read(pjm, axis, "total_lmp_da", time_column="datetime_beginning_ept").values.tolist() == [0, 1, 2]


def test_the_eias_files_with_titles_above_their_header_are_read(read: Read) -> None:
    """Three lines of titles, then UTC and local times of both ends, as wholesale markets' LMP files of eia.gov have."""
    axis = TimeAxis(np.datetime64("2021-01-31T06:00", "ns"), 3600.0, 3)
    rows = "".join(
        f"01/31/2021 {7 + at:02d}:00,01/31/2021 0{at}:00,01/31/2021 0{at + 1}:00,01/31/2021,{at + 1},{at},{-at}\n"
        for at in range(3)
    )
    text = (
        "Electric Reliability Council of Texas (ERCOT)\nDay-ahead LMP, hourly\nUnits: $/MWh, as published\n"
        "UTC Timestamp (Interval Ending),Local Timestamp Central Time (Interval Beginning),"
        "Local Timestamp Central Time (Interval Ending),Local Date,Hour Number,West LMP,North LMP\n" + rows
    )
    assert read(text, axis, "West LMP", time_column="UTC Timestamp (Interval Ending)").values.tolist() == [0, 1, 2]
    assert read(text, axis, "West LMP", timezone=CHICAGO).values.tolist() == [0, 1, 2]


def test_a_german_export_with_decimal_commas_and_points_for_thousands_is_read(read: Read) -> None:
    axis = TimeAxis(np.datetime64("2021-12-31T23:00", "ns"), 3600.0, 3)
    text = "Datum von;Datum bis;Deutschland/Luxemburg [€/MWh]\n" + "".join(
        f"01.01.2022 0{at}:00;01.01.2022 0{at + 1}:00;{value}\n" for at, value in enumerate(("1.234,56", "-5,03", "7"))
    )
    assert read(text, axis, "Deutschland/Luxemburg [€/MWh]", timezone=BERLIN).values.tolist() == [1234.56, -5.03, 7.0]


def test_days_and_months_that_may_be_either_are_asked_about(read: Read) -> None:
    axis = TimeAxis(np.datetime64("2021-02-01", "ns"), 3600.0, 2)
    text = "time (UTC),v\n02/01/2021 00:00,1\n02/01/2021 01:00,2\n"
    assert refused(read, text, axis, "v") == (
        "'02/01/2021 00:00' and all other times can be read as %m/%d/%Y %H:%M or %d/%m/%Y %H:%M: give `time_format`"
    )
    assert read(text, axis, "v", time_format="%m/%d/%Y %H:%M").values.tolist() == [1, 2]


def test_a_zone_in_the_header_that_is_not_utc_itself_is_not_taken_for_it(read: Read) -> None:
    axis = TimeAxis(np.datetime64("2021-02-01", "ns"), 3600.0, 2)
    text = "time (UTC+8),v\n2021-02-01 08:00,1\n2021-02-01 09:00,2\n"
    assert (
        refused(read, text, axis, "v") == "times in column 'time (UTC+8)' state no zone: give `timezone`, UTC or a name"
    )
    assert read(text, axis, "v", timezone="Asia/Singapore").values.tolist() == [1, 2]


def test_a_long_table_without_a_condition_is_recognised(read: Read) -> None:
    head, *rows = ercot(TEXAS_SPRING).splitlines()
    text = "\n".join([head, *rows, *(row.replace("WEST", "NORTH") for row in rows if "HB" in row)])
    message = refused(read, text.replace(",-", ",-9"), TEXAS_SPRING, "Settlement Point Price", timezone=CHICAGO)
    assert message == "46 of 69 rows have the time of another: choose rows of a long table with `where`"
    message = refused(read, ercot(TEXAS_SPRING), TEXAS_SPRING, "Settlement Point Price", timezone=CHICAGO)
    assert message.startswith("23 of 46 rows have the time of another")


def test_a_condition_that_no_row_fulfils_is_refused_with_the_nearest_value(read: Read) -> None:
    where = [{"column": "Settlement Point", "values": ["HB_WST"]}]
    message = refused(read, ercot(TEXAS_SPRING), TEXAS_SPRING, "Settlement Point Price", where=where, timezone=CHICAGO)
    assert message == "no row has Settlement Point 'HB_WST' (did you mean 'HB_WEST'?)"
    where = [{"column": "Settlement Pt", "values": ["HB_WEST"]}]
    message = refused(read, ercot(TEXAS_SPRING), TEXAS_SPRING, "Settlement Point Price", where=where, timezone=CHICAGO)
    assert message == "no column 'Settlement Pt' (did you mean 'Settlement Point'?)"


def test_lost_days_may_take_the_hours_of_the_day_before(read: Read) -> None:
    axis = TimeAxis(np.datetime64("2021-02-01", "ns"), 3600.0, 96)
    stamps = axis.utc().strftime("%Y-%m-%dT%H:%MZ")
    kept = [(stamp, at) for at, stamp in enumerate(stamps) if not 30 <= at < 78]
    text = "time_utc,v\n" + "\n".join(f"{stamp},{value}" for stamp, value in kept)
    found = read(text, axis, "v", gaps="day_before")
    expected = np.arange(96.0)
    for at in range(30, 78):
        expected[at] = expected[at - 24]
    assert found.values.tolist() == expected.tolist()
    assert found.notes == ("2021-02-02T06:00Z to 2021-02-04T06:00Z is missing: taken from the day before",)
    assert refused(read, text, axis, "v").endswith("is missing: 48 h (up to 3 h are filled)")


@pytest.mark.parametrize(
    ("column", "currency", "unit", "message"),
    [
        ("Price [EUR/MWh]", "USD", "per_mwh", "column 'Price [EUR/MWh]' is in EUR, the tariff in USD"),
        ("price_USD_per_MWh", "EUR", "per_mwh", "column 'price_USD_per_MWh' is in USD, the tariff in EUR"),
        ("DE [€/MWh]", "CHF", "per_mwh", "column 'DE [€/MWh]' is in EUR, the tariff in CHF"),
        (
            "SEK/kWh", "SEK", "per_mwh",
            "column 'SEK/kWh' is per kWh, `price_unit` is per_mwh: give per_kwh or cent_per_kwh",
        ),
        ("LBMP ($/MWHr)", "USD", "per_kwh", "column 'LBMP ($/MWHr)' is per MWh, `price_unit` is per_kwh: give per_mwh"),
    ],
)  # fmt: skip
def test_a_column_that_names_another_currency_or_unit_than_the_tariff_is_refused(
    tmp_path: Path, column: str, currency: str, unit: str, message: str
) -> None:
    axis = TimeAxis(np.datetime64("2021-02-01", "ns"), 3600.0, 2)
    (tmp_path / "p.csv").write_text(f"time_utc,{column}\n2021-02-01T00:00Z,1\n2021-02-01T01:00Z,2\n", encoding="utf-8")
    price = {"file": str(tmp_path / "p.csv"), "column": column}
    tariff = MarketPrice.model_validate({"currency": currency, "price": price, "price_unit": unit})
    with pytest.raises(InputError) as caught:
        price_per_kwh(tariff, axis, "UTC")
    assert caught.value.faults[0].message == message


def test_three_capitals_that_are_no_currency_are_no_contradiction(tmp_path: Path) -> None:
    axis = TimeAxis(np.datetime64("2021-02-01", "ns"), 3600.0, 2)
    (tmp_path / "p.csv").write_text("time_utc,LMP/MWh\n2021-02-01T00:00Z,10\n2021-02-01T01:00Z,20\n", encoding="utf-8")
    price = {"file": str(tmp_path / "p.csv"), "column": "LMP/MWh"}
    tariff = MarketPrice.model_validate({"currency": "USD", "price": price})
    assert price_per_kwh(tariff, axis, "UTC") == pytest.approx([0.01, 0.02])


def test_prices_in_hundredths_of_any_currency_are_prices(tmp_path: Path) -> None:
    axis = TimeAxis(np.datetime64("2021-02-01", "ns"), 3600.0, 2)
    (tmp_path / "p.csv").write_text(
        "time_utc,öre/kWh\n2021-02-01T00:00Z,150\n2021-02-01T01:00Z,-20\n", encoding="utf-8"
    )
    price = {"file": str(tmp_path / "p.csv"), "column": "öre/kWh"}
    tariff = MarketPrice.model_validate({"currency": "SEK", "price": price, "price_unit": "cent_per_kwh"})
    assert price_per_kwh(tariff, axis, "UTC").tolist() == [1.5, -0.2]
