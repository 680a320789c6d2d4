"""The walk over a scenario comes to every component, though it passes by what cannot hold one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from twin.components.base import Component
from twin.quantities import Spec
from twin.scenario.reading import read_scenario
from twin.scenario.walk import components

FOLDER = Path(__file__).parents[2] / "scenarios"
FILES = ("quickstart", "grid/solar_battery", "technologies/heat_reuse", "technologies/ups_batteries", "power_capping",
         "technologies/chilled_water_storage", "failures/utility_outage", "sites/esif", "work/hpc_trace",
         "technologies/humidity_control", "technologies/direct_to_chip")  # fmt: skip


def everywhere(spec: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Component]]:
    """Every component below ``spec``, whatever the types say."""
    if isinstance(spec, Component):
        yield path, spec
    names = spec if isinstance(spec, dict) else type(spec).model_fields if isinstance(spec, Spec) else ()
    for name in names:
        yield from everywhere(spec[name] if isinstance(spec, dict) else getattr(spec, name), (*path, name))


@pytest.mark.parametrize("file", FILES)
def test_the_walk_comes_to_every_component(file: str) -> None:
    scenario = read_scenario(FOLDER / f"{file}.yaml")
    found = list(components(scenario))
    assert found
    assert [path for path, _ in found] == [path for path, _ in everywhere(scenario)]
