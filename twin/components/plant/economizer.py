"""Waterside economizer: a plate heat exchanger between chilled and condenser water, in series before the chillers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Component, Fields, Phase, Surroundings
from twin.errors import SpecFault, refuse
from twin.physics.exchangers import BEST_EXCHANGER_FRAC, design_exchanger, effectiveness_counterflow
from twin.units import MINUTES_PER_HOUR, WATER_CP_KJ_KG_K, WATER_KG_M3

LEAST_KG_S = 1e-6  # design flow of towers in service below which there is no water to cool with
GIVE_UP_K = 1.0  # chilled water this far above its set-point ends free cooling alone: the water comes first


@compilable
def reach_kw_per_k(p, loop, flow_frac):  # type: ignore[no-untyped-def]
    """Heat through the exchanger per K between return and condenser water, at the chilled-water flow of this pass."""
    tower_kw_per_k = p.tower_kw_per_k * flow_frac
    chilled_kw_per_k = loop.flow_kg_s * WATER_CP_KJ_KG_K
    least = min(chilled_kw_per_k, tower_kw_per_k)
    most = max(chilled_kw_per_k, tower_kw_per_k)
    e = effectiveness_counterflow(p.conductance_kw_per_k / least, least / most) if least > 1e-9 else 0.0
    return e * least


@compilable
def needed_c(p, loop):  # type: ignore[no-untyped-def]
    """Condenser water that would carry the whole load."""
    reach = reach_kw_per_k(p, loop, 1.0)
    return loop.return_c - loop.demand_kw / reach if reach > 1e-9 else loop.return_c


@compilable
def economizer_prepare(p, u, w, s, x, y, loop, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Switch on when the outdoor wet bulb is low enough, then ask the towers for just the water that is needed."""
    reachable_c = w.wet_bulb_c + p.tower_approach_k + p.exchanger_approach_k
    span_k = max(loop.return_c - loop.set_c, 0.1)
    share = (loop.return_c - reachable_c) / span_k
    since_ok = s.since_change_h * MINUTES_PER_HOUR >= p.minimum_min - 1e-9
    starts, stops = share > p.start_share_frac, share < p.stop_share_frac
    if p.integrated < 0.5:  # all or nothing
        spare_k = needed_c(p, loop) - max(w.wet_bulb_c + p.tower_approach_k, p.least_tower_c)
        starts, stops = spare_k > p.start_spare_k, spare_k < 0.0
        if s.on_frac > 0.5 and loop.start_c > loop.set_c + GIVE_UP_K:  # reckoned too well: no time to wait
            since_ok, stops = True, True
    if loop.pass_count < 0.5:  # on the water as it stands: a decision on a trial temperature may have no answer
        y.on_frac = s.on_frac
        if since_ok and s.on_frac < 0.5 and starts:
            y.on_frac = 1.0
        elif since_ok and s.on_frac > 0.5 and stops:
            y.on_frac = 0.0
    changed = abs(y.on_frac - s.on_frac) > 0.5
    x.on_frac = y.on_frac
    x.since_change_h = dt_h if changed else min(s.since_change_h + dt_h, 1e3)
    y.need_c = condenser.target_c
    if y.on_frac > 0.5:
        y.need_c = needed_c(p, loop)
        condenser.target_c = max(y.need_c, p.least_tower_c)
        loop.alone = 1.0 if p.integrated < 0.5 else 0.0


