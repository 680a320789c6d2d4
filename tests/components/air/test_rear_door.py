"""Rear doors: their coils by the textbook, the hall behind them, water of any temperature, order of plants, faults."""

from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.engine.scenarios import shipped
from twin.components.air.rear_door import RearDoor
from twin.engine.composition import members_of
from twin.engine.program import build, circuits
from twin.engine.simulate import simulate
from twin.errors import InputError, RunError
from twin.studies.kpis import kpis

SITE, HALL = "technologies/rear_doors", "halls.enterprise"
DOORS, AIR = f"{HALL}.rear_doors", f"{HALL}.air"
DAYS = ("run.start=2025-07-10", "run.duration=2d")
AMPLE = f"{AIR}.airflow_ratio=1.1"  # air enough for all racks: little of their exhaust comes back to them
STEADY = (f"{HALL}.rack_groups.web.utilisation={{kind: constant, value_frac: 0.6}}", AMPLE, *DAYS)
OPEN = f"{DOORS}.leaving_air_c=10"  # colder than any door makes it: the valves stay open
UNGUARDED = f"{DOORS}.dew_guard=none"
OWN_PLANT = (
    f"{DOORS}.plant=doors",
    "plants.doors={kind: chilled_water, fed_by: mechanical, supply_c: 16, volume_m3: 4, pump: {flow_m3_s: 0.02,"
    " head_kpa: 180}, chillers: {one: {kind: air_cooled, rated_kw: 500}}}",
)
AIR_CP = 1.006 + 1.86 * 0.0076645  # ASHRAE Fundamentals 2017 ch. 1, air with a dew point of 10 degC at sea level


def run(*overrides: str) -> xr.Dataset:
    return simulate(shipped(SITE, *overrides)).isel(scenario=0)


def of(ds: xr.Dataset, name: str, path: str = DOORS) -> np.ndarray:
    return np.asarray(ds[f"{path}.{name}"].values)


def rack_rate(ds: xr.Dataset) -> np.ndarray:
    """Capacity rate of the racks' air, kW/K."""
    return of(ds, "flow_kg_s", f"{HALL}.rack_groups.web") * AIR_CP


def closes(ds: xr.Dataset) -> bool:
    it = float(ds["total"].values[ds["end_use"].values == "it"].sum())
    return float(np.abs(ds["residual_kwh"].values).max()) < 1e-9 * it


# --- the coil ---------------------------------------------------------------------------------------------------


def test_an_open_door_takes_the_heat_of_the_textbook() -> None:
    """Counterflow, Incropera 6th ed. table 11.3; UA from the design point, then by flow^.8 on the air side."""
    ds = run(OPEN, *DAYS)
    water, air = 40 * 10 / 6, 40 * 0.69 * 1.2 * 1.006
    design = 40 * 10 / (min(air, water) * 20)
    ratio = air / water
    ua = math.log((1 - design * ratio) / (1 - design)) / (1 - ratio) * air
    least = rack_rate(ds)
    ntu = ua / (0.6 * (least / air) ** -0.8 + 0.4) / least
    c = least / water
    effectiveness = (1 - np.exp(-ntu * (1 - c))) / (1 - c * np.exp(-ntu * (1 - c)))
    expected = effectiveness * least * (of(ds, "exhaust_c") - of(ds, "water_c"))
    assert of(ds, "valve_frac").min() == 1.0
    np.testing.assert_allclose(of(ds, "heat_kw"), expected, rtol=1e-4)


def test_at_its_design_point_a_door_takes_its_capacity() -> None:
    door = shipped(SITE).halls["enterprise"].rear_doors
    assert isinstance(door, RearDoor)
    air, water = 0.69 * 1.2 * 1.006, 10 / 6
    effectiveness = 10 / (air * 20)
    ntu = math.log((1 - effectiveness * air / water) / (1 - effectiveness)) / (1 - air / water)
    around = type("Around", (), {"hall": shipped(SITE).halls["enterprise"], "pressure_pa": 101325.0})()
    assert door.derive(around)["coil_kw_per_k"] == pytest.approx(ntu * air, rel=1e-12)


