"""A plan as a linear program with sparse matrices. Units inside are MW, MWh and currency; work is counted in MWh.

Variables of each step: served and waiting work of each class (and what of it is late, where deadlines may be missed),
segments of facility power, charge, discharge and state of charge; then the peaks. Deadlines of divisible work with a
constant slack are bounds of what waits: no more than what arrived within the slack. Steps in which the site can give
more than it takes have import and surplus apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from twin.studies.planning.draft import KW_PER_MW, Draft, Floats, Integers, Layout
from twin.studies.planning.hull import Segments
from twin.studies.planning.model_grid import add_generator, add_grid, either_or, lean, parts, steps_of
from twin.studies.planning.problem import PlannedClass, Problem


@dataclass(frozen=True, eq=False)
class Program:
    """``cost @ x`` least, ``equal x = equal_to``, ``below x <= below_to``, ``low <= x <= high``.

    ``at`` is where each kind of variable begins; ``constant`` is the part of the cost that no variable changes;
    ``tie`` the part of the cost vector that only decides between equals. Of each pair in ``either`` (first, second)
    one has to be zero. ``step`` is the step of each variable (-1: of many), ``part`` its month.
    """

    cost: Floats
    equal: sparse.csr_array
    equal_to: Floats
    below: sparse.csr_array
    below_to: Floats
    low: Floats
    high: Floats
    at: Layout
    constant: float
    tie: Floats
    scale: tuple[float, ...]  # MW for a unit of work in an hour, by class
    either: Integers
    step: Integers
    part: Integers

    @property
    def rows(self) -> Any:
        """``equal``, then ``below``."""
        return sparse.vstack([self.equal, self.below]).tocsr()

    @property
    def least(self) -> Floats:
        """Lower bounds of the rows."""
        return np.concatenate([self.equal_to, np.full(self.below_to.size, -np.inf)])

    @property
    def most(self) -> Floats:
        """Upper bounds of the rows."""
        return np.concatenate([self.equal_to, self.below_to])


def scale_of(one: PlannedClass) -> float:
    """MW for a unit of work per hour, so that all variables are of one size."""
    return float(np.mean(one.kw_per_rate)) / KW_PER_MW


def program(problem: Problem) -> Program:
    """The linear program of a problem."""
    negative = np.flatnonzero(problem.price_per_kwh < 0.0)
    giving = np.flatnonzero(problem.surplus_kw > 0.0)
    at = _layout(problem, negative.size, giving.size)
    size = at["end"]
    d = Draft(at, np.zeros(size), np.zeros(size), np.zeros(size), np.full(size, np.inf))
    scale = tuple(scale_of(one) for one in problem.classes)
    _work(problem, d, scale)
    _facility(problem, d, scale, negative)
    _battery(problem, d)
    _tank(problem, d)
    add_generator(problem, d)
    add_grid(problem, d, giving)
    either, step = either_or(problem, at, giving), steps_of(problem, at, negative, giving)
    lean(problem, d, either, step)
    return Program(
        d.cost + d.tie, d.equal.matrix(size), d.equal.bounds(), d.below.matrix(size), d.below.bounds(), d.low, d.high,
        at, _constant(problem, negative), d.tie, scale, either, step, parts(problem, at, step))  # fmt: skip


def _layout(problem: Problem, negatives: int, giving: int) -> Layout:
    """Where each kind of variable begins."""
    t, c = problem.count, len(problem.classes)
    peaks, months = problem.demand.counts if problem.demand else (0, 0)
    blocks = [len(b.width_kw) if b else 0 for b in (
        (problem.demand.periods, problem.demand.flat) if problem.demand else (None, None))]  # fmt: skip
    sizes = {
        "served": c * t, "waiting": c * t, "late": c * t if problem.late_per_unit_h else 0,
        "segment": problem.facility.slope.shape[0] * t, "ceiling": problem.ceiling.slope.shape[0] * negatives,
        "water": problem.water.slope.shape[0] * t if problem.water and not _shares_segments(problem) else 0,
        "charge": t if problem.battery else 0, "discharge": t if problem.battery else 0,
        "stored": t if problem.battery else 0,
        "tank_in": problem.tank_lines[0].slope.size if problem.tank_lines else 0,
        "tank_out": problem.tank_lines[1].slope.size if problem.tank_lines else 0,
        "tank": t if problem.tank else 0,
        "generated": t if problem.generator else 0,
        "import": giving, "surplus": giving, "curtailed": giving,
        "offer": sum(offers.most_kwh.size for offers in problem.offers),
        **dict.fromkeys(("cut", "over"), problem.response.step.size if problem.response else 0),
        **dict.fromkeys(("charged", "lowest"), months if problem.lowest else 0),
        "lowest_year": int(problem.lowest is not None and problem.lowest.year_floor is not None),
        "peak": peaks, "month": months, "billed": months,
        "peak_block": peaks * blocks[0] if blocks[0] > 1 else 0,
        "month_block": months * blocks[1] if blocks[1] > 1 else 0, "highest": 1,
    }  # fmt: skip
    starts = np.cumsum([0, *sizes.values()])
    return dict(zip([*sizes, "end"], (int(start) for start in starts), strict=True))


def _shares_segments(problem: Problem) -> bool:
    """Whether water bends where facility power does: then its worth is on the same segments."""
    water = problem.water
    return water is not None and np.array_equal(water.width_kw, problem.facility.width_kw)


def _work(problem: Problem, d: Draft, scale: tuple[float, ...]) -> None:
    """Queues, deadlines and devices."""
    t, dt, at = np.arange(problem.count), problem.dt_h, d.at
    last = t[-1:] if problem.ends else t[:0]
    held: dict[str, list[tuple[Any, Any, Any]]] = {}
    left: list[int] = []
    mean = float(np.abs(problem.price_per_kwh).mean()) * KW_PER_MW
    for i, (one, mw) in enumerate(zip(problem.classes, scale, strict=True)):
        served, waiting = at["served"] + i * t.size, at["waiting"] + i * t.size
        arrives = one.arrivals_per_h * dt * mw
        arrives[0] += one.queue_count * mw
        queues = [waiting, at["late"] + i * t.size] if one.name in problem.late_per_unit_h else [waiting]
        waits = [entry for queue in queues for entry in ((t, queue + t, 1.0), (t[1:], queue + t[:-1], -1.0))]
        d.equal.add(arrives, (t, served + t, dt), *waits)
        share = one.share_per_rate / mw
        d.high[served + t] = one.most_share / share
        held.setdefault(one.group, []).append((t, served + t, share))
        most = one.waiting_count * mw
        if one.name not in problem.late_per_unit_h:
            most[last] = 0.0
        d.high[waiting + t] = np.maximum(most, 0.0)
        d.tie[waiting + t] = problem.tie_frac * mean * dt * (i + 1)
        for late in queues[1:]:  # what waits is in time or late, and late is dearer: no row holds the two apart
            d.cost[late + t] = problem.late_per_unit_h[one.name] / mw * dt
            d.high[late + t] = np.cumsum(arrives)  # all that came: no row needs it, a bound does
            left += [late + t[-1], *([waiting + t[-1]] if problem.ends else [])]
    _left_over(problem, d, np.array(left, dtype=np.int64))
    for group, blocks in held.items():
        if len(blocks) > 1:
            d.below.add(problem.free_share[group].copy(), *blocks)
            continue
        _, column, share = blocks[0]  # alone on its devices: a bound, not a row
        d.high[column] = np.minimum(d.high[column], problem.free_share[group] / share)


def _left_over(problem: Problem, d: Draft, columns: Integers) -> None:
    """Work with a price of delay that the last step leaves: none, or so much in all."""
    d.cost[columns] += problem.rest_per_kwh * KW_PER_MW
    if problem.rest_kwh <= 0.0:
        d.high[columns] = 0.0
    elif columns.size and np.isfinite(problem.rest_kwh):
        row = np.zeros(columns.size, dtype=np.int64)
        d.below.add(np.array([problem.rest_kwh / KW_PER_MW]), (row, columns, 1.0))


def _facility(problem: Problem, d: Draft, scale: tuple[float, ...], negative: Integers) -> None:
    """Power of the classes as segments; facility power follows along them."""
    t, dt, at = np.arange(problem.count), problem.dt_h, d.at
    price = problem.price_per_kwh * KW_PER_MW * dt
    _along(problem, at["segment"], problem.facility, t, d, scale)
    for i, slope in enumerate(problem.facility.slope):
        d.cost[at["segment"] + i * t.size + t] = np.where(price < 0.0, 0.0, price * slope)
    if negative.size:
        _along(problem, at["ceiling"], problem.ceiling, negative, d, scale)
        for i, slope in enumerate(problem.ceiling.slope[:, negative]):
            d.cost[at["ceiling"] + i * negative.size + np.arange(negative.size)] = price[negative] * slope
    if problem.water is None:
        return
    shares = _shares_segments(problem)
    if not shares:
        _along(problem, at["water"], problem.water, t, d, scale)
    for i, slope in enumerate(problem.water.slope):
        d.cost[at["segment" if shares else "water"] + i * t.size + t] += slope * KW_PER_MW * dt


def _along(problem: Problem, start: int, lines: Segments, steps: Integers, d: Draft, scale: tuple[float, ...]) -> None:
    """The power of all classes is that of the segments; the last one has no end, capacity bounds the work itself."""
    row, t = np.arange(steps.size), problem.count
    blocks: list[tuple[Any, Any, Any]] = []
    for i, (one, mw) in enumerate(zip(problem.classes, scale, strict=True)):
        blocks.append((row, d.at["served"] + i * t + steps, one.kw_per_rate[steps] / KW_PER_MW / mw))
    for i, width in enumerate(lines.width_kw[:, steps]):
        column = start + i * steps.size + row
        blocks.append((row, column, -1.0))
        d.high[column] = width / KW_PER_MW if i < len(lines.width_kw) - 1 else np.inf
    d.equal.add(np.zeros(steps.size), *blocks)


def _battery(problem: Problem, d: Draft) -> None:
    """State of charge, and no more discharged than the site draws."""
    battery = problem.battery
    if battery is None:
        return
    t, dt, at = np.arange(problem.count), problem.dt_h, d.at
    charge, discharge, stored = at["charge"] + t, at["discharge"] + t, at["stored"] + t
    start = (battery.start_kwh if problem.start_kwh is None else problem.start_kwh) / KW_PER_MW
    right = np.zeros(t.size)
    right[0] = start
    d.equal.add(right, (t, stored, 1.0), (t[1:], stored[:-1], -1.0), (t, charge, -battery.charge_frac * dt),
                (t, discharge, dt / battery.discharge_frac))  # fmt: skip
    d.high[charge] = d.high[discharge] = battery.power_kw / KW_PER_MW
    d.low[stored] = min(battery.least_frac * battery.energy_kwh / KW_PER_MW, start)
    d.high[stored] = max(battery.most_frac * battery.energy_kwh / KW_PER_MW, start)
    if problem.ends:
        d.low[stored[-1]] = battery.start_kwh / KW_PER_MW
    price = problem.price_per_kwh * KW_PER_MW * dt
    d.cost[charge] = price
    d.cost[discharge] = -price + battery.wear_per_kwh * KW_PER_MW * dt
    mean = float(np.abs(problem.price_per_kwh).mean()) * KW_PER_MW
    d.tie[discharge] = problem.tie_frac * mean * dt  # burning what would be curtailed must not be free


def _tank(problem: Problem, d: Draft) -> None:
    """Cooling in the tank; what it takes or saves at the meter is in the power there."""
    tank, both = problem.tank, problem.tank_lines
    if tank is None or both is None:
        return
    t, dt, at = np.arange(problem.count), problem.dt_h, d.at
    right = np.zeros(t.size)
    right[0] = tank.start_kwh / KW_PER_MW
    flows = [(t, at[name] + k * t.size + t, sign * dt)
             for name, lines, sign in zip(("tank_in", "tank_out"), both, (-1.0, 1.0), strict=True)
             for k in range(len(lines.slope))]  # fmt: skip
    d.equal.add(right, (t, at["tank"] + t, 1.0), (t[1:], at["tank"] + t[:-1], -1.0), *flows)
    d.high[at["tank"] + t] = max(tank.energy_kwh, tank.start_kwh) / KW_PER_MW
    if problem.ends:
        d.low[at["tank"] + t[-1]] = (tank.start_kwh if tank.end_kwh is None else tank.end_kwh) / KW_PER_MW
    price = problem.price_per_kwh * KW_PER_MW * dt
    for name, lines, sign in zip(("tank_in", "tank_out"), both, (1.0, -1.0), strict=True):
        columns = at[name] + np.arange(lines.slope.size)
        d.high[columns] = lines.width_kw.ravel() / KW_PER_MW
        d.cost[columns] = (sign * price * lines.slope).ravel()
    mean = float(np.abs(problem.price_per_kwh).mean()) * KW_PER_MW
    # where a kW out saves what a kW in takes, both must not be free
    d.tie[at["tank_in"] : at["tank_out"]] = problem.tie_frac * mean * dt


def _constant(problem: Problem, negative: Integers) -> float:
    """What the site costs without any of the work: its energy (peaks have their own variables) and its water."""
    base = problem.facility.base.copy()
    base[negative] = problem.ceiling.base[negative]
    fixed = float(problem.price_per_kwh @ base) * problem.dt_h
    fixed += problem.response.fined if problem.response else 0.0
    return fixed + (float(problem.water.base.sum()) * problem.dt_h if problem.water else 0.0)
