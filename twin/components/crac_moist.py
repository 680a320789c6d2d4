"""Direct-expansion coils in a hall whose moisture is tracked: their latent capacity, condensate, and drying.

A running coil has its full capacity and air, so that apparatus dew point and bypass factor give the sensible share of
its heat; compressors that run for a part of the step take the same share of both. Pumped refrigerant keeps coils dry.
"""

from __future__ import annotations

from typing import ClassVar

from twin.compiled import compilable
from twin.components.base import Fields, Phase
from twin.components.crac import PASSES, SETTLED_K, STEEPEST, Crac, able_at, dx_work, pumped
from twin.components.hall_air import hall_course, moisture_course, report, report_moisture
from twin.components.moisture import (
    LEAST_FRAC,
    MET_FRAC,
    MOST_PASSES,
    OUTPUTS,
    SETTLED_FRAC,
    humidifier_need,
    latent_heat_kw,
    removal_line,
    removal_to,
)
from twin.physics.fluids import dew_point_c
from twin.physics.moist_coils import bypass_at_flow_frac, coil_outlet
from twin.units import AIR_CP_KJ_KG_K, VAPOUR_CP_KJ_KG_K


@compilable
def running_coil(p, w, y, units, flow_kw_per_k, return_c, ratio):  # type: ignore[no-untyped-def]
    """Coils that run all the time: sensible and whole capacity, entering wet bulb, water taken, air that leaves."""
    able_kw, entering_c = able_at(p, w, units, return_c, ratio)
    if flow_kw_per_k <= 1e-9:
        return able_kw, able_kw, entering_c, 0.0, return_c
    air_kg_s = flow_kw_per_k / (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * ratio)
    bypass = bypass_at_flow_frac(p.bypass_frac, y.fan_speed_frac)
    out_c, out_ratio, sensible_frac = coil_outlet(able_kw / air_kg_s, return_c, ratio, bypass, w.pressure_pa)
    return able_kw * sensible_frac, able_kw, entering_c, air_kg_s * (ratio - out_ratio), out_c


@compilable
def at_sensible_capacity(p, w, s, y, air, units, return_c, ratio, dt_h):  # type: ignore[no-untyped-def]
    """Course of a hall whose units run all the time, and the sensible heat they take: by secants, as for dry coils."""
    flow_kw_per_k = air.flow_kw_per_k
    able_kw, _, _, _, _ = running_coil(p, w, y, units, flow_kw_per_k, return_c, ratio)
    law_c, law_frac = s.supply_c, 0.0
    at_c, slope, heat_kw = return_c, 0.0, able_kw
    end_c, solid_c, inlet_c, supply_c = s.air_c, s.solid_c, s.air_c, s.supply_c
    for _ in range(PASSES):
        law_c, law_frac = (y.fan_kw - able_kw + slope * at_c) / flow_kw_per_k, 1.0 - slope / flow_kw_per_k
        end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, law_c, law_frac, dt_h)
        heat_kw = able_kw + slope * (return_c - at_c)
        step_k = return_c - at_c
        if abs(step_k) < SETTLED_K:
            break
        next_kw, _, _, _, _ = running_coil(p, w, y, units, flow_kw_per_k, return_c, ratio)
        slope = min(max((next_kw - able_kw) / step_k, 0.0), STEEPEST * flow_kw_per_k)
        at_c, able_kw = return_c, next_kw
    return end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, law_c, law_frac


@compilable
def dx_course(p, w, s, y, air, units, ratio, dt_h):  # type: ignore[no-untyped-def]
    """Air and solid at the end, mean inlet, return, supply; sensible heat; free heat, its pumps, circuits left."""
    flow_kw_per_k, law_c, law_frac = air.flow_kw_per_k, air.set_c, 0.0
    end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, law_c, law_frac, dt_h)
    heat_kw = flow_kw_per_k * (return_c - air.set_c) + y.fan_kw
    able_kw, _, _, _, _ = running_coil(p, w, y, units, flow_kw_per_k, return_c, ratio)
    free_kw, pump_kw, circuits = pumped(p, heat_kw, return_c, w.dry_bulb_c, units, able_kw)
    if heat_kw < 0.0 and flow_kw_per_k > 1e-9:  # colder than the set-point: the air only goes round
        heat_kw, law_c, law_frac = 0.0, air.fan_k, 1.0
        end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, law_c, law_frac, dt_h)
    elif heat_kw - free_kw > able_kw and flow_kw_per_k > 1e-9:
        free_kw, pump_kw, circuits = 0.0, 0.0, 1.0
        end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, law_c, law_frac = at_sensible_capacity(
            p, w, s, y, air, units, return_c, ratio, dt_h
        )
    return end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, free_kw, pump_kw, circuits, law_c, law_frac


