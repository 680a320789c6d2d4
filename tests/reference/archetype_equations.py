"""Case 6 of Lei & Masanet by the authors' own equations: outdoor air in the hall or air-cooled chillers, hour by hour.

Written from their published code (simulation_funs_DC.py, ``PUE_WUE_AE_AIRChiller`` and ``Air_side_economizer_colo``):
outdoor air comes in where it lies in the window as it is, mixed with return air below the lowest temperature, and else
chillers carry all heat over the sensible heat ratio. Parameters are the middles of their ranges; nothing of the twin's
time loop takes part.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tests.reference.archetypes import YEAR, rows
from tests.reference.energyplus import weather_file
from twin.physics.direct_expansion import air_cooled_cop
from twin.physics.fluids import humidity_ratio_from_dew_point, humidity_ratio_from_relative
from twin.series.weather import read_weather

CASE = "6"
SENSIBLE_FRAC, AIR_CP_KJ_KG_K, GAS_J_KG_K, ZERO_C = 0.97, 1.01, 287.05, 273.15  # the first two as in their code


def _middle() -> dict[str, float]:
    return {
        row["quantity"]: float(row["midpoint"])
        for row in rows("archetype_midpoints.csv")
        if CASE in row["cases"].split()
    }


def _opened(site: dict[str, NDArray[np.float64]], m: dict[str, float]) -> tuple[NDArray[np.bool_], list[float]]:
    """Hours with outdoor air in the hall, and the supply air of each hour."""
    inside, supply = [], []
    hours = zip(site["dry_bulb_c"], site["humidity_ratio_kg_kg"], site["pressure_pa"], strict=True)
    for outdoor_c, ratio, pressure in hours:
        at_c = max(outdoor_c, m["supply_low_c"])
        least = max(
            humidity_ratio_from_dew_point(m["dew_point_low_c"], pressure),
            humidity_ratio_from_relative(at_c, m["relative_low_frac"], pressure),
        )
        most = min(
            humidity_ratio_from_dew_point(m["dew_point_high_c"], pressure),
            humidity_ratio_from_relative(at_c, m["relative_high_frac"], pressure),
        )
        inside.append(outdoor_c <= m["supply_air_c"] and least <= ratio <= most)
        supply.append(at_c if inside[-1] else m["supply_air_c"])
    return np.array(inside), supply


def airside_pue(place: str) -> float:
    """Annual PUE in the typical weather of a place."""
    site, m = dict(read_weather(str(weather_file(place)), YEAR).columns), _middle()
    inside, supply = _opened(site, m)
    heat = 1.0 / m["ups_efficiency_frac"] + 1.0 / (1.0 - m["pdu_loss_frac"]) - 1.0 + m["lighting_frac"]
    density = site["pressure_pa"] / (GAS_J_KG_K * (np.array(supply) + ZERO_C))
    fans = heat / (AIR_CP_KJ_KG_K * m["air_rise_k"]) / density * m["fan_pressure_pa"] / m["fan_efficiency_frac"] / 1e3
    chilled = np.where(inside, 0.0, heat / SENSIBLE_FRAC)
    cop = np.array([air_cooled_cop(m["chiller_load_frac"], t)[0] for t in site["dry_bulb_c"]])
    pumps = chilled / (4.2 * m["water_rise_k"]) * m["pump_head_kpa"] / m["pump_efficiency_frac"] / 1e3
    return float(np.mean(heat + fans + chilled / (cop * (1.0 + m["cop_error_frac"])) + pumps))
