"""Chilled-water coils in a hall whose moisture is tracked: condensate, its heat, and coils that are driven to dry."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from twin.compiled import compilable
from twin.components.base import Fields, Ledger, Phase
from twin.components.crah import Crah, dry_cooling, give_to_loop
from twin.components.hall_air import hall_course, moisture_course, report, report_moisture
from twin.components.moisture import (
    LEAST_FRAC,
    MET_FRAC,
    MOST_PASSES,
    OUTPUTS,
    SETTLED_FRAC,
    TRIALS,
    humidifier_need,
    latent_heat_kw,
    removal_line,
    removal_to,
)
from twin.physics.exchangers import power_of
from twin.physics.fluids import dew_point_c
from twin.physics.moist_coils import coil_valve_for_sensible, cooling_coil
from twin.units import AIR_CP_KJ_KG_K, VAPOUR_CP_KJ_KG_K

SHORT_PASSES = 12  # bound of the search for the return air of wet coils that are all open; 3-5 are usual
SETTLED_K = 1e-7  # change of the return air that ends it


@compilable
def coil_at(p, w, loop, units, valve, flow_kw_per_k, return_c, ratio, resistance):  # type: ignore[no-untyped-def]
    """Sensible heat, condensate and leaving air of the coils at a valve, in return air of a humidity ratio."""
    ua = units * p.coil_kw_per_k
    ua_water = ua / (1.0 - p.coil_air_resistance_frac) * power_of(valve, p.coil_water_exponent_ratio)
    _, sensible_kw, taken_kg_s, out_c, _ = cooling_coil(
        flow_kw_per_k / (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * ratio), return_c, ratio, w.pressure_pa,
        valve * units * p.water_kw_per_k, loop.supply_c, ua / resistance, ua_water)  # fmt: skip
    return sensible_kw, taken_kg_s, out_c


@compilable
def valve_for(p, w, loop, units, heat_kw, flow_kw_per_k, return_c, ratio, resistance):  # type: ignore[no-untyped-def]
    """Valve at which coils that may condense take a sensible heat."""
    ua = units * p.coil_kw_per_k
    return coil_valve_for_sensible(
        heat_kw, flow_kw_per_k / (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * ratio), return_c, ratio, w.pressure_pa,
        units * p.water_kw_per_k, loop.supply_c, ua / resistance, ua / (1.0 - p.coil_air_resistance_frac),
        p.coil_water_exponent_ratio)  # fmt: skip


@compilable
def driven_coils(p, w, loop, units, flow_kw_per_k, return_c, resistance, ratio, heat_kw, driven):  # type: ignore[no-untyped-def]
    """Mean valve, what is taken, the air that leaves, and reheat, with a share ``driven`` of the units all open.

    The others take what sensible heat is left; where none is left, reheat holds the supply air.
    """
    rest = 1.0 - driven
    sensible_kw, taken_kg_s, out_c = coil_at(
        p, w, loop, driven * units, 1.0, driven * flow_kw_per_k, return_c, ratio, resistance
    )
    left_kw, valve, more_kg_s, rest_c = heat_kw - sensible_kw, 0.0, 0.0, out_c
    if left_kw > 0.0 and rest > 1e-9:
        valve = valve_for(p, w, loop, rest * units, left_kw, rest * flow_kw_per_k, return_c, ratio, resistance)
        _, more_kg_s, rest_c = coil_at(
            p, w, loop, rest * units, valve, rest * flow_kw_per_k, return_c, ratio, resistance
        )
    all_kg_s = taken_kg_s + more_kg_s
    if all_kg_s > 0.0:
        out_c = (taken_kg_s * out_c + more_kg_s * rest_c) / all_kg_s
    return driven + rest * valve, all_kg_s, out_c, max(-left_kw, 0.0)


@compilable
def wet_cooling(p, w, s, y, air, loop, units, resistance, ratio, driven, dt_h):  # type: ignore[no-untyped-def]
    """The same with a coil that may condense: also what it takes, the air that leaves it, and reheat.

    The valve opens for the sensible heat; of a share ``driven`` of the units it is all open, to dry.
    """
    flow_kw_per_k = air.flow_kw_per_k
    end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, valve, _, law_c, law_frac = dry_cooling(
        p, s, y, air, loop, units, resistance, dt_h
    )
    taken_kg_s, out_c, reheat_kw = 0.0, return_c, 0.0
    if valve > 0.0:
        _, taken_kg_s, out_c = coil_at(p, w, loop, units, valve, flow_kw_per_k, return_c, ratio, resistance)
    if taken_kg_s > 0.0:  # the same water takes less sensible heat from moist air
        valve = valve_for(p, w, loop, units, heat_kw, flow_kw_per_k, return_c, ratio, resistance)
        for _ in range(SHORT_PASSES if valve >= 1.0 else 0):
            before_c = return_c
            sensible_kw, _, _ = coil_at(p, w, loop, units, 1.0, flow_kw_per_k, return_c, ratio, resistance)
            e = sensible_kw / (flow_kw_per_k * max(return_c - loop.supply_c, 1e-6))
            law_c, law_frac = e * loop.supply_c + air.fan_k, 1.0 - e
            end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, law_c, law_frac, dt_h)
            heat_kw = e * flow_kw_per_k * (return_c - loop.supply_c)
            if abs(return_c - before_c) < SETTLED_K:
                break
        _, taken_kg_s, out_c = coil_at(p, w, loop, units, valve, flow_kw_per_k, return_c, ratio, resistance)
    if driven > 0.0 and valve < 1.0:
        valve, taken_kg_s, out_c, reheat_kw = driven_coils(
            p, w, loop, units, flow_kw_per_k, return_c, resistance, ratio, heat_kw, driven
        )
    return (end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, valve, taken_kg_s, out_c, reheat_kw, law_c,
            law_frac)  # fmt: skip


@compilable
def moist_course(p, w, s, y, air, loop, units, resistance, driven, dt_h):  # type: ignore[no-untyped-def]
    """Heat and moisture of the hall together: the mean humidity at which coils take what the hall loses to them.

    As :func:`wet_cooling`, then the humidity ratio at the end and its mean. What coils have taken is what the hall's
    course says, so that water balances to rounding; the coils' own answer differs by the search's tolerance.
    """
    slope_kg_s, surface_ratio, taken_before, mean_before = 0.0, 0.0, 0.0, 0.0
    air_kg_s = air.flow_kw_per_k / (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * s.humidity_kg_kg)
    for i in range(MOST_PASSES):
        given_kg_s = humidifier_need(p, s, air, slope_kg_s, surface_ratio, dt_h)
        air.humidifier_kg_s = given_kg_s
        air.moistening_kw = given_kg_s * air.moistening_kj_kg
        end_ratio, mean_ratio = moisture_course(
            p, s, air.outdoor_kg_s, air.outdoor_ratio, slope_kg_s, surface_ratio, given_kg_s, dt_h
        )
        booked_kg_s = slope_kg_s * (mean_ratio - surface_ratio)
        (end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, valve, taken_kg_s, out_c, reheat_kw, law_c, law_frac) = (
            wet_cooling(p, w, s, y, air, loop, units, resistance, mean_ratio, driven, dt_h)
        )
        if abs(taken_kg_s - booked_kg_s) <= SETTLED_FRAC * taken_kg_s + LEAST_FRAC * air_kg_s:
            break
        slope_kg_s, surface_ratio = removal_line(
            taken_kg_s, mean_ratio, taken_before, mean_before, air_kg_s, 1.0 if i == 0 else 0.0
        )
        taken_before, mean_before = taken_kg_s, mean_ratio
    if booked_kg_s < 0.0:  # by less than the search's tolerance: a coil gives no water
        booked_kg_s = 0.0
        end_ratio, mean_ratio = moisture_course(p, s, air.outdoor_kg_s, air.outdoor_ratio, 0.0, 0.0, given_kg_s, dt_h)
    return (end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, valve, booked_kg_s, out_c, reheat_kw, end_ratio,
            mean_ratio, law_c, law_frac)  # fmt: skip


@compilable
def share_to_dry(p, w, air, loop, units, flow_kw_per_k, return_c, resistance, ratio, heat_kw, taken_kg_s, wanted_kg_s):  # type: ignore[no-untyped-def]
    """Share of the units to open so that all take ``wanted_kg_s``, and what :func:`driven_coils` says of it; Illinois.

    Above 1 where not even all of them do: then the rest is of no account.
    """
    found = driven_coils(p, w, loop, units, flow_kw_per_k, return_c, resistance, ratio, heat_kw, 1.0)
    low, high, side = 0.0, 1.0, 0.0
    f_low, f_high = min(taken_kg_s - wanted_kg_s, -1e-12), found[1] - wanted_kg_s
    if f_high < 0.0:
        return 2.0, found
    driven = 1.0
    for _ in range(TRIALS):
        driven = (low * f_high - high * f_low) / (f_high - f_low)
        found = driven_coils(p, w, loop, units, flow_kw_per_k, return_c, resistance, ratio, heat_kw, driven)
        miss = found[1] - wanted_kg_s
        if abs(miss) <= MET_FRAC * wanted_kg_s:
            break
        if miss < 0.0:
            f_high = 0.5 * f_high if side > 0.0 else f_high
            low, f_low, side = driven, miss, 1.0
        else:
            f_low = 0.5 * f_low if side < 0.0 else f_low
            high, f_high, side = driven, miss, -1.0
    return driven, found


@compilable
def moist_cooling(p, w, s, y, air, loop, units, resistance, dt_h):  # type: ignore[no-untyped-def]
    """As :func:`moist_course`; where that leaves air too moist, units are opened until the step ends at the set-point.

    Water is then taken at a steady rate, and what the coils say of it differs by the search's tolerance.
    """
    found = moist_course(p, w, s, y, air, loop, units, resistance, 0.0, dt_h)
    end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, valve, taken_kg_s, _, _, end_ratio, _, law_c, law_frac = found
    if end_ratio <= (1.0 + MET_FRAC) * air.most_ratio or valve >= 1.0 or units <= 0.0 or air.flow_kw_per_k <= 1e-9:
        return found
    wanted_kg_s = removal_to(p, s, air, air.most_ratio, dt_h)
    end_ratio, mean_ratio = moisture_course(
        p, s, air.outdoor_kg_s, air.outdoor_ratio, 0.0, 0.0, air.humidifier_kg_s - wanted_kg_s, dt_h
    )
    driven, (valve, _, out_c, reheat_kw) = share_to_dry(
        p, w, air, loop, units, air.flow_kw_per_k, return_c, resistance, mean_ratio, heat_kw, taken_kg_s, wanted_kg_s
    )
    if driven > 1.0:
        return moist_course(p, w, s, y, air, loop, units, resistance, 1.0, dt_h)
    return (end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, valve, wanted_kg_s, out_c, reheat_kw, end_ratio,
            mean_ratio, law_c, law_frac)  # fmt: skip


@compilable
def moist_crah_step(p, u, w, s, x, y, air, loop, dt_h):  # type: ignore[no-untyped-def]
    """Hold the supply air by the water valve and the hall's humidity within its limits; the rest follows the coil."""
    units = p.units_count * u.availability_frac
    resistance = p.coil_air_resistance_frac * power_of(y.fan_speed_frac, -p.coil_air_exponent_ratio)
    (end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, valve, y.condensate_kg_s, out_c, air.reheat_kw, end_ratio,
     mean_ratio, law_c, law_frac) = moist_cooling(
        p, w, s, y, air, loop, units, resistance, dt_h)  # fmt: skip
    y.coil_kw, y.latent_kw = heat_kw + air.reheat_kw, latent_heat_kw(y.condensate_kg_s, out_c)
    report(p, x, y, air, end_c, solid_c, inlet_c, return_c, supply_c, law_c, law_frac)
    report_moisture(x, y, air, end_ratio, mean_ratio, dew_point_c(mean_ratio, w.pressure_pa))
    water_c = loop.supply_c
    if valve > 0.0:
        water_c += (y.coil_kw + y.latent_kw) / (valve * units * p.water_kw_per_k)
    give_to_loop(p, x, y, loop, units, resistance, valve, water_c, out_c, y.coil_kw + y.latent_kw)
    y.wet_coil = 1.0 if y.condensate_kg_s > 0.0 else 0.0


class MoistCrah(Crah):
    """The same handlers as the loop runs them in a hall whose moisture is tracked."""

    outputs: ClassVar[Fields] = {**Crah.outputs, **OUTPUTS}
    ledger: ClassVar[Ledger] = dataclasses.replace(Crah.ledger, to_water=("coil_kw", "latent_kw"))
    phases: ClassVar[tuple[Phase, ...]] = (Crah.fans, Phase("load", moist_crah_step, ("air", "loop")))
