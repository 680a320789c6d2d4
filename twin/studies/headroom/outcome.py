"""What follows when units fail at an hour: minutes to the limits of inlet air, the warmest inlet, cooling not met.

The window starts from where the site's run stood before that hour; weather, loads and set-points of its hours hold as
in that run, and the lost units stay out for the whole window. The time to a limit is that of the first rack group that
crosses it, by straight lines between the means of steps. Load that is no longer fed counts as lost from its first step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.engine.forcing import weather_of
from twin.engine.lowering import Lowered
from twin.engine.simulate import kept_outputs
from twin.engine.windows import Course, run_on
from twin.physics.envelopes import allowable_c, recommended_c
from twin.scenario.model import Scenario
from twin.studies.headroom.units import Case, without
from twin.units import MINUTES_PER_HOUR, SECONDS_PER_HOUR

Values = NDArray[np.float64]
FED = 1e-6  # kW of IT not fed that is no rounding


@dataclass(frozen=True)
class Limits:
    """Outputs of inlets, and the limits of each: recommended and allowable of the hall's class at this altitude."""

    keep: tuple[str, ...]  # outputs that an outcome reads, in the order of the loop
    inlets: tuple[str, ...]
    recommended_c: Values
    allowable_c: Values

    def columns(self, *endings: str) -> list[int]:
        """Places of the kept outputs that end so."""
        return [at for at, name in enumerate(self.keep) if name.endswith(endings)]


@dataclass(frozen=True)
class Outcome:
    """A case at an hour of the run. Minutes are endless where the limit is not reached within ``window_h``."""

    case: Case
    step: int
    window_h: float
    recommended_min: float
    allowable_min: float
    unserved_min: float
    unserved_kwh: float
    highest_c: float
    excess_k: float
    group: str
    unmet_kwh: float

    @property
    def minutes(self) -> float:
        """Time until IT is in trouble: beyond the allowable limit, or without power."""
        return min(self.allowable_min, self.unserved_min)

    @property
    def severity(self) -> tuple[float, float, float, float, int]:
        """Sorts the worst first: soonest in trouble, most IT without power, farthest above its limit, earliest."""
        return (self.minutes, -self.unserved_kwh, -self.excess_k, -self.unmet_kwh, self.step)


def limits_of(scenario: Scenario, lowered: Lowered) -> Limits:
    """Inlets of all rack groups with their limits, in the order of the loop."""
    elevation_m = weather_of(scenario.weather, scenario.run.calendar_year).elevation_m
    inlets = {
        f"halls.{name}.rack_groups.{group}.inlet_c": hall.envelope
        for name, hall in scenario.halls.items()
        for group in hall.rack_groups
    }
    read = (*inlets, *(f"{path}.{field}" for path, field, _ in lowered.composition.outputs if _is_short(path, field)))
    keep = tuple(f"{path}.{field}" for path, field, _ in kept_outputs(lowered.composition, read))
    ordered = [name for name in keep if name in inlets]
    return Limits(
        keep, tuple(ordered), np.array([recommended_c(inlets[name])[1] for name in ordered]),
        np.array([allowable_c(inlets[name], elevation_m)[1] for name in ordered]),
    )  # fmt: skip


def _is_short(path: str, field: str) -> bool:
    """Outputs of cooling short of a hall's set-points, and of power short of what its racks would draw."""
    in_hall = path.startswith("halls.") and ".rack_groups." not in path
    return (field == "unmet_kw" and in_hall) or (field == "unserved_kw" and ".rack_groups." in path)


def outcome_at(course: Course, limits: Limits, case: Case, step: int, window_h: float, step_s: float) -> Outcome:
    """Lose a case's units at the start of a step of the run, and run on in steps of ``step_s``."""
    lowered = course.lowered
    repeats = round(lowered.axis.step_s / step_s)
    hours = min(max(round(window_h / lowered.axis.dt_h), 1), lowered.axis.count - step)
    rows = np.repeat(lowered.u[step : step + hours], repeats, axis=0)
    dt_h = step_s / SECONDS_PER_HOUR
    series, _ = run_on(lowered, course.before(step), without(lowered, rows, case), dt_h, limits.keep)
    return _read(limits, case, step, hours * lowered.axis.dt_h, dt_h, series)


def _read(limits: Limits, case: Case, step: int, window_h: float, dt_h: float, series: Values) -> Outcome:
    inlets = series[:, limits.columns(".inlet_c")]
    unmet_kw, unserved_kw = (series[:, limits.columns(ending)].sum(axis=1) for ending in (".unmet_kw", ".unserved_kw"))
    peaks = np.nanmax(inlets, axis=0)
    worst = int(np.argmax(peaks - limits.allowable_c))
    hot_c = float(peaks[worst])
    return Outcome(
        case, step, window_h, _minutes(inlets, limits.recommended_c, dt_h), _minutes(inlets, limits.allowable_c, dt_h),
        _first(unserved_kw > FED, dt_h), float(np.nansum(unserved_kw) * dt_h), hot_c,
        float(hot_c - limits.allowable_c[worst]), limits.inlets[worst].removesuffix(".inlet_c"),
        float(np.nansum(unmet_kw) * dt_h),
    )  # fmt: skip


def _minutes(inlets: Values, limits_c: Values, dt_h: float) -> float:
    """When the first inlet crosses its limit, shape of ``inlets`` (steps, groups); 0 where it is beyond from the start.

    Step means stand at the middles of their steps, so the crossing lies on the line between two middles.
    """
    found = np.inf
    for at, limit_c in enumerate(limits_c):
        column = inlets[:, at]
        beyond = np.flatnonzero(column > limit_c)
        if beyond.size:
            first = int(beyond[0])
            before = column[first - 1] if first else column[first]
            part = (limit_c - before) / (column[first] - before) if first else -0.5
            found = min(found, max(first - 0.5 + part, 0.0) * dt_h * MINUTES_PER_HOUR)
    return found


def _first(flags: NDArray[np.bool_], dt_h: float) -> float:
    at = np.flatnonzero(flags)
    return float(at[0]) * dt_h * MINUTES_PER_HOUR if at.size else np.inf
