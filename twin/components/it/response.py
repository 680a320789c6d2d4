"""How work on a processor answers to a power limit: tables of speed, power and latency over the limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twin.components.it.devices import Device, Floats
from twin.physics.capping import capped, capped_steady

LIMIT_POINTS = 41  # twice the most points of a sweep, for two phases feel a limit at different places, and the highest
NO_OBJECTIVE_MS = 1e9


@dataclass(frozen=True)
class Phase:
    """A part of the work that draws ``draw_frac`` of the highest limit and takes ``share`` of the time, unlimited.

    ``steady``: it draws that evenly, so that a limit above it does nothing; else it varies as the measured work does.
    """

    draw_frac: float
    share: float
    steady: bool = False


@dataclass(frozen=True)
class Response:
    """Tables over ``limit_frac`` (rising, up to 1, its last value repeated), each of length LIMIT_POINTS."""

    limit_frac: Floats
    speed_per_device_h: Floats
    device_w: Floats
    itl_ms: Floats
    objective_ms: float = NO_OBJECTIVE_MS
    gang_count: int = 1


def respond(
    device: Device, phases: Sequence[Phase], speed_per_device_h: float, itl_ms: float = 0.0,
    objective_ms: float | None = None, gang_count: int = 1,
) -> Response:  # fmt: skip
    """Response of work made of ``phases`` that does ``speed_per_device_h`` without a limit.

    Exact at the measured limits. Time of a phase grows as its throughput falls; power is the mean over time; the time
    between tokens (of the last phase) grows with that phase's time.
    """
    points = _points(device, phases)
    rows = [_at(device, phases, limit) for limit in points]
    padded = [rows[min(i, len(rows) - 1)] for i in range(LIMIT_POINTS)]
    limits = tuple(points[min(i, len(points) - 1)] for i in range(LIMIT_POINTS))
    return Response(
        limits,
        tuple(speed_per_device_h / time for time, _, _ in padded),
        tuple(power * device.limit_w for _, power, _ in padded),
        tuple(itl_ms * slower for _, _, slower in padded),
        NO_OBJECTIVE_MS if objective_ms is None else objective_ms,
        gang_count,
    )


def constant(speed_per_device_h: float, gang_count: int = 1) -> Response:
    """Response of work on servers, whose limits act on the load that they may take and not on its speed."""
    ones = (1.0,) * LIMIT_POINTS
    nothing = (0.0,) * LIMIT_POINTS
    return Response(ones, (speed_per_device_h,) * LIMIT_POINTS, nothing, nothing, gang_count=gang_count)


def _points(device: Device, phases: Sequence[Phase]) -> list[float]:
    """Limits at which one of the phases meets a measured point, and the highest."""
    points = {1.0}
    for phase in phases:
        scale = phase.draw_frac if phase.steady else phase.draw_frac / device.uncapped_frac
        measured = device.rising_power if phase.steady else device.sweep_limit
        points |= {limit * scale for limit in measured if limit * scale < 1.0}
    return sorted(points)


def _at(device: Device, phases: Sequence[Phase], limit: float) -> tuple[float, float, float]:
    """Time over that without a limit, mean power over the highest limit, and how much slower the last phase is."""
    time = energy = 0.0
    slower = 1.0
    for phase in phases:
        throughput, power = _under(device, phase, limit)
        slower = 1.0 / throughput
        time += phase.share * slower
        energy += phase.share * slower * power
    return time, energy / time, slower


def _under(device: Device, phase: Phase, limit: float) -> tuple[float, float]:
    """Throughput over that without a limit, and power over the highest limit. The highest limit is none."""
    if limit >= 1.0:
        return 1.0, phase.draw_frac
    if phase.steady:
        return capped_steady(limit, phase.draw_frac, device.sweep_throughput, device.rising_power)
    return capped(
        limit, phase.draw_frac, device.uncapped_frac, device.sweep_limit, device.sweep_throughput, device.sweep_power
    )
