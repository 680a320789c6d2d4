"""DX units and air-cooled chillers by maps, a DX coil by curves, and pumped refrigerant."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.interpolate import RegularGridInterpolator

from twin.physics import direct_expansion as x
from twin.physics.fluids import humidity_ratio_from_dew_point
from twin.physics.moist_coils import coil_outlet
from twin.units import AIR_CP_KJ_KG_K, VAPOUR_CP_KJ_KG_K

CHECKS = "checks_direct_expansion.csv"


def coil(load_kw: float, entering_wet_bulb_c: float, outdoor_c: float) -> tuple[float, float, float]:
    """A coil of 100 kW and COP 3 with the example curves."""
    return x.dx_coil(load_kw, entering_wet_bulb_c, outdoor_c, 100.0, 3.0, x.DX_CAPFT, x.DX_EIRFT, x.DX_LIMITS,
                     x.DX_CYCLING_LOSS_FRAC)  # fmt: skip


def thermosyphon(reference_kw: float, apart_k: float) -> float:
    """Capacity of a thermosyphon with a large load."""
    slope = x.thermosyphon_kw_per_k(reference_kw, x.THERMOSYPHON_SHARE_PER_K)
    return x.pumped_refrigerant(1e9, apart_k, 0.0, slope, reference_kw, 1.0)[0]


QUANTITIES: dict[str, Callable[..., float]] = {
    "map": lambda **i: x.air_cooled_cop(**i)[0],
    "dx": lambda **i: x.dx_cop(**i)[0],
    "coil_power": lambda **i: coil(**i)[0],
    "coil_capacity": lambda **i: coil(**i)[1],
    "thermosyphon": thermosyphon,
}
OUTDOOR = st.floats(-45, 55)
SEA_PA = 101325.0


def test_direct_expansion_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


def test_the_map_is_bilinear_as_scipy_has_it() -> None:
    grid = (np.array([15.0, 25.0, 35.0]), np.linspace(0.25, 1.0, 10))
    expected = RegularGridInterpolator(grid, np.array([x.MAP_15_C, x.MAP_25_C, x.MAP_35_C]))
    rng = np.random.default_rng(3)
    for t, plr in zip(rng.uniform(15, 35, 300), rng.uniform(0.25, 1, 300), strict=True):
        assert x.air_cooled_cop(plr, t) == (pytest.approx(float(expected((t, plr))), rel=1e-12), 0.0)


@given(entering=st.floats(18, 45), dew=st.floats(-10, 18), drop=st.floats(1, 30), bypass=st.floats(0, 0.5))
def test_a_coil_condenses_just_where_its_dry_surface_is_below_the_dew_point(
    entering: float, dew: float, drop: float, bypass: float
) -> None:
    ratio = humidity_ratio_from_dew_point(dew, SEA_PA)
    heat_kj_kg = drop * (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * ratio)
    surface = x.dry_surface_c(entering, drop, bypass)
    _, leaving_ratio, _ = coil_outlet(heat_kj_kg, entering, ratio, bypass, SEA_PA)
    assume(abs(surface - dew) > 1e-3)
    assert (leaving_ratio < ratio) == (surface < dew)
    assert x.dry_surface_c(entering, drop, 0.0) == pytest.approx(entering - drop)


def test_a_coil_that_all_air_passes_by_has_a_finite_surface() -> None:
    assert math.isfinite(x.dry_surface_c(30.0, 10.0, 1.0))


@given(plr=st.floats(0, 1.2), low=OUTDOOR, high=OUTDOOR)
def test_the_cop_of_an_air_cooled_chiller_falls_with_the_outdoor_temperature(
    plr: float, low: float, high: float
) -> None:
    low, high = min(low, high), max(low, high)
    cold, warm = x.air_cooled_cop(plr, low)[0], x.air_cooled_cop(plr, high)[0]
    assert 1.9 <= warm <= cold <= 7.0


@given(low=OUTDOOR, high=OUTDOOR)
def test_the_cop_of_a_dx_unit_falls_with_the_outdoor_temperature(low: float, high: float) -> None:
    low, high = min(low, high), max(low, high)
    assert 1.23 <= x.dx_cop(high)[0] <= x.dx_cop(low)[0] <= 2.8


@pytest.mark.parametrize(
    ("plr", "outdoor", "count"),
    [(0.5, 20.0, 0.0), (0.2, 20.0, 1.0), (1.1, 20.0, 1.0), (0.5, 14.0, 1.0), (0.5, 36.0, 1.0)],
)
def test_the_map_counts_what_it_clamps(plr: float, outdoor: float, count: float) -> None:
    assert x.air_cooled_cop(plr, outdoor)[1] == count


def test_a_dx_unit_counts_heat_beyond_its_table_only() -> None:
    assert [x.dx_cop(t)[1] for t in (-45.0, 15.0, 40.0, 40.1)] == [0.0, 0.0, 0.0, 1.0]


@given(load=st.floats(0, 200), wet_bulb=st.floats(5, 30), outdoor=OUTDOOR)
def test_a_dx_coil_is_finite_and_within_its_capacity(load: float, wet_bulb: float, outdoor: float) -> None:
    power, capacity, count = coil(load, wet_bulb, outdoor)
    assert 60.0 < capacity < 130.0
    assert 0.0 <= power < 100.0
    assert count in (0.0, 1.0)
    assert (count == 1.0) >= (load > capacity)


def test_a_dx_coil_has_its_rated_cop_at_its_rating_point() -> None:
    power, capacity, _ = coil(99.0, 19.44, 35.0)
    assert capacity == pytest.approx(100.0, rel=2e-3)
    assert 99.0 / power == pytest.approx(3.0, rel=5e-3)


@given(low=st.floats(1, 95), high=st.floats(1, 95))
def test_cycling_costs_more_per_unit_of_cooling_at_lower_load(low: float, high: float) -> None:
    low, high = min(low, high), max(low, high)
    assert coil(low, 19.44, 35.0)[0] / low >= coil(high, 19.44, 35.0)[0] / high - 1e-12


def test_compressor_power_is_load_over_the_corrected_cop() -> None:
    assert x.compressor_kw(90.0, 3.0, 0.0) == 30.0
    assert x.compressor_kw(90.0, 3.0, -0.4) == pytest.approx(50.0)
    assert x.compressor_kw(-5.0, 3.0, 0.0) == 0.0


@given(load=st.floats(0, 500), warm=st.floats(10, 45), outdoor=OUTDOOR, slope=st.floats(0, 50),
       partial=st.sampled_from((0.0, 1.0)))  # fmt: skip
def test_economizer_and_compressor_share_the_load(
    load: float, warm: float, outdoor: float, slope: float, partial: float
) -> None:
    taken, left = x.pumped_refrigerant(load, warm, outdoor, slope, 300.0, partial)
    assert taken + left == pytest.approx(load, abs=1e-9)
    assert 0.0 <= taken <= 300.0
    assert taken <= max(slope * (warm - outdoor), 0.0) + 1e-9
    assert partial > 0.0 or taken in (0.0, load)


def test_a_missing_temperature_stays_missing() -> None:
    assert math.isnan(x.air_cooled_cop(0.5, math.nan)[0])
    assert math.isnan(x.air_cooled_cop(math.nan, 20.0)[0])
    assert math.isnan(x.dx_cop(math.nan)[0])
