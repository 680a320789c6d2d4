"""What power devices share: they draw what their bus needs plus their loss, and the loss heats a stated place."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Literal

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase, Store, Surroundings
from twin.components.profiles import ALWAYS, Availability
from twin.physics.losses import three_coefficient_loss_frac

MOSTLY = 0.5  # share served above which the load tells what would be drawn
Redundancy = Literal["N", "N+1", "2N"]


def installed_count(needed: int, redundancy: Redundancy) -> int:
    """Units installed, redundant ones included; all of them share the load, and each has its no-load loss.

    >>> [installed_count(3, redundancy) for redundancy in ("N", "N+1", "2N")]
    [3, 4, 6]
    """
    return {"N": needed, "N+1": needed + 1, "2N": 2 * needed}[redundancy]


@compilable
def release_loss(p, u, w, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """Heat of the last step's loss, where it could not reach its room in that step; at its rate if steps change."""
    same = s.step_h == dt_h or s.step_h <= 0.0
    y.released_kw = s.pending_kwh / (dt_h if same else s.step_h)


@compilable
def pass_power_on(p, u, w, s, x, y, bus, feeder, dt_h):  # type: ignore[no-untyped-def]
    """Share of the load that this device can serve: what its feeder gives, within the units in service.

    Units that are too few pass no more than their rating; a UPS leads the rest past them, by its static bypass.
    What they can pass is held against the load of the last step, for what this step's plants and servers draw follows
    from what is served: where load rises, units are overloaded by that rise for one step, and loads are shed in the
    next. With steps of a second that is rise times one second (see ``run.refine``); it is reported as overload.
    """
    able_kw = u.availability_frac * p.rated_total_kw
    short = u.availability_frac < 1.0 and able_kw < s.wanted_kw
    able_frac = able_kw / s.wanted_kw if short else 1.0
    if u.availability_frac <= 0.0:
        able_frac = 0.0
    fed_frac = 1.0 - feeder.off_frac
    served_frac = fed_frac if p.bypass > 0.5 else min(fed_frac, able_frac)
    bus.wanted_kw = s.wanted_kw
    bus.unfed_frac = feeder.off_frac
    bus.gap_frac = max(able_frac - served_frac, 0.0)
    bus.carried_frac = 0.0
    bus.off_frac = 1.0 - served_frac


@compilable
def hold_loss(p, s, x, y, dt_h):  # type: ignore[no-untyped-def]
    """Loss of this step for the next; what steps of another length have left on the way stays there."""
    changed = p.lagged > 0.5 and s.step_h != dt_h and s.step_h > 0.0
    x.way_kwh = s.way_kwh + (s.pending_kwh - y.released_kw * dt_h) if changed else s.way_kwh
    x.pending_kwh = p.lagged * y.loss_kw * dt_h
    x.step_h = dt_h


@compilable
def hold_wanted(s, x, bus):  # type: ignore[no-untyped-def]
    """Load with all of it served, while most of it is."""
    served_frac = 1.0 - bus.off_frac
    x.wanted_kw = bus.load_kw / served_frac if served_frac > MOSTLY else s.wanted_kw


@compilable
def convert(p, u, w, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """Loss after three coefficients of load over rating; input = output + loss."""
    y.output_kw = bus.load_kw
    y.load_frac = bus.load_kw / p.rated_total_kw
    fed_frac = 1.0 - bus.unfed_frac
    y.loss_kw = (
        fed_frac * p.rated_total_kw * three_coefficient_loss_frac(y.load_frac, p.no_load, p.proportional, p.square)
    )
    y.input_kw = y.output_kw + y.loss_kw
    y.overload_frac = max(y.load_frac - 1.0, 0.0)
    hold_loss(p, s, x, y, dt_h)
    hold_wanted(s, x, bus)


class PowerDevice(Component):
    """A device between a bus and what feeds it."""

    fed_by: str = "grid"
    """Power device that feeds this one, or grid."""
    availability: Availability = ALWAYS
    """Share of the units installed that are in service over time."""
    heat_to: str = "outdoors"
    """Where its loss goes as heat: halls.NAME, rooms.NAME or outdoors."""

    inputs: ClassVar[Fields] = {"availability_frac": "Share of the units in service"}
    derived: ClassVar[dict[str, int]] = {
        "rated_total_kw": 0, "no_load": 0, "proportional": 0, "square": 0, "lagged": 0,
        "bypass": 0,
    }  # fmt: skip
    state: ClassVar[Fields] = {
        "pending_kwh": "Loss of this step that heats its room in the next",
        "way_kwh": "Heat that steps of unequal length have left on its way to the room",
        "step_h": "Length of this step",
        "wanted_kw": "Load with all of it served",
    }
    outputs: ClassVar[Fields] = {
        "output_kw": "Power delivered",
        "input_kw": "Power drawn",
        "loss_kw": "Power lost as heat",
        "load_frac": "Output over rating of all modules",
        "overload_frac": "Output above rating, over rating",
        "released_kw": "Heat of the last step's loss",
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("feed", pass_power_on, ("bus", "feeder")),
        Phase("release", release_loss, ("bus",)),
        Phase("convert", convert, ("bus",)),
    )
    ledger: ClassVar[Ledger] = Ledger(electric=("loss_kw",))
    stores: ClassVar[tuple[Store, ...]] = (Store("pending_kwh", "air"), Store("way_kwh", "air"))
    draws: ClassVar[str | None] = "input_kw"
    loses: ClassVar[str | None] = "loss_kw"
    has_bypass: ClassVar[bool] = False  # the feeder's power passes units that are out of service

    @property
    def needed_share_frac(self) -> float:
        """Units that the load needs (N) over units installed."""
        return 1.0

    @abstractmethod
    def rating(self) -> tuple[float, float, float, float]:
        """Rated power of all modules in kW, and the three loss coefficients (per unit of rating)."""

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Rating and coefficients."""
        names = ("rated_total_kw", "no_load", "proportional", "square")
        return dict(zip(names, self.rating(), strict=True)) | {
            "lagged": float(around.lagged), "bypass": float(self.has_bypass),
        }  # fmt: skip
