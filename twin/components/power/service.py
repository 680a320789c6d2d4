"""Whether a unit gets power and runs: the share that its feeder can serve, and the time that it takes to start again.

A site whose supply can fail has one of these beside each unit that draws power. It cuts the unit's own input (its
availability, its use) in each step, before anything else of the step runs.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Component, Fields, Phase, Surroundings
from twin.units import MINUTES_PER_HOUR

ROUNDING_H = 1e-9  # time that sums of steps leave by rounding
MOSTLY = 0.5  # share served above which the load tells what the unit would draw


@compilable
def switch_unit(p, u, w, s, x, y, feeder, dt_h):  # type: ignore[no-untyped-def]
    """Share in which the unit has power and runs: what is lost stops at once, what comes back starts after its time."""
    powered = 1.0 - feeder.off_frac
    up = powered * u.stated_frac
    y.served_frac = powered
    x.ready_frac, x.wait_h = up, p.restart_h
    if p.restart_h > 0.0 and up > s.ready_frac:
        waits_h = dt_h if s.wait_h > dt_h - ROUNDING_H else s.wait_h
        y.served_frac = (s.ready_frac * waits_h + up * (dt_h - waits_h)) / (dt_h * u.stated_frac)
        x.wait_h = max(s.wait_h - waits_h, 0.0)
        x.ready_frac = s.ready_frac if x.wait_h > ROUNDING_H else up
    y.waiting = 1.0 if x.ready_frac < up else 0.0


@compilable
def account_unit(p, u, w, s, x, y, unit, dt_h):  # type: ignore[no-untyped-def]
    """Power that the unit would have drawn beside what it drew, by its load when it was served last."""
    wanted_kw = unit.power_kw / y.served_frac if y.served_frac > MOSTLY else s.wanted_kw
    y.unserved_kw = wanted_kw * (1.0 - y.served_frac)
    x.wanted_kw = wanted_kw


class Service(Component):
    """Power and readiness of one unit; no part of a scenario, but of every site whose supply can fail."""

    restart_min: float = Field(0.0, ge=0, le=1440)
    """Time from the return of power or service until the unit runs again."""

    inputs: ClassVar[Fields] = {"stated_frac": "Share in service as stated"}
    derived: ClassVar[dict[str, int]] = {"restart_h": 0}
    state: ClassVar[Fields] = {
        "ready_frac": "Share that runs or could run",
        "wait_h": "Time until the rest runs again",
        "wanted_kw": "Power when it was served last",
    }
    outputs: ClassVar[Fields] = {
        "served_frac": "Share of the step in which it has power and runs",
        "waiting": "1: some of it has not started again yet",
        "unserved_kw": "Power that it would have drawn beside what it drew",
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("switch", switch_unit, ("feeder",)),
        Phase("account", account_unit, ("unit",)),
    )

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Restart in hours."""
        return {"restart_h": self.restart_min / MINUTES_PER_HOUR}
