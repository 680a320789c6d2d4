"""Pictures of strategies: what each comes to beside the work as submitted, months apart, and what one did and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from twin.outputs.figures_look import Look, styled, thinned
from twin.outputs.numbers import THIN
from twin.outputs.strategies import number, parts
from twin.studies.planning.comparison import Comparison

PANELS = (  # title, figure, divisor, decimals, colour, whether its change against "none" is told
    ("Cost, k {currency}", "cost", 1e3, 0, "cost", True), ("Carbon, t CO2e", "emissions_kgco2", 1e3, 0, "carbon", True),
    ("Peak, kW", "peak_kw", 1.0, 0, "grid", True), ("Water, m³", "water_m3", 1.0, 0, "water", True),
    ("Work done, MWh", "work_kwh", 1e3, 0, "it", False), ("Late or left, MWh", "undone_kwh", 1e3, 1, "limit", False),
    ("Mean delay, h", "delay_h", 1.0, 1, "baseline", False),
)  # fmt: skip
SHOWN = ("all together", "MPC")  # schedules of the page
CHANGE_ROOM, TEXT_ROOM = 1.75, 1.5  # of the longest bar: what stands behind it
ROUNDING = 1e-9  # of the work done: less is not drawn
ROW_PX, EDGES_PX = 34, 110
COURSES_PX = 640
GAP = "\u2002"  # an en space, so that names and changes do not touch bars and lines
WEEK_D, WEEK_H = 7, 168.0


def pictures(comparison: Comparison, apart: Sequence[str] = ()) -> dict[str, str]:
    """All pictures of a page as HTML, the first with the library, so that the page loads nothing from elsewhere."""
    look = Look()
    figures = {"strategies": strategies_figure(comparison, look)}
    if apart:
        figures["apart"] = parts_figure(comparison, parts(comparison, apart), look)
    figures |= {f"schedule {name}": schedule_figure(comparison, name, look) for name in SHOWN}
    return {name: figure.to_html(full_html=False, include_plotlyjs=not at, div_id=name.replace(" ", "-"),
                                 config={"displaylogo": False, "responsive": True})
            for at, (name, figure) in enumerate(figures.items())}  # fmt: skip


def strategies_figure(comparison: Comparison, look: Look, height: int | None = None) -> go.Figure:
    """All figures of all strategies in one picture: a row per strategy, "none" as a dashed line through each panel."""
    undone = comparison.figures["late_kwh"] + comparison.figures["rest_kwh"]
    rounding = ROUNDING * comparison.figures["work_kwh"]
    table = comparison.figures.assign(undone_kwh=undone.where(undone > rounding, 0.0))
    shown = [panel for panel in PANELS if panel[1] != "water_m3" or table["water_m3"].any()]
    titles = [panel[0].format(currency=comparison.currency) for panel in shown]
    chart = make_subplots(1, len(shown), shared_yaxes=True, horizontal_spacing=0.012, subplot_titles=titles)
    for at, (_, figure, divisor, decimals, colour, told) in enumerate(shown, start=1):
        _bars(chart, at, table[figure] / divisor, decimals, look.colour(colour), look, told)
    return _finished(chart, comparison, look, finding(comparison), height)


def parts_figure(
    comparison: Comparison, portions: Mapping[str, pd.DataFrame], look: Look, height: int | None = None
) -> go.Figure:
    """Cost of the run, of months apart and of the rest: a panel each, a row per strategy."""
    titles = [f"{title}: cost, k {comparison.currency}" for title in portions]
    chart = make_subplots(1, len(portions), shared_yaxes=True, horizontal_spacing=0.012, subplot_titles=titles)
    for at, part in enumerate(portions.values(), start=1):
        _bars(chart, at, part["cost"] / 1e3, 1, look.colour("cost"), look, True)
    shares = [part["cost"]["none"] for part in portions.values()]
    title = f"{list(portions)[1]} is {100.0 * shares[1] / shares[0]:.0f} % of what the run costs as submitted"
    return _finished(chart, comparison, look, title, height)


def finding(comparison: Comparison) -> str:
    """The picture's title: what each kind of knowledge gains."""
    gain = comparison.figures["gain_frac"]
    alone = gain.drop(["none", "all together"])
    best = str(alone.idxmax())
    rest = f"all together {100.0 * gain['all together']:.1f} %"
    return (f"Of single strategies {best} saves most ({100.0 * alone.max():.1f} % of the objective), "
            f"MPC {100.0 * gain['MPC']:.1f} %, {rest}")  # fmt: skip


def _bars(chart: go.Figure, column: int, values: pd.Series, decimals: int, colour: str, look: Look,
          told: bool) -> None:  # fmt: skip
    """A panel: values in their bars (beside them where they are not told against "none"), changes behind them."""
    names, base, top = list(values.index), float(values["none"]), max(float(values.max()), 1e-9)
    texts = [number(float(value), decimals).replace(",", THIN) for value in values]
    place = {"textposition": "inside", "insidetextanchor": "start"} if told else {"textposition": "outside"}
    chart.add_bar(x=values, y=names, orientation="h", marker_color=colour, marker_line_width=0, text=texts, **place,
                  cliponaxis=False, showlegend=False, row=1, col=column, constraintext="none", textangle=0,
                  insidetextfont={"color": look.paper, "size": 12}, outsidetextfont={"color": look.ink, "size": 12},
                  hovertemplate="%{y}: %{x:,.5g}<extra></extra>")  # fmt: skip
    if told and base > 0.0:
        chart.add_vline(x=base, line={"color": look.colour("baseline"), "width": 1, "dash": "dash"}, row=1, col=column)
        chart.add_scatter(x=[max(float(value), base) for value in values], y=names, mode="text", showlegend=False,
                          text=[_change(float(value), base, look) for value in values], textposition="middle right",
                          textfont={"size": 12}, hoverinfo="skip", cliponaxis=False, row=1, col=column)  # fmt: skip
    chart.update_xaxes(range=[0.0, (CHANGE_ROOM if told else TEXT_ROOM) * top], showticklabels=False, showgrid=False,
                       zeroline=False, row=1, col=column)  # fmt: skip


