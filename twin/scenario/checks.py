"""What can only be checked when the whole scenario is there: names that point to other parts, and sizes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from twin.errors import did_you_mean
from twin.scenario.faults import SpecFault, SpecFaults
from twin.scenario.walk import components

GRID = "grid"
OUTDOORS = "outdoors"


def check_references(scenario: Any) -> None:
    """Raise all faults of names, feeding circles and sizes at once."""
    faults = [*_names(scenario), *_feeding_circles(scenario), *_steps(scenario), *_capacities(scenario)]
    if faults:
        raise SpecFaults(faults)


def _names(scenario: Any) -> Iterator[SpecFault]:
    places = [f"halls.{n}" for n in scenario.halls] + [f"rooms.{n}" for n in scenario.rooms]
    for path, component in components(scenario):
        for field, allowed in (
            ("plant", list(scenario.plants)),
            ("fed_by", [GRID, *scenario.power]),
            ("heat_to", [OUTDOORS, *places]),
        ):
            word = getattr(component, field, None)
            if isinstance(word, str) and word not in allowed:
                shown = ", ".join(allowed)
                yield SpecFault((*path, field), f"'{word}' is not one of {shown}{did_you_mean(word, allowed)}")


def _feeding_circles(scenario: Any) -> Iterator[SpecFault]:
    for name in scenario.power:
        seen = [name]
        while (feeder := scenario.power[seen[-1]].fed_by) in scenario.power:
            seen.append(feeder)
            if feeder == name:
                yield SpecFault(("power", name, "fed_by"), f"feeds itself: {' <- '.join(seen)}")
            if seen.count(feeder) > 1:
                break


def _steps(scenario: Any) -> Iterator[SpecFault]:
    seconds = seconds_of(scenario.run.step)
    if not ((seconds <= 3600 and 3600 % seconds == 0) or (seconds % 3600 == 0 and 86400 % seconds == 0)):
        yield SpecFault(
            ("run", "step"), f"'{scenario.run.step}' does not divide an hour or a day evenly; try 5min or 1h"
        )


def seconds_of(text: str) -> int:
    """Seconds of ``5s``, ``15min``, ``1h`` or ``7d``."""
    for suffix, factor in (("min", 60), ("s", 1), ("h", 3600), ("d", 86400)):
        if text.endswith(suffix):
            return int(text.removesuffix(suffix)) * factor
    raise ValueError(text)


def _capacities(scenario: Any) -> Iterator[SpecFault]:
    """A plant whose chillers cannot carry the racks that depend on it even with nothing lost is a fault."""
    for name, plant in scenario.plants.items():
        halls = {k: h for k, h in scenario.halls.items() if getattr(h.air, "plant", None) == name}
        racks_kw = sum(g.servers_count * g.peak_w / 1000.0 for h in halls.values() for g in h.rack_groups.values())
        racks_kw += sum(load.heat_kw for load in plant.process.values())
        chillers_kw = sum(c.rated_kw for c in plant.chillers.values())
        if chillers_kw < racks_kw:
            yield SpecFault(
                ("plants", name, "chillers"),
                f"{chillers_kw:,.0f} kW of chillers cannot carry {racks_kw:,.0f} kW of racks at peak"
                f" ({', '.join(halls) or 'process loads'}); add chillers or lower the racks",
            )
    for name, hall in scenario.halls.items():
        racks_kw = sum(g.servers_count * g.peak_w / 1000.0 for g in hall.rack_groups.values())
        coils_kw = hall.air.units_count * hall.air.coil_capacity_kw
        if coils_kw < racks_kw:
            yield SpecFault(
                ("halls", name, "air", "coil_capacity_kw"),
                f"{hall.air.units_count} coils of {hall.air.coil_capacity_kw:,.0f} kW cannot carry"
                f" {racks_kw:,.0f} kW of racks at peak",
            )
