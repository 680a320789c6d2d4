"""Heat reuse: return water of a plant's loop gives heat to a heating network before economizer and chillers see it.

Directly, through a counterflow exchanger, where the water is warm enough; or by a heat pump. What the network takes is
limited by its demand, by the machine, and by the heat that the loop has to give up; it never cools the loop below its
set-point. The network's own pumps are the network's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase, Surroundings
from twin.components.profiles import ALWAYS, Profile
from twin.errors import SpecFault
from twin.physics.heat_pumps import (
    LEAST_LIFT_K,
    LORENZ_EFFICIENCY_FRAC,
    direct_share_frac,
    heat_pump_cop,
    heat_pump_for_sink,
    heat_pump_from_source,
    mean_temperature_k,
    reused_kw,
)
from twin.units import WATER_CP_KJ_KG_K

OPENING_K = 0.2  # band of the valve's control, an assumption; a switch would leave such water without a temperature


@compilable
def take_from_loop(p, y, loop, source_kw, water_kw_per_k):  # type: ignore[no-untyped-def]
    """Cool the return water by the heat taken, and leave the rest of the demand to what comes after."""
    y.entering_c = loop.return_c
    y.source_kw = source_kw
    loop.reused_kw = source_kw
    loop.demand_kw = loop.demand_kw - source_kw
    if source_kw > 0.0:
        loop.return_c = loop.return_c - source_kw / water_kw_per_k
    y.leaving_c = loop.return_c
    y.network_c = p.network_supply_c if source_kw > 0.0 else p.network_return_c


@compilable
def reuse_directly(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """The part of the heat that lies above the network's return, while the water enters above its supply.

    The valve opens over the first tenths of a kelvin above that, so that water which comes no further finds its rest.
    """
    water_kw_per_k = loop.flow_kg_s * WATER_CP_KJ_KG_K
    wanted_kw = min(p.demand_kw * u.demand_frac, p.most_kw)
    taken_kw = 0.0
    if water_kw_per_k > 1e-9 and loop.demand_kw > 0.0:
        cold_c = loop.return_c - loop.demand_kw / water_kw_per_k
        share = direct_share_frac(loop.return_c, cold_c, p.network_return_c, p.network_supply_c, p.pinch_k)
        spare_k = loop.return_c - p.network_supply_c - p.pinch_k
        taken_kw = reused_kw(loop.demand_kw, share, wanted_kw) * min(max(spare_k / OPENING_K, 0.0), 1.0)
    take_from_loop(p, y, loop, taken_kw, water_kw_per_k)
    y.reused_kw = taken_kw


@compilable
def reuse_by_heat_pump(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """A side stream of the return water is cooled to the set-point; sink = source + electricity."""
    water_kw_per_k = loop.flow_kg_s * WATER_CP_KJ_KG_K
    wanted_kw = min(p.demand_kw * u.demand_frac, p.most_kw)
    y.power_kw, y.reused_kw, y.heating_cop, y.clamped_count = 0.0, 0.0, 0.0, 0.0
    taken_kw = 0.0
    if water_kw_per_k > 1e-9 and loop.demand_kw > 0.0 and wanted_kw > 0.0:
        cold_c = loop.return_c - loop.demand_kw / water_kw_per_k
        y.heating_cop = heat_pump_cop(
            p.network_return_c, p.network_supply_c, loop.return_c, cold_c, p.lorenz_efficiency_frac
        )
        lift_k = p.network_mean_k - mean_temperature_k(loop.return_c, cold_c)
        y.clamped_count = 1.0 if lift_k < LEAST_LIFT_K else 0.0
        if y.heating_cop > 1.0:
            y.power_kw, taken_kw = heat_pump_for_sink(wanted_kw, y.heating_cop)
            if taken_kw > loop.demand_kw:
                taken_kw = loop.demand_kw
                y.power_kw, y.reused_kw = heat_pump_from_source(taken_kw, y.heating_cop)
            y.reused_kw = taken_kw + y.power_kw
    take_from_loop(p, y, loop, taken_kw, water_kw_per_k)


class HeatReuse(Component):
    """What ways of reuse share: a heating network with its temperatures and its demand."""

    demand_kw: float = Field(gt=0, le=1e6)
    """Heat that the network takes at most."""
    demand: Profile = ALWAYS
    """Share of that heat which the network takes over time."""
    network_supply_c: float = Field(ge=10, le=120)
    """Water that the network is to get."""
    network_return_c: float = Field(ge=5, le=100)
    """Water that comes back from the network."""
    capacity_kw: float | None = Field(None, gt=0, le=1e6)
    """Heat to the network that the machine can give; as the demand if left out."""

    inputs: ClassVar[Fields] = {"demand_frac": "Share of the network's largest demand"}
    derived: ClassVar[Mapping[str, int]] = {"most_kw": 0}
    outputs: ClassVar[Fields] = {
        "reused_kw": "Heat to the network",
        "source_kw": "Heat taken from the loop",
        "network_c": "Water to the network; that of its return while it takes none",
        "entering_c": "Return water of the loop before it",
        "leaving_c": "Return water of the loop after it",
    }
    ledger: ClassVar[Ledger] = Ledger(from_water=("source_kw",))

    @model_validator(mode="after")
    def _network_is_heated(self) -> Self:
        if self.network_supply_c <= self.network_return_c:
            bound = f"must be above network_return_c ({self.network_return_c:g})"
            raise SpecFault(("network_supply_c",), f"{bound}, got {self.network_supply_c:g}")
        return self

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Heat that the machine can give."""
        return {"most_kw": self.demand_kw if self.capacity_kw is None else self.capacity_kw}


class DirectReuse(HeatReuse):
    """Counterflow exchanger between return water and network, whose flow follows; no electricity."""

    kind: Literal["direct"] = "direct"
    """Kind of heat reuse."""
    pinch_k: float = Field(3.0, gt=0, le=20)
    """Least temperature difference between return water and network's water at either end."""

    phases: ClassVar[tuple[Phase, ...]] = (Phase("reuse", reuse_directly, ("loop",)),)


class HeatPumpReuse(HeatReuse):
    """Heat pump between return water and network: Lorenz COP of the two streams times an efficiency."""

    kind: Literal["heat_pump"] = "heat_pump"
    """Kind of heat reuse."""
    lorenz_efficiency_frac: float = Field(LORENZ_EFFICIENCY_FRAC, ge=0.1, le=0.9)
    """COP over that of the ideal machine between the mean temperatures of the two streams (large ones .45-.55)."""

    derived: ClassVar[Mapping[str, int]] = {**HeatReuse.derived, "network_mean_k": 0}
    outputs: ClassVar[Fields] = {
        **HeatReuse.outputs,
        "power_kw": "Power of the heat pump",
        "heating_cop": "Heat to the network over power; 0 while it stands",
        "clamped_count": "1: lift below 5 K, taken as 5 K",
    }
    phases: ClassVar[tuple[Phase, ...]] = (Phase("reuse", reuse_by_heat_pump, ("loop",)),)
    ledger: ClassVar[Ledger] = Ledger(electric=("power_kw",), from_water=("source_kw",))
    draws: ClassVar[str | None] = "power_kw"
    end_use: ClassVar[str] = "heat_pump"

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Heat that the machine can give, and the network's mean temperature."""
        mean_k = mean_temperature_k(self.network_return_c, self.network_supply_c)
        return HeatReuse.derive(self, around) | {"network_mean_k": mean_k}
