"""Delays from cumulative curves, against queues worked out by hand and against single units followed one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.studies.delay import longest_delay_h, mean_delay_h

LOADS = st.lists(st.integers(0, 6), min_size=1, max_size=30)


def fifo(arrived: list[int], able: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Work that leaves each step when ``able`` bounds it."""
    waiting, left = 0, []
    for come, most in zip(arrived, able, strict=False):
        left.append(min(waiting + come, most))
        waiting += come - left[-1]
    return np.array(arrived[: len(left)], float), np.array(left, float)


def test_a_block_that_leaves_over_three_hours_waits_two_at_most() -> None:
    assert longest_delay_h(0.0, np.array([4.0, 0, 0]), np.array([1.0, 1, 2]), 1.0) == pytest.approx(2.0, abs=1e-6)


def test_work_that_never_leaves_has_waited_until_the_end() -> None:
    assert longest_delay_h(0.0, np.array([0.0, 3.0, 0, 0]), np.zeros(4), 0.5) == pytest.approx(1.5, abs=1e-6)


def test_work_that_waits_at_the_start_counts_from_there() -> None:
    assert longest_delay_h(5.0, np.zeros(4), np.array([0.0, 0, 5.0, 0]), 1.0) == pytest.approx(3.0, abs=1e-6)


def test_what_leaves_as_it_comes_does_not_wait_however_long_nothing_comes_after_it() -> None:
    arrived = np.concatenate([np.full(5, 3.3), np.zeros(500), np.full(5, 0.1)])
    assert longest_delay_h(0.0, arrived, arrived * (1.0 - 1e-13), 1.0) == 0.0
    assert longest_delay_h(0.0, np.zeros(3), np.zeros(3), 1.0) == 0.0


@settings(max_examples=60, deadline=None)
@given(LOADS, LOADS)
def test_it_is_the_longest_wait_of_any_unit_to_within_a_step(arrived: list[int], able: list[int]) -> None:
    come, left = fifo(arrived, able)
    stamps = [step for step, count in enumerate(come) for _ in range(int(count))]
    gone = [step for step, count in enumerate(left) for _ in range(int(count))]
    waits = [g - s for s, g in zip(stamps, gone, strict=False)] + [len(come) - s for s in stamps[len(gone) :]]
    assert abs(longest_delay_h(0.0, come, left, 1.0) - max(waits, default=0)) <= 1.0 + 1e-6


@settings(max_examples=40, deadline=None)
@given(LOADS, LOADS)
def test_more_service_never_makes_the_longest_delay_longer(arrived: list[int], able: list[int]) -> None:
    slow, fast = fifo(arrived, able), fifo(arrived, [most + 1 for most in able])
    assert longest_delay_h(0.0, *fast, 1.0) <= longest_delay_h(0.0, *slow, 1.0) + 1e-6


def test_the_mean_of_a_queue_that_drains_evenly_is_half_of_its_time() -> None:
    queue = np.array([3.0, 2.0, 1.0, 0.0])  # of 4 at the start, one leaves in each hour
    assert mean_delay_h(queue.sum(), 4.0, 0.0, 4.0, 1.0) == 2.0
    assert mean_delay_h(1e-9, 0.0, 0.0, 4.0, 1.0) == 0.0
