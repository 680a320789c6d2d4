"""Weather files: every format, everything that can be wrong with one, calendars, and means on a time axis."""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from twin.compiled import elementwise
from twin.components.weather_file import WeatherFile
from twin.errors import InputError
from twin.physics import fluids
from twin.series.axis import TimeAxis, year_axis
from twin.series.files import pvlib_folder, resolve, sha256_of
from twin.series.weather import COLUMNS, read_weather
from twin.series.weather_formats import reader_of

HERE = Path(__file__).parent / "weather"
MARCH_S = 60 * 86400.0  # 1 March of a leap year
TYPICAL = ("pvlib:12839.tm2", "pvlib:723170TYA.CSV", "pvlib:703165TY.csv")


@pytest.mark.parametrize(
    ("reference", "name", "latitude_deg", "elevation_m", "utc_offset_h", "first"),
    [
        (TYPICAL[0], "MIAMI, FL", 25.8, 2.0, -5.0, (20.0, 0.73, 101700.0, 6.7)),
        (TYPICAL[1], "GREENSBORO PIEDMONT TRIAD INT, NC", 36.1, 273.0, -5.0, (10.0, 0.77, 99300.0, 6.2)),
        (TYPICAL[2], "SAND POINT, AK", 55.317, 7.0, -9.0, (4.0, 0.93, 101200.0, 2.1)),
    ],
)
def test_a_typical_year_has_its_first_row_at_the_end_of_the_first_hour(
    reference: str, name: str, latitude_deg: float, elevation_m: float, utc_offset_h: float, first: tuple[float, ...]
) -> None:
    weather = read_weather(reference, 2023)
    assert (weather.name, weather.latitude_deg, weather.elevation_m) == (name, latitude_deg, elevation_m)
    assert (weather.utc_offset_h, weather.typical, weather.step_s) == (utc_offset_h, True, 3600.0)
    assert (weather.seconds[0], weather.seconds[-1], weather.seconds.size) == (3600.0, 365 * 86400.0, 8760)
    dry_bulb_c, rh_frac, pressure_pa, wind_m_s = first
    assert weather.columns["dry_bulb_c"][0] == pytest.approx(dry_bulb_c)
    assert weather.columns["pressure_pa"][0] == pytest.approx(pressure_pa)
    assert weather.columns["wind_m_s"][0] == pytest.approx(wind_m_s)
    ratio = fluids.humidity_ratio_from_relative(dry_bulb_c, rh_frac, pressure_pa)
    assert weather.columns["humidity_ratio_kg_kg"][0] == pytest.approx(ratio)
    assert weather.sha256 == sha256_of(resolve(reference))
    assert weather.notes == ("typical weather laid on 2023",)


@pytest.mark.parametrize("reference", [*TYPICAL, str(HERE / "good.epw"), str(HERE / "good.csv")])
def test_columns_are_complete_frozen_and_agree_with_one_another(reference: str) -> None:
    columns = read_weather(reference).columns
    assert tuple(columns) == COLUMNS
    dry_bulb_c, wet_bulb_c, dew_point_c = (columns[name] for name in COLUMNS[:3])
    assert np.all(wet_bulb_c <= dry_bulb_c)
    assert np.all(dew_point_c <= wet_bulb_c + 1e-6)
    state = (dry_bulb_c, columns["humidity_ratio_kg_kg"], columns["pressure_pa"])
    assert np.array_equal(wet_bulb_c, elementwise(fluids.wet_bulb_c)(*state))
    assert np.array_equal(columns["density_kg_m3"], elementwise(fluids.moist_air_density_kg_m3)(*state))
    assert not any(values.flags.writeable for values in columns.values())


