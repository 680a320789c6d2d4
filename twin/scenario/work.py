"""What must hold between classes of work, rack groups and the hardware catalog."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from twin.components.it.accelerators import Accelerators
from twin.components.it.caps import EventCap
from twin.components.it.devices import stand_ins
from twin.components.it.hardware import Hardware
from twin.components.it.shared_servers import SharedServers
from twin.errors import Fault, InputError, SpecFault, SpecFaults, did_you_mean
from twin.scenario.period import outage_faults
from twin.scenario.tables import in_our_words
from twin.scenario.walk import components
from twin.yaml_source import DataPath, shown


def hardware_faults(scenario: Any) -> Iterator[SpecFault]:
    """Figures that catalog files lack and groups do not give, and catalog files that cannot be used."""
    for reference, group in rack_groups(scenario).items():
        if isinstance(group, Accelerators):
            path = tuple(reference.split("."))
            try:
                told = list(_below(path, lambda g: g.device, group))
                if all(fault.path[-1] != "hardware" for fault in told):  # else it is no processor at all
                    told += _below(path, lambda g: g.server_figures(), group)
                yield from {(fault.path, fault.message): fault for fault in told}.values()
            except InputError as error:
                faults = _in_the_catalog(group.hardware) or error.faults
                yield from (SpecFault((*path, "hardware"), str(fault)) for fault in faults)


def work_faults(scenario: Any, hardware_is_sound: bool) -> Iterator[SpecFault]:
    """Places that are not there or cannot run the work, caps that cannot act, and requests of the grid at no time."""
    groups = rack_groups(scenario)
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
            elif work.kind == "inference" and isinstance(group, SharedServers):
                yield SpecFault(path, "inference is measured on processors only: the rack group must be accelerators")
            elif work.placement == "cost" and group.device_cost_per_h is None:
                wanted = f"placement by cost needs {placement.group}.device_cost_per_h"
                yield SpecFault(("workloads", name, "placement"), wanted)
            elif hardware_is_sound:
                yield from _below(("workloads", name), work.response, group)
        yield from _twice(name, work)
        yield from _caps_without_processors(name, work, groups)
    yield from _events(scenario)


def rack_groups(scenario: Any) -> dict[str, Any]:
    """All rack groups by what names them."""
    return {
        f"halls.{hall}.rack_groups.{name}": group
        for hall, spec in scenario.halls.items()
        for name, group in spec.rack_groups.items()
    }


def _in_the_catalog(reference: str) -> tuple[Fault, ...]:
    """What is wrong with a catalog file, or with those that stand in for it, each with its place there."""
    own = in_our_words(reference, Hardware, ())
    return own or tuple(fault for other in stand_ins(reference) for fault in in_our_words(other, Hardware, ()))


def _events(scenario: Any) -> Iterator[SpecFault]:
    """Requests of the grid that lie outside the year that is run, or begin at a time that there is not."""
    for path, cap in components(scenario):
        for index, event in enumerate(cap.events if isinstance(cap, EventCap) else ()):
            for fault in outage_faults(event, scenario.run.calendar_year, scenario.site.timezone):
                yield SpecFault((*path, "events", index, *fault.path), fault.message)


def _caps_without_processors(name: str, work: Any, groups: dict[str, Any]) -> Iterator[SpecFault]:
    """Caps of a class limit processors; servers are limited by the caps of their rack group alone."""
    places = [groups.get(placement.group) for placement in work.runs_on.values()]
    if work.caps and all(isinstance(group, SharedServers) for group in places):
        message = "limit processors, and the class runs on shared_servers only: put the caps on the rack group"
        yield SpecFault(("workloads", name, "caps"), message)


def _below(path: DataPath, ask: Any, about: Any) -> Iterator[SpecFault]:
    """Faults that asking for a figure tells, with their place in the scenario."""
    try:
        ask(about)
    except SpecFault as fault:
        yield SpecFault((*path, *fault.path), fault.message)
    except SpecFaults as found:
        yield from (SpecFault((*path, *fault.path), fault.message) for fault in found.faults)


def _twice(name: str, work: Any) -> Iterator[SpecFault]:
    seen: dict[str, str] = {}
    for place, placement in work.runs_on.items():
        if placement.group in seen:
            path = ("workloads", name, "runs_on", place, "group")
            yield SpecFault(path, f"is the group of {seen[placement.group]} already")
        seen[placement.group] = place
