"""Reference tables: a test that takes ``check`` runs over every row of the table that its file names in ``CHECKS``."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REFERENCE = Path(__file__).parent.parent / "reference"


@dataclass(frozen=True)
class Check:
    """One row: a quantity, what it is computed from, and the value it must have within a tolerance."""

    quantity: str
    inputs: dict[str, Any]
    expected: float
    tolerance: float
    kind: str

    def holds(self, value: float) -> bool:
        """Whether a value agrees with the table; ``kind`` says whether the tolerance is absolute or relative."""
        allowed = self.tolerance * (abs(self.expected) if self.kind == "rel" else 1.0)
        return abs(value - self.expected) <= allowed


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _check(row: dict[str, str]) -> Check:
    pairs = (pair.split("=") for pair in row["inputs"].split(";") if pair)
    inputs = {name: _number(value) for name, value in pairs}
    return Check(row["quantity"], inputs, float(row["expected"]), float(row["tolerance"]), row["kind"])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Rows of the table of the test's file."""
    if "check" in metafunc.fixturenames:
        with (REFERENCE / metafunc.module.CHECKS).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        metafunc.parametrize("check", [pytest.param(_check(row), id=row["id"]) for row in rows])
