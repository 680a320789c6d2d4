"""Plots over time: series, duration curves, hour by day, and PUE against wet bulb, beside a baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from twin.outputs.figures_look import Look, styled, thinned
from twin.outputs.numbers import SPELLED

Floats = NDArray[np.float64]
CYCLE = ("it", "limit", "chillers", "losses", "battery", "fans", "cost")  # told apart by all eyes
MOST_DOTS = 4000  # of a cloud
HOURS = 24
LEGEND_PX = 90.0  # below the plot, so that the axis keeps its title


@dataclass(frozen=True)
class Curve:
    """Values over time, with unit and label; ``time`` is civil local time without a zone."""

    label: str
    unit: str
    time: NDArray[np.datetime64]
    values: Floats


def unit_text(unit: str) -> str:
    """A unit as axes spell it.

    >>> unit_text("degC"), unit_text("kW"), unit_text("1")
    ('°C', 'kW', '–')
    """
    return SPELLED.get(unit, unit) or "–"


def series_figure(
    curves: Mapping[str, Curve], look: Look, zone: str, base: Mapping[str, Curve] | None = None, height: int = 420
) -> go.Figure:
    """Curves over local time, two units at most on two axes, the baseline dotted; buttons from year to hour."""
    units = list(dict.fromkeys(curve.unit for curve in curves.values()))[:2]
    chart = go.Figure()
    for at, (name, curve) in enumerate(curves.items()):
        if curve.unit in units:
            colour = look.colour(CYCLE[at % len(CYCLE)])
            other = (base or {}).get(name)
            if other is not None:
                _line(chart, other, units, {"color": look.colour("baseline"), "width": 1, "dash": "dot"}, "baseline: ")
            _line(chart, curve, units, {"color": colour, "width": 1.3}, "")
    title = next(iter(curves.values())).label if len(curves) == 1 else "Time series"
    chart = styled(chart, look, title, height, hovermode="x unified", margin={"l": 8, "r": 12, "t": 70, "b": 8})
    chart.update_xaxes(title_text=f"local time, {zone}", rangeselector=_zooms(look))
    chart.update_layout(legend_y=-LEGEND_PX / height)
    chart.update_layout(yaxis_title=unit_text(units[0]) if units else "")
    if len(units) > 1:
        title_of = {"text": unit_text(units[1]), "font": {"size": 12, "color": look.quiet}}
        chart.update_layout(yaxis2={
            "title": title_of, "tickfont": {"size": 12, "color": look.quiet}, "automargin": True, "ticks": "",
            "tickmode": "auto", "tickformat": "~g",
            "overlaying": "y", "side": "right", "showgrid": False, "zeroline": False,
        })  # fmt: skip
    return chart


def _line(chart: go.Figure, curve: Curve, units: list[str], line: dict[str, object], before: str) -> None:
    x, y = thinned(curve.time, curve.values)
    chart.add_scattergl(x=x, y=y, name=f"{before}{curve.label}", mode="lines", line=line,
                        yaxis="y" if curve.unit == units[0] else "y2",
                        hovertemplate=f"%{{y:.4g}} {unit_text(curve.unit)}")  # fmt: skip


def _zooms(look: Look) -> dict[str, object]:
    spans = (("month", 1, "month"), ("week", 7, "day"), ("day", 1, "day"), ("hour", 1, "hour"))
    buttons = [{"count": count, "label": label, "step": step, "stepmode": "backward"} for label, count, step in spans]
    return {
        "buttons": [{"step": "all", "label": "year"}, *buttons], "bgcolor": look.paper, "activecolor": look.line,
        "font": {"color": look.ink, "size": 12}, "y": 1.02, "yanchor": "bottom",
    }  # fmt: skip


def duration_figure(
    curves: Mapping[str, Curve], dt_h: float, look: Look, base: Mapping[str, Curve] | None = None, height: int = 420
) -> go.Figure:
    """Hours in which a value is reached or exceeded; curves of the first curve's unit."""
    unit = next(iter(curves.values())).unit
    chart = go.Figure()
    for at, (name, curve) in enumerate(curves.items()):
        if curve.unit != unit:
            continue
        for one, before, line in (
            ((base or {}).get(name), "baseline: ", {"color": look.colour("baseline"), "width": 1.5, "dash": "dot"}),
            (curve, "", {"color": look.colour(CYCLE[at % len(CYCLE)]), "width": 2}),
        ):
            if one is not None:
                ordered = np.sort(one.values[np.isfinite(one.values)])[::-1]
                x, y = thinned(np.arange(1, ordered.size + 1) * dt_h, ordered)
                chart.add_scatter(x=x, y=y, name=f"{before}{one.label}", mode="lines", line=line,
                                  hovertemplate=f"%{{y:.4g}} {unit_text(unit)} or more in %{{x:,.0f}} h")  # fmt: skip
    chart = styled(chart, look, "Duration: hours in which a value is reached", height)
    chart.update_xaxes(title_text="h")
    chart.update_yaxes(title_text=unit_text(unit))
    return chart


