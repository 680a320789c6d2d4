"""Real weather files of many sources: every one is read, or refused by name with the reason."""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twin.components.weather_file import WeatherFile
from twin.errors import InputError
from twin.series.axis import TimeAxis, year_axis
from twin.series.weather import COLUMNS, Weather, read_weather

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "weather"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no weather files in {FOLDER}")

# file -> elevation m
TYPICAL = {
    "USA_AZ_Phoenix-Sky.Harbor_TMYx.epw.gz": 337.4,
    "USA_CA_San.Jose-Mineta_TMYx.epw.gz": 15.5,
    "USA_CO_Denver.725650_TMY3.epw.gz": 1650.0,
    "USA_IL_Chicago-OHare.725300_TMY3.epw.gz": 201.0,
    "USA_VA_Leesburg.Exec.AP_TMYx.epw.gz": 119.0,
    "USA_WA_Seattle-Tacoma_TMYx.epw.gz": 137.0,
    "USA_WA_Yakima_727810.tmy3.csv.gz": 324.0,
}
# file -> local standard time h, elevation m, a year of local time that it holds, one that it does not
REAL = {
    "openmeteo_US-TEX-ERCO_2020-2022_hourly.csv.gz": (-6.0, 131.0, 2021, 2022),
    "openmeteo_US-CAL-CISO_2020-2022_hourly.csv.gz": (-8.0, 25.0, 2020, 2022),
    "openmeteo_DE-LU_2020-2022_hourly.csv.gz": (1.0, 112.0, 2022, 2019),
    "openmeteo_SG_2020-2022_hourly.csv.gz": (8.0, 15.0, 2022, 2023),
}
NSRDB = "NSRDB_USA_TX_Dallas_32.49_-96.70_2016_30min.csv.gz"
STATION = "KMAHIGHL4_Holyoke_2025-06-02_2025-07-08_5min.csv.gz"
LEAP = "TESTONLY_Chicago_8784h_leap_relabelled_TMY3.epw.gz"


def _year(weather: Weather, step_s: float = 3600.0) -> dict[str, np.ndarray]:
    return weather.on(year_axis(weather.calendar_year, step_s, weather.utc_offset_h))


def test_every_file_of_the_folder_is_looked_at() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {*TYPICAL, *REAL, NSRDB, STATION, LEAP}


@pytest.fixture(scope="module")
def oracle() -> Any:
    psychrolib = pytest.importorskip("psychrolib")
    psychrolib.SetUnitSystem(psychrolib.SI)
    return psychrolib


def _cells(name: str) -> np.ndarray:
    """Dry bulb C, relative humidity % and pressure Pa of every row, cut out of the text by their places."""
    epw = ".epw" in name
    skip, places, mbar = (8, (6, 8, 9), 1.0) if epw else (2, (31, 37, 40), 100.0)
    lines = gzip.decompress((FOLDER / name).read_bytes()).decode("latin-1").splitlines()[skip:]
    return np.array([[float(line.split(",")[place]) for place in places] for line in lines]) * [1.0, 1.0, mbar]


@pytest.mark.parametrize("name", TYPICAL)
def test_a_typical_year_holds_what_stands_in_the_file(name: str, oracle: Any) -> None:
    columns, cells = read_weather(str(FOLDER / name), 2025).columns, _cells(name)
    assert np.array_equal(columns["dry_bulb_c"], cells[:, 0])
    np.testing.assert_allclose(columns["pressure_pa"], cells[:, 2])
    for row in range(0, 8760, 97):
        dry_bulb_c, rh_percent, pressure_pa = cells[row]
        wet_bulb_c = oracle.GetTWetBulbFromRelHum(dry_bulb_c, rh_percent / 100.0, pressure_pa)
        if abs(wet_bulb_c) > 0.5:  # the wick freezes at another point there
            assert columns["wet_bulb_c"][row] == pytest.approx(wet_bulb_c, abs=1e-3)


@pytest.mark.parametrize("name", TYPICAL)
@pytest.mark.parametrize("year", [2024, 2025])
def test_a_typical_year_is_read_without_a_hitch(name: str, year: int) -> None:
    weather = read_weather(str(FOLDER / name), year)
    assert (weather.typical, weather.elevation_m) == (True, TYPICAL[name])
    assert weather.notes[0] == f"typical weather laid on {year}"
    assert len(weather.notes) == (2 if year == 2024 else 1)
    means = _year(weather)
    assert all(np.isfinite(means[column]).all() for column in COLUMNS)
    assert means["dry_bulb_c"].mean() == pytest.approx(weather.columns["dry_bulb_c"].mean(), rel=1e-12)


def test_denver_has_its_own_thin_air() -> None:
    weather = read_weather(str(FOLDER / "USA_CO_Denver.725650_TMY3.epw.gz"), 2025)
    assert weather.columns["pressure_pa"].mean() == pytest.approx(83500.0, abs=500.0)
    assert weather.columns["density_kg_m3"].mean() == pytest.approx(1.022, abs=0.002)


