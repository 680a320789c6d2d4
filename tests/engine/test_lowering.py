"""Inputs that two runs share are copied from one to the other, and are the numbers that each has by itself."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.scenarios import shipped
from twin.engine.lowering import Lowered, lower

DAYS = ("run.start=2025-07-01", "run.duration=3d")
COLDER = ("plants.main.supply_c=7", "halls.ai.air.supply_air_c=21")
OTHERS = {
    "other numbers": COLDER,
    "other weather": ("weather.file=pvlib:723170TYA.CSV",),
    "a lost unit": ("plants.main.chillers.large.availability={kind: outages, outages: [{at: '2025-07-02 06:00', "
                    "duration_h: 3}]}",),
    "another period": ("run.duration=4d",),
    "finer steps": ("run.refine={step: 5min, for: 1h}", "events={lost: {unit: plants.main.chillers.large, "
                    "at: '2025-07-02 12:00', for: 1h}}"),
    "another site": ("plants.main.condenser.setpoint=fixed", "plants.main.condenser.set_c=24"),
}  # fmt: skip


def assert_equal(one: Lowered, other: Lowered) -> None:
    """All numbers, bit for bit."""
    for name in ("p", "s", "u", "hours"):
        np.testing.assert_array_equal(getattr(one, name).view(np.int64), getattr(other, name).view(np.int64))
    assert one.notes == other.notes


@pytest.mark.parametrize("difference", OTHERS)
def test_a_run_lowered_like_another_has_its_own_numbers(difference: str) -> None:
    first = lower(shipped("quickstart", *DAYS))
    scenario = shipped("quickstart", *DAYS, *OTHERS[difference])
    before = first.u.copy()
    assert_equal(lower(scenario, like=first), lower(scenario))
    np.testing.assert_array_equal(first.u, before)


def test_inputs_given_to_the_run_before_do_not_stay() -> None:
    scenario = shipped("quickstart", *DAYS)
    given = {"plants.main.set_c": 12.0, "grid.meter.availability_frac": -0.0}
    first = lower(scenario, inputs=given)
    assert_equal(lower(scenario, like=first), lower(scenario))
    assert_equal(lower(scenario, inputs=given, like=lower(scenario)), first)
