"""UA of the Merkel tower that meets the reference plant's design point in EnergyPlus's own equations."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from tests.reference import energyplus_plant as plant
from tests.reference.replay_plant import (
    DESIGN_DENSITY_C,
    air_density,
    saturated_enthalpy_j_kg,
    saturation_pa,
    water_cp,
    water_density,
)

SEA_LEVEL_PA = 101325.0
DESIGN_DRY_BULB_C = 35.0  # EnergyPlus default


def merkel_leaving_c(
    ua_w_k: float, entering_c: float, water_kg_s: float, air_kg_s: float, air_cp_j_kg_k: float
) -> float:
    """Leaving water at the design wet bulb: counterflow effectiveness with air as a fluid of cp = dh/dTwb.

    EnergyPlus Engineering Reference, Variable Speed Cooling Towers, Merkel: UA is stretched by cp_e / cp.
    """
    wet_bulb = plant.TOWER_WET_BULB_C
    inlet = float(saturated_enthalpy_j_kg(np.asarray(wet_bulb), SEA_LEVEL_PA))
    water = water_kg_s * float(water_cp(entering_c))
    air_leaving, heat = wet_bulb + 6.0, 0.0
    for _ in range(100):
        rise = float(saturated_enthalpy_j_kg(np.asarray(air_leaving), SEA_LEVEL_PA)) - inlet
        air_cp = rise / (air_leaving - wet_bulb)
        smaller, larger = sorted((air_kg_s * air_cp, water))
        ratio, units = smaller / larger, ua_w_k * air_cp / air_cp_j_kg_k / smaller
        decay = np.exp(-units * (1.0 - ratio))
        effectiveness = (1.0 - decay) / (1.0 - ratio * decay) if ratio <= 0.995 else units / (1.0 + units)
        heat = effectiveness * smaller * (entering_c - wet_bulb)
        air_leaving = wet_bulb + heat / (air_kg_s * air_cp)
    return float(entering_c - heat / water)


def merkel_design_ua_w_k() -> float:
    """UA in W/K for the design flows, wet bulb, approach and range, at sea level and 35 C dry bulb."""
    wet_bulb, dry_bulb = plant.TOWER_WET_BULB_C, DESIGN_DRY_BULB_C
    saturated = 0.62198 * float(saturation_pa(wet_bulb)) / (SEA_LEVEL_PA - float(saturation_pa(wet_bulb)))
    energy = (2501.0 - 2.326 * wet_bulb) * saturated - 1.006 * (dry_bulb - wet_bulb)
    humidity = energy / (2501.0 + 1.86 * dry_bulb - 4.186 * wet_bulb)  # ASHRAE Fundamentals 2017 ch. 1 eq. 33
    density = float(air_density(np.asarray(dry_bulb), np.asarray(humidity), SEA_LEVEL_PA))
    air_cp = 1004.84 + 1858.95 * humidity
    water_kg_s = plant.CONDENSER_WATER_M3_S * float(water_density(DESIGN_DENSITY_C))
    leaving_c = wet_bulb + plant.TOWER_APPROACH_K
    flows = (leaving_c + plant.TOWER_RANGE_K, water_kg_s, plant.TOWER_AIR_M3_S * density, air_cp)
    return float(brentq(lambda ua: merkel_leaving_c(ua, *flows) - leaving_c, 1e3, 1e6))
