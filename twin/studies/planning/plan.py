"""A plan of work that may wait: what it is to be best in, the program that follows, and its lower bound."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from twin.errors import Fault, InputError
from twin.scenario.model import Scenario
from twin.series.carbon_intensity import intensity, marginal
from twin.studies.planning.charges import DemandCharges, demand_charges
from twin.studies.planning.deadlines import explained
from twin.studies.planning.filled import still_outside
from twin.studies.planning.hull import Floats, above, below, convex
from twin.studies.planning.lateness import late_prices, usual_kw
from twin.studies.planning.lowest import LowestBills, lowest_bills
from twin.studies.planning.model_grid import highest_import_kw
from twin.studies.planning.problem import PlannedBattery, PlannedGenerator, PlannedTank, Problem
from twin.studies.planning.response import Response, response_of
from twin.studies.planning.sampling import Samples
from twin.studies.planning.settling import settled
from twin.studies.planning.solve import Infeasible, Solution
from twin.studies.planning.terms import MeterFlows, Terms, terms_of

BOUND_TIE_FRAC = 1e-6  # what the preference for early work may take off the bound; without any the solver needs longer


@dataclass(frozen=True)
class Weights:
    """What counts, in the tariff's currency: the bill, a kg of CO2, a kW of the highest import, a m3 of water."""

    cost: float = 1.0
    carbon_per_kgco2: float = 0.0
    peak_per_kw: float = 0.0
    water_per_m3: float = 0.0


@dataclass(frozen=True, eq=False)
class Seen:
    """The twin in each step, kW, (time,): power of the work, of the site without battery and generators, cooling that a
    planned tank takes and gives, and what water is worth for an hour, where that counts.
    """

    work_kw: Floats
    facility_kw: Floats
    into_kw: Floats
    out_kw: Floats
    water_worth_per_h: Floats | None = None

    def without_tank(self, problem: Problem) -> Floats:
        """Power of the site less what the problem's tank has for its cooling."""
        if problem.tank_lines is None:
            return self.facility_kw
        into, out = problem.tank_lines
        return np.asarray(self.facility_kw - into.at(self.into_kw) + out.at(self.out_kw))


ALONE = {
    "cost": Weights(), "carbon": Weights(0.0, 1.0), "peak": Weights(0.0, 0.0, 1.0),
    "water": Weights(0.0, 0.0, 0.0, 1.0),
}  # fmt: skip
_FIELDS = {"cost": "cost", "carbon": "carbon_per_kgco2", "peak": "peak_per_kw", "water": "water_per_m3"}


def weights_of(text: str) -> Weights:
    """``cost``, ``carbon``, ``peak``, ``water``, or weights such as ``cost=1,carbon=0.08`` (currency for each kg)."""
    if text in ALONE:
        return ALONE[text]
    values = dict.fromkeys(_FIELDS.values(), 0.0)
    for part in text.split(","):
        name, _, number = part.strip().partition("=")
        try:
            values[_FIELDS[name]] = float(number)
        except (KeyError, ValueError):
            known = ", ".join(_FIELDS)
            message = f"'{part}' is no weight: write one of {known}, or weights such as cost=1,carbon=0.08"
            raise InputError([Fault(message, "objective")]) from None
        if not 0.0 <= values[_FIELDS[name]] < math.inf:
            raise InputError([Fault(f"a weight must be 0 or more, got '{part.strip()}'", "objective")])
    if not any(values.values()):
        raise InputError([Fault("all weights are 0: nothing is to be best", "objective")])
    return Weights(**values)


