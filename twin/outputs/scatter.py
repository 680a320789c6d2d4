"""A Pareto front as SVG, written by hand: runs as points, the front as a line, bounds that are broken in grey."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.outputs.palette import COLOURS

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 480, 96, 40, 64, 60
INK, GRID, GREY = "#333333", "#E3E3E3", "#B8B8B8"
CYCLE = ("it", "limit", "chillers", "losses", "battery", "fans", "cost")  # of groups: told apart by all eyes
MARGIN = 0.05  # of the span of the data, on each side
TICKS = 5
LETTER = 5.6  # mean width of a letter of a name
FEW = 60  # of so few runs all are named where there is room, of more the front


def scatter(title: str, axes: tuple[str, str], points: NDArray[np.float64], front: NDArray[np.bool_],
            broken: NDArray[np.bool_], names: Sequence[str], groups: Sequence[str] = ()) -> str:  # fmt: skip
    """Points of shape (runs, 2) as a picture; those of the front are joined and named, ``broken`` ones are grey.

    With ``groups`` (one for each run) each group has a colour and a front of its own.
    """
    kinds = list(dict.fromkeys(groups))[: len(CYCLE)]
    colours = {kind: COLOURS[CYCLE[at]] for at, kind in enumerate(kinds)}
    ticks = [round_ticks(points[:, k]) for k in range(2)]
    x, y = (_scale(ticks[k], *ends) for k, ends in enumerate(((LEFT, WIDTH - RIGHT), (HEIGHT - BOTTOM, TOP))))
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' role='img' "
        f"font-family='Helvetica, Arial, sans-serif' fill='{INK}'>",
        f"<title>{escape(title)}</title>",
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='#FFFFFF'/>",
        text_at(LEFT, 24, title, 15),
        *_legend(colours),
        *(part for at in ticks[0] for part in _tick(x(at), True, at, ticks[0])),
        *(part for at in ticks[1] for part in _tick(y(at), False, at, ticks[1])),
        text_at((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, axes[0], 12, "middle"),
        f"<text x='{-(TOP + HEIGHT - BOTTOM) / 2:.1f}' y='18' font-size='12' text-anchor='middle' "
        f"transform='rotate(-90)'>{escape(axes[1])}</text>",
    ]
    told = [*np.flatnonzero(front), *(np.flatnonzero(~front & ~broken) if len(points) <= FEW else ())]
    lines += _names([(x(points[at, 0]), y(points[at, 1])) for at in told], [names[at] for at in told])
    lines += [_dot(x(a), y(b), GREY, 2.5) for (a, b), bad in zip(points, broken, strict=True) if bad]
    own = [colours.get(group, GREY) for group in groups] or [COLOURS["it"]] * len(points)
    kept = [(p, colour) for p, colour, bad, on in zip(points, own, broken, front, strict=True) if not bad and not on]
    lines += [_dot(x(a), y(b), colour, 2.5) for (a, b), colour in kept]
    for kind in kinds:
        lines += _front(points, front & (np.array(groups) == kind), x, y, colours[kind])
    lines += [] if kinds else _front(points, front, x, y, COLOURS["limit"])
    return "\n".join([*lines, "</svg>", ""])


def _front(points, front, x, y, colour) -> list[str]:  # type: ignore[no-untyped-def]
    order = sorted(np.flatnonzero(front), key=lambda at: tuple(points[at]))
    if not order:
        return []
    path = " ".join(f"{x(points[at, 0]):.1f},{y(points[at, 1]):.1f}" for at in order)
    lines = [f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='1.4'/>"]
    return lines + [_dot(x(points[at, 0]), y(points[at, 1]), colour, 4.0) for at in order]


def _names(places: Sequence[tuple[float, float]], names: Sequence[str]) -> list[str]:
    """Names beside their points, above or below, on the right or the left; where there is no room, none."""
    taken: list[tuple[float, float]] = []
    lines = []
    for (px, py), name in zip(places, names, strict=True):
        width = LETTER * len(name)
        for dx, dy in ((7.0, -6.0), (7.0, 14.0), (-7.0 - width, -6.0), (-7.0 - width, 14.0)):
            left, base = px + dx, py + dy
            inside = left > LEFT and left + width < WIDTH - 4 and base < HEIGHT - BOTTOM
            if inside and not _meets(left, base, width, taken):
                taken += [(left, base), (left + width, base)]
                text = text_at(left, base, name, 10)
                lines.append(text.replace("<text ", "<text paint-order='stroke' stroke='#FFFFFF' stroke-width='3' "))
                break
    return lines


def _meets(left: float, base: float, width: float, taken: Sequence[tuple[float, float]]) -> bool:
    """Whether a name would lie on one that is there; ``taken`` has the left and the right end of each."""
    pairs = zip(taken[::2], taken[1::2], strict=True)
    return any(left < end + 4 and start < left + width + 4 and abs(base - at) < 11 for (start, at), (end, _) in pairs)


def _legend(groups: Mapping[str, str]) -> list[str]:
    words = [("no other run is better in both", COLOURS["limit"], 4.0), ("other runs", COLOURS["it"], 2.5),
             ("runs that break a bound", GREY, 2.5)]  # fmt: skip
    if groups:
        words = [*((name, colour, 4.0) for name, colour in groups.items()), ("breaks a bound", GREY, 2.5)]
    lines, at = [], float(LEFT)
    for text, colour, radius in words:
        lines += [_dot(at + 4, 42, colour, radius), text_at(at + 14, 46, text, 11)]
        at += 40 + 6.0 * len(text)
    return lines


def _dot(x: float, y: float, colour: str, radius: float) -> str:
    return f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{radius:g}' fill='{colour}'/>"


def text_at(x: float, y: float, text: str, size: int, anchor: str = "start") -> str:
    """A text at a place."""
    return f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size}' text-anchor='{anchor}'>{escape(text)}</text>"


def _tick(at: float, across: bool, value: float, ticks: Sequence[float]) -> list[str]:
    label = tick_label(value, ticks[1] - ticks[0])
    if across:
        line = f"<line x1='{at:.1f}' x2='{at:.1f}' y1='{TOP}' y2='{HEIGHT - BOTTOM}' stroke='{GRID}'/>"
        return [line, text_at(at, HEIGHT - BOTTOM + 16, label, 11, "middle")]
    line = f"<line x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{at:.1f}' y2='{at:.1f}' stroke='{GRID}'/>"
    return [line, text_at(LEFT - 8, at + 4, label, 11, "end")]


def tick_label(value: float, step: float) -> str:
    """A number at an axis, with as many decimals as its steps need."""
    decimals = max(0, -math.floor(math.log10(step))) if step < 1 else 0
    return f"{value:,.{decimals}f}".replace(",", "\u202f")


def round_ticks(values: ArrayLike) -> list[float]:
    """Round values around the data, equally far apart, with a margin at both ends; none below zero where no value is.

    >>> round_ticks([1.0, 9.0]), round_ticks([200_000.0, 8_000_000.0])[0]
    ([0.0, 2.0, 4.0, 6.0, 8.0, 10.0], 0.0)
    """
    least, high = float(np.nanmin(values)), float(np.nanmax(values))
    span = (high - least) or abs(high) or 1.0
    low, high = least - MARGIN * span, high + MARGIN * span
    low = max(low, 0.0) if least >= 0.0 else low
    raw = (high - low) / TICKS
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * k for k in (1.0, 2.0, 2.5, 5.0, 10.0) if size * k >= raw)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [at * step for at in range(first, last + 1)]


def _scale(ticks: Sequence[float], start: float, end: float):  # type: ignore[no-untyped-def]
    return lambda value: start + (value - ticks[0]) / (ticks[-1] - ticks[0]) * (end - start)
