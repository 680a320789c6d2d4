"""From a scenario to numbers: parameters, initial state and inputs in the blocks of its composition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from twin.components.base import Component, Surroundings, said
from twin.components.power.service import Service
from twin.engine.composition import WEATHER, Composition, compose, members_of
from twin.engine.forcing import axis_of, inputs_of, weather_of, weather_on
from twin.engine.outages import called_frac
from twin.engine.refining import Steps, exact_availability, steps_of
from twin.engine.sensors import lose_sensors
from twin.engine.work_courses import recent_between
from twin.physics.fluids import station_pressure_pa
from twin.scenario.model import Scenario
from twin.scenario.outages import AVAILABILITY
from twin.scenario.sensors import sensed_of
from twin.scenario.supply import SERVICE, served_units
from twin.scenario.walk import components, group_at
from twin.series.axis import TimeAxis
from twin.units import SECONDS_PER_HOUR

Spread = Callable[[Any], Any]  # values over the steps of the axis -> over those of the run
Inputs = Mapping[str, Any]  # path.input -> a number, or values over the steps
NONE_GIVEN: Inputs = {}
Columns = dict[int, Any]  # position in a row of ``u`` -> a number, or values over the steps of the run
NO_COLUMNS: Columns = {}


@dataclass(frozen=True)
class Lowered:
    """A scenario in numbers, and notes on what was read. ``p`` and ``s`` are flat; ``u`` has a row per step."""

    scenario: Scenario
    composition: Composition
    axis: TimeAxis
    p: np.ndarray
    s: np.ndarray
    u: np.ndarray
    notes: tuple[str, ...] = ()
    steps: Steps | None = None  # where they are not those of the axis
    columns: Columns = field(default_factory=dict)  # what ``u`` was made of

    @property
    def hours(self) -> np.ndarray:
        """Length of each step in hours."""
        return np.full(self.axis.count, self.axis.dt_h) if self.steps is None else self.steps.hours

    def times(self) -> pd.DatetimeIndex:
        """Starts of all steps in UTC."""
        if self.steps is None:
            return self.axis.utc()
        return pd.DatetimeIndex(
            self.axis.start.astype("datetime64[ns]") + self.steps.edges_s[:-1].astype("timedelta64[s]")
        )


def lower(scenario: Scenario, gap: int = 0, inputs: Inputs = NONE_GIVEN, like: Lowered | None = None) -> Lowered:
    """Numbers of a scenario, with ``inputs`` in place of its own; InputError where its files do not serve.

    ``like`` is another scenario that was lowered, whose inputs are copied where they are the same: of two runs of a
    study most are. The numbers are those without it.
    """
    c = compose(members_of(scenario), gap)
    weather = weather_of(scenario.weather, scenario.run.calendar_year)
    axis = axis_of(scenario.run, weather.utc_offset_h)
    steps = steps_of(scenario, axis)
    spread: Spread = (lambda values: values) if steps is None else (lambda values: steps.spread(values, axis.count))
    p, s = np.zeros(c.p.size), np.zeros(c.s.size)
    known = c.u.places[WEATHER]
    outdoors = weather_on(scenario.weather, scenario.run.calendar_year, axis)
    columns: Columns = {known[name]: spread(values) for name, values in outdoors.items() if name in known}
    notes = [f"weather: {note}" for note in weather.notes]
    site = Surroundings(pressure_pa=station_pressure_pa(weather.elevation_m), elevation_m=weather.elevation_m)
    for path, component in components(scenario):
        name = ".".join(path)
        _fill(component, name, _surroundings(path, scenario, site, name in c.late), c, p, s)
        places = c.u.places[name]
        courses, told = inputs_of(component, scenario, axis)
        for key, course in courses.items():
            columns[places[key]] = spread(course)
        _to_the_second(component, name, scenario, axis, steps, places, columns)
        for sensed in sensed_of(path, component):
            lose_sensors(sensed, scenario, axis, steps, c, columns)
        notes += [f"{name}: {note}" for note in told]
    for path, unit in served_units(scenario):
        _serve(unit, ".".join(path), c, p, columns)
    for name, values in inputs.items():
        columns[c.u.index(*name.rsplit(".", 1))] = spread(values)
    u = _block(columns, (axis.count if steps is None else steps.hours.size, c.u.size), like)
    return Lowered(scenario, c, axis, p, s, u, tuple(notes), steps, columns)


def _block(columns: Columns, shape: tuple[int, int], like: Lowered | None) -> np.ndarray:
    """Inputs of all steps, 0 where nothing is stated; a column that ``like`` has as well is copied with its block."""
    if like is None or like.u.shape != shape:
        u, known = np.zeros(shape), NO_COLUMNS
    else:
        u, known = like.u.copy(), like.columns
        for at in known.keys() - columns.keys():
            u[:, at] = 0.0
    for at, values in columns.items():
        if at not in known or not _alike(values, known[at]):
            u[:, at] = values
    return u


def _alike(values: Any, known: Any) -> bool:
    """Whether two courses surely have the same bits: one array, or equal numbers (of which zero has two)."""
    return values is known or (type(values) is float is type(known) and values == known != 0.0)


def _serve(unit: Component, path: str, c: Composition, p: np.ndarray, columns: Columns) -> None:
    """What the service of a unit is told: how long it takes to start again, and its availability as stated."""
    service = Service(restart_min=said(unit, "restart_min") or 0.0)
    _fill(service, f"{path}.{SERVICE}", Surroundings(), c, p, np.zeros(c.s.size))
    stated = columns.get(c.u.index(path, AVAILABILITY), 0.0) if AVAILABILITY in unit.inputs else 1.0
    columns[c.u.index(f"{path}.{SERVICE}", "stated_frac")] = stated


def _to_the_second(
    component: Component, path: str, scenario: Scenario, axis: TimeAxis, steps: Steps | None,
    places: Mapping[str, int], columns: Columns,
) -> None:  # fmt: skip
    """Inputs that events make, and in a refined run those that begin and end within the steps of the run."""
    if AVAILABILITY in component.inputs:
        at = places[AVAILABILITY]
        columns[at] = exact_availability(component, path, scenario, axis, steps, columns.get(at, 0.0))
    if steps is not None and "called_frac" in component.inputs:
        events: Any = getattr(component, "events", ())
        columns[places["called_frac"]] = called_frac(events, axis, scenario.site.timezone, steps.edges_s)
    if steps is not None and "recent_count" in component.inputs:
        slack_h: Any = getattr(component, "slack_h", 0.0)
        rate = np.broadcast_to(columns.get(places["arrivals_per_h"], 0.0), steps.hours.size)
        columns[places["recent_count"]] = recent_between(rate, slack_h, steps.edges_s / SECONDS_PER_HOUR)


def _fill(component: Component, path: str, around: Surroundings, c: Composition, p: np.ndarray, s: np.ndarray) -> None:
    places = c.p.places[path]
    for name, value in component.parameters(around).items():
        at = places[name]
        if isinstance(value, float):
            p[at] = value
        else:
            p[at : at + max(np.size(value), 1)] = value
    places = c.s.places[path]
    for name, value in component.initial(around).items():
        s[places[name]] = value


def _surroundings(path: tuple[str, ...], scenario: Scenario, site: Surroundings, lagged: bool) -> Surroundings:
    """Where a component stands on a site of this pressure."""
    hall: Any = scenario.halls[path[1]] if path[0] == "halls" else None
    plant: Any = scenario.plants[path[1]] if path[0] == "plants" else None
    rank, count = 0, 1
    if path[0] == "plants" and path[2:3] == ("chillers",):
        names = list(scenario.plants[path[1]].chillers)
        rank, count = names.index(path[-1]), len(names)
    work, group = _work_at(path, scenario)
    return Surroundings(hall, plant, site.pressure_pa, site.elevation_m, rank, count, group, work, lagged)


def _work_at(path: tuple[str, ...], scenario: Scenario) -> tuple[Any, Any]:
    """Class of work and rack group of a placement, of a policy that of the first place; None for others."""
    if path[0] != "workloads" or path[2:3] not in (("runs_on",), ("shift",)):
        return None, None
    work = scenario.workloads[path[1]]
    if path[2] == "shift":
        return work, group_at(scenario, next(iter(work.runs_on.values())).group)
    return work, group_at(scenario, work.runs_on[path[3]].group)
