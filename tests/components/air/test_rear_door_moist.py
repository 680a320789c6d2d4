"""Rear doors in halls whose moisture is tracked: their coils by the reference, books of water and heat, dry doors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.engine.scenarios import shipped
from twin.engine import results
from twin.engine import simulate as simulating
from twin.engine.composition import members_of
from twin.engine.lowering import lower
from twin.engine.program import circuits
from twin.engine.simulate import simulate
from twin.errors import RunError
from twin.physics.fluids import VAPOUR_KJ_KG, humidity_ratio_from_dew_point
from twin.physics.moist_coils import cooling_coil
from twin.studies.kpis import kpis
from twin.units import VAPOUR_CP_KJ_KG_K, WATER_KG_M3

SITE, HALL = "technologies/rear_doors", "halls.enterprise"
DOORS, AIR, HUMIDITY = f"{HALL}.rear_doors", f"{HALL}.air", f"{HALL}.humidity"
DAYS = ("run.start=2025-07-10", "run.duration=2d")
DAMP = f"{HUMIDITY}={{kind: tracked, outdoor_m3_s: 1.5, drying: none}}"
COLD = (f"{DOORS}.dew_guard=none", f"{DOORS}.leaving_air_c=16")  # water of 8.5 degC in air of some 29 degC
OPEN = (f"{DOORS}.dew_guard=none", f"{DOORS}.leaving_air_c=10")  # colder than any door makes it
UNITS = "fed_by: mechanical, units_count: 5, airflow_m3_s: 8"
COIL = "{kind: chilled_water, plant: main, coil_capacity_kw: 125, coil_air_c: 36, coil_water_c: 8.5}"
COOLINGS = {
    "crah": (),
    "crac": (f"{AIR}={{kind: crac, supply_air_c: 23, capacity_kw: 125, {UNITS}}}",),
    "indirect": (f"{AIR}={{kind: indirect_evaporative, supply_air_c: 25, secondary_m3_s: 10, trim: {COIL}, {UNITS}}}",),
    "outdoor": (
        f"{AIR}={{kind: outdoor_air, supply_low_c: 18, supply_air_c: 25, dew_point_high_c: 18,"
        f" relative_high_frac: 0.95, {UNITS}}}",
        "run.start=2025-01-10",
    ),
}
OWN_PLANT = (
    f"{DOORS}.plant=doors",
    "plants.doors={kind: chilled_water, fed_by: mechanical, supply_c: 8.5, volume_m3: 4, pump: {flow_m3_s: 0.02,"
    " head_kpa: 180}, chillers: {one: {kind: air_cooled, rated_kw: 500}}}",
)


class Books(NamedTuple):
    """Of a run: what its ledgers miss of the IT energy, kg of water condensed by the doors, and kg that are missing."""

    residual: float
    condensed_kg: float
    missing_kg: float


def run(*overrides: str) -> xr.Dataset:
    return simulate(shipped(SITE, *DAYS, DAMP, *overrides)).isel(scenario=0)


def of(ds: xr.Dataset, name: str, path: str = DOORS) -> np.ndarray:
    return np.asarray(ds[f"{path}.{name}"].values)


def books(*overrides: str) -> Books:
    """What outdoor air brings and humidifiers give, less what coils and doors take, is what the hall's air gains."""
    lowered = lower(shipped(SITE, *DAYS, DAMP, *overrides))
    o, c = simulating._run(lowered, "none", plain=False), lowered.composition

    def kg(path: str, name: str) -> float:
        return 3600.0 * o.sums[c.y.index(path, name)] if (path, name) in taken else 0.0

    taken = {(m.path, name) for m in c.members for name in m.kind.outputs}
    state = c.s.index(AIR, "humidity_kg_kg")
    stored = lowered.p[c.p.index(AIR, "dry_air_kg")] * (o.end[state] - o.start[state])
    doors = kg(DOORS, "condensate_kg_s")
    others = kg(AIR, "condensate_kg_s") + kg(AIR, "trim_condensate_kg_s")
    brought = kg(HUMIDITY, "outdoor_moisture_kg_s") + kg(HUMIDITY, "humidifier_kg_s")
    it_kwh = o.sums[c.y.index(f"{HALL}.rack_groups.web", "power_kw")]
    return Books(max(map(abs, results.residuals_kwh(o))) / it_kwh, doors, brought - doors - others - stored)


