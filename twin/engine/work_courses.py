"""Courses that classes of work, caps and rules need: arrivals, deadlines, prices, emission factors, events."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from twin.components.base import said
from twin.components.it.accelerators import Accelerators
from twin.components.work.demand import (
    ConstantDemand,
    FragmentTrace,
    JobTrace,
    ProfileDemand,
    RequestTrace,
    SeriesDemand,
)
from twin.components.work.shift import PriceShift, WindowShift, allowed_frac
from twin.engine.outages import called_frac
from twin.errors import Fault, InputError, Place
from twin.jobs.course import Floats, integral_of_spans, repeated, steps_of
from twin.jobs.job_csv import read_job_csv
from twin.jobs.opendc import Fragments, read_opendc
from twin.jobs.requests import Requests, read_requests
from twin.jobs.sacct import read_sacct
from twin.jobs.scheduler import Schedule, replay
from twin.jobs.swf import read_swf
from twin.jobs.table import Jobs
from twin.series.axis import TimeAxis
from twin.series.carbon_intensity import intensity
from twin.series.energy_price import price_per_kwh
from twin.series.files import content_of, resolve
from twin.series.tables import read_series
from twin.units import MINUTES_PER_HOUR, SECONDS_PER_HOUR

MHZ_PER_GHZ = 1000.0
PER_MILLION = 1e-6
Course = Callable[[Any, TimeAxis, str], Floats | float]  # a profile's values on an axis, in a time zone


def work_courses(
    component: Any, names: Sequence[str], scenario: Any, axis: TimeAxis, course: Course
) -> dict[str, Floats | float]:
    """Values of the inputs called ``names`` on the axis. InputError where a file does not serve."""
    zone = scenario.site.timezone
    found: dict[str, Floats | float] = {}
    for name in names:
        if name == "price_per_kwh":
            found[name] = price_per_kwh(scenario.grid.tariff, axis, zone)
        elif name == "carbon_kgco2_per_kwh":
            found[name] = intensity(scenario.grid.carbon, axis).average_kgco2_per_kwh
        elif name == "called_frac":
            found[name] = called_frac(component.events, axis, zone)
        elif name == "allowed_frac":
            found[name] = _allowed_frac(component, scenario, axis, zone)
        elif name == "depth_frac":
            found[name] = event_depth_frac(component, axis, zone)
        elif name == "arrivals_per_h":
            rate = work_per_h(component, axis, zone, course)
            found[name] = rate
            found["recent_count"] = recent_count(np.broadcast_to(rate, axis.count), component.slack_h, axis.dt_h)
    return found


def work_notes(component: Any) -> tuple[str, ...]:
    """Which device stands in for a rack group's own, and which jobs of a trace are not replayed."""
    if isinstance(component, Accelerators):
        return component.device.notes
    demand = said(component, "demand")
    if isinstance(demand, FragmentTrace):
        return fragments_of(demand).notes
    if not isinstance(demand, JobTrace):
        return ()
    done = schedule_of(demand)
    never = int(np.count_nonzero(done.unscheduled))
    limit = "" if demand.power_limit_kw is None else f" or more than {demand.power_limit_kw:g} kW"
    rest = f"{never} of {done.jobs.count} jobs never start: they ask for more than {done.capacity_count:g} units{limit}"
    return done.jobs.notes + ((rest,) if never else ())


def _allowed_frac(policy: WindowShift, scenario: Any, axis: TimeAxis, zone: str) -> Floats:
    """When the price or the emissions of the grid are low enough for a policy."""
    if isinstance(policy, PriceShift):
        return allowed_frac(price_per_kwh(scenario.grid.tariff, axis, zone), policy, axis.dt_h)
    return allowed_frac(intensity(scenario.grid.carbon, axis).average_kgco2_per_kwh, policy, axis.dt_h)


def recent_count(rate_per_h: Floats, slack_h: float, dt_h: float) -> Floats:
    """Work that arrived within the slack before the end of each step; before the run the first rate holds."""
    arrived: Floats = np.concatenate([[0.0], np.cumsum(rate_per_h) * dt_h])
    edges_h: Floats = dt_h * np.arange(rate_per_h.size + 1, dtype=np.float64)
    return _arrived_within(rate_per_h, arrived, edges_h, slack_h)


def recent_between(rate_per_h: Floats, slack_h: float, edges_h: Floats) -> Floats:
    """The same for steps of unequal length, which begin and end at ``edges_h``."""
    arrived = np.asarray(np.concatenate([[0.0], np.cumsum(rate_per_h * np.diff(edges_h))]), dtype=np.float64)
    return _arrived_within(rate_per_h, arrived, edges_h, slack_h)


def _arrived_within(rate_per_h: Floats, arrived: Floats, edges_h: Floats, slack_h: float) -> Floats:
    from_h = edges_h[1:] - slack_h
    before = np.where(from_h < 0.0, from_h * rate_per_h[0], np.interp(from_h, edges_h, arrived))
    return np.asarray(arrived[1:] - before, dtype=float)


def work_per_h(component: Any, axis: TimeAxis, zone: str, course: Course) -> Floats | float:
    """Work that arrives at a class, in its own unit: of a trace of requests to a model the tokens of each request."""
    demand = component.demand
    if isinstance(demand, RequestTrace) and component.kind == "inference":
        return _of_requests_per_h(demand, axis, requests_of(demand).tokens_out * PER_MILLION)
    return arrivals_per_h(demand, axis, zone, course) * component.units_per_demand


