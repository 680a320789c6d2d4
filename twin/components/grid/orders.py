"""Rules that command batteries and generators: by a schedule, by the price, in events, by the load of the site.

A rule writes what it wants; the battery or generator does of it what it can.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Component, Fields, Phase
from twin.components.profiles import NEVER, Outage, Profile
from twin.errors import SpecFault
from twin.units import MINUTES_PER_HOUR

LONG_AGO_H = 1e3  # no rule looks further back
Threshold = Annotated[float, Field(ge=-1e6, le=1e6)]


@compilable
def by_schedule(p, u, w, s, x, y, orders, dt_h):  # type: ignore[no-untyped-def]
    """Charge less discharge, so that never both happen."""
    y.ordered_frac = min(max(u.charge_frac - u.discharge_frac, -1.0), 1.0)
    orders.share_frac = y.ordered_frac


@compilable
def by_price(p, u, w, s, x, y, orders, dt_h):  # type: ignore[no-untyped-def]
    """Charge while energy is cheap, discharge while it is dear."""
    dear = -1.0 if u.price_per_kwh > p.discharge_above_per_kwh else 0.0
    y.ordered_frac = 1.0 if u.price_per_kwh < p.charge_below_per_kwh else dear
    orders.share_frac = y.ordered_frac


@compilable
def in_events(p, u, w, s, x, y, orders, dt_h):  # type: ignore[no-untyped-def]
    """Discharge, or run, during the events."""
    y.called_frac = p.depth_frac * u.called_frac
    orders.share_frac = -y.called_frac
    orders.call_frac = y.called_frac


@compilable
def below_a_peak(p, u, w, s, x, y, orders, site, dt_h):  # type: ignore[no-untyped-def]
    """Discharge what this step's import would have above the limit; charge in the room below."""
    net_kw = site.load_kw + site.charge_kw - site.supply_kw
    charge_kw = max(p.recharge_kw - net_kw, 0.0)
    y.ordered_kw = p.import_kw - net_kw if net_kw > p.import_kw else charge_kw
    orders.wish_kw = y.ordered_kw


@compilable
def own_use(p, u, w, s, x, y, orders, site, dt_h):  # type: ignore[no-untyped-def]
    """Charge the surplus of on-site generation, and discharge into what it leaves to the grid."""
    y.ordered_kw = site.supply_kw - site.load_kw - site.charge_kw
    orders.wish_kw = y.ordered_kw


@compilable
def run_by_schedule(p, u, w, s, x, y, orders, dt_h):  # type: ignore[no-untyped-def]
    """Sets run as the profile says."""
    y.called_frac = min(u.running_frac, 1.0)
    orders.call_frac = y.called_frac


@compilable
def run_by_price(p, u, w, s, x, y, orders, dt_h):  # type: ignore[no-untyped-def]
    """All sets run while energy is dear."""
    y.called_frac = 1.0 if u.price_per_kwh > p.above_per_kwh else 0.0
    orders.call_frac = y.called_frac


@compilable
def run_without_utility(p, u, w, s, x, y, orders, site, dt_h):  # type: ignore[no-untyped-def]
    """All sets are called when the utility is lost, and stay until it has been back for the stated time."""
    x.back_h = 0.0 if site.lost_frac > 0.0 else min(s.back_h + dt_h, LONG_AGO_H)
    y.called_frac = 1.0 if site.lost_frac > 0.0 or s.back_h < p.hold_h else 0.0
    orders.call_frac = y.called_frac


@compilable
def run_by_charge(p, u, w, s, x, y, orders, site, dt_h):  # type: ignore[no-untyped-def]
    """Without the utility all sets run from one state of charge down, until another is reached."""
    held_frac = site.held_kwh / site.room_kwh if site.room_kwh > 0.0 else 0.0
    kept = s.called if held_frac < p.stop_above_frac else 0.0
    y.called_frac = (1.0 if held_frac < p.start_below_frac else kept) if site.lost_frac > 0.0 else 0.0
    x.called = y.called_frac
    orders.call_frac = y.called_frac


