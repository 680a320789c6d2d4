"""What a controller does that has lost its sensors: the set-point stays where it was, or goes where it is told to."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.components.profiles import ALWAYS, MOST_IN_SERVICE
from twin.components.resets import Sensed
from twin.engine.composition import Composition
from twin.engine.forcing import course
from twin.engine.refining import Steps, exact_availability
from twin.scenario.sensors import SENSORS
from twin.series.axis import TimeAxis

SEEN_FRAC = 0.5  # share of its sensors from which on a controller goes by them
SEEN = "load_seen"  # input of a plant whose set-point follows its load


def lose_sensors(
    sensed: Sensed, scenario: Any, axis: TimeAxis, steps: Steps | None, c: Composition, u: NDArray[np.float64]
) -> None:
    """Input of one controller, in the rows of a run's inputs, for as long as its sensors are lost."""
    unit = ".".join((*sensed.path, SENSORS))
    if sensed.availability == ALWAYS and not any(event.unit == unit for event in scenario.events.values()):
        return
    stated = course(sensed.availability, axis, scenario.site.timezone, MOST_IN_SERVICE)
    values = np.full(axis.count, stated) if np.ndim(stated) == 0 else np.asarray(stated)
    rows = values if steps is None else np.asarray(steps.spread(values, axis.count))
    seen = exact_availability(sensed, unit, scenario, axis, steps, rows) >= SEEN_FRAC
    go_blind(sensed, c, u, seen)


def go_blind(sensed: Sensed, c: Composition, u: NDArray[np.float64], seen: NDArray[np.bool_]) -> None:
    """The same with a flag for each row; the first row is known, so that there is something to hold."""
    at = c.u.index(sensed.owner, sensed.name)
    if sensed.fallback_c is not None:
        u[:, at] = np.where(seen, u[:, at], sensed.fallback_c)
    else:
        u[:, at] = u[np.maximum.accumulate(np.where(seen, np.arange(len(u)), 0)), at]
    if sensed.by_load:
        u[:, c.u.index(sensed.owner, SEEN)] = seen
