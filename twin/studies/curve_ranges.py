"""Set-points at which a chiller's curves do not hold, told by name: why hours are counted at the edge of a curve."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from twin.components.plant.chiller import Chiller
from twin.components.plant.chiller_air_cooled import AirCooledChiller
from twin.components.plant.chiller_curves import CurveSet, air_cooled_curve_set, curve_set
from twin.scenario.model import Scenario


def curve_warnings(spec: Scenario) -> list[str]:
    """A sentence for each plant and range of curves that its chilled water is set outside of."""
    return [f"plants.{name}.{text}" for name, plant in spec.plants.items() for text in _of_plant(plant)]


def _of_plant(plant: Any) -> Iterator[str]:
    low_c, high_c = plant.supply_reset.extremes_c() if plant.supply_reset else (plant.supply_c, plant.supply_c)
    beyond: dict[tuple[float, ...], list[str]] = {}
    for name, chiller in plant.chillers.items():
        known = _curves(chiller)
        if known is not None and (low_c < known.leaving_c[0] or high_c > known.leaving_c[1]):
            beyond.setdefault(known.leaving_c, []).append(name)
    field = "supply_reset" if plant.supply_reset else "supply_c"
    water = f"{low_c:g} to {high_c:g} degC" if low_c < high_c else f"{low_c:g} degC"
    for (least_c, most_c), names in beyond.items():
        told = f"those of {', '.join(names)} hold from {least_c:g} to {most_c:g} degC"
        yield f"{field}: water of {water} is beyond the curves of chillers, {told}"


def _curves(chiller: Any) -> CurveSet | None:
    """Curves of a chiller that is held to their range; other kinds have none, or go beyond them."""
    if isinstance(chiller, Chiller):
        return curve_set(chiller.curves)
    return air_cooled_curve_set(chiller.curves) if isinstance(chiller, AirCooledChiller) else None
