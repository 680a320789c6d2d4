"""Heat reuse: Lorenz COP by hand, balances of the heat pump, and the share that is warm enough."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from twin.physics import heat_pumps as h

CHECKS = "checks_heat_pumps.csv"
QUANTITIES: dict[str, Callable[..., float]] = {
    "mean_k": h.mean_temperature_k,
    "lorenz": h.lorenz_cop,
    "cop": h.heat_pump_cop,
    "electricity": lambda **i: h.heat_pump_from_source(**i)[0],
    "direct": h.direct_share_frac,
}
SOURCE = st.floats(4, 60)
SINK = st.floats(20, 95)


def test_heat_reuse_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


@given(first=st.floats(-45, 120), second=st.floats(-45, 120))
def test_the_mean_temperature_carries_the_entropy_of_the_stream(first: float, second: float) -> None:
    mean = h.mean_temperature_k(first, second)
    low, high = sorted((first + 273.15, second + 273.15))
    assert low - 1e-6 <= mean <= high + 1e-6
    if high - low > 1.0:
        assert mean == pytest.approx((high - low) / quad(lambda t: 1.0 / t, low, high)[0], rel=1e-9)


def test_the_mean_passes_smoothly_to_equal_temperatures() -> None:
    for apart in (1e-3, 1e-5, 1e-7, 1e-9, 0.0):
        assert h.mean_temperature_k(40.0, 40.0 + apart) == pytest.approx(313.15 + 0.5 * apart, abs=1e-6)


@given(sink_in=SINK, lift=st.floats(0, 40), hot=SOURCE, cooled=st.floats(0, 15), efficiency=st.floats(0.3, 0.7))
def test_a_warmer_source_and_a_colder_sink_raise_the_cop(
    sink_in: float, lift: float, hot: float, cooled: float, efficiency: float
) -> None:
    def cop(sink: float, source: float) -> float:
        return h.heat_pump_cop(sink, sink + lift, source, source - cooled, efficiency)

    here = cop(sink_in, hot)
    assert 1.0 <= here < 80.0
    assert cop(sink_in, hot + 1.0) >= here - 1e-9
    assert cop(sink_in + 1.0, hot) <= here * (1.0 + 0.01)


@given(sink=st.floats(30, 95), source=SOURCE)
def test_with_streams_that_keep_their_temperature_lorenz_is_carnot(sink: float, source: float) -> None:
    carnot = (sink + 273.15) / max(sink - source, h.LEAST_LIFT_K)
    assert h.lorenz_cop(sink, sink, source, source) == pytest.approx(carnot, rel=1e-9)


@given(heat=st.floats(0, 1e5), cop=st.floats(1.01, 20))
def test_sink_is_source_and_electricity(heat: float, cop: float) -> None:
    electricity, sink = h.heat_pump_from_source(heat, cop)
    assert sink == pytest.approx(heat + electricity, rel=1e-12)
    assert sink == pytest.approx(electricity * cop, rel=1e-9)
    again, taken = h.heat_pump_for_sink(sink, cop)
    assert (again, taken) == (pytest.approx(electricity, rel=1e-9), pytest.approx(heat, rel=1e-6, abs=1e-6))


def test_a_machine_without_gain_takes_no_heat() -> None:
    assert h.heat_pump_from_source(800.0, 1.0) == (0.0, 0.0)
    assert h.heat_pump_for_sink(800.0, 1.0) == (800.0, 0.0)


@given(hot=SOURCE, cooled=st.floats(0, 30), back=SINK, need=SINK, pinch=st.floats(0, 8))
def test_the_direct_share_is_a_fraction_and_falls_with_what_the_network_needs(
    hot: float, cooled: float, back: float, need: float, pinch: float
) -> None:
    share = h.direct_share_frac(hot, hot - cooled, back, need, pinch)
    assert 0.0 <= share <= 1.0
    assert h.direct_share_frac(hot, hot - cooled, back + 1.0, need, pinch) <= share
    assert h.direct_share_frac(hot, hot - cooled, back, need + 1.0, pinch) <= share


def test_frontier_waste_heat_is_too_cool_for_a_district_network_but_warms_a_floor() -> None:
    assert h.direct_share_frac(38.0, 30.0, 45.0, 70.0, 3.0) == 0.0
    assert h.direct_share_frac(38.0, 30.0, 25.0, 33.0, 3.0) == 1.0


@given(heat=st.floats(0, 1e4), share=st.floats(0, 1), demand=st.floats(0, 1e4))
def test_reuse_exceeds_neither_heat_nor_demand(heat: float, share: float, demand: float) -> None:
    assert 0.0 <= h.reused_kw(heat, share, demand) <= min(heat, demand) + 1e-9


def test_a_missing_temperature_stays_missing() -> None:
    assert math.isnan(h.mean_temperature_k(math.nan, 20.0))
