"""What of a scenario can be changed: every setting of the technologies that it has, with bounds, unit and meaning.

The same walk as that of the loop's components: a field is there only where its technology is.
"""

from __future__ import annotations

import json
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from twin.components.grid.periods import is_clock
from twin.quantities import Spec, unit_of
from twin.scenario.model import Scenario
from twin.scenario.names import choices_of
from twin.scenario.shape import choices, key_of
from twin.scenario.writing import dump

Kind = Literal["number", "whole", "switch", "choice", "clock", "text"]
BOUNDS = ("ge", "gt", "le", "lt")
FAR = 1e5  # from here on a bound tells a reader nothing
TOP = ("name", "description")  # of a scenario: its label, not its settings
CLOCKS = tuple(f"{half // 2:02d}:{half % 2 * 30:02d}" for half in range(49))  # half hours of a day


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
    words: tuple[Any, ...] = ()
    optional: bool = False

    @property
    def bounds(self) -> str:
        """Bounds in words: ``10 to 40``, ``above 0``; those that only keep slips of the pen out are not told."""
        low, high = (None if bound is None or abs(bound) >= FAR else bound for bound in (self.low, self.high))
        below = f"{'above ' if self.low_open else ''}{low:g}" if low is not None else ""
        above = f"{'below ' if self.high_open else ''}{high:g}" if high is not None else ""
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
    """Every setting of a scenario outside its lists, in the order of its file."""
    names = choices_of(scenario)
    return [named(setting, names) for setting in _below(scenario, "") if setting.path not in TOP]


def named(setting: Setting, names: Mapping[str, Sequence[str]]) -> Setting:
    """A setting that names another part, as a choice of those that are there."""
    known = names.get(setting.name, ())
    return replace(setting, kind="choice", words=tuple(known)) if setting.kind == "text" and known else setting


def as_override(path: str, value: Any) -> str:
    """``PATH=VALUE`` as an override and an address state it."""
    return f"{path}={json.dumps(value, ensure_ascii=False) if isinstance(value, list) else dump(value).strip()}"


def _below(value: Any, path: str) -> Iterator[Setting]:
    if isinstance(value, Spec):
        for name, field in type(value).model_fields.items():
            at = f"{path}.{key_of(name, field)}".lstrip(".")
            held = getattr(value, name)
            setting = None if name == "kind" else setting_of(at, path, name, field, held)
            if setting is not None:
                yield setting
            else:
                yield from _below(held, at)
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _below(part, f"{path}.{name}")


def setting_of(at: str, part: str, name: str, field: FieldInfo, value: Any) -> Setting | None:
    """The setting of a field; None where it holds parts or a list, or is not given."""
    words = _words(field.annotation)
    optional = types.NoneType in get_args(field.annotation)
    kind = _kind_of_unset(field.annotation, words) if value is None and optional else _kind(value, words)
    if kind is None:
        return None
    meaning = " ".join((field.description or "").split())
    if is_clock(field):
        kind, words = "clock", CLOCKS
    one = Setting(at, part or "scenario", name, kind, value, unit_of(name) or "", meaning, words=words,
                  optional=optional)  # fmt: skip
    return bounded(one, field.metadata)


def bounded(setting: Setting, marks: Iterable[Any]) -> Setting:
    """A setting with the bounds that the marks of its field state."""
    bounds = {key: float(found) for mark in marks for key in BOUNDS
              if isinstance(found := getattr(mark, key, None), int | float)}  # fmt: skip
    low, high = bounds.get("ge", bounds.get("gt")), bounds.get("le", bounds.get("lt"))
    return replace(setting, low=low, high=high, low_open="gt" in bounds, high_open="lt" in bounds)


def _kind_of_unset(annotation: Any, words: tuple[Any, ...]) -> Kind | None:
    """Kind of a field that is left out; None where parts would stand there."""
    found = [choice.type for choice in choices(annotation) if choice.type is not types.NoneType]
    if words:
        return "choice" if len(found) == 1 else None
    kinds: dict[Any, Kind] = {int: "whole", float: "number", str: "text"}
    return kinds.get(found[0]) if len(found) == 1 else None


def _kind(value: Any, words: tuple[Any, ...]) -> Kind | None:
    if not isinstance(value, bool) and value in words:
        return "choice"
    kinds: tuple[tuple[type, Kind], ...] = ((bool, "switch"), (int, "whole"), (float, "number"), (str, "text"))
    return next((kind for type_, kind in kinds if isinstance(value, type_)), None)


def _words(annotation: Any) -> tuple[Any, ...]:
    """Words or numbers of a Literal, alone or beside other types."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    found = [_words(part) for part in get_args(annotation)]
    return next((words for words in found if words), ())
