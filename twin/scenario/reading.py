"""From YAML files to a validated model, with every fault at once and each at its place.

``file:line:column: dotted.path: message``. Faults of the text, of ``extends``, of overrides, of kinds of values, of
missing files and of the model itself are gathered and raised together, in reading order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from twin.errors import Fault, InputError, Place
from twin.references import scheme_of
from twin.scenario.faults import Found, found_by_pydantic
from twin.scenario.layers import Source, read_layers
from twin.scenario.overrides import overridden
from twin.scenario.shape import Choices, allows_none, choices, expectation, fitting, held, names_file
from twin.yaml_source import DataPath, dotted, shown

if TYPE_CHECKING:
    from twin.scenario.model import Scenario

M = TypeVar("M", bound=BaseModel)
BROUGHT = "pvlib:NAME or data:PATH"


def read_scenario(path: str | Path, overrides: Sequence[str] = ()) -> Scenario:
    """The scenario of a file with ``PATH=VALUE`` overrides. Raises InputError with every fault, sorted by place."""
    from twin.scenario.model import Scenario  # knows every technology, which no other model here needs

    return read_model(Scenario, path, overrides)


def read_document(
    path: str | Path, overrides: Sequence[str] = (), model: type[BaseModel] | None = None, text: str | None = None
) -> Source:
    """A file with what it extends and ``PATH=VALUE`` overrides on top; faults are in the result.

    ``text`` stands for the file's content where given. A ``model`` lets overrides refuse keys that it does not know.
    """
    return overridden(read_layers(path, text), overrides, model)


def read_model(model: type[M], path: str | Path, overrides: Sequence[str] = (), text: str | None = None) -> M:
    """Instance of a model from a file, or from ``text`` which stands for the file's content.

    Raises InputError with every fault, sorted by place.
    """
    return validated(model, read_document(path, overrides, model, text))


def validated(model: type[M], source: Source, trusted: Collection[str] | None = None) -> M:
    """Instance of a model from merged data. Raises InputError with every fault, sorted by place.

    Where ``trusted`` is given, only files of these names (as in places) may name files by their path; what stands
    elsewhere may name the files that the twin brings along, and no others.
    """
    if source.data is None:
        raise InputError(_sorted(source.faults))
    checking = _Checking(source, trusted)
    data = checking.value(source.data, choices(model), ())
    found = list(checking.found.items())
    faults: list[Fault] = []
    try:
        instance = model.model_validate(data)
    except ValidationError as error:
        found += found_by_pydantic(error, model, data, checking.found)
        found += _found_between(model, data, found)
    except InputError as error:  # a validator may use the house's own error
        faults += [replace(fault, place=fault.place or source.place(())) for fault in error.faults]
    faults += [*source.faults, *(_fault(one, source) for one in found)]
    if faults:
        raise InputError(_sorted(faults))
    return instance


def checked_data(model: type[BaseModel], source: Source) -> Any:
    """Merged data as the model gets it: files resolved, without what a null took away; for sources without faults."""
    return _Checking(source).value(source.data, choices(model), ())


def _found_between(model: type[BaseModel], data: Any, found: Sequence[Found]) -> list[Found]:
    """What a model tells of the parts' relations although some part is not sound (its ``faults_between``, if any)."""
    tell = getattr(model, "faults_between", None)
    known = {path for path, _ in found}
    return [(fault.path, fault.message) for fault in (tell(data) if tell else ()) if fault.path not in known]


def _fault(found: Found, source: Source) -> Fault:
    path, message = found
    return Fault(message, dotted(path), source.place(path))


def _sorted(faults: Sequence[Fault]) -> list[Fault]:
    return sorted(dict.fromkeys(faults), key=lambda fault: (fault.place or Place(""), fault.path))


class _Checking:
    """Walks data beside a model: finds values of a wrong kind, resolves file references, drops what null took away."""

    def __init__(self, source: Source, trusted: Collection[str] | None = None):
        self.source = source
        self.trusted = trusted
        self.found: dict[DataPath, str] = {}

    def value(self, data: Any, options: Choices, path: DataPath) -> Any:
        """The data as the model gets it."""
        expected = expectation(options, data)
        if expected is not None:
            self.found[path] = f"must be {expected}, got {shown(data)}{_quoting(expected, data)}"
        elif isinstance(data, dict):
            return self.mapping(data, options, path)
        elif isinstance(data, list):
            fits = fitting(options, data)
            return [self.value(item, held(fits, index), (*path, index)) for index, item in enumerate(data)]
        elif isinstance(data, str) and names_file(options, data):
            return self.file(data, path)
        return data

    def mapping(self, data: dict[str, Any], options: Choices, path: DataPath) -> dict[str, Any]:
        """Entries of a mapping, without those that a null took away."""
        fits = fitting(options, data)
        entries = {}
        for key, value in data.items():
            wanted = held(fits, key)
            if value is not None or allows_none(wanted) or (*path, key) not in self.source.nulled:
                entries[key] = self.value(value, wanted, (*path, key))
        return entries

    def file(self, reference: str, path: DataPath) -> str:
        """A file reference that holds anywhere: with its scheme, or as an absolute path."""
        from twin.series.files import resolve  # only a scenario that names files needs it

        if self.trusted is not None and self.source.place(path).file not in self.trusted and not _brought(reference):
            self.found[path] = f"may name only files that the twin brings along, {BROUGHT}, got {shown(reference)}"
            return reference
        try:
            found = resolve(reference, self.source.folder(path))
        except InputError as error:
            self.found[path] = error.faults[0].message
        else:
            return reference if scheme_of(reference) else str(found)
        return reference


def _brought(reference: str) -> bool:
    """Whether a reference cannot lead out of the folders that the twin brings along."""
    return bool(scheme_of(reference)) and ".." not in reference and ":/" not in reference and "\\" not in reference


def _quoting(expected: str, data: Any) -> str:
    is_scalar = isinstance(data, bool | int | float)
    return " (quote it)" if expected == "text" and is_scalar else ""
