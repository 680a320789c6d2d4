"""Cooling tower after Merkel, by effectiveness and transfer units, with EnergyPlus's curves away from design."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from twin.compiled import compilable
from twin.components.base import Phase, Surroundings
from twin.components.plant.rejection import rejection_offer
from twin.components.plant.tower import Tower, fan_and_water
from twin.physics.fluids import dry_air_density_kg_m3, saturation_humidity_ratio_kg_kg
from twin.physics.merkel import merkel_design_ua_kw_per_k, merkel_tower
from twin.physics.towers import FAN_MERKEL
from twin.units import SEA_LEVEL_PA, WATER_CP_KJ_KG_K, WATER_KG_M3


@compilable
def merkel_reject(p, u, w, s, x, y, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Its share of heat and water at the set-point, or at what the fans can do."""
    share = y.design_kg_s / condenser.design_flow_kg_s
    y.water_kg_s = condenser.flow_kg_s * share
    y.rejected_kw = condenser.heat_kw * share
    dry_kg_m3 = w.density_kg_m3 / (1.0 + w.humidity_ratio_kg_kg)
    scale = max(u.availability_frac, 1e-9)
    y.leaving_c, y.air_ratio, y.fan_on_frac, y.clamped_count = merkel_tower(
        y.rejected_kw, y.water_kg_s, p.water_kg_s * scale, w.wet_bulb_c, condenser.target_c, p.air_minimum_frac,
        p.free_convection_frac, w.humidity_ratio_kg_kg, w.pressure_pa, p.air_flow_m3_s * scale * dry_kg_m3,
        p.ua_kw_per_k * scale, p.design_wet_bulb_c)  # fmt: skip
    condenser.leaving_sum += y.design_kg_s * y.leaving_c


class MerkelTower(Tower):
    """Tower of Merkel's theory; conductance from the design point at sea level."""

    kind: Literal["merkel"] = "merkel"
    """Kind of heat rejection."""

    derived: ClassVar[Mapping[str, int]] = {**Tower.shared, "ua_kw_per_k": 0}
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("rejection_offer", rejection_offer, ("condenser",)),
        Phase("reject", merkel_reject, ("condenser",)),
        Phase("observe", fan_and_water, ("condenser",)),
    )

    def derive(self, around: Surroundings) -> dict[str, object]:
        """Conductance that gives range and approach at the design wet bulb, in saturated air of standard pressure."""
        humidity = saturation_humidity_ratio_kg_kg(self.design_wet_bulb_c, SEA_LEVEL_PA)
        density = dry_air_density_kg_m3(self.design_wet_bulb_c, humidity, SEA_LEVEL_PA)
        heat_kw = self.water_flow_m3_s * WATER_KG_M3 * WATER_CP_KJ_KG_K * self.design_range_k
        ua = merkel_design_ua_kw_per_k(
            heat_kw, self.design_range_k, self.design_approach_k, self.design_wet_bulb_c, humidity, SEA_LEVEL_PA,
            self.air_flow_m3_s * density)  # fmt: skip
        return self.shared_parameters(FAN_MERKEL) | {"ua_kw_per_k": ua}
