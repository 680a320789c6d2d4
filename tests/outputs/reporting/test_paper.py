"""The report as PDF: the same bytes each time, links that lead somewhere, no text lost without a word."""

from __future__ import annotations

import ctypes
import json
import re
from pathlib import Path
from typing import Any

import pytest

from twin.studies.reporting.inputs import read_report

paper = pytest.importorskip("twin.outputs.reporting.paper", reason="needs reportlab", exc_type=ModuleNotFoundError)
EXAMPLE = "data:reporting/example/{}"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    meters, site = (Path(EXAMPLE.format(name)) for name in ("meters.csv", "site.yaml"))
    return read_report(None, meters, site, ["iso30134", "enefg"])


@pytest.fixture(scope="module")
def pdf(document: dict[str, Any]) -> bytes:
    return bytes(paper.pdf_bytes(document))


def test_the_same_report_is_the_same_file(document: dict[str, Any], pdf: bytes) -> None:
    assert paper.pdf_bytes(json.loads(json.dumps(document))) == pdf
    assert b"not checked by the twin" in pdf, "in its properties"


def test_each_figure_links_to_how_it_is_computed_and_each_link_leads_somewhere(
    document: dict[str, Any], pdf: bytes
) -> None:
    links = re.findall(rb"/Dest \[ (\d+) 0 R /XYZ [\d. ]+\]", pdf)
    assert len(links) == pdf.count(b"/Subtype /Link") >= len(document["metrics"]), (
        "none without a page and a place on it"
    )


def test_every_figure_stands_in_the_text_as_people_read_it_and_exactly(document: dict[str, Any], pdf: bytes) -> None:
    pdfium = pytest.importorskip("pypdfium2", reason="needs pypdfium2 to read a PDF back")
    text = "".join(re.sub(r"\s", "", page.get_textpage().get_text_range()) for page in pdfium.PdfDocument(pdf))
    for name, metric in document["metrics"].items():
        if isinstance(metric["value"], float):
            assert f"exactly{metric['value']!r}" in text, name


def test_it_has_a_title_a_language_and_an_outline(pdf: bytes) -> None:
    """What assistive programs ask of a PDF."""
    assert b"/Lang (en)" in pdf
    assert b"/DisplayDocTitle true" in pdf
    assert b"/PageMode /UseOutlines" in pdf
    assert b"/Title (Example Frankfurt: report)" in pdf


def test_every_part_is_tagged_with_what_it_is_in_the_order_of_reading(document: dict[str, Any], pdf: bytes) -> None:
    """The tree as PDFium reads it: headings, the table of figures with its head, the chart in words."""
    pdfium = pytest.importorskip("pypdfium2", reason="needs pypdfium2 to read a PDF back")
    assert b"/Marked true" in pdf
    first = _tree(pdfium.raw, pdfium.PdfDocument(pdf)[0])
    words = [role for role, _ in first]
    assert [role for role in words if role in ("H1", "H2", "Figure", "Table")][:5] == [
        "H1",
        "H2",
        "Figure",
        "H2",
        "Table",
    ]
    assert words[words.index("Table") :][:6] == ["Table", "TR", "TH", "TH", "TH", "TH"]
    assert "2025-01 914.4, 2025-02 830.1" in next(text for role, text in first if role == "Figure")


def _tree(raw: Any, page: Any) -> list[tuple[str, str]]:
    """Roles and alternative texts of a page's tree, depth first."""
    tree = raw.FPDF_StructTree_GetForPage(page)
    found = []

    def text(read: Any, element: Any) -> str:
        size = read(element, None, 0)
        buffer = ctypes.create_string_buffer(max(size, 2))
        read(element, buffer, size)
        return buffer.raw[: max(size - 2, 0)].decode("utf-16-le")

    def walk(element: Any) -> None:
        found.append((text(raw.FPDF_StructElement_GetType, element), text(raw.FPDF_StructElement_GetAltText, element)))
        for k in range(raw.FPDF_StructElement_CountChildren(element)):
            if child := raw.FPDF_StructElement_GetChildAtIndex(element, k):
                walk(child)

    for k in range(raw.FPDF_StructTree_CountChildren(tree)):
        walk(raw.FPDF_StructTree_GetChildAtIndex(tree, k))
    raw.FPDF_StructTree_Close(tree)
    return found


def test_no_page_stays_half_empty_before_a_table(pdf: bytes) -> None:
    pdfium = pytest.importorskip("pypdfium2", reason="needs pypdfium2 to read a PDF back")
    pages = [page.get_textpage().get_text_range() for page in pdfium.PdfDocument(pdf)]
    first = next(text for text in pages if "Key performance indicators" in text)
    assert "PUE, category 1" in first, "the heading stands with its table"
    assert min(len(text) for text in pages[:-1]) > 1000, "characters of a page"


def test_a_character_that_the_font_lacks_is_told() -> None:
    text = paper._Text(paper._registered())
    assert text.safe("Łódź Αθήνα София 5 ≤ 6 € <b>") == "Łódź Αθήνα София 5 ≤ 6 € &lt;b&gt;"
    assert not text.lacking
    assert text.plain("東京") == "□□"
    assert text.lacking
