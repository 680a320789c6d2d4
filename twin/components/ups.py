"""Uninterruptible power supply: modules with three-coefficient losses, redundancy and eco mode."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from twin.components.power import PowerDevice
from twin.physics.losses import UPS_COEFFICIENTS


class Ups(PowerDevice):
    """UPS of equal modules that share the load; redundant modules lower the load of each."""

    kind: Literal["ups"] = "ups"
    """Kind of power device."""
    module_kw: float = Field(gt=0, le=1e5)
    """Rated power of one module."""
    modules_count: int = Field(ge=1, le=200)
    """Modules needed for the load (N)."""
    redundancy: Literal["N", "N+1", "2N"] = "N+1"
    """N: as needed; N+1: one module more; 2N: two such systems, each carrying half."""
    losses: Literal["modern", "legacy", "eco"] = "modern"
    """Loss curve: modern or legacy double conversion, or eco mode (bypass)."""

    end_use: ClassVar[str] = "ups"

    @property
    def installed_count(self) -> int:
        """Modules installed, redundant ones included."""
        return {"N": self.modules_count, "N+1": self.modules_count + 1, "2N": 2 * self.modules_count}[self.redundancy]

    def rating(self) -> tuple[float, float, float, float]:
        """Rated power of all installed modules and loss coefficients."""
        return (self.installed_count * self.module_kw, *UPS_COEFFICIENTS[self.losses])
