"""All figures of the chosen standards for a reporting period, in the form of ``metrics.json``.

The exports read this document and nothing else, so that every figure is computed once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from twin.errors import InputError, did_you_mean
from twin.studies.facts import SIMULATED
from twin.studies.reporting.enefg import enefg
from twin.studies.reporting.fact import Fact, derived, quantity_facts, with_factors_of_inputs
from twin.studies.reporting.factors import Factor
from twin.studies.reporting.forms import eed, esrs
from twin.studies.reporting.ghg import ghg
from twin.studies.reporting.iso30134 import iso30134, renewable
from twin.studies.reporting.quantities import ReportingPeriod, by_month
from twin.studies.reporting.site import Site
from twin.version import VERSION

METERED = "from a site's meters, as given; not checked by the twin"
STANDARDS = {  # word of --standard -> beginnings of the names of its figures
    "iso30134": ("iso30134.",),
    "ashrae904": ("ashrae904.",),
    "eed": ("eed.",),
    "eed_2026_draft": ("eed_2026_draft.",),
    "enefg": ("enefg.",),
    "ghg": ("ghg.",),
    "sci": ("sci.",),
    "cfe": ("cfe.",),
    "esrs": ("esrs.",),
}
HEADLINES = (  # on the first screen, whatever standards are chosen
    "quantity.edc_kwh",
    "iso30134.pue_category_1",
    "iso30134.wue_category_2",
    "ghg.scope2_location",
    "iso30134.ref",
)
CERTIFIED = ("GO", "REC", "I-REC", "GC")


def chosen(words: Iterable[str]) -> list[str]:
    """Standards by their words; InputError with the nearest where one is not known."""
    found = [word.strip() for word in words if word.strip()]
    for word in found:
        if word not in STANDARDS:
            raise InputError(
                f"--standard: no '{word}'{did_you_mean(word, STANDARDS)}; there are {', '.join(STANDARDS)}"
            )
    return list(dict.fromkeys(found))


def with_site(period: ReportingPeriod, site: Site) -> ReportingPeriod:
    """The period with what the site's file states: quantities, reasons, and renewable energy from instruments."""
    values: dict[str, float] = {key: float(value) for key, value in site.stated.items()}
    for key, kinds in (("eres_goo_kwh", CERTIFIED), ("eres_ppa_kwh", ("PPA",))):
        if site.instruments is not None and period.quantities[key].value is None and key not in values:
            held = [one for one in site.instruments if one.kind in kinds and one.renewable and one.counts]
            values[key] = sum((one.energy_kwh for one in held), 0.0)
    told = period.stating(values, site.missing)
    ranged = {key: told.quantities[key].within(half) for key, half in site.uncertainty_frac.items()}
    told = replace(told, name=site.name or period.name, quantities={**told.quantities, **ranged})
    return replace(told, quantities={**told.quantities, "eres_tot_kwh": renewable(told)})


def all_facts(period: ReportingPeriod, site: Site, base: Path | None = None) -> tuple[list[Fact], list[Factor]]:
    """Every figure of every standard, and the factors used; ``period`` is that of :func:`with_site`."""
    inventory, factors, co2e = ghg(period, site, base)
    facts = [*quantity_facts(period), *inventory, *iso30134(period, site, co2e), *enefg(period, site.commissioned)]
    total = period.quantities["eres_tot_kwh"]
    sum_of_parts = Fact(
        "eed.ERES-TOT", "EU 2024/1364 (eed_2024_1364, in force)", "Total renewable energy", total.value, "kWh",
        "ERES-GOO + ERES-PPA + ERES-OS", tuple(f"quantity.eres_{n}_kwh" for n in ("goo", "ppa", "os")),
        quality=total.quality, reason=total.reason, low=total.low, high=total.high, spread=total.spread,
    )  # fmt: skip
    helpers = {one.name: one for one in [*facts, sum_of_parts, *_for_esrs(period)]}
    facts += [*eed("eed_2024_1364", site, period.name, helpers), sum_of_parts]
    facts += eed("eed_2026_draft", site, period.name, helpers)
    return [*facts, *_for_esrs(period), *esrs(helpers)], factors


