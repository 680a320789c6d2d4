"""Properties of moist air and water: ASHRAE Handbook of Fundamentals 2017, chapter 1 (SI), "F1" below.

Scalar functions on floats; ``elementwise(f)`` of :mod:`twin.compiled` makes the array form. Temperatures in
degC, pressures in Pa, humidity ratios in kg of water per kg of dry air, enthalpies in kJ per kg of **dry** air.
Valid for -100..70 degC and 50..110 kPa; temperatures are clamped to the -100..200 degC of the saturation
formulas, and nothing raises, so that a runaway state ends in a number that the caller can see.
"""

from __future__ import annotations

import math

from twin.compiled import compilable
from twin.units import AIR_CP_KJ_KG_K, KELVIN, SEA_LEVEL_PA, VAPOUR_CP_KJ_KG_K, WATER_CP_KJ_KG_K

MASS_RATIO = 0.621945  # molar mass of water over that of dry air, F1 eq. 20
AIR_J_KG_K = 287.042  # gas constant of dry air, F1 eq. 1
MOLE_RATIO = 1.607858  # 1 / MASS_RATIO, as F1 eq. 26 rounds it
VAPOUR_KJ_KG = 2501.0  # enthalpy of vapour at 0 degC, F1 eq. 30
SUBLIMED_KJ_KG = 2830.0  # enthalpy from ice to vapour at 0 degC, F1 eq. 35
ICE_CP_KJ_KG_K = 2.1  # specific heat of ice, F1 eq. 35
WATER_LESS_VAPOUR_KJ_KG_K = 2.326  # WATER_CP - VAPOUR_CP, F1 eq. 33
ICE_LESS_VAPOUR_KJ_KG_K = 0.24  # ICE_CP - VAPOUR_CP, F1 eq. 35
TRIPLE_POINT_C = 0.01  # ice below, water above: psychrolib 2.5 (F1 says 0 degC, where the formulas jump)
COLDEST_C, HOTTEST_C = -100.0, 200.0  # range of F1 eq. 5 and 6
SATURATED_HOTTEST_C = 70.0  # upper end of the inversion of saturated enthalpy: below boiling at 50 kPa
DRIEST_KG_KG = 1e-7  # least humidity ratio, psychrolib 2.5: keeps logarithms finite
LEAST_DRY_AIR_PA = 1.0  # least partial pressure of dry air: keeps the humidity ratio of boiling water finite
MAGNUS_LN_PA, MAGNUS_SLOPE, MAGNUS_C = 6.4150, 17.625, 243.04  # first guess only; Alduchov & Eskridge 1996
PSYCHROMETER_PER_K = 6.6e-4  # first guess only: psychrometer constant over pressure, 1/K
LONGEST_STEP_K = 25.0  # Newton steps are cut to this: the saturation curve is steep


@compilable
def _ln_saturation(t_c: float) -> tuple[float, float]:
    """Natural logarithm of the saturation pressure in Pa and its slope per K: F1 eq. 5 (ice) and 6 (water)."""
    c = min(max(t_c, COLDEST_C), HOTTEST_C)
    t = c + KELVIN
    tt = t * t
    if c <= TRIPLE_POINT_C:
        value = (
            -5.6745359e3 / t
            + 6.3925247
            - 9.677843e-3 * t
            + 6.2215701e-7 * tt
            + 2.0747825e-9 * (tt * t)
            - 9.484024e-13 * (tt * tt)
            + 4.1635019 * math.log(t)
        )
        slope = (
            5.6745359e3 / tt
            - 9.677843e-3
            + 1.24431402e-6 * t
            + 6.2243475e-9 * tt
            - 3.7936096e-12 * (tt * t)
            + 4.1635019 / t
        )
        return value, slope
    value = (
        -5.8002206e3 / t
        + 1.3914993
        - 4.8640239e-2 * t
        + 4.1764768e-5 * tt
        - 1.4452093e-8 * (tt * t)
        + 6.5459673 * math.log(t)
    )
    slope = 5.8002206e3 / tt - 4.8640239e-2 + 8.3529536e-5 * t - 4.3356279e-8 * tt + 6.5459673 / t
    return value, slope


