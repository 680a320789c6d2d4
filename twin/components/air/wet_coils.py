"""Coils that may condense, as handlers, air conditioners and trims have them: all units at one state of the air."""

from __future__ import annotations

from twin.compiled import compilable
from twin.components.air.crac import dx_work
from twin.physics.exchangers import power_of
from twin.physics.fluids import wet_bulb_near_c
from twin.physics.moist_coils import coil_near, coil_outlet_near, valve_near
from twin.units import AIR_CP_KJ_KG_K, VAPOUR_CP_KJ_KG_K

SHORT_PASSES = 12  # bound of the search for the return air of wet coils that are all open; 3-5 are usual
DAMPED_FROM = 5  # passes after which only half a change is made: far too much air answers it by more than itself
SETTLED_K = 1e-7  # change of the return air that ends it


@compilable
def coil_at(p, w, loop, units, valve, flow_kw_per_k, return_c, ratio, dew_c, resistance, gain, surface_c):  # type: ignore[no-untyped-def]
    """Sensible heat, condensate and leaving air of the coils at a valve, in return air of a humidity ratio; hints."""
    ua = units * p.coil_kw_per_k
    ua_water = ua / (1.0 - p.coil_air_resistance_frac) * power_of(valve, p.coil_water_exponent_ratio)
    _, sensible_kw, taken_kg_s, out_c, _, gain, surface_c = coil_near(
        flow_kw_per_k / (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * ratio), return_c, ratio, dew_c, w.pressure_pa,
        valve * units * p.water_kw_per_k, loop.supply_c, ua / resistance, ua_water, gain, surface_c)  # fmt: skip
    return sensible_kw, taken_kg_s, out_c, gain, surface_c


@compilable
def valve_for(p, w, loop, units, heat_kw, flow_kw_per_k, return_c, ratio, dew_c, resistance, valve, gain, surface_c):  # type: ignore[no-untyped-def]
    """Valve at which coils that may condense take a sensible heat, sought from one nearby; and what they do then."""
    ua = units * p.coil_kw_per_k
    return valve_near(
        heat_kw, flow_kw_per_k / (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * ratio), return_c, ratio, dew_c, w.pressure_pa,
        units * p.water_kw_per_k, loop.supply_c, ua / resistance, ua / (1.0 - p.coil_air_resistance_frac),
        p.coil_water_exponent_ratio, valve, gain, surface_c)  # fmt: skip


@compilable
def running_coil(p, w, units, flow_kw_per_k, return_c, ratio, bypass, bulb_c, surface_c):  # type: ignore[no-untyped-def]
    """Coils that run all the time: sensible and whole capacity, water taken, air that leaves, wet bulb and surface.

    The entering wet bulb and the apparatus dew point are sought from those of air that was much the same.
    """
    bulb_c = wet_bulb_near_c(return_c, ratio, w.pressure_pa, bulb_c)
    _, able_kw, _ = dx_work(p, 0.0, bulb_c, w.dry_bulb_c, units * p.capacity_kw)
    if flow_kw_per_k <= 1e-9:
        return able_kw, able_kw, 0.0, return_c, bulb_c, surface_c
    air_kg_s = flow_kw_per_k / (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * ratio)
    out_c, out_ratio, sensible_frac, surface_c = coil_outlet_near(
        able_kw / air_kg_s, return_c, ratio, bypass, w.pressure_pa, surface_c
    )
    return able_kw * sensible_frac, able_kw, air_kg_s * (ratio - out_ratio), out_c, bulb_c, surface_c
