"""ISO/IEC 30134 and EN 50600-4: PUE, REF, ERF, CER, CUE, WUE, ITEEsv, ITEUsv; ASHRAE 90.4 MLC and ELC as values.

Formulas: EN 50600-4-2, -3, -6, -7, -8, -9, as in ISO/IEC 30134-2, -3, -6 to -9; ITEEsv and ITEUsv of ISO/IEC 30134-4
and -5 are stated, not computed. Limits of ASHRAE 90.4 are not known here, so nothing passes or fails.
"""

from __future__ import annotations

import math
from typing import Any

from twin.studies.reporting.fact import Fact, derived
from twin.studies.reporting.quantities import COVERAGE, Quality, Quantity, ReportingPeriod
from twin.studies.reporting.site import Site

ISO = "ISO/IEC 30134 / EN 50600-4"
ASHRAE = "ASHRAE 90.4"
EIT = "eit_ups_kwh"
WATER: dict[str, Any] = {"factor": 1000.0, "unit": "L/kWh"}  # L/m3
SHARE = (0.0, 1.0)  # REF and ERF, EN 50600-4-3 and -6
POINTS = {  # category of ISO/IEC 30134-2 -> where IT energy is metered
    1: (EIT, "UPS outputs"),
    2: ("eit_pdu_kwh", "PDU outputs"),
    3: ("eit_input_kwh", "equipment inputs"),
}


def prefix(period: ReportingPeriod) -> str:
    """What stands before the short name of a ratio: d for design (simulated), i for interim (metered, not a year)."""
    return "d" if period.nature == "simulated" else "i" if period.interim else ""


def iso30134(period: ReportingPeriod, site: Site, co2e: Quantity) -> list[Fact]:
    """All figures; ``co2e`` are the emissions of the energy used, kgCO2e."""
    return [*_pue(period), *_energy(period, co2e), *_water(period), *_servers(period, site), *_ashrae(period)]


def renewable(period: ReportingPeriod) -> Quantity:
    """ERES-TOT: as told, or the sum of its three parts, all of which have to be known; none where the two differ."""
    told, parts = period.quantities["eres_tot_kwh"], [period.quantities[f"eres_{n}_kwh"] for n in ("goo", "ppa", "os")]
    gone = [part.reason for part in parts if part.value is None]
    if gone:
        missing = Quantity(None, period.nature, "", "; ".join(dict.fromkeys(gone)))
        return told if told.value is not None else missing
    total = sum(part.value or 0.0 for part in parts)
    if told.value is not None and abs(told.value - total) > 1e-6 * max(total, 1.0):
        reason = f"told as {told.value:g} kWh, but its parts add up to {total:g} kWh"
        return Quantity(None, period.nature, told.source, reason)
    quality: Quality = "estimated" if any(part.quality == "estimated" for part in parts) else period.nature
    halves = [(part.high - part.low) / 2.0 for part in parts if part.high is not None and part.low is not None]
    half, spread = math.hypot(*halves), f"{COVERAGE}; from its parts, taken as independent (GUM 5.1)"
    low, high = (total - half, total + half) if halves else (None, None)
    return Quantity(total, quality, "ERES-GOO + ERES-PPA + ERES-OS", "", low, high, spread if halves else "")


def _pue(period: ReportingPeriod) -> list[Fact]:
    before = prefix(period)
    kind = ("design" if before == "d" else "measured") + (", interim" if period.interim else ", annual")
    span = f"{period.ends['start_local'][:10]} to {period.ends['end_local'][:10]}, end excluded"
    facts = []
    for number, (key, where) in POINTS.items():
        basis = f"{before}PUE{number} ({period.name}, {span}); IT at {where}; {kind}"
        facts.append(_ratio(
            period, f"pue_category_{number}", f"{before}PUE, category {number}", "PUE = EDC / EIT", ("edc_kwh", key),
            basis=basis, category=f"category {number}, {kind}", within=(1.0, math.inf), verified=number == 1,
        ))  # fmt: skip
    cooling = ("cooling_kwh", "eit_input_kwh")
    partial = derived(
        period, "iso30134.ppue_cooling", ISO, "Partial PUE of cooling", "1", "pPUE = (E_cooling + EIT) / EIT", cooling,
        lambda sub, it: (sub + it) / it, basis="IT at equipment inputs", category=f"partial, {kind}", verified=False,
    )  # fmt: skip
    return [*facts, partial]


