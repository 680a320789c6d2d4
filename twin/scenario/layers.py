"""The files that make up one scenario: ``extends:``, merged with the origin of every part.

A file that extends others holds what differs. Mappings merge key by key, anything else replaces; a mapping of another
``kind`` replaces too, for the parameters of one technology mean nothing to another. ``null`` takes the inherited
value away: it becomes None where the field may be None, else it is as if it had never been written.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path
from typing import Any

from twin.errors import Fault, Place
from twin.yaml_source import DataPath, Document, dotted, load, nearest_place, parse, shown

_MOST_FILES = 32  # in one chain of ``extends``


@dataclass(frozen=True)
class Source:
    """Merged data of a scenario with the place of every part.

    ``folders`` says for each file, by its name in places, what relative paths in it are relative to. ``nulled`` are
    the paths at which a null took an inherited value away. ``data`` is None where a file could not be read.
    """

    name: str
    data: dict[str, Any] | None
    places: Mapping[DataPath, Place] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    folders: Mapping[str, Path] = field(default_factory=dict)
    nulled: frozenset[DataPath] = frozenset()

    def place(self, path: DataPath) -> Place:
        """Place of a part, or of the nearest part around it that is there."""
        return nearest_place(self.places, path) or Place(self.name)

    def folder(self, path: DataPath) -> Path:
        """Folder that a relative path written at ``path`` is relative to."""
        return self.folders.get(self.place(path).file, Path.cwd())


def read_layers(path: str | Path, text: str | None = None) -> Source:
    """A file on top of what it extends; ``text`` stands for the file's content where given."""
    reading = _Reading()
    document = load(path) if text is None else parse(text, str(path))
    source = reading.extended(document, Path(path), ())
    return replace(source or Source(str(path), None), faults=tuple(reading.faults))


class _Reading:
    """Reads each file once and gathers the faults of all of them."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.done: dict[str, Source | None] = {}

    def extended(self, document: Document, path: Path, chain: tuple[str, ...]) -> Source | None:
        """A document on top of what it extends; None where one of the files could not be read."""
        self.faults += document.faults
        if document.data is None:
            return None
        folder = Path(os.path.abspath(path)).parent
        own = Source(document.name, dict(document.data), document.places, folders={document.name: folder})
        lower = [
            self.base(reference, below, own, path.parent, (*chain, os.path.realpath(path)))
            for below, reference in _references(own.data.pop("extends", None) if own.data else None)
        ]
        readable = [source for source in lower if source is not None]
        return reduce(lambda below, above: _Merge(below, above).source, [*readable, own]) if lower == readable else None

    def base(self, name: Any, below: DataPath, own: Source, folder: Path, chain: tuple[str, ...]) -> Source | None:
        """What a file names under ``extends``, at the path ``below``."""
        if not isinstance(name, str) or "\0" in name:
            return self.refused(f"must be a file name or a list of file names, got {shown(name)}", below, own)
        target = folder / name
        real = os.path.realpath(target)
        if real in chain:
            names = [os.path.relpath(file) for file in (*chain[chain.index(real) :], real)]
            return self.refused(f"files extend each other: {' -> '.join(names)}", below, own)
        if len(chain) >= _MOST_FILES:
            return self.refused(f"more than {_MOST_FILES} files extend one another", below, own)
        if real not in self.done:
            document = load(target, os.path.normpath(target))
            self.done[real] = self.extended(_as_named(document, below, own), target, chain)
        return self.done[real]

    def refused(self, message: str, below: DataPath, own: Source) -> Source | None:
        """Note a fault of an entry of ``extends``, which then gives nothing."""
        self.faults.append(Fault(message, dotted(below), own.place(below)))
        return None


def _references(extends: Any) -> list[tuple[DataPath, Any]]:
    if isinstance(extends, list):
        return [(("extends", index), name) for index, name in enumerate(extends)]
    return [] if extends is None else [(("extends",), extends)]


def _as_named(document: Document, below: DataPath, own: Source) -> Document:
    """The document with faults of the file as a whole shown where the file is named."""
    faults = [
        fault if fault.place is None or fault.place.line else Fault(str(fault), dotted(below), own.place(below))
        for fault in document.faults
    ]
    return replace(document, faults=tuple(faults))


class _Merge:
    """One source on top of another, with the places of what each of them gives."""

    def __init__(self, lower: Source, upper: Source):
        self.lower, self.upper = lower, upper
        self.places: dict[DataPath, Place] = {}
        self.nulled = {*lower.nulled, *upper.nulled}
        data = self.both(lower.data, upper.data, ())
        folders = {**lower.folders, **upper.folders}
        self.source = Source(upper.name, data, self.places, folders=folders, nulled=frozenset(self.nulled))

    def both(self, below: Any, above: Any, path: DataPath) -> Any:
        """What comes of two values for the same path."""
        if above is None and below is not None:
            self.nulled.add(path)
        if not (isinstance(below, dict) and isinstance(above, dict)) or other_kind(below, above):
            return self.take(self.upper, above, path)
        self.places[path] = self.upper.places[path]
        return {key: self.one(below, above, key, (*path, key)) for key in {**below, **above}}

    def one(self, below: dict[str, Any], above: dict[str, Any], key: str, path: DataPath) -> Any:
        """What comes of a key that one or both mappings hold."""
        if key in below and key in above:
            return self.both(below[key], above[key], path)
        return self.take(self.upper, above[key], path) if key in above else self.take(self.lower, below[key], path)

    def take(self, source: Source, value: Any, path: DataPath) -> Any:
        """The value of one source, with its places."""
        self.places[path] = source.places[path]
        for key, part in parts(value):
            self.take(source, part, (*path, key))
        return value


def other_kind(below: dict[str, Any], above: dict[str, Any]) -> bool:
    """Whether two mappings describe different technologies."""
    return "kind" in below and "kind" in above and bool(below["kind"] != above["kind"])


def parts(value: Any) -> list[tuple[str | int, Any]]:
    """Keys and values of a mapping, indices and items of a list."""
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []
