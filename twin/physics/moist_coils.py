"""Cooling coils that condense moisture, humidifiers, and the moisture of hall air.

A wet coil is an exchanger of enthalpy between air and saturated air at the water's temperature, whose specific heat is
the slope of saturated enthalpy (Braun 1988, Univ. of Wisconsin; Mitchell & Braun 2012, suppl. ch. 2), as in EnergyPlus
Coil:Cooling:Water. A coil that is wet in part is a blend of the dry and the wet one by its surface temperatures, after
Modelica Buildings WetCoilEffectivenessNTU (its smooth step is a cubic here), and never takes less than a dry one: both
understate it (ASHRAE HVAC 2 Toolkit 1993, CCSIM, takes the larger). Air flows are of dry air; condensate drains without
enthalpy, as in those programs, so that the water takes all that the air loses.
"""

from __future__ import annotations

import math

from twin.compiled import compilable
from twin.physics.fluids import (
    VAPOUR_KJ_KG,
    dew_point_c,
    moist_air_enthalpy_kj_kg,
    saturated_enthalpy_kj_kg,
    temperature_at_saturated_enthalpy_c,
    temperature_from_enthalpy_c,
)
from twin.units import AIR_CP_KJ_KG_K, VAPOUR_CP_KJ_KG_K, WATER_CP_KJ_KG_K

ALIKE = 1e-9  # capacity rates closer than this count as equal
LEAST_RISE_K = 1e-3  # least water rise at which the wet coil is computed
FIRST_SHARE = 0.6  # of a first miss, by which the water rise is moved: a greater rise makes h_sat steeper
WET_PASSES = 16  # most passes over the leaving water of a wet coil; 2-4 are usual
SETTLED_K = 1e-7  # miss of the leaving water that ends them
VALVE_PASSES, VALVE_MISS_FRAC = 40, 1e-6  # most evaluations of the coil in the search for a water flow, and its end
SECANTS = 8  # evaluations from which on every other one halves the bracket
FIRST_VALVE_GAIN = 2.0  # relative move of a valve over the relative miss of its heat, before two trials tell it
STEAM_KJ_KG = 2676.125  # enthalpy of steam at 100 degC: EnergyPlus 25.2, Humidifier:Steam:Electric
ULTRASONIC_SHARE_FRAC = 0.085  # electricity of an ultrasonic over a steam humidifier: saves 90-93 %, DOE/EE-0180 (1998)


@compilable
def _counterflow(ntu: float, capacity_ratio: float) -> float:
    """Effectiveness of a counterflow exchanger (Incropera & DeWitt, 6th ed., eq. 11.29)."""
    less = 1.0 - capacity_ratio
    if less < ALIKE:
        return ntu / (1.0 + ntu)
    gone = -math.expm1(-ntu * less)
    return gone / (less + capacity_ratio * gone)


@compilable
def _exchanged(conductance: float, first: float, second: float) -> float:
    """Effectiveness times the lesser capacity rate of a counterflow exchanger, in the unit of its arguments."""
    least, most = min(first, second), max(first, second)
    return _counterflow(conductance / least, least / most) * least


@compilable
def _wet_heat_kw(
    air_kg_s: float, enthalpy_kj_kg: float, cp_kj_kg_k: float, pressure_pa: float, water_kw_per_k: float,
    water_in_c: float, ua_air_kw_per_k: float, ua_water_kw_per_k: float, near_kw: float,
) -> float:  # fmt: skip
    """Heat in kW of a coil that is wet all over: a secant over the rise of its water, which sets the slope of h_sat."""
    saturated = saturated_enthalpy_kj_kg(water_in_c, pressure_pa)
    rise_k, rise_before_k, miss_before_k, heat_kw = max(near_kw / water_kw_per_k, LEAST_RISE_K), 0.0, 0.0, 0.0
    for i in range(WET_PASSES):
        slope = (saturated_enthalpy_kj_kg(water_in_c + rise_k, pressure_pa) - saturated) / rise_k
        conductance = 1.0 / (cp_kj_kg_k / ua_air_kw_per_k + slope / ua_water_kw_per_k)
        heat_kw = _exchanged(conductance, air_kg_s, water_kw_per_k / slope) * (enthalpy_kj_kg - saturated)
        miss_k = heat_kw / water_kw_per_k - rise_k
        if abs(miss_k) < SETTLED_K:
            break
        step_k = FIRST_SHARE * miss_k
        if i > 0 and miss_before_k != miss_k:
            step_k = miss_k * (rise_k - rise_before_k) / (miss_before_k - miss_k)
        rise_before_k, miss_before_k = rise_k, miss_k
        rise_k = max(rise_k + step_k, LEAST_RISE_K)
    return heat_kw


