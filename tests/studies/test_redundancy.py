"""The price of redundancy: what is told from sums is what a run without the redundant units loses."""

from __future__ import annotations

import pytest
import xarray as xr

from tests.engine.scenarios import shipped
from twin.engine.simulate import simulate
from twin.studies.kpis import kpis
from twin.studies.redundancy import redundancy

DAYS = ("run.start=2025-07-07", "run.duration=2d")
NAME = "technologies/ups_batteries"


def run(*overrides: str, name: str = NAME) -> xr.Dataset:
    return simulate(shipped(name, *DAYS, *overrides))


@pytest.mark.parametrize("device", ["pdu_enterprise", "pdu_ai", "ups_enterprise", "ups"])
def test_the_losses_with_the_units_needed_are_those_of_a_run_with_them(device: str) -> None:
    told = redundancy(run())[device]
    alone = redundancy(run(f"power.{device}.redundancy=N"))[device]
    assert told.needed_loss_kwh == pytest.approx(alone.loss_kwh, rel=1e-9)
    assert alone.price_kwh == 0.0
    assert told.price_kwh != 0.0


@pytest.mark.parametrize(("redundancy_word", "installed"), [("N", 2), ("N+1", 3), ("2N", 4)])
@pytest.mark.parametrize("path", ["main", "pdu_enterprise"])
def test_redundant_units_share_the_load_and_each_loses_without_load(
    path: str, redundancy_word: str, installed: int
) -> None:
    """Coefficients of DOE 2016 at 1000 kVA (checks_losses.csv, transformer_nll and _ll), and a PDU's .25 and 1.25 %."""
    rated, no_load, square = {"main": (1000, 0.00126914, 0.0103603), "pdu_enterprise": (250, 0.0025, 0.0125)}[path]
    ds = run(f"power.{path}.redundancy={redundancy_word}")
    output = ds[f"power.{path}.output_kw"].values
    share = output / (installed * rated)
    loss = installed * rated * (no_load + square * share * share)
    assert ds[f"power.{path}.load_frac"].values == pytest.approx(share, rel=1e-12)
    assert ds[f"power.{path}.loss_kw"].values == pytest.approx(loss, rel=1e-5)


def test_a_rectifier_with_two_feeds_stages_each_of_them() -> None:
    path, name = "power.rectifiers", "technologies/dc_380"
    two, one = (
        run(f"{path}.redundancy=2N", f"{path}.staging_load_frac=0", name=name),
        run(f"{path}.modules_count=380", f"{path}.staging_load_frac=0", name=name),
    )
    assert two[f"{path}.loss_kw"].values == pytest.approx(one[f"{path}.loss_kw"].values, rel=1e-9)
    staged = run(f"{path}.redundancy=2N", name=name)[f"{path}.modules_used_count"].values
    assert set((staged % 2).ravel()) == {0.0}
    assert staged.max() < 380
    assert "rectifiers" not in redundancy(two)


def test_two_feeds_cost_energy_at_low_load_and_save_it_near_full_load() -> None:
    """2N is worth its no-load loss where a0 R < a2 L²/(2 R): PDU of .25 and 1.25 %, above 63 % load of N."""
    big, small = (redundancy(run(f"power.pdu_ai.rated_kw={kw}"))["pdu_ai"].price_kwh for kw in (4000, 850))
    assert big > 0 > small


def test_the_price_is_a_figure_of_all_redundant_devices() -> None:
    ds = run()
    told = redundancy(ds)
    price = kpis(ds)["redundancy_loss_kwh"]["value"]
    assert price == pytest.approx(sum(one.price_kwh for one in told.values()), rel=1e-12)
    assert told["mechanical"].price_kwh == 0.0
    assert 0 < told["ups"].mean_load_frac < told["ups"].peak_load_frac < 1
    plain = ("power.ups.redundancy=N",)
    assert "redundancy_loss_kwh" not in kpis(run(*plain, name="quickstart"))
