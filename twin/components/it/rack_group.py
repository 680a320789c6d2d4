"""What all rack groups share: the air that passes them, the heat that they give, and what is told of their inlets."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase, Surroundings
from twin.components.it.protection import Protection
from twin.components.profiles import ALWAYS, Availability
from twin.physics.envelopes import allowable_c, beyond_moisture, moisture_limits, recommended_c
from twin.physics.fluids import saturation_pressure_pa, vapour_pressure_pa
from twin.units import AIR_CP_KJ_KG_K

REFERENCE_KG_M3 = 1.2  # air density at which the racks' air flow is stated
AIR_R = 0.287042  # kJ/kgK, gas constant of dry air, ASHRAE Fundamentals 2017 ch. 1


@compilable
def inlet_kg_m3(w, s):  # type: ignore[no-untyped-def]
    """Density of the air that the racks drew at the end of the last step."""
    return w.pressure_pa / 1000.0 / (AIR_R * (s.inlet_c + 273.15))


@compilable
def give_heat(p, y, air, liquid):  # type: ignore[no-untyped-def]
    """Power and air of the group, known by now, into the hall's air and its coolant."""
    y.liquid_heat_kw = y.power_kw * p.liquid_frac
    y.air_heat_kw = y.power_kw - y.liquid_heat_kw
    liquid.rack_heat_kw += y.liquid_heat_kw
    air.rack_heat_kw += y.air_heat_kw
    air.rack_flow_kg_s += y.flow_kg_s * (1.0 - p.recirculation_frac)


@compilable
def racks_observe(p, u, w, s, x, y, air, dt_h):  # type: ignore[no-untyped-def]
    """Inlet and outlet air of the step just taken, and where they stand against the envelope."""
    net_kw_per_k = max(y.flow_kg_s * (1.0 - p.recirculation_frac) * AIR_CP_KJ_KG_K, 1e-9)
    rise_k = y.air_heat_kw / net_kw_per_k
    y.inlet_c = air.inlet_mean_c + p.recirculation_frac * rise_k
    y.outlet_c = air.inlet_mean_c + rise_k
    x.inlet_c = air.inlet_c + p.recirculation_frac * rise_k
    y.above_recommended = 1.0 if y.inlet_c > p.recommended_high_c + 1e-6 else 0.0
    y.below_recommended = 1.0 if y.inlet_c < p.recommended_low_c - 1e-6 else 0.0
    y.above_allowable = 1.0 if y.inlet_c > p.allowable_high_c + 1e-6 else 0.0
    y.below_allowable = 1.0 if y.inlet_c < p.allowable_low_c - 1e-6 else 0.0


@compilable
def moist_racks_observe(p, u, w, s, x, y, air, dt_h):  # type: ignore[no-untyped-def]
    """The same, and the moisture of the inlet air against the limits of the class."""
    racks_observe(p, u, w, s, x, y, air, dt_h)
    vapour_pa = vapour_pressure_pa(air.humidity_mean_kg_kg, w.pressure_pa)
    y.inlet_relative_frac = vapour_pa / saturation_pressure_pa(y.inlet_c)
    y.above_recommended_moisture, y.below_recommended_moisture = beyond_moisture(
        vapour_pa, y.inlet_relative_frac, p.recommended_low_pa, p.recommended_high_pa, p.recommended_rh_low_frac,
        p.recommended_rh_high_frac)  # fmt: skip
    y.above_allowable_moisture, y.below_allowable_moisture = beyond_moisture(
        vapour_pa, y.inlet_relative_frac, p.allowable_low_pa, p.allowable_high_pa, p.allowable_rh_low_frac,
        p.allowable_rh_high_frac)  # fmt: skip


MOISTURE_OUTPUTS: Fields = {  # of racks in a hall whose moisture is tracked
    "inlet_relative_frac": "Relative humidity of the inlet air",
    "above_recommended_moisture": "1: inlet moister than recommended",
    "below_recommended_moisture": "1: inlet drier than recommended",
    "above_allowable_moisture": "1: inlet moister than allowable",
    "below_allowable_moisture": "1: inlet drier than allowable",
}
MOISTURE = Phase("observe", moist_racks_observe, ("air",))