@compilable
def _wet_outlet(
    heat_kj_kg: float, air_in_c: float, humidity_ratio: float, enthalpy_kj_kg: float, bypass_frac: float,
    pressure_pa: float, near_c: float,
) -> tuple[float, float, float]:  # fmt: skip
    """Dry bulb and humidity ratio behind a wet surface, on the line from the entering air to saturated air at it.

    Then the surface, which is sought from ``near_c``.
    """
    surface_kj_kg = enthalpy_kj_kg - heat_kj_kg / max(1.0 - bypass_frac, 1e-9)
    surface_c = temperature_at_saturated_enthalpy_c(surface_kj_kg, pressure_pa, near_c)
    out_c = surface_c + (air_in_c - surface_c) * bypass_frac
    left_kj_kg = enthalpy_kj_kg - heat_kj_kg
    out_ratio = (left_kj_kg - AIR_CP_KJ_KG_K * out_c) / (VAPOUR_KJ_KG + VAPOUR_CP_KJ_KG_K * out_c)
    if out_ratio >= humidity_ratio:
        return temperature_from_enthalpy_c(left_kj_kg, humidity_ratio), humidity_ratio, surface_c
    return out_c, max(out_ratio, 0.0), surface_c


@compilable
def _above(x: float) -> float:
    """Smooth step from 0 at x = -1 to 1 at x = 1."""
    y = min(max(x, -1.0), 1.0)
    return 0.5 + y * (0.75 - 0.25 * (y * y))


@compilable
def _wet_share(
    dew_c: float, air_in_c: float, dry_out_c: float, water_in_c: float, water_out_c: float, air_share: float
) -> float:
    """Weight of the wet coil (0..1): 1 with the surface at the air inlet below the dew point, 0 with all above it.

    ``air_share`` is UA of the air side over that of both sides: the surface lies between air and water accordingly.
    """
    warm_c = air_share * air_in_c + (1.0 - air_share) * water_out_c
    cold_c = air_share * dry_out_c + (1.0 - air_share) * water_in_c
    band_k = max(abs(cold_c - warm_c), 1e-3)
    wet = 1.0 - _above((warm_c - dew_c) / band_k)
    dry = _above((cold_c - dew_c) / band_k)
    return wet / (wet + dry) if wet + dry > 0.0 else 1.0


