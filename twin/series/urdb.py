"""A record of the Utility Rate Database (OpenEI URDB, API versions 3 to 8, JSON) as a tariff of this project.

Matrices of months by hours become windows; ``rate`` and ``adj`` stay apart. What the record holds and a tariff here
cannot is named in its note and told to the caller, never dropped in silence; what would make each bill wrong (demand
charged by the day, horsepower) is refused. Fields: https://openei.org/services/doc/rest/util_rates/?version=8
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from twin.components.grid.tariffs import TimeOfUseTariff
from twin.errors import Fault, InputError, Place
from twin.series.files import resolve, text_of
from twin.series.urdb_windows import Matrix, default_of, windows_of
from twin.units import DAYS_PER_YEAR
from twin.yaml_source import dotted

Record = Mapping[str, Any]  # a record with its keys in lower case: URDB's spellings differ between exports
MONTHS = 12
HOURS = 24
INTERVALS_MIN = (15, 30, 60)
ENERGY_UNITS = {  # URDB's unit of a tier's end -> field and what it counts
    "kwh": ("up_to_kwh", "month"),
    "kwh/kw": ("up_to_kwh_per_kw", "month"),
    "kwh daily": ("up_to_kwh", "day"),
    "kwh/kw daily": ("up_to_kwh_per_kw", "day"),
}
PER_MONTH = {"$/month": 1.0, "$/day": DAYS_PER_YEAR / MONTHS, "$/year": 1.0 / MONTHS}  # as PySAM converts them
DEMAND_UNITS = ("flatdemandunit", "flatdemandunits", "demandrateunit", "demandrateunits")
LEFT_OUT = {
    "coincidentratestructure": "charges on demand coincident with the system's peak",
    "fueladjustmentsmonthly": "monthly fuel adjustments",
    "fixedchargeeaaddl": "the fixed charge of additional meters",
    "voltagediscount": "voltage discounts",
}


def read_urdb(file: str, base: Path | None = None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The tariff in a file of one URDB record, as data for YAML without defaults, and what it leaves out or assumes.

    The file holds a record, a list of one, or an answer of the API (``{"items": [...]}``).

    Raises
    ------
    InputError
        No JSON, no record, more than one, or a record that no tariff here can hold; what is wrong is named.
    """
    path = resolve(file, base)
    record = _record(path)
    faults = [Fault(message, "", Place(str(path))) for message in _faults(record)]
    if faults:
        raise InputError(faults)
    notes = tuple(_notes(record))
    data = _tariff(record, notes)
    try:
        TimeOfUseTariff.model_validate(data)
    except ValidationError as error:
        raise InputError(
            Fault(part["msg"].removeprefix("Value error, "), dotted(part["loc"]), Place(str(path)))
            for part in error.errors()
        ) from error
    return data, notes


def _record(path: Path) -> Record:
    try:
        data = json.loads(text_of(path.read_bytes(), str(path)))
    except OSError as error:
        raise InputError([Fault(f"cannot be read: {error.strerror}", "", Place(str(path)))]) from error
    except json.JSONDecodeError as error:
        place = Place(str(path), error.lineno, error.colno)
        raise InputError([Fault(f"is no JSON: {error.msg}", "", place)]) from error
    except RecursionError:
        raise InputError([Fault("is no URDB record: nested too deeply", "", Place(str(path)))]) from None
    items = data.get("items", [data]) if isinstance(data, dict) else data
    if not isinstance(items, list) or len(items) != 1 or not isinstance(items[0], dict):
        found = f"{len(items)} records" if isinstance(items, list) else "something else"
        raise InputError([Fault(f"holds {found}: one URDB record is needed", "", Place(str(path)))])
    return {str(key).lower(): value for key, value in items[0].items() if value is not None}


def _faults(record: Record) -> Iterator[str]:
    if not record.get("energyratestructure"):
        yield "energyratestructure is missing: the record has no energy rates"
        return
    for kind in ("energy", "demand"):
        if f"{kind}ratestructure" in record:
            yield from _structure_faults(record[f"{kind}ratestructure"], f"{kind}ratestructure")
            for day in ("weekday", "weekend"):
                name = f"{kind}{day}schedule"
                yield from _schedule_faults(record.get(name), name, record[f"{kind}ratestructure"])
    if "flatdemandstructure" in record:
        yield from _structure_faults(record["flatdemandstructure"], "flatdemandstructure")
        yield from _schedule_faults([record.get("flatdemandmonths")], "flatdemandmonths", record["flatdemandstructure"])
    units = {name: record[name] for name in DEMAND_UNITS if record.get(name)}
    for name, unit in units.items():
        if str(unit).lower() not in ("kw", "kva"):
            yield f"{name} is {unit!r}: demand charges here are by the month's highest kW or kVA"
    if len({str(unit).lower() for unit in units.values()}) > 1:
        yield "some demand charges are by kW and others by kVA: a tariff here has one of them"
    for name in ("fixedchargeunits", "minchargeunits"):
        if str(record.get(name, "$/month")).lower() not in PER_MONTH:
            yield f"{name} is {record[name]!r}: known are {', '.join(PER_MONTH)}"


