"""Chillers: every published check from the shipped table, clamps, and what holds for any chiller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.physics import chillers as c
from twin.units import KW_PER_TON
from twin.yaml_source import load

CHECKS = "checks_chillers.csv"
DOCUMENT = load(Path(__file__).parent.parent.parent / "data" / "chillers.yaml")
SETS: Mapping[str, Any] = DOCUMENT.data
EIR = sorted(name for name, row in SETS.items() if row["kind"] == "eir")
REFORMULATED = sorted(name for name, row in SETS.items() if row["kind"] == "reformulated_eir")


def limits(name: str) -> tuple[float, ...]:
    """Range of a set as the functions take it."""
    row = SETS[name]
    more = row.get("part_load_condenser_range_c", ())
    return (*row["chilled_range_c"], *row["condenser_range_c"], *row["plr_range_frac"], *more)


def run(name: str, load_kw: float, te: float, tc: float, bounds: tuple[float, ...] | None = None) -> tuple[float, ...]:
    """Power, capacity and clamped count of an EIR set; 100 kW where it has no size of its own."""
    row = SETS[name]
    return c.chiller_power_kw(load_kw, te, tc, row["capacity_kw"] or 100.0, row["cop"], bounds or limits(name),
                              row["capft"], row["eirft"], row["eirfplr"])  # fmt: skip


def power_and_load(set: str, chilled_c: float, condenser_c: float, plr: float) -> tuple[float, float]:
    """Power and load at a check point; one published check stands .1 K outside its set's range, so it is widened."""
    low = np.minimum(limits(set)[::2], (chilled_c, condenser_c, plr))
    high = np.maximum(limits(set)[1::2], (chilled_c, condenser_c, plr))
    bounds = tuple(float(v) for pair in zip(low, high, strict=True) for v in pair)
    row = SETS[set]
    available = c.chiller_capacity_kw(chilled_c, condenser_c, row["capacity_kw"] or 100.0, bounds, row["capft"])
    power_kw, _, clamped = run(set, plr * available, chilled_c, condenser_c, bounds)
    assert clamped == 0.0
    return power_kw, plr * available


def _cop(**inputs: Any) -> float:
    power_kw, load_kw = power_and_load(**inputs)
    return load_kw / power_kw


QUANTITIES: dict[str, Callable[..., float]] = {
    "power_w": lambda **i: 1000.0 * power_and_load(**i)[0],
    "cop": _cop,
    "capacity_w": lambda **i: 1000.0 * power_and_load(**i, plr=1.0)[1],
    "raw_capft": lambda set, chilled_c, condenser_c: c.biquadratic(SETS[set]["capft"], chilled_c, condenser_c),
    "cop_of_kw_per_ton": lambda kw_per_ton: KW_PER_TON / kw_per_ton,
}


def test_a_chiller_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


def test_the_table_has_no_faults_and_the_sets_that_it_must_have() -> None:
    assert not DOCUMENT.faults
    assert len(EIR) >= 10
    assert len(REFORMULATED) >= 2
    assert {"York_YT_1023", "York_YCAL0033EE", "DOE2_centrifugal"} <= set(EIR)


@pytest.mark.parametrize("name", SETS)
def test_a_set_is_complete_and_near_one_at_its_reference_point(name: str) -> None:
    row = SETS[name]
    assert {"name", "kind", "condenser", "capacity_kw", "cop", "source", "note", "motor_efficiency_frac"} <= set(row)
    assert (len(row["capft"]), len(row["eirft"])) == (6, 6)
    low_te, high_te, low_tc, high_tc, low_plr, high_plr = limits(name)[:6]
    assert low_te <= row["chilled_c"] <= high_te
    assert low_tc <= row["condenser_c"] <= high_tc
    assert 0.0 < low_plr < 1.0 <= high_plr
    at = row["chilled_c"], row["condenser_c"]
    assert c.biquadratic(row["capft"], *at) == pytest.approx(1.0, abs=0.05)
    assert c.biquadratic(row["eirft"], *at) == pytest.approx(1.0, abs=0.03)
    full = c.quadratic(row["eirfplr"], 1.0) if name in EIR else c.bicubic(row["eirfplr"], row["condenser_c"], 1.0)
    assert full == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("name", SETS)
def test_normalising_makes_a_curve_one_at_its_reference_point(name: str) -> None:
    row = SETS[name]
    factor = c.normalisation(row["capft"], row["chilled_c"], row["condenser_c"])
    assert factor * c.biquadratic(row["capft"], row["chilled_c"], row["condenser_c"]) == pytest.approx(1.0)


