"""Batteries of UPS and rectifiers: how long they carry the load of the moment, what float costs, how they age.

They are not discharged here: outputs say what would be there if the feed failed in that step.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase, Store, Surroundings
from twin.errors import SpecFault
from twin.physics.batteries import (
    LEAD_FLOAT_KW_PER_KWH,
    LFP_CALENDAR_POWER,
    PEUKERT_EXPONENT,
    ROUND_TRIP_FRAC,
    aged_loss_frac,
    battery_loss_kw,
    lead_capacity_frac,
    lead_float_life_ratio,
    lead_ride_through_h,
    lfp_calendar_rate,
    lithium_ride_through_h,
    one_way_efficiency_frac,
)
from twin.units import DAYS_PER_YEAR, MINUTES_PER_HOUR

LEAST_KWH = 1e-9  # energy below which cells are dead: age and heat have taken all


@compilable
def float_charge(p, u, w, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """Float current and monitoring while there is a feed, and the heat of the last step's charging and discharging."""
    y.float_kw = p.float_draw_kw * (1.0 - bus.unfed_frac)
    y.released_kw = y.float_kw + s.heat_kw


@compilable
def take_over(bus, hours_left, dt_h):  # type: ignore[no-untyped-def]
    """Carry what the feed lacks for as long as the cells do; ``hours_left`` at the load that this is."""
    carried_frac = bus.gap_frac * min(max(hours_left / dt_h, 0.0), 1.0)
    bus.off_frac = max(bus.off_frac - carried_frac, 0.0)
    served_frac = 1.0 - bus.off_frac
    bus.carried_frac = carried_frac / served_frac if served_frac > 0.0 else 0.0


