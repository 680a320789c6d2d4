"""Single-phase immersion: servers without fans in tanks of a dielectric fluid, which gives its heat to a plant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Fields, Ledger, Phase, Surroundings
from twin.components.liquid.coolant_loop import CoolantLoop, carry_heat


@compilable
def tank_loss(p, u, w, s, x, y, air, liquid, dt_h):  # type: ignore[no-untyped-def]
    """Heat from the tanks' surface to the hall, from the fluid's supply and the air at the end of the last step.

    The mean fluid is warmer than its supply by half its rise, and the loss lowers that rise in the same step:
    loss = UA (supply + (gain - loss) / (2 C) - air), solved for the loss. Never more than what the fluid keeps above
    that air, so that no step is too long.
    """
    half_k_per_kw = 0.5 / p.coolant_kw_per_k
    conductance = p.tank_loss_kw_per_k / (1.0 + p.tank_loss_kw_per_k * half_k_per_kw)
    bath_c = s.supply_c + half_k_per_kw * (liquid.rack_heat_kw + p.pump_kw * u.availability_frac)
    y.tank_loss_kw = min(conductance, p.coolant_kwh_per_k / dt_h) * (bath_c - s.air_c)
    air.extra_heat_kw += y.tank_loss_kw


@compilable
def bath_step(p, u, w, s, x, y, liquid, loop, dt_h):  # type: ignore[no-untyped-def]
    """Heat of the servers and of the pumps, less what the tanks lose, to facility water."""
    y.pump_kw = p.pump_kw * u.availability_frac
    y.rack_heat_kw = liquid.rack_heat_kw
    gain_kw = y.rack_heat_kw + y.pump_kw - y.tank_loss_kw
    carry_heat(p, u, s, x, y, gain_kw, p.fluid_resistance_frac, liquid, loop, dt_h)
    y.bath_c = 0.5 * (y.supply_c + y.return_c)


@compilable
def air_around(p, u, w, s, x, y, air, dt_h):  # type: ignore[no-untyped-def]
    """The air that the tanks stand in at the end of the step."""
    x.air_c = air.inlet_c


class Immersion(CoolantLoop):
    """Tanks of one hall, all as one, with pumps and a plate exchanger. Density and specific heat do not vary."""

    kind: Literal["immersion"] = "immersion"
    """Kind of liquid cooling."""
    density_kg_m3: float = Field(ge=600, le=2000)
    """Density of the fluid at the set-point, from its data sheet."""
    fluid_cp_kj_kg_k: float = Field(ge=0.8, le=4.2)
    """Specific heat of the fluid at the set-point, from its data sheet."""
    volume_m3: float = Field(gt=0, le=10000)
    """Fluid in tanks and pipes."""
    solid_kwh_per_k: float = Field(0.0, ge=0, le=1e5)
    """Heat capacity of servers and tanks that follow the fluid."""
    tank_loss_kw_per_k: float = Field(ge=0, le=100)
    """Heat from the tanks' surface to the hall, per kelvin of the mean fluid above its air."""
    fluid_resistance_frac: float = Field(0.5, gt=0, lt=1)
    """Share of the exchanger's thermal resistance on the fluid's side at design; thick fluids have more than half."""

    derived: ClassVar[Mapping[str, int]] = dict(CoolantLoop.shared)
    state: ClassVar[Fields] = {**CoolantLoop.state, "air_c": "Hall air at the end of the step"}
    outputs: ClassVar[Fields] = {
        **CoolantLoop.outputs, "tank_loss_kw": "Heat from the tanks to hall air", "bath_c": "Mean fluid",
    }  # fmt: skip
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("demand", tank_loss, ("air", "liquid")), Phase("load", bath_step, ("liquid", "loop")),
        Phase("observe", air_around, ("air",)),
    )  # fmt: skip
    ledger: ClassVar[Ledger] = Ledger(
        electric=("pump_kw",), to_air=("tank_loss_kw",), to_water=("pump_kw",), from_water=("tank_loss_kw",)
    )

    def derive(self, around: Surroundings) -> dict[str, float]:
        """What every coolant loop shares, and the heat that the servers keep."""
        found = self.loop_parameters(self.volume_m3, self.density_kg_m3, self.fluid_cp_kj_kg_k)
        return found | {"coolant_kwh_per_k": found["coolant_kwh_per_k"] + self.solid_kwh_per_k}

    def initial(self, around: Surroundings) -> dict[str, float]:
        """At set-point, in air as the handlers supply it."""
        return CoolantLoop.initial(self, around) | {"air_c": around.hall.air.supply_air_c}
