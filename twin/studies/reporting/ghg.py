"""GHG Protocol: scopes 1 and 2, scope 3 categories 2, 3 and 13; SCI (ISO/IEC 21031); carbon-free share by the hour.

Sources: GHG Protocol Scope 2 Guidance (2015): two totals; losses and upstream emissions are scope 3 category 3, so a
scope-2 factor is direct. What has no value is a reason; nothing counts as zero because it is not known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from twin.errors import InputError
from twin.studies.reporting.fact import Fact, cited, derived
from twin.studies.reporting.factors import Factor, FactorName, factor, refuse_mixture
from twin.studies.reporting.measures import (
    carbon_free_score,
    embodied_share,
    market_based_kgco2,
    software_carbon_intensity,
)
from twin.studies.reporting.quantities import Interval, Quantity, ReportingPeriod, hours_of
from twin.studies.reporting.site import Instrument, Site

GHG, SCI, CFE = "GHG Protocol", "SCI (ISO/IEC 21031)", "24/7 carbon-free energy"
DRAFT = "draft of the revised Scope 2 Guidance (consultation of 2025): matched by the hour, not in force"
KG = "kgCO2e"
RESIDUAL_YEARS = 2  # a residual mix that is older is told to be so


@dataclass(frozen=True)
class _Table:
    """Factors that an inventory uses."""

    diesel: Factor
    gases: tuple[Factor, ...]
    grid: Factor | None
    upstream: tuple[Factor, ...]
    diesel_upstream: Factor | None
    of_run: Factor | None


def ghg(period: ReportingPeriod, site: Site, base: Path | None = None) -> tuple[list[Fact], list[Factor], Quantity]:
    """Figures, the factors behind them, and the emissions of the energy used, for CUE.

    Raises
    ------
    InputError
        A factor that is missing or in another unit; bases or assessment reports that are mixed, by name.
    """
    used = _read(period, site, base)
    one = _scope1(period, site, used)
    location = _location(period, used)
    market = _market(period, site, location, used)
    rest = [*_scope3(period, site, used), *_tenants(period, site, location, market[0]), _sci(period, site, location)]
    energy = _energy(period, one[0], location)
    factors = [used.diesel] * (period.quantities["diesel_l"].value is not None) + [*used.gases, *used.upstream]
    factors += [one for one in (used.grid or used.of_run, used.diesel_upstream) if one]
    facts = [*one, location, *market, *rest, energy, *_carbon_free(period)]
    return facts, factors, energy.as_quantity()


def _read(period: ReportingPeriod, site: Site, base: Path | None) -> _Table:
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
    return _Table(diesel, gases, grid, upstream, fuel, own)


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


def _scope1(period: ReportingPeriod, site: Site, used: _Table) -> list[Fact]:
    diesel = derived(
        period, "ghg.scope1_diesel", GHG, "Scope 1, diesel of generators", KG, "litres x factor", ("diesel_l",),
        lambda litres: litres * used.diesel.value, factors=cited(used.diesel),
    )  # fmt: skip
    leaked = None
    if site.refrigerants is not None:
        pairs = zip(site.refrigerants, used.gases, strict=True)
        leaked = sum(one.charge_kg * one.leak_frac * gas.value for one, gas in pairs) * period.years
    gases = Fact(
        "ghg.scope1_refrigerants", GHG, "Scope 1, refrigerants that leaked", leaked, KG,
        f"charge x leak rate of a year x GWP100 x {period.years:.4f} years", factors=cited(*used.gases),
        quality="estimated", source="the site's file", reason="refrigerants are not stated in the site's file",
    )  # fmt: skip
    total = derived(
        period, "ghg.scope1", GHG, "Scope 1", KG, "diesel + refrigerants",
        {one.name: one.as_quantity() for one in (diesel, gases)}, lambda a, b: a + b,
    )  # fmt: skip
    return [diesel, gases, total]


def _location(period: ReportingPeriod, used: _Table) -> Fact:
    told, words = period.quantities["scope2_location_kgco2"], ("ghg.scope2_location", GHG, "Scope 2, location-based")
    grid = used.grid
    if grid is None:
        why = "no factor of electricity is stated (electricity, in the site's file)"
        value = told if told.value is not None else Quantity(None, period.nature, "", why)
        own, parts = used.of_run, {"quantity.scope2_location_kgco2": value}
        if own:
            parts["quantity.grid_import_kwh"] = period.quantities["grid_import_kwh"]
        return derived(
            period, *words, KG, "sum over time of energy purchased x factor", parts, lambda kg, *_: kg,
            basis=told.source, factors=cited(own) if own else (),
        )  # fmt: skip
    basis = f"location-based average, {grid.basis}" + (
        "; a life-cycle factor overstates scope 2" if grid.basis == "life_cycle" else ""
    )
    return derived(period, *words, KG, "purchased energy x factor", ("grid_import_kwh",), lambda e: e * grid.value,
                   basis=basis, factors=cited(grid))  # fmt: skip


def _market(period: ReportingPeriod, site: Site, location: Fact, used: _Table) -> list[Fact]:
    name, words = "ghg.scope2_market", "Scope 2, market-based (2015)"
    formula = "sum of instruments x their factors + what is left x residual mix"
    run = period.figures.get("emissions_market_kgco2") if period.figures else None
    if site.instruments is None and run:
        return [_taken(period, name, words, run, "emissions_market_kgco2"), _hourly(period, site)]
    bought = period.quantities["grid_import_kwh"]
    if site.instruments is None:
        gone = Quantity(None, period.nature, "", "instruments are not stated in the site's file (an empty list: none)")
        return [derived(period, name, GHG, words, KG, formula, {"instruments": gone}, lambda x: x),
                _hourly(period, site)]  # fmt: skip
    held = [one for one in site.instruments if one.counts]
    pairs = [(one.energy_kwh, one.kgco2_per_kwh) for one in held]
    rate, basis = _residual(period, site, location, bought, used)
    fact = derived(
        period, name, GHG, words, KG, formula, {"quantity.grid_import_kwh": bought, "residual": rate},
        lambda kwh, left: market_based_kgco2(kwh, pairs, left), basis=basis,
        factors=(*(_told(one) for one in held), basis),
    )  # fmt: skip
    return [fact, _hourly(period, site)]


def _told(one: Instrument) -> str:
    return f"{one.kind}: {one.energy_kwh:g} kWh at {one.kgco2_per_kwh:g} {KG}/kWh; {one.source}"


def _residual(
    period: ReportingPeriod, site: Site, location: Fact, bought: Quantity, used: _Table
) -> tuple[Quantity, str]:
    """Factor of what no instrument covers: the residual mix, else the location-based average, which is told."""
    if site.residual is not None:
        one = site.residual
        age = int(period.ends["start_local"][:4]) - one.data_year
        late = f", {age} years older than the period" if age > RESIDUAL_YEARS else ""
        text = f"residual mix {one.kgco2_per_kwh:g} {KG}/kWh, data of {one.data_year}{late}, {one.basis}; {one.source}"
        return Quantity(one.kgco2_per_kwh, "metered", text), text
    if location.number is None or not bought.value:
        return Quantity(None, "estimated", "", "no residual mix is stated, and there is no location-based factor"), ""
    rate = used.grid.value if used.grid else location.number / bought.value
    text = f"no residual mix is stated: the location-based average, {rate:.6g} {KG}/kWh, stands in for it"
    return Quantity(rate, "estimated", text), text


def _taken(period: ReportingPeriod, name: str, words: str, figure: object, own: str) -> Fact:
    """A figure that the run has computed itself."""
    told = dict(figure) if isinstance(figure, dict) else {}
    return Fact(name, GHG, words, told.get("value"), told.get("unit", ""), "as the run computed it", inputs=(),
                basis=str(told.get("basis", "")), quality=period.nature, source=f"metrics.json of the run, {own}",
                reason=str(told.get("reason", "")))  # fmt: skip


def _hourly(period: ReportingPeriod, site: Site) -> Fact:
    name, words = "ghg.scope2_market_hourly", "Scope 2, market-based by the hour (draft)"
    run = period.figures.get("emissions_market_hourly_kgco2") if period.figures else None
    if run:
        return _taken(period, name, words, run, "emissions_market_hourly_kgco2")
    hours, why = _hours(period, ("grid_import_kwh", "clean_kwh"))
    if not why and site.residual is None:
        why = "no residual mix is stated"
    value = None
    if not why and site.residual is not None:
        left = sum(max(0.0, _at(h, "grid_import_kwh") - _at(h, "clean_kwh")) for h in hours)
        value = left * site.residual.kgco2_per_kwh
    return Fact(name, GHG, words, value, KG, "sum over hours of max(0, purchased - carbon-free) x residual mix",
                inputs=("quantity.grid_import_kwh", "quantity.clean_kwh"), basis=DRAFT, quality=period.nature,
                reason=why, verified=False)  # fmt: skip


def _hours(period: ReportingPeriod, keys: Sequence[str]) -> tuple[list[Interval], str]:
    """Hours (or finer) that tell all keys, or why there are none."""
    if not period.intervals or any(one.hours > 1.0 for one in period.intervals):
        return [], "no hourly values are told"
    lacking = [key for key in keys if any(one.values.get(key) is None for one in period.intervals)]
    return ([], f"hourly values lack {', '.join(lacking)}") if lacking else (list(period.intervals), "")


def _at(interval: Interval, key: str) -> float:
    return float(interval.values[key] or 0.0)


def _carbon_free(period: ReportingPeriod) -> list[Fact]:
    words = {"cfe.score": ("cfe_score", "24/7 carbon-free score"),
             "cfe.by_volume": ("cfe_by_volume", "Carbon-free energy by volume")}  # fmt: skip
    taken = [_taken(period, name, text, period.figures[own], own) for name, (own, text) in words.items()
             if period.figures and own in period.figures]  # fmt: skip
    if taken:
        return taken
    hours, why = _hours(period, ("edc_kwh", "clean_kwh", "grid_cfe_frac"))
    score = None
    if hours:
        load, clean, share = ([_at(h, key) for h in hours] for key in ("edc_kwh", "clean_kwh", "grid_cfe_frac"))
        score = carbon_free_score(load, clean, share) if sum(load) > 0 else None
    parts = ("quantity.edc_kwh", "quantity.clean_kwh", "quantity.grid_cfe_frac")
    formula = "sum(min(C, L) + max(0, L - C) g) / sum(L) over hours"
    return [
        Fact("cfe.score", CFE, "24/7 carbon-free score", score, "1", formula, parts, quality=period.nature,
             reason=why or "no energy was used", verified=False),
        derived(period, "cfe.by_volume", CFE, "Carbon-free energy by volume", "1", "min(1, sum(C) / sum(L))",
                ("clean_kwh", "edc_kwh"), lambda c, x: min(1.0, c / x)),
    ]  # fmt: skip


def _scope3(period: ReportingPeriod, site: Site, used: _Table) -> list[Fact]:
    bought = [one for one in site.equipment or () if one.bought_in_period]
    made = None if site.equipment is None else sum(one.embodied_kgco2 for one in bought)
    goods = Fact(
        "ghg.scope3_category2", GHG, "Scope 3 category 2, capital goods", made, KG,
        "embodied carbon of what was bought in the period, all of it", quality="estimated", source="the site's file",
        factors=tuple(f"{one.name}: {one.source}" for one in bought), reason="equipment is not stated", verified=False,
    )  # fmt: skip
    return [goods, _upstream(period, used)]


def _upstream(period: ReportingPeriod, used: _Table) -> Fact:
    """Losses and well to tank of electricity, and well to tank of diesel where its factor is stated."""
    fuel, told = used.diesel_upstream, period.quantities
    rates = [sum(one.value for one in used.upstream), *([fuel.value] if fuel else [])]
    why = Quantity(None, "estimated", "", "no upstream factors are stated (upstream, in the site's file)")
    parts = {"quantity.grid_import_kwh": told["grid_import_kwh"]} if used.upstream else {"upstream": why}
    formula = "purchased energy x (losses + well to tank)"
    if fuel:
        parts, formula = parts | {"quantity.diesel_l": told["diesel_l"]}, f"{formula} + diesel x well to tank"
    return derived(
        period, "ghg.scope3_category3", GHG, "Scope 3 category 3, losses and upstream of energy", KG, formula, parts,
        lambda *amounts: math.fsum(a * rate for a, rate in zip(amounts, rates, strict=True)),
        factors=cited(*used.upstream, *([fuel] if fuel else [])), verified=False,
    )  # fmt: skip


def _tenants(period: ReportingPeriod, site: Site, location: Fact, market: Fact) -> list[Fact]:
    """What of scope 2 the chosen approach moves to category 13; nothing where no tenants are told of."""
    if site.tenant_frac is None:
        return []
    share, moved = site.tenant_frac, site.tenant_energy == "category_13"
    words = f"{site.consolidation}: tenants' energy in {site.tenant_energy.replace('_', ' ')}"
    parts = {location.name: location.as_quantity()}
    own = [
        derived(period, f"{one.name}_own", GHG, f"{text} under the consolidation approach", KG,
                f"scope 2 x (1 - {share:g})" if moved else "scope 2", {one.name: one.as_quantity()},
                lambda kg: kg * (1.0 - share) if moved else kg, basis=words, verified=False)
        for one, text in ((location, "Scope 2, location-based,"), (market, "Scope 2, market-based,"))
    ]  # fmt: skip
    return [
        *own,
        derived(period, "ghg.scope3_category13", GHG, "Scope 3 category 13, tenants' electricity", KG,
                f"scope 2 x {share:g}" if moved else "none: it is in scope 2", parts,
                lambda kg: kg * share if moved else 0.0, basis=words, verified=False),
    ]  # fmt: skip


def _sci(period: ReportingPeriod, site: Site, location: Fact) -> Fact:
    work, words = site.work, ("sci.score", SCI, "Software carbon intensity")
    if work is None or site.equipment is None:
        why = "the unit of work (work) or the equipment is not stated in the site's file"
        return Fact(*words, None, "gCO2e per unit", "(O + M) / R", reason=why)
    hours = hours_of(period.ends)
    made = sum(embodied_share(e.embodied_kgco2, hours, e.life_years * 8760.0, work.share_frac) for e in site.equipment)
    return derived(
        period, *words, f"gCO2e/{work.unit}", "(O + M) / R: O location-based, M embodied over life",
        {location.name: location.as_quantity()},
        lambda kg: 1000.0 * software_carbon_intensity(kg * work.share_frac, made, work.units_count),
        basis=f"M {made:.6g} {KG}, R {work.units_count:g} of {work.unit}, {work.share_frac:g} of the site",
        boundary="site energy and stated equipment; no market instruments", source="the site's file",
    )  # fmt: skip


def _energy(period: ReportingPeriod, diesel: Fact, location: Fact) -> Fact:
    """Emissions of purchased electricity and fuels, for CUE; as told, else location-based with diesel where told."""
    told, words = period.quantities["co2e_kgco2"], ("ghg.energy_kgco2", GHG, "Emissions of the energy used", KG)
    if told.value is not None:
        return derived(period, *words, "as told", ("co2e_kgco2",), lambda kg: kg)
    if diesel.number is not None:
        parts = {location.name: location.as_quantity(), diesel.name: diesel.as_quantity()}
        return derived(period, *words, "scope 2 location-based + diesel", parts, lambda a, b: a + b)
    return derived(period, *words, "scope 2 location-based", {location.name: location.as_quantity()}, lambda a: a,
                   basis=f"diesel is not in it: {diesel.reason}")  # fmt: skip
