"""Explore: settings of the scenario's own technologies on the left, their effect against the baseline on the right."""

from __future__ import annotations

import streamlit as st

from twin.explorer import session
from twin.explorer.form import form
from twin.explorer.parts import headline_row, plot, ran
from twin.outputs.curves import air_states, curves_of, labels_of
from twin.outputs.figures_air import psychrometric_figure
from twin.outputs.figures_look import TEMPERATURES, Look
from twin.outputs.figures_time import duration_figure, heat_map, scatter_figure, series_figure
from twin.outputs.headline import difference_table, headlines
from twin.studies.portrait import PUE, Portrait

FIRST = ("grid.meter.import_kw", "weather.wet_bulb_c")
VIEWS = ("Figures", "Time series", "Duration", "Heat map", "PUE by wet bulb", "Psychrometric")


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
            headline_row(headlines(run.metrics, run.bands, base.metrics))
            _view(run, base if base is not run else None, session.look())
    with left:
        form(choice, pinned)


def _view(run: Portrait, base: Portrait | None, look: Look) -> None:
    """The picture that was asked for; the others are not made."""
    view = (
        st.segmented_control("View", VIEWS, default="Time series", label_visibility="collapsed", key="view") or VIEWS[1]
    )
    zone = run.scenario.site.timezone
    if view == "Figures":
        st.dataframe(difference_table(run.metrics, (base or run).metrics), hide_index=True, height=560, width="stretch")
    elif view == "PUE by wet bulb":
        wet = "weather.wet_bulb_c"
        other = (base.values(wet), base.pue) if base else None
        plot(scatter_figure(run.values(wet), run.pue, look, other, 520), "scatter")
    elif view == "Psychrometric":
        hall = st.selectbox("Hall", list(run.scenario.halls), key="hall")
        plot(psychrometric_figure(**air_states(run, hall), look=look, height=540), "air")
    else:
        _curves(view, run, base, look, zone)


def _curves(view: str, run: Portrait, base: Portrait | None, look: Look, zone: str) -> None:
    labels = labels_of(run)
    if view == "Heat map":
        names = list(labels)
        name = st.selectbox("Quantity", names, index=names.index(PUE), format_func=labels.__getitem__, key="map")
        curve = curves_of(run, [name])[name]
        plot(heat_map(curve, look, zone, TEMPERATURES if curve.unit == "degC" else None, 480), "heat")
        return
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
    else:
        plot(series_figure(mine, look, zone, other, 520), "series")
