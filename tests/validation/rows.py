"""One row of the validation page: a quantity, what is published, what the twin gives, and whether they agree."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "reference" / "validation_results.csv"
PASS, FAIL, NOT_RUN = "PASS", "FAIL", "NOT RUN"
STATUSES = (PASS, FAIL, NOT_RUN)
STABLE_DIGITS = 7  # machines agree to 1e-9 of a value; a digit or two are left for a rounding that falls the other way
# Asked of the reference plant beside EnergyPlus: chiller, plant, make-up water; the tests state what each case holds.
ASKED = {"yorkcalc": (0.001, 0.01, 0.02), "merkel": (0.01, 0.02, 0.03)}
NEGLIGIBLE = 1e-3  # of the tolerance: smaller differences are written as 0, for they are not the same on every machine


@dataclass(frozen=True)
class Row:
    """Texts as they stand in the file of results and on the page; a number that there is not is empty."""

    section: str
    id: str
    quantity: str
    unit: str
    source: str
    published: str
    ours: str
    difference: str
    tolerance: str
    kind: str
    status: str
    note: str


def stable(value: float) -> str:
    """The digits of a computed value that every machine agrees on."""
    return f"{value:.{STABLE_DIGITS}g}"


def compared(
    section: str,
    id: str,
    quantity: str,
    unit: str,
    source: str,
    published: float,
    ours: float,
    tolerance: float,
    kind: str = "rel",
    note: str = "",
) -> Row:
    """A row that was run; ``kind`` says whether difference and tolerance are ``rel``\\ ative or ``abs``\\ olute."""
    difference = float(ours - published) / (abs(published) if kind == "rel" else 1.0)
    status = PASS if abs(difference) <= tolerance else FAIL
    shown = 0.0 if abs(difference) < NEGLIGIBLE * tolerance else difference
    return Row(
        section,
        id,
        quantity,
        unit,
        source,
        repr(float(published)),
        stable(float(ours)),
        f"{shown:.3g}",
        repr(tolerance),
        kind,
        status,
        note,
    )


def not_run(section: str, id: str, quantity: str, source: str, reason: str, published: str = "") -> Row:
    """A row that was not run, and why."""
    if not reason:
        raise ValueError(f"{id}: a row that is not run states its reason")
    return Row(section, id, quantity, "", source, published, "", "", "", "", NOT_RUN, reason)


def store(rows: Iterable[Row], path: Path = RESULTS) -> None:
    """Write the file of results."""
    names = [field.name for field in fields(Row)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: getattr(row, name) for name in names} for row in rows)


def stored(path: Path = RESULTS) -> list[Row]:
    """Read the file of results."""
    with path.open(encoding="utf-8", newline="") as file:
        return [Row(**row) for row in csv.DictReader(file)]
