"""Names by which parts of a scenario state each other, such as the power device that feeds a pump."""

from __future__ import annotations

from typing import Any

from twin.components.it.accelerators import Accelerators
from twin.components.it.shared_servers import SharedServers
from twin.scenario.checks import GRID, SECTIONS, known_names
from twin.scenario.outages import units
from twin.scenario.work import rack_groups

ROOM = "rooms."


def names_of(scenario: Any) -> dict[str, list[str]]:
    """Field -> names that it may state: those that are there, the likeliest first."""
    known = known_names({name: getattr(scenario, name) for name in SECTIONS})
    working = {
        path: group for path, group in rack_groups(scenario).items() if isinstance(group, Accelerators | SharedServers)
    }
    return {
        "plant": known["plant"],
        "fed_by": sorted(known["fed_by"], key=lambda name: name == GRID),
        "heat_to": sorted(known["heat_to"], key=lambda name: not name.startswith(ROOM)),
        "group": sorted(working, key=lambda path: not isinstance(working[path], Accelerators)),
        "unit": list(units(scenario)),
    }
