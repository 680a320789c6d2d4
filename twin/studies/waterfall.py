"""Why two scenarios differ: weather, then what stands and runs there by end use, then price and emission factor.

Each cause is exchanged in turn, so that the steps add up: the first scenario with the weather of the second (its
calendar year, too), the second with the first one's price (tariff, contracts, what export earns) and emission factor,
the second. Between the middle two, which have weather and price in common, energy splits by end use; cost and carbon
follow at the mean price of what is bought. What generation, batteries and export change of it is a step of its own, and
so is what is due to the hours and peaks in which it is bought: with mean p and I, of energy bought I = E - S, where S
comes from the site, c2 - c1 = p (E2 - E1) - p (S2 - S1) + I (p2 - p1).
"""

from __future__ import annotations

from dataclasses import dataclass

from twin.scenario.model import Scenario
from twin.studies.kpis import figures_of
from twin.studies.runs import simulated
from twin.studies.sums import sums_of

QUANTITIES = {"facility_energy_kwh": "kWh", "total_cost": "", "emissions_kgco2": "kgCO2e"}
WEATHER, HOURS, PRICE, FACTOR = "weather", "hours and peaks", "price", "emission factor"
SUPPLY, RESPONSE = "on-site supply and stores", "response to price and factor"


@dataclass(frozen=True)
class Step:
    """One cause, and what it changes in each quantity."""

    cause: str
    change: dict[str, float]


@dataclass(frozen=True)
class Waterfall:
    """From the first scenario to the second; the steps add up to the difference in every quantity."""

    first: dict[str, float]
    second: dict[str, float]
    steps: tuple[Step, ...]
    currency: str


@dataclass(frozen=True)
class _State:
    figures: dict[str, float]
    uses: dict[str, float]
    bought_kwh: float
    currency: str


def waterfall(first: Scenario, second: Scenario) -> Waterfall:
    """Steps from one scenario to the other. Raises RunError where one on the way runs away, InputError on its files."""
    here = _state(first)
    moved = _moved(first, second)
    there = here if moved == first else _state(moved)
    unpriced = _with_grid_of(second, first)
    built = there if unpriced == moved else _state(unpriced)
    end = built if second == unpriced else _state(second)
    steps = [_difference(WEATHER, here, there), *_by_use(there, built)]
    steps += [
        Step(PRICE, _only(built, end, "total_cost")),
        Step(FACTOR, _only(built, end, "emissions_kgco2")),
        Step(RESPONSE, _only(built, end, "facility_energy_kwh")),
    ]
    shown = tuple(step for step in steps if any(step.change.values()))
    return Waterfall(here.figures, end.figures, shown, end.currency)


def _moved(first: Scenario, second: Scenario) -> Scenario:
    """The first scenario in the weather, and in the period, of the second."""
    site = first.site.model_copy(update={"timezone": second.site.timezone})
    return first.model_copy(update={"weather": second.weather, "run": second.run, "site": site})


def _with_grid_of(second: Scenario, first: Scenario) -> Scenario:
    meter = second.grid.meter.model_copy(update={"export_per_kwh": first.grid.meter.export_per_kwh})
    known = {name: getattr(first.grid, name) for name in ("tariff", "contracts", "carbon")}
    grid = second.grid.model_copy(update=known | {"meter": meter})
    return second.model_copy(update={"grid": grid})


def _state(scenario: Scenario) -> _State:
    one = simulated(scenario)
    metrics = figures_of(one, scenario)
    figures = {name: float(metrics[name]["value"]) for name in QUANTITIES}
    sums = sums_of(one)  # type: ignore[arg-type]
    return _State(figures, sums.end_use, sums.total["grid.meter.import_kw"], str(metrics["total_cost"]["unit"]))


def _difference(cause: str, a: _State, b: _State) -> Step:
    return Step(cause, {name: b.figures[name] - a.figures[name] for name in QUANTITIES})


def _only(a: _State, b: _State, name: str) -> dict[str, float]:
    return {other: (b.figures[name] - a.figures[name]) if other == name else 0.0 for other in QUANTITIES}


def _by_use(a: _State, b: _State) -> list[Step]:
    """End uses at mean prices, then what the site itself supplies, and what hours and peaks make."""
    energy = "facility_energy_kwh"
    prices = {name: _mean(a.figures[name], a.bought_kwh, b.figures[name], b.bought_kwh)
              for name in QUANTITIES if name != energy}  # fmt: skip
    steps = []
    for use in dict.fromkeys([*a.uses, *b.uses]):
        kwh = b.uses.get(use, 0.0) - a.uses.get(use, 0.0)
        steps.append(Step(use, {energy: kwh} | {name: kwh * price for name, price in prices.items()}))
    used_kwh = sum(step.change[energy] for step in steps)
    bought_kwh = b.bought_kwh - a.bought_kwh - used_kwh  # less than what is used more: the site supplies it
    supply = {energy: b.figures[energy] - a.figures[energy] - used_kwh}
    steps.append(Step(SUPPLY, supply | {name: bought_kwh * price for name, price in prices.items()}))
    rest = {name: b.figures[name] - a.figures[name] - sum(step.change[name] for step in steps) for name in QUANTITIES}
    return [*steps, Step(HOURS, rest | {energy: 0.0})]


def _mean(c1: float, e1: float, c2: float, e2: float) -> float:
    """Mean of two prices per kWh; of one where the other has no energy to pay."""
    known = [cost / kwh for cost, kwh in ((c1, e1), (c2, e2)) if kwh > 0.0]
    return sum(known) / len(known) if known else 0.0