def test_the_leap_year_of_8784_hours_loses_its_leap_day_on_a_common_year() -> None:
    leap, common = (read_weather(str(FOLDER / LEAP), year) for year in (2024, 2025))
    assert (leap.seconds.size, common.seconds.size) == (8784, 8760)
    assert "29 February left out: 2025 has none" in common.notes
    plain = read_weather(str(FOLDER / "USA_IL_Chicago-OHare.725300_TMY3.epw.gz"), 2025)
    assert np.array_equal(common.columns["dry_bulb_c"], plain.columns["dry_bulb_c"])


@pytest.mark.parametrize("name", REAL)
def test_a_real_year_is_read_and_one_that_is_incomplete_refused(name: str) -> None:
    offset_h, elevation_m, held, missing = REAL[name]
    options = WeatherFile(file=str(FOLDER / name), utc_offset_h=offset_h, elevation_m=elevation_m)
    weather = read_weather(options, held)
    means = _year(weather)
    assert not weather.typical
    assert np.isfinite(means["wet_bulb_c"]).all()
    assert any(note.startswith("no station pressure in the file") for note in weather.notes)
    with pytest.raises(InputError, match=r"no weather (of|from) (2019|2022|2023)"):
        _year(read_weather(options, missing))


def test_a_file_without_pressure_asks_for_the_elevation() -> None:
    name = "openmeteo_DE-LU_2020-2022_hourly.csv.gz"
    with pytest.raises(InputError, match=r"no station pressure in the file: state `elevation_m`$"):
        read_weather(str(FOLDER / name), 2021)


def test_singapore_is_warmest_after_noon_of_its_own_time() -> None:
    name = "openmeteo_SG_2020-2022_hourly.csv.gz"
    weather = read_weather(WeatherFile(file=str(FOLDER / name), utc_offset_h=8.0, elevation_m=15.0), 2021)
    by_hour = _year(weather)["dry_bulb_c"].reshape(-1, 24).mean(axis=0)
    assert 12 <= int(by_hour.argmax()) <= 15


def test_half_hours_of_dallas_2016_are_read_with_the_leap_day_that_nsrdb_leaves_out() -> None:
    weather = read_weather(str(FOLDER / NSRDB), 2016)
    assert (weather.typical, weather.step_s, weather.seconds.size) == (False, 1800.0, 366 * 48)
    assert weather.notes == (
        "28 February repeated as 29 February, which the file does not have",
        "not in the file: ghi_w_m2",
    )
    assert _year(weather)["dry_bulb_c"].mean() == pytest.approx(18.787, abs=0.01)
    with pytest.raises(InputError, match=r"no weather of 2025: it holds 2016-01-01 to 2016-12-31 \(UTC-6\)"):
        read_weather(str(FOLDER / NSRDB), 2025)


def test_a_dirty_private_station_is_mended_and_serves_for_the_weeks_that_it_holds() -> None:
    path = str(FOLDER / STATION)
    with pytest.raises(InputError, match="times state no zone: state `utc_offset_h`"):
        read_weather(path, 2025)
    weather = read_weather(WeatherFile(file=path, utc_offset_h=-4.0), 2025)
    notes = "\n".join(weather.notes)
    assert "pauses of up to 85 min bridged by straight lines" in notes
    assert "pressure_pa: " in notes
    assert weather.columns["pressure_pa"].min() > 95e3  # the 103 mb is gone
    means = weather.on(TimeAxis(np.datetime64("2025-06-10T04:00"), 300.0, 288 * 14, -4.0))
    assert np.isfinite(means["wet_bulb_c"]).all()
    with pytest.raises(InputError, match=r"no weather from 2025-01-01 00:00 to 2025-06-03 14:19 and from 2025-07-08"):
        _year(weather)


# Mean dry and wet bulb of the EPW files that EnergyPlus 25.2 brings, from its own annual runs.
ENERGYPLUS = {"Dulles": (12.67, 9.53), "OHare": (9.99, 7.15), "Golden": (9.76, 4.48)}


@pytest.mark.parametrize("place", ENERGYPLUS)
def test_annual_means_are_those_of_energyplus(place: str) -> None:
    found = importlib.util.find_spec("pyenergyplus")
    if found is None or not found.submodule_search_locations:
        pytest.skip("pyenergyplus-lbnl, which brings the files, is not installed")
    folder = Path(found.submodule_search_locations[0]) / "data" / "weather"
    means = _year(read_weather(str(next(folder.glob(f"*{place}*.epw"))), 2025), 900.0)
    dry_bulb_c, wet_bulb_c = ENERGYPLUS[place]
    assert means["dry_bulb_c"].mean() == pytest.approx(dry_bulb_c, abs=0.02)
    assert means["wet_bulb_c"].mean() == pytest.approx(wet_bulb_c, abs=0.02)
