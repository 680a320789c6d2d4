"""What must hold between classes of work, rack groups and the hardware catalog."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from twin.components.accelerators import Accelerators
from twin.components.shared_servers import SharedServers
from twin.errors import InputError, SpecFault, SpecFaults, did_you_mean
from twin.yaml_source import DataPath, shown


def work_faults(scenario: Any) -> Iterator[SpecFault]:
    """Places that are not there or cannot run the work, and figures that the catalog lacks."""
    groups = {
        f"halls.{hall}.rack_groups.{name}": group
        for hall, spec in scenario.halls.items()
        for name, group in spec.rack_groups.items()
    }
    unsound = list(_hardware(groups))
    yield from unsound
    for name, work in scenario.workloads.items():
        for place, placement in work.runs_on.items():
            path: DataPath = ("workloads", name, "runs_on", place, "group")
            group = groups.get(placement.group)
            if group is None:
                near = did_you_mean(placement.group, groups) or f"; there are {', '.join(groups) or 'none'}"
                yield SpecFault(path, f"there is no rack group {shown(placement.group)}{near}")
            elif not isinstance(group, Accelerators | SharedServers):
                kinds = "accelerators or shared_servers"
                yield SpecFault(path, f"a rack group of kind {group.kind} runs no workloads; it must be {kinds}")
            elif work.placement == "cost" and group.device_cost_per_h is None:
                wanted = f"placement by cost needs {placement.group}.device_cost_per_h"
                yield SpecFault(("workloads", name, "placement"), wanted)
            elif not unsound:
                yield from _below(("workloads", name), work.response, group)
        yield from _twice(name, work)


def _hardware(groups: dict[str, Any]) -> Iterator[SpecFault]:
    for reference, group in groups.items():
        if isinstance(group, Accelerators):
            path = tuple(reference.split("."))
            yield from _below(path, lambda g: (g.device, g.server_figures()), group)


def _below(path: DataPath, ask: Any, about: Any) -> Iterator[SpecFault]:
    """Faults that asking for a figure tells, with their place in the scenario."""
    try:
        ask(about)
    except SpecFault as fault:
        yield SpecFault((*path, *fault.path), fault.message)
    except SpecFaults as found:
        yield from (SpecFault((*path, *fault.path), fault.message) for fault in found.faults)
    except InputError as error:
        yield from (SpecFault((*path, "hardware"), str(fault)) for fault in error.faults)


def _twice(name: str, work: Any) -> Iterator[SpecFault]:
    seen: dict[str, str] = {}
    for place, placement in work.runs_on.items():
        if placement.group in seen:
            path = ("workloads", name, "runs_on", place, "group")
            yield SpecFault(path, f"is the group of {seen[placement.group]} already")
        seen[placement.group] = place
