"""What every way of giving condenser heat to outdoor air shares: flows, fans, and its place on the condenser loop."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger
from twin.components.profiles import ALWAYS, Availability


@compilable
def rejection_offer(p, u, w, s, x, y, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Design flow in service, by which the water is shared."""
    y.design_kg_s = p.water_kg_s * u.availability_frac
    condenser.design_flow_kg_s += y.design_kg_s


class HeatRejection(Component):
    """Equal units with fans of variable speed that share the condenser water."""

    water_flow_m3_s: float = Field(gt=0, le=100)
    """Design water flow of all units."""
    air_flow_m3_s: float = Field(gt=0, le=10000)
    """Design air flow of all units."""
    fan_kw: float = Field(ge=0, le=1e5)
    """Fan power of all units at design air flow."""
    air_minimum_frac: float = Field(0.2, ge=0.05, le=1)
    """Lowest air flow of the running fans; below it they cycle."""
    parallel_count: int = Field(1, ge=1, le=1000)
    """Equal cells or units that the figures of all stand for; each of them can be lost."""
    availability: Availability = ALWAYS
    """Share of the units in service over time."""

    inputs: ClassVar[Fields] = {"availability_frac": "Share of the units in service"}
    outputs: ClassVar[Fields] = {
        "design_kg_s": "Design water flow in service",
        "water_kg_s": "Water flow",
        "rejected_kw": "Heat rejected",
        "leaving_c": "Water leaving",
        "air_ratio": "Air flow of the running fans over design",
        "fan_on_frac": "Share of the time that the fans run",
        "fan_kw": "Power of the fans",
    }
    ledger: ClassVar[Ledger] = Ledger(electric=("fan_kw",), from_water=("rejected_kw",))
    draws: ClassVar[str | None] = "fan_kw"
    end_use: ClassVar[str] = "tower_fan"