def _change(value: float, base: float, look: Look) -> str:
    """A change with arrow and colour: green is less, red is more."""
    change = 100.0 * (value / base - 1.0)
    if abs(change) < 0.05:
        return ""
    colour = look.colour("limit" if change > 0.0 else "chillers")
    return f"{GAP}<span style='color:{colour}'>{'↑' if change > 0 else '↓'}{abs(change):.1f} %</span>"


def _finished(chart: go.Figure, comparison: Comparison, look: Look, title: str, height: int | None) -> go.Figure:
    count = len(comparison.figures)
    chart = styled(chart, look, title, height or ROW_PX * count + EDGES_PX, bargap=0.35,
                   margin={"l": 8, "r": 12, "t": 72, "b": 12})  # fmt: skip
    chart.update_annotations(font={"size": 12, "color": look.quiet}, xanchor="left")
    for at, note in enumerate(chart.layout.annotations, start=1):
        note.x = chart.layout[f"xaxis{at if at > 1 else ''}"].domain[0]
    chart.update_yaxes(autorange="reversed", showgrid=False, tickfont={"size": 12, "color": look.ink}, ticksuffix=GAP)
    return chart


def schedule_figure(comparison: Comparison, strategy: str, look: Look, span: Sequence[pd.Timestamp] = (),
                    height: int = COURSES_PX) -> go.Figure:  # fmt: skip
    """Price, carbon and outdoor temperature over what a strategy did: work, limit, import, battery; submitted dashed.

    ``span`` is the first view, the week in which it saves most if left out.
    """
    before, after, signals = comparison.schedules["none"], comparison.schedules[strategy], comparison.signals
    battery, capped = bool(after["stored_kwh"].any()), bool((after["limit_frac"] < 1.0).any())
    money = comparison.currency
    rows = [(f"{money}/MWh", [("price", signals["price_per_kwh"] * 1e3, "cost", "")]),
            ("kg/MWh", [("carbon", signals["carbon_kgco2_per_kwh"] * 1e3, "carbon", "")]),
            ("°C", [("outdoor air", signals["outdoor_c"], "fans", "")]),
            ("kW", [("IT as submitted", before["it_kw"], "baseline", "dash"), ("IT as run", after["it_kw"], "it", "")]),
            ("kW", [("import as submitted", before["import_kw"], "baseline", "dash"),
                    ("import", after["import_kw"], "grid", "")])]  # fmt: skip
    if capped:
        rows.append(("% limit", [("power limit", after["limit_frac"] * 100.0, "limit", "")]))
    if battery:
        rows.append(("kWh", [("charge of the battery", after["stored_kwh"], "battery", "")]))
    heights = [1.0, 0.7, 0.7, 1.8, 1.8, *[0.7] * (len(rows) - 5)]
    chart = make_subplots(len(rows), 1, shared_xaxes=True, vertical_spacing=0.02, row_heights=heights)
    for at, (unit, curves) in enumerate(rows, start=1):
        for name, values, meaning, dash in curves:
            x, y = thinned(values.index.to_numpy(), values.to_numpy())
            line = {"color": look.colour(meaning), "width": 1.3, "shape": "hv", **({"dash": dash} if dash else {})}
            chart.add_scatter(x=x, y=y, name=name, mode="lines", line=line, row=at, col=1,
                              hovertemplate="%{y:,.4g}")  # fmt: skip
        chart.update_yaxes(title_text=unit, nticks=4, row=at, col=1)
    title = f"{strategy}: what it did, and when (local time, {comparison.zone})"
    chart = styled(chart, look, title, height, hovermode="x unified",
                   margin={"l": 8, "r": 12, "t": 40, "b": 40})  # fmt: skip
    chart.update_layout(legend_y=-0.07)
    chart.update_yaxes(rangemode="tozero", row=2, col=1)
    chart.update_xaxes(range=list(span or best_week(comparison, strategy)))
    return chart


def best_week(comparison: Comparison, strategy: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Start and end of the seven whole days in which a strategy saves most energy cost; all of a shorter run."""
    signals, hours = comparison.signals, round(WEEK_H / comparison.dt_h)
    if len(signals) <= hours:
        return signals.index[0], signals.index[-1]
    less = comparison.schedules["none"]["import_kw"] - comparison.schedules[strategy]["import_kw"]
    days = (less * signals["price_per_kwh"]).resample("D").sum()
    weeks = days.rolling(WEEK_D).sum().shift(1 - WEEK_D).dropna()
    start = weeks.index[int(weeks.to_numpy().argmax())]
    return start, start + pd.Timedelta(days=WEEK_D)
