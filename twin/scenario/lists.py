"""Lists of a scenario, such as the windows of a tariff: their items with bounds, units and meanings from the schema.

A path goes on into a list by the index of the item: ``grid.tariff.energy.windows.0.start``. Items come and go by a
change of the list as a whole.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic.fields import FieldInfo

from twin.quantities import Spec, unit_of
from twin.scenario.form import Setting, bounded, named, setting_of
from twin.scenario.model import Scenario
from twin.scenario.names import choices_of
from twin.scenario.shape import Choice, Choices, choices, key_of
from twin.scenario.writing import plain

Kind = Literal["records", "numbers", "some", "words"]
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MOST_SOME = 31  # whole numbers between two bounds that can be offered one by one
HOURS_A_DAY = 24
Names = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Item:
    """One record of a list: its path, what tells it from others as (text, unit), its settings and its own lists."""

    path: str
    facts: tuple[tuple[str, str], ...]
    settings: tuple[Setting, ...]
    lists: tuple[Listing, ...]


@dataclass(frozen=True)
class Listing:
    """A list of a part: ``records``, ``numbers`` in their order, ``some`` of the ``words``, or ``words`` of one's own.

    ``values`` is it as plain data, None where it is left out, which only an ``optional`` one may be. ``records`` have
    ``items``, ``numbers`` a setting each. It holds at least ``least`` and at most ``most`` items.
    """

    path: str
    part: str
    name: str
    kind: Kind
    values: tuple[Any, ...] | None
    unit: str
    meaning: str
    item: type[Spec] | None = None
    items: tuple[Item, ...] = ()
    numbers: tuple[Setting, ...] = ()
    words: tuple[Any, ...] = ()
    least: int = 0
    most: int | None = None
    optional: bool = False

    @property
    def count(self) -> int:
        """Number of items."""
        return len(self.values or ())

    @property
    def label(self) -> str:
        """Name without the suffix that states the unit."""
        return Setting("", "", self.name, "text", None, self.unit, "").label

    def matches(self, words: str) -> bool:
        """Whether every one of some words stands in the path, the meaning or the unit, its items' included."""
        fields = self.item.model_fields.items() if self.item else ()
        of_items = " ".join(f"{name} {field.description} {unit_of(name) or ''}" for name, field in fields)
        return Setting(self.path, "", "", "text", None, self.unit, f"{self.meaning} {of_items}").matches(words)


@dataclass(frozen=True)
class Held:
    """A list as the scenario holds it: its path, the record and the field that it stands in, and what it holds."""

    path: str
    owner: Spec
    name: str
    field: FieldInfo
    values: tuple[Any, ...] | None

    @property
    def choice(self) -> Choice:
        """The list among the types that the field may have."""
        return next(one for one in _types(self.field) if one.is_list)

    @property
    def item(self) -> type[Spec] | None:
        """Class of its items; None where they are no records."""
        found = self.choice.items[0][0].type
        return found if isinstance(found, type) and issubclass(found, Spec) else None

    @property
    def plain(self) -> list[Any] | None:
        """It as plain data."""
        return None if self.values is None else list(plain(self.owner)[key_of(self.name, self.field)])

    @property
    def is_optional(self) -> bool:
        """Whether it may be left out."""
        return any(one.type is types.NoneType for one in _types(self.field))

    def bounds(self) -> tuple[int, int | None]:
        """Fewest and most items."""
        if Ellipsis not in getattr(self.choice.type, "__args__", (Ellipsis,)):
            return len(self.choice.items), len(self.choice.items)
        marks = self.field.metadata
        least = next((mark.min_length for mark in marks if hasattr(mark, "min_length")), 0)
        return least, next((mark.max_length for mark in marks if hasattr(mark, "max_length")), None)


def _types(field: FieldInfo) -> Choices:
    return choices(field.annotation)


def lists(scenario: Scenario, part: str | None = None) -> list[Listing]:
    """Every list of a scenario or of one of its parts, empty and left out ones too, in the order of its file."""
    found = [held for held in walk(scenario, "") if part is None or held.path.rpartition(".")[0] == part]
    names = choices_of(scenario) if found else {}
    return [_listing(held, names) for held in found]


