"""Mixing of outdoor and return air ahead of a hall: limits of the supply air, shares, and the hall's moisture."""

from __future__ import annotations

from twin.compiled import compilable
from twin.components.air.hall_air import moisture_course
from twin.physics.airside import cooling_per_moisture_k, evaporation_limit_k, mixing_share
from twin.physics.fluids import (
    dew_point_c,
    humidity_ratio_from_dew_point,
    humidity_ratio_from_relative,
    humidity_ratio_from_vapour_pressure,
    relative_humidity_frac,
    saturation_humidity_ratio_kg_kg,
    vapour_pressure_pa,
    wet_bulb_c,
)

SHORT_K = 1e-6  # supply air above its set-point by more than this is short of cooling
INSIDE = 1e-9  # relative width that still counts as inside a window
NEAR = 1e-3  # the same of what comes out: the mean over a step, at the pressure of the step


@compilable
def supply_window(p, w, air):  # type: ignore[no-untyped-def]
    """Lowest temperature before the fan, and limits of the humidity ratio, for the outdoor air of this step.

    Air that would be too humid at the lowest temperature may be supplied warmer, up to the set-point, where ``warms``.
    """
    ratio, pressure = w.humidity_ratio_kg_kg, w.pressure_pa
    low_c = p.supply_low_c
    if p.warms > 0.5 and ratio > humidity_ratio_from_relative(low_c, p.relative_high_frac, pressure):
        vapour = vapour_pressure_pa(ratio, pressure) / p.relative_high_frac
        low_c = min(max(dew_point_c(humidity_ratio_from_vapour_pressure(vapour, pressure), pressure), low_c), air.set_c)
    likely_c = min(max(w.dry_bulb_c + air.fan_k, low_c), air.set_c)
    low_ratio = max(
        humidity_ratio_from_dew_point(p.dew_point_low_c, pressure),
        humidity_ratio_from_relative(likely_c, p.relative_low_frac, pressure),
    )
    high_ratio = min(
        humidity_ratio_from_dew_point(p.dew_point_high_c, pressure),
        humidity_ratio_from_relative(air.set_c if p.warms > 0.5 else likely_c, p.relative_high_frac, pressure),
    )
    return low_c - air.fan_k, low_ratio, high_ratio


@compilable
def shut_out(p, w, low_ratio, high_ratio):  # type: ignore[no-untyped-def]
    """1 where outdoor air cannot be made to lie in the window: too humid, too dry without a stage, or locked out."""
    ratio, outdoor_c = w.humidity_ratio_kg_kg, w.dry_bulb_c
    if ratio > high_ratio * (1.0 + INSIDE) or outdoor_c < p.outdoor_low_c or outdoor_c > p.outdoor_high_c:
        return 1.0
    return 1.0 if p.effectiveness_frac <= 0.0 and ratio < low_ratio * (1.0 - INSIDE) else 0.0


@compilable
def moisture(p, s, air, outdoor_kg_s, outdoor_ratio, supply_kg_s, supply_ratio, source_kg_s, dt_h):  # type: ignore[no-untyped-def]
    """End and mean humidity ratio of the hall: outdoor air exchanged, or all air supplied with a given humidity.

    Ventilation and humidifiers of the hall add to either.
    """
    inflow = outdoor_kg_s + air.outdoor_kg_s
    ratio = (outdoor_kg_s * outdoor_ratio + air.outdoor_kg_s * air.outdoor_ratio) / inflow if inflow > 0.0 else 0.0
    air.coil_kg_s = outdoor_kg_s + supply_kg_s
    air.coil_ratio = supply_ratio if supply_kg_s > 0.0 else outdoor_ratio
    return moisture_course(p, s, air, inflow, ratio, supply_kg_s, supply_ratio, source_kg_s + air.humidifier_kg_s, dt_h)


