"""Direct-expansion coils in a hall whose moisture is tracked: their latent capacity, condensate, and drying.

A running coil has its full capacity and air, so that apparatus dew point and bypass factor give the sensible share of
its heat; compressors that run for a part of the step take the same share of both. Pumped refrigerant keeps coils dry.
"""

from __future__ import annotations

from typing import ClassVar

from twin.compiled import compilable
from twin.components.air.crac import PASSES, SETTLED_K, STEEPEST, Crac, dx_work, pumped
from twin.components.air.hall_air import hall_course, moisture_course, report, report_moisture, tell_removal
from twin.components.air.moisture import (
    MET_FRAC,
    MOST_PASSES,
    OUTPUTS,
    REMOVAL,
    heat_and_moisture,
    latent_heat_kw,
    removal_to,
)
from twin.components.air.wet_coils import running_coil
from twin.components.base import Fields, Phase
from twin.physics.fluids import dew_point_c
from twin.physics.moist_coils import bypass_at_flow_frac


@compilable
def at_sensible_capacity(p, w, s, y, air, units, return_c, ratio, bypass, coil, dt_h):  # type: ignore[no-untyped-def]
    """Course of a hall whose units run all the time, and the sensible heat they take: by secants, as for dry coils."""
    flow_kw_per_k = air.flow_kw_per_k
    able_kw, _, _, _, bulb_c, surface_c = coil
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
        next_kw, _, _, _, bulb_c, surface_c = running_coil(
            p, w, units, flow_kw_per_k, return_c, ratio, bypass, bulb_c, surface_c
        )
        slope = min(max((next_kw - able_kw) / step_k, 0.0), STEEPEST * flow_kw_per_k)
        at_c, able_kw = return_c, next_kw
    return end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, law_c, law_frac


@compilable
def dx_course(p, w, s, x, y, air, _loop, units, bypass, ratio, dt_h):  # type: ignore[no-untyped-def]
    """Water taken; the course, heat, free heat, its pumps, circuits left, its law, running time; the running coils.

    The coils' wet bulb and surface are sought from those in ``x``, and left there.
    """
    flow_kw_per_k, law_c, law_frac = air.flow_kw_per_k, air.set_c, 0.0
    end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, law_c, law_frac, dt_h)
    heat_kw = flow_kw_per_k * (return_c - air.set_c) + y.fan_kw
    coil = running_coil(p, w, units, flow_kw_per_k, return_c, ratio, bypass, x.wet_bulb_c, x.surface_c)
    able_kw, at_c = coil[0], return_c
    free_kw, pump_kw, circuits = pumped(p, heat_kw, return_c, w.dry_bulb_c, units, able_kw)
    if heat_kw < 0.0 and flow_kw_per_k > 1e-9:  # colder than the set-point: the air only goes round
        heat_kw, law_c, law_frac = 0.0, air.fan_k, 1.0
        end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, law_c, law_frac, dt_h)
    elif heat_kw - free_kw > able_kw and flow_kw_per_k > 1e-9:
        free_kw, pump_kw, circuits = 0.0, 0.0, 1.0
        end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, law_c, law_frac = at_sensible_capacity(
            p, w, s, y, air, units, return_c, ratio, bypass, coil, dt_h
        )
    if return_c != at_c:
        coil = running_coil(p, w, units, flow_kw_per_k, return_c, ratio, bypass, coil[4], coil[5])
    sensible_kw, _, most_kg_s, _, x.wet_bulb_c, x.surface_c = coil
    runs = min(max(heat_kw - free_kw, 0.0) / max(sensible_kw, 1e-9), 1.0)
    return runs * most_kg_s, (
        end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, free_kw, pump_kw, circuits, law_c, law_frac, runs,
        coil)  # fmt: skip


@compilable
def longer_runs(p, w, s, air, units, flow_kw_per_k, return_c, runs, end_ratio, mean_ratio, bypass, coil, dt_h):  # type: ignore[no-untyped-def]
    """Running time with which the step ends at the set-point, at most all of it; water taken, the course, the coils.

    Only whole units without pumped refrigerant are driven; a running coil takes water in proportion to its time.
    """
    wanted_kg_s = removal_to(p, s, air, air.most_ratio, dt_h)
    for _ in range(MOST_PASSES):
        end_ratio, mean_ratio = moisture_course(
            p, s, air, air.outdoor_kg_s, air.outdoor_ratio, 0.0, 0.0, air.humidifier_kg_s - wanted_kg_s, dt_h
        )
        coil = running_coil(p, w, units, flow_kw_per_k, return_c, mean_ratio, bypass, coil[4], coil[5])
        most_kg_s = coil[2]
        if wanted_kg_s <= (1.0 + MET_FRAC) * most_kg_s:
            break
        wanted_kg_s = 0.5 * (wanted_kg_s + most_kg_s)  # all of the time is not enough: less is taken, moister air
    driven = min(max(wanted_kg_s / max(most_kg_s, 1e-12), runs), 1.0)
    return driven, wanted_kg_s, end_ratio, mean_ratio, coil


@compilable
def moist_crac_step(p, u, w, s, x, y, air, dt_h):  # type: ignore[no-untyped-def]
    """Hold the supply air and the hall's humidity by the compressors' running time, and reheat where they disagree."""
    flow_kw_per_k = air.flow_kw_per_k
    units = p.units_count * u.availability_frac
    bypass = bypass_at_flow_frac(p.bypass_frac, y.fan_speed_frac)
    x.wet_bulb_c, x.surface_c = s.wet_bulb_c, s.surface_c
    found, y.condensate_kg_s, end_ratio, mean_ratio = heat_and_moisture(  # no water: the air stands for a loop
        dx_course, p, w, s, x, y, air, air, units, bypass, dt_h
    )
    (end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, free_kw, y.pump_kw, circuits, law_c, law_frac, runs,
     coil) = found  # fmt: skip
    driven = runs
    if end_ratio > (1.0 + MET_FRAC) * air.most_ratio and free_kw <= 0.0 and runs < 1.0 and flow_kw_per_k > 1e-9:
        driven, y.condensate_kg_s, end_ratio, mean_ratio, coil = longer_runs(
            p, w, s, air, units, flow_kw_per_k, return_c, runs, end_ratio, mean_ratio, bypass, coil, dt_h
        )
    sensible_kw, able_kw, _, out_c, entering_c, _ = coil
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
    tell_removal(air, y.condensate_kg_s, mean_ratio)
    y.wet_coil = y.wet_running = 1.0 if y.condensate_kg_s > 0.0 else 0.0


class MoistCrac(Crac):
    """The same units as the loop runs them in a hall whose moisture is tracked."""

    state: ClassVar[Fields] = {
        **Crac.state, **REMOVAL, "wet_bulb_c": "Wet bulb that entered the coils, from which the next is sought",
        "surface_c": "Apparatus dew point, likewise",
    }  # fmt: skip
    outputs: ClassVar[Fields] = {**Crac.outputs, **OUTPUTS}
    phases: ClassVar[tuple[Phase, ...]] = (Crac.fans, Phase("load", moist_crac_step, ("air",)))
