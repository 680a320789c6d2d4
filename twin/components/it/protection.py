"""Thermal protection of a rack group: its servers slow down, then shut down, at stated inlet or coolant temperatures.

They start again once it is cool enough and their boot time is over. Of what runs on servers without classes of work the
share is lost; classes of work lose the devices, and their work waits, moves to other groups or is dropped, as each
class states. Temperatures are those at the end of the last step.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Self

from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Component, Fields, Phase, Surroundings
from twin.components.it.caps import hold
from twin.errors import SpecFault, refuse
from twin.units import MINUTES_PER_HOUR

ROUNDING_H = 1e-9  # time that sums of steps leave by rounding
NEVER_C = 1e6  # no temperature is above it


@compilable
def protect(p, u, w, s, x, y, air, liquid, dt_h):  # type: ignore[no-untyped-def]
    """Off above the limit, on again below the lower one after the boot time; slower in between."""
    hot = air.inlet_c > p.shutdown_c or liquid.supply_c > p.coolant_limit_c
    cool = air.inlet_c <= p.restart_c and liquid.supply_c <= p.coolant_restart_c
    stays = s.off > 0.5 and not cool
    x.off = 1.0 if hot or stays else 0.0
    waits_h = dt_h if s.wait_h > dt_h - ROUNDING_H else s.wait_h
    x.wait_h = p.boot_h if x.off > 0.5 else max(s.wait_h - waits_h, 0.0)
    y.running_frac = 0.0 if x.off > 0.5 else (dt_h - waits_h) / dt_h
    y.stopped = x.off
    span = min(max((air.inlet_c - p.slow_from_c) / max(p.shutdown_c - p.slow_from_c, 1e-9), 0.0), 1.0)
    y.speed_frac = 1.0 - (1.0 - p.slow_frac) * span
    y.lost_frac = 1.0 - y.running_frac * y.speed_frac


@compilable
def slow_devices(p, u, w, s, x, y, limits, dt_h):  # type: ignore[no-untyped-def]
    """Take part in the lowest limit of the group's devices."""
    hold(y, limits, max(y.speed_frac, p.slow_frac))


class Protection(Component):
    """What servers do as their inlet air or their coolant warms."""

    shutdown_c: float = Field(45.0, ge=25, le=80)
    """Inlet air above which the group shuts down (A1: allowable to 32, servers trip at 40-50 degC)."""
    restart_c: float = Field(30.0, ge=10, le=70)
    """Inlet air at or below which it may start again."""
    slow_c: float | None = Field(None, ge=15, le=80)
    """Inlet air from which servers slow down, linearly up to the shutdown; they do not if left out."""
    slow_frac: float = Field(0.5, ge=0.05, le=1)
    """Speed that is left when the shutdown is reached."""
    coolant_shutdown_c: float | None = Field(None, ge=25, le=90)
    """Coolant supply above which it shuts down; no limit if left out."""
    coolant_restart_k: float = Field(10.0, ge=0, le=60)
    """How far the coolant must be below that limit before the group may start again."""
    boot_min: float = Field(5.0, ge=0, le=600)
    """Time from then until the servers work."""

    derived: ClassVar[dict[str, int]] = {"slow_from_c": 0, "coolant_limit_c": 0, "coolant_restart_c": 0, "boot_h": 0}
    state: ClassVar[Fields] = {"off": "1: shut down", "wait_h": "Boot time that is left"}
    outputs: ClassVar[Fields] = {
        "running_frac": "Share of the step in which the group runs",
        "speed_frac": "Speed that is left to it",
        "lost_frac": "Share of its work that protection takes",
        "stopped": "1: shut down",
    }
    phases: ClassVar[tuple[Phase, ...]] = (Phase("switch", protect, ("air", "liquid")),)

    @model_validator(mode="after")
    def _limits_follow_each_other(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[SpecFault]:
        if self.restart_c >= self.shutdown_c:
            yield SpecFault(("restart_c",), f"must be below shutdown_c ({self.shutdown_c:g}), got {self.restart_c:g}")
        if self.slow_c is not None and self.slow_c >= self.shutdown_c:
            yield SpecFault(("slow_c",), f"must be below shutdown_c ({self.shutdown_c:g}), got {self.slow_c:g}")

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Limits, out of reach where there are none, and the boot time in hours."""
        coolant_c = NEVER_C if self.coolant_shutdown_c is None else self.coolant_shutdown_c
        return {
            "slow_from_c": NEVER_C if self.slow_c is None else self.slow_c,
            "coolant_limit_c": coolant_c,
            "coolant_restart_c": coolant_c - self.coolant_restart_k,
            "boot_h": self.boot_min / MINUTES_PER_HOUR,
        }


class DeviceProtection(Protection):
    """The same of a group that classes of work run on: slowing down is a limit on the power of its devices."""

    outputs: ClassVar[Fields] = {
        **Protection.outputs, "limit_frac": "Limit over the device's highest", "active": "1: it limits",
    }  # fmt: skip
    phases: ClassVar[tuple[Phase, ...]] = (*Protection.phases, Phase("cap", slow_devices, ("limits",)))
