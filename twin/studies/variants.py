"""From a run of a study to a checked scenario, fast.

The first run with a given set of words (files, kinds, lists) is read as any scenario is: merged, walked beside the
model, validated, its input files read. Runs that differ from it only in numbers of the same kind are made of its
template, which validates what the numbers reach; a fault sends them back to the long way, which tells its place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from twin.errors import Fault, InputError, Place
from twin.scenario.layers import Source, parts
from twin.scenario.model import Scenario
from twin.scenario.overrides import Assignment, assigned, found, path_of
from twin.scenario.reading import checked_data, read_document, validated
from twin.scenario.walk import file_references
from twin.series.files import resolve, sha256_of
from twin.studies.design import Design, Setting
from twin.studies.inputs import input_faults
from twin.studies.templates import Numbers, Template
from twin.version import VERSION
from twin.yaml_source import DataPath, dotted

MOST_FAULTS = 20  # that are told
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Variant:
    """A run: its number, its template and numbers, and its address by content."""

    run: int
    template: int
    numbers: Numbers
    run_id: str


@dataclass
class Variants:
    """Scenarios of a design; what several runs share is read once."""

    design: Design
    source: Source  # of the study's file: places, and the folder that its files are relative to
    templates: list[Template] = field(default_factory=list)
    _known: dict[Key, int] = field(default_factory=dict)
    _bases: dict[str, Source] = field(default_factory=dict)
    _cases: dict[str, Source] = field(default_factory=dict)
    _paths: dict[tuple[str, str], list[DataPath]] = field(default_factory=dict)
    _sums: dict[str, str] = field(default_factory=dict)
    _files: dict[int, list[str]] = field(default_factory=dict)  # by template: no number names a file

    def all(self, count: int) -> Iterator[Variant]:
        """The first ``count`` runs, checked. Raises InputError with the faults of the first runs that have any."""
        faults: dict[Fault, int] = {}
        faulty = 0
        for run in range(count):
            try:
                variant = self.variant(run)
            except InputError as error:
                faulty += 1
                for fault in error.faults if len(faults) <= MOST_FAULTS else ():
                    faults.setdefault(fault, run)
                continue
            if not faults:
                yield variant
        if faulty:
            raise InputError(_told(faults, faulty, count))

    def variant(self, run: int) -> Variant:
        """One run, checked. Raises InputError with its faults."""
        scenario, template, numbers = self._checked(run)
        if template not in self._files:
            self._files[template] = file_references(scenario)
        return Variant(run, template, numbers, self._address(scenario, self._files[template]))

    def scenario(self, run: int) -> Scenario:
        """The scenario of a run. Raises InputError with its faults."""
        return self._checked(run)[0]

    def merged(self, run: int) -> Source:
        """The data of a run, merged and not yet checked."""
        case = self.design.case(run)
        return assigned(self._base(case), list(self._assignments(case, self.design.settings(run))), Scenario)

    def address(self, scenario: Scenario) -> str:
        """Hash of the resolved scenario, its input files and the package's version: equal runs have equal ones."""
        return self._address(scenario, file_references(scenario))

    def _address(self, scenario: Scenario, files: Sequence[str]) -> str:
        parts = [VERSION, scenario.model_dump_json(exclude={"name", "description"})]
        parts += [self._sum(reference) for reference in files]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _sum(self, reference: str) -> str:
        if reference not in self._sums:
            self._sums[reference] = sha256_of(resolve(reference))
        return self._sums[reference]

    def _checked(self, run: int) -> tuple[Scenario, int, Numbers]:
        case, settings = self.design.case(run), self.design.settings(run)
        assignments = list(self._assignments(case, settings))
        numbers = tuple(a.value for a in assignments if _is_number(a.value))
        key = (case, *((a.path, type(a.value).__name__ if _is_number(a.value) else repr(a.value)) for a in assignments))
        template = self._known.get(key)
        if template is not None:
            quick = self._quickly(self.templates[template], numbers)
            if quick is not None:
                return quick, template, numbers
        source = assigned(self._base(case), assignments, Scenario)
        scenario = validated(Scenario, source)
        faults = [Fault(f.message, dotted(f.path), source.place(f.path)) for f in input_faults(scenario)]
        if faults:
            raise InputError(faults)
        return scenario, *self._learnt(key, source, assignments, numbers)

    def _quickly(self, template: Template, numbers: Numbers) -> Scenario | None:
        """The scenario without its long way; None where the long way has to tell what is wrong."""
        try:
            scenario = template.scenario(numbers)
        except (ValidationError, InputError):
            return None
        return None if any(True for _ in input_faults(scenario)) else scenario

    def _learnt(
        self, key: Key, source: Source, assignments: Sequence[Assignment], numbers: Numbers
    ) -> tuple[int, Numbers]:
        """Keep what the long way gave for runs to come; one whose settings hide each other is its own template."""
        spots = tuple(a.path for a in assignments if _is_number(a.value))
        data = checked_data(Scenario, source)
        spots = tuple(_with_indices(data, path) for path in spots)
        if len(set(spots)) < len(spots) or any(found(data, p) != n for p, n in zip(spots, numbers, strict=True)):
            key, spots, numbers = (*key, numbers), (), ()
        self._known[key] = len(self.templates)
        self.templates.append(Template(data, spots))
        return self._known[key], numbers

    def _base(self, case: str) -> Source:
        if case not in self._cases:
            self._cases[case] = self._read_base(case)
        return self._cases[case]

    def _read_base(self, case: str) -> Source:
        study = self.design.study
        own = study.compare[case].base if case else None
        path = str(resolve(own or study.base))
        if path not in self._bases:
            source = read_document(path, (), Scenario)
            validated(Scenario, source)  # what is wrong with the base alone is told as its own fault
            self._bases[path] = source
        return self._bases[path]

    def _assignments(self, case: str, settings: Sequence[Setting]) -> Iterator[Assignment]:
        base = self._base(case)
        for text, value, at in settings:
            place = self.source.place(at)
            folder = self.source.folder(at)
            if (case, text) not in self._paths:
                self._paths[case, text] = _matching(base.data, path_of(text) or (), text, place)
            for path in self._paths[case, text]:
                yield Assignment(path, _times(base.data, path, value, place), place, folder)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _with_indices(data: Any, path: DataPath) -> DataPath:
    """The path with numbers for items of lists that were written as words."""
    done: DataPath = ()
    for key in path:
        here = found(data, done)
        done = (*done, int(key) if isinstance(here, list) else key)
    return done


