"""Units that are lost: schedules, single events, random failures, and what a site does without each of its units."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.scenarios import shipped
from twin.components.plant.chiller_curves import curve_set
from twin.components.profiles import EventProfile, FailureProfile, OutageProfile
from twin.engine.forcing import course
from twin.engine.lowering import lower
from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.scenario.events import units_of, with_event
from twin.series.axis import year_axis
from twin.units import WATER_CP_KJ_KG_K, WATER_KG_M3

HOT = ("run.start=2025-07-15", "run.duration=1d", "run.step=15min")
AT, FOR = "2025-07-15 14:05", "2h"
AXIS = year_axis(2025, 900.0, -5.0)


def test_an_event_is_the_outage_that_it_stands_for() -> None:
    event = EventProfile.model_validate({"at": AT, "for": FOR, "available_frac": 0.25})
    outage = {"at": AT, "duration_h": 2.0, "available_frac": 0.25}
    same = OutageProfile.model_validate({"outages": [outage]})
    values = course(event, AXIS, "America/New_York")
    np.testing.assert_array_equal(values, course(same, AXIS, "America/New_York"))
    assert np.sum(1.0 - values) * AXIS.dt_h == pytest.approx(2.0 * 0.75, rel=1e-12)


def test_an_event_of_the_site_takes_the_unit_out_of_its_own_availability() -> None:
    base = shipped("quickstart", *HOT)
    unit = "plants.main.chillers.large"
    lost = lower(with_event(base, unit, AT, FOR))
    own = lower(shipped("quickstart", *HOT, f"{unit}.availability={{kind: event, at: '{AT}', for: {FOR}}}"))
    at = lost.composition.u.index(unit, "availability_frac")
    assert lost.u[:, at].sum() == pytest.approx(96 - 8, rel=1e-12)
    np.testing.assert_array_equal(lost.u, own.u)


def test_random_failures_come_as_often_and_last_as_long_as_stated_and_again_from_the_same_seed() -> None:
    profile = FailureProfile(mtbf_h=300.0, mttr_h=20.0, units_count=200, seed=7)
    values = course(profile, AXIS, "Etc/GMT+5")
    assert np.mean(values) == pytest.approx(300.0 / 320.0, abs=0.003)  # IEEE Std 493: availability of the long run
    assert len(profile.spans_h(8760.0)) == pytest.approx(200 * 8760 / 320.0, rel=0.05)
    np.testing.assert_array_equal(values, course(FailureProfile(**dict(profile)), AXIS, "Etc/GMT+5"))
    assert not np.array_equal(values, course(profile.model_copy(update={"seed": 8}), AXIS, "Etc/GMT+5"))


def test_a_window_of_the_year_sees_the_failures_that_the_year_sees() -> None:
    failing = "plants.main.chillers.large.availability={kind: failures, mtbf_h: 200, mttr_h: 30, seed: 3}"
    at = ("plants.main.chillers.large", "availability_frac")
    year, day = (lower(shipped("quickstart", failing, *window)) for window in ((), ("run.start=2025-07-15",)))
    column = year.composition.u.index(*at)
    np.testing.assert_allclose(year.u[195 * 24 :, column], day.u[:, column], rtol=0, atol=1e-9)


@pytest.mark.parametrize(("unit", "at", "message"), [
    ("plants.main.chillers.larg", AT, "events.lost.unit: there is no unit 'plants.main.chillers.larg' that can be lost"
     " (did you mean 'plants.main.chillers.large'?)"),
    ("plants.main.pump", "2024-07-15 14:00", "events.lost.at: '2024-07-15 14:00' lies outside 2025"),
])  # fmt: skip
def test_impossible_events_are_refused_in_python_too(unit: str, at: str, message: str) -> None:
    with pytest.raises(InputError, match=message.replace("(", r"\(").replace("?", r"\?").replace(")", r"\)")):
        with_event(shipped("quickstart"), unit, at, FOR)


def test_every_unit_of_a_site_can_be_lost_and_the_ledgers_close() -> None:
    base = shipped("quickstart", *HOT[:2], "run.step=5min")
    for unit in units_of(base):
        ds = simulate(with_event(base, unit, AT, "3min"), keep="none")
        it_kwh = float(ds["total"].values[0][ds["end_use"].values[0] == "it"].sum())
        assert np.abs(ds["residual_kwh"].values).max() < 1e-9 * it_kwh, unit


BANKS = {  # what stands for several: path, and the site on which it does
    "plants.main.condenser.towers.cells": "quickstart",
    "plants.main.condenser.pump": "quickstart",
    "plants.main.pump": "quickstart",
    "rooms.electrical": "quickstart",
    "halls.ai.liquid": "technologies/direct_to_chip",
}


@pytest.mark.parametrize("unit", BANKS)
def test_one_of_several_is_lost_by_its_number_as_by_its_share(unit: str) -> None:
    base = shipped(BANKS[unit], *HOT[:2], f"{unit}.parallel_count=4")
    counted, share = (lower(with_event(base, unit, AT, FOR, *lost)) for lost in ((0.0, "a", 1), (0.75, "b")))
    np.testing.assert_array_equal(counted.u, share.u)
    assert counted.u[:, counted.composition.u.index(unit, "availability_frac")].sum() == pytest.approx(24 - 2 / 4)
    failing = f"{unit}.availability={{kind: failures, mtbf_h: 40, mttr_h: 10, seed: 5}}"
    own = lower(shipped(BANKS[unit], *HOT[:2], f"{unit}.parallel_count=4", failing))
    shares = own.u[:, own.composition.u.index(unit, "availability_frac")]
    assert 0.25 < shares.mean() < 1.0
    assert np.isin(shares, [0.25, 0.5, 0.75, 1.0]).sum() > 3  # cells fail one by one; the other hours are split by one


def test_a_site_stays_the_same_by_saying_how_many_pumps_and_cells_it_has() -> None:
    counts = [f"{unit}.parallel_count=3" for unit, site in BANKS.items() if site == "quickstart"]
    plain, counted = (simulate(shipped("quickstart", *HOT[:2], *more), keep="none") for more in ((), counts))
    np.testing.assert_array_equal(plain["total"].values, counted["total"].values)


@pytest.mark.parametrize(("unit", "asked"), [
    ("plants.main.condenser.towers.cells", "plants.main.condenser.supply_c"),
    ("plants.main.pump", "halls.ai.rack_groups.gpu.inlet_c"),
    ("halls.ai.liquid", "halls.ai.liquid.supply_c"),
])  # fmt: skip
def test_the_more_cells_are_lost_the_warmer_it_gets(unit: str, asked: str) -> None:
    base = shipped(BANKS[unit], *HOT, f"{unit}.parallel_count=4")
    warmest = []
    for lost in (1, 2, 3):
        ds = simulate(with_event(base, unit, AT, FOR, lost_count=lost), keep=[asked])
        it_kwh = float(ds["total"].values[0][ds["end_use"].values[0] == "it"].sum())
        assert np.abs(ds["residual_kwh"].values).max() < 1e-9 * it_kwh
        warmest.append(float(ds[asked].max()))
    assert warmest == sorted(warmest)
    assert warmest[2] > warmest[0] + 1.0


@pytest.mark.parametrize(("lost", "message"), [
    ("lost_count: 3", "lost_count: there are 2 units, got 3"),
    ("lost_count: 1, available_frac: 0.5", "lost_count: is stated beside available_frac"),
])  # fmt: skip
def test_more_units_than_there_are_cannot_be_lost(lost: str, message: str) -> None:
    event = f"events={{one: {{unit: plants.main.pump, at: '{AT}', for: 2h, {lost}}}}}"
    own = f"plants.main.pump.availability={{kind: outages, outages: [{{at: '{AT}', duration_h: 2, {lost}}}]}}"
    for stated in (event, own):
        with pytest.raises(InputError, match=message):
            shipped("quickstart", "plants.main.pump.parallel_count=2", stated)


def test_water_that_no_pump_moves_cools_no_air() -> None:
    base = shipped("quickstart", *HOT[:2], "run.step=1min")
    coil = "halls.ai.air.coil_kw"
    lost = simulate(
        with_event(base, "plants.main.pump", "2025-07-15 14:00", "4min"), keep=[coil, "plants.main.pump.power_kw"]
    )
    out = lost[coil].values[0][780:784]
    assert np.all(out < 1.0)
    assert np.all(lost["plants.main.pump.power_kw"].values[0][780:784] == 0.0)
    assert lost[coil].values[0][779] > 100.0
    assert lost[coil].values[0][785] > 100.0


def test_a_controller_without_its_sensors_holds_the_set_point_that_it_had() -> None:
    reset = "low_outdoor_c: 20, high_outdoor_c: 35, set_at_low_c: 14, set_at_high_c: 8"
    lost = "sensors: {kind: event, at: '2025-07-15 06:00', for: 8h}"
    blind, seeing = (
        lower(shipped("quickstart", *HOT[:2], f"plants.main.supply_reset={{kind: outdoor, {reset}{more}}}"))
        for more in (f", {lost}", "")
    )
    at = blind.composition.u.index("plants.main", "set_c")
    held, free = blind.u[:, at], seeing.u[:, at]
    np.testing.assert_array_equal(held[5:13], np.full(8, free[4]))  # 6:00 of civil is 5:00 of standard time
    np.testing.assert_array_equal(np.delete(held, np.s_[5:13]), np.delete(free, np.s_[5:13]))
    assert np.ptp(free[5:13]) > 0.5


CONTROLS = {  # sensors: input that they set, and how it is stated
    "plants.main.supply_reset": ("plants.main.set_c", "kind: outdoor, low_outdoor_c: 20, high_outdoor_c: 35,"
                                 " set_at_low_c: 14, set_at_high_c: 8"),
    "halls.ai.air.supply_air_reset": ("halls.ai.air.set_air_c", "kind: outdoor, low_outdoor_c: 20,"
                                      " high_outdoor_c: 35, set_at_low_c: 26, set_at_high_c: 20"),
    "plants.main.condenser": ("plants.main.condenser.set_c", "setpoint: approach"),
    "plants.main.condenser.reset": ("plants.main.condenser.set_c", "kind: outdoor, by: wet_bulb, low_outdoor_c: 15,"
                                    " high_outdoor_c: 35, set_at_low_c: 18, set_at_high_c: 28"),
}  # fmt: skip


def controlled(control: str, *more: str) -> list[str]:
    """A site with a controller, as overrides."""
    if control == "plants.main.condenser":
        return [*HOT[:2], *(f"{control}.{one.replace(': ', '=')}" for one in (CONTROLS[control][1], *more))]
    extra = ["plants.main.condenser.setpoint=reset"] if control.endswith("condenser.reset") else []
    return [*HOT[:2], *extra, f"{control}={{{', '.join((CONTROLS[control][1], *more))}}}"]


@pytest.mark.parametrize("control", CONTROLS)
def test_sensors_that_an_event_names_leave_the_set_point_where_it_was_or_where_it_falls_back_to(control: str) -> None:
    owner, _, name = CONTROLS[control][0].rpartition(".")
    sensors = f"{control}.sensors"
    sites = [shipped("quickstart", *controlled(control, *more)) for more in ((), ("fallback_c: 21",))]
    assert sensors in units_of(sites[0])
    event = ("2025-07-15 06:00", "8h")  # 6:00 of civil is 5:00 of standard time
    free, held, fallen = (lower(one) for one in (sites[0], *(with_event(one, sensors, *event) for one in sites)))
    at = free.composition.u.index(owner, name)
    np.testing.assert_array_equal(held.u[5:13, at], np.full(8, free.u[4, at]))
    np.testing.assert_array_equal(fallen.u[5:13, at], np.full(8, 21.0))
    for one in (held, fallen):
        np.testing.assert_array_equal(np.delete(one.u, np.s_[5:13], axis=0), np.delete(free.u, np.s_[5:13], axis=0))
    assert np.ptp(free.u[5:13, at]) > 0.5


def test_a_set_point_by_load_stays_or_falls_back_without_its_sensors() -> None:
    reset = "kind: load, light_load_kw: 500, full_load_kw: 1500, set_at_light_c: 9, set_at_full_c: 6.5, lag_min: 1"
    shares = ", ".join(f"{0.3 + 0.02 * hour:.2f}" for hour in range(24))
    busy = f"halls.ai.rack_groups.gpu.utilisation={{kind: daily, weekday_frac: [{shares}]}}"
    sites = [shipped("quickstart", *HOT[:2], busy, f"plants.main.supply_reset={{{reset}{more}}}")
             for more in ("", ", fallback_c: 7")]  # fmt: skip
    runs = [sites[0], *(with_event(one, "plants.main.supply_reset.sensors", "2025-07-15 06:00", "8h") for one in sites)]
    free, held, fallen = (simulate(one, keep=["plants.main.set_c"])["plants.main.set_c"].values[0] for one in runs)
    np.testing.assert_array_equal(held[5:13], np.full(8, free[5]))  # by the load of the step before
    np.testing.assert_array_equal(fallen[5:13], np.full(8, 7.0))
    np.testing.assert_array_equal(held[:5], free[:5])
    np.testing.assert_allclose(held[15:], free[15:], atol=1e-3)  # a lag of a minute: seen again within an hour
    assert np.ptp(free[5:13]) > 0.2


@pytest.mark.parametrize(("stated", "message"), [
    ("condenser.fallback_c=20", "condenser.fallback_c: has no meaning with setpoint: fixed"),
    ("supply_reset={kind: outdoor, low_outdoor_c: 20, high_outdoor_c: 35, set_at_low_c: 14, set_at_high_c: 8,"
     " fallback_c: 55}", "supply_reset.fallback_c: must be from 3 to 50, got 55"),
    ("supply_reset={kind: outdoor, low_outdoor_c: 20, high_outdoor_c: 35, set_at_low_c: 14, set_at_high_c: 8, sensors:"
     " {kind: event, at: '2026-01-01 00:00', for: 1h}}", "supply_reset.sensors.at: '2026-01-01 00:00' lies outside"),
])  # fmt: skip
def test_sensors_that_nothing_reads_and_fallbacks_out_of_range_are_refused(stated: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        shipped("quickstart", "plants.main.condenser.setpoint=fixed", f"plants.main.{stated}")


def test_chillers_with_less_condenser_water_work_as_with_water_that_leaves_as_warm() -> None:
    """Two pumps of four move 43.5 of 67 l/s, one 21.7 of them: lift goes by the water that leaves."""
    pump, large = "plants.main.condenser.pump", "plants.main.chillers.large"
    rated_cop = curve_set("York_YT_1023").cop
    base = shipped("quickstart", *HOT, f"{pump}.parallel_count=4")
    power, capacity, inlet = [], [], []
    for lost in (0, 2, 3):
        ds = simulate(with_event(base, pump, "2025-07-15 14:00", FOR, lost_count=lost) if lost else base)
        one = {name: ds[name].values[0] for name in ds.data_vars if ds[name].ndim == 2}
        first = 13 * 4  # quarter of an hour in which they are lost: 14:00 of civil time
        share = min((4 - lost) / 4 * 87 / 67, 1.0)  # of what large and medium asked for before
        flow_kg_s = one["plants.main.condenser.flow_kg_s"][first]
        assert flow_kg_s / WATER_KG_M3 == pytest.approx(0.067 * share if lost < 3 else 0.087 * share, rel=1e-9)
        rise_k = 750 * (1 + 1 / rated_cop) / (0.037 * WATER_KG_M3 * WATER_CP_KJ_KG_K)
        warmer_k = one[f"{large}.entering_c"][first] - one["plants.main.condenser.supply_c"][first]
        assert warmer_k == pytest.approx(rise_k * (1 / share - 1), rel=1e-3, abs=1e-9)
        it_kwh = float(ds["total"].values[0][ds["end_use"].values[0] == "it"].sum())
        assert np.abs(ds["residual_kwh"].values).max() < 1e-9 * it_kwh
        power.append(one[f"{large}.power_kw"][first])
        capacity.append(one[f"{large}.capacity_kw"][first])
        inlet.append(one["halls.ai.rack_groups.gpu.inlet_c"].max())
    assert power[1] > 1.05 * power[0]
    assert capacity[0] > capacity[1] > 2 * capacity[2]
    assert inlet[2] > inlet[1] + 5.0 > inlet[0]
