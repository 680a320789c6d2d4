"""Condenser-water loop: set-point of the water that leaves heat rejection, and the search that closes the loop."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Component, Fields, Phase, Surroundings
from twin.components.pumps import CondenserPump
from twin.components.tower_merkel import MerkelTower
from twin.components.tower_yorkcalc import YorkCalcTower

HeatRejection = Annotated[MerkelTower | YorkCalcTower, Field(discriminator="kind")]
PASSES = 10.0
TOLERANCE_K = 1e-4


@compilable
def condenser_prepare(p, u, w, s, x, y, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Set-point of this step from the weather; sums that do not change from pass to pass."""
    follow_c = min(max(w.wet_bulb_c + p.approach_k, p.low_c), p.high_c)
    condenser.target_c = follow_c if p.setpoint < 0.5 else p.set_c
    condenser.design_flow_kg_s = 0.0
    condenser.pass_count = 0.0
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
    leaving_c = condenser.leaving_sum / condenser.design_flow_kg_s
    residual_k = leaving_c - condenser.supply_c
    trial_c = condenser.supply_c
    if abs(residual_k) > TOLERANCE_K and condenser.pass_count < PASSES:
        slope = -1.0
        if condenser.pass_count > 0.5 and abs(trial_c - condenser.low_c) > 1e-12:
            slope = (residual_k - condenser.low_residual_k) / (trial_c - condenser.low_c)
        slope = min(slope, -0.2)
        condenser.low_c = trial_c
        condenser.low_residual_k = residual_k
        condenser.supply_c = trial_c - residual_k / slope
        condenser.pass_count += 1.0
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

    setpoint: Literal["approach", "fixed"] = "approach"
    """Set-point above the wet bulb, or fixed."""
    approach_k: float = Field(4.0, ge=0.5, le=20)
    """Set-point above the outdoor wet bulb, where it follows it."""
    low_c: float = Field(18.0, ge=2, le=40)
    """Lowest set-point."""
    high_c: float = Field(32.0, ge=5, le=60)
    """Highest set-point."""
    set_c: float = Field(24.0, ge=2, le=60)
    """Set-point where it is fixed."""
    pump: CondenserPump
    """Condenser-water pumps."""
    towers: dict[str, HeatRejection] = Field(min_length=1)
    """Heat rejection by name; all share the water in proportion to their design flow."""

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
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("condenser_prepare", condenser_prepare, ("condenser",)),
        Phase("condenser_open", condenser_open, ("condenser",)),
        Phase("condenser_close", condenser_close, ("condenser",)),
    )

    def initial(self, around: Surroundings) -> dict[str, float]:
        """On set-point."""
        return {"approach_k": self.approach_k}
