"""Chilled-water coils in a hall whose moisture is tracked: condensate, its heat, and coils that are driven to dry."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from twin.compiled import compilable
from twin.components.air.crah import Crah, dry_cooling, give_to_loop
from twin.components.air.hall_air import hall_course, moisture_course, report, report_moisture, tell_removal
from twin.components.air.moisture import (
    MET_FRAC,
    OUTPUTS,
    REMOVAL,
    TRIALS,
    heat_and_moisture,
    latent_heat_kw,
    removal_to,
)
from twin.components.air.wet_coils import DAMPED_FROM, SETTLED_K, SHORT_PASSES, coil_at, valve_for
from twin.components.base import Fields, Ledger, Phase
from twin.physics.exchangers import power_of
from twin.physics.fluids import dew_point_c


@compilable
def wet_cooling(p, w, s, x, y, air, loop, units, how, ratio, dt_h):  # type: ignore[no-untyped-def]
    """As :func:`dry_cooling` with a coil that may condense: what it takes; the course, leaving air, reheat and its law.

    ``how``: the air side's resistance, and 1 where the valve is open, to dry, and reheat holds the supply air; else it
    opens for the sensible heat.
    """
    resistance, all_open = how
    flow_kw_per_k = air.flow_kw_per_k
    end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, valve, _, law_c, law_frac = dry_cooling(
        p, s, y, air, loop, units, resistance, dt_h
    )
    taken_kg_s, out_c, reheat_kw, gain = 0.0, return_c, 0.0, 1.0
    dew_c = dew_point_c(ratio, w.pressure_pa)
    surface_c = dew_c
    if valve > 0.0:
        _, taken_kg_s, out_c, gain, surface_c = coil_at(
            p, w, loop, units, valve, flow_kw_per_k, return_c, ratio, dew_c, resistance, gain, surface_c
        )
    if taken_kg_s > 0.0:  # the same water takes less sensible heat from moist air
        valve, _, taken_kg_s, out_c, gain, surface_c = valve_for(
            p, w, loop, units, heat_kw, flow_kw_per_k, return_c, ratio, dew_c, resistance, valve, gain, surface_c
        )
        e_before = 1.0 - law_frac
        for i in range(SHORT_PASSES if valve >= 1.0 else 0):
            before_c = return_c
            sensible_kw, taken_kg_s, out_c, gain, surface_c = coil_at(
                p, w, loop, units, 1.0, flow_kw_per_k, return_c, ratio, dew_c, resistance, gain, surface_c
            )
            e = min(max(sensible_kw / (flow_kw_per_k * max(return_c - loop.supply_c, 1e-6)), 0.0), 1.0)
            if i >= DAMPED_FROM:
                e = 0.5 * (e + e_before)
            e_before = e
            law_c, law_frac = e * loop.supply_c + air.fan_k, 1.0 - e
            end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, law_c, law_frac, dt_h)
            heat_kw = e * flow_kw_per_k * (return_c - loop.supply_c)
            if abs(return_c - before_c) < SETTLED_K:
                break
    if all_open > 0.5 and valve < 1.0:
        sensible_kw, taken_kg_s, out_c, gain, surface_c = coil_at(
            p, w, loop, units, 1.0, flow_kw_per_k, return_c, ratio, dew_c, resistance, gain, surface_c
        )
        valve, reheat_kw = 1.0, max(sensible_kw - heat_kw, 0.0)
    return taken_kg_s, (
        end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, valve, out_c, reheat_kw, law_c, law_frac)  # fmt: skip


@compilable
def open_to_dry(p, w, air, loop, units, return_c, resistance, ratio, heat_kw, valve, taken_kg_s, wanted_kg_s):  # type: ignore[no-untyped-def]
    """Mean valve, leaving air and reheat with so many units all open that all units take ``wanted_kg_s``.

    The others take what sensible heat is left; where none is left, they are shut and reheat holds the supply air. All
    coils are alike, so that a share of them does that share of what all do: the valve of the others states the share
    that is open, by the sensible heat, and with it the water. Its search, Illinois, runs from shut to the ``valve`` at
    which all units take ``taken_kg_s``, too little. The valve is above 1 where not even all units are enough.
    """
    flow_kw_per_k, dew_c = air.flow_kw_per_k, dew_point_c(ratio, w.pressure_pa)
    open_kw, open_kg_s, open_c, gain, surface_c = coil_at(
        p, w, loop, units, 1.0, flow_kw_per_k, return_c, ratio, dew_c, resistance, 1.0, dew_c
    )
    if open_kg_s < wanted_kg_s:
        return 2.0, open_c, 0.0
    driven = heat_kw / open_kw  # with the others shut
    miss_low, miss_high = driven * open_kg_s - wanted_kg_s, min(taken_kg_s - wanted_kg_s, -1e-12)
    if miss_low <= 0.0:
        driven = wanted_kg_s / open_kg_s
        return driven, open_c, max(driven * open_kw - heat_kw, 0.0)
    low, high, side, v, some_kg_s, some_c = 0.0, valve, 0.0, valve, 0.0, open_c
    for _ in range(TRIALS):
        v = (low * miss_high - high * miss_low) / (miss_high - miss_low)
        some_kw, some_kg_s, some_c, gain, surface_c = coil_at(
            p, w, loop, units, v, flow_kw_per_k, return_c, ratio, dew_c, resistance, gain, surface_c
        )
        driven = min(max((heat_kw - some_kw) / max(open_kw - some_kw, 1e-9 * open_kw), 0.0), 1.0)
        miss = driven * open_kg_s + (1.0 - driven) * some_kg_s - wanted_kg_s
        if abs(miss) <= MET_FRAC * wanted_kg_s:
            break
        if miss > 0.0:
            miss_high = 0.5 * miss_high if side > 0.0 else miss_high
            low, miss_low, side = v, miss, 1.0
        else:
            miss_low = 0.5 * miss_low if side < 0.0 else miss_low
            high, miss_high, side = v, miss, -1.0
    first_kg_s, second_kg_s = driven * open_kg_s, (1.0 - driven) * some_kg_s
    out_c = (first_kg_s * open_c + second_kg_s * some_c) / (first_kg_s + second_kg_s)
    return driven + (1.0 - driven) * v, out_c, 0.0


@compilable
def moist_cooling(p, w, s, x, y, air, loop, units, resistance, dt_h):  # type: ignore[no-untyped-def]
    """What :func:`heat_and_moisture` returns; where that is too moist, units are opened to end at the set-point.

    Water is then taken at a steady rate, and what the coils say of it differs by the search's tolerance.
    """
    as_needed = heat_and_moisture(wet_cooling, p, w, s, x, y, air, loop, units, (resistance, 0.0), dt_h)
    found, taken_kg_s, end_ratio, _ = as_needed
    end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, valve, _, _, law_c, law_frac = found
    if end_ratio <= (1.0 + MET_FRAC) * air.most_ratio or valve >= 1.0 or units <= 0.0 or air.flow_kw_per_k <= 1e-9:
        return as_needed
    wanted_kg_s = removal_to(p, s, air, air.most_ratio, dt_h)
    end_ratio, mean_ratio = moisture_course(
        p, s, air, air.outdoor_kg_s, air.outdoor_ratio, 0.0, 0.0, air.humidifier_kg_s - wanted_kg_s, dt_h
    )
    valve, out_c, reheat_kw = open_to_dry(
        p, w, air, loop, units, return_c, resistance, mean_ratio, heat_kw, valve, taken_kg_s, wanted_kg_s
    )
    if valve > 1.0:
        return heat_and_moisture(wet_cooling, p, w, s, x, y, air, loop, units, (resistance, 1.0), dt_h)
    dried = end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, valve, out_c, reheat_kw, law_c, law_frac
    return dried, wanted_kg_s, end_ratio, mean_ratio


@compilable
def moist_crah_step(p, u, w, s, x, y, air, loop, dt_h):  # type: ignore[no-untyped-def]
    """Hold the supply air by the water valve and the hall's humidity within its limits; the rest follows the coil."""
    units = p.units_count * u.availability_frac
    resistance = p.coil_air_resistance_frac * power_of(y.fan_speed_frac, -p.coil_air_exponent_ratio)
    found, y.condensate_kg_s, end_ratio, mean_ratio = moist_cooling(p, w, s, x, y, air, loop, units, resistance, dt_h)
    end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, valve, out_c, air.reheat_kw, law_c, law_frac = found
    y.coil_kw, y.latent_kw = heat_kw + air.reheat_kw, latent_heat_kw(y.condensate_kg_s, out_c)
    report(p, x, y, air, end_c, solid_c, inlet_c, return_c, supply_c, law_c, law_frac)
    report_moisture(x, y, air, end_ratio, mean_ratio, dew_point_c(mean_ratio, w.pressure_pa))
    tell_removal(air, y.condensate_kg_s, mean_ratio)
    water_c = loop.supply_c
    if valve > 0.0:
        water_c += (y.coil_kw + y.latent_kw) / (valve * units * p.water_kw_per_k * loop.flow_frac)
    give_to_loop(p, x, y, loop, units, resistance, valve, water_c, out_c, y.coil_kw + y.latent_kw)
    y.wet_coil = 1.0 if y.condensate_kg_s > 0.0 else 0.0


class MoistCrah(Crah):
    """The same handlers as the loop runs them in a hall whose moisture is tracked."""

    state: ClassVar[Fields] = {**Crah.state, **REMOVAL}
    outputs: ClassVar[Fields] = {**Crah.outputs, **OUTPUTS}
    ledger: ClassVar[Ledger] = dataclasses.replace(Crah.ledger, to_water=("coil_kw", "latent_kw"))
    phases: ClassVar[tuple[Phase, ...]] = (Crah.fans, Phase("load", moist_crah_step, ("air", "loop")))
