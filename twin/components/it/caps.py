"""Power caps of rack groups and classes of work: static, by the hour, price or carbon, event, facility power,
inlet temperature. Several may stand side by side: the lowest limit holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Component, Fields, Phase
from twin.components.profiles import Moment, Profile
from twin.errors import SpecFault, refuse
from twin.quantities import Spec

LEAST_FRAC = 0.05  # no device can be limited further: the lowest measured limits are a quarter to a half of the highest
LimitShare = Annotated[float, Field(ge=LEAST_FRAC, le=1)]


@compilable
def hold(y, limits, limit_frac):  # type: ignore[no-untyped-def]
    """Take part in the lowest limit."""
    y.limit_frac = limit_frac
    y.active = 1.0 if limit_frac < 1.0 else 0.0
    limits.limit_frac = min(limits.limit_frac, limit_frac)


@compilable
def static_cap(p, u, w, s, x, y, limits, dt_h):  # type: ignore[no-untyped-def]
    """The same limit at all times."""
    hold(y, limits, p.limit_frac)


@compilable
def hourly_cap(p, u, w, s, x, y, limits, dt_h):  # type: ignore[no-untyped-def]
    """The limit that the profile states for this step."""
    hold(y, limits, min(max(u.limit_frac, LEAST_FRAC), 1.0))


@compilable
def price_cap(p, u, w, s, x, y, limits, dt_h):  # type: ignore[no-untyped-def]
    """The limit while energy costs more than the threshold."""
    hold(y, limits, p.limit_frac if u.price_per_kwh > p.above_per_kwh else 1.0)


@compilable
def carbon_cap(p, u, w, s, x, y, limits, dt_h):  # type: ignore[no-untyped-def]
    """The limit while the grid emits more than the threshold."""
    hold(y, limits, p.limit_frac if u.carbon_kgco2_per_kwh > p.above_kgco2_per_kwh else 1.0)


@compilable
def inlet_cap(p, u, w, s, x, y, limits, air, dt_h):  # type: ignore[no-untyped-def]
    """Throttling with the hall's inlet air of the last step: none at the start, the limit at the end of the span."""
    span = (air.inlet_c - p.start_c) / p.span_k
    hold(y, limits, 1.0 - (1.0 - p.limit_frac) * min(max(span, 0.0), 1.0))


@compilable
def allow(y, limits, allowed_kw):  # type: ignore[no-untyped-def]
    """Take part in the lowest power that the group may draw."""
    y.limit_frac = 1.0
    y.active = 1.0 if allowed_kw < limits.power_kw else 0.0
    limits.allowed_kw = min(limits.allowed_kw, max(allowed_kw, 0.0))


@compilable
def facility_cap(p, u, w, s, x, y, limits, site, dt_h):  # type: ignore[no-untyped-def]
    """What cooling, losses and other loads leave of the import, as they were in the last step."""
    y.over_kw = max(site.import_kw - p.import_kw, 0.0)
    allow(y, limits, limits.power_kw + p.share_frac * (p.import_kw - site.import_kw))


@compilable
def event_cap(p, u, w, s, x, y, limits, site, dt_h):  # type: ignore[no-untyped-def]
    """During an event the import must fall by its depth below what it was before.

    A run that begins in an event has no step before: its first step is the baseline.
    """
    y.called = 1.0 if u.depth_frac > 0.0 and (s.called > 0.5 or site.import_kw > 0.0) else 0.0
    y.baseline_kw = s.baseline_kw if y.called > 0.5 and s.called > 0.5 else site.import_kw
    x.baseline_kw, x.called = y.baseline_kw, y.called
    y.over_kw = 0.0
    y.limit_frac, y.active = 1.0, 0.0
    if y.called > 0.5:
        import_kw = y.baseline_kw * (1.0 - u.depth_frac)
        y.over_kw = max(site.import_kw - import_kw, 0.0)
        allow(y, limits, limits.power_kw + p.share_frac * (import_kw - site.import_kw))
        y.active = 1.0


class Cap(Component):
    """What all caps tell."""

    outputs: ClassVar[Fields] = {"limit_frac": "Limit over the device's highest", "active": "1: it limits"}


class StaticCap(Cap):
    """The same limit at all times."""

    kind: Literal["static"] = "static"
    """Kind of cap."""
    limit_frac: LimitShare
    """Power limit of each device over the device's highest."""

    phases: ClassVar[tuple[Phase, ...]] = (Phase("cap", static_cap, ("limits",)),)


class HourlyCap(Cap):
    """A limit that follows the clock or a file."""

    kind: Literal["hourly"] = "hourly"
    """Kind of cap."""
    limit: Profile
    """Power limit of each device over the device's highest, over time."""

    inputs: ClassVar[Fields] = {"limit_frac": "Limit over the device's highest"}
    phases: ClassVar[tuple[Phase, ...]] = (Phase("cap", hourly_cap, ("limits",)),)


