"""Water that a chiller's curves do not reach is told with the part, the make and the range that would do."""

from __future__ import annotations

import pytest

from tests.engine.scenarios import shipped
from twin.studies.curve_ranges import curve_warnings

RESET = "{kind: outdoor, low_outdoor_c: 10, high_outdoor_c: 24, set_at_low_c: 9.5, set_at_high_c: 7.5}"


TOLD = "is beyond the curves of chillers, those of large, medium, small hold from 4.44 to 8.89 degC"


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("plants.main.supply_c=8.5", []),
        ("plants.main.supply_c=9", [f"plants.main.supply_c: water of 9 degC {TOLD}"]),
        (f"plants.main.supply_reset={RESET}", [f"plants.main.supply_reset: water of 7.5 to 9.5 degC {TOLD}"]),
    ],
    ids=["within", "too warm", "a reset"],
)
def test_water_beyond_the_curves_of_a_chiller_is_told_by_name(override: str, told: list[str]) -> None:
    assert curve_warnings(shipped("quickstart", override)) == told


def test_chillers_that_have_no_such_curves_tell_nothing() -> None:
    assert curve_warnings(shipped("technologies/warm_chillers")) == []
