"""Stationary batteries behind the meter: charged and discharged in the loop by a rule, with losses and ageing.

They are coupled by inverters to the grid's bus; power is at that bus, and the losses of both ways are heat outdoors.
Without the utility one that forms a grid carries what generation on site leaves over of the load, until it is empty;
others stand still. It takes up what photovoltaics have too much of, and no rule charges it then.
"""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase, Store, Surroundings
from twin.components.grid.orders import StorageRule
from twin.errors import SpecFault
from twin.physics.batteries import (
    LFP_CALENDAR_POWER,
    LFP_CYCLE_POWER,
    ROUND_TRIP_FRAC,
    battery_loss_kw,
    charge_limit_kw,
    discharge_limit_kw,
    lfp_calendar_rate,
    lfp_cycle_rate,
    one_way_efficiency_frac,
    power,
)
from twin.units import HOURS_PER_DAY

ONE_WAY_FRAC = round(one_way_efficiency_frac(ROUND_TRIP_FRAC), 4)


@compilable
def draw_auxiliary(p, u, w, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """Cooling and controls of the containers, all the time that there is power."""
    y.auxiliary_kw = p.auxiliary_kw * (1.0 - bus.off_frac)


@compilable
def tell_charge(p, u, w, s, x, y, site, dt_h):  # type: ignore[no-untyped-def]
    """What it holds and can hold, for rules that call generators by it; of a battery that forms a grid."""
    site.held_kwh += p.grid_forming * s.stored_kwh
    site.room_kwh += p.grid_forming * p.energy_kwh


@compilable
def form_grid(p, u, w, s, x, y, orders, site, dt_h):  # type: ignore[no-untyped-def]
    """Power that it can give to an island throughout this step."""
    if p.grid_forming > 0.5 and site.lost_frac > 0.0:
        able_kw = discharge_limit_kw(
            s.stored_kwh / p.energy_kwh, p.least_soc_frac, p.energy_kwh, p.rate_per_h, p.discharge_efficiency_frac, dt_h
        )
        site.ready_kw += able_kw
        site.forming_kw += able_kw


@compilable
def island_kw(p, s, site, dt_h):  # type: ignore[no-untyped-def]
    """What an island asks of the battery, and what it has too much of; the first down to empty cells.

    Loads were let on by the load of the last step; what they draw beyond it is carried too.
    """
    net_kw = site.lost_frac * (site.load_kw + site.charge_kw - site.supply_kw)
    held_kw = s.stored_kwh * p.discharge_efficiency_frac / dt_h
    out_kw = min(max(net_kw, 0.0), held_kw) if p.grid_forming > 0.5 and site.forming_kw > 0.0 else 0.0
    return out_kw, max(-net_kw, 0.0) if p.grid_forming > 0.5 else 0.0


@compilable
def store_energy(p, u, w, s, x, y, orders, site, dt_h):  # type: ignore[no-untyped-def]
    """What is ordered, within rated power, state of charge and, where nothing may be exported, the site's need."""
    soc_frac = s.stored_kwh / p.energy_kwh
    up, down = p.charge_efficiency_frac, p.discharge_efficiency_frac
    most_in_kw = charge_limit_kw(soc_frac, p.most_soc_frac, p.energy_kwh, p.rate_per_h, up, dt_h)
    most_out_kw = discharge_limit_kw(soc_frac, p.least_soc_frac, p.energy_kwh, p.rate_per_h, down, dt_h)
    need_kw = max(site.load_kw + site.charge_kw - site.supply_kw, 0.0)
    most_out_kw = most_out_kw if p.may_export > 0.5 else min(most_out_kw, need_kw)
    ordered_kw = orders.share_frac * p.rate_per_h * p.energy_kwh + orders.wish_kw
    y.charge_kw = min(max(ordered_kw, 0.0), most_in_kw)
    y.discharge_kw = min(max(-ordered_kw, 0.0), most_out_kw)
    y.island_kw = 0.0
    if site.lost_frac > 0.0:
        y.island_kw, spare_kw = island_kw(p, s, site, dt_h)
        y.charge_kw = min(spare_kw, most_in_kw)
        y.discharge_kw = max(y.island_kw, y.discharge_kw if site.lost_frac < 1.0 else 0.0)
    y.loss_kw = battery_loss_kw(y.charge_kw, y.discharge_kw, up, down)
    x.stored_kwh = s.stored_kwh + (up * y.charge_kw - y.discharge_kw / down) * dt_h
    y.soc_frac = x.stored_kwh / p.energy_kwh
    y.short_kw = max(-ordered_kw, 0.0) - y.discharge_kw
    site.charge_kw += y.charge_kw
    site.supply_kw += y.discharge_kw
    age(p, y, 0.5 * (soc_frac + y.soc_frac))


@compilable
def age(p, y, soc_frac):  # type: ignore[no-untyped-def]
    """Ageing of this step in the form that adds up: loss to the power 1/b, where loss = k x^b (BLAST-Lite).

    The depth of cycles is taken as that of the whole window, the deepest that it allows.
    """
    cells_kw = p.charge_efficiency_frac * y.charge_kw + y.discharge_kw / p.discharge_efficiency_frac
    y.cycles_per_h = cells_kw / (2.0 * p.energy_kwh)
    depth_frac = p.most_soc_frac - p.least_soc_frac
    calendar = lfp_calendar_rate(p.temperature_c, soc_frac)
    cycle = lfp_cycle_rate(p.temperature_c, depth_frac, cells_kw / p.energy_kwh)
    y.calendar_wear_per_h = power(calendar, 1.0 / LFP_CALENDAR_POWER) / HOURS_PER_DAY
    y.cycle_wear_per_h = power(cycle, 1.0 / LFP_CYCLE_POWER) * y.cycles_per_h


class StationaryBattery(Component):
    """Lithium iron phosphate battery on the site's side of the meter."""

    kind: Literal["battery"] = "battery"
    """Kind of on-site technology."""
    energy_kwh: float = Field(gt=0, le=1e7)
    """Energy between empty and full."""
    rate_per_h: float = Field(0.5, gt=0, le=20)
    """Rated power over energy (C-rate), for charge and discharge, at the grid's bus."""
    least_soc_frac: float = Field(0.05, ge=0, lt=1)
    """State of charge below which it is not discharged."""
    most_soc_frac: float = Field(0.95, gt=0, le=1)
    """State of charge above which it is not charged."""
    start_soc_frac: float = Field(0.5, ge=0, le=1)
    """State of charge at the start of the run."""
    charge_efficiency_frac: float = Field(ONE_WAY_FRAC, ge=0.5, le=1)
    """Energy stored over energy taken from the bus, inverter included: the root of a round trip of 0.9."""
    discharge_efficiency_frac: float = Field(ONE_WAY_FRAC, ge=0.5, le=1)
    """Energy given to the bus over energy taken from the cells."""
    may_export: bool = False
    """Whether it may discharge more than the site draws."""
    auxiliary_kw: float = Field(0.0, ge=0, le=1e5)
    """Cooling and controls of its containers."""
    temperature_c: float = Field(25.0, ge=-20, le=60)
    """Mean temperature of the cells, by which they age."""
    grid_forming: bool = False
    """Whether its inverters form a grid and carry the site while the utility is lost."""
    control: StorageRule
    """Rule by which it is charged and discharged."""

    fed_by: ClassVar[str] = "grid"
    state: ClassVar[Fields] = {"stored_kwh": "Energy stored"}
    outputs: ClassVar[Fields] = {
        "charge_kw": "Power taken from the bus",
        "discharge_kw": "Power given to the bus",
        "island_kw": "What of it carries the site while the utility is lost",
        "loss_kw": "Losses of charging and discharging",
        "auxiliary_kw": "Power of cooling and controls",
        "soc_frac": "State of charge at the end of the step",
        "short_kw": "Discharge that was ordered and could not be given",
        "cycles_per_h": "Equivalent full cycles",
        "calendar_wear_per_h": "Ageing with time, loss to the power 1/0.526",
        "cycle_wear_per_h": "Ageing with throughput, loss to the power 1/0.828",
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("see_feed", tell_charge, ("site",)),
        Phase("demand", draw_auxiliary, ("bus",)),
        Phase("get_ready", form_grid, ("orders", "site")),
        Phase("charge", store_energy, ("orders", "site")),
    )
    ledger: ClassVar[Ledger] = Ledger(electric=("loss_kw", "auxiliary_kw"))
    stores: ClassVar[tuple[Store, ...]] = (Store("stored_kwh", "electric"),)
    begins: ClassVar[tuple[str, ...]] = ("stored_kwh",)
    draws: ClassVar[str | None] = "auxiliary_kw"
    end_use: ClassVar[str] = "battery"

    @model_validator(mode="after")
    def _there_is_a_window(self) -> Self:
        if self.least_soc_frac >= self.most_soc_frac:
            bound = f"must be below most_soc_frac ({self.most_soc_frac:g})"
            raise SpecFault(("least_soc_frac",), f"{bound}, got {self.least_soc_frac:g}")
        if not self.least_soc_frac <= self.start_soc_frac <= self.most_soc_frac:
            window = f"from least_soc_frac to most_soc_frac ({self.least_soc_frac:g} to {self.most_soc_frac:g})"
            raise SpecFault(("start_soc_frac",), f"must lie in the window {window}, got {self.start_soc_frac:g}")
        return self

    def initial(self, around: Surroundings) -> dict[str, float]:
        """Charged as stated."""
        return {"stored_kwh": self.start_soc_frac * self.energy_kwh}
