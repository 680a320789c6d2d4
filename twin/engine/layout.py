"""Where every number lies: record types of components and nodes, and their offsets in flat blocks.

All numbers are float64, so records have no holes and an offset counts in numbers, not bytes.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from twin.components.base import Component
from twin.components.nodes import Node

RESERVED = frozenset(dir(np.recarray)) | frozenset(dir(np.record))  # a field of these names would be hidden


@functools.cache
def component_records(cls: type[Component]) -> dict[str, np.dtype[Any]]:
    """Record types ``p``, ``u``, ``s``, ``y`` of a technology."""
    return {
        "p": record_type(cls.parameter_shapes()),
        "u": record_type(dict.fromkeys(cls.inputs, 0)),
        "s": record_type(dict.fromkeys(cls.state, 0)),
        "y": record_type(dict.fromkeys(cls.outputs, 0)),
    }


@functools.cache
def node_record(cls: type[Node]) -> np.dtype[Any]:
    """Record type of a node: accumulated fields first."""
    return record_type(dict.fromkeys([*cls.accumulated, *cls.held], 0))


def record_type(shapes: Mapping[str, int]) -> np.dtype[Any]:
    """Aligned float64 record with a field per name; a record without fields gets one that nothing uses."""
    hidden = RESERVED.intersection(shapes)
    if hidden:
        raise TypeError(f"field names {sorted(hidden)} are attributes of numpy records")
    fields: list[Any] = [(name, "f8", (n,)) if n else (name, "f8") for name, n in shapes.items()]
    return np.dtype(fields or [("unused", "f8")], align=True)


@dataclass
class Block:
    """Named records laid one after another in one flat array of float64."""

    size: int = 0
    offsets: dict[str, int] = field(default_factory=dict)
    types: dict[str, np.dtype[Any]] = field(default_factory=dict)
    places: dict[str, dict[str, int]] = field(default_factory=dict)  # position of each field of each record

    def add(self, name: str, dtype: np.dtype[Any], gap: int = 0) -> int:
        """Lay a record; returns its offset in numbers. ``gap`` numbers are left free behind it (canaries)."""
        self.offsets[name], self.types[name] = self.size, dtype
        self.places[name] = {key: self.size + place[1] // 8 for key, place in (dtype.fields or {}).items()}
        self.size += dtype.itemsize // 8 + gap
        return self.offsets[name]

    def index(self, name: str, field_name: str) -> int:
        """Position of one field in the flat array."""
        return self.places[name][field_name]

    def view(self, array: np.ndarray, name: str) -> Any:
        """The record ``name`` of a flat array, as a ``np.record`` whose attributes read and write the array."""
        start, dtype = self.offsets[name], self.types[name]
        return array[start : start + dtype.itemsize // 8].view(dtype).view(np.recarray)[0]

    def fields(self) -> Iterable[tuple[str, str, int]]:
        """(record name, field name, position) of every scalar field, in order."""
        for name, dtype in self.types.items():
            for field_name in dtype.names or ():
                if field_name != "unused":
                    yield name, field_name, self.index(name, field_name)
