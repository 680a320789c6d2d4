"""Curves of a run by name, with labels for lists and axes, and the states of air for the psychrometric chart."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from twin.outputs.figures_time import Curve, unit_text
from twin.outputs.palette import END_USES
from twin.physics.fluids import elevation_at_pressure_m
from twin.studies.portrait import Portrait

SPANS = {"month": timedelta(days=30), "week": timedelta(days=7), "day": timedelta(days=1), "hour": timedelta(hours=1)}
SUPPLY = {"grid.meter.import_kw": "grid", "grid.meter.export_kw": "pv"}


def labels_of(run: Portrait) -> dict[str, str]:
    """Series of a run by name, each with label and unit for a list."""
    return {name: f"{label} · {unit_text(unit)}".removesuffix(" · –") for name, (label, unit) in run.names.items()}


def curves_of(run: Portrait, names: Iterable[str]) -> dict[str, Curve]:
    """The named series that a run has."""
    known = run.names
    return {name: Curve(*known[name], run.civil, run.values(name), meaning_of(run, name))
            for name in names if name in known}  # fmt: skip


def meaning_of(run: Portrait, name: str) -> str:
    """What the colour of a series means: the end use that it is counted under; empty where it has none."""
    if name in SUPPLY:
        return SUPPLY[name]
    one = run.one
    at = np.flatnonzero(one["output"].values == name)
    return END_USES.get(str(one["end_use"].values[at[0]]), "") if at.size else ""


def air_states(run: Portrait, hall: str) -> dict[str, Any]:
    """Outdoor air and inlets of a hall with its class and pressure, as the psychrometric chart takes them."""
    one = run.scenario.halls[hall]
    moist = run.values(f"halls.{hall}.air.humidity_kg_kg") if f"halls.{hall}.air.humidity_kg_kg" in run.one else None
    inlets = {group: (run.values(name), moist) for group in one.rack_groups
              if (name := f"halls.{hall}.rack_groups.{group}.inlet_c") in run.one and moist is not None}  # fmt: skip
    pressure_pa = float(run.values("weather.pressure_pa").mean())
    return {
        "outdoor": (run.values("weather.dry_bulb_c"), run.values("weather.humidity_ratio_kg_kg")),
        "inlets": inlets, "envelope": one.envelope, "pressure_pa": pressure_pa,
        "altitude_m": max(float(elevation_at_pressure_m(pressure_pa)), 0.0),
    }  # fmt: skip


def moment(run: Portrait, step: int) -> datetime:
    """Local time at which a step starts, without a zone."""
    return pd.Timestamp(run.civil[step]).to_pydatetime()


def step_at(run: Portrait, when: datetime) -> int:
    """The step that a local time lies in; the first or last one beyond the run."""
    found = int(np.searchsorted(run.civil, np.datetime64(when), side="right")) - 1
    return min(max(found, 0), run.civil.size - 1)


def spans_of(run: Portrait) -> dict[str, timedelta]:
    """Stretches of time to look at, by name, that are shorter than the run and hold a step at least."""
    length = timedelta(hours=run.dt_h * (run.civil.size - 1))
    return {name: span for name, span in SPANS.items() if timedelta(hours=run.dt_h) <= span < length}


def step_of(span: timedelta) -> timedelta:
    """By how much a stretch of time is moved: a day, or an hour where it is a day or less."""
    return timedelta(days=1) if span > SPANS["day"] else timedelta(hours=1)
