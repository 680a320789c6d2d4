"""How long air, water and tanks carry the heat: against formulas, published times, and in the right order."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.scenarios import from_text, shipped
from twin.engine.simulate import simulate
from twin.studies.failures import passed_limits
from twin.studies.kpis import kpis
from twin.units import WATER_CP_KJ_KG_K, WATER_KG_M3

CHILLERS = ", ".join(
    f"{name}: {{unit: plants.main.chillers.{name}, at: '2025-07-15 15:00', for: 20min}}"
    for name in ("large", "medium", "small")
)
WATER = ("run.start=2025-07-15 13:00", "run.duration=2h", f"events={{{CHILLERS}}}", "run.warmup_h=24",
         "run.refine={step: 5s, for: 30min}")  # fmt: skip
RISE_K = 4.0


def seconds_to(one, name: str, rise_k: float, at: str = "2025-07-15T19:00:00") -> float:
    """Seconds from the loss until a temperature at the end of steps has risen by so much."""
    s = (one["time"].values - np.datetime64(at)) / np.timedelta64(1, "s") + one["step_length_h"].values * 3600.0
    values = one[name].values
    limit = values[s <= 0.0][-1] + rise_k
    k = int(np.flatnonzero((values >= limit) & (s > 0.0))[0])
    return float(np.interp(limit, values[k - 1 : k + 1], s[k - 1 : k + 1]))


def water_kwh_per_k(volume_m3: float) -> float:
    return volume_m3 * WATER_KG_M3 * WATER_CP_KJ_KG_K / 3600.0


def test_chilled_water_lasts_as_long_as_its_heat_capacity_over_the_load() -> None:
    one = simulate(shipped("quickstart", *WATER)).isel(scenario=0)
    load_kw = float(one["plants.main.load_kw"].values[one["time"].values < np.datetime64("2025-07-15T19:00")][-1])
    formula_s = 3600.0 * water_kwh_per_k(25.0) * RISE_K / load_kw  # M c dT / Q
    assert seconds_to(one, "plants.main.supply_c", RISE_K) == pytest.approx(formula_s, rel=0.01)


def test_a_tank_adds_what_it_holds_over_the_load() -> None:
    tank = ("volume_m3: 12, charge_kw: 500, discharge_kw: 2000, head_kpa: 120, ua_kw_per_k: 0,"
            " charge: {kind: constant, value_frac: 0}, discharge: {kind: constant, value_frac: 0}")  # fmt: skip
    one = simulate(shipped("quickstart", *WATER, f"plants.main.storage={{{tank}}}")).isel(scenario=0)
    lost = one["time"].values >= np.datetime64("2025-07-15T19:00")
    given_kwh = float((one["plants.main.storage.discharge_kw"] * one["step_length_h"]).values[lost].sum())
    span_k = float(one["plants.main.storage.span_k"].values[lost][0])
    assert given_kwh == pytest.approx(water_kwh_per_k(12.0) * 0.9 * span_k, rel=0.02)  # its figure of merit: 0.9
    load_kw = float(one["plants.main.load_kw"].values[lost][5])
    formula_s = 3600.0 * (given_kwh + water_kwh_per_k(25.0) * RISE_K) / load_kw
    assert seconds_to(one, "plants.main.supply_c", RISE_K) == pytest.approx(formula_s, rel=0.01)


ROOM = """
name: Room without cooling
site: {{timezone: Etc/GMT+5}}
weather: {{file: "pvlib:12839.tm2"}}
run:
  {{calendar_year: 2025, step: 1min, start: "2025-07-01 12:00", duration: 20min, warmup_h: 12,
   refine: {{step: 1s, for: 15min}}}}