class ScheduleRule(Component):
    """Charge and discharge after profiles or columns of a file, such as a plan."""

    kind: Literal["schedule"] = "schedule"
    """Kind of rule."""
    charge: Profile = NEVER
    """Charging power over rated power."""
    discharge: Profile = NEVER
    """Discharging power over rated power (of a UPS: over its load); taken off the charging where both are stated."""

    inputs: ClassVar[Fields] = {"charge_frac": "Charging over rated power", "discharge_frac": "Discharging over rated"}
    outputs: ClassVar[Fields] = {"ordered_frac": "Order over rated power: charge above zero, discharge below"}
    phases: ClassVar[tuple[Phase, ...]] = (Phase("order", by_schedule, ("orders",)),)


class PriceRule(Component):
    """Charge below one price of energy, discharge above another."""

    kind: Literal["price"] = "price"
    """Kind of rule."""
    charge_below_per_kwh: Threshold
    """It charges while one more kWh costs less than this, in the tariff's currency."""
    discharge_above_per_kwh: Threshold
    """It discharges while one more kWh costs more than this."""

    inputs: ClassVar[Fields] = {"price_per_kwh": "Price of one more kWh"}
    outputs: ClassVar[Fields] = {"ordered_frac": "Order over rated power: charge above zero, discharge below"}
    phases: ClassVar[tuple[Phase, ...]] = (Phase("order", by_price, ("orders",)),)

    @model_validator(mode="after")
    def _buys_low(self) -> Self:
        if self.charge_below_per_kwh > self.discharge_above_per_kwh:
            bound = f"must not be below charge_below_per_kwh ({self.charge_below_per_kwh:g})"
            raise SpecFault(("discharge_above_per_kwh",), f"{bound}, got {self.discharge_above_per_kwh:g}")
        return self


class EventRule(Component):
    """Discharge, or run, during stated time spans, such as calls of a demand-response programme."""

    kind: Literal["event"] = "event"
    """Kind of rule."""
    events: tuple[Outage, ...] = Field(min_length=1, max_length=1000)
    """The time spans, in civil local time."""
    depth_frac: float = Field(1.0, gt=0, le=1)
    """Share of the rated power, of a UPS of its load, or of a generator's sets."""

    inputs: ClassVar[Fields] = {"called_frac": "Share of the step that lies in an event"}
    outputs: ClassVar[Fields] = {"called_frac": "Share that is called"}
    phases: ClassVar[tuple[Phase, ...]] = (Phase("order", in_events, ("orders",)),)


class PeakRule(Component):
    """Keep the import below a power (peak shaving), and recharge in the room below it."""

    kind: Literal["peak"] = "peak"
    """Kind of rule."""
    import_kw: float = Field(gt=0, le=1e7)
    """Import above which it discharges, in the step in which it occurs."""
    recharge_import_kw: float | None = Field(None, ge=0, le=1e7)
    """Import up to which it recharges; as import_kw if left out."""

    derived: ClassVar[dict[str, int]] = {"recharge_kw": 0}
    outputs: ClassVar[Fields] = {"ordered_kw": "Order: charge above zero, discharge below"}
    phases: ClassVar[tuple[Phase, ...]] = (Phase("watch", below_a_peak, ("orders", "site")),)

    @model_validator(mode="after")
    def _recharges_below_the_peak(self) -> Self:
        if self.recharge_import_kw is not None and self.recharge_import_kw > self.import_kw:
            bound = f"must not exceed import_kw ({self.import_kw:g})"
            raise SpecFault(("recharge_import_kw",), f"{bound}, got {self.recharge_import_kw:g}")
        return self

    def derive(self, around: object) -> dict[str, float]:
        """Import up to which it recharges."""
        return {"recharge_kw": self.import_kw if self.recharge_import_kw is None else self.recharge_import_kw}


