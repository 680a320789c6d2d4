"""Effectiveness against the ht library, conductance away from design, and the coil with its valve."""

from __future__ import annotations

import math
from typing import Any

import ht
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.physics import exchangers as x

CHECKS = "checks_exchangers.csv"
EFFECTIVENESS = {
    "counterflow": x.effectiveness_counterflow,
    "parallel": x.effectiveness_parallel,
    "crossflow": x.effectiveness_crossflow,
}
NTU = st.floats(0, 50)
RATIO = st.floats(0, 1)


def test_effectiveness_has_its_reference_value(check: Any) -> None:
    assert check.holds(EFFECTIVENESS[check.quantity](check.inputs["ntu"], check.inputs["capacity_ratio"]))


@pytest.mark.parametrize(("kind", "rival"), [("counterflow", "counterflow"), ("parallel", "parallel")])
def test_effectiveness_agrees_with_ht(kind: str, rival: str) -> None:
    for ntu in np.geomspace(1e-3, 30, 40):
        for ratio in (1e-6, 0.1, 0.5, 0.9, 0.999, 1.0):
            expected = ht.effectiveness_from_NTU(ntu, ratio, subtype=rival)
            assert EFFECTIVENESS[kind](ntu, ratio) == pytest.approx(expected, rel=1e-9)


def test_crossflow_agrees_with_the_approximation_of_ht() -> None:
    for ntu in np.geomspace(1e-2, 10, 20):
        for ratio in (0.1, 0.5, 1.0):
            expected = ht.effectiveness_from_NTU(ntu, ratio, subtype="crossflow approximate")
            assert x.effectiveness_crossflow(ntu, ratio) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("kind", EFFECTIVENESS)
@given(ntu=NTU, ratio=RATIO, more=st.floats(1e-3, 5))
def test_effectiveness_is_a_fraction_and_grows_with_ntu(kind: str, ntu: float, ratio: float, more: float) -> None:
    f = EFFECTIVENESS[kind]
    assert 0.0 <= f(ntu, ratio) <= f(ntu + more, ratio) + 1e-12 <= 1.0 + 2e-12


@given(ntu=st.floats(1e-3, 20), ratio=RATIO)
def test_counterflow_beats_crossflow_beats_parallel(ntu: float, ratio: float) -> None:
    counter, cross, parallel = (EFFECTIVENESS[k](ntu, ratio) for k in ("counterflow", "crossflow", "parallel"))
    assert counter >= cross - 0.01  # the crossflow form is an approximation
    assert counter >= parallel - 1e-12


@given(ntu=st.floats(1e-3, 15), ratio=RATIO)
def test_ntu_inverts_the_counterflow_effectiveness(ntu: float, ratio: float) -> None:
    effectiveness = x.effectiveness_counterflow(ntu, ratio)
    back = x.effectiveness_counterflow(x.ntu_counterflow(effectiveness, ratio), ratio)
    assert back == pytest.approx(effectiveness, rel=1e-9)


def test_an_effectiveness_that_no_exchanger_has_gives_the_ends_of_the_ntu_range() -> None:
    assert x.ntu_counterflow(1.5, 0.5) == x.LARGEST_NTU
    assert x.ntu_counterflow(-1.0, 0.5) == 0.0


@pytest.mark.parametrize("heat", [x.counterflow_heat_kw, x.crossflow_heat_kw])
def test_heat_never_exceeds_what_the_lesser_stream_can_carry(heat: Any) -> None:
    assert heat(1e6, 10.0, 20.0, 35.0, 10.0) == pytest.approx(250.0)
    assert heat(1e6, 20.0, 10.0, 35.0, 10.0) == pytest.approx(250.0)
    assert heat(10.0, 0.0, 20.0, 35.0, 10.0) == 0.0
    assert heat(10.0, 10.0, 20.0, 10.0, 35.0) < 0.0


def _valve(heat_kw: float, valve: float, guess: float, coil: tuple[float, ...]) -> tuple[float, float, float]:
    air, water_c, full, ua, flow = coil
    return x.coil_water_flow_for_heat(heat_kw, air, 35.0, water_c, full, ua, flow, 0.6, 0.8, 0.85, guess)


COIL = st.tuples(st.floats(1, 100), st.floats(4, 30), st.floats(1, 200), st.floats(1, 300), st.floats(0.1, 1.1))


def _heat(valve: float, coil: tuple[float, ...]) -> float:
    air, water_c, full, ua, flow = coil
    return x.coil_heat_kw(valve, air, 35.0, water_c, full, ua, 0.6 * flow**-0.8, 0.6, 0.85)


