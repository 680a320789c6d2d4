"""A figure of a year as SVG, written by hand: panels of curves over the months, with axes, units and a legend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

WIDTH, LEFT, RIGHT, TOP, PANEL, GAP, BOTTOM = 900, 74, 24, 62, 170, 60, 48
DAYS = 365
MONTH_STARTS = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
INK, GREY, LIMIT = "#333333", "#8A8A8A", "#D55E00"  # text; the other program (baseline); limits: Okabe-Ito
FONT = "font-family='Helvetica, Arial, sans-serif'"


@dataclass(frozen=True)
class Curve:
    """Values by day, shape (365,), and how they are drawn."""

    name: str
    values: NDArray[np.float64]
    colour: str
    width: float = 1.4


@dataclass(frozen=True)
class Panel:
    """One pair of axes: title, curves, ticks of the vertical axis (first and last are its ends), and limits."""

    title: str
    axis: str
    curves: tuple[Curve, ...]
    ticks: tuple[float, ...]
    limits: tuple[float, ...] = ()
    limits_name: str = "limit"


TYPICAL = "month of the typical year, local standard time"


def figure(title: str, panels: tuple[Panel, ...], below: str = TYPICAL) -> str:
    """The figure as text; ``below`` says what the horizontal axis is."""
    height = TOP + len(panels) * PANEL + (len(panels) - 1) * GAP + BOTTOM
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' role='img' {FONT} fill='{INK}'>",
        f"<title>{escape(title)}</title>",
        f"<rect width='{WIDTH}' height='{height}' fill='#FFFFFF'/>",
        _text(LEFT, 24, title, size=15),
    ]
    for i, panel in enumerate(panels):
        lines += _panel(panel, TOP + i * (PANEL + GAP))
    lines.append(_text((LEFT + WIDTH - RIGHT) / 2, height - 10, below, "middle"))
    return "\n".join([*lines, "</svg>", ""])


def _panel(panel: Panel, top: float) -> list[str]:
    low, high = panel.ticks[0], panel.ticks[-1]

    def down(value: float) -> float:
        return top + PANEL * (high - value) / (high - low)

    lines = [_text(LEFT, top - 10, panel.title), *_legend(panel, top - 10)]
    middle = top + PANEL / 2
    lines.append(_text(18, middle, panel.axis, "middle", more=f" transform='rotate(-90 18 {middle:.1f})'"))
    for tick in panel.ticks:
        lines.append(_line(LEFT, down(tick), WIDTH - RIGHT, down(tick), "#E2E2E2"))
        lines.append(_text(LEFT - 8, down(tick) + 4, f"{tick:g}".replace("-", "−"), "end"))
    for start, name in zip(MONTH_STARTS, MONTHS, strict=True):
        lines.append(_line(_across(start), top + PANEL, _across(start), top + PANEL + 5, INK))
        lines.append(_text(_across(start + 15), top + PANEL + 17, name, "middle"))
    lines += [_curve(curve, down) for curve in panel.curves]
    lines += [_line(LEFT, down(limit), WIDTH - RIGHT, down(limit), LIMIT, "6 4") for limit in panel.limits]
    lines.append(_line(LEFT, top, LEFT, top + PANEL, INK))
    return [*lines, _line(LEFT, top + PANEL, WIDTH - RIGHT, top + PANEL, INK)]


def _legend(panel: Panel, at: float) -> list[str]:
    entries = [(curve.name, curve.colour, "", curve.width) for curve in panel.curves]
    entries += [(panel.limits_name, LIMIT, "6 4", 1.4)] if panel.limits else []
    lines, right = [], float(WIDTH - RIGHT)
    for name, colour, dashes, width in reversed(entries):
        lines.append(_text(right, at, name, "end"))
        right -= 6.4 * len(name) + 10
        lines.append(_line(right - 24, at - 4, right, at - 4, colour, dashes, width))
        right -= 46
    return lines


def _curve(curve: Curve, down: Callable[[float], float]) -> str:
    points = " ".join(f"{_across(day + 0.5):.1f},{down(v):.1f}" for day, v in enumerate(curve.values.tolist()))
    stroke = f"stroke='{curve.colour}' stroke-width='{curve.width}' stroke-linejoin='round'"
    return f"<polyline points='{points}' fill='none' {stroke}/>"


def _across(day: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * day / DAYS


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, dashes: str = "", width: float = 1.0) -> str:
    dashed = f" stroke-dasharray='{dashes}'" if dashes else ""
    ends = f"x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}'"
    return f"<line {ends} stroke='{colour}' stroke-width='{width}'{dashed}/>"


def _text(x: float, y: float, text: str, anchor: str = "start", size: int = 12, more: str = "") -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' font-size='{size}'{more}>{escape(text)}</text>"