@compilable
def cooling_coil(
    air_kg_s: float, air_in_c: float, humidity_ratio: float, pressure_pa: float, water_kw_per_k: float,
    water_in_c: float, ua_air_kw_per_k: float, ua_water_kw_per_k: float,
) -> tuple[float, float, float, float, float]:  # fmt: skip
    """Counterflow coil, dry, wet or both: total and sensible heat from air of a temperature and humidity ratio.

    Parameters
    ----------
    air_kg_s, air_in_c, humidity_ratio
        Entering air: flow of dry air, dry bulb, humidity ratio.
    water_kw_per_k, water_in_c
        Capacity rate and temperature of the entering water.
    ua_air_kw_per_k, ua_water_kw_per_k
        Conductance of either side at the flows now: 1/UA of the dry coil is the sum of their inverses.

    Returns
    -------
    total_kw, sensible_kw, condensate_kg_s, air_out_c, humidity_out_ratio
        All heat goes to the water. Sensible heat is cp times the cooling of the air; the rest is latent. Without flow,
        or with water that is no colder than the air: zeros and the entering air.

    >>> q, s, c, t, w = cooling_coil(2.646, 26.67, 0.01765, 101325.0, 3.78 * 4.2, 5.56, 4.748 / 0.6, 4.748 / 0.4)
    >>> round(q, 2), round(s, 2), round(3600.0 * c, 2), round(t, 2), round(w, 5)
    (88.39, 35.65, 75.15, 13.7, 0.00976)
    """
    dew_c = dew_point_c(humidity_ratio, pressure_pa)
    total_kw, sensible_kw, taken_kg_s, out_c, out_ratio, _, _ = coil_near(
        air_kg_s, air_in_c, humidity_ratio, dew_c, pressure_pa, water_kw_per_k, water_in_c, ua_air_kw_per_k,
        ua_water_kw_per_k, 1.0, dew_c)  # fmt: skip
    return total_kw, sensible_kw, taken_kg_s, out_c, out_ratio


@compilable
def coil_near(
    air_kg_s: float, air_in_c: float, humidity_ratio: float, dew_c: float, pressure_pa: float, water_kw_per_k: float,
    water_in_c: float, ua_air_kw_per_k: float, ua_water_kw_per_k: float, near_gain: float, near_surface_c: float,
) -> tuple[float, float, float, float, float, float, float]:  # fmt: skip
    """:func:`cooling_coil` of air whose dew point is known, sought from the solution of a coil nearby.

    Returns what that does, then where the next may begin: wet heat over dry heat, and the surface. A coil whose
    coldest surface, were it dry, is not below the dew point is dry: the share of :func:`_wet_share` is 0 there.
    """
    if min(air_kg_s, water_kw_per_k, ua_air_kw_per_k, ua_water_kw_per_k) <= 0.0 or water_in_c >= air_in_c:
        return 0.0, 0.0, 0.0, air_in_c, humidity_ratio, near_gain, near_surface_c
    cp = AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * humidity_ratio
    both = 1.0 / (1.0 / ua_air_kw_per_k + 1.0 / ua_water_kw_per_k)
    dry_kw = _exchanged(both, air_kg_s * cp, water_kw_per_k) * (air_in_c - water_in_c)
    dry_out_c = air_in_c - dry_kw / (air_kg_s * cp)
    air_share = ua_air_kw_per_k / (ua_air_kw_per_k + ua_water_kw_per_k)
    if air_share * dry_out_c + (1.0 - air_share) * water_in_c >= dew_c:
        return dry_kw, dry_kw, 0.0, dry_out_c, humidity_ratio, near_gain, near_surface_c
    enthalpy = moist_air_enthalpy_kj_kg(air_in_c, humidity_ratio)
    wet_kw = max(_wet_heat_kw(air_kg_s, enthalpy, cp, pressure_pa, water_kw_per_k, water_in_c, ua_air_kw_per_k,
                              ua_water_kw_per_k, near_gain * dry_kw), dry_kw)  # fmt: skip
    wet = _wet_share(dew_c, air_in_c, dry_out_c, water_in_c, water_in_c + wet_kw / water_kw_per_k, air_share)
    bypass = math.exp(-ua_air_kw_per_k / (air_kg_s * cp))
    _, wet_ratio, surface_c = _wet_outlet(
        wet_kw / air_kg_s, air_in_c, humidity_ratio, enthalpy, bypass, pressure_pa, near_surface_c
    )
    total_kw = wet * wet_kw + (1.0 - wet) * dry_kw
    out_ratio = wet * wet_ratio + (1.0 - wet) * humidity_ratio
    out_c = temperature_from_enthalpy_c(enthalpy - total_kw / air_kg_s, out_ratio)
    sensible_kw = min(air_kg_s * cp * (air_in_c - out_c), total_kw)
    taken_kg_s = air_kg_s * (humidity_ratio - out_ratio)
    return total_kw, sensible_kw, taken_kg_s, out_c, out_ratio, wet_kw / dry_kw, surface_c


