"""What a reporting period is made of: a closed set of quantities, each with a value or the reason why there is none.

All standards are computed from these and from nothing else, whether a simulation or a site's meters gave them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from twin.errors import InputError
from twin.studies.facts import is_interim

Quality = Literal["simulated", "metered", "estimated"]
Nature = Literal["simulated", "metered"]
Ends = Mapping[str, str]


@dataclass(frozen=True)
class Key:
    """Unit, name and boundary of a quantity, and whether its parts of a period add up."""

    unit: str
    long_name: str
    boundary: str
    adds: bool = True


# Definitions: Delegated Regulation (EU) 2024/1364 Annex II and ISO/IEC 30134, as in EN 50600-4.
KEYS: dict[str, Key] = {
    "edc_kwh": Key("kWh", "EDC, energy of the data centre", "before the supply transfer switch, all feeds and fuels"),
    "edc_bg_kwh": Key("kWh", "EDC-BG, of it from back-up generators", "terminals of the generators"),
    "eit_ups_kwh": Key("kWh", "EIT, IT energy at UPS outputs", "category 1"),
    "eit_pdu_kwh": Key("kWh", "IT energy at PDU outputs", "category 2"),
    "eit_input_kwh": Key("kWh", "IT energy at equipment inputs", "category 3"),
    "cooling_kwh": Key("kWh", "Energy of cooling", "chillers, fans, pumps, heat rejection, each at its input"),
    "electrical_loss_kwh": Key("kWh", "Losses of the power chain", "from the supply to the equipment's input"),
    "heat_removed_kwh": Key("kWh", "Heat removed", "by the cooling system"),
    "heat_upgrade_kwh": Key("kWh", "Electricity that only upgrades waste heat", "heat pumps of heat reuse"),
    "ereuse_kwh": Key("kWh", "EREUSE, heat reused outside", "handed over at the data centre's boundary"),
    "eres_goo_kwh": Key("kWh", "ERES-GOO, guarantees of origin retired", "certificates for the period"),
    "eres_ppa_kwh": Key("kWh", "ERES-PPA, power purchase agreements", "contracts, guarantees retired"),
    "eres_os_kwh": Key("kWh", "ERES-OS, renewable generation on site", "used on site"),
    "eres_tot_kwh": Key("kWh", "ERES-TOT, renewable energy", "guarantees, contracts and on site"),
    "win_m3": Key("m3", "WIN, water input", "across the data centre's boundary"),
    "win_pot_m3": Key("m3", "WIN-POT, potable water input", "across the data centre's boundary"),
    "water_returned_m3": Key("m3", "Water returned to the watershed", "across the data centre's boundary"),
    "grid_import_kwh": Key("kWh", "Electricity purchased", "at the grid meter"),
    "scope2_location_kgco2": Key("kgCO2e", "Emissions of purchased electricity, location-based", "grid, direct"),
    "co2e_kgco2": Key("kgCO2e", "Emissions of the energy used", "purchased electricity and fuels, scope 1 and 2"),
    "diesel_l": Key("L", "Diesel burnt", "generators on site"),
    "clean_kwh": Key("kWh", "Carbon-free energy contracted or generated", "certificates and contracts by interval"),
    "grid_cfe_frac": Key("1", "Carbon-free share of the grid", "grid from which the site draws", adds=False),
}  # fmt: skip

# A run's figure for each quantity; quantities without one are stated in the site's file or are missing.
OF_A_RUN = {
    "edc_kwh": "facility_energy_kwh",
    "eit_ups_kwh": "it_energy_ups_output_kwh",
    "eit_pdu_kwh": "it_energy_pdu_output_kwh",
    "eit_input_kwh": "it_energy_kwh",
    "cooling_kwh": "cooling_energy_kwh",
    "electrical_loss_kwh": "power_chain_loss_kwh",
    "heat_removed_kwh": "heat_removed_kwh",
    "heat_upgrade_kwh": "heat_pump_energy_kwh",
    "ereuse_kwh": "reused_energy_kwh",
    "eres_os_kwh": "onsite_renewable_kwh",
    "win_m3": "water_use_m3",
    "grid_import_kwh": "grid_import_kwh",
    "scope2_location_kgco2": "emissions_kgco2",
    "diesel_l": "fuel_l",
}
MORE_OF_A_RUN = {"diesel_l": "onsite_fuel_l"}  # added where a run has it
COVERAGE = "95 % interval"
# A scenario is whole: what it has nothing of did not happen. Told by the figure that stands for all of a kind: with it
# the run has such equipment, and what it does not tell then is missing.
NOTHING_OF_A_RUN = {
    "ereuse_kwh": ("reused_energy_kwh", "0 by fact: no plant of the scenario hands heat over"),
    "heat_upgrade_kwh": ("reused_energy_kwh", "0 by fact: no plant of the scenario has a heat pump of heat reuse"),
    "eres_os_kwh": ("onsite_generation_kwh", "0 by fact: the scenario generates nothing on site"),
}
NOT_OF_A_RUN = "a simulation does not tell it; state it in the site's file"


@dataclass(frozen=True)
class Quantity:
    """A value with its quality and source, or None with the reason; ``low`` and ``high`` where a range is known.

    ``by_absence``: zero because a scenario has nothing of the kind; a site's file may know better.
    """

    value: float | None
    quality: Quality
    source: str
    reason: str = ""
    low: float | None = None
    high: float | None = None
    spread: str = ""
    by_absence: bool = False

    def within(self, half_frac: float) -> Quantity:
        """The same with a range of ``half_frac`` of the value to either side."""
        if self.value is None:
            return self
        half = half_frac * abs(self.value)
        spread = f"{COVERAGE}, stated as \u00b1{100 * half_frac:g} %"
        return replace(self, low=self.value - half, high=self.value + half, spread=spread)


@dataclass(frozen=True)
class Interval:
    """A part of the period, such as a month or an hour, and what was in it."""

    ends: Ends
    values: Mapping[str, float | None]

    @property
    def hours(self) -> float:
        """Length."""
        return hours_of(self.ends)


@dataclass(frozen=True)
class ReportingPeriod:
    """A site over a period: every quantity of :data:`KEYS`, its intervals, and the figures of the run behind it."""

    name: str
    nature: Nature
    ends: Ends
    quantities: Mapping[str, Quantity]
    intervals: tuple[Interval, ...] = ()
    figures: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    factors_sha256: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if set(self.quantities) != set(KEYS):
            raise InputError(f"quantities differ from the closed set: {sorted(set(self.quantities) ^ set(KEYS))}")

    @property
    def interim(self) -> bool:
        """Whether the period is shorter than a year."""
        return is_interim(self.ends)

    @property
    def years(self) -> float:
        """Length of the period over 8760 h; a leap year is one year."""
        hours = hours_of(self.ends)
        return 1.0 if 8760.0 <= hours <= 8784.0 else hours / 8760.0

    def stating(self, values: Mapping[str, float], reasons: Mapping[str, str]) -> ReportingPeriod:
        """The same with quantities that the site's file states (as estimates) or gives reasons for.

        Raises InputError where a meter or the run has told the quantity already.
        """
        new = dict(self.quantities)
        for key, value in values.items():
            if new[key].value is not None and not new[key].by_absence:
                raise InputError(f"stated.{key}: is {self.nature} already and is not overridden")
            new[key] = Quantity(float(value), "estimated", "stated in the site's file")
        for key, reason in reasons.items():
            if new[key].value is not None and self.nature == "metered":
                raise InputError(f"missing.{key}: is {self.nature} already")
            new[key] = Quantity(None, "estimated", "the site's file", reason)
        return replace(self, quantities=new)


def hours_of(ends: Ends) -> float:
    """Hours between the ends of a period."""
    start, end = (datetime.fromisoformat(ends[name]) for name in ("start_utc", "end_utc"))
    return (end - start).total_seconds() / 3600.0


def by_month(period: ReportingPeriod) -> list[Interval]:
    """Intervals of the period, those that are shorter than a month put together by the month of local time.

    As they are where one reaches from a month into the next.
    """
    if any(_month(one.ends, "start_local") != _month(one.ends, "end_local", -1) for one in period.intervals):
        return list(period.intervals)
    groups = itertools.groupby(period.intervals, lambda one: _month(one.ends, "start_local"))
    return [_together(list(found)) for _, found in groups]


def _month(ends: Ends, name: str, microseconds: int = 0) -> str:
    return (datetime.fromisoformat(ends[name]) + timedelta(microseconds=microseconds)).isoformat()[:7]


def _together(found: Sequence[Interval]) -> Interval:
    """One interval of several that follow each other."""
    first, last = found[0].ends, found[-1].ends
    ends = {name: (last if name.startswith("end") else first)[name] for name in first}
    return Interval(ends, {key: _joined(key, found) for key in found[0].values})


def _joined(key: str, found: Sequence[Interval]) -> float | None:
    """Sum over intervals, or mean over time; none where one of them has no value."""
    values = [one.values[key] for one in found]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    if KEYS[key].adds:
        return math.fsum(known)
    hours = [one.hours for one in found]
    return math.fsum(v * h for v, h in zip(known, hours, strict=True)) / math.fsum(hours)


def from_run(document: Mapping[str, Any]) -> ReportingPeriod:
    """The reporting period of a run, from its ``metrics.json``.

    Raises InputError where the document is of another version or not that of a run.
    """
    if document.get("schema_version") != 2 or "period" not in document or "metrics" not in document:
        raise InputError("metrics.json: is not that of a run of this version; run the scenario again")
    figures, source = document["metrics"], f"simulation of {document['scenario']}"
    told = {key: _of_run(figures, key, name, source) for key, name in OF_A_RUN.items()}
    told = {key: told.get(key) or Quantity(None, "simulated", source, NOT_OF_A_RUN) for key in KEYS}
    if told["grid_import_kwh"].value is None and "onsite_generation_kwh" not in figures:
        told["grid_import_kwh"] = told["edc_kwh"]  # without generation on site all energy is drawn at the grid meter
    ends = {name: document["period"][name] for name in ("start_utc", "end_utc", "start_local", "end_local")}
    months = tuple(Interval(month["period"], _renamed(month["values"])) for month in document.get("months", ()))
    notes = (*document.get("warnings", ()), *document.get("notes", ()))
    tables = document.get("provenance", {}).get("factors_sha256", {})
    return ReportingPeriod(document["scenario"], "simulated", ends, told, months, figures, notes, tables)


def _of_run(figures: Mapping[str, Any], key: str, name: str, source: str) -> Quantity:
    value = figures.get(name, {}).get("value")
    if more := figures.get(MORE_OF_A_RUN.get(key, ""), {}).get("value"):
        value = (value or 0.0) + more
        source, name = f"{source}, with {MORE_OF_A_RUN[key]}", name if name in figures else MORE_OF_A_RUN[key]
    whole, why = NOTHING_OF_A_RUN.get(key, ("", ""))
    if value is None and whole and whole not in figures and "facility_energy_kwh" in figures:
        return Quantity(0.0, "simulated", f"{source}, {why}", by_absence=True)
    if value is None or not math.isfinite(value):
        reason = f"the scenario has nothing of this kind (no {name}); state in the site's file what the site has"
        return Quantity(None, "simulated", source, reason)
    return Quantity(float(value), "simulated", f"{source}, {name}: {figures[name]['basis']}")


def _renamed(values: Mapping[str, float | None]) -> dict[str, float | None]:
    back = {name: key for key, name in OF_A_RUN.items()}
    return {back[name]: value for name, value in values.items() if name in back}
