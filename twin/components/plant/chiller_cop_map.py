"""Chillers by measured maps of COP, water- and air-cooled: the machines of the Lei & Masanet archetypes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Fields, Ledger, Phase, Surroundings
from twin.components.plant.plant_chiller import PlantChiller, offer_capacity, offer_rated, take_share
from twin.physics.cop_maps import water_cooled_cop
from twin.physics.direct_expansion import air_cooled_cop, compressor_kw
from twin.units import WATER_KG_M3

LEAST_KG_S = 1e-6  # design flow of towers in service below which the chiller trips: its heat has nowhere to go


@compilable
def map_serve(p, y, loop, cop, clamped):  # type: ignore[no-untyped-def]
    """Its share of the load and the power for it at a COP of the map."""
    take_share(p, y, loop)
    y.power_kw = compressor_kw(y.cooling_kw, cop, p.cop_error_frac)
    y.clamped_count = clamped if y.cooling_kw > 0.0 else 0.0


@compilable
def water_offer(p, u, w, s, x, y, loop, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Rated capacity at any temperature, while there is heat rejection; at its rated rise of the condenser water."""
    y.entering_c = condenser.supply_c
    y.capacity_kw = (
        u.availability_frac * condenser.flow_frac * p.rated_kw if condenser.design_flow_kg_s > LEAST_KG_S else 0.0
    )
    offer_capacity(p, y, loop)


@compilable
def water_serve(p, u, w, s, x, y, loop, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Share and power at the condenser water of this pass; all heat to that water."""
    cop, clamped = water_cooled_cop(loop.plr_frac, condenser.supply_c)
    map_serve(p, y, loop, cop, clamped)
    y.water_heat_kw = y.power_kw
    if y.cooling_kw > 0.0:
        condenser.flow_kg_s += p.condenser_kg_s * u.availability_frac * condenser.flow_frac
    condenser.heat_kw += y.cooling_kw + y.water_heat_kw


@compilable
def air_serve(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Share and power at this outdoor air; the heat goes straight outdoors."""
    cop, clamped = air_cooled_cop(loop.plr_frac, w.dry_bulb_c)
    map_serve(p, y, loop, cop, clamped)


class CopMapChiller(PlantChiller):
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

    derived: ClassVar[Mapping[str, int]] = {**PlantChiller.derived, "condenser_kg_s": 0}
    outputs: ClassVar[Fields] = {
        **PlantChiller.outputs,
        "power_kw": "Power of the compressor",
        "water_heat_kw": "Compressor heat to condenser water",
        "entering_c": "Condenser water entering",
        "clamped_count": "1: the map was read at its edge",
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("offer", water_offer, ("loop", "condenser")),
        Phase("serve", water_serve, ("loop", "condenser")),
    )
    ledger: ClassVar[Ledger] = Ledger(electric=("power_kw",), to_water=("water_heat_kw",))

    def derive(self, around: Surroundings) -> dict[str, object]:
        """Its place in the order of chillers, and the condenser water in kg/s."""
        return {**PlantChiller.derive(self, around), "condenser_kg_s": self.condenser_flow_m3_s * WATER_KG_M3}


class AirCooledCopMapChiller(PlantChiller):
    """One air-cooled chiller by the measured map (15-35 degC outdoors, load .25-1); capacity as rated always."""

    kind: Literal["air_cooled_cop_map"] = "air_cooled_cop_map"
    """Kind of chiller."""
    rated_kw: float = Field(gt=0, le=50000)
    """Cooling capacity."""
    cop_error_frac: float = Field(0.0, ge=-0.6, le=0.6)
    """Deviation of the COP from the map (Lei and Masanet 2022: -.4 to -.25 midsize, -.45 to -.3 small)."""

    outputs: ClassVar[Fields] = {
        **PlantChiller.outputs,
        "power_kw": "Power of compressor and condenser fans",
        "clamped_count": "1: the map was read at its edge",
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("offer", offer_rated, ("loop",)),
        Phase("serve", air_serve, ("loop",)),
    )
    ledger: ClassVar[Ledger] = Ledger(electric=("power_kw",), from_water=("cooling_kw",))
