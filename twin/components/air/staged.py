"""What halls behind an air-side stage share: units whose air passes outdoor air or an exchanger, then a trim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from twin.compiled import compilable
from twin.components.air.hall_air import REFERENCE_KG_M3, HallCooling
from twin.components.air.moisture import REMOVAL
from twin.components.air.trim import TRIM_OUTPUTS, TRIM_PARAMETERS
from twin.components.base import Fields, Surroundings
from twin.physics.tower_water import blowdown_kg_s
from twin.units import AIR_CP_KJ_KG_K, SECONDS_PER_HOUR, WATER_KG_M3

MOST_RISE_K = 20.0  # greatest rise of the air through racks for which units are sized (Lei & Masanet: 13.9-19.4 K)


@compilable
def stage_water(p, y, evaporated_kg_s):  # type: ignore[no-untyped-def]
    """Water of the stage: what it evaporates, what is bled for it, and both together."""
    m3_h = SECONDS_PER_HOUR / WATER_KG_M3
    y.evaporation_m3_h = evaporated_kg_s * m3_h
    y.blowdown_m3_h = blowdown_kg_s(evaporated_kg_s, 0.0, p.cycles_ratio, 0.0) * m3_h
    y.make_up_m3_h = y.evaporation_m3_h + y.blowdown_m3_h


@compilable
def stage_modes(y, works):  # type: ignore[no-untyped-def]
    """Whether the stage carries all, or a part beside the trim; ``works`` is above 0 where it does anything."""
    y.free_mode = 1.0 if works > 0.0 and y.trim_kw <= 0.0 else 0.0
    y.partial_mode = 1.0 if works > 0.0 and y.trim_kw > 0.0 else 0.0


class StagedCooling(HallCooling):
    """Units of a hall that are sized by their air, with a stage that costs little and mechanical cooling behind it."""

    sized_by: ClassVar[tuple[str, str]] = ("airflow_m3_s", "units")
    shared: ClassVar[Mapping[str, int]] = {**HallCooling.shared, **TRIM_PARAMETERS, "tracked": 0}
    state: ClassVar[Fields] = {**HallCooling.state, **REMOVAL, "valve_frac": "Water valve of the last step"}
    outputs: ClassVar[Fields] = {
        **HallCooling.outputs,
        **TRIM_OUTPUTS,
        "power_kw": "Power of the units, fans and compressors included",
        "make_up_m3_h": "Water made up",
        "evaporation_m3_h": "Water evaporated",
        "blowdown_m3_h": "Water bled",
        "free_mode": "1: outdoor air does without mechanical cooling",
        "partial_mode": "1: outdoor air and mechanical cooling together",
    }
    draws: ClassVar[str | None] = "power_kw"
    end_use: ClassVar[str] = "crah_fan"
    end_uses: ClassVar[Mapping[str, str]] = {"compressor_kw": "crac", "pump_kw": "pump"}

    @property
    def unit_kw(self) -> float:
        """Heat that one unit's air carries with a rise of 20 K."""
        return self.airflow_m3_s * REFERENCE_KG_M3 * AIR_CP_KJ_KG_K * MOST_RISE_K

    def initial(self, around: Surroundings) -> dict[str, float]:
        """At set-point; the warm-up brings the rest."""
        return {**HallCooling.initial(self, around), "valve_frac": 0.5, "removal_kg_s": 0.0, "removal_ratio": 0.0}
