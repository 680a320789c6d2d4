"""Means over intervals against areas worked out by hand and by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.series.course import intervals, means

NO_STEPS: frozenset[str] = frozenset()


def test_the_mean_of_a_straight_line_is_its_middle() -> None:
    where = intervals(np.array([0.0, 1.0, 4.0]), np.array([0.0, 4.0]), None)
    assert means({"a": np.array([0.0, 8.0])}, NO_STEPS, where)["a"] == pytest.approx([1.0, 5.0])


def test_a_bend_inside_an_interval_counts() -> None:
    where = intervals(np.array([0.0, 2.0]), np.array([0.0, 1.0, 2.0]), None)
    assert means({"a": np.array([0.0, 3.0, 0.0])}, NO_STEPS, where)["a"] == pytest.approx([1.5])


def test_a_step_holds_before_its_knot() -> None:
    where = intervals(np.array([0.0, 0.5, 1.5]), np.array([0.0, 1.0, 2.0]), None)
    found = means({"a": np.array([9.0, 1.0, 3.0])}, frozenset({"a"}), where)["a"]
    assert found == pytest.approx([1.0, 2.0])


def test_a_course_with_a_period_goes_on_for_ever() -> None:
    knots, values = np.array([0.0, 1.0, 3.0]), {"a": np.array([2.0, 5.0, 2.0])}
    for whole in (-2, 0, 7):
        where = intervals(np.array([0.5, 2.0, 4.5]) + 3.0 * whole, knots, 3.0)
        assert means(values, NO_STEPS, where)["a"] == pytest.approx(
            means(values, NO_STEPS, intervals(np.array([0.5, 2.0, 4.5]), knots, 3.0))["a"], rel=1e-12
        )


def test_an_interval_of_several_periods_has_the_mean_of_the_period() -> None:
    where = intervals(np.array([0.7, 12.7]), np.array([0.0, 1.0, 3.0]), 3.0)
    assert means({"a": np.array([2.0, 5.0, 2.0])}, NO_STEPS, where)["a"] == pytest.approx([3.5])


def test_a_column_without_values_stays_without() -> None:
    where = intervals(np.array([0.0, 1.0]), np.array([0.0, 1.0]), None)
    assert np.isnan(means({"a": np.full(2, np.nan)}, NO_STEPS, where)["a"]).all()


@given(
    st.lists(st.floats(-50.0, 50.0), min_size=3, max_size=20),
    st.lists(st.floats(0.0, 1.0), min_size=2, max_size=12, unique=True),
)
def test_means_equal_a_fine_trapezoidal_sum(values: list[float], shares: list[float]) -> None:
    knots = np.arange(len(values), dtype=float)
    edges = np.array(sorted(round(share, 3) for share in set(shares))) * knots[-1]
    edges = edges[np.concatenate([[True], np.diff(edges) > 1e-3])]
    found = means({"a": np.array(values)}, NO_STEPS, intervals(edges, knots, None))["a"]
    for mean, low, high in zip(found, edges[:-1], edges[1:], strict=True):
        fine = np.union1d(np.linspace(low, high, 5), knots[(knots > low) & (knots < high)])
        area = np.sum(np.diff(fine) * 0.5 * np.convolve(np.interp(fine, knots, values), [1, 1], "valid"))
        assert mean == pytest.approx(area / (high - low), abs=1e-8)
