"""Chilled water of a central plant nearby, taken through an exchanger: a stated efficiency of that plant as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase, Surroundings
from twin.components.profiles import ALWAYS, Availability


@compilable
def central_offer(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Its whole capacity at any weather, added to what the plant has if it is called."""
    y.capacity_kw = u.availability_frac * p.rated_kw
    if p.rank < loop.stage_count - 0.5:
        loop.capacity_kw += y.capacity_kw
    if p.rank < loop.stage_count - 1.5:
        loop.capacity_less_kw += y.capacity_kw


@compilable
def central_serve(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Its share of the load and the power that the central plant needs for it."""
    y.running = 1.0 if p.rank < loop.stage_count - 0.5 and y.capacity_kw > 0.0 else 0.0
    y.cooling_kw = loop.plr_frac * y.capacity_kw if y.running > 0.5 else 0.0
    y.power_kw = y.cooling_kw / p.plant_cop
    loop.chilled_kw += y.cooling_kw


class CentralPlantWater(Component):
    """Capacity from a central plant that serves others, too; what that plant draws for it counts as the site's.

    Its heat leaves through towers of its own, whose water is not counted.
    """

    kind: Literal["central_plant"] = "central_plant"
    """Kind of chiller."""
    rated_kw: float = Field(gt=0, le=100000)
    """Capacity of the exchanger."""
    plant_cop: float = Field(ge=1.5, le=10)
    """Heat over the power of chillers, pumps and towers of the central plant, all in all (.8 kW/ton: 4.4)."""
    availability: Availability = ALWAYS
    """1: in service; 0: out of service."""
    restart_min: float = Field(0.0, ge=0, le=600)
    """Time from the return of power or service until it cools again (2-3 min with fast restart, up to 30 without)."""

    inputs: ClassVar[Fields] = {"availability_frac": "1: in service"}
    derived: ClassVar[Mapping[str, int]] = {"rank": 0}
    outputs: ClassVar[Fields] = {
        "cooling_kw": "Heat removed from chilled water",
        "power_kw": "Power of the central plant for it",
        "capacity_kw": "Capacity in service",
        "running": "1: called",
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("offer", central_offer, ("loop",)),
        Phase("serve", central_serve, ("loop",)),
    )
    ledger: ClassVar[Ledger] = Ledger(electric=("power_kw",), from_water=("cooling_kw",))
    draws: ClassVar[str | None] = "power_kw"
    end_use: ClassVar[str] = "chiller"

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Position among the chillers of the plant."""
        return {"rank": float(around.rank)}
