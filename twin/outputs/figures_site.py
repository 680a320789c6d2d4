"""Plots of a whole run: where the energy goes, months by end use, cost and carbon, capacities used."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from twin.outputs.figures_look import Look, styled
from twin.outputs.numbers import figure, share
from twin.outputs.palette import END_USES, MEANINGS
from twin.outputs.summary import COSTS
from twin.studies.flows import (
    BUS,
    COMPUTING,
    CURTAILED,
    DIRECT,
    EXPORTED,
    GENERATORS,
    GIVEN,
    GRID,
    HEAT,
    INSIDE,
    IT,
    REJECTED,
    REUSED,
    SOLAR,
    STORED,
    Flow,
)
from twin.studies.margins import Margin
from twin.studies.monthly import Monthly, Months

OPACITY = 0.45  # of the bands between nodes
NODES = {GRID: "grid", BUS: "grid", SOLAR: "pv", GENERATORS: "other", EXPORTED: "grid", CURTAILED: "other",
         STORED: "battery", GIVEN: "battery", IT: "it", COMPUTING: "it", HEAT: "baseline",
         REJECTED: "heat_rejection", REUSED: "heat_rejection", DIRECT: "other"}  # fmt: skip
SHORT = {
    HEAT: "Heat",
    REJECTED: "Rejected",
    DIRECT: "Direct",
    REUSED: "Reused",
    MEANINGS["losses"]: "Chain losses",
}  # on the plot only
LARGE = 0.09  # share of the largest from which a node is high enough for its energy below its name
SMALL = 0.004  # flows below this share of the largest are drawn, but their node keeps its name for the pointer
KWH_PER_MWH = 1000.0
KG_PER_T = 1000.0
MOST_BARS = 12
PURCHASE = "power_purchase_cost"  # what key figures call the bill's kind `ppa`
MONTH_PX = 10  # of the names of months, so that twelve stand side by side on a third of a small screen


def sankey(flows: Sequence[Flow], look: Look, height: int = 380) -> go.Figure:
    """Energy from the grid through the power chain to IT and cooling, and out as heat."""
    flows = _grouped(flows)
    names = list(dict.fromkeys(name for flow in flows for name in (flow.source, flow.target)))
    through = {name: max(_sum(f.kwh for f in flows if f.source == name), _sum(f.kwh for f in flows if f.target == name))
               for name in names}  # fmt: skip
    largest = max(through.values(), default=1.0)
    texts = [" ".join(figure(through[name], "kWh")) for name in names]
    told = [f"{n}: {t}, {share(through[n] / largest)} of all" for n, t in zip(names, texts, strict=True)]
    labels = [_node_label(name, text, through[name] / largest) for name, text in zip(names, texts, strict=True)]
    chart = go.Figure(go.Sankey(
        arrangement="snap",
        textfont={"color": look.ink, "size": 12, "shadow": "none"},
        node={
            "label": labels,
            "customdata": told,
            "hovertemplate": "%{customdata}<extra></extra>",
            "color": [look.colour(_meaning_of_node(name)) for name in names],
            "pad": 16, "thickness": 12, "line": {"width": 0},
        },
        link={
            "source": [names.index(flow.source) for flow in flows],
            "target": [names.index(flow.target) for flow in flows],
            "value": [flow.kwh for flow in flows],
            "color": [_faded(look.colour(_meaning_of_flow(flow))) for flow in flows],
            "customdata": [" ".join(figure(flow.kwh, "kWh")) for flow in flows],
            "hovertemplate": "%{source.customdata}<br>to %{target.customdata}<br>%{customdata}<extra></extra>",
        },
    ))  # fmt: skip
    total = " ".join(figure(largest, "kWh"))
    return styled(chart, look, f"Where {total} go", height, margin={"l": 8, "r": 8, "t": 44, "b": 16})


def _node_label(name: str, text: str, part: float) -> str:
    """Name, with its energy below it where the node is high enough for both; two lines keep clear of the next node."""
    if part <= SMALL:
        return ""
    alone = part <= LARGE or name == HEAT  # beside heat stands what is rejected, about as much
    return SHORT.get(name, name) if alone else f"{SHORT.get(name, name)}<br>{text}"


def _grouped(flows: Sequence[Flow]) -> list[Flow]:
    """Flows with end uses named by their meaning, parallel ones added."""
    added: dict[tuple[str, str, str], float] = {}
    for flow in flows:
        source, target = (
            MEANINGS[END_USES[n]] if n in END_USES and n != "it" else n for n in (flow.source, flow.target)
        )
        meaning = END_USES.get(flow.end_use, "")
        added[source, target, meaning] = added.get((source, target, meaning), 0.0) + flow.kwh
    return [Flow(source, target, kwh, meaning) for (source, target, meaning), kwh in added.items()]


def _meaning_of_node(name: str) -> str:
    words = {text: meaning for meaning, text in MEANINGS.items()}
    return words.get(name) or NODES.get(name) or ("it" if name in INSIDE.values() else "losses")


def _meaning_of_flow(flow: Flow) -> str:
    if flow.end_use:
        return flow.end_use
    if flow.source in (SOLAR, GIVEN):
        return _meaning_of_node(flow.source)
    return _meaning_of_node(flow.target) if flow.source == HEAT or flow.target in (STORED, CURTAILED) else "grid"


def _faded(colour: str, opacity: float = OPACITY) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def _sum(values: object) -> float:
    return float(np.sum(list(values)))  # type: ignore[call-overload]


def by_meaning(monthly: Monthly) -> dict[str, Months]:
    """Energy by month of each meaning of a colour, in the order in which they are stacked; none that are zero."""
    added: dict[str, Months] = {}
    for use, kwh in monthly.energy_kwh.items():
        meaning = END_USES.get(use, "other")
        added[meaning] = added.get(meaning, 0.0) + kwh
    return {meaning: added[meaning] for meaning in MEANINGS if meaning in added and added[meaning].any()}


def months_figure(monthly: Monthly, look: Look, height: int = 340) -> go.Figure:
    """Energy by month, stacked by end use, with the month's PUE as a line."""
    chart = go.Figure()
    for meaning, kwh in by_meaning(monthly).items():
        chart.add_bar(x=monthly.months, y=kwh / KWH_PER_MWH, name=MEANINGS[meaning], marker_color=look.colour(meaning),
                      marker_line_width=0, hovertemplate="%{y:,.1f} MWh")  # fmt: skip
    chart.add_scatter(x=monthly.months, y=monthly.pue, name="PUE (right)", mode="lines+markers", yaxis="y2",
                      line={"color": look.ink, "width": 2}, marker={"size": 5}, hovertemplate="%{y:.3f}")  # fmt: skip
    low, high = (float(f(monthly.pue)) if np.isfinite(monthly.pue).any() else 1.0 for f in (np.nanmin, np.nanmax))
    pad = max(high - low, 0.05)
    return styled(
        chart, look, "Energy by month and end use, with PUE", height, barmode="stack", hovermode="x unified",
        bargap=0.25, xaxis=_months_axis(monthly), yaxis={"title": {"text": "MWh"}},
        yaxis2={"title": {"text": "PUE"}, "overlaying": "y", "side": "right", "showgrid": False, "tickformat": ".2f",
                "range": [max(low - 2 * pad, 0.9), high + pad]},
    )  # fmt: skip


