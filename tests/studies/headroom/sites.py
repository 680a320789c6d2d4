"""Plain sites for tests of headroom: one hall of constant heat, in Miami's weather, changed by assignments."""

from __future__ import annotations

from pathlib import Path

from twin.scenario.model import Scenario
from twin.scenario.reading import read_scenario

SCENARIOS = Path(__file__).parent.parent.parent.parent / "scenarios"
NO_OUTAGE = "halls.hall.air.availability={kind: constant, value_frac: 1}"


def plain_site(*overrides: str) -> Scenario:
    """A hall of 500 kW with handlers, one chiller and towers, and no power chain."""
    calm = (NO_OUTAGE, "run={calendar_year: 2025}")
    return read_scenario(SCENARIOS / "loss_of_cooling.yaml", [*calm, *overrides])


def quickstart(*overrides: str) -> Scenario:
    """The site of the README."""
    return read_scenario(SCENARIOS / "quickstart.yaml", list(overrides))