def _structure_faults(structure: Any, name: str) -> Iterator[str]:
    periods = structure if isinstance(structure, list) else []
    if not periods:
        yield f"{name} holds no periods"
    for at, tiers in enumerate(periods):
        if not isinstance(tiers, list) or not tiers or not all(isinstance(tier, dict) for tier in tiers):
            yield f"{name}[{at}] holds no tiers"
            continue
        wrong = [tier for tier in tiers for key in ("rate", "adj", "max") if not _is_number(tier.get(key, 0.0))]
        if wrong:
            yield f"{name}[{at}] holds {wrong[0]!r}: rate, adj and max are numbers"
        elif any("max" not in tier for tier in tiers[:-1]):
            yield f"{name}[{at}]: every tier but the last has a max"
        units = {str(tier.get("unit", "kWh")).lower() for tier in tiers}
        if name.startswith("energy") and (len(units) > 1 or not units <= set(ENERGY_UNITS)):
            yield f"{name}[{at}]: unit {', '.join(sorted(units))} is not one of {', '.join(ENERGY_UNITS)}"


def _schedule_faults(schedule: Any, name: str, structure: Any) -> Iterator[str]:
    width, rows = (MONTHS, 1) if name == "flatdemandmonths" else (HOURS, MONTHS)
    shaped = isinstance(schedule, list) and len(schedule) == rows
    if not shaped or not all(isinstance(row, list) and len(row) == width for row in schedule):
        yield f"{name} is not {f'{rows} rows of {width}' if rows > 1 else f'a list of {width}'} periods"
        return
    cells = {cell for row in schedule for cell in row if isinstance(cell, int)}
    known = len(structure) if isinstance(structure, list) else 0
    if not all(isinstance(cell, int) for row in schedule for cell in row) or not cells <= set(range(known)):
        strange = sorted(cells - set(range(known)))
        yield f"{name} names a period that has no rate{f': {strange[0]}' if strange else ''}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _tariff(record: Record, notes: Sequence[str]) -> dict[str, Any]:
    source = str(record.get("source") or record.get("sourcereference") or "")
    uri = str(record.get("uri") or "")
    data: dict[str, Any] = {"kind": "tou", "name": str(record.get("name", "")), "utility": _utility(record)}
    data |= {"effective": _date(record)} if _is_number(record.get("startdate")) else {}
    data |= {"source": ", as in ".join(text for text in (source, uri) if text), "note": "; ".join(notes)}
    data = {key: value for key, value in data.items() if value}
    data |= {"currency": "USD"} | _range(record)
    fixed = _per_month(record, "fixedchargefirstmeter", "fixedchargeunits")
    data |= {"fixed_per_month": fixed} if fixed else {}
    data |= _minimum(record) | {"energy": _energy(record)}
    demand = _demand(record)
    return data | ({"demand": demand} if demand else {})


def _utility(record: Record) -> str:
    name = str(record.get("utility", ""))
    return f"{name} (EIA {record['eiaid']})" if name and "eiaid" in record else name


def _date(record: Record) -> str:
    return datetime.fromtimestamp(float(record["startdate"]), UTC).date().isoformat()


def _range(record: Record) -> dict[str, float]:
    low = record.get("peakkwcapacitymin", record.get("mindemand"))
    high = record.get("peakkwcapacitymax", record.get("maxdemand"))
    found = {"valid_demand_min_kw": low, "valid_demand_max_kw": high}
    return {key: float(value) for key, value in found.items() if value is not None and _is_number(value) and value > 0}


def _per_month(record: Record, name: str, units: str) -> float:
    return float(record.get(name, 0.0)) * PER_MONTH[str(record.get(units, "$/month")).lower()]


def _minimum(record: Record) -> dict[str, float]:
    """Lowest bill of a month or, where its unit says so, of a year."""
    yearly = str(record.get("minchargeunits", "")).lower() == "$/year"
    month = 0.0 if yearly else _per_month(record, "mincharge", "minchargeunits")
    month = month or float(record.get("minmonthlycharge", 0.0))
    year = float(record.get("mincharge", 0.0)) if yearly else float(record.get("annualmincharge", 0.0))
    found = {"minimum_per_month": month, "minimum_per_year": year}
    return {key: value for key, value in found.items() if value}


def _energy(record: Record) -> dict[str, Any]:
    weekday, weekend = record["energyweekdayschedule"], record["energyweekendschedule"]
    return _periods(weekday, weekend, [_energy_rate(tiers) for tiers in record["energyratestructure"]])


