"""A stratified tank of chilled water beside the chillers: charged when there is capacity to spare, discharged in need.

Two zones with a thermocline between them. Charging is a load more on free cooling and chillers, discharging one less.
The tank takes what they make beyond the loop's need, and gives what they lack of it, so it never makes cooling.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase, Store, Surroundings
from twin.components.profiles import ALWAYS, ConstantProfile, Profile
from twin.physics.storage import (
    FIGURE_OF_MERIT_FRAC,
    tank_kwh_per_k,
    two_zone_cooling_kwh,
    two_zone_exchange,
    two_zone_gain,
)
from twin.units import WATER_CP_KJ_KG_K, WATER_KG_M3

NEVER = ConstantProfile(value_frac=0.0)
LEAST_SPAN_K = 0.5  # between water that enters and water that leaves; for less no pump is started
MOST_PUMP_SHARE_FRAC = 0.9  # of what the tank gives: pumps that take up more of it than this are not started
HELD_K = 0.1  # supply water above its set-point by more than this is not put into the tank
FULL_FRAC = 1.0 - 1e-9
SHORT_KW = 1e-6  # chillers that fall short by less than this are not short


@compilable
def leaving_warm_c(s):  # type: ignore[no-untyped-def]
    """Water that leaves the top while charging; that of the cold zone where it fills the tank, to cool it again."""
    return s.warm_c if s.cold_frac < FULL_FRAC else s.cold_c


@compilable
def pump_share(p, span_k):  # type: ignore[no-untyped-def]
    """Heat of the tank's pumps to the water, per heat that the tank gives or takes over ``span_k``."""
    return p.heat_to_water_frac * p.pump_kw_per_kg_s / (WATER_CP_KJ_KG_K * max(span_k, LEAST_SPAN_K))


