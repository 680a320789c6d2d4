"""Mechanical cooling behind an air-side stage: what holds the supply air where outdoor air alone cannot.

A chilled-water coil of a plant, direct expansion, or nothing. The air that enters is ``base + slope * return`` before
the fan: outdoor air (slope 0), return air (slope 1), or return air behind an exchanger (in between). Coils condense
where the hall's moisture is tracked; elsewhere they are reckoned as dry, and ``wet_coil`` tells when they would not be.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.air.coil_design import CoilDesign
from twin.components.air.crac import (
    Bypass,
    CopError,
    CyclingLoss,
    Performance,
    RatedCop,
    dx_faults,
    dx_work,
    wet_running,
)
from twin.components.air.hall_air import hall_course, tell_removal
from twin.components.air.moisture import LEAST_FRAC, heat_and_moisture, latent_heat_kw
from twin.components.air.trim_coils import able_at, dx_at_capacity, water_trim, wet_trim
from twin.components.plant.chilled_water_loop import take_water
from twin.errors import SpecFault
from twin.physics.direct_expansion import DX_CYCLING_LOSS_FRAC
from twin.physics.exchangers import (
    AIR_EXPONENT,
    AIR_RESISTANCE_FRAC,
    WATER_EXPONENT,
    power_of,
)
from twin.physics.fluids import dew_point_c, wet_bulb_c
from twin.quantities import Spec
from twin.units import WATER_CP_KJ_KG_K

if TYPE_CHECKING:
    from collections.abc import Mapping

NONE, WATER, DX = 0.0, 1.0, 2.0  # what ``p.trim_kind`` may be
TRIM_PARAMETERS: Mapping[str, int] = {
    "trim_kind": 0, "water_kw_per_k": 0, "coil_kw_per_k": 0, "capacity_kw": 0, "performance": 0, "rated_cop": 0,
    "cycling_loss_frac": 0, "cop_error_frac": 0, "bypass_frac": 0, "coil_air_resistance_frac": 0,
    "coil_air_exponent_ratio": 0, "coil_water_exponent_ratio": 0,
}  # fmt: skip
TRIM_OUTPUTS = {
    "trim_kw": "Sensible heat taken by mechanical cooling",
    "trim_latent_kw": "Heat of the moisture that mechanical cooling takes from the air",
    "trim_condensate_kg_s": "Water that mechanical cooling takes from the air",
    "water_kw": "Heat to chilled water",
    "valve_frac": "Water valve",
    "capacity_kw": "Capacity of the compressors at these temperatures",
    "compressor_kw": "Power of compressors and condenser fans",
    "wet_coil": "1: a coil condenses; its surface is below the dew point of the air where moisture is not tracked",
    "wet_running": "1: while compressors run, their coil's surface is below the dew point of the air",
    "clamped_count": "1: a curve was used at the edge of its range",
}


@compilable
def no_trim(y):  # type: ignore[no-untyped-def]
    """Mechanical cooling at rest."""
    y.trim_kw, y.valve_frac, y.capacity_kw, y.trim_condensate_kg_s, y.trim_latent_kw = 0.0, 0.0, 0.0, 0.0, 0.0


@compilable
def dried(y, booked_kg_s):  # type: ignore[no-untyped-def]
    """Water and its heat as the hall's course has booked them; the coil's differ by the search's tolerance."""
    if y.trim_condensate_kg_s > 0.0:
        y.trim_latent_kw *= booked_kg_s / y.trim_condensate_kg_s
        y.trim_condensate_kg_s = booked_kg_s


