"""Steps of unequal length in one run: fine around the beginnings and ends of events, those of the run elsewhere.

Whole steps of the run are divided, so that every step of the run is covered by whole fine ones. What is stated by the
run's steps (weather, prices, profiles) holds in each of them, so that a run in which nothing happens is the same run;
outages and events begin and end where they are stated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.components.profiles import Event, FailureProfile, OutageProfile
from twin.engine.outages import Lost, Seconds, event_spans, in_service, lost_spans
from twin.errors import Fault, InputError
from twin.scenario.outages import availability_of, units
from twin.scenario.period import MOST_STEPS
from twin.series.axis import TimeAxis
from twin.units import SECONDS_PER_HOUR, seconds_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Steps:
    """Seconds from the start at which steps begin and end, and the step of the run's axis in which each lies."""

    edges_s: Seconds
    base: NDArray[np.int64]

    @cached_property
    def hours(self) -> Floats:
        """Length of each step in hours."""
        return np.asarray(np.diff(self.edges_s) / SECONDS_PER_HOUR, dtype=float)

    def same_as(self, other: Steps | None) -> bool:
        """Whether two runs take the same steps."""
        return other is not None and np.array_equal(self.edges_s, other.edges_s)

    def spread(self, values: Any, count: int) -> Any:
        """Values over the ``count`` steps of the run, each repeated where its step is divided; others as they are."""
        return values[self.base] if np.shape(values) == (count,) else values


def steps_of(scenario: Any, axis: TimeAxis) -> Steps | None:
    """Steps of a scenario's run where it is refined around events, else None. InputError for too many of them."""
    refine = scenario.run.refine
    if refine is None:
        return None
    fine_s = float(seconds_of(refine.step))
    divided = np.zeros(axis.count, dtype=bool)
    for first_s, last_s in _windows(scenario, axis, float(seconds_of(refine.duration))):
        first, last = int(np.floor(first_s / axis.step_s)), int(np.ceil(last_s / axis.step_s))
        divided[max(first, 0) : max(last, 0)] = True
    pieces = np.where(divided, round(axis.step_s / fine_s), 1)
    if pieces.sum() > MOST_STEPS:
        limit = f"at most {MOST_STEPS:,} fit in memory: take a longer run.refine.step or a shorter run.refine.for"
        raise InputError([Fault(f"{int(pieces.sum()):,} steps around all events are too many; {limit}", "run.refine")])
    base = np.repeat(np.arange(axis.count), pieces)
    lengths_s = np.repeat(np.where(divided, fine_s, axis.step_s), pieces)
    return Steps(np.concatenate([[0], np.cumsum(lengths_s)]).astype(np.int64), base)


def spans_of(scenario: Any, axis: TimeAxis) -> Iterator[tuple[str, Lost]]:
    """Every span in which a unit of the site is out of service, with the unit's path."""
    zone = scenario.site.timezone
    for unit, component in units(scenario).items():
        yield from ((unit, span) for span in lost_spans(availability_of(component), axis, zone))
        yield from ((unit, span) for span in event_spans(scenario, unit, component, axis))


def exact_availability(
    component: Any, unit: str, scenario: Any, axis: TimeAxis, steps: Steps | None, stated: Floats
) -> Floats:
    """Course of a unit's availability: as its profile has ``stated``, less events; to the second in refined runs."""
    spans = list(event_spans(scenario, unit, component, axis))
    edges_s = None if steps is None else steps.edges_s
    if steps is not None and isinstance(component.availability, OutageProfile | Event | FailureProfile):
        own = lost_spans(availability_of(component), axis, scenario.site.timezone)
        return in_service([*spans, *own], axis, edges_s)
    return np.minimum(stated, in_service(spans, axis, edges_s)) if spans else stated


def _windows(scenario: Any, axis: TimeAxis, length_s: float) -> Iterable[tuple[float, float]]:
    """Seconds from the start of the run at which a stretch of fine steps begins and ends."""
    for _, span in spans_of(scenario, axis):
        for moment in (span.begins, span.ends):
            at_s = (moment - axis.utc()[0]).total_seconds()
            yield at_s, at_s + length_s


def mean_of_pieces(values: Floats, hours: Floats, base: NDArray[np.int64]) -> Floats:
    """Means over the run's steps of a series over its fine ones (last axis); untouched where a step is not divided."""
    starts = np.flatnonzero(np.r_[True, np.diff(base) > 0])
    pieces = np.diff(np.r_[starts, base.size])
    sums = np.add.reduceat(values * hours, starts, axis=-1) / np.add.reduceat(hours, starts)
    return np.where(pieces > 1, sums, values[..., starts])


def base_of(hours: Floats, step_h: float) -> NDArray[np.int64]:
    """Step of the run's axis in which each step of these lengths begins."""
    begins_h = np.concatenate([[0.0], np.cumsum(hours)[:-1]])
    return np.floor(begins_h / step_h + 1e-6 * np.min(hours) / step_h).astype(np.int64)
