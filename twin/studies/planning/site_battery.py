"""The scenario's own battery in a plan: its numbers, the scenario with it at rest, the orders that follow a plan."""

from __future__ import annotations

from twin.components.grid.onsite_battery import StationaryBattery
from twin.components.grid.orders import ScheduleRule
from twin.errors import Fault, InputError
from twin.scenario.model import Scenario
from twin.studies.planning.hull import Floats
from twin.studies.planning.problem import PlannedBattery
from twin.studies.planning.solve import Solution


def site_battery(scenario: Scenario, name: str, wear_per_kwh: float = 0.0) -> PlannedBattery:
    """The battery ``onsite.<name>`` of a scenario. InputError where there is no such battery."""
    short = name.removeprefix("onsite.")
    one = scenario.onsite.get(short)
    if not isinstance(one, StationaryBattery):
        there = [f"onsite.{key}" for key, other in scenario.onsite.items() if isinstance(other, StationaryBattery)]
        known = f"the scenario has {', '.join(there)}" if there else "the scenario has none under `onsite`"
        raise InputError([Fault(f"there is no battery '{name}': {known}", "battery")])
    return PlannedBattery(
        one.rate_per_h * one.energy_kwh, one.energy_kwh, one.charge_efficiency_frac, one.discharge_efficiency_frac,
        one.least_soc_frac, one.most_soc_frac, one.start_soc_frac, wear_per_kwh, one.may_export, short)  # fmt: skip


def at_rest(scenario: Scenario, battery: PlannedBattery | None) -> Scenario:
    """The scenario with the planned battery under a schedule that asks for nothing; as it is where there is none."""
    if battery is None or not battery.name:
        return scenario
    idle = scenario.onsite[battery.name].model_copy(update={"control": ScheduleRule()})
    return scenario.model_copy(update={"onsite": {**scenario.onsite, battery.name: idle}})


def orders_of(battery: PlannedBattery | None, plan: Solution) -> dict[str, Floats]:
    """Inputs of the battery's schedule that carry a plan out; none for a battery that the scenario does not have."""
    if battery is None or not battery.name:
        return {}
    rule = f"onsite.{battery.name}.control"
    return {f"{rule}.charge_frac": plan.charge_kw / battery.power_kw,
            f"{rule}.discharge_frac": plan.discharge_kw / battery.power_kw}  # fmt: skip
