"""Curve sets of real chillers, by name, from the table that the twin ships."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twin.errors import did_you_mean
from twin.series.files import resolve
from twin.yaml_source import load, shown


@dataclass(frozen=True)
class CurveSet:
    """Capacity and energy curves of one chiller with the range in which they are valid, degC and fractions."""

    cop: float | None
    capft: tuple[float, ...]
    eirft: tuple[float, ...]
    eirfplr: tuple[float, ...]
    leaving_c: tuple[float, ...]  # lowest and highest
    entering_c: tuple[float, ...]
    plr: tuple[float, ...]
    motor_efficiency_frac: float


def curve_set(name: str) -> CurveSet:
    """The water-cooled set called ``name``; ValueError with the nearest names where there is none."""
    return _named(name, "water")


def air_cooled_curve_set(name: str) -> CurveSet:
    """The air-cooled set called ``name``, its entering temperature the outdoor dry bulb; ValueError where none."""
    return _named(name, "air")


def _named(name: str, condenser: str) -> CurveSet:
    sets = _sets(condenser)
    if name not in sets:
        near = did_you_mean(name, sets) or f"; data/chillers.yaml has {', '.join(sets)}"
        raise ValueError(f"no chiller curves {shown(name)}{near}")
    return sets[name]


@functools.cache
def _sets(condenser: str) -> Mapping[str, CurveSet]:
    table: Any = load(resolve("data:chillers.yaml")).data
    return {
        name: _curve_set(row) for name, row in table.items() if row["kind"] == "eir" and row["condenser"] == condenser
    }


def _curve_set(row: Mapping[str, Any]) -> CurveSet:
    return CurveSet(
        cop=row["cop"],
        capft=tuple(row["capft"]),
        eirft=tuple(row["eirft"]),
        eirfplr=tuple(row["eirfplr"]),
        leaving_c=tuple(row["chilled_range_c"]),
        entering_c=tuple(row["condenser_range_c"]),
        plr=tuple(row["plr_range_frac"]),
        motor_efficiency_frac=row["motor_efficiency_frac"],
    )
