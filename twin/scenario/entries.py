"""Mappings of named things in a scenario, such as the chillers of a plant: what they hold and what could be added.

A block for a new entry is a copy of a sibling, or takes its values from an example and names what the scenario has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from twin.components.base import Name
from twin.quantities import Spec
from twin.scenario.exchange import kind_of, members_of, rehomed, specs_in
from twin.scenario.model import Scenario
from twin.scenario.names import names_of
from twin.scenario.shape import choices, key_of
from twin.scenario.writing import plain

LONGEST = 64  # characters of a name, as of Name in components/base.py
ALIKE = ""  # the word for what has no kinds


@dataclass(frozen=True)
class Shelf:
    """A mapping of named things: its path, its entries with their kinds, the kinds that could be added."""

    path: str
    entries: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...]
    meaning: str

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the entries."""
        return tuple(name for name, _ in self.entries)

    def of_kind(self, kind: str) -> tuple[str, ...]:
        """Names of the entries of a kind."""
        return tuple(name for name, one in self.entries if one == kind)

    def free_name(self, stem: str) -> str:
        """A name that no entry has: of a kind or of an entry, with a number where one has it; else of the mapping."""
        last = self.path.rpartition(".")[2]
        stem = re.sub(r"_[0-9]+$", "", stem) or (last if last.endswith("ss") else last.removesuffix("s"))
        numbered = (f"{stem}_{number}" for number in range(2, len(self.entries) + 3))
        return next(name for name in (stem, *numbered) if name not in self.names)


def shelves(scenario: Scenario) -> list[Shelf]:
    """Every mapping of named things, empty ones too, in the order of the file."""
    return [shelf for shelf, _, _ in _walk(scenario, "")]


def _walk(value: Any, path: str) -> Iterator[tuple[Shelf, dict[str, Any], tuple[type[Spec], ...]]]:
    """(shelf, its entries, classes that they may have) of each mapping below a part."""
    for name, field in type(value).model_fields.items() if isinstance(value, Spec) else ():
        held, at = getattr(value, name), f"{path}.{key_of(name, field)}".lstrip(".")
        if isinstance(held, dict):
            members = _members(field.annotation)
            if members:
                kinds = tuple(map(_word, members))
                entries = tuple((key, _word(type(part))) for key, part in held.items())
                yield Shelf(at, entries, kinds, " ".join((field.description or "").split())), held, members
            for key, part in held.items():
                yield from _walk(part, f"{at}.{key}")
        else:
            yield from _walk(held, at)


def _members(annotation: Any) -> tuple[type[Spec], ...]:
    """Classes of the entries of a mapping; none where these are no parts of a scenario."""
    if get_origin(annotation) is not dict:
        return ()
    entry = get_args(annotation)[1]
    one = choices(entry)[0].type
    return members_of(entry) or ((one,) if isinstance(one, type) and issubclass(one, Spec) else ())


def _word(member: type[Spec]) -> str:
    return kind_of(member) if "kind" in member.model_fields else ALIKE


def name_fault(shelf: Shelf, name: str) -> str:
    """What is wrong with the name of a new entry; nothing where it would do."""
    pattern = next(one.pattern for one in get_args(Name)[1].metadata if getattr(one, "pattern", None))
    if not re.fullmatch(pattern, name) or len(name) > LONGEST:
        return f"{name!r} is no name: a letter, then letters, digits, - and _, at most {LONGEST}"
    return f"there is a {name!r} already" if name in shelf.names else ""


def entry_blocks(
    scenario: Scenario, path: str, kind: str, examples: Iterable[Spec], like: str = ""
) -> Iterator[dict[str, Any]]:
    """Settings for a new entry, the likeliest to serve first: of the sibling ``like`` only, or of others and examples.

    ``examples`` are scenarios, or parts of them, in which such a thing stands.
    """
    held, members = next((held, members) for shelf, held, members in _walk(scenario, "") if shelf.path == path)
    if like:
        yield plain(held[like])
        return
    wanted = next(member for member in members if _word(member) == kind)
    of_kind = {"kind": kind} if kind else {}
    needed = {key_of(name, field) for name, field in wanted.model_fields.items() if field.is_required()}
    names = names_of(scenario)
    for one in (one for whole in (scenario, *examples) for one in specs_in(whole) if type(one) is wanted):
        block = rehomed(plain(one), names, {})
        yield block
        yield of_kind | {key: value for key, value in block.items() if key in needed}
    yield of_kind
