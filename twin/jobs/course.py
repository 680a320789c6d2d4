"""From what runs when to means over the steps of an axis, exactly: nothing is lost to the length of a step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CHUNK = 1 << 18  # rectangles at a time: millions of them need no more memory than they take themselves


def steps_of(start_s: Floats, end_s: Floats, height: Floats, step_s: float, count: int) -> Floats:
    """Mean over each step of a sum of rectangles: ``height`` from ``start_s`` to ``end_s``; shape (count,).

    Times are seconds after the start of the axis; what lies before or after it is cut off. The sum over steps times
    the step is the sum of height times the length inside the axis, to rounding.

    >>> steps_of(np.array([30.0]), np.array([150.0]), np.array([2.0]), 60.0, 4)
    array([1., 2., 1., 0.])
    """
    level, partial = np.zeros(count + 1), np.zeros(count + 1)
    for at in range(0, start_s.size, CHUNK):
        part = slice(at, at + CHUNK)
        for times_s, sign in ((start_s[part], 1.0), (end_s[part], -1.0)):
            place = np.clip(times_s / step_s, 0.0, count)
            step = place.astype(np.int64)
            change = sign * height[part]
            level += np.bincount(step, weights=change, minlength=count + 1)
            partial += np.bincount(step, weights=change * (step + 1 - place), minlength=count + 1)
    return (np.cumsum(level) - level + partial)[:count]


def sums_at(times_s: Floats, amounts: Floats, step_s: float, count: int) -> Floats:
    """Sum of the amounts whose instant lies in each step; shape (count,). Instants outside the axis are left out."""
    inside = (times_s >= 0) & (times_s < step_s * count)
    step = np.minimum((times_s[inside] / step_s).astype(np.int64), count - 1)
    return np.asarray(np.bincount(step, weights=amounts[inside], minlength=count), dtype=float)


def integral_of_spans(start_s: Floats, end_s: Floats, height: Floats) -> tuple[Floats, Floats]:
    """Times at which the sum of rectangles changes, and its integral from 0 up to each; between them it is linear.

    >>> [values.tolist() for values in integral_of_spans(np.array([1.0]), np.array([3.0]), np.array([2.0]))]
    [[0.0, 1.0, 3.0], [0.0, 0.0, 4.0]]
    """
    times, change = np.concatenate([[0.0], start_s, end_s]), np.concatenate([[0.0], height, -height])
    order = np.argsort(times, kind="stable")
    times, level = times[order], np.cumsum(change[order])
    return times, np.concatenate([[0.0], np.cumsum(level[:-1] * np.diff(times))])


def repeated(integral: Callable[[Floats], Floats], times_s: Floats, period_s: float, again: bool) -> Floats:
    """A cumulative course at ``times_s``, laid end to end with its period, or once only."""
    if not again or period_s <= 0.0:
        return integral(times_s)
    turn, into_s = np.divmod(times_s, period_s)
    return np.asarray(turn * integral(np.array([period_s]))[0] + integral(into_s), dtype=float)
