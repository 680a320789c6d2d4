"""Rack groups of servers: measured load-power tables, fans that follow inlet air, losses of power supplies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Fields, Phase, Surroundings
from twin.components.it.rack_group import (
    MOISTURE,
    MOISTURE_OUTPUTS,
    REFERENCE_KG_M3,
    RackGroup,
    give_heat,
    inlet_kg_m3,
)
from twin.components.profiles import Profile
from twin.errors import SpecFault
from twin.physics.interpolation import interpolate_at
from twin.physics.servers import fan_speed_ratio, table_power_frac
from twin.units import W_PER_KW

PSU_LOADS_FRAC = (0.1, 0.2, 0.5, 1.0)  # loads at which 80 PLUS states efficiencies
Fraction = Annotated[float, Field(ge=0, le=1)]
Efficiency = Annotated[float, Field(ge=0.3, le=1)]


@compilable
def servers_demand(p, u, w, s, x, y, air, liquid, dt_h):  # type: ignore[no-untyped-def]
    """Power, air flow and heat of the group at this utilisation and the inlet air of the last step."""
    serve_load(p, u, w, s, y, air, liquid, u.utilisation_frac)


@compilable
def serve_load(p, u, w, s, y, air, liquid, utilisation_frac):  # type: ignore[no-untyped-def]
    """Power after the load table and fans after the inlet air, into the hall's air and coolant, of those in service."""
    load = min(max(utilisation_frac, 0.0), 1.2)
    y.utilisation_frac = load
    ratio = fan_speed_ratio(s.inlet_c, p.fan_onset_c, p.fan_rise_per_k, p.fan_limit_ratio)
    flow = p.fan_minimum_frac + (1.0 - p.fan_minimum_frac) * min(load, 1.0)
    peak_kw = p.peak_kw * u.availability_frac
    nominal_fan_kw = peak_kw * p.fan_power_frac * flow * flow * flow
    table_kw = peak_kw * table_power_frac(p.load_power, load)
    psu_load = p.peak_kw * table_power_frac(p.load_power, load) / p.psu_rated_kw
    efficiency = interpolate_at(p.psu_loads, p.psu_efficiency, psu_load)
    y.fan_kw = nominal_fan_kw * ratio * ratio * ratio
    y.power_kw = table_kw + (y.fan_kw - nominal_fan_kw) / efficiency
    y.psu_loss_kw = y.power_kw * (1.0 - efficiency)
    y.flow_kg_s = p.rated_kg_s * u.availability_frac * flow * ratio * inlet_kg_m3(w, s) / REFERENCE_KG_M3
    give_heat(p, y, air, liquid)


class Servers(RackGroup):
    """A group of racks with equal servers, cooled by air."""

    kind: Literal["servers"] = "servers"
    """Kind of rack group."""
    servers_per_rack_count: int = Field(ge=1, le=200)
    """Servers in each rack."""
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

    inputs: ClassVar[Fields] = {"utilisation_frac": "Utilisation", **RackGroup.in_service}
    slowed: ClassVar[tuple[str, ...]] = ("utilisation_frac",)
    derived: ClassVar[Mapping[str, int]] = {
        **RackGroup.shared, "psu_rated_kw": 0, "load_power": 11, "psu_loads": 4, "psu_efficiency": 4,
    }  # fmt: skip
    outputs: ClassVar[Fields] = {
        "utilisation_frac": "Utilisation",
        "power_kw": "Power drawn by the servers",
        "fan_kw": "Power of the servers' fans",
        "psu_loss_kw": "Loss of the servers' power supplies",
        **RackGroup.outputs,
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("demand", servers_demand, ("air", "liquid")), RackGroup.observe,
    )  # fmt: skip

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
        power_kw = self.peak_kw * np.interp(shares(self.utilisation), np.linspace(0.0, 1.0, len(table)), table)
        return power_kw * shares(self.availability)

    def derive(self, around: Surroundings) -> dict[str, object]:
        """What all rack groups share, and the tables."""
        return self.rack_parameters(around) | {
            "psu_rated_kw": self.servers_count * self.psu_rated_w / W_PER_KW,
            "load_power": self.load_power_frac,
            "psu_loads": PSU_LOADS_FRAC,
            "psu_efficiency": self.psu_efficiency_frac,
        }


class MoistServers(Servers):
    """The same racks as the loop runs them in a hall whose moisture is tracked."""

    outputs: ClassVar[Fields] = {**Servers.outputs, **MOISTURE_OUTPUTS}
    phases: ClassVar[tuple[Phase, ...]] = (Servers.phases[0], MOISTURE)