@pytest.mark.parametrize("reference", [*TYPICAL, "pvlib:golden.epw"])
def test_readings_are_those_of_pvlib(reference: str, golden: Path) -> None:
    iotools = pytest.importorskip("pvlib.iotools")
    path = golden if reference.endswith("epw") else resolve(reference)
    raw = reader_of(lines := path.read_text(encoding="latin-1").splitlines())(str(path), lines)  # type: ignore[misc]
    if reference.endswith("epw"):
        frame, scale = iotools.read_epw(str(path))[0], 1.0
    elif reference.endswith("tm2"):
        frame, scale = iotools.read_tmy2(str(path))[0], 0.1
        frame = frame.rename(columns={"DryBulb": "temp_air", "GHI": "ghi", "Wspd": "wind_speed"})
    else:
        frame, scale = iotools.read_tmy3(str(path), map_variables=True)[0], 1.0
    np.testing.assert_allclose(raw.columns["dry_bulb_c"], frame["temp_air"].to_numpy() * scale)
    np.testing.assert_allclose(raw.columns["wind_m_s"], frame["wind_speed"].to_numpy() * scale)
    assert np.array_equal(raw.columns["ghi_w_m2"], frame["ghi"].to_numpy())


@pytest.fixture(scope="module")
def golden() -> Path:
    found = importlib.util.find_spec("pyenergyplus")
    if found is None or not found.submodule_search_locations:
        pytest.skip("pyenergyplus-lbnl, which brings EPW files, is not installed")
    folder = Path(found.submodule_search_locations[0]) / "data" / "weather"
    return next(folder.glob("USA_CO_Golden*.epw"))


def test_an_epw_file_of_energyplus_is_a_typical_year(golden: Path) -> None:
    weather = read_weather(str(golden), 2025)
    assert (weather.typical, weather.elevation_m, weather.utc_offset_h) == (True, 1829.0, -7.0)
    assert weather.columns["dry_bulb_c"][0] == -3.0
    assert weather.columns["pressure_pa"][0] == 80600.0
    assert weather.columns["ghi_w_m2"].sum() == pytest.approx(1619.9e3, rel=1e-4)  # kWh/m2, as pvlib reads it


def test_a_real_epw_file_starts_at_the_end_of_its_first_hour() -> None:
    weather = read_weather(str(HERE / "good.epw"), 2024)
    assert (weather.name, weather.typical, weather.calendar_year) == ("Testham, XX, TST", False, 2024)
    assert weather.seconds[0] == MARCH_S + 3600.0
    assert weather.notes == ()


def test_an_epw_file_of_quarter_hours_is_read_by_its_minutes(tmp_path: Path) -> None:
    lines = (HERE / "good.epw").read_text().splitlines()
    quarters = [line.replace(",0,?9", f",{m},?9", 1) for line in lines[8:] for m in (15, 30, 45, 60)]
    (tmp_path / "a.epw").write_text("\n".join(lines[:8] + quarters))
    weather = read_weather(str(tmp_path / "a.epw"))
    assert (weather.step_s, weather.seconds.size) == (900.0, 192)
    assert np.allclose(weather.seconds[:5] - MARCH_S, [900.0, 1800.0, 2700.0, 3600.0, 4500.0])


def test_codes_for_missing_values_are_filled_and_counted() -> None:
    weather, whole = read_weather(str(HERE / "missing_codes.epw")), read_weather(str(HERE / "good.epw"))
    place = "48 values missing or impossible, filled (first:"
    assert weather.notes == (
        f"dry_bulb_c: 1 of {place} 2024-03-01 17:00, line 25)",
        f"pressure_pa: 1 of {place} 2024-03-01 20:00, line 28)",
        f"wind_m_s: 1 of {place} 2024-03-02 08:00, line 40)",
        f"ghi_w_m2: 1 of {place} 2024-03-02 00:00, line 32)",
    )
    near = whole.columns["dry_bulb_c"]
    assert weather.columns["dry_bulb_c"][16] == pytest.approx((near[15] + near[17]) / 2.0)
    assert weather.columns["dew_point_c"][18] == pytest.approx(float(near[18]) - 4.0, abs=1e-6)  # no RH in this row