@compilable
def store_plan(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """What the schedules ask for at this pass's temperatures, and what the tank could give at most."""
    y.span_k, y.able_kw, y.plan_kw = loop.return_c - s.cold_c, 0.0, 0.0
    if y.span_k > LEAST_SPAN_K and pump_share(p, y.span_k) < MOST_PUMP_SHARE_FRAC:
        usable_kwh = p.tank_kwh_per_k * max(s.cold_frac - (1.0 - p.figure_of_merit_frac), 0.0) * y.span_k
        y.able_kw = min(p.discharge_kw, loop.flow_kg_s * WATER_CP_KJ_KG_K * y.span_k, usable_kwh / dt_h)
    charging_k = leaving_warm_c(s) - loop.supply_c
    if u.discharge_frac > 0.0:
        needed_kw = loop.demand_kw / max(1.0 - pump_share(p, y.span_k), 1.0 - MOST_PUMP_SHARE_FRAC)
        y.plan_kw = min(min(u.discharge_frac, 1.0) * p.discharge_kw, y.able_kw, needed_kw)
        loop.demand_kw -= y.plan_kw * (1.0 - pump_share(p, y.span_k))
        loop.flow_kg_s = max(loop.flow_kg_s - y.plan_kw / (WATER_CP_KJ_KG_K * max(y.span_k, LEAST_SPAN_K)), 0.0)
    elif u.charge_frac > 0.0 and charging_k > LEAST_SPAN_K and loop.start_c <= loop.set_c + HELD_K:
        room_frac = 1.0 - s.cold_frac if s.cold_frac < FULL_FRAC else 1.0
        room_kw = p.tank_kwh_per_k * room_frac * charging_k / dt_h
        taken_kw = min(min(u.charge_frac, 1.0) * p.charge_kw, room_kw)
        y.plan_kw = -taken_kw
        loop.demand_kw += taken_kw * (1.0 + pump_share(p, charging_k))
        flow_kg_s = taken_kw / (WATER_CP_KJ_KG_K * charging_k)
        mixed = loop.return_c * loop.flow_kg_s + leaving_warm_c(s) * flow_kg_s
        loop.flow_kg_s += flow_kg_s
        loop.return_c = mixed / loop.flow_kg_s if loop.flow_kg_s > 1e-9 else loop.return_c


@compilable
def charged(p, s, wanted_kw, supply_c, dt_h):  # type: ignore[no-untyped-def]
    """Tank after taking in supply water: cold share, both temperatures, and the heat given to the loop in kW."""
    leaving_c = leaving_warm_c(s)
    wanted_frac = wanted_kw * dt_h / (p.tank_kwh_per_k * (leaving_c - supply_c))
    cold_frac, cold_c, warm_c, moved = s.cold_frac, s.cold_c, s.warm_c, min(wanted_frac, 1.0)
    if s.cold_frac < FULL_FRAC:
        cold_frac, cold_c, warm_c, moved, leaving_c = two_zone_exchange(
            s.cold_frac, s.cold_c, s.warm_c, wanted_frac, supply_c, p.figure_of_merit_frac
        )
    else:
        cold_c += moved * (supply_c - s.cold_c)
    return cold_frac, cold_c, warm_c, p.tank_kwh_per_k * moved * (leaving_c - supply_c) / dt_h


@compilable
def discharged(p, s, wanted_kw, span_k, dt_h):  # type: ignore[no-untyped-def]
    """Tank after giving cold water: cold share, both temperatures, and the heat taken from the loop in kW."""
    wanted_frac = wanted_kw * dt_h / (p.tank_kwh_per_k * span_k)
    cold_frac, cold_c, warm_c, moved, leaving_c = two_zone_exchange(
        s.cold_frac, s.cold_c, s.warm_c, -wanted_frac, s.cold_c + span_k, p.figure_of_merit_frac
    )
    return cold_frac, cold_c, warm_c, -p.tank_kwh_per_k * moved * (s.cold_c + span_k - leaving_c) / dt_h


@compilable
def store_settle(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """The tank takes what free cooling and chillers made beyond the need, or gives what they lack; then its gain."""
    spare_kw = loop.free_kw + loop.chilled_kw + loop.reused_kw - loop.base_kw
    cold_frac, cold_c, warm_c = s.cold_frac, s.cold_c, s.warm_c
    y.charge_kw, y.discharge_kw, flow_kg_s = 0.0, 0.0, 0.0
    most_kw = y.able_kw if p.emergency > 0.5 else max(y.plan_kw, 0.0)
    if spare_kw > SHORT_KW and y.plan_kw < 0.0:
        charging_k = leaving_warm_c(s) - loop.supply_c
        wanted_kw = min(spare_kw / (1.0 + pump_share(p, charging_k)), -y.plan_kw)
        cold_frac, cold_c, warm_c, y.charge_kw = charged(p, s, wanted_kw, loop.supply_c, dt_h)
        flow_kg_s = y.charge_kw / (WATER_CP_KJ_KG_K * charging_k)
    elif spare_kw < -SHORT_KW and most_kw > 0.0:
        wanted_kw = min(-spare_kw / (1.0 - pump_share(p, y.span_k)), most_kw)
        cold_frac, cold_c, warm_c, y.discharge_kw = discharged(p, s, wanted_kw, y.span_k, dt_h)
        flow_kg_s = y.discharge_kw / (WATER_CP_KJ_KG_K * y.span_k)
    y.pump_kw = p.pump_kw_per_kg_s * flow_kg_s
    y.water_heat_kw = y.pump_kw * p.heat_to_water_frac
    loop.stored_kw = y.discharge_kw - y.charge_kw - y.water_heat_kw
    around_c = w.dry_bulb_c if p.outdoors > 0.5 else p.around_c
    x.cold_frac = cold_frac
    x.cold_c, x.warm_c, gained_kwh = two_zone_gain(
        cold_frac, cold_c, warm_c, around_c, p.ua_kw_per_k, p.tank_kwh_per_k, dt_h
    )
    y.gain_kw = gained_kwh / dt_h
    y.cold_frac, y.cold_c, y.warm_c = x.cold_frac, x.cold_c, x.warm_c
    y.cooling_kwh = two_zone_cooling_kwh(x.cold_frac, x.cold_c, x.warm_c, p.tank_kwh_per_k)
    x.heat_kwh = p.tank_kwh_per_k * (x.cold_frac * x.cold_c + (1.0 - x.cold_frac) * x.warm_c)


class ChilledWaterStorage(Component):
    """Stratified tank in parallel with the chillers, with pumps of its own that lift a constant head."""

    volume_m3: float = Field(gt=0, le=1e6)
    """Water in the tank."""
    charge_kw: float = Field(gt=0, le=1e6)
    """Most cooling that it takes."""
    discharge_kw: float = Field(gt=0, le=1e6)
    """Most cooling that it gives."""
    charge: Profile = ALWAYS
    """Share of ``charge_kw`` that it may take over time, as far as free cooling and chillers have capacity to spare."""
    discharge: Profile = NEVER
    """Share of ``discharge_kw`` that it gives over time, in the place of chillers; goes before charging."""
    emergency: bool = True
    """At any time it also gives what free cooling and chillers lack."""
    figure_of_merit_frac: float = Field(FIGURE_OF_MERIT_FRAC, ge=0.5, le=1)
    """Share of the cold water that can be used before the thermocline comes out."""
    ua_kw_per_k: float = Field(ge=0, le=1000)
    """Conductance of the tank's wall to its surroundings."""
    ambient_c: float | None = Field(None, ge=-30, le=60)
    """Temperature around the tank; that of outdoor air if left out."""
    head_kpa: float = Field(100.0, ge=0, le=1000)
    """Pressure rise of the tank's pumps, at any flow."""
    pump_efficiency_frac: float = Field(0.7, gt=0, le=1)
    """Wire-to-water efficiency of the tank's pumps."""
    heat_to_water_frac: float = Field(0.9, ge=0, le=1)
    """Share of the pumps' power that ends as heat in the water; the rest heats the plant room's air, outdoors."""
    initial_frac: float = Field(1.0, ge=0, le=1)
    """Cold share of the tank before the warm-up."""
    initial_span_k: float = Field(8.0, ge=1, le=30)
    """Warm zone above the supply set-point before the warm-up."""

    inputs: ClassVar[Fields] = {
        "charge_frac": "Share of the charging power that may be used",
        "discharge_frac": "Share of the discharging power that is asked for",
    }
    derived: ClassVar[Mapping[str, int]] = {"tank_kwh_per_k": 0, "pump_kw_per_kg_s": 0, "outdoors": 0, "around_c": 0}
    state: ClassVar[Fields] = {
        "cold_frac": "Share of the tank below the thermocline",
        "cold_c": "Water below the thermocline",
        "warm_c": "Water above the thermocline",
        "heat_kwh": "Heat in the tank, from 0 degC",
    }
    outputs: ClassVar[Fields] = {
        "charge_kw": "Heat given to the loop while charging",
        "discharge_kw": "Heat taken from the loop while discharging",
        "cooling_kwh": "Cooling held against the warm zone",
        "cold_frac": "Share of the tank below the thermocline at the end of the step",
        "cold_c": "Water below the thermocline at the end of the step",
        "warm_c": "Water above the thermocline at the end of the step",
        "gain_kw": "Heat through the wall",
        "pump_kw": "Power of the tank's pumps",
        "water_heat_kw": "Heat of the pumps to the water",
        "plan_kw": "Discharge (or charge, negative) that the schedules ask for",
        "able_kw": "Most cooling that it could give",
        "span_k": "Return water above the cold zone",
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("store", store_plan, ("loop",)),
        Phase("settle", store_settle, ("loop",)),
    )
    ledger: ClassVar[Ledger] = Ledger(electric=("pump_kw",), to_water=("water_heat_kw", "gain_kw"))
    stores: ClassVar[tuple[Store, ...]] = (Store("heat_kwh", "water"),)
    draws: ClassVar[str | None] = "pump_kw"
    end_use: ClassVar[str] = "pump"

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Heat capacity, pumping power by flow, and where the tank stands."""
        return {
            "tank_kwh_per_k": tank_kwh_per_k(self.volume_m3),
            "pump_kw_per_kg_s": self.head_kpa / WATER_KG_M3 / self.pump_efficiency_frac,
            "outdoors": 1.0 if self.ambient_c is None else 0.0,
            "around_c": 0.0 if self.ambient_c is None else self.ambient_c,
        }

    def initial(self, around: Surroundings) -> dict[str, float]:
        """Cold water at the plant's coldest set-point below the thermocline."""
        cold_c = around.plant.coldest_supply_c()
        heat_kwh_per_k = cold_c + (1.0 - self.initial_frac) * self.initial_span_k
        return {
            "cold_frac": self.initial_frac, "cold_c": cold_c, "warm_c": cold_c + self.initial_span_k,
            "heat_kwh": tank_kwh_per_k(self.volume_m3) * heat_kwh_per_k,
        }  # fmt: skip
