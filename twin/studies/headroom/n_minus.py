"""The worst hour of a year for losing any one unit, or any two: found by search, not by assumption.

Every case in every hour is looked at with closed forms (:mod:`twin.studies.headroom.screen`); the worst hours of each
case by any of their orders are simulated in coarse steps, the worst of those in steps of one second
(:mod:`twin.studies.headroom.outcome`).
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from twin.engine.lowering import lower
from twin.engine.windows import Course, course
from twin.errors import InputError
from twin.scenario.model import Scenario
from twin.studies.headroom.outcome import Limits, Outcome, limits_of, outcome_at
from twin.studies.headroom.screen import Screen
from twin.studies.headroom.units import Case, Unit, all_of, cases_of, units_of, with_supply

FINE_S, COARSE_S = 1.0, 20.0  # steps of the simulations
MOST_OF_AN_ORDER = 16  # hours that each order of the screening sends to the coarse simulation
MOST_FINE = 4  # of those, the worst are simulated in fine steps
WINDOW_H = 2.0
LEAST_MIN, LEAST_K = 0.5, 0.1  # by which the loss of two units is worse than that of either, to be told


@dataclass(frozen=True)
class Search:
    """What a search found: of each case its worst hour, the worst case first; and how much was done for it."""

    worst: tuple[Outcome, ...]
    units: tuple[Unit, ...]
    hours: int
    screened: int
    coarse: int
    fine: int
    course: Course

    def telling(self) -> list[Outcome]:
        """Losses of one unit, and those of two that are worse than each of them alone: what two add."""
        alone = {one.case.lost: one for one in self.worst}
        return [one for one in self.worst if all(_worse(one, single) for single in _singles(one, alone))]


def _singles(one: Outcome, alone: Mapping[tuple[tuple[Unit, int], ...], Outcome]) -> list[Outcome]:
    """Losses of each of the units of a loss of two, as far as they were searched."""
    parts = [((unit, 1),) for unit, _ in one.case.lost]
    return [] if one.case.lost in parts else [alone[part] for part in parts if part in alone]


def _worse(one: Outcome, other: Outcome) -> bool:
    if math.isfinite(one.minutes) or math.isfinite(other.minutes):
        return one.minutes < other.minutes - LEAST_MIN
    return one.highest_c > other.highest_c + LEAST_K


def n_minus(
    scenario: Scenario,
    together: int = 1,
    window_h: float = WINDOW_H,
    cases: Sequence[Case] | None = None,
    workers: int | None = None,
) -> Search:
    """Worst hour of each way to lose one unit (``together`` 1), or one and two (2), over the scenario's hourly run.

    Raises InputError where the site has no units that can fail or the window is not whole hours, RunError where the
    run itself runs away.
    """
    ready = prepared(scenario, together, window_h)
    chosen = list(cases) if cases is not None else [c for n in range(1, together + 1) for c in cases_of(ready.units, n)]
    screen = Screen(ready.scenario, ready.course, ready.limits)
    coarse = fine = 0
    worst = []
    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        for found, tried, last in pool.map(lambda case: _worst_of(ready, screen, case, window_h), chosen):
            worst.append(found)
            coarse, fine = coarse + tried, fine + last
    hours = ready.course.lowered.axis.count
    ordered = tuple(sorted(worst, key=lambda one: one.severity))
    return Search(ordered, tuple(ready.units), hours, hours * len(chosen), coarse, fine, ready.course)


@dataclass(frozen=True)
class Prepared:
    """The hourly run of a site, its limits and what can fail."""

    scenario: Scenario
    course: Course
    limits: Limits
    units: list[Unit]


def prepared(scenario: Scenario, together: int = 1, window_h: float = WINDOW_H) -> Prepared:
    """Run the site hour by hour and list what can fail. Raises InputError and RunError as :func:`n_minus`."""
    check_losses(together, window_h)
    run = scenario.run.model_copy(update={"step": "1h", "refine": None})
    hourly = with_supply(scenario.model_copy(update={"run": run}))
    units = units_of(hourly)
    if not units or not hourly.halls:
        raise InputError(f"{scenario.name}: there are no halls, or no units that could fail")
    lowered = lower(hourly)
    return Prepared(hourly, course(lowered), limits_of(hourly, lowered), units)


def check_losses(together: int, window_h: float) -> None:
    """Raise InputError where so many units, or so long a window, make no sense."""
    if together not in (1, 2):
        raise InputError(f"--lose {together}: one unit or two can be lost together")
    if window_h < 1.0 or window_h != int(window_h):
        raise InputError(f"--window {window_h:g}: must be whole hours, at least 1")


def _worst_of(ready: Prepared, screen: Screen, case: Case, window_h: float) -> tuple[Outcome, int, int]:
    hours = screen.of(case).hours(MOST_OF_AN_ORDER // len(case.lost))
    rough = sorted(
        (outcome_at(ready.course, ready.limits, case, hour, window_h, COARSE_S) for hour in hours),
        key=lambda one: one.severity,
    )
    exact = [
        outcome_at(ready.course, ready.limits, case, one.step, window_h, FINE_S) for one in rough[:MOST_FINE]
    ]  # fmt: skip
    return min(exact, key=lambda one: one.severity), len(hours), len(exact)


def exhaustive(ready: Prepared, case: Case, window_h: float = WINDOW_H, step_s: float = FINE_S) -> Outcome:
    """The same by simulating every hour: what the search is held against."""
    hours = range(ready.course.lowered.axis.count)
    return min(
        (outcome_at(ready.course, ready.limits, case, hour, window_h, step_s) for hour in hours),
        key=lambda one: one.severity,
    )


def loss_of_cooling(scenario: Scenario, window_h: float = WINDOW_H) -> Search:
    """Worst hours for losing all chillers, and all air handling: the two ways in which cooling stops altogether."""
    units = units_of(scenario)
    air = [unit for unit in units if unit.path.startswith("halls.") and unit.path.endswith(".air")]
    chillers = [unit for unit in units if ".chillers." in unit.path]
    cases = [all_of(some) for some in (air, chillers) if some]
    return n_minus(scenario, 1, window_h, cases)
