"""A plant's tank of chilled water in a plan: what a kW of cooling put in or taken out is at the meter, from the twin.

The twin runs with the tank at rest, and then charging and discharging in every step, at half and at all of what it may,
with all of the plant's pumps, towers and stages behind it. The tank of these runs is so large that it gets neither full
nor empty. A kW put in takes the more, and one taken out saves the less, the more there are, so power goes along two
lines for each. It also depends on the work beside, and on chillers that stop altogether: a plan is corrected by its
replay (:mod:`twin.studies.planning.corrected`), and a bound goes below the twin beside any work
(:mod:`twin.studies.planning.tank_bound`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twin.components.plant.storage import NEVER, ChilledWaterStorage
from twin.engine.simulate import simulate
from twin.errors import Fault, InputError
from twin.physics.storage import tank_kwh_per_k
from twin.scenario.model import Scenario
from twin.studies.planning.hull import Floats, Segments, concave, convex
from twin.studies.planning.problem import PlannedTank
from twin.studies.planning.replay import submitted
from twin.studies.planning.sampling import METER, net_kw
from twin.studies.planning.solve import Solution

TRIALS_FRAC = (0.5, 1.0)  # of the most that the tank takes and gives
SPARE_COUNT = 3.0  # times the cooling that the longest trial moves, half of it cold: the tank of trials has no ends


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
    """The tank of a plant, as the twin shows it beside the work as submitted. InputError where the plant has none."""
    tank, path = tank_of(scenario, plant), f"plants.{plant}.storage"
    work = submitted(tank_at_rest(scenario, plant), names)
    rest = simulate(work).isel(scenario=0)
    dt = float((rest["time"].values[1] - rest["time"].values[0]) / np.timedelta64(1, "h"))
    span_k = float(np.maximum(rest[f"{path}.span_k"].values, 0.0).mean())
    kwh = tank_kwh_per_k(tank.volume_m3) * span_k
    energy = kwh * tank.figure_of_merit_frac
    start = max(kwh * (float(rest[f"{path}.cold_frac"].values[0]) - 1.0 + tank.figure_of_merit_frac), 0.0)
    need = np.maximum(rest[f"plants.{plant}.load_kw"].values, 0.0)
    most = np.full(need.size, tank.charge_kw), np.minimum(tank.discharge_kw, need)
    site = endless(work, plant, span_k, max(each.sum() for each in most) * dt)
    charging = [share * most[0] / tank.charge_kw for share in TRIALS_FRAC]
    discharging = [share * most[1] / tank.discharge_kw for share in TRIALS_FRAC]
    into, out = _trials(site, path, charging, discharging)
    first = np.minimum(out.slope[:1], into.slope[:1])  # no gain in the same step
    for lines in (into, out):
        lines.width_kw[:, 0] = 0.0  # the warm-up repeats the first step: what the tank did there it would do for days
    return PlannedTank(plant, into.width_kw, out.width_kw, energy, min(start, energy), np.maximum(into.slope, 0.0),
                       np.clip(out.slope, 0.0, first))  # fmt: skip


def endless(scenario: Scenario, plant: str, span_k: float, moved_kwh: float) -> Scenario:
    """The scenario with a tank that is half full, and takes and gives so much without an end."""
    one = scenario.plants[plant]
    volume = SPARE_COUNT * moved_kwh / (tank_kwh_per_k(1.0) * max(span_k, 1.0))
    large = tank_of(scenario, plant).model_copy(
        update={"volume_m3": volume, "initial_frac": 0.5, "initial_span_k": max(span_k, 1.0)}
    )
    return scenario.model_copy(update={"plants": {**scenario.plants, plant: one.model_copy(update={"storage": large})}})


def _trials(site: Scenario, path: str, charging: list[Floats],
            discharging: list[Floats]) -> tuple[Segments, Segments]:  # fmt: skip
    """Power at the meter over cooling put in, and what is saved over cooling taken out, from shares ordered."""
    names = [f"{path}.charge"] * len(charging) + [f"{path}.discharge"] * len(discharging)
    orders = [{f"{name}_frac": share} for name, share in zip(names, charging + discharging, strict=True)]
    kept = [*METER, f"{path}.charge_kw", f"{path}.discharge_kw"]
    runs = simulate([site] * (1 + len(orders)), inputs=[{}, *orders], keep=kept)
    more, into, out = net_kw(runs) - net_kw(runs)[0], *(runs[name].values for name in kept[-2:])
    rows = list(range(1 + len(charging))), [0, *range(1 + len(charging), 1 + len(orders))]
    into, out = (np.maximum.accumulate(moved[row], axis=0) for moved, row in zip((into, out), rows, strict=True))
    return convex(into, more[rows[0]]), concave(out, -more[rows[1]])


def tank_orders(tank: PlannedTank | None, scenario: Scenario, plan: Solution) -> dict[str, Floats]:
    """Inputs of the tank that carry a plan out."""
    if tank is None:
        return {}
    spec, path = tank_of(scenario, tank.plant), f"plants.{tank.plant}.storage"
    return {f"{path}.charge_frac": plan.tank_charge_kw / spec.charge_kw,
            f"{path}.discharge_frac": plan.tank_discharge_kw / spec.discharge_kw}  # fmt: skip
