"""What coolant loops of a hall share: a plate exchanger to a plant's water, pumps, and the coolant's own heat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Component, Fields, Store, Surroundings
from twin.components.plant.chilled_water_loop import take_water
from twin.components.profiles import ALWAYS, Availability
from twin.errors import SpecFault
from twin.physics.exchangers import (
    BEST_EXCHANGER_FRAC,
    coil_water_flow_for_heat,
    design_effectiveness_frac,
    design_exchanger,
)
from twin.physics.movers import mover_power_kw
from twin.units import PA_PER_KPA, SECONDS_PER_HOUR, WATER_CP_KJ_KG_K

EXPONENT = 0.8  # conductance of each side grows with its flow to this power (turbulent channels, Modelica Buildings)


@compilable
def carry_heat(p, u, s, x, y, gain_kw, resistance_frac, liquid, loop, dt_h):  # type: ignore[no-untyped-def]
    """Hold the coolant supply by the facility water's valve; where that is not enough, let the coolant warm.

    Units out of service move no coolant and pass no heat; without any of them all heat stays in the coolant.

    ``resistance_frac`` is the coolant side's share of the exchanger's thermal resistance at design.
    """
    store_kw_per_k = p.coolant_kwh_per_k / dt_h
    running_frac = u.availability_frac
    coolant_kw_per_k = p.coolant_kw_per_k * running_frac
    water_kw_per_k = p.water_kw_per_k * running_frac * loop.flow_frac
    rise_k = gain_kw / coolant_kw_per_k if running_frac > 0.0 else 0.0
    need_kw = max(gain_kw + store_kw_per_k * (s.supply_c - p.supply_set_c), 0.0)
    valve, met_kw, water_c = coil_water_flow_for_heat(
        need_kw, coolant_kw_per_k, p.supply_set_c + rise_k, loop.supply_c, water_kw_per_k,
        p.exchanger_kw_per_k * running_frac, 1.0, resistance_frac, EXPONENT, EXPONENT, s.valve_frac)  # fmt: skip
    if met_kw != need_kw:
        full_kw_per_k = p.full_kw_per_k * running_frac * loop.flow_frac
        driving_k = p.supply_set_c + rise_k - loop.supply_c
        reach_kw_per_k = met_kw / driving_k if driving_k > 1e-9 and met_kw > 0.0 else full_kw_per_k
        end_c = (store_kw_per_k * s.supply_c + gain_kw - reach_kw_per_k * (rise_k - loop.supply_c)) / (
            store_kw_per_k + reach_kw_per_k
        )
        met_kw = max(reach_kw_per_k * (end_c + rise_k - loop.supply_c), 0.0)
        valve = 1.0 if met_kw > 0.0 else 0.0
        water_c = loop.supply_c + met_kw / water_kw_per_k if met_kw > 0.0 else loop.supply_c
    y.heat_kw = met_kw
    y.valve_frac = valve
    y.supply_c = s.supply_c + (gain_kw - met_kw) / store_kw_per_k
    y.return_c = y.supply_c + rise_k
    y.unmet_kw = p.coolant_kw_per_k * max(y.supply_c - p.supply_set_c, 0.0)
    x.supply_c, x.valve_frac = y.supply_c, max(valve, 0.01)
    liquid.supply_c = y.supply_c
    flow_kg_s = valve * water_kw_per_k / WATER_CP_KJ_KG_K
    take_water(loop, y.heat_kw, flow_kg_s, water_c)


class CoolantLoop(Component):
    """A coolant loop of one hall with pumps, and a plate exchanger to facility water."""

    plant: str
    """Plant whose water takes the heat."""
    fed_by: str = "grid"
    """Power device that feeds the pumps, or grid."""
    supply_set_c: float = Field(ge=5, le=60)
    """Coolant supply held (ASHRAE W17-W45 and W+ state the facility water, some kelvin below it)."""
    capacity_kw: float = Field(gt=0, le=1e6)
    """Heat carried at the design point."""
    approach_k: float = Field(4.0, gt=0, le=20)
    """Design temperature of the coolant supply above the entering facility water (3-5 K usual)."""
    coolant_rise_k: float = Field(10.0, ge=2, le=30)
    """Design rise of the coolant through the racks (water at 1.5 L/min per kW: about 10 K)."""
    water_rise_k: float = Field(10.0, ge=2, le=30)
    """Design rise of the facility water."""
    head_kpa: float = Field(150.0, gt=0, le=1000)
    """Pressure rise of the pumps."""
    pump_efficiency_frac: float = Field(0.55, gt=0, le=1)
    """Wire-to-water efficiency of the pumps."""
    pump_kw: float | None = Field(None, ge=0, le=1e5)
    """Power of the pumps, at any load; from design flow, head and efficiency if left out."""
    parallel_count: int = Field(1, ge=1, le=1000)
    """Equal units (pumps and exchanger) that the figures of all stand for; each of them can be lost."""
    availability: Availability = ALWAYS
    """Share of the units (pumps and exchangers) in service over time."""

    inputs: ClassVar[Fields] = {"availability_frac": "Share of the units in service"}
    shared: ClassVar[Mapping[str, int]] = {
        "coolant_kw_per_k": 0, "water_kw_per_k": 0, "exchanger_kw_per_k": 0, "full_kw_per_k": 0, "pump_kw": 0,
        "coolant_kwh_per_k": 0,
    }  # fmt: skip
    state: ClassVar[Fields] = {
        "supply_c": "Coolant supply at the end of the step",
        "valve_frac": "Facility-water valve of the last step",
    }
    outputs: ClassVar[Fields] = {
        "rack_heat_kw": "Heat of the racks to the coolant",
        "heat_kw": "Heat to facility water",
        "pump_kw": "Power of the coolant pumps",
        "supply_c": "Coolant supply at the end of the step",
        "return_c": "Coolant return",
        "valve_frac": "Facility-water valve",
        "unmet_kw": "Cooling short of the coolant's set-point",
    }
    stores: ClassVar[tuple[Store, ...]] = (Store("supply_c", "water", "coolant_kwh_per_k"),)
    draws: ClassVar[str | None] = "pump_kw"
    end_use: ClassVar[str] = "pump"
    watched: ClassVar[Mapping[str, float]] = {"supply_c": 95.0}

    @model_validator(mode="after")
    def _exchanger_can_be_built(self) -> Self:
        asked = design_effectiveness_frac(self.capacity_kw, *self._rates(), self.approach_k + self.coolant_rise_k)
        if asked > BEST_EXCHANGER_FRAC:
            raise SpecFault(("approach_k",), f"asks for an effectiveness of {asked:.3f}, at most"
                            f" {BEST_EXCHANGER_FRAC} can be built; widen it or let the water rise less")  # fmt: skip
        return self

    def _rates(self) -> tuple[float, float]:
        """Capacity rates of coolant and facility water at design, kW/K."""
        return self.capacity_kw / self.coolant_rise_k, self.capacity_kw / self.water_rise_k

    def loop_parameters(self, volume_m3: float, density_kg_m3: float, cp_kj_kg_k: float) -> dict[str, float]:
        """Values of ``shared``: counterflow exchanger from its approach, pump power from design flow, heat kept."""
        coolant, water = self._rates()
        span_k = self.approach_k + self.coolant_rise_k
        effectiveness, conductance = design_exchanger(self.capacity_kw, coolant, water, span_k)
        flow_m3_s = coolant / cp_kj_kg_k / density_kg_m3
        reckoned_kw = mover_power_kw(flow_m3_s, self.head_kpa * PA_PER_KPA, self.pump_efficiency_frac)
        return {
            "coolant_kw_per_k": coolant, "water_kw_per_k": water, "exchanger_kw_per_k": conductance,
            "full_kw_per_k": effectiveness * min(coolant, water),
            "pump_kw": reckoned_kw if self.pump_kw is None else self.pump_kw,
            "coolant_kwh_per_k": volume_m3 * density_kg_m3 * cp_kj_kg_k / SECONDS_PER_HOUR,
        }  # fmt: skip

    def initial(self, around: Surroundings) -> dict[str, float]:
        """At set-point."""
        return {"supply_c": self.supply_set_c, "valve_frac": 0.5}
