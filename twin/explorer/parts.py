"""Pieces that pages share: the headline row, plots in the house's settings, and what is told where none can be."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from html import escape

import plotly.graph_objects as go
import streamlit as st

from twin.errors import InputError, RunError
from twin.explorer.choice import Choice
from twin.explorer.runs import LONG_STEPS, Job, kept, run_of, steps_of
from twin.outputs.headline import Headline, headlines
from twin.outputs.palette import COLOURS
from twin.studies.portrait import Portrait

LEAST_PX = 99  # of a figure of the headline row
JOB, LOOK_S = "job", 0.2  # of a session: its long run, and how often it is looked at
CHART = {"displaylogo": False, "responsive": True, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"]}
STYLE = f"""<style>
[data-testid="stMainBlockContainer"] {{padding: 3.4rem 1.6rem 2rem; max-width: 1880px}}
h1 {{font-size: 1.35rem !important; font-weight: 600 !important; padding: 0 !important; letter-spacing: 0 !important}}
h2, h3 {{font-size: 1rem !important; font-weight: 600 !important; padding: .2rem 0 !important}}
.tw-wide {{container-type: inline-size; position: relative; z-index: 9}}
.tw-row {{display: grid; gap: 0; margin: .1rem 0 .2rem;
  border-top: 1px solid color-mix(in srgb, currentColor 18%, transparent);
  border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent)}}
.tw-figure {{position: relative; padding: .45rem .25rem .5rem 0; font-variant-numeric: tabular-nums; cursor: help;
  outline-offset: -2px}}
.tw-label {{font-size: .78rem; opacity: .75; line-height: 1.25; overflow-wrap: anywhere}}
.tw-value {{font-size: 1.06rem; font-weight: 600; line-height: 1.35}}
.tw-unit {{font-size: .74rem; font-weight: 400; opacity: .7; display: inline-block}}
.tw-note {{font-size: .76rem; opacity: .75; min-height: 1.1em; line-height: 1.3}}
.tw-worse {{color: {COLOURS["limit"]}; font-weight: 600; opacity: 1}}
.tw-better {{color: {COLOURS["chillers"]}; font-weight: 600; opacity: 1}}
[data-testid="stButtonGroup"], [data-testid="stButtonGroup"] [role="radiogroup"] {{flex-wrap: wrap !important;
  overflow: visible !important; mask-image: none !important}}
