"""The state of a plant over time: what cools, which chillers run, water temperatures, fans and valves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from twin.outputs.curves import curves_of
from twin.outputs.figures_look import Look, line_data
from twin.outputs.figures_look import styled as in_house_look
from twin.outputs.figures_time import Curve
from twin.scenario.walk import components, plant_of
from twin.studies.portrait import Portrait

GAP = 0.09  # of the height, between rows: room for the next row's legend
MOST_POINTS = 2000  # of a line: there are a dozen, each as wide as the screen
SHADES = ("#009E73", "#56B4E9", "#CC79A7", "#E69F00", "#0072B2", "#8CCFC5", "#7A4E9E", "#999999")  # told apart by eye
WET_BULB = "weather.wet_bulb_c"
FREE, SHARE = "free cooling", 100.0


@dataclass(frozen=True)
class Row:
    """Curves of one unit above each other in time; stacked where they add up."""

    title: str
    curves: tuple[Curve, ...]
    stacked: bool = False
    steps: bool = False


def plant_rows(run: Portrait, plant: str) -> list[Row]:
    """What there is to see of a plant, each row only where the plant has such parts."""
    at = f"plants.{plant}"
    chillers = list(run.scenario.plants[plant].chillers)
    cooling = [_curve(run, f"{at}.chillers.{name}.cooling_kw", name) for name in chillers]
    cooling += [_curve(run, f"{at}.free_kw", FREE), _curve(run, f"{at}.storage.discharge_kw", "storage")]
    running = [_curve(run, f"{at}.chillers.{name}.running", name) for name in chillers]
    water = [
        ("supply_c", "supply"),
        ("set_c", "set-point"),
        ("return_c", "return"),
        ("condenser.supply_c", "condenser"),
    ]
    temperatures = [_curve(run, f"{at}.{name}", word) for name, word in water]
    rows = [
        Row("Cooling, kW", _there(cooling), stacked=True),
        Row("Chillers running", _there(running), stacked=True, steps=True),
        Row("Water and outdoor wet bulb, °C", _there([*temperatures, _curve(run, WET_BULB, "wet bulb")])),
        Row("Fans of heat rejection, % of design air", _fans(run, at)),
        Row("Water valves, % open", _valves(run, plant)),
    ]
    return [row for row in rows if row.curves]


def _curve(run: Portrait, name: str, label: str, factor: float = 1.0) -> Curve | None:
    found = curves_of(run, [name]).get(name)
    return Curve(label, found.unit, found.time, found.values * factor) if found is not None else None


def _there(curves: Sequence[Curve | None]) -> tuple[Curve, ...]:
    """Curves that the plant has; a set-point is there also where it is constant, other parts where they do anything."""
    return tuple(c for c in curves if c is not None and (np.any(c.values) or c.unit == "degC"))


def _fans(run: Portrait, at: str) -> tuple[Curve, ...]:
    """Air of fans that reject heat, over its design: speed times the share of time that they run."""
    found = []
    for name in run.names:
        path, _, output = name.rpartition(".")
        if output == "air_ratio" and path.startswith(f"{at}."):
            on = f"{path}.fan_on_frac"
            share = run.values(on) if on in run.names else 1.0
            one = curves_of(run, [name])[name]
            found.append(Curve(path.rpartition(".")[2], "%", one.time, SHARE * one.values * share))
    return tuple(found)


def _valves(run: Portrait, plant: str) -> tuple[Curve, ...]:
    """Valves of what the plant's water cools."""
    paths = [".".join(path) for path, one in components(run.scenario) if plant_of(one) == plant]
    found = [_curve(run, f"{path}.valve_frac", path.replace("halls.", ""), SHARE) for path in paths]
    return tuple(curve for curve in found if curve is not None)


def plant_figure(
    run: Portrait, plant: str, look: Look, zone: str, span: tuple[np.datetime64, np.datetime64], height: int = 860
) -> go.Figure:
    """Rows over one axis of local time from ``span[0]`` to ``span[1]``."""
    rows = plant_rows(run, plant)
    chart = go.Figure()
    layout: dict[str, Any] = {}
    each = (1.0 + GAP) / max(len(rows), 1) - GAP
    for at, row in enumerate(rows):
        top = 1.0 - at * (each + GAP)
        number = "" if at == 0 else str(at + 1)
        axis = {"domain": [max(top - each, 0.0), top], "rangemode": "tozero" if row.stacked else "normal"}
        whole = {"tickmode": "linear", "tick0": 0, "dtick": 1} if row.steps else {}
        layout[f"yaxis{number}"] = axis | whole
        layout[f"legend{number}"] = {"orientation": "h", "x": 0, "y": top, "yanchor": "bottom", "font": {"size": 11},
                                     "title": {"text": f"<b>{row.title}</b>  ", "font": {"size": 12}}}  # fmt: skip
        for k, curve in enumerate(row.curves):
            _line(chart, curve.between(*span), SHADES[k % len(SHADES)], row, number)
    layout["xaxis"] = {"title": {"text": f"local time, {zone}"}, "type": "date", "anchor": f"y{len(rows) or 1}"}
    layout["margin"] = {"l": 8, "r": 12, "t": 76, "b": 8}
    chart = in_house_look(chart, look, f"Plant {plant}", height, hovermode="x unified", **layout)
    return chart.update_layout(uirevision=f"{span[0]}/{span[1]}")


def _line(chart: go.Figure, curve: Curve, colour: str, row: Row, number: str) -> None:
    limit = curve.label == "set-point"
    line = {"color": colour, "width": 0 if row.stacked else 1.4, "dash": "dot" if limit else "solid",
            "shape": "hv" if row.steps else "linear"}  # fmt: skip
    for at, points in enumerate(line_data(curve.time, curve.values, MOST_POINTS)):
        chart.add_scatter(**points, name=curve.label, mode="lines", line=line, legendgroup=f"{number}{curve.label}",
                          showlegend=at == 0, yaxis=f"y{number}", legend=f"legend{number}",
                          stackgroup=f"s{number}{at}" if row.stacked else None, fillcolor=colour,
                          hovertemplate="%{y:.4g}")  # fmt: skip