class PriceCap(Cap):
    """A limit while energy is dear."""

    kind: Literal["price"] = "price"
    """Kind of cap."""
    above_per_kwh: float = Field(ge=-100, le=100)
    """It limits while one more kWh costs more than this, in the tariff's currency."""
    limit_frac: LimitShare
    """Power limit of each device over the device's highest."""

    inputs: ClassVar[Fields] = {"price_per_kwh": "Price of one more kWh"}
    phases: ClassVar[tuple[Phase, ...]] = (Phase("cap", price_cap, ("limits",)),)


class CarbonCap(Cap):
    """A limit while the grid emits much."""

    kind: Literal["carbon"] = "carbon"
    """Kind of cap."""
    above_kgco2_per_kwh: float = Field(ge=0, le=5)
    """It limits while the grid's factor is above this."""
    limit_frac: LimitShare
    """Power limit of each device over the device's highest."""

    inputs: ClassVar[Fields] = {"carbon_kgco2_per_kwh": "Emission factor of the grid"}
    phases: ClassVar[tuple[Phase, ...]] = (Phase("cap", carbon_cap, ("limits",)),)


class InletCap(Cap):
    """Thermal protection: the limit falls as the hall's inlet air warms."""

    kind: Literal["inlet"] = "inlet"
    """Kind of cap."""
    start_c: float = Field(ge=15, le=60)
    """Inlet air at which throttling begins."""
    span_k: float = Field(5.0, ge=0.1, le=30)
    """Further warming until the limit is reached."""
    limit_frac: LimitShare
    """Power limit of each device over the device's highest, at the end of the span."""

    phases: ClassVar[tuple[Phase, ...]] = (Phase("cap", inlet_cap, ("limits", "air")),)


class PowerCap(Cap):
    """What caps on the site's import share."""

    share_frac: float = Field(1.0, gt=0, le=1)
    """Share of the site's excess that this group takes away; the shares of all groups should add up to 1."""

    outputs: ClassVar[Fields] = {**Cap.outputs, "over_kw": "Import of the last step above what is allowed"}


class FacilityCap(PowerCap):
    """Grid import kept below a power: the group takes what cooling and losses leave."""

    kind: Literal["facility"] = "facility"
    """Kind of cap."""
    import_kw: float = Field(gt=0, le=1e7)
    """Highest import."""

    phases: ClassVar[tuple[Phase, ...]] = (Phase("cap", facility_cap, ("limits", "site")),)


class GridEvent(Spec):
    """A request of the grid to draw less."""

    at: Moment
    """Start in civil local time, such as 2025-05-03 16:15."""
    duration_h: float = Field(gt=0, le=240)
    """How long it lasts."""
    depth_frac: float = Field(gt=0, lt=1)
    """Share of the import before the event by which it must fall."""
    notice_h: float = Field(0.0, ge=0, le=72)
    """How long before its start it is announced."""


class EventCap(PowerCap):
    """Requests of the grid: import falls by a share of what it was."""

    kind: Literal["grid_event"] = "grid_event"
    """Kind of cap."""
    events: tuple[GridEvent, ...] = Field(min_length=1, max_length=1000)
    """The requests; they must not overlap."""
    ramp_min: float = Field(0.0, ge=0, le=240)
    """Time that the group takes to come down; it begins as early as the notice allows, so that it ends at the start."""

    inputs: ClassVar[Fields] = {"depth_frac": "Share of the import that is to be shed"}
    state: ClassVar[Fields] = {"baseline_kw": "Import before the event", "called": "1: an event has begun"}
    outputs: ClassVar[Fields] = {
        **PowerCap.outputs,
        "baseline_kw": "Import that an event is measured from",
        "called": "1: during an event",
    }
    phases: ClassVar[tuple[Phase, ...]] = (Phase("cap", event_cap, ("limits", "site")),)

    @model_validator(mode="after")
    def _one_at_a_time(self) -> Self:
        refuse(self._overlaps())
        return self

    def _overlaps(self) -> Iterator[SpecFault]:
        begins = sorted((datetime.fromisoformat(event.at), i) for i, event in enumerate(self.events))
        for (first, i), (then, k) in pairwise(begins):
            ends = first + timedelta(hours=self.events[i].duration_h)
            if then < ends:
                message = (
                    f"'{self.events[k].at}' lies in the event from '{self.events[i].at}' to '{ends:%Y-%m-%d %H:%M}'"
                )
                yield SpecFault(("events", k, "at"), f"{message}; events must not overlap")


GroupCap = Annotated[
    StaticCap | HourlyCap | PriceCap | CarbonCap | InletCap | FacilityCap | EventCap, Field(discriminator="kind")
]
ClassCap = Annotated[StaticCap | HourlyCap | PriceCap | CarbonCap, Field(discriminator="kind")]
