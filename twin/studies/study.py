"""A study: a base scenario, what is varied and compared, what is kept of each run, and what bounds it.

A path is dotted as for ``--set``; ``*`` stands for every name of a mapping that the base has there, so that
``halls.*.air.supply_air_c`` sets all halls at once. A value ``{times: 1.1}`` is a factor on the base's number.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from twin.components.base import Name
from twin.errors import InputError, SpecFault, refuse
from twin.quantities import Spec
from twin.references import InputFile
from twin.scenario.overrides import path_of
from twin.scenario.reading import read_document, validated
from twin.studies.distributions import Distribution, Number
from twin.studies.tenyears import Plan

MOST_RUNS = 1_000_000  # more is a slip of the pen: their index alone would not fit into memory


def _path(text: str) -> str:
    if path_of(text) is None:
        raise ValueError(f"must be a path such as halls.*.air.supply_air_c, got {text!r}")
    return text


DottedPath = Annotated[str, AfterValidator(_path)]
Settings = dict[DottedPath, Any]


class Product(Spec):
    """Every value of each path with every value of the others; the last path changes fastest."""

    kind: Literal["product"]
    values: dict[DottedPath, Annotated[list[Any], Field(min_length=1)]] = Field(min_length=1)
    """Values by path."""


class Zip(Spec):
    """Values that change together: first with first, second with second."""

    kind: Literal["zip"]
    values: dict[DottedPath, Annotated[list[Any], Field(min_length=1)]] = Field(min_length=1)
    """Values by path, equally many of each."""

    @model_validator(mode="after")
    def _equally_many(self) -> Self:
        counts = {path: len(values) for path, values in self.values.items()}
        if len(set(counts.values())) > 1:
            listed = ", ".join(f"{path} {count}" for path, count in counts.items())
            raise SpecFault(("values",), f"must hold equally many values of each path, got {listed}")
        return self


class Listed(Spec):
    """Runs written out one by one."""

    kind: Literal["list"]
    runs: list[Settings] = Field(min_length=1)
    """Settings of each run; what a run does not set stays as in the base."""


class Sampled(Spec):
    """A sample of distributions, the same for the same seed."""

    kind: Literal["latin_hypercube", "random"]
    samples_count: int = Field(ge=1, le=MOST_RUNS)
    """Number of runs."""
    of: dict[DottedPath, Distribution] = Field(min_length=1)
    """Distributions by path; independent of each other."""


class Sobol(Spec):
    """A Sobol sequence, shifted at random; with ``indices``, Saltelli's design, which gives Sobol indices."""

    kind: Literal["sobol"]
    samples_count: int = Field(ge=2, le=MOST_RUNS)
    """Points, a power of two; with indices, each takes as many runs as there are paths, and two more."""
    indices: bool = False
    """Whether first-order and total indices shall be computed: runs of Saltelli's design (2010)."""
    of: dict[DottedPath, Distribution] = Field(min_length=1)
    """Distributions by path; independent of each other."""

    @model_validator(mode="after")
    def _power_of_two(self) -> Self:
        n = self.samples_count
        if n & (n - 1):
            lower = 2 ** int(math.log2(n))
            raise SpecFault(("samples_count",), f"must be a power of two, got {n} (next: {lower} and {2 * lower})")
        return self


class Years(Spec):
    """Years of growth: each path is the base's number times (1 + growth)^year."""

    kind: Literal["years"]
    years_count: int = Field(ge=1, le=100)
    """Number of years, the first as the base."""
    growth: dict[DottedPath, Number] = Field(min_length=1)
    """Yearly growth by path, as a share."""


Part = Product | Zip | Listed | Sampled | Sobol | Years
Vary = Annotated[Part, Field(discriminator="kind")]


class Case(Spec):
    """One of the alternatives that a study compares."""

    base: InputFile | None = None
    """Scenario file in place of the study's base."""
    set: Settings = Field(default_factory=dict)
    """Settings of this alternative."""


class Keep(Spec):
    """What is kept of each run beside its key figures."""

    series: list[str] = Field(default_factory=list)
    """Outputs whose series are kept, such as grid.meter.import_kw."""
    full: list[int] | Literal["all"] = Field(default_factory=list)
    """Numbers of the runs of which all results are kept as files."""


