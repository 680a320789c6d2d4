"""The reference tables ``checks_*.csv``, evaluated by the functions that their own tests use."""

from __future__ import annotations

import csv
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.physics import conftest, test_fluids
from tests.validation.rows import Row, compared

PHYSICS = Path(__file__).parents[1] / "physics"


@dataclass(frozen=True)
class Evaluated:
    """A row of a reference table and what the twin gives for it."""

    table: str
    id: str
    quantity: str
    source: str
    expected: float
    ours: float
    tolerance: float
    kind: str

    @property
    def share(self) -> float:
        """Difference as a share of the tolerance."""
        return abs(self.ours - self.expected) / (self.tolerance * (abs(self.expected) if self.kind == "rel" else 1.0))


def read(table: str) -> list[dict[str, str]]:
    """Rows of a reference table."""
    with (conftest.REFERENCE / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def evaluated() -> list[Evaluated]:
    """All rows of all tables."""
    modules = sorted(path.stem for path in PHYSICS.glob("test_*.py") if '\nCHECKS = "' in path.read_text("utf-8"))
    return [row for name in modules for row in _table(name)] + list(_fluids())


def _table(module_name: str) -> Iterator[Evaluated]:
    module = importlib.import_module(f"tests.physics.{module_name}")
    functions = getattr(module, "QUANTITIES", None) or module.EFFECTIVENESS
    for row in read(module.CHECKS):
        check = conftest._check(row)
        ours = float(functions[check.quantity](**check.inputs))
        yield Evaluated(
            module.CHECKS, row["id"], check.quantity, row["source"], check.expected, ours, check.tolerance, check.kind
        )


def _fluids() -> Iterator[Evaluated]:
    for row in test_fluids._checks():
        yield Evaluated(
            test_fluids.CHECKS.name,
            row["id"],
            row["property"],
            row["source"],
            float(row["expected"]),
            test_fluids._value(row),
            float(row["rel_tolerance"]),
            "rel",
        )


def summaries(found: list[Evaluated]) -> list[Row]:
    """One row per table: its largest difference as a share of the tolerance that the table itself states."""
    rows = []
    for table in sorted({row.table for row in found}):
        shares = [row.share for row in found if row.table == table]
        what = f"{len(shares)} values: largest difference as a share of its tolerance"
        rows.append(
            compared(
                "tables",
                table,
                what,
                "1",
                f"tests/reference/{table}",
                0.0,
                round(max(shares), 3),
                1.0,
                "abs",
                f"{sum(share <= 1 for share in shares)} of {len(shares)} within their tolerance",
            )
        )
    return rows


def months_of_ite(found: list[Evaluated]) -> list[Row]:
    """CPU power of EnergyPlus's ITE object in each month of its example."""
    return [
        compared(
            "ite",
            row.id,
            f"CPU power in month {int(row.id.split('_')[2])}",
            "kW",
            row.source,
            row.expected,
            row.ours,
            row.tolerance,
            row.kind,
        )
        for row in found
        if row.id.startswith("ite_month_")
    ]
