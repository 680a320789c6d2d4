"""Rack groups of servers: measured load-power tables, fans that follow inlet air, losses of power supplies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase, Surroundings
from twin.components.profiles import Profile
from twin.errors import SpecFault
from twin.physics.envelopes import allowable_c, recommended_c
from twin.physics.servers import fan_speed_ratio, interpolate_at, table_power_frac
from twin.units import AIR_CP_KJ_KG_K, W_PER_KW

REFERENCE_KG_M3 = 1.2  # air density at which the servers' air flow is stated
AIR_R = 0.287042  # kJ/kgK, gas constant of dry air, ASHRAE Fundamentals 2017 ch. 1
PSU_LOADS_FRAC = (0.1, 0.2, 0.5, 1.0)  # loads at which 80 PLUS states efficiencies
Fraction = Annotated[float, Field(ge=0, le=1)]
Efficiency = Annotated[float, Field(ge=0.3, le=1)]


@compilable
def servers_demand(p, u, w, s, x, y, air, liquid, dt_h):  # type: ignore[no-untyped-def]
    """Power, air flow and heat of the group at this utilisation and the inlet air of the last step."""
    load = min(max(u.utilisation_frac, 0.0), 1.2)
    y.utilisation_frac = load
    ratio = fan_speed_ratio(s.inlet_c, p.fan_onset_c, p.fan_rise_per_k, p.fan_limit_ratio)
    flow = p.fan_minimum_frac + (1.0 - p.fan_minimum_frac) * min(load, 1.0)
    nominal_fan_kw = p.peak_kw * p.fan_power_frac * flow * flow * flow
    table_kw = p.peak_kw * table_power_frac(p.load_power, load)
    psu_load = table_kw / p.psu_rated_kw
    efficiency = interpolate_at(p.psu_loads, p.psu_efficiency, psu_load)
    y.fan_kw = nominal_fan_kw * ratio * ratio * ratio
    y.power_kw = table_kw + (y.fan_kw - nominal_fan_kw) / efficiency
    y.psu_loss_kw = y.power_kw * (1.0 - efficiency)
    density = w.pressure_pa / 1000.0 / (AIR_R * (s.inlet_c + 273.15))
    y.flow_kg_s = p.rated_kg_s * flow * ratio * density / REFERENCE_KG_M3
    y.liquid_heat_kw = y.power_kw * p.liquid_frac
    y.air_heat_kw = y.power_kw - y.liquid_heat_kw
    liquid.rack_heat_kw += y.liquid_heat_kw
    air.rack_heat_kw += y.air_heat_kw
    air.rack_flow_kg_s += y.flow_kg_s * (1.0 - p.recirculation_frac)


@compilable
def servers_observe(p, u, w, s, x, y, air, dt_h):  # type: ignore[no-untyped-def]
    """Inlet and outlet air of the step just taken, and where they stand against the envelope."""
    net_kw_per_k = max(y.flow_kg_s * (1.0 - p.recirculation_frac) * AIR_CP_KJ_KG_K, 1e-9)
    rise_k = y.air_heat_kw / net_kw_per_k
    y.inlet_c = air.inlet_mean_c + p.recirculation_frac * rise_k
    y.outlet_c = air.inlet_mean_c + rise_k
    x.inlet_c = air.inlet_c + p.recirculation_frac * rise_k
    y.above_recommended = 1.0 if y.inlet_c > p.recommended_high_c + 1e-6 else 0.0
    y.below_recommended = 1.0 if y.inlet_c < p.recommended_low_c - 1e-6 else 0.0
    y.above_allowable = 1.0 if y.inlet_c > p.allowable_high_c + 1e-6 else 0.0
    y.below_allowable = 1.0 if y.inlet_c < p.allowable_low_c - 1e-6 else 0.0


class Servers(Component):
    """A group of racks with equal servers, cooled by air."""

    kind: Literal["servers"] = "servers"
    """Kind of rack group."""
    racks_count: int = Field(ge=1, le=100000)
    """Racks in the group."""
    servers_per_rack_count: int = Field(ge=1, le=200)
    """Servers in each rack."""
    fed_by: str = "grid"
    """Power device that feeds the racks, or grid."""
    utilisation: Profile
    """Utilisation of the servers over time."""
    peak_w: float = Field(gt=0, le=200000)
    """Wall power of one server at full load, its fans at nominal speed."""
    load_power_frac: tuple[Fraction, ...] = Field(min_length=11, max_length=11)
    """Wall power over peak at 0, 10, ... 100 % load, as SPECpower measures it."""
    fan_power_frac: float = Field(0.06, ge=0, le=0.5)
    """Power of the server's fans at full load and nominal speed, over peak power."""
    air_rise_k: float = Field(12.0, ge=3, le=40)
    """Air temperature rise at full load and nominal fan speed."""
    fan_minimum_frac: float = Field(0.4, ge=0.05, le=1)
    """Air flow when idle, over air flow at full load."""
    fan_onset_c: float = Field(25.0, ge=10, le=45)
    """Inlet air above which the fans speed up."""
    fan_rise_per_k: float = Field(0.023, ge=0, le=0.2)
    """Relative rise of fan speed per K above the onset; .023 with 6 % fans adds .42 % of server power per K."""
    fan_limit_ratio: float = Field(1.5, ge=1, le=3)
    """Highest fan speed over nominal."""
    psu_rated_w: float = Field(gt=0, le=500000)
    """Rating of all power supplies of one server that share the load."""
    psu_efficiency_frac: tuple[Efficiency, Efficiency, Efficiency, Efficiency] = (0.90, 0.92, 0.94, 0.90)
    """Efficiency at 10, 20, 50 and 100 % of that rating (80 PLUS Titanium, 115 V)."""
    liquid_frac: float = Field(0.0, ge=0, le=1)
    """Share of the heat that cold plates or a bath give to a coolant; the hall then needs liquid cooling."""
    recirculation_frac: float = Field(0.0, ge=0, le=0.6)
    """Share of the servers' air that is their own exhaust, beyond what the hall mixes."""

    inputs: ClassVar[Fields] = {"utilisation_frac": "Utilisation"}
    derived: ClassVar[Mapping[str, int]] = {
        "peak_kw": 0, "rated_kg_s": 0, "psu_rated_kw": 0, "load_power": 11, "psu_loads": 4, "psu_efficiency": 4,
        "recommended_low_c": 0, "recommended_high_c": 0, "allowable_low_c": 0, "allowable_high_c": 0,
    }  # fmt: skip
    state: ClassVar[Fields] = {"inlet_c": "Inlet air at the end of the step"}
    outputs: ClassVar[Fields] = {
        "utilisation_frac": "Utilisation",
        "power_kw": "Power drawn by the servers",
        "air_heat_kw": "Heat to hall air",
        "liquid_heat_kw": "Heat to coolant",
        "fan_kw": "Power of the servers' fans",
        "psu_loss_kw": "Loss of the servers' power supplies",
        "flow_kg_s": "Air through the servers",
        "inlet_c": "Inlet air",
        "outlet_c": "Outlet air",
        "above_recommended": "1: inlet above the recommended range",
        "below_recommended": "1: inlet below the recommended range",
        "above_allowable": "1: inlet above the allowable range",
        "below_allowable": "1: inlet below the allowable range",
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("demand", servers_demand, ("air", "liquid")), Phase("observe", servers_observe, ("air",)),
    )  # fmt: skip
    ledger: ClassVar[Ledger] = Ledger(electric=("power_kw",), to_air=("air_heat_kw",), to_water=("liquid_heat_kw",))
    draws: ClassVar[str | None] = "power_kw"
    end_use: ClassVar[str] = "it"

    @model_validator(mode="after")
    def _supplies_carry_the_servers(self) -> Self:
        output_w = self.peak_w * self.psu_efficiency_frac[-1]
        if self.psu_rated_w < output_w:
            load = f"a server that draws {self.peak_w:g} W; at least {output_w:g}"
            raise SpecFault(("psu_rated_w",), f"supplies of {self.psu_rated_w:g} W in all cannot carry {load}")
        return self

    @property
    def servers_count(self) -> int:
        """Servers in the group."""
        return self.racks_count * self.servers_per_rack_count

    @property
    def peak_kw(self) -> float:
        """Power of the group at full load, its fans at nominal speed."""
        return self.servers_count * self.peak_w / W_PER_KW

    def course_kw(self, shares: Callable[[Any], Any]) -> Any:
        """Power at the values that ``shares`` gives of its utilisation, its fans at nominal speed."""
        table = self.load_power_frac
        return self.peak_kw * np.interp(shares(self.utilisation), np.linspace(0.0, 1.0, len(table)), table)

    def derive(self, around: Surroundings) -> dict[str, object]:
        """Group totals, tables, and the envelope's limits at this altitude."""
        peak_kw = self.peak_kw
        allowed = allowable_c(around.hall.envelope, around.elevation_m)
        recommended = recommended_c(around.hall.envelope)
        return {
            "peak_kw": peak_kw,
            "rated_kg_s": peak_kw * (1.0 - self.liquid_frac) / (AIR_CP_KJ_KG_K * self.air_rise_k),
            "psu_rated_kw": self.servers_count * self.psu_rated_w / W_PER_KW,
            "load_power": self.load_power_frac,
            "psu_loads": PSU_LOADS_FRAC,
            "psu_efficiency": self.psu_efficiency_frac,
            "recommended_low_c": recommended[0], "recommended_high_c": recommended[1],
            "allowable_low_c": allowed[0], "allowable_high_c": allowed[1],
        }  # fmt: skip

    def initial(self, around: Surroundings) -> dict[str, float]:
        """Inlet at the handlers' set-point."""
        return {"inlet_c": around.hall.air.supply_air_c}
