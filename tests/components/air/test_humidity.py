"""Moisture of hall air: its course over a step, what coils and humidifiers do to it, and what limits mean."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psychrolib
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from tests.engine import corners
from tests.engine.scenarios import shipped
from twin.components.air.crah_moist import coil_at, open_to_dry, valve_for
from twin.components.air.hall_air import moisture_course
from twin.engine import results
from twin.engine import simulate as simulating
from twin.engine.lowering import lower
from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.physics.moist_coils import coil_outlet, cooling_coil
from twin.scenario.model import Scenario
from twin.studies.kpis import kpis

SHARE = st.floats(0.0, 0.03)
FLOW = st.one_of(st.just(0.0), st.floats(1e-6, 50.0))


@given(start=SHARE, inflow=FLOW, outdoor=SHARE, removal=FLOW, surface=SHARE, source=st.floats(-0.01, 0.01),
       doors=FLOW, door_ratio=SHARE, dt_h=st.floats(0.001, 24.0))  # fmt: skip
def test_water_in_a_hall_balances_at_any_flow_and_step(
    start: float, inflow: float, outdoor: float, removal: float, surface: float, source: float, doors: float,
    door_ratio: float, dt_h: float,
) -> None:  # fmt: skip
    p, s = SimpleNamespace(dry_air_kg=2000.0), SimpleNamespace(humidity_kg_kg=start)
    air = SimpleNamespace(door_kg_s=doors, door_ratio=door_ratio)
    end, mean = moisture_course(p, s, air, inflow, outdoor, removal, surface, source, dt_h)
    by_doors_kg_s = doors * max(mean - door_ratio, 0.0)  # they never give any
    came_kg = 3600.0 * dt_h * (inflow * (outdoor - mean) + removal * (surface - mean) + source - by_doors_kg_s)
    turned_kg = 3600.0 * dt_h * ((inflow + removal + doors) * 0.03 + abs(source)) + 2000.0 * 0.03
    assert 2000.0 * (end - start) == pytest.approx(came_kg, abs=1e-9 * turned_kg)


def test_a_ventilated_hall_comes_to_its_steady_humidity_by_the_exponential() -> None:
    """By hand: 900 kg/h through 1800 kg, 1.8 kg/h of water: rests at .004 + .002; one e-folding in two hours."""
    p, s = SimpleNamespace(dry_air_kg=1800.0), SimpleNamespace(humidity_kg_kg=0.008)
    no_doors = SimpleNamespace(door_kg_s=0.0, door_ratio=0.0)
    end, _ = moisture_course(p, s, no_doors, 900.0 / 3600.0, 0.004, 0.0, 0.0, 1.8 / 3600.0, 2.0)
    assert end == pytest.approx(0.006 + 0.002 / 2.718281828459045, rel=1e-12)


# --- a site whose halls humidify in winter and dry in summer ------------------------------------------------------

SITE = "technologies/humidity_control"
JANUARY, JULY = ("run.start=2025-01-10", "run.duration=10d"), ("run.start=2025-07-10", "run.duration=10d")
HALLS = ("enterprise", "ai")  # on direct expansion, and on chilled water
DRY_HALL = ("halls.ai.humidity.humidifier=none", "halls.ai.humidity.capacity_kg_s=0")
psychrolib.SetUnitSystem(psychrolib.SI)


def run(*overrides: str) -> xr.Dataset:
    return simulate(shipped(SITE, *overrides))


def at(ds: xr.Dataset, name: str) -> np.ndarray:
    return ds[f"halls.{name}"].values[0]


def total(ds: xr.Dataset, name: str) -> float:
    return float(ds["total"].values[0][list(ds["output"].values).index(name)])


@pytest.mark.parametrize("step", ["1h", "15min", "5min"])
def test_water_and_heat_balance_over_a_year_at_any_step(step: str) -> None:
    scenario = shipped(SITE, f"run.step={step}")
    lowered = lower(scenario)
    o = simulating._run(lowered, "none", plain=False)
    c = lowered.composition
    it_kwh = sum(o.sums[c.y.index(f"halls.{h}.rack_groups.{g}", "power_kw")]
                 for h, g in zip(HALLS, ("web", "gpu"), strict=True))  # fmt: skip
    assert max(map(abs, results.residuals_kwh(o))) < 1e-9 * it_kwh
    for hall in HALLS:
        air, humidity = f"halls.{hall}.air", f"halls.{hall}.humidity"
        given, brought = (3600.0 * o.sums[c.y.index(humidity, f"{n}_kg_s")] for n in ("humidifier", "outdoor_moisture"))
        condensed = 3600.0 * o.sums[c.y.index(air, "condensate_kg_s")]
        state = c.s.index(air, "humidity_kg_kg")
        stored = lowered.p[c.p.index(air, "dry_air_kg")] * (o.end[state] - o.start[state])
        assert min(given, condensed) > 1000.0
        assert given + brought - condensed - stored == pytest.approx(0.0, abs=1e-9 * (given + condensed))
        assert o.lows[c.y.index(air, "condensate_kg_s")] >= 0.0


def test_heat_that_moisture_takes_along_is_in_the_water_of_the_plant() -> None:
    ds = run(*JULY)
    latent = at(ds, "ai.air.latent_kw")
    assert latent.max() > 1.0
    taken = at(ds, "ai.air.coil_kw") + latent + ds["rooms.electrical.coil_kw"].values[0]
    load = ds["plants.main.load_kw"].values[0] - ds["plants.main.pump.water_heat_kw"].values[0]
    np.testing.assert_allclose(load, taken, rtol=1e-12)


def test_dew_points_are_those_of_psychrolib() -> None:
    for ds in (run(*JANUARY), run(*JULY)):
        for hall in HALLS:
            inlet, relative = at(ds, f"{hall}.air.inlet_c"), at(ds, f"{hall}.humidity.inlet_relative_frac")
            expected = [psychrolib.GetTDewPointFromRelHum(*pair) for pair in zip(inlet, relative, strict=True)]
            np.testing.assert_allclose(at(ds, f"{hall}.air.dew_point_c"), expected, atol=2e-3)


def test_humidifiers_hold_the_lower_set_point_and_drying_the_upper_one() -> None:
    january, july = run(*JANUARY, "halls.enterprise.humidity.capacity_kg_s=0.02"), run(*JULY)
    pressure = january["weather.pressure_pa"].values[0]
    least = [psychrolib.GetHumRatioFromTDewPoint(5.5 + 0.5, pa) for pa in pressure]
    for hall in HALLS:
        assert at(january, f"{hall}.humidity.humidifier_kg_s").max() > 0.0
        assert np.all(at(january, f"{hall}.air.humidity_kg_kg") >= np.array(least) * (1 - 1e-5))
    most = [psychrolib.GetHumRatioFromTDewPoint(15.0 - 0.5, pa) for pa in july["weather.pressure_pa"].values[0]]
    assert at(july, "ai.humidity.reheat_kw").max() > 0.0, "the share of the units that is opened is all of them"
    held = at(july, "ai.humidity.above_set") < 0.5
    assert held.mean() > 0.9
    assert np.all(at(july, "ai.air.humidity_kg_kg")[held] <= np.array(most)[held] * (1 + 1e-4))


def test_electricity_of_a_kg_of_water_is_that_of_steam_and_a_share_of_it_for_mist() -> None:
    """Steam at 100 degC from water of 15 degC: 2676.1 - 4.186 x 15 kJ/kg; mist takes .085 of it (DOE/EE-0180)."""
    ds = run(*JANUARY)
    for hall, share in zip(HALLS, (1.0, 0.085), strict=True):
        power, water = (
            total(ds, f"halls.{hall}.humidity.humidifier_kw"),
            total(ds, f"halls.{hall}.humidity.humidifier_kg_s"),
        )
        assert power / water == pytest.approx(share * (2676.125 - 4.186 * 15.0), rel=1e-9)


def test_mist_cools_the_air_and_steam_does_not() -> None:
    steam = run(*JANUARY, "halls.ai.humidity.humidifier=steam")
    mist = run(*JANUARY)
    water = total(mist, "halls.ai.humidity.humidifier_kg_s")
    assert total(steam, "halls.ai.humidity.humidifier_kg_s") == pytest.approx(water, rel=1e-3)
    less_kj_kg = (total(steam, "halls.ai.air.coil_kw") - total(mist, "halls.ai.air.coil_kw")) / water
    assert less_kj_kg == pytest.approx(0.915 * (2676.125 - 4.186 * 15.0), rel=0.02)


def test_a_wet_coil_takes_what_the_coil_of_the_reference_rows_takes() -> None:
    ds = run(*JULY, "halls.ai.humidity.drying=none")
    lowered = lower(shipped(SITE))
    p = {name: lowered.p[lowered.composition.p.index("halls.ai.air", name)]
         for name in ("coil_kw_per_k", "water_kw_per_k", "coil_air_resistance_frac", "coil_air_exponent_ratio",
                      "coil_water_exponent_ratio", "units_count")}  # fmt: skip
    hour = int(np.argmax(at(ds, "ai.air.condensate_kg_s")))
    here = {n: at(ds, f"ai.air.{n}")[hour] for n in
            ("valve_frac", "fan_speed_frac", "return_c", "flow_kg_s", "dew_point_c", "coil_kw",
             "latent_kw")}  # fmt: skip
    pressure = ds["weather.pressure_pa"].values[0][hour]
    ratio = psychrolib.GetHumRatioFromTDewPoint(here["dew_point_c"], pressure)
    water_c = max(ds["plants.main.supply_c"].values[0][hour], 7.0)
    ua, share = p["units_count"] * p["coil_kw_per_k"], p["coil_air_resistance_frac"]
    ua_air = ua / share * here["fan_speed_frac"] ** p["coil_air_exponent_ratio"]
    ua_water = ua / (1.0 - share) * here["valve_frac"] ** p["coil_water_exponent_ratio"]
    water_kw_per_k = p["units_count"] * p["water_kw_per_k"] * here["valve_frac"]
    found = cooling_coil(
        here["flow_kg_s"], here["return_c"], ratio, pressure, water_kw_per_k, water_c, ua_air, ua_water
    )
    assert here["latent_kw"] > 1.0
    assert here["coil_kw"] + here["latent_kw"] == pytest.approx(found[0], rel=1e-3)
    assert at(ds, "ai.air.condensate_kg_s")[hour] == pytest.approx(found[2], rel=1e-2)


def test_units_that_are_opened_to_dry_take_the_water_and_all_units_the_heat() -> None:
    p = SimpleNamespace(coil_kw_per_k=20.0, water_kw_per_k=25.0, coil_air_resistance_frac=0.6,
                        coil_water_exponent_ratio=0.85)  # fmt: skip
    w, loop = SimpleNamespace(pressure_pa=101325.0), SimpleNamespace(supply_c=7.0, flow_frac=1.0)
    air, units, ratio, return_c = SimpleNamespace(flow_kw_per_k=40.0), 3.0, 0.0102, 30.0
    dew_c = psychrolib.GetTDewPointFromHumRatio(return_c, ratio, 101325.0)

    def taken_at(share: float, heat_kw: float) -> tuple[float, float]:
        """Water that all take with a share of the units open and the others at the valve of what heat is left."""
        at = (p, w, loop)
        wide_kw, wide_kg_s, _, _, _ = coil_at(*at, share * units, 1.0, share * 40.0, return_c, ratio, dew_c, 0.6, 1, 9)
        rest = 1.0 - share
        valve, _, kg_s, _, _, _ = valve_for(
            *at, rest * units, heat_kw - wide_kw, rest * 40.0, return_c, ratio, dew_c, 0.6, 0.5, 1.0, 9.0
        )
        return wide_kg_s + kg_s, share + rest * valve

    full_kw, full_kg_s, _, _, _ = coil_at(p, w, loop, units, 1.0, 40.0, return_c, ratio, dew_c, 0.6, 1.0, 9.0)
    heat_kw = 0.5 * full_kw
    least_kg_s, valve = taken_at(1e-9, heat_kw)
    for share in (0.05, 0.2, 0.35):
        wanted_kg_s, expected = taken_at(share, heat_kw)
        assert wanted_kg_s > 1.02 * least_kg_s
        found = open_to_dry(p, w, air, loop, units, return_c, 0.6, ratio, heat_kw, valve, least_kg_s, wanted_kg_s)
        assert found[0] == pytest.approx(expected, rel=1e-3)
        assert found[2] == 0.0, "sensible heat is left for the others: nothing to reheat"
    mean_valve, _, reheat_kw = open_to_dry(
        p, w, air, loop, units, return_c, 0.6, ratio, heat_kw, valve, least_kg_s, 0.8 * full_kg_s
    )
    assert mean_valve == pytest.approx(0.8, rel=1e-9)
    assert reheat_kw == pytest.approx(0.8 * full_kw - heat_kw, rel=1e-9)
    too_much = open_to_dry(p, w, air, loop, units, return_c, 0.6, ratio, heat_kw, valve, least_kg_s, 1.01 * full_kg_s)
    assert too_much[0] > 1.0


def test_a_running_dx_coil_splits_its_heat_by_apparatus_dew_point_and_bypass() -> None:
    ds = run(*JULY)
    p = lower(shipped(SITE))
    assert p.p[p.composition.p.index("halls.enterprise.air", "bypass_frac")] == 0.1
    for hour in (10, 100, 200):
        here = {n: at(ds, f"enterprise.air.{n}")[hour] for n in
                ("fan_speed_frac", "return_c", "flow_kg_s", "dew_point_c", "coil_kw", "latent_kw",
                 "capacity_kw")}  # fmt: skip
        pressure = ds["weather.pressure_pa"].values[0][hour]
        ratio = psychrolib.GetHumRatioFromTDewPoint(here["dew_point_c"], pressure)
        bypass = 0.1 ** (1.0 / here["fan_speed_frac"])
        _, _, sensible = coil_outlet(here["capacity_kw"] / here["flow_kg_s"], here["return_c"], ratio, bypass, pressure)
        assert sensible < 0.995
        assert here["coil_kw"] / (here["coil_kw"] + here["latent_kw"]) == pytest.approx(sensible, rel=1e-3)


def test_a_tighter_band_never_needs_less_water_or_energy() -> None:
    water, energy = [], []
    for low_c, high_c in ((-9.0, 15.0), (0.0, 14.0), (4.0, 13.0), (7.0, 12.0)):
        band = [f"halls.{h}.humidity.dew_point_{side}_c={value}" for h in HALLS
                for side, value in (("low", low_c), ("high", high_c))]  # fmt: skip
        ds = simulate(shipped(SITE, *band), keep="none")
        water.append(sum(total(ds, f"halls.{h}.humidity.make_up_m3_h") for h in HALLS))
        energy.append(kpis(ds)["humidifier_energy_kwh"]["value"])
    assert np.all(np.diff(water) > 0.0), water
    assert np.all(np.diff(energy) > 0.0), energy


def test_a_tight_dry_hall_has_the_same_figures_as_one_that_others_hold() -> None:
    dry = "halls.ai.dew_point_c=-15"
    alone = (dry, *DRY_HALL, "halls.ai.humidity.outdoor_m3_s=0", "halls.ai.humidity.drying=none")
    tracked, held = run(*JULY, *alone), run(*JULY, dry, "halls.ai.humidity={kind: held}")
    for name in ("air.coil_kw", "air.return_c", "air.valve_frac", "rack_groups.gpu.power_kw"):
        np.testing.assert_allclose(at(tracked, f"ai.{name}"), at(held, f"ai.{name}"), rtol=1e-9)


# --- what is told ---------------------------------------------------------------------------------------------------


def test_a_hall_that_dries_out_counts_its_hours_and_one_with_humidifiers_has_none() -> None:
    wet, dry = (
        kpis(run(*JANUARY, *more))["hours_below_recommended_moisture_h"]["value"]
        for more in (["halls.enterprise.humidity.capacity_kg_s=0.02"], DRY_HALL)
    )
    assert wet == 0.0
    assert dry > 24.0
    frost = kpis(run("run.start=2025-01-10", "run.duration=20d", *DRY_HALL, "halls.ai.envelope=A1",
                     "halls.ai.humidity.outdoor_m3_s=4"))  # fmt: skip
    assert (
        0.0 < frost["hours_below_allowable_moisture_h"]["value"] < frost["hours_below_recommended_moisture_h"]["value"]
    )


def test_limits_bind_by_dew_point_and_by_relative_humidity() -> None:
    ds = run("run.start=2025-05-01", "run.duration=20d", "halls.ai.humidity.drying=none",
             "halls.ai.humidity.outdoor_m3_s=4")  # fmt: skip
    relative, dew = at(ds, "ai.rack_groups.gpu.inlet_relative_frac"), at(ds, "ai.air.dew_point_c")
    expected = (relative > 0.6) | (dew > 15.0)
    assert 0 < expected.sum() < len(expected)
    np.testing.assert_array_equal(at(ds, "ai.rack_groups.gpu.above_recommended_moisture") > 0.5, expected)


def test_water_and_electricity_of_humidifiers_are_in_the_figures() -> None:
    ds = run(*JANUARY)
    figures = {name: metric["value"] for name, metric in kpis(ds).items()}
    water = sum(total(ds, f"halls.{h}.humidity.make_up_m3_h") for h in HALLS)
    towers = sum(v for n, v in zip(ds["output"].values, ds["total"].values[0], strict=True)
                 if n.endswith(".make_up_m3_h") and ".towers." in n)  # fmt: skip
    assert water > 0.1
    assert figures["water_use_m3"] == pytest.approx(towers + water)
    power = sum(total(ds, f"halls.{h}.humidity.power_kw") for h in HALLS)
    assert figures["humidifier_energy_kwh"] == pytest.approx(power)
    assert figures["condensate_m3"] == pytest.approx(
        sum(total(ds, f"halls.{h}.air.condensate_kg_s") for h in HALLS) * 3600.0 / 998.0
    )
    assert figures["coil_below_dew_point_h"] == 0.0
    assert figures["condensing_coil_h"] > 0.0


def test_a_site_without_tracked_moisture_has_no_figures_of_it() -> None:
    ds = simulate(shipped("quickstart", *JULY), keep="none")
    assert not [name for name in kpis(ds) if "moisture" in name or ("condens" in name and "coil" in name)]
    assert not [name for name in ds["output"].values if "latent" in name or "moisture" in name]


@pytest.mark.parametrize(("override", "message"), [
    ("halls.ai.humidity.humidifier=none", r"halls\.ai\.humidity\.capacity_kg_s: has no meaning with humidifier: none"),
    ("halls.ai.humidity.capacity_kg_s=0",
     r"halls\.ai\.humidity\.capacity_kg_s: must be above 0 with humidifier: ultrasonic"),
    ("halls.ai.humidity.efficiency_frac=.9",
     r"halls\.ai\.humidity\.efficiency_frac: has no meaning with humidifier: ultrasonic"),
    ("halls.ai.humidity.dew_point_high_c=6",
     r"dew_point_high_c: must be more than 1 K \(twice margin_k\) above dew_point_low_c \(5\.5\), got 6"),
])  # fmt: skip
def test_what_cannot_be_is_refused(override: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        shipped(SITE, override)


EXCHANGER, TRACKED = "technologies/indirect_evaporative", "{{kind: tracked, outdoor_m3_s: 0.3{}}}"
STEAM = ", humidifier: steam, capacity_kg_s: 0.02"


def behind_exchangers(more: str) -> Scenario:
    tracked = f"halls.enterprise.humidity={TRACKED.format(more)}"
    return shipped(EXCHANGER, tracked, "run.start=2025-01-10", "run.duration=7d")


def test_humidifiers_of_a_hall_behind_air_to_air_exchangers_hold_its_lower_limit() -> None:
    dry, held = (simulate(behind_exchangers(more)).isel(scenario=0) for more in ("", STEAM))
    place = "halls.enterprise.humidity"
    assert dry[f"{place}.below_set"].values.mean() > 0.5
    assert held[f"{place}.below_set"].values.max() == 0.0
    assert dry[f"{place}.make_up_m3_h"].values.max() == 0.0
    given_kg_s = held[f"{place}.humidifier_kg_s"].values
    brought_kg_s = held[f"{place}.outdoor_moisture_kg_s"].values
    lowered = lower(behind_exchangers(STEAM))
    air_kg = lowered.p[lowered.composition.p.index("halls.enterprise.air", "dry_air_kg")]
    kept_kg = np.diff(held["halls.enterprise.air.humidity_kg_kg"].values) * air_kg
    step_s = 3600.0 * held.attrs["step_h"]
    np.testing.assert_allclose(kept_kg, (given_kg_s + brought_kg_s)[1:] * step_s, atol=1e-9)
    assert held[f"{place}.humidifier_kw"].values.sum() > 0.0
    assert np.abs(held["residual_kwh"].values).max() < 1e-6


@pytest.mark.parametrize(("site", "more", "message"), [
    ("technologies/outdoor_air", STEAM,
     "humidity.humidifier: must be none: air of kind outdoor_air holds moisture by its own window and adiabatic stage"),
    ("technologies/outdoor_air", ", dew_point_low_c: 6",
     "humidity.dew_point_low_c: must be left out: air of kind outdoor_air holds moisture by its own window and"),
    ("technologies/outdoor_air", ", rh_high_frac: 0.7", "humidity.rh_high_frac: must be left out: air of kind"),
    (EXCHANGER, ", dew_point_high_c: 14",
     "humidity.dew_point_high_c: must be left out: air of kind indirect_evaporative takes no moisture from the hall"),
])  # fmt: skip
def test_what_cooling_cannot_do_of_tracked_moisture_is_refused(site: str, more: str, message: str) -> None:
    shipped(site, f"halls.enterprise.humidity={TRACKED.format('')}")
    with pytest.raises(InputError, match=message):
        shipped(site, f"halls.enterprise.humidity={TRACKED.format(more)}")


def test_hours_of_trims_that_condense_and_of_those_that_are_reckoned_as_dry_are_told_apart() -> None:
    tracked = f"halls.enterprise.humidity={TRACKED.format('')}"
    ds = simulate(shipped(EXCHANGER, tracked, "run.start=2025-07-10", "run.duration=7d"))
    figures = {name: metric["value"] for name, metric in kpis(ds).items()}
    halls = [float(ds[f"halls.{hall}.air.wet_coil"].values.sum()) for hall in ("enterprise", "ai")]
    assert min(halls) >= 0.0
    assert figures["condensing_coil_h"] == pytest.approx(halls[0])
    assert halls[0] > 1.0
    assert figures["coil_below_dew_point_h"] == pytest.approx(halls[1])
    assert (ds["halls.enterprise.air.trim_condensate_kg_s"].values > 0.0).sum() >= halls[0]


def test_a_hall_with_a_hundred_times_the_air_that_it_needs_finds_the_return_air_of_its_wet_coils(
    tmp_path: Path,
) -> None:
    many = next(c for c in corners.corners(SITE) if str(c) == "halls.ai.air.units_count = 1000")
    outcome = corners.run(SITE, corners.of_air(tmp_path, "wet", 0.0, [(35.0, 1.0), (55.0, 1.0)]), (many,))
    assert outcome is not None
    assert outcome.failed_at < 0
    assert corners.faults(outcome) == []
