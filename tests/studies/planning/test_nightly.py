"""A job a day that may move: the best of all places, and equal to the plan of an hour that may wait."""

from __future__ import annotations

import numpy as np
import pytest

from tests.studies.planning.cases import line, one_class, problem
from twin.errors import InputError
from twin.studies.planning.nightly import axis_of_year, nightly_starts, shifted, steps_of
from twin.studies.planning.solve import solve


@pytest.mark.parametrize("length", [1, 3])
def test_the_best_place_is_that_of_brute_force(length: int) -> None:
    values = np.random.default_rng(7).uniform(100, 500, 24 * 12)
    starts = np.arange(1, values.size, 24)
    found = shifted(values, starts, length, [2, 4, 6, 8], 1.0)
    for one in found:
        best = []
        for start in starts:
            places = [start + move for move in range(-int(one.window_h), int(one.window_h) + 1)]
            best.append(min(values[p : p + length].mean() for p in places if 0 <= p <= values.size - length))
        assert one.mean == np.mean(best)
    savings = [one.saving_frac for one in found]
    assert savings == sorted(savings)
    assert savings[0] == 0.0


def test_the_plan_of_an_hour_that_may_wait_costs_what_brute_force_finds() -> None:
    values = np.random.default_rng(3).uniform(0.1, 0.5, 72)
    for slack in (2, 4, 8):
        arrivals = np.zeros(72)
        starts = np.arange(1, 60, 24)
        arrivals[starts] = 1.0
        plan = solve(problem(values, one_class(arrivals, slack), facility=line(72, 0.0)))
        assert plan.objective == pytest.approx(sum(values[s : s + slack + 1].min() for s in starts), abs=1e-9)


def test_the_clock_is_civil() -> None:
    axis = axis_of_year(2021, 60.0, "Europe/Berlin")
    starts = nightly_starts(axis, "Europe/Berlin", "01:00")
    assert starts.size == 365
    assert starts[0] == 1
    assert np.unique(np.diff(starts)).tolist() == [23, 24, 25]
    with pytest.raises(InputError, match="no step begins at 01:30: the steps are 60 min long"):
        nightly_starts(axis, "Europe/Berlin", "01:30")


def test_a_job_shorter_than_a_step_takes_the_signal_of_its_step() -> None:
    assert steps_of(30.0, axis_of_year(2021, 60.0, "UTC")) == 1
    assert steps_of(30.0, axis_of_year(2021, 5.0, "UTC")) == 6
