"""Coils of mechanical cooling behind an air-side stage: chilled water or direct expansion, dry or condensing.

The air that enters is ``base + slope * return``, as :mod:`twin.components.air.trim` has it.
"""

from __future__ import annotations

from twin.compiled import compilable
from twin.components.air.crac import PASSES, SETTLED_K, STEEPEST, dx_work
from twin.components.air.hall_air import hall_course
from twin.components.air.wet_coils import DAMPED_FROM, SHORT_PASSES, coil_at, running_coil, valve_for
from twin.physics.exchangers import (
    AIR_EXPONENT,
    AIR_RESISTANCE_FRAC,
    WATER_EXPONENT,
    coil_heat_kw,
    coil_water_flow_for_heat,
    power_of,
)
from twin.physics.fluids import dew_point_c, wet_bulb_c
from twin.physics.moist_coils import bypass_at_flow_frac


@compilable
def water_trim(  # type: ignore[no-untyped-def]
    p, s, air, loop, units, base_c, slope, return_c, wanted_kw, speed, dt_h
):
    """Chilled-water coil: whether the valve meets ``wanted_kw``, and the course of the hall where it does not.

    Returns met (1 or 0), valve, leaving water, heat, then end, solid, inlet, return and supply temperature, and the
    supply's line over the return air.
    """
    flow_kw_per_k, ua = air.flow_kw_per_k, units * p.coil_kw_per_k
    water_kw_per_k = units * p.water_kw_per_k * loop.flow_frac
    entering_c = base_c + slope * return_c
    valve, met_kw, water_c = coil_water_flow_for_heat(
        wanted_kw, flow_kw_per_k, entering_c, loop.supply_c, water_kw_per_k, ua, speed, AIR_RESISTANCE_FRAC,
        AIR_EXPONENT, WATER_EXPONENT, s.valve_frac)  # fmt: skip
    if met_kw == wanted_kw:
        return 1.0, valve, water_c, met_kw, s.air_c, s.solid_c, s.air_c, return_c, s.supply_c, air.set_c, 0.0
    e = met_kw / (flow_kw_per_k * (entering_c - loop.supply_c)) if met_kw > 0.0 else 0.0
    if met_kw <= 0.0 and water_kw_per_k > 0.0 and flow_kw_per_k > 0.0:
        # water warmer than the air of a hall at set-point: an open coil still cools the air that the hall comes to
        resistance = AIR_RESISTANCE_FRAC * power_of(speed, -AIR_EXPONENT)
        valve, e = 1.0, coil_heat_kw(
            1.0, flow_kw_per_k, 1.0, 0.0, water_kw_per_k, ua, resistance, AIR_RESISTANCE_FRAC, WATER_EXPONENT
        ) / flow_kw_per_k  # fmt: skip
    law_c, law_frac = (1.0 - e) * base_c + e * loop.supply_c + air.fan_k, (1.0 - e) * slope
    end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, law_c, law_frac, dt_h)
    if e > 0.0 and base_c + slope * return_c <= loop.supply_c:  # it would heat the air: the valve closes
        valve, e, law_c, law_frac = 0.0, 0.0, base_c + air.fan_k, slope
        end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, law_c, law_frac, dt_h)
    heat_kw = e * flow_kw_per_k * (base_c + slope * return_c - loop.supply_c)
    water_c = loop.supply_c + heat_kw / water_kw_per_k if e > 0.0 else loop.supply_c
    return 0.0, valve, water_c, heat_kw, end_c, solid_c, inlet_c, return_c, supply_c, law_c, law_frac


