"""The scenario's own generators in a plan: power and fuel, the scenario with them at rest, the orders that follow.

Sets run at their rating, for all or for a part of a step, as the twin has them under a schedule: fuel is then
proportional to what they give, and no set runs below its rating. They are called so early that they carry load when
the plan has them, and export nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from twin.components.grid.onsite_generator import SiteGenerator
from twin.components.grid.orders import RunSchedule
from twin.components.profiles import NEVER
from twin.engine.lowering import lower
from twin.errors import Fault, InputError
from twin.physics.generators import fuel_kw
from twin.scenario.model import Scenario
from twin.studies.planning.problem import PlannedGenerator
from twin.studies.planning.solve import Solution
from twin.units import MINUTES_PER_HOUR

Floats = NDArray[np.float64]
CALLED = 1e-9  # share of the sets that is called ahead: it starts them and carries nothing
LEAST_KW = 1e-6  # a plan's rounding


def site_generator(scenario: Scenario, name: str) -> PlannedGenerator:
    """The generators ``onsite.<name>`` of a scenario. InputError where there are none, or their fuel has no price."""
    short = name.removeprefix("onsite.")
    one = scenario.onsite.get(short)
    if not isinstance(one, SiteGenerator):
        there = [f"onsite.{key}" for key, other in scenario.onsite.items() if isinstance(other, SiteGenerator)]
        known = f"the scenario has {', '.join(there)}" if there else "the scenario has none under `onsite`"
        raise InputError([Fault(f"there is no generator '{name}': {known}", "generator")])
    if one.fuel_per_kwh <= 0.0:
        raise InputError([Fault("is required for a plan: fuel without a price would always be burnt",
                                f"onsite.{short}.fuel_per_kwh")])  # fmt: skip
    lowered = lower(generator_at_rest(scenario, short))
    share = lowered.u[:, lowered.composition.u.index(f"onsite.{short}", "availability_frac")]
    rated_kw = one.units_count * one.rated_kw
    fuel_ratio = fuel_kw(rated_kw, rated_kw, 1.0, one.efficiency_frac) / rated_kw
    return PlannedGenerator(short, rated_kw * share, fuel_ratio, one.fuel_per_kwh, one.fuel_kgco2_per_kwh,
                            one.start_min / MINUTES_PER_HOUR)  # fmt: skip


def priced_generator(scenario: Scenario) -> tuple[PlannedGenerator | None, tuple[str, ...]]:
    """The largest generators of a scenario's whose fuel has a price, or None, and a word on each of the others."""
    sets = {name: one for name, one in scenario.onsite.items() if isinstance(one, SiteGenerator)}
    priced = [name for name, one in sets.items() if one.fuel_per_kwh > 0.0]
    chosen = max(priced, key=lambda name: sets[name].units_count * sets[name].rated_kw, default=None)
    kept = "generators keep their own rule in all strategies"
    notes = tuple(f"onsite.{name}: {kept}, " + (f"onsite.{chosen} is planned" if name in priced else
                  "without a price of their fuel (fuel_per_kwh) there is nothing to plan them by")
                  for name in sets if name != chosen)  # fmt: skip
    return None if chosen is None else site_generator(scenario, chosen), notes


def generator_at_rest(scenario: Scenario, name: str | None) -> Scenario:
    """The scenario with its planned generators under a schedule that calls none; as it is where none are planned."""
    if name is None:
        return scenario
    short = name.removeprefix("onsite.")
    idle = scenario.onsite[short].model_copy(update={"control": RunSchedule(running=NEVER)})
    return scenario.model_copy(update={"onsite": {**scenario.onsite, short: idle}})


def generator_orders(generator: PlannedGenerator | None, plan: Solution, dt_h: float) -> dict[str, Floats]:
    """Inputs of the generators' schedule that carry a plan out; none without planned generators."""
    if generator is None:
        return {}
    share = np.divide(plan.generated_kw, generator.power_kw, out=np.zeros(plan.generated_kw.size),
                      where=generator.power_kw > 0.0)  # fmt: skip
    share = np.clip(np.where(plan.generated_kw > LEAST_KW, share, 0.0), 0.0, 1.0)
    called = share > 0.0
    for ahead in range(1, math.ceil(generator.start_h / dt_h) + 1):
        called[:-ahead] |= share[ahead:] > 0.0
    return {f"onsite.{generator.name}.control.running_frac": np.where(called, np.maximum(share, CALLED), 0.0)}


def generated_of(generator: PlannedGenerator | None, ds: xr.Dataset) -> Mapping[str, Floats]:
    """What planned generators gave and burnt in a run, kW; nothing without."""
    if generator is None:
        return {}
    return {what: ds[f"onsite.{generator.name}.{what}"].values[0] for what in ("generated_kw", "fuel_kw")}
