"""Halls on outdoor air: modes over weather, heat and water in balance, windows, shortage, corners, what is refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import psychrolib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.components.air.staged import AIR, DX, SEA_PA, Staged, of_air
from tests.engine.scenarios import shipped
from twin.components.air.outdoor_air import OutdoorAir, outdoor_air_step
from twin.errors import InputError, RunError
from twin.physics.fluids import station_pressure_pa
from twin.units import SECONDS_PER_HOUR, WATER_KG_M3

psychrolib.SetUnitSystem(psychrolib.SI)
SITE = "technologies/outdoor_air"
RUNS = Staged(SITE, OutdoorAir, outdoor_air_step)
HALL, CHILLED = RUNS.hall, RUNS.chilled
year, figures, settled = RUNS.year, RUNS.figures, RUNS.settled
KG_S = SECONDS_PER_HOUR / WATER_KG_M3  # m3/h of a kg/s


# --- modes ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_mode_comes_in_a_year_of_weather() -> None:
    modes = of_air(year(), "mode_count")
    hours = [int((modes == mode).sum()) for mode in range(5)]
    assert min(hours) > 100
    assert sum(hours) == 8760


@pytest.mark.parametrize(("outdoor_c", "rh", "mode"), [
    (-20.0, 0.8, 1), (10.0, 0.5, 1), (20.0, 0.4, 2), (30.0, 0.3, 3), (38.0, 0.3, 4), (30.0, 0.8, 0), (22.0, 0.9, 1),
])  # fmt: skip
def test_the_mode_follows_the_weather(outdoor_c: float, rh: float, mode: int) -> None:
    assert settled(outdoor_c, rh).mode_count == mode


def test_air_too_humid_as_it_is_comes_in_warmer_or_is_kept_out() -> None:
    warmed, kept_out = (settled(22.0, 0.9, humid_air=choice) for choice in ("warmed", "kept_out"))
    assert (warmed.mode_count, kept_out.mode_count) == (1, 0)
    assert warmed.supply_c > 23.0
    assert kept_out.trim_kw == pytest.approx(240.0 + kept_out.fan_kw, rel=1e-3)
    assert warmed.trim_kw == 0.0
    for outdoor_c, rh in ((20.0, 0.4), (10.0, 0.5), (38.0, 0.3)):  # nothing else changes
        assert vars(settled(outdoor_c, rh, humid_air="kept_out")) == vars(settled(outdoor_c, rh))


def test_hours_of_free_cooling_are_those_of_the_modes() -> None:
    ds, found = year(), figures()
    modes = of_air(ds, "mode_count")
    assert of_air(ds, "free_mode").sum() == np.isin(modes, (1, 2, 3)).sum()
    assert of_air(ds, "partial_mode").sum() == (modes == 4).sum()
    assert found["free_cooling_h"] == of_air(ds, "free_mode").sum()
    assert found["partial_free_cooling_h"] >= of_air(ds, "partial_mode").sum()


def test_the_supply_air_keeps_to_its_band_and_the_rest_is_trim() -> None:
    ds = year()
    supply, mode = of_air(ds, "supply_c"), of_air(ds, "mode_count")
    assert supply.min() >= 18.0 - 1e-9
    assert supply.max() <= 26.0 + 1e-9
    assert np.all(of_air(ds, "trim_kw")[np.isin(mode, (1, 2, 3))] == 0.0)
    assert np.all(of_air(ds, "trim_kw")[mode == 4] > 0.0)
    np.testing.assert_allclose(supply[mode == 4], 26.0, atol=1e-9)
    mixed = of_air(ds, "outdoor_frac")[mode == 1]
    assert mixed.min() > 0.0
    assert mixed.max() < 1.0


# --- heat and water ---------------------------------------------------------------------------------------------


def test_exhaust_evaporation_and_trim_take_the_heat_of_racks_and_fans() -> None:
    assert figures()["energy_balance_residual_frac"] < 1e-9
    for outdoor_c, rh in ((-20.0, 0.8), (20.0, 0.4), (30.0, 0.3), (38.0, 0.3), (30.0, 0.8)):
        y = settled(outdoor_c, rh, steps=200)
        assert y.outdoor_kw + y.evaporation_kw + y.trim_kw == pytest.approx(240.0 + y.fan_kw, rel=1e-6)


def test_exhaust_takes_what_its_air_has_gained_over_outdoor_air() -> None:
    """m x (1.006 + 1.86 W)(T_return - T_outdoor), the share of outdoor air told by the humidities or by 1."""
    y = settled(20.0, 0.4)
    cp = 1.006 + 1.86 * y.humidity_kg_kg
    assert y.outdoor_kw == pytest.approx(y.flow_kg_s * cp * (y.return_c - 20.0), rel=1e-9)
    cold = settled(5.0, 0.7)
    assert cold.stage_k == 0.0
    cp = 1.006 + 1.86 * cold.humidity_kg_kg
    assert cold.outdoor_kw == pytest.approx(cold.outdoor_frac * cold.flow_kg_s * cp * (cold.return_c - 5.0), rel=1e-9)


@pytest.mark.parametrize(("outdoor_c", "rh"), [(-25.0, 0.7), (-5.0, 0.2), (30.0, 0.3), (38.0, 0.1), (26.0, 0.02)])
def test_evaporation_is_what_the_supply_air_holds_more_than_the_air_that_enters_the_stage(
    outdoor_c: float, rh: float
) -> None:
    y = settled(outdoor_c, rh, steps=1)
    entering = y.mean_kg_kg + y.outdoor_frac * (y.outdoor_kg_kg - y.mean_kg_kg)
    evaporated = y.flow_kg_s * (y.supply_humidity_kg_kg - entering)
    assert y.evaporation_m3_h == pytest.approx(KG_S * evaporated, rel=1e-9)
    assert y.make_up_m3_h == pytest.approx(y.evaporation_m3_h * 5 / 4, rel=1e-12)
    assert y.blowdown_m3_h == pytest.approx(y.evaporation_m3_h / 4, rel=1e-12)
    exchanged = y.outdoor_frac * y.flow_kg_s * (y.outdoor_kg_kg - y.mean_kg_kg)
    gained = y.dry_air_kg * (y.humidity_kg_kg - y.start_kg_kg) / 3600.0
    assert gained == pytest.approx(exchanged + evaporated, abs=1e-9 * y.flow_kg_s)


def test_the_stage_turns_heat_into_vapour_at_the_latent_heat_of_its_wet_bulb() -> None:
    """Q = m dW (2501 + 1.86 T - 4.186 Twb), F1 eq. 33; 3 % covers the constant specific heat of the ledger."""
    for outdoor_c, rh in ((30.0, 0.3), (38.0, 0.1), (-20.0, 0.5)):
        y = settled(outdoor_c, rh, steps=50)
        latent = y.evaporation_kw / (y.evaporation_m3_h / KG_S)
        assert latent == pytest.approx(2480.0, rel=0.03)


def test_a_stage_at_full_effect_has_its_effectiveness() -> None:
    y = settled(45.0, 0.1)
    wet = psychrolib.GetTWetBulbFromRelHum(45.0, 0.1, SEA_PA)
    leaving = 45.0 - 0.8 * (45.0 - wet)
    if leaving > 26.0:
        assert y.stage_k == pytest.approx(45.0 - leaving, rel=1e-4)
    assert y.stage_k <= 0.8 * (45.0 - wet) * (1 + 1e-4)
    assert y.pump_kw == pytest.approx(5 * 0.4 * y.stage_frac)


MOIST = {"dew_point_c": 20.0}  # as the hall starts
HUMID = {"adiabatic": None, "dew_point_high_c": 24.0, "relative_high_frac": 1.0, "supply_air_c": 18.0}


@pytest.mark.parametrize(
    ("trim", "outdoor_c", "entering"), [(CHILLED, 26.0, 0.012), (DX, 21.0, 0.0095)], ids=["chilled_water", "dx"]
)
def test_a_trim_coil_in_humid_outdoor_air_condenses_and_its_plant_gets_the_latent_heat(
    trim: dict[str, Any], outdoor_c: float, entering: float
) -> None:
    y = settled(outdoor_c, ratio=entering, trim=trim, **HUMID)
    assert (y.mode_count, y.wet_coil) == (4, 1)
    latent = y.trim_latent_kw
    assert y.supply_humidity_kg_kg == pytest.approx(entering - y.trim_condensate_kg_s / y.flow_kg_s, rel=1e-9)
    assert psychrolib.GetRelHumFromHumRatio(y.supply_c, y.supply_humidity_kg_kg, SEA_PA) < 1.0
    assert 2501.0 < latent / y.trim_condensate_kg_s < 2501.0 + 1.86 * 18.0  # vapour at the leaving air
    assert y.supply_c == pytest.approx(18.0, abs=1e-6)
    assert y.humidity_kg_kg == pytest.approx(y.supply_humidity_kg_kg, rel=1e-6)
    if trim is CHILLED:
        assert y.load_kw == pytest.approx(y.trim_kw + latent, rel=1e-12)
        dry = settled(outdoor_c, ratio=0.0040, trim=trim, **HUMID)
        assert (dry.wet_coil, dry.trim_latent_kw) == (0, 0)
        assert y.valve_frac > dry.valve_frac
    else:
        assert y.trim_kw + latent <= y.capacity_kw * (1 + 1e-9)
        assert y.compressor_kw > settled(outdoor_c, ratio=0.0040, trim=trim, **HUMID).compressor_kw


def test_a_condensing_coil_keeps_air_out_whose_enthalpy_is_above_that_of_the_return_air() -> None:
    """Full outdoor air only with h_oa < h_ret; a dry coil goes by the temperature."""
    dry, wet = (settled(28.0, ratio=ratio, trim=DX, **HUMID) for ratio in (0.003, 0.0145))
    assert (dry.mode_count, wet.mode_count) == (4, 0)
    assert wet.compressor_kw == pytest.approx(settled(28.0, ratio=0.0160, trim=DX, **HUMID).compressor_kw, rel=0.02)


def test_a_closed_hall_dries_to_the_surface_of_its_trim_coil_and_water_balances() -> None:
    first = settled(33.0, ratio=0.025, steps=1, hall=MOIST, **HUMID)
    assert (first.mode_count, first.wet_coil) == (0, 1)
    lost_kg = first.dry_air_kg * (first.start_kg_kg - first.humidity_kg_kg)
    assert lost_kg == pytest.approx(first.trim_condensate_kg_s * SECONDS_PER_HOUR, rel=1e-9)
    later = settled(33.0, ratio=0.025, steps=24, hall=MOIST, **HUMID)
    assert later.trim_latent_kw < 1e-3 * first.trim_latent_kw


def test_dry_cold_air_is_moistened_to_the_window_and_not_beyond() -> None:
    y = settled(-25.0, 0.7, steps=50)
    assert y.mode_count == 1
    assert y.stage_k > 0.0
    assert psychrolib.GetRelHumFromHumRatio(y.supply_c, y.supply_humidity_kg_kg, SEA_PA) == pytest.approx(
        0.14, rel=1e-3
    )
    assert y.outside_window == 0.0


def test_the_supply_air_stays_in_its_window_nearly_all_the_year() -> None:
    """The rest are hours in which a closed hall keeps the moisture of air that was let in at the window's edge."""
    ds = year()
    outside = of_air(ds, "outside_window") > 0
    assert outside.mean() < 0.01
    assert set(of_air(ds, "mode_count")[outside]) <= {0.0}