@settings(max_examples=500)
@given(valve=st.floats(0.03, 1.0), guess=st.floats(0, 1), coil=COIL)
def test_the_valve_delivers_the_heat_asked_for(valve: float, guess: float, coil: tuple[float, ...]) -> None:
    asked = _heat(valve, coil)
    found, heat_kw, water_out_c = _valve(asked, valve, guess, coil)
    assert heat_kw == pytest.approx(asked, rel=1e-12)
    assert _heat(found, coil) == pytest.approx(asked, rel=2e-5)
    assert found * coil[2] * (water_out_c - coil[1]) == pytest.approx(heat_kw, rel=1e-9)
    assert 0.0 < found <= 1.0


def test_the_valve_is_exact_to_1e_7_over_ordinary_coils() -> None:
    rng = np.random.default_rng(1)
    worst = 0.0
    for _ in range(3000):
        air = rng.uniform(5, 50)
        coil = (air, rng.uniform(6, 24), air * rng.uniform(0.5, 3), air * rng.uniform(0.5, 3), rng.uniform(0.3, 1))
        asked = _heat(rng.uniform(0.05, 1), coil)
        worst = max(worst, abs(_heat(_valve(asked, 0.0, rng.uniform(0, 1), coil)[0], coil) / asked - 1.0))
    assert worst < 1e-7


@given(coil=COIL, more=st.floats(1.001, 50), guess=st.floats(0, 1))
def test_a_coil_that_is_too_small_opens_its_valve(coil: tuple[float, ...], more: float, guess: float) -> None:
    most = _heat(1.0, coil)
    valve, heat_kw, water_out_c = _valve(most * more, 1.0, guess, coil)
    assert valve == 1.0
    assert heat_kw == pytest.approx(most, rel=1e-9)
    assert water_out_c == pytest.approx(coil[1] + most / coil[2])


@pytest.mark.parametrize(
    "change", [{"heat_kw": 0.0}, {"air_kw_per_k": 0.0}, {"water_in_c": 40.0}, {"water_full": 0.0}, {"air_frac": 0.0}]
)
def test_without_heat_flow_or_cold_water_the_valve_is_shut(change: dict[str, float]) -> None:
    p = {"heat_kw": 50.0, "air_kw_per_k": 10.0, "water_in_c": 10.0, "water_full": 20.0, "air_frac": 1.0} | change
    valve = x.coil_water_flow_for_heat(p["heat_kw"], p["air_kw_per_k"], 35.0, p["water_in_c"], p["water_full"], 15.0,
                                       p["air_frac"], 0.6, 0.8, 0.85, 0.5)  # fmt: skip
    assert valve == (0.0, 0.0, p["water_in_c"])


def test_more_heat_never_needs_less_water() -> None:
    valves = [_valve(q, 0.0, 0.5, (10.0, 10.0, 20.0, 15.0, 0.8))[0] for q in np.linspace(1, 250, 400)]
    assert np.all(np.diff(valves) >= -1e-12)
    assert valves[-1] == 1.0


def test_a_missing_number_stays_missing() -> None:
    assert math.isnan(x.effectiveness_counterflow(math.nan, 0.5))
    assert math.isnan(x.coil_water_flow_for_heat(math.nan, 10.0, 35.0, 10.0, 20.0, 15.0, 1.0, 0.6, 0.8, 0.85, 0.5)[1])


@pytest.mark.parametrize(("hot", "cold"), [(10.0, 20.0), (20.0, 10.0), (15.0, 15.0)])
def test_an_exchanger_made_for_a_design_point_carries_its_heat_there(hot: float, cold: float) -> None:
    effectiveness, conductance = x.design_exchanger(120.0, hot, cold, 25.0)
    assert effectiveness == pytest.approx(120.0 / (min(hot, cold) * 25.0), rel=1e-12)
    assert x.counterflow_heat_kw(conductance, hot, cold, 35.0, 10.0) == pytest.approx(120.0, rel=1e-12)


def test_a_design_point_beyond_what_can_be_built_gets_the_best_exchanger() -> None:
    effectiveness, conductance = x.design_exchanger(1000.0, 10.0, 20.0, 25.0)
    assert effectiveness == x.BEST_EXCHANGER_FRAC < x.design_effectiveness_frac(1000.0, 10.0, 20.0, 25.0)
    assert x.counterflow_heat_kw(conductance, 10.0, 20.0, 35.0, 10.0) == pytest.approx(0.98 * 250.0, rel=1e-12)