class SelfConsumptionRule(Component):
    """Keep a surplus of on-site generation for the hours that have none."""

    kind: Literal["self_consumption"] = "self_consumption"
    """Kind of rule."""

    outputs: ClassVar[Fields] = {"ordered_kw": "Order: charge above zero, discharge below"}
    phases: ClassVar[tuple[Phase, ...]] = (Phase("watch", own_use, ("orders", "site")),)


class RunSchedule(Component):
    """Sets run after a profile or a column of a file."""

    kind: Literal["schedule"] = "schedule"
    """Kind of rule."""
    running: Profile
    """Share of the sets that is called."""

    inputs: ClassVar[Fields] = {"running_frac": "Share of the sets that is called"}
    outputs: ClassVar[Fields] = {"called_frac": "Share that is called"}
    phases: ClassVar[tuple[Phase, ...]] = (Phase("order", run_by_schedule, ("orders",)),)


class RunPrice(Component):
    """Sets run while energy is dear."""

    kind: Literal["price"] = "price"
    """Kind of rule."""
    above_per_kwh: Threshold
    """They run while one more kWh costs more than this, in the tariff's currency."""

    inputs: ClassVar[Fields] = {"price_per_kwh": "Price of one more kWh"}
    outputs: ClassVar[Fields] = {"called_frac": "Share that is called"}
    phases: ClassVar[tuple[Phase, ...]] = (Phase("order", run_by_price, ("orders",)),)


class BackupRule(Component):
    """Standby: sets start when the utility is lost, and run on until it has been back for some time."""

    kind: Literal["backup"] = "backup"
    """Kind of rule."""
    hold_min: float = Field(5.0, ge=0, le=240)
    """Time that the utility must be back before the load returns to it (NFPA 110: minutes, adjustable)."""

    derived: ClassVar[dict[str, int]] = {"hold_h": 0}
    state: ClassVar[Fields] = {"back_h": "Time since the utility is back"}
    outputs: ClassVar[Fields] = {"called_frac": "Share that is called"}
    phases: ClassVar[tuple[Phase, ...]] = (Phase("order", run_without_utility, ("orders", "site")),)
    begins: ClassVar[tuple[str, ...]] = ("back_h",)

    def derive(self, around: object) -> dict[str, float]:
        """That time in hours."""
        return {"hold_h": self.hold_min / MINUTES_PER_HOUR}

    def initial(self, around: object) -> dict[str, float]:
        """The utility has been there for long."""
        return {"back_h": LONG_AGO_H}


class ChargeRule(Component):
    """Sets of an island: they start when the batteries that form its grid run low, and rest once these are charged.

    Sets carry the load and do not charge batteries: what charges them is the surplus of photovoltaics.
    """

    kind: Literal["charge"] = "charge"
    """Kind of rule."""
    start_below_frac: float = Field(0.3, ge=0, le=1)
    """State of charge of all batteries that form a grid, together, below which sets are called; no utility only."""
    stop_above_frac: float = Field(0.6, ge=0, le=1)
    """State of charge from which on they rest."""

    state: ClassVar[Fields] = {"called": "1: called in the last step"}
    outputs: ClassVar[Fields] = {"called_frac": "Share that is called"}
    phases: ClassVar[tuple[Phase, ...]] = (Phase("order", run_by_charge, ("orders", "site")),)
    begins: ClassVar[tuple[str, ...]] = ("called",)

    @model_validator(mode="after")
    def _rests_above_the_start(self) -> Self:
        if self.stop_above_frac <= self.start_below_frac:
            bound = f"must be above start_below_frac ({self.start_below_frac:g})"
            raise SpecFault(("stop_above_frac",), f"{bound}, got {self.stop_above_frac:g}")
        return self


StorageRule = Annotated[
    ScheduleRule | PriceRule | EventRule | PeakRule | SelfConsumptionRule, Field(discriminator="kind")
]
SupportRule = Annotated[ScheduleRule | PriceRule | EventRule, Field(discriminator="kind")]
RunRule = Annotated[RunSchedule | RunPrice | EventRule | BackupRule | ChargeRule, Field(discriminator="kind")]