@compilable
def _saturation_humidity(t_c: float, pressure_pa: float) -> tuple[float, float]:
    """Humidity ratio of saturated air in kg/kg and its slope per K: F1 eq. 21."""
    ln_pa, slope = _ln_saturation(t_c)
    vapour_pa = math.exp(ln_pa)
    dry_pa = max(pressure_pa - vapour_pa, LEAST_DRY_AIR_PA)
    ratio = MASS_RATIO * vapour_pa / dry_pa
    return ratio, ratio * slope * (vapour_pa + dry_pa) / dry_pa


@compilable
def _magnus_c(vapour_pa: float) -> float:
    """Dew point within about .5 K over water and 3 K over ice: a first guess."""
    x = min(math.log(max(vapour_pa, 1e-3)) - MAGNUS_LN_PA, 0.5 * MAGNUS_SLOPE)
    return min(max(MAGNUS_C * x / (MAGNUS_SLOPE - x), COLDEST_C), HOTTEST_C)


@compilable
def saturation_pressure_pa(t_c: float) -> float:
    """Pressure of saturated vapour in Pa, over ice below .01 degC: F1 eq. 5 and 6, -100..200 degC (clamped)."""
    ln_pa, _ = _ln_saturation(t_c)
    return math.exp(ln_pa)


@compilable
def saturation_humidity_ratio_kg_kg(t_c: float, pressure_pa: float) -> float:
    """Humidity ratio of saturated air, kg per kg of dry air: F1 eq. 21."""
    ratio, _ = _saturation_humidity(t_c, pressure_pa)
    return ratio


@compilable
def humidity_ratio_from_vapour_pressure(vapour_pa: float, pressure_pa: float) -> float:
    """Humidity ratio in kg/kg of air whose vapour has the partial pressure ``vapour_pa``: F1 eq. 20."""
    return MASS_RATIO * vapour_pa / max(pressure_pa - vapour_pa, LEAST_DRY_AIR_PA)


@compilable
def humidity_ratio_from_relative(t_c: float, rh_frac: float, pressure_pa: float) -> float:
    """Humidity ratio in kg/kg from relative humidity (0..1): F1 eq. 12 and 20."""
    return humidity_ratio_from_vapour_pressure(rh_frac * saturation_pressure_pa(t_c), pressure_pa)


@compilable
def humidity_ratio_from_dew_point(dew_point_c: float, pressure_pa: float) -> float:
    """Humidity ratio in kg/kg of air that is saturated at its dew (or frost) point: F1 eq. 20 and 37."""
    return saturation_humidity_ratio_kg_kg(dew_point_c, pressure_pa)


@compilable
def humidity_ratio_from_wet_bulb(t_c: float, wet_bulb_c: float, pressure_pa: float) -> float:
    """Humidity ratio in kg/kg from dry and wet bulb: F1 eq. 33 (water) and 35 (ice below 0 degC); never below 0."""
    saturated = saturation_humidity_ratio_kg_kg(wet_bulb_c, pressure_pa)
    sensible = AIR_CP_KJ_KG_K * (t_c - wet_bulb_c)
    vapour = VAPOUR_CP_KJ_KG_K * t_c
    if wet_bulb_c >= 0.0:
        latent = (VAPOUR_KJ_KG - WATER_LESS_VAPOUR_KJ_KG_K * wet_bulb_c) * saturated
        ratio = (latent - sensible) / (VAPOUR_KJ_KG + vapour - WATER_CP_KJ_KG_K * wet_bulb_c)
    else:
        latent = (SUBLIMED_KJ_KG - ICE_LESS_VAPOUR_KJ_KG_K * wet_bulb_c) * saturated
        ratio = (latent - sensible) / (SUBLIMED_KJ_KG + vapour - ICE_CP_KJ_KG_K * wet_bulb_c)
    return max(ratio, 0.0)


@compilable
def vapour_pressure_pa(humidity_ratio: float, pressure_pa: float) -> float:
    """Partial pressure of water vapour in Pa: F1 eq. 20 solved for it."""
    return pressure_pa * humidity_ratio / (MASS_RATIO + max(humidity_ratio, 0.0))


