"""Tariffs, prices and carbon against real data: URDB records, market prices with their faults, published signals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from twin.components.grid.carbon import CarbonSeries
from twin.components.grid.tariffs import (
    MarketPrice,
    TariffTable,
    TimeOfUseTariff,
    demand_schedule,
    energy_schedule,
)
from twin.errors import InputError
from twin.series.axis import TimeAxis, year_axis
from twin.series.carbon_intensity import intensity
from twin.series.energy_price import price_per_kwh
from twin.series.series_file import SeriesFile
from twin.series.tables import read_series
from twin.series.tariff_tables import in_force
from twin.studies.billing import bill

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real data at {DATA} are not here")

FPL = TariffTable(file="data:tariffs/fpl_gsldt_1.yaml")
FPL_ZONE = "America/New_York"


def record(name: str) -> dict[str, Any]:
    """A URDB record as it is stored."""
    data = json.loads((DATA / "tariffs" / name).read_text())
    data = data["items"] if isinstance(data, dict) and "items" in data else data
    return data[0] if isinstance(data, list) else data


def rate_of(tier: dict[str, float]) -> float:
    return tier.get("rate", 0.0) + tier.get("adj", 0.0)


def windows_of(weekday: list[list[int]], weekend: list[list[int]]) -> list[dict[str, Any]]:
    """A window for each hour of each cell of the two matrices, 12 months by 24 hours."""
    return [
        {"period": f"p{row[hour]}", "months": [month + 1], "days": days,
         "start": f"{hour:02d}:00", "end": f"{hour + 1:02d}:00"}
        for days, matrix in (("weekdays", weekday), ("weekends", weekend))
        for month, row in enumerate(matrix)
        for hour in range(24)
    ]  # fmt: skip


def from_record(urdb: dict[str, Any]) -> TimeOfUseTariff:
    """The record in this project's form, without tiers."""
    energy_rates = [tiers[0] for tiers in urdb["energyratestructure"]]
    demand_rates = [tiers[0] for tiers in urdb["demandratestructure"]]
    energy = {
        "periods": {f"p{at}": {"base_per_kwh": rate_of(tier)} for at, tier in enumerate(energy_rates)},
        "windows": windows_of(urdb["energyweekdayschedule"], urdb["energyweekendschedule"]),
    }
    demand: dict[str, Any] = {
        "demand_interval_min": 60,
        "periods": {f"p{at}": {"base_per_kw": rate_of(tier)} for at, tier in enumerate(demand_rates)},
        "windows": windows_of(urdb["demandweekdayschedule"], urdb["demandweekendschedule"]),
    }
    if "flatdemandstructure" in urdb:
        demand["flat"] = [
            {"base_per_kw": rate_of(urdb["flatdemandstructure"][at][0]), "months": [month + 1]}
            for month, at in enumerate(urdb["flatdemandmonths"])
        ]
    return TimeOfUseTariff.model_validate(
        {"currency": "USD", "energy": energy, "demand": demand, "fixed_per_month": urdb["fixedchargefirstmeter"]}
    )


def cost_by_hand(urdb: dict[str, Any], load: NDArray[np.float64], local: pd.DatetimeIndex) -> float:
    """The record's bill hour by hour, in a plain loop."""
    total, peaks, highest = 0.0, {}, dict.fromkeys(range(12), 0.0)
    for kw, time in zip(load.tolist(), local, strict=True):
        when, month = "weekend" if time.weekday() >= 5 else "weekday", time.month - 1
        energy = urdb[f"energy{when}schedule"][month][time.hour]
        period = urdb[f"demand{when}schedule"][month][time.hour]
        total += kw * rate_of(urdb["energyratestructure"][energy][0])
        peaks[month, period] = max(kw, peaks.get((month, period), 0.0))
        highest[month] = max(kw, highest[month])
    total += sum(kw * rate_of(urdb["demandratestructure"][period][0]) for (_, period), kw in peaks.items())
    if "flatdemandstructure" in urdb:
        total += sum(
            kw * rate_of(urdb["flatdemandstructure"][urdb["flatdemandmonths"][m]][0]) for m, kw in highest.items()
        )
    return total + 12 * urdb["fixedchargefirstmeter"]


@pytest.mark.parametrize("day_type", ["weekday", "weekend"])
def test_the_fpl_table_equals_its_record_cell_by_cell(day_type: str) -> None:
    tariff, urdb = in_force(FPL), record("FPL_GSLDT-1.json")
    assert isinstance(tariff, TimeOfUseTariff)
    day = ("weekday", "weekend").index(day_type)
    energy, demand = energy_schedule(tariff), demand_schedule(tariff)
    for month in range(12):
        for hour in range(24):
            minutes = slice(60 * hour, 60 * hour + 60)
            (here,) = set(energy.grid()[month, day, minutes].tolist())
            rate = tariff.energy.periods[energy.names[here]]
            (tier,) = urdb["energyratestructure"][urdb[f"energy{day_type}schedule"][month][hour]]
            assert (rate.base_per_kwh, rate.adjustment_per_kwh) == (tier["rate"], tier["adj"])
            (here,) = set(demand.grid()[month, day, minutes].tolist())
            charge = tariff.demand.periods[demand.names[here]]
            (tier,) = urdb["demandratestructure"][urdb[f"demand{day_type}schedule"][month][hour]]
            assert (charge.base_per_kw, charge.adjustment_per_kw) == (tier["rate"], tier["adj"])


