"""When work that may wait runs: by a plan, while power is cheap or clean, or while the site's import leaves room.

A policy holds work back in the queue of its class. Work that would be late at the end of the step is never held back,
so a policy alone never misses a deadline; where more falls due at once than the devices can do, some of it is late.
Only a plan that was made with a price of delay may keep it waiting. A pause that a policy orders costs ``restart_h`` of
the class like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Component, Course, Fields, Phase, Surroundings
from twin.series.axis import TimeAxis
from twin.series.series_file import SeriesFile
from twin.units import W_PER_KW

AS_FAST_AS_IT_CAN_PER_H = 1e18  # above any rate of work: a plan that holds nothing back


@compilable
def release(y, work, wanted_count):  # type: ignore[no-untyped-def]
    """Let so much of what waits run, and at least what would be late after this step; the rest is held back."""
    hold_beyond(y, work, max(wanted_count, work.due_count))


@compilable
def hold_beyond(y, work, wanted_count):  # type: ignore[no-untyped-def]
    """Let so much of what waits run; the rest is held back, late or not."""
    count = min(wanted_count, work.left_count)
    work.held_count = work.left_count - count
    work.left_count = count
    y.held_count = work.held_count


@compilable
def hold_to_plan(p, u, w, s, x, y, work, dt_h):  # type: ignore[no-untyped-def]
    """What the plan states up to the end of this step, less what has been done."""
    wanted_count = u.planned_per_h * dt_h + s.behind_count
    hold_beyond(y, work, max(wanted_count, 0.0 if p.late > 0.5 else work.due_count))


@compilable
def tally_plan(p, u, w, s, x, y, work, dt_h):  # type: ignore[no-untyped-def]
    """Carry what could not be done on, and what was due before its plan; what is not there is not owed."""
    there = work.served_count + work.left_count + work.held_count
    y.behind_count = min(u.planned_per_h * dt_h + s.behind_count, there) - work.served_count
    x.behind_count = y.behind_count


@compilable
def hold_to_window(p, u, w, s, x, y, work, dt_h):  # type: ignore[no-untyped-def]
    """All of it while the signal is low enough, none while it is not."""
    y.allowed = 1.0 if u.allowed_frac > 0.5 else 0.0
    release(y, work, work.left_count if u.allowed_frac > 0.5 else 0.0)


@compilable
def fill_valley(p, u, w, s, x, y, work, site, dt_h):  # type: ignore[no-untyped-def]
    """As fast as in the last step, and faster or slower by what the import then was below or above the target."""
    room_kw = p.share_frac * (p.import_kw - site.import_kw)
    release(y, work, max(s.rate_per_h + room_kw / p.kw_per_rate, 0.0) * dt_h)


@compilable
def follow_surplus(p, u, w, s, x, y, work, site, dt_h):  # type: ignore[no-untyped-def]
    """As fast as in the last step, and faster by what the site then had left over, or slower by what it imported."""
    release(y, work, max(s.rate_per_h - p.share_frac * site.net_kw / p.kw_per_rate, 0.0) * dt_h)


@compilable
def tally_rate(p, u, w, s, x, y, work, dt_h):  # type: ignore[no-untyped-def]
    """How fast it went."""
    x.rate_per_h = work.served_count / dt_h


class ShiftPolicy(Component):
    """What all policies tell."""

    outputs: ClassVar[Fields] = {"held_count": "Work held back in the step"}


class PlannedShift(ShiftPolicy):
    """Work served as planned; what the plan is behind with is made up as soon as devices are free."""

    kind: Literal["planned"] = "planned"
    """Kind of policy."""
    plan: SeriesFile | None = None
    """File and column of the work to be served in an hour; left out: as fast as it can, unless a run gives a plan."""
    late: Literal["avoid", "as_planned"] = "avoid"
    """Whether work that would be late runs before its plan; as planned where delay has a price (`late_per_kwh_h`)."""

    inputs: ClassVar[Fields] = {"planned_per_h": "Work that the plan serves"}
    state: ClassVar[Fields] = {"behind_count": "Work that the plan has served and the site has not"}
    begins: ClassVar[tuple[str, ...]] = ("behind_count",)
    outputs: ClassVar[Fields] = {**ShiftPolicy.outputs, "behind_count": "Work that is behind the plan"}
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("hold", hold_to_plan, ("work",)),
        Phase("tally", tally_plan, ("work",)),
    )

    def courses(self, weather: Mapping[str, NDArray[np.float64]], axis: TimeAxis) -> Mapping[str, Course]:
        """The plan's file, or none."""
        return {"planned_per_h": AS_FAST_AS_IT_CAN_PER_H if self.plan is None else self.plan}