@compilable
def mixed(p, w, s, y, air, low_c, low_ratio, flow_kg_s, cp, return_c, dt_h):  # type: ignore[no-untyped-def]
    """Share of outdoor air in a mixture of ``low_c`` behind the stage, and what the stage does to it.

    As much outdoor air as the temperature asks for. Where that leaves the mixture too dry, it is mixed warmer and
    moistened; where it would be above saturation, fog is drained. ``y`` takes share, drop of temperature in K and
    humidity of the supply air; returned are end and mean humidity of the hall, and the stage's part load.
    """
    outdoor_c, outdoor_ratio = w.dry_bulb_c, w.humidity_ratio_kg_kg
    colder = outdoor_c < low_c
    full_ratio = saturation_humidity_ratio_kg_kg(low_c, w.pressure_pa)
    y.stage_k, target = 0.0, low_ratio
    if colder:
        y.outdoor_frac = mixing_share(low_c, 0.0, return_c, 0.0, outdoor_c, 0.0, 0.0)
        end, mean = moisture(p, s, air, y.outdoor_frac * flow_kg_s, outdoor_ratio, 0.0, 0.0, 0.0, dt_h)
        y.supply_humidity_kg_kg = mean + y.outdoor_frac * (outdoor_ratio - mean)
        dry = y.supply_humidity_kg_kg < low_ratio and p.effectiveness_frac > 0.0
        if not dry and y.supply_humidity_kg_kg <= full_ratio:
            return end, mean, 0.0
        target = low_ratio if dry else full_ratio
    y.supply_humidity_kg_kg = target
    wet_c = wet_bulb_c(low_c, target, w.pressure_pa)
    per_k = cooling_per_moisture_k(low_c, wet_c, cp)
    end, mean = moisture(p, s, air, 0.0, 0.0, flow_kg_s, target, 0.0, dt_h)
    y.outdoor_frac = mixing_share(low_c, target, return_c, mean, outdoor_c, outdoor_ratio, per_k)
    y.stage_k = per_k * (target - mean - y.outdoor_frac * (outdoor_ratio - mean))
    if colder:
        most_k = min(evaporation_limit_k(low_c, wet_c, p.effectiveness_frac), return_c - low_c)
        if y.stage_k > most_k:  # the stage cannot moisten so much: it does what it can
            y.stage_k = most_k
            y.outdoor_frac = min((return_c - low_c - most_k) / (return_c - outdoor_c), 1.0)
            end, mean = moisture(
                p, s, air, y.outdoor_frac * flow_kg_s, outdoor_ratio, 0.0, 0.0, flow_kg_s * most_k / per_k, dt_h
            )
            y.supply_humidity_kg_kg = mean + y.outdoor_frac * (outdoor_ratio - mean) + most_k / per_k
    elif y.stage_k < 0.0:  # the hall is still more humid than that: outdoor air alone, cooled as far as is asked
        y.outdoor_frac, y.stage_k = 1.0, outdoor_c - low_c
        y.supply_humidity_kg_kg = outdoor_ratio + y.stage_k / per_k
        end, mean = moisture(p, s, air, 0.0, 0.0, flow_kg_s, y.supply_humidity_kg_kg, 0.0, dt_h)
    able_k = p.effectiveness_frac * (low_c + y.stage_k - wet_c)
    return end, mean, min(y.stage_k / able_k, 1.0) if y.stage_k > 0.0 and able_k > 0.0 else 0.0


@compilable
def outside_window(p, w, air, supply_c, ratio):  # type: ignore[no-untyped-def]
    """1 where supply air is warmer than its set-point, or its humidity is beyond the window's limits."""
    pressure = w.pressure_pa
    relative = relative_humidity_frac(supply_c, ratio, pressure)
    low = max(
        humidity_ratio_from_dew_point(p.dew_point_low_c, pressure),
        humidity_ratio_from_relative(supply_c, p.relative_low_frac, pressure),
    )
    high = humidity_ratio_from_dew_point(p.dew_point_high_c, pressure)
    humid = relative > p.relative_high_frac * (1.0 + NEAR) or ratio > high * (1.0 + NEAR)
    return 1.0 if supply_c > air.set_c + SHORT_K or humid or ratio < low * (1.0 - NEAR) else 0.0