@compilable
def lithium_takes_over(p, u, w, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """Time from the energy left down to the lower state of charge; none beyond the power that the cells give."""
    need_kw = bus.gap_frac * bus.wanted_kw
    soc_frac = s.stored_kwh / max(p.available_kwh, LEAST_KWH)
    hours = lithium_ride_through_h(need_kw, soc_frac, p.least_soc_frac, p.available_kwh, p.discharge_efficiency_frac)
    take_over(bus, hours if need_kw <= p.limit_kw * p.discharge_efficiency_frac else 0.0, dt_h)


@compilable
def lead_takes_over(p, u, w, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """Share that is left of the time after Peukert at this load; none beyond the power that the cells give."""
    cells_kw = bus.gap_frac * bus.wanted_kw / p.discharge_efficiency_frac
    hours = lead_ride_through_h(cells_kw, p.available_kwh, p.rated_duration_h, p.exponent) * (1.0 - s.used_frac)
    take_over(bus, hours if cells_kw <= p.limit_kw else 0.0, dt_h)


@compilable
def discharge_and_recharge(p, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """What the feed lacks of the load comes out of the cells; they recharge once it is whole again."""
    efficiency = p.discharge_efficiency_frac
    y.support_kw = bus.load_kw * bus.carried_frac
    room_kw = max(p.full_kwh - s.stored_kwh, 0.0) / (efficiency * dt_h)
    y.charge_kw = min(room_kw, p.charge_rate_per_h * p.available_kwh) if bus.unfed_frac <= 0.0 else 0.0
    y.loss_kw = battery_loss_kw(y.charge_kw, y.support_kw, efficiency, efficiency)
    y.net_kw = y.float_kw + y.charge_kw - y.support_kw
    x.stored_kwh = s.stored_kwh + (efficiency * y.charge_kw - y.support_kw / efficiency) * dt_h
    x.heat_kw = y.loss_kw
    y.soc_frac = x.stored_kwh / max(p.available_kwh, LEAST_KWH)


@compilable
def lithium_supports(p, u, w, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """Discharge and recharge of lithium cells."""
    discharge_and_recharge(p, s, x, y, bus, dt_h)


@compilable
def lead_supports(p, u, w, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """The same of lead cells, and the share of the time after Peukert that is used up; charging gives it back."""
    discharge_and_recharge(p, s, x, y, bus, dt_h)
    cells_kw = y.support_kw / p.discharge_efficiency_frac
    used = dt_h / lead_ride_through_h(cells_kw, p.available_kwh, p.rated_duration_h, p.exponent)
    missing_kwh = p.full_kwh - s.stored_kwh
    back = min(max((x.stored_kwh - s.stored_kwh) / missing_kwh, 0.0), 1.0) if missing_kwh > 1e-9 else 1.0
    x.used_frac = min(s.used_frac + used, 1.0) if y.support_kw > 0.0 else s.used_frac * (1.0 - back)


@compilable
def lithium_reserve(p, u, w, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """Time from the state of charge on float down to the lower limit; none beyond the power that it can give."""
    soc_frac = y.soc_frac if s.stored_kwh < p.full_kwh else p.float_soc_frac
    hours = lithium_ride_through_h(
        bus.load_kw, soc_frac, p.least_soc_frac, p.available_kwh, p.discharge_efficiency_frac
    )
    within = bus.load_kw <= p.limit_kw * p.discharge_efficiency_frac
    y.ride_through_min = hours * MINUTES_PER_HOUR if within else 0.0


@compilable
def lead_reserve(p, u, w, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """Time after Peukert, at the load of the moment; none beyond the power that it can give."""
    cells_kw = bus.load_kw / p.discharge_efficiency_frac
    hours = lead_ride_through_h(cells_kw, p.available_kwh, p.rated_duration_h, p.exponent) * (1.0 - s.used_frac)
    y.ride_through_min = hours * MINUTES_PER_HOUR if cells_kw <= p.limit_kw else 0.0


class Battery(Component):
    """What batteries share: energy of all strings together, float, age."""

    energy_kwh: float = Field(gt=0, le=1e7)
    """Rated energy of the whole battery of the device when new, all its modules and strings together."""
    power_limit_kw: float | None = Field(None, gt=0, le=1e7)
    """Most power that the cells give; beyond it the load is not carried at all. None where that is no limit."""
    discharge_efficiency_frac: float = Field(ge=0.5, le=1)
    """Power at the device's output over power out of the cells."""
    temperature_c: float = Field(25.0, ge=-20, le=60)
    """Mean temperature of the cells, by which they age."""
    age_years: float = Field(0.0, ge=0, le=40)
    """Age at which the ride-through is asked for; 0 for a new battery."""
    charge_rate_per_h: float = Field(0.1, gt=0, le=10)
    """Charging power after an outage over energy at the stated age (a tenth: recharge in some ten hours)."""
    heat_to: str | None = None
    """Where the heat of float goes: halls.NAME, rooms.NAME or outdoors; as the device's own if left out."""

    derived: ClassVar[Mapping[str, int]] = {"available_kwh": 0, "limit_kw": 0, "float_draw_kw": 0, "full_kwh": 0}
    state: ClassVar[Fields] = {"stored_kwh": "Energy stored", "heat_kw": "Heat that reaches its room one step later"}
    outputs: ClassVar[Fields] = {
        "float_kw": "Power of float charge and monitoring",
        "ride_through_min": "Time that the battery would carry this load",
        "support_kw": "Load that it carries",
        "charge_kw": "Charging power",
        "loss_kw": "Losses of charging and discharging",
        "net_kw": "Power drawn for float and charging, less what it carries",
        "released_kw": "Heat of float, and of the last step's losses",
        "soc_frac": "State of charge at the end of the step",
    }
    ledger: ClassVar[Ledger] = Ledger(electric=("float_kw", "loss_kw"))
    stores: ClassVar[tuple[Store, ...]] = (Store("stored_kwh", "electric"),)
    begins: ClassVar[tuple[str, ...]] = ("stored_kwh",)
    draws: ClassVar[str | None] = "net_kw"
    loses: ClassVar[str | None] = "released_kw"
    end_use: ClassVar[str] = "battery"

    @property
    @abstractmethod
    def capacity_frac(self) -> float:
        """Capacity left at the stated age, over rated; new: 1."""

    @property
    def life_years(self) -> float | None:
        """Life on float at the stated temperature; None where none can be stated."""
        return None

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Energy at the stated age and the limit of power, large where there is none."""
        limit_kw = 1e12 if self.power_limit_kw is None else self.power_limit_kw
        return {
            "available_kwh": self.energy_kwh * self.capacity_frac, "limit_kw": limit_kw, "full_kwh": self.full_kwh,
        }  # fmt: skip

    @property
    def full_kwh(self) -> float:
        """Energy that is held on float."""
        return self.energy_kwh * self.capacity_frac

    def initial(self, around: Surroundings) -> dict[str, float]:
        """Full, as it is held."""
        return {"stored_kwh": self.full_kwh}


class LithiumBattery(Battery):
    """Lithium iron phosphate on float between two states of charge; ages by the calendar (BLAST-Lite, 250 Ah LFP)."""

    kind: Literal["lithium"] = "lithium"
    """Kind of battery."""
    discharge_efficiency_frac: float = Field(round(one_way_efficiency_frac(ROUND_TRIP_FRAC), 4), ge=0.5, le=1)
    """Power at the device's output over power out of the cells: the root of a round trip of 0.9."""
    float_soc_frac: float = Field(0.95, ge=0.1, le=1)
    """State of charge that is held."""
    least_soc_frac: float = Field(0.1, ge=0, lt=1)
    """State of charge at which it is switched off."""
    float_kw: float = Field(0.0, ge=0, le=1e4)
    """Power of monitoring and balancing; lithium cells take no float current."""

    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("take_over", lithium_takes_over, ("bus",)),
        Phase("demand", float_charge, ("bus",)),
        Phase("support", lithium_supports, ("bus",)),
        Phase("reserve", lithium_reserve, ("bus",)),
    )

    @model_validator(mode="after")
    def _there_is_a_window(self) -> Self:
        if self.least_soc_frac >= self.float_soc_frac:
            bound = f"must be below float_soc_frac ({self.float_soc_frac:g})"
            raise SpecFault(("least_soc_frac",), f"{bound}, got {self.least_soc_frac:g}")
        return self

    @property
    def capacity_frac(self) -> float:
        """Calendar ageing alone; the few discharges of a UPS count for nothing beside it."""
        rate = lfp_calendar_rate(self.temperature_c, self.float_soc_frac)
        return max(1.0 - aged_loss_frac(0.0, rate, LFP_CALENDAR_POWER, self.age_years * DAYS_PER_YEAR), 0.0)

    @property
    def full_kwh(self) -> float:
        """Energy at the state of charge that is held on float."""
        return self.float_soc_frac * self.energy_kwh * self.capacity_frac

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Energy at the stated age, limit of power, monitoring."""
        return Battery.derive(self, around) | {"float_draw_kw": self.float_kw}


class LeadBattery(Battery):
    """Lead cells on float: Peukert's law for the time, life by temperature."""

    kind: Literal["lead"] = "lead"
    """Kind of battery."""
    make: Literal["agm", "gel", "flooded"] = "agm"
    """Make of the cells, which sets Peukert's exponent (1.10, 1.175, 1.40)."""
    rated_duration_h: float = Field(gt=0, le=100)
    """Duration of the discharge for which the energy is rated; best near the ride-through that it is for."""
    rated_life_years: float = Field(gt=0, le=30)
    """Float life at 25 degC or below, as the maker states it: the time to 80 % of rated capacity."""
    discharge_efficiency_frac: float = Field(0.97, ge=0.5, le=1)
    """Power at the device's output over power out of the cells; 0.97: of a whole double conversion (Galaxy VS)."""
    float_kw: float | None = Field(None, ge=0, le=1e4)
    """Power of float charge; 1 mA/Ah at 2.25 V a cell if left out, which is 1.1 W per kWh."""

    derived: ClassVar[Mapping[str, int]] = {**Battery.derived, "exponent": 0}
    state: ClassVar[Fields] = {**Battery.state, "used_frac": "Share of the time after Peukert that is used up"}
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("take_over", lead_takes_over, ("bus",)),
        Phase("demand", float_charge, ("bus",)),
        Phase("support", lead_supports, ("bus",)),
        Phase("reserve", lead_reserve, ("bus",)),
    )

    @property
    def capacity_frac(self) -> float:
        """Straight line from rated to 80 % at the end of life."""
        return lead_capacity_frac(self.age_years, self.life_years)

    @property
    def life_years(self) -> float:
        """Rated life, halved for every 8.3 K above 25 degC."""
        return self.rated_life_years * lead_float_life_ratio(self.temperature_c)

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Energy at the stated age, limit of power, float charge, Peukert's exponent."""
        own_kw = LEAD_FLOAT_KW_PER_KWH * self.energy_kwh if self.float_kw is None else self.float_kw
        return Battery.derive(self, around) | {"float_draw_kw": own_kw, "exponent": PEUKERT_EXPONENT[self.make]}
