"""Pumps of chilled and condenser water: rated power from flow, head and efficiency, and a law of part flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase, Surroundings
from twin.components.profiles import ALWAYS, Availability
from twin.physics.movers import PUMP_LINEAR, PUMP_VARIABLE_SPEED, cubic_power_frac, mover_power_kw
from twin.units import PA_PER_KPA, WATER_CP_KJ_KG_K, WATER_KG_M3

NOTHING_KG_S = 1e-30  # as where no tower is in service
LEAST_FLOW_FRAC = 1e-6  # water that a lost pump still moves, so that nothing is divided by zero: below a watt per MW
CURVES = {"constant": (1.0, 0.0, 0.0, 0.0), "staged": PUMP_LINEAR, "variable": PUMP_VARIABLE_SPEED}


@compilable
def pump_open(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Share of the water that the loads ask for which the pumps in service can move, by what was asked last."""
    able_kg_s = u.availability_frac * p.rated_kg_s
    short = u.availability_frac < 1.0 and able_kg_s < s.asked_kg_s
    loop.flow_frac = max(able_kg_s / s.asked_kg_s, LEAST_FLOW_FRAC) if short else 1.0
    if u.availability_frac <= 0.0:
        loop.flow_frac = LEAST_FLOW_FRAC


@compilable
def pump_kw(p, u, flow_kg_s):  # type: ignore[no-untyped-def]
    """Power of the pumps in service at this flow of all of them."""
    if u.availability_frac <= 0.0:
        return 0.0
    share = flow_kg_s / (p.rated_kg_s * u.availability_frac)
    return u.availability_frac * p.rated_kw * min(cubic_power_frac(p.curve, share), 1.0)


@compilable
def circulate(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Chilled water: a pump of constant speed moves its rated flow, the rest of it past the loads."""
    asked_kg_s = loop.flow_kg_s
    least_kg_s = p.rated_kg_s if p.control < 0.5 else p.rated_kg_s * p.minimum_flow_frac
    y.flow_kg_s = max(asked_kg_s, least_kg_s * u.availability_frac)
    x.asked_kg_s = asked_kg_s / loop.flow_frac
    loop.return_sum += (y.flow_kg_s - asked_kg_s) * loop.supply_c
    loop.flow_kg_s = y.flow_kg_s
    y.power_kw = pump_kw(p, u, y.flow_kg_s)
    y.water_heat_kw = y.power_kw * p.heat_to_water_frac
    y.over_flow = 1.0 if asked_kg_s > p.rated_kg_s * u.availability_frac * 1.0001 else 0.0
    loop.load_kw += y.water_heat_kw
    loop.return_sum += y.water_heat_kw / WATER_CP_KJ_KG_K


@compilable
def condenser_stands(p, u, w, s, x, y, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Share of the water asked for, by what was asked last, that the pumps in service can move.

    Without any of them no heat is rejected: chillers and economizer find no tower in service, and chillers trip.
    """
    able_kg_s = u.availability_frac * p.rated_kg_s
    short = 0.0 < u.availability_frac < 1.0 and able_kg_s < s.asked_kg_s
    condenser.flow_frac = able_kg_s / s.asked_kg_s if short else 1.0
    if u.availability_frac <= 0.0:
        condenser.design_flow_kg_s = NOTHING_KG_S


@compilable
def circulate_condenser(p, u, w, s, x, y, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Condenser water: power follows the flow that chillers and economizer ask for."""
    y.flow_kg_s = condenser.flow_kg_s
    x.asked_kg_s = condenser.flow_kg_s / condenser.flow_frac
    y.power_kw = pump_kw(p, u, y.flow_kg_s)
    y.water_heat_kw = y.power_kw * p.heat_to_water_frac
    y.over_flow = 1.0 if y.flow_kg_s > p.rated_kg_s * u.availability_frac * 1.0001 else 0.0
    condenser.heat_kw += y.water_heat_kw


class Pump(Component):
    """One or several pumps as one machine: rated power = flow x head / efficiency."""

    flow_m3_s: float = Field(gt=0, le=100)
    """Rated flow of all pumps in service."""
    head_kpa: float = Field(gt=0, le=2000)
    """Pressure rise at rated flow."""
    efficiency_frac: float = Field(0.7, gt=0, le=1)
    """Wire-to-water efficiency at rated flow."""
    control: Literal["constant", "staged", "variable"] = "variable"
    """Constant speed, equal pumps switched with the flow, or variable speed."""
    heat_to_water_frac: float = Field(0.9, ge=0, le=1)
    """Share of the power that ends as heat in the water; the rest heats the plant room's air, outdoors."""
    fed_by: str | None = None
    """Power device that feeds the pumps, or grid; that of the plant if left out."""
    parallel_count: int = Field(1, ge=1, le=1000)
    """Equal pumps in parallel that the figures of all stand for; each of them can be lost."""
    availability: Availability = ALWAYS
    """Share of the pumps in service over time."""

    inputs: ClassVar[Fields] = {"availability_frac": "Share of the pumps in service"}
    derived: ClassVar[Mapping[str, int]] = {"rated_kg_s": 0, "rated_kw": 0, "curve": 4}
    outputs: ClassVar[Fields] = {
        "flow_kg_s": "Water flow",
        "power_kw": "Power of the pumps",
        "water_heat_kw": "Heat of the pumps to the water",
        "over_flow": "1: more flow is asked for than the rated",
    }
    ledger: ClassVar[Ledger] = Ledger(electric=("power_kw",), to_water=("water_heat_kw",))
    draws: ClassVar[str | None] = "power_kw"
    end_use: ClassVar[str] = "pump"

    def derive(self, around: Surroundings) -> dict[str, object]:
        """Rated mass flow and power, and the law of part flow."""
        return {
            "rated_kg_s": self.flow_m3_s * WATER_KG_M3,
            "rated_kw": mover_power_kw(self.flow_m3_s, self.head_kpa * PA_PER_KPA, self.efficiency_frac),
            "curve": CURVES[self.control],
        }


class ChilledWaterPump(Pump):
    """Pumps of the chilled-water loop."""

    minimum_flow_frac: float = Field(0.0, ge=0, le=1)
    """Lowest flow, for the evaporators' sake or for pumps kept running; what the loads do not take passes them."""

    state: ClassVar[Fields] = {"asked_kg_s": "Flow that the loads asked for in the last step"}
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("loop_open", pump_open, ("loop",)),
        Phase("circulate", circulate, ("loop",)),
    )


class CondenserPump(Pump):
    """Pumps of the condenser-water loop."""

    control: Literal["constant", "staged", "variable"] = "staged"
    """Constant speed, equal pumps switched with the flow, or variable speed."""
    state: ClassVar[Fields] = {"asked_kg_s": "Flow that chillers and economizer asked for in the last step"}
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("rejection_close", condenser_stands, ("condenser",)),
        Phase("condenser_circulate", circulate_condenser, ("condenser",)),
    )
