"""Losses of the power chain: coefficients against published efficiencies, and the chain of Frontier in closed form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.physics import losses

CHECKS = "checks_losses.csv"


def node_w(cpu: float, gpu: float) -> float:
    """Power of a Frontier node: 1 CPU, 4 GPUs, memory, 4 network cards and 2 drives (ExaDigiT RAPS)."""
    return 90.0 + 190.0 * cpu + 4.0 * (88.0 + 472.0 * gpu) + 74.26 + 4.0 * 20.0 + 2.0 * 15.0


def system_w(cpu: float, gpu: float, rectifiers: float = 4.0) -> float:
    """Power of 74 racks of 8 chassis with 16 nodes and 4 switches each, and 25 cooling units."""
    blades = 16.0 * losses.converter_input(node_w(cpu, gpu), 13.0, 0.98) + 4.0 * 250.0
    chassis = rectifiers * losses.converter_input(blades / rectifiers, 17.0, 0.96)
    return chassis * 8.0 * 74.0 + 25.0 * 8473.47


def loss_w(cpu: float, gpu: float) -> float:
    """Loss of converters and rectifiers of the whole system."""
    return system_w(cpu, gpu) - 25.0 * 8473.47 - 74.0 * 8.0 * (16.0 * node_w(cpu, gpu) + 1000.0)


def transformer(efficiency: float, at: float) -> tuple[float, float]:
    """No-load and load losses."""
    return losses.transformer_losses_frac(efficiency, at)


QUANTITIES: dict[str, Callable[..., float]] = {
    "frontier_node_w": node_w,
    "sivoc_w": lambda output: losses.converter_input(output, 13.0, 0.98),
    "frontier_system_w": system_w,
    "frontier_loss_w": loss_w,
    "frontier_staged_w": lambda rectifiers: system_w(0.0, 0.0, rectifiers),
    "ups_efficiency": lambda **i: losses.efficiency_frac(i["load_frac"], *losses.UPS_COEFFICIENTS[i["set"]]),
    "ups_input_ratio": lambda **i: (
        losses.input_kw(i["load_frac"] * 800.0, 800.0, *losses.UPS_COEFFICIENTS[i["set"]]) / (i["load_frac"] * 800.0)
    ),
    "doe_2016": losses.doe_2016_efficiency_frac,
    "transformer_nll": lambda **i: transformer(**i)[0],
    "transformer_ll": lambda **i: transformer(**i)[1],
    "transformer_full_load": lambda **i: losses.efficiency_frac(1.0, transformer(**i)[0], 0.0, transformer(**i)[1]),
}
SETS = st.sampled_from(sorted(losses.UPS_COEFFICIENTS))


def test_a_loss_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


def test_frontier_is_a_three_coefficient_converter_too() -> None:
    a0, a1 = 13.0 / 0.98 / 2700.0, 1.0 / 0.98 - 1.0
    assert losses.input_kw(626.26, 2700.0, a0, a1, 0.0) == pytest.approx(losses.converter_input(626.26, 13.0, 0.98))


@given(low=st.floats(0, 1.2), high=st.floats(0, 1.2), name=SETS)
def test_loss_and_input_grow_with_load(low: float, high: float, name: str) -> None:
    c = losses.UPS_COEFFICIENTS[name]
    low, high = min(low, high), max(low, high)
    assert losses.three_coefficient_loss_frac(low, *c) <= losses.three_coefficient_loss_frac(high, *c)
    assert losses.input_kw(high, 1.0, *c) > high


@given(load=st.floats(1e-3, 1), name=SETS)
def test_efficiency_is_output_over_input(load: float, name: str) -> None:
    c = losses.UPS_COEFFICIENTS[name]
    assert losses.efficiency_frac(load, *c) == pytest.approx(load * 50.0 / losses.input_kw(load * 50.0, 50.0, *c))


def test_efficiency_without_load_is_zero_while_the_no_load_loss_is_drawn() -> None:
    assert losses.efficiency_frac(0.0, 0.0085, 0.0102, 0.0125) == 0.0
    assert losses.efficiency_frac(0.0, 0.0, 0.0, 0.0) == 0.0
    assert losses.input_kw(0.0, 100.0, 0.0085, 0.0102, 0.0125) == pytest.approx(0.85)


@pytest.mark.parametrize(("kva", "efficiency"), losses.TRANSFORMER_EFFICIENCY.items())
def test_a_transformer_is_most_efficient_at_35_percent_load(kva: float, efficiency: float) -> None:
    no_load, load = losses.transformer_losses_frac(efficiency, losses.TRANSFORMER_LOAD_FRAC)
    at = {x: losses.efficiency_frac(x, no_load, 0.0, load) for x in (0.30, 0.35, 0.40)}
    assert at[0.35] == pytest.approx(efficiency, rel=1e-12), kva
    assert max(at, key=at.__getitem__) == 0.35


@given(load=st.floats(0.01, 0.5))
def test_twice_the_modules_lose_more_below_half_load(load: float) -> None:
    for c in losses.UPS_COEFFICIENTS.values():
        one, two = losses.input_kw(load, 1.0, *c), 2.0 * losses.input_kw(0.5 * load, 1.0, *c)
        assert (two > one) == (2.0 * c[0] - c[0] > 0.5 * c[2] * load * load)
