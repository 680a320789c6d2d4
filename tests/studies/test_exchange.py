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
from twin.studies.exchange import added, exchanged, removed
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
