"""The bars of energy on paper: the same rectangles and labels as on the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib import colors

from twin.outputs.reporting.looks import DIM, LINE, PLAIN

SIZE = 12  # of the page's texts, in its own units


def drawn(chart: Mapping[str, Any], width: float) -> Drawing:
    """The drawing of :func:`twin.outputs.reporting.chart.energy_chart`, scaled to a width in points."""
    scale, tall = width / chart["width"], float(chart["height"])
    drawing = Drawing(width, tall * scale)

    def y(value: object, height: float = 0.0) -> float:
        """From the page's axis, which points down, to the paper's."""
        return (tall - float(str(value)) - height) * scale

    def label(x: float, at: float, text: str, anchor: str = "start") -> None:
        drawing.add(String(x * scale, y(at), text, fontName=PLAIN, fontSize=SIZE * scale * 1.1,
                           fillColor=colors.HexColor(DIM), textAnchor=anchor))  # fmt: skip

    for part in chart["legend"]:
        drawing.add(_box(float(part["x"]) * scale, y(2, 11), 11 * scale, 11 * scale, part["colour"]))
        label(float(part["x"]) + 16, 12, part["name"])
    label(0, 12, "MWh")
    for tick in chart["ticks"]:
        drawing.add(Line(chart["left"] * scale, y(tick["y"]), width, y(tick["y"]), strokeColor=colors.HexColor(LINE),
                         strokeWidth=0.4))  # fmt: skip
        label(chart["left"] - 8, float(tick["y"]) + 4, tick["text"], "end")
    for bar in chart["bars"]:
        height = float(bar["height"])
        drawing.add(_box(float(bar["x"]) * scale, y(bar["y"], height), float(bar["width"]) * scale, height * scale,
                         bar["colour"]))  # fmt: skip
    for one in chart["labels"]:
        label(float(one["x"]), chart["base"] + 17, one["text"], "middle")
    return drawing


def _box(x: float, y: float, width: float, height: float, colour: str) -> Rect:
    return Rect(x, y, width, height, fillColor=colors.HexColor(colour), strokeColor=None, strokeWidth=0)