class Bound(Spec):
    """Bounds of a key figure; a run beyond them is marked."""

    at_most: Number | None = None
    """Largest value that holds."""
    at_least: Number | None = None
    """Least value that holds."""

    @model_validator(mode="after")
    def _states_one(self) -> Self:
        if self.at_most is None and self.at_least is None:
            raise ValueError("must state at_most, at_least or both")
        return self


class Ranking(Spec):
    """What runs are compared by."""

    by: str = ""
    """Key figure that runs are ranked by; left out: the first objective."""
    objectives: list[str] = Field(default_factory=list)
    """Key figures of the Pareto front; left out: cost, carbon, water, peak and work, where runs differ in them."""
    within: Literal["", "case"] | DottedPath = ""
    """What is no choice, such as the climate: `case` or a varied path. Each of its values has ranks of its own."""


class Study(Spec):
    """Many runs of a scenario, and what is to be learnt from them."""

    name: str = Field(min_length=1, max_length=200)
    """Name of the study."""
    description: str = ""
    """What it asks, in a sentence or two."""
    base: InputFile
    """Scenario that is varied."""
    seed: int = Field(0, ge=0)
    """Start of all that is drawn at random."""
    set: Settings = Field(default_factory=dict)
    """Settings of all runs, on top of the base."""
    vary: list[Vary] = Field(default_factory=list)
    """What is varied; several parts multiply, the last changes fastest."""
    compare: dict[Name, Case] = Field(default_factory=dict)
    """Alternatives, by name; each goes through all that is varied. None: the base alone."""
    keep: Keep = Field(default_factory=Keep)
    """What is kept of each run."""
    plan: Plan | None = None
    """What the years of a study come to in money per unit of work; its only variation are years of 8760 h."""
    constraints: dict[str, Bound] = Field(default_factory=dict)
    """Bounds by key figure, such as max_rack_inlet_c."""
    rank: Ranking = Field(default_factory=Ranking)
    """What runs are compared by."""

    @model_validator(mode="after")
    def _paths_once(self) -> Self:
        refuse(_twice(self))
        known = ["case", *dict.fromkeys(path for part in self.vary for path in paths_of(part))]
        if self.rank.within and self.rank.within not in known:
            raise SpecFault(("rank", "within"), f"must be one of {', '.join(known)}, got {self.rank.within!r}")
        if self.plan is not None and [part.kind for part in self.vary] != ["years"]:
            raise SpecFault(("plan",), "needs `vary` to be one part of kind years")
        return self


def _twice(study: Study) -> list[SpecFault]:
    """Paths that two parts of ``vary`` would both set, and more than one part with indices."""
    seen: dict[str, int] = {}
    faults = []
    for at, part in enumerate(study.vary):
        for path in dict.fromkeys(paths_of(part)):
            if path in seen:
                faults.append(SpecFault(("vary", at), f"{path} is varied by vary[{seen[path]}], too"))
            seen.setdefault(path, at)
    designs = [at for at, part in enumerate(study.vary) if isinstance(part, Sobol) and part.indices]
    faults += [SpecFault(("vary", at, "indices"), "only one part of a study can have indices") for at in designs[1:]]
    return faults


def paths_of(part: Part) -> list[str]:
    """Paths that a part of ``vary`` sets, in its order."""
    if isinstance(part, Listed):
        return list(dict.fromkeys(path for run in part.runs for path in run))
    if isinstance(part, Years):
        return list(part.growth)
    return list(part.values if isinstance(part, Product | Zip) else part.of)


def read_study(path: Path) -> tuple[Study, Any]:
    """A study file and its places. Raises InputError with every fault, sorted by place."""
    source = read_document(path, (), Study)
    if isinstance(source.data, dict) and "strategies" in source.data:
        raise InputError(f"{path}: is a study of strategies, which runs with: twin strategies {path}")
    if isinstance(source.data, dict) and "base" not in source.data and "halls" in source.data:
        raise InputError(f"{path}: is a scenario and no study: a study names one, such as base: {path.name}")
    return validated(Study, source), source
