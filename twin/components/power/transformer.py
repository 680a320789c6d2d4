"""Transformers: no-load and load losses from the efficiency at 35 % load, stated or the least of a class."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from twin.components.power.device import PowerDevice, Redundancy, installed_count
from twin.errors import SpecFault
from twin.physics.losses import (
    TRANSFORMER_EFFICIENCY,
    TRANSFORMER_LOAD_FRAC,
    doe_2016_efficiency_frac,
    transformer_losses_frac,
)

USUAL_EFFICIENCY_FRAC = 0.9928  # DOE 2016 minimum of a dry type of 1000 kVA, 10 CFR 431.196


class Transformer(PowerDevice):
    """Equal transformers that share the load, at unity power factor."""

    kind: Literal["transformer"] = "transformer"
    """Kind of power device."""
    rated_kva: float = Field(gt=0, le=1e6)
    """Rated power of one transformer."""
    units_count: int = Field(1, ge=1, le=50)
    """Transformers needed for the load (N)."""
    redundancy: Redundancy = "N"
    """N: as needed; N+1: one transformer more; 2N: two such feeds, each carrying half."""
    efficiency_frac: float | None = Field(None, gt=0.9, lt=1)
    """Efficiency at 35 % load, taken as its peak; 0.9928 if neither it nor a class is stated."""
    efficiency_class: Literal["doe_2016_dry"] | None = None
    """Class instead of an efficiency: doe_2016_dry, the least of a low-voltage dry type by its kVA (10 CFR 431.196)."""

    end_use: ClassVar[str] = "transformer"

    @model_validator(mode="after")
    def _losses_are_stated_once(self) -> Self:
        if self.efficiency_class is None:
            return self
        if self.efficiency_frac is not None:
            raise SpecFault(("efficiency_class",), "state efficiency_frac or efficiency_class, not both")
        least, most = min(TRANSFORMER_EFFICIENCY), max(TRANSFORMER_EFFICIENCY)
        if not least <= self.rated_kva <= most:
            rated = f"covers {least:g} to {most:g} kVA, rated_kva is {self.rated_kva:g}"
            raise SpecFault(("efficiency_class",), f"{self.efficiency_class} {rated}; state efficiency_frac instead")
        return self

    @property
    def needed_share_frac(self) -> float:
        """Transformers that the load needs (N) over transformers installed."""
        return self.units_count / installed_count(self.units_count, self.redundancy)

    def rating(self) -> tuple[float, float, float, float]:
        """Rated power of all transformers at unity power factor; no-load and load losses."""
        stated = self.efficiency_frac or USUAL_EFFICIENCY_FRAC
        efficiency = doe_2016_efficiency_frac(self.rated_kva) if self.efficiency_class else stated
        no_load, square = transformer_losses_frac(efficiency, TRANSFORMER_LOAD_FRAC)
        return installed_count(self.units_count, self.redundancy) * self.rated_kva, no_load, 0.0, square
