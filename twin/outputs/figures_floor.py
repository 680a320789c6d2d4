"""Plan view of a hall: racks in rows between cold and hot aisles, coloured by what their group draws in or does.

The twin knows groups of equal racks, not places: racks stand here in the order of the file, and those of one group
have one colour.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from twin.outputs.figures_look import TEMPERATURES, Look, styled
from twin.physics.envelopes import allowable_c, recommended_c
from twin.studies.portrait import Portrait

QUANTITIES = {  # output -> label, unit on the plot, factor
    "inlet_c": ("Inlet temperature", "°C", 1.0),
    "power_kw": ("Power of a rack", "kW", 1.0),
    "utilisation_frac": ("Utilisation", "%", 100.0),
}
ROW = 24  # racks in a row
MOST_CELLS = 1200  # beyond them a cell stands for several racks
WIDEST_C = (14.0, 36.0)  # of the colour scale of inlets: a little beyond what class A1 allows
PX_ROW = 26


@dataclass(frozen=True)
class Group:
    """Racks of one group with their values over the run; NaN where the twin has none of this quantity."""

    name: str
    racks: int
    values: np.ndarray


def groups_of(run: Portrait, hall: str, output: str) -> list[Group]:
    """Rack groups of a hall with a quantity, power as that of one rack."""
    found = []
    for name, group in run.scenario.halls[hall].rack_groups.items():
        path = f"halls.{hall}.rack_groups.{name}.{output}"
        values = run.values(path) if path in run.one else np.full(run.civil.size, np.nan)
        share = group.racks_count if output == "power_kw" else 1
        found.append(Group(name, group.racks_count, values * QUANTITIES[output][2] / share))
    return found


def floor_figure(run: Portrait, hall: str, output: str, step: int, look: Look) -> go.Figure:
    """The hall at one step of the run; the colour scale is the same at all steps."""
    groups = groups_of(run, hall, output)
    label, unit, _ = QUANTITIES[output]
    each = max(1, math.ceil(sum(group.racks for group in groups) / MOST_CELLS))
    cells, names, aisles = _rows(groups, step, each, unit)
    low, high = _range(groups, output)
    ticks = _ticks(run, hall, low, high) if output == "inlet_c" else None
    chart = go.Figure(go.Heatmap(
        z=cells, zmin=low, zmax=high, xgap=3, ygap=2, hoverongaps=False, hoverinfo="skip",
        colorscale=TEMPERATURES if output == "inlet_c" else look.sequential,
        colorbar={"title": {"text": unit}, "outlinewidth": 0, "thickness": 12} | (ticks or {}),
    ))  # fmt: skip
    _targets(chart, cells, names, unit)
    for at, text in aisles:
        chart.add_annotation(x=0, xref="paper", xanchor="left", y=at, text=text, showarrow=False, bgcolor=look.paper,
                             font={"size": 11, "color": look.quiet})  # fmt: skip
    return styled(chart, look, f"Hall {hall}: {label.lower()}" + (f", a cell is {each} racks" if each > 1 else ""),
                   max(200, 90 + PX_ROW * len(cells)), xaxis={"visible": False, "range": [-0.5, ROW - 0.5]},
                   yaxis={"visible": False, "autorange": "reversed"})  # fmt: skip


def _targets(chart: go.Figure, cells: list[list[float]], names: list[list[str]], unit: str) -> None:
    """What is clicked and hovered: an unseen mark on each rack, since cells of a heat map cannot be selected."""
    found = [(x, y, names[y][x], value) for y, row in enumerate(cells) for x, value in enumerate(row) if names[y][x]]
    chart.add_scatter(
        x=[x for x, *_ in found], y=[y for _, y, *_ in found], mode="markers", showlegend=False,
        marker={"size": 16, "symbol": "square", "opacity": 0.0}, selected={"marker": {"opacity": 0.0}},
        unselected={"marker": {"opacity": 0.0}}, text=[f"{name}<br>{value:.4g} {unit}" for *_, name, value in found],
        customdata=[name.rpartition(",")[0] for *_, name, _ in found], hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def _rows(
    groups: Sequence[Group], step: int, each: int, unit: str
) -> tuple[list[list[float]], list[list[str]], list[tuple[int, str]]]:
    """Cells by row with what they are called, and the aisles between rows: cold in front of racks, hot behind."""
    cells: list[list[float]] = []
    names: list[list[str]] = []
    aisles: list[tuple[int, str]] = []
    for group in groups:
        count = math.ceil(group.racks / each)
        value = float(group.values[step])
        aisles.append((len(cells), f"cold aisle · {group.name}, {group.racks} racks{_said(value, unit)}"))
        for at, first in enumerate(range(0, count, ROW)):
            if at:
                aisles.append((len(cells) + 1, "hot aisle" if at % 2 else "cold aisle"))
            width = min(ROW, count - first)
            cells += [[math.nan] * ROW, [value] * width + [math.nan] * (ROW - width)]
            names += [
                [""] * ROW,
                [f"{group.name}, rack {each * (first + k) + 1}" for k in range(width)] + [""] * (ROW - width),
            ]
    places = [(at if text.startswith("cold aisle ·") else at - 1, text) for at, text in aisles]
    return cells, names, places


def _said(value: float, unit: str) -> str:
    return f", {value:.1f} {unit}" if math.isfinite(value) else ""


def _range(groups: Sequence[Group], output: str) -> tuple[float, float]:
    """Ends of the colour scale over the whole run."""
    if output == "inlet_c":
        return WIDEST_C
    if output == "utilisation_frac":
        return 0.0, 100.0
    highest = max((float(np.nanmax(g.values)) for g in groups if np.isfinite(g.values).any()), default=1.0)
    return 0.0, highest or 1.0


def _ticks(run: Portrait, hall: str, low: float, high: float) -> dict[str, object]:
    """Marks of the colour bar at the limits of the hall's class."""
    envelope = run.scenario.halls[hall].envelope
    marks = dict.fromkeys(recommended_c(envelope), "recommended")
    marks |= dict.fromkeys(allowable_c(envelope, 0.0), "allowable")
    shown = {limit: word for limit, word in marks.items() if low < limit < high}
    return {"tickvals": list(shown), "ticktext": [f"{limit:g} {word}" for limit, word in shown.items()]}
