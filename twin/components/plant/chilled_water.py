"""Chilled-water plant: chillers, pumps, condenser loop and free cooling around one loop of chilled water."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator

from twin.components.base import Component, Course, Fields, Ledger, Name, Phase, Store, Surroundings
from twin.components.catalog_parts import AnyChiller, AnyEconomizer, AnyHeatReuse
from twin.components.plant.chilled_water_loop import loop_close, loop_demand, loop_open
from twin.components.plant.condenser import Condenser
from twin.components.plant.economizer import WatersideEconomizer
from twin.components.plant.precooler import Precooler
from twin.components.plant.process import ProcessLoad
from twin.components.plant.pumps import ChilledWaterPump
from twin.components.plant.staging import dispatch, offer_open, stage_open
from twin.components.plant.storage import ChilledWaterStorage
from twin.components.resets import LoadReset, OutdoorReset, WaterReset, range_faults
from twin.errors import SpecFault, refuse
from twin.units import MINUTES_PER_HOUR, SECONDS_PER_HOUR, WATER_CP_KJ_KG_K, WATER_KG_M3

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from twin.series.axis import TimeAxis

SUPPLY_C = (3, 50)  # bounds of a set-point: above freezing, and the warmest water that cools racks
RUNAWAY_C = 90.0  # chilled water near boiling: nothing of the site runs any more, and figures mean nothing


def on_condenser(chiller: Component) -> bool:
    """Whether a chiller gives its heat to condenser water."""
    return any("condenser" in phase.nodes for phase in chiller.phases)


class ChilledWaterPlant(Component):
    """Chillers, a condenser loop and pumps that hold one chilled-water supply temperature."""

    kind: Literal["chilled_water"] = "chilled_water"
    """Kind of plant."""
    fed_by: str = "grid"
    """Power device that feeds the plant, or grid."""
    supply_c: float = Field(ge=SUPPLY_C[0], le=SUPPLY_C[1])
    """Chilled-water supply temperature held."""
    supply_reset: WaterReset | None = None
    """Supply temperature that follows the weather or the load, in the place of ``supply_c``."""
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
    minimum_running_count: int = Field(0, ge=0, le=100)
    """Chillers kept running while there is anything for them to do, such as one more than the load needs (N+1)."""
    chillers: dict[Name, AnyChiller] = Field(default_factory=dict)
    """Chillers by name, in the order in which they are called."""
    pump: ChilledWaterPump
    """Chilled-water pumps."""
    condenser: Condenser | None = None
    """Condenser-water loop with its heat rejection; needed by water-cooled chillers and a waterside economizer."""
    precooler: Precooler | None = None
    """Dry section that cools the return water before economizer and chillers, or none."""
    economizer: AnyEconomizer | None = None
    """Free cooling in series before the chillers, or none."""
    heat_reuse: AnyHeatReuse | None = None
    """Heat taken from the return water before economizer and chillers and given to a heating network, or none."""
    storage: ChilledWaterStorage | None = None
    """Stratified tank of chilled water, or none."""
    process: dict[Name, ProcessLoad] = Field(default_factory=dict)
    """Other loads on the loop, by name."""

    inputs: ClassVar[Fields] = {
        "set_c": "Supply set-point, before what the load takes off it",
        "load_seen": "1: the sensors that tell the load work",
    }
    derived: ClassVar[Mapping[str, int]] = {
        "capacity_kwh_per_k": 0, "chillers_count": 0, "trim_k": 0, "light_load_kw": 0, "trim_span_kw": 0, "lag_h": 0,
        "falls_back": 0,
    }  # fmt: skip
    state: ClassVar[Fields] = {
        "supply_c": "Supply water at the end of the step",
        "stage_count": "Chillers called for",
        "since_change_h": "Time since the last change of stage",
        "seen_load_kw": "Heat taken up, as the set-point's reset sees it",
    }
    outputs: ClassVar[Fields] = {
        "supply_c": "Supply water at the end of the step",
        "set_c": "Supply set-point",
        "excess_k": "Supply above its set-point at the end of the step",
        "return_c": "Return water, after heat reuse, dry section and what a store adds",
        "flow_kg_s": "Chilled-water flow through free cooling and chillers",
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
    def _reset_stays_in_range(self) -> Self:
        refuse(range_faults("supply_reset", self.supply_reset, *SUPPLY_C))
        return self

    @model_validator(mode="after")
    def _heat_can_be_rejected(self) -> Self:
        if not self.chillers and self.economizer is None:
            raise SpecFault(("chillers",), "a plant needs chillers or an economizer")
        on_water = [name for name, chiller in self.chillers.items() if on_condenser(chiller)]
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

    @model_validator(mode="after")
    def _as_many_stand_there(self) -> Self:
        if self.minimum_running_count > len(self.chillers):
            there = f"there are {len(self.chillers)} chillers"
            raise SpecFault(("minimum_running_count",), f"{there}, got {self.minimum_running_count}")
        return self

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Heat capacity of the loop's water."""
        kj_per_k = self.volume_m3 * WATER_KG_M3 * WATER_CP_KJ_KG_K
        plant = {"capacity_kwh_per_k": kj_per_k / SECONDS_PER_HOUR, "chillers_count": float(len(self.chillers))}
        return plant | self._trim()

    def _trim(self) -> dict[str, float]:
        """What the load takes off the set-point, 0 without a reset by load."""
        reset = self.supply_reset
        if not isinstance(reset, LoadReset):
            return {"trim_k": 0.0, "light_load_kw": 0.0, "trim_span_kw": 1.0, "lag_h": 1.0, "falls_back": 0.0}
        return {
            "trim_k": reset.set_at_light_c - reset.set_at_full_c,
            "light_load_kw": reset.light_load_kw,
            "trim_span_kw": reset.full_load_kw - reset.light_load_kw,
            "lag_h": reset.lag_min / MINUTES_PER_HOUR,
            "falls_back": 0.0 if reset.fallback_c is None else 1.0,
        }

    def courses(self, weather: Mapping[str, NDArray[np.float64]], axis: TimeAxis) -> Mapping[str, Course]:
        """Set-point: as stated, by the weather, or the warmest of those by load."""
        reset = self.supply_reset
        if isinstance(reset, OutdoorReset):
            return {"set_c": reset.course_c(weather), "load_seen": 1.0}
        return {"set_c": reset.set_at_light_c if reset else self.supply_c, "load_seen": 1.0}

    def coldest_supply_c(self) -> float:
        """Lowest set-point."""
        return self.supply_reset.extremes_c()[0] if self.supply_reset else self.supply_c

    def initial(self, around: Surroundings) -> dict[str, float]:
        """At set-point, one chiller called, free to change."""
        longest_h = max(self.minimum_on_min, self.minimum_off_min) / MINUTES_PER_HOUR
        called = float(min(len(self.chillers), max(self.minimum_running_count, 1)))
        state = {"supply_c": self.coldest_supply_c(), "stage_count": called, "since_change_h": math.ceil(longest_h)}
        return state | {"seen_load_kw": getattr(self.supply_reset, "full_load_kw", 0.0)}
