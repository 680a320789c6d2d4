"""Pictures of a site's headroom: what fits and what binds, what is stranded, part load, the ramp, losses, and risk."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from twin.outputs.figures_look import FONT, Look, styled
from twin.outputs.headroom import limit_words, loss_words, sentences, short, trouble_words, when
from twin.outputs.numbers import figure
from twin.studies.headroom.answers import Answers
from twin.studies.headroom.more import Freed
from twin.studies.headroom.n_minus import Search
from twin.studies.headroom.outcome import Outcome
from twin.studies.headroom.part_load import LoadTable
from twin.studies.headroom.ramp import RampYear
from twin.studies.headroom.risk import AIR, CHILLERS, ONE_CHILLER, Point
from twin.studies.headroom.room import Headroom
from twin.studies.headroom.uses import Use

UNDER = {"design": "Design weather", "extreme": "Extreme weather", "year": "Over the year, as loads run"}
COLOURS = {"design": "it", "extreme": "losses", "year": "fans"}
LOADS = ("#A8D4F0", "#56B4E9", "#0072B2", "#003E66")  # of the IT load, the fuller the darker
SYMBOLS = ("circle", "square", "triangle-up")
LOSSES = {AIR: "it", CHILLERS: "losses", ONE_CHILLER: "chillers"}  # kind of loss -> meaning of its colour
NAMES_AT = ("bottom left", "top right", "top left", "bottom right")  # beside points that lie near each other
MINUTES = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)
MOST_BARS = 14
BAR_PX, FRAME_PX = 30, 110
ALLOWED = "to the allowable limit, or until IT has no power"
ROOM_ABOVE = 1.6  # height of a plot over that of its bars, where a line lies above them
LEAST_MIN = 0.02  # of a bar, so that a loss without any time is seen
LEAST_KW = 0.5  # of IT, that is told


def headroom_figure(rooms: Sequence[Headroom], look: Look) -> go.Figure:
    """IT that fits in each place under each kind of weather, with the limit that binds."""
    places = list(dict.fromkeys(one.place for one in rooms))
    chart = go.Figure()
    for kind, some in _by_kind(rooms):
        by_place = {one.place: one for one in some}
        shown = [by_place[place] for place in places]
        chart.add_bar(
            y=places, x=[one.added_kw for one in shown], orientation="h", name=UNDER[kind], marker_line_width=0,
            marker_color=look.colour(COLOURS[kind]), textposition="auto", insidetextanchor="start",
            text=[f"{_kw(one.added_kw)} · {limit_words(one.binds)}" for one in shown],
            hovertemplate="%{y}<br>%{text}<extra></extra>",
        )  # fmt: skip
    height = FRAME_PX + 30 + BAR_PX * len(rooms)
    chart = styled(
        chart, look, "IT that can still be deployed, and what binds first", height, barmode="group", bargap=0.3
    )
    chart.update_xaxes(title_text="kW of IT beyond what stands there", rangemode="tozero")
    chart.update_yaxes(autorange="reversed")
    return chart


def _by_kind(rooms: Sequence[Headroom]) -> Iterator[tuple[str, Sequence[Headroom]]]:
    for kind in UNDER:
        if some := [one for one in rooms if one.level == kind]:
            yield kind, some


def stranded_figure(found: Sequence[Use], look: Look) -> go.Figure:
    """Share of each capacity that is used when the first limit is reached; the rest is stranded."""
    shown = sorted(found, key=lambda use: use.most_frac)[-MOST_BARS:]
    names = [f"{short(use.path)} · {use.kind}" for use in shown]
    used = [100.0 * use.most_frac for use in shown]
    chart = go.Figure()
    chart.add_bar(y=names, x=used, orientation="h", name="used", marker_color=look.colour("it"), marker_line_width=0,
                  hovertemplate="%{y}: %{x:.1f} % used<extra></extra>")  # fmt: skip
    chart.add_bar(y=names, x=[100.0 - u for u in used], orientation="h", name="stranded", marker_line_width=0,
                  marker_color=look.line, text=[" ".join(figure(use.left, use.unit)) for use in shown],
                  textposition="inside", textfont_color=look.ink,
                  hovertemplate="%{y}: %{text} left<extra></extra>")  # fmt: skip
    height = FRAME_PX + BAR_PX * len(shown)
    chart = styled(chart, look, "Used and stranded at the site's first limit", height, barmode="stack", bargap=0.3)
    chart.update_xaxes(title_text="% of capacity in the worst design hour", range=[0, 100])
    return chart


def freed_figure(found: Sequence[Freed], look: Look) -> go.Figure:
    """IT that one more unit of each kind would free; kinds that free nothing are left out."""
    shown = [one for one in found[:MOST_BARS] if one.gained_kw > LEAST_KW][::-1] or list(found[:1])
    chart = go.Figure(go.Bar(
        y=[f"{short(one.path)}: {one.what}" for one in shown], x=[one.gained_kw for one in shown], orientation="h",
        marker_color=look.colour("chillers"), marker_line_width=0,
        text=[_freed_words(one) for one in shown], textposition="auto",
        hovertemplate="%{y}<br>%{text}<extra></extra>",
    ))  # fmt: skip
    height = FRAME_PX + BAR_PX * len(shown)
    chart = styled(chart, look, "IT that one more unit would free", height, showlegend=False, bargap=0.35)
    chart.update_xaxes(title_text="kW of IT, whole site, design weather", rangemode="tozero")
    return chart


def _freed_words(one: Freed) -> str:
    return f"{_kw(one.gained_kw)}, then {limit_words(one.binds)}" if one.gained_kw > LEAST_KW else "nothing"


def load_figure(found: LoadTable, look: Look) -> go.Figure:
    """PUE and MLC against outdoor dry bulb, a line for each IT load."""
    chart = make_subplots(cols=2, subplot_titles=("PUE", "MLC, ASHRAE 90.4"), horizontal_spacing=0.1)
    middles = 0.5 * (found.edges_c[:-1] + found.edges_c[1:])
    for at, curve in enumerate(found.curves):
        name = f"{100 * curve.load_frac:.0f} % of IT (year: {curve.year.pue_ratio:.3f}, {curve.year.mlc_ratio:.3f})"
        colour = LOADS[at % len(LOADS)] if not look.dark else LOADS[::-1][at % len(LOADS)]
        for column, values in ((1, [b.pue_ratio for b in curve.bins]), (2, [b.mlc_ratio for b in curve.bins])):
            chart.add_scatter(
                x=middles, y=values, row=1, col=column, mode="lines+markers", connectgaps=True, showlegend=column == 1,
                name=name, line={"color": colour, "width": 2}, hovertemplate="%{x:.1f} °C: %{y:.3f}<extra></extra>",
            )  # fmt: skip
    chart = styled(chart, look, "Efficiency by IT load and outdoor dry bulb", 380, legend_y=-0.25)
    chart.update_xaxes(title_text="outdoor dry bulb, °C")
    chart.update_yaxes(tickformat=".2f")
    chart.update_layout(margin_t=64)
    return chart


def ramp_figure(found: Sequence[RampYear], look: Look) -> go.Figure:
    """IT in use and PUE of the years in which the site fills."""
    chart = make_subplots(specs=[[{"secondary_y": True}]])
    years = [f"{one.year}<br>{100.0 * one.fill_frac:.0f} %" for one in found]
    chart.add_bar(x=years, y=[one.it_kw for one in found], name="IT in use", marker_color=look.colour("it"),
                  marker_line_width=0, hovertemplate="%{y:,.0f} kW<extra></extra>")  # fmt: skip
    rest = [max(one.it_kw / one.fill_frac - one.it_kw, 0.0) for one in found]
    chart.add_bar(x=years, y=rest, name="not come yet", marker_color=look.line, marker_line_width=0,
                  hovertemplate="%{y:,.0f} kW<extra></extra>")  # fmt: skip
    chart.add_scatter(x=years, y=[one.pue_ratio for one in found], name="PUE (right)", mode="lines+markers+text",
                      secondary_y=True, line={"color": look.colour("limit"), "width": 2}, textposition="top center",
                      text=[f"{one.pue_ratio:.3f}" for one in found],
                      hovertemplate="%{y:.3f}<extra></extra>")  # fmt: skip
    chart = styled(chart, look, "While the site fills", 400, barmode="stack", bargap=0.35, legend_y=-0.22)
    full_kw = found[-1].it_kw / found[-1].fill_frac
    chart.update_yaxes(title_text="kW", secondary_y=False, range=[0.0, ROOM_ABOVE * full_kw])  # the line lies above
    chart.update_yaxes(title_text="PUE", secondary_y=True, showgrid=False, tickformat=".2f",
                       range=_padded([one.pue_ratio for one in found]))  # fmt: skip
    return chart


def _padded(values: Sequence[float]) -> list[float]:
    known = [value for value in values if not math.isnan(value)] or [1.0]
    span = max(max(known) - min(known), 0.02)
    top = max(known) + 0.35 * span
    return [top - (top - min(known) + 0.1 * span) * ROOM_ABOVE / (ROOM_ABOVE - 1.0), top]


def losses_figure(found: Search, look: Look) -> go.Figure:
    """Minutes until racks are in trouble for the worst losses, in the worst hour of each."""
    shown = found.telling()[:MOST_BARS][::-1]
    chart = go.Figure()
    for word, values, meaning in (
        ("to the recommended limit", [one.recommended_min for one in shown], "losses"),
        (ALLOWED, [one.minutes for one in shown], "limit"),
    ):
        most = [min(max(value, LEAST_MIN), 60.0 * one.window_h) for value, one in zip(values, shown, strict=True)]
        text = [_minutes(value, one, word) for value, one in zip(values, shown, strict=True)]
        inside = ["inside" if value > 0.4 * max(most) else "outside" for value in most]
        chart.add_bar(y=[_loss(found, one) for one in shown], x=most, orientation="h", name=word, text=text,
                      textposition=inside, insidetextanchor="start", marker_line_width=0, cliponaxis=False,
                      marker_color=look.colour(meaning), hovertemplate="%{y}<br>%{text}<extra></extra>")  # fmt: skip
    height = FRAME_PX + 30 + int(1.7 * BAR_PX * len(shown))
    chart = styled(chart, look, f"Minutes left after a loss, each in its worst of {found.hours:,} hours", height,
                   barmode="group", bargap=0.3, legend_y=-0.07)  # fmt: skip
    chart.update_xaxes(title_text="minutes", rangemode="tozero")
    return chart


def _loss(found: Search, one: Outcome) -> str:
    return f"{loss_words(one.case, '<br>+ ')}<br>{when(found, one)}"


def _minutes(value: float, one: Outcome, word: str) -> str:
    if word == ALLOWED and math.isfinite(one.minutes):
        return trouble_words(one)
    return f"not in {one.window_h:g} h (warmest {one.highest_c:.1f} °C)" if math.isinf(value) else f"{value:.1f} min"


def risk_figure(found: Sequence[Point], look: Look) -> go.Figure:
    """PUE against minutes to the allowable limit: a point for each strategy, a mark for each kind of loss."""
    chart = go.Figure()
    for (word, hue), symbol in zip(LOSSES.items(), SYMBOLS, strict=True):
        reached = [p for p in found if word in p.worst and math.isfinite(p.worst[word].minutes)]
        ordered = sorted(reached, key=lambda point: (point.pue_ratio, point.worst[word].minutes))
        if ordered:
            chart.add_scatter(
                x=[p.worst[word].minutes for p in ordered], y=[p.pue_ratio for p in ordered], name=word,
                mode="lines+markers+text", text=[p.name for p in ordered],
                textposition=[NAMES_AT[at % len(NAMES_AT)] for at in range(len(ordered))],
                line={"color": look.colour(hue), "width": 1, "dash": "dot"},
                marker={"size": 11, "symbol": symbol, "color": look.colour(hue)},
                hovertemplate="%{text}: PUE %{y:.4f}, %{x:.1f} min<extra></extra>",
            )  # fmt: skip
    chart = styled(chart, look, "Efficiency against risk: lower is cheaper, farther right is safer", 440)
    chart.update_xaxes(title_text="minutes to the allowable inlet in the worst hour", type="log", tickvals=MINUTES,
                       ticktext=[f"{value:g}" for value in MINUTES])  # fmt: skip
    values = [point.pue_ratio for point in found]
    pad = max(max(values) - min(values), 0.004) * 0.25
    chart.update_yaxes(title_text="PUE of the year", tickformat=".3f", range=[min(values) - pad, max(values) + pad])
    return chart


def figures(found: Answers, look: Look | None = None) -> list[go.Figure]:
    """All pictures of what was asked, in the order of the tables."""
    look = look or Look()
    drawn = [headroom_figure(found.headroom, look), stranded_figure(found.stranded, look),
             freed_figure(found.freed, look)]  # fmt: skip
    drawn += [load_figure(found.part_load, look)] if found.part_load is not None else []
    drawn += [ramp_figure(found.ramp, look)] if found.ramp else []
    drawn += [losses_figure(found.search, look)] if found.search is not None else []
    drawn += [risk_figure(found.points, look)] if found.points else []
    return drawn


def page(found: Answers, look: Look | None = None) -> str:
    """One HTML page with all pictures, which needs no network."""
    look = look or Look()
    drawn = figures(found, look)
    parts = [
        figure.to_html(
            full_html=False, include_plotlyjs=at == 0, div_id=f"figure{at}", config={"displayModeBar": False}
        )
        for at, figure in enumerate(drawn)
    ]
    name, notes = html.escape(found.site.scenario.name), "".join(f"<li>{html.escape(t)}</li>" for t in sentences(found))
    style = f"body{{font-family:{FONT};color:{look.ink};background:{look.paper};max-width:1100px;margin:24px auto}}"
    head = f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{name}: headroom</title>"
    body = f"<h1>{name}: headroom</h1><ul>{notes}</ul>{''.join(parts)}"
    return f"{head}<style>{style}</style></head><body>{body}</body></html>\n"


def _kw(value: float) -> str:
    return " ".join(figure(float(np.round(value, 6)), "kW"))
