"""Plans whose baseline of demand response is that of their own days: made again until it stays as it was held."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from twin.studies.planning.lateness import solved
from twin.studies.planning.problem import Problem
from twin.studies.planning.response import Response
from twin.studies.planning.solve import Solution

MOST_ROUNDS = 5  # the second usually stays: calls move little of what lies on the days that the baseline is of
SETTLED_FRAC = 5e-5  # of the objective: neither a baseline that moves by less nor a round that gains less has another


def settled(problem: Problem) -> Solution:
    """The best plan with the baseline that its own draw makes; of several rounds the best by what is then billed."""
    response = problem.response
    if response is None or response.baseline_kw is not None:
        return solved(problem)
    held = response.baseline_of(solved(replace(problem, response=None)).import_kw)
    plans: list[Solution] = []
    for _ in range(MOST_ROUNDS):
        best = min((plan.objective for plan in plans), default=np.inf)
        plans.append(_billed(solved(replace(problem, response=response.held(held))), response, response.held(held)))
        found, least = response.baseline_of(plans[-1].import_kw), SETTLED_FRAC * abs(plans[-1].objective)
        if response.worth(found - held) <= least or best - plans[-1].objective <= least:
            break
        held = found
    return min(plans, key=lambda plan: plan.objective)


def _billed(plan: Solution, response: Response, held: Response) -> Solution:
    """The plan at what its own baseline makes of it."""
    drawn = plan.import_kw
    return replace(plan, objective=plan.objective - held.cost(drawn) + response.cost(drawn))
