"""Water-cooled chillers for warm water: real curves, carried beyond their range at a constant share of Carnot."""

from __future__ import annotations

from typing import ClassVar, Literal

from twin.compiled import compilable
from twin.components.base import Fields, Phase
from twin.components.plant.chiller import WaterCooledChiller, chiller_offer, chiller_pass_on, chiller_rest
from twin.physics.chillers import warm_chiller_power_kw


@compilable
def warm_power(p, y, chilled_c, entering_c):  # type: ignore[no-untyped-def]
    """Power for the chiller's load at these waters, then the counts of a load too large and of an extrapolation."""
    power_kw, _, clamped, extrapolated = warm_chiller_power_kw(
        y.cooling_kw, chilled_c, entering_c, p.rated_kw, p.rated_cop, p.limits, p.capft, p.eirft, p.eirfplr
    )
    return power_kw, clamped, extrapolated


@compilable
def warm_serve(p, u, w, s, x, y, loop, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Its share of the load, the power for it, and heat and water to the condenser loop."""
    y.extrapolated_count = 0.0
    if chiller_rest(p, y, loop):
        y.cooling_kw = loop.plr_frac * y.capacity_kw
        y.power_kw, y.clamped_count, y.extrapolated_count = warm_power(p, y, loop.supply_c, y.entering_c)
        if p.blended_c > condenser.supply_c:
            cold_kw, _, _ = warm_power(p, y, loop.supply_c, condenser.supply_c)
            y.blend_cost_kw = y.power_kw - cold_kw
        condenser.flow_kg_s += p.condenser_kg_s * u.availability_frac * condenser.flow_frac
    chiller_pass_on(p, y, loop, condenser)


class WarmChiller(WaterCooledChiller):
    """One chiller for facility water of up to some 45 degC. No listed make is fitted above 13 degC leaving water.

    Beyond its curves it keeps their capacity, and its COP the share of Carnot that it has at their edge.
    """

    kind: Literal["carnot_fraction"] = "carnot_fraction"
    """Kind of chiller."""

    outputs: ClassVar[Fields] = {
        **WaterCooledChiller.outputs,
        "clamped_count": "1: the load exceeds what it can take",
        "extrapolated_count": "1: carried beyond its curves at a constant share of Carnot",
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("offer", chiller_offer, ("loop", "condenser")),
        Phase("serve", warm_serve, ("loop", "condenser")),
    )
