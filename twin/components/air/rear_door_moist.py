"""Rear doors in a hall whose moisture is tracked: their coils condense, as those of air handlers do.

Doors come before the handlers of a step. They reckon the moisture of the hall with the handlers' removal of the last
step, and leave their own removal as a line over the hall's humidity, with which the handlers then reckon. What the
doors have taken is what the hall's course says of that line; its heat beyond what the plant was given waits a step.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from twin.compiled import compilable
from twin.components.air.moisture import (
    MOST_PASSES,
    NO_TRIAL,
    OUTPUTS,
    REMOVAL,
    agree,
    latent_heat_kw,
    next_line,
    trial,
)
from twin.components.air.rear_door import (
    RearDoor,
    by_handlers,
    doors_in_service,
    doors_observe,
    give_to_plant,
    open_doors,
    settle,
)
from twin.components.air.wet_coils import DAMPED_FROM, SETTLED_K, SHORT_PASSES
from twin.components.base import Fields, Ledger, Phase
from twin.physics.exchangers import power_of
from twin.physics.fluids import dew_point_c
from twin.physics.moist_coils import coil_near, valve_near
from twin.units import AIR_CP_KJ_KG_K, VAPOUR_CP_KJ_KG_K


@compilable
def wet_settle(p, w, s, y, air, loop, share, doors, ratio, law_c, law_frac, dt_h):  # type: ignore[no-untyped-def]
    """As :func:`settle` with coils that may condense in air of a humidity ratio; then water taken, and air that leaves.

    The valve opens for the sensible heat; where an open coil is not enough, the racks' air follows it.
    """
    valve, heat_kw, return_c, supply_c = settle(p, w, s, y, air, loop, share, doors, law_c, law_frac, dt_h)
    if valve <= 0.0:
        return valve, heat_kw, return_c, supply_c, 0.0, air.exhaust_c
    air_kw_per_k, water_kw_per_k = share * air.rack_kw_per_k, doors * p.water_kw_per_k * loop.flow_frac
    air_kg_s = air_kw_per_k / (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * ratio)
    air_frac = air_kw_per_k / (doors * p.air_kw_per_k)
    ua_air = doors * p.coil_kw_per_k / (p.air_resistance_frac * power_of(air_frac, -p.air_exponent_ratio))
    ua_water = doors * p.coil_kw_per_k / (1.0 - p.air_resistance_frac)
    dew_c = dew_point_c(ratio, w.pressure_pa)
    _, _, taken_kg_s, out_c, _, gain, surface_c = coil_near(
        air_kg_s, air.exhaust_c, ratio, dew_c, w.pressure_pa, valve * water_kw_per_k, y.water_c, ua_air,
        ua_water * power_of(valve, p.water_exponent_ratio), 1.0, dew_c)  # fmt: skip
    if taken_kg_s <= 0.0:
        return valve, heat_kw, return_c, supply_c, 0.0, out_c
    # the same water takes less sensible heat from moist air
    valve, _, taken_kg_s, out_c, gain, surface_c = valve_near(
        heat_kw, air_kg_s, air.exhaust_c, ratio, dew_c, w.pressure_pa, water_kw_per_k, y.water_c, ua_air, ua_water,
        p.water_exponent_ratio, valve, gain, surface_c)  # fmt: skip
    before_kw_per_k = air_kw_per_k
    for i in range(SHORT_PASSES if valve >= 1.0 else 0):
        before_c = air.exhaust_c
        _, sensible_kw, taken_kg_s, out_c, _, gain, surface_c = coil_near(
            air_kg_s, before_c, ratio, dew_c, w.pressure_pa, water_kw_per_k, y.water_c, ua_air, ua_water, gain,
            surface_c)  # fmt: skip
        per_k = min(max(sensible_kw / max(before_c - y.water_c, 1e-6), 0.0), air_kw_per_k)
        per_k = 0.5 * (per_k + before_kw_per_k) if i >= DAMPED_FROM else per_k
        before_kw_per_k = per_k
        heat_kw, return_c, supply_c = open_doors(p, y, air, per_k, law_c, law_frac, dt_h)
        if abs(air.exhaust_c - before_c) < SETTLED_K:
            break
    return valve, heat_kw, return_c, supply_c, taken_kg_s, out_c


@compilable
def moist_settle(p, w, s, y, air, loop, share, doors, law_c, law_frac, dt_h):  # type: ignore[no-untyped-def]
    """As :func:`settle`, heat and moisture together; then the heat of the water that the doors should take.

    The mean humidity at which coils take what the hall loses to them, from the removal of the last step on. The doors'
    line stays in ``air``.
    """
    slope_kg_s, surface_ratio, taken_before, mean_before = s.removal_kg_s, s.removal_ratio, 0.0, 0.0
    first, begun = 1.0, 0 if s.removal_kg_s > 0.0 else NO_TRIAL
    air_kg_s = share * air.rack_kw_per_k / (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * s.humidity_kg_kg)
    for i in range(MOST_PASSES):
        air.door_kg_s, air.door_ratio = slope_kg_s, surface_ratio
        _, mean_ratio, _ = trial(p, s, air, s.coil_kg_s, s.coil_ratio, dt_h)
        valve, heat_kw, return_c, supply_c, taken_kg_s, out_c = wet_settle(
            p, w, s, y, air, loop, share, doors, mean_ratio, law_c, law_frac, dt_h
        )
        if agree(taken_kg_s, max(slope_kg_s * (mean_ratio - surface_ratio), 0.0), air_kg_s) > 0.5:
            break
        slope_kg_s, surface_ratio, first = next_line(
            slope_kg_s, taken_kg_s, mean_ratio, taken_before, mean_before, air_kg_s, first, begun + i
        )
        taken_before, mean_before = taken_kg_s, mean_ratio
    return valve, heat_kw, return_c, supply_c, latent_heat_kw(taken_kg_s, out_c)


@compilable
def moist_door_step(p, u, w, s, x, y, air, loop, dt_h):  # type: ignore[no-untyped-def]
    """What the doors do to the racks' air and its moisture, before the handlers, and the heat that their plant gets."""
    doors, share = doors_in_service(p, u, y, air, loop)
    valve, heat_kw, _, _, latent_kw = by_handlers(moist_settle, p, w, s, y, air, loop, share, doors, dt_h)
    give_to_plant(p, s, x, y, loop, doors, valve, heat_kw + latent_kw, dt_h)
    x.removal_kg_s, x.removal_ratio = air.door_kg_s, air.door_ratio


