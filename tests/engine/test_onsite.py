"""Batteries, generators and UPS on the site's side of the meter: rules, limits, conservation, ageing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from tests.engine.scenarios import shipped
from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.studies.kpis import kpis

BATTERY, SETS = "onsite.battery", "onsite.generators"
UPS = "power.ups.battery"
WEEK = ("run.start=2025-07-07", "run.duration=7d")
SUMMER = ("run.start=2021-07-05", "run.duration=14d")
ONE_WAY = 0.9487


@cache
def run(name: str, *overrides: str) -> xr.Dataset:
    return simulate(shipped(name, *overrides))


def series(ds: xr.Dataset, path: str) -> np.ndarray:
    return np.asarray(ds[path].values[0])


def figures(ds: xr.Dataset) -> dict[str, float]:
    return {name: metric["value"] for name, metric in kpis(ds).items()}


def battery(energy_kwh: float, control: str, **more: object) -> str:
    fields = ", ".join(f"{name}: {value}" for name, value in more.items())
    return f"onsite.battery={{kind: battery, energy_kwh: {energy_kwh}, control: {{{control}}}, {fields}}}"


def imported(ds: xr.Dataset) -> float:
    return float(ds["grid.meter.import_kw"].sum()) * float(ds.attrs["step_h"])


def test_a_battery_adds_what_it_stores_and_nothing_else() -> None:
    """The published test: 0.1 kWh charged at 1 kW adds 360,000 J to what the site draws, at any step."""
    ideal = {"rate_per_h": 10, "start_soc_frac": 0, "least_soc_frac": 0, "most_soc_frac": 1,
             "charge_efficiency_frac": 1, "discharge_efficiency_frac": 1}  # fmt: skip
    charge = battery(0.1, "kind: schedule, charge: {kind: constant, value_frac: 1}", **ideal)
    for step in ("1min", "2min", "10min"):
        short = ("run.start=2025-07-07", "run.duration=10min", f"run.step={step}")
        bare, charged = run("quickstart", *short), run("quickstart", *short, charge)
        assert 3.6e6 * (imported(charged) - imported(bare)) == pytest.approx(360e3, rel=1e-6)
        assert series(charged, f"{BATTERY}.soc_frac")[-1] == pytest.approx(1.0)
        assert float(charged["stored_kwh"].sel(ledger="electric")[0]) == pytest.approx(0.1, rel=1e-12)


CYCLED = [
    ("grid/solar_battery", SUMMER), ("grid/price_battery", SUMMER),
    ("grid/price_battery", ("run.start=2021-02-12", "run.duration=10d", "run.step=15min")),
    ("grid/peak_shaving", WEEK), ("grid/planned_battery", (*WEEK, "run.step=5min")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "overrides"), CYCLED)
def test_a_battery_never_gains_energy_and_never_charges_while_it_discharges(name: str, overrides: tuple) -> None:
    ds = run(name, *overrides)
    spec = shipped(name).onsite["battery"]
    dt_h = float(ds.attrs["step_h"])
    taken, given, soc = (series(ds, f"{BATTERY}.{field}") for field in ("charge_kw", "discharge_kw", "soc_frac"))
    assert given.max() > 0
    assert not ((taken > 0) & (given > 0)).any()
    stored = spec.energy_kwh * np.diff(soc, prepend=spec.start_soc_frac)
    lost = series(ds, f"{BATTERY}.loss_kw") * dt_h
    np.testing.assert_allclose((taken - given) * dt_h, stored + lost, atol=1e-9 * spec.energy_kwh)
    assert lost.min() >= 0.0
    assert lost[taken + given > 0].min() > 0.0
    held = spec.energy_kwh * (soc[-1] - spec.start_soc_frac) * ONE_WAY
    assert given.sum() * dt_h <= ONE_WAY * ONE_WAY * taken.sum() * dt_h - held + 1e-6


@pytest.mark.parametrize(("name", "overrides"), CYCLED)
def test_a_battery_stays_within_its_power_and_its_window(name: str, overrides: tuple) -> None:
    ds = run(name, *overrides)
    spec = shipped(name).onsite["battery"]
    rated = spec.rate_per_h * spec.energy_kwh * (1 + 1e-12)
    soc = series(ds, f"{BATTERY}.soc_frac")
    assert max(series(ds, f"{BATTERY}.{field}_kw").max() for field in ("charge", "discharge")) <= rated
    assert soc.min() >= spec.least_soc_frac - 1e-12
    assert soc.max() <= spec.most_soc_frac + 1e-12


def test_the_warm_up_neither_fills_nor_empties_a_battery() -> None:
    charge = battery(2000, "kind: schedule, charge: {kind: constant, value_frac: 1}", start_soc_frac=0.3)
    ds = run("quickstart", "run.start=2025-07-07", "run.duration=2h", "run.warmup_h=48", charge)
    assert series(ds, f"{BATTERY}.soc_frac")[0] == pytest.approx(0.3 + 0.5 * ONE_WAY, rel=1e-12)


def test_a_battery_on_prices_buys_below_one_and_gives_above_the_other() -> None:
    ds = run("grid/price_battery", "run.duration=300d")
    price = series(ds, f"{BATTERY}.control.ordered_frac")
    taken, given = (series(ds, f"{BATTERY}.{field}_kw") for field in ("charge", "discharge"))
    assert set(np.unique(price)) == {-1.0, 0.0, 1.0}
    assert taken[price < 1].max() == 0.0
    assert given[price > -1].max() == 0.0
    assert not ((taken > 0) & (given > 0)).any()  # 281 hours of this year have negative prices
    value = figures(ds)["total_cost"]
    still = figures(run("grid/price_battery", "run.duration=300d", f"{BATTERY}.rate_per_h=0.000001"))["total_cost"]
    assert value < still


def test_a_battery_that_may_not_export_gives_no_more_than_the_site_draws() -> None:
    give = "kind: schedule, discharge: {kind: constant, value_frac: 1}"
    day = ("run.start=2025-07-07", "run.duration=1d")
    for may, exported in (("false", False), ("true", True)):
        ds = run("quickstart", *day, battery(20000, give, rate_per_h=0.2, may_export=may))
        assert (series(ds, "grid.meter.export_kw").max() > 0) == exported


def test_a_peak_is_shaved_in_the_step_in_which_it_occurs() -> None:
    control = "kind: peak, import_kw: 1420, recharge_import_kw: 1400"
    for step in ("1h", "15min"):
        bare = series(run("quickstart", *WEEK, f"run.step={step}"), "grid.meter.import_kw")
        ds = run("quickstart", *WEEK, f"run.step={step}", battery(20000, control, rate_per_h=0.25))
        shaved, taken = series(ds, "grid.meter.import_kw"), series(ds, f"{BATTERY}.charge_kw")
        assert bare.max() > 1430
        assert shaved.max() == pytest.approx(1420, abs=1e-6)
        assert shaved[taken > 0].max() <= 1400 + 1e-6
        np.testing.assert_allclose(shaved[bare > 1420], 1420, atol=1e-6)
    small = figures(run("quickstart", *WEEK, battery(10, control)))
    assert small["battery_short_kwh"] > 0
    assert small["peak_grid_kw"] > 1421


def test_two_batteries_do_not_answer_the_same_peak() -> None:
    control = "kind: peak, import_kw: 1420, recharge_import_kw: 1000"
    one = f"{{kind: battery, energy_kwh: 20000, rate_per_h: 0.25, control: {{{control}}}}}"
    ds = run("quickstart", *WEEK, f"onsite={{first: {one}, second: {one}}}")
    assert series(ds, "grid.meter.import_kw").max() == pytest.approx(1420, abs=1e-6)
    assert series(ds, "onsite.first.discharge_kw").max() > 0
    assert series(ds, "onsite.second.discharge_kw").max() < 1e-9


def test_self_consumption_neither_buys_nor_exports_what_it_could_keep() -> None:
    ds = run("grid/solar_battery", *SUMMER)
    load = series(ds, "power.main.input_kw") + 8.0  # and the battery's own auxiliaries
    solar, taken, given = (
        series(ds, name) for name in ("onsite.solar.generated_kw", f"{BATTERY}.charge_kw", f"{BATTERY}.discharge_kw")
    )
    soc, exported, bought = (
        series(ds, name) for name in (f"{BATTERY}.soc_frac", "grid.meter.export_kw", "grid.meter.import_kw")
    )
    assert (taken <= np.maximum(solar - load, 0.0) + 1e-6).all()
    assert (given <= np.maximum(load - solar, 0.0) + 1e-6).all()
    full = (soc > 0.95 - 1e-9) | (taken > 2000 - 1e-6)
    assert exported.max() > 0
    assert exported[~full].max() < 1e-6
    assert bought[(soc > 0.05 + 1e-9) & (given < 2000 - 1e-6)].max() < 1e-6


def test_a_schedule_comes_from_a_file(tmp_path: Path) -> None:
    hours = [f"2025-07-07T{h:02d}:00Z,{float(h < 8)},{float(8 <= h < 14)}" for h in range(24)]
    (tmp_path / "plan.csv").write_text("time,in,out\n" + "\n".join(hours) + "\n")
    column = "{kind: csv, file: '%s', repeat: day, timezone: UTC, column: %s}"
    plan = f"kind: schedule, charge: {column}, discharge: {column}" % (
        tmp_path / "plan.csv", "in", tmp_path / "plan.csv", "out",
    )  # fmt: skip
    ds = run("quickstart", "run.start=2025-07-07", "run.duration=1d", battery(2000, plan, rate_per_h=0.1))
    hour = ds["time"].dt.hour.values
    wanted = np.where(hour < 8, 1.0, np.where(hour < 14, -1.0, 0.0))
    np.testing.assert_array_equal(series(ds, f"{BATTERY}.control.ordered_frac"), wanted)
    net = series(ds, f"{BATTERY}.charge_kw") - series(ds, f"{BATTERY}.discharge_kw")
    assert set(np.sign(net[hour < 8])) <= {0.0, 1.0}
    assert np.abs(net).max() == pytest.approx(200)


def test_charge_and_discharge_that_are_stated_together_are_taken_off_each_other() -> None:
    both = "kind: schedule, charge: {kind: constant, value_frac: 0.8}, discharge: {kind: constant, value_frac: 0.6}"
    ds = run("quickstart", "run.start=2025-07-07", "run.duration=1h", battery(1000, both))
    assert series(ds, f"{BATTERY}.charge_kw")[0] == pytest.approx(0.2 * 500)
    assert series(ds, f"{BATTERY}.discharge_kw")[0] == 0.0


DAILY = "[" + ", ".join(["1"] * 12 + ["0"] * 12) + "]", "[" + ", ".join(["0"] * 12 + ["1"] * 12) + "]"


def test_a_daily_cycle_ages_a_battery_as_published() -> None:
    """BLAST-Lite, 250 Ah LFP: 90 to 10 % every day at 25 degC keeps 97.62 % after a year; 0.9 % of it is time's."""
    control = "kind: schedule, charge: {kind: daily, weekday_frac: %s}, discharge: {kind: daily, weekday_frac: %s}"
    ds = simulate(
        shipped("quickstart", battery(1000, control % DAILY, rate_per_h=0.08, least_soc_frac=0.1, most_soc_frac=0.9)),
        keep="none",
    )
    found = figures(ds)
    assert found["battery_cycles_count"] == pytest.approx(0.8 * 365, rel=0.01)
    assert 1.0 - found["battery_capacity_lost_frac"] == pytest.approx(0.9762, abs=0.005)


