"""Design conditions of a site: percentiles of the hours of its weather file, and what the file's header states.

A dry bulb of .4 % is exceeded in .4 % of the hours of a year (35 h); its mean coincident wet bulb is the mean over the
hours at that dry bulb; and likewise for wet bulbs (ASHRAE Handbook of Fundamentals 2017, ch. 14). The header's values
come from decades of records, those of the hours from the one year that is simulated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.engine.forcing import weather_of
from twin.errors import InputError
from twin.physics.fluids import (
    dew_point_c,
    humidity_ratio_from_wet_bulb,
    moist_air_density_kg_m3,
    wet_bulb_c,
)
from twin.scenario.model import Scenario
from twin.series.axis import year_axis
from twin.series.design_conditions import StatedConditions, stated_conditions
from twin.series.weather import Weather
from twin.units import SECONDS_PER_HOUR

HALF_BIN_K = 0.5  # hours this near to a percentile are coincident with it: bins of about 1 K (ASHRAE RP-1171 used 1 F)
SHARE = 0.004  # annual cumulative frequency of the design day
RECORD_YEARS = 20  # return period of the extreme
DESIGN, EXTREME = "design", "extreme"


@dataclass(frozen=True)
class Condition:
    """Outdoor air of a steady hour: ``level`` is design or extreme, ``basis`` tells where it comes from."""

    name: str
    level: str
    dry_bulb_c: float
    wet_bulb_c: float
    basis: str

    def fields(self, pressure_pa: float) -> dict[str, float]:
        """The same air as the weather's quantities."""
        ratio = humidity_ratio_from_wet_bulb(self.dry_bulb_c, self.wet_bulb_c, pressure_pa)
        return {
            "dry_bulb_c": self.dry_bulb_c,
            "wet_bulb_c": self.wet_bulb_c,
            "dew_point_c": dew_point_c(ratio, pressure_pa),
            "humidity_ratio_kg_kg": ratio,
            "pressure_pa": pressure_pa,
            "density_kg_m3": moist_air_density_kg_m3(self.dry_bulb_c, ratio, pressure_pa),
        }


@dataclass(frozen=True)
class DesignWeather:
    """Conditions of a site, and the pressure that they hold at."""

    conditions: tuple[Condition, ...]
    pressure_pa: float
    source: str

    def of(self, level: str) -> tuple[Condition, ...]:
        """Those of a level: ``design`` or ``extreme``."""
        return tuple(one for one in self.conditions if one.level == level)


def design_weather(scenario: Scenario) -> DesignWeather:
    """Conditions from the hours of a scenario's weather file, and of the file's header where it states any.

    Raises InputError where the file does not serve or holds less than a year.
    """
    weather = weather_of(scenario.weather, scenario.run.calendar_year)
    hours = _hours(weather)
    pressure_pa = float(hours["pressure_pa"].mean())
    stated = stated_conditions(scenario.weather.file)
    shift_k = scenario.weather.dry_bulb_shift_k
    found = [*_percentiles(hours), *_stated(stated, pressure_pa, shift_k)]
    return DesignWeather(tuple(found), pressure_pa, stated.source if stated else "hours of the file")


def _hours(weather: Weather) -> Mapping[str, NDArray[np.float64]]:
    """Hourly means of the year that is run."""
    axis = year_axis(weather.calendar_year, SECONDS_PER_HOUR, weather.utc_offset_h)
    try:
        return weather.on(axis)
    except InputError as error:
        raise InputError(f"{weather.file}: design conditions need a whole year of weather: {error}") from None


def _percentiles(hours: Mapping[str, NDArray[np.float64]]) -> list[Condition]:
    """The .4 % hours of dry and of wet bulb, and the hottest and the most humid hour of the file."""
    dry, wet = hours["dry_bulb_c"], hours["wet_bulb_c"]
    hot, mild = float(np.quantile(dry, 1.0 - SHARE)), float(np.quantile(wet, 1.0 - SHARE))
    hottest, dampest = int(np.argmax(dry)), int(np.argmax(wet))
    return [
        Condition("dry bulb .4 %", DESIGN, hot, coincident(dry, wet, hot), "hours of the file"),
        Condition("wet bulb .4 %", DESIGN, coincident(wet, dry, mild), mild, "hours of the file"),
        Condition("hottest hour", EXTREME, float(dry[hottest]), float(wet[hottest]), "hours of the file"),
        Condition("dampest hour", EXTREME, float(dry[dampest]), float(wet[dampest]), "hours of the file"),
    ]


def coincident(values: NDArray[np.float64], others: NDArray[np.float64], at: float) -> float:
    """Mean of ``others`` over the hours in which ``values`` are within half a kelvin of ``at``."""
    near = np.abs(values - at) <= HALF_BIN_K
    return float(others[near].mean())


def _stated(stated: StatedConditions | None, pressure_pa: float, shift_k: float) -> list[Condition]:
    """Conditions of the header. The 20-year dry bulb has no wet bulb of its own: moisture is that of .4 %."""
    if stated is None or shift_k:
        return []  # a shifted climate is not the one that the header tells of
    (dry_c, coincident_wet_c), (wet_c, coincident_dry_c) = stated.dry_bulb_c[SHARE], stated.wet_bulb_c[SHARE]
    high_c = stated.highest_c[RECORD_YEARS]
    ratio = humidity_ratio_from_wet_bulb(dry_c, coincident_wet_c, pressure_pa)
    return [
        Condition("dry bulb .4 %, header", DESIGN, dry_c, coincident_wet_c, stated.source),
        Condition("wet bulb .4 %, header", DESIGN, coincident_dry_c, wet_c, stated.source),
        Condition("dry bulb of 20 years", EXTREME, high_c, wet_bulb_c(high_c, ratio, pressure_pa),
                  f"{stated.source}; moisture of the .4 % dry bulb"),
    ]  # fmt: skip
