"""Floor: halls as plan views at a time of the run, and the series of a rack group."""

from __future__ import annotations

import functools
from datetime import datetime, timedelta

import numpy as np
import streamlit as st

from twin.explorer import session
from twin.explorer.parts import chosen, plot, ran
from twin.outputs.curves import curves_of, moment, step_at
from twin.outputs.figures_floor import QUANTITIES, floor_figure, groups_of
from twin.outputs.figures_look import Look
from twin.outputs.figures_time import series_figure
from twin.studies.portrait import Portrait

AROUND = (timedelta(days=-3.5), timedelta(days=3.5))


def page() -> None:
    """Draw it."""
    title = st.empty()
    title.title(session.now().file.removesuffix(".yaml"))
    run = ran(session.now())
    if run is None:
        return
    title.title(run.scenario.name)
    if not run.scenario.halls:
        st.info("This scenario has no halls with racks. Load another one from the bar on the left.")
        return
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    output = left.segmented_control("Colour", list(QUANTITIES), default="inlet_c", key="colour",
                                    format_func=lambda name: QUANTITIES[name][0]) or "inlet_c"  # fmt: skip
    warmest = int(run.values("weather.wet_bulb_c").argmax())
    when = right.slider(f"Time ({run.scenario.site.timezone})", moment(run, 0), moment(run, -1), moment(run, warmest),
                        step=timedelta(hours=run.dt_h), format="ddd D MMM YYYY HH:mm", key=f"at:{run.civil.size}",
                        help="Begins at the hour of the highest outdoor wet bulb")  # fmt: skip
    step = step_at(run, when)
    look = session.look()
    _halls(run, output, step, look)
    _series(run, output, when, look)


def _halls(run: Portrait, output: str, step: int, look: Look) -> None:
    names = list(run.scenario.halls)
    columns = st.columns(min(len(names), 2))
    for at, hall in enumerate(names):
        with columns[at % len(columns)]:
            if any(group.values[step] == group.values[step] for group in groups_of(run, hall, output)):
                figure = floor_figure(run, hall, output, step, look)
                plot(figure, f"floor:{hall}", functools.partial(_clicked, hall))
            else:
                st.info(f"Racks of hall {hall} have no {QUANTITIES[output][0].lower()}: choose another colour above.")


def _clicked(hall: str) -> None:
    """Show the series of the group whose rack was clicked."""
    points = st.session_state[f"plot:floor:{hall}"].selection.points
    if points:
        group = points[0]["customdata"]
        group = group[0] if isinstance(group, list) else group
        st.session_state["group"] = f"halls.{hall}.rack_groups.{group}"


def _series(run: Portrait, output: str, when: datetime, look: Look) -> None:
    """A week around the time above, of the rack group that was clicked or chosen."""
    groups = [
        f"halls.{hall}.rack_groups.{group}" for hall, one in run.scenario.halls.items() for group in one.rack_groups
    ]
    path = chosen("Rack group (or click a rack)", groups, "group", told=lambda p: p.replace(".rack_groups.", " · ")[6:])
    curves = curves_of(run, dict.fromkeys([f"{path}.{output}", f"{path}.power_kw"]))
    week = {name: curve.between(*(np.datetime64(when + days) for days in AROUND)) for name, curve in curves.items()}
    if week:
        figure = series_figure(week, look, run.scenario.site.timezone, height=360)
        plot(figure.add_vline(x=when, line={"color": look.quiet, "width": 1}), "floor-series")
