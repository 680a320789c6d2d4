"""Means of a course of values over intervals: the course is straight lines between points, or steps that end there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Intervals:
    """Edges of intervals against the knots of a course: which piece each edge lies in, and how far into it."""

    knots_s: np.ndarray
    piece: np.ndarray
    into_s: np.ndarray
    whole: np.ndarray | None
    """Full periods before each edge, for a course that repeats itself."""
    lengths_s: np.ndarray


def intervals(edges_s: np.ndarray, knots_s: np.ndarray, period_s: float | None) -> Intervals:
    """Place ``edges_s`` (ascending) on ``knots_s``; with a period, which the knots span, edges may be anywhere."""
    whole = None
    at = edges_s
    if period_s is not None:
        whole = np.floor((edges_s - knots_s[0]) / period_s)
        at = edges_s - whole * period_s
        whole = whole if whole.any() else None
    piece = np.clip(np.searchsorted(knots_s, at, side="right") - 1, 0, knots_s.size - 2)
    return Intervals(knots_s, piece, at - knots_s[piece], whole, np.diff(edges_s))


def means(values: Mapping[str, np.ndarray], stepped: frozenset[str], where: Intervals) -> dict[str, np.ndarray]:
    """Exact mean over each interval of every column, shape (intervals,); columns in ``stepped`` are steps.

    A step has the value of the knot at its **end**. A column without a single value stays NaN.
    """
    spans = np.diff(where.knots_s)
    half_square = 0.5 * where.into_s * where.into_s
    out = {}
    for name, knots in values.items():
        if np.isnan(knots).all():
            out[name] = np.full(where.lengths_s.size, np.nan)
        elif name in stepped:
            out[name] = _mean(knots, knots[1:], None, spans, where, half_square)
        else:
            out[name] = _mean(knots, knots[:-1], np.diff(knots) / spans, spans, where, half_square)
    return out


def _mean(
    knots: np.ndarray,
    level: np.ndarray,
    slope: np.ndarray | None,
    spans: np.ndarray,
    where: Intervals,
    half_square: np.ndarray,
) -> np.ndarray:
    """Difference of the running integral at the edges over their distance; the mean is taken off for precision."""
    middle = float(knots.mean())
    level = level - middle
    areas = level * spans if slope is None else (level + 0.5 * slope * spans) * spans
    running = np.concatenate([[0.0], np.cumsum(areas)])
    integral = running[where.piece] + level[where.piece] * where.into_s
    if slope is not None:
        integral += slope[where.piece] * half_square
    if where.whole is not None:
        integral += where.whole * running[-1]
    return np.asarray(np.diff(integral) / where.lengths_s + middle)
