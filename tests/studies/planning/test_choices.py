"""Long programs with choices are solved in windows: the plan does one thing at a time, and its gap is a true one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.studies.planning.cases import bent, monthly, one_class, problem
from twin.studies.planning import choices
from twin.studies.planning.problem import PlannedBattery, PlannedTank, Problem
from twin.studies.planning.solve import Solution, solve

DAYS = 6


def tempting() -> Problem:
    """Six days with sun, export dearer than import at night, negative prices at two noons, a battery and a tank."""
    random, count = np.random.default_rng(3), 24 * DAYS
    hour = np.arange(count) % 24
    prices = random.uniform(0.005, 0.09, count)
    prices[[36, 37, 38, 84, 85]] = -0.04
    facility = bent(count, 60.0, (20.0, 1.1), (20.0, 1.3), (1e3, 1.6))
    facility = facility.shifted(-90.0 * np.clip(np.sin((hour - 6.0) / 12.0 * np.pi), 0.0, None))
    half = np.full(count, 40.0)
    tank = PlannedTank("main", half, half, 120.0, 60.0, np.full(count, 0.25), np.full(count, 0.22))
    work = one_class(random.uniform(0.0, 20.0, count), 12, 80.0)
    battery = PlannedBattery(15.0, 40.0)
    return problem(prices, work, facility=facility, battery=battery, tank=tank, export_per_kwh=0.02,
                   demand=monthly(count, 3.0))  # fmt: skip


@pytest.fixture(scope="module")
def whole() -> Solution:
    return solve(tempting())


def in_windows(monkeypatch: pytest.MonkeyPatch, *hours: float) -> Solution:
    monkeypatch.setattr(choices, "LEAST_COLUMNS", 0)
    monkeypatch.setattr(choices, "WINDOWS_H", hours)
    monkeypatch.setattr(choices, "ENOUGH_FRAC", 0.0)
    return solve(tempting())


def once(plan: Solution) -> Any:
    battery = np.minimum(plan.charge_kw, plan.discharge_kw).max()
    return max(battery, np.minimum(plan.tank_charge_kw, plan.tank_discharge_kw).max())


@pytest.mark.parametrize("hours", [24.0, 48.0])
def test_windows_give_a_plan_and_a_bound_that_hold_the_optimum_between_them(
    whole: Solution, monkeypatch: pytest.MonkeyPatch, hours: float
) -> None:
    found = in_windows(monkeypatch, hours)
    assert whole.choices > 2, "no hour tempts"
    assert found.least <= whole.objective * (1.0 + 1e-6)
    assert found.objective >= whole.objective * (1.0 - 1e-6)
    assert found.gap_frac < 5e-3
    assert found.gap_frac == pytest.approx((found.objective - found.least) / found.objective, abs=1e-6)
    assert max(once(found), once(whole)) < 1e-2


def test_a_window_that_holds_all_steps_is_the_whole(whole: Solution, monkeypatch: pytest.MonkeyPatch) -> None:
    found = in_windows(monkeypatch, 24.0 * DAYS)
    assert found.objective >= whole.objective * (1.0 - 1e-6)
    assert found.objective == pytest.approx(whole.objective, rel=2e-3)  # but for the month's peak, which stays


def test_windows_that_have_no_plan_leave_it_to_the_whole(whole: Solution, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "_tried", lambda *_: None)
    assert in_windows(monkeypatch, 24.0).objective == pytest.approx(whole.objective, rel=1e-6)


def test_a_window_that_cannot_go_the_way_of_its_bound_is_solved_by_itself(
    whole: Solution, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choices, "_on_its_sides", lambda *_: None)
    found = in_windows(monkeypatch, 24.0)
    assert whole.objective * (1.0 - 1e-6) <= found.objective <= whole.objective * (1.0 + found.gap_frac)
    assert found.gap_frac < 5e-3
    assert once(found) < 1e-2
