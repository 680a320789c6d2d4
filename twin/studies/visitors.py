"""Scenarios from a stranger's hand: an uploaded text, or overrides in an address. Nothing outside the twin is read.

An upload may be faulty or hostile: its size is bounded, it cannot extend files, and it may name only the tables and
weather that the twin brings along. A shipped scenario keeps its own files, while overrides on top are held to the same.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from twin.errors import Fault, InputError, Place
from twin.scenario.layers import read_layers
from twin.scenario.model import Scenario
from twin.scenario.overrides import Assignment, assigned, overridden
from twin.scenario.reading import read_document
from twin.scenario.resolved import resolved_yaml
from twin.studies.inputs import for_run
from twin.yaml_source import parse

LARGEST_UPLOAD = 500_000  # bytes; the largest shipped scenario with everything written out has 20,000
WRITTEN_OUT = "scenario.yaml"  # what places call a scenario with everything written out


@dataclass(frozen=True)
class Handed:
    """A file that was handed in: what the scenario says at ``path`` (as JSON), naming ``name`` in ``folder``."""

    path: str
    says: str
    name: str
    folder: str

    @property
    def label(self) -> str:
        """What faults call it; no override can be called so."""
        return f"uploaded {self.name}"

    def assignment(self) -> Assignment:
        """It as a value on top of the scenario."""
        return Assignment(tuple(self.path.split(".")), json.loads(self.says), Place(self.label), Path(self.folder))


def read_shipped(folder: Path, name: str, overrides: Sequence[str] = (), handed: Sequence[Handed] = ()) -> Scenario:
    """A scenario by its name below the folder of shipped ones. Raises InputError with every fault."""
    if name not in shipped_names(folder):
        raise InputError(f"there is no shipped scenario {name!r}; choose one from the list")
    return changed(for_run(read_document(folder / name, (), Scenario)), overrides, handed)


def read_upload(text: str, name: str, overrides: Sequence[str] = (), handed: Sequence[Handed] = ()) -> Scenario:
    """A scenario from an uploaded text; ``name`` is shown in faults. Raises InputError with every fault."""
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST_UPLOAD:
        fault = f"is larger than {LARGEST_UPLOAD // 1000} kB; a scenario holds settings, not series"
        raise InputError([Fault(fault, place=Place(name))])
    document = parse(text, name)
    if isinstance(document.data, dict) and "extends" in document.data:
        message = "an uploaded scenario cannot extend a file; upload the scenario.yaml that `twin run` writes"
        raise InputError([Fault(message, "extends", document.places.get(("extends",)))])
    return changed(for_run(read_document(name, (), Scenario, text), ()), overrides, handed)


def changed(scenario: Scenario, overrides: Sequence[str], handed: Sequence[Handed] = ()) -> Scenario:
    """A scenario with overrides on top of all that it states, defaults too, and of files that were handed in.

    Raises InputError with every fault; those inside a file that was handed in by its name, not by its place.
    """
    if not overrides and not handed:
        return scenario
    source = assigned(read_layers(WRITTEN_OUT, resolved_yaml(scenario)), [one.assignment() for one in handed], Scenario)
    try:
        return for_run(overridden(source, overrides, Scenario), [WRITTEN_OUT, *(one.label for one in handed)])
    except InputError as error:
        folders = [f"{one.folder}/" for one in handed]
        raise InputError([replace(f, message=_without(f.message, folders)) for f in error.faults]) from error


def _without(message: str, folders: Sequence[str]) -> str:
    return functools.reduce(lambda text, folder: text.replace(folder, ""), folders, message)


def shipped_names(folder: Path) -> list[str]:
    """Names of the scenarios below a folder, the quickstart first."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.yaml"))
    return sorted(names, key=lambda name: (name != "quickstart.yaml", "/" in name))