@pytest.mark.parametrize(("soc", "temperature", "left"), [(0.5, 25.0, 0.989), (0.95, 30.0, 0.9769)])
def test_a_battery_that_rests_ages_by_the_calendar_as_published(soc: float, temperature: float, left: float) -> None:
    rest = battery(1000, "kind: schedule", start_soc_frac=soc, temperature_c=temperature)
    found = figures(simulate(shipped("quickstart", rest), keep="none"))
    assert 1.0 - found["battery_capacity_lost_frac"] == pytest.approx(left, abs=0.005)
    assert found["battery_cycles_count"] == 0.0
    assert found["battery_calendar_loss_frac"] == found["battery_capacity_lost_frac"]


def test_ageing_does_not_depend_on_the_step() -> None:
    lost = [figures(run("grid/planned_battery", "run.start=2025-07-07", "run.duration=28d", f"run.step={step}"))
            ["battery_capacity_lost_frac"] for step in ("1h", "15min")]  # fmt: skip
    assert lost[0] == pytest.approx(lost[1], rel=0.01)


def generator(control: str, **more: object) -> str:
    fields = ", ".join(f"{name}: {value}" for name, value in more.items())
    return f"onsite.generators={{kind: generator, rated_kw: 1000, control: {{{control}}}, {fields}}}"


