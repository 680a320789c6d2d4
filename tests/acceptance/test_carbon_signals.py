"""Marginal signals and carbon-free shares as published: AVERT, SGIP at five minutes (parquet), Electricity Maps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from twin.components.grid.carbon import CarbonSeries, CleanPower, MarginalSeries
from twin.components.grid.tariffs import FlatTariff
from twin.errors import InputError
from twin.scenario.model import Grid
from twin.series.axis import TimeAxis, year_axis
from twin.series.carbon_intensity import intensity, marginal
from twin.series.series_file import SeriesFile
from twin.series.tables import read_series
from twin.studies.carbon_figures import carbon_figures
from twin.studies.clean_power import grid_share
from twin.units import KG_PER_LB

DATA = Path(__file__).parents[3] / "shared" / "data" / "carbon"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real data at {DATA} are not here")
SGIP = str(DATA / "SGIP_CAISO_PGE_MOER_5min_2019-05_2021-08.parquet")
AVERT = str(DATA / "AVERT_2023_CO2_lb_per_kwh_by_region_hourly.csv.gz")
CALIFORNIA = str(DATA / "electricitymaps_US-CAL-CISO_2021-2022_hourly.csv.gz")


@pytest.mark.parametrize("region", ["FL", "CA", "TE", "SW"])
def test_a_year_of_averts_marginal_factors_is_read_in_local_standard_time(region: str) -> None:
    factors = marginal(
        MarginalSeries(file=AVERT, column=region, unit="lb_per_kwh", basis="direct", repeat="year"),
        year_axis(2023, 3600.0, -5.0),
    )
    table = pd.read_csv(AVERT, encoding="utf-8-sig")[region].to_numpy()
    assert factors.marginal_kgco2_per_kwh == pytest.approx(table * KG_PER_LB)


def test_the_five_minutes_of_a_parquet_file_are_those_of_its_table() -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed (it is among the test dependencies)")
    axis = year_axis(2020, 300.0)
    series = MarginalSeries(file=SGIP, column="moer", timezone="UTC", unit="kg_per_kwh", basis="direct")
    table = pd.read_parquet(SGIP)
    times = pd.to_datetime(table["time"], utc=True).dt.tz_localize(None)
    raw = table.set_index(times)["moer"].reindex(axis.utc()).to_numpy()
    found = marginal(series, axis).marginal_kgco2_per_kwh
    there = ~np.isnan(raw)
    assert np.array_equal(found[there], raw[there])
    assert there.mean() > 0.99
    with pytest.raises(InputError, match=r"no column 'mor' \(did you mean 'moer'\?\)"):
        read_series(SeriesFile(file=SGIP, column="mor"), axis)


def test_moving_a_load_to_noon_saves_another_amount_by_the_marginal_than_by_the_average_signal() -> None:
    """PHYSICS: never score an intervention by the average alone; both stand side by side."""
    pytest.importorskip("pyarrow", reason="pyarrow is not installed (it is among the test dependencies)")
    axis = TimeAxis(np.datetime64("2021-04-01T07:00", "ns"), 3600.0, 30 * 24, -8.0)
    carbon = CarbonSeries(file=CALIFORNIA, column="Carbon Intensity gCO₂eq/kWh (direct)", basis="direct")
    signal = MarginalSeries(file=SGIP, column="moer", timezone="UTC", unit="kg_per_kwh", basis="direct")
    tariff = FlatTariff(currency="USD", energy_per_kwh=0.1)
    grid = Grid(tariff=tariff, carbon=carbon, marginal_carbon=signal)
    hour = axis.civil("America/Los_Angeles").hour
    evening, noon = (np.where(np.isin(hour, hours), 1000.0, 0.0) for hours in ((19, 20), (12, 13)))
    late, early = (carbon_figures(load, axis, grid, 0.0, "") for load in (evening, noon))
    saved = {
        name: late[name]["value"] - early[name]["value"] for name in ("emissions_kgco2", "emissions_marginal_kgco2")
    }
    assert min(saved.values()) > 0
    assert saved["emissions_marginal_kgco2"] != pytest.approx(saved["emissions_kgco2"], rel=0.05)
    assert late["emissions_kgco2"]["value"] == pytest.approx(
        float((intensity(carbon, axis).average_kgco2_per_kwh * evening).sum())
    )


def test_the_grids_carbon_free_share_is_read_from_a_published_percentage() -> None:
    axis = year_axis(2021, 3600.0, -8.0)
    share = SeriesFile(file=CALIFORNIA, column="Low Carbon Percentage", scale_ratio=0.01)
    found = grid_share(CleanPower(grid_cfe=share), axis)
    assert found is not None
    assert 0.0 < found.min() < found.max() <= 1.0
    assert 0.4 < found.mean() < 0.7