@compilable
def relative_humidity_frac(t_c: float, humidity_ratio: float, pressure_pa: float) -> float:
    """Relative humidity, above 1 where the air is supersaturated: F1 eq. 12."""
    return vapour_pressure_pa(humidity_ratio, pressure_pa) / saturation_pressure_pa(t_c)


@compilable
def dew_point_c(humidity_ratio: float, pressure_pa: float) -> float:
    """Dew point, below .01 degC frost point: F1 eq. 5 and 6 inverted by Newton, to 1e-8 K, -100..200 degC."""
    vapour_pa = max(vapour_pressure_pa(max(humidity_ratio, DRIEST_KG_KG), pressure_pa), 1e-3)
    wanted = math.log(vapour_pa)
    t = _magnus_c(vapour_pa)
    for _ in range(8):
        ln_pa, slope = _ln_saturation(t)
        step = (wanted - ln_pa) / slope
        t = min(max(t + step, COLDEST_C), HOTTEST_C)
        if abs(step) < 1e-5:
            break
    return t


@compilable
def _wet_bulb_guess_c(t_c: float, humidity_ratio: float, pressure_pa: float) -> float:
    """Between dew point and dry bulb, where the chord of the saturation curve meets the psychrometer line."""
    vapour_pa = vapour_pressure_pa(humidity_ratio, pressure_pa)
    dew = min(_magnus_c(vapour_pa), t_c)
    gamma = PSYCHROMETER_PER_K * pressure_pa
    _, slope = _ln_saturation(dew)
    first = dew + (t_c - dew) * gamma / (gamma + slope * vapour_pa + 1.0)
    mean = 0.5 * (dew + first)
    ln_pa, slope = _ln_saturation(mean)
    chord = slope * math.exp(ln_pa)
    return dew + (t_c - dew) * gamma / (gamma + chord)


@compilable
def wet_bulb_c(t_c: float, humidity_ratio: float, pressure_pa: float) -> float:
    """Thermodynamic wet bulb: F1 eq. 33 over water and 35 over ice, solved by Newton to 1e-7 K, never above dry bulb.

    The two equations do not meet at 0 degC: where both have a root the one over water is taken, so the wet bulb
    rises with humidity and jumps by some tenths of a kelvin as the wick freezes.
    """
    w = max(humidity_ratio, DRIEST_KG_KG)
    return wet_bulb_near_c(t_c, w, pressure_pa, _wet_bulb_guess_c(t_c, w, pressure_pa))


@compilable
def wet_bulb_near_c(t_c: float, humidity_ratio: float, pressure_pa: float, near_c: float) -> float:
    """:func:`wet_bulb_c`, sought from ``near_c``: two or three steps from the wet bulb of much the same air."""
    w = max(humidity_ratio, DRIEST_KG_KG)
    over_water = w >= humidity_ratio_from_wet_bulb(t_c, 0.0, pressure_pa)
    heat = VAPOUR_KJ_KG if over_water else SUBLIMED_KJ_KG
    less = WATER_LESS_VAPOUR_KJ_KG_K if over_water else ICE_LESS_VAPOUR_KJ_KG_K
    cp = WATER_CP_KJ_KG_K if over_water else ICE_CP_KJ_KG_K
    t = near_c
    for _ in range(12):
        saturated, slope = _saturation_humidity(t, pressure_pa)
        latent = heat - less * t
        miss = latent * saturated - AIR_CP_KJ_KG_K * (t_c - t) - w * (heat + VAPOUR_CP_KJ_KG_K * t_c - cp * t)
        step = miss / (latent * slope - less * saturated + AIR_CP_KJ_KG_K + w * cp)
        t = min(max(t - min(max(step, -LONGEST_STEP_K), LONGEST_STEP_K), COLDEST_C), t_c)
        if abs(step) < 1e-4:
            break
    return t