def test_the_fpl_tables_terms_are_those_of_its_record() -> None:
    tariff, urdb = in_force(FPL), record("FPL_GSLDT-1.json")
    assert tariff.fixed_per_month == urdb["fixedchargefirstmeter"]
    assert tariff.valid_demand_min_kw == urdb["peakkwcapacitymin"]
    assert tariff.valid_demand_max_kw == urdb["peakkwcapacitymax"]
    assert urdb["source"] in tariff.source
    assert urdb["uri"] in tariff.source
    assert tariff.effective == pd.Timestamp(urdb["startdate"], unit="s").date()


@pytest.mark.parametrize(
    ("name", "zone", "offset_h"),
    [
        ("FPL_GSLDT-1.json", FPL_ZONE, -5.0),
        ("SCE_TOU-8_Option-D_under2kV.json", "America/Los_Angeles", -8.0),
        ("SMUD_CI-TOD3_500-999kW.json", "America/Los_Angeles", -8.0),
    ],
)
def test_bills_of_real_tariffs_equal_a_plain_loop_over_the_records_matrices(
    name: str, zone: str, offset_h: float
) -> None:
    urdb, axis = record(name), year_axis(2024, 3600.0, offset_h)
    load = np.random.default_rng(7).uniform(300, 1500, axis.count)
    expected = cost_by_hand(urdb, load, axis.civil(zone))
    assert bill(load, axis, from_record(urdb), zone).total == pytest.approx(expected, rel=1e-12)


def test_the_fpl_table_bills_as_its_record_does() -> None:
    urdb, axis = record("FPL_GSLDT-1.json"), year_axis(2025, 1800.0, -5.0)
    load = np.repeat(np.random.default_rng(8).uniform(500, 2000, 8760), 2)
    found = bill(load, axis, FPL, FPL_ZONE)
    hours = year_axis(2025, 3600.0, -5.0)
    assert found.total == pytest.approx(cost_by_hand(urdb, load[::2], hours.civil(FPL_ZONE)), rel=1e-12)
    assert found.demand_resolution == "interval"
    assert found.warnings == ()


SUMMER, WINTER = [5, 6, 7, 8, 9, 10], [1, 2, 3, 4, 11, 12]
PGE_WINDOWS = [
    {"period": name, "months": months, "days": "weekdays", "start": start, "end": end}
    for name, months, start, end in (
        ("peak", SUMMER, "12:00", "18:00"),
        ("half_peak", SUMMER, "08:30", "12:00"),
        ("half_peak", SUMMER, "18:00", "21:30"),
        ("winter_half_peak", WINTER, "08:30", "12:00"),
        ("winter_half_peak", WINTER, "18:00", "21:30"),
    )
]
PGE_RATES = {"peak": 21.19, "half_peak": 5.88, "winter_half_peak": 0.06, "rest": 0.0}
PGE_DEMAND = {  # eeco_pge_billing.csv; its "off-peak" is charged at all hours of all days
    "demand_interval_min": 15,
    "flat": [{"base_per_kw": 21.30}],
    "periods": {name: {"base_per_kw": rate} for name, rate in PGE_RATES.items()},
    "default_period": "rest",
    "windows": PGE_WINDOWS,
}


@pytest.mark.parametrize(
    ("midnight_utc", "cost"),
    [("2024-07-10T07:00", 4027.79), ("2024-07-13T07:00", 2023.5), ("2024-01-10T08:00", 2028.6)],
)
def test_demand_charges_equal_eecos_worked_pge_bill(midnight_utc: str, cost: float) -> None:
    # we3lab/eeco, eeco/tests/test_costs.py: load 0 to 95 kW at 15 min on a summer weekday, a weekend day, in winter.
    free = {"periods": {"all": {"base_per_kwh": 0.0}}}
    tariff = TimeOfUseTariff.model_validate({"currency": "USD", "energy": free, "demand": PGE_DEMAND})
    axis = TimeAxis(np.datetime64(midnight_utc, "ns"), 900.0, 96)
    assert bill(np.arange(96.0), axis, tariff, "America/Los_Angeles").total == pytest.approx(cost, abs=1e-9)