def _moisture_parameters(around: Surroundings) -> dict[str, float]:
    """Limits of moisture of the hall's class, dew points as pressures of vapour."""
    found = {}
    for band in ("recommended", "allowable"):
        low_c, high_c, rh_low, rh_high = moisture_limits(around.hall.envelope, band)
        found[f"{band}_low_pa"] = saturation_pressure_pa(low_c)
        found[f"{band}_high_pa"] = saturation_pressure_pa(high_c)
        found |= {f"{band}_rh_low_frac": rh_low, f"{band}_rh_high_frac": rh_high}
    return found


class RackGroup(Component):
    """A group of equal racks whose heat goes to hall air and, where there is one, to a coolant."""

    racks_count: int = Field(ge=1, le=100000)
    """Racks in the group."""
    fed_by: str = "grid"
    """Power device that feeds the racks, or grid."""
    liquid_frac: float = Field(0.0, ge=0, le=1)
    """Share of the heat that goes to a coolant; the hall then needs liquid cooling."""
    air_rise_k: float = Field(12.0, ge=3, le=40)
    """Rise of the air that carries the rest."""
    recirculation_frac: float = Field(0.0, ge=0, le=0.6)
    """Share of the racks' air that is their own exhaust, beyond what the hall mixes."""
    availability: Availability = ALWAYS
    """Share of the servers in service over time."""
    restart_min: float = Field(0.0, ge=0, le=600)
    """Time from the return of power until the servers work again."""
    protection: Protection | None = None
    """What the servers do as their inlet air or their coolant warms, or nothing."""

    shared: ClassVar[Mapping[str, int]] = {
        "peak_kw": 0, "rated_kg_s": 0, "recommended_low_c": 0, "recommended_high_c": 0, "allowable_low_c": 0,
        "allowable_high_c": 0, "recommended_low_pa": 0, "recommended_high_pa": 0, "recommended_rh_low_frac": 0,
        "recommended_rh_high_frac": 0, "allowable_low_pa": 0, "allowable_high_pa": 0,
        "allowable_rh_low_frac": 0, "allowable_rh_high_frac": 0,
    }  # fmt: skip
    slowed: ClassVar[tuple[str, ...]] = ()  # inputs that fall as its protection slows the servers down
    in_service: ClassVar[Fields] = {"availability_frac": "Share of the servers in service"}
    state: ClassVar[Fields] = {"inlet_c": "Inlet air at the end of the step"}
    outputs: ClassVar[Fields] = {
        "air_heat_kw": "Heat to hall air",
        "liquid_heat_kw": "Heat to coolant",
        "flow_kg_s": "Air through the racks",
        "inlet_c": "Inlet air",
        "outlet_c": "Outlet air",
        "above_recommended": "1: inlet above the recommended range",
        "below_recommended": "1: inlet below the recommended range",
        "above_allowable": "1: inlet above the allowable range",
        "below_allowable": "1: inlet below the allowable range",
    }
    observe: ClassVar[Phase] = Phase("observe", racks_observe, ("air",))
    ledger: ClassVar[Ledger] = Ledger(electric=("power_kw",), to_air=("air_heat_kw",), to_water=("liquid_heat_kw",))
    draws: ClassVar[str | None] = "power_kw"
    end_use: ClassVar[str] = "it"

    @property
    @abstractmethod
    def peak_kw(self) -> float:
        """Power of the group at full load."""

    @abstractmethod
    def course_kw(self, shares: Callable[[Any], Any]) -> Any:
        """Power at the values that ``shares`` gives of its utilisation."""

    def rack_parameters(self, around: Surroundings) -> dict[str, float]:
        """Values of ``shared``: power and air flow at full load, and the envelope's limits at this altitude."""
        allowed = allowable_c(around.hall.envelope, around.elevation_m)
        recommended = recommended_c(around.hall.envelope)
        peak_kw = self.peak_kw
        return {
            "peak_kw": peak_kw,
            "rated_kg_s": peak_kw * (1.0 - self.liquid_frac) / (AIR_CP_KJ_KG_K * self.air_rise_k),
            "recommended_low_c": recommended[0], "recommended_high_c": recommended[1],
            "allowable_low_c": allowed[0], "allowable_high_c": allowed[1],
            **_moisture_parameters(around),
        }  # fmt: skip

    def initial(self, around: Surroundings) -> dict[str, float]:
        """Inlet at the handlers' set-point."""
        return {"inlet_c": around.hall.air.supply_air_c}
