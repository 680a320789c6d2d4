"""Fonts, colours and rules of the report on paper, after those of the page."""

from __future__ import annotations

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle

PLAIN, BOLD = "TwinSans", "TwinSans-Bold"
INK, DIM, LINE, HEAD, WARN = "#1c2730", "#5b6b78", "#d9e0e6", "#1f3a4d", "#9a3412"


def _style(name: str, size: float, colour: str = INK, **more: object) -> ParagraphStyle:
    full = {"fontName": PLAIN, "fontSize": size, "leading": 1.28 * size, "textColor": colors.HexColor(colour)} | more
    return ParagraphStyle(name, splitLongWords=1, **full)


STYLES = {
    one.name: one
    for one in (
        _style("h1", 19, HEAD, fontName=BOLD, spaceAfter=2),
        _style("h2", 12.5, HEAD, fontName=BOLD, spaceBefore=14, spaceAfter=5),
        _style("dim", 9, DIM, spaceAfter=6),
        _style("warn", 8.5, WARN),
        _style("cell", 7.5),
        _style("number", 7.5, alignment=TA_RIGHT),
        _style("head", 7.5, "#ffffff"),
        _style("head right", 7.5, "#ffffff", alignment=TA_RIGHT),
        _style("small", 7.5, DIM, spaceBefore=3, spaceAfter=5),
        _style("how", 8.5, spaceBefore=7, spaceAfter=1),
        _style("card", 7.5, DIM),
        _style("big", 14),
        _style("tiny", 6.2, DIM, spaceBefore=1),
    )
}
PAD = [("LEFTPADDING", (0, 0), (-1, -1), 4), ("RIGHTPADDING", (0, 0), (-1, -1), 4), ("VALIGN", (0, 0), (-1, -1), "TOP")]
TABLE = [
    ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor(HEAD)),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.HexColor(LINE)),
    *PAD,
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]
DETAIL = [
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 2),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("TOPPADDING", (0, 0), (-1, -1), 0.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0.5),
]
BAND = [
    ("BACKGROUND", (0, 0), (-1, -1), colors.HexColor("#fff4e8")),
    ("LINEBEFORE", (0, 0), (0, -1), 3, colors.HexColor(WARN)),
    ("LEFTPADDING", (0, 0), (-1, -1), 8),
]
CARD = [
    ("BOX", (0, 0), (-1, -1), 0.6, colors.HexColor(LINE)),
    ("INNERGRID", (0, 0), (-1, -1), 0.6, colors.HexColor(LINE)),
    ("LEFTPADDING", (0, 0), (-1, -1), 6),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ("TOPPADDING", (0, 0), (-1, -1), 5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]
