"""A Pareto front as SVG, written by hand: runs as points, the front as a line, bounds that are broken in grey."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from twin.outputs.palette import COLOURS

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 480, 96, 40, 64, 60
INK, GRID, GREY = "#333333", "#E3E3E3", "#B8B8B8"
MARGIN = 0.05  # of the span of the data, on each side
TICKS = 5


def scatter(title: str, axes: tuple[str, str], points: NDArray[np.float64], front: NDArray[np.bool_],
            broken: NDArray[np.bool_], names: Sequence[str]) -> str:  # fmt: skip
    """Points of shape (runs, 2) as a picture; those of the front are joined and named, ``broken`` ones are grey."""
    ticks = [_ticks(points[:, k]) for k in range(2)]
    x, y = (_scale(ticks[k], *ends) for k, ends in enumerate(((LEFT, WIDTH - RIGHT), (HEIGHT - BOTTOM, TOP))))
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' role='img' "
        f"font-family='Helvetica, Arial, sans-serif' fill='{INK}'>",
        f"<title>{escape(title)}</title>",
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='#FFFFFF'/>",
        _text(LEFT, 24, title, 15),
        *_legend(),
        *(part for at in ticks[0] for part in _tick(x(at), True, at, ticks[0])),
        *(part for at in ticks[1] for part in _tick(y(at), False, at, ticks[1])),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, axes[0], 12, "middle"),
        f"<text x='{-(TOP + HEIGHT - BOTTOM) / 2:.1f}' y='18' font-size='12' text-anchor='middle' "
        f"transform='rotate(-90)'>{escape(axes[1])}</text>",
    ]
    lines += [_dot(x(a), y(b), GREY, 2.5) for (a, b), bad in zip(points, broken, strict=True) if bad]
    kept = [p for p, bad, on in zip(points, broken, front, strict=True) if not bad and not on]
    lines += [_dot(x(a), y(b), COLOURS["it"], 2.5) for a, b in kept]
    lines += _front(points, front, names, x, y)
    return "\n".join([*lines, "</svg>", ""])


def _front(points, front, names, x, y) -> list[str]:  # type: ignore[no-untyped-def]
    order = sorted(np.flatnonzero(front), key=lambda at: tuple(points[at]))
    if not order:
        return []
    path = " ".join(f"{x(points[at, 0]):.1f},{y(points[at, 1]):.1f}" for at in order)
    lines = [f"<polyline points='{path}' fill='none' stroke='{COLOURS['limit']}' stroke-width='1.4'/>"]
    lines += [_dot(x(points[at, 0]), y(points[at, 1]), COLOURS["limit"], 4.0) for at in order]
    named, last = [], (-math.inf, -math.inf)
    for at in order:
        here = (x(points[at, 0]) + 7, y(points[at, 1]) - 6)
        if math.hypot(here[0] - last[0], here[1] - last[1]) > 24:  # names that would lie on each other are left out
            anchor = "end" if here[0] > WIDTH - RIGHT - 40 else "start"
            text = _text(here[0] - (14 if anchor == "end" else 0), here[1], names[at], 10, anchor)
            named.append(text.replace("<text ", "<text paint-order='stroke' stroke='#FFFFFF' stroke-width='3' "))
            last = here
    return lines + named


def _legend() -> list[str]:
    words = (("no other run is better in both", COLOURS["limit"], 4.0), ("other runs", COLOURS["it"], 2.5),
             ("runs that break a bound", GREY, 2.5))  # fmt: skip
    lines, at = [], float(LEFT)
    for text, colour, radius in words:
        lines += [_dot(at + 4, 42, colour, radius), _text(at + 14, 46, text, 11)]
        at += 40 + 6.0 * len(text)
    return lines


def _dot(x: float, y: float, colour: str, radius: float) -> str:
    return f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{radius:g}' fill='{colour}'/>"


def _text(x: float, y: float, text: str, size: int, anchor: str = "start") -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size}' text-anchor='{anchor}'>{escape(text)}</text>"


def _tick(at: float, across: bool, value: float, ticks: Sequence[float]) -> list[str]:
    label = _number(value, ticks[1] - ticks[0])
    if across:
        line = f"<line x1='{at:.1f}' x2='{at:.1f}' y1='{TOP}' y2='{HEIGHT - BOTTOM}' stroke='{GRID}'/>"
        return [line, _text(at, HEIGHT - BOTTOM + 16, label, 11, "middle")]
    line = f"<line x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{at:.1f}' y2='{at:.1f}' stroke='{GRID}'/>"
    return [line, _text(LEFT - 8, at + 4, label, 11, "end")]


def _number(value: float, step: float) -> str:
    decimals = max(0, -math.floor(math.log10(step))) if step < 1 else 0
    return f"{value:,.{decimals}f}".replace(",", "\u202f")


def _ticks(values: NDArray[np.float64]) -> list[float]:
    """Round values around the data, equally far apart, with a margin at both ends."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    span = (high - low) or abs(high) or 1.0
    low, high = low - MARGIN * span, high + MARGIN * span
    raw = (high - low) / TICKS
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * k for k in (1.0, 2.0, 2.5, 5.0, 10.0) if size * k >= raw)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [at * step for at in range(first, last + 1)]


def _scale(ticks: Sequence[float], start: float, end: float):  # type: ignore[no-untyped-def]
    return lambda value: start + (value - ticks[0]) / (ticks[-1] - ticks[0]) * (end - start)