@compilable
def moist_dx(p, w, s, y, air, units, dt_h):  # type: ignore[no-untyped-def]
    """Heat and moisture of the hall together, and the share of the step that the compressors run.

    As :func:`dx_course`, then running time, water taken, and the humidity ratio at the end and its mean.
    """
    flow_kw_per_k = air.flow_kw_per_k
    slope_kg_s, surface_ratio, taken_before, mean_before = 0.0, 0.0, 0.0, 0.0
    air_kg_s = flow_kw_per_k / (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * s.humidity_kg_kg)
    for i in range(MOST_PASSES):
        given_kg_s = humidifier_need(p, s, air, slope_kg_s, surface_ratio, dt_h)
        air.humidifier_kg_s = given_kg_s
        air.moistening_kw = given_kg_s * air.moistening_kj_kg
        end_ratio, mean_ratio = moisture_course(
            p, s, air.outdoor_kg_s, air.outdoor_ratio, slope_kg_s, surface_ratio, given_kg_s, dt_h
        )
        booked_kg_s = slope_kg_s * (mean_ratio - surface_ratio)
        end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, free_kw, pump_kw, circuits, law_c, law_frac = dx_course(
            p, w, s, y, air, units, mean_ratio, dt_h
        )
        able_kw, _, _, most_kg_s, _ = running_coil(p, w, y, units, flow_kw_per_k, return_c, mean_ratio)
        runs = min(max(heat_kw - free_kw, 0.0) / max(able_kw, 1e-9), 1.0)
        taken_kg_s = runs * most_kg_s
        if abs(taken_kg_s - booked_kg_s) <= SETTLED_FRAC * taken_kg_s + LEAST_FRAC * air_kg_s:
            break
        slope_kg_s, surface_ratio = removal_line(
            taken_kg_s, mean_ratio, taken_before, mean_before, air_kg_s, 1.0 if i == 0 else 0.0
        )
        taken_before, mean_before = taken_kg_s, mean_ratio
    if booked_kg_s < 0.0:  # by less than the search's tolerance: a coil gives no water
        booked_kg_s = 0.0
        end_ratio, mean_ratio = moisture_course(p, s, air.outdoor_kg_s, air.outdoor_ratio, 0.0, 0.0, given_kg_s, dt_h)
    return (end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, free_kw, pump_kw, circuits, runs, booked_kg_s,
            end_ratio, mean_ratio, law_c, law_frac)  # fmt: skip


@compilable
def longer_runs(p, w, s, y, air, units, flow_kw_per_k, return_c, runs, taken_kg_s, end_ratio, mean_ratio, dt_h):  # type: ignore[no-untyped-def]
    """Running time with which the step ends at the set-point, at most all of it; water taken and the course then.

    Only whole units without pumped refrigerant are driven; a running coil takes water in proportion to its time.
    """
    wanted_kg_s = removal_to(p, s, air, air.most_ratio, dt_h)
    for _ in range(MOST_PASSES):
        end_ratio, mean_ratio = moisture_course(
            p, s, air.outdoor_kg_s, air.outdoor_ratio, 0.0, 0.0, air.humidifier_kg_s - wanted_kg_s, dt_h
        )
        _, _, _, most_kg_s, _ = running_coil(p, w, y, units, flow_kw_per_k, return_c, mean_ratio)
        if wanted_kg_s <= (1.0 + MET_FRAC) * most_kg_s:
            break
        wanted_kg_s = 0.5 * (wanted_kg_s + most_kg_s)  # all of the time is not enough: less is taken, moister air
    return min(max(wanted_kg_s / max(most_kg_s, 1e-12), runs), 1.0), wanted_kg_s, end_ratio, mean_ratio


@compilable
def moist_crac_step(p, u, w, s, x, y, air, dt_h):  # type: ignore[no-untyped-def]
    """Hold the supply air and the hall's humidity by the compressors' running time, and reheat where they disagree."""
    flow_kw_per_k = air.flow_kw_per_k
    units = p.units_count * u.availability_frac
    (end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, free_kw, y.pump_kw, circuits, runs, y.condensate_kg_s,
     end_ratio, mean_ratio, law_c, law_frac) = moist_dx(p, w, s, y, air, units, dt_h)  # fmt: skip
    driven = runs
    if end_ratio > (1.0 + MET_FRAC) * air.most_ratio and free_kw <= 0.0 and runs < 1.0 and flow_kw_per_k > 1e-9:
        driven, y.condensate_kg_s, end_ratio, mean_ratio = longer_runs(
            p, w, s, y, air, units, flow_kw_per_k, return_c, runs, y.condensate_kg_s, end_ratio, mean_ratio, dt_h
        )
    sensible_kw, able_kw, entering_c, _, out_c = running_coil(p, w, y, units, flow_kw_per_k, return_c, mean_ratio)
    air.reheat_kw = (driven - runs) * sensible_kw
    y.coil_kw, y.latent_kw = heat_kw + air.reheat_kw, latent_heat_kw(y.condensate_kg_s, out_c)
    y.capacity_kw, y.free_kw = able_kw * circuits, free_kw
    y.compressor_kw, _, y.clamped_count = dx_work(
        p, min(y.coil_kw + y.latent_kw - free_kw, y.capacity_kw), entering_c, w.dry_bulb_c,
        units * p.capacity_kw * circuits)  # fmt: skip
    y.power_kw = y.fan_kw + y.compressor_kw + y.pump_kw
    y.outdoors_kw = y.coil_kw + y.latent_kw + y.compressor_kw + y.pump_kw
    y.free_mode = 1.0 if free_kw > 0.0 and free_kw >= heat_kw else 0.0
    y.partial_mode = 1.0 if free_kw > 0.0 and free_kw < heat_kw else 0.0
    report(p, x, y, air, end_c, solid_c, inlet_c, return_c, supply_c, law_c, law_frac)
    report_moisture(x, y, air, end_ratio, mean_ratio, dew_point_c(mean_ratio, w.pressure_pa))
    y.wet_coil = 1.0 if y.condensate_kg_s > 0.0 else 0.0


class MoistCrac(Crac):
    """The same units as the loop runs them in a hall whose moisture is tracked."""

    outputs: ClassVar[Fields] = {**Crac.outputs, **OUTPUTS}
    phases: ClassVar[tuple[Phase, ...]] = (Crac.fans, Phase("load", moist_crac_step, ("air",)))
