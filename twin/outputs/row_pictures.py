"""Pictures in rows as SVG: percentile bands of an uncertain study, and what alternatives of a plan cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

import pandas as pd

from twin.outputs.palette import COLOURS
from twin.outputs.scatter import GRID, INK, round_ticks, text_at, tick_label
from twin.studies.tenyears import Option

WIDTH, LEFT, RIGHT, TOP, ROW, BOTTOM = 900, 230, 190, 64, 34, 44
BAR = 14  # height of a bar


def bands_picture(title: str, bands: pd.DataFrame, texts: Sequence[tuple[str, str]]) -> str:
    """Rows of a figure each: p5 to p95 as a line, p25 to p75 as a bar, the median as a tick, all over the median.

    ``bands`` has columns p5, p25, p50, p75, p95; ``texts`` are the name and the values of each row in words.
    """
    shares = bands.div(bands["p50"], axis=0) * 100.0
    ticks = round_ticks(shares.to_numpy())
    lines = _frame(
        f"{title}: half of all runs in the bar, nine of ten on the line", ticks, len(shares), "% of the median"
    )
    x = _scale(ticks)
    for at, ((_, row), (name, values)) in enumerate(zip(shares.iterrows(), texts, strict=True)):
        y = TOP + ROW * (at + 0.5)
        lines += [
            text_at(LEFT - 10, y + 4, name, 12, "end"), text_at(WIDTH - RIGHT + 12, y + 4, values, 11),
            _line(x(row["p5"]), x(row["p95"]), y, COLOURS["it"], 2.0),
            _bar(x(row["p25"]), x(row["p75"]), y, COLOURS["it"]),
            f"<line x1='{x(row['p50']):.1f}' x2='{x(row['p50']):.1f}' y1='{y - BAR / 2:.1f}' y2='{y + BAR / 2:.1f}' "
            "stroke='#FFFFFF' stroke-width='2'/>",
        ]  # fmt: skip
    return "\n".join([*lines, "</svg>", ""])


def plan_picture(title: str, plans: Mapping[str, Sequence[Option]], unit: str) -> str:
    """A bar for each alternative: cost of a unit of work, in its parts electricity, hardware and site."""
    rows = [(case, one) for case, found in plans.items() for one in found]
    ticks = round_ticks([0.0, *(one.cost_per_work for _, one in rows)])
    lines = _frame(f"{title}: cost of a unit of work", ticks, len(rows), unit)
    parts = (("electricity", "cost"), ("hardware", "it"), ("site", "other"))
    at = float(LEFT)
    for name, meaning in parts:
        lines += [_bar(at, at + 12, 42, COLOURS[meaning]), text_at(at + 18, 46, name, 11)]
        at += 40 + 6.5 * len(name)
    x = _scale(ticks)
    for number, (case, one) in enumerate(rows):
        y, start = TOP + ROW * (number + 0.5), 0.0
        label = f"{one.refresh_months} months, x {one.gain_ratio:g}, +{100 * one.escalation_frac:g} %/a"
        lines.append(text_at(LEFT - 10, y + 4, f"{case}: {label}" if case else label, 11, "end"))
        for name, meaning in parts:
            end = start + getattr(one, name) / one.work
            lines.append(_bar(x(start), x(end), y, COLOURS[meaning]))
            start = end
        lines.append(text_at(x(start) + 6, y + 4, f"{one.cost_per_work:.4g}", 11))
    return "\n".join([*lines, "</svg>", ""])


def _frame(title: str, ticks: Sequence[float], rows: int, unit: str) -> list[str]:
    height = TOP + ROW * rows + BOTTOM
    x = _scale(ticks)
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' role='img' "
        f"font-family='Helvetica, Arial, sans-serif' fill='{INK}'>",
        f"<title>{escape(title)}</title>", f"<rect width='{WIDTH}' height='{height}' fill='#FFFFFF'/>",
        text_at(20, 24, title, 15),
    ]  # fmt: skip
    for value in ticks:
        lines.append(
            f"<line x1='{x(value):.1f}' x2='{x(value):.1f}' y1='{TOP}' y2='{height - BOTTOM}' stroke='{GRID}'/>"
        )
        lines.append(text_at(x(value), height - BOTTOM + 16, tick_label(value, ticks[1] - ticks[0]), 11, "middle"))
    lines.append(text_at((LEFT + WIDTH - RIGHT) / 2, height - 8, unit, 12, "middle"))
    return lines


def _scale(ticks: Sequence[float]):  # type: ignore[no-untyped-def]
    return lambda value: LEFT + (value - ticks[0]) / (ticks[-1] - ticks[0]) * (WIDTH - RIGHT - LEFT)


def _bar(start: float, end: float, y: float, colour: str) -> str:
    return (f"<rect x='{start:.1f}' y='{y - BAR / 2:.1f}' width='{max(end - start, 0.5):.1f}' height='{BAR}' "
            f"fill='{colour}'/>")  # fmt: skip


def _line(start: float, end: float, y: float, colour: str, width: float) -> str:
    return (
        f"<line x1='{start:.1f}' x2='{end:.1f}' y1='{y:.1f}' y2='{y:.1f}' stroke='{colour}' stroke-width='{width:g}'/>"
    )
