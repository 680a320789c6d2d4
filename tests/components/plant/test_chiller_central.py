"""Chilled water of a central plant: power for heat, several exchangers, outages, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from tests.engine.scenarios import shipped
from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.studies.kpis import kpis

SITE, TRIM = "sites/summit", "plants.mtw.chillers.trim"
WARM = ("run.start=2025-07-14", "run.duration=4d")


def run(*overrides: str) -> xr.Dataset:
    return simulate(shipped(SITE, *WARM, *overrides))


def values(ds: xr.Dataset, name: str) -> np.ndarray:
    return ds[name].values[0]


def test_its_power_is_heat_over_the_stated_efficiency_and_its_heat_leaves_the_loop() -> None:
    ds = run(f"{TRIM}.plant_cop=5")
    heat = values(ds, f"{TRIM}.cooling_kw")
    assert heat.max() > 1000
    np.testing.assert_allclose(values(ds, f"{TRIM}.power_kw"), heat / 5, rtol=1e-12)
    np.testing.assert_allclose(values(ds, "plants.mtw.removed_kw"), heat + values(ds, "plants.mtw.free_kw"), rtol=1e-12)
    figures = kpis(ds)
    assert figures["chiller_energy_kwh"]["value"] == pytest.approx(heat.sum() / 5, rel=1e-9)
    assert figures["energy_balance_residual_frac"]["value"] < 1e-9


def test_the_efficiency_changes_its_power_and_nothing_else() -> None:
    poor, good = run(f"{TRIM}.plant_cop=3"), run(f"{TRIM}.plant_cop=6")
    np.testing.assert_array_equal(values(poor, f"{TRIM}.cooling_kw"), values(good, f"{TRIM}.cooling_kw"))
    np.testing.assert_allclose(values(poor, f"{TRIM}.power_kw"), 2 * values(good, f"{TRIM}.power_kw"), rtol=1e-12)


def test_two_exchangers_share_what_one_would_carry() -> None:
    halves = "{one: {kind: central_plant, rated_kw: 1500, plant_cop: 4.4}, two: {kind: central_plant, rated_kw: 7300, "
    ds = run("plants.mtw.chillers.trim=null", f"plants.mtw.chillers={halves}plant_cop: 4.4}}}}")
    one, two = (values(ds, f"plants.mtw.chillers.{name}.cooling_kw") for name in ("one", "two"))
    both = two > 0
    assert both.any()
    assert (one[~both] > 0).any()
    np.testing.assert_allclose(one[both] / 1500, two[both] / 7300, rtol=1e-9)
    np.testing.assert_allclose(one + two, values(run(), f"{TRIM}.cooling_kw"), rtol=1e-6, atol=1e-6)


def test_without_it_the_loop_warms_to_what_the_towers_can_hold() -> None:
    outage = "{kind: outages, outages: [{at: '2025-07-15 12:00', duration_h: 6}]}"
    ds = run(f"{TRIM}.availability={outage}")
    out = values(ds, f"{TRIM}.capacity_kw") == 0.0
    assert out.sum() == 6
    assert not values(ds, f"{TRIM}.power_kw")[out].any()
    supply = values(ds, "plants.mtw.supply_c")
    assert supply[out].max() > 22.0
    np.testing.assert_allclose(supply[~out].min(), 21.6, atol=1e-6)


@pytest.mark.parametrize(("change", "message"), [
    (f"{TRIM}.plant_cop=1", "plant_cop: must be >= 1.5, got 1"),
    (f"{TRIM}.rated_kw=100", "plants.mtw.chillers"),
    (f"{TRIM}.kind=central", "central_plant"),
])  # fmt: skip
def test_what_cannot_be_is_refused_by_name(change: str, message: str) -> None:
    small = ("plants.mtw.economizer.capacity_kw=100",) if "rated_kw" in change else ()
    with pytest.raises(InputError) as refused:
        shipped(SITE, change, *small)
    assert message in str(refused.value)
