"""Spans and instants on the steps of an axis: nothing is lost to the length of a step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.jobs import course

SPAN = st.tuples(st.floats(-500, 5000), st.floats(0, 3000), st.floats(0, 100))


@settings(max_examples=100)
@given(st.lists(SPAN, min_size=1, max_size=30), st.sampled_from([1.0, 7.0, 60.0, 900.0]))
def test_the_area_under_the_course_is_that_of_the_spans(spans: list[tuple[float, float, float]], step_s: float) -> None:
    start, length, height = np.array(spans).T
    count = int(np.ceil(9000 / step_s))
    inside = np.clip(start + length, 0, step_s * count) - np.clip(start, 0, step_s * count)
    mean = course.steps_of(start, start + length, height, step_s, count)
    assert mean.sum() * step_s == pytest.approx(float(np.dot(inside, height)), rel=1e-9, abs=1e-6)
    assert (mean >= -1e-9).all()


def test_steps_of_any_length_agree() -> None:
    rng = np.random.default_rng(7)
    start, length, height = rng.uniform(0, 8e4, 999), rng.uniform(0, 9e3, 999), rng.uniform(0, 5, 999)
    fine = course.steps_of(start, start + length, height, 60.0, 1440)
    coarse = course.steps_of(start, start + length, height, 3600.0, 24)
    np.testing.assert_allclose(fine.reshape(24, 60).mean(axis=1), coarse, rtol=1e-12)


def test_long_traces_are_taken_in_pieces_that_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    start, height = np.arange(100.0), np.ones(100)
    whole = course.steps_of(start, start + 7.5, height, 10.0, 12)
    monkeypatch.setattr(course, "CHUNK", 7)
    np.testing.assert_allclose(course.steps_of(start, start + 7.5, height, 10.0, 12), whole, rtol=1e-13)


def test_amounts_fall_into_the_step_of_their_instant() -> None:
    times, amounts = np.array([-1.0, 0.0, 9.99, 10.0, 29.9, 30.0]), np.array([9.0, 1.0, 2.0, 4.0, 8.0, 9.0])
    np.testing.assert_array_equal(course.sums_at(times, amounts, 10.0, 3), [3, 4, 8])
