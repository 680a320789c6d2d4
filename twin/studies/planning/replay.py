"""A plan in the full twin: what it comes to, beside the same work as submitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import xarray as xr

from twin.components.work.shift import PlannedShift
from twin.components.work.workload import Workload
from twin.engine.simulate import simulate
from twin.scenario.model import Scenario
from twin.studies.planning.hull import Floats, segments
from twin.studies.planning.lateness import Late, late_work, usual_kw
from twin.studies.planning.money import Money, fuel_of, money_of
from twin.studies.planning.plan import Signals
from twin.studies.planning.problem import PlannedBattery, PlannedTank
from twin.studies.planning.sampling import WATER, Samples, net_kw
from twin.studies.planning.site_generator import generated_of
from twin.studies.planning.solve import Solution
from twin.studies.planning.terms import MeterFlows


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a way to run the site comes to. Money in the tariff's currency. Work of several classes adds up in
    ``work_kwh``, the energy that their devices usually take for it.

    ``generated_kwh`` is what planned generators give, ``generator_cost`` (in ``fuel_cost``) and ``generator_kgco2`` are
    of their fuel: in the objective at the weights of money and of emissions.

    ``late_kwh`` missed its deadline; ``lateness`` tells of each class with a price of delay how much, for how long and
    what it costs, ``late_kwh_h`` and ``late_cost`` are their sums. That cost is in the objective where money is, and in
    no other figure.

    ``total_cost`` is the bill with its contracts, ``net_cost`` that and fuel less what export earns. ``objective``
    holds ``unserved_value``, work left at the end at the run's mean price of its energy, and ``stored_value``, what
    the planned battery and tank lack at the end (``stored_kwh`` and ``cooling_kwh`` are gains), at the same price.
    ``emissions_kgco2`` is by average factors,
    ``marginal_kgco2`` by marginal ones (0 where there are none); they answer different questions and never add up.
    """

    name: str
    objective: float
    total_cost: float
    net_cost: float
    energy_cost: float
    demand_cost: float
    contracts_cost: float
    export_credit: float
    fuel_cost: float
    generator_cost: float
    generator_kgco2: float
    generated_kwh: float
    wear_cost: float
    emissions_kgco2: float
    marginal_kgco2: float
    import_kwh: float
    export_kwh: float
    peak_kw: float
    water_m3: float
    stored_kwh: float
    cooling_kwh: float
    stored_value: float
    work_kwh: float
    unserved_kwh: float
    unserved_value: float
    late_kwh: float
    late_kwh_h: float
    late_cost: float
    delay_h: float
    import_kw: Floats
    work_kw: Floats
    facility_kw: Floats
    water_worth_per_h: Floats
    flows: MeterFlows
    lateness: Mapping[str, Late] = field(default_factory=dict)
    generated_kw: Floats = field(default_factory=lambda: np.zeros(1))
    cooling_in_kw: Floats = field(default_factory=lambda: np.zeros(1))
    cooling_out_kw: Floats = field(default_factory=lambda: np.zeros(1))


@dataclass(frozen=True)
class Stores:
    """What a battery and a tank of chilled water gained over a run, kWh of electricity and of cooling."""

    battery_kwh: float
    battery: PlannedBattery | None
    cooling_kwh: float
    tank: PlannedTank | None

    def lacking_kwh(self) -> float:
        """Energy at the meter that would make up for what they lack."""
        lacks = max(-self.battery_kwh, 0.0) / self.battery.charge_frac if self.battery is not None else 0.0
        if self.tank is not None:
            lacks += max(-self.cooling_kwh, 0.0) * float(self.tank.kw_per_charge.mean())
        return lacks


def submitted(scenario: Scenario, names: Sequence[str]) -> Scenario:
    """The scenario with classes that run as soon as devices are free."""
    return _with_shift(scenario, names, planned=False)


def shifted(scenario: Scenario, names: Sequence[str]) -> Scenario:
    """The scenario with classes that run as planned."""
    return _with_shift(scenario, names, planned=True)


def planned_inputs(served_per_h: Mapping[str, Floats]) -> dict[str, Floats]:
    """Inputs by path with which classes run as planned."""
    return {f"workloads.{name}.shift.planned_per_h": values for name, values in served_per_h.items()}


def _with_shift(scenario: Scenario, names: Sequence[str], planned: bool) -> Scenario:
    """Classes with a price of delay wait for their plan beyond their deadlines, too."""

    def shift(one: Workload) -> PlannedShift:
        return PlannedShift(late="avoid" if one.late_per_kwh_h is None else "as_planned")

    work = {name: one.model_copy(update={"shift": shift(one) if planned else None}) if name in names else one
            for name, one in scenario.workloads.items()}  # fmt: skip
    return scenario.model_copy(update={"workloads": work})


def run_submitted(scenario: Scenario, names: Sequence[str]) -> xr.Dataset:
    """The twin with the work as it comes."""
    return simulate(submitted(scenario, names))


