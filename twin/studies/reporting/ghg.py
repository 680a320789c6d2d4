"""GHG Protocol: scopes 1 and 2, scope 3 categories 2, 3 and 13; with SCI and carbon-free energy, which rest on them.

Source: GHG Protocol Scope 2 Guidance (2015): losses and upstream emissions are scope 3 category 3. What has no value is
a reason; nothing counts as zero because it is not known.
"""

from __future__ import annotations

import math
from pathlib import Path

from twin.studies.reporting.carbon_free import carbon_free
from twin.studies.reporting.fact import Fact, cited, derived
from twin.studies.reporting.factors import Factor
from twin.studies.reporting.ghg_factors import UsedFactors, read_factors
from twin.studies.reporting.quantities import Quantity, ReportingPeriod
from twin.studies.reporting.sci import software_intensity
from twin.studies.reporting.scope2 import GHG, KG, location_based, market_based
from twin.studies.reporting.site import Site


def ghg(period: ReportingPeriod, site: Site, base: Path | None = None) -> tuple[list[Fact], list[Factor], Quantity]:
    """Figures, the factors behind them, and the emissions of the energy used, for CUE.

    Raises
    ------
    InputError
        A factor that is missing or in another unit; bases or assessment reports that are mixed, by name.
    """
    used = read_factors(period, site, base)
    one = _scope1(period, site, used)
    location = location_based(period, used)
    market = market_based(period, site, location, used)
    rest = [
        *_scope3(period, site, used),
        *_tenants(period, site, location, market[0]),
        software_intensity(period, site, location),
    ]
    energy = _energy(period, one[0], location)
    factors = [used.diesel] * (period.quantities["diesel_l"].value is not None) + [*used.gases, *used.upstream]
    factors += [one for one in (used.grid or used.of_run, used.diesel_upstream) if one]
    facts = [*one, location, *market, *rest, energy, *carbon_free(period)]
    return facts, factors, energy.as_quantity()


def _scope1(period: ReportingPeriod, site: Site, used: UsedFactors) -> list[Fact]:
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


def _scope3(period: ReportingPeriod, site: Site, used: UsedFactors) -> list[Fact]:
    bought = [one for one in site.equipment or () if one.bought_in_period]
    made = None if site.equipment is None else sum(one.embodied_kgco2 for one in bought)
    goods = Fact(
        "ghg.scope3_category2", GHG, "Scope 3 category 2, capital goods", made, KG,
        "embodied carbon of what was bought in the period, all of it", quality="estimated", source="the site's file",
        factors=tuple(f"{one.name}: {one.source}" for one in bought), reason="equipment is not stated", verified=False,
    )  # fmt: skip
    return [goods, _upstream(period, used)]


def _upstream(period: ReportingPeriod, used: UsedFactors) -> Fact:
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
