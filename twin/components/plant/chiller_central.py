"""Chilled water of a central plant nearby, taken through an exchanger: a stated efficiency of that plant as a whole."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Fields, Ledger, Phase
from twin.components.plant.plant_chiller import PlantChiller, offer_rated, take_share


@compilable
def central_serve(p, u, w, s, x, y, loop, dt_h):  # type: ignore[no-untyped-def]
    """Its share of the load and the power that the central plant needs for it."""
    take_share(p, y, loop)
    y.power_kw = y.cooling_kw / p.plant_cop


class CentralPlantWater(PlantChiller):
    """Capacity from a central plant that serves others, too; what that plant draws for it counts as the site's.

    Its heat leaves through towers of its own, whose water is not counted.
    """

    kind: Literal["central_plant"] = "central_plant"
    """Kind of chiller."""
    rated_kw: float = Field(gt=0, le=100000)
    """Capacity of the exchanger."""
    plant_cop: float = Field(ge=1.5, le=10)
    """Heat over the power of chillers, pumps and towers of the central plant, all in all (.8 kW/ton: 4.4)."""

    outputs: ClassVar[Fields] = {**PlantChiller.outputs, "power_kw": "Power of the central plant for it"}
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("offer", offer_rated, ("loop",)),
        Phase("serve", central_serve, ("loop",)),
    )
    ledger: ClassVar[Ledger] = Ledger(electric=("power_kw",), from_water=("cooling_kw",))
