"""Every component of a scenario with its path, in the order in which the scenario states them."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Iterator
from typing import Any, get_args

from twin.components.base import Component
from twin.quantities import Spec
from twin.references import FileMarker

Part = tuple[tuple[str, ...], Component]  # path, component
_walked: dict[int, tuple[weakref.ref[Spec], list[Part]]] = {}  # of what lives: a spec cannot change


def components(spec: Any, path: tuple[str, ...] = ()) -> Iterator[Part]:
    """(path, component) for ``spec`` and everything below it, outer before inner."""
    if path or not isinstance(spec, Spec):
        return iter(_gathered(spec, path))
    known = _walked.get(id(spec))
    if known is None or known[0]() is not spec:
        key = id(spec)
        known = _walked[key] = (weakref.ref(spec, lambda _: _walked.pop(key, None)), _gathered(spec, path))
    return iter(known[1])


def _gathered(spec: Any, path: tuple[str, ...]) -> list[Part]:
    found: list[Part] = []
    _gather(spec, path, found)
    return found


def _gather(spec: Any, path: tuple[str, ...], found: list[Part]) -> None:
    if isinstance(spec, Component):
        found.append((path, spec))
    kind: Any = type(spec)
    held = spec if isinstance(spec, dict) else vars(spec)  # where pydantic keeps the fields
    for name in spec if isinstance(spec, dict) else _ways(kind):
        value = held[name]
        if isinstance(value, Spec | dict):
            _gather(value, (*path, name), found)


@functools.cache
def _ways(kind: Any) -> tuple[str, ...]:
    """Fields of a spec below which a component may stand; a run walks a site several times, and most have none."""
    return tuple(name for name, field in kind.model_fields.items() if _leads(field.annotation, frozenset()))


def _leads(annotation: Any, passed: frozenset[type]) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        if issubclass(annotation, Component):
            return True
        inner = annotation.model_fields.values()
        return annotation not in passed and any(_leads(one.annotation, passed | {annotation}) for one in inner)
    return any(_leads(one, passed) for one in get_args(annotation))


def plant_of(component: Any) -> str | None:
    """Plant whose water a component uses, for itself or behind its air-side stage; None where it uses none."""
    while component is not None:
        held = vars(component)
        if (plant := held.get("plant")) is not None:
            return str(plant)
        component = held.get("trim")
    return None


def in_order_of_work(scenario: Any) -> list[tuple[tuple[str, ...], Component]]:
    """As :func:`components`, classes of work with more priority first, and the places of each in its order."""
    ranks = {name: (-work.priority_count, i) for i, (name, work) in enumerate(scenario.workloads.items())}
    others = [(path, c) for path, c in components(scenario) if path[0] != "workloads"]
    work = [(path, c) for path, c in components(scenario.workloads, ("workloads",))]
    order = {name: places_in_order(scenario, spec) for name, spec in scenario.workloads.items()}

    def key(item: tuple[tuple[str, ...], Component]) -> tuple[Any, ...]:
        path = item[0]
        place = order[path[1]].index(path[3]) if path[2:3] == ("runs_on",) else -1
        return (*ranks[path[1]], place)

    return [*others, *sorted(work, key=key)]


def places_in_order(scenario: Any, work: Any) -> list[str]:
    """Names of the places of a class of work, the one that is filled first at the front."""
    if work.placement == "given":
        return list(work.runs_on)
    return sorted(work.runs_on, key=lambda name: -work_for(scenario, work, work.runs_on[name].group))


def work_for(scenario: Any, work: Any, reference: str) -> float:
    """Work that a class does on a rack group for a joule of devices and hosts, or for what a device hour costs."""
    group = group_at(scenario, reference)
    response = work.response(group)
    price = group.serving_w(response) if work.placement == "work_per_joule" else group.device_cost_per_h
    return float(response.speed_per_device_h[-1] / price)


def group_at(scenario: Any, reference: str) -> Any:
    """The rack group that ``halls.NAME.rack_groups.NAME`` names."""
    _, hall, _, group = reference.split(".")
    return scenario.halls[hall].rack_groups[group]


def file_references(spec: Any) -> list[str]:
    """References of all files that a scenario reads, each once, in its order."""
    return list(dict.fromkeys(_references(spec)))


def _references(spec: Any) -> Iterator[str]:
    if isinstance(spec, Spec):
        for name, field in type(spec).model_fields.items():
            value = getattr(spec, name)
            if any(isinstance(mark, FileMarker) for mark in field.metadata):
                yield value
            else:
                yield from _references(value)
    elif isinstance(spec, dict):
        for value in spec.values():
            yield from _references(value)
