"""Why a plan is not possible, in the scenario's own words: earliest deadline first on each group of devices."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from twin.series.axis import TimeAxis
from twin.studies.planning.problem import PlannedClass, Problem

TOLD_FRAC = 0.999  # of devices in service, and of their power: fewer or less is told
ROUNDING = 1e-7  # share of a step's devices by which work may miss its deadline


@dataclass(frozen=True, order=True)
class Part:
    """Work of one class that comes in one step and must be done by the end of another, in device steps."""

    due: int
    came: int
    owner: str
    amount: float


@dataclass(frozen=True)
class Miss:
    """The first work that does not fit: its class, when it came and is due, and whether its own share binds."""

    part: Part
    left: float
    own_share: bool


def explained(problem: Problem, axis: TimeAxis) -> str | None:
    """The first work that misses its deadline, as a sentence; None where earliest deadline first serves all.

    Classes with a price of delay make way for the others.
    """
    held = [one for one in problem.classes if one.name not in problem.late_per_unit_h]
    for group in dict.fromkeys(one.group for one in held):
        miss = first_miss([one for one in held if one.group == group], problem, group)
        if miss is not None:
            return _sentence(miss, group, problem, axis)
    return None


def first_miss(classes: Sequence[PlannedClass], problem: Problem, group: str) -> Miss | None:
    """Serve what is due first, in every step as much as the free devices take."""
    free = problem.free_share[group] * problem.dt_h
    coming: dict[int, list[Part]] = {}
    for one in classes:
        for part in _parts(one, problem):
            coming.setdefault(part.came, []).append(part)
    most = {one.name: one.most_share * problem.dt_h for one in classes}
    waiting: list[Part] = []
    for step in range(problem.count):
        for part in coming.get(step, ()):
            heapq.heappush(waiting, part)
        miss = _serve(step, waiting, float(free[step]), dict(most))
        if miss is not None:
            return miss
    return None


def _serve(step: int, waiting: list[Part], room: float, own: dict[str, float]) -> Miss | None:
    kept: list[Part] = []
    missed = None
    while waiting and room > 0.0:
        part = heapq.heappop(waiting)
        done = min(part.amount, room, own[part.owner])
        room -= done
        own[part.owner] -= done
        left = part.amount - done
        if left > ROUNDING:
            kept.append(Part(part.due, part.came, part.owner, left))
    for part in kept:
        heapq.heappush(waiting, part)
    if waiting and waiting[0].due <= step and waiting[0].amount > ROUNDING:
        missed = Miss(waiting[0], waiting[0].amount, own[waiting[0].owner] <= 0.0 < room)
    return missed


def _parts(one: PlannedClass, problem: Problem) -> Iterator[Part]:
    """Work of a class between the times at which it comes and those at which it must be done, oldest first."""
    came = one.queue_count + np.cumsum(one.arrivals_per_h) * problem.dt_h
    must = np.maximum.accumulate(np.maximum(came - one.waiting_count, 0.0))
    if problem.ends:
        must[-1] = came[-1]
    total = must[-1]
    edges = np.union1d(np.minimum(came, total), must)
    edges = edges[np.diff(edges, prepend=0.0) > 1e-12 * max(total, 1e-300)]
    middle = edges - 0.5 * np.diff(edges, prepend=0.0)
    arrival, due = np.searchsorted(came, middle), np.searchsorted(must, middle)
    amounts = np.diff(edges, prepend=0.0) * one.share_per_rate[np.minimum(arrival, came.size - 1)]
    for at, by, amount in zip(arrival.tolist(), due.tolist(), amounts.tolist(), strict=True):
        yield Part(by, at, one.name, amount)


def _in_service(one: PlannedClass, miss: Miss) -> str:
    """A word on devices out of service while work waits; none where there are none."""
    share = one.in_service_frac[miss.part.came : miss.part.due + 1]
    some = share.size > 0 and share.min() < TOLD_FRAC
    return f" in service, which are {share.mean():.0%} of all," if some else ""


def _limited(one: PlannedClass, miss: Miss) -> str:
    """A word on power limits while work waits; none where there are none."""
    limit = one.limit_frac[miss.part.came : miss.part.due + 1]
    some = limit.size > 0 and limit.min() < TOLD_FRAC
    return f", and held to {limit.mean():.0%} of their power" if some else ""


def _sentence(miss: Miss, group: str, problem: Problem, axis: TimeAxis) -> str:
    came, due = (str(axis.standard()[step])[:16] for step in (miss.part.came, miss.part.due))
    one = next(one for one in problem.classes if one.name == miss.part.owner)
    if miss.own_share:
        why = f"its `most_frac` of {one.most_share:g} of {group} does not let it run faster"
    else:
        free = float(problem.free_share[group][miss.part.came : miss.part.due + 1].mean())
        why = f"{group} is full until then ({free:.0%} of its devices{_in_service(one, miss)} are free of other work"
        why += f"{_limited(one, miss)})"
    by = "the end of the run" if problem.ends and miss.part.due == problem.count - 1 else f"the hour from {due}"
    return (f"workloads.{one.name}: work that arrives {came} (standard time) must be done by the end of {by} "
            f"(slack_h {one.slack_h:g}), and {why}; it may be late where late_per_kwh_h states what that costs"
            ).replace("by the end of the end of", "by the end of")  # fmt: skip
