"""What a figure depends on, from the runs of a study: Sobol indices, main effects for a tornado, percentile bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.studies.study import Listed, Part, Product, Sampled, Sobol, Study, Years, Zip, paths_of

PERCENTILES = (5, 25, 50, 75, 95)
BINS = 5  # of a varied number: the mean of the lowest fifth beside that of the highest


@dataclass(frozen=True)
class Effect:
    """How the mean of a figure moves with a path: where it is least and largest, and at which values."""

    path: str
    low: float
    high: float
    at_low: str
    at_high: str

    @property
    def span(self) -> float:
        """Length of the tornado's bar."""
        return self.high - self.low


@dataclass(frozen=True)
class Index:
    """Share of a figure's variance due to a path: alone, and with all that it interacts with; standard errors."""

    path: str
    first: float
    total: float
    first_error: float = 0.0
    total_error: float = 0.0


def effects(table: pd.DataFrame, paths: Sequence[str], figure: str) -> list[Effect]:
    """Main effect of each path, the largest first: means by value, or by fifths where there are many numbers."""
    found = []
    for path in paths:
        groups = _groups(table[path])
        if groups is None:
            continue
        means = table[figure].groupby(groups, observed=True).mean().dropna()
        if len(means) > 1:
            low, high = means.idxmin(), means.idxmax()
            found.append(Effect(path, float(means.min()), float(means.max()), str(low), str(high)))
    return sorted(found, key=lambda effect: -effect.span)


def _groups(values: pd.Series) -> pd.Series | None:
    if values.nunique() < 2:
        return None
    if values.dtype != np.float64 or values.nunique() <= 2 * BINS:
        return values.map(lambda value: f"{value:g}" if isinstance(value, float) else value)
    edges = np.quantile(values.dropna(), np.linspace(0, 1, BINS + 1))
    at = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, BINS - 1)
    words = [f"{float(f'{edge:.4g}'):g}" for edge in edges]  # four digits, and 10690 rather than 1.069e+04
    labels = [f"{low} to {high}" for low, high in pairwise(words)]
    return pd.Series([labels[i] for i in at], index=values.index)


def bands(table: pd.DataFrame, figures: Sequence[str]) -> pd.DataFrame:
    """Percentiles of figures, shape (figures, percentiles), with linear interpolation between runs."""
    rows = {name: np.percentile(table[name].dropna(), PERCENTILES) for name in figures if table[name].notna().any()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=[f"p{p}" for p in PERCENTILES])


def is_sampled(study: Study) -> bool:
    """Whether a part of the study is drawn from distributions."""
    return any(isinstance(part, Sampled | Sobol) for part in study.vary)


def saltelli_part(study: Study) -> Sobol | None:
    """The part of a study that Sobol indices can be had of."""
    return next((part for part in study.vary if isinstance(part, Sobol) and part.indices), None)


def independent(study: Study, table: pd.DataFrame) -> pd.DataFrame:
    """Runs that are drawn independently: of Saltelli's design the first two blocks."""
    part = saltelli_part(study)
    if part is None:
        return table
    return table[_row_of(study, table) < 2 * part.samples_count]


def _row_of(study: Study, table: pd.DataFrame) -> NDArray[np.int64]:
    """Row of the design with indices that each run takes."""
    inner = 1
    for part in reversed(study.vary):
        count = part_count(part)
        if isinstance(part, Sobol) and part.indices:
            return np.asarray(table["run"] // inner % count, np.int64)
        inner *= count
    return np.zeros(len(table), np.int64)


def part_count(part: Part) -> int:
    """Runs of a part of ``vary``."""
    if isinstance(part, Years):
        return part.years_count
    if isinstance(part, Listed):
        return len(part.runs)
    if isinstance(part, Zip):
        return len(next(iter(part.values.values())))
    if isinstance(part, Product):
        return int(np.prod([len(values) for values in part.values.values()]))
    indices = isinstance(part, Sobol) and part.indices
    return part.samples_count * (len(part.of) + 2 if indices else 1)


def sobol_indices(study: Study, table: pd.DataFrame, figure: str) -> list[Index]:
    """First-order and total indices of the paths of Saltelli's design, after Saltelli et al. (2010) and Jansen (1999).

    Empty where the study has no such design or a run of it failed. First order: mean of f_B (f_ABi - f_A) over the
    variance; total: half the mean of (f_A - f_ABi)^2 over it (table 2, rows b and f).
    """
    part = saltelli_part(study)
    if part is None:
        return []
    paths, n = paths_of(part), part.samples_count
    rows = pd.Series(table[figure].to_numpy(), index=_row_of(study, table)).groupby(level=0).mean()
    if len(rows) < n * (len(paths) + 2) or rows.isna().any():
        return []
    values = rows.sort_index().to_numpy().reshape(len(paths) + 2, n)
    values = values - values[:2].mean()
    first, second, mixed = values[0], values[1], values[2:]
    variance = np.concatenate([first, second]).var()
    if not variance > 0:
        return []
    alone = [_mean(second * (one - first) / variance) for one in mixed]
    whole = [_mean((first - one) * (first - one) / (2.0 * variance)) for one in mixed]
    found = [Index(path, a[0], w[0], a[1], w[1]) for path, a, w in zip(paths, alone, whole, strict=True)]
    return sorted(found, key=lambda index: -index.total)


def _mean(values: NDArray[np.float64]) -> tuple[float, float]:
    """Mean of a sample and its standard error; that of the variance it was divided by is left out."""
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(values.size))
