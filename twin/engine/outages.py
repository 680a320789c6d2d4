"""When units are out of service: outages, single events and random failures as spans of time, and what they leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.components.profiles import Event, FailureProfile, Outage, OutageProfile, in_shares
from twin.scenario.outages import count_of
from twin.series.axis import TimeAxis
from twin.units import SECONDS_PER_HOUR

Seconds = NDArray[np.int64]
ROUNDING = 1e-9  # share in service that the ends of an outage leave by rounding: nothing


@dataclass(frozen=True)
class Lost:
    """A span of time (UTC) in which a share of the units is out of service, and of which of them."""

    begins: pd.Timestamp
    duration_h: float
    lost_frac: float
    unit: int = -1  # one of several that fail by themselves: their shares add up; -1: shares do not add up

    @property
    def ends(self) -> pd.Timestamp:
        """When it is over."""
        return self.begins + pd.Timedelta(hours=self.duration_h)


def lost_spans(profile: Any, axis: TimeAxis, timezone: str) -> tuple[Lost, ...]:
    """Spans in which outages, an event or failures of a profile take units out of service; none of other profiles."""
    if isinstance(profile, FailureProfile):
        year = pd.Timestamp(year=axis.standard()[0].year, month=1, day=1) - pd.Timedelta(hours=axis.utc_offset_h)
        length_h = (axis.end() - year) / pd.Timedelta(hours=1)
        share = 1.0 / (profile.units_count or 1)
        spans = profile.spans_h(float(np.ceil(length_h)))
        return tuple(Lost(year + pd.Timedelta(hours=first), last - first, share, unit) for unit, first, last in spans)
    stated: tuple[Any, ...] = ()
    if isinstance(profile, OutageProfile):
        stated = profile.outages
    elif isinstance(profile, Event):
        stated = (profile,)
    return tuple(Lost(civil_to_utc(one.at, timezone), one.duration_h, 1.0 - one.available_frac) for one in stated)


def in_service(spans: Iterable[Lost], axis: TimeAxis, edges_s: Seconds | None = None) -> np.ndarray:
    """Share in service: less what spans take, by the share of the step that they cover where they begin or end in it.

    Of spans that overlap the one that takes most holds; those of units that fail by themselves add up. ``edges_s`` are
    seconds from the start of the axis at which steps begin and end, where they are not those of the axis.
    """
    count = axis.count if edges_s is None else edges_s.size - 1
    served, failures = np.ones(count), []
    for span in spans:
        if span.unit < 0:
            lost = span.lost_frac * share_of_steps(axis, span.begins, span.duration_h, edges_s)
            served = np.minimum(served, 1.0 - lost)
        else:
            failures.append(span)
    if failures:
        served = np.minimum(served, 1.0 - _failed_frac(failures, axis, edges_s))
    return np.where(served < ROUNDING, 0.0, np.where(served > 1.0 - ROUNDING, 1.0, served))


def _failed_frac(failures: Sequence[Lost], axis: TimeAxis, edges_s: Seconds | None) -> np.ndarray:
    """Share that is out of service of units that fail by themselves, however many spans there are."""
    edges = axis.step_s * np.arange(axis.count + 1) if edges_s is None else edges_s
    start, lengths = axis.utc()[0], np.diff(edges)
    begins = np.array([(span.begins - start).total_seconds() for span in failures])
    ends = begins + np.array([span.duration_h for span in failures]) * SECONDS_PER_HOUR
    whole, part = np.zeros(edges.size), np.zeros(edges.size - 1)
    for sign, moments in ((1.0, np.clip(begins, 0, edges[-1])), (-1.0, np.clip(ends, 0, edges[-1]))):
        at = np.searchsorted(edges, moments, side="right") - 1
        np.add.at(whole, at, sign)
        inside = at < lengths.size
        np.add.at(part, at[inside], -sign * (moments[inside] - edges[at[inside]]) / lengths[at[inside]])
    return np.asarray(failures[0].lost_frac * (np.cumsum(whole)[:-1] + part))


def event_spans(scenario: Any, unit: str, component: Any, axis: TimeAxis) -> tuple[Lost, ...]:
    """Spans in which the site's events take a unit, or some of those that its component stands for, out of service."""
    named = [event for event in scenario.events.values() if event.unit == unit]
    if not named:
        return ()
    events = [in_shares(event, count_of(component)) for event in named]
    return tuple(span for event in events for span in lost_spans(event, axis, scenario.site.timezone))


def share_of_steps(
    axis: TimeAxis, begins: pd.Timestamp, duration_h: float, edges_s: Seconds | None = None
) -> np.ndarray:
    """Share of each step that lies within a time span."""
    ends = begins + pd.Timedelta(hours=duration_h)
    if edges_s is not None:
        first_s, last_s = ((moment - axis.utc()[0]).total_seconds() for moment in (begins, ends))
        covered_s = np.minimum(edges_s[1:], last_s) - np.maximum(edges_s[:-1], first_s)
        return np.clip(covered_s, 0.0, np.diff(edges_s)) / np.diff(edges_s)
    offset_h = (axis.utc() - begins).total_seconds().to_numpy() / SECONDS_PER_HOUR
    length_h = (ends - begins).total_seconds() / SECONDS_PER_HOUR
    overlap = np.minimum(offset_h + axis.dt_h, length_h) - np.maximum(offset_h, 0.0)
    return np.clip(overlap, 0.0, axis.dt_h) / axis.dt_h


def civil_to_utc(at: str, timezone: str) -> pd.Timestamp:
    """Instant of a civil time; of the hour that comes twice when clocks are put back, the first."""
    local = pd.Timestamp(at).tz_localize(timezone, ambiguous=True, nonexistent="shift_forward")
    return local.tz_convert("UTC").tz_localize(None)


def called_frac(events: Sequence[Outage], axis: TimeAxis, timezone: str, edges_s: Seconds | None = None) -> np.ndarray:
    """Share of each step that lies in one of the events."""
    spans = [Lost(civil_to_utc(one.at, timezone), one.duration_h, 1.0) for one in events]
    return 1.0 - in_service(spans, axis, edges_s)