def walk(value: Any, path: str, into: bool = False) -> Iterator[Held]:
    """Each list below a part, outer before inner; ``into`` their items, too."""
    if isinstance(value, Spec):
        for name, field, is_list in _fields(type(value)):
            at, held = f"{path}.{key_of(name, field)}".lstrip("."), getattr(value, name)
            if is_list:
                yield Held(at, value, name, field, held)
                for index, item in enumerate((held or ()) if into else ()):
                    yield from walk(item, f"{at}.{index}", into)
            else:
                yield from walk(held, at, into)
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from walk(part, f"{path}.{name}", into)


@functools.cache
def _fields(part: type[Spec]) -> tuple[tuple[str, FieldInfo, bool], ...]:
    """Fields of a part by their names, and whether each holds a list."""
    fields = part.model_fields.items()
    return tuple((name, field, any(one.is_list for one in _types(field))) for name, field in fields)


def held_at(scenario: Scenario, path: str) -> Held | None:
    """The list at a path, also one inside an item of another."""
    return next((held for held in walk(scenario, "", True) if held.path == path), None)


def _listing(held: Held, names: Names) -> Listing:
    least, most = held.bounds()
    meaning = " ".join((held.field.description or "").split())
    values = None if held.plain is None else tuple(held.plain)
    one = Listing(held.path, held.path.rpartition(".")[0], held.name, "words", values, unit_of(held.name) or "",
                  meaning, held.item, least=least, most=most, optional=held.is_optional)  # fmt: skip
    if held.item is not None:
        items = [_item(item, f"{held.path}.{index}", names) for index, item in enumerate(held.values or ())]
        return replace(one, kind="records", items=tuple(items))
    entry = held.choice.items[0][0]
    if entry.type not in (int, float):
        return one
    numbers = tuple(_number(held, index, value) for index, value in enumerate(held.values or ()))
    words = _some(entry) if entry.type is int and least != most else ()
    return replace(one, kind="some" if words else "numbers", numbers=numbers, words=words)


def _marks(choice: Choice) -> list[Any]:
    return [one for mark in choice.marks for one in (mark.metadata if isinstance(mark, FieldInfo) else [mark])]


def _some(entry: Choice) -> tuple[int, ...]:
    """Whole numbers that an item may be, where these are few."""
    one = bounded(Setting("", "", "", "whole", None, "", ""), _marks(entry))
    few = one.low is not None and one.high is not None and one.high - one.low < MOST_SOME
    return tuple(range(int(one.low), int(one.high) + 1)) if few and one.low is not None and one.high is not None else ()


def _number(held: Held, index: int, value: float) -> Setting:
    """An item as a setting, named by its month or hour where the list has as many, else by its index."""
    entries = held.choice.items
    entry = entries[index if index < len(entries) else -1][0]
    count = len(held.values or ())
    mark = f"{index:02d}:00" if count == HOURS_A_DAY else MONTHS[index] if "month" in held.name else f"{index}"
    setting = Setting(f"{held.path}.{index}", held.path, mark, "whole" if entry.type is int else "number", value,
                      unit_of(held.name) or "", "")  # fmt: skip
    return bounded(setting, _marks(entry))


def _item(item: Spec, path: str, names: Names) -> Item:
    fields = [(name, field, key_of(name, field)) for name, field in type(item).model_fields.items()]
    found = [setting_of(f"{path}.{key}", path, name, field, getattr(item, name)) for name, field, key in fields]
    inner = tuple(_listing(held, names) for held in walk(item, path))
    settings = tuple(named(setting, names) for setting in found if setting is not None)
    return Item(path, tuple(_facts(item)), settings, inner)


def _facts(item: Spec) -> Iterator[tuple[str, str]]:
    """What is stated of a record beyond its defaults, in the order of its fields."""
    for name, field in type(item).model_fields.items():
        value = getattr(item, name)
        if value is None or (not field.is_required() and value == field.default):
            continue
        if isinstance(value, tuple):
            if value and not isinstance(value[0], Spec):
                yield spans(value) if "month" in name else ", ".join(map(str, value)), ""
            continue
        yield f"{value:g}" if isinstance(value, float) else str(value), unit_of(name) or ""


def spans(months: Sequence[int]) -> str:
    """Months in words, those that follow each other as a span.

    >>> spans((1, 2, 3, 6, 11, 12))
    'Jan-Mar, Jun, Nov-Dec'
    """
    runs: list[list[int]] = []
    for month in sorted(set(months)):
        if runs and month == runs[-1][-1] + 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    return ", ".join("-".join(MONTHS[at - 1] for at in dict.fromkeys((run[0], run[-1]))) for run in runs)