@pytest.mark.parametrize(("units", "litres"), [(1, 269.1), (4, None)])
def test_a_generator_burns_what_the_chart_says_and_exports_nothing(units: int, litres: float | None) -> None:
    """1000 kW at full load: 269.1 L/h (dealers' chart). Four of them carry what the site draws, and no more."""
    hour = ("run.start=2025-07-07 12:00", "run.duration=1h")
    steady = "kind: schedule, running: {kind: constant, value_frac: 1}"
    ds = run("quickstart", *hour, generator(steady, units_count=units, start_min=0, standby_frac=0))
    load, given = (float(ds[name][0, 0]) for name in ("power.main.input_kw", f"{SETS}.generated_kw"))
    assert given == pytest.approx(min(units * 1000.0, load))
    assert float(ds["grid.meter.export_kw"].max()) == 0.0
    assert float(ds["grid.meter.import_kw"][0, 0]) == pytest.approx(load - given, abs=1e-9)
    if litres:
        assert figures(ds)["onsite_fuel_l"] == pytest.approx(litres, rel=2e-3)
    assert figures(ds)["onsite_emissions_kgco2"] == pytest.approx(figures(ds)["onsite_fuel_kwh"] * 0.26676)


def test_generators_do_not_change_the_energy_of_the_facility() -> None:
    steady = "kind: schedule, running: {kind: constant, value_frac: 0.5}"
    bare = figures(run("quickstart", *WEEK))
    fed = figures(run("quickstart", *WEEK, generator(steady, units_count=1, standby_frac=0)))
    assert fed["onsite_generation_kwh"] > 0
    assert fed["pue"] == pytest.approx(bare["pue"], rel=1e-12)


