"""What cooling towers share: design point, fan, and the water that they evaporate, lose as drift and blow down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Fields
from twin.components.plant.rejection import HeatRejection
from twin.errors import SpecFault
from twin.physics.fluids import (
    dry_air_density_kg_m3,
    saturated_enthalpy_kj_kg,
    saturation_humidity_ratio_kg_kg,
)
from twin.physics.tower_water import (
    all_latent_evaporation_kg_s,
    blowdown_kg_s,
    drift_kg_s,
    make_up_kg_s,
    saturated_exit_evaporation_kg_s,
)
from twin.physics.towers import fan_power_frac, mean_air_ratio
from twin.units import SEA_LEVEL_PA, SECONDS_PER_HOUR, WATER_CP_KJ_KG_K, WATER_KG_M3


@compilable
def fan_and_water(p, u, w, s, x, y, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Fan power and water use, once the plant's search has settled heat, water and fan speed."""
    scale = y.design_kg_s / p.water_kg_s
    y.fan_kw = p.fan_kw * scale * fan_power_frac(p.fan_curve, y.air_ratio, y.fan_on_frac)
    if p.evaporation < 0.5:
        air_m3_s = p.air_flow_m3_s * scale * mean_air_ratio(y.air_ratio, y.fan_on_frac, p.free_convection_frac)
        dry_kg_m3 = w.density_kg_m3 / (1.0 + w.humidity_ratio_kg_kg)
        evaporated = saturated_exit_evaporation_kg_s(
            y.rejected_kw, air_m3_s * dry_kg_m3, w.wet_bulb_c, w.humidity_ratio_kg_kg, w.pressure_pa
        )
    else:
        evaporated = all_latent_evaporation_kg_s(y.rejected_kw, y.leaving_c)
    drift = drift_kg_s(y.water_kg_s, p.drift_frac)
    blown = blowdown_kg_s(evaporated, drift, p.cycles_ratio, p.drift_credit)
    to_m3_h = SECONDS_PER_HOUR / WATER_KG_M3
    y.evaporation_m3_h = evaporated * to_m3_h
    y.drift_m3_h = drift * to_m3_h
    y.blowdown_m3_h = blown * to_m3_h
    y.make_up_m3_h = make_up_kg_s(evaporated, drift, blown) * to_m3_h


class Tower(HeatRejection):
    """An open cooling tower, or several equal cells, with fans of variable speed."""

    design_wet_bulb_c: float = Field(ge=5, le=35)
    """Design wet bulb."""
    design_range_k: float = Field(5.6, ge=1.2, le=22)
    """Design cooling of the water."""
    design_approach_k: float = Field(3.9, ge=1.2, le=20)
    """Design temperature of the leaving water above the wet bulb."""
    free_convection_frac: float = Field(0.0, ge=0, le=0.3)
    """Capacity with the fans off over capacity at full fan."""
    evaporation: Literal["saturated_exit", "all_latent"] = "saturated_exit"
    """Air leaves saturated, or all heat evaporates water."""
    cycles_ratio: float = Field(4.0, gt=1, le=50)
    """Cycles of concentration."""
    drift_frac: float = Field(0.00005, ge=0, le=0.01)
    """Drift over circulating water."""
    drift_counts_as_blowdown: bool = True
    """Whether drift is credited against blowdown."""

    outputs: ClassVar[Fields] = {
        **HeatRejection.outputs,
        "clamped_count": "1: the correlation was used at the edge of its range",
        "evaporation_m3_h": "Water evaporated",
        "drift_m3_h": "Water lost as drift",
        "blowdown_m3_h": "Water blown down",
        "make_up_m3_h": "Water made up",
    }
    shared: ClassVar[Mapping[str, int]] = {"water_kg_s": 0, "fan_curve": 4, "drift_credit": 0}

    @model_validator(mode="after")
    def _air_can_take_the_heat(self) -> Self:
        """Air that leaves as warm as the water enters, and saturated, must hold the design heat."""
        enter_c = self.design_wet_bulb_c + self.design_approach_k + self.design_range_k
        cold, warm = (saturated_enthalpy_kj_kg(t, SEA_LEVEL_PA) for t in (self.design_wet_bulb_c, enter_c))
        humidity = saturation_humidity_ratio_kg_kg(self.design_wet_bulb_c, SEA_LEVEL_PA)
        density = dry_air_density_kg_m3(self.design_wet_bulb_c, humidity, SEA_LEVEL_PA)
        heat_kw = self.water_flow_m3_s * WATER_KG_M3 * WATER_CP_KJ_KG_K * self.design_range_k
        least_m3_s = heat_kw / ((warm - cold) * density)
        if self.air_flow_m3_s <= least_m3_s:
            bound = f"must be > {least_m3_s:.4g} to take {heat_kw:,.0f} kW (design range times water flow)"
            raise SpecFault(("air_flow_m3_s",), f"{bound}, got {self.air_flow_m3_s:g}")
        return self

    def shared_parameters(self, fan_curve: tuple[float, ...]) -> dict[str, object]:
        """Parameters that every kind of tower derives."""
        return {
            "water_kg_s": self.water_flow_m3_s * WATER_KG_M3,
            "fan_curve": fan_curve,
            "drift_credit": float(self.drift_counts_as_blowdown),
        }