def test_a_dirty_file_is_mended_and_every_mending_is_told() -> None:
    weather = read_weather(str(HERE / "dirty.csv"))
    assert weather.notes == (
        "rows out of order of time sorted (1 steps back, first at line 23)",
        "1 repeated times left out, the first row of each kept (first: 2024-03-02 01:00, line 28)",
        "dry_bulb_c: 1 of 48 values missing or impossible, filled (first: 2024-03-02 06:00, line 33)",
        "pressure_pa: 1 of 48 values missing or impossible, filled (first: 2024-03-01 09:00, line 11)",
        "rh_frac: 1 of 48 values above 1, taken as saturation",
        "not in the file: ghi_w_m2, dni_w_m2, dhi_w_m2",
        "wind_m_s: 1 of 48 values missing or impossible, filled (first: 2024-03-01 12:00, line 14)",
        "no elevation in the file: 90 m, from the mean pressure",
    )
    clean = read_weather(str(HERE / "good.csv"))
    touched = [3, 30]  # saturated, interpolated
    same = np.delete(np.arange(48), touched)
    assert weather.columns["dry_bulb_c"][same] == pytest.approx(clean.columns["dry_bulb_c"][same])
    assert weather.columns["wet_bulb_c"][3] == pytest.approx(float(clean.columns["dry_bulb_c"][3]), abs=1e-6)


def test_up_to_six_missing_hours_lie_on_a_straight_line() -> None:
    weather, whole = read_weather(str(HERE / "short_gap.csv")), read_weather(str(HERE / "good.csv"))
    assert "6 missing rows filled (first after 2024-03-01 09:00)" in weather.notes
    low, high = (float(whole.columns["dry_bulb_c"][row]) for row in (9, 16))
    assert weather.columns["dry_bulb_c"][9:17] == pytest.approx(np.linspace(low, high, 8))
    assert np.array_equal(weather.columns["dry_bulb_c"][17:], whole.columns["dry_bulb_c"][17:])


def test_a_long_gap_in_wind_drops_the_wind_and_not_the_file(tmp_path: Path) -> None:
    lines = (HERE / "good.csv").read_text().splitlines()
    lines[11:21] = [line.rsplit(",", 1)[0] + "," for line in lines[11:21]]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    weather = read_weather(str(tmp_path / "a.csv"))
    assert np.isnan(weather.columns["wind_m_s"]).all()
    assert "wind_m_s is missing for 10 h; gaps of up to 6 h are filled: wind_m_s is not used" in weather.notes


def test_pressure_comes_from_the_elevation_where_the_file_has_none() -> None:
    weather = read_weather(WeatherFile(file=str(HERE / "no_pressure.csv"), elevation_m=1609.0))
    assert weather.columns["pressure_pa"] == pytest.approx(np.full(48, 83431.0), rel=1e-6)
    assert "no station pressure in the file: 83431 Pa of the standard atmosphere at 1609 m" in weather.notes


def test_units_are_told_by_the_heads() -> None:
    imperial, metric = (read_weather(str(HERE / name)).columns for name in ("imperial.csv", "good.csv"))
    assert imperial["dry_bulb_c"] == pytest.approx(metric["dry_bulb_c"])
    assert imperial["dew_point_c"] == pytest.approx(metric["dry_bulb_c"] - 4.0, abs=0.02)
    assert imperial["pressure_pa"][0] == pytest.approx(100237.0, abs=1.0)
    assert imperial["wind_m_s"][0] == pytest.approx(4.4704)


def test_humidity_may_be_given_as_wet_bulb() -> None:
    columns = read_weather(str(HERE / "wet_bulb.csv")).columns
    assert columns["wet_bulb_c"] == pytest.approx(columns["dry_bulb_c"] - 3.0, abs=1e-6)
    assert columns["pressure_pa"][0] == pytest.approx(84000.0)


