"""Halls behind air-to-air exchangers: dry and sprayed, water, mechanical cooling, weather, corners, what is refused."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import psychrolib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.components.air.staged import AIR, DX, SEA_PA, Staged, of_air
from tests.engine import corners as at
from tests.engine.scenarios import shipped
from twin.components.air.humidity import TrackedHumidity
from twin.components.air.indirect_evaporative import IndirectEvaporative, indirect_step
from twin.errors import InputError
from twin.physics.fluids import (
    humidity_ratio_from_relative,
)
from twin.units import SECONDS_PER_HOUR, WATER_KG_M3

psychrolib.SetUnitSystem(psychrolib.SI)
SITE = "technologies/indirect_evaporative"
RUNS = Staged(SITE, IndirectEvaporative, indirect_step)
HALL, CHILLED = RUNS.hall, RUNS.chilled
year, figures, settled = RUNS.year, RUNS.figures, RUNS.settled


def fan_k(y: SimpleNamespace) -> float:
    """Rise of the air through the fans of the hall's side."""
    cp = 1.006 + 1.86 * y.humidity_kg_kg
    return float(y.fan_kw / (y.flow_kg_s * cp))


# --- modes ------------------------------------------------------------------------------------------------------


def test_dry_sprayed_and_trimmed_hours_come_in_a_year_of_weather() -> None:
    ds = year()
    dry = (of_air(ds, "wet") < 0.5) & (of_air(ds, "trim_kw") == 0)
    wet = (of_air(ds, "wet") > 0.5) & (of_air(ds, "trim_kw") == 0)
    trimmed = of_air(ds, "trim_kw") > 0
    assert min(dry.sum(), wet.sum(), trimmed.sum()) > 500
    assert dry.sum() + wet.sum() + trimmed.sum() == 8760
    assert of_air(ds, "free_mode").sum() == dry.sum() + wet.sum()
    assert of_air(ds, "partial_mode").sum() == trimmed.sum()
    np.testing.assert_allclose(of_air(ds, "supply_c"), 25.0, atol=1e-9)


@pytest.mark.parametrize("trim", [CHILLED, DX], ids=["chilled_water", "dx"])
def test_a_trim_coil_dries_a_hall_whose_moisture_is_tracked_and_water_balances(trim: dict[str, Any]) -> None:
    moist: dict[str, Any] = {"dew_point_c": 22.0, "humidity": TrackedHumidity(kind="tracked", outdoor_m3_s=0.0)}
    weather: dict[str, Any] = {"outdoor_c": 40.0, "rh": 0.5, "trim": trim, "supply_air_c": 20.0}
    first = settled(steps=1, hall=moist, **weather)
    lost_kg = first.dry_air_kg * (first.start_kg_kg - first.humidity_kg_kg)
    assert first.wet_coil == 1.0
    assert lost_kg == pytest.approx(first.trim_condensate_kg_s * SECONDS_PER_HOUR, rel=1e-9)
    assert first.trim_latent_kw == pytest.approx(2510.0 * first.trim_condensate_kg_s, rel=0.02)
    if trim is CHILLED:
        assert first.load_kw == pytest.approx(first.trim_kw + first.trim_latent_kw, rel=1e-12)
    later = settled(steps=48, hall=moist, **weather)
    assert later.trim_latent_kw < 1e-3 * first.trim_latent_kw
    held = settled(steps=1, hall={"dew_point_c": 22.0}, **weather)
    assert (held.trim_latent_kw, held.wet_coil) == (0.0, 1.0)


def test_a_sprayed_exchanger_brings_the_air_towards_the_wet_bulb() -> None:
    y = settled(33.0, 0.6)
    wet = psychrolib.GetTWetBulbFromRelHum(33.0, 0.6, SEA_PA)
    assert (y.wet, y.part_frac) == (1.0, 1.0)
    assert y.behind_c == pytest.approx(y.return_c - 0.75 * (y.return_c - wet), abs=1e-3)
    assert y.trim_kw > 0.0
    assert y.supply_c == pytest.approx(25.0, abs=1e-9)


def test_a_dry_exchanger_brings_the_air_towards_the_dry_bulb() -> None:
    y = settled(20.0, 0.6, wet_effectiveness_frac=0.0)
    assert (y.wet, y.part_frac) == (0.0, 1.0)
    assert y.behind_c == pytest.approx(y.return_c - 0.65 * (y.return_c - 20.0), abs=1e-9)


