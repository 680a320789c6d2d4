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
    sensed: Sensed, scenario: Any, axis: TimeAxis, steps: Steps | None, c: Composition, columns: dict[int, Any]
) -> None:
    """Input of one controller, in the columns of a run's inputs, for as long as its sensors are lost."""
    unit = ".".join((*sensed.path, SENSORS))
    if sensed.availability == ALWAYS and not any(event.unit == unit for event in scenario.events.values()):
        return
    stated = course(sensed.availability, axis, scenario.site.timezone, MOST_IN_SERVICE)
    values = np.full(axis.count, stated) if np.ndim(stated) == 0 else np.asarray(stated)
    rows = values if steps is None else np.asarray(steps.spread(values, axis.count))
    seen = exact_availability(sensed, unit, scenario, axis, steps, rows) >= SEEN_FRAC
    at = c.u.index(sensed.owner, sensed.name)
    columns[at] = _as_last_seen(sensed, columns.get(at, 0.0), seen)
    if sensed.by_load:
        columns[c.u.index(sensed.owner, SEEN)] = seen.astype(float)


def go_blind(sensed: Sensed, c: Composition, u: NDArray[np.float64], seen: NDArray[np.bool_]) -> None:
    """The same in rows of inputs, with a flag for each row."""
    at = c.u.index(sensed.owner, sensed.name)
    u[:, at] = _as_last_seen(sensed, u[:, at], seen)
    if sensed.by_load:
        u[:, c.u.index(sensed.owner, SEEN)] = seen


def _as_last_seen(sensed: Sensed, values: Any, seen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The fallback, or the value of the last row that was seen; the first is known, so that there is one to hold."""
    values = np.broadcast_to(values, seen.shape)
    if sensed.fallback_c is not None:
        return np.where(seen, values, sensed.fallback_c)
    return np.asarray(values[np.maximum.accumulate(np.where(seen, np.arange(seen.size), 0))])