# --- weather and windows ----------------------------------------------------------------------------------------


def work_kw(y: SimpleNamespace) -> float:
    """Electricity, with chillers at a COP of 5."""
    return float(y.fan_kw + y.compressor_kw + y.pump_kw + y.water_kw / 5.0)


@pytest.mark.parametrize("trim", [CHILLED, DX], ids=["chilled_water", "dx"])
@pytest.mark.parametrize(("grams", "saturated_c"), [(0.5, -24.0), (3.0, -2.5), (8.0, 10.7), (12.0, 16.9), (17.0, 22.4)])
def test_warmer_air_of_the_same_humidity_never_lowers_the_energy(
    grams: float, saturated_c: float, trim: dict[str, Any]
) -> None:
    """Without the stage's pumps, which stop as outdoor air becomes too warm to be let in at all."""
    changes = {"trim": trim, "supply_low_c": None, "adiabatic": {"effectiveness_frac": 0.8}}
    powers = [work_kw(settled(t, ratio=grams / 1e3, **changes)) for t in np.linspace(saturated_c, 50.0, 40)]
    assert np.all(np.diff(powers) >= -1e-4 * max(powers))
    if 1.0 < grams < 16.0:  # drier air cools itself enough at any temperature, more humid air is kept out at all
        assert powers[-1] > powers[0] * 1.05


