"""Generators that stand by, with jacket heaters and battery chargers, and that run on a load bank for tests.

What a test run generates goes to the load bank, not to the site: its electricity and the rest of the fuel's energy are
heat outdoors, and the grid carries the site as before. Fuel is not in the energy of the facility, which is metered at
the grid.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase, Surroundings
from twin.components.profiles import ALWAYS, NEVER, Profile
from twin.physics.generators import MAPS, STANDBY_FRAC, fuel_kw, standby_kw

Efficiency = Annotated[float, Field(ge=0.05, le=0.6)]


@compilable
def stand_by_or_run(p, u, w, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """Standby power of the sets that are kept warm and do not run; fuel of those that run."""
    y.running_count = p.units_count * min(u.running_frac, 1.0)
    y.power_kw = standby_kw(p.rated_kw, p.standby_frac, y.running_count, p.units_count * u.kept_warm_frac)
    y.generated_kw = y.running_count * p.rated_kw * p.run_load_frac
    y.fuel_kw = fuel_kw(y.generated_kw, p.rated_kw, y.running_count, p.efficiency)
    y.waste_heat_kw = y.fuel_kw - y.generated_kw


class Generator(Component):
    """Standby generators: a load for heaters and chargers; in test runs they burn fuel on a load bank outdoors."""

    kind: Literal["generator"] = "generator"
    """Kind of load."""
    rated_kw: float = Field(gt=0, le=1e5)
    """Rated electric power of one set."""
    units_count: int = Field(1, ge=1, le=1000)
    """Sets."""
    standby_frac: float = Field(STANDBY_FRAC, ge=0, le=0.1)
    """Mean power of jacket heater and charger over rating: .001-.003 for sets of some MW, .016 for one of 60 kW."""
    kept_warm: Profile = ALWAYS
    """Share of the sets that are kept warm, or of the standby power where it follows the season."""
    running: Profile = NEVER
    """Share of the sets that run on the load bank; their heaters and chargers are off."""
    run_load_frac: float = Field(0.3, ge=0, le=1.1)
    """Load of a running set over its rating (NFPA 110, 8.4.2: at least 30 %, 30 minutes a month)."""
    efficiency_frac: tuple[Efficiency, Efficiency, Efficiency, Efficiency] = MAPS["chart"]
    """Electric efficiency at 25, 50, 75 and 100 % load, on the lower heating value (dealers' chart of a 1 MW set)."""
    fed_by: str = "grid"
    """Power device that feeds heaters and chargers, or grid."""
    heat_to: str = "outdoors"
    """Where the heat of heaters and chargers goes: halls.NAME, rooms.NAME or outdoors."""

    inputs: ClassVar[Fields] = {
        "kept_warm_frac": "Share of the standby power in use",
        "running_frac": "Share of the sets that run",
    }
    derived: ClassVar[Mapping[str, int]] = {"efficiency": 4}
    outputs: ClassVar[Fields] = {
        "power_kw": "Power of jacket heaters and chargers",
        "running_count": "Sets that run, mean of the step",
        "generated_kw": "Power to the load bank",
        "fuel_kw": "Fuel burnt, lower heating value",
        "waste_heat_kw": "Heat of exhaust and radiator, outdoors",
    }
    phases: ClassVar[tuple[Phase, ...]] = (Phase("demand", stand_by_or_run, ("own",)),)
    ledger: ClassVar[Ledger] = Ledger(electric=("power_kw",))
    draws: ClassVar[str | None] = "power_kw"
    loses: ClassVar[str | None] = "power_kw"
    end_use: ClassVar[str] = "auxiliary"
    cut: ClassVar[str] = "kept_warm_frac"

    def derive(self, around: Surroundings) -> dict[str, object]:
        """Efficiencies by load."""
        return {"efficiency": self.efficiency_frac}