def run_plan(
    scenario: Scenario, served_per_h: Mapping[str, Floats], orders: Mapping[str, Floats] | None = None
) -> xr.Dataset:
    """The twin with the work as planned; ``orders`` are inputs of what else follows the plan, by path."""
    inputs = planned_inputs(served_per_h) | dict(orders or {})
    return simulate(shifted(scenario, list(served_per_h)), inputs=inputs)


def outcome(name: str, ds: xr.Dataset, scenario: Scenario, samples: Samples, signals: Signals,
            battery: tuple[PlannedBattery, Solution] | None = None,
            own: PlannedBattery | None = None, tank: PlannedTank | None = None) -> Outcome:  # fmt: skip
    """Figures of a run.

    A planned battery that the scenario does not have acts at the meter, its state of charge is as planned; one of the
    scenario's has acted in the run. ``own`` is a battery of the scenario's that acted by its own rule.
    """
    dt = samples.axis.dt_h
    meter, facility, stored, wear = _at_the_meter(net_kw(ds)[0], ds, battery, own, dt)
    unit = battery[0] if battery else own
    make_up, blowdown = (
        0.0 * meter + sum(ds[n].values[0] for n in map(str, ds.data_vars) if n.endswith(kind)) for kind in WATER
    )
    flows = _flows(meter, make_up, blowdown, signals)
    done = _done(ds, samples, signals)
    paid = money_of(scenario, samples.axis, flows, fuel_of(scenario, ds, dt))
    cooling, into, out = 0.0, 0.0 * meter, 0.0 * meter
    if tank is not None:
        held, into, out = (ds[f"plants.{tank.plant}.storage.{what}"].values[0]
                           for what in ("cooling_kwh", "charge_kw", "discharge_kw"))  # fmt: skip
        cooling = float(held[-1] - held[0] + (into[0] - out[0]) * dt)
    stores = Stores(stored, unit, cooling, tank)
    ran = generated_of(signals.generator, ds)
    generated = ran.get("generated_kw", 0.0 * meter)
    sets = _sets(signals, *(float(ran[what].sum()) * dt for what in ("generated_kw", "fuel_kw"))) if ran else NO_SETS
    found = _outcome(name, flows, paid, samples, signals, wear, stores, done, facility + generated, sets)
    return replace(found, generated_kw=generated, cooling_in_kw=into, cooling_out_kw=out)


def _at_the_meter(meter: Floats, ds: xr.Dataset, battery: tuple[PlannedBattery, Solution] | None,
                  own: PlannedBattery | None, dt: float) -> tuple[Floats, Floats, float, float]:  # fmt: skip
    """Power at the meter, the same without the battery, what the battery gained in kWh, and its wear."""
    if battery is not None and not battery[0].name:
        unit, plan = battery
        wear = unit.wear_per_kwh * float(plan.discharge_kw.sum()) * dt
        return meter + plan.charge_kw - plan.discharge_kw, meter, float(plan.stored_kwh[-1]) - unit.start_kwh, wear
    one = battery[0] if battery else own
    if one is None or not one.name:
        return meter, meter, 0.0, 0.0
    path = f"onsite.{one.name}"
    charge, discharge, soc = (ds[f"{path}.{what}"].values[0] for what in ("charge_kw", "discharge_kw", "soc_frac"))
    wear = one.wear_per_kwh * float(discharge.sum()) * dt
    return meter, meter - charge + discharge, float(soc[-1]) * one.energy_kwh - one.start_kwh, wear


def _flows(net: Floats, make_up: Floats, blowdown: Floats, signals: Signals) -> MeterFlows:
    given = np.clip(-net, 0.0, signals.terms.most_export_kw)
    return MeterFlows(np.maximum(net, 0.0), given, make_up, blowdown)


def _outcome(
    name: str, flows: MeterFlows, paid: Money, samples: Samples, signals: Signals, wear: float,
    stores: Stores, done: Done, facility: Floats, sets: Sets,
) -> Outcome:  # fmt: skip
    dt, drawn, by_marginal = samples.axis.dt_h, flows.import_kw, signals.marginal_kgco2_per_kwh
    mean = float(signals.worth_per_kwh @ drawn) / max(float(drawn.sum()), 1e-12)
    # a kWh of the devices takes more at the meter: the mean slope of the samples
    slope = float(np.mean((samples.facility_kw[-1] - samples.facility_kw[0]) / np.maximum(samples.work_kw[-1], 1e-9)))
    value, lacking = done.rest_kwh * mean * slope, stores.lacking_kwh() * mean
    late_cost = sum((one.cost for one in done.lateness.values()), 0.0)
    whole = signals.objective(flows, dt, wear) + value + lacking + signals.weights.cost * (late_cost + sets.cost)
    whole += signals.weights.carbon_per_kgco2 * sets.kgco2
    return Outcome(
        name=name, objective=whole, total_cost=paid.total,
        net_cost=paid.net, energy_cost=paid.energy, demand_cost=paid.demand, contracts_cost=paid.contracts,
        export_credit=paid.export, fuel_cost=paid.fuel, generator_cost=sets.cost, generator_kgco2=sets.kgco2,
        generated_kwh=sets.kwh, wear_cost=wear,
        emissions_kgco2=float(signals.average_kgco2_per_kwh @ drawn) * dt,
        marginal_kgco2=0.0 if by_marginal is None else float(by_marginal @ drawn) * dt,
        import_kwh=float(drawn.sum()) * dt, export_kwh=float(flows.export_kw.sum()) * dt,
        peak_kw=float(drawn.max()), water_m3=float(flows.make_up_m3_h.sum()) * dt,
        stored_kwh=stores.battery_kwh, cooling_kwh=stores.cooling_kwh,
        stored_value=lacking, work_kwh=done.work_kwh, unserved_kwh=done.rest_kwh, unserved_value=value,
        late_kwh=done.late_kwh, late_kwh_h=sum((one.late_kwh_h for one in done.lateness.values()), 0.0),
        late_cost=late_cost,
        delay_h=done.waited_kwh_h / done.work_kwh if done.work_kwh else 0.0, import_kw=drawn, work_kw=done.power_kw,
        facility_kw=facility, water_worth_per_h=signals.water(flows.make_up_m3_h, flows.blowdown_m3_h),
        flows=flows, lateness=done.lateness)  # fmt: skip


