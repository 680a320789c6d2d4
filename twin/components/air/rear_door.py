"""Rear-door heat exchangers: water coils in the racks' exhaust, before it enters the hall."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.air.coil_design import CoilDesign
from twin.components.air.hall_air import hall_course
from twin.components.base import Component, Fields, Ledger, Phase, Store, Surroundings
from twin.components.plant.chilled_water_loop import take_water
from twin.components.profiles import ALWAYS, Availability
from twin.errors import SpecFault, refuse
from twin.physics.exchangers import (
    coil_heat_kw,
    coil_water_flow_for_heat,
    power_of,
)
from twin.physics.fluids import dew_point_c
from twin.physics.liquid import DEW_POINT_MARGIN_K
from twin.units import WATER_CP_KJ_KG_K

OF_THE_HALL = (
    "bypass", "recirculation", "air_kwh_per_k", "solid_kwh_per_k", "solid_kw_per_k", "dew_point_c", "dry_air_kg",
)  # fmt: skip


@compilable
def open_doors(p, y, air, per_k, law_c, law_frac, dt_h):  # type: ignore[no-untyped-def]
    """Course of the hall with coils that take ``per_k`` of the air's excess over the water: heat, return, supply."""
    air.door_frac, air.door_c = per_k / air.rack_kw_per_k, y.water_c
    _, _, _, return_c, supply_c = hall_course(p, air, air, law_c, law_frac, dt_h)
    return per_k * (air.exhaust_c - y.water_c), return_c, supply_c


@compilable
def settle(p, w, s, y, air, loop, share, doors, law_c, law_frac, dt_h):  # type: ignore[no-untyped-def]
    """Valve and heat of the doors over a hall's course with a given law of its supply air; their own stays in ``air``.

    The valve holds the air that leaves the doors; where the coil cannot, it is open; where that would heat, it is shut.
    Returns valve, heat, and the mean return and supply air of the hall.
    """
    air_kw_per_k, water_kw_per_k, ua_kw_per_k = (
        share * air.rack_kw_per_k,
        doors * p.water_kw_per_k * loop.flow_frac,
        doors * p.coil_kw_per_k,
    )
    air_frac = air_kw_per_k / (doors * p.air_kw_per_k) if doors > 0.0 else 0.0
    air.door_frac, air.door_c = share, p.leaving_air_c
    _, _, _, return_c, supply_c = hall_course(p, air, air, law_c, law_frac, dt_h)
    need_kw = air_kw_per_k * (air.exhaust_c - p.leaving_air_c)
    valve, heat_kw, _ = coil_water_flow_for_heat(
        need_kw, air_kw_per_k, air.exhaust_c, y.water_c, water_kw_per_k, ua_kw_per_k, air_frac,
        p.air_resistance_frac, p.air_exponent_ratio, p.water_exponent_ratio, s.valve_frac)  # fmt: skip
    if need_kw <= 0.0 or heat_kw != need_kw:
        per_k, valve = 0.0, 1.0
        if need_kw > 0.0 and min(air_kw_per_k, water_kw_per_k) > 0.0:
            resistance = p.air_resistance_frac * power_of(air_frac, -p.air_exponent_ratio)
            per_k = coil_heat_kw(1.0, air_kw_per_k, 1.0, 0.0, water_kw_per_k, ua_kw_per_k, resistance,
                                 p.air_resistance_frac, p.water_exponent_ratio)  # fmt: skip
        heat_kw, return_c, supply_c = open_doors(p, y, air, per_k, law_c, law_frac, dt_h)
        if heat_kw <= 0.0:
            air.door_frac, valve, heat_kw = 0.0, 0.0, 0.0
            _, _, _, return_c, supply_c = hall_course(p, air, air, law_c, law_frac, dt_h)
    return valve, heat_kw, return_c, supply_c


@compilable
def doors_in_service(p, u, y, air, loop):  # type: ignore[no-untyped-def]
    """Doors, and the share of the racks' air that passes them; their fans, and the water that mixing lets in."""
    in_service = min(u.availability_frac, 1.0)  # more than all doors would cool air that passes no rack
    doors, share = p.doors_count * in_service, p.racks_frac * in_service
    speed = min(share * air.rack_kw_per_k / (doors * p.air_kw_per_k), 1.0) if doors > 0.0 else 0.0
    y.fan_kw = doors * p.fan_kw * speed * speed * speed
    air.door_fan_kw = y.fan_kw
    y.guarding = 1.0 if loop.supply_c < p.guard_c else 0.0
    y.water_c = max(loop.supply_c, p.guard_c)
    return doors, share