@pytest.mark.parametrize(("wider", "narrower"), [
    ("dew_point_high_c=24", "dew_point_high_c=15"), ("relative_high_frac=.95", "relative_high_frac=.6"),
    ("supply_air_c=30", "supply_air_c=22"), ("outdoor_high_c=60", "outdoor_high_c=24"),
    ("outdoor_low_c=-60", "outdoor_low_c=5"), ("adiabatic={effectiveness_frac: .8}", "adiabatic=null"),
])  # fmt: skip
def test_a_wider_window_never_raises_the_energy_of_trim(wider: str, narrower: str) -> None:
    days = ("run.start=2025-06-01", "run.duration=60d") if "low" not in wider else (
        "run.start=2025-01-01", "run.duration=60d")  # fmt: skip
    changes: tuple[tuple[str, ...], ...] = ((f"{AIR}.{wider}",), (), (f"{AIR}.{narrower}",))
    totals = [float(of_air(year(*days, *one), "trim_kw").sum()) for one in changes]
    assert totals[0] <= totals[1] * (1 + 1e-9)
    assert totals[1] <= totals[2] * (1 + 1e-9)
    assert totals[0] < totals[2]


def test_without_trim_the_temperature_rises_and_the_shortage_is_told() -> None:
    days = ("run.start=2025-07-01", "run.duration=20d", f"{AIR}.trim=null")
    ds = year(*days)
    short = of_air(ds, "unmet_kw") > 1e-6
    assert 10 < short.sum() < 480
    assert of_air(ds, "supply_c")[short].min() > 26.0
    assert of_air(ds, "supply_c").max() < 40.0
    assert figures(*days)["unmet_cooling_kwh"] > 0
    assert figures(*days)["energy_balance_residual_frac"] < 1e-9


