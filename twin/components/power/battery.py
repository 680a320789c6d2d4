"""Batteries of UPS and rectifiers: how long they carry the load of the moment, what float costs, how they age.

They are not discharged here: outputs say what would be there if the feed failed in that step.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase, Surroundings
from twin.errors import SpecFault
from twin.physics.batteries import (
    LEAD_FLOAT_KW_PER_KWH,
    LFP_CALENDAR_POWER,
    PEUKERT_EXPONENT,
    ROUND_TRIP_FRAC,
    aged_loss_frac,
    lead_capacity_frac,
    lead_float_life_ratio,
    lead_ride_through_h,
    lfp_calendar_rate,
    lithium_ride_through_h,
    one_way_efficiency_frac,
)
from twin.units import DAYS_PER_YEAR, MINUTES_PER_HOUR


@compilable
def float_charge(p, u, w, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """Float current and monitoring, all the time."""
    y.float_kw = p.float_draw_kw


@compilable
def lithium_reserve(p, u, w, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """Time from the state of charge on float down to the lower limit; none beyond the power that it can give."""
    hours = lithium_ride_through_h(
        bus.load_kw, p.float_soc_frac, p.least_soc_frac, p.available_kwh, p.discharge_efficiency_frac
    )
    within = bus.load_kw <= p.limit_kw * p.discharge_efficiency_frac
    y.ride_through_min = hours * MINUTES_PER_HOUR if within else 0.0


@compilable
def lead_reserve(p, u, w, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """Time after Peukert, at the load of the moment; none beyond the power that it can give."""
    cells_kw = bus.load_kw / p.discharge_efficiency_frac
    hours = lead_ride_through_h(cells_kw, p.available_kwh, p.rated_duration_h, p.exponent)
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
    heat_to: str | None = None
    """Where the heat of float goes: halls.NAME, rooms.NAME or outdoors; as the device's own if left out."""

    derived: ClassVar[Mapping[str, int]] = {"available_kwh": 0, "limit_kw": 0, "float_draw_kw": 0}
    outputs: ClassVar[Fields] = {
        "float_kw": "Power of float charge and monitoring",
        "ride_through_min": "Time that the battery would carry this load",
    }
    ledger: ClassVar[Ledger] = Ledger(electric=("float_kw",))
    draws: ClassVar[str | None] = "float_kw"
    loses: ClassVar[str | None] = "float_kw"
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
        return {"available_kwh": self.energy_kwh * self.capacity_frac, "limit_kw": limit_kw}


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
        Phase("demand", float_charge, ("bus",)),
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
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("demand", float_charge, ("bus",)),
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
