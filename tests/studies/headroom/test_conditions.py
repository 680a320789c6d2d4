"""Design conditions: what the header of an EPW file states, and percentiles of the hours of any file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.studies.headroom.sites import plain_site
from twin.engine.forcing import weather_of
from twin.errors import InputError
from twin.physics.fluids import humidity_ratio_from_wet_bulb, relative_humidity_frac
from twin.series.axis import year_axis
from twin.series.design_conditions import stated_conditions
from twin.studies.headroom.conditions import DESIGN, EXTREME, coincident, design_weather

HEAD = "LOCATION,Somewhere,XX,USA,TMY3,1,27.85,-82.52,-5.0,8.0\n"
# Second lines of two published files: Tampa-MacDill TMY3 (handbook of 2009), Phoenix Sky Harbor TMYx (2021).
OF_2009 = (
    "DESIGN CONDITIONS,1,Climate Design Data 2009 ASHRAE Handbook,,Heating,1,4.6,6.8,-4.9,2.5,7.9,-2.1,3.2,10.6,9.1,"
    "16.5,8.3,17,2.5,10,Cooling,8,7.9,33.9,25.1,33.1,24.9,32.6,24.9,27.2,30.6,26.7,30.6,26.2,30.4,3.1,270,26.2,21.7,"
    "28.6,25.6,20.9,28.5,25.1,20.2,28.3,85.1,30.6,82.7,30.6,81.1,30.2,560,Extremes,8.4,7.4,6.6,29.4,0.8,35.5,2.8,1,"
    "-1.2,36.2,-2.9,36.8,-4.5,37.3,-6.5,38\n"
)
OF_2021 = (
    "DESIGN CONDITIONS,1,2021 ASHRAE Handbook -- Fundamentals - Chapter 14 Climatic Design Information,,Heating,12,4.0,"
    "5.5,-16.5,0.9,19.0,-14.0,1.2,19.2,8.8,13.5,7.5,15.0,1.6,100,0.437,Cooling,7,11.4,43.6,20.7,42.5,20.6,41.5,20.5,"
    "24.2,34.2,23.8,34.3,23.3,34.5,4.4,260,21.9,17.3,27.7,20.9,16.2,28.9,19.8,15.1,30.2,74.5,33.8,72.7,34.2,70.9,34.2,"
    "27.5,Extremes,8.6,7.4,6.4,1.4,46.0,1.5,1.3,0.3,47.0,-0.6,47.7,-1.4,48.5,-2.5,49.4\n"
)


def header(folder: Path, second: str) -> str:
    path = folder / "site.epw"
    path.write_text(HEAD + second)
    return str(path)


@pytest.mark.parametrize(
    ("second", "dry", "wet", "twenty_c"),
    [(OF_2009, (33.9, 25.1), (27.2, 30.6), 37.3), (OF_2021, (43.6, 20.7), (24.2, 34.2), 48.5)],
)
def test_both_layouts_of_an_epw_header_are_read(
    tmp_path: Path, second: str, dry: tuple[float, float], wet: tuple[float, float], twenty_c: float
) -> None:
    stated = stated_conditions(header(tmp_path, second))
    assert stated is not None
    assert (stated.dry_bulb_c[0.004], stated.wet_bulb_c[0.004]) == (dry, wet)
    assert stated.highest_c[20] == twenty_c


@pytest.mark.parametrize("second", ["DESIGN CONDITIONS,0\n", "GROUND TEMPERATURES,0\n"])
def test_a_header_without_conditions_states_none(tmp_path: Path, second: str) -> None:
    assert stated_conditions(header(tmp_path, second)) is None


def test_conditions_that_are_no_numbers_are_told_with_their_line(tmp_path: Path) -> None:
    path = header(tmp_path, OF_2009.replace("33.9", "hot"))
    with pytest.raises(InputError) as told:
        stated_conditions(path)
    assert str(told.value) == f"{path}:2: DESIGN CONDITIONS: could not convert string to float: 'hot'"


def test_an_unknown_layout_is_refused_rather_than_misread(tmp_path: Path) -> None:
    path = header(tmp_path, OF_2009.replace(",-6.5,38", ""))
    with pytest.raises(InputError) as told:
        stated_conditions(path)
    counts = "14 values of Cooling and 14 of Extremes, at least 14 and 15 or 16 are expected"
    assert str(told.value) == f"{path}:2: DESIGN CONDITIONS: {counts}"


def test_the_design_dry_bulb_is_exceeded_in_35_hours_of_a_year() -> None:
    scenario = plain_site()
    weather = weather_of(scenario.weather, 2025)
    dry_c = weather.on(year_axis(2025, 3600.0, weather.utc_offset_h))["dry_bulb_c"]
    (hot, mild) = design_weather(scenario).of(DESIGN)
    noise_k = 1e-9  # of means over hours; the file states tenths, so that many hours are alike
    assert np.sum(dry_c > hot.dry_bulb_c + noise_k) <= 35 <= np.sum(dry_c > hot.dry_bulb_c - noise_k)
    assert mild.wet_bulb_c > hot.wet_bulb_c
    assert mild.dry_bulb_c < hot.dry_bulb_c


def test_extremes_without_a_header_are_the_hottest_and_the_dampest_hour() -> None:
    found = design_weather(plain_site())
    assert [one.name for one in found.of(EXTREME)] == ["hottest hour", "dampest hour"]
    assert found.of(EXTREME)[0].dry_bulb_c > found.of(DESIGN)[0].dry_bulb_c


def test_coincident_values_are_the_mean_of_the_hours_within_half_a_kelvin() -> None:
    assert coincident(np.array([30.0, 30.4, 31.0]), np.array([20.0, 22.0, 99.0]), 30.0) == 21.0


def test_air_of_a_condition_is_consistent_moist_air() -> None:
    hot = design_weather(plain_site()).of(DESIGN)[0]
    fields = hot.fields(101325.0)
    ratio = humidity_ratio_from_wet_bulb(hot.dry_bulb_c, hot.wet_bulb_c, 101325.0)
    assert fields["humidity_ratio_kg_kg"] == ratio
    assert 0.0 < relative_humidity_frac(hot.dry_bulb_c, ratio, 101325.0) < 1.0
    assert fields["dew_point_c"] < hot.wet_bulb_c < hot.dry_bulb_c
