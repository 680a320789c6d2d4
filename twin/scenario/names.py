"""Names by which parts of a scenario state each other, such as the power device that feeds a pump."""

from __future__ import annotations

from typing import Any

from twin.components.grid.tariffs import TimeOfUseTariff
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


def choices_of(scenario: Any) -> dict[str, list[str]]:
    """The same, and the periods of the tariff, which an example of another tariff has of its own."""
    return names_of(scenario) | dict.fromkeys(("period", "default_period"), _periods(scenario))


def _periods(scenario: Any) -> list[str]:
    """Periods of the tariff, those of the energy price first."""
    tariff = scenario.grid.tariff
    energy = tariff.energy.periods if isinstance(tariff, TimeOfUseTariff) else {}
    return list(dict.fromkeys([*energy, *getattr(getattr(tariff, "demand", None), "periods", {})]))
