"""Dry section in series before economizer and chillers: a finned coil, or a thermosyphon with an air-cooled condenser.

It takes what it can of the loop's heat as sensible heat and leaves the rest to what evaporates water or needs power.
Its fans weigh their own power against the heat that they carry, as hybrid systems of thermosyphon and towers do.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Fields, Ledger, Phase
from twin.components.plant.dry_cooler import DESIGN_AIR_KG_M3, FinnedCooler
from twin.physics.dry_coolers import (
    air_capacity_kw_per_k,
    cooler_kw_per_k,
    dry_cooler,
    fan_power_frac,
    worthwhile_air_ratio,
)
from twin.units import WATER_CP_KJ_KG_K


@compilable
def precool(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Heat to outdoor air as far as it is worth the fans' power, and never more than the loop must give up."""
    scale = max(u.availability_frac, 1e-9)
    water_kw_per_k = loop.flow_kg_s * WATER_CP_KJ_KG_K
    driving_k = loop.return_c - w.dry_bulb_c
    density_ratio = w.density_kg_m3 / DESIGN_AIR_KG_M3
    y.heat_kw, y.air_ratio, y.fan_on_frac = 0.0, 0.0, 0.0
    if driving_k > p.start_k and water_kw_per_k > 0.0 and loop.demand_kw > 0.0:
        dry_kg_m3 = w.density_kg_m3 / (1.0 + w.humidity_ratio_kg_kg)
        air_kw_per_k = air_capacity_kw_per_k(p.air_flow_m3_s * scale, dry_kg_m3, w.humidity_ratio_kg_kg)
        air_frac = air_kw_per_k / (p.design_air_kw_per_k * scale)
        water_frac = loop.flow_kg_s / (p.water_kg_s * scale)
        most = worthwhile_air_ratio(
            driving_k, p.fan_kw * scale * density_ratio, p.fan_worth_ratio, p.air_minimum_frac, air_kw_per_k, air_frac,
            water_kw_per_k, water_frac, p.ua_kw_per_k * scale, p.air_resistance_frac, p.air_exponent_ratio,
            p.water_exponent_ratio)  # fmt: skip
        most_kw = driving_k * cooler_kw_per_k(
            most, air_kw_per_k, air_frac, water_kw_per_k, water_frac, p.ua_kw_per_k * scale, p.air_resistance_frac,
            p.air_exponent_ratio, p.water_exponent_ratio)  # fmt: skip
        y.heat_kw, y.air_ratio, y.fan_on_frac = min(most_kw, loop.demand_kw), most, 1.0 if most > 0.0 else 0.0
        if most_kw > loop.demand_kw:
            wanted_c = loop.return_c - loop.demand_kw / water_kw_per_k
            _, y.air_ratio, y.fan_on_frac = dry_cooler(
                loop.demand_kw, water_kw_per_k, water_frac, w.dry_bulb_c, wanted_c, air_kw_per_k, air_frac,
                p.air_minimum_frac, p.ua_kw_per_k * scale, p.air_resistance_frac, p.air_exponent_ratio,
                p.water_exponent_ratio)  # fmt: skip
    y.fan_kw = p.fan_kw * scale * fan_power_frac(y.air_ratio, y.fan_on_frac, density_ratio)
    loop.precooled_kw = y.heat_kw
    loop.demand_kw -= y.heat_kw
    if y.heat_kw > 0.0:
        loop.return_c -= y.heat_kw / water_kw_per_k
    y.leaving_c = loop.return_c


class Precooler(FinnedCooler):
    """Dry section between return water and outdoor air; a thermosyphon's refrigerant is part of its approach."""

    kind: Literal["dry_section"] = "dry_section"
    """Kind of precooler."""
    start_k: float = Field(2.0, ge=0, le=20)
    """The fans may run when outdoor air is colder than the return water by this."""
    fan_worth_ratio: float = Field(0.0, ge=0, le=1000)
    """Heat that the last kWh of the fans must carry, in kWh; 0: it takes all the heat that it can.

    What a kWh of electricity costs over what the water costs that a kWh of heat would evaporate.
    """

    outputs: ClassVar[Fields] = {
        "heat_kw": "Heat to outdoor air",
        "air_ratio": "Air flow of the running fans over design",
        "fan_on_frac": "Share of the time that the fans run",
        "fan_kw": "Power of the fans",
        "leaving_c": "Water leaving",
    }
    phases: ClassVar[tuple[Phase, ...]] = (Phase("dry_section", precool, ("loop",)),)
    ledger: ClassVar[Ledger] = Ledger(electric=("fan_kw",), from_water=("heat_kw",))
