"""Lake, river or sea water: it cools the condenser loop, or the chilled-water loop before the chillers.

Water is taken in, warmed in a plate exchanger and given back. Nothing of it is used up on site, so what is withdrawn
is told apart from water use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Component, Course, Fields, Ledger, Phase, Surroundings
from twin.components.plant.rejection import rejection_offer
from twin.components.profiles import ALWAYS, Availability
from twin.errors import SpecFault, refuse
from twin.physics.exchangers import (
    BEST_EXCHANGER_FRAC,
    coil_heat_kw,
    coil_water_flow_for_heat,
    design_exchanger,
    power_of,
)
from twin.physics.natural_water import (
    FREEZING_C,
    SEA_WATER_CP_KJ_KG_K,
    SEA_WATER_KG_M3,
    intake_c,
    intake_pump_kw,
    loop_supply_c,
)
from twin.quantities import Spec
from twin.series.axis import TimeAxis
from twin.series.series_file import SeriesFile
from twin.units import SECONDS_PER_HOUR, WATER_CP_KJ_KG_K, WATER_KG_M3

HALF = 0.5  # each side holds half of a plate exchanger's thermal resistance at design
EXPONENT = 0.8  # conductance of each side grows with its flow to this power (turbulent channels, Modelica Buildings)
NO_PERMIT_K = 1e6  # warming that is permitted where there is no limit
SECONDS_PER_DAY = 86400.0


class YearlyIntake(Spec):
    """Temperature of the intake as one wave over the year: that of its own depth and place."""

    kind: Literal["yearly"] = "yearly"
    """Kind of course."""
    mean_c: float = Field(ge=-2, le=35)
    """Mean of the year."""
    amplitude_k: float = Field(0.0, ge=0, le=20)
    """Half of the difference between its warmest and its coldest day; smaller the deeper the intake lies."""
    coldest_day: int = Field(45, ge=1, le=365)
    """Day of the year on which it is coldest; later the deeper the intake lies."""


class SeriesIntake(SeriesFile):
    """Temperature of the intake in degC from a CSV file."""

    kind: Literal["csv"] = "csv"
    """Kind of course."""


@compilable
def exchange(p, u, y, heat_kw, loop_kw_per_k, entering_c, guess_frac):  # type: ignore[no-untyped-def]
    """Natural water for ``heat_kw`` from a loop that enters at ``entering_c``: share of the full flow, heat met."""
    y.intake_c = max(u.intake_c, p.least_c)
    scale = max(u.availability_frac, 1e-9)
    flow_frac, met_kw, _ = coil_water_flow_for_heat(
        heat_kw, loop_kw_per_k, entering_c, y.intake_c, p.intake_kw_per_k * scale, p.conductance_kw_per_k * scale,
        loop_kw_per_k / (p.loop_kw_per_k * scale), HALF, EXPONENT, EXPONENT, guess_frac)  # fmt: skip
    return flow_frac, met_kw


@compilable
def give_back(p, u, y, heat_kw, wanted_frac):  # type: ignore[no-untyped-def]
    """Intake flow, at least what a permit on its warming asks for, and the pump's power."""
    scale = max(u.availability_frac, 1e-9)
    full_kw_per_k = p.intake_kw_per_k * scale
    least_frac = max(p.intake_minimum_frac, heat_kw / (p.permit_k * full_kw_per_k))
    y.intake_frac = min(max(wanted_frac, least_frac), 1.0) if heat_kw > 0.0 else 0.0
    y.warming_k = heat_kw / (y.intake_frac * full_kw_per_k) if heat_kw > 0.0 else 0.0
    y.over_permit = 1.0 if y.warming_k > p.permit_k * (1.0 + 1e-9) else 0.0
    flow_m3_s = p.intake_flow_m3_s * scale * y.intake_frac
    y.withdrawn_m3_h = flow_m3_s * SECONDS_PER_HOUR
    y.pump_kw = intake_pump_kw(
        flow_m3_s, y.intake_frac, p.density_kg_m3, p.lift_m, p.friction_kpa, p.pump_efficiency_frac
    )


