"""Air-cooled chillers: the EIR curves of a real make over outdoor dry bulb; their heat goes straight outdoors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from twin.compiled import compilable
from twin.components.base import Fields, Ledger, Phase, Surroundings
from twin.components.plant.chiller_curves import air_cooled_curve_set
from twin.components.plant.plant_chiller import PlantChiller, at_rest, offer_capacity
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
    offer_capacity(p, y, loop)


@compilable
def air_cooled_serve(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Its share of the load and the power for it, fans of the condenser included."""
    if at_rest(p, y, loop):
        y.cooling_kw = loop.plr_frac * y.capacity_kw
        y.power_kw, _, y.clamped_count = chiller_power_kw(
            y.cooling_kw, loop.supply_c, w.dry_bulb_c, p.rated_kw, p.rated_cop, p.limits, p.capft, p.eirft, p.eirfplr
        )
    loop.chilled_kw += y.cooling_kw


class AirCooledChiller(PlantChiller):
    """One air-cooled chiller, condenser fans included in its power. Its curves scale with ``rated_kw``."""

    kind: Literal["air_cooled"] = "air_cooled"
    """Kind of chiller."""
    curves: Annotated[str, AfterValidator(_known_curves)] = "York_YCAL0033EE"
    """Name of the curve set in data/chillers.yaml."""
    rated_kw: float = Field(gt=0, le=50000)
    """Cooling capacity at the set's reference temperatures."""
    rated_cop: float | None = Field(None, gt=1, le=15)
    """Coefficient of performance there; the set's own if left out."""

    derived: ClassVar[Mapping[str, int]] = {
        **PlantChiller.derived, "rated_cop": 0, "limits": 6, "capft": 6, "eirft": 6, "eirfplr": 3,
    }  # fmt: skip
    outputs: ClassVar[Fields] = {
        **PlantChiller.outputs,
        "power_kw": "Power of compressor and condenser fans",
        "capacity_kw": "Capacity at these temperatures",
        "clamped_count": "1: a curve was used at the edge of its range",
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("offer", air_cooled_offer, ("loop",)),
        Phase("serve", air_cooled_serve, ("loop",)),
    )
    ledger: ClassVar[Ledger] = Ledger(electric=("power_kw",), from_water=("cooling_kw",))

    def derive(self, around: Surroundings) -> dict[str, object]:
        """Curves and limits of the set."""
        c = air_cooled_curve_set(self.curves)
        return {
            **PlantChiller.derive(self, around),
            "rated_cop": self.rated_cop if self.rated_cop is not None else c.cop,
            "limits": (*c.leaving_c, *c.entering_c, *c.plr),
            "capft": c.capft, "eirft": c.eirft, "eirfplr": c.eirfplr,
        }  # fmt: skip
