"""The chilled-water tank on its loop: conservation, ride-through, peaks, standing by."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from tests.engine.scenarios import from_text, shipped
from twin.engine.simulate import simulate
from twin.scenario.model import Scenario
from twin.units import WATER_CP_KJ_KG_K, WATER_KG_M3

TANK = "plants.main.storage"
PIPES_M3, TANK_M3, LOAD_KW, RISE_K = 20.0, 100.0, 1000.0, 8.0
KWH_PER_M3_K = WATER_KG_M3 * WATER_CP_KJ_KG_K / 3600.0
SITE = f"""
name: one load and a tank
site: {{timezone: Etc/GMT+5}}
weather: {{file: "pvlib:723170TYA.CSV"}}
run: {{step: 1min, start: 2025-07-01, duration: 4h}}
plants:
  main:
    kind: chilled_water
    supply_c: 8
    volume_m3: {PIPES_M3}
    chillers:
      one: {{kind: air_cooled, rated_kw: 1600}}
    pump: {{flow_m3_s: 0.04, head_kpa: 200, heat_to_water_frac: 0}}
    process: {{load: {{heat_kw: {LOAD_KW}, water_rise_k: {RISE_K}}}}}
    storage:
      volume_m3: {TANK_M3}
      charge_kw: 400
      discharge_kw: 1500
      figure_of_merit_frac: 1
      ua_kw_per_k: 0
      heat_to_water_frac: 0
grid:
  tariff: {{kind: flat, currency: USD, energy_per_kwh: 0.1}}
  carbon: {{kind: flat, average_kgco2_per_kwh: 0.4}}