@compilable
def coil_valve_for_sensible(
    sensible_kw: float, air_kg_s: float, air_in_c: float, humidity_ratio: float, pressure_pa: float,
    water_full_kw_per_k: float, water_in_c: float, ua_air_kw_per_k: float, ua_water_full_kw_per_k: float,
    water_exponent: float,
) -> float:  # fmt: skip
    """Water flow over full flow (0..1) at which :func:`cooling_coil` takes ``sensible_kw`` from the air.

    1 where the open valve is not enough, 0 without heat to take. :func:`valve_near` from half open. A dry coil has the
    faster search of :mod:`twin.physics.exchangers`.

    >>> round(coil_valve_for_sensible(30.0, 2.646, 26.67, 0.01765, 101325.0, 15.876, 5.56, 7.9133, 11.87, 0.85), 4)
    0.6557
    """
    dew_c = dew_point_c(humidity_ratio, pressure_pa)
    valve, _, _, _, _, _ = valve_near(
        sensible_kw, air_kg_s, air_in_c, humidity_ratio, dew_c, pressure_pa, water_full_kw_per_k, water_in_c,
        ua_air_kw_per_k, ua_water_full_kw_per_k, water_exponent, 0.5, 1.0, air_in_c)  # fmt: skip
    return valve


@compilable
def valve_near(
    sensible_kw: float, air_kg_s: float, air_in_c: float, humidity_ratio: float, dew_c: float, pressure_pa: float,
    water_full_kw_per_k: float, water_in_c: float, ua_air_kw_per_k: float, ua_water_full_kw_per_k: float,
    water_exponent: float, near_frac: float, near_gain: float, near_surface_c: float,
) -> tuple[float, float, float, float, float, float]:  # fmt: skip
    """Valve of a sensible heat, sought from one nearby; sensible heat, condensate, leaving air and hints of the coil.

    Secants in a bracket from shut to open, halved where they leave it or go on too long; at most 40 evaluations, to
    1e-6 of the heat, less exact where more water hardly helps. The conductance of the water side follows its flow to
    the power ``water_exponent``.
    """
    if sensible_kw <= 0.0:
        return 0.0, 0.0, 0.0, air_in_c, near_gain, near_surface_c
    low, high, v = 0.0, 1.0, min(max(near_frac, 1e-3), 1.0)
    before, miss_before_kw, got_kw, taken_kg_s, out_c = 0.0, -sensible_kw, 0.0, 0.0, air_in_c
    for i in range(VALVE_PASSES):
        ua = ua_water_full_kw_per_k * math.exp(water_exponent * math.log(v))
        _, got_kw, taken_kg_s, out_c, _, near_gain, near_surface_c = coil_near(
            air_kg_s, air_in_c, humidity_ratio, dew_c, pressure_pa, v * water_full_kw_per_k, water_in_c,
            ua_air_kw_per_k, ua, near_gain, near_surface_c)  # fmt: skip
        miss_kw = got_kw - sensible_kw
        if abs(miss_kw) < VALVE_MISS_FRAC * sensible_kw or (v >= 1.0 and miss_kw <= 0.0):
            break
        low, high = (v, high) if miss_kw < 0.0 else (low, v)
        following = v * (1.0 - FIRST_VALVE_GAIN * miss_kw / sensible_kw)
        if i > 0 and miss_kw != miss_before_kw:
            following = v - miss_kw * (v - before) / (miss_kw - miss_before_kw)
        before, miss_before_kw = v, miss_kw
        if following >= high and high >= 1.0:
            v = 1.0
        else:
            v = following if low < following < high and (i < SECANTS or i % 2 == 0) else 0.5 * (low + high)
    return v, got_kw, taken_kg_s, out_c, near_gain, near_surface_c