@dataclass(frozen=True, eq=False)
class Signals:
    """Prices, emission factors, demand charges and terms on the run's axis, and what they weigh.

    ``carbon_kgco2_per_kwh`` is what the objective counts: average factors or marginal ones. ``late_per_kwh_h`` is the
    price of an hour of delay for each kWh, by class.
    """

    weights: Weights
    carbon_kgco2_per_kwh: Floats
    average_kgco2_per_kwh: Floats
    marginal_kgco2_per_kwh: Floats | None
    demand: DemandCharges
    terms: Terms
    late_per_kwh_h: Mapping[str, float] = field(default_factory=dict)
    response: Response | None = None
    lowest: LowestBills | None = None
    generator: PlannedGenerator | None = None

    @property
    def energy_per_kwh(self) -> Floats:
        """Price of one more kWh in each step."""
        return self.terms.import_per_kwh

    @property
    def worth_per_kwh(self) -> Floats:
        """What a kWh is worth in each step, without peaks."""
        carbon = self.weights.carbon_per_kgco2 * self.carbon_kgco2_per_kwh
        return self.weights.cost * self.energy_per_kwh + carbon

    @property
    def outside(self) -> tuple[str, ...]:
        """Parts of the bill that the objective does not have as they are, in words."""
        return self.terms.outside + self.demand.outside

    @property
    def fuel_worth_per_kwh(self) -> float:
        """What the fuel for a kWh of the planned generators is worth."""
        one, weights = self.generator, self.weights
        return one.worth_per_kwh(weights.cost, weights.carbon_per_kgco2) if one is not None else 0.0

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of a plan has to know of its prices."""
        if self.weights.cost > 0.0:
            return ()
        return tuple(f"workloads.{name}: deadlines hold, the objective has no money to weigh late_per_kwh_h against"
                     for name in self.late_per_kwh_h)  # fmt: skip

    def water(self, make_up: Floats, blowdown: Floats) -> Floats:
        """What water is worth."""
        return self.weights.water_per_m3 * make_up + self.weights.cost * self.terms.water(make_up, blowdown)

    def objective(self, flows: MeterFlows, dt_h: float, wear: float = 0.0) -> float:
        """What a run is worth under the weights."""
        drawn, terms = flows.import_kw, self.terms
        money = float(terms.import_per_kwh @ drawn) * dt_h + self.demand.cost(drawn)
        money -= sum(offers.value(drawn, dt_h) for offers in terms.offers)
        money += self.response.cost(drawn) if self.response is not None else 0.0
        money += self._lowest(drawn, dt_h)
        money -= terms.export_per_kwh * float(flows.export_kw.sum()) * dt_h
        carbon = self.weights.carbon_per_kgco2 * float(self.carbon_kgco2_per_kwh @ drawn) * dt_h
        peak = self.weights.peak_per_kw * float(drawn.max())
        water = float(self.water(flows.make_up_m3_h, flows.blowdown_m3_h).sum()) * dt_h
        return self.weights.cost * money + carbon + peak + water + wear

    def _lowest(self, drawn: Floats, dt_h: float) -> float:
        """What lowest bills add."""
        if self.lowest is None:
            return 0.0
        saved = sum((o.values(drawn, dt_h) for o in self.terms.offers if o.tariff), np.zeros(self.lowest.level.size))
        return self.lowest.added(self.lowest.charges(drawn, dt_h, self.demand.monthly(drawn), saved))


def signals_of(scenario: Scenario, samples: Samples, weights: Weights, carbon: Floats | None = None,
               generator: PlannedGenerator | None = None) -> Signals:  # fmt: skip
    """Signals of a scenario; ``carbon`` (kgCO2e/kWh, marginal) counts in place of the grid's average.

    The fuel of a planned ``generator`` is in the objective, and its emissions where those count.
    """
    axis, zone, grid = samples.axis, scenario.site.timezone, scenario.grid
    average, other = intensity(grid.carbon, axis).average_kgco2_per_kwh, carbon
    if other is None and grid.marginal_carbon is not None:
        other = marginal(grid.marginal_carbon, axis).marginal_kgco2_per_kwh
    demand = demand_charges(grid.tariff, axis, zone, grid.contracts)
    counted = average if carbon is None else carbon
    terms = terms_of(scenario, axis, generator.name if generator else None)
    return Signals(weights, counted, average, other, demand, terms, late_prices(scenario),
                   response_of(scenario, axis), lowest_bills(scenario, axis), generator)  # fmt: skip


def problem_of(
    samples: Samples, signals: Signals, battery: PlannedBattery | None = None, tank: PlannedTank | None = None
) -> Problem:
    """The program's numbers, on the convex hulls of the samples."""
    part, weights, terms = samples.coarse, signals.weights, signals.terms
    worth = signals.water(samples.water_m3_h[part], samples.blowdown_m3_h[part])
    offers = [replace(o, gain_per_kwh=weights.cost * o.gain_per_kwh) for o in terms.offers if weights.cost]
    return Problem(
        samples.axis.dt_h, samples.classes, convex(samples.work_kw[part], samples.facility_kw[part]), samples.upper(),
        signals.worth_per_kwh, samples.free_share, signals.demand, weights.cost, peak_per_kw=weights.peak_per_kw,
        water=convex(samples.work_kw[part], worth) if np.any(worth) else None,
        export_per_kwh=weights.cost * terms.export_per_kwh, most_export_kw=terms.most_export_kw,
        offers=tuple(offers), response=_weighed(signals), battery=battery, tank=tank,
        generator=signals.generator, fuel_worth_per_kwh=signals.fuel_worth_per_kwh,
        late_per_unit_h=_elastic(samples, signals),
        lowest=signals.lowest.scaled(weights.cost) if signals.lowest and weights.cost > 0.0 else None)  # fmt: skip


