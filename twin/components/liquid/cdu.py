"""Coolant distribution units: heat of cold plates carried by a coolant loop to the water of a plant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Ledger, Phase, Surroundings
from twin.components.liquid.coolant_loop import CoolantLoop, carry_heat
from twin.physics.liquid import glycol_cp_kj_kg_k, glycol_density_kg_m3

HALF = 0.5  # each side holds half of a plate exchanger's thermal resistance at design


@compilable
def coolant_step(p, u, w, s, x, y, liquid, loop, dt_h):  # type: ignore[no-untyped-def]
    """Heat of the racks and of the pumps to facility water."""
    y.pump_kw = p.pump_kw * u.availability_frac
    y.rack_heat_kw = liquid.rack_heat_kw
    carry_heat(p, u, s, x, y, y.rack_heat_kw + y.pump_kw, HALF, liquid, loop, dt_h)


class Cdu(CoolantLoop):
    """Coolant distribution units of one hall, all as one: a coolant loop with pumps, and a plate exchanger."""

    kind: Literal["cdu"] = "cdu"
    """Kind of liquid cooling."""
    glycol_frac: float = Field(0.25, ge=0, le=0.6)
    """Propylene glycol in the coolant, by mass."""
    volume_m3: float = Field(0.5, gt=0, le=1000)
    """Coolant in the loop."""

    derived: ClassVar[Mapping[str, int]] = dict(CoolantLoop.shared)
    phases: ClassVar[tuple[Phase, ...]] = (Phase("load", coolant_step, ("liquid", "loop")),)
    ledger: ClassVar[Ledger] = Ledger(electric=("pump_kw",), to_water=("pump_kw",))

    def derive(self, around: Surroundings) -> dict[str, float]:
        """What every coolant loop shares, for glycol at the set-point."""
        density = glycol_density_kg_m3(self.supply_set_c, self.glycol_frac)
        return self.loop_parameters(self.volume_m3, density, glycol_cp_kj_kg_k(self.supply_set_c, self.glycol_frac))
