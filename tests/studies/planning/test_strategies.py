"""Strategies beside each other, on equal work."""

from __future__ import annotations

import pytest

from tests.studies.planning.sites import site
from twin.studies.planning.problem import PlannedBattery
from twin.studies.planning.strategies import Choices, strategies


def test_strategies_do_equal_work_and_the_best_are_those_that_know_most() -> None:
    choices = Choices(battery=PlannedBattery(20.0, 40.0))
    found = {one.name: one for one in strategies(site("run.duration=12d"), choices=choices)}
    assert list(found) == ["none", "capping", "threshold", "optimal", "MPC", "battery", "all together"]
    work = found["none"].work_kwh
    for one in found.values():
        assert one.work_kwh + one.unserved_kwh == pytest.approx(work, rel=1e-9), one.name
        assert one.unserved_kwh < 1e-6 * work, one.name
        assert one.late_kwh == 0.0, one.name
    worth = {name: one.objective for name, one in found.items()}
    assert worth["optimal"] <= 1.002 * min(worth["threshold"], worth["MPC"])
    assert worth["optimal"] < worth["none"]
    assert worth["battery"] < worth["none"]
    assert worth["all together"] < min(worth["optimal"], worth["battery"], worth["capping"])
    assert found["capping"].import_kwh < found["none"].import_kwh
