"""Chillers by measured maps of COP, water- and air-cooled: the machines of the Lei & Masanet archetypes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase, Surroundings
from twin.components.profiles import ALWAYS, Availability
from twin.physics.cop_maps import water_cooled_cop
from twin.physics.direct_expansion import air_cooled_cop, compressor_kw
from twin.units import WATER_KG_M3

LEAST_KG_S = 1e-6  # design flow of towers in service below which the chiller trips: its heat has nowhere to go


@compilable
def map_offer(p, y, loop):  # type: ignore[no-untyped-def]
    """Add the capacity in ``y`` to what the plant has if this chiller is called."""
    if p.rank < loop.stage_count - 0.5:
        loop.capacity_kw += y.capacity_kw
    if p.rank < loop.stage_count - 1.5:
        loop.capacity_less_kw += y.capacity_kw


@compilable
def map_serve(p, y, loop, cop, clamped):  # type: ignore[no-untyped-def]
    """Its share of the load and the power for it at a COP of the map."""
    y.running = 1.0 if p.rank < loop.stage_count - 0.5 and y.capacity_kw > 0.0 else 0.0
    y.cooling_kw = loop.plr_frac * y.capacity_kw if y.running > 0.5 else 0.0
    y.power_kw = compressor_kw(y.cooling_kw, cop, p.cop_error_frac)
    y.clamped_count = clamped if y.cooling_kw > 0.0 else 0.0
    loop.chilled_kw += y.cooling_kw


@compilable
def water_offer(p, u, w, s, x, y, loop, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Rated capacity at any temperature, while there is heat rejection."""
    y.entering_c = condenser.supply_c
    y.capacity_kw = u.availability_frac * p.rated_kw if condenser.design_flow_kg_s > LEAST_KG_S else 0.0
    map_offer(p, y, loop)


@compilable
def water_serve(p, u, w, s, x, y, loop, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Share and power at the condenser water of this pass; all heat to that water."""
    cop, clamped = water_cooled_cop(loop.plr_frac, condenser.supply_c)
    map_serve(p, y, loop, cop, clamped)
    y.water_heat_kw = y.power_kw
    if y.cooling_kw > 0.0:
        condenser.flow_kg_s += p.condenser_kg_s * u.availability_frac
    condenser.heat_kw += y.cooling_kw + y.water_heat_kw


@compilable
def air_offer(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Rated capacity in any weather."""
    y.capacity_kw = u.availability_frac * p.rated_kw
    map_offer(p, y, loop)


@compilable
def air_serve(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Share and power at this outdoor air; the heat goes straight outdoors."""
    cop, clamped = air_cooled_cop(loop.plr_frac, w.dry_bulb_c)
    map_serve(p, y, loop, cop, clamped)


class CopMapChiller(Component):
    """One water-cooled chiller by the measured map (15.6-29.4 degC, load .25-1); capacity as rated at any temperature.

    The chilled water's temperature has no part in the map.
    """

    kind: Literal["cop_map"] = "cop_map"
    """Kind of chiller."""
    rated_kw: float = Field(gt=0, le=50000)
    """Cooling capacity."""
    cop_error_frac: float = Field(0.0, ge=-0.6, le=0.6)
    """Deviation of the COP from the map (published: -.11 to .11 large, -.4 to 0 midsize, -.6 to -.2 small)."""
    condenser_flow_m3_s: float = Field(gt=0, le=100)
    """Condenser-water flow while it runs."""
    availability: Availability = ALWAYS
    """1: in service; 0: out of service."""
    restart_min: float = Field(0.0, ge=0, le=600)
    """Time from the return of power or service until it cools again (2-3 min with fast restart, up to 30 without)."""

    inputs: ClassVar[Fields] = {"availability_frac": "1: in service"}
    derived: ClassVar[Mapping[str, int]] = {"rank": 0, "condenser_kg_s": 0}
    outputs: ClassVar[Fields] = {
        "cooling_kw": "Heat removed from chilled water",
        "power_kw": "Power of the compressor",
        "water_heat_kw": "Compressor heat to condenser water",
        "capacity_kw": "Capacity in service",
        "entering_c": "Condenser water entering",
        "running": "1: called",
        "clamped_count": "1: the map was read at its edge",
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("offer", water_offer, ("loop", "condenser")),
        Phase("serve", water_serve, ("loop", "condenser")),
    )
    ledger: ClassVar[Ledger] = Ledger(electric=("power_kw",), to_water=("water_heat_kw",))
    draws: ClassVar[str | None] = "power_kw"
    end_use: ClassVar[str] = "chiller"

    def derive(self, around: Surroundings) -> dict[str, object]:
        """Its place in the order of chillers, and the condenser water in kg/s."""
        return {"rank": float(around.rank), "condenser_kg_s": self.condenser_flow_m3_s * WATER_KG_M3}


class AirCooledCopMapChiller(Component):
    """One air-cooled chiller by the measured map (15-35 degC outdoors, load .25-1); capacity as rated always."""

    kind: Literal["air_cooled_cop_map"] = "air_cooled_cop_map"
    """Kind of chiller."""
    rated_kw: float = Field(gt=0, le=50000)
    """Cooling capacity."""
    cop_error_frac: float = Field(0.0, ge=-0.6, le=0.6)
    """Deviation of the COP from the map (Lei and Masanet 2022: -.4 to -.25 midsize, -.45 to -.3 small)."""
    availability: Availability = ALWAYS
    """1: in service; 0: out of service."""
    restart_min: float = Field(0.0, ge=0, le=600)
    """Time from the return of power or service until it cools again (2-3 min with fast restart, up to 30 without)."""

    inputs: ClassVar[Fields] = {"availability_frac": "1: in service"}
    derived: ClassVar[Mapping[str, int]] = {"rank": 0}
    outputs: ClassVar[Fields] = {
        "cooling_kw": "Heat removed from chilled water",
        "power_kw": "Power of compressor and condenser fans",
        "capacity_kw": "Capacity in service",
        "running": "1: called",
        "clamped_count": "1: the map was read at its edge",
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("offer", air_offer, ("loop",)),
        Phase("serve", air_serve, ("loop",)),
    )
    ledger: ClassVar[Ledger] = Ledger(electric=("power_kw",), from_water=("cooling_kw",))
    draws: ClassVar[str | None] = "power_kw"
    end_use: ClassVar[str] = "chiller"

    def derive(self, around: Surroundings) -> dict[str, object]:
        """Its place in the order of chillers."""
        return {"rank": float(around.rank)}