def _periods(weekday: Matrix, weekend: Matrix, rates: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Rates of the periods that occur, under URDB's numbers, and their windows."""
    used = sorted({cell for row in (*weekday, *weekend) for cell in row})
    if len(used) == 1:
        return {"periods": {"all": rates[used[0]]}}
    periods = {f"period_{at}": rates[at] for at in used}
    windows = [{"period": f"period_{at}", **window} for at, window in windows_of(weekday, weekend)]
    return {"default_period": f"period_{default_of(weekday, weekend)}", "periods": periods, "windows": windows}


def _energy_rate(tiers: Sequence[Record]) -> dict[str, Any]:
    field, each = ENERGY_UNITS[str(tiers[0].get("unit", "kWh")).lower()]
    prices = [_price(tier, "per_kwh") for tier in tiers]
    blocks = [
        {field: float(tier["max"]), **({"each": each} if each != "month" else {}), **price}
        for tier, price in zip(tiers[:-1], prices, strict=False)
    ]
    return prices[-1] | ({"tiers": blocks} if blocks else {})


def _demand_rate(tiers: Sequence[Record]) -> dict[str, Any]:
    prices = [_price(tier, "per_kw") for tier in tiers]
    blocks = [{"up_to_kw": float(tier["max"]), **price} for tier, price in zip(tiers[:-1], prices, strict=False)]
    return prices[-1] | ({"tiers": blocks} if blocks else {})


def _price(tier: Record, unit: str) -> dict[str, float]:
    adjustment = float(tier.get("adj", 0.0))
    rate = {f"base_{unit}": float(tier.get("rate", 0.0))}
    return rate | ({f"adjustment_{unit}": adjustment} if adjustment else {})


def _demand(record: Record) -> dict[str, Any]:
    demand: dict[str, Any] = {}
    if "flatdemandstructure" in record:
        demand["flat"] = list(_flat(record))
    if "demandratestructure" in record:
        rates = [_demand_rate(tiers) for tiers in record["demandratestructure"]]
        demand |= {"windows": []} | _periods(record["demandweekdayschedule"], record["demandweekendschedule"], rates)
    ratchet = _ratchet(record)
    if demand and ratchet:
        demand["ratchet"] = ratchet
    if demand and any(str(record.get(name, "")).lower() == "kva" for name in DEMAND_UNITS):
        demand["billed_in"] = "kva"
    if record.get("demandreactivepowercharge"):
        demand["reactive_per_kvar"] = float(record["demandreactivepowercharge"])
    window = record.get("demandwindow")
    return ({"demand_interval_min": window} if demand and window in INTERVALS_MIN else {}) | demand


def _flat(record: Record) -> Iterator[dict[str, Any]]:
    months = record["flatdemandmonths"]
    for at in dict.fromkeys(months):
        own = [number for number, period in enumerate(months, start=1) if period == at]
        yield ({"months": own} if len(own) < MONTHS else {}) | _demand_rate(record["flatdemandstructure"][at])


def _ratchet(record: Record) -> dict[str, Any]:
    """URDB's two ways of a ratchet: a share for each billed month, or one share of a look-back."""
    by_month = record.get("demandratchetpercentage")
    if isinstance(by_month, list) and len(by_month) == MONTHS and any(by_month):
        shares = [float(share) for share in by_month]
        steady = len(set(shares)) == 1
        return {"peak_frac": max(shares)} | ({} if steady else {"by_month_frac": shares})
    share = float(record.get("lookbackpercent", 0.0))
    if not share:
        return {}
    ratchet: dict[str, Any] = {"peak_frac": share}
    reach = record.get("lookbackrange")
    if isinstance(reach, int) and reach > 0:
        ratchet["lookback_months"] = min(reach, MONTHS - 1)
    counted = record.get("lookbackmonths")
    if isinstance(counted, list) and len(counted) == MONTHS and any(counted) and not all(counted):
        ratchet["counted_months"] = [number for number, counts in enumerate(counted, start=1) if counts]
    return ratchet


def _notes(record: Record) -> Iterator[str]:
    """What a reader of the tariff has to know: comments of the record, what was assumed, what is left out."""
    for name in ("energycomments", "demandcomments", "description"):
        if record.get(name):
            yield " ".join(str(record[name]).split())
    has_demand = "flatdemandstructure" in record or "demandratestructure" in record
    if has_demand and record.get("demandwindow") not in INTERVALS_MIN:
        yield "the record states no demand interval of 15, 30 or 60 minutes: 15 are assumed"
    for name, units in (("fixedchargefirstmeter", "fixedchargeunits"), ("mincharge", "minchargeunits")):
        if record.get(name) and str(record.get(units, "$/month")).lower() == "$/day":
            yield f"{name} of {record[name]:g} a day is laid out as 365/12 days a month"
    if record.get("demandreactivepowercharge"):
        yield "reactive power is charged: state the site's factor as grid.contracts.power_factor_frac"
    yield from (f"LEFT OUT: {text} ({name})" for name, text in LEFT_OUT.items() if record.get(name))
    if any("sell" in tier for tiers in record["energyratestructure"] for tier in tiers):
        yield "LEFT OUT: prices of energy that is sold (sell)"
    if any("max" in tiers[-1] for tiers in record["energyratestructure"]):
        yield "the last tier has a max: its price holds beyond it too"
    if str(record.get("country", "USA")).upper() not in ("USA", "US"):
        yield f"the record is of {record['country']}: prices are taken as USD, change `currency` if they are not"