def test_a_download_of_open_meteo_brings_its_own_site() -> None:
    weather = read_weather(str(HERE / "open_meteo.csv"), 2024)
    assert (weather.latitude_deg, weather.longitude_deg, weather.elevation_m) == (52.52, 13.41, 38.0)
    assert (weather.utc_offset_h, weather.seconds[0]) == (1.0, MARCH_S)
    assert weather.columns["wind_m_s"][0] == pytest.approx(5.0)
    assert "ghi_w_m2" in weather.stepped


def test_times_in_utc_are_moved_to_local_standard_time_and_local_ones_are_not() -> None:
    utc = read_weather(WeatherFile(file=str(HERE / "good.csv"), utc_offset_h=5.5), 2024)
    local = read_weather(WeatherFile(file=str(HERE / "no_zone.csv"), utc_offset_h=5.5), 2024)
    assert utc.seconds[0] == MARCH_S + 5.5 * 3600.0
    assert local.seconds[0] == MARCH_S


def test_a_corrected_zone_is_also_that_of_local_stamps() -> None:
    weather = read_weather(WeatherFile(file=str(HERE / "good.epw"), utc_offset_h=3.0), 2024)
    assert (weather.utc_offset_h, weather.seconds[0]) == (3.0, MARCH_S + 3600.0)


def test_corrections_stand_in_place_of_what_the_file_says() -> None:
    options = WeatherFile(file=str(HERE / "good.epw"), latitude_deg=1.0, longitude_deg=2.0, elevation_m=3.0)
    weather = read_weather(options)
    assert (weather.latitude_deg, weather.longitude_deg, weather.elevation_m) == (1.0, 2.0, 3.0)
    assert weather.columns["pressure_pa"][0] == 100250.0  # the file's own still


def test_a_warmer_climate_keeps_the_relative_humidity() -> None:
    plain = read_weather(TYPICAL[1]).columns
    warm = read_weather(WeatherFile(file=TYPICAL[1], dry_bulb_shift_k=2.5))
    relative = elementwise(fluids.relative_humidity_frac)
    names = ("dry_bulb_c", "humidity_ratio_kg_kg", "pressure_pa")
    np.testing.assert_allclose(warm.columns["dry_bulb_c"], plain["dry_bulb_c"] + 2.5)
    np.testing.assert_allclose(relative(*(warm.columns[n] for n in names)), relative(*(plain[n] for n in names)))
    assert np.all(warm.columns["wet_bulb_c"] > plain["wet_bulb_c"])
    assert warm.notes[-1] == "dry bulb shifted by +2.5 K at unchanged relative humidity"


def test_a_typical_year_on_a_leap_year_repeats_28_february() -> None:
    common, leap = read_weather(TYPICAL[1], 2025), read_weather(TYPICAL[1], 2024)
    assert leap.seconds.size == 8784
    assert "28 February repeated as 29 February, which the file does not have" in leap.notes
    day = slice(58 * 24, 59 * 24)
    values, before = leap.columns["dry_bulb_c"], common.columns["dry_bulb_c"]
    assert np.array_equal(values[: 59 * 24], before[: 59 * 24])
    assert np.array_equal(values[59 * 24 : 60 * 24], before[day])
    assert np.array_equal(values[60 * 24 :], before[59 * 24 :])


def test_a_typical_file_with_a_leap_day_loses_it_on_a_common_year(tmp_path: Path) -> None:
    leap = _leap_year_of_hours(tmp_path)
    weather = read_weather(WeatherFile(file=str(leap), typical=True), 2023)
    assert weather.seconds.size == 8760
    assert weather.notes[:2] == ("typical weather laid on 2023", "29 February left out: 2023 has none")
    assert weather.columns["dry_bulb_c"][59 * 24] == pytest.approx(60 * 24 * 0.001)  # 1 March, not 29 February
    assert read_weather(WeatherFile(file=str(leap), typical=True), 2024).seconds.size == 8784


def _leap_year_of_hours(tmp_path: Path) -> Path:
    stamps = np.datetime64("2024-01-01T00") + np.arange(8784)
    rows = (f"{t}:00Z,{i * 0.001:.3f},50,1000" for i, t in enumerate(stamps))
    path = tmp_path / "leap.csv"
    path.write_text("\n".join(["time_utc,temp_C,rh_pct,pressure_hPa", *rows]))
    return path