def _matching(data: Any, path: DataPath, text: str, place: Place) -> list[DataPath]:
    """Paths that a pattern stands for: ``*`` is every name that stands there. InputError where it is none."""
    paths: list[DataPath] = [()]
    for at, key in enumerate(path):
        if key == "*":
            paths = [
                (*p, name) for p in paths for name, below in parts(found(data, p)) if _leads(below, path[at + 1 :])
            ]
        else:
            paths = [(*p, key) for p in paths]
    if not paths:
        raise InputError([Fault("the base has nothing that it stands for", text, place)])
    return paths


def _leads(below: Any, rest: DataPath) -> bool:
    """Whether what stands at a name can hold the rest of the path: its last key may be new, the way to it not."""
    for key in rest[:-1]:
        if key == "*":
            return True
        below = found(below, (key,))
        if below is None:
            return False
    return not rest or isinstance(below, dict | list)


def _times(data: Any, path: DataPath, value: Any, place: Place) -> Any:
    """The value, or the base's own number times a factor."""
    if not (isinstance(value, dict) and set(value) == {"times"}):
        return value
    own, factor = found(data, path), value["times"]
    if not (_is_number(own) and _is_number(factor)):
        raise InputError([Fault("a factor needs a number in the base scenario", dotted(path), place)])
    return own * factor


def _told(faults: dict[Fault, int], faulty: int, count: int) -> list[Fault]:
    told = [replace(fault, message=f"{fault.message} (run {run})") for fault, run in faults.items()][:MOST_FAULTS]
    more = f", the first {MOST_FAULTS} faults are shown" if len(faults) > MOST_FAULTS else ""
    return [*told, Fault(f"{faulty} of {count} runs cannot be run{more}")]