@compilable
def moist_doors_observe(p, u, w, s, x, y, air, dt_h):  # type: ignore[no-untyped-def]
    """Heat and water of the course that the hall has taken, and what of the heat the plant has not got yet."""
    doors_observe(p, u, w, s, x, y, air, dt_h)
    y.condensate_kg_s = max(air.door_kg_s * (air.humidity_mean_kg_kg - air.door_ratio), 0.0)
    y.latent_kw = latent_heat_kw(y.condensate_kg_s, y.leaving_c)
    y.wet_coil = 1.0 if y.condensate_kg_s > 0.0 else 0.0
    x.waiting_kwh += y.latent_kw * dt_h
    x.humidity_kg_kg, x.coil_kg_s, x.coil_ratio = air.humidity_kg_kg, air.coil_kg_s, air.coil_ratio


class MoistRearDoor(RearDoor):
    """The same doors as the loop runs them in a hall whose moisture is tracked."""

    state: ClassVar[Fields] = {
        **RearDoor.state, **REMOVAL, "humidity_kg_kg": "Humidity ratio of the hall's air at the end of the step",
        "coil_kg_s": "What the handlers took of it in the step, as a line over the humidity ratio",
        "coil_ratio": "Humidity ratio at which that line comes to nothing",
    }  # fmt: skip
    outputs: ClassVar[Fields] = {**RearDoor.outputs, **OUTPUTS, "wet_coil": "1: the doors' coils condense"}
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("precool", moist_door_step, ("air", "loop")), Phase("observe", moist_doors_observe, ("air",)),
    )  # fmt: skip
    ledger: ClassVar[Ledger] = dataclasses.replace(RearDoor.ledger, to_water=("heat_kw", "latent_kw", "pump_kw"))