def arrivals_per_h(demand: Any, axis: TimeAxis, zone: str, course: Course) -> Floats | float:
    """Rate of what a demand counts, mean over each step."""
    if isinstance(demand, ConstantDemand):
        return demand.rate_per_h
    if isinstance(demand, ProfileDemand):
        return demand.rate_per_h * course(demand.use, axis, zone)
    if isinstance(demand, SeriesDemand):
        return _not_negative(read_series(demand, axis, civil_timezone=zone).values, demand)
    if isinstance(demand, RequestTrace):
        return _of_requests_per_h(demand, axis, np.ones(requests_of(demand).arrival_s.size))
    return _units_busy(demand, axis)


def _not_negative(values: Floats, demand: SeriesDemand) -> Floats:
    if values.min() < 0:
        message = f"column '{demand.column}' has values below 0: a demand has none, the lowest is {values.min():g}"
        raise InputError([Fault(message, place=Place(demand.file))])
    return values


def _of_requests_per_h(demand: RequestTrace, axis: TimeAxis, amounts: Floats) -> Floats:
    """Sum of what each request brings, over each step, for an hour."""
    trace = requests_of(demand)
    edges = axis.step_s * np.arange(axis.count + 1, dtype=float)
    distance_s = trace.span_s / max(trace.arrival_s.size - 1, 1)  # the next would follow at the mean distance
    sums = np.concatenate([[0.0], np.cumsum(amounts)])
    arrived = repeated(
        lambda t: sums[np.searchsorted(trace.arrival_s, t, side="left")],
        edges,
        trace.span_s + distance_s,
        demand.repeat,
    )
    return np.asarray(np.diff(arrived) / axis.dt_h * demand.scale_ratio, dtype=float)


def _units_busy(demand: JobTrace | FragmentTrace, axis: TimeAxis) -> Floats:
    """Units that run, mean over each step: unit hours that arrive in an hour."""
    if isinstance(demand, JobTrace):
        done = schedule_of(demand)
        ran = ~done.unscheduled
        spans = (done.start_s[ran], done.end_s[ran], done.jobs.units_count[ran] * demand.scale_ratio)
    else:
        trace = fragments_of(demand)
        spans = (trace.start_s, trace.end_s, trace.usage_mhz / MHZ_PER_GHZ)
    if not demand.repeat:
        return steps_of(*spans, axis.step_s, axis.count)
    times, integral = integral_of_spans(*spans)
    edges = axis.step_s * np.arange(axis.count + 1, dtype=float)
    arrived = repeated(lambda t: np.interp(t, times, integral), edges, float(times[-1]), True)
    return np.asarray(np.diff(arrived) / axis.step_s, dtype=float)


def requests_of(demand: RequestTrace) -> Requests:
    """The requests of a trace, kept while the file does not change."""
    return _requests(*_file(demand.file))


def fragments_of(demand: FragmentTrace) -> Fragments:
    """The fragments of a trace, kept while the files do not change."""
    return _fragments(*_file(demand.tasks), *_file(demand.fragments))


def schedule_of(demand: JobTrace) -> Schedule:
    """When the jobs of a trace run, kept while the file does not change. InputError where the capacity is not known."""
    return _schedule(demand, *_file(demand.file))


def _file(reference: str) -> tuple[Path, str]:
    path = resolve(reference)
    return path, content_of(path)


@functools.lru_cache(maxsize=8)
def _requests(path: Path, _content: str) -> Requests:
    return read_requests(path)


@functools.lru_cache(maxsize=2)
def _fragments(tasks: Path, _t: str, fragments: Path, _f: str) -> Fragments:
    return read_opendc(tasks, fragments)


@functools.lru_cache(maxsize=8)
def _schedule(demand: JobTrace, path: Path, _content: str) -> Schedule:
    jobs = _jobs(demand, path)
    capacity = demand.capacity_count or jobs.capacity_count
    if not capacity:
        raise InputError([Fault("states no size of its machine: give `capacity_count`", place=Place(str(path)))])
    limit_kw = np.inf if demand.power_limit_kw is None else demand.power_limit_kw
    return replay(jobs, capacity, demand.policy, demand.unit_kw, limit_kw)


def _jobs(demand: JobTrace, path: Path) -> Jobs:
    if demand.format == "swf":
        return read_swf(path)
    if demand.format == "sacct":
        return read_sacct(path, demand.unit, demand.timezone)
    roles = ("submit", "start", "end", "run", "units", "requested", "priority")
    columns = {role: getattr(demand, f"{role}_column") for role in roles}
    return read_job_csv(path, columns, demand.time_unit, demand.timezone)


def event_depth_frac(cap: Any, axis: TimeAxis, zone: str) -> Floats:
    """Share to be shed, mean over each step: a ramp that ends at the event's start where the notice is long enough."""
    edges_h = axis.dt_h * np.arange(axis.count + 1)
    depth = np.zeros(axis.count)
    for event in cap.events:
        at_h = _hours_into(axis, event.at, zone)
        ramp_h = cap.ramp_min / MINUTES_PER_HOUR
        begin_h = at_h - min(event.notice_h, ramp_h)
        end_h = at_h + event.duration_h
        held_h = np.clip(edges_h, begin_h, end_h) - begin_h
        shed = np.maximum(held_h - ramp_h, 0.0)
        if ramp_h > 0:
            shed = shed + np.minimum(held_h, ramp_h) ** 2 / (2.0 * ramp_h)
        depth = np.maximum(depth, np.diff(shed) / axis.dt_h * event.depth_frac)
    return depth


def _hours_into(axis: TimeAxis, at: str, zone: str) -> float:
    """Hours from the start of the axis to a civil time; of the hour that comes twice, the first."""
    local = pd.Timestamp(at).tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    utc = local.tz_convert("UTC").tz_localize(None).to_datetime64()
    return float((utc - axis.start) / np.timedelta64(1, "ns")) / 1e9 / SECONDS_PER_HOUR
