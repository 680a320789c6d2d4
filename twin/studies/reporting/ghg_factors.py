"""Factors that an inventory of greenhouse gases uses, read from their tables; mixtures are refused by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from twin.errors import InputError
from twin.studies.reporting.factors import Factor, FactorName, factor, refuse_mixture
from twin.studies.reporting.quantities import ReportingPeriod
from twin.studies.reporting.site import Site


@dataclass(frozen=True)
class UsedFactors:
    """Factors that an inventory uses."""

    diesel: Factor
    gases: tuple[Factor, ...]
    grid: Factor | None
    upstream: tuple[Factor, ...]
    diesel_upstream: Factor | None
    of_run: Factor | None


def read_factors(period: ReportingPeriod, site: Site, base: Path | None) -> UsedFactors:
    """The factors that the site's file names. Raises InputError where one is missing or two do not belong together."""
    diesel = factor(site.diesel, "kgCO2e/L", base)
    gases = tuple(
        factor(FactorName(file=site.refrigerant_table, name=one.name), "kgCO2e/kg", base)
        for one in site.refrigerants or ()
    )
    grid = factor(site.electricity, "kgCO2e/kWh", base) if site.electricity else None
    upstream = tuple(factor(one, "kgCO2e/kWh", base) for one in site.upstream)
    burnt = [diesel] if period.quantities["diesel_l"].value is not None else []
    refuse_mixture([*burnt, *gases], "scope 1")
    own = _of_run(period)
    if average := grid or own:
        _refuse_in_scope2(average, site)
    fuel = factor(site.diesel_upstream, "kgCO2e/L", base) if site.diesel_upstream else None
    before = [*upstream, fuel] if fuel else [*upstream]
    if wrong := next((one for one in before if one.basis != "upstream"), None):
        raise InputError(f"scope 3 category 3: {wrong.label} is {wrong.basis}, an upstream factor is needed")
    refuse_mixture(before, "scope 3 category 3")
    return UsedFactors(diesel, gases, grid, upstream, fuel, own)


def _of_run(period: ReportingPeriod) -> Factor | None:
    """The factor that a run had, as its emissions over the energy purchased; none where meters tell."""
    told, bought = (period.quantities[key] for key in ("scope2_location_kgco2", "grid_import_kwh"))
    if period.nature == "metered" or told.value is None or not bought.value:
        return None
    table, sha256 = next(iter(period.factors_sha256.items()), ("", ""))
    life = "life cycle" in told.source
    return Factor(
        "electricity of the run", told.value / bought.value, "kgCO2e/kWh", "life_cycle" if life else "direct", None,
        "electricity, mean over the energy purchased", "the factor of the scenario", None, told.source,
        "as data/SOURCES.md states for its table" if table else "as its source states", table, sha256, True,
    )  # fmt: skip


def _refuse_in_scope2(grid: Factor, site: Site) -> None:
    if grid.basis == "upstream":
        raise InputError(f"scope 2: {grid.label} is upstream: it belongs in scope 3 category 3")
    if site.residual is not None and site.residual.basis != grid.basis:
        raise InputError(
            f"scope 2: mixes bases: {grid.basis} in {grid.label}, {site.residual.basis} in the residual mix of "
            f"{site.residual.source}"
        )
    if grid.basis == "life_cycle" and site.upstream:
        raise InputError(f"scope 2: mixes bases: {grid.label} is life_cycle and has what upstream factors count again")
