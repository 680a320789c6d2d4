"""What the numbers in the archetypes' files amount to: the quantities for which their authors state ranges."""

from __future__ import annotations

from dataclasses import dataclass

from tests.reference.archetypes import files
from twin.engine.lowering import Lowered, lower
from twin.physics.cop_maps import ENTERING_C, water_cooled_cop
from twin.scenario.reading import read_scenario
from twin.units import AIR_CP_KJ_KG_K, PA_PER_KPA, W_PER_KW, WATER_CP_KJ_KG_K, WATER_KG_M3

AIR_KG_M3 = 1.2  # density at which air flows are stated


@dataclass(frozen=True)
class Numbers:
    """Parameters of a lowered scenario by path; from them the quantities that the authors state."""

    lowered: Lowered

    def p(self, path: str, field: str) -> float:
        """A parameter."""
        return float(self.lowered.p[self.lowered.composition.p.index(path, field)])

    def below(self, path: str, field: str) -> float:
        """Sum of a parameter over the members below a path."""
        return sum(self.p(m.path, field) for m in self.lowered.composition.members if m.path.startswith(path))

    def of(self, quantity: str) -> float:
        """A quantity of the table of midpoints; a parameter of the hall's air where it is not derived here."""
        return float(getattr(self, quantity)) if hasattr(type(self), quantity) else self.p("halls.hall.air", quantity)

    @property
    def it_kw(self) -> float:
        """IT power; the load is constant and full."""
        return self.p("halls.hall.rack_groups.racks", "peak_kw")

    @property
    def hall_kw(self) -> float:
        """Heat of IT, of the losses on the way to it and of lighting."""
        return self.it_kw * (1.0 + self.pdu_loss_frac) / self.ups_efficiency_frac + self.it_kw * self.lighting_frac

    @property
    def air_m3_s(self) -> float:
        """Air flow of all units."""
        return self.p("halls.hall.air", "units_count") * self.p("halls.hall.air", "airflow_m3_s")

    @property
    def coils_kw(self) -> float:
        """Heat of the hall and its fans."""
        return self.hall_kw + self.p("halls.hall.air", "units_count") * self.p("halls.hall.air", "fan_rated_kw")

    @property
    def plant_kw(self) -> float:
        """Heat that chillers remove: hall, fans and what pumps leave in the water."""
        pump = "plants.main.pump"
        return self.coils_kw + self.p(pump, "rated_kw") * self.p(pump, "heat_to_water_frac")

    @property
    def ups_efficiency_frac(self) -> float:
        return 1.0 / (1.0 + self.p("power.ups", "no_load") + self.p("power.ups", "proportional"))

    @property
    def pdu_loss_frac(self) -> float:
        return self.p("power.pdu", "no_load") + self.p("power.pdu", "proportional") + self.p("power.pdu", "square")

    @property
    def lighting_frac(self) -> float:
        return self.p("loads.lighting", "power_kw") / self.it_kw

    @property
    def supply_air_c(self) -> float:
        return self.p("halls.hall.air", "supply_air_c")

    @property
    def air_rise_k(self) -> float:
        return self.hall_kw / (self.air_m3_s * AIR_KG_M3 * AIR_CP_KJ_KG_K)

    @property
    def rack_rise_k(self) -> float:
        """Rise over the racks alone: the handlers move more air by the heat of losses and lighting."""
        group = "halls.hall.rack_groups.racks"
        return self.it_kw / (self.p(group, "rated_kg_s") * AIR_CP_KJ_KG_K)

    @property
    def fan_pressure_pa(self) -> float:
        return self.p("halls.hall.air", "fan_pressure_pa")

    @property
    def fan_efficiency_frac(self) -> float:
        air = "halls.hall.air"
        return self.p(air, "airflow_m3_s") * self.fan_pressure_pa / W_PER_KW / self.p(air, "fan_rated_kw")

    @property
    def coil_effectiveness_frac(self) -> float:
        """Fall of the air over its distance to the water that the plant supplies."""
        return self.air_rise_k / (self.supply_air_c + self.air_rise_k - self.p("plants.main", "supply_c"))

    @property
    def water_rise_k(self) -> float:
        return self.coils_kw / (self.p("plants.main.pump", "rated_kg_s") * WATER_CP_KJ_KG_K)

    def head_kpa(self, pump: str) -> float:
        """Pressure rise of a pump by its rated power."""
        flow_m3_s = self.p(pump, "rated_kg_s") / WATER_KG_M3
        return self.p(pump, "rated_kw") * W_PER_KW / PA_PER_KPA * self.p(pump, "efficiency_frac") / flow_m3_s

    @property
    def pump_head_kpa(self) -> float:
        return self.head_kpa("plants.main.pump")

    @property
    def pump_efficiency_frac(self) -> float:
        return self.p("plants.main.pump", "efficiency_frac")

    @property
    def chiller_load_frac(self) -> float:
        return self.plant_kw / self.below("plants.main.chillers.", "rated_kw")

    @property
    def cop_error_frac(self) -> float:
        chillers = [m.path for m in self.lowered.composition.members if m.path.startswith("plants.main.chillers.")]
        (error,) = {self.p(path, "cop_error_frac") for path in chillers or ["halls.hall.air"]}
        return error

    @property
    def condenser_range_k(self) -> float:
        """Warming of the condenser water on a hot day, at the warm end of the map of COP."""
        cop = water_cooled_cop(self.chiller_load_frac, ENTERING_C[-1])[0] * (1.0 + self.cop_error_frac)
        flow_kg_s = self.below("plants.main.chillers.", "condenser_kg_s")
        return self.plant_kw * (1.0 + 1.0 / cop) / (flow_kg_s * WATER_CP_KJ_KG_K)

    @property
    def condenser_head_kpa(self) -> float:
        return self.head_kpa("plants.main.condenser.pump")

    @property
    def condenser_pump_efficiency_frac(self) -> float:
        return self.p("plants.main.condenser.pump", "efficiency_frac")

    def tower(self, field: str) -> float:
        """A parameter of the towers."""
        return self.p("plants.main.condenser.towers.cells", field)

    @property
    def tower_approach_k(self) -> float:
        (approach,) = {self.p("plants.main.condenser", "approach_k"), self.tower("design_approach_k")}
        return approach

    @property
    def exchanger_approach_k(self) -> float:
        exchanger = "plants.main.economizer"
        (approach,) = {self.p(exchanger, "approach_k"), self.p(exchanger, "exchanger_approach_k")}
        return approach

    @property
    def windage_frac(self) -> float:
        return self.tower("drift_frac")

    @property
    def cycles_ratio(self) -> float:
        return self.tower("cycles_ratio")

    @property
    def liquid_gas_ratio(self) -> float:
        return self.tower("water_kg_s") / (self.tower("air_flow_m3_s") * AIR_KG_M3)

    def tower_fan_pa(self, efficiency_frac: float) -> float:
        """Pressure rise of the towers' fans by their power, at an efficiency."""
        return self.tower("fan_kw") * W_PER_KW * efficiency_frac / self.tower("air_flow_m3_s")

    @property
    def tower_fan_pressure_pa(self) -> float:
        """At the efficiency of the handlers' fans, which the authors take for both."""
        return self.tower_fan_pa(self.fan_efficiency_frac)


def numbers(case: int) -> Numbers:
    """What the file of a case amounts to, lowered; the file as it is, at sea level's air density."""
    return Numbers(lower(read_scenario(files()[case])))