@compilable
def bypass_at_flow_frac(rated_bypass_frac: float, flow_frac: float) -> float:
    """Bypass factor (0..1) at an air flow over rated: BF ^ (1 / flow), from BF = exp(-A0 / m).

    EnergyPlus 25.2 engineering reference, Coil:Cooling:DX:SingleSpeed.

    >>> round(bypass_at_flow_frac(0.1, 0.5), 9), bypass_at_flow_frac(0.0, 1.0)
    (0.01, 0.0)
    """
    if rated_bypass_frac <= 0.0 or flow_frac <= 0.0:
        return 0.0
    return math.exp(math.log(min(rated_bypass_frac, 1.0)) / flow_frac)


@compilable
def coil_outlet(
    heat_kj_kg: float, air_in_c: float, humidity_ratio: float, bypass_frac: float, pressure_pa: float
) -> tuple[float, float, float]:
    """Air behind a coil that takes a total heat per kg of dry air, by apparatus dew point and bypass factor.

    h_adp = h_in - q / (1 - BF); where saturated air at that enthalpy is moister than the entering air the coil is dry.
    EnergyPlus 25.2 engineering reference, Coil:Cooling:DX:SingleSpeed (sensible heat ratio by apparatus dew point).

    Returns
    -------
    air_out_c, humidity_out_ratio, sensible_frac
        Sensible share of the heat, 0..1: cp times the cooling over the heat.

    >>> t, w, share = coil_outlet(16.0, 26.67, 0.0112, 0.1, 101325.0)
    >>> round(t, 3), round(w, 6), round(share, 4)
    (14.704, 0.009731, 0.7679)
    """
    out_c, out_ratio, sensible_frac, _ = coil_outlet_near(
        heat_kj_kg, air_in_c, humidity_ratio, bypass_frac, pressure_pa, air_in_c
    )
    return out_c, out_ratio, sensible_frac


@compilable
def coil_outlet_near(
    heat_kj_kg: float, air_in_c: float, humidity_ratio: float, bypass_frac: float, pressure_pa: float, near_c: float
) -> tuple[float, float, float, float]:
    """:func:`coil_outlet`, and the apparatus dew point in degC, which is sought from ``near_c``."""
    if heat_kj_kg <= 0.0:
        return air_in_c, humidity_ratio, 1.0, near_c
    enthalpy = moist_air_enthalpy_kj_kg(air_in_c, humidity_ratio)
    out_c, out_ratio, surface_c = _wet_outlet(
        heat_kj_kg, air_in_c, humidity_ratio, enthalpy, bypass_frac, pressure_pa, near_c
    )
    cp = AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * humidity_ratio
    return out_c, out_ratio, min(max(cp * (air_in_c - out_c) / heat_kj_kg, 0.0), 1.0), surface_c


@compilable
def dehumidified(
    air_in_c: float, humidity_ratio: float, humidity_set: float, bypass_frac: float, pressure_pa: float
) -> tuple[float, float, float]:
    """What a coil must do to dry air to a humidity ratio: its surface, the air behind it, and the heat.

    The surface is the dew point of W_in - (W_in - W_set) / (1 - BF), which the heat of a coil with that bypass factor
    follows; a set-point below what even dry surface air gives is clamped. Air that is dry enough is returned as it is.

    Returns
    -------
    surface_c, air_out_c, heat_kj_kg
        Apparatus dew point, dry bulb behind the coil (reheat starts here), and total heat per kg of dry air.

    >>> s, t, q = dehumidified(24.0, 0.012, 0.009, 0.1, 101325.0)
    >>> round(s, 3), round(t, 3), round(q, 3)
    (11.891, 13.102, 18.783)
    """
    if humidity_set >= humidity_ratio:
        return air_in_c, air_in_c, 0.0
    used = max(1.0 - bypass_frac, 1e-9)
    at_surface = max(humidity_ratio - (humidity_ratio - humidity_set) / used, 0.0)
    surface_c = min(dew_point_c(at_surface, pressure_pa), air_in_c)
    out_c = air_in_c - used * (air_in_c - surface_c)
    out_ratio = max(humidity_set, humidity_ratio * (1.0 - used))
    heat = moist_air_enthalpy_kj_kg(air_in_c, humidity_ratio) - moist_air_enthalpy_kj_kg(out_c, out_ratio)
    return surface_c, out_c, heat


