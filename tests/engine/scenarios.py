"""Scenarios that the engine's tests share."""

from __future__ import annotations

from pathlib import Path

from twin.scenario.model import Scenario
from twin.scenario.reading import read_model, read_scenario

FOLDER = Path(__file__).parents[2] / "scenarios"
SHIPPED = ("quickstart", "greensboro")


def shipped(name: str, *overrides: str) -> Scenario:
    """A shipped scenario with overrides."""
    return read_scenario(FOLDER / f"{name}.yaml", overrides)


def from_text(text: str, *overrides: str) -> Scenario:
    """A scenario written in a test."""
    return read_model(Scenario, "test.yaml", overrides, text)
