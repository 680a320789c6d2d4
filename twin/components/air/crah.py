"""Computer-room air handlers: chilled-water coils and fans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.air.coil_design import CoilDesign
from twin.components.air.hall_air import HallCooling, hall_course, report, report_moisture
from twin.components.base import Fields, Ledger, Phase, Surroundings
from twin.components.plant.chilled_water_loop import take_water
from twin.errors import SpecFault
from twin.physics.exchangers import (
    coil_heat_kw,
    coil_valve_for_heat,
    power_of,
)
from twin.units import WATER_CP_KJ_KG_K


@compilable
def dry_cooling(p, s, y, air, loop, units, resistance, dt_h):  # type: ignore[no-untyped-def]
    """Course of the hall with a dry coil: air and solid at the end, mean inlet, return, supply; heat, valve, water.

    The last two are the law of the supply air: what of it does not follow the return air, and the share that does.
    """
    flow_kw_per_k, water_kw_per_k = air.flow_kw_per_k, units * p.water_kw_per_k * loop.flow_frac
    law_c, law_frac = air.set_c, 0.0
    end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, law_c, law_frac, dt_h)
    heat_kw = flow_kw_per_k * (return_c - air.set_c) + y.fan_kw
    valve, met_kw, valve_water_c = coil_valve_for_heat(
        heat_kw, flow_kw_per_k, return_c, loop.supply_c, water_kw_per_k, units * p.coil_kw_per_k, resistance,
        p.coil_air_resistance_frac, p.coil_water_exponent_ratio, s.valve_frac)  # fmt: skip
    if met_kw != heat_kw:
        e = met_kw / (flow_kw_per_k * (return_c - loop.supply_c)) if met_kw > 0.0 else 0.0
        if met_kw <= 0.0 and heat_kw > 0.0 and water_kw_per_k > 0.0:
            # water warmer than the air of a hall at set-point: an open coil still cools the air that the hall comes to
            valve, e = 1.0, coil_heat_kw(
                1.0, flow_kw_per_k, 1.0, 0.0, water_kw_per_k, units * p.coil_kw_per_k, resistance,
                p.coil_air_resistance_frac, p.coil_water_exponent_ratio) / flow_kw_per_k  # fmt: skip
        law_c, law_frac = e * loop.supply_c + air.fan_k, 1.0 - e
        end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, law_c, law_frac, dt_h)
        if e > 0.0 and return_c <= loop.supply_c:  # it would heat the hall: the valve closes
            valve, e, law_c, law_frac = 0.0, 0.0, air.fan_k, 1.0
            end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, law_c, law_frac, dt_h)
        heat_kw = e * flow_kw_per_k * (return_c - loop.supply_c)
        valve_water_c = loop.supply_c + heat_kw / water_kw_per_k if e > 0.0 else loop.supply_c
    return end_c, solid_c, inlet_c, return_c, supply_c, heat_kw, valve, valve_water_c, law_c, law_frac


@compilable
def give_to_loop(p, x, y, loop, units, resistance, valve, valve_water_c, leaving_c, load_kw):  # type: ignore[no-untyped-def]
    """Heat and water of the coils into the loop; the coldest place of their surface, by the air that leaves them."""
    y.valve_frac = valve
    y.surface_c = loop.supply_c
    if valve > 0.0:
        water_resistance = (1.0 - p.coil_air_resistance_frac) * power_of(valve, -p.coil_water_exponent_ratio)
        share = water_resistance / (resistance + water_resistance)
        y.surface_c += share * (leaving_c - loop.supply_c)
    y.wet_coil = 1.0 if valve > 0.0 and y.surface_c < y.dew_point_c else 0.0
    x.valve_frac = max(valve, 0.01)
    flow_kg_s = valve * (units * p.water_kw_per_k * loop.flow_frac) / WATER_CP_KJ_KG_K
    take_water(loop, load_kw, flow_kg_s, valve_water_c)


@compilable
def crah_step(p, u, w, s, x, y, air, loop, dt_h):  # type: ignore[no-untyped-def]
    """Hold the supply air by the water valve; where the coil cannot, let the supply follow the open coil."""
    units = p.units_count * u.availability_frac
    resistance = p.coil_air_resistance_frac * power_of(y.fan_speed_frac, -p.coil_air_exponent_ratio)
    end_c, solid_c, inlet_c, return_c, supply_c, y.coil_kw, valve, valve_water_c, law_c, law_frac = dry_cooling(
        p, s, y, air, loop, units, resistance, dt_h
    )
    report(p, x, y, air, end_c, solid_c, inlet_c, return_c, supply_c, law_c, law_frac)
    report_moisture(x, y, air, s.humidity_kg_kg, s.humidity_kg_kg, p.dew_point_c)
    give_to_loop(p, x, y, loop, units, resistance, valve, valve_water_c, supply_c - air.fan_k, y.coil_kw)


class Crah(HallCooling):
    """Chilled-water air handlers of one hall, all alike. Coils take moisture where the hall's is tracked."""

    kind: Literal["crah"] = "crah"
    """Kind of air cooling."""
    plant: str
    """Plant whose chilled water the coils use."""
    coil_capacity_kw: float = Field(gt=0, le=10000)
    """Sensible capacity of one handler at its design point."""
    coil_return_air_c: float = Field(35.0, ge=15, le=60)
    """Air entering the coil at the design point."""
    coil_water_c: float = Field(10.0, ge=2, le=45)
    """Water entering the coil at the design point."""
    coil_water_rise_k: float = Field(6.0, gt=0, le=20)
    """Water temperature rise at the design point."""
    coil_air_resistance_frac: float = Field(0.6, gt=0, lt=1)
    """Share of the coil's thermal resistance on the air side (Modelica Buildings: r_nominal 2/3)."""
    coil_air_exponent_ratio: float = Field(0.8, ge=0, le=1.5)
    """Conductance grows with air flow to this power."""
    coil_water_exponent_ratio: float = Field(0.85, ge=0, le=1.5)
    """Conductance grows with water flow to this power."""

    sized_by: ClassVar[tuple[str, str]] = ("coil_capacity_kw", "coils")
    derived: ClassVar[Mapping[str, int]] = {**HallCooling.shared, "water_kw_per_k": 0, "coil_kw_per_k": 0}
    state: ClassVar[Fields] = {**HallCooling.state, "valve_frac": "Water valve of the last step"}
    outputs: ClassVar[Fields] = {
        **HallCooling.outputs,
        "coil_kw": "Sensible heat to chilled water",
        "valve_frac": "Water valve",
        "surface_c": "Coldest surface of the coil",
        "wet_coil": "1: the coil's surface is below the hall's dew point",
    }
    phases: ClassVar[tuple[Phase, ...]] = (HallCooling.fans, Phase("load", crah_step, ("air", "loop")))
    ledger: ClassVar[Ledger] = Ledger(
        electric=("fan_kw",), to_air=("fan_kw",), from_air=("coil_kw",), to_water=("coil_kw",)
    )
    draws: ClassVar[str | None] = "fan_kw"
    end_use: ClassVar[str] = "crah_fan"

    def _coil(self) -> CoilDesign:
        names = ("coil_capacity_kw", "coil_return_air_c", "coil_water_c", "coil_water_rise_k")
        return CoilDesign(
            self.coil_capacity_kw, self.airflow_m3_s, self.coil_return_air_c, self.coil_water_c,
            self.coil_water_rise_k, names)  # fmt: skip

    def design_faults(self) -> Iterator[SpecFault]:
        """A design point that no coil of any size has."""
        yield from self._coil().faults()

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Coil conductance from the design point (counterflow), and what every air cooling shares."""
        coil = self._coil()
        own = {"water_kw_per_k": coil.water_kw_per_k, "coil_kw_per_k": coil.conductance_kw_per_k()}
        return self.hall_parameters(around) | own

    def initial(self, around: Surroundings) -> dict[str, float]:
        """At set-point; the warm-up brings the rest."""
        return {**HallCooling.initial(self, around), "valve_frac": 0.5}
