"""Which technologies stand where in a scenario, which others could, and blocks of settings for those.

A place is a field, or an entry of a mapping, whose type is a union of technologies told apart by ``kind``, or a single
one that may be left out. A block for another technology takes its values from an example, keeps what the two have in
common, and names the plants and feeders of the scenario that it is put into.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from twin.quantities import Spec
from twin.scenario.model import Scenario
from twin.scenario.names import names_of
from twin.scenario.shape import key_of
from twin.scenario.writing import plain

NONE = "none"


@dataclass(frozen=True)
class Place:
    """Where a technology stands: its path, its ``kind`` (``none``: left out) and those that could stand there."""

    path: str
    kind: str
    kinds: tuple[str, ...]
    meaning: str


def places(scenario: Scenario) -> list[Place]:
    """Every place of a scenario at which another technology could stand, in the order of its file."""
    return [_place(path, held, members, meaning) for path, held, members, meaning in _walk(scenario, "")]


def _place(path: str, held: Any, members: tuple[Any, ...], meaning: str) -> Place:
    kinds = tuple(kind_of(member) for member in members)
    return Place(path, NONE if held is None else held.kind, kinds, meaning)


def kind_of(member: Any) -> str:
    """The word of a technology; ``none`` for what is left out."""
    return NONE if member is types.NoneType else str(member.model_fields["kind"].default)


def _walk(value: Any, path: str) -> Iterator[tuple[str, Any, tuple[Any, ...], str]]:
    """(path, what stands there, classes that could, meaning) of each place below a part."""
    if not isinstance(value, Spec):
        return
    for name, field in type(value).model_fields.items():
        at, held = f"{path}.{key_of(name, field)}".lstrip("."), getattr(value, name)
        meaning = " ".join((field.description or "").split())
        entries = held if isinstance(held, dict) else {}
        annotation = _entry(field.annotation) if isinstance(held, dict) else field.annotation
        members = members_of(annotation)
        for key, part in entries.items() if isinstance(held, dict) else [("", held)]:
            here = f"{at}.{key}" if key else at
            if len(members) > 1:
                yield here, part, members, meaning
            yield from _walk(part, here)


def _entry(annotation: Any) -> Any:
    return get_args(annotation)[1] if get_origin(annotation) is dict else None


def members_of(annotation: Any) -> tuple[Any, ...]:
    """Technologies of a union, ``None`` among them where the field may be left out; none where it is no such union."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) not in (typing.Union, types.UnionType):
        return ()
    found: list[Any] = []
    for part in get_args(annotation):
        found += members_of(part) or [get_args(part)[0] if get_origin(part) is Annotated else part]
    specs = [one for one in found if isinstance(one, type) and issubclass(one, Spec) and "kind" in one.model_fields]
    return tuple(dict.fromkeys(found)) if specs and len(specs) + (types.NoneType in found) == len(found) else ()


def blocks(scenario: Scenario, path: str, kind: str, examples: Iterable[Spec]) -> Iterator[dict[str, Any]]:
    """Settings for another technology at a place, the likeliest to serve first; a caller keeps the first that runs.

    ``examples`` are scenarios, or parts of them, in which the technology stands.
    """
    held, members = next((held, members) for at, held, members, _ in _walk(scenario, "") if at == path)
    wanted = next(member for member in members if kind_of(member) == kind)
    now = plain(held) if held is not None else {}
    common = {key: value for key, value in now.items() if key in wanted.model_fields and key != "kind"}
    names = names_of(scenario)
    needed = {key_of(name, field) for name, field in wanted.model_fields.items() if field.is_required()}
    for one in (one for example in examples for one in specs_in(example) if type(one) is wanted):
        whole = rehomed(plain(one), names, now)
        least = {key: value for key, value in whole.items() if key in needed}
        alike = {key: value for key, value in common.items() if _alike(value, whole.get(key, value))}
        for block in ({**whole, **alike}, {**least, **alike}, whole, least):
            yield {"kind": kind} | block | {"kind": kind}
    yield {"kind": kind, **common}


def _alike(one: Any, other: Any) -> bool:
    """Whether two values are of the same kind: numbers, texts, lists, blocks of the same technology."""
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    same_kind = not isinstance(one, dict) or one.get("kind") == other.get("kind")
    return numbers or (type(one) is type(other) and same_kind)


def specs_in(value: Any) -> Iterator[Spec]:
    """A part of a scenario and every part below it, outer before inner."""
    if isinstance(value, Spec):
        yield value
        for name in type(value).model_fields:
            yield from specs_in(getattr(value, name))
    elif isinstance(value, dict):
        for part in value.values():
            yield from specs_in(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from specs_in(part)


def rehomed(block: Any, names: Mapping[str, Sequence[str]], now: Mapping[str, Any]) -> Any:
    """A block of an example with references to what a scenario has: what stood here before, else the likeliest."""
    if not isinstance(block, dict):
        return block
    found = {}
    for key, value in block.items():
        known = names.get(key, ())
        astray = isinstance(value, str) and known and value not in known
        found[key] = (now.get(key) or known[0]) if astray else rehomed(value, names, now)
    return found
