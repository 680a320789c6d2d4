"""Dry coolers: finned coils with variable-speed fans that give the heat of water to outdoor air."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Phase, Surroundings
from twin.components.plant.rejection import HeatRejection, rejection_offer
from twin.errors import SpecFault
from twin.physics.dry_coolers import (
    air_capacity_kw_per_k,
    design_effectiveness_frac,
    design_ua_kw_per_k,
    dry_cooler,
    fan_power_frac,
)
from twin.units import WATER_CP_KJ_KG_K, WATER_KG_M3

DESIGN_AIR_KG_M3 = 1.2  # air density at which the design point and the fan power are stated
BEST_FRAC = 0.95  # highest effectiveness of a crossflow coil that can be built


@compilable
def reject_to_air(p, u, w, y, condenser, air_in_c, humidity_ratio):  # type: ignore[no-untyped-def]
    """Its share of heat and water at the set-point, or at what the fans can do with air of ``air_in_c``."""
    share = y.design_kg_s / condenser.design_flow_kg_s
    scale = max(u.availability_frac, 1e-9)
    y.water_kg_s = condenser.flow_kg_s * share
    y.rejected_kw = condenser.heat_kw * share
    dry_kg_m3 = w.density_kg_m3 / (1.0 + w.humidity_ratio_kg_kg)
    air_kw_per_k = air_capacity_kw_per_k(p.air_flow_m3_s * scale, dry_kg_m3, humidity_ratio)
    y.leaving_c, y.air_ratio, y.fan_on_frac = dry_cooler(
        y.rejected_kw, y.water_kg_s * WATER_CP_KJ_KG_K, y.water_kg_s / (p.water_kg_s * scale), air_in_c,
        condenser.target_c, air_kw_per_k, air_kw_per_k / (p.design_air_kw_per_k * scale), p.air_minimum_frac,
        p.ua_kw_per_k * scale, p.air_resistance_frac, p.air_exponent_ratio, p.water_exponent_ratio)  # fmt: skip
    y.fan_kw = p.fan_kw * scale * fan_power_frac(y.air_ratio, y.fan_on_frac, w.density_kg_m3 / DESIGN_AIR_KG_M3)
    condenser.leaving_sum += y.design_kg_s * y.leaving_c


@compilable
def dry_reject(p, u, w, s, x, y, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Outdoor air as it is."""
    reject_to_air(p, u, w, y, condenser, w.dry_bulb_c, w.humidity_ratio_kg_kg)


class FinnedCooler(HeatRejection):
    """What coolers with finned coils share; crossflow, both streams unmixed. Fan power is stated for 1.2 kg/m3."""

    design_range_k: float = Field(6.0, gt=0, le=30)
    """Design cooling of the water."""
    design_approach_k: float = Field(7.0, gt=0, le=40)
    """Design temperature of the leaving water above the entering air."""
    air_resistance_frac: float = Field(0.6, gt=0, lt=1)
    """Share of the coil's thermal resistance on the air side (Modelica Buildings: r_nominal 2/3)."""
    air_exponent_ratio: float = Field(0.8, ge=0, le=1.5)
    """Conductance grows with air flow to this power."""
    water_exponent_ratio: float = Field(0.85, ge=0, le=1.5)
    """Conductance grows with water flow to this power."""

    derived: ClassVar[Mapping[str, int]] = {"water_kg_s": 0, "ua_kw_per_k": 0, "design_air_kw_per_k": 0}

    @model_validator(mode="after")
    def _coil_can_be_built(self) -> Self:
        asked = design_effectiveness_frac(*self._design(), self.design_approach_k)
        if asked > BEST_FRAC:
            asks = f"asks for an effectiveness of {asked:.2f}, at most {BEST_FRAC} can be built"
            raise SpecFault(("design_approach_k",), f"{asks}; give it more air or a wider approach")
        return self

    def _design(self) -> tuple[float, float, float]:
        """Heat in kW and capacity rates of water and air in kW/K at the design point."""
        water = self.water_flow_m3_s * WATER_KG_M3 * WATER_CP_KJ_KG_K
        return water * self.design_range_k, water, air_capacity_kw_per_k(self.air_flow_m3_s, DESIGN_AIR_KG_M3, 0.0)

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Conductance that gives range and approach at the design flows."""
        heat_kw, water, air = self._design()
        ua = design_ua_kw_per_k(heat_kw, water, air, self.design_approach_k)
        return {"water_kg_s": water / WATER_CP_KJ_KG_K, "ua_kw_per_k": ua, "design_air_kw_per_k": air}


class DryCooler(FinnedCooler):
    """Dry cooler: no water is used; the water leaves above the dry bulb."""

    kind: Literal["dry_cooler"] = "dry_cooler"
    """Kind of heat rejection."""

    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("rejection_offer", rejection_offer, ("condenser",)),
        Phase("reject", dry_reject, ("condenser",)),
    )
