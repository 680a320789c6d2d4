"""Medium-voltage transformers: no-load and load losses from the efficiency at 35 % load."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from twin.components.power import PowerDevice
from twin.physics.losses import transformer_losses_frac


class Transformer(PowerDevice):
    """Equal transformers that share the load, at unity power factor."""

    kind: Literal["transformer"] = "transformer"
    """Kind of power device."""
    rated_kva: float = Field(gt=0, le=1e6)
    """Rated power of one transformer."""
    units_count: int = Field(1, ge=1, le=50)
    """Transformers in service."""
    efficiency_frac: float = Field(0.9928, gt=0.9, lt=1)
    """Efficiency at 35 % load, taken as its peak (DOE 2016 minimum for 1,000 kVA dry type: 0.9928)."""

    end_use: ClassVar[str] = "transformer"

    def rating(self) -> tuple[float, float, float, float]:
        """Rated power at unity power factor; no-load and load losses."""
        no_load, square = transformer_losses_frac(self.efficiency_frac, 0.35)
        return self.units_count * self.rated_kva, no_load, 0.0, square