@compilable
def trim_hall(  # type: ignore[no-untyped-def]
    p, w, s, y, air, loop, units, base_c, slope, ratio, dt_h
):
    """Course of a hall whose supply is held at ``air.set_c``, or follows where mechanical cooling falls short.

    ``y.trim_kw``, water taken and its heat, ``y.valve_frac`` and ``y.capacity_kw`` are set. Returns end, solid, inlet,
    return and supply temperature, the water that leaves the coil, and the supply's line over the return air.
    """
    flow_kw_per_k, law_c, law_frac = air.flow_kw_per_k, air.set_c, 0.0
    end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, law_c, law_frac, dt_h)
    no_trim(y)
    entering_c, water_c = base_c + slope * return_c, loop.supply_c
    wanted_kw = flow_kw_per_k * (entering_c + air.fan_k - air.set_c)
    if flow_kw_per_k <= 1e-9:
        return end_c, solid_c, inlet_c, return_c, supply_c, water_c, law_c, law_frac
    if wanted_kw <= 0.0 or p.trim_kind < 0.5:
        law_c, law_frac = base_c + air.fan_k, slope
        end_c, solid_c, inlet_c, return_c, supply_c = hall_course(p, s, air, law_c, law_frac, dt_h)
    elif p.trim_kind < 1.5:
        met, y.valve_frac, water_c, y.trim_kw, e_c, so_c, i_c, r_c, su_c, law_c, law_frac = water_trim(
            p, s, air, loop, units, base_c, slope, return_c, wanted_kw, y.fan_speed_frac, dt_h
        )
        if met < 0.5:
            end_c, solid_c, inlet_c, return_c, supply_c = e_c, so_c, i_c, r_c, su_c
        if p.tracked > 0.5 and y.valve_frac > 0.0:
            short, valve, heat_kw, taken_kg_s, out_c, e_c, so_c, i_c, r_c, su_c, wet_law_c, wet_law_frac = wet_trim(
                p, w, s, air, loop, units, base_c, slope, ratio, return_c, y.trim_kw, y.valve_frac,
                y.fan_speed_frac, dt_h)  # fmt: skip
            if taken_kg_s > 0.0:
                y.valve_frac, y.trim_kw, y.trim_condensate_kg_s = valve, heat_kw, taken_kg_s
                y.trim_latent_kw = latent_heat_kw(taken_kg_s, out_c)
            if short > 0.5:
                end_c, solid_c, inlet_c, return_c, supply_c = e_c, so_c, i_c, r_c, su_c
                law_c, law_frac = wet_law_c, wet_law_frac
    else:
        able_kw, y.capacity_kw, most_kg_s, out_c = able_at(
            p, w, units, flow_kw_per_k, entering_c, ratio, y.fan_speed_frac
        )
        y.trim_kw = wanted_kw
        if wanted_kw > able_kw:
            end_c, solid_c, inlet_c, return_c, supply_c, y.trim_kw, law_c, law_frac = dx_at_capacity(
                p, w, s, air, units, base_c, slope, ratio, return_c, able_kw, y.fan_speed_frac, dt_h
            )
            able_kw = y.capacity_kw = y.trim_kw
            if p.tracked > 0.5:
                able_kw, y.capacity_kw, most_kg_s, out_c = able_at(
                    p, w, units, flow_kw_per_k, base_c + slope * return_c, ratio, y.fan_speed_frac
                )
        y.trim_condensate_kg_s = min(y.trim_kw / max(able_kw, 1e-9), 1.0) * most_kg_s
        y.trim_latent_kw = latent_heat_kw(y.trim_condensate_kg_s, out_c)
    return end_c, solid_c, inlet_c, return_c, supply_c, water_c, law_c, law_frac


@compilable
def moist_trim(course, p, w, s, x, y, air, loop, units, dt_h):  # type: ignore[no-untyped-def]
    """What ``course`` finds, then end and mean humidity: heat and moisture together, with the trim's coils."""
    found, booked_kg_s, end, mean = heat_and_moisture(course, p, w, s, x, y, air, loop, units, (), dt_h)
    dried(y, booked_kg_s)
    tell_removal(air, y.trim_condensate_kg_s, mean)
    return (*found, end, mean)


@compilable
def trim_done(p, w, x, y, loop, units, entering_c, ratio, flow_kw_per_k, water_out_c):  # type: ignore[no-untyped-def]
    """Compressors, chilled water and wet surface of the trim that :func:`trim_hall` has settled."""
    y.compressor_kw, y.clamped_count, y.water_kw, y.wet_coil, y.wet_running = 0.0, 0.0, 0.0, 0.0, 0.0
    x.valve_frac = max(y.valve_frac, 0.01)
    if y.trim_kw <= 0.0:
        return
    leaving_c = entering_c - y.trim_kw / flow_kw_per_k
    surface_c = leaving_c
    if p.trim_kind > 1.5:
        entering_wet_c = wet_bulb_c(entering_c, ratio, w.pressure_pa)
        y.compressor_kw, _, y.clamped_count = dx_work(
            p, y.trim_kw + y.trim_latent_kw, entering_wet_c, w.dry_bulb_c, units * p.capacity_kw
        )
    else:
        water_side = (1.0 - AIR_RESISTANCE_FRAC) * power_of(y.valve_frac, -WATER_EXPONENT)
        air_side = AIR_RESISTANCE_FRAC * power_of(y.fan_speed_frac, -AIR_EXPONENT)
        surface_c = loop.supply_c + water_side / (air_side + water_side) * (leaving_c - loop.supply_c)
        y.water_kw = y.trim_kw + y.trim_latent_kw
        if y.trim_latent_kw > 0.0:
            water_out_c = loop.supply_c + y.water_kw / (y.valve_frac * units * p.water_kw_per_k * loop.flow_frac)
        flow_kg_s = y.valve_frac * units * p.water_kw_per_k * loop.flow_frac / WATER_CP_KJ_KG_K
        take_water(loop, y.water_kw, flow_kg_s, water_out_c)
    dew_c = dew_point_c(ratio, w.pressure_pa)
    if p.tracked > 0.5:
        y.wet_coil = 1.0 if y.trim_condensate_kg_s > LEAST_FRAC * flow_kw_per_k else 0.0
        y.wet_running = y.wet_coil if p.trim_kind > 1.5 else 0.0
        return
    y.wet_coil = 1.0 if surface_c < dew_c else 0.0
    if p.trim_kind > 1.5:
        y.wet_running = wet_running(p, entering_c, y.capacity_kw, flow_kw_per_k, y.fan_speed_frac, dew_c)


