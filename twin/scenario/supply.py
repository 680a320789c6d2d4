"""Whether a site's power can fail, or a unit needs time to start again, and which units are then watched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from twin.components.base import Component
from twin.components.profiles import ALWAYS
from twin.errors import SpecFault
from twin.scenario.walk import components

SERVICE = "service"  # last word of the path of what watches a unit
_FEEDS = ("power.", "grid.meter")  # paths of what feeds others
Unit = tuple[tuple[str, ...], Component]


def can_fail(scenario: Any) -> bool:
    """Whether some step of the run may leave a unit without power, or some unit waits before it starts again."""
    if any(event.unit.startswith(_FEEDS) for event in scenario.events.values()):
        return True
    feeds = [scenario.grid.meter, *scenario.power.values()]
    if any(feed.availability != ALWAYS for feed in feeds):
        return True
    return any(vars(unit).get("restart_min", 0.0) > 0.0 for _, unit in components(scenario))


def served_units(scenario: Any) -> list[Unit]:
    """Units that stand still without power, by path; none where nothing can fail."""
    return [one for one in components(scenario) if _is_served(one[1])] if can_fail(scenario) else []


def island_faults(scenario: Any) -> Iterator[SpecFault]:
    """Sets that are called by the charge of batteries which are not there."""
    if any(getattr(one, "grid_forming", False) for one in scenario.onsite.values()):
        return
    for name, one in scenario.onsite.items():
        if one.kind == "generator" and one.control.kind == "charge":
            remedy = "state grid_forming: true of a battery, or kind: backup"
            yield SpecFault(("onsite", name, "control"), f"follows batteries that form a grid, and none does: {remedy}")


def _is_served(component: Component) -> bool:
    kind = type(component)
    feeds = any(phase.at in ("convert", "get_ready", "feed") for phase in kind.phases)
    return kind.cut in kind.inputs and kind.draws is not None and not feeds
