"""Explore: settings of the scenario's own technologies on the left, their effect against the baseline on the right."""

from __future__ import annotations

import numpy as np
import streamlit as st

from twin.explorer import session
from twin.explorer.form import form
from twin.explorer.parts import chosen, compared_row, plot, ran
from twin.outputs.curves import air_states, curves_of, labels_of, moment, spans_of, step_of
from twin.outputs.figures_air import psychrometric_figure
from twin.outputs.figures_look import TEMPERATURES, Look
from twin.outputs.figures_plant import plant_figure
from twin.outputs.figures_time import duration_figure, heat_map, scatter_figure, series_figure
from twin.outputs.headline import difference_table
from twin.studies.portrait import PUE, Portrait

FIRST = ("grid.meter.import_kw", "weather.wet_bulb_c")
VIEWS = ("Figures", "Time series", "Duration", "Heat map", "PUE by wet bulb", "Psychrometric", "Plant")
WHOLE = "run"


def page() -> None:
    """Draw it."""
    choice, pinned = session.now(), session.baseline()
    left, right = st.columns([1, 2], gap="medium")
    with right:
        title = st.empty()
        title.title(choice.file.removesuffix(".yaml"))
        run = ran(choice)
        base = (run if pinned == choice else ran(pinned)) if run else None
        if run and base:
            title.title(run.scenario.name)
            compared_row(run, base)
            _view(run, base if base is not run else None, session.look())
    with left:
        form(choice, pinned, run.scenario if run else None)


def _view(run: Portrait, base: Portrait | None, look: Look) -> None:
    """The picture that was asked for; the others are not made."""
    view = st.pills("View", VIEWS, default="Time series", label_visibility="collapsed", key="view") or VIEWS[1]
    zone = run.scenario.site.timezone
    if view == "Figures":
        st.dataframe(difference_table(run.metrics, (base or run).metrics), hide_index=True, height=560, width="stretch")
    elif view == "PUE by wet bulb":
        wet = "weather.wet_bulb_c"
        other = (base.values(wet), base.pue) if base else None
        plot(scatter_figure(run.values(wet), run.pue, look, other, 520), "scatter")
    elif view == "Psychrometric":
        _psychrometric(run, look)
    elif view == "Plant":
        _plant(run, look, zone)
    elif view == "Heat map":
        _heat_map(run, look, zone)
    else:
        _curves(view, run, base, look, zone)


def _psychrometric(run: Portrait, look: Look) -> None:
    if not run.scenario.halls:
        st.info("This scenario has no halls with racks, so there is no air to judge. Load another one from the left.")
        return
    hall = chosen("Hall", list(run.scenario.halls), "hall")
    plot(psychrometric_figure(**air_states(run, hall), look=look, height=540), "air")


def _plant(run: Portrait, look: Look, zone: str) -> None:
    if not run.scenario.plants:
        st.info("This scenario has no plant: its air handlers cool without water. See Time series for their fans.")
        return
    plant = chosen("Plant", list(run.scenario.plants), "plant")
    plot(plant_figure(run, plant, look, zone, _window(run, "plant-span", "week")), "plant")


def _heat_map(run: Portrait, look: Look, zone: str) -> None:
    labels = labels_of(run)
    name = chosen("Quantity", list(labels), "map", PUE, labels.__getitem__)
    curve = curves_of(run, [name])[name]
    plot(heat_map(curve, look, zone, TEMPERATURES if curve.unit == "degC" else None, 480), "heat")


def _curves(view: str, run: Portrait, base: Portrait | None, look: Look, zone: str) -> None:
    labels = labels_of(run)
    kept = [name for name in st.session_state.get("series", FIRST) if name in labels]
    st.session_state["series"] = kept or [FIRST[0]]
    names = st.multiselect("Quantities (two units at most)", list(labels), format_func=labels.__getitem__, key="series",
                           max_selections=6)  # fmt: skip
    if not names:
        st.info("Choose at least one quantity above.")
        return
    mine, other = curves_of(run, names), curves_of(base, names) if base else None
    if view == "Duration":
        plot(duration_figure(mine, run.dt_h, look, other, 500), "duration")
        return
    span = _window(run, "span", WHOLE)
    cut = {name: curve.between(*span) for name, curve in mine.items()}
    before = {name: curve.between(*span) for name, curve in other.items()} if other else None
    plot(series_figure(cut, look, zone, before, 520), "series")


def _window(run: Portrait, key: str, first: str) -> tuple[np.datetime64, np.datetime64]:
    """The stretch of time to look at, from the whole run to an hour, each step of it drawn."""
    spans = spans_of(run)
    left, right = st.columns([4, 3], vertical_alignment="bottom")
    names = [WHOLE, *spans]
    start = first if first in names else WHOLE
    span = left.pills("Show", names, default=start, key=key) or WHOLE
    if span == WHOLE:
        return run.civil[0], run.civil[-1]
    length = spans[span]
    last = moment(run, -1) - length
    warmest = moment(run, int(run.values("weather.wet_bulb_c").argmax())).replace(minute=0) - length / 2
    at = min(max(warmest, moment(run, 0)), last)
    begins = right.slider("from", moment(run, 0), last, at, step=step_of(length), key=f"{key}:{span}:{run.civil.size}",
                          format="ddd D MMM YYYY HH:mm", help="Begins around the highest outdoor wet bulb")  # fmt: skip
    return np.datetime64(begins), np.datetime64(begins + length)
