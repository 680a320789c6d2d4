"""How long work waits: the mean from the queue's integral, the longest from cumulative arrival and departure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ROUNDING = 1e-9  # share of all work below which a rest is none
ROUNDING_SINGLE = 1e-6  # the same of series that were stored in single precision
SHORTEST_STEPS = 1e-3  # longest waits below this share of a step are rounding of the curves
SHORTEST_MEAN_STEPS = 1e-6  # mean waits below this share of a step are rounding of the queue


def mean_delay_h(queue_h: float, start_count: float, end_count: float, left_count: float, dt_h: float) -> float:
    """Mean time in the queue after Little (1961): integral of the queue over the work that left it.

    ``queue_h`` sums the queue at the end of each step times the step; with the queue at start and end it becomes the
    integral of a queue that is straight within steps.

    >>> mean_delay_h(queue_h=4.0, start_count=2.0, end_count=0.0, left_count=10.0, dt_h=1.0)
    0.5
    """
    mean_h = (queue_h + 0.5 * dt_h * (start_count - end_count)) / left_count
    return mean_h if mean_h > SHORTEST_MEAN_STEPS * dt_h else 0.0


def longest_delay_h(
    start_count: float, arrived: Floats, left: Floats, dt_h: float, rounding: float = ROUNDING
) -> float:
    """Longest wait of any work that left or still waits at the end, served in the order in which it came.

    ``arrived`` and ``left`` are amounts of each step, shape (time,), taken as even within it. The largest horizontal
    distance between the cumulative curves (Newell, "Applications of Queueing Theory", 1982, ch. 1), which lies at an
    edge of a step. Work that waits at the start counts from there. ``rounding`` is the share of all work that does not
    count as waiting.

    >>> round(longest_delay_h(0.0, np.array([4.0, 0.0, 0.0]), np.array([1.0, 1.0, 2.0]), 1.0), 6)
    2.0
    """
    came = start_count + np.concatenate([[0.0], np.cumsum(arrived)])
    gone = np.minimum(np.maximum.accumulate(np.concatenate([[0.0], np.cumsum(left)])), came)
    edges_h: Floats = dt_h * np.arange(came.size, dtype=np.float64)
    slight = rounding * float(came[-1])
    moved = np.flatnonzero(np.diff(gone) > slight) + 1
    waits = [edges_h[moved] - _time_of(gone[moved] - slight, came, edges_h)]
    inside = came <= gone[-1]
    waits.append(_time_of(came[inside] - slight, gone, edges_h) - edges_h[inside])
    if gone[-1] < came[-1] - slight:
        waits.append(edges_h[-1:] - _time_of(gone[-1:] + slight, came, edges_h))
    longest_h = float(max(np.concatenate([[0.0], *waits])))
    return longest_h if longest_h > SHORTEST_STEPS * dt_h else 0.0


def _time_of(levels: Floats, curve: Floats, edges_h: Floats) -> Floats:
    """First time at which a rising curve reaches each level; the start where it lies above already."""
    at = np.clip(np.searchsorted(curve, levels, side="left"), 1, curve.size - 1)
    rise = curve[at] - curve[at - 1]
    share = np.divide(levels - curve[at - 1], rise, out=np.zeros(levels.shape), where=rise > 0.0)
    return np.asarray(edges_h[at - 1] + np.clip(share, 0.0, 1.0) * (edges_h[at] - edges_h[at - 1]), dtype=float)
