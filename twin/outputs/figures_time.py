"""Plots over time: series, duration curves, hour by day, and PUE against wet bulb, beside a baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from twin.outputs.figures_look import Look, line_data, styled
from twin.outputs.numbers import SPELLED

Floats = NDArray[np.float64]
CYCLE = ("losses", "chillers", "battery", "fans", "cost", "it", "other")  # told apart by all eyes; none is a limit's
MOST_DOTS = 2500  # of a cloud
MOST_ON_CURVE = 2000  # points of a curve that falls: more than a screen has columns
HOURS = 24
MOST_DOTTED = 1000  # steps of a line with dashes; beyond, they cannot be seen and take longest of all to draw
QUANTITIES = {"kW": "Power, kW", "kWh": "Energy, kWh", "degC": "Temperature, °C", "K": "Difference, K", "1": "Ratio",
              "kg/s": "Flow, kg/s", "m3/s": "Flow, m³/s", "Pa": "Pressure, Pa", "kPa": "Pressure, kPa",
              "kWh/kWh": "Ratio, kWh/kWh"}  # fmt: skip
LEAST_SPAN = {"degC": 2.0, "K": 2.0}  # of an axis: hundredths of a kelvin are no finding
LEGEND_PX = 90.0  # below the plot, so that the axis keeps its title


@dataclass(frozen=True)
class Curve:
    """Values over time, with unit and label; ``time`` is civil local time without a zone."""

    label: str
    unit: str
    time: NDArray[np.datetime64]
    values: Floats
    meaning: str = ""  # of its colour, where it has one

    def between(self, start: np.datetime64, end: np.datetime64) -> Curve:
        """The part from one time to another, both included."""
        first, last = np.searchsorted(self.time, [start, end])
        return replace(self, time=self.time[first : last + 1], values=self.values[first : last + 1])


def unit_text(unit: str) -> str:
    """A unit as axes spell it.

    >>> unit_text("degC"), unit_text("kW"), unit_text("1")
    ('°C', 'kW', '–')
    """
    return SPELLED.get(unit, unit.replace("m3", "m³").replace("m2", "m²")) or "–"


def axis_text(unit: str) -> str:
    """Title of an axis of a unit: what it measures, where that is plain, and the unit.

    >>> axis_text("kW"), axis_text("1"), axis_text("m3")
    ('Power, kW', 'Ratio', 'm³')
    """
    return QUANTITIES.get(unit, unit_text(unit))


def series_figure(
    curves: Mapping[str, Curve], look: Look, zone: str, base: Mapping[str, Curve] | None = None, height: int = 420
) -> go.Figure:
    """Curves over local time, two units at most on two axes, the baseline dotted behind them."""
    units, shown = _in_two_units(curves)
    colours = colours_of(shown, look)
    chart = go.Figure()
    for name, curve in shown.items():
        if base and name in base and not _same(base[name], curve):
            dash = "dot" if curve.values.size <= MOST_DOTTED else "solid"
            _line(chart, base[name], units, {"color": look.colour("baseline"), "width": 1, "dash": dash}, "baseline: ")
        _line(chart, curve, units, {"color": colours[name], "width": 1.3}, "")
    chart = styled(chart, look, _title(shown), height, hovermode="x unified", legend_y=-LEGEND_PX / height,
                   xaxis={"title": {"text": f"Local time, {zone}"}, "type": "date"},
                   yaxis=_axis(units[0], [shown, base or {}]) if units else {})  # fmt: skip
    first = next(iter(curves.values()), None)
    if first is not None and first.time.size:  # another window of time is another picture, at its own zoom
        chart.update_layout(uirevision=f"{first.time[0]}/{first.time[-1]}")
    return _right_axis(chart, _axis(units[1], [shown, base or {}])) if len(units) > 1 else chart


def _in_two_units(curves: Mapping[str, Curve]) -> tuple[list[str], dict[str, Curve]]:
    """The first two units of some curves, and the curves that have them."""
    units = list(dict.fromkeys(curve.unit for curve in curves.values()))[:2]
    return units, {name: curve for name, curve in curves.items() if curve.unit in units}


def _same(one: Curve, other: Curve) -> bool:
    return bool(np.array_equal(one.values, other.values, equal_nan=True))


def _right_axis(chart: go.Figure, axis: Mapping[str, object]) -> go.Figure:
    also = {"tickmode": "auto", "tickformat": "~g", "overlaying": "y", "side": "right", "showgrid": False}
    return chart.update_layout(yaxis2={**axis, **also, "zeroline": False})


def _title(curves: Mapping[str, Curve]) -> str:
    """What is seen, by the first two of its curves."""
    labels = [curve.label for curve in curves.values()]
    return " and ".join(labels) if len(labels) < 3 else f"{labels[0]}, {labels[1]} and {len(labels) - 2} more"


def _axis(unit: str, sides: Sequence[Mapping[str, Curve]]) -> dict[str, object]:
    """Title of an axis, and its range where values differ by so little that their noise would fill the plot."""
    axis: dict[str, object] = {"title": {"text": axis_text(unit)}}
    found = [curve.values for side in sides for curve in side.values() if curve.unit == unit and curve.values.size]
    if unit not in LEAST_SPAN or not any(np.isfinite(values).any() for values in found):
        return axis
    low, high = min(map(np.nanmin, found)), max(map(np.nanmax, found))
    around = LEAST_SPAN[unit] - (high - low)
    return {**axis, "range": [low - around / 2, high + around / 2]} if around > 0 else axis


def colours_of(curves: Mapping[str, Curve], look: Look) -> dict[str, str]:
    """A colour for each curve: that of its meaning; where it has none or another curve took it, one that is free."""
    taken = [curve.meaning for curve in curves.values() if curve.meaning]
    free = [meaning for meaning in CYCLE if meaning not in taken] or list(CYCLE)
    found: dict[str, str] = {}
    for name, curve in curves.items():
        own = curve.meaning and look.colour(curve.meaning)
        colour = own if own and own not in found.values() else look.colour(free[0])
        free = free if own and own not in found.values() else [*free[1:], free[0]]
        found[name] = colour
    return found


def _line(chart: go.Figure, curve: Curve, units: list[str], line: dict[str, object], before: str) -> None:
    name = f"{before}{curve.label}"
    for at, points in enumerate(line_data(curve.time, curve.values)):
        chart.add_scatter(**points, name=name, mode="lines", line=line, legendgroup=name, showlegend=at == 0,
                          yaxis="y" if curve.unit == units[0] else "y2",
                          hovertemplate=f"%{{y:.4g}} {unit_text(curve.unit)}")  # fmt: skip


def duration_figure(
    curves: Mapping[str, Curve], dt_h: float, look: Look, base: Mapping[str, Curve] | None = None, height: int = 420
) -> go.Figure:
    """Hours in which a value is reached or exceeded; two units at most on two axes."""
    units, shown = _in_two_units(curves)
    colours = colours_of(shown, look)
    chart = go.Figure()
    for name, curve in shown.items():
        unit, before_it = curve.unit, (base or {}).get(name)
        for one, before, line in (
            (before_it, "baseline: ", {"color": look.colour("baseline"), "width": 1.5, "dash": "dot"}),
            (curve, "", {"color": colours[name], "width": 2}),
        ):
            if one is not None and (one is curve or not _same(one, curve)):
                ordered = np.sort(one.values[np.isfinite(one.values)])[::-1]
                at = np.linspace(0, ordered.size - 1, min(ordered.size, MOST_ON_CURVE)).astype(int)
                chart.add_scatter(x=(at + 1) * dt_h, y=ordered[at].astype(np.float32), name=f"{before}{one.label}",
                                  mode="lines", line=line, yaxis="y" if unit == units[0] else "y2",
                                  hovertemplate=f"%{{y:.4g}} {unit_text(unit)} or more in %{{x:,.0f}} h")  # fmt: skip
    title = f"Hours at or above: {_title(shown)}"
    chart = styled(chart, look, title, height, xaxis={"title": {"text": "Hours of the run, h"}},
                   yaxis={"title": {"text": axis_text(units[0])}})  # fmt: skip
    return _right_axis(chart, {"title": {"text": axis_text(units[1])}}) if len(units) > 1 else chart


def heat_map(
    curve: Curve, look: Look, zone: str, scale: list[list[object]] | None = None, height: int = 360
) -> go.Figure:
    """Mean by hour of the day and day of the run."""
    table = by_hour_and_day(curve)
    chart = go.Figure(go.Heatmap(
        x=table.columns, y=table.index, z=table.to_numpy(np.float32), colorscale=scale or look.sequential,
        colorbar={"title": {"text": unit_text(curve.unit).strip("–")}, "outlinewidth": 0, "thickness": 12},
        hovertemplate=f"%{{x|%d %b %Y}}, %{{y}}:00<br>%{{z:.4g}} {unit_text(curve.unit)}<extra></extra>",
    ))  # fmt: skip
    hours = {"title": {"text": f"Hour, {zone}"}, "tickvals": list(range(0, HOURS, 6)), "autorange": "reversed"}
    return styled(chart, look, f"{curve.label}, by hour and day", height, xaxis={"showgrid": False},
                  yaxis={**hours, "showgrid": False})  # fmt: skip


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
    x, y = wet_bulb_c[dots].astype(np.float32), pue[dots].astype(np.float32)
    chart.add_scatter(x=x, y=y, mode="markers", name="step", opacity=0.35,
                      marker={"size": 4, "color": look.colour("it")},
                      hovertemplate="%{x:.1f} °C wet bulb: PUE %{y:.3f}<extra></extra>")  # fmt: skip
    for pair, name, line in (
        (base, "baseline, median", {"color": look.colour("baseline"), "width": 2, "dash": "dash"}),
        ((wet_bulb_c, pue), "median of each kelvin", {"color": look.ink, "width": 2}),
    ):
        if pair is not None:
            kelvin, median = median_by_kelvin(*pair)
            chart.add_scatter(x=kelvin, y=median, name=name, mode="lines", line=line)
    return styled(chart, look, "PUE of each step against outdoor wet bulb", height,
                  xaxis={"title": {"text": "Outdoor wet bulb, °C"}}, yaxis={"title": {"text": "PUE"}})  # fmt: skip


def median_by_kelvin(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Median of y in each whole kelvin of x that has values.

    >>> [part.tolist() for part in median_by_kelvin(np.array([1.2, 0.9, 3.0]), np.array([2.0, 4.0, 5.0]))]
    [[1.0, 3.0], [3.0, 5.0]]
    """
    fine = np.isfinite(x) & np.isfinite(y)
    whole, values = np.round(x[fine]), y[fine]
    steps = np.unique(whole)
    return steps, np.array([np.median(values[whole == step]) for step in steps])
