"""Generators that stand by: what jacket heaters and battery chargers draw all the time."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase
from twin.components.profiles import ALWAYS, Profile
from twin.physics.generators import STANDBY_FRAC, standby_kw


@compilable
def stand_by(p, u, w, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """Standby power of the sets that are kept warm."""
    y.power_kw = standby_kw(p.rated_kw, p.standby_frac, 0.0, p.units_count * u.kept_warm_frac)


class Generator(Component):
    """Standby generators, which do not run: a load for heaters and chargers."""

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
    fed_by: str = "grid"
    """Power device that feeds heaters and chargers, or grid."""
    heat_to: str = "outdoors"
    """Where their heat goes: halls.NAME, rooms.NAME or outdoors."""

    inputs: ClassVar[Fields] = {"kept_warm_frac": "Share of the standby power in use"}
    outputs: ClassVar[Fields] = {"power_kw": "Power of jacket heaters and chargers"}
    phases: ClassVar[tuple[Phase, ...]] = (Phase("demand", stand_by, ("own",)),)
    ledger: ClassVar[Ledger] = Ledger(electric=("power_kw",))
    draws: ClassVar[str | None] = "power_kw"
    loses: ClassVar[str | None] = "power_kw"
    end_use: ClassVar[str] = "auxiliary"
