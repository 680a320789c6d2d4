"""UPS batteries that serve the grid as well: they carry part of the load when called, down to a stated ride-through.

The device's own loss stays that of its whole load; what the battery carries is not drawn from the device's feed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Fields, Ledger, Phase, Store, Surroundings
from twin.components.grid.orders import SupportRule
from twin.components.power.battery import LithiumBattery, lithium_takes_over
from twin.physics.batteries import (
    ROUND_TRIP_FRAC,
    battery_loss_kw,
    charge_limit_kw,
    discharge_limit_kw,
    lithium_ride_through_h,
    one_way_efficiency_frac,
)
from twin.units import MINUTES_PER_HOUR


@compilable
def release_and_float(p, u, w, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """Monitoring, and the heat of the last step, which reaches its room now: it is known only after its device."""
    y.float_kw = p.float_draw_kw * (1.0 - bus.unfed_frac)
    y.released_kw = s.heat_kw


@compilable
def support_load(p, u, w, s, x, y, bus, orders, dt_h):  # type: ignore[no-untyped-def]
    """Carry the ordered share of the device's load while the reserve is left; recharge when nothing is ordered."""
    soc_frac = s.stored_kwh / p.available_kwh
    up, down = p.charge_efficiency_frac, p.discharge_efficiency_frac
    reserve_kwh = bus.load_kw * p.reserve_min / MINUTES_PER_HOUR / down
    floor_frac = p.least_soc_frac + reserve_kwh / p.available_kwh
    left_kw = discharge_limit_kw(soc_frac, floor_frac, p.available_kwh, p.limit_kw / p.available_kwh, down, dt_h)
    room_kw = charge_limit_kw(soc_frac, p.float_soc_frac, p.available_kwh, p.charge_rate_per_h, up, dt_h)
    ordered_kw = bus.load_kw * min(max(-orders.share_frac, 0.0), 1.0)
    y.support_kw = max(min(ordered_kw, left_kw), bus.load_kw * bus.carried_frac)
    y.charge_kw = room_kw if ordered_kw <= 0.0 and bus.unfed_frac <= 0.0 else 0.0
    y.short_kw = max(ordered_kw - y.support_kw, 0.0)
    y.loss_kw = battery_loss_kw(y.charge_kw, y.support_kw, up, down)
    y.net_kw = y.float_kw + y.charge_kw - y.support_kw
    x.stored_kwh = s.stored_kwh + (up * y.charge_kw - y.support_kw / down) * dt_h
    x.heat_kw = y.float_kw + y.loss_kw
    y.soc_frac = x.stored_kwh / p.available_kwh


@compilable
def charge_left(p, u, w, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """Ride-through from the charge at the end of the step; none beyond the power that the cells give."""
    down = p.discharge_efficiency_frac
    hours = lithium_ride_through_h(bus.load_kw, y.soc_frac, p.least_soc_frac, p.available_kwh, down)
    y.ride_through_min = hours * MINUTES_PER_HOUR if bus.load_kw <= p.limit_kw * down else 0.0


class SharedLithiumBattery(LithiumBattery):
    """Lithium battery of a UPS that a rule may discharge into the load; what it gives is not drawn from the feed."""

    kind: Literal["lithium_shared"] = "lithium_shared"  # type: ignore[assignment]
    """Kind of battery."""
    charge_efficiency_frac: float = Field(round(one_way_efficiency_frac(ROUND_TRIP_FRAC), 4), ge=0.5, le=1)
    """Energy stored over energy drawn from the device's feed: the root of a round trip of 0.9."""
    charge_rate_per_h: float = Field(0.2, gt=0, le=10)
    """Charging power over energy at the stated age."""
    reserve_min: float = Field(ge=0, le=240)
    """Ride-through at the load of the moment that discharges leave."""
    control: SupportRule
    """Rule that discharges it; it recharges whenever the rule does not."""

    derived: ClassVar[Mapping[str, int]] = LithiumBattery.derived
    state: ClassVar[Fields] = {"stored_kwh": "Energy stored", "heat_kw": "Heat that reaches its room one step later"}
    outputs: ClassVar[Fields] = {
        **LithiumBattery.outputs,
        "support_kw": "Load that it carries",
        "charge_kw": "Charging power",
        "short_kw": "Support that was ordered and could not be given",
        "loss_kw": "Losses of charging and discharging",
        "net_kw": "Power drawn for monitoring and charging, less what it carries",
        "released_kw": "Heat of the last step",
        "soc_frac": "State of charge at the end of the step",
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("take_over", lithium_takes_over, ("bus",)),
        Phase("demand", release_and_float, ("bus",)),
        Phase("support", support_load, ("bus", "orders")),
        Phase("reserve", charge_left, ("bus",)),
    )
    ledger: ClassVar[Ledger] = Ledger(electric=("float_kw", "loss_kw"))
    stores: ClassVar[tuple[Store, ...]] = (Store("stored_kwh", "electric"),)
    begins: ClassVar[tuple[str, ...]] = ("stored_kwh",)
    draws: ClassVar[str | None] = "net_kw"
    loses: ClassVar[str | None] = "released_kw"

    def initial(self, around: Surroundings) -> dict[str, float]:
        """Full, as it is held."""
        return {"stored_kwh": self.float_soc_frac * self.energy_kwh * self.capacity_frac}
