"""Named things that could be added to a scenario: of every mapping, with names, kinds, and settings that read."""

from __future__ import annotations

from pathlib import Path

import pytest

from twin.scenario.entries import Shelf, entry_blocks, name_fault, shelves
from twin.scenario.reading import read_scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"
QUICKSTART = read_scenario(SCENARIOS / "quickstart.yaml")


def shelf(path: str) -> Shelf:
    """A mapping of the quickstart."""
    return next(one for one in shelves(QUICKSTART) if one.path == path)


def test_every_mapping_of_parts_is_a_shelf_with_its_entries_and_kinds() -> None:
    found = {one.path for one in shelves(QUICKSTART)}
    assert {"halls", "halls.ai.rack_groups", "rooms", "plants", "plants.main.chillers", "plants.main.condenser.towers",
            "plants.main.process", "power", "loads", "workloads", "onsite", "events"} <= found  # fmt: skip
    chillers = shelf("plants.main.chillers")
    assert chillers.entries == tuple((name, "water_cooled") for name in ("large", "medium", "small"))
    assert "air_cooled" in chillers.kinds
    assert (shelf("onsite").entries, shelf("onsite").kinds) == ((), ("pv", "battery", "generator"))
    assert shelf("halls").kinds == ("",)  # halls are all alike


def test_a_new_entry_is_offered_a_name_that_is_free() -> None:
    chillers = shelf("plants.main.chillers")
    assert chillers.free_name("air_cooled") == "air_cooled"
    assert chillers.free_name("large") == "large_2"
    assert shelf("halls").free_name("") == "hall"
    assert shelf("plants.main.process").free_name("") == "process"


@pytest.mark.parametrize("name", ["", "1st", "a b", "a.b", "a[0]", "ä", "x" * 65])
def test_a_name_that_no_file_could_have_is_told(name: str) -> None:
    assert "is no name" in name_fault(shelf("loads"), name)
    assert not name_fault(shelf("loads"), "x" * 64)


def test_a_copy_of_a_sibling_has_all_of_its_settings() -> None:
    (block,) = entry_blocks(QUICKSTART, "plants.main.chillers", "water_cooled", [], "large")
    large = QUICKSTART.plants["main"].chillers["large"]
    assert type(large).model_validate(block) == large


def test_an_example_of_another_site_names_what_this_site_has() -> None:
    example = read_scenario(SCENARIOS / "technologies" / "standby_generators.yaml")
    block = next(entry_blocks(QUICKSTART, "loads", "generator", [example]))
    assert block["fed_by"] in ("grid", *QUICKSTART.power)
    assert block["heat_to"] in ("outdoors", *(f"rooms.{name}" for name in QUICKSTART.rooms))
