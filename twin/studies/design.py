"""The runs of a study: which value each path has in each of them. Nothing is random that the seed does not fix."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.errors import InputError
from twin.studies.study import MOST_RUNS, Listed, Product, Sobol, Study, Years, Zip, paths_of

# A value for a path, and where in the study it is written: (path, value, place below the study)
Setting = tuple[str, Any, tuple[str | int, ...]]


@dataclass(frozen=True)
class Axis:
    """A part of ``vary`` written out: ``columns`` has the values of each path, ``count`` of them."""

    count: int
    columns: Mapping[str, list[Any]]
    places: Mapping[str, list[tuple[str | int, ...]]]

    def settings(self, at: int) -> Iterator[Setting]:
        """What the part sets in one of its runs; absent values are not set."""
        for path, values in self.columns.items():
            if values[at] is not ABSENT:
                yield path, values[at], self.places[path][at if len(self.places[path]) > 1 else 0]


ABSENT = object()  # a path that a listed run leaves as it is


@dataclass(frozen=True)
class Design:
    """All runs of a study by number: cases slowest, then the parts of ``vary``, the last fastest."""

    study: Study
    axes: tuple[Axis, ...]
    cases: tuple[str, ...]  # ("",) where nothing is compared

    @property
    def count(self) -> int:
        """Number of runs."""
        return len(self.cases) * math.prod(axis.count for axis in self.axes)

    @property
    def paths(self) -> list[str]:
        """Varied paths, in the order of the study."""
        return [path for axis in self.axes for path in axis.columns]

    def case(self, run: int) -> str:
        """Name of the alternative that a run belongs to; empty where nothing is compared."""
        return self.cases[run // (self.count // len(self.cases))]

    def settings(self, run: int) -> list[Setting]:
        """What a run sets: for all runs, for its case, then what is varied."""
        return [*self.common(self.case(run)), *self.varied(run)]

    def common(self, case: str) -> list[Setting]:
        """What the study sets for all runs, and what a case sets."""
        found: list[Setting] = [(path, value, ("set", path)) for path, value in self.study.set.items()]
        own = self.study.compare[case].set if case else {}
        return found + [(path, value, ("compare", case, "set", path)) for path, value in own.items()]

    def varied(self, run: int) -> list[Setting]:
        """What the parts of ``vary`` set in a run."""
        found: list[Setting] = []
        for axis in reversed(self.axes):
            run, at = divmod(run, axis.count)
            found = [*axis.settings(at), *found]
        return found


def design_of(study: Study) -> Design:
    """The runs of a study. Raises InputError where they are too many."""
    axes = tuple(_axis(part, ("vary", at), study.seed + at) for at, part in enumerate(study.vary))
    design = Design(study, axes, tuple(study.compare) or ("",))
    if design.count > MOST_RUNS:
        raise InputError(f"the study has {design.count:,} runs, {MOST_RUNS:,} at most")
    return design


def _axis(part: Any, at: tuple[str | int, ...], seed: int) -> Axis:
    if isinstance(part, Listed):
        columns = {path: [run.get(path, ABSENT) for run in part.runs] for path in paths_of(part)}
        listed: dict[str, list[tuple[str | int, ...]]] = {
            path: [(*at, "runs", i, path) for i in range(len(part.runs))] for path in columns
        }
        return Axis(len(part.runs), columns, listed)
    if isinstance(part, Years):
        grown = {path: [{"times": (1.0 + g) ** y} for y in range(part.years_count)] for path, g in part.growth.items()}
        return Axis(part.years_count, grown, {path: [(*at, "growth", path)] for path in grown})
    if isinstance(part, Zip):
        count = len(next(iter(part.values.values())))
        return Axis(count, part.values, _places(part.values, at))
    if isinstance(part, Product):
        return _product(part, at)
    shares = unit_sample(part.kind, part.samples_count, len(part.of), seed, isinstance(part, Sobol) and part.indices)
    drawn = {path: _drawn(d, shares[:, k]) for k, (path, d) in enumerate(part.of.items())}
    return Axis(len(shares), drawn, {path: [(*at, "of", path)] for path in part.of})


def _drawn(distribution: Any, shares: NDArray[np.float64]) -> list[Any]:
    values = distribution.quantiles(shares)
    return [{"times": value} for value in values] if distribution.relative else values


def _places(values: Mapping[str, list[Any]], at: tuple[str | int, ...]) -> dict[str, list[tuple[str | int, ...]]]:
    return {path: [(*at, "values", path, i) for i in range(len(column))] for path, column in values.items()}


def _product(part: Product, at: tuple[str | int, ...]) -> Axis:
    counts = [len(values) for values in part.values.values()]
    total = math.prod(counts)
    if total > MOST_RUNS:
        raise InputError(f"the study has {total:,} runs, {MOST_RUNS:,} at most")
    places, columns, listed = _places(part.values, at), {}, {}
    inner = total
    for path, values in part.values.items():
        inner //= len(values)
        order = [run // inner % len(values) for run in range(total)]
        columns[path] = [values[i] for i in order]
        listed[path] = [places[path][i] for i in order]
    return Axis(total, columns, listed)


def unit_sample(kind: str, count: int, width: int, seed: int, indices: bool = False) -> NDArray[np.float64]:
    """Points in the unit cube, shape (runs, width), the same for the same seed.

    With ``indices`` the rows are those of A, of B, and of A with each column from B, after Saltelli et al., Computer
    Physics Communications 181 (2010) 259-270.
    """
    random = np.random.default_rng(seed)
    if kind == "random":
        return _inside(random.random((count, width)))
    if kind == "latin_hypercube":
        strata = np.stack([random.permutation(count) for _ in range(width)], axis=1)
        return _inside((strata + random.random((count, width))) / count)
    if not indices:
        return _sobol(count, width, random)
    both = _sobol(count, 2 * width, random)
    first, second = both[:, :width], both[:, width:]
    mixed = [np.where(np.arange(width) == k, second, first) for k in range(width)]
    return np.concatenate([first, second, *mixed])


def _sobol(count: int, width: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Sobol points shifted by a random vector modulo 1 (Cranley and Patterson, SIAM J. Numer. Anal. 13, 1976)."""
    from scipy.stats.qmc import Sobol as Sequence  # takes time to load

    points = Sequence(width, scramble=False).random(count)
    return _inside((points + random.random(width)) % 1.0)


def _inside(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Neither 0 nor 1, at which an unbounded distribution has no value."""
    return np.clip(shares, 1e-12, 1.0 - 1e-12)