def test_a_real_file_of_another_year_is_refused_with_the_remedy() -> None:
    path = str(HERE / "good.csv")
    with pytest.raises(InputError) as caught:
        read_weather(path, 2023)
    assert str(caught.value) == (
        f"{path}: no weather of 2023: it holds 2024-03-01 to 2024-03-02 (UTC+0); choose a year that it holds, "
        "or state `typical: true` to lay it on any"
    )


def test_two_days_are_no_typical_year() -> None:
    path = str(HERE / "good.csv")
    with pytest.raises(InputError) as caught:
        read_weather(WeatherFile(file=path, typical=True), 2025)
    assert str(caught.value).startswith(f"{path}: no rows from 2025-03-02 23:00 to the first row of the typical year")


def test_three_years_are_no_typical_year(tmp_path: Path) -> None:
    days = np.datetime64("2020-01-01") + np.arange(1000)
    rows = (f"{day}T{hour:02d}:00Z,10,50,1000" for day in days for hour in (0, 6, 12, 18))
    path = tmp_path / "long.csv"
    path.write_text("\n".join(["time_utc,temp_C,rh_pct,pressure_hPa", *rows]))
    with pytest.raises(InputError) as caught:
        read_weather(WeatherFile(file=str(path), typical=True), 2025)
    assert str(caught.value) == f"{path}: a typical year has 365 or 366 days, this file has 1000"


def test_a_typical_year_that_begins_at_midnight_is_laid_on_a_leap_year_too(tmp_path: Path) -> None:
    stamps = np.datetime64("2023-01-01T00") + np.arange(8760)
    path = tmp_path / "common.csv"
    rows = (f"{t}:00Z,{i * 0.001:.3f},50,1000" for i, t in enumerate(stamps))
    path.write_text("\n".join(["time_utc,temp_C,rh_pct,pressure_hPa", *rows]))
    weather = read_weather(WeatherFile(file=str(path), typical=True), 2024)
    expected = np.concatenate([np.arange(59 * 24), np.arange(58 * 24, 8760)]) * 0.001
    assert np.array_equal(weather.seconds, np.arange(8784) * 3600.0)
    np.testing.assert_allclose(weather.columns["dry_bulb_c"], expected)


@pytest.mark.parametrize("reference", TYPICAL)
@pytest.mark.parametrize("year", [2024, 2025])
def test_runs_of_any_step_see_the_same_sums(reference: str, year: int) -> None:
    weather = read_weather(reference, year)
    hourly = weather.on(year_axis(year, 3600.0, weather.utc_offset_h))
    for step_s, inner in ((900.0, 4), (300.0, 12)):
        finer = weather.on(year_axis(year, step_s, weather.utc_offset_h))
        for name in COLUMNS:
            means = finer[name].reshape(-1, inner).mean(axis=1)
            np.testing.assert_allclose(means, hourly[name], rtol=1e-9, atol=1e-9)


def test_an_hour_has_the_mean_of_its_ends_and_the_irradiance_of_its_row() -> None:
    weather = read_weather(TYPICAL[1], 2025)
    means = weather.on(year_axis(2025, 3600.0, weather.utc_offset_h))
    at_end = weather.columns["dry_bulb_c"]
    np.testing.assert_allclose(means["dry_bulb_c"], (at_end + np.roll(at_end, 1)) / 2.0, atol=1e-9)
    np.testing.assert_allclose(means["ghi_w_m2"], weather.columns["ghi_w_m2"], atol=1e-9)
    assert means["dry_bulb_c"].mean() == pytest.approx(at_end.mean(), rel=1e-12)


