"""A long plan that starts from those of its months costs what one without a start does."""

from __future__ import annotations

import numpy as np
import pytest

from tests.studies.planning.cases import bent, one_class, problem
from twin.studies.planning import solve as solving
from twin.studies.planning import warm as warming
from twin.studies.planning.model import program
from twin.studies.planning.problem import PlannedBattery, Problem
from twin.studies.planning.solve import solve


def four_months(scale: float = 1.0) -> Problem:
    random = np.random.default_rng(8)
    count = 2920
    prices = random.uniform(0.02, 0.1, count) + 0.01 * np.sin(np.arange(count) / 24.0 * 2.0 * np.pi)
    soon = one_class(random.uniform(0.0, 30.0, count) * scale, 24, 80.0)
    later = one_class(random.uniform(0.0, 9.0, count), 60, 80.0, "slow")
    facility = bent(count, 100.0, (20.0, 1.1), (20.0, 1.3), (1e3, 1.6))
    return problem(prices, soon, later, facility=facility, battery=PlannedBattery(40.0, 120.0), tie_frac=1e-5)


def test_every_variable_belongs_to_a_month() -> None:
    part = program(four_months()).part
    assert np.unique(part).tolist() == [0, 1, 2, 3]
    at = program(four_months()).at
    assert np.array_equal(part[at["served"] :][:2920], np.arange(2920) // 730)


def test_without_the_solver_of_its_own_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "highspy", lambda: None)
    assert solving._from_months(program(four_months())) is None


def test_a_start_changes_the_way_and_not_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("highspy")
    assert solving._from_months(program(four_months())) is not None
    started = solve(four_months())
    monkeypatch.setattr(warming, "highspy", lambda: None)
    plain = solve(four_months())
    assert started.objective == pytest.approx(plain.objective, rel=1e-9)
    assert started.least == pytest.approx(plain.least, rel=1e-9)


def test_a_month_that_cannot_be_planned_by_itself_is_left_to_the_whole() -> None:
    pytest.importorskip("highspy")
    assert solving._from_months(program(four_months(scale=9.0))) is None
    with pytest.raises(solving.Infeasible):
        solve(four_months(scale=9.0))
