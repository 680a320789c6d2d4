"""Rows of a report for any writer: each figure of the document with all that is said of it, in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from twin.outputs.numbers import figure, unscaled
from twin.studies.reporting.report import STANDARDS

Document = Mapping[str, Any]
Row = dict[str, Any]

COLUMNS = (
    "metric", "value", "unit", "long_name", "standard", "start_utc", "end_utc", "start_local", "end_local", "boundary",
    "category", "basis", "formula", "inputs", "quality", "low", "high", "uncertainty", "source", "factors", "verified",
    "factors_verified", "reason", "statement",
)  # fmt: skip
FORMS = ("EU ", "ESRS ")  # beginnings of standards that are forms with units of their own
TITLES = {
    "iso30134": "Key performance indicators: ISO/IEC 30134, EN 50600-4",
    "ashrae904": "ASHRAE 90.4",
    "eed": "European Union: Delegated Regulation (EU) 2024/1364",
    "eed_2026_draft": "European Union: second delegated regulation, draft of 2026",
    "enefg": "Germany: Energy Efficiency Act (EnEfG) §11",
    "ghg": "Greenhouse gases: GHG Protocol",
    "sci": "Software carbon intensity: ISO/IEC 21031",
    "cfe": "Carbon-free energy by the hour",
    "esrs": "ESRS E1 and E3 datapoints",
}


def rows(document: Document, standard: str | None = None) -> Iterator[Row]:
    """Rows with :data:`COLUMNS`: of all figures, or of those of one standard."""
    begins = ("",) if standard is None else STANDARDS[standard]
    for name, metric in document["metrics"].items():
        if name.startswith(begins):
            yield _row(name, metric, document["statement"])


def _row(name: str, metric: Mapping[str, Any], statement: str) -> Row:
    joined = {key: "; ".join(metric.get(key, ())) for key in ("inputs", "factors")}
    full = {**metric, **metric["period"], **joined, "metric": name, "statement": statement}
    return {column: full.get(column) for column in COLUMNS}


def as_read(metric: Mapping[str, Any]) -> tuple[str, str]:
    """Value and unit as people read them; emissions in tonnes from one tonne on, as inventories have them.

    Fields of a form keep its unit, in which they are handed in.
    """
    value, unit = metric["value"], metric["unit"]
    if value is None or isinstance(value, str):
        return value or "–", ""
    if metric["standard"].startswith(FORMS):
        return unscaled(float(value), unit)
    if unit == "kgCO2e" and abs(value) >= 1000.0:
        return figure(float(value) / 1000.0, "t CO2e")
    return figure(float(value), unit)


def doubts(metric: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was not checked, as short words and as a sentence: the form of the field, a factor in the figure."""
    found = []
    if metric["verified"] is False:
        found.append(("form not verified", "Name or form of the field was not checked against the standard's text."))
    if metric["factors_verified"] is False:
        found.append(("factor not verified", "A factor in it was not checked against its publisher's own table."))
    return found


def quality_as_read(metric: Mapping[str, Any]) -> str:
    """Quality in a word: texts of the site's file are stated, not estimated."""
    told = isinstance(metric["value"], str) and metric["quality"] == "estimated"
    return "stated" if told else str(metric["quality"])


def range_as_read(metric: Mapping[str, Any]) -> str:
    """Low and high as people read them, each with its unit; nothing where there is no range or it has no width."""
    if metric["low"] is None or metric["low"] == metric["high"]:
        return ""
    (low, unit), (high, other) = (as_read({**metric, "value": metric[end]}) for end in ("low", "high"))
    if (low, unit) == (high, other):  # too narrow for the digits of a screen
        low, high, unit, other = f"{metric['low']:.7g}", f"{metric['high']:.7g}", metric["unit"], metric["unit"]
    return f"{low} to {high} {other}".strip() if unit == other else f"{low} {unit} to {high} {other}".strip()


def ends_of_range(metric: Mapping[str, Any]) -> str:
    """Low and high in the figure's own unit, to seven digits and never as powers of ten above them."""
    low, high = (f"{x:.0f}" if abs(x) >= 1e6 else f"{x:.7g}" for x in (metric["low"], metric["high"]))
    return f"{low} to {high}" + ("" if metric["unit"] == "1" else f" {metric['unit']}")


def factor_as_read(one: Mapping[str, Any]) -> str:
    """Name of a factor in its table and what it is."""
    return f"{one['name']}: {one['what']}" if one["what"] else str(one["name"])


def sections(document: Document) -> list[tuple[str, list[Row]]]:
    """Titles and rows by standard, then the quantities behind them."""
    found = [(TITLES[word], list(rows(document, word))) for word in document["standards"]]
    quantities = [row for row in rows(document) if row["metric"].startswith("quantity.")]
    shown = {row["metric"] for _, part in found for row in part} | {row["metric"] for row in quantities}
    others = [row for row in rows(document) if row["metric"] not in shown]
    return [*found, ("Other figures that these rest on", others), ("Quantities of the period", quantities)]


def missing(document: Document) -> list[Row]:
    """Figures without a value."""
    return [row for row in rows(document) if row["value"] is None]


def month_columns(document: Document) -> list[str]:
    """Names of the quantities that intervals tell."""
    return list(dict.fromkeys(key for month in document["months"] for key in month["values"]))


def month_rows(document: Document) -> Iterator[list[Any]]:
    """Each interval: its ends, then its values."""
    columns = month_columns(document)
    for month in document["months"]:
        ends = [month["period"][name] for name in ("start_utc", "end_utc", "start_local", "end_local")]
        yield [*ends, *(month["values"].get(column) for column in columns)]


def provenance(document: Document) -> list[tuple[str, str]]:
    """Lines on where the report comes from."""
    told = document["provenance"]
    lines = [
        ("Nature of the data", document["statement"]),
        ("Site or scenario", document["scenario"]),
        ("Period, UTC", f"{document['period']['start_utc']} to {document['period']['end_utc']}, end excluded"),
        ("Period, local", f"{document['period']['start_local']} to {document['period']['end_local']}, end excluded"),
        ("Software", f"{told['package']} {told['package_version']}"),
        ("Scenario, sha256", told["scenario_sha256"] or "none"),
        ("Random seed", "none: nothing is drawn at random" if told["seed"] is None else str(told["seed"])),
    ]
    for kind in ("inputs", "factors"):
        lines += [(f"{kind.capitalize()}: {name}", f"sha256 {sha}") for name, sha in told[f"{kind}_sha256"].items()]
    return lines
