"""Generators that feed the site in parallel with the grid: called by a rule, with a delay, fuel and standby power.

They follow what the site draws and export nothing. Their heat leaves outdoors with exhaust and radiator.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase, Surroundings
from twin.components.grid.orders import RunRule
from twin.components.power.generator import Efficiency
from twin.components.profiles import ALWAYS, Availability
from twin.physics.generators import MAPS, STANDBY_FRAC, fuel_kw, standby_kw
from twin.units import MINUTES_PER_HOUR

DIESEL_KGCO2_PER_KWH = 0.26676  # 74,100 kg/TJ on the lower heating value: IPCC 2006 guidelines, vol. 2, table 2.2


@compilable
def stand_by(p, u, w, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """Jacket heaters and chargers of the sets that did not run in the last step."""
    y.standby_kw = standby_kw(p.rated_kw, p.standby_frac, s.running_count, p.units_count) * (1.0 - bus.off_frac)


@compilable
def sets_running(p, u, s, orders, dt_h):  # type: ignore[no-untyped-def]
    """Sets that carry load in this step, from the delay after their call on, mean of the step."""
    called_h = s.called_h + dt_h if orders.call_frac > 0.0 else 0.0
    ready_frac = min(max((called_h - p.start_min / MINUTES_PER_HOUR) / dt_h, 0.0), 1.0)
    return called_h, p.units_count * u.availability_frac * orders.call_frac * ready_frac


@compilable
def get_ready(p, u, w, s, x, y, orders, site, dt_h):  # type: ignore[no-untyped-def]
    """Power that the sets can give in this step, where the utility is lost."""
    _, running_count = sets_running(p, u, s, orders, dt_h)
    site.ready_kw += running_count * p.rated_kw


@compilable
def feed_site(p, u, w, s, x, y, orders, site, dt_h):  # type: ignore[no-untyped-def]
    """Sets carry what the site draws, from the delay after their call on; they share the load alike.

    Without the utility they carry all that is connected; beyond their rating they are overloaded, and in the next
    step loads are shed. A battery that forms the grid beside them carries what is beyond their rating.
    """
    x.called_h, y.running_count = sets_running(p, u, s, orders, dt_h)
    need_kw = max(site.load_kw + site.charge_kw - site.supply_kw, 0.0)
    alone = site.lost_frac >= 1.0 and y.running_count > 0.0 and site.forming_kw <= 0.0
    y.generated_kw = need_kw if alone else min(y.running_count * p.rated_kw, need_kw)
    y.overload_kw = max(y.generated_kw - y.running_count * p.rated_kw, 0.0)
    y.fuel_kw = fuel_kw(y.generated_kw, p.rated_kw, y.running_count, p.efficiency)
    y.waste_heat_kw = y.fuel_kw - y.generated_kw
    x.running_count = y.running_count
    site.supply_kw += y.generated_kw


class SiteGenerator(Component):
    """Generators that supply the site while a rule calls them."""

    kind: Literal["generator"] = "generator"
    """Kind of on-site technology."""
    rated_kw: float = Field(gt=0, le=1e5)
    """Rated electric power of one set."""
    units_count: int = Field(1, ge=1, le=1000)
    """Sets."""
    start_min: float = Field(1.0, ge=0, le=240)
    """Time from the call until the sets carry load; no fuel is counted in it."""
    standby_frac: float = Field(STANDBY_FRAC, ge=0, le=0.1)
    """Mean power of jacket heater and charger over rating, of sets that do not run."""
    efficiency_frac: tuple[Efficiency, Efficiency, Efficiency, Efficiency] = MAPS["chart"]
    """Electric efficiency at 25, 50, 75 and 100 % load, on the lower heating value (dealers' chart of a 1 MW set)."""
    fuel_kgco2_per_kwh: float = Field(DIESEL_KGCO2_PER_KWH, ge=0, le=2)
    """Direct emissions of the fuel per kWh of lower heating value; diesel if left out."""
    fuel_per_kwh: float = Field(0.0, ge=0, le=1e6)
    """Price of the fuel per kWh of lower heating value, in the tariff's currency."""
    availability: Availability = ALWAYS
    """Share of the sets that start when they are called, over time."""
    control: RunRule
    """Rule that calls the sets."""

    fed_by: ClassVar[str] = "grid"
    inputs: ClassVar[Fields] = {"availability_frac": "Share of the sets in service"}
    derived: ClassVar[Mapping[str, int]] = {"efficiency": 4}
    state: ClassVar[Fields] = {"called_h": "Time since the call", "running_count": "Sets that ran in the last step"}
    outputs: ClassVar[Fields] = {
        "standby_kw": "Power of jacket heaters and chargers",
        "running_count": "Sets that carry load, mean of the step",
        "generated_kw": "Power to the site",
        "overload_kw": "What of it is above the rating of the sets that run",
        "fuel_kw": "Fuel burnt, lower heating value",
        "waste_heat_kw": "Heat of exhaust and radiator, outdoors",
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("demand", stand_by, ("bus",)),
        Phase("get_ready", get_ready, ("orders", "site")),
        Phase("run", feed_site, ("orders", "site")),
    )
    ledger: ClassVar[Ledger] = Ledger(electric=("standby_kw",), supplies=("generated_kw",))
    begins: ClassVar[tuple[str, ...]] = ("called_h", "running_count")
    draws: ClassVar[str | None] = "standby_kw"
    end_use: ClassVar[str] = "auxiliary"

    def derive(self, around: Surroundings) -> dict[str, object]:
        """Efficiencies by load."""
        return {"efficiency": self.efficiency_frac}
