"""Every component of a scenario with its path, in the order in which the scenario states them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from twin.components.base import Component
from twin.quantities import Spec
from twin.references import FileMarker


def components(spec: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Component]]:
    """(path, component) for ``spec`` and everything below it, outer before inner."""
    if isinstance(spec, Component):
        yield path, spec
    if isinstance(spec, Spec):
        for name in type(spec).model_fields:
            yield from components(getattr(spec, name), (*path, name))
    elif isinstance(spec, dict):
        for name, value in spec.items():
            yield from components(value, (*path, name))


def plant_of(component: Any) -> str | None:
    """Plant whose water a component uses, for itself or behind its air-side stage; None where it uses none."""
    for user in (component, getattr(component, "trim", None)):
        if (plant := getattr(user, "plant", None)) is not None:
            return str(plant)
    return None


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
