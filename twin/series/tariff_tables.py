"""Tables of tariffs and emission factors in YAML files: this project's own form, read once and kept in memory."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from twin.components.grid.carbon import Basis, FlatCarbon, SubregionCarbon
from twin.components.grid.tariffs import FlatTariff, KnownTariff, TariffTable, TimeOfUseTariff
from twin.errors import Fault, InputError, Place, did_you_mean
from twin.series.files import content_of, resolve
from twin.yaml_source import Document, dotted, load, shown

_TABLED: TypeAdapter[FlatTariff | TimeOfUseTariff] = TypeAdapter(
    Annotated[FlatTariff | TimeOfUseTariff, Field(discriminator="kind")]
)


class _Factor(BaseModel):
    average_kgco2_per_kwh: float = Field(ge=0, le=5)


class FactorTable(BaseModel):
    """A table of emission factors; what else stands in it is for its readers."""

    title: str
    published: str | int
    basis: Basis
    subregions: dict[str, _Factor] = Field(min_length=1)


def in_force(tariff: KnownTariff | TariffTable, base: Path | None = None) -> KnownTariff:
    """The tariff itself, or the one in the table that it names.

    Raises
    ------
    InputError
        The table is missing, is not YAML, or does not hold a flat or time-of-use tariff; with line and path.
    """
    if not isinstance(tariff, TariffTable):
        return tariff
    path = resolve(tariff.file, base)
    return _tabled(path, content_of(path))


@functools.lru_cache(maxsize=64)
def _tabled(path: Path, _content: str) -> FlatTariff | TimeOfUseTariff:
    document = _document(path)
    try:
        return _TABLED.validate_python(document.data)
    except ValidationError as error:
        raise InputError(_faults(error, document)) from error


def _document(path: Path) -> Document:
    document = load(path)
    if document.faults:
        raise InputError(document.faults)
    return document


def _faults(error: ValidationError, document: Document) -> list[Fault]:
    faults = []
    for part in error.errors():
        loc = part["loc"][1:] if part["loc"][:1] in (("flat",), ("tou",)) else part["loc"]
        faults.append(Fault(part["msg"].removeprefix("Value error, "), dotted(loc), document.place(loc)))
    return faults


def subregion_factor(carbon: SubregionCarbon, base: Path | None = None) -> FlatCarbon:
    """The average factor of a subregion, with its basis and source, from the table that ``carbon`` names.

    Raises
    ------
    InputError
        The table is missing or has no such subregion; the nearest name is given.
    """
    path = resolve(carbon.file, base)
    return _factors(path, content_of(path), carbon.subregion)


@functools.lru_cache(maxsize=64)
def _factors(path: Path, _content: str, subregion: str) -> FlatCarbon:
    document = _document(path)
    try:
        table = FactorTable.model_validate(document.data)
    except ValidationError as error:
        raise InputError(_faults(error, document)) from error
    if subregion not in table.subregions:
        near = did_you_mean(subregion.upper()[:60], table.subregions)
        hint = near or f": there are {', '.join(sorted(table.subregions))}"
        raise InputError([Fault(f"no subregion {shown(subregion)}{hint}", "subregion", Place(str(path)))])
    source = f"{table.title}, subregion {subregion}, {table.published}"
    factor = table.subregions[subregion].average_kgco2_per_kwh
    return FlatCarbon(average_kgco2_per_kwh=factor, basis=table.basis, source=source)
