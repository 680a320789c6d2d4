"""A plant's tank of chilled water in a plan: what a kW of cooling put in or taken out is at the meter, from the twin.

Three runs with the work as submitted: the tank at rest, and twice in turns an hour charging and an hour discharging,
once the other way round. So each step is seen charging and discharging, with all of the plant's pumps, towers and
stages behind it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twin.components.plant.storage import NEVER, ChilledWaterStorage
from twin.engine.simulate import simulate
from twin.errors import Fault, InputError
from twin.physics.storage import tank_kwh_per_k
from twin.scenario.model import Scenario
from twin.studies.planning.hull import Floats
from twin.studies.planning.problem import PlannedTank
from twin.studies.planning.replay import submitted
from twin.studies.planning.sampling import net_kw
from twin.studies.planning.solve import Solution

TRIAL_FRAC = 0.5  # of the most that the tank takes and gives: stages that a trifle would switch on count in part
NOTE = (
    "the power that the tank's cooling takes and saves is as sampled hour by hour, in the bound too: the replay decides"
)
SEEN_KW = 1.0  # cooling below which a trial has not happened


def tank_of(scenario: Scenario, plant: str) -> ChilledWaterStorage:
    """The tank of a plant as stated. InputError where the plant has none."""
    stated = {name: getattr(one, "storage", None) for name, one in scenario.plants.items()}
    tanks = {name: one for name, one in stated.items() if isinstance(one, ChilledWaterStorage)}
    if plant in tanks:
        return tanks[plant]
    known = f"there is one in plants.{', plants.'.join(tanks)}" if tanks else "no plant has one"
    raise InputError([Fault(f"plant '{plant}' has no storage: {known}", "storage")])


def tank_at_rest(scenario: Scenario, plant: str) -> Scenario:
    """The scenario with a plant's tank that neither charges nor discharges by itself."""
    idle = tank_of(scenario, plant).model_copy(update={"charge": NEVER, "discharge": NEVER})
    one = scenario.plants[plant]
    return scenario.model_copy(update={"plants": {**scenario.plants, plant: one.model_copy(update={"storage": idle})}})


def site_tank(scenario: Scenario, plant: str, names: Sequence[str]) -> PlannedTank:
    """The tank of a plant, as the twin shows it. InputError where the plant has none."""
    tank = tank_of(scenario, plant)
    resting, path = submitted(tank_at_rest(scenario, plant), names), f"plants.{plant}.storage"
    rest = simulate(resting).isel(scenario=0)
    dt, count = (rest["time"].values[1] - rest["time"].values[0]) / np.timedelta64(1, "h"), rest.sizes["time"]
    span_k = float(np.maximum(rest[f"{path}.span_k"].values, 0.0).mean())
    kwh = tank_kwh_per_k(tank.volume_m3) * span_k
    energy = kwh * tank.figure_of_merit_frac
    start = max(kwh * (float(rest[f"{path}.cold_frac"].values[0]) - 1.0 + tank.figure_of_merit_frac), 0.0)
    most = TRIAL_FRAC * min(tank.charge_kw, tank.discharge_kw, energy / dt)
    into, out = _trials(resting, path, net_kw(rest), most / tank.charge_kw, most / tank.discharge_kw, count)
    need = np.maximum(rest[f"plants.{plant}.load_kw"].values, 0.0)
    charge, discharge = (np.where(into > 0.0, kw, 0.0) for kw in (tank.charge_kw, np.minimum(tank.discharge_kw, need)))
    return PlannedTank(plant, charge, discharge, energy, min(start, energy), into, np.minimum(out, into))


def _trials(
    resting: Scenario, path: str, before_kw: Floats, charge: float, discharge: float, count: int
) -> tuple[Floats, Floats]:
    """Power at the meter for a kW of cooling put in, and what a kW taken out saves; means where no trial succeeded."""
    even = np.arange(count) % 2 == 0
    into, out = np.full(count, np.nan), np.full(count, np.nan)
    for first in (even, ~even):
        orders = {
            f"{path}.charge_frac": np.where(first, 0.0, charge),
            f"{path}.discharge_frac": np.where(first, discharge, 0.0),
        }
        ds = simulate(resting, inputs=orders).isel(scenario=0)
        more = net_kw(ds) - before_kw
        for values, name, sign in ((into, "charge_kw", 1.0), (out, "discharge_kw", -1.0)):
            moved = ds[f"{path}.{name}"].values
            seen = moved > SEEN_KW
            values[seen] = np.maximum(sign * more[seen] / moved[seen], 0.0)
    if np.isnan(into).all() or np.isnan(out).all():
        return np.zeros(count), np.zeros(count)
    return tuple(np.where(np.isnan(v), np.nanmean(v), v) for v in (into, out))  # type: ignore[return-value]


def tank_orders(tank: PlannedTank | None, scenario: Scenario, plan: Solution) -> dict[str, Floats]:
    """Inputs of the tank that carry a plan out."""
    if tank is None:
        return {}
    spec, path = tank_of(scenario, tank.plant), f"plants.{tank.plant}.storage"
    return {f"{path}.charge_frac": plan.tank_charge_kw / spec.charge_kw,
            f"{path}.discharge_frac": plan.tank_discharge_kw / spec.discharge_kw}  # fmt: skip