"""
OUTAGE = "plants.main.chillers.one.availability={kind: outages, outages: [{at: '2025-07-01 01:00', duration_h: 1.3}]}"
DIP = OUTAGE.replace("1.3", "0.5")


def site(*overrides: str) -> Scenario:
    return from_text(SITE, *overrides)


def series(ds: xr.Dataset, name: str) -> np.ndarray:
    return ds[f"plants.main.{name}"].values[0]


def minutes_until(ds: xr.Dataset, warm_c: float) -> float:
    """From the start of the outage to when the supply passes a temperature, straight lines between steps."""
    ends_c, dt_min = series(ds, "supply_c"), 60.0 * ds.attrs["step_h"]
    at = int(np.argmax(ends_c > warm_c))
    into = (warm_c - ends_c[at - 1]) / (ends_c[at] - ends_c[at - 1])
    return (at + into) * dt_min - 60.0


@pytest.mark.parametrize("step", ["5s", "1min", "5min"])
@pytest.mark.parametrize(("merit", "rise_k"), [(1.0, 0.5), (1.0, 5.0), (0.85, 5.0)])
def test_the_ride_through_is_heat_capacity_times_rise_over_load(step: str, merit: float, rise_k: float) -> None:
    """Tank: m c (return - supply) / Q with the supply at set-point; then the pipes: m c rise / Q."""
    ds = simulate(site(OUTAGE, f"run.step={step}", f"{TANK}.figure_of_merit_frac={merit}"))
    expected_h = KWH_PER_M3_K * (merit * TANK_M3 * RISE_K + PIPES_M3 * rise_k) / LOAD_KW
    assert minutes_until(ds, 8.0 + rise_k) == pytest.approx(
        60.0 * expected_h, rel=0.01, abs=1.25 if step == "5min" else 0.0
    )
    held = (series(ds, "chillers.one.capacity_kw") < 1e-6) & (series(ds, "supply_c") < 8.0 + 1e-3)
    assert held.sum() * ds.attrs["step_h"] > 0.85 * (expected_h - KWH_PER_M3_K * PIPES_M3 * rise_k / LOAD_KW)
    np.testing.assert_allclose(series(ds, "storage.discharge_kw")[held], LOAD_KW, rtol=1e-3)


def test_without_a_tank_or_without_its_emergency_use_only_the_pipes_carry_an_outage() -> None:
    pipes_min = 60.0 * KWH_PER_M3_K * PIPES_M3 * 5.0 / LOAD_KW
    for override in (f"{TANK}=null", f"{TANK}.emergency=false"):
        assert minutes_until(simulate(site(DIP, override)), 13.0) == pytest.approx(pipes_min, rel=0.01)


@pytest.mark.parametrize("step", ["4h", "1h", "10min", "5s"])
@pytest.mark.parametrize("size", [0.1, 100.0, 50000.0])
def test_the_water_ledger_closes_at_any_step_and_size_and_no_water_leaves_its_range(step: str, size: float) -> None:
    swing = "{kind: daily, weekday_frac: [" + ", ".join(["0, 0, 1, 1, 0, 1"] * 4) + "]}"
    wall_kw_per_k = 0.1 * size**0.67
    ds = simulate(site(DIP, f"run.step={step}", f"{TANK}.volume_m3={size}", f"{TANK}.ua_kw_per_k={wall_kw_per_k}",
                       f"{TANK}.discharge={swing}", f"{TANK}.figure_of_merit_frac=0.9",
                       f"{TANK}.heat_to_water_frac=0.9"))  # fmt: skip
    through_kwh = LOAD_KW * 4
    assert np.abs(ds["residual_kwh"].values).max() < 1e-9 * through_kwh
    air_c = ds["weather.dry_bulb_c"].values
    warmest = max(series(ds, "supply_c").max() + RISE_K, air_c.max(), 16.0) + 1e-9
    for name in ("cold_c", "warm_c"):
        water_c = series(ds, f"storage.{name}")
        assert 8.0 - 1e-6 <= water_c.min() <= water_c.max() <= warmest
    assert series(ds, "storage.cold_frac").min() >= 0.0
    assert series(ds, "storage.cold_frac").max() <= 1.0


def test_the_tank_gives_back_what_it_took_less_what_it_gained() -> None:
    """Heat taken from the loop and through the wall, less heat given to the loop, is what its two zones hold more."""
    ds = simulate(shipped("technologies/chilled_water_storage", "run.start=2025-07-08", "run.duration=5d"))
    given, taken, gained = (series(ds, f"storage.{name}_kw")[1:].sum() for name in ("discharge", "charge", "gain"))
    cold, cold_c, warm_c = (series(ds, f"storage.{name}") for name in ("cold_frac", "cold_c", "warm_c"))
    heat_kwh = 400 * KWH_PER_M3_K * (cold * cold_c + (1 - cold) * warm_c)
    assert given > 10000
    assert 0 < gained < 0.05 * given
    assert given - taken + gained == pytest.approx(heat_kwh[-1] - heat_kwh[0], abs=1e-6)


def test_it_moves_chiller_power_from_the_afternoon_to_the_night() -> None:
    days = ("run.start=2025-07-07", "run.duration=5d")
    with_tank = simulate(shipped("technologies/chilled_water_storage", *days))
    without = simulate(shipped("quickstart", *days))
    hour = with_tank["time"].dt.hour.values
    afternoon, night = (hour >= 17) & (hour < 21), (hour >= 2) & (hour < 8)  # UTC; Miami is four hours behind

    def mean_kw(ds: xr.Dataset, when: np.ndarray) -> float:
        return float(ds["grid.meter.import_kw"].values[0][when].mean())

    assert mean_kw(with_tank, afternoon) < mean_kw(without, afternoon) - 50
    assert mean_kw(with_tank, night) > mean_kw(without, night) + 30
    assert series(with_tank, "excess_k").max() < 1e-6


def test_a_tank_that_stands_by_is_cooled_again_and_stays_ready() -> None:
    """Half a kelvin warmer than the supply, the whole tank is cooled again: its gain is all that is charged."""
    ds = simulate(site("run.step=1h", "run.duration=60d", f"{TANK}.ua_kw_per_k=0.2", f"{TANK}.ambient_c=28"))
    cold_c, able = series(ds, "storage.cold_c"), series(ds, "storage.able_kw")
    assert 8.0 <= cold_c.min() < cold_c.max() < 8.6
    assert cold_c.max() > 8.4
    assert able.min() > 0.9 * KWH_PER_M3_K * TANK_M3 * (RISE_K - 0.6)
    charged, gained = series(ds, "storage.charge_kw").sum(), series(ds, "storage.gain_kw").sum()
    assert gained == pytest.approx(0.2 * 20 * 24 * 60, rel=0.03)
    assert charged == pytest.approx(gained, abs=KWH_PER_M3_K * TANK_M3 * 0.6)


def test_a_plant_without_capacity_to_spare_fills_no_tank_and_a_load_beyond_it_empties_one() -> None:
    short = simulate(site("plants.main.chillers.one.rated_kw=800", "run.duration=2h", "run.warmup_h=0"))
    chilled = series(short, "chillers.one.cooling_kw")
    assert series(short, "storage.charge_kw").max() == 0
    held = series(short, "excess_k") < 1e-6
    lacked = LOAD_KW - chilled
    assert held.any()
    np.testing.assert_allclose(series(short, "storage.discharge_kw")[held], lacked[held], rtol=1e-6)
    assert series(simulate(site(f"{TANK}.initial_frac=0.2", "run.warmup_h=0")), "storage.charge_kw").max() > 300


def test_the_tanks_pumps_draw_power_and_warm_the_water() -> None:
    """Flow x head / efficiency: 1000 kW over 8 K are .02992 m3/s; at 100 kPa and .7 that is 4.27 kW."""
    ds = simulate(site(OUTAGE, f"{TANK}.heat_to_water_frac=0.9"))
    pump, given = series(ds, "storage.pump_kw"), series(ds, "storage.discharge_kw")
    at = 65  # five minutes into the outage
    flow = given[at] / (WATER_CP_KJ_KG_K * WATER_KG_M3 * series(ds, "storage.span_k")[at])
    assert pump[at] == pytest.approx(flow * 100 / 0.7)
    assert series(ds, "removed_kw")[at] == pytest.approx(given[at] - 0.9 * pump[at])
    assert pump[at] == pytest.approx(4.27, abs=0.03)


def test_smaller_steps_give_the_same_days() -> None:
    def sums(step: str) -> np.ndarray:
        ds = simulate(shipped("technologies/chilled_water_storage", "run.start=2025-07-07", "run.duration=3d",
                              f"run.step={step}"), keep="none")  # fmt: skip
        wanted = [f"plants.main.{name}" for name in ("storage.charge_kw", "storage.discharge_kw", "storage.gain_kw")]
        return ds["total"].sel(output=wanted).values[0]

    np.testing.assert_allclose(sums("15min"), sums("5min"), rtol=0.02)


@pytest.mark.parametrize(("efficiency", "gives"), [(0.7, True), (0.0005, False)])
def test_a_tank_whose_pumps_would_warm_the_water_more_than_it_cools_gives_nothing(
    efficiency: float, gives: bool
) -> None:
    pumps = (f"plants.main.storage.pump_efficiency_frac={efficiency}", "plants.main.storage.heat_to_water_frac=1")
    ds = simulate(site(DIP, *pumps))
    share = 100.0 / (WATER_KG_M3 * efficiency * WATER_CP_KJ_KG_K * RISE_K)  # of 100 kPa, kW per kW that the tank gives
    assert (share < 0.9) == gives
    assert (series(ds, "storage.discharge_kw").max() > 1.0) == gives
    assert series(ds, "storage.pump_kw").min() >= 0.0
    assert np.abs(ds["residual_kwh"].values).max() < 1e-6
