"""Factor tables: what a unit of energy, fuel or refrigerant emits, with source, year, basis, report and licence.

A factor is named by file and name, as in ``{file: data:factors/uk_desnz_2025.yaml, name: electricity}``; a file of the
user's in the same form takes the place of a shipped one. Factors of different bases, or of different assessment reports
of the IPCC, are not added up: :func:`refuse_mixture` says by name which two do not belong together.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from twin.errors import Fault, InputError, Place, did_you_mean
from twin.quantities import Spec
from twin.references import InputFile
from twin.series.files import content_of, resolve
from twin.yaml_source import dotted, load, shown

Basis = Literal["direct", "life_cycle", "upstream"]
GwpSet = Literal["AR4", "AR5", "AR6"]


class FactorName(Spec):
    """A factor in a table."""

    file: InputFile
    """The table; ``data:PATH`` is a shipped one."""
    name: str
    """Name of the factor in it."""


@dataclass(frozen=True)
class Factor:
    """One factor and where it comes from."""

    name: str
    value: float
    unit: str
    basis: Basis | None
    gwp_set: GwpSet | None
    what: str
    title: str
    data_year: int | None
    source: str
    licence: str
    file: str
    sha256: str
    verified: bool

    @property
    def label(self) -> str:
        """Name, table and year on one line."""
        return f"{self.name} of {self.title} ({self.value:g} {self.unit})"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")
    value: float = Field(ge=0, allow_inf_nan=False)
    unit: Literal["kgCO2e/kWh", "kgCO2e/L", "kgCO2e/kg", "kgCO2e/m3"]
    basis: Basis | None = None
    gwp_set: GwpSet | None = None
    what: str = ""
    verified: bool = True
    data_year: int | None = None  # where it is not that of the table
    source: str = ""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    publisher: str
    data_year: int
    source: str
    licence: str
    factors: dict[str, _Entry] = Field(min_length=1)


class _Subregion(BaseModel):
    average_kgco2_per_kwh: float = Field(ge=0, le=5)


class _Subregions(BaseModel):
    """The form of data/emission_factors.yaml, which scenarios read as well."""

    title: str
    publisher: str
    data_year: int
    source: str
    basis: Basis
    subregions: dict[str, _Subregion] = Field(min_length=1)


def factor(named: FactorName, unit: str, base: Path | None = None) -> Factor:
    """The factor of that name, which must be in ``unit``; relative files start at ``base``.

    Raises
    ------
    InputError
        The table is missing or not of the form, has no such factor, or has it in another unit.
    """
    path = resolve(named.file, base)
    table = _table(path)
    entry = table.factors.get(named.name)
    if entry is None:
        near = did_you_mean(named.name, table.factors) or f": there are {', '.join(sorted(table.factors))}"
        raise InputError([Fault(f"no factor {shown(named.name)}{near}", "factors", Place(str(path)))])
    if entry.unit != unit:
        raise InputError([Fault(f"is in {entry.unit}, {unit} is needed", f"factors.{named.name}", Place(str(path)))])
    return Factor(
        named.name, entry.value, entry.unit, entry.basis, entry.gwp_set, entry.what, table.title,
        entry.data_year or table.data_year, entry.source or table.source, table.licence, named.file, content_of(path),
        entry.verified,
    )  # fmt: skip


def _table(path: Path) -> _Table:
    """The table, read anew when its file has changed: a study reports thousands of runs with the same tables."""
    return _read(path, content_of(path))


@functools.lru_cache(maxsize=64)
def _read(path: Path, _content: str) -> _Table:
    document = load(path)
    if document.faults:
        raise InputError(document.faults)
    try:
        if isinstance(document.data, dict) and "subregions" in document.data:
            return _from_subregions(_Subregions.model_validate(document.data))
        return _Table.model_validate(document.data)
    except ValidationError as error:
        raise InputError(
            [Fault(part["msg"], dotted(part["loc"]), document.place(part["loc"])) for part in error.errors()]
        ) from error


def _from_subregions(table: _Subregions) -> _Table:
    entries = {
        name: _Entry(value=one.average_kgco2_per_kwh, unit="kgCO2e/kWh", basis=table.basis, what=f"subregion {name}")
        for name, one in table.subregions.items()
    }
    return _Table(
        title=table.title, publisher=table.publisher, data_year=table.data_year, source=table.source,
        licence="as data/SOURCES.md states for this table", factors=entries,
    )  # fmt: skip


def refuse_mixture(factors: Iterable[Factor], what: str) -> None:
    """Refuse factors whose bases or assessment reports differ, with the names of two that do.

    Those that state no basis (a refrigerant's) or no report agree with all. Upstream factors are a part of scope 3 of
    their own: beside a life-cycle factor, which has them in it already, they count twice.

    Raises
    ------
    InputError
        ``what: mixes ...`` with both names.
    """
    found = list(factors)
    for key, words in (("basis", "bases"), ("gwp_set", "assessment reports")):
        named = [one for one in found if getattr(one, key) is not None]
        for other in named[1:]:
            first, second = getattr(named[0], key), getattr(other, key)
            if first != second:
                raise InputError(f"{what}: mixes {words}: {first} in {named[0].label}, {second} in {other.label}")
