"""Photovoltaics: published values of the models, sums that no step changes, weather files that do not serve."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.engine.scenarios import shipped
from twin.components.grid.pv import Photovoltaics
from twin.engine.simulate import simulate
from twin.engine.solar_courses import ac_power_kw, pv_course_kw
from twin.errors import InputError
from twin.series.axis import TimeAxis, year_axis
from twin.series.weather import Weather, read_weather
from twin.studies.kpis import kpis

GOLDEN = "USA_CO_Golden-NREL.724666_TMY3.epw"
KILOWATT = Photovoltaics(dc_kw=1.0, tilt_deg=40.0)


def golden() -> Path:
    energyplus = pytest.importorskip("pyenergyplus", reason="the wheel with EnergyPlus brings Golden's weather")
    return Path(energyplus.__file__).parent / "data" / "weather" / GOLDEN


@cache
def miami() -> Weather:
    return read_weather("pvlib:12839.tm2", 2025)


def without(*columns: str) -> Weather:
    """Miami's weather as a file that lacks these columns would give it."""
    kept = {name: np.full_like(v, np.nan) if name in columns else v for name, v in miami().columns.items()}
    return dataclasses.replace(miami(), columns=kept)


def test_pvlib_gives_the_worked_values_of_pvwatts() -> None:
    from pvlib import inverter, pvsystem

    assert pvsystem.pvwatts_dc(900, 30, 100, -0.003) == pytest.approx(88.65, abs=1e-9)
    assert inverter.pvwatts(90, 100, 0.95) == pytest.approx(85.58557, abs=1e-5)


def test_a_kilowatt_in_golden_gives_the_published_year() -> None:
    """1 kW at 40 degrees south, inverter .96, losses 14.0757 %, TMY3 rows as pvlib reads them: 1494.30 kWh, .17058."""
    from pvlib import iotools, solarposition

    rows, place = iotools.read_epw(golden())
    middle = pd.date_range("1999-01-01 00:30", periods=8760, freq="h", tz="Etc/GMT+7")
    sun = solarposition.get_solarposition(middle, place["latitude"], place["longitude"], altitude=place["altitude"])
    light = tuple(rows[name].to_numpy(dtype=float) for name in ("ghi", "dni", "dhi"))
    power_kw = ac_power_kw(KILOWATT, sun, light, rows["temp_air"].to_numpy(), rows["wind_speed"].to_numpy())
    assert light[0].sum() / 1000 == pytest.approx(1619.9, abs=0.1)
    assert power_kw.sum() == pytest.approx(1494.30, abs=0.05)
    assert power_kw.mean() == pytest.approx(0.17058, abs=1e-5)
    assert power_kw.max() == pytest.approx(0.940, abs=5e-4)


def test_a_run_in_golden_is_within_a_fifth_of_a_percent_of_it() -> None:
    """Of the run, air and wind are means of the hour and not values at its end."""
    course = pv_course_kw(KILOWATT, read_weather(str(golden()), 2025), year_axis(2025, 3600.0, -7.0))
    assert course.sum() == pytest.approx(1494.30, rel=2e-3)


@pytest.mark.parametrize("step_s", [60.0, 300.0, 900.0, 21600.0, 86400.0])
def test_a_step_changes_no_sum(step_s: float) -> None:
    hourly, other = (year_axis(2025, s, -5.0) for s in (3600.0, step_s))
    expected = pv_course_kw(KILOWATT, miami(), hourly).sum()
    assert pv_course_kw(KILOWATT, miami(), other).sum() * step_s / 3600.0 == pytest.approx(expected, rel=1e-9)


def test_a_run_that_begins_within_an_hour_takes_its_part_of_it() -> None:
    noon = np.datetime64("2025-06-01T17:00", "ns")  # 12:00 local standard time
    hour = pv_course_kw(KILOWATT, miami(), TimeAxis(noon, 3600.0, 2, -5.0))
    half = pv_course_kw(KILOWATT, miami(), TimeAxis(noon + np.timedelta64(30, "m"), 1800.0, 2, -5.0))
    assert half == pytest.approx(hour)


def test_the_sun_shines_by_day_and_most_around_noon() -> None:
    by_hour = pv_course_kw(KILOWATT, miami(), year_axis(2025, 3600.0, -5.0)).reshape(365, 24).mean(axis=0)
    assert by_hour[[0, 1, 2, 3, 4, 20, 21, 22, 23]].max() == 0.0
    assert 11 <= int(by_hour.argmax()) <= 13


