"""The step is a matter of resolution: energy hardly depends on it."""

from __future__ import annotations

import functools

import pytest

from tests.engine.scenarios import SHIPPED, shipped
from twin.engine.simulate import simulate
from twin.studies.kpis import kpis


@functools.cache
def figures(name: str, step: str) -> dict[str, float]:
    return {k: m["value"] for k, m in kpis(simulate(shipped(name, f"run.step={step}"), keep="none")).items()}


@pytest.mark.parametrize("step", ["1h", "15min"])
@pytest.mark.parametrize("name", SHIPPED)
def test_energy_is_the_same_at_every_step(name: str, step: str) -> None:
    coarse, fine = figures(name, step), figures(name, "5min")
    assert coarse["facility_energy_kwh"] == pytest.approx(fine["facility_energy_kwh"], rel=0.002)
    assert coarse["cooling_energy_kwh"] == pytest.approx(fine["cooling_energy_kwh"], rel=0.01)
    assert coarse["water_use_m3"] == pytest.approx(fine["water_use_m3"], rel=0.01)
    assert coarse["energy_cost"] == pytest.approx(fine["energy_cost"], rel=0.002)


def test_free_cooling_hours_are_counted_in_hours_at_every_step() -> None:
    coarse, fine = figures("greensboro", "1h"), figures("greensboro", "5min")
    assert fine["free_cooling_h"] > 500
    assert coarse["free_cooling_h"] == pytest.approx(fine["free_cooling_h"], rel=0.02)


def test_a_constant_load_gives_the_same_energy_at_5_s_60_s_and_300_s() -> None:
    steady = [f"halls.{rack}.utilisation={{kind: constant, value_frac: .7}}"
              for rack in ("ai.rack_groups.gpu", "enterprise.rack_groups.web")]  # fmt: skip
    energy = [
        simulate(
            shipped("quickstart", f"run.step={step}", "run.start=2025-07-01", "run.duration=6h", *steady), keep="none"
        )
        for step in ("5s", "1min", "5min")
    ]
    fine, minute, five = (float(ds["total"].sel(output="grid.meter.import_kw")[0]) for ds in energy)
    assert minute == pytest.approx(fine, rel=1e-5)
    assert five == pytest.approx(fine, rel=1e-5)
