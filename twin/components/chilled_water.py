"""Chilled-water plant: the loop's temperature, the heat it must give up, and the staging of its chillers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Name, Phase, Store, Surroundings
from twin.components.catalog_parts import AnyChiller, AnyEconomizer
from twin.components.condenser import Condenser
from twin.components.economizer import WatersideEconomizer
from twin.components.process import ProcessLoad
from twin.components.pumps import ChilledWaterPump
from twin.errors import SpecFault
from twin.units import MINUTES_PER_HOUR, SECONDS_PER_HOUR, WATER_CP_KJ_KG_K, WATER_KG_M3

if TYPE_CHECKING:
    from collections.abc import Mapping

PASSES = 16.0  # bound of the search for a supply temperature that the plant can hold
TOLERANCE_K = 1e-6
FAR_C = 1e6  # no trial was that cold or that warm
RUNAWAY_C = 90.0  # chilled water near boiling: nothing of the site runs any more, and figures mean nothing


@compilable
def loop_open(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """First pass: supply at set-point, or where the last step left it; sums at zero."""
    loop.set_c = p.supply_c
    if loop.again < 0.5:
        loop.pass_count = 0.0
        loop.supply_c = max(s.supply_c, p.supply_c)
        loop.cold_c = -FAR_C
        loop.warm_c = FAR_C
    loop.again = 0.0
    loop.flow_kg_s = 0.0
    loop.load_kw = 0.0
    loop.return_sum = 0.0


@compilable
def loop_demand(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Heat to remove so that the loop ends the step at set-point."""
    loop.return_c = loop.return_sum / loop.flow_kg_s if loop.flow_kg_s > 1e-9 else loop.supply_c
    excess_kw = p.capacity_kwh_per_k * (s.supply_c - p.supply_c) / dt_h
    loop.demand_kw = max(loop.load_kw + excess_kw, 0.0)
    loop.free_kw = 0.0
    loop.chilled_kw = 0.0


