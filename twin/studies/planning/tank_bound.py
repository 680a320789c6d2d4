"""The tank of chilled water in a bound: the twin at levels of work and of cooling, and limits that hold all runs.

A plan has what a tank takes and saves on lines beside some work. A bound must not be above the twin beside any, so the
twin runs at levels of work, charging and discharging by quarters; by as much as the lines are above it there, the
bound's lines go down (:func:`twin.studies.planning.plan.bound_of`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from twin.engine.simulate import simulate
from twin.scenario.model import Scenario
from twin.studies.planning.hull import Floats
from twin.studies.planning.plan import Seen
from twin.studies.planning.problem import PlannedTank
from twin.studies.planning.sampling import HIGHEST_FRAC, METER, Samples, at_once, net_kw, work_at
from twin.studies.planning.tank import endless, tank_of

LEVELS, ORDERS_FRAC = 5, (0.25, 0.5, 0.75, 1.0)  # of work; of the most that the tank takes or gives


def tank_points(scenario: Scenario, plant: str, samples: Samples) -> list[Seen]:
    """The twin in each step at levels of work beside a tank that takes or gives; ``scenario`` has the tank at rest."""
    bare = at_once(scenario, [one.name for one in samples.classes])
    empty, tank = simulate(bare).isel(scenario=0), tank_of(scenario, plant)
    path, count, dt = f"plants.{plant}.storage", samples.axis.count, samples.axis.dt_h
    span_k = float(np.maximum(empty[f"{path}.span_k"].values, 0.0).mean())
    site = endless(bare, plant, span_k, max(tank.charge_kw, tank.discharge_kw) * count * dt)
    orders = [{f"{path}.{what}_frac": np.full(count, share)} for what in ("charge", "discharge")
              for share in ORDERS_FRAC]  # fmt: skip
    served = [f"workloads.{one.name}.served_per_h" for one in samples.classes]
    flows = [f"{path}.charge_kw", f"{path}.discharge_kw"]
    points: list[Seen] = []
    for share in np.linspace(0.0, HIGHEST_FRAC, LEVELS if served else 1):
        work = work_at(share, samples.classes, samples.free_share)
        runs = simulate([site] * len(orders), inputs=[work | one for one in orders],
                        keep=[*METER, *flows, *served])  # fmt: skip
        power = net_kw(runs)
        done = sum((runs[name].values * one.kw_per_rate for name, one in zip(served, samples.classes, strict=True)),
                   0.0 * power)  # fmt: skip
        rows = zip(done, power, *(runs[name].values for name in flows), strict=True)
        points += [Seen(*row) for row in rows]
    return points


def widened(tank: PlannedTank, points: Sequence[Seen], runs: Sequence[Seen], dt_h: float) -> PlannedTank:
    """The tank with limits that hold what ``points`` take and give and what ``runs`` did from step to step."""
    into = np.max([one.into_kw for one in (*points, *runs)], axis=0)
    out = np.max([one.out_kw for one in (*points, *runs)], axis=0)
    held = [tank.start_kwh + np.cumsum(one.into_kw - one.out_kw) * dt_h for one in runs]
    most = max((float(one.max()) for one in held), default=0.0)
    lift = max(-min((float(one.min()) for one in held), default=0.0), 0.0)
    left = tank.start_kwh if tank.end_kwh is None else tank.end_kwh
    left = min([left, *(float(one[-1]) for one in held)])
    return replace(tank, charge_kw=_wider(tank.charge_kw, into), discharge_kw=_wider(tank.discharge_kw, out),
                   energy_kwh=max(tank.energy_kwh, most) + lift, start_kwh=tank.start_kwh + lift,
                   end_kwh=left + lift)  # fmt: skip


def _wider(parts_kw: Floats, most_kw: Floats) -> Floats:
    """The last part takes what is beyond all."""
    parts = np.atleast_2d(parts_kw).copy()
    parts[-1] += np.maximum(most_kw - parts.sum(axis=0), 0.0)
    return parts
