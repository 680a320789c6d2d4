"""What of a scenario can be changed: every setting of the technologies that it has, with bounds, unit and meaning.

The same walk as that of the loop's components: a field is there only where its technology is.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from twin.quantities import Spec, described, unit_of
from twin.scenario.model import Scenario
from twin.scenario.names import names_of
from twin.scenario.shape import choices, key_of
from twin.scenario.writing import dump

Kind = Literal["number", "whole", "switch", "choice", "text", "list"]
BOUNDS = ("ge", "gt", "le", "lt")
TOP = ("name", "description")  # of a scenario: its label, not its settings


@dataclass(frozen=True)
class Setting:
    """One field: ``path`` as an override names it, ``part`` that it belongs to, its value as plain data.

    An ``optional`` one may be left out, and then its value is None.
    """

    path: str
    part: str
    name: str
    kind: Kind
    value: Any
    unit: str
    meaning: str
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    words: tuple[str, ...] = ()
    optional: bool = False

    @property
    def bounds(self) -> str:
        """Bounds in words: ``10 to 40``, ``above 0``."""
        below = f"{'above ' if self.low_open else ''}{self.low:g}" if self.low is not None else ""
        above = f"{'below ' if self.high_open else ''}{self.high:g}" if self.high is not None else ""
        if below and above:
            return f"{below} to {above}"
        return f"at least {below}" if below and not self.low_open else below or (f"up to {above}" if above else "")

    @property
    def label(self) -> str:
        """Name without the suffix that states the unit: ``supply air``."""
        words = self.name.split("_")
        if self.unit in ("", "1") and words[-1] != "frac":
            return " ".join(words)
        cut = next((n for n in range(len(words) - 1, 0, -1) if unit_of("_".join(words[n:])) == self.unit), len(words))
        return " ".join(words[:cut])

    def matches(self, words: str) -> bool:
        """Whether every one of some words stands in the path, the meaning or the unit."""
        text = f"{self.path} {self.meaning} {self.unit}".lower().replace("_", " ")
        return all(word in text for word in words.lower().replace("_", " ").split())


def settings(scenario: Scenario) -> list[Setting]:
    """Every setting of a scenario, in the order of its file."""
    names = names_of(scenario)
    return [_named(setting, names) for setting in _below(scenario, "") if setting.path not in TOP]


def _named(setting: Setting, names: Mapping[str, Sequence[str]]) -> Setting:
    """A setting that names another part, as a choice of those that are there."""
    known = names.get(setting.name, ())
    return replace(setting, kind="choice", words=tuple(known)) if setting.kind == "text" and known else setting


def as_override(path: str, value: Any) -> str:
    """``PATH=VALUE`` as an override and an address state it."""
    return f"{path}={dump(value).strip()}" if not isinstance(value, str) else f"{path}={value}"


def _below(value: Any, path: str) -> Iterator[Setting]:
    if isinstance(value, Spec):
        for name, field in described(type(value)).items():
            at = f"{path}.{key_of(name, field)}".lstrip(".")
            held = getattr(value, name)
            setting = None if name == "kind" else _setting(at, path, name, field, held)
            if setting is not None:
                yield setting
            else:
                yield from _below(held, at)
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _below(part, f"{path}.{name}")


def _setting(at: str, part: str, name: str, field: FieldInfo, value: Any) -> Setting | None:
    """The setting of a field; None where it holds parts or is not given."""
    words = _words(field.annotation)
    optional = types.NoneType in get_args(field.annotation)
    kind = _kind_of_unset(field.annotation, words) if value is None and optional else _kind(value, words)
    if kind is None:
        return None
    bounds = {key: float(found) for mark in field.metadata for key in BOUNDS
              if isinstance(found := getattr(mark, key, None), int | float)}  # fmt: skip
    plain = list(value) if isinstance(value, tuple) else value
    unit = unit_of(name) or ""
    return Setting(
        at, part or "scenario", name, kind, plain, unit, " ".join((field.description or "").split()),
        bounds.get("ge", bounds.get("gt")), bounds.get("le", bounds.get("lt")), "gt" in bounds, "lt" in bounds, words,
        optional,
    )  # fmt: skip


def _kind_of_unset(annotation: Any, words: tuple[str, ...]) -> Kind | None:
    """Kind of a field that is left out; None where parts would stand there."""
    found = [choice.type for choice in choices(annotation) if choice.type is not types.NoneType]
    if words:
        return "choice" if len(found) == 1 else None
    kinds: dict[Any, Kind] = {int: "whole", float: "number", str: "text"}
    return kinds.get(found[0]) if len(found) == 1 else None


def _kind(value: Any, words: tuple[str, ...]) -> Kind | None:
    if words and isinstance(value, str):
        return "choice"
    if isinstance(value, tuple | list):
        return "list" if value and all(isinstance(item, int | float) for item in value) else None
    kinds: tuple[tuple[type, Kind], ...] = ((bool, "switch"), (int, "whole"), (float, "number"), (str, "text"))
    return next((kind for type_, kind in kinds if isinstance(value, type_)), None)


def _words(annotation: Any) -> tuple[str, ...]:
    """Words of a Literal, alone or beside other types."""
    if get_origin(annotation) is Literal:
        return tuple(str(word) for word in get_args(annotation))
    found = [_words(part) for part in get_args(annotation)]
    return next((words for words in found if words), ())
