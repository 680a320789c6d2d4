"""What is wrong with outages and events: outside the year, of units that are not there, contradicting each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

from twin.components.base import said
from twin.components.grid.orders import EventRule
from twin.components.power.device import installed_count
from twin.components.profiles import Event, FailureProfile, OutageProfile, in_shares
from twin.components.resets import Sensed
from twin.errors import SpecFault, did_you_mean
from twin.scenario.period import outage_faults
from twin.scenario.sensors import SENSORS, sensors
from twin.scenario.walk import components
from twin.yaml_source import DataPath, shown

AVAILABILITY = "availability_frac"  # input of every unit that can be lost
# what says how many units a component stands for
COUNTS = ("installed_count", "units_count", "doors_count", "racks_count", "parallel_count")
Stated = tuple[DataPath, Any]  # where a span is stated, and the span


def units(scenario: Any) -> dict[str, Any]:
    """Components of a site that can be out of service, by their path, and the sensors that controllers rely on."""
    found = {".".join(path): one for path, one in components(scenario) if AVAILABILITY in type(one).inputs}
    return {**found, **sensors(scenario)}


def count_of(component: Any) -> int:
    """Equal units that a component stands for, redundant ones included; the sensors of a controller are one."""
    if isinstance(component, Sensed):
        return 1
    redundancy, units = said(component, "redundancy"), said(component, "units_count")
    if redundancy is not None and units is not None:
        return installed_count(units, redundancy)
    return next((int(n) for name in COUNTS if (n := said(component, name)) is not None), 1)


def availability_of(component: Any) -> Any:
    """A unit's availability in shares of all the units that stand there."""
    stated = component.availability
    counted = isinstance(stated, OutageProfile | Event | FailureProfile)
    return in_shares(stated, count_of(component)) if counted else stated


def outages(scenario: Any) -> Iterator[SpecFault]:
    """Faults of all spans in which something is out of service or called."""
    known = units(scenario) if scenario.events else {}
    for name, event in scenario.events.items():
        yield from _beyond((("events", name), event), scenario)
        if event.unit not in known:
            near = did_you_mean(event.unit, known)
            yield SpecFault(("events", name, "unit"), f"there is no unit {shown(event.unit)} that can be lost{near}")
    for path, component in [*components(scenario), *((one.path, one) for one in sensors(scenario).values())]:
        unit = ".".join((*path, SENSORS) if isinstance(component, Sensed) else path)
        stated = [*_own_spans(path, component), *_events_of(unit, scenario)]
        there = count_of(component) if stated else 0
        for one in stated:
            yield from _too_many(one, there)
            if one[0][0] != "events":
                yield from _beyond(one, scenario)
        if len(stated) > 1:
            yield from _contradictions([(where, in_shares(span, there)) for where, span in stated])
        if isinstance(component, EventRule):
            for index, event in enumerate(component.events):
                yield from _beyond(((*path, "events", index), event), scenario)


def _beyond(stated: Stated, scenario: Any) -> Iterator[SpecFault]:
    path, span = stated
    for fault in outage_faults(span, scenario.run.calendar_year, scenario.site.timezone):
        yield SpecFault((*path, *fault.path), fault.message)


def _too_many(stated: Stated, there: int) -> Iterator[SpecFault]:
    path, span = stated
    lost = getattr(span, "lost_count", None)
    if lost is not None and lost > there:
        units = "is one unit" if there == 1 else f"are {there} units"
        yield SpecFault((*path, "lost_count"), f"there {units}, got {lost}")


def _own_spans(path: DataPath, component: Any) -> Iterator[Stated]:
    for field, profile in _profiles(component):
        if isinstance(profile, OutageProfile):
            yield from (((*path, field, "outages", i), outage) for i, outage in enumerate(profile.outages))
        elif isinstance(profile, Event):
            yield (*path, field), profile


def _profiles(component: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(component, Sensed):
        yield SENSORS, component.availability
        return
    for field in component.profiles().values():
        yield field, vars(component)[field]


def _events_of(unit: str, scenario: Any) -> Iterator[Stated]:
    yield from ((("events", name), event) for name, event in scenario.events.items() if event.unit == unit)


def _contradictions(stated: Iterable[Stated]) -> Iterator[SpecFault]:
    """Spans of one unit that overlap and leave different shares of it in service."""
    ordered = sorted(stated, key=lambda one: datetime.fromisoformat(one[1].at))
    for (_, first), (path, then) in combinations(ordered, 2):
        ends = _ends(first)
        if datetime.fromisoformat(then.at) < ends and _left(first) != _left(then):
            message = (
                f"leaves {_left(then):g} in service while the span from '{first.at}' to '{ends:%Y-%m-%d %H:%M}'"
                f" leaves {_left(first):g}; state one of them"
            )
            yield SpecFault((*path, "at"), message)


def _ends(span: Any) -> datetime:
    return datetime.fromisoformat(span.at) + timedelta(hours=span.duration_h)


def _left(span: Any) -> float:
    return float(span.available_frac)
