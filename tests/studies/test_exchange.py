"""Another technology in a place of a scenario: only where it serves, with settings that were read with the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from twin.errors import InputError
from twin.scenario.entries import shelves
from twin.scenario.exchange import NONE, places
from twin.scenario.model import Scenario
from twin.scenario.reading import read_scenario
from twin.series.tariff_tables import in_force
from twin.studies.exchange import added, exchanged, removed, with_item, with_list, without_item, without_table
from twin.studies.visitors import changed

SCENARIOS = Path(__file__).parents[2] / "scenarios"
EXPECTED_FAULTS = {  # need another site, year, set-point rule, file, or times of the year that is run
    "blades", "market", "load", "outdoor", "csv", "failures", "event",
}  # fmt: skip
EXPECTED_WITHOUT = {  # need liquid cooling, a larger plant, racks that run work, or have no example that ships
    "rack_groups blades", "process", "workloads inference", "workloads training", "workloads compute",
    "power_purchase physical", "power_purchase difference", "claims hourly",
}  # fmt: skip


def quickstart() -> Scenario:
    """The quickstart, not run."""
    return read_scenario(SCENARIOS / "quickstart.yaml")


def test_places_are_those_at_which_another_technology_could_stand() -> None:
    found = {place.path: (place.kind, place.kinds) for place in places(quickstart())}
    assert found["halls.ai.air"] == ("crah", ("crah", "crac", "outdoor_air", "indirect_evaporative"))
    assert found["halls.ai.liquid"] == (NONE, ("cdu", "immersion", NONE))
    assert found["plants.main.chillers.small"][0] == "water_cooled"
    assert found["grid.tariff"] == ("table", ("flat", "tou", "table", "market"))
    assert "plants.main" not in found  # there is one kind of plants
    assert "halls.ai" not in found


def test_almost_every_technology_can_stand_in_the_place_of_another_at_once() -> None:
    """One of each place: halls, chillers and power devices have the same."""
    scenario, told = quickstart(), set()
    for place in {place.kinds: place for place in places(scenario)}.values():
        for kind in set(place.kinds) - {place.kind}:
            try:
                text = exchanged(scenario, SCENARIOS, place.path, kind)
            except InputError:
                told.add(kind)
                continue
            block = json.loads(text)
            assert block is None if kind == NONE else block["kind"] == kind
    assert told <= EXPECTED_FAULTS


def test_what_two_technologies_have_in_common_stays() -> None:
    block = json.loads(exchanged(quickstart(), SCENARIOS, "halls.enterprise.air", "outdoor_air"))
    assert (block["units_count"], block["fan_pressure_pa"], block["fed_by"]) == (5, 500, "mechanical")


def test_references_of_an_example_are_those_of_the_site() -> None:
    site = read_scenario(SCENARIOS / "sites" / "server_room.yaml")
    (hall,) = site.halls
    block = json.loads(exchanged(site, SCENARIOS, f"halls.{hall}.air", "indirect_evaporative"))
    assert block["fed_by"] in (*site.power, "grid")


def test_a_technology_may_be_left_out() -> None:
    site = read_scenario(SCENARIOS / "technologies" / "crac_dx.yaml")
    text = exchanged(site, SCENARIOS, "halls.enterprise.air.economizer", NONE)
    assert changed(site, [f"halls.enterprise.air.economizer={text}"]).halls["enterprise"].air.economizer is None


def test_where_none_serves_the_faults_of_the_likeliest_are_told() -> None:
    with pytest.raises(InputError, match="cannot carry") as caught:
        exchanged(quickstart(), SCENARIOS, "halls.enterprise.rack_groups.web", "blades")
    assert caught.value.faults[0].path == "halls.enterprise.air.coil_capacity_kw"


@pytest.mark.slow
def test_almost_every_kind_of_part_can_be_added_and_reads_again() -> None:
    scenario, told = quickstart(), set()
    for shelf in shelves(scenario):
        for kind in shelf.kinds:
            name = shelf.free_name(kind)
            try:
                text = added(scenario, SCENARIOS, shelf, name, kind)
            except InputError:
                told.add(f"{shelf.path.rpartition('.')[2]} {kind}".strip())
                continue
            grown = changed(scenario, [f"{shelf.path}.{name}={text}"])
            names = next(one for one in shelves(grown) if one.path == shelf.path).names
            assert names == (*shelf.names, name)
    assert told <= EXPECTED_WITHOUT


def test_a_part_that_others_need_is_not_removed_and_says_who_does() -> None:
    scenario = quickstart()
    assert removed(scenario, "loads.building") == "null"
    assert removed(scenario, "loads.nothing") is None
    with pytest.raises(InputError, match=r"power.ups.heat_to: there is no place 'rooms.electrical'"):
        removed(scenario, "rooms.electrical")


def test_the_rates_of_a_table_are_taken_over_as_they_are() -> None:
    site = quickstart()
    own = changed(site, [f"grid.tariff={without_table(site, SCENARIOS)}"])
    assert own.grid.tariff == in_force(site.grid.tariff)
    with pytest.raises(InputError, match=r"grid.tariff: is no table"):
        without_table(own, SCENARIOS)


def test_an_outage_is_added_beside_another_and_removed_again() -> None:
    site, path = quickstart(), "plants.main.chillers.large.availability"
    some = changed(site, [f"{path}={exchanged(site, SCENARIOS, path, 'outages')}"])
    more = changed(some, [f"{path}.outages={with_item(some, SCENARIOS, f'{path}.outages', 0)}"])
    first, second = more.plants["main"].chillers["large"].availability.outages
    assert first.at[:10] != second.at[:10]
    assert first.duration_h == second.duration_h
    assert changed(more, [f"{path}.outages={without_item(more, f'{path}.outages', 1)}"]) == some


def test_an_item_that_others_need_is_not_removed_and_no_list_outgrows_an_address() -> None:
    calls = read_scenario(SCENARIOS / "grid" / "demand_response.yaml")
    path = "onsite.generator.control.events"
    one = changed(calls, [f"{path}=[{{at: '2025-07-15 16:00', duration_h: 2}}]"])
    with pytest.raises(InputError, match="at least 1 item"):
        without_item(one, path, 0)
    many = json.dumps([{"at": f"2025-{m:02d}-{d:02d} {h:02d}:00", "duration_h": 1.0}
                       for m in range(1, 11) for d in range(1, 26) for h in (9, 12)])  # fmt: skip
    with pytest.raises(InputError, match="characters, more than the 12,000 that an address carries"):
        with_item(changed(calls, [f"{path}={many}"]), SCENARIOS, path, 0)


def test_windows_of_demand_that_were_as_for_energy_begin_as_these() -> None:
    site = quickstart()
    own = changed(site, [f"grid.tariff={without_table(site, SCENARIOS)}"])
    with pytest.raises(InputError, match="name a default_period"):
        with_list(own, SCENARIOS, "grid.tariff.demand.windows")
    named = changed(own, ["grid.tariff.demand.default_period=off_peak"])
    stated = with_list(named, SCENARIOS, "grid.tariff.demand.windows")
    tariff = changed(named, [f"grid.tariff.demand.windows={stated}"]).grid.tariff
    assert tariff.demand.windows == tariff.energy.windows
