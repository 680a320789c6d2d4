"""Cooling tower after the YorkCalc correlation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from twin.compiled import compilable
from twin.components.base import Phase, Surroundings
from twin.components.plant.rejection import rejection_offer
from twin.components.plant.tower import Tower, fan_and_water
from twin.physics.towers import FAN_CUBE, yorkcalc_calibrated_ratio, yorkcalc_tower


@compilable
def yorkcalc_reject(p, u, w, s, x, y, condenser, dt_h):  # type: ignore[no-untyped-def]
    """Its share of heat and water at the set-point, or at what the fans can do."""
    share = y.design_kg_s / condenser.design_flow_kg_s
    y.water_kg_s = condenser.flow_kg_s * share
    y.rejected_kw = condenser.heat_kw * share
    y.leaving_c, y.air_ratio, y.fan_on_frac, y.clamped_count = yorkcalc_tower(
        y.rejected_kw, y.water_kg_s, max(p.calibrated_kg_s * u.availability_frac, 1e-9), w.wet_bulb_c,
        condenser.target_c, p.air_minimum_frac, p.free_convection_frac)  # fmt: skip
    condenser.leaving_sum += y.design_kg_s * y.leaving_c


class YorkCalcTower(Tower):
    """Tower of the York correlation, calibrated to its design approach. Wet bulb -34 to 26.7 degC."""

    kind: Literal["yorkcalc"] = "yorkcalc"
    """Kind of heat rejection."""

    derived: ClassVar[Mapping[str, int]] = {**Tower.shared, "calibrated_kg_s": 0}
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("rejection_offer", rejection_offer, ("condenser",)),
        Phase("reject", yorkcalc_reject, ("condenser",)),
        Phase("observe", fan_and_water, ("condenser",)),
    )

    def derive(self, around: Surroundings) -> dict[str, object]:
        """Water flow at which the correlation has the design approach at equal flow ratios."""
        own = self.shared_parameters(FAN_CUBE)
        ratio = yorkcalc_calibrated_ratio(self.design_wet_bulb_c, self.design_range_k, self.design_approach_k)
        return own | {"calibrated_kg_s": own["water_kg_s"] / ratio}  # type: ignore[operator]
