"""Generators in test runs: fuel by the map, litres, hours, heaters that are off meanwhile."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from tests.engine.scenarios import shipped
from twin.engine.simulate import simulate
from twin.studies.kpis import kpis

NAME = "technologies/generator_running"
PATH = "loads.generators"
MONTH = ("run.start=2025-03-01", "run.duration=31d", "run.warmup_h=6")
TYPICAL = f"{PATH}.efficiency_frac=[0.32, 0.38, 0.40, 0.40]"


def run(*overrides: str) -> xr.Dataset:
    return simulate(shipped(NAME, *MONTH, *overrides))


def figures(*overrides: str) -> dict[str, float]:
    return {name: metric["value"] for name, metric in kpis(run(*overrides)).items()}


# 1000 kW of diesel set: 81.8, 137.8, 197.2, 269.1 L/h at 25, 50, 75 and 100 % load (dealers' chart)
@pytest.mark.parametrize(("load", "litres"), [(0.25, 81.8), (0.5, 137.8), (0.75, 197.2), (1.0, 269.1)])
def test_a_test_of_an_hour_burns_what_the_chart_says(load: float, litres: float) -> None:
    found = figures(f"{PATH}.rated_kw=1000", f"{PATH}.units_count=1", f"{PATH}.run_load_frac={load}")
    assert found["fuel_l"] == pytest.approx(litres, rel=2e-3)
    assert found["generator_energy_kwh"] == pytest.approx(1000 * load, rel=1e-12)


def test_fuel_is_generated_power_over_efficiency() -> None:
    found = figures(TYPICAL, f"{PATH}.run_load_frac=0.5")
    assert found["generator_energy_kwh"] == pytest.approx(2 * 2000 * 0.5, rel=1e-12)
    assert found["fuel_energy_kwh"] == pytest.approx(2 * 2000 * 0.5 / 0.38, rel=1e-12)
    assert found["fuel_l"] == pytest.approx(2 * 2000 * 0.5 / 0.38 / 9.9, rel=1e-12)


def test_fuel_does_not_depend_on_the_step_or_on_where_the_run_begins_in_it() -> None:
    half = f"{PATH}.running={{kind: monthly, day: 21, start_h: 10.25, duration_h: 0.5}}"
    hourly, fine = figures(half), figures(half, "run.step=5min")
    assert hourly["fuel_l"] == pytest.approx(fine["fuel_l"], rel=1e-9)
    assert hourly["fuel_l"] == pytest.approx(0.5 * figures()["fuel_l"], rel=1e-9)


def test_a_monthly_test_runs_at_its_civil_hour_and_the_heaters_are_off_meanwhile() -> None:
    ds = run()
    hours = np.flatnonzero(ds[f"{PATH}.running_count"].values[0] > 0)
    assert [str(ds["time"].values[i])[:16] for i in hours] == ["2025-03-21T14:00"]  # 10:00 in Miami, summer time
    power = ds[f"{PATH}.power_kw"].values[0]
    assert power[hours[0]] == 0.0
    assert set(np.delete(power, hours)) == {8.0}


def test_a_year_has_twelve_tests() -> None:
    ds = simulate(shipped(NAME), keep="none")
    total = dict(zip(ds["output"].values, ds["total"].values[0], strict=True))
    assert total[f"{PATH}.running_count"] == pytest.approx(12 * 2, rel=1e-12)


def test_what_runs_on_a_load_bank_leaves_the_grid_as_it_is_but_for_the_heaters() -> None:
    ds, resting = run(), run(f"{PATH}.running={{kind: constant, value_frac: 0}}")
    difference = (resting["power.mechanical.output_kw"] - ds["power.mechanical.output_kw"]).values[0]
    assert difference.max() == pytest.approx(8.0, abs=0.05)
    assert kpis(ds)["energy_balance_residual_frac"]["value"] < 1e-9
    assert "fuel_l" not in kpis(resting)
