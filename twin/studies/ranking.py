"""Which runs of a study are best, and which are worth a look: rank by one figure, Pareto front of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

WORK = "work_served"  # all work done, where the scenarios state any; the only figure of which more is better
OBJECTIVES: Mapping[str, str] = {
    "total_cost": "cost",
    "emissions_kgco2": "carbon",
    "water_use_m3": "water",
    "peak_grid_kw": "peak",
    WORK: "work",
}


def with_work(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the work of all classes added up, where classes are of one unit of work."""
    served = [name for name in map(str, table.columns) if name.startswith("workloads.") and name.endswith(".served")]
    return table.assign(**{WORK: table[served].sum(axis=1, min_count=1)}) if served else table


def objectives_of(table: pd.DataFrame) -> list[str]:
    """Objectives that the runs state and differ in."""
    return [name for name in OBJECTIVES if name in table and table[name].nunique() > 1]


def sound(table: pd.DataFrame) -> pd.DataFrame:
    """Runs that did not fail and keep all bounds."""
    return table[(table["error"] == "") & (table["violations"] == "")]


def ranked(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """Runs in the order of a figure, the best first; equals stay in the order of the study."""
    return table.sort_values(by, ascending=by != WORK, kind="stable")


def pareto(table: pd.DataFrame, objectives: Sequence[str]) -> NDArray[np.bool_]:
    """Which runs no other run beats: better in one objective and worse in none. Equal runs are in the front together.

    Shape (runs,). A run that does not state an objective is never in it.
    """
    costs = np.column_stack([table[name] * (-1.0 if name == WORK else 1.0) for name in objectives]).astype(float)
    front = np.isfinite(costs).all(axis=1)
    for at in np.flatnonzero(front):
        others = costs[front]
        if front[at]:
            no_worse, better = (others <= costs[at]).all(axis=1), (others < costs[at]).any(axis=1)
            front[at] = not (no_worse & better).any()
    return front
