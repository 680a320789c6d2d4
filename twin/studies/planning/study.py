"""Plan, replay, compare: one scenario's work as submitted, as planned, as the twin then does it, and the bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from twin.scenario.model import Scenario
from twin.studies.planning.corrected import corrected
from twin.studies.planning.dispatch import Dispatched, dispatched
from twin.studies.planning.hull import Floats
from twin.studies.planning.lateness import left_kwh
from twin.studies.planning.plan import Seen, Signals, Weights, bound_of, problem_of, signals_of, stated
from twin.studies.planning.problem import PlannedBattery, PlannedTank, Problem
from twin.studies.planning.replay import Outcome, outcome, plan_figures, run_plan, run_submitted
from twin.studies.planning.rolling import Rolling, roll
from twin.studies.planning.sampling import Samples, deferrable, sample
from twin.studies.planning.site_battery import at_rest, orders_of
from twin.studies.planning.site_generator import generator_at_rest, generator_orders, site_generator
from twin.studies.planning.solve import Solution, solve
from twin.studies.planning.tank import site_tank, tank_at_rest, tank_orders
from twin.studies.planning.tank_bound import LEVELS, ORDERS_FRAC, tank_points, widened


@dataclass(frozen=True, eq=False)
class PlanStudy:
    """What a plan was made from and what it comes to.

    ``bound`` is a value of the objective that no schedule of the same work goes below (and none that leaves no more of
    it over than the plan, where not all can be done by the end). With a rolling plan
    ``foresight`` is the realised plan with perfect foresight over the whole run; the regret is measured against it.
    Where classes are traces of jobs, ``jobs`` is the plan carried out by whole jobs, and ``job_gaps_frac`` the work of
    each class that they do in other steps than planned. ``orders`` are the inputs, by path, with which a battery and a
    tank of the scenario's carried the plan out.
    """

    samples: Samples
    signals: Signals
    problem: Problem
    plan: Solution
    submitted: Outcome
    planned: Outcome
    realised: Outcome
    bound: float
    foresight: Outcome | None = None
    jobs: Outcome | None = None
    job_gaps_frac: dict[str, float] = field(default_factory=dict)
    cycles: int = 1
    orders: dict[str, Floats] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def gain_frac(self) -> float:
        """What the realised plan saves over the work as submitted, over that."""
        return 1.0 - self.realised.objective / self.submitted.objective

    @property
    def regret_frac(self) -> float | None:
        """What a rolling plan costs more than perfect foresight, over that."""
        return self.realised.objective / self.foresight.objective - 1.0 if self.foresight else None


def plan_study(
    scenario: Scenario, weights: Weights | None = None, *, battery: PlannedBattery | None = None,
    storage: str | None = None, generator: str | None = None, rolling: Rolling | None = None,
    carbon: Floats | None = None, samples: Samples | None = None,
) -> PlanStudy:  # fmt: skip
    """Plan the work of a scenario that may wait, replay the plan in the twin, and bound what any schedule could reach.

    Parameters
    ----------
    scenario : classes of work with a ``slack_h`` are planned (beside stores there may be none), others run as they come
    weights : what counts; the bill if left out
    battery : a battery at the meter, planned with the work; where it has the name of one of the scenario's, that one
        carries the plan out in the twin, and "as submitted" has it under its own rule
    storage : name of a plant whose tank of chilled water is planned with the work and carries the plan out
    generator : name of generators of the scenario's, planned by the price of their fuel; "as submitted" by their rule
    rolling : plan in cycles with forecasts, rather than once with all known
    carbon : marginal emission factors that count in place of the grid's average, kgCO2e/kWh, shape (time,)
    samples : of an earlier study of the same scenario

    Raises
    ------
    Infeasible
        Deadlines and devices contradict each other; the message names class, arrival and deadline.
    InputError
        Nothing can wait, or a class has several places.
    """
    alone = battery is not None or storage is not None or generator is not None
    names, scenario_as_it_is = deferrable(scenario, none=alone), scenario
    sets = site_generator(scenario, generator) if generator is not None else None
    scenario = generator_at_rest(at_rest(scenario, battery), generator)
    scenario = scenario if storage is None else tank_at_rest(scenario, storage)
    tank = site_tank(scenario, storage, names) if storage is not None else None
    samples = samples or sample(scenario, names)
    signals = signals_of(scenario, samples, weights or Weights(), carbon, sets)
    first = problem_of(samples, signals, battery, tank)
    signals = stated(signals, first)

    def replay(problem: Problem, plan: Solution) -> tuple[Outcome, Outcome]:
        found = _realised(scenario, samples, signals, battery, tank, plan)
        fuel = found.fuel_cost - found.generator_cost
        return found, plan_figures(plan, samples, signals, scenario, battery, fuel, tank)

    trial, rounds = corrected(first, samples, replay)
    problem, perfect, ideal = trial.problem, trial.plan, trial.realised
    ran = run_submitted(scenario_as_it_is, names)
    before = outcome("as submitted", ran, scenario, samples, signals, own=battery, tank=tank)
    notes = samples.notes + (_tank_notes(rounds, first) if tank else ()) + signals.notes
    plan, realised, cycles = perfect, ideal, 1
    if rolling is not None:
        rolled = roll(scenario, first, signals, samples.axis, rolling)
        plan, cycles, notes = rolled.plan, rolled.cycles, notes + rolled.notes
        realised = _realised(scenario, samples, signals, battery, tank, plan)
    expected = plan_figures(plan, samples, signals, scenario, battery, ideal.fuel_cost - ideal.generator_cost, tank)
    sent = dispatched(scenario, problem, plan)
    jobs = _realised(scenario, samples, signals, battery, tank, _with_jobs(plan, sent)) if sent else None
    ways = [ideal, realised, *([jobs] if jobs else [])]
    bound = _bound(replace(first, rest_kwh=left_kwh(problem, perfect)), scenario, samples, signals, before, ways)
    return PlanStudy(samples, signals, problem, plan, before, expected, realised, bound,
                     ideal if rolling else None, jobs, {name: one.gap_frac for name, one in sent.items()}, cycles,
                     _orders(scenario, samples, signals, battery, tank, plan), notes)  # fmt: skip


def _bound(problem: Problem, scenario: Scenario, samples: Samples, signals: Signals, before: Outcome,
           ways: Sequence[Outcome]) -> float:  # fmt: skip
    """A value that no schedule goes below: of lines below all that was seen of the twin."""
    seen = [Seen(one.work_kw, one.facility_kw, one.cooling_in_kw, one.cooling_out_kw, one.water_worth_per_h)
            for one in (before, *ways)]  # fmt: skip
    if problem.tank is not None:
        points = tank_points(scenario, problem.tank.plant, samples)
        problem = replace(problem, tank=widened(problem.tank, points, seen[1:], samples.axis.dt_h))
        seen += points
    return solve(bound_of(problem, samples, signals, seen)).least


def _tank_notes(rounds: int, problem: Problem) -> tuple[str, ...]:
    """How plan and bound have a tank."""
    wet = ("the plan does not know how a tank moves the water of towers, the bound has it as in these runs",)
    return (
        f"the plan has the tank's cooling on lines, corrected by {rounds} replays in the twin",
        f"the bound has it on lines below the twin at {LEVELS} levels of work with {2 * len(ORDERS_FRAC)} of the tank, "
        "and below these runs",
    ) + (wet if problem.water is not None else ())


def _with_jobs(plan: Solution, sent: Mapping[str, Dispatched]) -> Solution:
    """The plan with whole jobs in place of divisible work."""
    return replace(plan, served_per_h=plan.served_per_h | {name: one.units for name, one in sent.items()})


def _realised(scenario: Scenario, samples: Samples, signals: Signals, battery: PlannedBattery | None,
              tank: PlannedTank | None, plan: Solution) -> Outcome:  # fmt: skip
    ds = run_plan(scenario, plan.served_per_h, _orders(scenario, samples, signals, battery, tank, plan))
    return outcome("realised", ds, scenario, samples, signals, (battery, plan) if battery else None, tank=tank)


def _orders(scenario: Scenario, samples: Samples, signals: Signals, battery: PlannedBattery | None,
            tank: PlannedTank | None, plan: Solution) -> dict[str, Floats]:  # fmt: skip
    """Inputs, by path, with which what belongs to the scenario carries the plan out."""
    stores = orders_of(battery, plan) | tank_orders(tank, scenario, plan)
    return stores | generator_orders(signals.generator, plan, samples.axis.dt_h)
