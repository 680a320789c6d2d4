"""A linear program in the making: costs, bounds and rows, and where each kind of variable begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
KW_PER_MW = 1000.0
Layout = dict[str, int]  # where each kind of variable begins


@dataclass
class Rows:
    """Entries of a sparse matrix, gathered in blocks, and its right-hand sides."""

    entries: list[tuple[Floats, Floats, Floats]] = field(default_factory=list)
    right: list[Floats] = field(default_factory=list)
    count: int = 0

    def add(self, right: Floats, *blocks: tuple[Any, Any, Any]) -> None:
        """Rows with these right-hand sides; a block is (row within, column, value)."""
        for row, column, value in blocks:
            row, column, value = np.broadcast_arrays(np.asarray(row) + self.count, column, value)
            self.entries.append((row.ravel(), column.ravel(), value.ravel().astype(float)))
        self.right.append(right)
        self.count += right.size

    def matrix(self, columns: int) -> sparse.csr_array:
        """The matrix; rows without entries are kept."""
        if not self.entries:
            return sparse.csr_array((self.count, columns))
        row, column, value = (np.concatenate(part) for part in zip(*self.entries, strict=True))
        return sparse.csr_array((value, (row, column)), shape=(self.count, columns))

    def bounds(self) -> Floats:
        """The right-hand sides."""
        return np.concatenate(self.right) if self.right else np.zeros(0)


@dataclass(frozen=True, eq=False)
class Draft:
    """A program in the making: costs, bounds and rows."""

    at: Layout
    cost: Floats
    tie: Floats
    low: Floats
    high: Floats
    equal: Rows = field(default_factory=Rows)
    below: Rows = field(default_factory=Rows)
