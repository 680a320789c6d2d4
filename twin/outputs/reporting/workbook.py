"""The report as an Excel workbook, the same bytes for the same report: numbers are values, never formulas."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from twin.outputs.numbers import SPELLED
from twin.outputs.reporting.tables import COLUMNS, Document, doubts, month_columns, month_rows, provenance, rows

# Columns of KPIs: what is read first stands first. All of COLUMNS are there.
FIRST = (
    "metric", "long_name", "value", "unit", "low", "high", "quality", "verified", "factors_verified", "basis", "reason",
    "formula", "inputs", "factors", "source", "category", "boundary", "standard", "uncertainty",
)  # fmt: skip
KPI_COLUMNS = (*FIRST, *(column for column in COLUMNS if column not in FIRST))
LINE, MOST = 15, 27  # points of a line; lines of a row, of at most 409 points
PAPER_A3, PAPER_A4 = 8, 9  # of Excel
WIDE = ("KPIs", "Monthly", "Factors", "Methodology", "Data quality")
WIDTHS = {
    "metric": 34, "value": 18, "low": 16, "high": 16, "quality": 13, "verified": 10, "factors_verified": 10,
    "unit": 12, "long_name": 44, "standard": 34, "boundary": 34, "category": 26,
    "basis": 60, "formula": 46, "inputs": 50, "source": 50, "factors": 70, "reason": 60, "statement": 38,
    "uncertainty": 60,
}  # fmt: skip
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
Cell = str | float | int | bool | None


@dataclass(frozen=True)
class _Formats:
    title: Format
    head: Format
    text: Format
    number: Format
    whole: Format
    tenths: Format
    small: Format
    link: Format
    big: Format
    great: Format
    notice: Format


def workbook_bytes(document: Document) -> bytes:
    """The workbook of a report document."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, OPTIONS)
    book.set_properties({  # a fixed time of creation, so that equal reports are equal files
        "title": f"Report of {document['scenario']}", "comments": document["statement"],
        "created": datetime.fromisoformat(document["period"]["end_utc"]).replace(tzinfo=None),
    })  # fmt: skip
    looks = _formats(book)
    names = ("Summary", "KPIs", "Monthly", "Assumptions", "Factors", "Methodology", "Data quality", "Change log",
             "Provenance")  # fmt: skip
    sheets = {name: book.add_worksheet(name) for name in names}
    for name, sheet in sheets.items():
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(PAPER_A3 if name in WIDE else PAPER_A4)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(3)
        sheet.write_string(0, 0, f"{document['scenario']}: {name}", looks.title)
        sheet.write_string(1, 0, document["statement"], looks.notice)
    lines = _kpis(sheets["KPIs"], document, looks)
    _summary(sheets["Summary"], document, looks, lines)
    _others(sheets, document, looks)
    book.close()
    return buffer.getvalue()


def _formats(book: Workbook) -> _Formats:
    head = {"bold": True, "bg_color": "#1f3a4d", "font_color": "#ffffff", "text_wrap": True, "valign": "top"}
    return _Formats(
        title=book.add_format({"bold": True, "font_size": 14, "font_color": "#1f3a4d"}),
        head=book.add_format(head),
        text=book.add_format({"text_wrap": True, "valign": "top"}),
        number=book.add_format({"valign": "top", "num_format": "#,##0.000_)", "align": "right"}),
        whole=book.add_format({"valign": "top", "num_format": "#,##0_)", "align": "right"}),
        tenths=book.add_format({"valign": "top", "num_format": "#,##0.0_)", "align": "right"}),
        small=book.add_format({"valign": "top", "num_format": "0.000E+00_)", "align": "right"}),
        link=book.add_format({"font_color": "#1a5fb4", "underline": 1, "valign": "top"}),
        big=book.add_format({"bold": True, "font_size": 14, "num_format": "#,##0.000_)", "valign": "top"}),
        great=book.add_format({"bold": True, "font_size": 14, "num_format": "#,##0_)", "valign": "top"}),
        notice=book.add_format({"italic": True, "font_color": "#a03000"}),
    )


def _put(sheet: Worksheet, row: int, column: int, value: Cell, looks: _Formats) -> None:
    if value is None:
        sheet.write_blank(row, column, None, looks.text)
    elif isinstance(value, bool):
        sheet.write_string(row, column, "yes" if value else "no", looks.text)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, _shown_as(value, looks))
    else:
        sheet.write_string(row, column, value, looks.text)


def _shown_as(value: float, looks: _Formats) -> Format:
    """Format by size: the cell holds every digit, whatever it shows."""
    size = abs(value)
    if value == int(value) and size < 1e15:
        return looks.whole
    return looks.tenths if size >= 1000.0 else looks.number if size >= 0.01 else looks.small


