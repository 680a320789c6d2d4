"""A long linear program from a start: its months are solved one after the other, then by two, by four, and whole.

The bases stand on each other like blocks of a triangle (no month looks at a later one), so together they are a basis of
what they make up, and its simplex has only to mend what lies around the ends of months. Most ends are mended while
programs are still small. Needs highspy (``pip install
datacenter-twin[opt]``); scipy has no way to give a start.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from scipy import sparse

from twin.studies.planning.draft import Floats, Integers

LEAST_COLUMNS = 10_000  # smaller programs are solved faster without
PRIMAL = 4  # HiGHS's simplex_strategy: the start holds all rows, it is only not the best


def highspy() -> Any:
    """The solver's own interface, or None where it is not installed."""
    try:
        return importlib.import_module("highspy")
    except ImportError:
        return None


def warm(cost: Floats, rows: sparse.csr_array, least: Floats, most: Floats, low: Floats, high: Floats,
         part: Integers) -> tuple[Floats, Floats] | None:  # fmt: skip
    """The best x of ``least <= rows x <= most``, ``low <= x <= high``, and the multipliers of its rows.

    ``part`` is the month of each column. None where there is no highspy, a month has no solution by itself, or the
    whole is not solved: solve without start.
    """
    solver = highspy()
    months = np.unique(part)
    if solver is None or part.size < LEAST_COLUMNS or months.size < 2:
        return None
    entries = rows.tocoo()
    row_part = np.full(least.size, months[0], dtype=np.int64)
    np.maximum.at(row_part, entries.row, part[entries.col])
    x, columns, held = np.zeros(cost.size), np.empty(cost.size, dtype=object), np.empty(least.size, dtype=object)
    together = 1
    while True:
        for number in np.unique(part // together):
            own, before = part // together == number, part // together < number
            row = np.flatnonzero(row_part // together == number)
            piece = rows[row]
            known = piece[:, before] @ x[before]
            start = (columns[own], held[row]) if together > 1 else None
            found = _run(solver, cost[own], piece[:, own], least[row] - known, most[row] - known, low[own], high[own],
                         start)  # fmt: skip
            if found is None:
                return None
            x[own], duals, columns[own], held[row] = found
        if together > months[-1]:
            return x, duals
        together *= 2


def _run(solver: Any, cost: Floats, rows: Any, least: Floats, most: Floats, low: Floats, high: Floats,
         start: tuple[Any, Any] | None = None) -> tuple[Floats, Floats, Any, Any] | None:  # fmt: skip
    """Values, multipliers and basis; None unless it is optimal."""
    run, lp, matrix = solver.Highs(), solver.HighsLp(), rows.tocsc()
    run.setOptionValue("output_flag", False)
    run.setOptionValue("threads", 1)
    run.setOptionValue("solver", "simplex")
    lp.num_col_, lp.num_row_ = cost.size, least.size
    lp.col_cost_, lp.col_lower_, lp.col_upper_, lp.row_lower_, lp.row_upper_ = cost, low, high, least, most
    lp.a_matrix_.format_ = solver.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    run.passModel(lp)
    if start is not None:
        basis = solver.HighsBasis()
        basis.col_status, basis.row_status, basis.valid = list(start[0]), list(start[1]), True
        run.setBasis(basis)
        run.setOptionValue("simplex_strategy", PRIMAL)
    run.run()
    if run.getModelStatus() != solver.HighsModelStatus.kOptimal:
        return None
    found, basis = run.getSolution(), run.getBasis()
    return np.array(found.col_value), np.array(found.row_dual), _listed(basis.col_status), _listed(basis.row_status)


def _listed(statuses: Any) -> Any:
    held = np.empty(len(statuses), dtype=object)
    held[:] = list(statuses)
    return held
