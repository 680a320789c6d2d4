"""Batteries of UPS and rectifiers in a run: ride-through by load and age, float, life."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from tests.engine.scenarios import shipped
from twin.components.power.battery import LeadBattery, LithiumBattery
from twin.engine.simulate import simulate
from twin.studies.kpis import kpis

HOUR = ("run.start=2025-07-07", "run.duration=1h", "run.warmup_h=30")
NAME = "technologies/ups_batteries"
LITHIUM, LEAD = "power.ups_enterprise", "power.ups"


def run(*overrides: str, name: str = NAME) -> xr.Dataset:
    return simulate(shipped(name, *HOUR, *overrides))


def value(ds: xr.Dataset, path: str) -> float:
    return float(ds[path].values[0, 0])


def minutes(ds: xr.Dataset, path: str) -> float:
    return value(ds, f"{path}.battery.ride_through_min")


def test_lithium_on_float_at_30_degrees_keeps_92_27_percent_after_ten_years() -> None:
    """BLAST-Lite, 250 Ah LFP, float at 95 % and 30 degC."""
    aged = LithiumBattery(energy_kwh=100, temperature_c=30, age_years=10)
    assert aged.capacity_frac == pytest.approx(0.9227, abs=0.005)
    assert LithiumBattery(energy_kwh=100).capacity_frac == 1.0
    assert aged.life_years is None


@pytest.mark.parametrize(("temperature", "life"), [(20.0, 10.0), (25.0, 10.0), (33.3, 5.0), (41.6, 2.5)])
def test_lead_lives_half_as_long_for_every_8_3_kelvin_above_25_degrees(temperature: float, life: float) -> None:
    battery = LeadBattery(energy_kwh=100, rated_duration_h=0.25, rated_life_years=10, temperature_c=temperature)
    assert battery.life_years == pytest.approx(life, rel=1e-12)
    worn = LeadBattery(
        energy_kwh=100, rated_duration_h=0.25, rated_life_years=10, temperature_c=temperature, age_years=life
    )
    assert worn.capacity_frac == pytest.approx(0.8, rel=1e-12)


def test_lithium_carries_its_energy_between_the_limits_over_the_load() -> None:
    ds = run(f"{LITHIUM}.battery.age_years=0")
    load_kw = value(ds, f"{LITHIUM}.output_kw")
    assert minutes(ds, LITHIUM) == pytest.approx(60 * 60 * (0.95 - 0.1) * 0.9487 / load_kw, rel=1e-12)


def test_lead_rated_for_its_load_lasts_the_rated_duration() -> None:
    """Peukert at the rated power: 15 minutes of a battery that is rated for 15 minutes."""
    load_kw = value(run(), f"{LEAD}.output_kw")
    ds = run(f"{LEAD}.battery.age_years=0", f"{LEAD}.battery.energy_kwh={load_kw / 0.97 * 0.25!r}")
    assert minutes(ds, LEAD) == pytest.approx(15.0, rel=1e-9)


def test_lead_at_half_its_rated_load_lasts_more_than_twice_as_long() -> None:
    load_kw = value(run(), f"{LEAD}.output_kw")
    ds = run(f"{LEAD}.battery.age_years=0", f"{LEAD}.battery.energy_kwh={2 * load_kw / 0.97 * 0.25!r}")
    assert minutes(ds, LEAD) == pytest.approx(15.0 * 2**1.10, rel=1e-9)


def test_age_shortens_the_ride_through() -> None:
    times = [minutes(run(f"{path}.battery.age_years={age}"), path) for path in (LITHIUM, LEAD) for age in (0, 5, 10)]
    assert times[0] > times[1] > times[2] > 0
    assert times[3] > times[4] > times[5] > 0
    assert times[2] / times[0] == pytest.approx(0.9227, abs=0.005)
    assert times[5] / times[3] == pytest.approx(0.8**1.10, rel=1e-9)


def test_a_load_beyond_the_power_of_the_cells_is_not_carried() -> None:
    assert minutes(run(f"{LITHIUM}.battery.power_limit_kw=50"), LITHIUM) == 0.0
    assert minutes(run(f"{LEAD}.battery.power_limit_kw=50"), LEAD) == 0.0


def test_float_is_drawn_before_the_ups_and_heats_its_room() -> None:
    more, less = run(f"{LITHIUM}.battery.float_kw=5"), run(f"{LITHIUM}.battery.float_kw=0")
    assert value(more, f"{LITHIUM}.input_kw") == value(less, f"{LITHIUM}.input_kw")
    drawn = value(more, "power.main.output_kw") - value(less, "power.main.output_kw")
    warmed = value(more, "rooms.electrical.coil_kw") - value(less, "rooms.electrical.coil_kw")
    assert drawn > 5.0  # and what it takes to cool the room
    assert warmed == pytest.approx(5.0, abs=0.01)
    assert kpis(more)["battery_loss_kwh"]["value"] == pytest.approx(5.0 + 0.001 * 2.25 / 2 * 300)
    assert kpis(more)["energy_balance_residual_frac"]["value"] < 1e-9


def test_the_shortest_ride_through_is_a_figure_only_where_there_is_a_battery() -> None:
    ds = simulate(shipped(NAME, "run.start=2025-07-07", "run.duration=3d"))
    figures = kpis(ds)
    lowest = min(float(ds[f"{path}.battery.ride_through_min"].min()) for path in (LITHIUM, LEAD))
    assert figures["ride_through_min"]["value"] == lowest
    assert figures["battery_capacity_frac"]["value"] == pytest.approx(0.8)
    assert figures["battery_life_years"]["value"] == 10.0
    assert not {"ride_through_min", "battery_life_years", "fuel_l", "erf"} & set(kpis(run(name="quickstart")))


def test_a_rectifier_has_a_battery_too() -> None:
    battery = "power.rectifiers.battery={kind: lithium, energy_kwh: 500}"
    ds = run(battery, name="technologies/dc_380")
    load_kw = value(ds, "power.rectifiers.output_kw")
    expected = 60 * 500 * 0.85 * 0.9487 / load_kw
    np.testing.assert_allclose(ds["power.rectifiers.battery.ride_through_min"], expected, rtol=1e-12)


def test_a_battery_of_a_ups_that_feeds_a_plant_sees_the_load_of_the_same_step() -> None:
    ds = simulate(shipped(NAME, "run.start=2025-07-07", "run.duration=1d", "plants.main.fed_by=ups_enterprise"))
    load_kw = ds[f"{LITHIUM}.output_kw"].values
    kept_kwh = 60 * LithiumBattery(energy_kwh=60, temperature_c=30, age_years=10).capacity_frac * 0.85 * 0.9487
    expected = np.where(load_kw <= 360 * 0.9487, 60 * kept_kwh / load_kw, 0.0)
    assert np.ptp(load_kw) > 10
    np.testing.assert_allclose(ds[f"{LITHIUM}.battery.ride_through_min"].values, expected, rtol=1e-12)
