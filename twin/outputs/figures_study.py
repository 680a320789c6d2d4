"""Plots of a batch store: two figures with the front, parallel coordinates, percentiles, what moves a figure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from twin.outputs.figures_look import Look, styled
from twin.outputs.numbers import figure
from twin.outputs.store_compare import Reading
from twin.outputs.study_view import (
    Seen,
    is_words,
    label_of,
    name_of,
    run_words,
    texts_of,
    unit_in,
    value_text,
    values_in,
)
from twin.studies.sensitivity import PERCENTILES, Effect, Index

MOST_AXES = 9  # of parallel coordinates, so that their names stand beside each other
LONGEST = 26  # letters of a name on an axis
BINS = 30
FADED = 0.28
TICKS = ",.4~r"  # four digits, thousands apart
PX_LETTER = 6.5
PX_BAR = 34
END_FRAC = 0.24  # of what bars span: room for the words at their ends


def pareto_figure(reading: Reading, view: Seen, axes: tuple[str, str], look: Look, height: int = 520) -> go.Figure:
    """Runs by two figures: those that no other beats are joined, those beyond a bound are hollow."""
    chart = go.Figure()
    x, y = (values_in(reading, name, view.frame) for name in axes)
    runs = view.frame["run"].to_numpy()
    groups = (
        (view.broken, "beyond a bound", {"size": 7, "symbol": "circle-open", "color": look.colour("baseline")}),
        (~view.broken & ~view.front, "other runs", {"size": 7, "color": look.colour("it"), "opacity": 0.75}),
    )
    for chosen, name, marker in groups:
        if chosen.any():
            _dots(chart, x[chosen], y[chosen], runs[chosen], reading, name, marker, axes)
    for first, chosen in enumerate(_fronts(reading, view)):
        at = chosen[np.lexsort((y[chosen], x[chosen]))]
        marker = {"size": 10, "symbol": "diamond", "color": look.colour("limit")}
        line = {"color": look.colour("limit"), "width": 1.5}
        _dots(chart, x[at], y[at], runs[at], reading, "no other run is better in both", marker, axes, line)
        chart.data[-1].update(legendgroup="front", showlegend=not first)
    title = f"{name_of(axes[1])} over {name_of(axes[0])}, {len(view.frame)} runs"
    chart = styled(chart, look, title, height, clickmode="event+select", showlegend=True)
    chart.update_xaxes(title_text=label_of(axes[0], reading))
    chart.update_yaxes(title_text=label_of(axes[1], reading))
    return chart


def _fronts(reading: Reading, view: Seen) -> list[np.ndarray]:
    """Places of the runs of each front: one for each value of what is no choice, such as the climate."""
    front, within = np.flatnonzero(view.front), reading.study.rank.within
    if not within or not front.size:
        return [front] if front.size else []
    values = texts_of(view.frame[within]).to_numpy()[front]
    return [front[values == value] for value in dict.fromkeys(values)]


def _dots(chart: go.Figure, x: np.ndarray, y: np.ndarray, runs: np.ndarray, reading: Reading, name: str,
          marker: dict[str, object], axes: tuple[str, str], line: dict[str, object] | None = None) -> None:  # fmt: skip
    told = [[int(run), run_words(reading, int(run)).replace(" · ", "<br>")] for run in runs]
    units = [unit_in(reading, one)[0] for one in axes]
    chart.add_scatter(
        x=x, y=y, name=name, mode="lines+markers" if line else "markers", marker=marker, line=line, customdata=told,
        hovertemplate=f"run %{{customdata[1]}}<br>%{{x:,.5g}} {units[0]}<br>%{{y:,.5g}} {units[1]}<extra></extra>",
        unselected={"marker": {"opacity": 0.5}},
    )  # fmt: skip


def parallel_figure(reading: Reading, view: Seen, names: Sequence[str], by: str, look: Look,
                    height: int = 480) -> go.Figure:  # fmt: skip
    """Settings and figures of each run as a line over parallel axes, coloured by one figure; drag along an axis."""
    frame = view.frame[view.frame[by].notna()]
    colour, unit = values_in(reading, by, frame), unit_in(reading, by)[0]
    chart = go.Figure(go.Parcoords(
        dimensions=[_axis(reading, frame, name) for name in list(names)[:MOST_AXES]],
        line={"color": colour, "colorscale": _visible(look),
              "showscale": True, "colorbar": {"title": {"text": unit}, "thickness": 12,
                                              "outlinewidth": 0, "tickfont": {"color": look.quiet}}},
        labelfont={"size": 12, "color": look.ink}, tickfont={"size": 11, "color": look.ink},
        rangefont={"size": 11, "color": look.quiet}, labelangle=-22, labelside="top",
        unselected={"line": {"color": look.line, "opacity": 0.4}},
    ))  # fmt: skip
    title = f"{len(frame)} runs, coloured by {name_of(by).lower()}; drag along an axis to keep a range"
    return styled(
        chart, look, title, height, margin={"l": _left_px(reading, frame, names[0]), "r": 24, "t": 128, "b": 22}
    )


def _left_px(reading: Reading, frame: pd.DataFrame, first: str) -> float:
    """Room for the words of the first axis, which stand on its left."""
    texts = [_short(value_text(text)) for text in texts_of(frame[first])] if is_words(reading, first) else [""]
    return max(64.0, 20.0 + PX_LETTER * max(map(len, texts)))


def _visible(look: Look) -> list[list[object]]:
    """The sequential scale without the end in which a line could not be told from the ground."""
    return [[0.0, "#1F6B9C" if look.dark else "#6FB7E2"], *look.sequential[1:]]


def _axis(reading: Reading, frame: pd.DataFrame, name: str) -> dict[str, object]:
    label = _short(label_of(name, reading))
    if not is_words(reading, name):
        return {"label": label, "values": values_in(reading, name, frame), "tickformat": TICKS}
    texts = texts_of(frame[name])
    words = list(dict.fromkeys(texts))
    return {"label": label, "values": [words.index(text) for text in texts], "tickvals": list(range(len(words))),
            "ticktext": [_short(value_text(word)) for word in words]}  # fmt: skip


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def bands_figure(reading: Reading, values: np.ndarray, name: str, look: Look, height: int = 320) -> go.Figure:
    """How a figure is spread over a sample: runs by value, with the middle half, nine tenths and the median.

    ``values`` are in the unit that the figure is shown in.
    """
    found = values[np.isfinite(values)]
    low, quarter, middle, three, high = np.percentile(found, PERCENTILES)
    unit = unit_in(reading, name)[0]
    chart = go.Figure(go.Histogram(x=found, nbinsx=BINS, marker={"color": look.colour("it"), "line": {"width": 0}},
                                   opacity=0.85, hovertemplate="%{x}: %{y} runs<extra></extra>"))  # fmt: skip
    for start, end in ((low, high), (quarter, three)):
        chart.add_vrect(x0=start, x1=end, fillcolor=look.colour("baseline"), opacity=FADED, line_width=0, layer="below")
    chart.add_vline(x=middle, line={"color": look.ink, "width": 2})
    for at, (value, text, anchor) in enumerate(((low, "5 %", "right"), (middle, "median", "left"),
                                                (high, "95 %", "left"))):  # fmt: skip
        chart.add_annotation(x=value, y=1.0, yref="paper", yanchor="bottom", xanchor=anchor, showarrow=False,
                             text=f"{text} {figure(float(value), unit)[0]}",
                             yshift=2 + 14 * (at == 1), font={"size": 11, "color": look.quiet})  # fmt: skip
    ends = " and ".join(figure(float(value), unit)[0] for value in (low, high))
    title = f"{name_of(name)}: nine of ten runs lie between {ends} {unit}".rstrip()
    chart = styled(chart, look, title, height, showlegend=False, bargap=0.06,
                   margin={"l": 8, "r": 12, "t": 74, "b": 8})  # fmt: skip
    chart.update_xaxes(title_text=label_of(name, reading))
    chart.update_yaxes(title_text="runs")
    return chart


def effects_figure(reading: Reading, found: Sequence[Effect], name: str, look: Look) -> go.Figure:
    """What moves a figure: the span of its mean over the values of each setting, which stand at its ends."""
    shown = list(found)[::-1]
    unit, size = reading.units.get(name, ""), unit_in(reading, name)[1]
    names = [_short(label_of(one.path, reading)) for one in shown]
    chart = go.Figure(go.Bar(
        x=[one.span / size for one in shown], base=[one.low / size for one in shown], y=names, orientation="h",
        marker={"color": look.colour("it"), "line": {"width": 0}},
        customdata=[[one.at_low, one.at_high, " ".join(figure(one.low, unit)), " ".join(figure(one.high, unit))]
                    for one in shown],
        hovertemplate="%{y}<br>%{customdata[2]} at %{customdata[0]}<br>%{customdata[3]} at %{customdata[1]}"
                      "<extra></extra>",
    ))  # fmt: skip
    for one, label in zip(shown, names, strict=True):
        for at, value, side in ((one.low, one.at_low, "right"), (one.high, one.at_high, "left")):
            chart.add_annotation(x=at / size, y=label, text=_short(value_text(value)), xanchor=side, showarrow=False,
                                 font={"size": 11, "color": look.quiet})  # fmt: skip
    title = f"What moves {name_of(name).lower()}: its mean over all other settings, at the least and largest"
    chart = styled(chart, look, title, max(220, 110 + PX_BAR * len(shown)), bargap=0.35, showlegend=False)
    least, most = min(one.low for one in shown) / size, max(one.high for one in shown) / size
    room = END_FRAC * ((most - least) or abs(most) or 1.0)
    chart.update_xaxes(title_text=label_of(name, reading), range=[least - room, most + room])
    return chart


def indices_figure(found: Sequence[Index], name: str, look: Look) -> go.Figure:
    """Sobol indices: the share of a figure's variance that is due to each setting, with its standard error."""
    shown = list(found)[::-1]
    names = [f"{name_of(one.path)} " for one in shown]  # not hard against the axis
    chart = go.Figure()
    for label, colour, values, errors in (
        ("with interactions", "fans", [one.total for one in shown], [one.total_error for one in shown]),
        ("alone", "it", [one.first for one in shown], [one.first_error for one in shown]),
    ):
        chart.add_bar(x=values, y=names, name=label, orientation="h", hovertemplate="%{y}: %{x:.3f}",
                      error_x={"type": "data", "array": errors, "color": look.quiet, "thickness": 1.2},
                      marker={"color": look.colour(colour), "line": {"width": 0}})  # fmt: skip
    chart = styled(chart, look, f"Sobol indices of {name_of(name).lower()}", max(240, 130 + 2 * PX_BAR * len(shown)),
                   bargap=0.3, legend_traceorder="reversed")  # fmt: skip
    chart.update_xaxes(title_text="share of the variance", range=[0, max(1.0, *(one.total for one in shown))])
    return chart
