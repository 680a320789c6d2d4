"""Work in key figures: what each class was asked for and got, how late, for how much energy, money and carbon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr

from twin.components.it.accelerators import Accelerators
from twin.components.work.demand import FragmentTrace, JobTrace
from twin.components.work.workload import DeviceTime, Workload
from twin.engine.work_courses import schedule_of, work_notes
from twin.scenario.model import Scenario
from twin.scenario.walk import components
from twin.studies.delay import ROUNDING, ROUNDING_SINGLE, longest_delay_h, mean_delay_h
from twin.studies.sums import Metric, Sums, figure
from twin.studies.work_energy import Attributed, attributed, work_groups
from twin.studies.work_hours import hourly_figures
from twin.units import SECONDS_PER_HOUR

FLOWS = ("arrived", "served", "dropped", "missed", "slow", "lost")
RULE = "devices while they work, hosts above idle, and the group's rest by device time used"


@dataclass(frozen=True)
class Amounts:
    """Work of one class over a run, in its own unit."""

    arrived: float
    served: float
    dropped: float
    missed: float
    slow: float
    lost: float
    start: float
    end: float

    @property
    def left(self) -> float:
        """Work that left the queue for good."""
        return self.served - self.lost + self.dropped


def work_figures(one: xr.Dataset, sums: Sums, spec: Scenario, site: dict[str, Metric]) -> dict[str, Metric]:
    """Figures of all classes of work, named ``workloads.NAME.FIGURE``, and of the devices that they share.

    ``site`` has the figures of the site: energy of IT and facility, emissions and bill. Nothing where there is no work.
    """
    if not spec.workloads:
        return {}
    energy = attributed(sums.total.__getitem__, spec)
    figures = _devices(one, sums, spec, energy)
    for name, work in spec.workloads.items():
        done, unit = amounts_of(name, sums), unit_of_work(work)
        found = _flows(done, unit) | _lateness(name, done, one, sums)
        found |= _energy(done.served - done.lost, unit, energy.own[name], energy.whole[name], site)
        found |= _on_devices(name, work, done.served - done.lost, unit, sums)
        found |= hourly_figures(name, one, spec, done.served - done.lost, unit, site["total_cost"]["unit"])
        found |= _for_a_job(work, found, unit)
        figures |= {f"workloads.{name}.{key}": metric for key, metric in found.items()}
    return figures


def unit_of_work(work: Workload) -> str:
    """What the work of a class is counted in."""
    if isinstance(work.demand, FragmentTrace):
        return "GHz hours"
    if isinstance(work, DeviceTime) and work.speed_per_device_h != 1.0:
        return "units of work"
    return work.unit


def amounts_of(name: str, sums: Sums) -> Amounts:
    """Sums of one class; what waited at the start follows from the balance."""
    path = f"workloads.{name}"
    flows = {flow: sums.total[f"{path}.{flow}_per_h"] for flow in FLOWS}
    end = sums.last[f"{path}.queue_count"]
    start = end + flows["served"] - flows["lost"] + flows["dropped"] - flows["arrived"]
    start = start if start > ROUNDING * (flows["arrived"] + end) else 0.0
    return Amounts(**flows, start=start, end=end)


def work_warnings(spec: Scenario) -> list[str]:
    """Devices whose measurements are another's, and jobs of traces that were not replayed."""
    return [f"{'.'.join(path)}: {note}" for path, component in components(spec) for note in work_notes(component)]


def _flows(done: Amounts, unit: str) -> dict[str, Metric]:
    basis = "served + dropped + waiting at end = arrived + waiting at start + to be done again"
    names = {"arrived": "Work that arrived", "served": "Work done", "dropped": "Work dropped",
             "lost": "Work to be done again after interruptions"}  # fmt: skip
    figures = {name: figure(getattr(done, name), unit, text, basis) for name, text in names.items()}
    figures["waiting_at_end"] = figure(done.end, unit, "Work that waits at the end", basis)
    if done.start:
        figures["waiting_at_start"] = figure(done.start, unit, "Work that waited at the start", "left by the warm-up")
    return figures


def _lateness(name: str, done: Amounts, one: xr.Dataset, sums: Sums) -> dict[str, Metric]:
    figures = {}
    if done.arrived > 0.0:
        share, basis = done.missed / done.arrived, "of the work that arrived; waited longer than its slack"
        figures["missed_frac"] = figure(share, "1", "Missed deadlines", basis)
    if done.served > 0.0:
        basis = "of the work done; time between tokens above the objective"
        figures["slow_frac"] = figure(done.slow / done.served, "1", "Latency objective missed", basis)
    if done.left > 0.0:
        queue_h = sums.total[f"workloads.{name}.queue_count"]
        wait_h = mean_delay_h(queue_h, done.start, done.end, done.left, sums.dt_h)
        basis = "integral of the queue over the work that left it (Little)"
        figures["mean_delay_h"] = figure(wait_h, "h", "Mean delay", basis)
    series = [f"workloads.{name}.{flow}_per_h" for flow in ("arrived", "served", "dropped", "lost")]
    if all(path in one for path in series):
        arrived, served, dropped, lost = (one[path].values.astype(float) * sums.dt_h for path in series)
        rounding = ROUNDING_SINGLE if one[series[0]].dtype == np.float32 else ROUNDING
        waits = sums.peak[f"workloads.{name}.queue_count"] > ROUNDING * done.arrived
        left = served - lost + dropped
        wait_h = longest_delay_h(done.start, arrived, left, sums.dt_h, rounding) if waits else 0.0
        basis = f"first come, first served; even within steps of {sums.dt_h:g} h; needs series"
        figures["longest_delay_h"] = figure(wait_h, "h", "Longest delay", basis)
    return figures


