"""Runs of many scenarios at once, and the steady hour at stated outdoor air that design questions ask for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.engine.forcing import axis_of, weather_of
from twin.engine.lowering import Lowered, lower
from twin.engine.results import failure
from twin.engine.simulate import Keep, Outcome, kept_outputs, runner
from twin.scenario.model import Run, Scenario
from twin.scenario.walk import components
from twin.series.series_file import SeriesFile
from twin.studies.headroom.conditions import Condition

SETTLING_H = 48  # hours of the same conditions before the hour that is read: stores and staging have settled by then
WEATHER = "weather"


@dataclass(frozen=True)
class Series:
    """Outputs of a run by ``path.output``, shape (steps,); ``failure`` tells where it ran away, else it is empty."""

    scenario: Scenario
    values: Mapping[str, NDArray[np.float64]]
    failure: str
    lowered: Lowered
    end: NDArray[np.float64]

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        return self.values[name]

    def input(self, path: str, name: str) -> NDArray[np.float64]:
        """Values of an input of a component, shape (steps,)."""
        return np.asarray(self.lowered.u[:, self.lowered.composition.u.index(path, name)])


def series_of(outcome: Outcome, keep: Keep = "all") -> Series:
    """Outputs of an outcome under their names."""
    lowered = outcome.lowered
    kept = kept_outputs(lowered.composition, keep)
    values = {f"{path}.{field}": outcome.series[:, at] for at, (path, field, _) in enumerate(kept)}
    failed = failure(outcome) if outcome.failed_at >= 0 else ""
    return Series(lowered.scenario, values, failed, lowered, outcome.end)


def run_all(lowered: Iterable[Lowered], keep: Keep = "all") -> list[Series]:
    """Run them in threads; one that ran away is among the others, with its failure."""
    run = runner("auto")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [series_of(outcome, keep) for outcome in pool.map(lambda one: run(one, keep), list(lowered))]


def steady_hour(scenario: Scenario, condition: Condition, pressure_pa: float) -> Lowered:
    """The first hour of a scenario's period in still outdoor air of a condition, settled before."""
    hour = _hour_of(scenario)
    weather = {name: np.array([value]) for name, value in condition.fields(pressure_pa).items()}
    utc_offset_h = weather_of(scenario.weather, scenario.run.calendar_year).utc_offset_h
    axis = axis_of(hour.run, utc_offset_h)
    inputs: dict[str, Any] = {f"{WEATHER}.{name}": value for name, value in weather.items()}
    for path, component in components(hour):
        for name, course in component.courses(weather, axis).items():
            if not isinstance(course, SeriesFile):
                inputs[f"{'.'.join(path)}.{name}"] = course
    return lower(hour, inputs=inputs)


def _hour_of(scenario: Scenario) -> Scenario:
    start = scenario.run.start or f"{scenario.run.calendar_year:04d}-01-01"
    day, _, clock = start.replace("T", " ").partition(" ")
    run = Run(
        calendar_year=scenario.run.calendar_year, step="1h", start=f"{day} {clock[:2] or '00'}:00", duration="1h",
        warmup_h=SETTLING_H,
    )  # fmt: skip
    return scenario.model_copy(update={"run": run})