halls:
  hall:
    volume_m3: {volume_m3}
    solid_kg: {solid_kg}
    solid_kw_per_k: {solid_kw_per_k}
    bypass_frac: 0
    recirculation_frac: 0
    rack_groups:
      racks:
        kind: servers
        racks_count: 100
        servers_per_rack_count: 10
        peak_w: {peak_w}
        load_power_frac: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
        fan_rise_per_k: 0
        psu_rated_w: 2000
        utilisation: {{kind: constant, value_frac: 1}}
        protection: {{shutdown_c: 40, restart_c: 28}}
    air:
      {{kind: crah, plant: main, supply_air_c: 22, units_count: 20, airflow_m3_s: 8, coil_capacity_kw: 110,
       coil_return_air_c: 34, coil_water_c: 8, availability: {{kind: event, at: "2025-07-01 12:01", for: {lost}}}}}
plants:
  main:
    supply_c: 8
    volume_m3: 30
    chillers: {{one: {{kind: water_cooled, curves: York_YT_1023, rated_kw: 2000, condenser_flow_m3_s: 0.1}}}}
    pump: {{flow_m3_s: 0.1, head_kpa: 200}}
    condenser:
      pump: {{flow_m3_s: 0.1, head_kpa: 180}}
      towers: {{cells: {{kind: merkel, water_flow_m3_s: 0.1, air_flow_m3_s: 60, fan_kw: 20, design_wet_bulb_c: 26}}}}
grid:
  tariff: {{kind: flat, currency: USD, energy_per_kwh: 0.1}}
  carbon: {{kind: flat, average_kgco2_per_kwh: 0.4}}
