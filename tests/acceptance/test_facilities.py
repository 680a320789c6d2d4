"""Measured facilities: Summit's weeks and NREL ESIF's year through ``simulate``."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.engine.scenarios import shipped
from tests.validation import summit
from tests.validation.esif import esif
from tests.validation.rows import FAIL
from twin.engine.simulate import simulate
from twin.studies.kpis import kpis

DATA = Path(__file__).parents[3] / "shared" / "data" / "facility"
DIGITISED = DATA / "summit_2020_odd_weeks_power_pue_wetbulb_digitised.csv"


@pytest.fixture(scope="module")
def weeks() -> tuple[summit.Weeks, np.ndarray]:
    _, theirs, ours = summit.summit()
    return theirs, ours


@pytest.mark.skipif(not DIGITISED.is_file(), reason=f"no facility data in {DATA}")
def test_the_carried_weeks_are_those_of_the_digitised_plot() -> None:
    with DIGITISED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for ours, theirs in (("week", "week_index"), ("power_mw", "power_MW_q50"), ("pue", "pue_q50"),
                         ("wet_bulb_c", "wetbulb_C_q50"), ("chiller_tons", "chiller_tons_q50")):  # fmt: skip
        np.testing.assert_array_equal(getattr(summit.measured(), ours), [float(row[theirs]) for row in rows])


@pytest.mark.parametrize("least_c", [-10.0, summit.WARM_C])
def test_summits_weekly_pue_is_within_its_limit(weeks: tuple[summit.Weeks, np.ndarray], least_c: float) -> None:
    theirs, ours = weeks
    kept = (theirs.week != summit.OUTAGE) & (theirs.wet_bulb_c > least_c)
    assert kept.sum() >= 6
    assert summit.rmse(ours[kept], theirs.pue[kept]) < summit.LIMIT
    assert np.abs(ours[kept] - theirs.pue[kept]).max() < 0.045


def test_the_quarters_of_a_weeks_wet_bulb_keep_the_limit() -> None:
    """Weeks that the parameters were never looked at with: quartiles of wet bulb and PUE of the same weeks."""
    if not DIGITISED.is_file():
        pytest.skip(f"no facility data in {DATA}")
    with DIGITISED.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["week_index"] != str(summit.OUTAGE)]
    power = np.array([float(row["power_MW_q50"]) for row in rows])
    for quartile in ("q25", "q75"):
        wet_bulb = np.array([(float(row[f"wetbulb_F_{quartile}"]) - 32.0) / 1.8 for row in rows])
        pue = np.array([float(row[f"pue_{quartile}"]) for row in rows])
        assert summit.rmse(summit.weekly_pue(wet_bulb, power), pue) < summit.LIMIT, quartile


def test_summits_pue_rises_with_the_wet_bulb_and_falls_with_the_load() -> None:
    by_weather = summit.weekly_pue(np.linspace(0.0, 26.0, 14), np.full(14, 5.3))
    assert np.all(np.diff(by_weather) > -1e-4)
    by_load = summit.weekly_pue(np.full(6, 15.0), np.linspace(3.0, 8.0, 6))
    assert np.all(np.diff(by_load) < 0)


def test_summit_without_free_cooling_has_the_pue_of_the_outage() -> None:
    """Week 5, PUE 1.274; its snapshots give .713 kW/ton for the plant, of which the loop's pumps are .034."""
    theirs = summit.measured()
    week = theirs.week == summit.OUTAGE
    ours = summit.weekly_pue(
        theirs.wet_bulb_c[week], theirs.power_mw[week], "plants.mtw.economizer=null", "plants.mtw.condenser=null",
        f"plants.mtw.chillers.trim.plant_cop={3.517 / (0.713 - 0.034):.4f}")  # fmt: skip
    assert ours[0] == pytest.approx(theirs.pue[week][0], abs=0.01)


def test_summit_runs_a_year_and_its_chillers_only_trim() -> None:
    ds = simulate(shipped(summit.SITE), keep="none")
    figures = {name: metric["value"] for name, metric in kpis(ds).items()}
    assert 1.05 < figures["pue"] < 1.12
    assert figures["unmet_cooling_kwh"] < 1e-6
    assert figures["energy_balance_residual_frac"] < 1e-9
    total = dict(zip(ds["output"].values.tolist(), ds["total"].values[0].tolist(), strict=True))
    assert 0.01 < total["plants.mtw.chillers.trim.cooling_kw"] / total["plants.mtw.removed_kw"] < 0.25


def test_esifs_year_is_within_its_limits() -> None:
    rows = esif()
    assert len(rows) == 7
    assert [f"{row.id}: {row.ours}" for row in rows if row.status == FAIL] == []
