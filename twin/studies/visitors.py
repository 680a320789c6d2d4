"""Scenarios from a stranger's hand: an uploaded text, or overrides in an address. Nothing outside the twin is read.

An upload may be faulty or hostile: its size is bounded, it cannot extend files, and it may name only the tables and
weather that the twin brings along. A shipped scenario keeps its own files, while overrides on top are held to the same.
"""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from twin.errors import Fault, InputError, Place
from twin.scenario.layers import read_layers
from twin.scenario.model import Scenario
from twin.scenario.overrides import Assignment, assigned, overridden
from twin.scenario.reading import read_document
from twin.scenario.resolved import resolved_yaml
from twin.series.files import data_folder, pvlib_folder
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
    try:
        return changed(for_run(read_document(folder / name, (), Scenario)), overrides, handed)
    except InputError as error:
        raise as_stated(error, [(folder / name).parent, folder]) from error


def read_upload(text: str, name: str, overrides: Sequence[str] = (), handed: Sequence[Handed] = ()) -> Scenario:
    """A scenario from an uploaded text; ``name`` is shown in faults. Raises InputError with every fault."""
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST_UPLOAD:
        fault = f"is larger than {LARGEST_UPLOAD // 1000} kB; a scenario holds settings, not series"
        raise InputError([Fault(fault, place=Place(name))])
    document = parse(text, name)
    if isinstance(document.data, dict) and "extends" in document.data:
        message = "an uploaded scenario cannot extend a file; upload the scenario.yaml that `twin run` writes"
        raise InputError([Fault(message, "extends", document.places.get(("extends",)))])
    try:
        return changed(for_run(read_document(name, (), Scenario, text), ()), overrides, handed)
    except InputError as error:
        raise as_stated(error) from error


def changed(scenario: Scenario, overrides: Sequence[str], handed: Sequence[Handed] = ()) -> Scenario:
    """A scenario with overrides on top of all that it states, defaults too, and of files that were handed in.

    Raises InputError with every fault, each file in it by the name that the scenario states, not by its place.
    """
    if not overrides and not handed:
        return scenario
    source = assigned(read_layers(WRITTEN_OUT, resolved_yaml(scenario)), [one.assignment() for one in handed], Scenario)
    try:
        return for_run(overridden(source, overrides, Scenario), [WRITTEN_OUT, *(one.label for one in handed)])
    except InputError as error:
        raise as_stated(error, [Path(one.folder) for one in handed]) from error


def as_stated(error: InputError, folders: Sequence[Path] = ()) -> InputError:
    """The same faults with files named as a scenario names them: no stranger reads where a server keeps its files."""
    places = {pvlib_folder(): "pvlib:", data_folder(): "data:"}
    places |= {place: "" for folder in folders for place in (folder, folder.resolve())}
    longest_first = sorted(places.items(), key=lambda pair: -len(str(pair[0])))
    return InputError([_fault(fault, longest_first) for fault in error.faults])


def _fault(fault: Fault, places: Sequence[tuple[Path, str]]) -> Fault:
    message, file = fault.message, fault.place.file if fault.place else ""
    for folder, stated in places:
        message = message.replace(f"{folder}{os.sep}", stated)
        message = re.sub(rf" in {re.escape(str(folder))}(?=$|[ ,;:)])", "", message)
        file = file.replace(f"{folder}{os.sep}", stated)
    return replace(fault, message=message, place=replace(fault.place, file=file) if fault.place else None)


@functools.cache
def files_beside(folder: Path, name: str) -> tuple[Path, ...]:
    """Files beside a shipped scenario that it names by their path; few do, and these are small."""
    file = folder / name
    text = file.read_text(encoding="utf-8") if name in shipped_names(folder) else ""
    return tuple(one for one in sorted(file.parent.glob("*.*")) if one.suffix != ".yaml" and f" {one.name}" in text)


def shipped_names(folder: Path) -> list[str]:
    """Names of the scenarios below a folder, the quickstart first."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.yaml"))
    return sorted(names, key=lambda name: (name != "quickstart.yaml", "/" in name))
