"""Moisture of hall air: its course over a step, what coils and humidifiers do to it, and what limits mean."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.components.hall_air import moisture_course

SHARE = st.floats(0.0, 0.03)
FLOW = st.one_of(st.just(0.0), st.floats(1e-6, 50.0))


@given(start=SHARE, inflow=FLOW, outdoor=SHARE, removal=FLOW, surface=SHARE, source=st.floats(-0.01, 0.01),
       dt_h=st.floats(0.001, 24.0))  # fmt: skip
def test_water_in_a_hall_balances_at_any_flow_and_step(
    start: float, inflow: float, outdoor: float, removal: float, surface: float, source: float, dt_h: float
) -> None:
    p, s = SimpleNamespace(dry_air_kg=2000.0), SimpleNamespace(humidity_kg_kg=start)
    end, mean = moisture_course(p, s, inflow, outdoor, removal, surface, source, dt_h)
    came_kg = 3600.0 * dt_h * (inflow * (outdoor - mean) + removal * (surface - mean) + source)
    turned_kg = 3600.0 * dt_h * ((inflow + removal) * 0.03 + abs(source)) + 2000.0 * 0.03
    assert 2000.0 * (end - start) == pytest.approx(came_kg, abs=1e-9 * turned_kg)


def test_a_ventilated_hall_comes_to_its_steady_humidity_by_the_exponential() -> None:
    """By hand: 900 kg/h through 1800 kg, 1.8 kg/h of water: rests at .004 + .002; one e-folding in two hours."""
    p, s = SimpleNamespace(dry_air_kg=1800.0), SimpleNamespace(humidity_kg_kg=0.008)
    end, _ = moisture_course(p, s, 900.0 / 3600.0, 0.004, 0.0, 0.0, 1.8 / 3600.0, 2.0)
    assert end == pytest.approx(0.006 + 0.002 / 2.718281828459045, rel=1e-12)