def test_a_settled_hall_by_hand() -> None:
    """Racks of P: exhaust P / C above the inlet; doors take C (exhaust - 24); handlers what is left, and their fans."""
    ds = run(*STEADY)
    rack_kw = of(ds, "power_kw", f"{HALL}.rack_groups.web")[-1]
    exhaust = of(ds, "inlet_c", AIR)[-1] + rack_kw / rack_rate(ds)[-1]
    assert of(ds, "exhaust_c")[-1] == pytest.approx(exhaust, abs=2e-3)
    assert of(ds, "leaving_c")[-1] == pytest.approx(24.0, abs=1e-9)
    assert of(ds, "heat_kw")[-1] == pytest.approx(rack_rate(ds)[-1] * (exhaust - 24.0), rel=1e-3)
    other_kw = of(ds, "loss_kw", "power.pdu_enterprise")[-1] + 6.0  # its PDU and its lighting
    left_kw = rack_kw + other_kw - of(ds, "heat_kw")[-1]
    assert of(ds, "coil_kw", AIR)[-1] == pytest.approx(left_kw + of(ds, "fan_kw", AIR)[-1], rel=1e-4)


def test_the_doors_hold_their_air_and_the_handlers_theirs() -> None:
    ds = run(*DAYS)
    np.testing.assert_allclose(of(ds, "leaving_c"), 24.0, atol=1e-9)
    np.testing.assert_allclose(of(ds, "supply_c", AIR), 23.0, atol=1e-9)
    assert of(ds, "valve_frac").max() < 0.9


def test_without_a_stated_temperature_the_room_is_neutral() -> None:
    door = shipped(SITE, f"{DOORS}.leaving_air_c=null", f"{AIR}.supply_air_c=22")
    ds = simulate(door.model_copy(), keep="all").isel(scenario=0)
    np.testing.assert_allclose(of(ds, "leaving_c"), 22.0, atol=1e-9)


# --- larger and colder ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("leaving_c", [10, 24])
def test_colder_water_never_lowers_the_doors_heat(leaving_c: int) -> None:
    heats = []
    for water_c in (8.6, 10, 14, 18, 22, 26, 30, 34, 38):
        ds = run(f"{DOORS}.leaving_air_c={leaving_c}", f"{DOORS}.least_water_c={water_c}", *STEADY)
        heats.append(of(ds, "heat_kw")[-1])
    assert np.all(np.diff(heats) <= 1e-9)
    assert heats[0] > 200.0
    assert heats[-1] == 0.0, "water warmer than the exhaust: the doors are shut and never heat"


def test_the_doors_heat_has_no_jump_where_water_becomes_too_warm() -> None:
    """From held to open valves and on to shut ones, in steps of .5 K."""
    heats = [of(run(f"{DOORS}.least_water_c={t}", *STEADY), "heat_kw")[-1] for t in np.arange(16.0, 38.0, 0.5)]
    assert np.abs(np.diff(heats)).max() < 13.0  # .5 K times at most the racks' air of 26 kW/K
    assert len({round(heat, 3) for heat in heats}) > 20


def test_larger_doors_never_raise_the_handlers_load() -> None:
    loads = [of(run(f"{DOORS}.capacity_kw={kw}", f"{DOORS}.leaving_air_c=14", *STEADY), "coil_kw", AIR)[-1]
             for kw in (1, 2, 4, 6, 8, 10, 12, 14)]  # fmt: skip
    assert np.all(np.diff(loads) <= 1e-9)
    assert loads[0] > 2 * loads[-1]


def test_racks_without_doors_keep_their_heat() -> None:
    half, full = run(f"{DOORS}.doors_count=20", *STEADY), run(*STEADY)
    assert of(half, "heat_kw")[-1] == pytest.approx(0.5 * of(full, "heat_kw")[-1], rel=0.03)
    stated = run(f"{DOORS}.racks_frac=0.5", f"{DOORS}.doors_count=20", *STEADY)
    assert of(stated, "heat_kw")[-1] == of(half, "heat_kw")[-1]
    out = run(f"{DOORS}.availability={{kind: constant, value_frac: 0.5}}", *STEADY)
    assert of(out, "heat_kw")[-1] == pytest.approx(of(half, "heat_kw")[-1], rel=1e-12)


# --- time -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["1h", "15min", "5min", "1min"])
@pytest.mark.parametrize("more", [(), (OPEN,), OWN_PLANT], ids=["held", "open", "own plant"])
def test_a_steady_hall_stays_where_it_is_at_any_step(step: str, more: tuple[str, ...]) -> None:
    ds = run(*more, *STEADY, "run.duration=6h", f"run.step={step}", f"{HALL}.solid_kg=500")
    assert np.ptp(of(ds, "heat_kw")) < 0.05, "of 260 kW: no more than the station's pressure moves it"
    assert closes(ds)


def test_energies_do_not_depend_on_the_step() -> None:
    hour, minutes = (of(run(*DAYS, f"run.step={step}"), "heat_kw").mean() for step in ("1h", "5min"))
    assert hour == pytest.approx(minutes, rel=2e-3)


