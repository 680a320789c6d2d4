"""Condenser-water loop: set-point of the water that leaves heat rejection, and the search that closes the loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Component, Course, Fields, Name, Phase, Surroundings
from twin.components.catalog_parts import AnyRejection
from twin.components.plant.pumps import CondenserPump
from twin.components.profiles import ALWAYS, Availability
from twin.components.resets import OutdoorReset
from twin.components.search import next_trial_c, open_search
from twin.errors import SpecFault
from twin.series.axis import TimeAxis

PASSES = 45.0  # as in the chilled-water loop
TOLERANCE_K = 1e-4
FLATTEST = -0.2  # slope of the search's residual: chillers give more heat to warmer water
NOTHING_KG_S = 1e-30  # no tower in service: shares of it are 0, not 0/0, and no flow of a tower is changed by it
LEAST_KG_S = 1e-6  # design flow in service below which there is no heat rejection, and chillers trip
FOLLOWED = {"approach": "wet_bulb_c", "dry_bulb_approach": "dry_bulb_c"}  # set-point -> outdoor air that it follows
RUNAWAY_C = 65.0  # condenser water at which every chiller has tripped (their curves end at 30-42): figures mean nothing


@compilable
def condenser_prepare(p, u, w, s, x, y, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Set-point of this step; sums that do not change from pass to pass."""
    condenser.target_c = u.set_c
    condenser.design_flow_kg_s = NOTHING_KG_S
    open_search(condenser)
    condenser.again = 0.0
    condenser.approach_k = s.approach_k
    condenser.off_target = s.off_target


@compilable
def condenser_open(p, u, w, s, x, y, condenser, dt_h):  # type: ignore[no-untyped-def]
    """First pass: water at set-point, or as far above wet bulb as in the last step; sums at zero."""
    if condenser.pass_count < 0.5:
        missed_c = w.wet_bulb_c + condenser.approach_k
        condenser.supply_c = missed_c if condenser.off_target > 0.5 else condenser.target_c
    condenser.again = 0.0
    condenser.flow_kg_s = 0.0
    condenser.heat_kw = 0.0
    condenser.leaving_sum = 0.0


@compilable
def condenser_close(p, u, w, s, x, y, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Water that leaves heat rejection against the trial that it was computed from: secant until they agree."""
    standing = condenser.design_flow_kg_s > LEAST_KG_S
    leaving_c = condenser.leaving_sum / condenser.design_flow_kg_s if standing else condenser.supply_c
    residual_k = leaving_c - condenser.supply_c
    if abs(residual_k) > TOLERANCE_K and condenser.pass_count < PASSES:
        condenser.supply_c = next_trial_c(condenser, condenser.supply_c, residual_k, FLATTEST)
        condenser.again = 1.0
    y.supply_c = leaving_c
    y.target_c = condenser.target_c
    y.flow_kg_s = condenser.flow_kg_s
    y.heat_kw = condenser.heat_kw
    y.passes_count = condenser.pass_count + 1.0
    y.unsolved_count = 1.0 if abs(residual_k) > 0.01 and condenser.again < 0.5 else 0.0
    x.approach_k = leaving_c - w.wet_bulb_c
    x.off_target = 1.0 if abs(leaving_c - condenser.target_c) > TOLERANCE_K else 0.0


class Condenser(Component):
    """Loop between condensers and heat rejection; without thermal mass."""

    setpoint: Literal["approach", "fixed", "dry_bulb_approach", "reset"] = "approach"
    """Set-point above the wet bulb, fixed, above the dry bulb, or by ``reset``."""
    approach_k: float = Field(4.0, ge=0.5, le=20)
    """Set-point above the outdoor wet bulb or dry bulb, where it follows it."""
    low_c: float = Field(18.0, ge=2, le=40)
    """Lowest set-point."""
    high_c: float = Field(32.0, ge=5, le=60)
    """Highest set-point."""
    set_c: float = Field(24.0, ge=2, le=60)
    """Set-point where it is fixed."""
    reset: OutdoorReset | None = None
    """Set-point by the weather, where ``setpoint`` is reset."""
    sensors: Availability = ALWAYS
    """Sensors of the outdoor air, where the set-point stands above it; as those of a reset."""
    fallback_c: float | None = Field(None, ge=2, le=60)
    """Set-point while these sensors are lost; it stays where it was if left out."""
    pump: CondenserPump
    """Condenser-water pumps."""
    towers: dict[Name, AnyRejection] = Field(min_length=1)
    """Heat rejection by name; all share the water in proportion to their design flow."""

    inputs: ClassVar[Fields] = {"set_c": "Set-point of the water leaving heat rejection"}
    state: ClassVar[Fields] = {
        "approach_k": "Leaving water above wet bulb at the end of the step",
        "off_target": "1: the set-point was missed",
    }
    outputs: ClassVar[Fields] = {
        "supply_c": "Water leaving heat rejection",
        "target_c": "Set-point of the water leaving heat rejection",
        "flow_kg_s": "Condenser-water flow",
        "heat_kw": "Heat to reject",
        "passes_count": "Passes of the loop's search",
        "unsolved_count": "1: the search for the water temperature did not converge",
    }
    watched: ClassVar[Mapping[str, float]] = {"supply_c": RUNAWAY_C}
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("condenser_prepare", condenser_prepare, ("condenser",)),
        Phase("condenser_open", condenser_open, ("condenser",)),
        Phase("condenser_close", condenser_close, ("condenser",)),
    )

    @model_validator(mode="after")
    def _limits_are_in_order(self) -> Self:
        if self.low_c > self.high_c:
            raise SpecFault(("low_c",), f"must not be above high_c ({self.high_c:g}), got {self.low_c:g}")
        return self

    @model_validator(mode="after")
    def _reset_has_its_word(self) -> Self:
        if self.setpoint == "reset" and self.reset is None:
            raise SpecFault(("reset",), "is required with setpoint: reset")
        if self.setpoint != "reset" and self.reset is not None:
            raise SpecFault(("reset",), f"has no meaning with setpoint: {self.setpoint}; state setpoint: reset")
        return self

    @model_validator(mode="after")
    def _sensors_are_read(self) -> Self:
        for name, nothing in (("sensors", ALWAYS), ("fallback_c", None)):
            if self.setpoint not in FOLLOWED and getattr(self, name) != nothing:
                where = "; state them in the reset" if self.setpoint == "reset" else ""
                raise SpecFault((name,), f"has no meaning with setpoint: {self.setpoint}{where}")
        return self

    def courses(self, weather: Mapping[str, NDArray[np.float64]], axis: TimeAxis) -> Mapping[str, Course]:
        """Set-point: fixed, by a reset, or above the outdoor air between its limits."""
        if self.reset or self.setpoint == "fixed":
            return {"set_c": self.reset.course_c(weather) if self.reset else self.set_c}
        followed_c = weather[FOLLOWED[self.setpoint]]
        return {"set_c": np.minimum(np.maximum(followed_c + self.approach_k, self.low_c), self.high_c)}

    def initial(self, around: Surroundings) -> dict[str, float]:
        """On set-point."""
        return {"approach_k": self.approach_k}
