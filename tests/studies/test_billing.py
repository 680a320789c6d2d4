"""The bill: a worked year, calendars with daylight saving, ratchets, and what must hold for every bill."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from twin.components.grid.tariffs import FlatTariff, MarketPrice, TariffTable, TimeOfUseTariff
from twin.series.axis import TimeAxis, year_axis
from twin.series.energy_price import price_per_kwh
from twin.studies.billing import Bill, bill

NEW_YORK = "America/New_York"
ENERGY = {
    "periods": {"off_peak": {"base_per_kwh": 0.08}, "on_peak": {"base_per_kwh": 0.20}},
    "default_period": "off_peak",
    "windows": [{"period": "on_peak", "start": "12:00", "end": "18:00"}],
}
DEMAND = {
    "demand_interval_min": 60,
    "flat": [{"base_per_kw": 8.0}],
    "periods": {"off_peak": {"base_per_kw": 5.0}, "on_peak": {"base_per_kw": 12.0}},
}


def tou(energy: Any = ENERGY, demand: Any = DEMAND, **terms: Any) -> TimeOfUseTariff:
    return TimeOfUseTariff.model_validate({"currency": "USD", "energy": energy, "demand": demand, **terms})


def worked_year(year: int = 2023) -> tuple[NDArray[np.float64], TimeAxis]:
    """1 MW, 1.5 MW from 12 to 18 h each day, 2 MW on 15 July at 14 h."""
    axis = year_axis(year, 3600.0)
    local = axis.standard()
    load = np.where((local.hour >= 12) & (local.hour < 18), 1500.0, 1000.0)
    load[(local.month == 7) & (local.day == 15) & (local.hour == 14)] = 2000.0
    return load, axis


def days(first: str, count: float, step_s: float = 3600.0) -> TimeAxis:
    """Axis from an instant in UTC."""
    return TimeAxis(np.datetime64(first, "ns"), step_s, round(count * 86400 / step_s))


def test_the_worked_year_costs_what_pysam_and_a_hand_calculation_say() -> None:
    # PySAM 7 Utilityrate5 and by hand: energy 1 182 700, flat demand 148 000, demand by period 282 000, fixed 3 000.
    load, axis = worked_year()
    found = bill(load, axis, tou(fixed_per_month=250.0), "UTC")
    assert found.share("energy") == pytest.approx(1_182_700, abs=1e-6)
    assert found.by_line()["flat_demand"] == 148_000
    assert found.by_line()["demand.off_peak"] + found.by_line()["demand.on_peak"] == 282_000
    assert found.share("fixed") == 3_000
    assert found.total == pytest.approx(1_615_700, abs=1e-6)
    assert found.warnings == ()


@pytest.mark.parametrize(("year_before", "flat_and_ratchet"), [("none", 152_000.0), ("same", 156_800.0)])
def test_an_80_percent_ratchet_adds_what_pysam_says(year_before: str, flat_and_ratchet: float) -> None:
    load, axis = worked_year()
    ratchet = {"peak_frac": 0.8, "year_before": year_before}
    found = bill(load, axis, tou(demand={**DEMAND, "ratchet": ratchet}), "UTC").by_line()
    assert found["flat_demand"] == 148_000
    assert found["flat_demand"] + found["ratchet"] == pytest.approx(flat_and_ratchet)


def test_a_ratchet_counts_only_its_months_and_looks_back_only_so_far() -> None:
    load, axis = worked_year()
    summer = {"peak_frac": 1.0, "lookback_months": 3}
    found = bill(load, axis, tou(demand={**DEMAND, "ratchet": summer}), "UTC")
    assert found.billed_kw.tolist() == [1500] * 6 + [2000] * 4 + [1500] * 2
    winter = {"peak_frac": 1.0, "counted_months": [1, 2]}
    found = bill(load, axis, tou(demand={**DEMAND, "ratchet": winter}), "UTC")
    assert found.billed_kw.tolist() == [1500] * 6 + [2000] + [1500] * 5
    assert found.by_line()["ratchet"] == 0


def test_a_minimum_demand_is_billed_where_less_was_measured() -> None:
    load, axis = worked_year()
    found = bill(load, axis, tou(demand={**DEMAND, "minimum_billed_kw": 1800.0}), "UTC")
    assert found.by_line()["minimum_demand"] == 8 * 11 * 300
    assert found.billed_kw.tolist() == [1800] * 6 + [2000] + [1800] * 5


def test_a_leap_year_has_a_day_more_of_energy_and_the_same_demand() -> None:
    leap, plain = (bill(*worked_year(year), tou(), "UTC") for year in (2024, 2023))
    assert leap.energy_kwh.sum() - plain.energy_kwh.sum() == pytest.approx(18 * 1000 + 6 * 1500)
    assert leap.share("demand") == plain.share("demand")


@pytest.mark.parametrize(("midnight_utc", "hours"), [("2025-11-02T04:00", 25), ("2025-03-09T05:00", 23)])
def test_a_day_of_25_or_23_hours_is_billed_as_long_as_it_is(midnight_utc: str, hours: int) -> None:
    axis = days(midnight_utc, hours / 24)
    found = bill(np.full(hours, 100.0), axis, tou(), NEW_YORK)
    assert found.energy_kwh.sum() == 100.0 * hours
    assert found.energy_kwh[1].sum() == 600.0  # noon to six by the clock on the wall


def test_a_window_in_the_repeated_hour_holds_twice_and_in_the_skipped_hour_never() -> None:
    def in_window(start: str, end: str, axis: TimeAxis) -> float:
        energy = {**ENERGY, "windows": [{"period": "on_peak", "start": start, "end": end}]}
        return float(bill(np.ones(axis.count), axis, tou(energy=energy), NEW_YORK).energy_kwh[1].sum())

    assert in_window("01:00", "02:00", days("2025-11-02T04:00", 25 / 24)) == 2.0
    assert in_window("02:00", "03:00", days("2025-03-09T05:00", 23 / 24)) == 0.0


def test_weekends_and_holidays_are_off_peak_in_a_weekday_window() -> None:
    energy = {**ENERGY, "windows": [{**ENERGY["windows"][0], "days": "weekdays"}]}  # type: ignore[dict-item,index]
    axis = days("2025-06-30T04:00", 7)  # Monday to Sunday, with Independence Day on Friday
    load = np.ones(axis.count)
    assert bill(load, axis, tou(energy=energy), NEW_YORK).energy_kwh[1].sum() == 5 * 6
    assert bill(load, axis, tou(energy=energy, holidays=["2025-07-04"]), NEW_YORK).energy_kwh[1].sum() == 4 * 6
    elsewhere = bill(load, axis, tou(energy=energy, holidays=["2024-07-04"]), NEW_YORK)
    assert "none of the tariff's holidays lies in the run" in elsewhere.warnings


def test_windows_follow_the_clock_on_the_wall_in_summer() -> None:
    axis = year_axis(2025, 3600.0, -5.0)
    price = price_per_kwh(tou(), axis, NEW_YORK)
    local = axis.civil(NEW_YORK)
    assert np.array_equal(price == 0.20, (local.hour >= 12) & (local.hour < 18))


def test_a_window_that_crosses_midnight_covers_both_ends_of_its_days() -> None:
    energy = {**ENERGY, "windows": [{"period": "on_peak", "start": "22:00", "end": "06:00", "months": [1]}]}
    axis = year_axis(2025, 3600.0)
    found = bill(np.ones(axis.count), axis, tou(energy=energy), "UTC")
    assert found.energy_kwh[1].tolist() == [31 * 8] + [0] * 11


def test_a_step_in_which_the_period_changes_is_shared_between_both_periods() -> None:
    energy = {**ENERGY, "windows": [{"period": "on_peak", "start": "08:30", "end": "12:00"}]}
    axis = days("2025-01-06T00:00", 1)
    found = bill(np.full(24, 100.0), axis, tou(energy=energy), "UTC")
    assert found.energy_kwh[1].sum() == 350.0
    assert price_per_kwh(tou(energy=energy), axis, "UTC")[8] == pytest.approx((0.08 + 0.20) / 2)


def test_zones_with_half_hours_split_hourly_steps() -> None:
    axis = days("2025-01-06T00:00", 1)
    found = bill(np.full(24, 100.0), axis, tou(), "Asia/Kolkata")  # 12:00 there is 06:30 UTC
    assert found.energy_kwh[1].sum() == 600.0
    assert price_per_kwh(tou(), axis, "Asia/Kolkata")[6] == pytest.approx((0.08 + 0.20) / 2)


def test_demand_is_the_highest_mean_over_its_interval() -> None:
    axis = days("2025-01-06T00:00", 1, step_s=300.0)
    load = np.full(axis.count, 100.0)
    load[100:103] = 400.0  # 08:20 to 08:35
    by_interval = {15: (400 * 2 + 100) / 3, 30: (400 * 2 + 100 * 4) / 6, 60: (400 * 3 + 100 * 9) / 12}
    for minutes, highest in by_interval.items():
        found = bill(load, axis, tou(demand={**DEMAND, "demand_interval_min": minutes}), "UTC")
        assert found.measured_kw[0] == pytest.approx(highest)
        assert found.demand_resolution == "interval"


def test_intervals_stay_on_the_clock_when_a_run_begins_between_them() -> None:
    axis = days("2025-01-06T00:10", 0.5, step_s=300.0)
    load = np.zeros(axis.count)
    load[1:4] = 300.0  # 00:15 to 00:30, one whole interval
    assert bill(load, axis, tou(demand={**DEMAND, "demand_interval_min": 15}), "UTC").measured_kw[0] == 300.0


@pytest.mark.parametrize("step_s", [3600.0, 600.0])
def test_a_step_that_does_not_make_up_the_demand_interval_is_flagged_as_coarse(step_s: float) -> None:
    axis = days("2025-01-06T00:00", 31, step_s)
    found = bill(np.ones(axis.count), axis, tou(demand={**DEMAND, "demand_interval_min": 15}), "UTC")
    assert found.demand_resolution == "coarse"
    assert any("demand_resolution: coarse" in warning for warning in found.warnings)


def test_an_hour_that_is_shared_between_periods_is_as_coarse_as_any() -> None:
    energy = {**ENERGY, "windows": [{"period": "on_peak", "start": "08:30", "end": "12:00"}]}
    demand = {**DEMAND, "demand_interval_min": 15}
    found = bill(np.ones(24), days("2025-01-06T00:00", 1), tou(energy=energy, demand=demand), "UTC")
    assert found.demand_resolution == "coarse"


def test_demand_by_period_has_windows_of_its_own_where_they_are_given() -> None:
    evening = {
        "demand_interval_min": 60,
        "periods": {"evening": {"base_per_kw": 10.0}, "rest": {}},
        "default_period": "rest",
        "windows": [{"period": "evening", "start": "19:00", "end": "20:00"}],
    }
    axis = days("2025-01-01T00:00", 31)
    load = np.where(axis.utc().hour == 19, 7.0, 50.0)
    assert bill(load, axis, tou(demand=evening), "UTC").by_line()["demand.evening"] == 70.0


def test_flat_demand_can_differ_by_season_and_add_up() -> None:
    flat = [{"base_per_kw": 10.0, "months": [6, 7, 8]}, {"base_per_kw": 1.0, "adjustment_per_kw": 0.5}]
    axis = year_axis(2025, 3600.0)
    found = bill(np.full(axis.count, 100.0), axis, tou(demand={"demand_interval_min": 60, "flat": flat}), "UTC")
    assert found.by_line()["flat_demand"] == pytest.approx(100 * (3 * 10 + 12 * 1.5))


def test_base_and_adjustment_are_billed_together() -> None:
    energy = {"periods": {"all": {"base_per_kwh": 0.03, "adjustment_per_kwh": 0.02}}}
    axis = days("2025-01-01T00:00", 31)
    found = bill(np.full(axis.count, 10.0), axis, tou(energy=energy, demand={}), "UTC")
    assert found.total == pytest.approx(0.05 * 10 * 744)


def test_taxes_come_on_top_of_everything() -> None:
    load, axis = worked_year()
    plain, taxed = (bill(load, axis, tou(fixed_per_month=250.0, tax_frac=tax), "UTC") for tax in (0.0, 0.19))
    assert taxed.total == pytest.approx(1.19 * plain.total)
    assert taxed.share("tax") == pytest.approx(0.19 * plain.total)


def test_a_month_in_part_pays_fixed_charges_pro_rata_and_says_so() -> None:
    axis = days("2025-01-01T00:00", 7)
    found = bill(np.full(axis.count, 100.0), axis, tou(fixed_per_month=310.0), "UTC")
    assert found.share("fixed") == pytest.approx(70.0)
    assert found.by_line()["flat_demand"] == 800.0
    assert "the run covers 2025-01 in part: fixed charges pro rata, demand charges in full" in found.warnings


@pytest.mark.parametrize(("zone", "offset_h"), [("Australia/Sydney", 10.0), (NEW_YORK, 0.0), ("Asia/Singapore", 8.0)])
def test_a_year_has_twelve_whole_months_wherever_it_is(zone: str, offset_h: float) -> None:
    axis = year_axis(2025, 3600.0, offset_h)
    found = bill(np.ones(axis.count), axis, tou(fixed_per_month=100.0), zone)
    assert found.months == tuple(f"2025-{month:02d}" for month in range(1, 13))
    assert found.share("fixed") == 1200.0
    assert found.energy_kwh.sum() == 8760.0
    assert found.warnings == ()


def test_demand_outside_the_tariffs_range_is_warned_about() -> None:
    load, axis = worked_year()
    limits = {"valid_demand_min_kw": 500.0, "valid_demand_max_kw": 1900.0, "name": "GS-3"}
    (warning,) = bill(load, axis, tou(**limits), "UTC").warnings
    assert "GS-3 (500 to 1900 kW) in 1 of 12 months, farthest in 2023-07 with 2000.0 kW" in warning
    assert bill(load / 1.1, axis, tou(**limits), "UTC").warnings == ()
    assert bill(np.full(axis.count, 500.0), axis, tou(**limits), "UTC").warnings == ()
    assert bill(np.full(axis.count, 1900.0), axis, tou(**limits), "UTC").warnings == ()
    assert "in 12 of 12 months" in bill(load / 10, axis, tou(**limits), "UTC").warnings[0]


def test_a_ratchet_with_memory_says_that_a_short_run_has_none() -> None:
    demand = {**DEMAND, "ratchet": {"peak_frac": 0.8, "year_before": "same"}}
    axis = days("2025-01-01T00:00", 59)
    found = bill(np.ones(axis.count), axis, tou(demand=demand), "UTC")
    assert "ratchet: the run has 2 months, so no year before is assumed" in found.warnings


def test_a_flat_tariff_bills_energy_and_flat_demand() -> None:
    tariff = FlatTariff.model_validate(
        {"currency": "EUR", "energy_per_kwh": 0.1, "demand": {"flat": [{"base_per_kw": 3.0}]}, "tax_frac": 0.5}
    )
    axis = days("2025-01-01T00:00", 31, 900.0)
    found = bill(np.full(axis.count, 10.0), axis, tariff, "Europe/Berlin")
    assert found.currency == "EUR"
    assert found.total == pytest.approx(1.5 * (744 + 30))
    assert price_per_kwh(tariff, axis, "Europe/Berlin").tolist() == [pytest.approx(0.15)] * axis.count


def test_a_market_price_bills_each_hour_at_its_price(tmp_path: Any) -> None:
    file = tmp_path / "prices.csv"
    file.write_text("time_utc,price\n" + "".join(f"2025-01-01T{hour:02d}:00Z,{hour * 10 - 50}\n" for hour in range(24)))
    tariff = MarketPrice.model_validate(
        {"currency": "USD", "price": {"file": str(file), "column": "price"}, "adder_per_kwh": 0.02}
    )
    axis = days("2025-01-01T00:00", 1, 1800.0)
    load = np.repeat(np.arange(24.0), 2)
    found = bill(load, axis, tariff, "UTC")
    hours = np.arange(24.0)
    assert found.by_line()["energy.market"] == pytest.approx(float((hours * (hours * 10 - 50) / 1000).sum()))
    assert found.by_line()["energy.adder"] == pytest.approx(0.02 * float(hours.sum()))
    assert price_per_kwh(tariff, axis, "UTC")[:2].tolist() == [pytest.approx(-0.03)] * 2


def test_a_table_bills_as_the_tariff_that_it_holds() -> None:
    axis = year_axis(2025, 1800.0, -5.0)
    load = np.full(axis.count, 1000.0)
    found = bill(load, axis, TariffTable(file="data:tariffs/fpl_gsldt_1.yaml"), NEW_YORK)
    assert found.by_line()["demand.on_peak"] == pytest.approx(12 * 1000 * (12.81 + 2.06))
    assert found.by_line()["demand.off_peak"] == pytest.approx(12 * 1000 * (0.79 + 2.06))
    assert found.share("fixed") == pytest.approx(12 * 88.67)
    assert found.warnings == ()


@pytest.mark.parametrize("load", [np.ones(23), np.full(24, -1.0), np.full(24, np.nan), np.full(24, np.inf)])
def test_what_cannot_be_imported_power_is_refused(load: NDArray[np.float64]) -> None:
    with pytest.raises(ValueError, match="import_kw"):
        bill(load, days("2025-01-01T00:00", 1), tou(), "UTC")


def test_tiers_price_a_months_energy_in_blocks_that_its_periods_share() -> None:
    # By hand: 31 days of 100 kW from 0 to 12 h and 50 kW from 12 to 24 h are 37 200 and 18 600 kWh. Of the first
    # 20 000 kWh two thirds are of the morning, so blocks cost 20 000 (2/3 .1 + 1/3 1) + 35 800 (2/3 .01 + 1/3 .5).
    # PySAM's Utilityrate5 counts so, too (tests/acceptance/test_urdb_pysam.py).
    axis = days("2025-01-01T00:00", 31)
    load = np.where(np.arange(axis.count) % 24 < 12, 100.0, 50.0)
    periods = {
        "am": {"base_per_kwh": 0.01, "tiers": [{"up_to_kwh": 20_000, "base_per_kwh": 0.1}]},
        "pm": {"base_per_kwh": 0.5, "tiers": [{"up_to_kwh": 20_000, "base_per_kwh": 0.9, "adjustment_per_kwh": 0.1}]},
    }
    windows = [{"period": "pm", "start": "12:00", "end": "24:00"}]
    tariff = tou({"periods": periods, "default_period": "am", "windows": windows}, {})
    lines = bill(load, axis, tariff, "UTC").by_line()
    assert lines["energy.am"] == pytest.approx((20_000 * 0.1 + 35_800 * 0.01) * 2 / 3)
    assert lines["energy.pm"] == pytest.approx((20_000 * 1.0 + 35_800 * 0.5) / 3)
    assert price_per_kwh(tariff, axis, "UTC")[[0, 12]].tolist() == [0.01, 0.5]  # of one more kWh, beyond all tiers


@pytest.mark.parametrize(
    ("end", "first_kwh"),
    [({"up_to_kwh_per_kw": 10}, 2000.0), ({"up_to_kwh": 50, "each": "day"}, 1550.0), ({"up_to_kwh": 1e6}, 74_600.0)],
)
def test_blocks_may_grow_with_peak_demand_or_with_days(end: dict[str, Any], first_kwh: float) -> None:
    axis = days("2025-01-01T00:00", 31)
    load = np.full(axis.count, 100.0)
    load[3] = 200.0
    load[4] = 200.0
    energy = {"periods": {"all": {"base_per_kwh": 1.0, "tiers": [{"base_per_kwh": 3.0, **end}]}}}
    assert bill(load, axis, tou(energy, {}), "UTC").total == pytest.approx(74_600 + 2 * first_kwh)


def test_blocks_of_energy_are_pro_rata_in_a_month_that_the_run_covers_in_part() -> None:
    energy = {"periods": {"all": {"base_per_kwh": 1.0, "tiers": [{"up_to_kwh": 3100, "base_per_kwh": 3.0}]}}}
    axis = days("2025-01-01T00:00", 10)
    assert bill(np.full(240, 100.0), axis, tou(energy, {}), "UTC").total == pytest.approx(24_000 + 2 * 1000)


def test_blocks_of_demand_are_those_of_each_charge_and_of_what_a_ratchet_adds() -> None:
    tiered = {"base_per_kw": 2.0, "tiers": [{"up_to_kw": 100, "base_per_kw": 10.0}]}
    axis = days("2025-01-01T00:00", 59)
    load = np.where(np.arange(axis.count) < 31 * 24, 300.0, 90.0)
    demand = {"demand_interval_min": 60, "flat": [tiered], "ratchet": {"peak_frac": 0.5}, "minimum_billed_kw": 200}
    found = bill(load, axis, tou(demand=demand), "UTC")
    lines = dict(zip(found.lines, found.cost.tolist(), strict=True))
    assert lines["flat_demand"] == [1400.0, 900.0]
    assert lines["ratchet"] == [0.0, 200.0]  # 150 kW cost 1100
    assert lines["minimum_demand"] == [0.0, 100.0]  # 200 kW cost 1200


def test_a_ratchet_may_have_another_share_in_each_billed_month() -> None:
    axis = days("2025-01-01T00:00", 90)
    load = np.where(np.arange(axis.count) < 31 * 24, 1000.0, 100.0)
    shares = [0.0, 0.5, 0.8, *[0.0] * 9]
    demand = {"demand_interval_min": 60, "flat": [{"base_per_kw": 1.0}]}
    demand["ratchet"] = {"peak_frac": 0.9, "by_month_frac": shares}
    assert bill(load, axis, tou(demand=demand), "UTC").billed_kw.tolist() == [1000.0, 500.0, 800.0]


def test_lowest_bills_of_months_and_of_the_year_add_what_is_missing_before_taxes() -> None:
    axis, flat = year_axis(2025, 3600.0), {"currency": "USD", "energy_per_kwh": 0.1, "fixed_per_month": 20.0}
    load = np.where(axis.utc().month == 1, 10.0, 0.0)  # 744 + 20 in January, 20 in others
    found = bill(load, axis, FlatTariff(**flat, minimum_per_month=50.0, tax_frac=0.1), "UTC")  # type: ignore[arg-type]
    assert found.by_line()["fixed.minimum"] == pytest.approx(11 * 30)
    assert found.total == pytest.approx(1.1 * (764 + 11 * 50))
    found = bill(load, axis, FlatTariff(**flat, minimum_per_month=50.0, minimum_per_year=2000.0), "UTC")  # type: ignore[arg-type]
    assert found.total == pytest.approx(2000.0)
    assert found.by_month()["2025-12"] == pytest.approx(50 + 2000 - 764 - 11 * 50)
    part = bill(np.zeros(24), days("2025-01-01T00:00", 1), FlatTariff(**flat, minimum_per_year=2000.0), "UTC")  # type: ignore[arg-type]
    assert part.by_line()["fixed.minimum"] == 0.0
    assert "the run has 1 months: the lowest bill of a year is left out" in part.warnings


LOADS = st.integers(0, 2**32 - 1).map(lambda seed: np.random.default_rng(seed).uniform(0, 3000, 24 * 90))
QUARTER = days("2025-02-01T05:00", 90)
FULL = tou(
    demand={**DEMAND, "ratchet": {"peak_frac": 0.7}, "minimum_billed_kw": 500.0}, fixed_per_month=99.0, tax_frac=0.07
)


def quarter_bill(load: NDArray[np.float64]) -> Bill:
    return bill(load, QUARTER, FULL, NEW_YORK)


@settings(deadline=None)
@given(LOADS, st.floats(0.1, 10))
def test_energy_cost_grows_in_proportion_to_the_load(load: NDArray[np.float64], factor: float) -> None:
    assert quarter_bill(load * factor).share("energy") == pytest.approx(factor * quarter_bill(load).share("energy"))


@settings(deadline=None)
@given(LOADS, LOADS)
def test_more_load_never_lowers_any_line_of_demand(load: NDArray[np.float64], more: NDArray[np.float64]) -> None:
    less, higher = quarter_bill(load), quarter_bill(load + more)
    assert (higher.billed_kw >= less.billed_kw).all()
    assert (higher.period_kw >= less.period_kw).all()
    assert higher.share("demand") >= less.share("demand")


@settings(deadline=None)
@given(LOADS)
def test_months_and_lines_add_up_to_the_total_and_energy_to_the_load(load: NDArray[np.float64]) -> None:
    found = quarter_bill(load)
    assert sum(found.by_month().values()) == pytest.approx(found.total)
    assert sum(found.by_line().values()) == pytest.approx(found.total)
    assert sum(found.share(kind) for kind in ("energy", "demand", "fixed", "tax")) == pytest.approx(found.total)
    assert found.energy_kwh.sum() == pytest.approx(load.sum())


@settings(deadline=None)
@given(LOADS)
def test_the_price_of_each_step_makes_the_energy_lines_with_their_tax(load: NDArray[np.float64]) -> None:
    paid = float((price_per_kwh(FULL, QUARTER, NEW_YORK) * load).sum())
    assert paid == pytest.approx(1.07 * quarter_bill(load).share("energy"))


@settings(deadline=None)
@given(LOADS)
def test_a_finer_step_of_the_same_load_makes_the_same_bill(load: NDArray[np.float64]) -> None:
    fine = TimeAxis(QUARTER.start, 300.0, QUARTER.count * 12)
    assert bill(np.repeat(load, 12), fine, FULL, NEW_YORK).total == pytest.approx(quarter_bill(load).total)
