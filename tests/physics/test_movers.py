"""Fans and pumps: definitions, affinity laws and part-load curves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.physics import movers

CHECKS = "checks_movers.csv"
QUANTITIES = {
    "power_w": lambda **i: 1000.0 * movers.mover_power_kw(i["flow_m3_s"], i["pressure_pa"], i["efficiency"]),
    "vav": lambda **i: movers.cubic_power_frac(movers.VAV_FAN, i["flow_frac"]),
    "shared": lambda **i: movers.shared_power_frac(i["flow"], i["units"], 0.0),
}
CURVES = (movers.CUBE, movers.VAV_FAN, movers.VSD_FAN, movers.PUMP_VARIABLE_SPEED, movers.PUMP_PRESSURE_RESET,
          movers.PUMP_LINEAR)  # fmt: skip


def test_a_mover_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


@pytest.mark.parametrize("curve", CURVES)
def test_a_curve_gives_about_design_power_at_design_flow_and_none_at_rest(curve: tuple[float, ...]) -> None:
    assert movers.cubic_power_frac(curve, 1.0) == pytest.approx(1.0, abs=0.035)
    assert movers.cubic_power_frac(curve, 0.0) == 0.0


@given(low=st.floats(0, 1), high=st.floats(0, 1), fixed=st.floats(0, 1))
def test_power_grows_with_flow(low: float, high: float, fixed: float) -> None:
    low, high = min(low, high), max(low, high)
    for curve in (movers.CUBE, movers.VAV_FAN, movers.VSD_FAN, movers.PUMP_VARIABLE_SPEED, movers.PUMP_PRESSURE_RESET):
        assert movers.cubic_power_frac(curve, low) <= movers.cubic_power_frac(curve, high) + 1e-12
    assert movers.affinity_power_frac(low, fixed) <= movers.affinity_power_frac(high, fixed) + 1e-12
    assert movers.static_head_power_frac(low, fixed) <= movers.static_head_power_frac(high, fixed) + 1e-12


@given(flow=st.floats(-1e6, 1e6))
def test_a_curve_is_never_negative(flow: float) -> None:
    assert all(0.0 <= movers.cubic_power_frac(curve, flow) < 20.0 for curve in CURVES)


@given(flow=st.floats(0, 2), share=st.floats(0, 1))
def test_a_static_head_never_lets_power_fall_below_the_cube(flow: float, share: float) -> None:
    cube, held = movers.affinity_power_frac(flow, 0.0), movers.static_head_power_frac(flow, share)
    assert held >= cube - 1e-12 if flow <= 1.0 else held <= cube + 1e-12


def test_design_point_of_every_law_is_one() -> None:
    assert movers.affinity_power_frac(1.0, 0.3) == pytest.approx(1.0)
    assert movers.static_head_power_frac(1.0, 0.3) == pytest.approx(1.0)
    assert movers.shared_power_frac(3.0, 3.0, 0.2) == pytest.approx(3.0)
