"""Another technology in a scenario's place, with settings of a shipped example that serve there."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path

from twin.components.grid.tariffs import TariffTable
from twin.errors import Fault, InputError
from twin.quantities import Spec
from twin.scenario.exchange import NONE, blocks
from twin.scenario.model import Scenario
from twin.scenario.reading import read_scenario
from twin.series.tariff_tables import in_force
from twin.studies.visitors import changed, shipped_names

MOST_TRIED = 12  # blocks; a place at which none of the first serves needs more than another block


def exchanged(scenario: Scenario, folder: Path, path: str, kind: str) -> str:
    """What an override says at ``path`` for another technology: a block that was read with the rest of the scenario.

    ``folder`` holds the shipped scenarios, which are the examples. Raises InputError with the faults of the likeliest
    block where none serves, as where air handlers need a plant and the site has none.
    """
    if kind == NONE:
        changed(scenario, [f"{path}=null"])
        return "null"
    first: InputError | None = None
    for _, block in zip(
        range(MOST_TRIED), blocks(scenario, path, kind, _examples(scenario, folder, path, kind)), strict=False
    ):
        text = json.dumps(block, ensure_ascii=False)
        try:
            changed(scenario, [f"{path}={text}"])
        except InputError as error:
            first = first or error
        else:
            return text
    raise first or InputError([Fault("has no example among the shipped scenarios", path)])


def _examples(scenario: Scenario, folder: Path, path: str, kind: str) -> Iterator[Spec]:
    """The tariff that a table holds, then shipped scenarios that have a technology, those made to show one first."""
    names = sorted(shipped_names(folder), key=lambda name: (not name.startswith("technologies/"), "/" in name, name))
    written = [name for name in names if not name.startswith("studies/")]
    if path == "grid.tariff":
        tables = [scenario, *(_read(folder / name) for name in written if "tariffs/" in _text(folder / name))]
        yield from (in_force(one.grid.tariff) for one in tables if isinstance(one.grid.tariff, TariffTable))
    yield from (_read(folder / name) for name in written if f"kind: {kind}" in _text(folder / name))


@functools.cache
def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@functools.lru_cache(maxsize=64)
def _read(file: Path) -> Scenario:
    return read_scenario(file)
