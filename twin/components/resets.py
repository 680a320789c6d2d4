"""Set-points that follow the weather or the load: a straight line between two points, held beyond them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from twin.components.profiles import ALWAYS, Availability
from twin.errors import SpecFault
from twin.quantities import Spec

LEAST_SPAN_K = 0.1  # of outdoor temperature between the two points: less would be a switch


class OutdoorReset(Spec):
    """Set-point by outdoor temperature."""

    kind: Literal["outdoor"] = "outdoor"
    """Kind of reset."""
    by: Literal["dry_bulb", "wet_bulb"] = "dry_bulb"
    """Outdoor temperature that it follows."""
    low_outdoor_c: float = Field(ge=-50, le=60)
    """Outdoor temperature of the first point; below it the set-point stays."""
    high_outdoor_c: float = Field(ge=-50, le=60)
    """Outdoor temperature of the second point; above it the set-point stays."""
    set_at_low_c: float = Field(ge=2, le=60)
    """Set-point at the first point."""
    set_at_high_c: float = Field(ge=2, le=60)
    """Set-point at the second point."""
    sensors: Availability = ALWAYS
    """The network of sensors that the controller reads; while less than half of it works it knows nothing new."""
    fallback_c: float | None = Field(None, ge=2, le=60)
    """Set-point while the sensors are lost; it stays where it was if left out."""

    @model_validator(mode="after")
    def _points_are_in_order(self) -> Self:
        if self.high_outdoor_c < self.low_outdoor_c + LEAST_SPAN_K:
            bound = f"must be at least {LEAST_SPAN_K:g} K above low_outdoor_c ({self.low_outdoor_c:g})"
            raise SpecFault(("high_outdoor_c",), f"{bound}, got {self.high_outdoor_c:g}")
        return self

    def course_c(self, weather: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Set-point in degC for each step of the weather, shape (steps,)."""
        points = (self.low_outdoor_c, self.high_outdoor_c), (self.set_at_low_c, self.set_at_high_c)
        return np.interp(weather[f"{self.by}_c"], *points)

    def extremes_c(self) -> tuple[float, float]:
        """Lowest and highest set-point."""
        return extremes(self.set_at_low_c, self.set_at_high_c, self.fallback_c)


class LoadReset(Spec):
    """Set-point of chilled water by the heat that the loop takes up: warmer water where there is less to cool."""

    kind: Literal["load"] = "load"
    """Kind of reset."""
    light_load_kw: float = Field(ge=0, le=1e6)
    """Heat of the first point; the set-point stays below it."""
    full_load_kw: float = Field(gt=0, le=1e6)
    """Heat of the second point; the set-point stays above it."""
    set_at_light_c: float = Field(ge=2, le=60)
    """Set-point at the first point."""
    set_at_full_c: float = Field(ge=2, le=60)
    """Set-point at the second point."""
    lag_min: float = Field(15.0, ge=1, le=600)
    """Time constant with which the controller's view of the load follows it; it keeps the two from hunting."""
    sensors: Availability = ALWAYS
    """The network of sensors that the controller reads; while less than half of it works it knows nothing new."""
    fallback_c: float | None = Field(None, ge=2, le=60)
    """Set-point while the sensors are lost; it stays where it was if left out."""

    @model_validator(mode="after")
    def _points_are_in_order(self) -> Self:
        if self.full_load_kw <= self.light_load_kw:
            bound = f"must be above light_load_kw ({self.light_load_kw:g})"
            raise SpecFault(("full_load_kw",), f"{bound}, got {self.full_load_kw:g}")
        if self.set_at_light_c < self.set_at_full_c:
            bound = f"must not be below set_at_full_c ({self.set_at_full_c:g})"
            raise SpecFault(("set_at_light_c",), f"{bound}: more load takes colder water; got {self.set_at_light_c:g}")
        return self

    def extremes_c(self) -> tuple[float, float]:
        """Lowest and highest set-point."""
        return extremes(self.set_at_full_c, self.set_at_light_c, self.fallback_c)


WaterReset = Annotated[OutdoorReset | LoadReset, Field(discriminator="kind")]


@dataclass(frozen=True)
class Sensed:
    """Sensors that a controller sets an input by; ``path`` is that of the part that states them.

    While they are lost the input holds what it was, or is ``fallback_c``; of a reset by load, so does its view of it.
    """

    path: tuple[str, ...]
    owner: str  # path of the component whose input it is
    name: str  # of the input
    availability: Any
    fallback_c: float | None
    by_load: bool = False


def extremes(*set_points: float | None) -> tuple[float, float]:
    """Lowest and highest of those that are stated."""
    stated = [one for one in set_points if one is not None]
    return min(stated), max(stated)


def range_faults(
    field: str, reset: OutdoorReset | LoadReset | None, low_c: float, high_c: float
) -> Iterator[SpecFault]:
    """Set-points of a reset that lie outside of what the field without a reset may be."""
    for name in type(reset).model_fields if reset is not None else ():
        if name.startswith("set_at_") or name == "fallback_c":
            value = getattr(reset, name)
            if value is not None and not low_c <= value <= high_c:
                yield SpecFault((field, name), f"must be from {low_c:g} to {high_c:g}, got {value:g}")
