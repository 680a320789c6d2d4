"""The tables that a report leaves: figures by standard, months, hours, carbon-free energy and certificates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from twin.outputs.reporting.described import Described, Kind, Table
from twin.outputs.reporting.tables import COLUMNS, TITLES, Document, month_columns, month_rows, rows
from twin.studies.reporting.hourly import Hourly
from twin.studies.reporting.quantities import KEYS

STATEMENT = Described("string", "", "whether figures are simulated or metered")
START = Described("datetime", "UTC", "start of the interval, included")
END = Described("datetime", "UTC", "end of the interval, excluded")
CIVIL = {  # texts, since Parquet keeps no offset with a time
    "start_local": Described("string", "civil time", "the same start, with the offset of the day"),
    "end_local": Described("string", "civil time", "the same end, with the offset of the day"),
}
FIGURES: dict[str, tuple[Kind, str]] = {  # column of figures -> type, what it holds
    "metric": ("string", "name of the figure"),
    "value": ("string", "number, text, or nothing where it is missing; its unit is in the column unit"),
    "unit": ("string", "unit of value, low and high; 1 for a ratio"),
    "long_name": ("string", "what people call it"),
    "standard": ("string", "standard that defines it, with its version"),
    "start_utc": ("datetime", "start of the period in UTC, included"),
    "end_utc": ("datetime", "end of the period in UTC, excluded"),
    "start_local": ("datetime", "the same start in local time"),
    "end_local": ("datetime", "the same end in local time"),
    "boundary": ("string", "what it is counted around"),
    "category": ("string", "category in the sense of the standard"),
    "basis": ("string", "what it rests on"),
    "formula": ("string", "how it is computed"),
    "inputs": ("string", "names of the figures that it is computed from"),
    "quality": ("string", "simulated, metered, estimated or missing"),
    "low": ("number", "lower bound, in the unit of the row"),
    "high": ("number", "upper bound, in the unit of the row"),
    "uncertainty": ("string", "what low and high are, or why there are none"),
    "source": ("string", "where it comes from"),
    "factors": ("string", "emission factors used, each with table, year, basis, licence and checksum"),
    "verified": ("boolean", "false: name or form of the field was not checked against the standard's text"),
    "factors_verified": ("boolean", "false: a factor in it was not checked against its publisher's own table"),
    "reason": ("string", "why there is no value"),
    "statement": ("string", STATEMENT.description),
}
LEDGER = {
    "period_start_utc": START, "period_end_utc": END,
    "load_wh": Described("integer", "Wh", "energy that carbon-free energy is matched with"),
    "clean_wh": Described("integer", "Wh", "carbon-free energy of contracts and certificates"),
    "matched_wh": Described("integer", "Wh", "load that it covers in the same interval"),
    "unmatched_wh": Described("integer", "Wh", "load that it does not cover"),
    "surplus_wh": Described("integer", "Wh", "carbon-free energy beyond the load"),
    "statement": STATEMENT,
}  # fmt: skip
CERTIFICATES = {
    "certificate_id": Described("string", "", "identifier, or name of the contract and start of the interval"),
    "registry": Described("string", "", "registry, or the contract"),
    "instrument": Described("string", "", "GO, REC, I-REC, GC, PPA or supplier; claim: by hour, of the scenario"),
    "device": Described("string", "", "generator"),
    "technology": Described("string", "", "such as wind"),
    "bidding_zone": Described("string", "", "grid area of the generator"),
    "period_start_utc": START, "period_end_utc": END,
    "quantity_wh": Described("integer", "Wh", "energy, in whole watt-hours"),
    "status": Described("string", "", "issued, transferred or cancelled; simulated where nothing is issued"),
    "cancelled_for_period": Described("string", "", "period for which it is cancelled, end excluded"),
    "beneficiary": Described("string", "", "for whom"),
    "statement": STATEMENT,
}  # fmt: skip


def tables(document: Document, hourly: Hourly | None) -> Iterator[Table]:
    """All tables of a report that there is something in."""
    yield _figures("figures", "All figures", document, None)
    for word in document["standards"]:
        yield _figures(word, TITLES[word], document, word)
    if document["months"]:
        yield _months(document)
    if hourly is not None:
        yield hours(document, hourly)
    if "cfe" in document["standards"]:
        found = (_ledger(document, hourly), _certificates(document, hourly))
        yield from (one for one in found if one.rows)


def _figures(name: str, title: str, document: Document, standard: str | None) -> Table:
    columns = {column: Described(*_of_figures(column)) for column in COLUMNS}
    return Table(name, title, columns, [[row[c] for c in COLUMNS] for row in rows(document, standard)])


def _of_figures(column: str) -> tuple[Kind, str, str]:
    kind, text = FIGURES[column]
    return kind, "UTC" if column.endswith("_utc") else "", text


def _months(document: Document) -> Table:
    local = {"start_local": Described("datetime", "local time", "the same start"),
             "end_local": Described("datetime", "local time", "the same end")}  # fmt: skip
    names = month_columns(document)
    values = {name: Described("number", KEYS[name].unit, f"{KEYS[name].long_name}; {KEYS[name].boundary}")
              for name in names}  # fmt: skip
    columns = {"start_utc": START, "end_utc": END, **local, **values, "statement": STATEMENT}
    lines = [[*row, document["statement"]] for row in month_rows(document)]
    return Table("months", "Quantities by interval; they add up to those of the period", columns, lines)


def hours(document: Document, hourly: Hourly) -> Table:
    """The hours as a table, for CSV and for Parquet."""
    values = {name: Described("number", one.unit, one.description) for name, one in hourly.columns.items()}
    columns = {"start_utc": START, "end_utc": END, **CIVIL, **values, "statement": STATEMENT}
    numbers = [hourly.values[name].tolist() for name in hourly.columns]
    said = [document["statement"]] * hourly.count
    lines = list(zip(*_ends(hourly), *hourly.civil(), *numbers, said, strict=True))
    return Table("hourly", "Quantities by hour; a run's series are in single precision", columns, lines)


def _ends(hourly: Hourly) -> tuple[list[str], list[str]]:
    start, end = ([f"{one}Z" for one in np.datetime_as_string(t, unit="s")] for t in (hourly.start, hourly.end))
    return start, end


def _ledger(document: Document, hourly: Hourly | None) -> Table:
    """Carbon-free energy against load in whole Wh by interval: load is matched or unmatched, the rest is surplus."""
    lines: list[Sequence[Any]] = []
    if hourly is not None and hourly.claims and hourly.load in hourly.values:
        load, clean = _wh(hourly.values[hourly.load]), sum(_wh(kwh) for kwh in hourly.claims.values())
        matched = np.minimum(load, clean)
        numbers = [one.tolist() for one in (load, clean, matched, load - matched, clean - matched)]
        lines = [[*row, document["statement"]] for row in zip(*_ends(hourly), *numbers, strict=True)]
    return Table("cfe_hourly", "Carbon-free energy by interval, in whole Wh", LEDGER, lines)


def _wh(kwh: Any) -> Any:
    return np.rint(np.nan_to_num(kwh) * 1000.0).astype(np.int64)


def _certificates(document: Document, hourly: Hourly | None) -> Table:
    """Instruments as the site's file states them, then energy of each contract by hour; nothing that is zero."""
    said, ends = document["statement"], document["period"]
    whole = f"{ends['start_utc']}/{ends['end_utc']}"
    found: list[Sequence[Any]] = []
    for one in document["instruments"]:
        start, end = one["period_start_utc"] or ends["start_utc"], one["period_end_utc"] or ends["end_utc"]
        found.append([one["certificate_id"], one["registry"] or one["source"], one["kind"], one["device"],
                      one["technology"], one["bidding_zone"], start, end, round(one["energy_kwh"] * 1000.0),
                      one["status"], whole if one["status"] == "cancelled" else "", one["beneficiary"],
                      said])  # fmt: skip
    if hourly is not None:
        status = "simulated" if document["provenance"]["data_nature"] == "simulated" else "as metered"
        for name, kwh in hourly.claims.items():
            found += [[f"{name}/{start}", "", "claim", name, "", "", start, end, wh, status, "", "", said]
                      for start, end, wh in zip(*_ends(hourly), _wh(kwh).tolist(), strict=True) if wh]  # fmt: skip
    return Table("certificates", "Certificates and contracts, in whole Wh", CERTIFICATES, found)