def coil_at(ds: xr.Dataset, hour: int) -> tuple[float, float]:
    """Sensible heat and condensate of the reference's coil at an hour's valve, air and mean humidity."""
    lowered = lower(shipped(SITE, *DAYS, DAMP))
    p = {name: 40 * float(lowered.p[lowered.composition.p.index(DOORS, name)])
         for name in ("air_kw_per_k", "water_kw_per_k", "coil_kw_per_k")}  # fmt: skip
    pressure = float(ds["weather.pressure_pa"].values[hour])
    ratio = humidity_ratio_from_dew_point(of(ds, "dew_point_c", AIR)[hour], pressure)
    exhaust_c, valve = of(ds, "exhaust_c")[hour], of(ds, "valve_frac")[hour]
    air = of(ds, "heat_kw")[hour] / (exhaust_c - of(ds, "leaving_c")[hour])
    ua_air = p["coil_kw_per_k"] / (0.6 * (air / p["air_kw_per_k"]) ** -0.8)  # shares and powers of the spec's defaults
    _, sensible_kw, taken_kg_s, _, _ = cooling_coil(
        air / (1.006 + 1.86 * ratio), exhaust_c, ratio, pressure, valve * p["water_kw_per_k"], of(ds, "water_c")[hour],
        ua_air, p["coil_kw_per_k"] / 0.4 * valve**0.85)  # fmt: skip
    return sensible_kw, taken_kg_s


@pytest.mark.parametrize("doors", [COLD, OPEN], ids=["held", "open"])
def test_wet_doors_take_what_the_coil_of_the_reference_rows_takes(doors: tuple[str, ...]) -> None:
    ds = run(*doors)
    for hour in (3, 20, 47):
        sensible_kw, taken_kg_s = coil_at(ds, hour)
        assert of(ds, "heat_kw")[hour] == pytest.approx(sensible_kw, rel=1e-5)
        assert of(ds, "condensate_kg_s")[hour] == pytest.approx(taken_kg_s, rel=1e-4)
        assert 3600.0 * taken_kg_s > 30.0
    assert of(ds, "wet_coil").min() == 1.0
    assert bool(of(ds, "valve_frac").max() < 1.0) is (doors == COLD)


@pytest.mark.parametrize("cooling", COOLINGS)
@pytest.mark.parametrize("step", ["1h", "5min"])
def test_water_and_heat_balance_beside_any_air_cooling(cooling: str, step: str) -> None:
    found = books(*COLD, *COOLINGS[cooling], f"run.step={step}")
    assert found.residual < 1e-9
    assert found.condensed_kg > 100.0
    assert found.missing_kg == pytest.approx(0.0, abs=1e-9 * found.condensed_kg)


def test_heat_of_the_condensate_goes_to_the_plant_with_the_sensible_heat() -> None:
    ds = run(*COLD, *OWN_PLANT)
    latent = of(ds, "condensate_kg_s") * (VAPOUR_KJ_KG + VAPOUR_CP_KJ_KG_K * of(ds, "leaving_c"))
    np.testing.assert_allclose(of(ds, "latent_kw"), latent, rtol=1e-12)
    assert latent.min() > 20.0
    given = of(ds, "heat_kw") + of(ds, "latent_kw") + of(ds, "pump_kw")
    assert of(ds, "load_kw").sum() == pytest.approx(given.sum(), rel=1e-6), "nothing waits for long"
    pumped = of(ds, "water_heat_kw", "plants.doors.pump")
    np.testing.assert_allclose(of(ds, "load_kw", "plants.doors"), of(ds, "load_kw") + pumped, rtol=1e-12)


def test_condensate_and_hours_of_wet_doors_are_in_the_figures() -> None:
    """Of doors and of the trim behind them; where moisture is not tracked only the hours below the dew point are."""
    both = (COLD[0], f"{DOORS}.leaving_air_c=20", *COOLINGS["indirect"], f"{AIR}.supply_air_c=20")
    tracked = simulate(shipped(SITE, *DAYS, DAMP, *both))
    figures = {name: metric["value"] for name, metric in kpis(tracked).items()}
    ds = tracked.isel(scenario=0)
    taken = of(ds, "condensate_kg_s"), of(ds, "trim_condensate_kg_s", AIR)
    assert min(kg_s.sum() for kg_s in taken) > 0.0
    assert figures["condensate_m3"] == pytest.approx(3600.0 * np.sum(taken) / WATER_KG_M3, rel=1e-9)
    assert figures["condensing_coil_h"] == max(of(ds, "wet_coil", path).sum() for path in (DOORS, AIR))
    assert "door_below_dew_point_h" not in figures
    held = kpis(simulate(shipped(SITE, *DAYS, *COLD)))
    assert held["door_below_dew_point_h"]["value"] == 48.0
    assert not {"condensing_coil_h", "condensate_m3"} & set(held)


def test_colder_water_takes_more_moisture_and_leaves_the_hall_drier() -> None:
    wet = [run(*OPEN, f"{DOORS}.dew_guard=mixing", f"{DOORS}.least_water_c={t}", "run.duration=12h")
           for t in (9, 12, 15, 18)]  # fmt: skip
    assert np.all(np.diff([of(ds, "condensate_kg_s").mean() for ds in wet]) < 0.0)
    assert np.all(np.diff([of(ds, "dew_point_c", AIR)[-1] for ds in wet]) > 0.5)