@compilable
def wet_trim(  # type: ignore[no-untyped-def]
    p, w, s, air, loop, units, base_c, slope, ratio, return_c, wanted_kw, valve, speed, dt_h
):
    """Coil that may condense in the place of a dry one which takes ``wanted_kw`` at ``valve``.

    Returns short (1: open and not enough, so that the hall takes another course), valve, sensible heat, water taken,
    leaving air; then end, solid, inlet, return and supply temperature, and the supply's line, as of a coil that is
    short. Without water taken the dry coil is right.
    """
    flow_kw_per_k, entering_c, heat_kw = air.flow_kw_per_k, base_c + slope * return_c, wanted_kw
    resistance = p.coil_air_resistance_frac * power_of(speed, -p.coil_air_exponent_ratio)
    dew_c, short, law_c, law_frac = dew_point_c(ratio, w.pressure_pa), 0.0, air.set_c, 0.0
    end_c, solid_c, inlet_c, supply_c, e_before = s.air_c, s.solid_c, s.air_c, s.supply_c, 0.0
    _, taken_kg_s, out_c, gain, surface_c = coil_at(
        p, w, loop, units, valve, flow_kw_per_k, entering_c, ratio, dew_c, resistance, 1.0, dew_c
    )
    if taken_kg_s > 0.0:  # the same water takes less sensible heat from moist air
        valve, _, taken_kg_s, out_c, gain, surface_c = valve_for(
            p, w, loop, units, wanted_kw, flow_kw_per_k, entering_c, ratio, dew_c, resistance, valve, gain, surface_c
        )
        short = 1.0 if valve >= 1.0 else 0.0
    for i in range(SHORT_PASSES if short > 0.5 else 0):
        before_c = return_c
        sensible_kw, taken_kg_s, out_c, gain, surface_c = coil_at(
            p, w, loop, units, 1.0, flow_kw_per_k, entering_c, ratio, dew_c, resistance, gain, surface_c
        )
        e = min(max(sensible_kw / (flow_kw_per_k * max(entering_c - loop.supply_c, 1e-6)), 0.0), 1.0)
        e = 0.5 * (e + e_before) if i >= DAMPED_FROM else e
        e_before = e
        law_c, law_frac = (1.0 - e) * base_c + e * loop.supply_c + air.fan_k, (1.0 - e) * slope
        end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, law_c, law_frac, dt_h)
        entering_c = base_c + slope * return_c
        heat_kw = e * flow_kw_per_k * (entering_c - loop.supply_c)
        if abs(return_c - before_c) < SETTLED_K:
            break
    return (short, valve, heat_kw, taken_kg_s, out_c, end_c, solid_c, inlet_c, return_c, supply_c, law_c,
            law_frac)  # fmt: skip


@compilable
def able_at(p, w, units, flow_kw_per_k, entering_c, ratio, speed):  # type: ignore[no-untyped-def]
    """Compressors that run all the time in entering air: sensible and whole capacity, water taken, leaving air."""
    if p.tracked > 0.5:
        able_kw, whole_kw, most_kg_s, out_c, _, _ = running_coil(
            p, w, units, flow_kw_per_k, entering_c, ratio, bypass_at_flow_frac(p.bypass_frac, speed), entering_c,
            entering_c)  # fmt: skip
        return able_kw, whole_kw, most_kg_s, out_c
    entering_wet_c = wet_bulb_c(entering_c, ratio, w.pressure_pa)
    _, able_kw, _ = dx_work(p, 0.0, entering_wet_c, w.dry_bulb_c, units * p.capacity_kw)
    return able_kw, able_kw, 0.0, entering_c


@compilable
def dx_at_capacity(  # type: ignore[no-untyped-def]
    p, w, s, air, units, base_c, slope, ratio, return_c, able_kw, speed, dt_h
):
    """Course of a hall whose compressors give all they can, by secants over the entering air (see crac.py)."""
    at_c, rise, heat_kw, flow_kw_per_k = base_c + slope * return_c, 0.0, able_kw, air.flow_kw_per_k
    end_c, solid_c, inlet_c, supply_c, law_c, law_frac = s.air_c, s.solid_c, s.air_c, s.supply_c, s.supply_c, 0.0
    for _ in range(PASSES):
        law_c = base_c + air.fan_k - (able_kw + rise * (base_c - at_c)) / flow_kw_per_k
        law_frac = slope * (1.0 - rise / flow_kw_per_k)
        end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, law_c, law_frac, dt_h)
        entering_c = base_c + slope * return_c
        heat_kw, step_k = able_kw + rise * (entering_c - at_c), entering_c - at_c
        if abs(step_k) < SETTLED_K:
            break
        next_kw, _, _, _ = able_at(p, w, units, flow_kw_per_k, entering_c, ratio, speed)
        rise = min(max((next_kw - able_kw) / step_k, 0.0), STEEPEST * flow_kw_per_k)
        at_c, able_kw = entering_c, next_kw
    return end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, law_c, law_frac