def _ratio(
    period: ReportingPeriod, name: str, long_name: str, formula: str, parts: Any, factor: float = 1.0, unit: str = "1",
    **more: Any,
) -> Fact:  # fmt: skip
    return derived(
        period, f"iso30134.{name}", ISO, long_name, unit, formula, parts, lambda a, b: a * factor / b, **more
    )


def _energy(period: ReportingPeriod, co2e: Quantity) -> list[Fact]:
    before = prefix(period)
    edc, eit = ("quantity.edc_kwh", period.quantities["edc_kwh"]), (f"quantity.{EIT}", period.quantities[EIT])
    return [
        _ratio(period, "ref", f"{before}REF", "REF = ERES-TOT / EDC",
               {"eed.ERES-TOT": period.quantities["eres_tot_kwh"], edc[0]: edc[1]}, within=SHARE,
               basis="owned and controlled renewable energy"),
        _ratio(period, "erf", f"{before}ERF", "ERF = EREUSE / EDC", ("ereuse_kwh", "edc_kwh"),
               within=SHARE,
               basis="heat that replaces other energy outside"),
        _ratio(period, "cer", f"{before}CER", "CER = heat removed / energy of cooling",
               ("heat_removed_kwh", "cooling_kwh"), basis="cooling system"),
        _ratio(period, "cue", f"{before}CUE", "CUE = CO2e of the energy used / EIT",
               {"ghg.energy_kgco2": co2e, eit[0]: eit[1]}, unit="kgCO2e/kWh",
               basis="scope 1 fuels and scope 2 location-based; IT at UPS outputs"),
    ]  # fmt: skip


def _water(period: ReportingPeriod) -> list[Fact]:
    before, words = prefix(period), WATER
    used = derived(
        period, "iso30134.wue_consumption", ISO, f"{before}WUE, consumption", "L/kWh",
        "WUE = (WIN - returned) x 1000 / EIT", ("win_m3", "water_returned_m3", EIT),
        lambda water, back, it: (water - back) * 1000.0 / it,
        basis="consumption: input less what returns to the watershed", category="basis consumption", verified=False,
    )  # fmt: skip
    formula = "WUE = {} x 1000 L/m3 / EIT"
    return [
        _ratio(period, "wue_category_2", f"{before}WUE, category 2", formula.format("WIN"), ("win_m3", EIT), **words,
               basis="input_total; IT at UPS outputs; L/kWh = m3/MWh", category="category 2, basis input_total"),
        _ratio(period, "wue_category_1", f"{before}WUE, category 1", formula.format("WIN-POT"), ("win_pot_m3", EIT),
               **words, basis="input_potable; IT at UPS outputs", category="category 1, basis input_potable"),
        used,
    ]  # fmt: skip


def _servers(period: ReportingPeriod, site: Site) -> list[Fact]:
    told = {
        "iteesv": ("ITEEsv", site.server_performance_per_w_ratio, "1/W", "sum of performance / sum of power, maxima"),
        "iteusv": ("ITEUsv", site.server_utilisation_frac, "1", "mean utilisation of server processors"),
    }
    return [
        Fact(f"iso30134.{name}", ISO, short, value, unit, formula, quality="estimated", source="the site's file",
             reason="not stated in the site's file", verified=False)
        for name, (short, value, unit, formula) in told.items()
    ]  # fmt: skip


def _ashrae(period: ReportingPeriod) -> list[Fact]:
    more: dict[str, Any] = {"basis": "value only: limits by climate are not applied", "verified": False}
    return [
        derived(period, "ashrae904.mlc", ASHRAE, "MLC, annualised" if not period.interim else "MLC, of the period", "1",
                "MLC = energy of cooling / EIT at equipment", ("cooling_kwh", "eit_input_kwh"), lambda a, b: a / b,
                **more),
        derived(period, "ashrae904.elc", ASHRAE, "ELC", "1", "ELC = losses of the power chain / EIT at equipment",
                ("electrical_loss_kwh", "eit_input_kwh"), lambda a, b: a / b, **more),
    ]  # fmt: skip
