"""Lists of a scenario: what they hold, with bounds from the schema, and what a list with an item more begins as."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from twin.scenario.exchange import NONE, places
from twin.scenario.form import as_override, settings
from twin.scenario.list_items import begun, longer, shorter
from twin.scenario.lists import Listing, lists
from twin.scenario.model import Scenario
from twin.scenario.reading import read_scenario
from twin.studies.visitors import changed

SCENARIOS = Path(__file__).parents[2] / "scenarios"
CONTRACTS = read_scenario(SCENARIOS / "grid" / "contracts.yaml")
CALLS = read_scenario(SCENARIOS / "grid" / "demand_response.yaml")
TOU = """{kind: tou, currency: USD, holidays: ["2025-07-04"],
 energy: {periods: {peak: {base_per_kwh: .2, adjustment_per_kwh: .01}, off: {base_per_kwh: .1}}, default_period: off,
  windows: [{period: peak, months: [6, 7, 8, 9], days: weekdays, start: "12:00", end: "21:00"}]},
 demand: {flat: [{base_per_kw: 10, tiers: [{base_per_kw: 4, up_to_kw: 500}]}]}}"""
SITE = changed(read_scenario(SCENARIOS / "quickstart.yaml"), [f"grid.tariff={TOU}"])
EVENTS = "power.ups.battery.control.events"


def one(scenario: Scenario, path: str) -> Listing:
    """A list of a scenario."""
    return next(listing for listing in lists(scenario) if listing.path == path)


def test_records_have_settings_with_bounds_unit_and_meaning_under_their_index() -> None:
    events = one(CALLS, EVENTS)
    assert (events.kind, events.count, events.least, events.most) == ("records", 4, 1, 1000)
    at, duration = events.items[1].settings
    assert (at.path, at.value, at.kind) == (f"{EVENTS}.1.at", "2025-07-15 16:00", "text")
    assert (duration.path, duration.value, duration.unit, duration.bounds) == (
        f"{EVENTS}.1.duration_h", 2.0, "h", "above 0 to 8784"
    )  # fmt: skip
    assert at.meaning.startswith("Start in civil local time")
    assert events.items[1].facts == (("2025-07-15 16:00", ""), ("2", "h"))


def test_a_window_offers_the_periods_of_its_tariff_hours_and_months() -> None:
    (window,) = one(SITE, "grid.tariff.energy.windows").items
    found = {setting.name: setting for setting in window.settings}
    assert (found["period"].kind, found["period"].words) == ("choice", ("peak", "off"))
    assert (found["start"].kind, found["start"].value) == ("clock", "12:00")
    assert {"00:00", "08:30", "24:00"} <= set(found["start"].words)
    (months,) = window.lists
    assert (months.kind, months.values, months.words) == ("some", (6, 7, 8, 9), tuple(range(1, 13)))
    assert [text for text, _ in window.facts] == ["peak", "Jun-Sep", "weekdays", "12:00", "21:00"]


def test_numbers_of_a_day_are_named_by_their_hour_and_bounded_each() -> None:
    day = one(SITE, "halls.ai.rack_groups.gpu.utilisation.weekday_frac")
    assert (day.kind, day.least, day.most, day.optional) == ("numbers", 24, 24, False)
    noon = day.numbers[12]
    assert (noon.path, noon.name, noon.bounds) == (f"{day.path}.12", "12:00", "0 to 1.2")
    assert one(SITE, day.path.replace("weekday", "weekend")).optional


def test_a_list_inside_an_item_and_words_of_ones_own_are_lists_too() -> None:
    (flat,) = one(SITE, "grid.tariff.demand.flat").items
    tiers, _ = flat.lists
    assert (tiers.path, tiers.items[0].settings[-1].value) == ("grid.tariff.demand.flat.0.tiers", 500.0)
    holidays = one(SITE, "grid.tariff.holidays")
    assert (holidays.kind, holidays.values) == ("words", ("2025-07-04",))


@pytest.mark.parametrize("scenario", [SITE, CALLS, CONTRACTS], ids=lambda scenario: scenario.name)
def test_every_item_put_back_as_an_override_changes_nothing_and_has_a_part_in_the_form(scenario: Scenario) -> None:
    found = lists(scenario)
    single = [s for listing in found for item in listing.items for s in item.settings]
    single += [s for listing in found for s in listing.numbers if listing.kind == "numbers"]
    whole = [as_override(one.path, list(one.values)) for one in found if one.values is not None]
    assert len(single) > 60
    assert changed(scenario, [*whole, *(as_override(s.path, s.value) for s in single)]) == scenario
    parts = {setting.part for setting in settings(scenario)} | {p.path for p in places(scenario) if p.kind != NONE}
    assert {listing.part for listing in found} <= parts


def with_list(scenario: Scenario, path: str, items: list[object]) -> Scenario:
    """A scenario with another list."""
    return changed(scenario, [as_override(path, items)])


def test_a_copy_of_an_event_begins_a_day_later_right_behind_it() -> None:
    items = next(longer(CALLS, EVENTS, 1, []))
    assert [item["at"] for item in items[1:3]] == ["2025-07-15 16:00", "2025-07-16 16:00"]
    assert len(items) == 5
    more = with_list(CALLS, EVENTS, items)
    assert with_list(more, EVENTS, shorter(more, EVENTS, 2)) == CALLS


def test_a_window_is_divided_so_that_each_hour_keeps_its_period() -> None:
    path = "grid.tariff.energy.windows"
    items = next(longer(SITE, path, 0, []))
    assert [(item["start"], item["end"]) for item in items] == [("12:00", "16:30"), ("16:30", "21:00")]
    before, after = SITE.grid.tariff.energy.windows, with_list(SITE, path, items).grid.tariff.energy.windows
    assert (before[0].minutes() == (after[0].minutes() | after[1].minutes())).all()


@pytest.mark.parametrize(("start", "end", "middle"), [("22:00", "06:00", "02:00"), ("00:00", "24:00", "12:00"),
                                                      ("12:00", "12:10", "12:05")])  # fmt: skip
def test_a_window_over_midnight_of_a_day_or_of_minutes_is_divided_too(start: str, end: str, middle: str) -> None:
    path = "grid.tariff.energy.windows"
    scenario = changed(SITE, [f"{path}.0.start={start}", f"{path}.0.end={end}", f"{path}.0.months=[6, 7]"])
    assert [item["end"] for item in next(longer(scenario, path, 0, []))] == [middle, end]


def test_a_tier_ends_between_its_neighbours_or_at_twice_the_last_end_with_the_prices_around_it() -> None:
    path = "grid.tariff.demand.flat.0.tiers"
    two = with_list(SITE, path, next(longer(SITE, path, 0, [])))
    three = next(longer(two, path, 0, []))
    assert [tier["up_to_kw"] for tier in three] == [500.0, 750.0, 1000.0]
    energy = "grid.tariff.energy.periods.peak.tiers"
    first = next(with_list(SITE, energy, items) for items in longer(SITE, energy, 0, []) if len(items[0]) > 2)
    (tier,) = first.grid.tariff.energy.periods["peak"].tiers
    assert (tier.base_per_kwh, tier.adjustment_per_kwh, tier.up_to_kwh) == (0.2, 0.01, 1000.0)


def test_an_empty_list_begins_as_an_example_in_the_year_that_is_run() -> None:
    path = "grid.contracts.demand_response.events"
    empty = changed(CONTRACTS, [f"{path}=[]", "run.calendar_year=2026"])
    (event,) = next(longer(empty, path, 0, [CONTRACTS]))
    assert event == {"at": "2026-07-15 16:00", "duration_h": 2.0}
    (least,) = next(longer(empty, path, 0, []))
    assert least == {"at": "2026-07-01 12:00", "duration_h": 1.0}


def test_a_list_that_was_left_out_begins_like_its_neighbour() -> None:
    path = "halls.ai.rack_groups.gpu.utilisation.weekend_frac"
    left_out = changed(SITE, [f"{path}=null"])
    assert one(left_out, path).values is None
    weekday = SITE.halls["ai"].rack_groups["gpu"].utilisation.weekday_frac
    assert next(begun(left_out, path, [])) == list(weekday)


def test_a_path_without_a_list_has_no_items_to_offer() -> None:
    assert list(longer(SITE, "grid.tariff.energy", 0, [])) == list(begun(SITE, "nothing", [])) == []
    assert shorter(SITE, "grid.tariff.holidays", 0) == []
    assert SITE.grid.tariff.holidays == (date(2025, 7, 4),)