def stated(signals: Signals, problem: Problem) -> Signals:
    """The signals of a problem, which has some of what they name as outside of it."""
    terms = replace(signals.terms, outside=still_outside(problem, signals.terms.outside))
    demand = replace(signals.demand, outside=still_outside(problem, signals.demand.outside))
    return replace(signals, terms=terms, demand=demand)


def _weighed(signals: Signals) -> Response | None:
    """Calls of demand response at the objective's weight of money; none where it has no money."""
    weight = signals.weights.cost
    return replace(signals.response, weight=weight) if signals.response is not None and weight > 0.0 else None


def _elastic(samples: Samples, signals: Signals) -> dict[str, float]:
    """Price of an hour of delay for each unit, by class; none where the objective has no money: then deadlines hold."""
    weight, prices = signals.weights.cost, signals.late_per_kwh_h
    return {one.name: weight * prices[one.name] * usual_kw(one)
            for one in samples.classes if one.name in prices and weight > 0.0}  # fmt: skip


def bound_of(problem: Problem, samples: Samples, signals: Signals, seen: Sequence[Seen] = ()) -> Problem:
    """A problem whose best is a lower bound: lines below the twin, and above it where a kWh is worth less than nothing.

    The lines are below any convex function through the samples. Where the twin has been seen below them, at the finer
    levels or as ``seen``, they go down by so much.
    """
    part, worth = samples.coarse, signals.water(samples.water_m3_h, samples.blowdown_m3_h)
    points = [*zip(samples.work_kw, samples.facility_kw, strict=True),
              *((one.work_kw, one.without_tank(problem)) for one in seen)]  # fmt: skip
    low = below(samples.work_kw[part], samples.facility_kw[part])
    high = above(samples.work_kw[part], samples.facility_kw[part])
    low = low.shifted(-_most([low.at(x) - y for x, y in points]))
    high = high.shifted(_most([y - high.at(x) for x, y in points]))
    water = problem.water
    if water is not None:
        water = below(samples.work_kw[part], worth[part])
        runs = ((one.work_kw, one.water_worth_per_h) for one in seen if one.water_worth_per_h is not None)
        wet = [*zip(samples.work_kw, worth, strict=True), *runs]
        water = water.shifted(-_most([water.at(x) - y for x, y in wet]))
    bound = replace(problem, facility=low, ceiling=high, water=water, relaxed=True, tie_frac=BOUND_TIE_FRAC)
    response = problem.response
    if response is None or response.baseline_kw is not None:
        return bound
    return replace(bound, response=response.held(response.baseline_of(highest_import_kw(bound))))


def _most(misses: Sequence[Floats]) -> Floats:
    return np.maximum(np.max(misses, axis=0), 0.0)


def planned(problem: Problem, samples: Samples) -> Solution:
    """The best plan. Infeasible, in the scenario's words, where deadlines that hold contradict the devices."""
    try:
        return settled(problem)
    except Infeasible as error:
        raise Infeasible(explained(problem, samples.axis) or str(error)) from None
