"""Overview of a scenario: headline figures with bands, energy flow, months, money and carbon, what limits the site."""

from __future__ import annotations

import streamlit as st

from twin.explorer import session
from twin.explorer.parts import compared_row, plot, ran
from twin.outputs.assumptions import assumed
from twin.outputs.figures_look import Look
from twin.outputs.figures_site import carbon_figure, costs_figure, margins_figure, months_figure, sankey
from twin.outputs.headline import told
from twin.studies.portrait import Portrait

ALL_WELL = (
    "No cautions: inlets stayed in their range, cooling met its set-points, no device was overloaded, and no "
    "performance curve was left."
)


def page() -> None:
    """Draw it."""
    choice, pinned = session.now(), session.baseline()
    title = st.empty()
    title.title(choice.file.removesuffix(".yaml"))
    run = ran(choice)
    if run is None:
        return
    base = run if pinned == choice else ran(pinned)
    title.title(run.scenario.name)
    if run.scenario.description:
        st.caption(run.scenario.description)
    compared_row(run, base if base is not run else None)
    look = session.look()
    plot(sankey(run.flows, look), "sankey")
    _months(run, look)
    _limits(run, look)


def _months(run: Portrait, look: Look) -> None:
    left, middle, right = st.columns([5, 4, 3])
    with left:
        plot(months_figure(run.monthly, look), "months")
    with middle:
        plot(costs_figure(run.monthly, look, 340), "costs")
    with right:
        plot(carbon_figure(run.monthly, look, 340), "carbon")


def _limits(run: Portrait, look: Look) -> None:
    left, right = st.columns([5, 7])
    with left:
        plot(margins_figure(run.margins, look, 340), "margins")
    with right:
        st.subheader("What to know of this run")
        found = told(run.warnings, run.metrics)
        for text in found:
            st.warning(text)
        if not found:
            st.markdown(ALL_WELL)
        st.subheader("Assumptions and data")
        st.markdown("\n".join(f"- {text}" for text in assumed(run)))