def test_a_typical_year_wraps_round_its_end() -> None:
    weather = read_weather(TYPICAL[1], 2025)
    one = weather.on(TimeAxis(np.datetime64("2025-01-01T05:00"), 900.0, 96, -5.0))
    next_year = weather.on(TimeAxis(np.datetime64("2026-01-01T05:00"), 900.0, 96, -5.0))
    for name in COLUMNS:
        assert next_year[name] == pytest.approx(one[name], rel=1e-9, abs=1e-9)


def test_a_run_in_summer_sees_the_summer() -> None:
    weather = read_weather(TYPICAL[1], 2025)
    year = weather.on(year_axis(2025, 3600.0, -5.0))["dry_bulb_c"]
    july = weather.on(TimeAxis(np.datetime64("2025-07-01T05:00"), 3600.0, 744, -5.0))["dry_bulb_c"]
    start = 181 * 24
    assert july == pytest.approx(year[start : start + 744])


def test_a_real_file_is_held_for_one_row_at_its_ends_and_no_longer() -> None:
    path = str(HERE / "good.csv")
    weather = read_weather(path, 2024)
    held = weather.on(TimeAxis(np.datetime64("2024-02-29T23:00"), 3600.0, 49))
    assert held["dry_bulb_c"][0] == weather.columns["dry_bulb_c"][0]
    assert held["dry_bulb_c"][-1] == weather.columns["dry_bulb_c"][-1]
    with pytest.raises(InputError) as caught:
        weather.on(TimeAxis(np.datetime64("2024-02-29T20:00"), 3600.0, 60))
    assert str(caught.value) == (
        f"{path}: no weather from 2024-02-29 20:00 to 2024-03-01 00:00 and from 2024-03-02 23:00 to 2024-03-03 08:00 "
        "(UTC+0)"
    )


def test_an_nsrdb_year_without_leap_day_repeats_28_february(tmp_path: Path) -> None:
    heads = (HERE / "good.nsrdb.csv").read_text().splitlines()[:3]
    stamps = [np.datetime64("2024-02-27T00:30") + np.timedelta64(h, "h") for h in range(96)]
    kept = [t.astype(object) for t in stamps if not str(t).startswith("2024-02-29")]
    rows = [f"{t.year},{t.month},{t.day},{t.hour},{t.minute},0,0,2,50,{t.day + t.hour / 100},1000" for t in kept]
    path = tmp_path / "leap.csv"
    path.write_text("\n".join([*heads, *rows]))
    weather = read_weather(str(path), 2024)
    assert "28 February repeated as 29 February, which the file does not have" in weather.notes
    assert weather.seconds.size == 96
    assert weather.columns["dry_bulb_c"][48:72] == pytest.approx(weather.columns["dry_bulb_c"][24:48])


def test_half_hours_of_nsrdb_stand_at_their_stamps() -> None:
    weather = read_weather(str(HERE / "good.nsrdb.csv"), 2023)
    assert (weather.step_s, weather.stepped, weather.name) == (1800.0, frozenset(), "NSRDB 1")
    assert weather.seconds[:2].tolist() == [59 * 86400.0, 59 * 86400.0 + 1800.0]
    assert "not in the file: ghi_w_m2" in weather.notes


def test_a_zipped_file_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.epw.gz").write_bytes(gzip.compress((HERE / "good.epw").read_bytes()))
    zipped, plain = read_weather(str(tmp_path / "a.epw.gz")), read_weather(str(HERE / "good.epw"))
    assert all(np.array_equal(zipped.columns[n], plain.columns[n], equal_nan=True) for n in COLUMNS)


def test_a_windows_file_with_a_mark_and_empty_lines_at_its_end_is_read(tmp_path: Path) -> None:
    text = (HERE / "good.csv").read_text().replace("\n", "\r\n") + "\r\n,,,,\r\n"
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_weather(str(tmp_path / "a.csv")).seconds.size == 48


def test_pvlibs_folder_holds_the_files_that_scenarios_name() -> None:
    assert {"12839.tm2", "723170TYA.CSV", "703165TY.csv"} <= {p.name for p in pvlib_folder().iterdir()}
