"""The report on paper: a PDF with what the HTML page shows, in its order, drawn without a browser.

ReportLab is plain Python and installs from PyPI alone; WeasyPrint needs pango and a browser is no library. Fonts travel
in ``data/fonts``, so that equal reports are equal bytes on every machine. Each figure links to how it is computed.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfmetrics import registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table

from twin.outputs.reporting.chart import energy_chart
from twin.outputs.reporting.looks import BAND, BOLD, CARD, DETAIL, DIM, PLAIN, STYLES, TABLE, WARN
from twin.outputs.reporting.page import SHORT, anchor
from twin.outputs.reporting.paper_canvas import Mark, Numbered
from twin.outputs.reporting.paper_chart import drawn
from twin.outputs.reporting.paper_tags import LAYOUT, Pictured, Said, tagging
from twin.outputs.reporting.tables import (
    Document,
    Row,
    as_read,
    doubts,
    ends_of_range,
    factor_as_read,
    missing,
    provenance,
    quality_as_read,
    range_as_read,
    sections,
)
from twin.series.files import resolve

WIDTH = A4[0] - 28 * mm - 12.0  # margins, and 6 points of padding that ReportLab leaves at either side
ROOM = 40 * mm
INSTEAD = "\u25a1"  # stands for a character that the font lacks
FONTS = {PLAIN: "data:fonts/dejavu_sans.ttf", BOLD: "data:fonts/dejavu_sans_bold.ttf"}


def pdf_bytes(document: Document) -> bytes:
    """The PDF of a report document."""
    glyphs = _registered()
    text = _Text(glyphs)
    buffer = io.BytesIO()
    title = f"{text.plain(document['scenario'])}: report"
    paper = SimpleDocTemplate(
        buffer, pagesize=A4, leftMargin=14 * mm, rightMargin=14 * mm, topMargin=13 * mm, bottomMargin=16 * mm,
        invariant=1, title=title, author="datacenter-twin", subject=document["statement"], lang="en",
    )  # fmt: skip
    foot = f"{text.plain(document['scenario'])} · {document['statement']}"
    parts = list(_parts(document, text))
    if text.lacking:
        parts.append(
            _line(f"{INSTEAD} stands for characters that this file's font lacks; report.html has them.", "small")
        )
    paper.build(parts, canvasmaker=lambda *a, **k: Numbered(foot, *a, **k))
    return buffer.getvalue()


def _registered() -> frozenset[int]:
    """Characters that the fonts have, after making them known."""
    for name, reference in FONTS.items():
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(resolve(reference))))
    registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)
    return frozenset(pdfmetrics.getFont(PLAIN).face.charToGlyph)


class _Text:
    """Texts as the fonts can draw them; remembers whether a character was lacking."""

    def __init__(self, glyphs: frozenset[int]) -> None:
        self.glyphs = glyphs
        self.lacking = False

    def plain(self, text: str) -> str:
        """The text, with a square for each character that the font lacks."""
        found = "".join(one if ord(one) in self.glyphs or one == "\n" else INSTEAD for one in text)
        self.lacking = self.lacking or found != text
        return found

    def safe(self, text: str) -> str:
        """The same for a paragraph, where < and & have a meaning."""
        return escape(self.plain(text))


def _line(text: str, style: str = "cell") -> Paragraph:
    return Said(text, STYLES[style])


def _headed(title: str, key: str) -> list[Flowable]:
    """A heading with room for the first lines below it; what follows may break, so that no page stays empty."""
    return [CondPageBreak(ROOM), Mark(title, key), _line(escape(title), "h2")]


def _parts(document: Document, text: _Text) -> Iterator[Flowable]:
    yield from _first(document, text)
    for k, (title, found) in enumerate(part for part in sections(document) if part[1]):
        yield from _headed(title, f"section-{k}")
        yield _figures(found, text)
    yield from _headed("How each figure is computed", "how")
    yield _line("Inputs are links to their own entries; factors carry table, year, basis, licence, checksum.", "small")
    for name, metric in document["metrics"].items():
        yield _how(name, metric, document["metrics"], text)
    if document["factors"]:
        yield from _headed("Factors", "factors")
        yield _factors(document, text)
    changes = [f"{one['on']}: {one['what']}" for one in document["changes"]]
    for title, key, said in (("Changes from earlier reports", "changes", changes),
                             ("Notes", "notes", document["notes"])):  # fmt: skip
        if said:
            yield from _headed(title, key)
            yield from (_line(f"• {text.safe(str(one))}") for one in said)
    yield from _headed("Provenance", "provenance")
    rows = [[_line(text.safe(what)), _line(text.safe(value))] for what, value in provenance(document)]
    yield Table(rows, colWidths=[0.36 * WIDTH, 0.64 * WIDTH], style=TABLE[1:], hAlign="LEFT", renderCB=tagging())
    gone, there = len(missing(document)), len(document["metrics"])
    yield _line(f"{gone} of {there} figures have no value; each says why. {text.safe(document['statement'])}.", "small")


def _first(document: Document, text: _Text) -> Iterator[Flowable]:
    """Name, period, what the figures are, the five that matter, and the chart."""
    period = document["period"]
    yield Mark("Summary", "summary")
    yield _line(text.safe(document["scenario"]), "h1")
    interim = " · <b>interim: not a year</b>" if period["interim"] else ""
    yield _line(f"{period['start_local'][:10]} to {period['end_local'][:10]}, end excluded, local time{interim}", "dim")
    yield Table(
        [[_line(f"<b>{text.safe(document['statement'])}</b>", "warn")]],
        colWidths=[WIDTH],
        style=BAND,
        hAlign="LEFT",
        renderCB=tagging(LAYOUT),
    )
    yield Spacer(1, 4 * mm)
    cards = [_card(name, document["metrics"][name], text) for name in document["headlines"]]
    yield Table([cards], colWidths=[WIDTH / len(cards)] * len(cards), style=CARD, hAlign="LEFT",
                renderCB=tagging(LAYOUT))  # fmt: skip
    chart = energy_chart(document["months"])
    if chart:
        yield from _headed("Energy by month", "energy")
        yield Pictured(drawn(chart, WIDTH), _told(document["months"]))


def _told(months: Sequence[Mapping[str, Any]]) -> str:
    """The chart in words."""
    values = (f"{one['period']['start_local'][:7]} {one['values']['edc_kwh'] / 1000.0:,.1f}" for one in months)
    return f"Bars of energy by month in MWh: {', '.join(values)}"


def _card(name: str, metric: Mapping[str, Any], text: _Text) -> list[Flowable]:
    value, unit = as_read(metric)
    why = metric.get("reason") if metric["value"] is None else metric["category"] or metric["basis"]
    return [
        _line(text.safe(SHORT.get(name, metric["long_name"])), "card"),
        _line(f"<b>{text.safe(value)}</b> <font size=7.5 color='{DIM}'>{text.safe(unit)}</font>", "big"),
        _line(text.safe(range_as_read(metric)), "tiny"),
        _line(text.safe(why or ""), "tiny"),
        _line(f"<font color='{WARN}'>{'; '.join(word for word, _ in doubts(metric))}</font>", "tiny"),
        _line(_link(name, "formula, inputs, factors"), "tiny"),
    ]


def _link(name: str, words: str) -> str:
    return f'<a href="#{anchor(name)}" color="#1a5fb4">{words}</a>'


def _figures(found: Sequence[Row], text: _Text) -> Flowable:
    words = (("Figure", "head"), ("Value", "head right"), ("Quality", "head"), ("Basis, or why it is missing", "head"))
    head = [_line(f"<b>{word}</b>", style) for word, style in words]
    rows = [
        [_line(_link(row["metric"], text.safe(row["long_name"])) + _key(row)), _value(row, text), _quality(row),
         _line(text.safe(str((row["reason"] if row["value"] is None else row["basis"]) or "")))]
        for row in found
    ]  # fmt: skip
    widths = [share * WIDTH for share in (0.30, 0.18, 0.13, 0.39)]
    return Table([head, *rows], colWidths=widths, repeatRows=1, style=TABLE, hAlign="LEFT", renderCB=tagging())


def _key(row: Row) -> str:
    """Key of the EU form."""
    return (
        f' <font size=6 color="{DIM}">{row["metric"].partition(".")[2]}</font>'
        if row["standard"].startswith("EU ")
        else ""
    )


def _value(row: Row, text: _Text) -> Paragraph:
    value, unit = as_read(row)
    between = range_as_read(row)
    more = f"<br/><font size=6 color='{DIM}'>{text.safe(between)}</font>" if between else ""
    return _line(f"<b>{text.safe(value)}</b> <font color='{DIM}'>{text.safe(unit)}</font>{more}", "number")


def _quality(row: Row) -> Paragraph:
    return _line(
        "".join([quality_as_read(row), *(f"<br/><font size=6 color='{DIM}'>{one}</font>" for one, _ in doubts(row))])
    )


def _how(name: str, metric: Mapping[str, Any], metrics: Mapping[str, Any], text: _Text) -> Flowable:
    """Value, formula, inputs with links, factors, boundary, source and standard of a figure."""
    number, unit = as_read(metric)
    exact = f" <font color='{DIM}'>exactly {metric['value']!r} {text.safe(metric['unit'])}</font>" if isinstance(
        metric["value"], float) else ""  # fmt: skip
    value = (
        f"none: {text.safe(metric['reason'])}"
        if metric["value"] is None
        else f"<b>{text.safe(number)}</b> {text.safe(unit)}"
    )
    inputs = "; ".join(_input(one, metrics, text) for one in metric["inputs"])
    lines = [
        ("Value", value + exact), ("Range", _range(metric, text)), ("Formula", text.safe(metric["formula"])),
        ("Inputs", inputs), ("Factors", "<br/>".join(text.safe(one) for one in metric["factors"])),
        ("Boundary", text.safe(" · ".join(filter(None, (metric["boundary"], metric["category"]))))),
        ("Source", text.safe(metric["source"])),
        ("Standard", "<br/>".join([text.safe(metric["standard"]), *(why for _, why in doubts(metric))])),
    ]  # fmt: skip
    title = (
        f'<a name="{anchor(name)}"/><b>{text.safe(metric["long_name"])}</b> <font size=6 color="{DIM}">{name}</font>'
    )
    rows = [[_line(f"<font color='{DIM}'>{what}</font>"), _line(told)] for what, told in lines if told]
    body = Table(rows, colWidths=[22 * mm, WIDTH - 22 * mm], style=DETAIL, hAlign="LEFT", renderCB=tagging())
    return KeepTogether([_line(title, "how"), body])


def _range(metric: Mapping[str, Any], text: _Text) -> str:
    if metric["low"] is None:
        return text.safe(metric["uncertainty"])
    return text.safe(f"{ends_of_range(metric)}; {metric['uncertainty']}")


def _input(name: str, metrics: Mapping[str, Any], text: _Text) -> str:
    if name not in metrics:
        return text.safe(name)
    value, unit = as_read(metrics[name])
    return f"{_link(name, text.safe(metrics[name]['long_name']))} {text.safe(value)} {text.safe(unit)}"


def _factors(document: Document, text: _Text) -> Flowable:
    head = [_line(f"<b>{word}</b>", "head") for word in ("Factor", "Value", "Basis", "GWP", "Source, year, licence")]
    rows = [
        [_line(text.safe(str(cell))) for cell in (
            factor_as_read(one), f"{one['value']} {one['unit']}", one["basis"] or "–", one["gwp_set"] or "–",
            f"{', '.join(filter(None, (one['title'], str(one['data_year'] or ''))))}; {one['source']}; {one['licence']}"
            + ("" if one["verified"] else "; not verified"))]
        for one in document["factors"]
    ]  # fmt: skip
    widths = [share * WIDTH for share in (0.24, 0.2, 0.1, 0.08, 0.38)]
    return Table([head, *rows], colWidths=widths, repeatRows=1, style=TABLE, hAlign="LEFT", renderCB=tagging())
