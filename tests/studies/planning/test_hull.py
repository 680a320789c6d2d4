"""Hulls of samples, and lines below a function that only its samples are known of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.studies.planning.hull import above, below, concave, convex, lower_hull, segments

values = st.lists(st.floats(-50, 50), min_size=5, max_size=7)


def columns(y: list[float], width: float = 10.0) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(len(y), dtype=float)[:, None] * width, np.array(y)[:, None]


@given(values)
@settings(max_examples=100, deadline=None)
def test_the_hull_is_convex_and_the_highest_below_the_samples(y: list[float]) -> None:
    x, samples = columns(y)
    hull = lower_hull(x, samples)
    assert (hull <= samples + 1e-9).all()
    assert (np.diff(hull[:, 0], 2) >= -1e-7).all()
    chords = [
        y[i] + (y[j] - y[i]) * (k - i) / (j - i) for k in range(len(y)) for i in range(k) for j in range(k + 1, len(y))
    ]
    lowest = min([*chords, *y]) if chords else min(y)
    assert hull.min() == pytest.approx(lowest, abs=1e-9)
    assert hull[0, 0] == y[0]
    assert hull[-1, 0] == y[-1]


@given(st.floats(0.1, 3.0), st.floats(-5, 5), st.floats(0, 40))
@settings(max_examples=60, deadline=None)
def test_lines_below_hold_between_the_samples_where_chords_do_not(curve: float, slope: float, turn: float) -> None:
    def f(x: np.ndarray) -> np.ndarray:
        return curve * np.maximum(x - turn, 0.0) ** 1.7 + slope * x + 100.0

    x = np.linspace(0.0, 40.0, 5)[:, None]
    low, chords = below(x, f(x)), convex(x, f(x))
    fine = np.linspace(0.0, 40.0, 401)
    gaps = np.array([low.at(np.array([v]))[0] - f(np.array([v]))[0] for v in fine])
    assert gaps.max() < 1e-9
    over = max(chords.at(np.array([v]))[0] - f(np.array([v]))[0] for v in fine)
    assert over >= -1e-9
    high = above(x, -f(x))
    assert min(high.at(np.array([v]))[0] + f(np.array([v]))[0] for v in fine) > -1e-9


def test_levels_that_fall_together_have_no_width() -> None:
    x = np.array([[0.0, 0.0], [0.0, 1.0], [0.0, 2.0], [0.0, 3.0]])
    lines = segments(x, np.array([[5.0, 5.0], [5.0, 6.0], [5.0, 7.0], [5.0, 8.0]]))
    assert lines.width_kw.sum(axis=0).tolist() == [0.0, 3.0]
    assert lines.at(np.array([0.0, 2.5])).tolist() == [5.0, 7.5]
    assert np.isfinite(lines.slope).all()


def test_a_sawtooth_has_a_lower_and_an_upper_hull() -> None:
    x, y = columns([10.0, 24.0, 22.0, 40.0], 10.0)
    assert convex(x, y).at(np.array([10.0]))[0] == pytest.approx(16.0)
    assert concave(x, y).at(np.array([20.0]))[0] == pytest.approx(32.0)