@compilable
def by_handlers(course, p, w, s, y, air, loop, share, doors, dt_h):  # type: ignore[no-untyped-def]
    """What ``course`` (:func:`settle`) returns at the law by which the handlers will supply their air.

    They hold their set-point, or cannot warm air that is colder, or are at the limit at which the last step left them.
    Where they turn out to do otherwise, what was reckoned wrong waits for the next step.
    """
    found = course(p, w, s, y, air, loop, share, doors, air.set_c, 0.0, dt_h)
    if found[2] + air.fan_k < air.set_c:
        found = course(p, w, s, y, air, loop, share, doors, air.fan_k, 1.0, dt_h)
    elif air.law_frac > 0.0:
        found = course(p, w, s, y, air, loop, share, doors, air.law_c, air.law_frac, dt_h)
        if found[3] <= air.set_c:
            found = course(p, w, s, y, air, loop, share, doors, air.set_c, 0.0, dt_h)
    return found


@compilable
def give_to_plant(p, s, x, y, loop, doors, valve, heat_kw, dt_h):  # type: ignore[no-untyped-def]
    """Pumps, and the heat and water that the plant gets, with what waited for it."""
    y.valve_frac = valve
    x.valve_frac = max(valve, 0.01)
    y.pump_kw = p.pump_kw if valve > 0.0 else 0.0
    y.power_kw = y.fan_kw + y.pump_kw
    y.load_kw = max(heat_kw + s.waiting_kwh / dt_h, 0.0) + y.pump_kw if valve > 0.0 else 0.0
    if y.load_kw > 0.0:
        back_c = y.water_c + y.load_kw / (valve * doors * p.water_kw_per_k * loop.flow_frac)
        flow_kg_s = y.load_kw / (back_c - loop.supply_c) / WATER_CP_KJ_KG_K
        take_water(loop, y.load_kw, flow_kg_s, back_c)


@compilable
def door_step(p, u, w, s, x, y, air, loop, dt_h):  # type: ignore[no-untyped-def]
    """What the doors do to the racks' air, before the handlers carry the rest, and the heat that their plant gets."""
    doors, share = doors_in_service(p, u, y, air, loop)
    valve, heat_kw, _, _ = by_handlers(settle, p, w, s, y, air, loop, share, doors, dt_h)
    dew_c = dew_point_c(air.humidity_kg_kg, w.pressure_pa) if p.tracked > 0.5 else p.dew_point_c
    y.wet_coil = 1.0 if valve > 0.0 and y.water_c < dew_c else 0.0
    give_to_plant(p, s, x, y, loop, doors, valve, heat_kw, dt_h)


@compilable
def doors_observe(p, u, w, s, x, y, air, dt_h):  # type: ignore[no-untyped-def]
    """Heat of the course that the hall has taken, and what of it the plant has not got yet."""
    y.heat_kw = air.door_frac * air.rack_kw_per_k * (air.exhaust_c - air.door_c)
    through_kw_per_k = p.racks_frac * min(u.availability_frac, 1.0) * air.rack_kw_per_k
    y.exhaust_c = air.exhaust_c
    y.leaving_c = air.exhaust_c - y.heat_kw / through_kw_per_k if through_kw_per_k > 0.0 else air.exhaust_c
    x.waiting_kwh = s.waiting_kwh + (y.heat_kw + y.pump_kw - y.load_kw) * dt_h