@dataclass(frozen=True)
class Sets:
    """What planned generators gave, and cost and emissions of their fuel."""

    kwh: float
    cost: float
    kgco2: float


NO_SETS = Sets(0.0, 0.0, 0.0)


def _sets(signals: Signals, kwh: float, fuel_kwh: float) -> Sets:
    one = signals.generator
    return Sets(kwh, fuel_kwh * one.fuel_per_kwh, fuel_kwh * one.fuel_kgco2_per_kwh) if one is not None else NO_SETS


@dataclass(frozen=True, eq=False)
class Done:
    """Work done, left at the end, that missed its deadline, and that waited, of all classes; its power over time."""

    work_kwh: float
    rest_kwh: float
    late_kwh: float
    waited_kwh_h: float
    power_kw: Floats
    lateness: Mapping[str, Late]


def _done(ds: xr.Dataset, samples: Samples, signals: Signals) -> Done:
    """What the twin did."""
    served, queue, missed = ({one.name: ds[f"workloads.{one.name}.{what}"].values[0] for one in samples.classes}
                             for what in ("served_per_h", "queue_count", "missed_per_h"))  # fmt: skip
    dt = samples.axis.dt_h
    late = sum((float(missed[one.name].sum()) * usual_kw(one) * dt for one in samples.classes), 0.0)
    power = np.zeros(samples.axis.count)
    for one in samples.classes:
        power += served[one.name] * one.kw_per_rate
    return _amounts(samples, signals, served, queue, late, power)


def _amounts(samples: Samples, signals: Signals, served: Mapping[str, Floats], queue: Mapping[str, Floats],
             late_kwh: float, power_kw: Floats) -> Done:  # fmt: skip
    dt = samples.axis.dt_h
    usual = {one.name: usual_kw(one) for one in samples.classes}
    work = sum((float(served[name].sum()) * kw * dt for name, kw in usual.items()), 0.0)
    rest = sum((float(queue[name][-1]) * kw for name, kw in usual.items()), 0.0)
    waited = sum((float(queue[name].sum()) * kw * dt for name, kw in usual.items()), 0.0)
    late = late_work(samples.classes, signals.late_per_kwh_h, queue, served, dt)
    return Done(work, rest, late_kwh, waited, power_kw, late)


def plan_figures(
    plan: Solution, samples: Samples, signals: Signals, scenario: Scenario, battery: PlannedBattery | None = None,
    fuel: float = 0.0, tank: PlannedTank | None = None,
) -> Outcome:  # fmt: skip
    """What the plan itself expects: facility power on the hull; ``fuel`` is that of a run, of generators
    that are not planned.
    """
    dt, part = samples.axis.dt_h, samples.coarse
    make_up, blowdown = (segments(samples.work_kw[part], values[part]).at(plan.work_kw)
                         for values in (samples.water_m3_h, samples.blowdown_m3_h))  # fmt: skip
    flows = _flows(plan.net_kw, make_up, blowdown, signals)
    done = _amounts(samples, signals, plan.served_per_h, plan.queue_count, 0.0, plan.work_kw)
    done = replace(done, late_kwh=sum((one.missed_kwh for one in done.lateness.values()), 0.0))
    gained = float(plan.stored_kwh[-1]) - battery.start_kwh if battery else 0.0
    wear = battery.wear_per_kwh * float(plan.discharge_kw.sum()) * dt if battery else 0.0
    cooling = float(plan.tank_kwh[-1]) - tank.start_kwh if tank else 0.0
    sets = NO_SETS
    if signals.generator is not None:
        kwh = float(plan.generated_kw.sum()) * dt
        sets = _sets(signals, kwh, kwh * signals.generator.fuel_ratio)
    paid = money_of(scenario, samples.axis, flows, fuel + sets.cost)
    stores = Stores(gained, battery, cooling, tank)
    return _outcome("planned", flows, paid, samples, signals, wear, stores, done, plan.facility_kw,
                    sets)  # fmt: skip
