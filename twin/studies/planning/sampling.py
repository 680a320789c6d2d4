"""What the twin says about work that may wait: its power and devices, and facility power over its power in each step.

The scenario runs once without that work and then at levels of it, each step with the same share of the devices that
are free. All runs go through the loop at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from twin.components.work.demand import ConstantDemand
from twin.engine.lowering import lower
from twin.engine.simulate import simulate
from twin.errors import Fault, InputError
from twin.scenario.model import Scenario
from twin.scenario.walk import group_at
from twin.series.axis import TimeAxis
from twin.studies.planning.hull import Floats, concave, convex
from twin.studies.planning.problem import PlannedClass
from twin.units import W_PER_KW

LEVELS = 9  # samples; every other one makes the segments, the others only say how far the bound has to go down
METER = ("grid.meter.import_kw", "grid.meter.export_kw", "grid.meter.curtailed_kw")
WATER = (".make_up_m3_h", ".blowdown_m3_h")
HIGHEST_FRAC = 0.999999  # of the free devices: rounding must not leave work over


@dataclass(frozen=True, eq=False)
class Samples:
    """The twin at levels of work: ``work_kw``, ``facility_kw`` and water (make-up, blowdown), of shape (level, time).

    ``facility_kw`` is the power at the meter, below zero where the site gives.
    """

    axis: TimeAxis
    classes: tuple[PlannedClass, ...]
    free_share: dict[str, Floats]
    work_kw: Floats
    facility_kw: Floats
    water_m3_h: Floats
    blowdown_m3_h: Floats
    notes: tuple[str, ...] = ()

    @property
    def coarse(self) -> slice:
        """The levels that make segments."""
        return slice(None, None, 2)

    def gap_kw(self) -> Floats:
        """How far the hull lies below the samples, at all levels."""
        hull = convex(self.work_kw[self.coarse], self.facility_kw[self.coarse])
        lines = np.array([hull.at(x) for x in self.work_kw])
        return np.asarray(self.facility_kw - lines)

    def gap_frac(self) -> float:
        """Mean of that gap over mean facility power."""
        return float(np.abs(self.gap_kw()).mean() / np.abs(self.facility_kw).mean())

    def upper(self) -> Any:
        """Upper hull, for steps in which a kWh is worth less than nothing."""
        return concave(self.work_kw[self.coarse], self.facility_kw[self.coarse])


def deferrable(scenario: Scenario, none: bool = False) -> list[str]:
    """Names of the classes of work that may wait. InputError where one has several places, or where there are none.

    With ``none`` there need not be any: a battery or a tank can be planned alone.
    """
    names = [name for name, work in scenario.workloads.items() if work.slack_h > 0]
    faults = [
        Fault("a class of work that is planned needs one rack group, it has " + ", ".join(work.runs_on),
              f"workloads.{name}.runs_on")
        for name in names if len((work := scenario.workloads[name]).runs_on) > 1
    ]  # fmt: skip
    if not names and not none:
        faults = [Fault("there is nothing to plan: no class of work has a `slack_h`", "workloads")]
    if faults:
        raise InputError(faults)
    return names


def sample(scenario: Scenario, names: Sequence[str] | None = None, levels: int = LEVELS) -> Samples:
    """Run the twin at ``levels`` levels of the classes ``names`` (all that may wait, if left out)."""
    names = deferrable(scenario) if names is None else list(names)
    bare = at_once(scenario, names)
    empty = simulate(bare).isel(scenario=0)
    lowered = lower(scenario)
    classes = tuple(_class(scenario, lowered, empty, name) for name in names)
    free = {one.group: _free_share(empty, scenario, one.group) for one in classes}
    shares = np.linspace(0.0, HIGHEST_FRAC, levels)
    inputs = [work_at(share, classes, free) for share in shares]
    kept = [f"workloads.{name}.served_per_h" for name in names] + [*METER, *named(empty, *WATER)]
    runs = simulate([bare] * levels, inputs=inputs, keep=kept)
    failed = [str(text) for text in runs["failure"].values if str(text)]
    if failed:
        raise InputError([Fault(f"a level of work cannot be run: {failed[0]}", "workloads")])
    served = (runs[f"workloads.{one.name}.served_per_h"].values * one.kw_per_rate for one in classes)
    work_kw = sum(served, 0.0 * net_kw(runs))
    make_up, blowdown = [0.0 * work_kw + sum(runs[name].values for name in named(empty, kind)) for kind in WATER]
    order = np.maximum.accumulate(work_kw, axis=0)
    return Samples(lowered.axis, classes, free, order, net_kw(runs), make_up, blowdown, tuple(_notes(scenario)))


def net_kw(ds: xr.Dataset) -> Floats:
    """Power at the meter of a run whose series of the meter were kept; below zero what the site gives or curtails."""
    drawn, *given = (ds[name].values for name in METER)
    return np.asarray(drawn - sum(given))


def at_once(scenario: Scenario, names: Sequence[str]) -> Scenario:
    """The scenario with classes that do what comes in the same step or drop it, behind all others."""
    last = min((work.priority_count for work in scenario.workloads.values()), default=0) - 1
    change = {"demand": ConstantDemand(rate_per_h=0.0), "slack_h": 0.0, "late": "drop", "shift": None,
              "restart_h": 0.0, "priority_count": max(last, -1000)}  # fmt: skip
    work = {name: one.model_copy(update=change) if name in names else one for name, one in scenario.workloads.items()}
    return scenario.model_copy(update={"workloads": work})


def _class(scenario: Scenario, lowered: Any, empty: xr.Dataset, name: str) -> PlannedClass:
    work = scenario.workloads[name]
    placement = next(iter(work.runs_on.values()))
    group = group_at(scenario, placement.group)
    response, limit = work.response(group), _limit_frac(scenario, empty, name, placement.group)
    speed = np.interp(limit, response.limit_frac, response.speed_per_device_h)
    device_w = np.interp(limit, response.limit_frac, response.device_w)
    count = _devices(scenario, empty, placement.group)
    index = lowered.composition.u.index
    arrivals, recent = (lowered.u[:, index(f"workloads.{name}", what)] for what in ("arrivals_per_h", "recent_count"))
    return PlannedClass(
        name, placement.group, arrivals.copy(), np.maximum(recent, 0.0), _kw_per_device(group, device_w) / speed,
        1.0 / (speed * np.maximum(count, 1e-9)), placement.most_frac, 0.0, work.slack_h,
        count / max(_installed(group), 1e-9), limit)  # fmt: skip


def _kw_per_device(group: Any, device_w: NDArray[np.float64]) -> Floats:
    """Power above idle of a busy device and its part of the host."""
    if group.kind == "shared_servers":
        return np.full_like(device_w, group.peak_w * (1.0 - group.load_power_frac[0]) / W_PER_KW)
    count, idle_w, peak_w = group.server_figures()
    span_w = max(peak_w - idle_w - count * (group.device.limit_w - group.device.idle_w), 0.0) / count
    return np.asarray((device_w - group.device.idle_w + span_w) / W_PER_KW)


def _limit_frac(scenario: Scenario, empty: xr.Dataset, name: str, path: str) -> Floats:
    """The limit in force on a class's devices: of its group and of its own caps."""
    group = group_at(scenario, path)
    limit = np.ones(empty.sizes["time"])
    if group.kind == "accelerators":
        limit = empty[f"{path}.limit_w"].values / group.device.limit_w
    for cap in scenario.workloads[name].caps:
        limit = np.minimum(limit, empty[f"workloads.{name}.caps.{cap}.limit_frac"].values)
    return np.asarray(limit)


