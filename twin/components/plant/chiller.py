"""Water-cooled electric chillers: capacity and power after the EIR curves of a real make, within their valid range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from twin.compiled import compilable
from twin.components.base import Fields, Ledger, Phase, Surroundings
from twin.components.plant.chiller_curves import curve_set
from twin.components.plant.plant_chiller import PlantChiller, at_rest, offer_capacity
from twin.physics.chillers import chiller_capacity_kw, chiller_power_kw
from twin.units import WATER_CP_KJ_KG_K, WATER_KG_M3

LEAST_KG_S = 1e-6  # design flow of towers in service below which the chiller trips: its heat has nowhere to go


def _known_curves(name: str) -> str:
    curve_set(name)
    return name


@compilable
def chiller_offer(p, u, w, s, x, y, loop, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Capacity at the waters of this pass, added to what the plant has if this chiller is called.

    With less condenser water than it asks for, its water leaves warmer by the rise at its rating times (1/share - 1),
    and it works as with water that enters so much warmer: lift goes by the water that leaves (EnergyPlus engineering
    reference, Chiller:Electric:ReformulatedEIR). It unloads where that is beyond its curves.
    """
    y.entering_c = max(condenser.supply_c, p.blended_c)
    held_frac = 1.0
    if condenser.flow_frac < 1.0:
        warmer_k = p.rated_rise_k * (1.0 / condenser.flow_frac - 1.0)
        held_frac = min(max((p.limits[3] - condenser.supply_c) / warmer_k, 0.0), 1.0)
        y.entering_c = max(condenser.supply_c + warmer_k, p.blended_c)
    full_kw = chiller_capacity_kw(loop.supply_c, y.entering_c, p.rated_kw, p.limits, p.capft)
    y.capacity_kw = u.availability_frac * held_frac * full_kw if condenser.design_flow_kg_s > LEAST_KG_S else 0.0
    offer_capacity(p, y, loop)


@compilable
def chiller_rest(p, y, loop):  # type: ignore[no-untyped-def]
    """As :func:`at_rest`, without blended water."""
    y.blend_cost_kw = 0.0
    return at_rest(p, y, loop)


@compilable
def chiller_pass_on(p, y, loop, condenser):  # type: ignore[no-untyped-def]
    """Its cooling to the chilled water, and its heat to the condenser water."""
    y.blend_k = max(p.blended_c - condenser.supply_c, 0.0) if y.cooling_kw > 0.0 else 0.0
    y.water_heat_kw = y.power_kw * p.motor_frac
    loop.chilled_kw += y.cooling_kw
    condenser.heat_kw += y.cooling_kw + y.water_heat_kw


@compilable
def chiller_serve(p, u, w, s, x, y, loop, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Its share of the load, the power for it, and heat and water to the condenser loop."""
    if chiller_rest(p, y, loop):
        y.cooling_kw = loop.plr_frac * y.capacity_kw
        y.power_kw, _, y.clamped_count = chiller_power_kw(
            y.cooling_kw, loop.supply_c, y.entering_c, p.rated_kw, p.rated_cop, p.limits, p.capft, p.eirft, p.eirfplr
        )
        if p.blended_c > condenser.supply_c:
            cold_kw, _, _ = chiller_power_kw(
                y.cooling_kw, loop.supply_c, condenser.supply_c, p.rated_kw, p.rated_cop, p.limits, p.capft, p.eirft,
                p.eirfplr)  # fmt: skip
            y.blend_cost_kw = y.power_kw - cold_kw
        condenser.flow_kg_s += p.condenser_kg_s * u.availability_frac * condenser.flow_frac
    chiller_pass_on(p, y, loop, condenser)


class WaterCooledChiller(PlantChiller):
    """What chillers on condenser water share. Curves come from the named make and scale with ``rated_kw``."""

    curves: Annotated[str, AfterValidator(_known_curves)]
    """Name of the curve set in data/chillers.yaml."""
    rated_kw: float = Field(gt=0, le=50000)
    """Cooling capacity at the set's reference temperatures."""
    rated_cop: float | None = Field(None, gt=1, le=15)
    """Coefficient of performance there; the set's own if left out."""
    condenser_flow_m3_s: float = Field(gt=0, le=100)
    """Condenser-water flow while it runs."""
    minimum_entering_c: float | None = Field(None, ge=5, le=40)
    """Colder condenser water is blended up to this; the lower end of the curves if left out."""

    derived: ClassVar[Mapping[str, int]] = {
        **PlantChiller.derived, "rated_cop": 0, "blended_c": 0, "motor_frac": 0, "condenser_kg_s": 0, "rated_rise_k": 0,
        "limits": 6, "capft": 6, "eirft": 6, "eirfplr": 3,
    }  # fmt: skip
    outputs: ClassVar[Fields] = {
        **PlantChiller.outputs,
        "power_kw": "Power of the compressor",
        "capacity_kw": "Capacity at these temperatures",
        "water_heat_kw": "Compressor heat to condenser water",
        "entering_c": "Condenser water entering; by its lift, where less than it asks for comes",
        "clamped_count": "1: a curve was used at the edge of its range",
        "blend_k": "Condenser water warmed by blending",
        "blend_cost_kw": "Power that water blended up costs against the towers' water",
    }
    ledger: ClassVar[Ledger] = Ledger(electric=("power_kw",), to_water=("water_heat_kw",))

    def derive(self, around: Surroundings) -> dict[str, object]:
        """Curves and limits of the set. Load is held at or below the rated capacity: PLR at most 1."""
        c = curve_set(self.curves)
        rated_cop: float = self.rated_cop or c.cop  # type: ignore[assignment]
        water_kg_s = self.condenser_flow_m3_s * WATER_KG_M3
        return {
            **PlantChiller.derive(self, around),
            "rated_cop": rated_cop,
            "rated_rise_k": self.rated_kw * (1.0 + 1.0 / rated_cop) / (water_kg_s * WATER_CP_KJ_KG_K),
            "blended_c": self.minimum_entering_c if self.minimum_entering_c is not None else c.entering_c[0],
            "motor_frac": c.motor_efficiency_frac,
            "condenser_kg_s": water_kg_s,
            "limits": (*c.leaving_c, *c.entering_c, *c.plr),
            "capft": c.capft, "eirft": c.eirft, "eirfplr": c.eirfplr,
        }  # fmt: skip


class Chiller(WaterCooledChiller):
    """One chiller within the range of its curves: beyond it their edge is used, and counted."""

    kind: Literal["water_cooled"] = "water_cooled"
    """Kind of chiller."""

    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("offer", chiller_offer, ("loop", "condenser")),
        Phase("serve", chiller_serve, ("loop", "condenser")),
    )