@compilable
def moist_air_enthalpy_kj_kg(t_c: float, humidity_ratio: float) -> float:
    """Enthalpy of moist air in kJ per kg of dry air, 0 for dry air at 0 degC: F1 eq. 30."""
    return AIR_CP_KJ_KG_K * t_c + humidity_ratio * (VAPOUR_KJ_KG + VAPOUR_CP_KJ_KG_K * t_c)


@compilable
def saturated_enthalpy_kj_kg(t_c: float, pressure_pa: float) -> float:
    """Enthalpy of saturated air in kJ per kg of dry air: F1 eq. 21 and 30."""
    return moist_air_enthalpy_kj_kg(t_c, saturation_humidity_ratio_kg_kg(t_c, pressure_pa))


@compilable
def temperature_from_enthalpy_c(enthalpy_kj_kg: float, humidity_ratio: float) -> float:
    """Dry bulb of air with this enthalpy (kJ per kg of dry air) and humidity ratio: F1 eq. 30 solved for it."""
    return (enthalpy_kj_kg - VAPOUR_KJ_KG * humidity_ratio) / (
        AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * max(humidity_ratio, 0.0)
    )


@compilable
def temperature_at_saturated_enthalpy_c(enthalpy_kj_kg: float, pressure_pa: float, guess_c: float) -> float:
    """Temperature of saturated air with this enthalpy (kJ per kg of dry air), to 1e-7 K within -100..70 degC.

    Newton from ``guess_c``: one or two steps from a near guess, at most 12; beyond the range its end is returned.
    """
    t = min(max(guess_c, COLDEST_C), SATURATED_HOTTEST_C)
    for _ in range(12):
        w, slope = _saturation_humidity(t, pressure_pa)
        vapour = VAPOUR_KJ_KG + VAPOUR_CP_KJ_KG_K * t
        miss = AIR_CP_KJ_KG_K * t + w * vapour - enthalpy_kj_kg
        step = miss / (AIR_CP_KJ_KG_K + slope * vapour + VAPOUR_CP_KJ_KG_K * w)
        t = min(max(t - min(max(step, -LONGEST_STEP_K), LONGEST_STEP_K), COLDEST_C), SATURATED_HOTTEST_C)
        if abs(step) < 1e-3:
            break
    return t


@compilable
def dry_air_density_kg_m3(t_c: float, humidity_ratio: float, pressure_pa: float) -> float:
    """Mass of **dry air** in a cubic metre of moist air, 1/v of F1 eq. 26: what EnergyPlus calls air density."""
    kelvin = max(t_c + KELVIN, 1.0)
    return pressure_pa / (AIR_J_KG_K * kelvin * (1.0 + MOLE_RATIO * max(humidity_ratio, 0.0)))


@compilable
def moist_air_density_kg_m3(t_c: float, humidity_ratio: float, pressure_pa: float) -> float:
    """Mass of the **mixture** in a cubic metre of moist air, (1 + W)/v: F1 eq. 9b; 1 + W times the dry-air density."""
    return (1.0 + humidity_ratio) * dry_air_density_kg_m3(t_c, humidity_ratio, pressure_pa)


@compilable
def station_pressure_pa(elevation_m: float) -> float:
    """Pressure of the standard atmosphere in Pa at an elevation in m: F1 eq. 3, -5000..11000 m (clamped)."""
    ratio: float = (1.0 - 2.25577e-5 * min(max(elevation_m, -5000.0), 11000.0)) ** 5.2559
    return SEA_LEVEL_PA * ratio


@compilable
def elevation_at_pressure_m(pressure_pa: float) -> float:
    """Elevation in m at which the standard atmosphere has this pressure: F1 eq. 3 solved for it."""
    ratio: float = (max(pressure_pa, 0.0) / SEA_LEVEL_PA) ** 0.190262
    return (1.0 - ratio) / 2.25577e-5


@compilable
def vaporisation_heat_kj_kg(t_c: float) -> float:
    """Heat of evaporation in kJ/kg, 0..100 degC: Lei & Masanet 2022, doi:10.1016/j.resconrec.2022.106323."""
    return -0.0013 * (t_c * t_c) - 2.3097 * t_c + 2500.5
