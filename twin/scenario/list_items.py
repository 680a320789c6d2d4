"""Lists with an item more or less: what a new item begins as, the likeliest to serve first.

Beside an item that is there: a copy that does not clash with it (at another time, behind it in a row of rising ends,
or half of its hours), else a plain copy. In an empty list: an example, or the fields that are required.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from twin.components.grid.periods import clock_of, minute_of
from twin.quantities import Spec, unit_of
from twin.scenario.exchange import rehomed, specs_in
from twin.scenario.form import setting_of
from twin.scenario.lists import Held, held_at
from twin.scenario.model import Scenario
from twin.scenario.names import choices_of
from twin.scenario.shape import choices, key_of
from twin.scenario.writing import plain

DAYS = (1, 7, -1, -7)  # between an event and its copy
END = "up_to_"  # of a tier
MINUTES_A_DAY, HALF_HOUR = 1440, 30
ENERGY_OR_POWER = ("kwh", "kw", "kva")  # 1000 of them rather than 1 are a size to begin with


def longer(scenario: Scenario, path: str, index: int, examples: Iterable[Spec]) -> Iterator[list[Any]]:
    """The list at a path with an item behind the one at an index; with its first item where it is empty."""
    held = held_at(scenario, path)
    if held is None:
        return
    items = held.plain or []
    if items and isinstance(items[index], dict):
        for several in chain(_apart(items[index], _next_end(items, index)), [[items[index]] * 2]):
            yield [*items[:index], *several, *items[index + 1 :]]
    elif items:
        yield [*items[: index + 1], items[index], *items[index + 1 :]]
    else:
        yield from ([item] for item in _first_items(scenario, held, examples))


def shorter(scenario: Scenario, path: str, index: int) -> list[Any]:
    """The list at a path without the item at an index."""
    held = held_at(scenario, path)
    items = (held.plain if held else None) or []
    return [*items[:index], *items[index + 1 :]]


def begun(scenario: Scenario, path: str, examples: Iterable[Spec]) -> Iterator[list[Any]]:
    """A list that was left out: like another of its kind in the part or the site, else of values that are allowed."""
    held = held_at(scenario, path)
    if held is None:
        return
    least, _ = held.bounds()
    for owner in (held.owner, *specs_in(scenario)):
        yield from (other.plain or [] for other in _alike(owner, held) if other.values)
    if held.item is not None:
        yield from ([item] for item in _first_items(scenario, held, examples))
        return
    unit = unit_of(held.name)
    beside = [value for key, value in plain(held.owner).items() if _is_number(value) and unit_of(key) == unit]
    yield from ([value] * max(least, 1) for value in (*beside, 1, 0))
    yield []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _alike(owner: Spec, held: Held) -> Iterator[Held]:
    """Lists of a part that hold what another list holds, under the same name or of the same length."""
    for name, field in type(owner).model_fields.items():
        one = Held("", owner, name, field, getattr(owner, name))
        if isinstance(one.values, tuple) and (owner, name) != (held.owner, held.name):
            same = one.choice.type == held.choice.type and one.bounds() == held.bounds()
            if same and (owner is held.owner or name == held.name):
                yield one


def _apart(one: dict[str, Any], next_end: dict[str, float]) -> Iterator[list[dict[str, Any]]]:
    """An item and its copy, so that both can stand beside each other."""
    if isinstance(one.get("at"), str):
        at = datetime.fromisoformat(one["at"])
        for days in DAYS:
            yield [one, one | {"at": f"{at + timedelta(days=days):%Y-%m-%d %H:%M}"}]
    if next_end:
        yield [one, one | next_end]
    if {"start", "end"} <= set(one):
        yield from _halves(one)


def _next_end(items: list[Any], index: int) -> dict[str, float]:
    """The end of a tier behind one: between it and the next one's, twice it where it is the last."""
    found = {}
    for key, end in items[index].items():
        if key.startswith(END) and _is_number(end):
            found[key] = (end + items[index + 1][key]) / 2 if index + 1 < len(items) else end * 2
    return found


def _halves(window: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """A window as two, the first and the second half of its hours: at first they apply as the one did."""
    start, end = minute_of(window["start"]), minute_of(window["end"])
    half = ((end - start) % MINUTES_A_DAY or MINUTES_A_DAY) // 2
    if half:
        middle = clock_of((start + (half - half % HALF_HOUR or half)) % MINUTES_A_DAY)
        yield [window | {"end": middle}, window | {"start": middle}]


def _first_items(scenario: Scenario, held: Held, examples: Iterable[Spec]) -> Iterator[Any]:
    """Items for an empty list; what the part around it states under the same names is taken from there."""
    if held.item is None:
        return
    names, item = choices_of(scenario), held.item
    common = {key: value for key, value in plain(held.owner).items() if key in item.model_fields and key != "kind"}
    common = {key: value for key, value in common.items() if not isinstance(value, list | dict)}
    for one in (one for whole in (scenario, *examples) for one in specs_in(whole) if type(one) is item):
        block = rehomed(plain(one), names, {})
        yield _in_year(block | common, scenario.run.calendar_year)
    least = {key: value for key, value in _required(item, scenario, names) if key not in common} | common
    yield least
    for key, value in _sizes(item):
        if key not in least:
            yield least | {key: value}


def _in_year(block: dict[str, Any], year: int) -> dict[str, Any]:
    at = block.get("at")
    return block | {"at": f"{year}{at[4:]}"} if isinstance(at, str) else block


def _required(item: type[Spec], scenario: Scenario, names: dict[str, list[str]]) -> Iterator[tuple[str, Any]]:
    """Fields that an item must state, with values that its bounds allow."""
    sizes = dict(_sizes(item))
    for name, field in item.model_fields.items():
        key = key_of(name, field)
        if field.is_required():
            word = next(iter(names.get(name, ())), "")
            texts = {"at": f"{scenario.run.calendar_year}-07-01 12:00", "duration": "1h"}
            many = any(one.is_list for one in choices(field.annotation))
            yield key, [""] if many else sizes.get(key, texts.get(name, word))


def _sizes(item: type[Spec]) -> Iterator[tuple[str, float]]:
    """A number within its bounds for each field that takes one."""
    for name, field in item.model_fields.items():
        one = setting_of(key_of(name, field), "", name, field, 1.0 if field.annotation is float else None)
        if one is not None and one.kind in ("number", "whole"):
            size = 1000.0 if one.unit.lower() in ENERGY_OR_POWER else 1.0
            yield one.path, min(max(size, one.low if one.low is not None else size), one.high or size)
