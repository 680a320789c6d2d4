"""Programs whose optimum would take and give at once: a choice (a binary) in just the steps that are tempted.

A small program is solved again as a whole until no step is tempted. A long one is solved in windows around its tempted
steps. What a window costs at least, when what lies outside is paid at its worth in the linear program (the multipliers
of the rows that they share), is added to the linear program's optimum: a bound of the whole (Lagrangian relaxation,
Geoffrion 1974, doi 10.1007/BFb0120690). The plan takes each window's choices from that answer and solves its linear
program with all outside held as it is there. The difference is the gap that the plan states; while it is too large,
windows are made longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from twin.errors import RunError
from twin.studies.planning.draft import Floats, Integers
from twin.studies.planning.model import Program
from twin.studies.planning.warm import LEAST_COLUMNS

OPTIMAL, STOPPED, INFEASIBLE = 0, 1, 2  # statuses of scipy.optimize.linprog and milp; stopped: at the limit of nodes
SIMULTANEOUS_MW = 1e-6  # charge beside discharge below which it is rounding
MOST_ROUNDS = 20
GAP_FRAC = 1e-7  # of an integer program that is solved as a whole
WINDOWS_H = (24.0, 48.0, 96.0)
ENOUGH_FRAC = 2e-4  # gap at which windows need not be longer
WINDOWS_GAP_FRAC = 4e-5  # what the windows together may leave open
WINDOW_NODES_COUNT = 2000  # of branch and bound; a limit of time would give other plans on other machines


class Infeasible(RunError):
    """No plan holds all deadlines within capacity."""


@dataclass(frozen=True, eq=False)
class Optimum:
    """Values of the variables, multipliers of the rows ``equal`` and then ``below``."""

    x: Floats
    duals: Floats


@dataclass(frozen=True, eq=False)
class Chosen:
    """Values of the variables, a value that the program's optimum is not below, and the steps with choices."""

    x: Floats
    least: float
    choices: int


@dataclass(frozen=True, eq=False)
class Piece:
    """``cost @ x`` least, ``least <= rows x <= most``, ``low <= x <= high``, one of each pair in ``either`` zero.

    ``step`` is the step of each pair.
    """

    cost: Floats
    rows: Any
    least: Floats
    most: Floats
    low: Floats
    high: Floats
    either: Integers
    step: Integers

    def both(self, x: Floats) -> Integers:
        """Pairs of which neither is zero."""
        first, second = self.either.T
        return np.flatnonzero(np.minimum(x[first], x[second]) > SIMULTANEOUS_MW)


def chosen(p: Program, found: Optimum, dt_h: float) -> Chosen:
    """The best values of which no pair is taken at once; Infeasible or RunError where there are none."""
    whole = Piece(p.cost, p.rows, p.least, p.most, p.low, p.high, p.either, p.step[p.either[:, 0]])
    if not whole.both(found.x).size:
        return Chosen(found.x, float(p.cost @ found.x), 0)
    parts = _in_windows(p, whole, found, dt_h) if p.cost.size >= LEAST_COLUMNS else None
    return parts or _alone(whole, found.x, GAP_FRAC)