@compilable
def reheat_kw(dry_air_kg_s: float, humidity_ratio: float, from_c: float, to_c: float) -> float:
    """Sensible heat in kW that warms air behind a drying coil back to its supply temperature, never below 0.

    >>> round(reheat_kw(10.0, 0.009, 13.0, 18.0), 4)
    51.137
    """
    return dry_air_kg_s * (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * humidity_ratio) * max(to_c - from_c, 0.0)


@compilable
def steam_humidifier_kw(water_kg_s: float, feed_c: float, efficiency_frac: float) -> float:
    """Electricity in kW that turns feed water into steam of 100 degC: m (h_steam - cp T_feed) / η.

    EnergyPlus 25.2 engineering reference, steam humidifiers. Ultrasonic ones take :data:`ULTRASONIC_SHARE_FRAC` of it.

    >>> round(steam_humidifier_kw(1.0 / 3600.0, 10.0, 1.0), 4)  # kWh/kg
    0.7317
    """
    return water_kg_s * (STEAM_KJ_KG - WATER_CP_KJ_KG_K * feed_c) / efficiency_frac


@compilable
def humidified(
    dry_air_kg_s: float, air_in_c: float, humidity_ratio: float, water_kg_s: float, water_kj_kg: float
) -> tuple[float, float]:
    """Dry bulb in degC and humidity ratio of air that takes up water of an enthalpy (balances of mass and enthalpy).

    ``water_kj_kg`` is :data:`STEAM_KJ_KG` for steam, which hardly warms the air, and cp times its temperature for
    spray or ultrasonic mist, which cools it by evaporation.

    >>> [round(humidified(10.0, 24.0, 0.006, 0.02, h)[0], 3) for h in (STEAM_KJ_KG, 4.186 * 15.0)]
    [24.256, 19.136]
    """
    if dry_air_kg_s <= 0.0:
        return air_in_c, humidity_ratio
    added = water_kg_s / dry_air_kg_s
    enthalpy = moist_air_enthalpy_kj_kg(air_in_c, humidity_ratio) + added * water_kj_kg
    return temperature_from_enthalpy_c(enthalpy, humidity_ratio + added), humidity_ratio + added


@compilable
def hall_humidity(
    air_kg: float, start_ratio: float, inflow_kg_h: float, inflow_ratio: float, gain_kg_h: float, dt_h: float
) -> tuple[float, float]:
    """Exact end and time-mean of a hall's humidity ratio: M dW/dt = m (W_in - W) + g, all of them steady in the step.

    ``inflow_kg_h`` is the dry air that comes in (and goes out) per hour, ``gain_kg_h`` the water that people, leaks and
    humidifiers add, less what coils take. End - start = dt / M (m (W_in - mean) + g): water balances to rounding.

    >>> end, mean = hall_humidity(1800.0, 0.008, 900.0, 0.004, 1.8, 1.0)
    >>> round(end, 8), round(mean, 8)
    (0.00721306, 0.00757388)
    """
    x = inflow_kg_h * dt_h / air_kg
    push = gain_kg_h * dt_h / air_kg
    if x < ALIKE:
        return start_ratio + push + x * (inflow_ratio - start_ratio), start_ratio + 0.5 * push
    goal = inflow_ratio + gain_kg_h / inflow_kg_h
    gone = -math.expm1(-x)
    return start_ratio + gone * (goal - start_ratio), goal - (goal - start_ratio) * gone / x