class RearDoor(Component):
    """Rear doors of one hall, all alike. Their coils condense where the hall's moisture is tracked.

    Elsewhere they are reckoned as dry, and hours in which they would take moisture are told. The guard against
    condensation knows the hall's stated dew point.
    """

    kind: Literal["rear_door"] = "rear_door"
    """Kind of rear doors."""
    plant: str
    """Plant whose water the doors use."""
    fed_by: str = "grid"
    """Power device that feeds fans and pumps of the doors, or grid."""
    doors_count: int = Field(ge=1, le=100000)
    """Doors, one to a rack."""
    racks_frac: float | None = Field(None, gt=0, le=1)
    """Share of the racks' air that passes doors; doors over racks of the hall if left out."""
    leaving_air_c: float | None = Field(None, ge=10, le=50)
    """Air that leaves the doors, held by their valves; the hall's supply air if left out: a neutral room."""
    capacity_kw: float = Field(gt=0, le=500)
    """Heat that one door takes at its design point."""
    airflow_m3_s: float = Field(gt=0, le=20)
    """Air through one door at the design point, at 1.2 kg/m3."""
    exhaust_air_c: float = Field(ge=20, le=70)
    """Air entering the door at the design point."""
    water_c: float = Field(ge=2, le=45)
    """Water entering the door at the design point."""
    water_rise_k: float = Field(6.0, gt=0, le=30)
    """Water temperature rise at the design point."""
    air_resistance_frac: float = Field(0.6, gt=0, lt=1)
    """Share of the coil's thermal resistance on the air side (Modelica Buildings: r_nominal 2/3)."""
    air_exponent_ratio: float = Field(0.8, ge=0, le=1.5)
    """Conductance grows with air flow to this power."""
    water_exponent_ratio: float = Field(0.85, ge=0, le=1.5)
    """Conductance grows with water flow to this power."""
    fan_kw: float = Field(0.0, ge=0, le=20)
    """Power of one door's own fans at its design air flow; 0: passive, the servers' fans carry its pressure drop."""
    dew_guard: Literal["mixing", "none"] = "mixing"
    """Whether water that the doors have warmed is mixed into plant water that is colder than ``least_water_c``."""
    least_water_c: float | None = Field(None, ge=2, le=45)
    """Coldest water that the mixing lets in; the hall's dew point + 2 K if left out (ASHRAE TC 9.9: 2-3 K)."""
    pump_kw: float = Field(0.0, ge=0, le=1e4)
    """Power of the doors' own pumps, all together, while water flows; 0: the plant's pumps carry the flow."""
    availability: Availability = ALWAYS
    """Share of the doors in service over time; through the others the air passes as it is."""

    inputs: ClassVar[Fields] = {"availability_frac": "Share of the doors in service"}
    derived: ClassVar[Mapping[str, int]] = {
        **dict.fromkeys(OF_THE_HALL, 0), "racks_frac": 0, "leaving_air_c": 0, "guard_c": 0, "air_kw_per_k": 0,
        "water_kw_per_k": 0, "coil_kw_per_k": 0, "tracked": 0,
    }  # fmt: skip
    state: ClassVar[Fields] = {
        "valve_frac": "Water valve of the last step",
        "waiting_kwh": "Heat taken from the air that the plant has not got yet",
    }
    outputs: ClassVar[Fields] = {
        "heat_kw": "Heat from the racks' exhaust to water",
        "fan_kw": "Power of the doors' fans",
        "pump_kw": "Power of the doors' pumps",
        "power_kw": "Power of fans and pumps",
        "load_kw": "Heat to the plant's water, that of the pumps included",
        "exhaust_c": "Air that leaves the racks and enters the doors",
        "leaving_c": "Air that leaves the doors",
        "water_c": "Water that enters the doors",
        "valve_frac": "Water valve",
        "guarding": "1: mixing holds the water above the plant's",
        "wet_coil": "1: the doors' water is below the hall's dew point, that of the last step where it is tracked",
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("precool", door_step, ("air", "loop")), Phase("observe", doors_observe, ("air",)),
    )  # fmt: skip
    ledger: ClassVar[Ledger] = Ledger(
        electric=("power_kw",), to_air=("fan_kw",), from_air=("heat_kw",), to_water=("heat_kw", "pump_kw")
    )
    stores: ClassVar[tuple[Store, ...]] = (Store("waiting_kwh", "water"),)
    draws: ClassVar[str | None] = "power_kw"
    end_use: ClassVar[str] = "rear_door"

    @model_validator(mode="after")
    def _can_be_built(self) -> Self:
        refuse(self._design_faults())
        return self

    def _design_faults(self) -> Iterator[SpecFault]:
        """A design point that no coil of any size has, and a guard that guards nothing."""
        yield from self._coil().faults()
        if self.dew_guard == "none" and self.least_water_c is not None:
            yield SpecFault(("least_water_c",), "has no meaning with dew_guard: none")

    def _coil(self) -> CoilDesign:
        names = ("capacity_kw", "exhaust_air_c", "water_c", "water_rise_k")
        return CoilDesign(
            self.capacity_kw, self.airflow_m3_s, self.exhaust_air_c, self.water_c, self.water_rise_k, names,
            figures=".3g")  # fmt: skip

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Coil conductance of one door from its design point (counterflow), and what the doors know of their hall."""
        hall = around.hall
        hall_parameters = hall.air.hall_parameters(around)
        racks = sum(group.racks_count for group in hall.rack_groups.values())
        coil = self._coil()
        least_c = hall.dew_point_c + DEW_POINT_MARGIN_K if self.least_water_c is None else self.least_water_c
        return {name: hall_parameters[name] for name in OF_THE_HALL} | {
            "racks_frac": min(self.doors_count / racks, 1.0) if self.racks_frac is None else self.racks_frac,
            "leaving_air_c": hall.air.supply_air_c if self.leaving_air_c is None else self.leaving_air_c,
            "tracked": float(hall.humidity.kind == "tracked" or hall.air.kind == "outdoor_air"),
            "guard_c": least_c if self.dew_guard == "mixing" else -273.15,
            "air_kw_per_k": coil.air_kw_per_k, "water_kw_per_k": coil.water_kw_per_k,
            "coil_kw_per_k": coil.conductance_kw_per_k(),
        }  # fmt: skip

    def initial(self, around: Surroundings) -> dict[str, float]:
        """Half open; the warm-up brings the rest."""
        return {"valve_frac": 0.5}