@compilable
def stage_open(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Staging starts from the last step's in every pass: a decision taken on a trial temperature must not stay."""
    loop.stage_count = s.stage_count
    y.stage_changes_count = 0.0
    y.stage_direction_count = 0.0


@compilable
def offer_open(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Capacities at zero before the chillers offer theirs."""
    loop.restage = 0.0
    loop.capacity_kw = 0.0
    loop.capacity_less_kw = 0.0
    loop.chilled_kw = 0.0


@compilable
def dispatch(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Call for one chiller more or fewer where load and minimum times ask for it, then share the load equally."""
    need_kw = max(loop.demand_kw - loop.free_kw, 0.0)
    since_min = s.since_change_h * MINUTES_PER_HOUR
    dt_min = dt_h * MINUTES_PER_HOUR
    may_add = since_min >= p.minimum_off_min - 1e-9 and y.stage_changes_count * p.minimum_off_min < dt_min
    may_drop = since_min >= p.minimum_on_min - 1e-9 and y.stage_changes_count * p.minimum_on_min < dt_min
    add = need_kw > p.stage_up_frac * loop.capacity_kw + 1e-9 and loop.stage_count < p.chillers_count - 0.5
    drop = loop.stage_count > 0.5 and need_kw <= p.stage_down_frac * loop.capacity_less_kw
    if add and may_add and y.stage_direction_count > -0.5:
        loop.stage_count += 1.0
        y.stage_changes_count += 1.0
        y.stage_direction_count = 1.0
        loop.restage = 1.0
    elif drop and may_drop and y.stage_direction_count < 0.5:
        loop.stage_count -= 1.0
        y.stage_changes_count += 1.0
        y.stage_direction_count = -1.0
        loop.restage = 1.0
    share = need_kw / loop.capacity_kw if loop.capacity_kw > 1e-9 else 0.0
    loop.plr_frac = min(max(share, 0.0), 1.0)


@compilable
def loop_close(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Supply temperature that the removed heat leads to; where the plant falls short, search the one that agrees."""
    removed_kw = loop.free_kw + loop.chilled_kw
    end_c = s.supply_c + (loop.load_kw - removed_kw) * dt_h / p.capacity_kwh_per_k
    residual_k = end_c - loop.supply_c
    below = loop.supply_c <= p.supply_c and end_c <= p.supply_c
    if abs(residual_k) > TOLERANCE_K and not below and loop.pass_count < PASSES:
        trial_c = loop.supply_c
        slope = -1.0
        if loop.pass_count > 0.5 and abs(trial_c - loop.low_c) > 1e-12:
            slope = (residual_k - loop.low_residual_k) / (trial_c - loop.low_c)
        slope = min(slope, -0.05)
        loop.low_c = trial_c
        loop.low_residual_k = residual_k
        loop.supply_c = min(max(trial_c - residual_k / slope, p.supply_c), trial_c + 50.0)
        if residual_k > 0.0:
            loop.cold_c = max(loop.cold_c, trial_c)
        else:
            loop.warm_c = min(loop.warm_c, trial_c)
        bracketed = loop.cold_c > -FAR_C and loop.warm_c < FAR_C
        if bracketed and not (loop.cold_c < loop.supply_c and loop.supply_c < loop.warm_c):
            loop.supply_c = 0.5 * (loop.cold_c + loop.warm_c)  # at the kink where capacity runs out a secant may circle
        loop.pass_count += 1.0
        loop.again = 1.0
    y.supply_c = end_c
    y.return_c = loop.return_c
    y.flow_kg_s = loop.flow_kg_s
    y.load_kw = loop.load_kw
    y.removed_kw = removed_kw
    y.free_kw = loop.free_kw
    y.shortfall_kw = max(loop.demand_kw - removed_kw, 0.0)
    y.stage_count = loop.stage_count
    y.passes_count = loop.pass_count + 1.0
    y.unsolved_count = 1.0 if abs(residual_k) > 1e-3 and not below and loop.again < 0.5 else 0.0
    y.free_mode = 1.0 if loop.free_kw > 1e-6 and loop.chilled_kw <= 1e-6 else 0.0
    y.partial_mode = 1.0 if loop.free_kw > 1e-6 and loop.chilled_kw > 1e-6 else 0.0
    x.supply_c = end_c
    x.stage_count = loop.stage_count
    x.since_change_h = dt_h if y.stage_changes_count > 0.5 else min(s.since_change_h + dt_h, 1e3)


class ChilledWaterPlant(Component):
    """Chillers, a condenser loop and pumps that hold one chilled-water supply temperature."""

    kind: Literal["chilled_water"] = "chilled_water"
    """Kind of plant."""
    fed_by: str = "grid"
    """Power device that feeds the plant, or grid."""
    supply_c: float = Field(ge=3, le=50)
    """Chilled-water supply temperature held."""
    volume_m3: float = Field(20.0, gt=0, le=1e5)
    """Water in the loop; its heat carries short interruptions."""
    stage_up_frac: float = Field(0.9, gt=0, le=1)
    """One chiller more is called when the load exceeds this share of the running capacity."""
    stage_down_frac: float = Field(0.8, gt=0, le=1)
    """One chiller fewer is enough when the load falls below this share of what would be left."""
    minimum_on_min: float = Field(20.0, ge=0, le=600)
    """Least time from any start to the next stop."""
    minimum_off_min: float = Field(20.0, ge=0, le=600)
    """Least time from any stop or start to the next start."""
    chillers: dict[Name, AnyChiller] = Field(default_factory=dict)
    """Chillers by name, in the order in which they are called."""
    pump: ChilledWaterPump
    """Chilled-water pumps."""
    condenser: Condenser | None = None
    """Condenser-water loop with its heat rejection; needed by water-cooled chillers and a waterside economizer."""
    economizer: AnyEconomizer | None = None
    """Free cooling in series before the chillers, or none."""
    process: dict[Name, ProcessLoad] = Field(default_factory=dict)
    """Other loads on the loop, by name."""

    derived: ClassVar[Mapping[str, int]] = {"capacity_kwh_per_k": 0, "chillers_count": 0}
    state: ClassVar[Fields] = {
        "supply_c": "Supply water at the end of the step",
        "stage_count": "Chillers called for",
        "since_change_h": "Time since the last change of stage",
    }
    outputs: ClassVar[Fields] = {
        "supply_c": "Supply water at the end of the step",
        "return_c": "Return water",
        "flow_kg_s": "Chilled-water flow",
        "load_kw": "Heat taken up, pumps included",
        "removed_kw": "Heat removed",
        "free_kw": "Heat removed by the economizer",
        "shortfall_kw": "Heat that would have to be removed in addition to hold the set-point",
        "stage_count": "Chillers called for",
        "stage_changes_count": "Changes of stage in the step",
        "stage_direction_count": "1: staged up, -1: down",
        "passes_count": "Passes of the loop's search",
        "unsolved_count": "1: the search for the supply temperature did not converge",
        "free_mode": "1: free cooling alone",
        "partial_mode": "1: free cooling and chillers together",
    }
    watched: ClassVar[Mapping[str, float]] = {"supply_c": RUNAWAY_C}
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("loop_open", loop_open, ("loop",)),
        Phase("loop_demand", loop_demand, ("loop",)),
        Phase("stage_open", stage_open, ("loop",)),
        Phase("offer_open", offer_open, ("loop",)),
        Phase("dispatch", dispatch, ("loop",)),
        Phase("loop_close", loop_close, ("loop",)),
    )
    ledger: ClassVar[Ledger] = Ledger()
    stores: ClassVar[tuple[Store, ...]] = (Store("supply_c", "water", "capacity_kwh_per_k"),)

    @model_validator(mode="after")
    def _heat_can_be_rejected(self) -> Self:
        if not self.chillers and self.economizer is None:
            raise SpecFault(("chillers",), "a plant needs chillers or an economizer")
        on_water = [name for name, chiller in self.chillers.items() if chiller.kind == "water_cooled"]
        if isinstance(self.economizer, WatersideEconomizer):
            on_water.append("the economizer")
        if on_water and self.condenser is None:
            raise SpecFault(("condenser",), f"is required: {', '.join(on_water)} gives heat to condenser water")
        return self

    @model_validator(mode="after")
    def _staging_has_hysteresis(self) -> Self:
        if self.stage_down_frac > self.stage_up_frac:
            bound = f"must not be above stage_up_frac ({self.stage_up_frac:g}), or chillers switch without end"
            raise SpecFault(("stage_down_frac",), f"{bound}; got {self.stage_down_frac:g}")
        return self

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Heat capacity of the loop's water."""
        kj_per_k = self.volume_m3 * WATER_KG_M3 * WATER_CP_KJ_KG_K
        return {"capacity_kwh_per_k": kj_per_k / SECONDS_PER_HOUR, "chillers_count": float(len(self.chillers))}

    def initial(self, around: Surroundings) -> dict[str, float]:
        """At set-point, one chiller called, free to change."""
        longest_h = max(self.minimum_on_min, self.minimum_off_min) / MINUTES_PER_HOUR
        called = float(min(len(self.chillers), 1))
        return {"supply_c": self.supply_c, "stage_count": called, "since_change_h": math.ceil(longest_h)}