"""


@functools.lru_cache(maxsize=32)
def times(cabinet_kw: float = 5.0, solid_kg: float = 12000.0, volume_m3: float = 850.0, lost: str = "12min"):
    """Minutes to recommended, allowable and shutdown limits, infinite where never."""
    stated = {"volume_m3": volume_m3, "solid_kg": solid_kg, "solid_kw_per_k": 40.0, "peak_w": 100.0 * cabinet_kw}
    ds = simulate(from_text(ROOM.format(**stated, lost=lost)))
    it_kwh = float(ds["total"].values[0][ds["end_use"].values[0] == "it"].sum())
    assert np.abs(ds["residual_kwh"].values).max() < 1e-9 * it_kwh
    (found,) = passed_limits(ds)
    limits = (found.recommended_min, found.allowable_min, found.shutdown_min)
    return tuple(np.inf if limit is None else limit for limit in limits)


@settings(max_examples=12)
@given(
    st.floats(2.0, 10.0), st.floats(5e3, 6e4), st.floats(500.0, 2000.0), st.integers(2, 12),
    st.floats(1.0, 3.0), st.floats(1.0, 3.0), st.floats(0.3, 1.0), st.floats(0.2, 1.0),
)  # fmt: skip
def test_more_mass_more_air_less_load_and_shorter_outages_never_shorten_the_time_to_a_limit(
    cabinet_kw, solid_kg, volume_m3, lost_min, more_solid, more_air, less_load, shorter
) -> None:
    harder = times(cabinet_kw, solid_kg, volume_m3, f"{lost_min}min")
    easier = (
        times(cabinet_kw, more_solid * solid_kg, volume_m3, f"{lost_min}min"),
        times(cabinet_kw, solid_kg, more_air * volume_m3, f"{lost_min}min"),
        times(less_load * cabinet_kw, solid_kg, volume_m3, f"{lost_min}min"),
        times(cabinet_kw, solid_kg, volume_m3, f"{max(60, round(60 * shorter * lost_min))}s"),
    )
    for one in easier:
        assert all(a >= b for a, b in zip(one, harder, strict=True))


@pytest.mark.parametrize(("cabinet_kw", "low_min", "high_min"), [(5.0, 1.57, 4.73), (10.0, 0.0, 1.5)])
def test_published_times_to_shutdown_are_plausible(cabinet_kw: float, low_min: float, high_min: float) -> None:
    """Plausibility, not a check: Opengate and Active Power state 3 min 9 s at 5 kW a cabinet, below 1 min at 10 kW.

    A hall of 250 m2 (8.5 m3 a cabinet), whose air and light solids (120 kg a cabinet follow within minutes) take it up.
    """
    shutdown_min = times(cabinet_kw)[2]
    assert low_min <= shutdown_min <= high_min


def test_figures_tell_the_least_time_to_each_limit() -> None:
    text = ROOM.format(volume_m3=850, solid_kg=12000, solid_kw_per_k=40, peak_w=500, lost="12min")
    found = {name: metric["value"] for name, metric in kpis(simulate(from_text(text))).items()}
    assert found["time_to_recommended_min"] < found["time_to_allowable_min"] < found["time_to_shutdown_min"]
    assert found["lost_server_h"] > 0.0


def test_a_larger_tank_never_shortens_the_time() -> None:
    reached = []
    for volume_m3 in (4, 12, 24):
        tank = f"volume_m3: {volume_m3}, charge_kw: 500, discharge_kw: 2000, ua_kw_per_k: 0"
        idle = "charge: {kind: constant, value_frac: 0}, discharge: {kind: constant, value_frac: 0}"
        one = simulate(shipped("quickstart", *WATER, f"plants.main.storage={{{tank}, {idle}}}")).isel(scenario=0)
        reached.append(seconds_to(one, "plants.main.supply_c", RISE_K))
    assert reached == sorted(reached)
    assert reached[-1] > reached[0] + 60.0


def test_servers_slow_down_then_shut_down_and_start_again_when_it_is_cool() -> None:
    protection = "{slow_c: 25, slow_frac: 0.4, shutdown_c: 31, restart_c: 30.5, boot_min: 1}"
    ds = simulate(shipped("loss_of_cooling", "run.duration=50min", "run.step=10s",
                          "halls.hall.rack_groups.racks.load_power_frac=[0,0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,1]",
                          f"halls.hall.rack_groups.racks.protection={protection}",
                          "halls.hall.air.availability={kind: event, at: '2025-07-01 12:02', for: 5min}"))  # fmt: skip
    one = ds.isel(scenario=0)
    power, off = (one[f"halls.hall.rack_groups.racks.{n}"].values for n in ("power_kw", "protection.stopped"))
    before = power[11]
    assert power[12:].min() == 0.0  # shut down
    slowed = power[12 : np.flatnonzero(off > 0.5)[0]]
    assert np.all(np.diff(slowed) <= 1e-9)
    assert 0.4 * before < slowed[-1] < 0.9 * before
    assert power[-1] == pytest.approx(before, rel=1e-6)  # and runs again at the end
    changes = np.abs(np.diff(off)).sum()
    assert changes == 2.0  # once off, once on: hysteresis
    back = np.flatnonzero(np.diff(off) < 0)[0] + 1
    assert power[back : back + 6].max() == 0.0  # boots for a minute
    it_kwh = float(ds["total"].values[0][ds["end_use"].values[0] == "it"].sum())
    assert np.abs(ds["residual_kwh"].values).max() < 1e-9 * it_kwh


def test_work_waits_while_protection_has_shut_its_devices_down() -> None:
    ds = simulate(shipped("failures/air_handlers_lost", "run.duration=6h", "run.warmup_h=24"))
    one = ds.isel(scenario=0)
    off = one["halls.ai.rack_groups.gpu.protection.stopped"].values > 0.5
    assert 0 < off.sum() < off.size
    for name in ("chat", "training", "summaries"):
        assert one[f"workloads.{name}.served_per_h"].values[off].max() == 0.0, name
    hours = one["step_length_h"].values
    came, lost, went = (
        float((one[f"workloads.training.{n}_per_h"].values * hours)[1:].sum()) for n in ("arrived", "lost", "served")
    )
    waits = one["workloads.training.queue_count"].values
    assert waits[off].max() > 1.0  # device hours that arrived meanwhile
    assert came + lost == pytest.approx(went + waits[-1] - waits[0], rel=1e-9)
    dropped = one["workloads.chat.dropped_per_h"].values
    assert dropped[off].min() > 0.0
    it_kwh = float(ds["total"].values[0][ds["end_use"].values[0] == "it"].sum())
    assert np.abs(ds["residual_kwh"].values).max() < 1e-9 * it_kwh
