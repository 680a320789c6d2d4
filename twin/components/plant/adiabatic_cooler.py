"""Adiabatic coolers: dry coolers whose entering air is cooled by wetted pads in warm weather."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Fields, Phase
from twin.components.plant.dry_cooler import FinnedCooler, reject_to_air
from twin.components.plant.rejection import rejection_offer
from twin.physics.dry_coolers import SATURATION_EFFECTIVENESS_FRAC, adiabatic_inlet, pad_water_kg_s, wetted
from twin.units import SECONDS_PER_HOUR, WATER_KG_M3


@compilable
def adiabatic_reject(p, u, w, s, x, y, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Outdoor air as it is in cool weather, behind wetted pads in warm weather."""
    y.wetted = wetted(w.dry_bulb_c, p.wet_from_c, p.wet_band_k, s.wetted)
    x.wetted = y.wetted
    air_c, humidity = w.dry_bulb_c, w.humidity_ratio_kg_kg
    if y.wetted > 0.5:
        air_c, humidity = adiabatic_inlet(w.dry_bulb_c, w.wet_bulb_c, p.pad_effectiveness_frac, w.pressure_pa)
    y.entering_c = air_c
    y.humidity_ratio = humidity
    reject_to_air(p, u, w, y, condenser, air_c, humidity)


@compilable
def pad_water(p, u, w, s, x, y, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Water that the pads take, once the fans are settled."""
    dry_kg_m3 = w.density_kg_m3 / (1.0 + w.humidity_ratio_kg_kg)
    air_kg_s = p.air_flow_m3_s * u.availability_frac * y.air_ratio * y.fan_on_frac * dry_kg_m3
    taken = (
        pad_water_kg_s(air_kg_s, w.humidity_ratio_kg_kg, y.humidity_ratio, p.cycles_ratio) if y.wetted > 0.5 else 0.0
    )
    y.make_up_m3_h = taken * SECONDS_PER_HOUR / WATER_KG_M3
    y.evaporation_m3_h = y.make_up_m3_h * (p.cycles_ratio - 1.0) / p.cycles_ratio
    y.blowdown_m3_h = y.make_up_m3_h - y.evaporation_m3_h


class AdiabaticCooler(FinnedCooler):
    """Dry cooler with wetted pads; the design point is that of the dry coil."""

    kind: Literal["adiabatic_cooler"] = "adiabatic_cooler"
    """Kind of heat rejection."""
    pad_effectiveness_frac: float = Field(SATURATION_EFFECTIVENESS_FRAC, ge=0.3, le=0.98)
    """How far the pads bring the air towards its wet bulb."""
    wet_from_c: float = Field(18.0, ge=2, le=50)
    """The pads are wetted from this outdoor dry bulb on."""
    wet_band_k: float = Field(1.0, ge=0, le=10)
    """They fall dry this much below it."""
    cycles_ratio: float = Field(3.0, gt=1, le=50)
    """Cycles of concentration of the pads' water."""

    state: ClassVar[Fields] = {"wetted": "1: the pads are wet"}
    outputs: ClassVar[Fields] = {
        **FinnedCooler.outputs,
        "wetted": "1: the pads are wet",
        "entering_c": "Air entering the coil",
        "humidity_ratio": "Humidity ratio of the air entering the coil",
        "make_up_m3_h": "Water made up",
        "evaporation_m3_h": "Water evaporated",
        "blowdown_m3_h": "Water bled",
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("rejection_offer", rejection_offer, ("condenser",)),
        Phase("reject", adiabatic_reject, ("condenser",)),
        Phase("observe", pad_water, ("condenser",)),
    )
