"""The same site and work run in different ways: as submitted, capped, by a threshold, planned, with a battery, all.

Generators of the scenario's whose fuel has a price are planned by it in a way of their own and in the last one; the
others have them under their own rule. All have fuel in their cost.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import xarray as xr

from twin.components.it.caps import PriceCap
from twin.components.work.shift import PriceShift, allowed_frac
from twin.engine.forcing import axis_of, weather_of
from twin.engine.simulate import simulate
from twin.scenario.model import Scenario
from twin.scenario.walk import group_at
from twin.series.axis import TimeAxis
from twin.series.energy_price import price_per_kwh
from twin.studies.cautions import cautions
from twin.studies.planning.hull import Floats, Segments
from twin.studies.planning.lateness import late_count, usual_kw
from twin.studies.planning.money import fuel_steps
from twin.studies.planning.plan import Signals, Weights, planned, problem_of, signals_of
from twin.studies.planning.problem import PlannedBattery, PlannedGenerator, Problem
from twin.studies.planning.progress import Report, silent
from twin.studies.planning.replay import Outcome, outcome, run_plan, run_submitted, submitted
from twin.studies.planning.rolling import Rolling, roll
from twin.studies.planning.sampling import Samples, deferrable, sample
from twin.studies.planning.settling import settled
from twin.studies.planning.site_generator import generator_at_rest, generator_orders, priced_generator
from twin.studies.planning.solve import Solution
from twin.studies.sums import sums_of

EXCURSIONS = ("max_rack_inlet_c", "hours_above_recommended_h")
SAMPLING = "sampling the twin"
NAMES = ("none", "capping", "threshold", "optimal", "MPC", "battery", "all together")
GENERATOR = "generator"  # beside them where the scenario has generators whose fuel has a price


@dataclass(frozen=True)
class Choices:
    """What the strategies are made of.

    Caps hold ``cap_frac`` of the highest power limit while a kWh costs more than the ``dear_frac`` quantile of the run;
    the threshold runs work in the cheapest ``cheap_frac`` of the hours of its slack.
    """

    cap_frac: float = 0.7
    dear_frac: float = 0.75
    cheap_frac: float = 0.3
    battery: PlannedBattery | None = None
    rolling: Rolling = field(default_factory=Rolling)


@dataclass(frozen=True, eq=False)
class Way:
    """A strategy as the twin ran it: its figures and what it did in each step, arrays of shape (time,).

    ``served_kwh``, ``waiting_kwh`` and ``late_kwh`` are work that may wait, by the energy that its devices usually take
    for it: done in the step, waiting at its end, past its deadline; ``late_cost`` is what the delay of the step costs.
    ``limit_frac`` is the lowest power limit of the devices, as share of their highest. A battery's charge and discharge
    act at the meter. ``fuel_cost`` and ``fuel_kgco2`` are of what all generators burn. ``inlet_max_c`` is the warmest
    air that a rack drew in (nan without racks in air), ``hot_h`` how long it was above what is recommended.
    """

    outcome: Outcome
    it_kw: Floats
    limit_frac: Floats
    served_kwh: Floats
    waiting_kwh: Floats
    late_kwh: Floats
    late_cost: Floats
    water_m3: Floats
    charge_kw: Floats
    discharge_kw: Floats
    stored_kwh: Floats
    fuel_cost: Floats
    fuel_kgco2: Floats
    wear_per_kwh: float = 0.0
    inlet_max_c: float = math.nan
    hot_h: float = 0.0

    @property
    def name(self) -> str:
        """Name of the strategy."""
        return self.outcome.name


@dataclass(frozen=True, eq=False)
class Ways:
    """All strategies on one scenario, with what they were planned from."""

    samples: Samples
    signals: Signals
    ways: tuple[Way, ...]
    notes: tuple[str, ...]


def strategies(scenario: Scenario, weights: Weights | None = None, choices: Choices | None = None,
               carbon: Floats | None = None, report: Report = silent) -> Ways:  # fmt: skip
    """Each strategy on equal work, all run in the full twin; the order is that of ``NAMES``, "generator" before last.

    Without a battery given, it has a quarter of the highest import as power and two hours of it. ``carbon`` are
    emission factors in place of the grid's average. ``report`` is told of each strategy and of each cycle of MPC.
    Raises as :func:`twin.studies.planning.study.plan_study`, and what ``report`` raises.
    """
    names, choices = deferrable(scenario), choices or Choices()
    sets, said = priced_generator(scenario)
    told = NAMES if sets is None else (*NAMES[:-1], GENERATOR, NAMES[-1])
    report(SAMPLING, 0, len(told), 0)
    samples = sample(scenario, names)
    signals = signals_of(scenario, samples, weights or Weights(), carbon, sets)
    outside = (f"the objective does not have {part}" for part in signals.outside)
    notes = [*samples.notes, *signals.notes, *outside, *said]
    none = _way("none", scenario, samples, signals, run_submitted(scenario, names))
    battery = choices.battery or PlannedBattery(0.25 * none.outcome.peak_kw, 0.5 * none.outcome.peak_kw)
    ways, choices = [none], replace(choices, battery=battery)
    report(told[1], 1, len(told), 0)
    for way in _others(scenario, names, samples, signals, none.outcome, choices, notes, report):
        ways.append(way)
        report(told[len(ways) % len(told)], len(ways), len(told), 0)
    return Ways(samples, signals, tuple(ways), tuple(dict.fromkeys(notes)))


def _others(scenario: Scenario, names: list[str], samples: Samples, signals: Signals, none: Outcome,
            choices: Choices, notes: list[str], report: Report) -> Iterator[Way]:  # fmt: skip
    def told(name: str, ds: xr.Dataset, battery: tuple[PlannedBattery, Solution] | None = None) -> Way:
        return _way(name, scenario, samples, signals, ds, battery)

    battery = choices.battery
    assert battery is not None
    capped, sets = with_caps(scenario, choices), signals.generator
    problem = replace(problem_of(samples, signals), generator=None)
    yield told("capping", run_submitted(capped, names))
    yield told(
        "threshold",
        simulate(with_threshold(scenario, names, choices), inputs=_until_the_end(samples, signals, choices)),
    )
    yield told("optimal", run_plan(scenario, planned(problem, samples).served_per_h))
    rolled = roll(scenario, problem, signals, samples.axis, choices.rolling, report)
    notes += rolled.notes
    yield told("MPC", run_plan(scenario, rolled.plan.served_per_h))
    alone = settled(beside_submitted(problem, none, battery=battery))
    yield told("battery", run_submitted(scenario, names), (battery, alone))
    name = sets.name if sets else None
    if sets is not None:
        burnt = settled(beside_submitted(problem, none, generator=sets))
        resting = submitted(generator_at_rest(scenario, name), names)
        yield told(GENERATOR, simulate(resting, inputs=generator_orders(sets, burnt, problem.dt_h)))
    capped = generator_at_rest(capped, name)
    capped_samples = sample(capped, names)
    whole = planned(problem_of(capped_samples, signals, battery), capped_samples)
    orders = generator_orders(sets, whole, problem.dt_h)
    yield told("all together", run_plan(capped, whole.served_per_h, orders), (battery, whole))


def _way(name: str, scenario: Scenario, samples: Samples, signals: Signals, ds: xr.Dataset,
         battery: tuple[PlannedBattery, Solution] | None = None) -> Way:  # fmt: skip
    """A run of the twin, step by step."""
    dt, none = samples.axis.dt_h, np.zeros(samples.axis.count)
    one = ds.isel(scenario=0)
    served, waiting, late, delayed = (none.copy() for _ in range(4))
    for work in samples.classes:
        path, usual, queue = f"workloads.{work.name}", usual_kw(work), one[f"workloads.{work.name}.queue_count"].values
        served += one[f"{path}.served_per_h"].values * usual * dt
        waiting += queue * usual
        late += one[f"{path}.missed_per_h"].values * usual * dt
        delayed += signals.late_per_kwh_h.get(work.name, 0.0) * usual * late_count(work, queue) * dt
    uses = zip(one["output"].values, one["end_use"].values, strict=True)
    it = np.sum([one[output].values for output, use in uses if use == "it" and output in one], axis=0)
    water = [one[n].values * dt for n in one.data_vars if str(n).endswith(".make_up_m3_h")]
    groups = dict.fromkeys(work.group for work in samples.classes)
    limits = [one[f"{g}.limit_w"].values / group_at(scenario, g).device.limit_w for g in groups
              if group_at(scenario, g).kind == "accelerators"]  # fmt: skip
    charge, discharge, stored = none, none, none
    if battery is not None:
        charge, discharge, stored = (getattr(battery[1], part) for part in ("charge_kw", "discharge_kw", "stored_kwh"))
    found = cautions(one, sums_of(one), scenario)
    hottest, hot = (found[name]["value"] if name in found else math.nan for name in EXCURSIONS)
    return Way(
        outcome(name, ds, scenario, samples, signals, battery), it, np.min([none + 1.0, *limits], axis=0), served,
        waiting, late, delayed, np.sum([none, *water], axis=0), charge, discharge, stored,
        *fuel_steps(scenario, ds, dt), battery[0].wear_per_kwh if battery else 0.0, hottest, hot)  # fmt: skip


def with_caps(scenario: Scenario, choices: Choices) -> Scenario:
    """Caps by price on the rack groups of the work that may wait."""
    axis = _axis_of(scenario)
    price = price_per_kwh(scenario.grid.tariff, axis, scenario.site.timezone)
    above = float(np.quantile(price, choices.dear_frac, method="inverted_cdf"))
    if above >= price.max():  # the dearest hours are many: those that are dearer than the rest
        above = float(np.max(price[price < price.max()], initial=price.min()))
    cap = PriceCap(above_per_kwh=above, limit_frac=choices.cap_frac)
    waiting = [work for work in scenario.workloads.values() if work.slack_h > 0]
    groups = {place.group for work in waiting for place in work.runs_on.values()}
    halls = {}
    for hall, spec in scenario.halls.items():
        racks = {
            name: group.model_copy(update={"caps": {**group.caps, "strategy": cap}})  # type: ignore[union-attr]
            if f"halls.{hall}.rack_groups.{name}" in groups
            else group
            for name, group in spec.rack_groups.items()
        }
        halls[hall] = spec.model_copy(update={"rack_groups": racks})
    return scenario.model_copy(update={"halls": halls})


def with_threshold(scenario: Scenario, names: list[str], choices: Choices) -> Scenario:
    """Work that may wait runs in the cheapest hours of its slack."""
    work = {
        name: one.model_copy(
            update={"shift": PriceShift(quantile_frac=choices.cheap_frac, window_h=min(one.slack_h, 744.0))}
        )
        if name in names
        else one
        for name, one in scenario.workloads.items()
    }
    return scenario.model_copy(update={"workloads": work})


def _until_the_end(samples: Samples, signals: Signals, choices: Choices) -> dict[str, Floats]:
    """Within its slack of the end of the run work is not held: it has to be done by then, as in plans."""
    inputs, dt = {}, samples.axis.dt_h
    for one in samples.classes:
        policy = PriceShift(quantile_frac=choices.cheap_frac, window_h=min(one.slack_h, 744.0))
        allowed = allowed_frac(signals.energy_per_kwh, policy, dt)
        allowed[-max(round(one.slack_h / dt), 1) :] = 1.0
        inputs[f"workloads.{one.name}.shift.allowed_frac"] = allowed
    return inputs


def beside_submitted(problem: Problem, none: Outcome, battery: PlannedBattery | None = None,
                     generator: PlannedGenerator | None = None) -> Problem:  # fmt: skip
    """The program of a battery, or of generators, beside work that runs as submitted; others keep their own rule."""
    load = none.facility_kw - (none.generated_kw if generator is None else 0.0)
    flat = Segments(load, np.zeros((1, problem.count)), np.zeros((1, problem.count)))
    return replace(problem, classes=(), facility=flat, ceiling=flat, water=None, free_share={}, battery=battery,
                   generator=generator)  # fmt: skip


def _axis_of(scenario: Scenario) -> TimeAxis:
    """Time axis of a scenario's run."""
    return axis_of(scenario.run, weather_of(scenario.weather, scenario.run.calendar_year).utc_offset_h)
