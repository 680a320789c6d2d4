"""A plan in the full twin: what it comes to, beside the same work as submitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from twin.components.work.shift import PlannedShift
from twin.engine.simulate import simulate
from twin.scenario.model import Scenario
from twin.studies.billing import bill
from twin.studies.planning.hull import Floats, segments
from twin.studies.planning.plan import Signals
from twin.studies.planning.problem import PlannedBattery
from twin.studies.planning.sampling import Samples
from twin.studies.planning.solve import Solution


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a way to run the site comes to. Money in the tariff's currency. Work of several classes adds up in
    ``work_kwh``, the energy that their devices usually take for it.

    ``objective`` holds ``unserved_value``: work left at the end, at the run's mean price of its energy.
    """

    name: str
    objective: float
    total_cost: float
    energy_cost: float
    demand_cost: float
    emissions_kgco2: float
    import_kwh: float
    peak_kw: float
    water_m3: float
    work_kwh: float
    unserved_kwh: float
    unserved_value: float
    late_kwh: float
    delay_h: float
    import_kw: Floats
    work_kw: Floats
    facility_kw: Floats


def submitted(scenario: Scenario, names: Sequence[str]) -> Scenario:
    """The scenario with classes that run as soon as devices are free."""
    return _with_shift(scenario, names, None)


def _with_shift(scenario: Scenario, names: Sequence[str], shift: PlannedShift | None) -> Scenario:
    work = {name: one.model_copy(update={"shift": shift}) if name in names else one
            for name, one in scenario.workloads.items()}  # fmt: skip
    return scenario.model_copy(update={"workloads": work})


def run_submitted(scenario: Scenario, names: Sequence[str]) -> xr.Dataset:
    """The twin with the work as it comes."""
    return simulate(submitted(scenario, names))


def run_plan(scenario: Scenario, served_per_h: Mapping[str, Floats]) -> xr.Dataset:
    """The twin with the work as planned."""
    inputs = {f"workloads.{name}.shift.planned_per_h": values for name, values in served_per_h.items()}
    return simulate(_with_shift(scenario, list(served_per_h), PlannedShift()), inputs=inputs)


def outcome(name: str, ds: xr.Dataset, scenario: Scenario, samples: Samples, signals: Signals,
            battery: tuple[PlannedBattery, Solution] | None = None) -> Outcome:  # fmt: skip
    """Figures of a run; a planned battery acts at the meter, its state of charge is as planned."""
    dt, facility = samples.axis.dt_h, ds["grid.meter.import_kw"].values[0]
    net, wear = facility, 0.0
    if battery is not None:
        unit, plan = battery
        net = np.maximum(facility + plan.charge_kw - plan.discharge_kw, 0.0)
        wear = unit.wear_per_kwh * float(plan.discharge_kw.sum()) * dt
    water = sum(float(ds[n].values[0].sum()) * dt for n in ds.data_vars if str(n).endswith(".make_up_m3_h"))
    work, rest, late, waited, work_kw = _work(ds, samples)
    mean = float(signals.worth_per_kwh @ net) / max(float(net.sum()), 1e-12)
    # a kWh of the devices takes more at the meter: the mean slope of the samples
    slope = float(np.mean((samples.facility_kw[-1] - samples.facility_kw[0]) / np.maximum(samples.work_kw[-1], 1e-9)))
    value = rest * mean * slope
    paid = bill(net, samples.axis, scenario.grid.tariff, scenario.site.timezone)
    return Outcome(
        name, signals.objective(net, water, dt, wear) + value, paid.total, paid.share("energy"), paid.share("demand"),
        float(signals.carbon_kgco2_per_kwh @ net) * dt, float(net.sum()) * dt, float(net.max()), water, work, rest,
        value, late, waited / work if work else 0.0, net, work_kw, facility)  # fmt: skip


def _work(ds: xr.Dataset, samples: Samples) -> tuple[float, float, float, float, Floats]:
    """Work done, left at the end, that missed its deadline, hours waited (all in kWh), and its power over time."""
    dt = samples.axis.dt_h
    done = rest = late = waited = 0.0
    power = np.zeros(samples.axis.count)
    for one in samples.classes:
        path = f"workloads.{one.name}"
        queue, kw = ds[f"{path}.queue_count"].values[0], one.kw_per_rate
        served = ds[f"{path}.served_per_h"].values[0]
        power += served * kw
        usual = float(kw.mean())  # limits change what a unit takes over time: equal work must count alike
        done += float(served.sum()) * usual * dt
        rest += float(queue[-1]) * usual
        late += float(ds[f"{path}.missed_per_h"].values[0].sum()) * usual * dt
        waited += float(queue.sum()) * usual * dt
    return done, rest, late, waited, power


def plan_figures(plan: Solution, samples: Samples, signals: Signals, scenario: Scenario) -> Outcome:
    """What the plan itself expects: facility power on the hull."""
    dt, net = samples.axis.dt_h, plan.import_kw
    part = samples.coarse
    water = float(segments(samples.work_kw[part], samples.water_m3_h[part]).at(plan.work_kw).sum()) * dt
    usual = {one.name: float(one.kw_per_rate.mean()) for one in samples.classes}
    rest = sum(float(queue[-1]) * usual[name] for name, queue in plan.queue_count.items())
    waited = sum(float(queue.sum()) * usual[name] * dt for name, queue in plan.queue_count.items())
    work = sum(float(served.sum()) * usual[name] * dt for name, served in plan.served_per_h.items())
    paid = bill(net, samples.axis, scenario.grid.tariff, scenario.site.timezone)
    return Outcome(
        "planned", plan.objective, paid.total, paid.share("energy"), paid.share("demand"),
        float(signals.carbon_kgco2_per_kwh @ net) * dt, float(net.sum()) * dt, float(net.max()), water, work, rest, 0.0,
        0.0, waited / work if work else 0.0, net, plan.work_kw, plan.facility_kw)  # fmt: skip
