"""Tables that a scenario names: whether the tariff and the emission factor in them can be used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, Field

from twin.components.grid.carbon import SubregionCarbon
from twin.components.grid.tariffs import FlatTariff, TariffTable, TimeOfUseTariff
from twin.errors import Fault, InputError, SpecFault
from twin.quantities import Spec
from twin.scenario.layers import Source
from twin.scenario.reading import validated
from twin.series.files import resolve
from twin.series.tariff_tables import FactorTable, in_force, subregion_factor
from twin.yaml_source import DataPath, dotted, load


class _Tabled(Spec):
    """What a tariff's table holds, one level down, so that it is read as a scenario is."""

    tariff: Annotated[FlatTariff | TimeOfUseTariff, Field(discriminator="kind")]
    """The tariff."""


def table_faults(grid: Any) -> Iterator[SpecFault]:
    """Faults of the tables that a grid connection names, each with its place in the table."""
    if isinstance(grid.tariff, TariffTable):
        try:
            in_force(grid.tariff)
        except InputError as error:
            faults = in_our_words(grid.tariff.file, _Tabled, ("tariff",)) or error.faults
            yield from (SpecFault(("tariff", "file"), str(fault)) for fault in faults)
    if isinstance(grid.carbon, SubregionCarbon):
        try:
            subregion_factor(grid.carbon)
        except InputError as error:
            faults = in_our_words(grid.carbon.file, FactorTable, ())
            yield from (SpecFault(("carbon", "file"), str(fault)) for fault in faults)
            if not faults:
                yield from (SpecFault(("carbon", "subregion"), fault.message) for fault in error.faults)


def mixed_bases(grid: Any) -> Iterator[SpecFault]:
    """Factors of another basis than the grid's average: direct and life-cycle are never mixed."""
    own = _basis_of(grid.carbon)
    others: list[tuple[DataPath, str | None]] = []
    if grid.marginal_carbon is not None:
        others.append((("marginal_carbon", "basis"), grid.marginal_carbon.basis))
    if grid.clean_power is not None:
        claims = grid.clean_power.claims.items()
        others += [(("clean_power", "claims", name, "basis"), claim.basis) for name, claim in claims]
        if grid.clean_power.residual is not None:
            others.append((("clean_power", "residual", "basis"), grid.clean_power.residual.basis))
    for path, basis in others:
        if own is not None and basis is not None and basis != own:
            yield SpecFault(path, f"is {basis}, the grid's average (carbon) is {own}: the two are never mixed")


def _basis_of(carbon: Any) -> str | None:
    """Basis of the average; None where a table that cannot be used would tell it, which is a fault of its own."""
    if not isinstance(carbon, SubregionCarbon):
        return str(carbon.basis)
    try:
        return subregion_factor(carbon).basis
    except InputError:
        return None


def in_our_words(file: str, model: type[BaseModel], above: DataPath) -> tuple[Fault, ...]:
    """The faults of a table, told as those of a scenario are; ``above`` is where the model holds the table."""
    try:
        document = load(resolve(file))
        if document.faults:
            return document.faults
        data: Any = document.data
        for key in reversed(above):
            data = {key: data}
        places = {(*above, *path): place for path, place in document.places.items()}
        validated(model, Source(document.name, data, {**places, (): document.place(())}))
    except InputError as error:
        top = dotted(above)
        return tuple(Fault(f.message, f.path.removeprefix(top).removeprefix("."), f.place) for f in error.faults)
    return ()
