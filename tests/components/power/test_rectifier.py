"""Rectifiers and standby generators in a run: efficiency by load, staging, heaters and chargers."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from tests.engine.scenarios import shipped
from twin.engine.simulate import simulate
from twin.studies.kpis import kpis

HOUR = ("run.start=2025-07-07", "run.duration=1h", "run.warmup_h=30")
PATH = "power.rectifiers"


def run(*overrides: str) -> xr.Dataset:
    return simulate(shipped("technologies/dc_380", *HOUR, *overrides))


def at_load(load_frac: float) -> xr.Dataset:
    """One hour with all modules on, sized so that they carry this share of their rating."""
    all_on = f"{PATH}.staging_load_frac=0"
    output_kw = float(run(all_on)[f"{PATH}.output_kw"].values[0, 0])
    return run(all_on, f"{PATH}.modules_count=100", f"{PATH}.module_kw={output_kw / load_frac / 100!r}")


# 80 PLUS Titanium, 230 V internal redundant: efficiency by load
@pytest.mark.parametrize(("load", "efficiency"), [(0.1, 0.90), (0.2, 0.94), (0.5, 0.96), (1.0, 0.91)])
def test_a_rectifier_has_the_efficiency_of_its_curve(load: float, efficiency: float) -> None:
    ds = at_load(load)
    assert float(ds[f"{PATH}.load_frac"].values[0, 0]) == pytest.approx(load, rel=2e-3)
    ratio = ds[f"{PATH}.output_kw"].values / ds[f"{PATH}.input_kw"].values
    np.testing.assert_allclose(ratio, efficiency, atol=1e-3)
    np.testing.assert_array_equal(ds[f"{PATH}.modules_used_count"].values, 100.0)


def test_staging_keeps_few_modules_near_their_best() -> None:
    many = f"{PATH}.modules_count=500"
    staged, all_on = run(many), run(many, f"{PATH}.staging_load_frac=0")
    used = float(staged[f"{PATH}.modules_used_count"].values[0, 0])
    output_kw = float(staged[f"{PATH}.output_kw"].values[0, 0])
    assert used == np.ceil(output_kw / (0.5 * 15))
    assert float(staged[f"{PATH}.loss_kw"].values[0, 0]) < 0.75 * float(all_on[f"{PATH}.loss_kw"].values[0, 0])


def test_the_loss_of_rectifiers_is_a_loss_of_the_power_chain() -> None:
    figures = {name: metric["value"] for name, metric in kpis(run()).items()}
    parts = ("pdu", "panel", "rectifier", "transformer")
    assert figures["power_chain_loss_kwh"] == pytest.approx(sum(figures[f"{part}_loss_kwh"] for part in parts))
    assert figures["rectifier_loss_kwh"] > 20.0
    assert figures["energy_balance_residual_frac"] < 1e-9


def test_a_load_beyond_all_modules_is_told() -> None:
    assert kpis(run(f"{PATH}.modules_count=40"))["power_overload_kw"]["value"] > 100.0


def test_standby_generators_draw_their_share_of_rating_where_they_are_kept_warm() -> None:
    name = "technologies/standby_generators"
    half = "loads.generators.kept_warm={kind: constant, value_frac: 0.5}"
    full, less, none = (
        simulate(shipped(site, *HOUR, *changes)) for site, changes in ((name, ()), (name, (half,)), ("quickstart", ()))
    )
    np.testing.assert_allclose(full["loads.generators.power_kw"], 2 * 2000 * 0.002, rtol=1e-12)
    np.testing.assert_allclose(less["loads.generators.power_kw"], 4.0, rtol=1e-12)
    more_kw = (full["power.mechanical.output_kw"] - none["power.mechanical.output_kw"]).values
    np.testing.assert_allclose(more_kw, 8.0, atol=0.01)  # and what the warmer panel room adds
    assert kpis(full)["auxiliary_energy_kwh"]["value"] == pytest.approx(12.0 + 8.0)
