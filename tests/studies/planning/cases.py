"""Small problems for tests of plans: one group, straight or bent facility power, prices as given."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from twin.studies.planning.charges import Blocks, DemandCharges
from twin.studies.planning.hull import Segments
from twin.studies.planning.problem import PlannedClass, Problem

GROUP = "halls.h.rack_groups.g"


def line(count: int, base_kw: float = 10.0, slope: float = 1.0) -> Segments:
    """One straight segment."""
    return Segments(np.full(count, base_kw), np.full((1, count), 1e6), np.full((1, count), slope))


def bent(count: int, base_kw: float, *parts: tuple[float, float]) -> Segments:
    """Segments (width, slope)."""
    widths, slopes = (np.array([[part[i]] * count for part in parts]) for i in (0, 1))
    return Segments(np.full(count, base_kw), widths, slopes)


def one_class(arrivals: Any, slack: int, most_kw: float = 1e3, name: str = "batch") -> PlannedClass:
    """A class whose unit is a kWh and which may draw so much."""
    arrivals = np.asarray(arrivals, dtype=float)
    came = np.cumsum(arrivals)
    before = np.concatenate([np.zeros(slack), came])[: arrivals.size] if slack else came
    ones = np.ones(arrivals.size)
    return PlannedClass(name, GROUP, arrivals, came - before, ones, ones / most_kw, slack_h=float(slack))


def monthly(count: int, rate_per_kw: float) -> DemandCharges:
    """One month with a charge on its highest hour."""
    whole = sparse.csr_array(np.eye(count))
    zero, one = np.zeros(1), np.zeros(1, dtype=np.int64)
    free, rate = (Blocks(np.full((1, 1), np.inf), np.full((1, 1), price)) for price in (0.0, rate_per_kw))
    return DemandCharges(whole, np.zeros(count, dtype=np.int64), free, one, rate, zero, zero, np.zeros((0, 0)), one,
                         np.array([count]))  # fmt: skip


def problem(prices: Any, *classes: PlannedClass, facility: Segments | None = None, **others: Any) -> Problem:
    """A problem of hourly steps without tie-break."""
    prices = np.asarray(prices, dtype=float)
    lines = facility or line(prices.size)
    settings = {"free_share": {GROUP: np.ones(prices.size)}, "tie_frac": 0.0} | others
    return Problem(1.0, classes, lines, settings.pop("ceiling", lines), prices, **settings)