@compilable
def economize(p, u, w, s, x, y, loop, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Heat through the exchanger at the condenser water of this pass; never more than the loop must give up."""
    y.heat_kw = 0.0
    loop.free_kw = 0.0
    if y.on_frac > 0.5 and condenser.design_flow_kg_s > LEAST_KG_S:
        reach = reach_kw_per_k(p, loop, condenser.flow_frac)
        y.heat_kw = min(max(reach * (loop.return_c - condenser.supply_c), 0.0), loop.demand_kw)
        if loop.demand_kw - y.heat_kw < 1e-4 * loop.demand_kw:
            y.heat_kw = loop.demand_kw
        loop.free_kw = y.heat_kw
        condenser.heat_kw += y.heat_kw
        # a dry section may have taken all of the load
        condenser.flow_kg_s += p.tower_kg_s * condenser.flow_frac if loop.demand_kw > 0.0 else 0.0


class WatersideEconomizer(Component):
    """Waterside economizer: free, partial (where it is integrated) and mechanical cooling by load and weather."""

    kind: Literal["waterside"] = "waterside"
    """Kind of economizer."""
    capacity_kw: float = Field(gt=0, le=1e6)
    """Heat transferred at design."""
    approach_k: float = Field(1.5, gt=0, le=10)
    """Design temperature of chilled water leaving above condenser water entering."""
    chilled_flow_m3_s: float = Field(gt=0, le=100)
    """Design chilled-water flow."""
    tower_flow_m3_s: float = Field(gt=0, le=100)
    """Condenser-water flow while it is on."""
    tower_approach_k: float = Field(4.75, gt=0, le=20)
    """Tower approach that the controller reckons with."""
    exchanger_approach_k: float = Field(2.25, gt=0, le=20)
    """Exchanger approach that the controller reckons with."""
    integrated: bool = True
    """Chillers carry what free cooling leaves; else free cooling runs alone, when it can carry all, or not at all."""
    start_share_frac: float = Field(0.2, ge=0, le=1)
    """Integrated: on when the reckoned share of free cooling rises above this."""
    stop_share_frac: float = Field(0.05, ge=0, le=1)
    """Integrated: off when it falls below this."""
    start_spare_k: float = Field(0.5, ge=0, le=10)
    """Not integrated: on when the towers' reckoned water is colder by this than the whole load needs; off without."""
    minimum_min: float = Field(20.0, ge=0, le=600)
    """Least time between switching on and off."""
    least_tower_c: float = Field(4.0, ge=2, le=30)
    """Lowest water asked from the towers; guards against freezing."""

    derived: ClassVar[Mapping[str, int]] = {"conductance_kw_per_k": 0, "tower_kw_per_k": 0, "tower_kg_s": 0}
    state: ClassVar[Fields] = {"on_frac": "1: on", "since_change_h": "Time since it was switched"}
    outputs: ClassVar[Fields] = {
        "on_frac": "1: on",
        "heat_kw": "Heat to condenser water through the exchanger",
        "need_c": "Condenser water that would carry the whole load",
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("economizer_prepare", economizer_prepare, ("loop", "condenser")),
        Phase("economize", economize, ("loop", "condenser")),
    )

    @model_validator(mode="after")
    def _design_point_can_be_met(self) -> Self:
        refuse(self._design_faults())
        return self

    def _design_faults(self) -> Iterator[SpecFault]:
        if self.stop_share_frac > self.start_share_frac:
            bound = f"must not be above start_share_frac ({self.start_share_frac:g})"
            yield SpecFault(("stop_share_frac",), f"{bound}, got {self.stop_share_frac:g}")
        per_m3_s = WATER_KG_M3 * WATER_CP_KJ_KG_K
        span_k = self.capacity_kw / (self.chilled_flow_m3_s * per_m3_s) + self.approach_k
        least_m3_s = self.capacity_kw / (BEST_EXCHANGER_FRAC * span_k * per_m3_s)
        for name in ("chilled_flow_m3_s", "tower_flow_m3_s"):
            if getattr(self, name) < least_m3_s:
                yield SpecFault((name,), f"must be at least {least_m3_s:.4g} to carry {self.capacity_kw:g} kW with an"
                                f" approach of {self.approach_k:g} K, got {getattr(self, name):g}")  # fmt: skip

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Conductance from the design point: counterflow, heat = capacity, leaving approach as stated."""
        chilled = self.chilled_flow_m3_s * WATER_KG_M3 * WATER_CP_KJ_KG_K
        tower = self.tower_flow_m3_s * WATER_KG_M3 * WATER_CP_KJ_KG_K
        inlet_difference_k = self.capacity_kw / chilled + self.approach_k
        _, conductance = design_exchanger(self.capacity_kw, chilled, tower, inlet_difference_k)
        return {"conductance_kw_per_k": conductance, "tower_kw_per_k": tower, "tower_kg_s": tower / WATER_CP_KJ_KG_K}

    def initial(self, around: Surroundings) -> dict[str, float]:
        """Off, free to switch."""
        return {"since_change_h": 24.0}