def _devices(scenario: Scenario, empty: xr.Dataset, path: str) -> Floats:
    """Devices in service."""
    group = group_at(scenario, path)
    if group.kind == "shared_servers":
        return np.full(empty.sizes["time"], _installed(group))
    lowered = lower(scenario)
    return np.asarray(lowered.u[:, lowered.composition.u.index(path, "availability_frac")] * _installed(group))


def _installed(group: Any) -> float:
    """Devices of a group, in service or not."""
    return float(group.servers_count * (1 if group.kind == "shared_servers" else group.server_figures()[0]))


def _free_share(empty: xr.Dataset, scenario: Scenario, path: str) -> Floats:
    """Share of a group's devices that other work leaves."""
    most = empty[f"{path}.most_load_frac"].values if group_at(scenario, path).kind == "shared_servers" else 1.0
    return np.maximum(most - empty[f"{path}.utilisation_frac"].values, 0.0)


def work_at(share: float, classes: Sequence[PlannedClass], free: dict[str, Floats]) -> dict[str, Floats]:
    """Arrivals of each class that fill a share of the free devices, evenly between the classes of a group."""
    given: dict[str, Floats] = {}
    for one in classes:
        beside = sum(other.group == one.group for other in classes)
        held = np.minimum(share * free[one.group] / beside, one.most_share)
        given[f"workloads.{one.name}.arrivals_per_h"] = held / one.share_per_rate
        given[f"workloads.{one.name}.recent_count"] = np.zeros_like(held)
    return given


def named(ds: xr.Dataset, *endings: str) -> list[str]:
    return [str(name) for name in ds.data_vars if str(name).endswith(endings)]


def _notes(scenario: Scenario) -> list[str]:
    """What the samples do not see."""
    groups = {f"{hall}.rack_groups.{name}": group for hall, spec in scenario.halls.items()
              for name, group in spec.rack_groups.items()}  # fmt: skip
    moving = [name for name, group in groups.items() for cap in getattr(group, "caps", {}).values()
              if cap.kind in ("facility", "grid_event", "inlet")]  # fmt: skip
    notes = [f"halls.{name}: caps that follow power or temperature act in the replay, the plan does not know them"
             for name in dict.fromkeys(moving)]  # fmt: skip
    stops = [name for name, work in scenario.workloads.items() if work.slack_h > 0 and work.restart_h > 0]
    notes += [f"workloads.{name}: the plan does not count what a pause costs (restart_h), the replay does"
              for name in stops]  # fmt: skip
    return notes