def _energy(net: float, unit: str, own: float, whole: float, site: dict[str, Metric]) -> dict[str, Metric]:
    """``net`` is the work done less what was lost."""
    figures = {"it_energy_kwh": figure(whole, "kWh", "IT energy", RULE)}
    if own > 0.0:
        basis = "devices while they work, hosts above idle"
        figures["own_energy_kwh"] = figure(own, "kWh", "IT energy without the group's rest", basis)
    it, facility = site["it_energy_kwh"]["value"], site["facility_energy_kwh"]["value"]
    if it <= 0.0 or net <= 0.0 or whole <= 0.0:
        return figures
    paid, emitted = site["total_cost"], site["emissions_kgco2"]
    kwh, basis = whole * facility / it, "IT energy of the class times facility over IT energy of the site"
    mean = f"{basis}; mean over all hours"
    money = f"{paid['unit']}/({unit})"
    return figures | {
        "facility_energy_kwh": figure(kwh, "kWh", "Facility energy", basis),
        "work_per_kwh": figure(net / whole, f"({unit})/kWh", "Work per kWh of IT", RULE),
        "kwh_per_unit": figure(kwh / net, f"kWh/({unit})", "Facility energy for a unit of work", basis),
        "cost_per_unit": figure(kwh / net * paid["value"] / facility, money, "Bill for a unit of work", mean),
        "kgco2_per_unit": figure(
            kwh / net * emitted["value"] / facility, f"kgCO2e/({unit})", "Emissions for a unit of work", mean
        ),
    }


def _on_devices(name: str, work: Workload, net: float, unit: str, sums: Sums) -> dict[str, Metric]:
    """Work for the energy of processors alone: what measurements of power limits state."""
    kwh = sum(sums.total[f"workloads.{name}.runs_on.{place}.device_kw"] for place in work.runs_on)
    if kwh <= 0.0 or net <= 0.0:
        return {}
    basis = "processors while they work, without hosts and idle ones"
    return {"work_per_device_kwh": figure(net / kwh, f"({unit})/kWh", "Work per kWh of processors", basis)}


def _for_a_job(work: Workload, found: dict[str, Metric], unit: str) -> dict[str, Metric]:
    """Energy, cost and emissions of a job or a training run, where its size is stated or the trace tells the mean."""
    size = work.job_work_count if isinstance(work, DeviceTime) else None
    basis = f"{size:g} {unit}, as stated" if size else ""
    if size is None and isinstance(work.demand, JobTrace):
        done = schedule_of(work.demand)
        ran = ~done.unscheduled
        if ran.any():
            size = float(np.mean((done.jobs.units_count * done.jobs.run_s)[ran])) / SECONDS_PER_HOUR
            size *= work.demand.scale_ratio
            basis = f"{size:.4g} {unit}, the mean of the trace"
    if not size:
        return {}
    names = {"kwh": "Facility energy", "cost": "Bill", "kgco2": "Emissions"}
    each = {key: found[f"{key}_per_unit"] for key in names if f"{key}_per_unit" in found}
    units = {key: f"{metric['unit'].partition('/')[0]}/job" for key, metric in each.items()}
    return {
        f"{key}_per_job": figure(metric["value"] * size, units[key], f"{names[key]} of a job", basis)
        for key, metric in each.items()
    }


def _devices(one: xr.Dataset, sums: Sums, spec: Scenario, energy: Attributed) -> dict[str, Metric]:
    figures = {"work_capped_h": _capped(one, sums, spec)}
    counts = {path: group.servers_count * group.server_figures()[0] for path, group in work_groups(spec)
              if isinstance(group, Accelerators)}  # fmt: skip
    if counts:
        used = sum(count * sums.total[f"{path}.utilisation_frac"] for path, count in counts.items())
        busy, basis = used / (sum(counts.values()) * sums.run_h), "of the time of all accelerators in service"
        figures["devices_busy_frac"] = figure(busy, "1", "Accelerators that work", basis)
    basis = "rack groups that work may be placed on, less the classes' parts: groups without work, own loads"
    figures["unallocated_it_energy_kwh"] = figure(energy.unallocated, "kWh", "IT energy of no class", basis)
    return figures


def _capped(one: xr.Dataset, sums: Sums, spec: Scenario) -> Metric:
    caps = [name for name in sums.total if ".caps." in name and name.endswith(".active")]
    if all(name in one for name in caps):
        limited = np.zeros(one.sizes["time"], dtype=bool)
        for name in caps:
            limited |= one[name].values > 0.5
        return figure(limited.sum() * sums.dt_h, "h", "Hours under a power cap", "steps in which any cap limits")
    longest = max(sums.total[name] for name in caps)
    return figure(longest, "h", "Hours under a power cap", "longest cap: series of caps are not kept")


def kept_for_work(spec: Scenario) -> Iterator[str]:
    """Series that the figures of work need beside the sums: to be named in ``simulate(keep=...)``."""
    for name, work in spec.workloads.items():
        yield from (f"workloads.{name}.{flow}_per_h" for flow in ("arrived", "served", "dropped", "lost"))
        for place in work.runs_on:
            yield from (f"workloads.{name}.runs_on.{place}.{output}" for output in ("power_kw", "share_frac"))
    for hall, one in spec.halls.items():
        yield from (f"halls.{hall}.rack_groups.{group}.power_kw" for group in one.rack_groups)
    yield from (f"{path}.utilisation_frac" for path, _ in work_groups(spec))
    for path, component in components(spec):
        if "caps" in path and "active" in type(component).outputs:
            yield f"{'.'.join(path)}.active"
