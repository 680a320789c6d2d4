"""Short runs that start from where a long one stood: what would have happened if something had failed at that hour.

A long run is taken step by step and what the loop carries from one step to the next is written down at each of them
(:class:`Moment`). From any of them the same composition runs on, in steps of any length, with inputs of one's own.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.compiled import has_numba
from twin.engine.composition import Composition
from twin.engine.lowering import Lowered
from twin.engine.results import failure
from twin.engine.simulate import Keep, Outcome, bound_loop, kept_outputs
from twin.errors import RunError

Array = NDArray[np.float64]
WARM_H = 1.0  # step of the warm-up, as in twin.engine.simulate


@dataclass(frozen=True)
class Moment:
    """What the loop carries from one step to the next: states, outputs, nodes."""

    s: Array
    y: Array
    n: Array


@dataclass(frozen=True)
class Course:
    """A run and the moment before each of its steps; ``series`` has the kept outputs, shape (steps, kept)."""

    lowered: Lowered
    names: tuple[str, ...]
    series: Array
    moments: tuple[Array, Array, Array]  # states, outputs and nodes before each step

    def before(self, step: int) -> Moment:
        """Where the run stood before a step."""
        return Moment(*(one[step] for one in self.moments))

    def __getitem__(self, name: str) -> Array:
        return self.series[:, self.names.index(name)]


def course(lowered: Lowered, keep: Keep = "all") -> Course:
    """Take a run step by step; the same numbers as in one go, to the bit. Raises RunError where it ran away."""
    c, count = lowered.composition, lowered.axis.count
    loop, names = _loop(c, keep), _names(c, keep)
    states, outputs, nodes = (np.empty((count, size)) for size in (c.s.size, c.y.size, c.n.size))
    series = np.empty((count, len(names)))
    s, y, n = lowered.s.copy(), np.zeros(c.y.size), np.zeros(c.n.size)
    first = np.repeat(lowered.u[:1], lowered.scenario.run.warmup_h, axis=0)
    failed_at = _take(loop, c, lowered.p, first, (s, y, n), np.empty((len(first), len(names))), WARM_H)
    s[c.begins] = lowered.s[c.begins]
    for step in range(count):
        states[step], outputs[step], nodes[step] = s, y, n
        row = slice(step, step + 1)
        if failed_at < 0:
            failed_at = _take(loop, c, lowered.p, lowered.u[row], (s, y, n), series[row], lowered.axis.dt_h)
        if failed_at >= 0:
            raise RunError(_failed(lowered, series, step, s, y))
    return Course(lowered, names, series, (states, outputs, nodes))


def run_on(lowered: Lowered, moment: Moment, inputs: Array, dt_h: float, keep: Keep) -> tuple[Array, int]:
    """Kept outputs from a moment on, shape (steps, kept), with ``inputs`` of a row per step; and the step that failed.

    The second is -1 where nothing ran away; rows after a step that failed are NaN.
    """
    c = lowered.composition
    series = np.empty((len(inputs), len(_names(c, keep))))
    carried = (moment.s.copy(), moment.y.copy(), moment.n.copy())
    rows = np.ascontiguousarray(inputs)
    failed_at = _take(_loop(c, keep), c, lowered.p, rows, carried, series, dt_h)
    if failed_at >= 0:
        series[failed_at + 1 :] = np.nan
    return series, failed_at


@functools.lru_cache(maxsize=64)
def _names(c: Composition, keep: Keep) -> tuple[str, ...]:
    return tuple(f"{path}.{field}" for path, field, _ in kept_outputs(c, keep))


def _take(loop, c, p, u, carried, out, dt_h):  # type: ignore[no-untyped-def]
    """Some steps of the loop; the states, outputs and nodes in ``carried`` go on in place."""
    s, y, n = carried
    sums, peaks, lows = np.zeros(c.y.size), np.full(c.y.size, -np.inf), np.full(c.y.size, np.inf)
    hours = np.full(len(u), dt_h)
    return loop(p, u, s, s.copy(), y, n, out, s.copy(), sums, peaks, lows, hours, WARM_H, 0)


@functools.lru_cache(maxsize=64)
def _loop(c: Composition, keep: Keep) -> Callable[..., int]:
    return bound_loop(c, keep, not has_numba())


def _failed(lowered: Lowered, series: Array, step: int, s: Array, y: Array) -> str:
    nothing = np.zeros(0)
    return failure(Outcome(lowered, series, nothing, nothing, nothing, s, s, y, step))