def heat_map(
    curve: Curve, look: Look, zone: str, scale: list[list[object]] | None = None, height: int = 360
) -> go.Figure:
    """Mean by hour of the day and day of the run."""
    table = by_hour_and_day(curve)
    chart = go.Figure(go.Heatmap(
        x=table.columns, y=table.index, z=table.to_numpy(), colorscale=scale or look.sequential,
        colorbar={"title": {"text": unit_text(curve.unit)}, "outlinewidth": 0, "thickness": 12},
        hovertemplate=f"%{{x|%d %b %Y}}, %{{y}}:00<br>%{{z:.4g}} {unit_text(curve.unit)}<extra></extra>",
    ))  # fmt: skip
    chart = styled(chart, look, f"{curve.label}, by hour and day", height)
    chart.update_yaxes(
        title_text=f"hour, {zone}", tickvals=list(range(0, HOURS, 6)), autorange="reversed", showgrid=False
    )
    chart.update_xaxes(showgrid=False)
    return chart


def by_hour_and_day(curve: Curve) -> pd.DataFrame:
    """Means with a row for each hour of the day and a column for each day; NaN where the run has no step."""
    time = pd.DatetimeIndex(curve.time)
    frame = pd.DataFrame({"day": time.normalize(), "hour": time.hour, "value": curve.values})
    table = frame.pivot_table(index="hour", columns="day", values="value", aggfunc="mean")
    return table.reindex(range(HOURS))


def scatter_figure(
    wet_bulb_c: Floats, pue: Floats, look: Look, base: tuple[Floats, Floats] | None = None, height: int = 420
) -> go.Figure:
    """PUE of each step against outdoor wet bulb, with the median by kelvin."""
    chart = go.Figure()
    dots = slice(None, None, max(1, pue.size // MOST_DOTS))
    chart.add_scattergl(x=wet_bulb_c[dots], y=pue[dots], mode="markers", name="step", opacity=0.35,
                        marker={"size": 4, "color": look.colour("it")},
                        hovertemplate="%{x:.1f} °C wet bulb: PUE %{y:.3f}<extra></extra>")  # fmt: skip
    for pair, name, line in (
        (base, "baseline, median", {"color": look.colour("baseline"), "width": 2, "dash": "dash"}),
        ((wet_bulb_c, pue), "median by K", {"color": look.ink, "width": 2}),
    ):
        if pair is not None:
            x, y = median_by_kelvin(*pair)
            chart.add_scatter(x=x, y=y, name=name, mode="lines", line=line)
    chart = styled(chart, look, "PUE of each step against outdoor wet bulb", height)
    chart.update_xaxes(title_text="outdoor wet bulb, °C")
    chart.update_yaxes(title_text="PUE")
    return chart


def median_by_kelvin(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Median of y in each whole kelvin of x that has values.

    >>> [part.tolist() for part in median_by_kelvin(np.array([1.2, 0.9, 3.0]), np.array([2.0, 4.0, 5.0]))]
    [[1.0, 3.0], [3.0, 5.0]]
    """
    fine = np.isfinite(x) & np.isfinite(y)
    whole, values = np.round(x[fine]), y[fine]
    steps = np.unique(whole)
    return steps, np.array([np.median(values[whole == step]) for step in steps])