def _months_axis(monthly: Monthly, every: int = 1) -> dict[str, object]:
    return {"type": "category", "tickvals": monthly.months[::every], "ticktext": month_names(monthly.months)[::every],
            "tickangle": 0, "tickfont": {"size": MONTH_PX}}  # fmt: skip


def month_names(months: Sequence[str]) -> list[str]:
    """``2025-01`` as ``Jan``, with the year at the first and at each January after it.

    >>> month_names(["2025-12", "2026-01", "2026-02"])
    ['Dec<br>2025', 'Jan<br>2026', 'Feb']
    """
    words = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    pairs = [month.split("-") for month in months]
    return [words[int(m) - 1] + (f"<br>{y}" if at == 0 or m == "01" else "") for at, (y, m) in enumerate(pairs)]


def costs_figure(monthly: Monthly, look: Look, height: int = 300) -> go.Figure:
    """The bill by month, its kinds told apart by shade."""
    chart = go.Figure()
    kinds = [kind for kind, cost in monthly.cost.items() if np.any(cost)]
    for at, kind in enumerate(kinds):
        name = COSTS[PURCHASE if kind == "ppa" else f"{kind}_cost"]
        chart.add_bar(x=monthly.months, y=monthly.cost[kind], name=name, marker_line_width=0,
                      marker_color=_faded(look.colour("cost"), max(0.2, 1.0 - 0.28 * at)),
                      hovertemplate=f"%{{y:,.0f}} {monthly.currency}")  # fmt: skip
    return styled(chart, look, f"Bill by month, {monthly.currency}", height, barmode="stack", hovermode="x unified",
                  bargap=0.25, xaxis=_months_axis(monthly), yaxis={"title": {"text": monthly.currency}})  # fmt: skip


def carbon_figure(monthly: Monthly, look: Look, height: int = 300) -> go.Figure:
    """Emissions of imported electricity by month."""
    chart = go.Figure(go.Bar(x=monthly.months, y=monthly.emissions_kgco2 / KG_PER_T, marker_color=look.colour("carbon"),
                             marker_line_width=0, hovertemplate="%{y:,.1f} t CO2e<extra></extra>"))  # fmt: skip
    return styled(chart, look, "Carbon by month, location-based", height, bargap=0.25,
                  xaxis=_months_axis(monthly, 3), yaxis={"title": {"text": "t CO2e"}})  # fmt: skip


def margins_figure(found: Sequence[Margin], look: Look, height: int = 300) -> go.Figure:
    """Capacities used at the worst step, the tightest at the top, with the limit marked."""
    shown = list(found[:MOST_BARS])[::-1]
    over = [margin.used_frac > 1.0 + 1e-6 for margin in shown]
    chart = go.Figure(go.Bar(
        x=[100.0 * margin.used_frac for margin in shown],
        y=[f"{margin.path.replace('.rack_groups', '')} · {margin.what}" for margin in shown], orientation="h",
        marker_color=[look.colour("limit") if o else look.colour("baseline") for o in over], marker_line_width=0,
        customdata=[margin.detail for margin in shown], hovertemplate="%{y}<br>%{customdata}<extra></extra>",
    ))  # fmt: skip
    chart.add_vline(x=100, line={"color": look.colour("limit"), "width": 2, "dash": "dot"})
    farthest = max([108.0, *(104.0 * margin.used_frac for margin in shown)])
    axis = {"title": {"text": "% (inlets: of recommended)"}, "range": [0, farthest]}
    return styled(chart, look, "Capacity used at the worst step", height, showlegend=False, bargap=0.35, xaxis=axis)
