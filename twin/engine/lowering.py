"""From a scenario to numbers: parameters, initial state and inputs in the blocks of its composition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from twin.components.base import Component, Surroundings
from twin.components.power.service import Service
from twin.engine.composition import WEATHER, Composition, compose, members_of
from twin.engine.forcing import axis_of, input_courses, input_notes, weather_of, weather_on
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


def lower(scenario: Scenario, gap: int = 0, inputs: Inputs = NONE_GIVEN) -> Lowered:
    """Numbers of a scenario, with ``inputs`` in place of its own; InputError where its files do not serve."""
    composition = compose(members_of(scenario), gap)
    weather = weather_of(scenario.weather, scenario.run.calendar_year)
    axis = axis_of(scenario.run, weather.utc_offset_h)
    p, s = np.zeros(composition.p.size), np.zeros(composition.s.size)
    steps = steps_of(scenario, axis)
    spread: Spread = (lambda values: values) if steps is None else (lambda values: steps.spread(values, axis.count))
    u = np.zeros((axis.count if steps is None else steps.hours.size, composition.u.size))
    for name, values in weather_on(scenario.weather, scenario.run.calendar_year, axis).items():
        if name in composition.u.types[WEATHER].names:  # type: ignore[operator]
            u[:, composition.u.index(WEATHER, name)] = spread(values)
    notes = [f"weather: {note}" for note in weather.notes]
    for path, component in components(scenario):
        around = _surroundings(path, scenario, weather.elevation_m, ".".join(path) in composition.late)
        _fill(component, ".".join(path), around, composition, p, s)
        for name, course in input_courses(component, scenario, axis).items():
            u[:, composition.u.index(".".join(path), name)] = spread(course)
        _to_the_second(component, ".".join(path), scenario, axis, steps, composition, u)
        for sensed in sensed_of(path, component):
            lose_sensors(sensed, scenario, axis, steps, composition, u)
        notes += [f"{'.'.join(path)}: {note}" for note in input_notes(component, scenario, axis)]
    for path, unit in served_units(scenario):
        _serve(unit, ".".join(path), composition, p, u)
    for name, values in inputs.items():
        u[:, composition.u.index(*name.rsplit(".", 1))] = spread(values)
    return Lowered(scenario, composition, axis, p, s, u, tuple(notes), steps)


def _serve(unit: Component, path: str, c: Composition, p: np.ndarray, u: np.ndarray) -> None:
    """What the service of a unit is told: how long it takes to start again, and its availability as stated."""
    service = Service(restart_min=getattr(unit, "restart_min", 0.0))
    _fill(service, f"{path}.{SERVICE}", Surroundings(), c, p, np.zeros(c.s.size))
    stated = u[:, c.u.index(path, AVAILABILITY)] if AVAILABILITY in unit.inputs else 1.0
    u[:, c.u.index(f"{path}.{SERVICE}", "stated_frac")] = stated


def _to_the_second(
    component: Component, path: str, scenario: Scenario, axis: TimeAxis, steps: Steps | None, c: Composition,
    u: np.ndarray,
) -> None:  # fmt: skip
    """Inputs that events make, and in a refined run those that begin and end within the steps of the run."""
    if AVAILABILITY in component.inputs:
        at = c.u.index(path, AVAILABILITY)
        u[:, at] = exact_availability(component, path, scenario, axis, steps, u[:, at])
    if steps is not None and "called_frac" in component.inputs:
        events: Any = getattr(component, "events", ())
        u[:, c.u.index(path, "called_frac")] = called_frac(events, axis, scenario.site.timezone, steps.edges_s)
    if steps is not None and "recent_count" in component.inputs:
        slack_h: Any = getattr(component, "slack_h", 0.0)
        rate = u[:, c.u.index(path, "arrivals_per_h")]
        u[:, c.u.index(path, "recent_count")] = recent_between(rate, slack_h, steps.edges_s / SECONDS_PER_HOUR)


def _fill(component: Component, path: str, around: Surroundings, c: Composition, p: np.ndarray, s: np.ndarray) -> None:
    for name, value in component.parameters(around).items():
        at = c.p.index(path, name)
        p[at : at + max(np.size(value), 1)] = value
    for name, value in component.initial(around).items():
        s[c.s.index(path, name)] = value


def _surroundings(path: tuple[str, ...], scenario: Scenario, elevation_m: float, lagged: bool) -> Surroundings:
    hall: Any = scenario.halls[path[1]] if path[0] == "halls" else None
    plant: Any = scenario.plants[path[1]] if path[0] == "plants" else None
    rank, count = 0, 1
    if path[0] == "plants" and path[2:3] == ("chillers",):
        names = list(scenario.plants[path[1]].chillers)
        rank, count = names.index(path[-1]), len(names)
    work, group = _work_at(path, scenario)
    return Surroundings(hall, plant, station_pressure_pa(elevation_m), elevation_m, rank, count, group, work, lagged)


def _work_at(path: tuple[str, ...], scenario: Scenario) -> tuple[Any, Any]:
    """Class of work and rack group of a placement, of a policy that of the first place; None for others."""
    if path[0] != "workloads" or path[2:3] not in (("runs_on",), ("shift",)):
        return None, None
    work = scenario.workloads[path[1]]
    if path[2] == "shift":
        return work, group_at(scenario, next(iter(work.runs_on.values())).group)
    return work, group_at(scenario, work.runs_on[path[3]].group)
