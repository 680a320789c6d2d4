"""Another technology in a scenario's place, entries and items that come and go: settings that serve, read before."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from twin.components.grid.tariffs import TariffTable
from twin.errors import Fault, InputError
from twin.quantities import Spec
from twin.scenario.entries import Shelf, entry_blocks, name_fault, shelves
from twin.scenario.exchange import NONE, blocks
from twin.scenario.list_items import begun, longer, shorter
from twin.scenario.model import Scenario
from twin.scenario.reading import read_scenario
from twin.series.tariff_tables import in_force
from twin.studies.visitors import changed, shipped_names

TARIFF = "grid.tariff"
LONGEST_LIST = 12_000  # characters
MOST_TRIED = 12  # blocks; a place at which none of the first serves needs more than another block


def exchanged(scenario: Scenario, folder: Path, path: str, kind: str) -> str:
    """What an override says at ``path`` for another technology: a block that was read with the rest of the scenario.

    ``folder`` holds the shipped scenarios, which are the examples. Raises InputError with the faults of the likeliest
    block where none serves, as where air handlers need a plant and the site has none.
    """
    if kind == NONE:
        changed(scenario, [f"{path}=null"])
        return "null"
    examples = _examples(scenario, folder, path, f"kind: {kind}")
    return _first_sound(scenario, path, blocks(scenario, path, kind, examples))


def added(scenario: Scenario, folder: Path, shelf: Shelf, name: str, kind: str, like: str = "") -> str:
    """What an override says at ``shelf.path.name`` for a new entry: a copy of the sibling ``like``, or an example's.

    It was read with the rest of the scenario. Raises InputError as above.
    """
    path = f"{shelf.path}.{name}"
    if fault := name_fault(shelf, name):
        raise InputError([Fault(fault, path)])
    words = (f"kind: {kind}", f"{shelf.path.rpartition('.')[2]}:")
    examples = _examples(scenario, folder, path, *words[0 if kind else 1 :])
    return _first_sound(scenario, path, entry_blocks(scenario, shelf.path, kind, examples, like))


def removed(scenario: Scenario, path: str) -> str | None:
    """What an override says at a path so that its entry is gone; None where there is none. Raises InputError."""
    shelf_path, _, name = path.rpartition(".")
    shelf = next((one for one in shelves(scenario) if one.path == shelf_path), None)
    if shelf is None or name not in shelf.names:
        return None
    changed(scenario, [f"{path}=null"])
    return "null"


def with_item(scenario: Scenario, folder: Path, path: str, index: int = 0) -> str:
    """What an override says at the path of a list with a new item behind the one at an index. Raises InputError."""
    examples = _examples(scenario, folder, path, f"{path.rpartition('.')[2]}:")
    return _fitting(path, _first_sound(scenario, path, longer(scenario, path, index, examples)))


def without_item(scenario: Scenario, path: str, index: int) -> str:
    """The same without the item at an index."""
    return _fitting(path, _first_sound(scenario, path, iter([shorter(scenario, path, index)])))


def with_list(scenario: Scenario, folder: Path, path: str) -> str:
    """What an override says at the path of a list that was left out, so that it is there. Raises InputError."""
    examples = _examples(scenario, folder, path, f"{path.rpartition('.')[2]}:")
    return _fitting(path, _first_sound(scenario, path, begun(scenario, path, examples)))


def without_table(scenario: Scenario, folder: Path) -> str:
    """What an override says at ``grid.tariff`` so that the rates of its table stand in the scenario itself."""
    if not isinstance(scenario.grid.tariff, TariffTable):
        raise InputError([Fault("is no table", TARIFF)])
    return exchanged(scenario, folder, TARIFF, in_force(scenario.grid.tariff).kind)


def _fitting(path: str, text: str) -> str:
    if len(text) > LONGEST_LIST:
        raise InputError([Fault(f"takes {len(text):,} characters, more than the {LONGEST_LIST:,} that an address "
                                "carries for a list; change it in the file", path)])  # fmt: skip
    return text


def _first_sound(scenario: Scenario, path: str, found: Iterator[Any]) -> str:
    """The first block that is read with the rest of the scenario, as text; else the faults of the likeliest."""
    first: InputError | None = None
    for _, block in zip(range(MOST_TRIED), found, strict=False):
        text = json.dumps(block, ensure_ascii=False)
        try:
            changed(scenario, [f"{path}={text}"])
        except InputError as error:
            first = first or error
        else:
            return text
    raise first or InputError([Fault("has no example among the shipped scenarios", path)])


def _examples(scenario: Scenario, folder: Path, path: str, *words: str) -> Iterator[Spec]:
    """The tariff that a table holds, then shipped ones with one of the words, those made to show a technology first."""
    names = sorted(shipped_names(folder), key=lambda name: (not name.startswith("technologies/"), "/" in name, name))
    written = [name for name in names if not name.startswith("studies/")]
    if path.startswith(TARIFF):
        tables = [scenario, *(_read(folder / name) for name in written if "tariffs/" in _text(folder / name))]
        yield from (in_force(one.grid.tariff) for one in tables if isinstance(one.grid.tariff, TariffTable))
    yield from (_read(folder / name) for name in written if any(word in _text(folder / name) for word in words))


@functools.cache
def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@functools.lru_cache(maxsize=64)
def _read(file: Path) -> Scenario:
    return read_scenario(file)
