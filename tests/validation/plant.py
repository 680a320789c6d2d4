"""The reference plant beside EnergyPlus: every stored answer, and the course of a year where EnergyPlus is run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from tests.reference import energyplus
from tests.reference import test_reference_plant as plant_test
from tests.reference.energyplus_plant import Plant
from tests.validation.rows import ASKED, Row, compared

QUANTITIES = ("chiller", "plant", "water")
THEIRS = ("chiller_electricity_kwh", "plant_electricity_kwh", "make_up_m3")
UNITS = ("kWh", "kWh", "m3")
LEAVING_WATER_K = {"yorkcalc": 0.05, "merkel": 0.3}  # RMS over the hours of a year
CLIMATES = (  # parts of the names of all weather files in the wheel of EnergyPlus
    "Boulder", "Chicago", "Colorado.Springs", "Denver", "Dulles", "Fresno", "Golden", "Las.Vegas", "Miami", "Newark",
    "Oklahoma", "Orlando", "Phoenix", "San.Francisco", "Tampa", "Univ",
)  # fmt: skip
SHOWN = "Chicago"
SOURCE = "EnergyPlus 25.2 (pyenergyplus-lbnl 26.1.0), tests/reference/energyplus_reference_plant.csv"
UNCONVERGED = (
    "EnergyPlus stops at its default iteration limits before its loops agree; where they converge, 0.1 % holds"
)
OVERCOOLS = "EnergyPlus's Merkel tower overcools at its lowest fan speed, ours cycles"


@dataclass(frozen=True)
class Course:
    """Hourly means of a year, ours and EnergyPlus's at the same instants: shape (8760,)."""

    site: str
    tower: str
    leaving_c: tuple[NDArray[np.float64], NDArray[np.float64]]
    chiller_kw: tuple[NDArray[np.float64], NDArray[np.float64]]

    def rms_k(self) -> float:
        """Difference of the water that leaves the tower."""
        return float(np.sqrt(np.mean((self.leaving_c[0] - self.leaving_c[1]) ** 2)))


def annual() -> list[Row]:
    """Chiller, plant and water of every stored answer."""
    return [row for i in range(len(plant_test.ANSWERS)) for row in _annual(i)]


def _annual(i: int) -> list[Row]:
    answer = plant_test.ANSWERS.iloc[i]
    tower, converged = str(answer["tower"]), bool(answer["converged"])
    heat_kw = answer["evaporator_heat_kwh"] / plant_test.HOURS
    results = plant_test.our_run(answer["weather"], tower, answer["chilled_water_c"], heat_kw)
    limits, note = plant_test.YORKCALC[converged], "" if converged else UNCONVERGED
    if tower == "merkel":
        few = answer["load_kw"] == 250
        limits, note = ((0.02, 0.02, 0.03), OVERCOOLS) if few else (plant_test.MERKEL_LIMITS, "")
    case = "|".join(
        (
            answer["weather"],
            tower,
            "converged" if converged else "default",
            f"{answer['load_kw']:g} kW",
            f"{answer['chilled_water_c']:g} °C",
        )
    )
    rows = []
    for j, difference in enumerate(plant_test.differences(results, answer)):
        published = float(answer[THEIRS[j]])
        widened = note if limits[j] != ASKED[tower][j] else ""
        rows.append(
            compared(
                "plant",
                f"{case}|{QUANTITIES[j]}",
                QUANTITIES[j],
                UNITS[j],
                SOURCE,
                published,
                published * (1.0 + float(difference)),
                limits[j],
                "rel",
                widened,
            )
        )
    return rows


def courses(cases: list[tuple[str, str]]) -> list[Course]:
    """A year of both for each site and tower; EnergyPlus is run here and now, two at a time."""
    plants = [(energyplus.weather_file(site), Plant(tower=tower, converged=True)) for site, tower in cases]  # type: ignore[arg-type]
    with ThreadPoolExecutor(2) as pool:
        years = list(pool.map(lambda case: energyplus.run_year(case[1], case[0]), plants))
    return [_course(*case, year) for case, year in zip(cases, years, strict=True)]


def _course(site: str, tower: str, theirs: pd.DataFrame) -> Course:
    stem = energyplus.weather_file(site).stem
    ours = plant_test.our_run(stem, tower, 7.0, float(theirs["evaporator_heat_kw"].mean()))
    pairs = [
        (_hourly(_shifted(ours, name)), _hourly(theirs[column].to_numpy()))
        for name, column in (
            ("plants.main.condenser.supply_c", "tower_leaving_water_c"),
            ("plants.main.chillers.chiller.power_kw", "chiller_electricity_kw"),
        )
    ]
    return Course(site, tower, *pairs)


def _shifted(ours: xr.Dataset, name: str) -> NDArray[np.float64]:
    """Their weather stands at a step's end, ours is its mean: compare at the same instant, half a step apart."""
    values = ours[name].values[0]
    return np.interp(np.arange(values.size) + 0.5, np.arange(values.size), values)


def _hourly(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values.reshape(-1, 4).mean(axis=1)


def leaving_water(run: list[Course]) -> list[Row]:
    """RMS of the tower's leaving water, climate by climate."""
    what = "Water leaving the {} tower, {}: RMS of the difference over 8760 hours"
    return [
        compared(
            "leaving_water",
            f"{c.site}_{c.tower}",
            what.format(c.tower, c.site),
            "K",
            "EnergyPlus 25.2, run by this script",
            0.0,
            round(c.rms_k(), 5),
            LEAVING_WATER_K[c.tower],
            "abs",
        )
        for c in run
    ]