def test_a_shut_hall_with_too_little_trim_opens_before_it_gets_hotter_than_outdoor_air() -> None:
    weak = {"kind": "dx", "capacity_kw": 5.0}
    y = settled(30.0, 0.8, steps=300, trim=weak)
    assert y.outdoor_frac == 1.0
    assert y.outside_window == 1.0
    assert 26.0 < y.supply_c < 31.5
    assert y.trim_kw > 0.0
    assert settled(30.0, 0.8, steps=300).outdoor_frac == 0.0


def test_direct_expansion_carries_the_trim_with_its_own_power() -> None:
    trim = f"{AIR}.trim={{kind: dx, capacity_kw: 125}}"
    ds = year("run.start=2025-07-01", "run.duration=20d", trim)
    paid = of_air(ds, "fan_kw") + of_air(ds, "compressor_kw") + of_air(ds, "pump_kw")
    np.testing.assert_allclose(of_air(ds, "power_kw"), paid, rtol=1e-12)
    running = of_air(ds, "trim_kw") > 0
    cop = of_air(ds, "trim_kw")[running].sum() / of_air(ds, "compressor_kw")[running].sum()
    assert 2.0 < cop < 5.0
    found = figures("run.start=2025-07-01", "run.duration=20d", trim)
    assert found["crac_energy_kwh"] == pytest.approx(of_air(ds, "compressor_kw").sum(), rel=1e-9)
    assert found["energy_balance_residual_frac"] < 1e-9


