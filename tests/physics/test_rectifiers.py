"""Rectifiers: Frontier in closed form, 80 PLUS curves, and staging."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.physics import rectifiers as r

CHECKS = "checks_rectifiers.csv"


def curve_efficiency(load_frac: float, set: str) -> float:
    """Efficiency at a load."""
    return load_frac / (load_frac + r.curve_loss_frac(load_frac, r.LOADS_FRAC, r.EFFICIENCIES[set]))


def chassis(cpu_frac: float, gpu_frac: float) -> tuple[float, float]:
    """Input and loss of a chassis with all rectifiers in use."""
    return r.frontier_chassis_w(r.frontier_node_w(cpu_frac, gpu_frac), 4.0)


QUANTITIES: dict[str, Callable[..., float]] = {
    "node_w": r.frontier_node_w,
    "system_mw": lambda cpu_frac, gpu_frac, rectifiers: r.frontier_system_mw(
        cpu_frac, gpu_frac, r.RACKS, r.CDUS, rectifiers
    ),
    "loss_mw": lambda **i: 1e-6 * chassis(**i)[1] * r.RACK_CHASSIS * r.RACKS,
    "rack_kw": lambda **i: 1e-3 * chassis(**i)[0] * r.RACK_CHASSIS,
    "curve_efficiency": curve_efficiency,
}
UTIL = st.floats(0, 1)
SETS = st.sampled_from(sorted(r.EFFICIENCIES))


def test_a_rectifier_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


@given(cpu=UTIL, gpu=UTIL)
def test_half_of_frontier_draws_half(cpu: float, gpu: float) -> None:
    whole = r.frontier_system_mw(cpu, gpu, 74.0, 25.0, 4.0)
    assert r.frontier_system_mw(cpu, gpu, 37.0, 12.5, 4.0) == pytest.approx(0.5 * whole, rel=1e-12)


@given(cpu=UTIL, gpu=UTIL)
def test_staging_never_costs(cpu: float, gpu: float) -> None:
    node = r.frontier_node_w(cpu, gpu)
    assert r.frontier_chassis_w(node, 0.0)[0] <= r.frontier_chassis_w(node, 4.0)[0]


@given(cpu=UTIL, gpu=UTIL, used=st.sampled_from((0.0, 1.0, 2.0, 3.0, 4.0)))
def test_input_is_output_and_loss(cpu: float, gpu: float, used: float) -> None:
    node = r.frontier_node_w(cpu, gpu)
    drawn, loss = r.frontier_chassis_w(node, used)
    assert drawn - loss == pytest.approx(16.0 * node + 1000.0, rel=1e-12)
    assert 0.9 < (drawn - loss) / drawn < 0.945


@given(load=st.integers(1, 60_000))
def test_staging_is_that_of_raps(load: int) -> None:
    raps = min((load - 1) // 13670 + 1, 4)
    assert r.units_for_load(float(load), r.RECTIFIER_PEAK_W, 4.0) == raps


@given(load=st.floats(0, 1.2), name=SETS)
def test_the_loss_is_positive_and_below_a_fifth_of_the_rating(load: float, name: str) -> None:
    assert 0.0 < r.curve_loss_frac(load, r.LOADS_FRAC, r.EFFICIENCIES[name]) < 0.2


@pytest.mark.parametrize("name", sorted(r.EFFICIENCIES))
def test_the_loss_has_no_jump(name: str) -> None:
    losses = [r.curve_loss_frac(x, r.LOADS_FRAC, r.EFFICIENCIES[name]) for x in np.linspace(0, 1.2, 2401)]
    assert np.max(np.abs(np.diff(losses))) < 2e-4
    assert np.all(np.diff(losses) >= -1e-12)


@given(load=st.floats(0, 60), name=SETS)
def test_smart_staging_beats_sharing_at_low_load(load: float, name: str) -> None:
    staged, used = r.staged_input_kw(load, 15.0, 4.0, 0.5, r.LOADS_FRAC, r.EFFICIENCIES[name])
    shared, all_on = r.staged_input_kw(load, 15.0, 4.0, 0.0, r.LOADS_FRAC, r.EFFICIENCIES[name])
    assert 1.0 <= used <= all_on == 4.0
    assert staged > load
    assert load > 6.0 or staged < shared
    assert load <= used * 15.0 * 0.5 + 1e-9 or used == 4.0


def test_no_load_is_carried_by_one_unit() -> None:
    drawn, used = r.staged_input_kw(0.0, 15.0, 4.0, 0.5, r.LOADS_FRAC, r.EFFICIENCIES["titanium"])
    assert used == 1.0
    assert drawn == pytest.approx(15.0 * 0.1 * (1.0 / 0.9 - 1.0))


def test_a_missing_load_stays_missing() -> None:
    assert math.isnan(r.staged_input_kw(math.nan, 15.0, 4.0, 0.5, r.LOADS_FRAC, r.EFFICIENCIES["titanium"])[0])


def test_the_figures_from_memory_are_in_their_order() -> None:
    assert r.AC_CHAIN_FRAC < r.DC_380_CHAIN_FRAC < r.BEST_RECTIFIER_FRAC < 1.0
