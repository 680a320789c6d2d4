"""Runs that start from where another stood: the same numbers as the run itself, to the bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from twin.engine.lowering import lower
from twin.engine.simulate import runner
from twin.engine.windows import Course, course, run_on
from twin.scenario.reading import read_scenario

SCENARIOS = Path(__file__).parent.parent.parent / "scenarios"


@pytest.fixture(scope="module")
def taken() -> Course:
    scenario = read_scenario(SCENARIOS / "quickstart.yaml", ["run.start=2025-07-14", "run.duration=2d"])
    return course(lower(scenario))


def test_a_run_taken_step_by_step_is_the_run_in_one_go(taken: Course) -> None:
    whole = runner("auto")(taken.lowered, "all")
    assert np.array_equal(taken.series, whole.series)


def test_a_run_goes_on_from_any_of_its_moments_with_the_same_bits(taken: Course) -> None:
    lowered = taken.lowered
    on, failed_at = run_on(lowered, taken.before(20), lowered.u[20:], lowered.axis.dt_h, "all")
    assert failed_at == -1
    assert np.array_equal(on, taken.series[20:])


def test_a_moment_is_not_changed_by_running_on_from_it(taken: Course) -> None:
    lowered = taken.lowered
    first, _ = run_on(lowered, taken.before(5), lowered.u[5:9], lowered.axis.dt_h, "all")
    again, _ = run_on(lowered, taken.before(5), lowered.u[5:9], lowered.axis.dt_h, "all")
    assert np.array_equal(first, again)