# --- step sizes, corners ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["1h", "15min"])
def test_energy_and_water_are_the_same_at_every_step(step: str) -> None:
    RUNS.agrees_with_short_steps(step)


@settings(deadline=None)
@given(outdoor=st.floats(-45, 55), rh=st.floats(0, 1), altitude=st.floats(0, 3000), heat=st.floats(0, 800),
       supply=st.floats(15, 35), band=st.floats(0, 10), effectiveness=st.sampled_from((None, 0.3, 0.9, 0.99)),
       trim=st.sampled_from((None, CHILLED, DX)), steps=st.integers(1, 4))  # fmt: skip
def test_at_every_corner_air_is_in_balance_and_never_above_saturation(
    outdoor: float, rh: float, altitude: float, heat: float, supply: float, band: float, effectiveness: float | None,
    trim: dict[str, Any] | None, steps: int,
) -> None:  # fmt: skip
    stage = {"effectiveness_frac": effectiveness} if effectiveness else None
    y = settled(outdoor, rh, heat, steps, altitude, supply_air_c=supply, supply_low_c=max(supply - band, 5.0),
                adiabatic=stage, trim=trim)  # fmt: skip
    assert all(np.isfinite(value) for value in vars(y).values())
    assert min(y.trim_kw, y.compressor_kw, y.pump_kw, y.unmet_kw, y.evaporation_m3_h, y.outdoor_frac) >= 0.0
    assert y.outdoor_frac <= 1.0
    given_up = y.flow_kg_s * (1.006 + 1.86 * y.mean_kg_kg) * (y.return_c - y.supply_c) + y.fan_kw
    assert y.coil_kw == pytest.approx(given_up, rel=0.03, abs=2e-3 * max(heat, 1.0))
    pressure = station_pressure_pa(altitude)
    if y.outdoor_frac > 0.0:
        before_fan_c = y.supply_c + y.trim_kw / (y.flow_kg_s * 1.006) - y.fan_kw / (y.flow_kg_s * 1.006)
        assert y.supply_humidity_kg_kg <= psychrolib.GetSatHumRatio(before_fan_c + 0.1, pressure) + 1e-6


@pytest.mark.parametrize(("override", "told"), [
    ("supply_low_c=30", "must not be above supply_air_c"),
    ("dew_point_low_c=15 dew_point_high_c=10", "must not be above dew_point_high_c"),
    ("relative_low_frac=.8 relative_high_frac=.5", "must not be above relative_high_frac"),
    ("trim.plant=other", "there is no plant 'other'"),
    ("trim.coil_capacity_kw=400", "carry at most 260 kW from 36 degC to water of 8.5 degC, got 400"),
    ("trim={kind: dx, capacity_kw: 400}", "carry at most 290 kW, got 400"),
    ("airflow_m3_s=1 trim=null", "5 units of 24.1 kW cannot carry"),
    ("supply_air_c=10 supply_low_c=10 trim.coil_water_c=5 plants.main.supply_c=11", "air of 10 degC cannot be had"),
])  # fmt: skip
def test_what_cannot_be_is_refused(override: str, told: str) -> None:
    words = [one if one.startswith("plants") else f"{AIR}.{one}" for one in _split(override)]
    with pytest.raises(InputError, match=told):
        shipped(SITE, *words)


def _split(override: str) -> list[str]:
    return [override] if "{" in override else override.split()


def test_no_units_in_service_fail_as_a_hall_without_cooling_does() -> None:
    with pytest.raises(RunError, match=r"ran away at .*halls\.enterprise\.air\.inlet_c"):
        year("run.duration=3d", f"{AIR}.availability={{kind: constant, value_frac: 0}}")
