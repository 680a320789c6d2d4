"""Lei & Masanet's own equations: outdoor air in the hall (case 6) by the hour, and the towers' water in one weather.

Written from their published code (simulation_funs_DC.py). ``PUE_WUE_AE_AIRChiller`` and ``Air_side_economizer_colo``:
outdoor air comes in where it lies in the window as it is, mixed with return air below the lowest temperature, and else
chillers carry all heat over the sensible heat ratio. ``Cooling_Tower``: what evaporates, what drifts, what is blown
down. Parameters are the middles of their ranges; nothing of the twin's time loop takes part.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tests.reference.archetypes import HUMIDIFIED_KJ_KG, YEAR, rows
from tests.reference.energyplus import weather_file
from twin.physics.cop_maps import water_cooled_cop
from twin.physics.direct_expansion import air_cooled_cop
from twin.physics.fluids import humidity_ratio_from_dew_point, humidity_ratio_from_relative, wet_bulb_c
from twin.series.weather import read_weather
from twin.units import SEA_LEVEL_PA, SECONDS_PER_HOUR

AIRSIDE = 6
TOWER_CP_KJ_KG_K = 4.184  # as in their code
SENSIBLE_FRAC, AIR_CP_KJ_KG_K, GAS_J_KG_K, ZERO_C = 0.97, 1.01, 287.05, 273.15  # the first two as in their code


def _middle(case: int) -> dict[str, float]:
    found = rows("archetype_midpoints.csv")
    return {row["quantity"]: float(row["midpoint"]) for row in found if str(case) in row["cases"].split()}


def _heat(m: dict[str, float]) -> float:
    """Heat of the hall over that of IT: its losses on the way and lighting."""
    return 1.0 / m["ups_efficiency_frac"] + 1.0 / (1.0 - m["pdu_loss_frac"]) - 1.0 + m["lighting_frac"]


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
    site, m = dict(read_weather(str(weather_file(place)), YEAR).columns), _middle(AIRSIDE)
    inside, supply = _opened(site, m)
    heat = _heat(m)
    density = site["pressure_pa"] / (GAS_J_KG_K * (np.array(supply) + ZERO_C))
    fans = heat / (AIR_CP_KJ_KG_K * m["air_rise_k"]) / density * m["fan_pressure_pa"] / m["fan_efficiency_frac"] / 1e3
    chilled = np.where(inside, 0.0, heat / SENSIBLE_FRAC)
    cop = np.array([air_cooled_cop(m["chiller_load_frac"], t)[0] for t in site["dry_bulb_c"]])
    pumps = chilled / (4.2 * m["water_rise_k"]) * m["pump_head_kpa"] / m["pump_efficiency_frac"] / 1e3
    return float(np.mean(heat + fans + chilled / (cop * (1.0 + m["cop_error_frac"])) + pumps))


def tower_wue(case: int, dry_bulb_c: float, humidity_pct: float, credited: bool) -> float:
    """L/kWh in one weather at sea level; ``credited``: windage comes off the blowdown, as it does in their code."""
    m, heat = _middle(case), _heat(_middle(case))
    ratio = humidity_ratio_from_relative(dry_bulb_c, humidity_pct / 100.0, SEA_LEVEL_PA)
    leaving_c = wet_bulb_c(dry_bulb_c, ratio, SEA_LEVEL_PA) + m["tower_approach_k"]
    cop = water_cooled_cop(m["chiller_load_frac"], leaving_c)[0] * (1.0 + m["cop_error_frac"])
    rejected = heat / SENSIBLE_FRAC * (1.0 + _chilled_frac(m, leaving_c) / cop)
    evaporated = rejected / _latent_kj_kg(leaving_c + m["condenser_range_k"] / 2.0)
    windage = m["windage_frac"] * rejected / (TOWER_CP_KJ_KG_K * m["condenser_range_k"])
    blown = evaporated / (m["cycles_ratio"] - 1.0)
    humidified = heat * (1.0 / SENSIBLE_FRAC - 1.0) / HUMIDIFIED_KJ_KG
    blown = max(blown - windage, 0.0) if credited else blown
    return (evaporated + windage + blown + humidified) * SECONDS_PER_HOUR


def _chilled_frac(m: dict[str, float], tower_c: float) -> float:
    """What the waterside economizer leaves to the chillers (``waterside_economizer``); all where there is none."""
    if "exchanger_approach_k" not in m:
        return 1.0
    supply_c = m["supply_air_c"] + m["air_rise_k"] * (1.0 - 1.0 / m["coil_effectiveness_frac"])
    return min(max((tower_c + m["exchanger_approach_k"] - supply_c) / m["water_rise_k"], 0.0), 1.0)


def _latent_kj_kg(water_c: float) -> float:
    return -0.0013 * water_c * water_c - 2.3097 * water_c + 2500.5  # Latent_heat_vaporization in their code
