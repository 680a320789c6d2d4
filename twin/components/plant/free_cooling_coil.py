"""Free-cooling coils: return water of the loop cooled by outdoor air before it reaches the chillers."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Fields, Ledger, Phase
from twin.components.plant.dry_cooler import DESIGN_AIR_KG_M3, FinnedCooler
from twin.components.search import forget_trials
from twin.physics.dry_coolers import air_capacity_kw_per_k, cooler_kw_per_k, dry_cooler, fan_power_frac
from twin.units import WATER_CP_KJ_KG_K


@compilable
def free_cool(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Heat to outdoor air while that is colder than the return water; never more than the loop must give up."""
    scale = max(u.availability_frac, 1e-9)
    water_kw_per_k = loop.flow_kg_s * WATER_CP_KJ_KG_K
    y.heat_kw, y.air_ratio, y.fan_on_frac = 0.0, 0.0, 0.0
    cold_enough = loop.return_c - w.dry_bulb_c > p.start_k
    if loop.pass_count < 0.5:  # on the water as it stands: a decision on a trial temperature may have no answer
        y.called = 1.0 if cold_enough else 0.0
    elif y.called < 0.5 and cold_enough and loop.supply_c > max(loop.start_c, loop.set_c):
        y.called = 1.0  # without it the water would grow that warm within the step; once on, it stays
        forget_trials(loop, loop.supply_c)
    if y.called > 0.5 and loop.return_c > w.dry_bulb_c and water_kw_per_k > 0.0 and loop.demand_kw > 0.0:
        dry_kg_m3 = w.density_kg_m3 / (1.0 + w.humidity_ratio_kg_kg)
        air_kw_per_k = air_capacity_kw_per_k(p.air_flow_m3_s * scale, dry_kg_m3, w.humidity_ratio_kg_kg)
        air_frac = air_kw_per_k / (p.design_air_kw_per_k * scale)
        water_frac = loop.flow_kg_s / (p.water_kg_s * scale)
        full_kw = (loop.return_c - w.dry_bulb_c) * cooler_kw_per_k(
            1.0, air_kw_per_k, air_frac, water_kw_per_k, water_frac, p.ua_kw_per_k * scale, p.air_resistance_frac,
            p.air_exponent_ratio, p.water_exponent_ratio)  # fmt: skip
        if p.integrated > 0.5 or full_kw >= loop.demand_kw:
            y.heat_kw, y.air_ratio, y.fan_on_frac = min(full_kw, loop.demand_kw), 1.0, 1.0
        if full_kw > loop.demand_kw:
            wanted_c = loop.return_c - loop.demand_kw / water_kw_per_k
            _, y.air_ratio, y.fan_on_frac = dry_cooler(
                loop.demand_kw, water_kw_per_k, water_frac, w.dry_bulb_c, wanted_c, air_kw_per_k, air_frac,
                p.air_minimum_frac, p.ua_kw_per_k * scale, p.air_resistance_frac, p.air_exponent_ratio,
                p.water_exponent_ratio)  # fmt: skip
    y.fan_kw = p.fan_kw * scale * fan_power_frac(y.air_ratio, y.fan_on_frac, w.density_kg_m3 / DESIGN_AIR_KG_M3)
    loop.free_kw = y.heat_kw


class FreeCoolingCoil(FinnedCooler):
    """Coil between return water and outdoor air, with fans of its own, in series before the chillers."""

    kind: Literal["free_cooling_coil"] = "free_cooling_coil"
    """Kind of economizer."""
    start_k: float = Field(2.0, ge=0, le=20)
    """The fans start when outdoor air is colder than the return water by this."""
    integrated: bool = True
    """Chillers carry what free cooling leaves; else it runs alone, when it can carry all, or not at all."""

    outputs: ClassVar[Fields] = {
        "called": "1: outdoor air is cold enough to start the fans",
        "heat_kw": "Heat to outdoor air",
        "air_ratio": "Air flow of the running fans over design",
        "fan_on_frac": "Share of the time that the fans run",
        "fan_kw": "Power of the fans",
    }
    phases: ClassVar[tuple[Phase, ...]] = (Phase("economize", free_cool, ("loop",)),)
    ledger: ClassVar[Ledger] = Ledger(electric=("fan_kw",), from_water=("heat_kw",))

    @property
    def capacity_kw(self) -> float:
        """Heat at the design point."""
        return self._design()[0]
