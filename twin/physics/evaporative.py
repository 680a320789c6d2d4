"""Evaporative coolers, mixing of air streams, and shares of outdoor air, as pure functions.

EnergyPlus 25.2 engineering reference: EvaporativeCooler:Direct:ResearchSpecial and :Direct:CelDekPad,
EvaporativeCooler:Indirect:ResearchSpecial, Controller:OutdoorAir. Evaporation in kg/s; blowdown and drift are those of
:mod:`twin.physics.tower_water`. Flows of air are of dry air.
"""

from __future__ import annotations

from twin.compiled import compilable
from twin.physics.fluids import (
    humidity_ratio_from_wet_bulb,
    moist_air_enthalpy_kj_kg,
    saturation_humidity_ratio_kg_kg,
    temperature_at_saturated_enthalpy_c,
    temperature_from_enthalpy_c,
)
from twin.units import WATER_CP_KJ_KG_K

INDIRECT_VAPORISATION_KJ_KG = 2500.0  # what EnergyPlus takes for indirect evaporative coolers
DEW_POINT_FACTOR = 0.9  # EnergyPlus, Dewpoint Effectiveness Factor: how near to the dew point the supply air comes
LEAST_SECONDARY_K = 0.2  # EnergyPlus, dry operation: secondary air leaves at least this far below the entering primary
FOG_STEPS = 6  # passes over the heat of the drops: each is some hundred times nearer than the last

# Outdoor air of the large air-side archetype of Lei & Masanet, midpoints of their ranges (doi:10.1016/
# j.resconrec.2022.106323): dry bulb and dew point in degC, relative humidity as a fraction.
SUPPLY_WINDOW = {"dry_bulb_c": (14.0, 31.0), "dew_point_c": (-10.5, 21.0), "relative_frac": (0.14, 0.775)}


@compilable
def direct_cooler(
    entering_c: float, wet_bulb_c: float, effectiveness_frac: float, setpoint_c: float, pressure_pa: float
) -> tuple[float, float, float]:
    """Direct evaporative cooler that cools to a set-point where it can: T - ε (T - Twb), at constant wet bulb.

    Returns
    -------
    leaving_c, leaving_humidity_ratio, part_load_frac
        The part-load fraction (0..1) is the share of the full depression used; the pump's power follows it.

    >>> t, w, share = direct_cooler(35.0, 20.0, 0.8, 10.0, 101325.0)
    >>> t, round(w, 6), share
    (23.0, 0.013435, 1.0)
    >>> round(direct_cooler(35.0, 20.0, 0.8, 29.0, 101325.0)[2], 6)
    0.5
    """
    full_k = effectiveness_frac * max(entering_c - wet_bulb_c, 0.0)
    wanted_k = min(max(entering_c - setpoint_c, 0.0), full_k)
    share = wanted_k / full_k if full_k > 0.0 else 0.0
    leaving_c = entering_c - wanted_k
    return leaving_c, humidity_ratio_from_wet_bulb(leaving_c, min(wet_bulb_c, leaving_c), pressure_pa), share


@compilable
def pad_effectiveness_frac(face_m_s: float, depth_m: float) -> float:
    """Saturation effectiveness of a rigid cellulose pad (CelDek) by face velocity and depth, clamped to 0..1.

    The eleven-term fit of EvaporativeCooler:Direct:CelDekPad, which states no range; .97-.99 for 305 mm at no flow.

    >>> round(pad_effectiveness_frac(2.0, 0.2), 6)
    0.785247
    """
    v, d = face_m_s, depth_m
    vvv, ddd = v * v * v, d * d * d
    fit = (
        0.792714 + 0.958569 * d - 0.25193 * v - 1.03215 * (d * d) + 0.0262659 * (v * v)
        + 0.914869 * (d * v) - 1.48241 * (v * (d * d)) - 0.018992 * (vvv * d)
        + 1.13137 * (ddd * v) + 0.0327622 * (vvv * (d * d)) - 0.145384 * (ddd * (v * v))
    )  # fmt: skip
    return min(max(fit, 0.0), 1.0)


@compilable
def evaporated_kg_s(dry_air_kg_s: float, humidity_in: float, humidity_out: float) -> float:
    """Water that an air stream takes up in kg/s: m (W_out - W_in), never below 0.

    >>> round(evaporated_kg_s(50.0, 0.0075, 0.0134), 6)
    0.295
    """
    return max(dry_air_kg_s * (humidity_out - humidity_in), 0.0)


@compilable
def indirect_wet_c(
    entering_c: float, secondary_wet_bulb_c: float, secondary_dew_point_c: float, effectiveness_frac: float
) -> float:
    """Leaving primary air in degC of an indirect cooler that sprays: T - ε (T - Twb of the secondary air).

    Bounded by T - .9 (T - dew point of the secondary air); its humidity ratio stays. Never warmer than it entered.

    >>> indirect_wet_c(36.0, 20.0, 15.0, 0.75)
    24.0
    """
    reached_c = entering_c - effectiveness_frac * max(entering_c - secondary_wet_bulb_c, 0.0)
    bound_c = entering_c - DEW_POINT_FACTOR * max(entering_c - secondary_dew_point_c, 0.0)
    return max(reached_c, bound_c)


