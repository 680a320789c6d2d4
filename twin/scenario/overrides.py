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
class Assignment:
    """A value for a path, where it is written, and the folder that a file named by it is relative to."""

    path: DataPath
    value: Any
    place: Place
    folder: Path | None = None


def path_of(text: str) -> DataPath | None:
    """A dotted path in parts, ``a.b[0]`` is ``("a", "b", 0)``; None where the text is none."""
    if not _PATH.fullmatch(text):
        return None
    return tuple(int(index) if index else word for index, word in _STEP.findall(text))


def overridden(source: Source, overrides: Sequence[str], model: type[BaseModel] | None = None) -> Source:
    """A source with ``PATH=VALUE`` overrides applied, later ones over earlier ones; what cannot be is a fault.

    With a ``model``, a path through a key that the model does not know is a fault, too.
    """
    given, faults = source.faults, list(source.faults)
    options = []
    for text in overrides:
        try:
            options.append(_parsed(text))
        except _Refused as refused:
            faults.append(refused.fault)
    source = assigned(source, options, model)
    return replace(source, faults=(*faults, *source.faults[len(given) :]))


def assigned(source: Source, options: Sequence[Assignment], model: type[BaseModel] | None = None) -> Source:
    """A source with values at paths, as :func:`overridden` has it for those of a command line."""
    faults = list(source.faults)
    for option in sorted(options, key=lambda option: option.path[-1] != "kind"):  # a kind clears what stood beside it
        try:
            source = _applied(source, option, model)
        except _Refused as refused:
            faults.append(refused.fault)
    return replace(source, faults=tuple(faults))


def _parsed(text: str) -> Assignment:
    line = text if text.isprintable() else repr(text)
    place = Place(f"--set {line if len(line) <= _LONGEST else line[:_LONGEST] + '…'}")
    name, equals, value = text.partition("=")
    path = path_of(name.strip())
    if not equals or path is None:
        raise _Refused("must be PATH=VALUE, such as halls.a.air.supply_air_c=24", (), place)
    document = parse_value(value.strip(), place.file)
    if document.faults:
        raise _Refused(document.faults[0].message, path, place)
    return Assignment(path, document.data, place)


def _applied(source: Source, option: Assignment, model: type[BaseModel] | None) -> Source:
    if source.data is None:
        return source
    option = _checked(source.data, option, model)
    around = found(source.data, option.path[:-1]) or {}
    if option.path[-1] == "kind" and len(option.path) > 1 and other_kind(around, {"kind": option.value}):
        option = replace(option, path=option.path[:-1], value={"kind": option.value})
    takes_away = option.value is None and found(source.data, option.path) is not None
    nulled = source.nulled | {option.path} if takes_away else source.nulled
    folders = {**source.folders, option.place.file: option.folder or Path.cwd()}
    data = placed(source.data, option.path, option.value)
    return replace(source, data=data, places=_places(source, option), folders=folders, nulled=nulled)


def _checked(data: Any, option: Assignment, model: type[BaseModel] | None) -> Assignment:
    """The option with indices as numbers; refused where its path leads through what is not there."""
    path: DataPath = ()
    for key in option.path:
        here = found(data, path)
        if isinstance(here, list):
            key = _index(here, key, path, option)
        elif here is None and model is not None and _INDEX.fullmatch(str(key)) and _counts(model, data, path):
            message = f"nothing stands here, so there is no item {key}: give the list as a whole, {dotted(path)}=[...]"
            raise _Refused(message, path, option.place)
        elif isinstance(key, int) or not (here is None or isinstance(here, dict)):
            held = "nothing that can be counted" if isinstance(key, int) else shown(here)
            raise _Refused(f"holds {held}, so it has no {dotted((key,))!r}", path, option.place)
        elif model is not None:
            _refuse_absent(model, data, (*path, key), option)
        path = (*path, key)
    return replace(option, path=path)


def _counts(model: type[BaseModel], data: Any, path: DataPath) -> bool:
    """Whether a list, and no mapping, stands at a path where one is given."""
    options = at(model, data, path)[0]
    return any(one.is_list for one in options) and not any(one.is_model or one.is_mapping for one in options)


def _refuse_absent(model: type[BaseModel], data: Any, path: DataPath, option: Assignment) -> None:
    """Refuse a path that goes on through a key which is not there and which the model does not know."""
    if len(path) < len(option.path) and found(data, path) is None:
        known = known_keys(*at(model, data, path[:-1]))
        if path[-1] not in known:
            raise _Refused(unknown_key(path[-1], known), path, option.place)


def _index(here: list[Any], key: str | int, path: DataPath, option: Assignment) -> int:
    if not _INDEX.fullmatch(str(key)) or int(key) >= len(here):
        reach = f"0 to {len(here) - 1}" if here else "none"
        raise _Refused(f"the list has no item {shown(key)} (its items: {reach})", path, option.place)
    return int(key)


def found(data: Any, path: DataPath) -> Any:
    """What data holds at a path, else None."""
    for key in path:
        data = part(data, key)
    return data


def placed(data: Any, path: DataPath, value: Any) -> Any:
    """A copy of the data with a value at a path; only what lies on the path is copied."""
    if not path:
        return value
    key, *rest = path
    copy: Any = list(data) if isinstance(data, list) else dict(data or {})
    copy[key] = placed(part(data, key), tuple(rest), value)
    return copy


def _places(source: Source, option: Assignment) -> dict[DataPath, Place]:
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