def _for_esrs(period: ReportingPeriod) -> list[Fact]:
    return [
        derived(period, "renewable.purchased", "ESRS E1-5", "Purchased renewable electricity", "kWh",
                "ERES-GOO + ERES-PPA", ("eres_goo_kwh", "eres_ppa_kwh"), lambda a, b: a + b),
        derived(period, "water.consumption", "ESRS E3-4", "Water consumption", "m3", "WIN - returned",
                ("win_m3", "water_returned_m3"), lambda a, b: a - b),
    ]  # fmt: skip


def report_document(
    period: ReportingPeriod,
    site: Site,
    standards: Sequence[str],
    checksums: Mapping[str, Any],
    base: Path | None = None,
) -> dict[str, Any]:
    """The report as a ``metrics.json`` document: quantities, the figures of the standards, months, provenance.

    ``checksums`` has ``scenario_sha256`` and ``inputs_sha256``. Raises InputError as :func:`all_facts`.
    """
    found, factors = all_facts(period, site, base)
    facts = with_factors_of_inputs(found)
    begins = ("quantity.", *HEADLINES, *(beginning for word in standards for beginning in STANDARDS[word]))
    wanted = _with_inputs([one for one in facts if one.name.startswith(begins)], {one.name: one for one in facts})
    statement = SIMULATED if period.nature == "simulated" else METERED
    return {
        "schema_version": 2,
        "scenario": period.name,
        "statement": statement + ("; interim: not a year, nothing is annualised" if period.interim else ""),
        "period": {**period.ends, "interim": period.interim},
        "metrics": {one.name: one.metric(period.ends) for one in wanted},
        "months": [{"period": dict(one.ends), "values": dict(one.values)} for one in by_month(period)],
        "headlines": list(HEADLINES),
        "standards": list(standards),
        "factors": [_told(one) for one in dict.fromkeys(factors)],
        "instruments": [one.model_dump(mode="json") for one in site.instruments or ()],
        "changes": [{"on": one.on.isoformat(), "what": one.what} for one in site.changes],
        "warnings": [],
        "notes": [*period.notes, *_old_or_new(period, site)],
        "provenance": {
            "package": "datacenter-twin",
            "package_version": VERSION,
            **checksums,
            "factors_sha256": {one.file: one.sha256 for one in factors if one.file} | dict(period.factors_sha256),
            "seed": None,
            "data_nature": period.nature,
        },
    }


def _old_or_new(period: ReportingPeriod, site: Site) -> Iterator[str]:
    """Lines on instruments of energy made outside the period; it has to be close to it: Scope 2 Guidance, ch. 7."""
    for one in site.instruments or ():
        start, end = one.period_start_utc or period.ends["start_utc"], one.period_end_utc or period.ends["end_utc"]
        if one.counts and (end <= period.ends["start_utc"] or start >= period.ends["end_utc"]):
            yield f"{one.kind} of {one.energy_kwh:g} kWh is counted, but was made {start} to {end}, outside the period"


def _with_inputs(wanted: list[Fact], known: Mapping[str, Fact]) -> list[Fact]:
    """The figures and all that they are computed from, each once."""
    found = {one.name: one for one in wanted}
    queue = list(wanted)
    while queue:
        for name in queue.pop().inputs:
            if name in known and name not in found:
                found[name] = known[name]
                queue.append(known[name])
    return list(found.values())


def _told(one: Factor) -> dict[str, Any]:
    names = ("name", "value", "unit", "basis", "gwp_set", "what", "title", "data_year", "source", "licence", "file",
             "sha256", "verified")  # fmt: skip
    return {name: getattr(one, name) for name in names}
