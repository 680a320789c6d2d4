"""Uninterruptible power supply: modules with three-coefficient losses, redundancy and eco mode."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from twin.components.catalog_parts import AnyBattery
from twin.components.power.device import PowerDevice, Redundancy, installed_count
from twin.physics.losses import UPS_COEFFICIENTS


class Ups(PowerDevice):
    """UPS of equal modules that share the load; redundant modules lower the load of each."""

    kind: Literal["ups"] = "ups"
    """Kind of power device."""
    module_kw: float = Field(gt=0, le=1e5)
    """Rated power of one module."""
    modules_count: int = Field(ge=1, le=200)
    """Modules needed for the load (N)."""
    redundancy: Redundancy = "N+1"
    """N: as needed; N+1: one module more; 2N: two such systems, each carrying half."""
    losses: Literal["modern", "legacy", "eco"] = "modern"
    """Loss curve: modern or legacy double conversion, or eco mode (bypass)."""
    efficiency_frac: float | None = Field(None, ge=0.5, le=1)
    """Output over input at any load, in the place of the loss curve; the curve if left out."""
    battery: AnyBattery | None = None
    """Battery that carries the load when the feed fails, or none."""

    end_use: ClassVar[str] = "ups"
    has_bypass: ClassVar[bool] = True

    @property
    def installed_count(self) -> int:
        """Modules installed, redundant ones included."""
        return installed_count(self.modules_count, self.redundancy)

    @property
    def needed_share_frac(self) -> float:
        """Modules that the load needs (N) over modules installed."""
        return self.modules_count / self.installed_count

    def rating(self) -> tuple[float, float, float, float]:
        """Rated power of all installed modules and loss coefficients; in proportion where efficiency is constant."""
        rated_kw = self.installed_count * self.module_kw
        if self.efficiency_frac is not None:
            return rated_kw, 0.0, 1.0 / self.efficiency_frac - 1.0, 0.0
        return (rated_kw, *UPS_COEFFICIENTS[self.losses])
