"""Weather and price files from a stranger's hand: bounded, kept in a temporary folder, read as data, never executed.

What is kept goes with the process. A file that cannot serve the scenario on the screen is refused with its lines.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import json
import os
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twin.errors import Fault, InputError, Place
from twin.scenario.model import Scenario
from twin.series.tariff_tables import in_force
from twin.studies.visitors import Handed, changed

LARGEST_SERIES = 8_000_000  # bytes; an EPW file has 1.6 MB, a year of prices by the quarter hour 2 MB
MOST_KEPT = 40  # files; the oldest go first
GZIP = b"\x1f\x8b"
WEATHER, TARIFF = "weather.file", "grid.tariff"
PRICE_UNITS = ("per_mwh", "per_kwh", "cent_per_kwh")


@dataclass(frozen=True)
class PriceColumn:
    """Column of a price file and its unit."""

    column: str
    unit: str = "per_mwh"


def weather(scenario: Scenario, content: bytes, name: str) -> Handed:
    """A weather file in place of a scenario's. Raises InputError with every fault, each with its line."""
    handed = _kept(content, name, WEATHER)
    changed(scenario, (), [handed])
    return handed


def prices(scenario: Scenario, content: bytes, name: str, wanted: PriceColumn) -> Handed:
    """A column of prices as the scenario's tariff; times without a zone are those of the site. Raises as above."""
    handed = _kept(content, name, TARIFF)
    block: dict[str, Any] = {
        "kind": "market", "currency": getattr(in_force(scenario.grid.tariff), "currency", "USD"),
        "price": {"file": handed.name, "column": wanted.column}, "price_unit": wanted.unit,
    }  # fmt: skip
    zoned = {**block, "price": {**block["price"], "timezone": scenario.site.timezone}}
    tries = [Handed(TARIFF, json.dumps(one), handed.name, handed.folder) for one in (block, zoned)]
    try:
        changed(scenario, (), tries[:1])
    except InputError:
        changed(scenario, (), tries[1:])
        return tries[1]
    return tries[0]


def columns_of(content: bytes) -> list[str]:
    """Names of the columns of a CSV file beside the first, which holds times."""
    lines = (line for line in content.decode("utf-8-sig", "replace").splitlines() if line and not line.startswith("#"))
    head = next(lines, "")
    separator = max(",;\t", key=head.count)
    return [name.strip() for name in next(csv.reader([head], delimiter=separator), [])][1:]


def _kept(content: bytes, name: str, path: str) -> Handed:
    """The file under the temporary folder, by its content, so that the same file is kept once."""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", name)[-60:].lstrip(".") or "upload"
    if len(content) > LARGEST_SERIES:
        raise InputError([Fault(f"is larger than {LARGEST_SERIES // 1_000_000} MB", place=Place(name))])
    if content[:2] == GZIP:
        raise InputError([Fault("is packed with gzip; upload it unpacked", place=Place(name))])
    folder = _folder() / hashlib.sha256(content).hexdigest()[:24]
    folder.mkdir(exist_ok=True)
    if not (folder / name).is_file():  # another session's run may be reading it
        _write_whole(folder / name, content)
    now_ns = time.time_ns()
    os.utime(folder, ns=(now_ns, now_ns))  # finer than the file system's own clock
    others = [entry for entry in _folder().iterdir() if entry != folder and any(entry.iterdir())]
    others.sort(key=lambda entry: entry.stat().st_mtime_ns)
    for old in others[: max(len(others) + 1 - MOST_KEPT, 0)]:
        for file in old.iterdir():
            file.unlink(missing_ok=True)
    return Handed(path, json.dumps(name), name, str(folder))


def _write_whole(path: Path, content: bytes) -> None:
    """A file that nobody meets half written: threads of several sessions may hand in the same one at once."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
        part.write(content)
    os.replace(part.name, path)


@functools.cache
def _folder() -> Path:
    _held.append(tempfile.TemporaryDirectory(prefix="twin-explorer-"))
    return Path(_held[0].name).resolve()


_held: list[tempfile.TemporaryDirectory[str]] = []  # removes its folder as the process ends
