"""A stated load on a chilled-water loop: another building, a process, or the load of a test."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase
from twin.components.plant.chilled_water_loop import take_water
from twin.components.profiles import ALWAYS, Profile
from twin.units import WATER_CP_KJ_KG_K


@compilable
def process_step(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Heat into the loop, with the flow that its temperature rise asks for."""
    y.heat_kw = p.heat_kw * u.use_frac
    flow_kg_s = y.heat_kw / (WATER_CP_KJ_KG_K * p.water_rise_k)
    y.unmet_kw = flow_kg_s * WATER_CP_KJ_KG_K * max(loop.supply_c - loop.set_c, 0.0)
    take_water(loop, y.heat_kw, flow_kg_s, loop.supply_c + p.water_rise_k)


class ProcessLoad(Component):
    """Heat that comes from outside the data center's halls."""

    heat_kw: float = Field(ge=0, le=1e6)
    """Heat at full use."""
    use: Profile = ALWAYS
    """Share of it over time."""
    water_rise_k: float = Field(6.0, gt=0, le=40)
    """Temperature rise of the water."""

    inputs: ClassVar[Fields] = {"use_frac": "Share of the load over time"}
    outputs: ClassVar[Fields] = {
        "heat_kw": "Heat into the loop",
        "unmet_kw": "Cooling of the load's water short of the loop's set-point",
    }
    phases: ClassVar[tuple[Phase, ...]] = (Phase("load", process_step, ("loop",)),)
    ledger: ClassVar[Ledger] = Ledger(to_water=("heat_kw",))
