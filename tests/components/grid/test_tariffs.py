"""Tariffs as they are written: each hour has one period, and what is wrong is said in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from twin.components.grid.periods import Schedule, Window
from twin.components.grid.tariffs import Energy, EnergyRate, EnergyTier, Tariff, TimeOfUseTariff, demand_schedule

RATES = {"off_peak": {"base_per_kwh": 0.08}, "on_peak": {"base_per_kwh": 0.20}}
NOON = {"period": "on_peak", "start": "12:00", "end": "18:00"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"default_period": "off_paek"}, "no period 'off_paek' (did you mean 'off_peak'?)"),
        ({"windows": [{**NOON, "period": "onpeak"}]}, "no period 'onpeak' (did you mean 'on_peak'?)"),
        ({"default_period": None}, "no period at 00:00 on weekdays of month 1: name a default_period"),
        (
            {"windows": [NOON, {"period": "off_peak", "start": "17:59", "end": "19:00"}]},
            "two periods at 17:59 on weekdays of month 1: 'on_peak' and 'off_peak'",
        ),
        ({"windows": []}, "period 'on_peak' never applies"),
        ({"windows": [{**NOON, "end": "12:00"}]}, "a window from 12:00 to 12:00 is empty"),
        ({"windows": [{**NOON, "start": 12}]}, '12 is not a time of day: write it as "08:30"'),
        ({"windows": [{**NOON, "start": "8:00"}]}, "'8:00' is not a time of day"),
        ({"windows": [{**NOON, "end": "24:30"}]}, "'24:30' is not a time of day"),
        ({"windows": [{**NOON, "months": [13]}]}, "less than or equal to 12"),
        ({"windows": [{**NOON, "days": "sundays"}]}, "'all', 'weekdays' or 'weekends'"),
        ({"periods": {}}, "at least 1 item"),
    ],
)
def test_a_schedule_that_does_not_hold_is_refused_in_words(change: dict[str, Any], message: str) -> None:
    plan = {"periods": RATES, "default_period": "off_peak", "windows": [NOON], **change}
    with pytest.raises(ValidationError) as caught:
        Energy.model_validate(plan)
    assert message in str(caught.value)


def test_one_period_needs_neither_default_nor_windows() -> None:
    assert Energy.model_validate({"periods": {"all": {"base_per_kwh": 0.1}}}).default_period is None


def tou(demand: dict[str, Any]) -> TimeOfUseTariff:
    energy = {"periods": RATES, "default_period": "off_peak", "windows": [NOON]}
    return TimeOfUseTariff.model_validate({"currency": "USD", "energy": energy, "demand": demand})


def test_demand_periods_without_windows_follow_those_of_energy() -> None:
    schedule = demand_schedule(tou({"periods": {"on_peak": {"base_per_kw": 9.0}}}))
    assert schedule.names[schedule.grid()[0, 0, 13 * 60]] == "on_peak"
    assert schedule.names[schedule.grid()[0, 0, 0]] == "off_peak"


def test_a_misspelt_demand_period_is_refused() -> None:
    with pytest.raises(ValidationError, match="period 'onpeak' never applies"):
        tou({"periods": {"onpeak": {"base_per_kw": 9.0}}})


def test_the_kind_chooses_the_tariff() -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(Tariff)
    flat = adapter.validate_python({"kind": "flat", "currency": "USD", "energy_per_kwh": 0.1})
    table = adapter.validate_python({"kind": "table", "file": "data:tariffs/x.yaml"})
    assert (type(flat).__name__, type(table).__name__) == ("FlatTariff", "TariffTable")


@pytest.mark.parametrize("currency", ["usd", "US", "DOLLAR"])
def test_a_currency_is_a_three_letter_code(currency: str) -> None:
    with pytest.raises(ValidationError, match="currency"):
        TypeAdapter(Tariff).validate_python({"kind": "flat", "currency": currency, "energy_per_kwh": 0.1})


def test_a_tariff_survives_the_way_through_plain_data() -> None:
    tariff = tou({"flat": [{"base_per_kw": 8.0}], "ratchet": {"peak_frac": 0.8}})
    assert TimeOfUseTariff.model_validate(tariff.model_dump(mode="json")) == tariff


CLOCKS = st.integers(0, 1440).map(lambda minute: f"{minute // 60:02d}:{minute % 60:02d}")
WINDOWS = st.builds(
    dict,
    period=st.sampled_from(["a", "b"]),
    months=st.lists(st.integers(1, 12), min_size=1, unique=True),
    days=st.sampled_from(["all", "weekdays", "weekends"]),
    start=CLOCKS,
    end=CLOCKS,
).filter(lambda window: window["start"] != window["end"])


@settings(deadline=None)
@given(st.lists(WINDOWS, max_size=4))
def test_a_schedule_without_faults_gives_each_minute_the_period_of_every_window_over_it(
    windows: list[dict[str, Any]],
) -> None:
    schedule = Schedule(("a", "b", "rest"), "rest", tuple(Window.model_validate(window) for window in windows))
    if schedule.faults():
        return
    grid = schedule.grid()
    for window in schedule.windows:
        minutes = window.minutes()
        day = 1 if window.days == "weekends" else 0
        here = grid[window.months[0] - 1, day]
        assert (here[minutes] == schedule.names.index(window.period)).all()
    assert (grid >= 0).all()


@settings(deadline=None)
@given(CLOCKS, CLOCKS)
def test_two_windows_that_swap_start_and_end_share_the_day(start: str, end: str) -> None:
    if {start, end} in ({"00:00", "24:00"}, {start}):
        return
    there = Window(period="a", start=start, end=end).minutes()
    back = Window(period="a", start=end, end=start).minutes()
    assert np.array_equal(there, ~back)


@pytest.mark.parametrize(
    "tiers",
    [
        [{"up_to_kwh": 20, "base_per_kwh": 1}, {"up_to_kwh": 10, "base_per_kwh": 2}],
        [{"up_to_kwh": 20, "base_per_kwh": 1}, {"up_to_kwh_per_kw": 30, "base_per_kwh": 2}],
        [{"up_to_kwh": 20, "base_per_kwh": 1}, {"up_to_kwh": 30, "each": "day", "base_per_kwh": 2}],
    ],
)
def test_ends_of_tiers_that_do_not_rise_in_one_unit_are_refused(tiers: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError, match="the ends of tiers rise from one to the next, all in one unit"):
        EnergyRate.model_validate({"base_per_kwh": 1, "tiers": tiers})


@pytest.mark.parametrize("end", [{}, {"up_to_kwh": 1, "up_to_kwh_per_kw": 2}])
def test_a_tier_has_one_end(end: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match="a tier ends at either up_to_kwh or up_to_kwh_per_kw"):
        EnergyTier.model_validate({"base_per_kwh": 1, **end})