def test_a_generator_takes_its_time_to_start() -> None:
    event = "kind: event, events: [{at: '2025-07-07 10:00', duration_h: 1}]"
    fields = {"start_min": 10, "standby_frac": 0}
    hours = ("run.start=2025-07-07 08:00", "run.duration=4h")  # 09:00 in Miami, summer time
    fine, hourly = (
        run("quickstart", *hours, f"run.step={step}", generator(event, **fields)) for step in ("5min", "1h")
    )
    ran = series(fine, f"{SETS}.running_count")
    first = int(np.flatnonzero(series(fine, f"{SETS}.control.called_frac"))[0])
    assert ran[first : first + 3].tolist() == [0.0, 0.0, 1.0]
    assert ran.sum() / 12 == pytest.approx(50 / 60)
    assert series(hourly, f"{SETS}.running_count").sum() == pytest.approx(50 / 60)
    assert figures(fine)["onsite_generation_kwh"] == pytest.approx(figures(hourly)["onsite_generation_kwh"], rel=0.01)


def test_sets_that_run_are_not_kept_warm() -> None:
    steady = "kind: schedule, running: {kind: constant, value_frac: 1}"
    ds = run("quickstart", "run.start=2025-07-07", "run.duration=3h", generator(steady, standby_frac=0.01))
    starting = 1 / 60  # of the first hour
    assert series(ds, f"{SETS}.standby_kw") == pytest.approx([10.0, 10.0 * starting, 0.0])


def test_generators_run_in_the_dear_hours_alone() -> None:
    ds = run("grid/price_battery", "run.start=2021-02-10", "run.duration=10d")
    ran, called = series(ds, f"{SETS}.running_count") > 0, series(ds, f"{SETS}.control.called_frac") > 0
    assert 24 < ran.sum() < 10 * 24
    np.testing.assert_array_equal(ran, called)
    found = figures(ds)
    assert found["fuel_cost"] == pytest.approx(0.08 * found["onsite_fuel_kwh"])
    assert found["net_cost"] == pytest.approx(found["total_cost"] + found["fuel_cost"])


CALL = ("run.start=2025-08-12", "run.duration=2d")