def test_doors_that_stay_dry_give_the_same_figures_to_the_last_bit() -> None:
    """Moisture that is tracked without outdoor air, above whose dew point mixing keeps the water: as others hold it."""
    tracked, held = run(f"{HUMIDITY}={{kind: tracked, outdoor_m3_s: 0}}"), run(f"{HUMIDITY}={{kind: held}}")
    assert of(tracked, "condensate_kg_s").max() == of(tracked, "latent_kw").max() == 0.0
    assert f"{DOORS}.condensate_kg_s" not in held
    for name in ("heat_kw", "load_kw", "valve_frac", "exhaust_c", "leaving_c"):
        np.testing.assert_array_equal(of(tracked, name), of(held, name), err_msg=name)


def test_results_do_not_depend_on_the_step() -> None:
    hour, minutes = (run(*COLD, f"run.step={step}") for step in ("1h", "5min"))
    for name in ("heat_kw", "latent_kw"):
        assert of(hour, name).mean() == pytest.approx(of(minutes, name).mean(), rel=2e-3)


def test_plain_python_and_machine_code_agree_on_wet_doors() -> None:
    scenario = shipped(SITE, *DAYS, DAMP, *COLD, "run.warmup_h=3", "run.duration=12h")
    compiled, plain = (simulate(scenario, engine=engine) for engine in ("compiled", "plain"))
    for name in ("condensate_kg_s", "latent_kw", "heat_kw", "load_kw", "valve_frac"):
        path = f"{DOORS}.{name}"
        np.testing.assert_array_equal(compiled[path].values, plain[path].values, err_msg=name)


def test_doors_come_before_units_that_cool_the_same_hall_without_a_plant() -> None:
    """Humidity counts its water in a stretch of its own, which must not hide the one of the units."""
    order = circuits(members_of(shipped(SITE, *DAYS, DAMP, *COOLINGS["crac"])))
    assert order.index("main") < order.index(AIR) < order.index(HUMIDITY)


@given(water=st.floats(4, 44), leaving=st.floats(10, 50), kw=st.floats(0.1, 16), doors=st.integers(1, 40),
       load=st.floats(0, 1), flow_m3_s=st.floats(0.7, 20), outdoor_m3_s=st.floats(0, 20), in_service=st.floats(0, 1),
       handlers=st.floats(0.2, 1), cooling=st.sampled_from(tuple(COOLINGS)), start=st.sampled_from(("01-10", "07-10")),
       step=st.sampled_from(("1h", "1min")))  # fmt: skip
@settings(max_examples=15)
def test_at_every_corner_books_close_and_wet_doors_give_no_water(
    water: float, leaving: float, kw: float, doors: int, load: float, flow_m3_s: float, outdoor_m3_s: float,
    in_service: float, handlers: float, cooling: str, start: str, step: str,
) -> None:  # fmt: skip
    scenario = shipped(
        SITE, *DAYS, DAMP, *COOLINGS[cooling], f"{DOORS}.least_water_c={water!r}", f"{DOORS}.capacity_kw={kw!r}",
        f"{DOORS}.leaving_air_c={leaving!r}", f"{DOORS}.doors_count={doors}", f"{DOORS}.airflow_m3_s={flow_m3_s!r}",
        f"{HALL}.rack_groups.web.utilisation={{kind: constant, value_frac: {load!r}}}",
        f"{HUMIDITY}.outdoor_m3_s={outdoor_m3_s!r}",
        f"{DOORS}.availability={{kind: constant, value_frac: {in_service!r}}}",
        f"{AIR}.availability={{kind: constant, value_frac: {handlers!r}}}", f"run.start=2025-{start}",
        "run.duration=6h", f"run.step={step}",
    )  # fmt: skip
    try:
        ds = simulate(scenario).isel(scenario=0)
    except RunError as error:
        assume("nan" in str(error))  # a hall that grows too hot is an answer, what is not a number is none
        raise
    it = float(ds["total"].values[ds["end_use"].values == "it"].sum())
    assert np.abs(ds["residual_kwh"].values).max() < 1e-9 * it
    assert of(ds, "heat_kw").min() >= -1e-9
    assert of(ds, "condensate_kg_s").min() >= 0.0
    assert of(ds, "humidity_kg_kg", AIR).min() > 0.0
    assert np.all((of(ds, "condensate_kg_s") == 0.0) | (of(ds, "valve_frac") > 0.0))
    given_kw = of(ds, "heat_kw") + of(ds, "latent_kw") + of(ds, "pump_kw")
    np.testing.assert_allclose(of(ds, "load_kw")[-3:], given_kw[-3:], atol=1.0)
