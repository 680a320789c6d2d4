"""Studies: a batch store to filter and look at from all sides, its runs to open, and studies to run into new ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from twin.errors import InputError
from twin.explorer import session, stores
from twin.explorer.new_study import ended_study, new_study, running_studies
from twin.explorer.opened import opened_run
from twin.explorer.parts import CHART, headline_row, plot
from twin.explorer.session import begins
from twin.explorer.study_address import Shown, from_address
from twin.explorer.study_filter import DIGITS, axes_of, filtered, ranked_by, wanted
from twin.outputs import study_view as view_of
from twin.outputs.figures_look import Look
from twin.outputs.figures_study import (
    MOST_AXES,
    bands_figure,
    effects_figure,
    indices_figure,
    parallel_figure,
    pareto_figure,
)
from twin.outputs.store_compare import Reading
from twin.outputs.study_view import Seen

VIEWS = ("Pareto", "Parallel", "Percentiles", "What moves it", "Failures", "Runs")
MOST_ROWS, ROWS_PX = 13, 520  # that the table of runs shows without a bar to scroll, and its height with more
SHOWN, LAST = "stores-shown", "store-last"  # of the session: what was on the screen of each store, and last
MISSING = "store-missing"  # a store that the address asks for in vain


def page() -> None:
    """Draw it."""
    st.title("Studies")
    ended_study()
    listed = stores.stores()
    asked = _asked(listed)
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    if st.session_state.get("store") not in listed:
        st.session_state["store"] = asked.store if asked.store in listed else next(iter(listed), None)
    name = left.selectbox("Store", list(listed), key="store", disabled=not listed, placeholder="none yet",
                          on_change=_chosen,
                          help=f"Stores below {stores.stated_root()}, and those made here")  # fmt: skip
    with right.popover("Run a study", width="stretch"):
        new_study()
    running_studies()
    if MISSING in st.session_state:
        st.warning(f"There is no store `{st.session_state[MISSING]}` here, which the address asks for: it was made on "
                   "another machine, or was temporary. Choose another one above, or run its study again.")  # fmt: skip
    if name is None:
        _nothing_yet()
    else:
        before = st.session_state[SHOWN].get(name, Shown(name))
        _store(name, listed[name], asked if asked.store == name and name not in st.session_state[SHOWN] else before)


def _chosen() -> None:
    st.session_state.pop(MISSING, None)


def _asked(listed: Mapping[str, Path]) -> Shown:
    """What was last looked at, or what the address asks for; told where there is no such store."""
    if SHOWN not in st.session_state:
        st.session_state[SHOWN] = {}
        asked = st.session_state[LAST] = from_address(st.session_state[session.ASKED])
        if asked.store and asked.store not in listed:
            st.session_state[MISSING] = asked.store
    last: Shown = st.session_state[LAST]
    return last


def _nothing_yet() -> None:
    root = stores.stated_root()
    st.info(
        f"There is no store below {root} yet. **Run a study** with the button above, or in a terminal: "
        f"`twin batch scenarios/studies/setpoints.yaml --out {root}/setpoints`. Stores elsewhere: start the explorer "
        f"with {stores.ROOT_VARIABLE}=FOLDER."
    )


def _store(name: str, folder: Path, asked: Shown) -> None:
    try:
        reading = stores.read(folder)
        numeric = view_of.figures_of_store(reading)
        if not numeric:
            st.info("The runs of this store do not differ in any figure, or all failed.")
            _failures(reading)
            return
        place = f"{name}:{len(reading.table)}"  # a store that grew has other values to choose from
        left, right = st.columns([1, 3], gap="medium")
        with left:
            by = ranked_by(numeric, asked, reading.by, place)
            reading = stores.read(folder, by)
            axes = axes_of(reading, numeric, asked, place)
            shown = filtered(reading, numeric, asked, place)
    except (InputError, OSError) as error:
        st.error(f"**This store cannot be read.** {stores.without_folder(error, folder)}. Choose another one above.")
        return
    view = view_of.seen(reading, wanted(shown), axes)
    with right:
        st.subheader(reading.study.name)
        st.caption(reading.study.description)
        headline_row(view_of.headlines_of_store(reading, view, axes))
        what = _view(reading, view, axes, shown, session.look())
    run = _open(reading, view, folder, shown)
    _keep(replace(shown, by=by, across=axes[0], up=axes[1], view=what, run=run))


def _keep(shown: Shown) -> None:
    """For the address, and for when the page or its store is looked at again."""
    st.session_state[SHOWN][shown.store] = st.session_state[LAST] = shown
    session.also(shown.address())


def _view(reading: Reading, view: Seen, axes: tuple[str, str], shown: Shown, look: Look) -> str:
    """The picture that was asked for, by its name; the others are not made."""
    first = begins("study-view", shown.view if shown.view in VIEWS else VIEWS[0])
    what = st.segmented_control("View", VIEWS, default=first, label_visibility="collapsed", key="study-view")
    what = str(what or VIEWS[0])
    if what == "Failures":
        _failures(reading)
    elif view.frame.empty:
        st.info("No run passes the filter, or all that do have failed. Widen the ranges on the left, or see Failures.")
    elif what == "Parallel":
        names = [*view_of.settings_of(reading), *dict.fromkeys([reading.by, *reading.objectives, "pue"])]
        kept = [name for name in names if name in view.frame][:MOST_AXES]
        plot(parallel_figure(reading, view, kept, reading.by, look), "parallel")
    elif what == "Percentiles":
        _percentiles(reading, view, look)
    elif what == "What moves it":
        _moves(reading, look)
    elif what == "Runs":
        table = view_of.runs_table(reading, view)
        height: Any = ROWS_PX if len(table) > MOST_ROWS else "content"
        picked = st.dataframe(table, hide_index=True, width="stretch", height=height,
                              on_select="rerun", selection_mode="single-row", key=f"runs:{shown.store}",
                              column_config=_columns(table))  # fmt: skip
        rows = picked["selection"]["rows"]
        _pick(shown.store, int(table["Run"].iloc[rows[0]]) if rows else None)
    else:
        event = st.plotly_chart(pareto_figure(reading, view, axes, look), theme=None, width="stretch", config=CHART,
                                key=f"plot:pareto:{shown.store}", on_select="rerun",
                                selection_mode="points")  # fmt: skip
        points = event["selection"]["points"]
        _pick(shown.store, int(points[0]["customdata"][0]) if points else None)
    return what


def _columns(table: pd.DataFrame) -> dict[str, Any]:
    return {str(name): st.column_config.NumberColumn(format=DIGITS) for name in table.select_dtypes("float")}


def _pick(store: str, run: int | None) -> None:
    """Open what was clicked, once."""
    last = f"picked:{store}"
    if run is not None and st.session_state.get(last) != run:
        st.session_state[f"open:{store}"] = run
    st.session_state[last] = run


def _percentiles(reading: Reading, view: Seen, look: Look) -> None:
    if reading.bands is None or reading.bands.empty:
        st.info(
            "The settings of this study are chosen, not drawn: percentiles over them would say nothing. A study that "
            "draws them has a part of `vary` of kind `sobol`, `latin_hypercube` or `random`, such as "
            "scenarios/studies/uncertainty.yaml."
        )
        return
    plot(bands_figure(reading, view_of.sample_of(reading, view, reading.by), reading.by, look), "bands")
    st.dataframe(view_of.bands_table(reading), width="stretch")
    st.caption("The table is of all runs of the sample; the plot is of those that pass the filter.")


def _moves(reading: Reading, look: Look) -> None:
    if not reading.effects:
        st.info("The runs do not differ in their settings: nothing moves the figure. Run more of the study.")
        return
    plot(effects_figure(reading, reading.effects, reading.by, look), "effects")
    if reading.indices:
        plot(indices_figure(reading.indices, reading.by, look), "indices")
    elif view_of.wants_indices(reading):
        st.caption("Sobol indices need all runs of the study; this store holds the first of them.")
    if reading.plans:
        st.dataframe(view_of.plans_table(reading), hide_index=True, width="stretch")


def _failures(reading: Reading) -> None:
    table = view_of.failures(reading)
    if table.empty:
        st.info(f"None of the {len(reading.table)} runs failed.")
    else:
        st.dataframe(table.drop(columns="First error"), hide_index=True, width="stretch")
        st.caption("The first error of each cause. These runs are in no figure, front or percentile of this page; "
                   "`twin show STORE RUN` tells more of one.")  # fmt: skip
        st.code("\n\n".join(table["First error"]), language=None, wrap_lines=True)


def _open(reading: Reading, view: Seen, folder: Path, shown: Shown) -> int | None:
    """A run of those shown, as the overview draws it, and its number."""
    runs = view_of.in_order(reading, view)
    if not runs:
        return None
    key = f"open:{shown.store}"
    if st.session_state.setdefault(key, shown.run) not in runs:
        st.session_state[key] = None
    run = st.selectbox("Open a run", runs, index=None, key=key,
                       placeholder="choose one, or click on it in Pareto or Runs",
                       format_func=lambda number: view_of.run_words(reading, number))  # fmt: skip
    if run is None:
        return None
    opened_run(folder, int(run))
    return int(run)