def test_modules_to_the_south_gain_more_than_to_the_north_and_losses_take_their_share() -> None:
    axis = year_axis(2025, 3600.0, -5.0)
    south, north, lossy, small = (
        pv_course_kw(Photovoltaics(dc_kw=1.0, tilt_deg=25.0, **more), miami(), axis)  # type: ignore[arg-type]
        for more in ({}, {"azimuth_deg": 0.0}, {"losses_frac": 0.3}, {"inverter_kw": 0.5})
    )
    assert south.sum() > 1.15 * north.sum()
    assert lossy.sum() == pytest.approx(south.sum() * 0.7 / 0.859243, rel=0.01)
    assert small.max() == pytest.approx(0.5, rel=1e-9)


@pytest.mark.parametrize(
    ("lacking", "within"),
    [
        (("ghi_w_m2",), 0.02),
        (("dni_w_m2",), 0.08),
        (("dhi_w_m2",), 0.08),
        (("dni_w_m2", "dhi_w_m2"), 0.06),  # split by Erbs
        (("wind_m_s",), 0.05),
    ],
)
def test_what_a_file_lacks_of_irradiance_follows_from_the_rest(lacking: tuple[str, ...], within: float) -> None:
    axis = year_axis(2025, 3600.0, -5.0)
    whole, rest = (pv_course_kw(KILOWATT, weather, axis).sum() for weather in (miami(), without(*lacking)))
    assert rest != whole
    assert rest == pytest.approx(whole, rel=within)


@pytest.mark.parametrize("lacking", [("ghi_w_m2", "dni_w_m2"), ("ghi_w_m2", "dni_w_m2", "dhi_w_m2")])
def test_a_file_without_sun_is_refused(lacking: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as caught:
        pv_course_kw(KILOWATT, without(*lacking), year_axis(2025, 3600.0, -5.0))
    message = "has no solar irradiance (global, or direct and diffuse), which photovoltaics need"
    assert str(caught.value.faults[0]).endswith(message)


def test_a_file_without_a_place_is_refused() -> None:
    nowhere = dataclasses.replace(miami(), latitude_deg=None)
    with pytest.raises(InputError, match="states no latitude and longitude, which photovoltaics need"):
        pv_course_kw(KILOWATT, nowhere, year_axis(2025, 3600.0, -5.0))


@pytest.mark.parametrize("dc_kw", [500, 5000])
def test_photovoltaics_do_not_change_pue(dc_kw: int) -> None:
    week = ("run.start=2025-06-01", "run.duration=7d")
    bare = kpis(simulate(shipped("quickstart", *week), keep="none"))
    sunny = kpis(simulate(shipped("quickstart", *week, f"onsite.roof={{kind: pv, dc_kw: {dc_kw}}}"), keep="none"))
    for name in ("pue", "pue_category_1", "tue", "facility_energy_kwh"):
        assert sunny[name]["value"] == pytest.approx(bare[name]["value"], rel=1e-12)
    assert sunny["total_cost"]["value"] < bare["total_cost"]["value"]
    assert (sunny["export_kwh"]["value"] > 0) == (dc_kw == 5000)


def test_import_less_export_falls_by_what_the_sun_gives() -> None:
    week = ("run.start=2025-06-01", "run.duration=7d")
    bare = simulate(shipped("quickstart", *week))
    sunny = simulate(shipped("quickstart", *week, "onsite.roof={kind: pv, dc_kw: 5000}"))
    net = sunny["grid.meter.import_kw"] - sunny["grid.meter.export_kw"]
    given = bare["grid.meter.import_kw"] - net
    np.testing.assert_allclose(given, sunny["onsite.roof.generated_kw"], rtol=1e-9, atol=1e-9)
    assert not ((sunny["grid.meter.import_kw"] > 0) & (sunny["grid.meter.export_kw"] > 0)).any()


def test_what_may_not_be_exported_is_curtailed() -> None:
    week = ("run.start=2025-06-01", "run.duration=7d", "onsite.roof={kind: pv, dc_kw: 5000}")
    free, bound = (
        kpis(simulate(shipped("quickstart", *week, *more), keep="none"))
        for more in ((), ("grid.meter.export_limit_kw=500",))
    )
    assert bound["curtailed_kwh"]["value"] + bound["export_kwh"]["value"] == pytest.approx(free["export_kwh"]["value"])
    assert bound["curtailed_kwh"]["value"] > 0
    for name in ("self_consumption_frac", "ref_onsite", "onsite_generation_kwh"):
        assert bound[name]["value"] == pytest.approx(free[name]["value"])
    used = free["onsite_generation_kwh"]["value"] - free["export_kwh"]["value"]
    assert free["self_consumption_frac"]["value"] == pytest.approx(used / free["onsite_generation_kwh"]["value"])
    assert free["ref_onsite"]["value"] == pytest.approx(used / free["facility_energy_kwh"]["value"])