[data-testid="stFileUploaderDropzoneInstructions"] {{display: none}}
[data-testid="stTopNavLink"]:focus-visible {{outline: 2px solid; outline-offset: -2px}}
.tw-tip {{visibility: hidden; position: absolute; z-index: 99; left: 0; top: 100%; width: 290px; padding: .55rem .65rem;
  background: #22262E; color: #F2F2F2; font-size: .8rem; line-height: 1.35; border-radius: 3px; white-space: normal}}
.tw-figure:hover .tw-tip, .tw-figure:focus .tw-tip {{visibility: visible}}
.tw-figure:nth-last-child(-n+2) .tw-tip {{left: auto; right: 0}}
</style>"""


def headline_row(figures: Sequence[Headline]) -> None:
    """The key figures in one row; meaning and basis appear at the pointer or with the keyboard."""
    row = "".join(_figure(one) for one in figures)
    st.html(f'{_rows(len(figures))}<div class="tw-wide"><div class="tw-row tw-{len(figures)}">{row}</div></div>')


def _rows(count: int) -> str:
    """A style by which figures stand in one row, or in as few rows of equal length as their place has room for."""
    rules, widest = [], 10_000
    for columns in sorted({math.ceil(count / rows) for rows in range(1, count + 1)}, reverse=True):
        least = columns * LEAST_PX if columns > 1 else 0
        rules.append(f"@container (min-width: {least}px) and (max-width: {widest - 0.1}px) {{"
                     f".tw-{count} {{grid-template-columns: repeat({columns}, minmax(0, 1fr))}} "
                     f".tw-{count} :nth-child({columns}n) .tw-tip {{left: auto; right: 0}}}}")  # fmt: skip
        widest = least
    return f"<style>{' '.join(rules)}</style>"


def _figure(one: Headline) -> str:
    mood = "" if one.same else " tw-worse" if one.worse else " tw-better"
    notes = "".join(f'<div class="tw-note{extra}">{escape(text)}</div>'
                    for text, extra in ((one.change, mood), (one.band, "")) if text)  # fmt: skip
    return (
        f'<div class="tw-figure" tabindex="0" data-figure="{escape(one.name)}">'
        f'<div class="tw-label">{escape(one.label)}</div>'
        f'<div class="tw-value">{escape(one.value)} <span class="tw-unit">{escape(one.unit)}</span></div>'
        f'{notes or "<div class=tw-note></div>"}<div class="tw-tip" role="tooltip">{escape(one.tip)}</div></div>'
    )


def compared_row(run: Portrait, base: Portrait | None) -> None:
    """The headline row beside a baseline; told where that runs over another stretch of time."""
    same = base is None or (run.civil[0], run.civil[-1]) == (base.civil[0], base.civil[-1])
    headline_row(headlines(run.metrics, run.bands, base.metrics if base else None, same))
    if not same:
        st.caption("The baseline runs over another period: sums are not compared with it. Pin a baseline anew.")


def plot(figure: go.Figure, key: str, clicked: Callable[[], None] | None = None) -> None:
    """A plot over the whole width of its place; ``clicked`` is called when points of it are chosen or left."""
    st.plotly_chart(figure, theme=None, width="stretch", config=CHART, key=f"plot:{key}",
                    on_select=clicked or "ignore", selection_mode="points")  # fmt: skip


def chosen(label: str, options: Sequence[str], key: str, first: str = "", told: Callable[[str], str] = str) -> str:
    """What a list has selected; another scenario may not have it, and then the list begins anew."""
    if st.session_state.get(key) not in options:
        st.session_state[key] = first if first in options else options[0]
    return str(st.selectbox(label, options, key=key, format_func=told))


def ran(choice: Choice) -> Portrait | None:
    """The run of a choice; where there is none, the page says why and what to do, and gets None."""
    try:
        found = kept(choice)
        if found is not None:
            return found
        if steps_of(choice.scenario()) > LONG_STEPS:
            return _watched(choice)
        with st.spinner("Simulating. The first run on a machine compiles for up to a minute.", show_time=True):
            return run_of(choice)
    except InputError as error:
        trouble("This scenario cannot run", [str(fault) for fault in error.faults])
    except RunError as error:
        trouble("This scenario ran away", [str(error)])
    return None


def _watched(choice: Choice) -> Portrait | None:
    """A long run with its progress and a way to stop it. It goes on while its visitor looks at other pages."""
    job = st.session_state.get(JOB)
    if job is None or job.choice != choice:
        if job is not None:
            job.watch.stop()
        job = st.session_state[JOB] = Job(choice)
    if job.watch.stopped:
        st.info("This run was stopped. Take the last change back, or run it again.")
        st.button("Run it again", on_click=lambda: st.session_state.pop(JOB))
        return None
    with (place := st.empty()).container():
        bar = st.progress(0.0, "Simulating")
        st.button("Stop", on_click=job.watch.stop, key=f"stop:{id(job)}")
        while not job.done.done():
            bar.progress(job.watch.done_frac, f"Simulating: {100 * job.watch.done_frac:.0f} % of the steps")
            time.sleep(LOOK_S)
    place.empty()
    st.session_state.pop(JOB, None)
    return job.done.result()


def trouble(title: str, faults: Sequence[str]) -> None:
    """Faults, each with its place; never a stack trace."""
    st.error(f"**{title}.** Take the last change back, or load another scenario from the bar on the left.")
    st.code("\n".join(faults), language=None, wrap_lines=True)
