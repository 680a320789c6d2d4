"""The measured map of COP of water-cooled chillers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import RegularGridInterpolator

from twin.physics import cop_maps as x

CHECKS = "checks_cop_maps.csv"
QUANTITIES: dict[str, Callable[..., float]] = {"water_map": lambda **i: x.water_cooled_cop(**i)[0]}
WATER = st.floats(0, 45)


def test_the_map_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


def test_the_map_is_bilinear_as_scipy_has_it() -> None:
    expected = RegularGridInterpolator((np.array(x.ENTERING_C), np.array(x.PLR_FRAC)), np.array(x.COP))
    rng = np.random.default_rng(3)
    for t, plr in zip(rng.uniform(15.56, 29.44, 300), rng.uniform(0.25, 1, 300), strict=True):
        assert x.water_cooled_cop(plr, t) == (pytest.approx(float(expected((t, plr))), rel=1e-12), 0.0)


@given(plr=st.floats(0, 1.2), low=WATER, high=WATER)
def test_the_cop_falls_with_the_condenser_water(plr: float, low: float, high: float) -> None:
    low, high = min(low, high), max(low, high)
    cold, warm = x.water_cooled_cop(plr, low)[0], x.water_cooled_cop(plr, high)[0]
    assert 4.954 <= warm <= cold <= 8.374


@pytest.mark.parametrize(
    ("plr", "entering", "count"),
    [(0.5, 20.0, 0.0), (0.25, 15.56, 0.0), (1.0, 29.44, 0.0), (0.2, 20.0, 1.0), (1.1, 20.0, 1.0), (0.5, 15.5, 1.0),
     (0.5, 29.5, 1.0)],
)  # fmt: skip
def test_the_map_counts_what_it_clamps(plr: float, entering: float, count: float) -> None:
    assert x.water_cooled_cop(plr, entering)[1] == count


def test_a_missing_temperature_stays_missing() -> None:
    assert math.isnan(x.water_cooled_cop(0.5, math.nan)[0])
    assert math.isnan(x.water_cooled_cop(math.nan, 20.0)[0])
