"""A site without its utility on a battery that forms a grid: until it is empty, with the sun, beside generators."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import xarray as xr

from tests.engine.scenarios import shipped
from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.studies.kpis import kpis

DAY = ("run.start=2025-07-15", "run.duration=1d", "run.step=5min", "run.warmup_h=12",
       "run.refine={around: events, step: 15s, for: 41min}",
       "events.lost={unit: grid.meter, at: '2025-07-15 14:00', for: 40min}")  # fmt: skip
BATTERY, GPU = "onsite.battery", "halls.ai.rack_groups.gpu"
REST, DOWN = "{kind: schedule}", 0.9487
SOLAR = "onsite.solar={kind: pv, dc_kw: 3000}"
SETS = "onsite.sets={kind: generator, rated_kw: 1000, units_count: 2, start_min: 2, control: {kind: backup}}"


def battery(energy_kwh: float, control: str = REST, **more: object) -> str:
    fields = {"kind": "battery", "energy_kwh": energy_kwh, "rate_per_h": 4, "grid_forming": True, **more}
    return f"{BATTERY}={{{', '.join(f'{k}: {str(v).lower()}' for k, v in fields.items())}, control: {control}}}"


@functools.lru_cache(maxsize=16)
def island(*overrides: str) -> tuple[xr.Dataset, np.ndarray]:
    """Series of the day and seconds since the utility was lost; its ledgers close, and nothing comes from nowhere."""
    ds = simulate(shipped("quickstart", *DAY, *overrides))
    it_kwh = float(ds["total"].values[0][ds["end_use"].values[0] == "it"].sum())
    assert np.abs(ds["residual_kwh"].values).max() < 1e-9 * it_kwh
    assert kpis(ds)["unfed_kwh"]["value"] < 1e-9
    return ds, (ds["time"].values - np.datetime64("2025-07-15T18:00:00")) / np.timedelta64(1, "s")


def lost(seconds: np.ndarray) -> np.ndarray:
    return (seconds >= 0) & (seconds < 2400)


def series(ds: xr.Dataset, name: str) -> np.ndarray:
    return np.asarray(ds[name].values[0])


def test_a_large_battery_carries_all_of_the_site_and_gives_what_it_loses_of_its_charge() -> None:
    ds, s = island(battery(4000))
    carried, hours = series(ds, f"{BATTERY}.island_kw"), ds["step_length_h"].values
    assert series(ds, f"{GPU}.service.unserved_kw").max() == 0.0
    assert series(ds, "grid.meter.import_kw")[lost(s)].max() < 1e-9
    assert carried[lost(s)].min() > 1300.0
    assert carried[~lost(s)].max() == 0.0
    soc = series(ds, f"{BATTERY}.soc_frac")
    assert (0.5 - soc[-1]) * 4000 == pytest.approx((carried * hours).sum() / DOWN, rel=1e-9)
    assert kpis(ds)["site_battery_kwh"]["value"] == pytest.approx((carried * hours).sum(), rel=1e-9)


def test_the_site_is_dark_from_the_moment_on_at_which_the_battery_is_empty() -> None:
    ds, s = island(battery(500))
    load_kw = series(ds, "grid.meter.import_kw")[s < 0][-1]
    usable_s = 3600 * 500 * (0.5 - 0.05) * DOWN / load_kw
    fed = series(ds, f"{GPU}.power_kw") > 0.0
    assert s[fed & lost(s)].max() == pytest.approx(usable_s, rel=0.03)
    assert series(ds, f"{BATTERY}.island_kw")[lost(s) & (s > 1.1 * usable_s)].max() < 1e-9
    assert series(ds, f"{BATTERY}.soc_frac").min() == pytest.approx(0.05, abs=1e-3)


def test_a_larger_battery_never_goes_dark_earlier() -> None:
    unserved = [kpis(island(battery(kwh))[0])["unserved_it_kwh"]["value"] for kwh in (200, 500, 4000)]
    assert unserved == sorted(unserved, reverse=True)
    assert unserved[0] > 100.0
    assert unserved[-1] == 0.0


def test_a_battery_that_forms_no_grid_stands_still_and_so_does_the_sun() -> None:
    ds, s = island(battery(4000, "{kind: schedule, charge: {kind: constant, value_frac: 1}}", grid_forming=False,
                           rate_per_h=0.1), SOLAR)  # fmt: skip
    for name in (f"{BATTERY}.discharge_kw", f"{BATTERY}.charge_kw", "onsite.solar.generated_kw", f"{GPU}.power_kw"):
        assert series(ds, name)[lost(s)].max() == 0.0, name
    assert series(ds, "onsite.solar.generated_kw")[s < 0].max() > 500.0


def test_the_sun_carries_its_part_of_an_island_and_charges_what_it_has_too_much() -> None:
    alone, _ = island(battery(1000))
    ds, s = island(battery(1000), SOLAR)
    dark = [kpis(one)["unserved_it_kwh"]["value"] for one in (alone, ds)]
    assert dark[1] < 0.5 * dark[0]
    much, s = island(battery(1000, start_soc_frac=0.3), "onsite.solar={kind: pv, dc_kw: 30000}")
    assert series(much, f"{BATTERY}.charge_kw")[lost(s)].max() > 1000.0
    assert series(much, "grid.meter.export_kw")[lost(s)].max() == 0.0
    assert series(much, "grid.meter.curtailed_kw")[lost(s)].max() > 1000.0


def test_a_battery_bridges_the_start_of_generators_and_rests_once_they_run() -> None:
    ds, s = island(battery(1000), SETS)
    carried, sets = series(ds, f"{BATTERY}.island_kw"), series(ds, "onsite.sets.generated_kw")
    assert series(ds, f"{GPU}.service.unserved_kw").max() == 0.0
    assert carried[(s >= 0) & (s < 120)].min() > 1300.0
    assert sets[(s >= 120) & lost(s)].min() > 1300.0
    assert carried[s >= 120].max() < 1e-9


def test_a_battery_carries_what_generators_that_are_too_small_leave() -> None:
    ds, s = island(battery(2000), SETS.replace("1000", "600"))
    running = (s >= 120) & lost(s)
    assert series(ds, "onsite.sets.overload_kw").max() == 0.0
    np.testing.assert_allclose(series(ds, "onsite.sets.generated_kw")[running], 1200.0, rtol=1e-12)
    assert series(ds, f"{BATTERY}.island_kw")[running].min() > 100.0


def test_plain_and_compiled_agree_bit_for_bit_on_an_island() -> None:
    window = ("run.start=2025-07-15 12:50", "run.duration=20min", "run.warmup_h=1", "run.refine={step: 30s, for: 5min}")
    site = shipped("quickstart", *DAY, *window, battery(100), SOLAR.replace("3000", "500"), SETS)
    compiled, plain = (simulate(site, engine=engine) for engine in ("compiled", "plain"))
    np.testing.assert_array_equal(compiled["total"].values, plain["total"].values)
    assert float(plain["total"].sel(output=f"{BATTERY}.island_kw")[0]) > 0.0


def test_an_hour_that_loses_the_utility_for_a_part_takes_that_part_from_the_battery() -> None:
    day = ("run.start=2025-07-15", "run.duration=1d", DAY[-1])
    ds = simulate(shipped("quickstart", *day, battery(4000)))
    hour = np.flatnonzero(series(ds, f"{BATTERY}.island_kw"))
    assert hour.tolist() == [13]
    given, imported = (series(ds, name)[13] for name in (f"{BATTERY}.island_kw", "grid.meter.import_kw"))
    assert given == pytest.approx((given + imported) * 40 / 60, rel=1e-9)
    assert np.abs(ds["residual_kwh"].values).max() < 1e-6


@functools.lru_cache(maxsize=2)
def without_utility(*overrides: str) -> xr.Dataset:
    """Ten days of the shipped island, whose ledgers close."""
    ds = simulate(shipped("grid/without_utility", "run.start=2025-01-10", "run.duration=10d", *overrides))
    assert np.abs(ds["residual_kwh"].values).max() < 1e-6
    return ds


def test_a_site_that_never_had_a_utility_starts_from_its_own_battery_and_lives_by_what_it_makes() -> None:
    ds = without_utility()
    figures = kpis(ds)
    made = sum(series(ds, f"onsite.{name}.generated_kw").sum() for name in ("solar", "sets"))  # steps of an hour
    used = made - series(ds, "grid.meter.curtailed_kw").sum()
    stored = (series(ds, f"{BATTERY}.soc_frac")[-1] - 0.6) * 12000
    drawn = float(ds["total"].values[0][ds["end_use"].values[0] != ""].sum())
    assert figures["facility_energy_kwh"]["value"] == pytest.approx(used, rel=1e-9)
    assert drawn == pytest.approx(used - stored, rel=1e-9)
    assert figures["it_energy_kwh"]["value"] > 200e3
    assert figures["unserved_it_kwh"]["value"] == 0.0
    for name in ("import_kw", "export_kw", "unfed_kw"):
        assert series(ds, f"grid.meter.{name}").max() == 0.0, name


def test_sets_of_an_island_start_and_rest_by_the_charge_of_its_battery() -> None:
    ds = without_utility()
    before = np.concatenate([[0.6], series(ds, f"{BATTERY}.soc_frac")[:-1]])
    expected, called = [], 0.0
    for soc in before:
        called = 1.0 if soc < 0.3 else called if soc < 0.6 else 0.0
        expected.append(called)
    ran = series(ds, "onsite.sets.control.called_frac")
    assert ran.tolist() == expected
    assert 0 < np.count_nonzero(np.diff(ran) < 0.0) <= np.count_nonzero(np.diff(ran) > 0.0)


def test_an_island_without_anything_that_forms_it_stays_dark() -> None:
    ds = without_utility("onsite.battery.grid_forming=false", "onsite.sets.control={kind: event, events: "
                         "[{at: '2025-01-12 00:00', duration_h: 24}]}")  # fmt: skip
    fed = np.flatnonzero(series(ds, f"{GPU}.power_kw"))
    assert fed.tolist() == list(range(48, 72))


@pytest.mark.parametrize(("override", "message"), [
    ("onsite.battery.grid_forming=false", "onsite.sets.control: follows batteries that form a grid, and none does: "
     "state grid_forming: true of a battery, or kind: backup"),
    ("onsite.sets.control.stop_above_frac=0.2", "onsite.sets.control.stop_above_frac: must be above "
     "start_below_frac (0.3), got 0.2"),
])  # fmt: skip
def test_sets_that_can_follow_no_charge_are_refused(override: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        shipped("grid/without_utility", override)
    assert [str(fault).partition(": ")[2] for fault in caught.value.faults] == [message]
