"""UPS whose efficiency is stated instead of a loss curve."""

from __future__ import annotations

import pytest

from tests.engine.scenarios import shipped
from twin.components.power.ups import Ups
from twin.engine.simulate import simulate


@pytest.mark.parametrize("redundancy", ["N", "2N"])
@pytest.mark.parametrize("utilisation", [0.1, 0.9])
def test_a_stated_efficiency_holds_at_any_load(redundancy: str, utilisation: float) -> None:
    load = f"halls.ai.rack_groups.gpu.utilisation={{kind: constant, value_frac: {utilisation}}}"
    ups = ("power.ups.efficiency_frac=0.87", f"power.ups.redundancy={redundancy}")
    found = simulate(shipped("quickstart", "run.duration=1d", load, *ups))
    output, drawn = (found[f"power.ups.{name}_kw"].values for name in ("output", "input"))
    assert (output > 0).all()
    assert output / drawn == pytest.approx(0.87, rel=1e-12)


def test_without_one_the_loss_curve_counts() -> None:
    ups = Ups(kind="ups", module_kw=250, modules_count=4, losses="modern")
    assert ups.rating() == (1250, 0.0085, 0.0102, 0.0125)  # checks_losses.csv, modern double conversion
