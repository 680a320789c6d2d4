"""The shipped JSON Schema: it is the model's, it takes the shipped scenarios, and it says what each field means."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from twin.outputs.template import schema_text
from twin.quantities import unit_of
from twin.scenario.layers import read_layers
from twin.yaml_source import load

FOLDER = Path(__file__).parent.parent / "scenarios"
SCHEMA = json.loads(schema_text())
SCENARIOS = sorted(FOLDER.glob("*.yaml"))
CHECK = jsonschema.Draft202012Validator(SCHEMA)
NO_UNIT = {"months", "counted_months", "lookback_months", "day", "coldest_day", "seed"}  # months, days, random numbers


def properties() -> Iterator[Any]:
    """(owner, name, schema) of every field in the schema."""
    for owner, definition in [("Scenario", SCHEMA), *SCHEMA["$defs"].items()]:
        for name, part in definition.get("properties", {}).items():
            yield pytest.param(owner, name, part, id=f"{owner}.{name}")


def is_numeric(part: dict[str, Any]) -> bool:
    kinds = {part.get("type"), *(choice.get("type") for choice in part.get("anyOf", ()))}
    items = [part.get("items"), *part.get("prefixItems", ()), *(c.get("items") for c in part.get("anyOf", ()))]
    return bool(kinds & {"number", "integer"}) or any(isinstance(i, dict) and is_numeric(i) for i in items)


def test_the_shipped_schema_is_that_of_the_model() -> None:
    assert (FOLDER / "scenario.schema.json").read_text(encoding="utf-8") == schema_text(), "run `make schema`"


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_shipped_scenario_passes_and_names_the_schema(path: Path) -> None:
    assert sorted(error.message for error in CHECK.iter_errors(read_layers(path).data)) == []
    assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=scenario.schema.json\n")


FAULTS = {
    "unknown key": lambda data: data.update(nmae="x"),
    "unknown key further in": lambda data: data["halls"]["ai"]["air"].update(suply_air_c=24),
    "out of range": lambda data: data["halls"]["ai"]["air"].update(supply_air_c=77),
    "wrong type": lambda data: data["plants"]["main"].update(volume_m3="large"),
    "unknown technology": lambda data: data["power"]["ups"].update(kind="flywheel"),
    "missing field": lambda data: data["plants"]["main"].pop("supply_c"),
    "missing part": lambda data: data.pop("grid"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_by_the_schema(fault: str) -> None:
    data = copy.deepcopy(load(FOLDER / "quickstart.yaml").data)
    assert CHECK.is_valid(data)
    FAULTS[fault](data)
    assert not CHECK.is_valid(data)


def test_a_scenario_that_extends_another_need_not_be_complete() -> None:
    assert CHECK.is_valid({"extends": "quickstart.yaml", "run": {"step": "5min"}})
    assert not CHECK.is_valid({"run": {"step": "5min"}})
    assert not CHECK.is_valid({"extends": "quickstart.yaml", "run": {"stpe": "5min"}})


@pytest.mark.parametrize(("owner", "name", "part"), list(properties()))
def test_a_field_says_what_it_means_and_a_number_its_unit(owner: str, name: str, part: dict[str, Any]) -> None:
    definition = SCHEMA["$defs"].get(part.get("$ref", "").rpartition("/")[2], {})  # says it where the words are equal
    assert len(part.get("description", definition.get("description", ""))) > 4
    if is_numeric(part) and name not in NO_UNIT:
        assert part["unit"] == unit_of(name)
    else:
        assert "unit" not in part


@pytest.mark.parametrize("owner", SCHEMA["$defs"])
def test_a_definition_says_what_it_is_and_is_closed(owner: str) -> None:
    definition = SCHEMA["$defs"][owner]
    assert definition["description"]
    assert definition["additionalProperties"] is False
