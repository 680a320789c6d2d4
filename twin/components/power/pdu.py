"""Power distribution units: transformer and distribution losses between the UPS and the racks."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from twin.components.power.device import PowerDevice, Redundancy, installed_count


class Pdu(PowerDevice):
    """Power distribution unit, busway or remote power panel."""

    kind: Literal["pdu"] = "pdu"
    """Kind of power device."""
    rated_kw: float = Field(gt=0, le=1e6)
    """Rated power of one unit."""
    units_count: int = Field(1, ge=1, le=1000)
    """Units needed for the load (N)."""
    redundancy: Redundancy = "N"
    """N: as needed; N+1: one unit more; 2N: two such feeds, each carrying half."""
    no_load_frac: float = Field(0.0025, ge=0, le=0.2)
    """Loss at no load over rating."""
    proportional_frac: float = Field(0.0, ge=0, le=0.2)
    """Loss in proportion to load, at full load over rating."""
    square_frac: float = Field(0.0125, ge=0, le=0.2)
    """Loss with the square of load, at full load over rating."""

    end_use: ClassVar[str] = "pdu"

    @property
    def needed_share_frac(self) -> float:
        """Units that the load needs (N) over units installed."""
        return self.units_count / installed_count(self.units_count, self.redundancy)

    def rating(self) -> tuple[float, float, float, float]:
        """Rated power of all units installed, and loss coefficients."""
        total_kw = installed_count(self.units_count, self.redundancy) * self.rated_kw
        return total_kw, self.no_load_frac, self.proportional_frac, self.square_frac


class Panel(Pdu):
    """Switchboard or panel that feeds mechanical equipment."""

    kind: Literal["panel"] = "panel"  # type: ignore[assignment]
    """Kind of power device."""
    no_load_frac: float = Field(0.0, ge=0, le=0.2)
    """Loss at no load over rating."""
    square_frac: float = Field(0.005, ge=0, le=0.2)
    """Loss with the square of load, at full load over rating."""

    end_use: ClassVar[str] = "panel"
