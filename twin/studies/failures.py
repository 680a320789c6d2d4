"""What events did to a site: time until each rack group's air passed its limits, what was not served, what was lost.

Times need series; they are as fine as the run's steps. A group's limits are those of its hall's envelope at the site's
altitude, and the shutdown of its protection.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from twin.components.profiles import Event, FailureProfile, OutageProfile
from twin.engine.outages import Lost
from twin.engine.refining import spans_of
from twin.scenario.model import Scenario
from twin.scenario.outages import units
from twin.scenario.resolved import parse_scenario
from twin.scenario.supply import SERVICE, can_fail
from twin.studies.sums import Metric, Sums, axis_of, figure, of_scenario, one_of
from twin.units import HOURS_PER_DAY, MINUTES_PER_HOUR, SECONDS_PER_HOUR

IMPORT = "grid.meter.import_kw"
AFTER_H = 2.0  # how long after an event's end its restart is looked for
RESTART = "largest within 2 h after an event ends, mean over a step"


@dataclass(frozen=True)
class Passed:
    """An event and a rack group: its warmest inlet from then on, and minutes until limits were passed, None if never.

    Looked at from the beginning of the event to that of the next one, or to the end of the run.
    """

    unit: str
    begins: pd.Timestamp  # UTC
    ends: pd.Timestamp
    lost_frac: float
    group: str
    warmest_c: float
    recommended_min: float | None
    allowable_min: float | None
    shutdown_min: float | None


def passed_limits(results: xr.Dataset, scenario: int | str = 0) -> tuple[Passed, ...]:
    """Every event of a run and every rack group. Needs series of the inlets; KeyError where they were not kept."""
    one = of_scenario(results, scenario)
    spec = parse_scenario(str(one["scenario_yaml"].values))
    events = _events(results, spec, scenario)
    time = one["time"].values
    found = []
    for index, (unit, span) in enumerate(events):
        begins = span.begins
        later = [other.begins for _, other in events[index + 1 :] if other.begins > begins]
        until = later[0].to_datetime64() if later else time[-1] + np.timedelta64(1, "s")
        window = (time >= begins.to_datetime64()) & (time < until)
        if window.any():
            found += [_passed(one, unit, span, group, window) for group in _groups(spec)]
    return tuple(found)


def _events(results: xr.Dataset, spec: Scenario, scenario: int | str) -> list[tuple[str, Lost]]:
    """Events that touch the run, in order of their beginning."""
    axis = axis_of(one_of(results, scenario))
    inside = [one for one in spans_of(spec, axis) if one[1].ends > axis.utc()[0] and one[1].begins < axis.end()]
    return sorted(inside, key=lambda one: one[1].begins)


def _groups(spec: Scenario) -> list[str]:
    return [f"halls.{hall}.rack_groups.{name}" for hall, there in spec.halls.items() for name in there.rack_groups]


def _passed(one: xr.Dataset, unit: str, span: Lost, group: str, window: np.ndarray) -> Passed:
    minutes = (one["time"].values[window] - span.begins.to_datetime64()) / np.timedelta64(1, "m")

    def first(name: str) -> float | None:
        if f"{group}.{name}" not in one:
            return None
        flagged = np.flatnonzero(one[f"{group}.{name}"].values[window] > 0.5)
        return max(float(minutes[flagged[0]]), 0.0) if flagged.size else None

    warmest_c = float(one[f"{group}.inlet_c"].values[window].max())
    return Passed(
        unit, span.begins, span.ends, span.lost_frac, group, warmest_c, first("above_recommended"),
        first("above_allowable"), first("protection.stopped"),
    )  # fmt: skip


@functools.lru_cache(maxsize=256)
def _may_lose(text: str) -> bool:
    """Whether anything in a scenario states that a unit is out of service at times."""
    spec = parse_scenario(text)
    stated = (unit.availability for unit in units(spec).values())
    return bool(spec.events) or any(isinstance(one, OutageProfile | Event | FailureProfile) for one in stated)


def time_figures(results: xr.Dataset, scenario: int | str = 0) -> dict[str, Metric]:
    """Least time until inlet limits were passed after an event, and the peak of the grid as units start again.

    Empty for runs without events or without the series that it takes.
    """
    if not _may_lose(str(of_scenario(results[["scenario_yaml"]], scenario)["scenario_yaml"].values)):
        return {}
    try:
        found = passed_limits(results, scenario)
    except KeyError:
        return {}
    if not found:
        return {}
    figures = {}
    for name, words in (("recommended", "recommended range"), ("allowable", "allowable range"),
                        ("shutdown", "shutdown of servers")):  # fmt: skip
        times = [time for one in found if (time := getattr(one, f"{name}_min")) is not None]
        if times:
            figures[f"time_to_{name}_min"] = figure(
                min(times), "min", f"Time to the {words}", "from the beginning of an event, first rack group"
            )
    return figures | _restart_peak(results, scenario, found)


def _restart_peak(results: xr.Dataset, scenario: int | str, found: tuple[Passed, ...]) -> dict[str, Metric]:
    one = of_scenario(results, scenario)
    if IMPORT not in one:
        return {}
    time, power = one["time"].values, one[IMPORT].values
    after = np.zeros(time.shape, dtype=bool)
    for span in found:
        since_h = (time - span.ends.to_datetime64()) / np.timedelta64(1, "s") / SECONDS_PER_HOUR
        after |= (since_h >= 0.0) & (since_h < AFTER_H)
    if not after.any():
        return {}
    return {"restart_peak_kw": figure(float(power[after].max()), "kW", "Peak of the grid after an event", RESTART)}


def failure_figures(sums: Sums, spec: Scenario) -> dict[str, Metric]:
    """What was not served, and which share of the servers' work was lost, where power can fail or servers protect."""
    figures: dict[str, Metric] = {}
    fails = can_fail(spec)
    if fails:
        basis = "power that racks would have drawn while without power or starting again"
        it = [
            sums.total[f"{g}.{SERVICE}.unserved_kw"]
            for g in _groups(spec)
            if f"{g}.{SERVICE}.unserved_kw" in sums.total
        ]
        figures["unserved_it_kwh"] = figure(sum(it), "kWh", "IT energy not served", basis)
        islands = list(sums.named(".island_kw"))
        if islands and any(getattr(one, "grid_forming", False) for one in spec.onsite.values()):
            note = "given while the utility was lost, by batteries that form a grid"
            figures["site_battery_kwh"] = figure(
                sum(sums.total[one] for one in islands), "kWh", "Site on its battery", note
            )
        unfed = sums.total.get("grid.meter.unfed_kw", 0.0)
        note = "drawn while the utility was lost, by units that nothing sheds"
        figures["unfed_kwh"] = figure(unfed, "kWh", "Energy from nowhere", note)
    if fails or any(g.protection for hall in spec.halls.values() for g in hall.rack_groups.values()):
        basis = "servers without power, starting again, shut down or slowed down; those of classes of work included"
        figures["lost_server_h"] = figure(_lost_server_h(sums, spec), "h", "Server hours lost", basis)
    return figures