@compilable
def indirect_dry_c(
    entering_c: float, secondary_c: float, effectiveness_frac: float, primary_kw_per_k: float, secondary_kw_per_k: float
) -> float:
    """Leaving primary air in degC of an indirect cooler run dry: T - ε (T - T secondary).

    Where the secondary air is short, it leaves at least .2 K below the entering primary air and bounds the heat.

    >>> indirect_dry_c(36.0, 16.0, 0.5, 10.0, 10.0), round(indirect_dry_c(36.0, 16.0, 0.5, 10.0, 2.0), 6)
    (26.0, 32.04)
    """
    apart_k = max(entering_c - secondary_c, 0.0)
    cooled_k = effectiveness_frac * apart_k
    if primary_kw_per_k <= 0.0:
        return entering_c - cooled_k
    return entering_c - min(cooled_k, secondary_kw_per_k * max(apart_k - LEAST_SECONDARY_K, 0.0) / primary_kw_per_k)


@compilable
def indirect_cooler(
    entering_c: float, dry_c: float, wet_c: float, setpoint_c: float, secondary_c: float, dry_below_c: float
) -> tuple[float, float, float]:
    """Control of an indirect evaporative cooler: dry where that is enough or it is too cold to spray, else wet.

    ``dry_c`` and ``wet_c`` are what :func:`indirect_dry_c` and :func:`indirect_wet_c` reach at full flow; below
    ``dry_below_c`` of secondary air nothing is sprayed. Cooling modulates to the set-point.

    Returns
    -------
    leaving_c, part_load_frac, wet
        Share of the full cooling of the mode in use (0..1; fan and pump power follow it), and 1 where it sprays.

    >>> indirect_cooler(36.0, 30.0, 24.0, 27.0, 25.0, 10.0), indirect_cooler(36.0, 20.0, 18.0, 28.0, 5.0, 10.0)
    ((27.0, 0.75, 1.0), (28.0, 0.5, 0.0))
    """
    wet = 1.0 if dry_c > setpoint_c and secondary_c >= dry_below_c and wet_c < dry_c else 0.0
    full_k = entering_c - (wet_c if wet > 0.0 else dry_c)
    wanted_k = min(max(entering_c - setpoint_c, 0.0), full_k)
    if full_k <= 0.0:
        return entering_c, 0.0, 0.0
    return entering_c - wanted_k, wanted_k / full_k, wet


@compilable
def indirect_evaporation_kg_s(cooling_kw: float) -> float:
    """Evaporation in kg/s of an indirect cooler that takes ``cooling_kw`` wet: Q / 2500 kJ/kg, all of it latent.

    >>> round(3600.0 * indirect_evaporation_kg_s(1.0), 3)  # kg/kWh
    1.44
    """
    return max(cooling_kw, 0.0) / INDIRECT_VAPORISATION_KJ_KG


@compilable
def mixed_air(
    first_kg_s: float, first_c: float, first_ratio: float, second_kg_s: float, second_c: float, second_ratio: float
) -> tuple[float, float]:
    """Dry bulb in degC and humidity ratio of two mixed streams: W and h are linear in mass.

    ASHRAE Fundamentals 2017 ch. 1, adiabatic mixing. Without flow the first stream is returned.
    Cold outdoor air may bring the mixture above saturation: see :func:`without_fog`.

    >>> t, w = mixed_air(2.0, 24.0, 0.0093, 1.0, 0.0, 0.003)
    >>> round(t, 3), round(w, 6)
    (16.061, 0.0072)
    """
    total = first_kg_s + second_kg_s
    if total <= 0.0:
        return first_c, first_ratio
    part = second_kg_s / total
    ratio = (1.0 - part) * first_ratio + part * second_ratio
    enthalpy = (1.0 - part) * moist_air_enthalpy_kj_kg(first_c, first_ratio) + part * moist_air_enthalpy_kj_kg(
        second_c, second_ratio
    )
    return temperature_from_enthalpy_c(enthalpy, ratio), ratio


@compilable
def without_fog(t_c: float, humidity_ratio: float, pressure_pa: float) -> tuple[float, float, float]:
    """Air above saturation parted into saturated air and drops at the same enthalpy (ASHRAE F1, adiabatic mixing).

    Returns dry bulb, humidity ratio and drops in kg per kg of dry air; air below saturation is returned as it is.
    Drops count as liquid below 0 degC too.

    >>> t, w, drops = without_fog(10.0, 0.009, 101325.0)
    >>> round(t, 3), round(w, 6), round(drops, 6)
    (11.436, 0.008406, 0.000594)
    """
    if humidity_ratio <= saturation_humidity_ratio_kg_kg(t_c, pressure_pa):
        return t_c, humidity_ratio, 0.0
    enthalpy = moist_air_enthalpy_kj_kg(t_c, humidity_ratio)
    t, saturated = t_c, humidity_ratio
    for _ in range(FOG_STEPS):
        drops = max(humidity_ratio - saturated, 0.0)
        t = temperature_at_saturated_enthalpy_c(enthalpy - drops * WATER_CP_KJ_KG_K * t, pressure_pa, t)
        saturated = saturation_humidity_ratio_kg_kg(t, pressure_pa)
    return t, min(saturated, humidity_ratio), max(humidity_ratio - saturated, 0.0)


@compilable
def outdoor_air_frac(mixed_set_c: float, return_c: float, outdoor_c: float, least_frac: float) -> float:
    """Share of outdoor air in the mixture that reaches a temperature: (T_ret - T_set) / (T_ret - T_out), clamped.

    The proportional economizer of Controller:OutdoorAir; ``least_frac`` (0..1) is the minimum. Where outdoor air is no
    colder than return air it cannot help: the minimum.

    >>> outdoor_air_frac(20.0, 35.0, 5.0, 0.02), outdoor_air_frac(20.0, 35.0, 25.0, 0.02)
    (0.5, 1.0)
    """
    apart_k = return_c - outdoor_c
    if apart_k <= 0.0:
        return least_frac
    return min(max((return_c - mixed_set_c) / apart_k, least_frac), 1.0)