def test_polynomials_have_their_terms_in_the_order_of_energyplus() -> None:
    x, y = 1.7, -0.6
    assert c.biquadratic((1, 2, 3, 4, 5, 6), x, y) == pytest.approx(1 + 2 * x + 3 * x**2 + 4 * y + 5 * y**2 + 6 * x * y)
    terms = (1, x, x**2, y, y**2, x * y, x**3, y**3, x**2 * y, x * y**2)
    assert c.bicubic(range(1, 11), x, y) == pytest.approx(sum(k * t for k, t in enumerate(terms, 1)))


@pytest.mark.parametrize("name", SETS)
def test_cop_falls_as_the_condenser_warms_at_equal_part_load(name: str) -> None:
    row = SETS[name]
    low_te, high_te, low_tc, high_tc = limits(name)[:4]
    for te in np.linspace(low_te, high_te, 5):
        energy = [c.biquadratic(row["eirft"], te, tc) for tc in np.linspace(low_tc, high_tc, 30)]
        assert np.all(np.diff(energy) > 0.0)


@pytest.mark.parametrize("name", EIR)
@given(load=st.floats(-1, 1e4), te=st.floats(-50, 80), tc=st.floats(-50, 120))
def test_any_load_and_temperature_gives_finite_power_and_clamps_are_counted(
    name: str, load: float, te: float, tc: float
) -> None:
    low_te, high_te, low_tc, high_tc, _, high_plr = limits(name)
    power_kw, available_kw, clamped = run(name, load, te, tc)
    assert 0.0 <= power_kw < 1e5
    assert available_kw > 0.0
    inside = low_te <= te <= high_te and low_tc <= tc <= high_tc and load <= high_plr * available_kw * (1 + 1e-9)
    assert clamped == (0.0 if inside or load <= 0.0 else 1.0)


@pytest.mark.parametrize("name", EIR)
def test_outside_its_range_a_chiller_is_that_of_the_nearest_point(name: str) -> None:
    low_te, high_te, low_tc, high_tc = limits(name)[:4]
    load_kw = 0.3 * (SETS[name]["capacity_kw"] or 100.0)
    assert run(name, load_kw, high_te + 9.0, low_tc - 9.0)[:2] == run(name, load_kw, high_te, low_tc)[:2]
    assert run(name, load_kw, low_te - 9.0, high_tc + 9.0)[:2] == run(name, load_kw, low_te, high_tc)[:2]


def test_below_its_lowest_part_load_a_chiller_cycles_at_constant_cop() -> None:
    _, available_kw, _ = run("York_YK_4396", 1.0, 6.67, 20.0)
    lowest = limits("York_YK_4396")[4]
    cops = [load / run("York_YK_4396", load, 6.67, 20.0)[0] for load in available_kw * lowest * np.array((0.1, 0.5, 1))]
    assert cops == pytest.approx([cops[0]] * 3, rel=1e-12)


def test_a_load_beyond_capacity_draws_the_power_of_full_load_and_is_counted() -> None:
    _, available_kw, _ = run("York_YT_1023", 1.0, 7.0, 24.0)
    most = limits("York_YT_1023")[5] * available_kw
    full = run("York_YT_1023", most, 7.0, 24.0)
    assert full[2] == 0.0
    assert run("York_YT_1023", 2.0 * most, 7.0, 24.0) == (full[0], full[1], 1.0)


def test_without_load_there_is_no_power() -> None:
    assert run("York_YT_1023", 0.0, 7.0, 24.0)[0] == 0.0


@given(scale=st.floats(0.1, 10), share=st.floats(0.1, 1), tc=st.floats(13, 35))
def test_twice_the_load_on_twice_the_chiller_draws_twice_the_power(scale: float, share: float, tc: float) -> None:
    row = SETS["York_YT_1023"]
    curves = (limits("York_YT_1023"), row["capft"], row["eirft"], row["eirfplr"])
    one = c.chiller_power_kw(share * 700.0, 7.0, tc, 1023.3, 5.81, *curves)
    many = c.chiller_power_kw(share * 700.0 * scale, 7.0, tc, 1023.3 * scale, 5.81, *curves)
    assert many[0] == pytest.approx(scale * one[0])


def warm(load_kw: float, te: float, tc: float) -> tuple[float, float, float, float]:
    """The Carnot-fraction model on York YT."""
    row = SETS["York_YT_1023"]
    return c.warm_chiller_power_kw(load_kw, te, tc, 1023.3, 5.81, limits("York_YT_1023"), row["capft"], row["eirft"],
                                   row["eirfplr"])  # fmt: skip


@given(te=st.floats(4.44, 8.89), tc=st.floats(12.78, 35), load=st.floats(10, 1200))
def test_the_warm_model_is_the_curve_model_inside_its_range(te: float, tc: float, load: float) -> None:
    assert warm(load, te, tc) == (*run("York_YT_1023", load, te, tc), 0.0)


