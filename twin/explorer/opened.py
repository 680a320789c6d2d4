"""A run of a store, made again and drawn as the overview draws a scenario."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from twin.errors import InputError, RunError
from twin.explorer import session, stores
from twin.explorer.choice import Choice
from twin.explorer.parts import headline_row, plot
from twin.explorer.runs import yaml_of
from twin.outputs.figures_look import Look
from twin.outputs.figures_site import carbon_figure, costs_figure, margins_figure, months_figure, sankey
from twin.outputs.headline import headlines, told
from twin.studies.portrait import Portrait

TOLD = "opened-told"


def opened_run(folder: Path, number: int) -> None:
    """Headline figures, energy flow, months, bill, carbon and margins of a run."""
    try:
        with st.spinner("Simulating the run again.", show_time=True):
            run = stores.run_of(folder, number)
    except (InputError, RunError, OSError) as error:
        st.error(f"**Run {number} cannot be made again.** {stores.without_folder(error, folder)}")
        return
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    left.subheader(f"Run {number} of {folder.name}: {run.scenario.name}")
    right.button("Put on the screen", on_click=_load, args=(folder, number), width="stretch", key="opened-load",
                 help="Overview, Explore and Floor then show this run")  # fmt: skip
    if said := st.session_state.pop(TOLD, ""):
        st.info(said)
    headline_row(headlines(run.metrics, run.bands))
    _figures(run, session.look())
    for text in told(run.warnings, run.metrics):
        st.warning(text)


def _figures(run: Portrait, look: Look) -> None:
    plot(sankey(run.flows, look), "opened-sankey")
    left, middle, right = st.columns([5, 4, 3])
    with left:
        plot(months_figure(run.monthly, look), "opened-months")
    with middle:
        plot(costs_figure(run.monthly, look, 340), "opened-costs")
    with right:
        plot(carbon_figure(run.monthly, look, 340), "opened-carbon")
    plot(margins_figure(run.margins, look, 340), "opened-margins")


def _load(folder: Path, number: int) -> None:
    """Put a run on the screen as an upload would be; one that names other files than the twin's stays where it is."""
    choice = Choice(f"{folder.name}-run-{number}.yaml", yaml_of(stores.run_of(folder, number)))
    try:
        choice.scenario()
    except InputError as error:
        st.session_state[TOLD] = f"It stays here, for it names files of its own: {error.faults[0]}"
        return
    session.load(choice)
    st.session_state[TOLD] = "It is on the screen: see Overview, Explore and Floor."
