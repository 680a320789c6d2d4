"""Interpolation in short tables of measured points; other physics files may use it."""

from __future__ import annotations

from collections.abc import Sequence

from twin.compiled import compilable


@compilable
def interpolate_at(points: Sequence[float], values: Sequence[float], x: float) -> float:
    """Linear interpolation in a short table with rising ``points``; beyond its ends the end value holds.

    >>> interpolate_at((0.1, 0.2, 0.5, 1.0), (0.90, 0.92, 0.94, 0.90), 0.75)
    0.9199999999999999
    """
    if x <= points[0]:
        return values[0]
    last = len(points) - 1
    for k in range(last):
        if x < points[k + 1]:
            return values[k] + (values[k + 1] - values[k]) * (x - points[k]) / (points[k + 1] - points[k])
    return values[last] if x == x else x
