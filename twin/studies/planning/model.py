"""A plan as a linear program with sparse matrices. Units inside are MW, MWh and currency; work is counted in MWh.

Variables of each step: served and waiting work of each class (and what of it is late, where deadlines may be missed),
segments of facility power, charge, discharge and state of charge; then the peaks. Deadlines of divisible work with a
constant slack are bounds of what waits: no more than what arrived within the slack.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from twin.studies.planning.hull import Segments
from twin.studies.planning.problem import PlannedClass, Problem

Floats = NDArray[np.float64]
KW_PER_MW = 1000.0


@dataclass
class _Rows:
    """Entries of a sparse matrix, gathered in blocks, and its right-hand sides."""

    entries: list[tuple[Floats, Floats, Floats]] = field(default_factory=list)
    right: list[Floats] = field(default_factory=list)
    count: int = 0

    def add(self, right: Floats, *blocks: tuple[Any, Any, Any]) -> None:
        """Rows with these right-hand sides; a block is (row within, column, value)."""
        for row, column, value in blocks:
            row, column, value = np.broadcast_arrays(np.asarray(row) + self.count, column, value)
            self.entries.append((row.ravel(), column.ravel(), value.ravel().astype(float)))
        self.right.append(right)
        self.count += right.size

    def matrix(self, columns: int) -> sparse.csr_array:
        """The matrix; rows without entries are kept."""
        if not self.entries:
            return sparse.csr_array((self.count, columns))
        row, column, value = (np.concatenate(part) for part in zip(*self.entries, strict=True))
        return sparse.csr_array((value, (row, column)), shape=(self.count, columns))

    def bounds(self) -> Floats:
        """The right-hand sides."""
        return np.concatenate(self.right) if self.right else np.zeros(0)


@dataclass(frozen=True, eq=False)
class Program:
    """``cost @ x`` least, ``equal x = equal_to``, ``below x <= below_to``, ``low <= x <= high``.

    ``at`` is where each kind of variable begins; ``constant`` is the part of the cost that no variable changes;
    ``tie`` the part of the cost vector that only decides between equals.
    """

    cost: Floats
    equal: sparse.csr_array
    equal_to: Floats
    below: sparse.csr_array
    below_to: Floats
    low: Floats
    high: Floats
    at: dict[str, int]
    constant: float
    tie: Floats
    scale: tuple[float, ...]  # MW for a unit of work in an hour, by class
    negative: NDArray[np.int64]


def scale_of(one: PlannedClass) -> float:
    """MW for a unit of work per hour, so that all variables are of one size."""
    return float(np.mean(one.kw_per_rate)) / KW_PER_MW


def program(problem: Problem) -> Program:
    """The linear program of a problem."""
    negative = np.flatnonzero(problem.price_per_kwh < 0.0)
    at = _layout(problem, negative.size)
    size = at["end"]
    cost, tie, low, high = np.zeros(size), np.zeros(size), np.zeros(size), np.full(size, np.inf)
    equal, below = _Rows(), _Rows()
    scale = tuple(scale_of(one) for one in problem.classes)
    _work(problem, at, scale, equal, below, tie, cost, high)
    _facility(problem, at, scale, negative, equal, cost, high)
    _battery(problem, at, equal, below, cost, low, high)
    _peaks(problem, at, below, cost, low)
    constant = _constant(problem, negative)
    return Program(cost + tie, equal.matrix(size), equal.bounds(), below.matrix(size), below.bounds(), low, high, at,
                   constant, tie, scale, negative)  # fmt: skip


def _layout(problem: Problem, negatives: int) -> dict[str, int]:
    """Where each kind of variable begins."""
    t, c = problem.count, len(problem.classes)
    peaks, months = problem.demand.counts if problem.demand else (0, 0)
    sizes = {
        "served": c * t, "waiting": c * t, "late": c * t if problem.late_per_unit_h else 0,
        "segment": problem.facility.slope.shape[0] * t, "ceiling": problem.ceiling.slope.shape[0] * negatives,
        "water": problem.water.slope.shape[0] * t if problem.water else 0,
        "charge": t if problem.battery else 0, "discharge": t if problem.battery else 0,
        "stored": t if problem.battery else 0, "peak": peaks, "month": months, "highest": 1,
    }  # fmt: skip
    starts = np.cumsum([0, *sizes.values()])
    return dict(zip([*sizes, "end"], (int(start) for start in starts), strict=True))


def _work(problem: Problem, at: dict[str, int], scale: tuple[float, ...], equal: _Rows, below: _Rows, tie: Floats,
          cost: Floats, high: Floats) -> None:  # fmt: skip
    """Queues, deadlines and devices."""
    t, dt = np.arange(problem.count), problem.dt_h
    last = t[-1:] if problem.ends else t[:0]
    held: dict[str, list[tuple[Any, Any, Any]]] = {}
    mean = float(np.abs(problem.price_per_kwh).mean()) * KW_PER_MW
    for i, (one, mw) in enumerate(zip(problem.classes, scale, strict=True)):
        served, waiting = at["served"] + i * t.size, at["waiting"] + i * t.size
        arrives = one.arrivals_per_h * dt * mw
        arrives[0] += one.queue_count * mw
        equal.add(arrives, (t, waiting + t, 1.0), (t[1:], waiting + t[:-1], -1.0), (t, served + t, dt))
        share = one.share_per_rate / mw
        high[served + t] = one.most_share / share
        held.setdefault(one.group, []).append((t, served + t, share))
        most = one.waiting_count * mw
        most[last] = 0.0
        tie[waiting + t] = problem.tie_frac * mean * dt * (i + 1)
        if one.name in problem.late_per_unit_h:
            late = at["late"] + i * t.size
            cost[late + t] = problem.late_per_unit_h[one.name] / mw * dt
            below.add(most, (t, waiting + t, 1.0), (t, late + t, -1.0))
        else:
            high[waiting + t] = np.maximum(most, 0.0)
    for group, blocks in held.items():
        if len(blocks) > 1:
            below.add(problem.free_share[group].copy(), *blocks)
            continue
        _, column, share = blocks[0]  # alone on its devices: a bound, not a row
        high[column] = np.minimum(high[column], problem.free_share[group] / share)


def _facility(problem: Problem, at: dict[str, int], scale: tuple[float, ...], negative: NDArray[np.int64],
              equal: _Rows, cost: Floats, high: Floats) -> None:  # fmt: skip
    """Power of the classes as segments; facility power follows along them."""
    t, dt = np.arange(problem.count), problem.dt_h
    price = problem.price_per_kwh * KW_PER_MW * dt
    _along(problem, at["segment"], problem.facility, t, at, scale, equal, high)
    for i, slope in enumerate(problem.facility.slope):
        cost[at["segment"] + i * t.size + t] = np.where(price < 0.0, 0.0, price * slope)
    if negative.size:
        _along(problem, at["ceiling"], problem.ceiling, negative, at, scale, equal, high)
        for i, slope in enumerate(problem.ceiling.slope[:, negative]):
            cost[at["ceiling"] + i * negative.size + np.arange(negative.size)] = price[negative] * slope
    if problem.water:
        _along(problem, at["water"], problem.water, t, at, scale, equal, high)
        for i, slope in enumerate(problem.water.slope):
            cost[at["water"] + i * t.size + t] = problem.water_per_m3 * slope * KW_PER_MW * dt


def _along(problem: Problem, start: int, lines: Segments, steps: NDArray[np.int64], at: dict[str, int],
           scale: tuple[float, ...], equal: _Rows, high: Floats) -> None:  # fmt: skip
    """The power of all classes is that of the segments; the last one has no end, capacity bounds the work itself."""
    row, t = np.arange(steps.size), problem.count
    blocks: list[tuple[Any, Any, Any]] = []
    for i, (one, mw) in enumerate(zip(problem.classes, scale, strict=True)):
        blocks.append((row, at["served"] + i * t + steps, one.kw_per_rate[steps] / KW_PER_MW / mw))
    for i, width in enumerate(lines.width_kw[:, steps]):
        column = start + i * steps.size + row
        blocks.append((row, column, -1.0))
        high[column] = width / KW_PER_MW if i < len(lines.width_kw) - 1 else np.inf
    equal.add(np.zeros(steps.size), *blocks)


def _battery(problem: Problem, at: dict[str, int], equal: _Rows, below: _Rows, cost: Floats, low: Floats,
             high: Floats) -> None:  # fmt: skip
    """State of charge, and no more discharged than the site draws."""
    battery = problem.battery
    if battery is None:
        return
    t, dt = np.arange(problem.count), problem.dt_h
    charge, discharge, stored = at["charge"] + t, at["discharge"] + t, at["stored"] + t
    start = (battery.start_kwh if problem.start_kwh is None else problem.start_kwh) / KW_PER_MW
    right = np.zeros(t.size)
    right[0] = start
    equal.add(right, (t, stored, 1.0), (t[1:], stored[:-1], -1.0), (t, charge, -battery.charge_frac * dt),
              (t, discharge, dt / battery.discharge_frac))  # fmt: skip
    high[charge] = high[discharge] = battery.power_kw / KW_PER_MW
    low[stored] = min(battery.least_frac * battery.energy_kwh / KW_PER_MW, start)
    high[stored] = max(battery.most_frac * battery.energy_kwh / KW_PER_MW, start)
    if problem.ends:
        low[stored[-1]] = battery.start_kwh / KW_PER_MW
    price = problem.price_per_kwh * KW_PER_MW * dt
    cost[charge] = price
    cost[discharge] = -price + battery.wear_per_kwh * KW_PER_MW * dt
    tight = t[problem.facility.base < battery.power_kw] if problem.import_floor else t[:0]
    if tight.size:
        row = np.arange(tight.size)
        lines = [(row, at["segment"] + i * t.size + tight, -slope[tight])
                 for i, slope in enumerate(problem.facility.slope)]  # fmt: skip
        below.add(problem.facility.base[tight] / KW_PER_MW, (row, charge[tight], -1.0), (row, discharge[tight], 1.0),
                  *lines)  # fmt: skip


def _peaks(problem: Problem, at: dict[str, int], below: _Rows, cost: Floats, low: Floats) -> None:
    """Peaks are above every interval's mean; those of months above those of their periods."""
    t = np.arange(problem.count)
    if problem.demand is not None:
        demand, (peaks, months) = problem.demand, problem.demand.counts
        shares = np.ones(months) if problem.month_share is None else problem.month_share
        shares = shares * problem.demand_weight * KW_PER_MW
        cost[at["peak"] + np.arange(peaks)] = demand.rate_per_kw * shares[demand.month]
        cost[at["month"] + np.arange(months)] = demand.flat_per_kw * shares
        low[at["month"] + np.arange(months)] = demand.floor_kw / KW_PER_MW
        if problem.carried_peak_kw is not None and problem.carried_month_kw is not None:
            low[at["peak"] + np.arange(peaks)] = problem.carried_peak_kw / KW_PER_MW
            low[at["month"] + np.arange(months)] = np.maximum(demand.floor_kw, problem.carried_month_kw) / KW_PER_MW
        weights = demand.intervals.tocoo()
        _under(problem, at, below, weights, at["peak"] + demand.peak)
        used = np.unique(demand.peak)
        below.add(np.zeros(used.size), (np.arange(used.size), at["peak"] + used, 1.0),
                  (np.arange(used.size), at["month"] + demand.month[used], -1.0))  # fmt: skip
    cost[at["highest"]] = problem.peak_per_kw * KW_PER_MW
    if problem.peak_per_kw > 0.0:
        whole = sparse.coo_array((np.ones(t.size), (t, t)), shape=(t.size, t.size))
        _under(problem, at, below, whole, np.full(t.size, at["highest"]))


def _under(
    problem: Problem, at: dict[str, int], below: _Rows, weights: sparse.coo_array, top: NDArray[np.int64]
) -> None:
    """Weighted means of the import are at most the variables ``top``, one for each row."""
    row, step, weight = weights.row, weights.col, weights.data
    blocks: list[tuple[Any, Any, Any]] = [(np.arange(top.size), top, -1.0)]
    for i, slope in enumerate(problem.facility.slope):
        blocks.append((row, at["segment"] + i * problem.count + step, weight * slope[step]))
    if problem.battery:
        blocks += [(row, at["charge"] + step, weight), (row, at["discharge"] + step, -weight)]
    base = np.bincount(row, weight * problem.facility.base[step], minlength=top.size)
    below.add(-base / KW_PER_MW, *blocks)


def _constant(problem: Problem, negative: NDArray[np.int64]) -> float:
    """What the site costs without any of the work: its energy (peaks have their own variables) and its water."""
    base = problem.facility.base.copy()
    base[negative] = problem.ceiling.base[negative]
    fixed = float(problem.price_per_kwh @ base) * problem.dt_h
    return fixed + (problem.water_per_m3 * float(problem.water.base.sum()) * problem.dt_h if problem.water else 0.0)
