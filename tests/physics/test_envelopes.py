"""ASHRAE TC 9.9 classes: limits, derating with altitude, and distance from a window."""

from __future__ import annotations

import pytest

from twin.physics import envelopes

# Class, lowest and highest allowable at sea level, highest at 1800 m: TC 9.9 2021 tables 2.1 and 2.2.
CLASSES = (
    ("A1", 15.0, 32.0, 29.0), ("A2", 10.0, 35.0, 32.0), ("A3", 5.0, 40.0, 40.0 - 900 / 175), ("A4", 5.0, 45.0, 37.8),
    ("H1", 5.0, 25.0, 23.2),
)  # fmt: skip


@pytest.mark.parametrize(("name", "low", "high", "high_1800"), CLASSES)
def test_allowable_limits_and_their_derate(name: str, low: float, high: float, high_1800: float) -> None:
    assert envelopes.allowable_c(name, 0.0) == envelopes.allowable_c(name, 900.0) == (low, high)
    assert envelopes.allowable_c(name, 1800.0) == pytest.approx((low, high_1800))


def test_every_class_is_recommended_within_what_it_allows() -> None:
    for name, limits in envelopes.ENVELOPES.items():
        low, high = envelopes.recommended_c(name)
        assert limits.allowable_low_c <= low < high <= limits.allowable_high_c
        assert limits.rh_low_frac < limits.rh_high_frac <= 1.0
        assert limits.dew_point_low_c < limits.dew_point_high_c < limits.allowable_high_c


def test_recommended_is_18_to_27_but_18_to_22_for_high_density() -> None:
    assert envelopes.recommended_c("A1") == envelopes.recommended_c("A4") == (18.0, 27.0)
    assert envelopes.recommended_c("H1") == (18.0, 22.0)


def test_water_classes_are_named_after_their_highest_supply() -> None:
    assert {name: f"W{high:.0f}" for name, high in envelopes.WATER_CLASSES.items()} == {
        name: name for name in envelopes.WATER_CLASSES
    }