def test_nothing_is_sprayed_where_dry_air_is_enough_or_water_could_freeze() -> None:
    assert settled(12.0).wet == 0.0
    assert settled(12.0).part_frac < 1.0
    frost = settled(4.0, 0.9, dry_effectiveness_frac=0.2)
    assert frost.wet == 0.0
    assert frost.trim_kw > 0.0
    assert settled(4.0, 0.9, dry_effectiveness_frac=0.2, wet_from_c=3.0).wet == 1.0


# --- heat, water, power -----------------------------------------------------------------------------------------


def test_exchanger_and_trim_take_the_heat_of_racks_and_fans() -> None:
    assert figures()["energy_balance_residual_frac"] < 1e-9
    for outdoor_c in (-20.0, 12.0, 25.0, 38.0):
        y = settled(outdoor_c, steps=200)
        assert y.exchanger_kw + y.trim_kw == pytest.approx(240.0 + y.fan_kw, rel=1e-6)
        cp = 1.006 + 1.86 * y.humidity_kg_kg
        assert y.exchanger_kw == pytest.approx(y.flow_kg_s * cp * (y.return_c - y.behind_c), rel=0.01, abs=1e-6) or (
            y.part_frac < 1.0)  # fmt: skip


def test_water_is_that_of_the_heat_taken_wet_and_of_the_bleed() -> None:
    """1.44 kg per kWh (2500 kJ/kg), and a quarter of it bled at five cycles of concentration."""
    y = settled(33.0, 0.5)
    assert y.evaporation_m3_h == pytest.approx(y.exchanger_kw / 2500.0 * SECONDS_PER_HOUR / WATER_KG_M3, rel=1e-12)
    assert y.make_up_m3_h == pytest.approx(1.25 * y.evaporation_m3_h, rel=1e-12)
    assert settled(10.0).make_up_m3_h == 0.0
    ds = year()
    water = of_air(ds, "make_up_m3_h").sum()
    assert water > 100.0
    assert figures()["water_use_m3"] > water


def test_fans_and_pumps_follow_the_part_load() -> None:
    """10 m3/s x 250 Pa / .6 = 4.17 kW a unit, in air of 1.2 kg/m3."""
    y = settled(25.0, 0.5)
    density = psychrolib.GetMoistAirDensity(25.0, humidity_ratio_from_relative(25.0, 0.5, SEA_PA), SEA_PA)
    assert 0.0 < y.part_frac < 1.0
    assert y.secondary_fan_kw == pytest.approx(5 * 10 * 250 / 0.6 / 1e3 * y.part_frac * density / 1.2, rel=1e-4)
    assert y.pump_kw == pytest.approx(5 * 0.8 * y.part_frac)
    assert y.power_kw == y.fan_kw + y.secondary_fan_kw + y.pump_kw + y.compressor_kw


@pytest.mark.parametrize("trim", [CHILLED, DX], ids=["chilled_water", "dx"])
@pytest.mark.parametrize(("grams", "saturated_c"), [(3.0, -2.5), (8.0, 10.7), (12.0, 16.9), (17.0, 22.4)])
def test_warmer_air_of_the_same_humidity_never_raises_what_the_exchanger_takes(
    grams: float, saturated_c: float, trim: dict[str, Any]
) -> None:
    taken = [settled(t, ratio=grams / 1e3, trim=trim).exchanger_kw for t in np.linspace(saturated_c, 55.0, 40)]
    assert np.all(np.diff(taken) <= 1e-6)
    assert taken[-1] < taken[0]


def test_a_sprayed_exchanger_needs_less_trim_than_a_dry_one() -> None:
    days = ("run.start=2025-06-01", "run.duration=60d")
    dry = year(*days, f"{AIR}.wet_effectiveness_frac=0")
    assert of_air(year(*days), "trim_kw").sum() < 0.5 * of_air(dry, "trim_kw").sum()
    assert of_air(dry, "make_up_m3_h").sum() == 0.0


# --- shortage, step sizes, corners ------------------------------------------------------------------------------


