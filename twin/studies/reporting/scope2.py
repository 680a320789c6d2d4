"""Scope 2 of the GHG Protocol: location-based, market-based, and market-based by the hour as the draft has it.

Source: GHG Protocol Scope 2 Guidance (2015): two totals, and factors that are direct.
"""

from __future__ import annotations

from twin.studies.reporting.carbon_free import at_hour, taken, told_hours
from twin.studies.reporting.fact import Fact, cited, derived
from twin.studies.reporting.ghg_factors import UsedFactors
from twin.studies.reporting.measures import market_based_kgco2
from twin.studies.reporting.quantities import Quantity, ReportingPeriod
from twin.studies.reporting.site import Instrument, Residual, Site

GHG, KG = "GHG Protocol", "kgCO2e"
DRAFT = "draft of the revised Scope 2 Guidance (consultation of 2025): matched by the hour, not in force"
RESIDUAL_YEARS = 2  # a residual mix that is older is told to be so


def location_based(period: ReportingPeriod, used: UsedFactors) -> Fact:
    """Purchased energy times the grid's average factor, or what the run has summed over time."""
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


def market_based(period: ReportingPeriod, site: Site, location: Fact, used: UsedFactors) -> list[Fact]:
    """Instruments, then the residual mix; and the same by the hour, which is a draft."""
    name, words = "ghg.scope2_market", "Scope 2, market-based (2015)"
    formula = "sum of instruments x their factors + what is left x residual mix"
    run = period.figures.get("emissions_market_kgco2") if period.figures else None
    if site.instruments is None and run:
        return [taken(period, GHG, name, words, run, "emissions_market_kgco2"), _hourly(period, site)]
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
    period: ReportingPeriod, site: Site, location: Fact, bought: Quantity, used: UsedFactors
) -> tuple[Quantity, str]:
    """Factor of what no instrument covers: the residual mix, else the location-based average, which is told."""
    if site.residual is not None:
        text = _residual_words(period, site.residual)
        return Quantity(site.residual.kgco2_per_kwh, "metered", text), text
    if location.number is None or not bought.value:
        return Quantity(None, "estimated", "", "no residual mix is stated, and there is no location-based factor"), ""
    rate = used.grid.value if used.grid else location.number / bought.value
    text = f"no residual mix is stated: the location-based average, {rate:.6g} {KG}/kWh, stands in for it"
    return Quantity(rate, "estimated", text), text


def _residual_words(period: ReportingPeriod, one: Residual) -> str:
    age = int(period.ends["start_local"][:4]) - one.data_year
    late = f", {age} years older than the period" if age > RESIDUAL_YEARS else ""
    return f"residual mix {one.kgco2_per_kwh:g} {KG}/kWh, data of {one.data_year}{late}, {one.basis}; {one.source}"


def _hourly(period: ReportingPeriod, site: Site) -> Fact:
    name, words = "ghg.scope2_market_hourly", "Scope 2, market-based by the hour (draft)"
    run = period.figures.get("emissions_market_hourly_kgco2") if period.figures else None
    if run:
        return taken(period, GHG, name, words, run, "emissions_market_hourly_kgco2")
    hours, why = told_hours(period, ("grid_import_kwh", "clean_kwh"))
    if not why and site.residual is None:
        why = "no residual mix is stated"
    value = None
    if not why and site.residual is not None:
        left = sum(max(0.0, at_hour(h, "grid_import_kwh") - at_hour(h, "clean_kwh")) for h in hours)
        value = left * site.residual.kgco2_per_kwh
    return Fact(name, GHG, words, value, KG, "sum over hours of max(0, purchased - carbon-free) x residual mix",
                inputs=("quantity.grid_import_kwh", "quantity.clean_kwh"), basis=DRAFT, quality=period.nature,
                reason=why, verified=False,
                factors=(_residual_words(period, site.residual),) if site.residual else ())  # fmt: skip