ERCOT = {"file": str(DATA / "prices" / "US-TEX-ERCO_USD_2020-2022_hourly_utc.csv.gz"), "column": "price_USD_per_MWh"}
DE = {"file": str(DATA / "prices" / "DE-LU_EUR_2020-2022_hourly_utc.csv.gz"), "column": "price_EUR_per_MWh"}
OFFICIAL = {"file": str(DATA / "prices" / "ERCOT_DAM_SPP_hubs_zones_2021_USD_per_MWh.csv.gz"), "column": "HB_HUBAVG"}
EPF = {"file": str(DATA / "prices" / "DE_dayahead_price_and_forecasts_2y_hourly.csv.gz"), "column": "price"}


def test_ercots_local_hour_ending_report_equals_the_utc_series_in_every_hour() -> None:
    axis = year_axis(2021, 3600.0, -6.0)
    local = {"time_column": "Delivery Date", "hour_column": "Hour Ending", "time_format": "%m/%d/%Y"}
    official = SeriesFile(**OFFICIAL, **local, stamp="end", timezone="America/Chicago")  # type: ignore[arg-type]
    utc = read_series(SeriesFile(**ERCOT), axis)  # type: ignore[arg-type]
    assert np.array_equal(read_series(official, axis).values, utc.values)
    assert utc.values.max() == 8995.26
    assert utc.values.min() < 0
    assert utc.notes == ()


def test_the_lost_days_of_the_german_prices_are_refused_by_name() -> None:
    with pytest.raises(InputError) as caught:
        read_series(SeriesFile(**DE), year_axis(2021, 3600.0, 1.0))  # type: ignore[arg-type]
    (fault,) = caught.value.faults
    assert fault.message == "2021-04-29T22:00Z to 2021-04-30T22:00Z is missing: 24 h (up to 3 h are filled)"
    assert fault.place is not None
    assert fault.place.line > 1
    with pytest.raises(InputError) as caught:
        read_series(SeriesFile(**DE), year_axis(2020, 3600.0, 1.0))  # type: ignore[arg-type]
    assert len(caught.value.faults) == 4  # five days, two of them in a row


def test_the_hour_that_german_prices_lose_each_october_is_held_and_noted() -> None:
    axis = TimeAxis(np.datetime64("2021-10-01", "ns"), 3600.0, 31 * 24, 1.0)
    found = read_series(SeriesFile(**DE), axis)  # type: ignore[arg-type]
    assert len(found.notes) == 1
    assert "2021-10-31T0" in found.notes[0]
    assert found.notes[0].endswith("is missing: held")


def test_local_german_prices_of_24_rows_a_day_are_read_through_both_changes_of_the_clock() -> None:
    axis = year_axis(2017, 3600.0, 1.0)
    found = read_series(SeriesFile(**EPF, timezone="Europe/Berlin"), axis)  # type: ignore[arg-type]
    assert found.notes == (
        "2 rows in hours that Europe/Berlin skips (daylight saving begins) dropped",
        "2017-10-29T01:00Z to 2017-10-29T02:00Z is missing: held",
    )
    with pytest.raises(InputError, match="time_local' state no zone"):
        read_series(SeriesFile(**EPF), axis)  # type: ignore[arg-type]


def test_a_megawatt_through_the_texas_storm_pays_the_sum_of_the_prices() -> None:
    tariff = MarketPrice(currency="USD", price=SeriesFile(**ERCOT))  # type: ignore[arg-type]
    for step_s in (900.0, 3600.0, 86400.0):
        axis = year_axis(2021, step_s, -6.0)
        found = bill(np.full(axis.count, 1000.0), axis, tariff, "America/Chicago")
        assert found.total == pytest.approx(145.62148972602742 * 8760)  # mean of 2021 in $/MWh, by awk over the file
        assert found.by_month()["2021-02"] / found.total > 0.7
    assert price_per_kwh(tariff, year_axis(2021, 300.0, -6.0), "America/Chicago").max() == pytest.approx(8.99526)


def test_direct_and_life_cycle_intensity_of_texas_differ_as_published() -> None:
    file = str(DATA / "carbon" / "electricitymaps_US-TEX-ERCO_2021-2022_hourly.csv.gz")
    column, axis = "Carbon Intensity gCO₂eq/kWh ({})", year_axis(2021, 3600.0, -6.0)
    direct = intensity(CarbonSeries(file=file, column=column.format("direct"), basis="direct"), axis)
    life = intensity(CarbonSeries(file=file, column=column.format("LCA"), basis="life_cycle"), axis)
    ratio = life.average_kgco2_per_kwh.mean() / direct.average_kgco2_per_kwh.mean()
    assert 1.15 < ratio < 1.35
    assert 0.3 < direct.average_kgco2_per_kwh.mean() < 0.42


def test_a_marginal_signal_is_refused_as_an_average() -> None:
    file = str(DATA / "carbon" / "AVERT_2023_CO2_lb_per_kwh_by_region_hourly.csv.gz")
    carbon = CarbonSeries(file=file, column="FL", unit="lb_per_kwh", basis="direct", repeat="year")
    with pytest.raises(InputError, match="negative values"):
        intensity(carbon, year_axis(2024, 3600.0, -5.0))
