"""A plan that is corrected by what the twin makes of it.

What a tank takes and saves depends on the work beside it, and on stages of chillers that no line has. So a plan is
replayed, the difference at the meter is added to the site's power in each step, and the plan is made again: where it
stays, it is as the twin has it. Around a plan that turned out worse than another only what it missed is added. This is
the correction of a model by its errors at the last point (trust-region modifier adaptation: Marchetti, Chachuat and
Bonvin 2009, doi 10.1021/ie801352x), in its simplest form: by constants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from twin.studies.planning.charges import DemandCharges
from twin.studies.planning.plan import planned
from twin.studies.planning.problem import Problem
from twin.studies.planning.replay import Outcome
from twin.studies.planning.sampling import Samples
from twin.studies.planning.solve import Solution

MOST_ROUNDS = 6
TOTAL_FRAC, DEMAND_FRAC = 0.01, 0.02  # how far a replay may be from its plan: the whole, each month's demand charges
ENOUGH = 0.5  # of both: closer plans are not made again
Replay = Callable[[Problem, Solution], tuple[Outcome, Outcome]]  # what a plan comes to, and what it expects


@dataclass(frozen=True, eq=False)
class Trial:
    """A plan, what it was made from and what the twin made of it; ``gap`` over 1 is beyond the limits."""

    problem: Problem
    plan: Solution
    realised: Outcome
    gap: float


def corrected(first: Problem, samples: Samples, replay: Replay) -> tuple[Trial, int]:
    """The best replay of those that are as planned, or of all where none is, and how many there were.

    A problem without a tank is planned once.
    """
    trials: list[Trial] = []
    problem = first
    for _ in range(MOST_ROUNDS if first.tank is not None else 1):
        plan = planned(problem, samples)
        realised, expected = replay(problem, plan)
        best = min((one.realised.objective for one in trials), default=np.inf)
        trials.append(Trial(problem, plan, realised, gap_of(realised, expected, first.demand)))
        if trials[-1].gap <= ENOUGH:
            break
        missed = realised.facility_kw - plan.facility_kw - plan.tank_kw
        missed = missed if realised.objective < best else np.maximum(missed, 0.0)
        problem = replace(problem, facility=problem.facility.shifted(missed), ceiling=problem.ceiling.shifted(missed))
    close = [one for one in trials if one.gap <= 1.0]
    return min(close or trials, key=lambda one: one.realised.objective), len(trials)


def gap_of(realised: Outcome, expected: Outcome, demand: DemandCharges | None) -> float:
    """How far a replay is from its plan, over what it may be."""
    whole = abs(realised.objective - expected.objective) / max(abs(expected.objective), 1e-9) / TOTAL_FRAC
    if demand is None:
        return whole
    ours, plans = demand.monthly(realised.import_kw), demand.monthly(expected.import_kw)
    missed = np.abs(ours - plans) / np.maximum(np.abs(plans), 1e-9)
    return max(whole, float(missed[plans != 0.0].max(initial=0.0)) / DEMAND_FRAC)
