"""Moisture of a hall's air: held by others, or tracked with the outdoor air that comes in, humidifiers and coils.

Where it is tracked, the hall's cooling advances it (``moisture.py``); here stand what it is given to do that with, and
the books of water and electricity. The air ledger is one of sensible heat: humidifiers and reheat give it all their
electricity, and what vapour takes along (its enthalpy at the cold aisle less that of the feed water) leaves it.
Moisture that a coil takes brings that heat to chilled water or refrigerant as ``latent_kw``, beside sensible heat.
What comes and goes with outdoor air has no ledger in kWh: water is balanced in kg.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase, Surroundings
from twin.errors import SpecFault, refuse
from twin.physics.envelopes import moisture_limits
from twin.physics.fluids import (
    VAPOUR_KJ_KG,
    humidity_ratio_from_relative,
    humidity_ratio_from_vapour_pressure,
    relative_humidity_frac,
    saturation_pressure_pa,
)
from twin.physics.moist_coils import ULTRASONIC_SHARE_FRAC, steam_humidifier_kw
from twin.quantities import Spec
from twin.units import AIR_CP_KJ_KG_K, SECONDS_PER_HOUR, VAPOUR_CP_KJ_KG_K, WATER_CP_KJ_KG_K, WATER_KG_M3

NEVER_DRIED = 1.0  # a humidity ratio that no air has
DRIEST_C, MOISTEST_C = -40.0, 35.0  # dew points that a set-point may have


@compilable
def vapour_kj_kg(p, s):  # type: ignore[no-untyped-def]
    """Heat that a kg of feed water takes from the air to become vapour at the cold aisle's temperature."""
    return VAPOUR_KJ_KG + VAPOUR_CP_KJ_KG_K * s.inlet_c - WATER_CP_KJ_KG_K * p.feed_water_c


@compilable
def prepare(p, u, w, s, x, y, air, dt_h):  # type: ignore[no-untyped-def]
    """What the hall's cooling needs to know: outdoor air, humidifiers, set-points at the last step's cold aisle."""
    air.outdoor_kg_s = p.outdoor_m3_s * w.density_kg_m3 / (1.0 + w.humidity_ratio_kg_kg)
    air.outdoor_ratio, air.outdoor_c = w.humidity_ratio_kg_kg, w.dry_bulb_c
    air.outdoor_kw_per_k = air.outdoor_kg_s * (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * w.humidity_ratio_kg_kg)
    coolest_c, pressure_pa = s.inlet_c - p.margin_k, w.pressure_pa
    air.most_ratio = min(
        humidity_ratio_from_vapour_pressure(p.high_pa, pressure_pa),
        humidity_ratio_from_relative(coolest_c, p.rh_most_frac, pressure_pa),
    )
    least = max(
        humidity_ratio_from_vapour_pressure(p.low_pa, pressure_pa),
        humidity_ratio_from_relative(s.inlet_c + p.margin_k, p.rh_least_frac, pressure_pa),
    )
    air.least_ratio = min(least, air.most_ratio)
    air.most_ratio = air.most_ratio if p.drying < 0.5 else NEVER_DRIED
    air.humidifier_most_kg_s = p.capacity_kg_s
    air.moistening_kj_kg = p.electric_kj_kg - vapour_kj_kg(p, s)


@compilable
def settle(p, u, w, s, x, y, air, dt_h):  # type: ignore[no-untyped-def]
    """Water, electricity and heat of what the hall's cooling has asked for in this step, and how moist its air is."""
    y.humidifier_kg_s = air.humidifier_kg_s
    y.make_up_m3_h = SECONDS_PER_HOUR * air.humidifier_kg_s / WATER_KG_M3
    y.evaporation_m3_h = y.make_up_m3_h
    y.humidifier_kw = p.electric_kj_kg * air.humidifier_kg_s
    y.reheat_kw = air.reheat_kw
    y.power_kw = y.humidifier_kw + y.reheat_kw
    y.vapour_kw = vapour_kj_kg(p, s) * air.humidifier_kg_s
    y.outdoor_kw = air.outdoor_kw_per_k * (air.inlet_mean_c - air.outdoor_c)
    y.outdoor_moisture_kg_s = air.outdoor_kg_s * (air.outdoor_ratio - air.humidity_mean_kg_kg)
    y.inlet_relative_frac = relative_humidity_frac(air.inlet_mean_c, air.humidity_mean_kg_kg, w.pressure_pa)
    y.above_set = 1.0 if air.humidity_kg_kg > air.most_ratio * 1.000001 else 0.0
    y.below_set = 1.0 if air.humidity_kg_kg < air.least_ratio * 0.999999 else 0.0
    x.inlet_c = air.inlet_c


class HeldHumidity(Spec):
    """Others hold the hall's dew point, without energy or water of this site; coils take no moisture."""

    kind: Literal["held"] = "held"
    """Kind of moisture."""


class MoistureBand(NamedTuple):
    """Dew points in degC and relative humidities (0..1) between which air is kept."""

    dew_low_c: float
    dew_high_c: float
    rh_low_frac: float
    rh_high_frac: float


