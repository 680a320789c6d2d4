"""Sensors that controllers of a site rely on: which there are, and under which path an event may name them."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from twin.components.plant.condenser import FOLLOWED, Condenser
from twin.components.resets import LoadReset, OutdoorReset, Sensed
from twin.scenario.walk import components

SENSORS = "sensors"  # last word of their path
RESETS = {"supply_reset": "set_c", "supply_air_reset": "set_air_c", "reset": "set_c"}  # reset -> the input it sets


def sensed_of(path: tuple[str, ...], component: Any) -> Iterator[Sensed]:
    """Sensors of the controllers of one component."""
    owner = ".".join(path)
    kind: Any = type(component)
    for field, name in _resets(kind):
        reset = getattr(component, field)
        if isinstance(reset, OutdoorReset | LoadReset):
            by_load = isinstance(reset, LoadReset)
            yield Sensed((*path, field), owner, name, reset.sensors, reset.fallback_c, by_load)
    if isinstance(component, Condenser) and component.setpoint in FOLLOWED:
        yield Sensed(path, owner, "set_c", component.sensors, component.fallback_c)


@functools.cache
def _resets(kind: Any) -> tuple[tuple[str, str], ...]:
    """Fields of a technology that may state a reset, and the input that each sets."""
    return tuple((field, name) for field, name in RESETS.items() if field in kind.model_fields)


def sensors(scenario: Any) -> dict[str, Sensed]:
    """Sensors of a site by the path under which an event names them, such as ``plants.main.supply_reset.sensors``."""
    found = [one for path, component in components(scenario) for one in sensed_of(path, component)]
    return {".".join((*one.path, SENSORS)): one for one in found}
