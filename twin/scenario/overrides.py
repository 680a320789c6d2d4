"""``--set halls.a.air.supply_air_c=24``: single values from the command line, on top of all files.

The value is read as YAML: a number, a text, ``[1, 2]`` or ``{kind: crah}``. It replaces what was there; ``null`` takes
an inherited value away, and another ``kind`` takes the parameters of the old one with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from twin.errors import Fault, Place
from twin.scenario.layers import Source, other_kind, parts
from twin.scenario.shape import at, known_keys, part, unknown_key
from twin.yaml_source import DataPath, dotted, parse_value, shown

_INDEX = re.compile(r"[0-9]{1,9}")
_PATH = re.compile(r"[^.\[\]]+(\[[0-9]{1,9}\])*(\.[^.\[\]]+(\[[0-9]{1,9}\])*)*")
_STEP = re.compile(r"\[([0-9]+)\]|([^.\[\]]+)")
_LONGEST = 80  # characters of an option that a fault shows


class _Refused(Exception):
    """Carries the fault of an option that cannot be applied."""

    def __init__(self, message: str, path: DataPath, place: Place):
        self.fault = Fault(message, dotted(path), place)
        super().__init__(str(self.fault))


@dataclass(frozen=True)
class _Option:
    path: DataPath
    value: Any
    place: Place


def overridden(source: Source, overrides: Sequence[str], model: type[BaseModel] | None = None) -> Source:
    """A source with ``PATH=VALUE`` overrides applied, later ones over earlier ones; what cannot be is a fault.

    With a ``model``, a path through a key that the model does not know is a fault, too.
    """
    faults = list(source.faults)
    options = []
    for text in overrides:
        try:
            options.append(_parsed(text))
        except _Refused as refused:
            faults.append(refused.fault)
    for option in sorted(options, key=lambda option: option.path[-1] != "kind"):  # a kind clears what stood beside it
        try:
            source = _applied(source, option, model)
        except _Refused as refused:
            faults.append(refused.fault)
    return replace(source, faults=tuple(faults))


def _parsed(text: str) -> _Option:
    line = text if text.isprintable() else repr(text)
    place = Place(f"--set {line if len(line) <= _LONGEST else line[:_LONGEST] + '…'}")
    name, equals, value = text.partition("=")
    if not equals or not _PATH.fullmatch(name.strip()):
        raise _Refused("must be PATH=VALUE, such as halls.a.air.supply_air_c=24", (), place)
    path = tuple(int(index) if index else word for index, word in _STEP.findall(name.strip()))
    document = parse_value(value.strip(), place.file)
    if document.faults:
        raise _Refused(document.faults[0].message, path, place)
    return _Option(path, document.data, place)


def _applied(source: Source, option: _Option, model: type[BaseModel] | None) -> Source:
    if source.data is None:
        return source
    option = _checked(source.data, option, model)
    around = _found(source.data, option.path[:-1]) or {}
    if option.path[-1] == "kind" and len(option.path) > 1 and other_kind(around, {"kind": option.value}):
        option = replace(option, path=option.path[:-1], value={"kind": option.value})
    takes_away = option.value is None and _found(source.data, option.path) is not None
    nulled = source.nulled | {option.path} if takes_away else source.nulled
    folders = {**source.folders, option.place.file: Path.cwd()}
    data = _with(source.data, option.path, option.value)
    return replace(source, data=data, places=_places(source, option), folders=folders, nulled=nulled)


def _checked(data: Any, option: _Option, model: type[BaseModel] | None) -> _Option:
    """The option with indices as numbers; refused where its path leads through what is not there."""
    path: DataPath = ()
    for key in option.path:
        here = _found(data, path)
        if isinstance(here, list):
            key = _index(here, key, path, option)
        elif isinstance(key, int) or not (here is None or isinstance(here, dict)):
            held = "nothing that can be counted" if isinstance(key, int) else shown(here)
            raise _Refused(f"holds {held}, so it has no {dotted((key,))!r}", path, option.place)
        elif model is not None and len(path) + 1 < len(option.path) and part(here, key) is None:
            known = known_keys(*at(model, data, path))
            if key not in known:
                raise _Refused(unknown_key(key, known), (*path, key), option.place)
        path = (*path, key)
    return replace(option, path=path)


def _index(here: list[Any], key: str | int, path: DataPath, option: _Option) -> int:
    if not _INDEX.fullmatch(str(key)) or int(key) >= len(here):
        reach = f"0 to {len(here) - 1}" if here else "none"
        raise _Refused(f"the list has no item {shown(key)} (its items: {reach})", path, option.place)
    return int(key)


def _found(data: Any, path: DataPath) -> Any:
    for key in path:
        data = part(data, key)
    return data


def _with(data: Any, path: DataPath, value: Any) -> Any:
    """A copy of the data with a value at a path; only what lies on the path is copied."""
    if not path:
        return value
    key, *rest = path
    copy: Any = list(data) if isinstance(data, list) else dict(data or {})
    copy[key] = _with(part(data, key), tuple(rest), value)
    return copy


def _places(source: Source, option: _Option) -> dict[DataPath, Place]:
    depth = len(option.path)
    places = {path: place for path, place in source.places.items() if path[:depth] != option.path}
    for length in range(depth):
        places.setdefault(option.path[:length], option.place)
    _put(places, option.path, option.value, option.place)
    return places


def _put(places: dict[DataPath, Place], path: DataPath, value: Any, place: Place) -> None:
    places[path] = place
    for key, below in parts(value):
        _put(places, (*path, key), below, place)