@pytest.mark.parametrize("trim", [None, {"kind": "dx", "capacity_kw": 4.0}])
def test_without_enough_trim_the_supply_air_follows_the_exchanger(trim: dict[str, Any] | None) -> None:
    y = settled(38.0, 0.3, steps=400, trim=trim)
    wet = psychrolib.GetTWetBulbFromRelHum(38.0, 0.3, SEA_PA)
    assert y.supply_c > 25.0
    assert y.behind_c == pytest.approx(y.return_c - 0.75 * (y.return_c - wet), abs=1e-3)
    assert y.unmet_kw > 0.0
    cp = 1.006 + 1.86 * y.humidity_kg_kg
    assert y.supply_c == pytest.approx(y.behind_c + fan_k(y) - y.trim_kw / (y.flow_kg_s * cp), abs=1e-3)


def test_a_shortage_over_a_hot_spell_closes_its_books() -> None:
    days = ("run.start=2025-07-01", "run.duration=20d", f"{AIR}.trim=null")
    ds = year(*days)
    short = of_air(ds, "unmet_kw") > 1e-6
    assert 10 < short.sum() < 480
    assert of_air(ds, "supply_c")[~short].max() <= 25.0 + 1e-6
    assert figures(*days)["energy_balance_residual_frac"] < 1e-9


@pytest.mark.parametrize("step", ["1h", "15min"])
def test_energy_and_water_are_the_same_at_every_step(step: str) -> None:
    RUNS.agrees_with_short_steps(step)


@settings(deadline=None)
@given(outdoor=st.floats(-45, 55), rh=st.floats(0, 1), altitude=st.floats(0, 3000), heat=st.floats(0, 800),
       supply=st.floats(15, 35), dry=st.floats(0.05, 0.95), wet=st.floats(0, 0.99), secondary=st.floats(4, 40),
       trim=st.sampled_from((None, CHILLED, DX)), steps=st.integers(1, 4))  # fmt: skip
def test_at_every_corner_the_air_is_in_balance(
    outdoor: float, rh: float, altitude: float, heat: float, supply: float, dry: float, wet: float, secondary: float,
    trim: dict[str, Any] | None, steps: int,
) -> None:  # fmt: skip
    y = settled(outdoor, rh, heat, steps, altitude, supply_air_c=supply, dry_effectiveness_frac=dry,
                wet_effectiveness_frac=wet, secondary_m3_s=secondary, trim=trim)  # fmt: skip
    assert all(np.isfinite(value) for value in vars(y).values())
    assert min(y.trim_kw, y.compressor_kw, y.pump_kw, y.unmet_kw, y.evaporation_m3_h, y.exchanger_kw) >= 0.0
    assert 0.0 <= y.part_frac <= 1.0
    cp = 1.006 + 1.86 * y.humidity_kg_kg
    given_up = y.flow_kg_s * cp * (y.return_c - y.supply_c) + y.fan_kw
    assert y.coil_kw == pytest.approx(given_up, rel=1e-6, abs=1e-6 * max(heat, 1.0))
    assert y.supply_c >= min(supply, y.return_c) - 1e-6


@pytest.mark.parametrize(("override", "told"), [
    ("secondary_m3_s=3", r"must be at least half of airflow_m3_s \(4\), got 3"),
    ("trim.plant=other", "trim.plant: there is no plant 'other'"),
    ("trim={kind: dx, capacity_kw: 400}", "carry at most 290 kW, got 400"),
    ("trim={kind: dx, capacity_kw: 40, cop_error_frac: .1}", "has no meaning with performance: curves"),
    ("trim.coil_air_c=20 trim.coil_water_c=25", r"must be above coil_water_c \(25\), got 20"),
])  # fmt: skip
def test_what_cannot_be_is_refused(override: str, told: str) -> None:
    words = [override] if "{" in override else override.split()
    with pytest.raises(InputError, match=told):
        shipped(SITE, *(f"{AIR}.{one}" for one in words))


def test_books_close_where_more_warmth_of_return_air_makes_the_air_behind_the_exchanger_colder(tmp_path: Path) -> None:
    large = next(c for c in at.corners(SITE) if str(c) == "halls.ai.air.trim.coil_air_c = 60")
    outcome = at.run(SITE, at.of_air(tmp_path, "wet", 0.0, [(45.0, 1.0)]), (large,))
    assert outcome is not None
    apart_k = outcome.peaks[outcome.lowered.composition.y.index("halls.ai.air", "return_c")] - 45.0
    assert 0.2 < apart_k < 0.5  # close to the least difference to outdoor air, .2 K
    assert at.faults(outcome) == []
