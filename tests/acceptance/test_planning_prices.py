"""Plans on a year of real prices: the battery never charges and discharges at once, and gains no energy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.studies.planning.cases import line, one_class, problem
from twin.studies.planning.nightly import axis_of_year, nightly_starts, shifted
from twin.studies.planning.problem import PlannedBattery
from twin.studies.planning.solve import solve

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not beside the project")
MARKETS = {  # file, time column, price column, year, hours of negative prices in it
    "ERCOT HB_WEST 2021": ("ERCOT_DAM_SPP_hubs_zones_2021_USD_per_MWh.csv.gz", "hour_start_utc", "HB_WEST", 2021, 281),
    "Germany 2022": ("DE-LU_EUR_2020-2022_hourly_utc.csv.gz", "time_utc", None, 2022, 69),
}


def prices_of(market: str) -> np.ndarray:
    """Prices per kWh; whole days that the German file lacks are filled with the week before, single hours held."""
    name, times, column, year, _ = MARKETS[market]
    table = pd.read_csv(DATA / "prices" / name)
    table.index = pd.to_datetime(table[times], utc=True)
    values = table[column or next(c for c in table.columns if c != times)]
    values = values[values.index.year == year] if market.startswith("Germany") else values
    values = values.reindex(pd.date_range(values.index[0], values.index[-1], freq="h"))
    values = values.ffill(limit=3)
    return np.asarray(values.fillna(values.shift(168)), dtype=float) / 1000.0


@pytest.mark.slow
@pytest.mark.parametrize("market", MARKETS)
def test_a_battery_without_wear_or_demand_charge_does_one_thing_at_a_time(market: str) -> None:
    prices = prices_of(market)
    assert abs((prices < 0).sum() - MARKETS[market][-1]) <= 3
    unit = PlannedBattery(2000.0, 4000.0, 0.95, 0.95, 0.0, 1.0, 0.5)
    arrivals = np.full(prices.size, 2000.0)
    case = problem(prices, one_class(arrivals, 24, 5000.0), facility=line(prices.size, 5000.0, 1.2), battery=unit)
    found = solve(case)
    assert found.choices > 0, "no hour tempts it to do both"
    assert np.minimum(found.charge_kw, found.discharge_kw).max() < 1e-2
    stored = np.concatenate([[unit.start_kwh], found.stored_kwh])
    assert np.diff(stored) == pytest.approx(found.charge_kw * 0.95 - found.discharge_kw / 0.95, abs=1e-4)
    assert found.stored_kwh[-1] >= unit.start_kwh - 1e-6
    assert found.served_per_h["batch"].sum() == pytest.approx(arrivals.sum(), rel=1e-9)


@pytest.mark.parametrize("zone", ["DE-LU", "US-CAL-CISO", "US-TEX-ERCO"])
def test_the_nightly_job_saves_what_brute_force_finds_on_real_carbon(zone: str) -> None:
    table = pd.read_csv(DATA / "carbon" / f"electricitymaps_{zone}_2021-2022_hourly.csv.gz")
    table.index = pd.to_datetime(table["Datetime (UTC)"], utc=True)
    axis = axis_of_year(2021, 60.0, "Europe/Berlin" if zone == "DE-LU" else "America/Chicago")
    column = next(c for c in table.columns if "LCA" in c)
    values = table[column].reindex(axis.utc().tz_localize("UTC")).ffill().bfill().to_numpy()
    starts = nightly_starts(axis, "Europe/Berlin" if zone == "DE-LU" else "America/Chicago", "01:00")
    for one in shifted(values, starts, 1, [2, 4, 6, 8], 1.0):
        reach = int(one.window_h)
        best = [min(values[p] for p in range(max(s - reach, 0), min(s + reach, values.size - 1) + 1)) for s in starts]
        assert one.mean == np.mean(best)
