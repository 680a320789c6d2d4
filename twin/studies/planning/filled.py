"""Blocks of energy and of demand that every schedule fills: what they cost is the same for all.

Where the price of blocks falls, the cost of energy is not convex, and a linear program would begin with the cheapest.
Blocks that a site fills whatever it does are held full: then a plan has falling prices as they are, and only where a
site may end within falling blocks a plan pays the price beyond the last.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from twin.studies.planning.charges import FALLING_DEMAND, Blocks
from twin.studies.planning.problem import Problem
from twin.studies.planning.terms import FALLING_ENERGY, Offers

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
ROUNDING = 1e-9


def lowest_site_kw(problem: Problem) -> Floats:
    """A power of the site that no schedule goes below in any step, its battery aside."""
    lines = problem.facility
    least = lines.base + np.minimum(lines.width_kw * lines.slope, 0.0).sum(axis=0)
    if problem.tank is not None:
        least = least - np.maximum(problem.tank.kw_per_discharge * problem.tank.discharge_kw, 0.0)
    return least if problem.generator is None else least - problem.generator.power_kw


def lowest_peaks_kw(problem: Problem) -> tuple[Floats, Floats]:
    """Demand by peak, and billed demand by month, that no schedule goes below."""
    assert problem.demand is not None
    given = problem.battery.power_kw if problem.battery is not None else 0.0
    peaks, months = problem.demand.measured_kw(np.maximum(lowest_site_kw(problem) - given, 0.0))
    if problem.carried_peak_kw is not None and problem.carried_month_kw is not None:
        peaks, months = np.maximum(peaks, problem.carried_peak_kw), np.maximum(months, problem.carried_month_kw)
    return peaks, problem.demand.billed_kw(months)


def filled_offers(problem: Problem, offers: Offers) -> Truths:
    """Which offers every schedule takes in full, (rank, group): a battery can lower what is drawn by its charge."""
    given = problem.battery.energy_kwh if problem.battery is not None else 0.0
    least = np.asarray(offers.steps @ lowest_site_kw(problem)) * problem.dt_h - given
    return np.asarray(np.cumsum(offers.most_kwh, axis=0) <= least * (1.0 - ROUNDING))


def filled_blocks(blocks: Blocks, least_kw: Floats) -> Truths:
    """Which blocks of demand are full in every schedule, (block, item)."""
    return np.asarray(np.cumsum(blocks.width_kw, axis=0) <= least_kw * (1.0 - ROUNDING))


def still_outside(problem: Problem, outside: Iterable[str]) -> tuple[str, ...]:
    """What the objective does not have as it is, without falling prices that the plan has all the same."""
    exact = {FALLING_ENERGY: _energy_is_exact, FALLING_DEMAND: _demand_is_exact}
    return tuple(part for part in outside if part not in exact or not exact[part](problem))


def _energy_is_exact(problem: Problem) -> bool:
    """Whether what lies beyond the filled blocks never gets cheaper."""
    for offers in problem.offers:
        gain = np.where(filled_offers(problem, offers), np.inf, offers.gain_per_kwh)
        if offers.tariff and ((gain < 0.0).any() or (gain[1:] > gain[:-1]).any()):
            return False
    return True


def _demand_is_exact(problem: Problem) -> bool:
    demand = problem.demand
    assert demand is not None
    for blocks, least in zip((demand.periods, demand.flat), lowest_peaks_kw(problem), strict=True):
        rate = np.where(filled_blocks(blocks, least), -np.inf, blocks.rate_per_kw)
        if (rate[1:] < rate[:-1] - 1e-12).any():
            return False
    return True
