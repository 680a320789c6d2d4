"""What all chillers of a plant share: their place in its order, the capacity that they offer, and whether they run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Component, Fields, Surroundings
from twin.components.profiles import ALWAYS, Availability


@compilable
def offer_capacity(p, y, loop):  # type: ignore[no-untyped-def]
    """Add the capacity in ``y`` to what the plant has if this chiller is called, and to what it has with one less."""
    if p.rank < loop.stage_count - 0.5:
        loop.capacity_kw += y.capacity_kw
    if p.rank < loop.stage_count - 1.5:
        loop.capacity_less_kw += y.capacity_kw


@compilable
def offer_rated(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Offer the rated capacity, in any weather and at any water."""
    y.capacity_kw = u.availability_frac * p.rated_kw
    offer_capacity(p, y, loop)


@compilable
def at_rest(p, y, loop):  # type: ignore[no-untyped-def]
    """Whether it is called, and the figures of a chiller at rest; it has work where it is called and there is load."""
    y.running = 1.0 if p.rank < loop.stage_count - 0.5 and y.capacity_kw > 0.0 else 0.0
    y.cooling_kw = 0.0
    y.power_kw = 0.0
    y.clamped_count = 0.0
    return y.running > 0.5 and loop.plr_frac > 0.0


@compilable
def take_share(p, y, loop):  # type: ignore[no-untyped-def]
    """Whether it is called, and its share of the load, from the chilled water; its power is not known yet."""
    y.running = 1.0 if p.rank < loop.stage_count - 0.5 and y.capacity_kw > 0.0 else 0.0
    y.cooling_kw = loop.plr_frac * y.capacity_kw if y.running > 0.5 else 0.0
    loop.chilled_kw += y.cooling_kw


class PlantChiller(Component):
    """One chiller of a plant, called in the order in which the plant names them."""

    availability: Availability = ALWAYS
    """1: in service; 0: out of service."""
    restart_min: float = Field(0.0, ge=0, le=600)
    """Time from the return of power or service until it cools again (2-3 min with fast restart, up to 30 without)."""

    inputs: ClassVar[Fields] = {"availability_frac": "1: in service"}
    derived: ClassVar[Mapping[str, int]] = {"rank": 0}
    outputs: ClassVar[Fields] = {
        "cooling_kw": "Heat removed from chilled water",
        "power_kw": "Power",
        "capacity_kw": "Capacity in service",
        "running": "1: called",
    }
    draws: ClassVar[str | None] = "power_kw"
    end_use: ClassVar[str] = "chiller"

    def derive(self, around: Surroundings) -> dict[str, Any]:
        """Its place in the order of chillers."""
        return {"rank": float(around.rank)}