@compilable
def natural_reject(p, u, w, s, x, y, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Its share of heat and water at the set-point; where the full intake is not enough, the loop warms."""
    share = y.design_kg_s / condenser.design_flow_kg_s
    y.water_kg_s = condenser.flow_kg_s * share
    y.rejected_kw = condenser.heat_kw * share
    loop_kw_per_k = y.water_kg_s * WATER_CP_KJ_KG_K
    range_k = y.rejected_kw / loop_kw_per_k if loop_kw_per_k > 1e-9 else 0.0
    flow_frac, met_kw = exchange(p, u, y, y.rejected_kw, loop_kw_per_k, condenser.target_c + range_k, s.intake_frac)
    y.leaving_c = max(condenser.target_c, y.intake_c)
    if met_kw < y.rejected_kw and loop_kw_per_k > 1e-9:
        scale = max(u.availability_frac, 1e-9)
        resistance = HALF * power_of(loop_kw_per_k / (p.loop_kw_per_k * scale), -EXPONENT)
        reach_kw_per_k = coil_heat_kw(
            1.0, loop_kw_per_k, 1.0, 0.0, p.intake_kw_per_k * scale, p.conductance_kw_per_k * scale, resistance, HALF,
            EXPONENT)  # fmt: skip
        flow_frac, y.leaving_c = 1.0, loop_supply_c(y.rejected_kw, y.intake_c, reach_kw_per_k, loop_kw_per_k)
    give_back(p, u, y, y.rejected_kw, flow_frac)
    x.intake_frac = max(flow_frac, 0.01)
    condenser.leaving_sum += y.design_kg_s * y.leaving_c


@compilable
def natural_economize(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Heat of the return water to natural water while that is colder; never more than the loop must give up."""
    y.heat_kw, flow_frac = 0.0, 0.0
    loop_kw_per_k = loop.flow_kg_s * WATER_CP_KJ_KG_K
    y.intake_c = max(u.intake_c, p.least_c)
    if u.availability_frac > 0.0 and loop.return_c - y.intake_c > p.start_k and loop.demand_kw > 0.0:
        flow_frac, met_kw = exchange(p, u, y, loop.demand_kw, loop_kw_per_k, loop.return_c, s.intake_frac)
        if p.integrated > 0.5 or met_kw >= loop.demand_kw:
            y.heat_kw = met_kw
    give_back(p, u, y, y.heat_kw, flow_frac)
    x.intake_frac = max(flow_frac, 0.01)
    loop.free_kw = y.heat_kw


class NaturalWater(Component):
    """Intake, pumps of variable speed and a plate exchanger (counterflow) to a loop of the plant."""

    water: Literal["fresh", "sea"] = "fresh"
    """Fresh water, or sea water of 35 g/kg."""
    intake: Annotated[YearlyIntake | SeriesIntake, Field(discriminator="kind")]
    """Temperature of the water taken in."""
    capacity_kw: float = Field(gt=0, le=1e6)
    """Heat transferred at design."""
    approach_k: float = Field(2.0, gt=0, le=20)
    """Design temperature of the loop's leaving water above the water taken in."""
    loop_flow_m3_s: float = Field(gt=0, le=100)
    """Design flow of the loop's water."""
    intake_flow_m3_s: float = Field(gt=0, le=100)
    """Largest flow of natural water."""
    intake_minimum_frac: float = Field(0.2, ge=0.01, le=1)
    """Lowest flow of the running pumps."""
    permit_rise_k: float | None = Field(None, gt=0, le=30)
    """Warming of the water given back that is permitted; more is taken in to stay below it. None: no limit."""
    lift_m: float = Field(5.0, ge=0, le=200)
    """Height that a siphon of the closed return does not give back."""
    friction_kpa: float = Field(100.0, ge=0, le=2000)
    """Pressure loss of pipes and exchanger at the largest flow."""
    pump_efficiency_frac: float = Field(0.7, gt=0, le=1)
    """Wire-to-water efficiency of the intake pumps; their heat goes with the natural water."""
    parallel_count: int = Field(1, ge=1, le=1000)
    """Equal units (pumps and exchanger) that the figures of all stand for; each of them can be lost."""
    availability: Availability = ALWAYS
    """Share of intake and exchangers in service over time."""

    inputs: ClassVar[Fields] = {"availability_frac": "Share in service", "intake_c": "Natural water"}
    state: ClassVar[Fields] = {"intake_frac": "Intake flow that the exchanger asked for in the last step"}
    derived: ClassVar[Mapping[str, int]] = {
        "loop_kw_per_k": 0, "intake_kw_per_k": 0, "conductance_kw_per_k": 0, "water_kg_s": 0, "density_kg_m3": 0,
        "permit_k": 0, "least_c": 0,
    }  # fmt: skip
    shared: ClassVar[Fields] = {
        "intake_c": "Natural water taken in",
        "intake_frac": "Intake flow over the largest",
        "withdrawn_m3_h": "Natural water withdrawn and given back",
        "warming_k": "Warming of the water given back",
        "over_permit": "1: the water given back is warmed more than permitted",
        "pump_kw": "Power of the intake pumps",
    }
    draws: ClassVar[str | None] = "pump_kw"
    end_use: ClassVar[str] = "pump"

    @model_validator(mode="after")
    def _exchanger_can_be_built(self) -> Self:
        refuse(self._design_faults())
        return self

    def _design_faults(self) -> Iterator[SpecFault]:
        loop, natural, _ = self._rates()
        span_k = self.capacity_kw / loop + self.approach_k
        for name, rate in (("loop_flow_m3_s", loop), ("intake_flow_m3_s", natural)):
            least_m3_s = getattr(self, name) / rate * self.capacity_kw / (BEST_EXCHANGER_FRAC * span_k)
            if getattr(self, name) < least_m3_s:
                yield SpecFault((name,), f"must be at least {least_m3_s:.4g} to carry {self.capacity_kw:g} kW with an"
                                f" approach of {self.approach_k:g} K, got {getattr(self, name):g}")  # fmt: skip

    def _rates(self) -> tuple[float, float, float]:
        """Capacity rates of the loop's and of the natural water at design in kW/K, and the latter's density."""
        density, cp = WATER_KG_M3, WATER_CP_KJ_KG_K
        if self.water == "sea":
            density, cp = SEA_WATER_KG_M3, SEA_WATER_CP_KJ_KG_K
        return self.loop_flow_m3_s * WATER_KG_M3 * WATER_CP_KJ_KG_K, self.intake_flow_m3_s * density * cp, density

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Conductance from the design point: counterflow, heat = capacity, leaving approach as stated."""
        loop, natural, density = self._rates()
        _, conductance = design_exchanger(self.capacity_kw, loop, natural, self.capacity_kw / loop + self.approach_k)
        return {
            "loop_kw_per_k": loop,
            "intake_kw_per_k": natural,
            "conductance_kw_per_k": conductance,
            "water_kg_s": loop / WATER_CP_KJ_KG_K,
            "density_kg_m3": density,
            "permit_k": NO_PERMIT_K if self.permit_rise_k is None else self.permit_rise_k,
            "least_c": FREEZING_C[self.water],
        }

    def courses(self, weather: Mapping[str, NDArray[np.float64]], axis: TimeAxis) -> Mapping[str, Course]:
        """Temperature of the water taken in: the wave at the middle of each step, or the file."""
        if isinstance(self.intake, SeriesIntake):
            return {"intake_c": self.intake}
        times = axis.standard()
        midnight_s = (times - times.normalize()).total_seconds().to_numpy()
        day = times.day_of_year.to_numpy() + (midnight_s + 0.5 * axis.step_s) / SECONDS_PER_DAY
        wave = self.intake
        return {"intake_c": intake_c(day, wave.mean_c, wave.amplitude_k, wave.coldest_day, FREEZING_C[self.water])}


class NaturalWaterRejection(NaturalWater):
    """Condenser water cooled by natural water."""

    kind: Literal["natural_water"] = "natural_water"
    """Kind of heat rejection."""

    outputs: ClassVar[Fields] = {
        "design_kg_s": "Design flow of the loop's water in service",
        "water_kg_s": "Flow of the loop's water",
        "rejected_kw": "Heat rejected",
        "leaving_c": "Loop water leaving",
        **NaturalWater.shared,
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("rejection_offer", rejection_offer, ("condenser",)),
        Phase("reject", natural_reject, ("condenser",)),
    )
    ledger: ClassVar[Ledger] = Ledger(electric=("pump_kw",), from_water=("rejected_kw",))


class NaturalWaterEconomizer(NaturalWater):
    """Return water of the chilled-water loop cooled by natural water before it reaches the chillers."""

    kind: Literal["natural_water"] = "natural_water"
    """Kind of economizer."""
    start_k: float = Field(1.0, ge=0, le=20)
    """The pumps start when natural water is colder than the return water by this."""
    integrated: bool = True
    """Chillers carry what free cooling leaves; else it runs alone, when it can carry all, or not at all."""

    outputs: ClassVar[Fields] = {"heat_kw": "Heat to natural water", **NaturalWater.shared}
    phases: ClassVar[tuple[Phase, ...]] = (Phase("economize", natural_economize, ("loop",)),)
    ledger: ClassVar[Ledger] = Ledger(electric=("pump_kw",), from_water=("heat_kw",))
