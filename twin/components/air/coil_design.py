"""Design point of a counterflow water coil in air: what of it no coil can have, and the conductance that it takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from twin.components.air.hall_air import REFERENCE_KG_M3
from twin.errors import SpecFault
from twin.physics.exchangers import BEST_EXCHANGER_FRAC, design_exchanger
from twin.units import AIR_CP_KJ_KG_K


@dataclass(frozen=True)
class CoilDesign:
    """Heat of one coil at its design point, with the names of the fields that state it.

    ``inside`` is the part of the component that holds them, ``figures`` how a capacity is written.
    """

    capacity_kw: float
    airflow_m3_s: float
    air_c: float
    water_c: float
    water_rise_k: float
    names: tuple[str, str, str, str]  # of capacity, entering air, entering water, rise of the water
    inside: tuple[str, ...] = ()
    figures: str = ",.0f"

    @property
    def air_kw_per_k(self) -> float:
        """Capacity rate of the air at its stated density."""
        return self.airflow_m3_s * REFERENCE_KG_M3 * AIR_CP_KJ_KG_K

    @property
    def water_kw_per_k(self) -> float:
        """Capacity rate of the water."""
        return self.capacity_kw / self.water_rise_k

    def conductance_kw_per_k(self) -> float:
        """UA with which the coil carries its capacity, in counterflow."""
        _, ua = design_exchanger(self.capacity_kw, self.air_kw_per_k, self.water_kw_per_k, self.air_c - self.water_c)
        return ua

    def faults(self) -> Iterator[SpecFault]:
        """A design point that no coil of any size has."""
        capacity, air, water, rise = self.names
        span_k = BEST_EXCHANGER_FRAC * (self.air_c - self.water_c)
        most_kw = self.air_kw_per_k * span_k
        if span_k <= 0:
            bound = f"must be above {water} ({self.water_c:g}), got {self.air_c:g}"
            yield SpecFault((*self.inside, air), bound)
        elif self.water_rise_k > span_k:
            risen = f"water of {self.water_c:g} degC cannot rise by {self.water_rise_k:g} K"
            yield SpecFault((*self.inside, rise), f"{risen} in air of {self.air_c:g} degC")
        elif self.capacity_kw > most_kw:
            carried = f"{self.airflow_m3_s:g} m3/s of air carry at most {most_kw:{self.figures}} kW"
            span = f"from {self.air_c:g} degC to water of {self.water_c:g} degC"
            yield SpecFault((*self.inside, capacity), f"{carried} {span}, got {self.capacity_kw:g}")