@pytest.mark.parametrize("step", ["1h", "15min", "5min"])
def test_ups_batteries_leave_the_ride_through_that_they_keep(step: str) -> None:
    ds = run("grid/demand_response", *CALL, f"run.step={step}", f"{UPS}.control.depth_frac=0.8")
    support, minutes = series(ds, f"{UPS}.support_kw"), series(ds, f"{UPS}.ride_through_min")
    load = series(ds, "power.ups.output_kw")
    assert support.max() == pytest.approx(0.8 * load[support.argmax()])
    assert minutes[support > 0].min() >= 10.0 * (1 - 1e-9)
    assert minutes[support > 0].min() == pytest.approx(10.0, rel=0.01)
    assert figures(ds)["battery_short_kwh"] > 100
    assert figures(run("grid/demand_response", *CALL, f"run.step={step}"))["battery_short_kwh"] == 0.0
    assert float(ds["grid.meter.export_kw"].max()) == 0.0


def test_what_a_ups_carries_is_not_drawn_from_the_grid() -> None:
    called = run("grid/demand_response", *CALL)
    bare = run("grid/demand_response", *CALL, f"{UPS}.control.depth_frac=0.0001")
    support = series(called, f"{UPS}.support_kw") - series(bare, f"{UPS}.support_kw")
    at = int(support.argmax())
    drawn = series(called, "power.ups.input_kw") + series(called, f"{UPS}.net_kw")
    before = series(bare, "power.ups.input_kw") + series(bare, f"{UPS}.net_kw")
    assert (before - drawn)[at] == pytest.approx(support[at], rel=1e-6)
    np.testing.assert_allclose(series(called, "power.ups.input_kw"), series(bare, "power.ups.input_kw"), rtol=1e-9)


def test_losses_of_a_ups_battery_heat_its_room_one_step_later() -> None:
    ds = run("grid/demand_response", *CALL)
    lost = series(ds, f"{UPS}.loss_kw") + series(ds, f"{UPS}.float_kw")
    assert lost.max() > 10.0
    np.testing.assert_array_equal(series(ds, f"{UPS}.released_kw")[1:], lost[:-1])


def test_energy_that_a_run_leaves_in_its_batteries_is_a_figure() -> None:
    ds = run("grid/planned_battery", *WEEK)
    gained = 2000 * (series(ds, f"{BATTERY}.soc_frac")[-1] - 0.5)
    assert figures(ds)["battery_stored_kwh"] == pytest.approx(gained, rel=1e-9)
    assert figures(ds)["battery_short_kwh"] == 0.0


def test_figures_of_on_site_energy_stand_only_where_there_is_some() -> None:
    found = figures(run("quickstart", *WEEK))
    assert not {name for name in found if name.startswith(("onsite", "export", "battery_thr", "self", "ref_"))}
    assert "net_cost" not in found


def test_texas_pays_three_quarters_of_its_year_in_february() -> None:
    """Prices of 2021: the year at 145.62 USD/MWh at the hub, March to December at 35.84."""
    year, rest = (figures(run("grid/texas_2021", *more)) for more in ((), ("run.start=2021-03-01",)))
    per_mwh = [1000 * (f["energy_cost"] / f["facility_energy_kwh"] - 0.02) for f in (year, rest)]
    assert per_mwh[0] == pytest.approx(145.62, rel=0.03)
    assert per_mwh[1] == pytest.approx(35.84, rel=0.03)
    assert rest["energy_cost"] < 0.35 * year["energy_cost"]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "onsite.b={kind: battery, energy_kwh: 10, least_soc_frac: 0.9, most_soc_frac: 0.8, control: {kind: price, "
            "charge_below_per_kwh: 0, discharge_above_per_kwh: 1}}",
            "must be below most_soc_frac (0.8), got 0.9",
        ),
        (
            "onsite.b={kind: battery, energy_kwh: 10, start_soc_frac: 0.99, control: {kind: self_consumption}}",
            "must lie in the window from least_soc_frac to most_soc_frac (0.05 to 0.95), got 0.99",
        ),
        (
            "onsite.b={kind: battery, energy_kwh: 10, control: {kind: price, charge_below_per_kwh: 0.2, "
            "discharge_above_per_kwh: 0.1}}",
            "must not be below charge_below_per_kwh (0.2), got 0.1",
        ),
        (
            "onsite.b={kind: battery, energy_kwh: 10, control: {kind: peak, import_kw: 100, recharge_import_kw: 200}}",
            "must not exceed import_kw (100), got 200",
        ),
    ],
)
def test_what_cannot_be_is_refused(override: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        shipped("quickstart", override)
    assert [fault.message for fault in caught.value.faults] == [message]
