"""Every price file of the real data over every year that it holds, and ERCOT's report as the long table it comes in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from twin.components.grid.tariffs import MarketPrice
from twin.series.axis import year_axis
from twin.series.energy_price import market
from twin.series.series_file import SeriesFile
from twin.series.tables import read_series
from twin.studies.billing import bill

DATA = Path(__file__).parents[3] / "shared" / "data" / "prices"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real data at {DATA} are not here")

FILES = {
    "US-TEX-ERCO_USD_2020-2022_hourly_utc.csv.gz": ("price_USD_per_MWh", "USD", -6.0),
    "US-CAL-CISO_USD_2020-2022_hourly_utc.csv.gz": ("price_USD_per_MWh", "USD", -8.0),
    "DE-LU_EUR_2020-2022_hourly_utc.csv.gz": ("price_EUR_per_MWh", "EUR", 1.0),
    "SG_SGD_2020-2022_hourly_utc.csv.gz": ("price_SGD_per_MWh", "SGD", 8.0),
}


@pytest.mark.parametrize("year", [2020, 2021, 2022])
@pytest.mark.parametrize("name", FILES)
def test_a_year_of_each_market_is_read_and_what_is_there_is_what_the_file_says(name: str, year: int) -> None:
    column, currency, offset_h = FILES[name]
    axis = year_axis(year, 3600.0, offset_h)
    price = SeriesFile(file=str(DATA / name), column=column, gaps="day_before")
    found = market(MarketPrice(currency=currency, price=price), axis, None)
    table = pd.read_csv(DATA / name)
    raw = table.set_index(pd.to_datetime(table["time_utc"], utc=True).dt.tz_localize(None))[column].reindex(axis.utc())
    there = raw.notna().to_numpy()
    assert np.array_equal(found.values[there], raw.to_numpy()[there])
    assert np.isfinite(found.values).all()
    assert bool(found.notes) == (not there.all())
    assert there.mean() > 0.98


def test_a_lost_german_day_takes_the_prices_of_the_day_before() -> None:
    axis = year_axis(2022, 3600.0, 1.0)
    name = "DE-LU_EUR_2020-2022_hourly_utc.csv.gz"
    found = read_series(SeriesFile(file=str(DATA / name), column="price_EUR_per_MWh", gaps="day_before"), axis)
    lost = np.flatnonzero(axis.utc() == pd.Timestamp("2022-09-02T22:00"))[0]
    assert np.array_equal(found.values[lost : lost + 24], found.values[lost - 24 : lost])
    assert any("2022-09-02T22:00Z to 2022-09-03T22:00Z is missing" in note for note in found.notes)


OFFICIAL = DATA / "ERCOT_DAM_SPP_hubs_zones_2021_USD_per_MWh.csv.gz"


def test_ercots_report_as_its_long_table_equals_its_columns_at_every_settlement_point(tmp_path: Path) -> None:
    wide = pd.read_csv(OFFICIAL, dtype={"Hour Ending": str})
    keys = ["Delivery Date", "Hour Ending", "Repeated Hour Flag"]
    points = [name for name in wide.columns if name.startswith(("HB_", "LZ_"))]
    long = wide.melt(keys, points, "Settlement Point", "Settlement Point Price")
    long.sort_values(["Delivery Date", "Hour Ending"], kind="stable").to_csv(tmp_path / "dam.csv", index=False)
    axis = year_axis(2021, 3600.0, -6.0)
    for point in ("HB_WEST", "HB_HUBAVG", "LZ_CPS"):
        spec = {
            "file": str(tmp_path / "dam.csv"),
            "column": "Settlement Point Price",
            "where": [{"column": "Settlement Point", "values": [point]}],
            "timezone": "America/Chicago",
        }
        found = read_series(SeriesFile.model_validate(spec), axis)
        assert np.array_equal(found.values, wide[point].to_numpy())
        assert found.notes == ()
    assert len(points) == 15


def test_a_load_is_paid_for_drawing_power_in_the_281_negative_hours_of_west_texas() -> None:
    axis = year_axis(2021, 3600.0, -6.0)
    price = SeriesFile(file=str(OFFICIAL), column="HB_WEST", time_column="Delivery Date", timezone="America/Chicago")
    tariff = MarketPrice(currency="USD", price=price)
    values = market(tariff, axis, None).values
    assert (values < 0).sum() == 281  # counted in the report
    paid = bill(np.where(values < 0, 1000.0, 0.0), axis, tariff, "America/Chicago").total
    assert paid == pytest.approx(values[values < 0].sum())
    assert paid < 0


def test_two_years_of_german_local_prices_with_forecasts_are_read() -> None:
    name = "DE_dayahead_price_and_forecasts_2y_hourly.csv.gz"
    table = pd.read_csv(DATA / name)
    for column in ("price", "forecast_LEAR", "forecast_DNN"):
        found = read_series(
            SeriesFile(file=str(DATA / name), column=column, timezone="Europe/Berlin"), year_axis(2017, 3600.0, 1.0)
        )
        own = table[table["time_local"].str.startswith("2017")][column]
        assert found.values.sum() == pytest.approx(own.sum(), rel=1e-3)  # 24 rows on the days of 23 and 25 hours
        assert len(found.notes) == 2