class TrackedHumidity(Component):
    """Moisture of the well-mixed hall: outdoor air brings it, humidifiers add to it, wet coils take from it."""

    kind: Literal["tracked"] = "tracked"
    """Kind of moisture."""
    fed_by: str = "grid"
    """Power device that feeds humidifiers and reheat, or grid."""
    outdoor_m3_s: float = Field(ge=0, le=1000)
    """Outdoor air that ventilates the hall or leaks in, at its outdoor density; as much hall air leaves."""
    humidifier: Literal["none", "steam", "ultrasonic"] = "none"
    """Electric steam, which hardly warms the air, or ultrasonic mist, which cools it; or none."""
    capacity_kg_s: float = Field(0.0, ge=0, le=100)
    """Water that all humidifiers together can give."""
    feed_water_c: float = Field(15.0, ge=1, le=40)
    """Water that humidifiers are fed."""
    efficiency_frac: float = Field(1.0, gt=0.3, le=1)
    """Of steam humidifiers: share of the electricity that the water gets; the rest warms the hall."""
    drying: Literal["active", "none"] = "active"
    """Coils that dry more than cooling takes, with electric reheat to the supply set-point; or only what they take."""
    band: Literal["recommended", "allowable"] = "recommended"
    """ASHRAE limits of the hall's class that hold where none are stated below."""
    dew_point_low_c: float | None = Field(None, ge=DRIEST_C, le=MOISTEST_C)
    """Dew point below which the cold aisle is humidified."""
    dew_point_high_c: float | None = Field(None, ge=DRIEST_C, le=MOISTEST_C)
    """Dew point above which it is dried."""
    rh_high_frac: float | None = Field(None, gt=0, le=1)
    """Relative humidity above which it is dried."""
    margin_k: float = Field(0.5, ge=0, le=5)
    """By how much of a dew point humidifiers and coils stay inside these limits."""

    derived: ClassVar[Mapping[str, int]] = {
        "low_pa": 0, "high_pa": 0, "rh_least_frac": 0, "rh_most_frac": 0, "electric_kj_kg": 0,
    }  # fmt: skip
    state: ClassVar[Fields] = {"inlet_c": "Cold-aisle air at the end of the step"}
    outputs: ClassVar[Fields] = {
        "power_kw": "Power of humidifiers and reheat",
        "humidifier_kw": "Power of humidifiers",
        "reheat_kw": "Power that warms air again behind coils that dry it",
        "humidifier_kg_s": "Water that humidifiers give to the air",
        "make_up_m3_h": "Water that humidifiers draw",
        "evaporation_m3_h": "Water that humidifiers evaporate",
        "vapour_kw": "Heat that humidifiers' vapour takes from the sensible heat of the air",
        "outdoor_kw": "Sensible heat that outdoor air takes",
        "outdoor_moisture_kg_s": "Water that outdoor air brings, less what leaves with hall air",
        "inlet_relative_frac": "Relative humidity of the cold aisle",
        "above_set": "1: moister than the set-point at which coils dry",
        "below_set": "1: drier than the set-point of humidifiers",
    }
    phases: ClassVar[tuple[Phase, ...]] = (Phase("demand", prepare, ("air",)), Phase("load", settle, ("air",)))
    ledger: ClassVar[Ledger] = Ledger(
        electric=("power_kw",), to_air=("power_kw",), from_air=("vapour_kw", "outdoor_kw")
    )
    draws: ClassVar[str | None] = "power_kw"
    end_use: ClassVar[str] = "humidifier"

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[SpecFault]:
        if self.humidifier == "none" and self.capacity_kg_s > 0:
            yield SpecFault(("capacity_kg_s",), "has no meaning with humidifier: none")
        if self.humidifier != "none" and self.capacity_kg_s == 0:
            yield SpecFault(("capacity_kg_s",), f"must be above 0 with humidifier: {self.humidifier}")
        if self.humidifier != "steam" and self.efficiency_frac != 1.0:
            yield SpecFault(("efficiency_frac",), f"has no meaning with humidifier: {self.humidifier}")

    def limits(self, envelope: str) -> MoistureBand:
        """Limits in force: those stated here, else those of the class."""
        low, high, rh_low, rh_high = moisture_limits(envelope, self.band)
        return MoistureBand(
            low if self.dew_point_low_c is None else self.dew_point_low_c,
            high if self.dew_point_high_c is None else self.dew_point_high_c,
            rh_low,
            rh_high if self.rh_high_frac is None else self.rh_high_frac,
        )

    def band_faults(self, envelope: str) -> Iterator[SpecFault]:
        """Limits between which nothing is left."""
        band = self.limits(envelope)
        if band.dew_high_c - band.dew_low_c <= 2.0 * self.margin_k:
            least = f"must be more than {2.0 * self.margin_k:g} K (twice margin_k) above dew_point_low_c"
            yield SpecFault(("dew_point_high_c",), f"{least} ({band.dew_low_c:g}), got {band.dew_high_c:g}")

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Limits in force, and the electricity that a kg of water takes."""
        band = self.limits(around.hall.envelope)
        per_kg = steam_humidifier_kw(1.0, self.feed_water_c, self.efficiency_frac)
        share = {"none": 0.0, "steam": 1.0, "ultrasonic": ULTRASONIC_SHARE_FRAC}[self.humidifier]
        return {
            "low_pa": saturation_pressure_pa(band.dew_low_c + self.margin_k),
            "high_pa": saturation_pressure_pa(band.dew_high_c - self.margin_k), "rh_least_frac": band.rh_low_frac,
            "rh_most_frac": band.rh_high_frac, "electric_kj_kg": share * per_kg,
        }  # fmt: skip

    def initial(self, around: Surroundings) -> dict[str, float]:
        """Cold aisle at the handlers' set-point."""
        return {"inlet_c": around.hall.air.supply_air_c}


def unheld_limits(humidity: TrackedHumidity, names: Iterable[str], why: str) -> Iterator[SpecFault]:
    """Limits that are stated where nothing holds them."""
    for name in names:
        if getattr(humidity, name) is not None:
            yield SpecFault((name,), f"must be left out: {why}")
