"""Air-cooled chillers: the EIR curves of a real make over outdoor dry bulb; their heat goes straight outdoors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase, Surroundings
from twin.components.plant.chiller_curves import air_cooled_curve_set
from twin.components.profiles import ALWAYS, Availability
from twin.physics.chillers import chiller_capacity_kw, chiller_power_kw


def _known_curves(name: str) -> str:
    air_cooled_curve_set(name)
    return name


@compilable
def air_cooled_offer(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Capacity at this chilled water and outdoor air, added to what the plant has if this chiller is called."""
    y.capacity_kw = u.availability_frac * chiller_capacity_kw(
        loop.supply_c, w.dry_bulb_c, p.rated_kw, p.limits, p.capft
    )
    if p.rank < loop.stage_count - 0.5:
        loop.capacity_kw += y.capacity_kw
    if p.rank < loop.stage_count - 1.5:
        loop.capacity_less_kw += y.capacity_kw


@compilable
def air_cooled_serve(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Its share of the load and the power for it, fans of the condenser included."""
    y.running = 1.0 if p.rank < loop.stage_count - 0.5 and y.capacity_kw > 0.0 else 0.0
    y.cooling_kw = 0.0
    y.power_kw = 0.0
    y.clamped_count = 0.0
    if y.running > 0.5 and loop.plr_frac > 0.0:
        y.cooling_kw = loop.plr_frac * y.capacity_kw
        y.power_kw, _, y.clamped_count = chiller_power_kw(
            y.cooling_kw, loop.supply_c, w.dry_bulb_c, p.rated_kw, p.rated_cop, p.limits, p.capft, p.eirft, p.eirfplr
        )
    loop.chilled_kw += y.cooling_kw


class AirCooledChiller(Component):
    """One air-cooled chiller, condenser fans included in its power. Its curves scale with ``rated_kw``."""

    kind: Literal["air_cooled"] = "air_cooled"
    """Kind of chiller."""
    curves: Annotated[str, AfterValidator(_known_curves)] = "York_YCAL0033EE"
    """Name of the curve set in data/chillers.yaml."""
    rated_kw: float = Field(gt=0, le=50000)
    """Cooling capacity at the set's reference temperatures."""
    rated_cop: float | None = Field(None, gt=1, le=15)
    """Coefficient of performance there; the set's own if left out."""
    availability: Availability = ALWAYS
    """1: in service; 0: out of service."""
    restart_min: float = Field(0.0, ge=0, le=600)
    """Time from the return of power or service until it cools again (2-3 min with fast restart, up to 30 without)."""

    inputs: ClassVar[Fields] = {"availability_frac": "1: in service"}
    derived: ClassVar[Mapping[str, int]] = {
        "rank": 0, "rated_cop": 0, "limits": 6, "capft": 6, "eirft": 6, "eirfplr": 3,
    }  # fmt: skip
    outputs: ClassVar[Fields] = {
        "cooling_kw": "Heat removed from chilled water",
        "power_kw": "Power of compressor and condenser fans",
        "capacity_kw": "Capacity at these temperatures",
        "running": "1: called",
        "clamped_count": "1: a curve was used at the edge of its range",
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("offer", air_cooled_offer, ("loop",)),
        Phase("serve", air_cooled_serve, ("loop",)),
    )
    ledger: ClassVar[Ledger] = Ledger(electric=("power_kw",), from_water=("cooling_kw",))
    draws: ClassVar[str | None] = "power_kw"
    end_use: ClassVar[str] = "chiller"

    def derive(self, around: Surroundings) -> dict[str, object]:
        """Curves and limits of the set."""
        c = air_cooled_curve_set(self.curves)
        return {
            "rank": float(around.rank),
            "rated_cop": self.rated_cop if self.rated_cop is not None else c.cop,
            "limits": (*c.leaving_c, *c.entering_c, *c.plr),
            "capft": c.capft, "eirft": c.eirft, "eirfplr": c.eirfplr,
        }  # fmt: skip
