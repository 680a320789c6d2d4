"""Economizers that are not integrated: free cooling alone, or chillers alone."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from tests.engine.scenarios import shipped
from twin.engine.simulate import simulate

ALONE = "plants.main.economizer.integrated=false"
SITES = ("greensboro", "technologies/air_cooled_free_cooling")


def total(ds: xr.Dataset, name: str) -> float:
    return float(ds["total"].sel(output=f"plants.main.{name}").values[0])


def chiller_kwh(ds: xr.Dataset) -> float:
    names = [str(n) for n in ds["output"].values if ".chillers." in str(n) and str(n).endswith(".power_kw")]
    return float(ds["total"].sel(output=names).sum())


@pytest.fixture(scope="module", params=SITES)
def pair(request: pytest.FixtureRequest) -> tuple[xr.Dataset, xr.Dataset]:
    return simulate(shipped(request.param)), simulate(shipped(request.param, ALONE))


def test_free_cooling_and_chillers_never_run_together(pair: tuple[xr.Dataset, xr.Dataset]) -> None:
    both, alone = pair
    assert total(both, "partial_mode") > 500
    assert total(alone, "partial_mode") == 0
    assert total(alone, "free_mode") > 500


def test_without_integration_free_cooling_runs_less_and_chillers_more(pair: tuple[xr.Dataset, xr.Dataset]) -> None:
    both, alone = pair
    assert total(alone, "free_kw") < total(both, "free_kw")
    assert chiller_kwh(alone) > chiller_kwh(both)


def test_free_cooling_alone_holds_the_water_as_chillers_do(pair: tuple[xr.Dataset, xr.Dataset]) -> None:
    both, alone = pair
    excess = alone["plants.main.excess_k"].values
    assert excess.max() < both["plants.main.excess_k"].values.max() + 2.0
    assert total(alone, "unsolved_count") == 0
    assert np.abs(alone["residual_kwh"].values).max() < 1e-9 * float(
        alone["total"].sel(output="grid.meter.import_kw")[0]
    )


def test_with_towers_reckoned_too_good_free_cooling_is_given_up_as_soon_as_the_water_is_warm() -> None:
    ds = simulate(shipped("greensboro", ALONE, "plants.main.economizer.tower_approach_k=0.5", "run.step=1min",
                          "run.start=2025-03-01", "run.duration=7d"))  # fmt: skip
    on, excess = ds["plants.main.economizer.on_frac"].values[0], ds["plants.main.excess_k"].values[0]
    assert excess.max() > 1.0, "the case does not try it"
    given_up = (excess[:-1] > 1.0) & (on[:-1] > 0.5)
    assert given_up.sum() > 3
    assert not on[1:][given_up].any()
    assert ds["plants.main.free_kw"].values[0][on > 0.5].min() > 0.0