class WindowShift(ShiftPolicy):
    """Work runs while a signal that is known ahead is among the lowest of the hours to come."""

    quantile_frac: float = Field(gt=0, le=1)
    """It runs while the signal is not above this quantile of the window ahead."""
    window_h: float = Field(24.0, gt=0, le=744)
    """How far ahead the window looks; at the end of the run it looks at the run's last hours."""

    inputs: ClassVar[Fields] = {"allowed_frac": "1: the signal is low enough"}
    outputs: ClassVar[Fields] = {**ShiftPolicy.outputs, "allowed": "1: work that may wait may run"}
    phases: ClassVar[tuple[Phase, ...]] = (Phase("hold", hold_to_window, ("work",)),)


class PriceShift(WindowShift):
    """Work runs in the cheapest hours of those ahead."""

    kind: Literal["price"] = "price"
    """Kind of policy."""


class CarbonShift(WindowShift):
    """Work runs in the hours of those ahead in which the grid emits least."""

    kind: Literal["carbon"] = "carbon"
    """Kind of policy."""


class ValleyShift(ShiftPolicy):
    """Valley filling: work runs as fast as it fits under a target of the site's import, by the import last seen."""

    kind: Literal["valley"] = "valley"
    """Kind of policy."""
    import_kw: float = Field(gt=0, le=1e7)
    """Import that work is to fill up to."""
    share_frac: float = Field(0.7, gt=0, le=1)
    """Share of the room that this class takes in a step; with several classes the shares should add up to 1 at most."""

    derived: ClassVar[Mapping[str, int]] = {"kw_per_rate": 0}
    state: ClassVar[Fields] = {"rate_per_h": "Work done in the last step, per hour"}
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("hold", fill_valley, ("work", "site")),
        Phase("tally", tally_rate, ("work",)),
    )

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Power of devices and hosts for a unit of work per hour, on the class's first rack group."""
        return {"kw_per_rate": _kw_per_rate(around)}


class SurplusShift(ShiftPolicy):
    """Follow on-site generation: work runs as fast as what is left of it carries, as last seen."""

    kind: Literal["follow_pv"] = "follow_pv"
    """Kind of policy."""
    share_frac: float = Field(0.7, gt=0, le=1)
    """Share of the surplus that this class takes in a step; with several classes they should add up to 1 at most."""

    derived: ClassVar[Mapping[str, int]] = {"kw_per_rate": 0}
    state: ClassVar[Fields] = {"rate_per_h": "Work done in the last step, per hour"}
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("hold", follow_surplus, ("work", "site")),
        Phase("tally", tally_rate, ("work",)),
    )

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Power of devices and hosts for a unit of work per hour, on the class's first rack group."""
        return {"kw_per_rate": _kw_per_rate(around)}


def _kw_per_rate(around: Surroundings) -> float:
    response = around.work.response(around.group)
    return float(around.group.serving_w(response) / W_PER_KW / response.speed_per_device_h[-1])


Shift = Annotated[PlannedShift | PriceShift | CarbonShift | ValleyShift | SurplusShift, Field(discriminator="kind")]


def allowed_frac(values: NDArray[np.float64], policy: WindowShift, dt_h: float) -> NDArray[np.float64]:
    """1 in the steps whose value is not above the quantile of the window that begins with them, shape (time,)."""
    length = min(max(round(policy.window_h / dt_h), 1), values.size)
    windows = np.lib.stride_tricks.sliding_window_view(values, length)
    rank = min(int(np.ceil(policy.quantile_frac * length)), length) - 1
    low = np.concatenate([np.partition(part, rank, axis=1)[:, rank] for part in _parts(windows)])
    threshold = np.concatenate([low, np.full(length - 1, low[-1])])
    return np.asarray(values <= threshold, dtype=float)


def _parts(windows: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """A few thousand windows at a time: a year of short steps would not fit memory at once."""
    return [windows[at : at + 4096] for at in range(0, len(windows), 4096)]