def _lost_server_h(sums: Sums, spec: Scenario) -> float:
    lost_h = 0.0
    for hall, there in spec.halls.items():
        for name, group in there.rack_groups.items():
            path = f"halls.{hall}.rack_groups.{name}"
            served_h = sums.total.get(f"{path}.{SERVICE}.served_frac", sums.run_h)
            stopped_h = sums.total.get(f"{path}.protection.lost_frac", 0.0)
            lost_h += servers_of(group) * min(max(sums.run_h - served_h, 0.0) + stopped_h, sums.run_h)
    return lost_h


def servers_of(group: object) -> float:
    per_rack = getattr(group, "servers_per_rack_count", None)
    if per_rack is None:
        per_rack = getattr(group, "chassis_per_rack_count", 1) * getattr(group, "nodes_per_chassis_count", 1)
    return float(getattr(group, "racks_count", 0) * per_rack)


def minutes_text(minutes: float | None) -> str:
    """A time as a table shows it.

    >>> minutes_text(None), minutes_text(0.75), minutes_text(12.34), minutes_text(200.0)
    ('never', '45 s', '12.3 min', '3.33 h')
    """
    if minutes is None:
        return "never"
    if minutes < 2.0:
        return f"{minutes * 60.0:.0f} s"
    if minutes < 2 * MINUTES_PER_HOUR:
        return f"{minutes:.3g} min"
    hours = minutes / MINUTES_PER_HOUR
    return f"{hours:.3g} h" if hours < 2 * HOURS_PER_DAY else f"{hours / HOURS_PER_DAY:.3g} days"
