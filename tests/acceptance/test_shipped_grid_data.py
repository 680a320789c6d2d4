"""Shipped prices and marginal emissions are those of the same sources in another form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from twin.series.axis import TimeAxis, year_axis
from twin.series.series_file import SeriesFile
from twin.series.tables import read_series

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real data at {DATA} are not here")


@pytest.mark.parametrize("point", ["HB_HUBAVG", "HB_WEST"])
def test_shipped_texas_prices_are_those_of_the_official_report_in_every_hour(point: str) -> None:
    official = DATA / "prices" / "ERCOT_DAM_SPP_hubs_zones_2021_USD_per_MWh.csv.gz"
    axis = year_axis(2021, 3600.0, -6.0)
    ours = read_series(SeriesFile(file="data:prices/ercot_dam_2021.csv", column=point), axis)
    theirs = read_series(SeriesFile(file=str(official), column=point, time_column="hour_start_utc"), axis)
    assert ours.notes == ()
    np.testing.assert_array_equal(ours.values, theirs.values)


def test_shipped_marginal_emissions_are_those_of_another_copy_within_the_rounding_of_both() -> None:
    pytest.importorskip("pyarrow")
    frame = pd.read_parquet(DATA / "carbon" / "SGIP_CAISO_PGE_MOER_5min_2019-05_2021-08.parquet")
    frame = frame.set_index("time") if "time" in frame else frame
    column = next(name for name in frame.columns if "moer" in name.lower())
    times = pd.DatetimeIndex(pd.to_datetime(frame.index, utc=True)).tz_localize(None)
    theirs = pd.Series(frame[column].to_numpy(dtype=float), times)
    axis = TimeAxis(np.datetime64("2020-01-01", "ns"), 300.0, 366 * 288 + 96, 0.0)
    shipped = SeriesFile(file="data:carbon/sgip_caiso_pge_moer_2020.csv.gz", column="moer_kgco2_per_kwh")
    ours = read_series(shipped, axis)
    assert ours.notes == ()
    np.testing.assert_allclose(ours.values, theirs[~theirs.index.duplicated()].reindex(axis.utc()), atol=5.6e-5, rtol=0)
