"""Lake and sea water: the harmonic of its temperature, the loop that it cools, and its pump."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.physics import natural_water as w

CHECKS = "checks_natural_water.csv"
QUANTITIES: dict[str, Callable[..., float]] = {
    "intake": lambda **i: float(w.intake_c(**i)),
    "supply": w.loop_supply_c,
    "flow": w.discharge_flow_kg_s,
    "pump": w.intake_pump_kw,
    "sea_cp": lambda t_c: w.SEA_WATER_CP_KJ_KG_K,
    "sea_density": lambda t_c: w.SEA_WATER_KG_M3,
}


def test_natural_water_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


def test_the_year_has_its_mean_its_amplitude_and_its_coldest_day() -> None:
    days = np.arange(0, 365, 0.25)
    year = w.intake_c(days, 11.0, 7.0, 50.0, -1.92)
    assert year.shape == days.shape
    assert year.mean() == pytest.approx(11.0, abs=1e-9)
    assert (year.min(), year.max()) == (pytest.approx(4.0, abs=1e-3), pytest.approx(18.0, abs=1e-3))
    assert days[year.argmin()] == 50.0


@given(day=st.floats(0, 365), mean=st.floats(0, 30), amplitude=st.floats(0, 20), coldest=st.floats(0, 365))
def test_water_is_periodic_and_never_colder_than_its_least(
    day: float, mean: float, amplitude: float, coldest: float
) -> None:
    t = float(w.intake_c(day, mean, amplitude, coldest, w.FREEZING_C["fresh"]))
    assert w.FREEZING_C["fresh"] <= t <= mean + amplitude + 1e-9
    assert float(w.intake_c(day + 365.0, mean, amplitude, coldest, w.FREEZING_C["fresh"])) == pytest.approx(t, abs=1e-9)


@given(heat=st.floats(0, 1e4), intake=st.floats(-2, 30), exchanger=st.floats(1, 500), more=st.floats(1, 5))
def test_the_loop_is_never_colder_than_the_water_that_cools_it(
    heat: float, intake: float, exchanger: float, more: float
) -> None:
    assert w.loop_supply_c(heat, intake, exchanger, more * exchanger) >= intake - 1e-9


def test_a_loop_at_rest_ends_in_a_number() -> None:
    assert math.isfinite(w.loop_supply_c(1000.0, 8.0, 0.0, 0.0))


@given(heat=st.floats(0, 1e5), rise=st.floats(0.5, 10))
def test_the_permitted_flow_carries_the_heat_at_the_rise(heat: float, rise: float) -> None:
    flow = w.discharge_flow_kg_s(heat, rise, w.SEA_WATER_CP_KJ_KG_K)
    assert flow * w.SEA_WATER_CP_KJ_KG_K * rise == pytest.approx(heat, rel=1e-12)


def test_less_flow_saves_friction_but_not_lift() -> None:
    full, half = (w.intake_pump_kw(0.06 * x, x, 998.0, 5.0, 100.0, 0.7) for x in (1.0, 0.5))
    lift = 0.06 * 998.0 * w.GRAVITY_M_S2 * 5.0 / 1000.0 / 0.7
    assert half == pytest.approx(0.5 * lift + 0.125 * (full - lift), rel=1e-12)
