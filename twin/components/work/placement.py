"""Where a class of work runs: a rack group's processors, how fast they do it and what they draw at each power limit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Component, Fields, Phase, Surroundings
from twin.components.it.response import LIMIT_POINTS
from twin.physics.interpolation import interpolate_at
from twin.units import W_PER_KW

WHOLE = 1e-9  # a gang is whole although rounding has taken this share of it


@compilable
def place(p, u, w, s, x, y, work, devices, limits, dt_h):  # type: ignore[no-untyped-def]
    """Give what waits the devices' time that is left, at the limit in force, within the power that is left."""
    limit = min(devices.limit_frac, limits.limit_frac)
    count = devices.devices_count
    speed = interpolate_at(p.limit_points, p.speed_per_device_h, limit)
    y.device_w = interpolate_at(p.limit_points, p.device_w, limit)
    above_w = max(y.device_w - devices.idle_w, 0.0)
    cost_kw = above_w * count / W_PER_KW + devices.host_span_kw
    free = max(min(devices.free_frac, p.most_frac), 0.0)
    devices.wanted_frac += min(work.left_count / (speed * max(count, 1.0) * dt_h), free)
    if cost_kw * free > devices.budget_kw:
        free = max(devices.budget_kw, 0.0) / cost_kw
    if p.gang_count > 1.5:
        free = math.floor(free * count / p.gang_count + WHOLE) * p.gang_count / max(count, 1.0)
    able = speed * count * free * dt_h
    served = min(work.left_count, able)
    share = free * served / able if able > 0.0 else 0.0
    work.left_count -= served
    work.served_count += served
    y.itl_ms = interpolate_at(p.limit_points, p.itl_at_ms, limit)
    if y.itl_ms > p.objective_ms:
        work.slow_count += served
    devices.free_frac -= share
    devices.budget_kw -= share * cost_kw
    devices.busy_frac += share
    devices.device_w += share * above_w
    y.share_frac = share
    y.served_per_h = served / dt_h
    y.speed_frac = speed / p.full_speed_per_h
    y.power_kw = share * (cost_kw + devices.idle_w * count / W_PER_KW)
    y.device_kw = share * (above_w + devices.idle_w) * count / W_PER_KW


class Placement(Component):
    """A rack group on which a class of work may run."""

    group: str
    """The rack group: halls.NAME.rack_groups.NAME."""
    most_frac: float = Field(1.0, gt=0, le=1)
    """Largest share of the group's devices that the class may hold."""

    derived: ClassVar[Mapping[str, int]] = {
        "limit_points": LIMIT_POINTS, "speed_per_device_h": LIMIT_POINTS, "device_w": LIMIT_POINTS,
        "itl_at_ms": LIMIT_POINTS, "full_speed_per_h": 0, "objective_ms": 0, "gang_count": 0,
    }  # fmt: skip
    outputs: ClassVar[Fields] = {
        "share_frac": "Share of the devices' time that is used",
        "served_per_h": "Work done",
        "power_kw": "Power of the devices while they do it, and of their hosts above idle",
        "device_kw": "Power of the devices alone while they do it",
        "device_w": "Power of a device that does it",
        "speed_frac": "Speed over that without a limit",
        "itl_ms": "Time between tokens; 0 where it has no meaning",
    }
    phases: ClassVar[tuple[Phase, ...]] = (Phase("place", place, ("work", "devices", "limits")),)

    def derive(self, around: Surroundings) -> dict[str, object]:
        """How the class responds to power limits on this group's processors."""
        response = around.work.response(around.group)
        return {
            "limit_points": response.limit_frac,
            "speed_per_device_h": response.speed_per_device_h,
            "device_w": response.device_w,
            "itl_at_ms": response.itl_ms,
            "full_speed_per_h": response.speed_per_device_h[-1],
            "objective_ms": response.objective_ms,
            "gang_count": float(response.gang_count),
        }