@pytest.mark.parametrize("step", ["1h", "5min"])
@pytest.mark.parametrize("more", [(), OWN_PLANT], ids=["one plant", "two plants"])
def test_books_close_and_searches_end_when_chillers_stop_and_return(step: str, more: tuple[str, ...]) -> None:
    outage = "{kind: outages, outages: [{at: '2025-07-10 12:00', duration_h: 0.5}]}"
    chillers = ["main.chillers.large", "main.chillers.medium", "main.chillers.small"]
    chillers += ["doors.chillers.one"] if more else []
    ds = run(*more, *DAYS, f"run.step={step}", *(f"plants.{c}.availability={outage}" for c in chillers))
    assert closes(ds)
    assert of(ds, "unsolved_count", "plants.main").sum() == 0
    assert of(ds, "supply_c", "plants.main").max() > 9.0 or step == "1h", "in an hour the chillers catch up"
    np.testing.assert_allclose(of(ds, "leaving_c")[-3:], 24.0, atol=1e-6)
    given = of(ds, "load_kw").sum() - of(ds, "pump_kw").sum()
    assert given == pytest.approx(of(ds, "heat_kw").sum(), rel=1e-4), "nothing waits for long"


def test_doors_alone_keep_a_hall_whose_handlers_are_out() -> None:
    """Nothing cools the hall but the doors: all heat leaves through them, and the air comes to what they hold."""
    ds = run(f"{AIR}.availability={{kind: constant, value_frac: 0}}", *STEADY)
    other_kw = of(ds, "loss_kw", "power.pdu_enterprise")[-1] + 6.0
    rack_kw = of(ds, "power_kw", f"{HALL}.rack_groups.web")[-1]
    assert of(ds, "heat_kw")[-1] == pytest.approx(rack_kw + other_kw, rel=1e-6)
    assert of(ds, "inlet_c", AIR)[-1] == pytest.approx(24.0 + other_kw / rack_rate(ds)[-1], abs=2e-3)
    assert closes(ds)


@pytest.mark.parametrize("units", [1, 2])
def test_handlers_that_are_short_and_doors_settle_together(units: int) -> None:
    """Handlers too small for what weak doors leave: both are at their limits, and stay there."""
    ds = run(f"{DOORS}.capacity_kw=6", f"{DOORS}.leaving_air_c=30", f"{AIR}.units_count={units}",
             f"{AIR}.coil_capacity_kw=125", f"{AIR}.fan_minimum_frac=1", "plants.main.supply_c=22",
             *STEADY)  # fmt: skip
    assert np.ptp(of(ds, "heat_kw")[-12:]) < 0.05
    assert of(ds, "unmet_kw", AIR).min() > 1.0
    assert of(ds, "valve_frac").min() == 1.0
    assert closes(ds)


# --- fans, pumps, dew -------------------------------------------------------------------------------------------


def test_fans_of_active_doors_follow_the_racks_air_and_heat_the_hall() -> None:
    passive, active = run(*STEADY), run(f"{DOORS}.fan_kw=0.25", *STEADY)
    ratio = rack_rate(active)[-1] / (40 * 0.69 * 1.2 * 1.006)
    fan_kw = 40 * 0.25 * min(ratio, 1) ** 3
    assert of(active, "fan_kw")[-1] == pytest.approx(fan_kw, rel=1e-3)
    taken = [of(ds, "heat_kw")[-1] + of(ds, "coil_kw", AIR)[-1] - of(ds, "fan_kw", AIR)[-1] for ds in (passive, active)]
    assert taken[1] - taken[0] == pytest.approx(fan_kw, rel=2e-3)
    figures = kpis(simulate(shipped(SITE, f"{DOORS}.fan_kw=0.25", *STEADY)))
    assert figures["rear_door_energy_kwh"]["value"] == pytest.approx(of(active, "power_kw").sum())


def test_mixing_keeps_the_doors_water_above_the_dew_point() -> None:
    ds = run(*DAYS)
    np.testing.assert_allclose(of(ds, "water_c"), 12.0)  # dew point 10 degC and 2 K
    assert of(ds, "guarding").min() == 1.0
    assert of(ds, "wet_coil").max() == 0.0
    cold = run(UNGUARDED, *DAYS)
    np.testing.assert_allclose(of(cold, "water_c"), 8.5, atol=1e-9)
    assert of(cold, "wet_coil").min() == 1.0
    assert of(cold, "guarding").max() == 0.0
    np.testing.assert_allclose(of(cold, "heat_kw"), of(ds, "heat_kw"), rtol=1e-9)