class ChilledWaterTrim(Spec):
    """Chilled-water coils of a plant behind the air-side stage."""

    kind: Literal["chilled_water"] = "chilled_water"
    """Kind of mechanical cooling."""
    plant: str
    """Plant whose chilled water the coils use."""
    coil_capacity_kw: float = Field(gt=0, le=10000)
    """Sensible capacity of one unit's coil at its design point."""
    coil_air_c: float = Field(35.0, ge=15, le=60)
    """Air entering the coil at the design point."""
    coil_water_c: float = Field(10.0, ge=2, le=35)
    """Water entering the coil at the design point."""
    coil_water_rise_k: float = Field(6.0, gt=0, le=20)
    """Water temperature rise at the design point."""

    def _coil(self, airflow_m3_s: float) -> CoilDesign:
        names = ("coil_capacity_kw", "coil_air_c", "coil_water_c", "coil_water_rise_k")
        return CoilDesign(
            self.coil_capacity_kw, airflow_m3_s, self.coil_air_c, self.coil_water_c, self.coil_water_rise_k, names,
            inside=("trim",))  # fmt: skip

    def faults(self, airflow_m3_s: float) -> Iterator[SpecFault]:
        """A design point that no coil of any size has."""
        yield from self._coil(airflow_m3_s).faults()

    def numbers(self, airflow_m3_s: float) -> dict[str, float]:
        """Coil conductance from the design point (counterflow)."""
        coil = self._coil(airflow_m3_s)
        return {
            "trim_kind": WATER, "water_kw_per_k": coil.water_kw_per_k, "coil_kw_per_k": coil.conductance_kw_per_k(),
            "coil_air_resistance_frac": AIR_RESISTANCE_FRAC, "coil_air_exponent_ratio": AIR_EXPONENT,
            "coil_water_exponent_ratio": WATER_EXPONENT,
        }  # fmt: skip


class DxTrim(Spec):
    """Direct expansion behind the air-side stage, its condenser in outdoor air."""

    kind: Literal["dx"] = "dx"
    """Kind of mechanical cooling."""
    capacity_kw: float = Field(gt=0, le=10000)
    """Capacity of one unit at 19.4 degC entering wet bulb and 35 degC outdoors."""
    performance: Performance = "curves"
    rated_cop: RatedCop = 3.0
    cycling_loss_frac: CyclingLoss = DX_CYCLING_LOSS_FRAC
    cop_error_frac: CopError = 0.0
    bypass_frac: Bypass = 0.1

    def faults(self, airflow_m3_s: float) -> Iterator[SpecFault]:
        """What of it cannot be."""
        yield from dx_faults(self, airflow_m3_s, ("trim",))

    def numbers(self, airflow_m3_s: float) -> dict[str, float]:
        """Rating and curves."""
        return {
            "trim_kind": DX, "capacity_kw": self.capacity_kw, "rated_cop": self.rated_cop,
            "performance": float(self.performance == "table"), "cycling_loss_frac": self.cycling_loss_frac,
            "cop_error_frac": self.cop_error_frac, "bypass_frac": self.bypass_frac,
        }  # fmt: skip


Trim = Annotated[ChilledWaterTrim | DxTrim, Field(discriminator="kind")]


def trim_numbers(trim: Any, airflow_m3_s: float) -> dict[str, float]:
    """Values of :data:`TRIM_PARAMETERS`; what the trim does not have is 0."""
    return dict.fromkeys(TRIM_PARAMETERS, 0.0) | (trim.numbers(airflow_m3_s) if trim else {"trim_kind": NONE})