def _table(
    sheet: Worksheet, head: Sequence[str], lines: Iterable[Sequence[Cell]], looks: _Formats, widths: Sequence[int]
) -> None:
    """A table from the fourth line on, its head frozen; rows are as high as their texts need at these widths."""
    for column, (text, width) in enumerate(zip(head, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(3, column, text, looks.head)
    sheet.freeze_panes(4, 1)
    for row, line in enumerate(lines, 4):
        sheet.set_row(row, LINE * _lines(line, widths))
        for column, value in enumerate(line):
            _put(sheet, row, column, value, looks)


def _lines(line: Sequence[Cell], widths: Sequence[int]) -> int:
    """Lines that the longest text of a row takes; a width is that many digits of the standard font."""
    needed = [
        len(textwrap.wrap(text, width)) for text, width in zip(line, widths, strict=True) if isinstance(text, str)
    ]
    return min(max(1, *needed), MOST) if needed else 1


def _kpis(sheet: Worksheet, document: Document, looks: _Formats) -> dict[str, int]:
    """All figures; returns the line of each by its name, from zero."""
    found = list(rows(document))
    widths = [WIDTHS.get(column, 22) for column in KPI_COLUMNS]
    _table(sheet, KPI_COLUMNS, ([row[c] for c in KPI_COLUMNS] for row in found), looks, widths)
    sheet.freeze_panes(4, 2)
    sheet.autofilter(3, 0, 3 + len(found), len(KPI_COLUMNS) - 1)
    return {row["metric"]: line for line, row in enumerate(found, 4)}


def _summary(sheet: Worksheet, document: Document, looks: _Formats, lines: Mapping[str, int]) -> None:
    widths = (44, 22, 14, 16, 16, 22, 70, 12)
    head = ("Figure", "Value", "Unit", "Low", "High", "Quality", "Basis, or why it is missing", "")
    for column, (text, width) in enumerate(zip(head, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(3, column, text, looks.head)
    for line, name in enumerate(document["headlines"], 4):
        metric = document["metrics"][name]
        sheet.set_row(line, 36)
        _put(sheet, line, 0, metric["long_name"], looks)
        if isinstance(metric["value"], int | float):
            sheet.write_number(line, 1, metric["value"], looks.big if abs(metric["value"]) < 1000 else looks.great)
        else:
            sheet.write_string(line, 1, metric["value"] or "–", looks.big)
        _put(sheet, line, 2, SPELLED.get(metric["unit"], metric["unit"]), looks)
        quality = "; ".join((metric["quality"], *(word for word, _ in doubts(metric))))
        for column, text in enumerate((metric["low"], metric["high"], quality, metric.get("reason") or metric["basis"]),
                                      3):  # fmt: skip
            _put(sheet, line, column, text, looks)
        sheet.write_url(line, 7, f"internal:'KPIs'!A{lines[name] + 1}", looks.link, "how")
    period = document["period"]
    sheet.write_string(10, 0, "Period (local, end excluded)", looks.text)
    sheet.write_string(10, 1, f"{period['start_local'][:10]} to {period['end_local'][:10]}")
    if period["interim"]:
        sheet.write_string(11, 1, "interim: shorter than a year, nothing is annualised", looks.notice)


def _others(sheets: Mapping[str, Worksheet], document: Document, looks: _Formats) -> None:
    columns = month_columns(document)
    ends = ["start_utc", "end_utc", "start_local", "end_local"]
    total = [document["metrics"].get(f"quantity.{name}", {}).get("value") for name in columns]
    parts = [["part", *row] for row in month_rows(document)]
    if parts:
        parts.append(["whole period", *(document["period"][end] for end in ends), *total])
    _table(sheets["Monthly"], ["interval", *ends, *columns], parts, looks, [14] + [28] * 4 + [20] * len(columns))
    estimates = [row for row in rows(document)
                 if row["quality"] == "estimated" and row["value"] is not None and not row["inputs"]]  # fmt: skip
    stated = [[row["long_name"], row["value"], row["unit"], row["source"], row["basis"]] for row in estimates]
    stated += [["Note", note, "", "", ""] for note in document["notes"]]
    _table(sheets["Assumptions"], ("What", "Value", "Unit", "Source", "Basis"), stated, looks, (50, 60, 14, 50, 60))
    names = ("name", "value", "unit", "basis", "gwp_set", "what", "title", "data_year", "source", "licence", "file",
             "sha256", "verified")  # fmt: skip
    lines = (
        [str(one[name] or "") if name == "data_year" else one[name] for name in names] for one in document["factors"]
    )
    _table(sheets["Factors"], names, lines, looks, (22, 12, 14, 12, 10, 44, 38, 10, 60, 30, 44, 68, 10))
    methods = ([row[c] for c in ("metric", "long_name", "formula", "inputs", "factors", "boundary", "standard")]
               for row in rows(document) if row["formula"])  # fmt: skip
    _table(sheets["Methodology"], ("Figure", "Name", "Formula", "Inputs", "Factors", "Boundary", "Standard"), methods,
           looks, (36, 44, 50, 50, 70, 34, 34))  # fmt: skip
    asked = ("metric", "long_name", "quality", "low", "high", "uncertainty", "verified", "factors_verified", "reason")
    words = ("Figure", "Name", "Quality", "Low", "High", "What low and high are", "Form verified", "Factors verified",
             "Why there is no value")  # fmt: skip
    known = ([row[name] for name in asked] for row in sorted(rows(document), key=lambda row: row["value"] is not None))
    _table(sheets["Data quality"], words, known, looks, (40, 50, 14, 18, 18, 70, 10, 10, 80))
    changes = [[one["on"], one["what"]] for one in document["changes"]] or [["", "no changes are stated"]]
    _table(sheets["Change log"], ("Day", "What changed"), changes, looks, (20, 100))
    _table(sheets["Provenance"], ("What", "Value"), provenance(document), looks, (50, 100))
