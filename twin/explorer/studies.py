"""Studies: a batch store to filter and look at from all sides, its runs to open, and studies to run into new ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from twin.errors import InputError
from twin.explorer import session, stores
from twin.explorer.new_study import ended_study, new_study, running_studies
from twin.explorer.opened import opened_run
from twin.explorer.parts import CHART, headline_row, plot
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
from twin.outputs.study_view import Seen, Wanted, label_of, name_of

VIEWS = ("Pareto", "Parallel", "Percentiles", "What moves it", "Failures", "Runs")
MOST_MARKS = 12  # values of a setting up to which a slider stops at each
DIGITS = "%.5g"


def page() -> None:
    """Draw it."""
    st.title("Studies")
    ended_study()
    listed = stores.stores()
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    if st.session_state.get("store") not in listed:
        st.session_state["store"] = next(iter(listed), None)
    name = left.selectbox("Store", list(listed), key="store", disabled=not listed, placeholder="none yet",
                          help=f"Stores below {stores.root()}, and those made here")  # fmt: skip
    with right.popover("Run a study", width="stretch"):
        new_study()
    running_studies()
    if name is None:
        _nothing_yet()
    else:
        _store(listed[name])


def _nothing_yet() -> None:
    st.info(
        f"There is no store below {stores.root()} yet. **Run a study** with the button above, or in a terminal: "
        f"`twin batch scenarios/studies/setpoints.yaml --out {stores.root()}/setpoints`. Stores elsewhere: start the "
        f"explorer with {stores.ROOT_VARIABLE}=FOLDER."
    )


def _store(folder: Path) -> None:
    try:
        reading = stores.read(folder)
        numeric = view_of.figures_of_store(reading)
        if not numeric:
            st.info("The runs of this store do not differ in any figure, or all failed.")
            _failures(reading)
            return
        place = f"{folder}:{len(reading.table)}"  # a store that grew has other values to choose from
        left, right = st.columns([1, 3], gap="medium")
        with left:
            by = st.selectbox("Rank and colour by", numeric, format_func=name_of, key=f"by:{place}",
                              index=numeric.index(reading.by) if reading.by in numeric else 0)  # fmt: skip
            reading = stores.read(folder, by)
            axes = _axes(reading, numeric, place)
            wanted = _wanted(reading, numeric, place)
    except (InputError, OSError) as error:
        st.error(f"**This store cannot be read.** {error}. Choose another one above.")
        return
    view = view_of.seen(reading, wanted, axes)
    with right:
        st.subheader(reading.study.name)
        st.caption(reading.study.description)
        headline_row(view_of.headlines_of_store(reading, view, axes))
        _view(reading, view, axes, folder, session.look())
    _open(reading, view, folder)


def _axes(reading: Reading, numeric: list[str], place: str) -> tuple[str, str]:
    settings = [name for name in view_of.settings_of(reading) if not view_of.is_words(reading, name)]
    known = [*numeric, *settings]
    first = view_of.first_axes(reading) or tuple([*known, known[0]][:2])
    across, up = (
        str(st.selectbox(title, known, index=known.index(start), format_func=name_of, key=f"{title}:{place}"))
        for title, start in zip(("Across", "Up"), first, strict=True)
    )
    return across, up


def _wanted(reading: Reading, numeric: list[str], place: str) -> Wanted:
    st.subheader("Filter")
    words: dict[str, list[str]] = {}
    ranges: dict[str, tuple[float, float]] = {}
    for name in view_of.settings_of(reading):
        if view_of.is_words(reading, name):
            known = list(dict.fromkeys(view_of.texts_of(reading.table[name])))
            chosen = st.multiselect(name_of(name), known, key=f"filter:{place}:{name}", placeholder="all",
                                    format_func=view_of.value_text)  # fmt: skip
            words |= {name: chosen} if chosen else {}
        else:
            ranges |= _range(reading, name, place)
    bounded = st.selectbox("Bound a figure", numeric, index=None, format_func=name_of, placeholder="none",
                           key=f"bounded:{place}")  # fmt: skip
    if bounded:
        ranges |= _range(reading, bounded, place)
    keep = st.toggle("With runs beyond a bound", value=True, key=f"broken:{place}")
    return Wanted(words, ranges, keep)


def _range(reading: Reading, name: str, place: str) -> dict[str, tuple[float, float]]:
    """A range of a column in the unit that it is shown in; empty where all of it is wanted."""
    values = view_of.known_values(reading, name)
    if len(values) < 2:
        return {}
    size = view_of.unit_in(reading, name)[1]
    label, key = label_of(name, reading), f"range:{place}:{name}"
    ends = (values[0], values[-1])
    marks = {f"{value:.6g}": value for value in values}
    if len(values) == len(marks) <= MOST_MARKS:
        texts = list(marks)
        low, high = (marks[text] for text in st.select_slider(label, texts, (texts[0], texts[-1]), key=key))
    else:
        low, high = st.slider(label, *ends, ends, step=(ends[1] - ends[0]) / 200, format=DIGITS, key=key)
    return {} if (low, high) == ends else {name: (low * size, high * size)}


def _view(reading: Reading, view: Seen, axes: tuple[str, str], folder: Path, look: Look) -> None:
    """The picture that was asked for; the others are not made."""
    what = st.segmented_control("View", VIEWS, default=VIEWS[0], label_visibility="collapsed", key="study-view")
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
        picked = st.dataframe(view_of.runs_table(reading, view), hide_index=True, width="stretch", height=520,
                              on_select="rerun", selection_mode="single-row", key=f"runs:{folder}",
                              column_config=_columns(reading, view))  # fmt: skip
        rows = picked["selection"]["rows"]
        _pick(folder, int(view_of.runs_table(reading, view)["Run"].iloc[rows[0]]) if rows else None)
    else:
        event = st.plotly_chart(pareto_figure(reading, view, axes, look), theme=None, width="stretch", config=CHART,
                                key=f"plot:pareto:{folder}", on_select="rerun", selection_mode="points")  # fmt: skip
        points = event["selection"]["points"]
        _pick(folder, int(points[0]["customdata"][0]) if points else None)


def _columns(reading: Reading, view: Seen) -> dict[str, Any]:
    table = view_of.runs_table(reading, view)
    return {str(name): st.column_config.NumberColumn(format=DIGITS) for name in table.select_dtypes("float")}


def _pick(folder: Path, run: int | None) -> None:
    """Open what was clicked, once."""
    last = f"picked:{folder}"
    if run is not None and st.session_state.get(last) != run:
        st.session_state[f"open:{folder}"] = run
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
        st.dataframe(table, hide_index=True, width="stretch")


def _open(reading: Reading, view: Seen, folder: Path) -> None:
    """A run of those shown, as the overview draws it."""
    runs = view_of.in_order(reading, view)
    if not runs:
        return
    key = f"open:{folder}"
    if st.session_state.get(key) not in runs:
        st.session_state[key] = None
    run = st.selectbox("Open a run", runs, index=None, key=key, placeholder="choose one, or click on a dot above",
                       format_func=lambda number: view_of.run_words(reading, number))  # fmt: skip
    if run is not None:
        opened_run(folder, int(run))