def test_warmer_chilled_water_beyond_the_curves_saves_energy_as_carnot_does() -> None:
    at_edge = warm(600.0, 8.89, 28.0)
    beyond = warm(600.0, 18.0, 28.0)
    assert at_edge[0] / beyond[0] == pytest.approx(c.carnot_cop(18.0, 28.0) / c.carnot_cop(8.89, 28.0))
    assert beyond[1:] == (at_edge[1], 0.0, 1.0)
    powers = [warm(600.0, te, 28.0)[0] for te in np.linspace(8.89, 30.0, 50)]
    assert np.all(np.diff(powers) <= 0.0)


@given(te=st.floats(8.9, 45), tc=st.floats(13, 60), share=st.floats(0.1, 1))
def test_the_warm_model_keeps_its_share_of_carnot_up_to_facility_water_of_45_degc(
    te: float, tc: float, share: float
) -> None:
    load_kw = share * warm(1.0, te, tc)[1]
    fraction = load_kw / warm(load_kw, te, tc)[0] / c.carnot_cop(te, tc)
    edge_kw = warm(load_kw, 8.89, min(tc, 35.0))[0]
    assert fraction == pytest.approx(load_kw / edge_kw / c.carnot_cop(8.89, min(tc, 35.0)))
    assert warm(load_kw, te, tc + 1.0)[0] >= 0.0 < fraction
    assert warm(load_kw, te, tc)[3] == 1.0


def test_a_warm_chiller_without_load_is_neither_clamped_nor_extrapolated() -> None:
    assert warm(0.0, 30.0, 40.0)[::2] == (0.0, 0.0)
    assert warm(0.0, 30.0, 40.0)[3] == 0.0
    assert warm(5000.0, 30.0, 40.0)[2:] == (1.0, 1.0), "a load beyond its capacity counts apart"


@given(te=st.floats(-20, 60), tc=st.floats(-20, 80))
def test_carnot_never_runs_on_less_than_8_k_of_lift(te: float, tc: float) -> None:
    assert 0.0 < c.carnot_cop(te, tc) <= (te - 2.0 + 273.15) / 8.0 + 1e-12


@pytest.mark.parametrize("name", REFORMULATED)
@given(share=st.floats(0.15, 0.95), entering=st.floats(15, 30))
def test_the_reformulated_model_closes_its_condenser_balance(name: str, share: float, entering: float) -> None:
    row = SETS[name]
    size = row["capacity_kw"] or 1000.0
    flow = size / 4.5  # about 5 K over the condenser
    power_kw, available_kw, _, leaving_c = c.reformulated_power_kw(
        share * size, row["chilled_c"], entering, flow, size, row["cop"], 0.95, limits(name), row["capft"],
        row["eirft"], row["eirfplr"])  # fmt: skip
    heat_kw = min(share * size, limits(name)[5] * available_kw) + 0.95 * power_kw
    assert leaving_c == pytest.approx(entering + heat_kw / flow, abs=1e-6)
    assert 0.5 * row["cop"] < min(share * size, limits(name)[5] * available_kw) / power_kw < 4.0 * row["cop"]


def test_both_forms_of_one_chiller_agree_near_its_reference_point() -> None:
    load_kw = 1300.0
    power_kw = run("Carrier_19XR_1403_VSD", load_kw, 7.0, 17.0)[0]
    row = SETS["Carrier_19XR_1403_VSD_reformulated"]
    flow = 42.52 * 4.186  # its rated condenser flow, 42.52 kg/s
    other_kw = c.reformulated_power_kw(load_kw, 7.0, 17.0, flow, 1403.1, 7.09, 1.0,
                                       limits("Carrier_19XR_1403_VSD_reformulated"), row["capft"], row["eirft"],
                                       row["eirfplr"])[0]  # fmt: skip
    assert other_kw == pytest.approx(power_kw, rel=0.05)


def test_the_reformulated_model_without_load_or_flow_is_idle() -> None:
    row = SETS["ASHRAE_90_1_2019_WC_PD"]
    curves = (limits("ASHRAE_90_1_2019_WC_PD"), row["capft"], row["eirft"], row["eirfplr"])
    assert c.reformulated_power_kw(0.0, 7.0, 25.0, 200.0, 1000.0, 5.33, 1.0, *curves)[0] == 0.0
    assert c.reformulated_power_kw(500.0, 7.0, 25.0, 0.0, 1000.0, 5.33, 1.0, *curves)[3] == 25.0


def test_the_condenser_rejects_load_and_compressor_power() -> None:
    assert c.condenser_heat_kw(100.0, 20.0, 0.95) == pytest.approx(119.0)
