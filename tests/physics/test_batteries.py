"""Batteries: conservation, limits, ride-through after Peukert, and ageing against BLAST-Lite."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.physics import batteries as b

CHECKS = "checks_batteries.csv"


def calendar(days: float, temperature_c: float, soc_frac: float) -> float:
    """Capacity left after some days on float."""
    return 1.0 - b.aged_loss_frac(0.0, b.lfp_calendar_rate(temperature_c, soc_frac), b.LFP_CALENDAR_POWER, days)


def cycles(cycles: float, temperature_c: float, depth_frac: float, rate_per_h: float) -> float:
    """Capacity left after some cycles, without calendar ageing."""
    rate = b.lfp_cycle_rate(temperature_c, depth_frac, rate_per_h)
    return 1.0 - b.aged_loss_frac(0.0, rate, b.LFP_CYCLE_POWER, cycles)


QUANTITIES: dict[str, Callable[..., float]] = {
    "soc": b.next_soc_frac,
    "lead_h": b.lead_ride_through_h,
    "lithium_h": b.lithium_ride_through_h,
    "calendar": calendar,
    "cycles": cycles,
    "lead_life": b.lead_float_life_ratio,
    "lead_capacity": b.lead_capacity_frac,
    "lead_float": lambda energy_kwh: b.LEAD_FLOAT_KW_PER_KWH * energy_kwh,
}
FRAC = st.floats(0, 1)
EFFICIENCY = st.floats(0.5, 1)


def test_a_battery_has_its_reference_value(check: Any) -> None:
    assert check.holds(QUANTITIES[check.quantity](**check.inputs))


@given(soc=FRAC, low=st.floats(0, 0.5), high=st.floats(0.5, 1), wanted=st.floats(0, 1e4), rate=st.floats(0.1, 5),
       efficiency=EFFICIENCY, dt=st.floats(1 / 60, 1))  # fmt: skip
def test_powers_within_their_limits_keep_the_state_of_charge_in_its_window(
    soc: float, low: float, high: float, wanted: float, rate: float, efficiency: float, dt: float
) -> None:
    charge = min(wanted, b.charge_limit_kw(soc, high, 100.0, rate, efficiency, dt))
    charged = b.next_soc_frac(soc, charge, 0.0, efficiency, efficiency, 100.0, dt)
    assert charge <= rate * 100.0
    assert charged <= max(high, soc) + 1e-12
    draw = min(wanted, b.discharge_limit_kw(soc, low, 100.0, rate, efficiency, dt))
    drawn = b.next_soc_frac(soc, 0.0, draw, efficiency, efficiency, 100.0, dt)
    assert draw <= rate * 100.0
    assert drawn >= min(low, soc) - 1e-12


@given(soc=st.floats(0.1, 0.6), charge=st.floats(0, 30), discharge=st.floats(0, 30), into=EFFICIENCY, out=EFFICIENCY,
       dt=st.floats(1 / 60, 1))  # fmt: skip
def test_what_goes_in_less_what_comes_out_is_stored_or_lost(
    soc: float, charge: float, discharge: float, into: float, out: float, dt: float
) -> None:
    after = b.next_soc_frac(soc, charge, discharge, into, out, 100.0, dt)
    lost = b.battery_loss_kw(charge, discharge, into, out)
    assert lost >= 0.0
    assert (charge - discharge - lost) * dt == pytest.approx(100.0 * (after - soc), abs=1e-10)


@given(round_trip=st.floats(0.5, 1))
def test_a_round_trip_returns_its_share(round_trip: float) -> None:
    one_way = b.one_way_efficiency_frac(round_trip)
    soc = b.next_soc_frac(0.2, 50.0, 0.0, one_way, one_way, 100.0, 1.0)
    back = b.discharge_limit_kw(soc, 0.2, 100.0, 10.0, one_way, 1.0)
    assert back / 50.0 == pytest.approx(round_trip, rel=1e-12)


def test_the_published_conservation_test_holds() -> None:
    soc = b.next_soc_frac(0.0, 1.0, 0.0, 1.0, 1.0, 0.1, 0.1)
    assert soc * 0.1 * 3.6e6 == pytest.approx(360_000.0)


def test_half_the_step_gives_the_same_charge() -> None:
    whole = b.next_soc_frac(0.3, 20.0, 0.0, 0.95, 0.95, 100.0, 1.0)
    half = b.next_soc_frac(0.3, 20.0, 0.0, 0.95, 0.95, 100.0, 0.5)
    assert b.next_soc_frac(half, 20.0, 0.0, 0.95, 0.95, 100.0, 0.5) == pytest.approx(whole, rel=1e-14)


@given(load=st.floats(1, 1e4), more=st.floats(1.01, 3), exponent=st.floats(1, 1.6))
def test_a_lead_battery_gives_less_energy_the_faster_it_is_drawn(load: float, more: float, exponent: float) -> None:
    slow = b.lead_energy_kwh(load, 100.0, 0.25, exponent)
    fast = b.lead_energy_kwh(load * more, 100.0, 0.25, exponent)
    assert fast <= slow * (1.0 + 1e-12)
    assert b.lead_ride_through_h(load * more, 100.0, 0.25, exponent) < b.lead_ride_through_h(
        load, 100.0, 0.25, exponent
    )


def test_an_exponent_of_one_is_a_tank_of_energy() -> None:
    assert b.lead_ride_through_h(250.0, 100.0, 10.0, 1.0) == pytest.approx(0.4)
    assert b.lithium_ride_through_h(250.0, 1.0, 0.0, 100.0, 1.0) == pytest.approx(0.4)


@pytest.mark.parametrize(
    "ride", [b.lead_ride_through_h(0.0, 100.0, 1.0, 1.2), b.lithium_ride_through_h(0.0, 1, 0, 9, 1)]
)
def test_without_load_a_battery_lasts(ride: float) -> None:
    assert ride == 1e9


def test_a_battery_that_is_not_there_carries_nothing() -> None:
    assert b.lead_ride_through_h(100.0, 0.0, 1.0, 1.2) == 0.0
    assert b.lead_energy_kwh(0.0, 100.0, 1.0, 1.2) == 0.0


@given(days=st.floats(0, 7300), t=st.floats(10, 45), soc=FRAC)
def test_a_cell_on_float_ages_faster_when_warm(days: float, t: float, soc: float) -> None:
    assert calendar(days, t + 1.0, soc) <= calendar(days, t, soc) <= 1.0
    assert calendar(days, t, soc) > 0.6


@pytest.mark.parametrize(
    ("temperature", "soc", "days", "blast"),
    [(25.0, 0.5, 365, 0.98896), (30.0, 0.95, 1825, 0.94628), (30.0, 0.95, 3650, 0.92267), (40.0, 1.0, 3650, 0.86049)],
)
def test_explicit_daily_steps_give_blast_lite_to_its_digits(
    temperature: float, soc: float, days: int, blast: float
) -> None:
    rate, power = b.lfp_calendar_rate(temperature, soc), b.LFP_CALENDAR_POWER
    loss = rate
    for _ in range(days - 1):
        loss += rate * power * (loss / rate) ** ((power - 1.0) / power)
    assert 1.0 - loss == pytest.approx(blast, abs=6e-6)


@given(loss=st.floats(0, 0.2), first=st.floats(0, 1000), second=st.floats(0, 1000))
def test_ageing_adds_up_over_steps_of_any_length(loss: float, first: float, second: float) -> None:
    rate, exponent = b.lfp_calendar_rate(25.0, 0.5), b.LFP_CALENDAR_POWER
    twice = b.aged_loss_frac(b.aged_loss_frac(loss, rate, exponent, first), rate, exponent, second)
    assert twice == pytest.approx(b.aged_loss_frac(loss, rate, exponent, first + second), rel=1e-9, abs=1e-12)
    assert twice >= loss - 1e-12


@given(t=st.floats(-45, 55), depth=FRAC, rate=st.floats(0, 2))
def test_cycle_ageing_is_finite_and_grows_with_depth_and_rate(t: float, depth: float, rate: float) -> None:
    here = b.lfp_cycle_rate(t, depth, rate)
    assert 0.0 < here < 1e-2
    assert b.lfp_cycle_rate(t, depth + 0.1, rate) > here
    assert b.lfp_cycle_rate(t, depth, rate + 0.1) > here


@given(t=st.floats(-45, 70))
def test_lead_does_not_live_longer_than_rated(t: float) -> None:
    assert 0.0 < b.lead_float_life_ratio(t) <= 1.0


def test_a_missing_number_stays_missing() -> None:
    assert math.isnan(b.next_soc_frac(math.nan, 1.0, 0.0, 0.9, 0.9, 1.0, 0.1))
    assert math.isnan(b.lead_ride_through_h(math.nan, 100.0, 1.0, 1.2))