def _in_windows(p: Program, whole: Piece, found: Optimum, dt_h: float) -> Chosen | None:
    """By windows of growing length, until bound and plan are close; None where no length gives a plan."""
    x, least, choices = None, -np.inf, 0
    for hours in WINDOWS_H:
        window = np.where(p.step >= 0, (p.step * dt_h) // hours, -1).astype(np.int64)
        values, bound, count = _pass(p, whole, found, window)
        least = max(least, bound)
        if values is not None and (x is None or p.cost @ values < p.cost @ x):
            x, choices = values, count
        if x is not None and p.cost @ x - least <= ENOUGH_FRAC * abs(p.cost @ x + p.constant):
            break
    return None if x is None else Chosen(x, least, choices)


def _pass(p: Program, whole: Piece, found: Optimum, window: Integers) -> tuple[Floats | None, float, int]:
    """A plan (None where a window has none), a bound, and the number of choices."""
    x, choices, fits = found.x.copy(), 0, True
    least = float(whole.cost @ x)
    scale = abs(least + p.constant)
    tolerance = WINDOWS_GAP_FRAC * scale / np.unique(window[whole.either[whole.both(x), 0]]).size
    for own, paid, held in _windows(whole, found, window, x):
        start = found.x[own]
        free = _tried(paid, start, tolerance)
        least += max(free.least - float(paid.cost @ start), 0.0) if free else 0.0
        done = (_on_its_sides(held, start, free.x) if free else None) or _tried(held, start, tolerance)
        if done is None:
            fits = False
        else:
            x[own], choices = done.x, choices + done.choices
    return x if fits else None, least, choices


def _on_its_sides(window: Piece, x: Floats, sides: Floats) -> Chosen | None:
    """A window's best where the steps that ``x`` tempts go the way of ``sides``; None where it has none.

    Steps that come to be tempted go the way in which they take more.
    """
    high, tempted, way = window.high.copy(), np.zeros(0, dtype=np.int64), sides
    for _ in range(MOST_ROUNDS):
        both = window.both(x)
        if not both.size:
            return Chosen(x, -np.inf, tempted.size)
        now = np.unique(window.step[both])
        tempted = np.union1d(tempted, now)
        first, second = window.either[np.isin(window.step, now)].T
        taken = np.bincount(second, way[first], way.size)
        high[np.where(taken[second] >= way[second], second, first)] = 0.0
        limits = LinearConstraint(window.rows, window.least, window.most)
        found: Any = milp(window.cost, bounds=Bounds(window.low, high), constraints=limits)
        if found.x is None:
            return None
        x = way = np.asarray(found.x, dtype=float)
    return None


def _tried(window: Piece, x: Floats, tolerance: float) -> Chosen | None:
    """A window's best to within a tolerance; None where it has none, or none was found within its nodes."""
    try:
        return _alone(window, x, tolerance / max(abs(float(window.cost @ x)), tolerance), WINDOW_NODES_COUNT)
    except RunError:
        return None


def _windows(whole: Piece, found: Optimum, window: Integers, x: Floats) -> Iterator[tuple[Integers, Piece, Piece]]:
    """Windows with tempted steps: their variables, what each is with the rest paid for, and with the rest held at x."""
    columns, place = whole.rows.tocsc(), np.full(x.size, -1)
    of_pair = window[whole.either[:, 0]]
    for number in np.unique(of_pair[whole.both(found.x)]):
        own = np.flatnonzero(window == number)
        place[own] = np.arange(own.size)
        either, step = place[whole.either[of_pair == number]], whole.step[of_pair == number]
        rows = np.unique(columns[:, own].indices)
        all_of, least, most = whole.rows[rows], whole.least[rows], whole.most[rows]
        inside = all_of[:, own]
        shared = np.diff(all_of.indptr) > np.diff(inside.indptr)
        cost, low, high = whole.cost[own], whole.low[own], whole.high[own]
        worth = cost - inside[shared].T @ found.duals[rows[shared]]
        rest = all_of @ x - inside @ x[own]
        yield (own, Piece(worth, inside[~shared], least[~shared], most[~shared], low, high, either, step),
               Piece(cost, inside, least - rest, most - rest, low, high, either, step))  # fmt: skip


def _alone(piece: Piece, x: Floats, gap_frac: float, most_nodes: int | None = None) -> Chosen:
    """Choices for steps in which ``x`` takes a pair at once, and for those in which the answer does, till none does."""
    choose: Integers = np.zeros(0, dtype=np.int64)
    least = float(piece.cost @ x)
    for _ in range(MOST_ROUNDS):
        both = piece.both(x)
        if not both.size:
            return Chosen(x, least, np.unique(piece.step[choose]).size)
        choose = np.union1d(choose, np.flatnonzero(np.isin(piece.step, piece.step[both])))
        x, least = _with_choices(piece, choose, gap_frac, most_nodes)
    raise RunError(f"the site would take and give at once after {MOST_ROUNDS} rounds")


def _with_choices(p: Piece, choose: Integers, gap_frac: float, most_nodes: int | None) -> tuple[Floats, float]:
    """Solve with one binary for each second of the pairs in ``choose``: 0 has it, 1 the firsts of its pairs.

    Values, and their bound.
    """
    first, second = p.either[choose].T
    seconds, binary = np.unique(second, return_inverse=True)
    n, k, pairs = p.cost.size, seconds.size, np.arange(choose.size)
    ones, row, size = np.ones(pairs.size), np.arange(k), (pairs.size, n + k)
    one = sparse.csr_array((np.r_[ones, -p.high[first]], (np.r_[pairs, pairs], np.r_[first, n + binary])), shape=size)
    other = sparse.csr_array(
        (np.r_[np.ones(k), p.high[seconds]], (np.r_[row, row], np.r_[seconds, n + row])), shape=(k, n + k)
    )
    wide = sparse.hstack([p.rows, sparse.csr_array((p.rows.shape[0], k))])
    limits = [
        LinearConstraint(wide, p.least, p.most), LinearConstraint(one, -np.inf, 0.0),
        LinearConstraint(other, -np.inf, p.high[seconds]),
    ]  # fmt: skip
    whole = np.r_[np.zeros(n), np.ones(k)]
    bounds = Bounds(np.r_[p.low, np.zeros(k)], np.r_[p.high, np.ones(k)])
    options: Any = {"mip_rel_gap": gap_frac}
    if most_nodes is not None:  # a window: too small for what presolving takes
        options |= {"node_limit": most_nodes, "presolve": False}
    found: Any = milp(np.r_[p.cost, np.zeros(k)], integrality=whole, bounds=bounds, constraints=limits, options=options)
    return answer(found)[:n], float(found.mip_dual_bound)


def answer(found: Any) -> Floats:
    """Values of a solved program; Infeasible or RunError where there are none."""
    if found.status == INFEASIBLE:
        raise Infeasible("no plan holds all deadlines within the devices that are free")
    if found.x is None or found.status not in (OPTIMAL, STOPPED):
        raise RunError(f"the plan was not solved: {found.message}")
    return np.asarray(found.x, dtype=float)
