"""Facility power over the power of work that may wait: convex hulls of samples, and lines below whatever lies between.

Arrays of samples have shape (level, time), x rising with the level. All of it goes over all steps at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEAST_WIDTH_KW = 1e-6  # levels that are closer are one: their slope is only rounding


@dataclass(frozen=True)
class Segments:
    """A piecewise linear function in each step: ``base`` at 0, then a ``slope`` over each width (segment, time)."""

    base: Floats
    width_kw: Floats
    slope: Floats

    def at(self, x_kw: Floats) -> Floats:
        """Values at ``x_kw``, shape (time,); beyond the last segment its slope goes on."""
        ends = np.cumsum(self.width_kw, axis=0)
        inside = np.clip(x_kw - (ends - self.width_kw), 0.0, self.width_kw)
        beyond = np.maximum(x_kw - ends[-1], 0.0)
        return np.asarray(self.base + (inside * self.slope).sum(axis=0) + beyond * self.slope[-1])

    def shifted(self, by: Floats) -> Segments:
        """The same, higher by a value for each step."""
        return Segments(self.base + by, self.width_kw, self.slope)

    def straight(self, where: NDArray[np.bool_]) -> Segments:
        """The same, in some steps with one segment of the mean slope."""
        width, slope = self.width_kw.copy(), self.slope.copy()
        whole = self.width_kw.sum(axis=0)
        mean = (self.width_kw * self.slope).sum(axis=0) / np.maximum(whole, LEAST_WIDTH_KW)
        width[:, where], slope[:, where] = 0.0, mean[where]
        width[0, where] = whole[where]
        return Segments(self.base, width, slope)

    def steps(self, start: int, end: int) -> Segments:
        """The part from one step up to another."""
        return Segments(self.base[start:end], self.width_kw[:, start:end], self.slope[:, start:end])


def segments(x_kw: Floats, y: Floats) -> Segments:
    """Straight lines from sample to sample; levels that fall together have no width."""
    width = np.maximum(np.diff(x_kw, axis=0), 0.0)
    wide = width > LEAST_WIDTH_KW
    slope = np.divide(np.diff(y, axis=0), width, out=np.zeros_like(width), where=wide)
    for i in range(1, len(slope)):
        slope[i] = np.where(wide[i], slope[i], slope[i - 1])
    for i in range(len(slope) - 2, -1, -1):
        slope[i] = np.where(wide[: i + 1, :].any(axis=0), slope[i], slope[i + 1])
    return Segments(y[0].copy(), np.where(wide, width, 0.0), slope)


def lower_hull(x_kw: Floats, y: Floats) -> Floats:
    """The highest convex function that is nowhere above the samples, at their places."""
    hull = y.copy()
    count = len(x_kw)
    for left in range(count):
        for right in range(left + 2, count):
            span = x_kw[right] - x_kw[left]
            rise = np.divide(y[right] - y[left], span, out=np.zeros_like(span), where=span > LEAST_WIDTH_KW)
            for i in range(left + 1, right):
                chord = y[left] + rise * (x_kw[i] - x_kw[left])
                hull[i] = np.where(span > LEAST_WIDTH_KW, np.minimum(hull[i], chord), hull[i])
    return hull


def convex(x_kw: Floats, y: Floats) -> Segments:
    """Lower hull of the samples."""
    return segments(x_kw, lower_hull(x_kw, y))


def concave(x_kw: Floats, y: Floats) -> Segments:
    """Upper hull of the samples."""
    return segments(x_kw, -lower_hull(x_kw, -y))


def below(x_kw: Floats, y: Floats) -> Segments:
    """A convex function below every convex function through the hull of the samples, between them too.

    A chord of a convex function lies above it between its ends and below it beyond them. So each interval is bounded
    by the chords of its neighbours, carried on into it; what is returned is the convex hull of that bound.
    """
    hull = lower_hull(x_kw, y)
    chords = segments(x_kw, hull)
    slopes, last = chords.slope, len(chords.slope) - 1
    if last < 2:
        raise ValueError("lines below a function need at least four samples")
    corners_x, corners_y = [x_kw[0]], [hull[1] - slopes[1] * (x_kw[1] - x_kw[0])]
    for i in range(1, last):
        x, value = _meeting(x_kw[i], hull[i], slopes[i - 1], x_kw[i + 1], hull[i + 1], slopes[i + 1])
        corners_x.append(x)
        corners_y.append(value)
    corners_x.append(x_kw[-1])
    corners_y.append(hull[-2] + slopes[-2] * (x_kw[-1] - x_kw[-2]))
    return convex(np.array(corners_x), np.array(corners_y))


def above(x_kw: Floats, y: Floats) -> Segments:
    """A concave function above every concave function through the upper hull of the samples."""
    mirrored = below(x_kw, -y)
    return Segments(-mirrored.base, mirrored.width_kw, -mirrored.slope)


def _meeting(x1: Floats, y1: Floats, m1: Floats, x2: Floats, y2: Floats, m2: Floats) -> tuple[Floats, Floats]:
    """Where a line through a point and a steeper one through the next meet; between the two points."""
    turn = m2 - m1
    free = y1 - y2 + m2 * x2 - m1 * x1
    x = np.divide(free, turn, out=0.5 * (x1 + x2), where=turn > 1e-9)
    x = np.clip(x, x1, x2)
    return x, np.minimum(y1 + m1 * (x - x1), y2 + m2 * (x - x2))