def test_mixed_water_goes_back_to_the_plant_as_warm_as_it_leaves_the_doors() -> None:
    """Plant flow by hand: (heat + pump) / (4.186 (return - 8.5)), return = 12 + (heat + pump) / (valve C)."""
    ds = run(*OWN_PLANT, "plants.doors.supply_c=8.5", *DAYS)
    taken = of(ds, "load_kw")
    np.testing.assert_allclose(taken, of(ds, "heat_kw") + 2.5, rtol=1e-9)
    back_c = 12.0 + taken / (of(ds, "valve_frac") * 40 * 10 / 6)
    np.testing.assert_allclose(of(ds, "flow_kg_s", "plants.doors"), taken / (back_c - 8.5) / 4.186, rtol=1e-9)


@given(water=st.floats(4, 44), leaving=st.floats(10, 50), kw=st.floats(0.1, 16), doors=st.integers(1, 40),
       load=st.floats(0, 1), flow_m3_s=st.floats(0.7, 20), ratio=st.floats(0.2, 5), in_service=st.floats(0, 1),
       handlers=st.floats(0.2, 1), step=st.sampled_from(("1h", "15min", "1min")))  # fmt: skip
@settings(max_examples=40)
def test_at_every_corner_books_close_and_doors_never_heat(
    water: float, leaving: float, kw: float, doors: int, load: float, flow_m3_s: float, ratio: float,
    in_service: float, handlers: float, step: str,
) -> None:  # fmt: skip
    scenario = shipped(
        SITE, f"{DOORS}.least_water_c={water!r}", f"{DOORS}.leaving_air_c={leaving!r}", f"{DOORS}.capacity_kw={kw!r}",
        f"{DOORS}.doors_count={doors}", f"{DOORS}.airflow_m3_s={flow_m3_s!r}", f"{AIR}.airflow_ratio={ratio!r}",
        f"{HALL}.rack_groups.web.utilisation={{kind: constant, value_frac: {load!r}}}",
        f"{DOORS}.availability={{kind: constant, value_frac: {in_service!r}}}",
        f"{AIR}.availability={{kind: constant, value_frac: {handlers!r}}}", *DAYS,
        "run.duration=6h", f"run.step={step}",
    )  # fmt: skip
    try:
        ds = simulate(scenario).isel(scenario=0)
    except RunError as error:
        assume("nan" in str(error))  # a hall that grows too hot is an answer, what is not a number is none
        raise
    assert closes(ds)
    assert of(ds, "heat_kw").min() >= -1e-9
    assert np.all(of(ds, "leaving_c") <= of(ds, "exhaust_c") + 1e-9)
    assert np.all((of(ds, "leaving_c") >= leaving - 1e-6) | (of(ds, "heat_kw") <= 1e-9))
    np.testing.assert_allclose(of(ds, "load_kw")[-3:], (of(ds, "heat_kw") + of(ds, "pump_kw"))[-3:], atol=0.5)


# --- order of plants --------------------------------------------------------------------------------------------


def test_a_plant_of_doors_comes_before_the_plant_of_the_same_halls_air() -> None:
    members = members_of(shipped(SITE, *OWN_PLANT))
    assert circuits(members) == ["doors", "main"]
    program = build(members)
    at = {(i.member.path, i.phase.at): k for k, i in enumerate(program)}
    assert at[DOORS, "precool"] < at[AIR, "load"]
    assert circuits(members_of(shipped("quickstart"))) == ["main"]


def test_one_plant_or_two_of_the_same_water_give_the_same_hall() -> None:
    one, two = run(*DAYS), run(*OWN_PLANT, "plants.doors.supply_c=8.5", *DAYS)
    np.testing.assert_allclose(of(two, "heat_kw"), of(one, "heat_kw"), rtol=1e-9)
    np.testing.assert_allclose(of(two, "coil_kw", AIR), of(one, "coil_kw", AIR), rtol=1e-9)


@pytest.mark.parametrize(("override", "told"), [
    ("capacity_kw=18", "carry at most 16.3 kW from 38 degC to water of 18 degC, got 18"),
    ("water_c=40", r"exhaust_air_c: must be above water_c \(40\), got 38"),
    ("water_rise_k=25", "water of 18 degC cannot rise by 25 K in air of 38 degC"),
    ("doors_count=41", "halls.enterprise has only 40 racks, got 41"),
    ("plant=mian", r"there is no plant 'mian' \(did you mean 'main'\?\)"),
    ("dew_guard={least_water_c: 12}", "dew_guard"),
])  # fmt: skip
def test_what_cannot_be_is_refused(override: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        shipped(SITE, f"{DOORS}.{override}")
