"""Units that a site can lose, and the cases of losing any one of them or any two."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.components.it.rack_group import RackGroup
from twin.components.profiles import OutageProfile
from twin.engine.lowering import Lowered
from twin.engine.sensors import go_blind
from twin.scenario.model import Scenario
from twin.scenario.outages import AVAILABILITY, count_of
from twin.scenario.outages import units as losable
from twin.scenario.sensors import SENSORS, sensors
from twin.scenario.supply import SERVICE, can_fail


@dataclass(frozen=True)
class Unit:
    """``count`` equal units behind one path of a scenario: losing any of them is the same."""

    path: str
    count: int

    @property
    def is_sensors(self) -> bool:
        """Whether it is what a controller goes by, without which it holds its set-point."""
        return self.path.endswith(f".{SENSORS}")


@dataclass(frozen=True)
class Case:
    """Units lost together: how many of each."""

    lost: tuple[tuple[Unit, int], ...]

    @property
    def name(self) -> str:
        """Words for people.

        >>> Case(((Unit("halls.ai.air", 12), 1), (Unit("plants.main.chillers.large", 1), 1))).name
        '1 of 12 halls.ai.air + plants.main.chillers.large'
        """
        return " + ".join(f"{lost} of {unit.count} {unit.path}" if unit.count > 1 else unit.path
                          for unit, lost in self.lost)  # fmt: skip

    @property
    def ways(self) -> int:
        """Choices of units that this case stands for.

        >>> Case(((Unit("halls.ai.air", 12), 2),)).ways
        66
        """
        total = 1
        for unit, lost in self.lost:
            for at in range(lost):
                total = total * (unit.count - at) // (at + 1)
        return total

    @property
    def machines(self) -> tuple[tuple[Unit, int], ...]:
        """Those of its units that take capacity with them."""
        return tuple((unit, lost) for unit, lost in self.lost if not unit.is_sensors)

    def lost_frac(self, path: str) -> float:
        """Share of the units behind a path that is lost; 0 for others."""
        return next((lost / unit.count for unit, lost in self.lost if unit.path == path), 0.0)


def units_of(scenario: Scenario) -> list[Unit]:
    """Everything with an availability that a failure can take, in the order of the scenario; racks are not units."""
    found = losable(scenario).items()
    return [Unit(path, count_of(one)) for path, one in found if not isinstance(one, RackGroup)]


def cases_of(units: Sequence[Unit], together: int) -> list[Case]:
    """Every way to lose one unit, or two at the same time; equal units are counted once."""
    single = [Case(((unit, 1),)) for unit in units]
    if together == 1:
        return single
    alike = [Case(((unit, 2),)) for unit in units if unit.count > 1]
    return [*alike, *(Case(((a, 1), (b, 1))) for a, b in itertools.combinations(units, 2))]


def all_of(units: Iterable[Unit]) -> Case:
    """The loss of all these units together."""
    return Case(tuple((unit, unit.count) for unit in units))


def without(lowered: Lowered, inputs: NDArray[np.float64], case: Case) -> NDArray[np.float64]:
    """Inputs, a row per step, in which the units of a case are out of service throughout."""
    own, u = inputs.copy(), lowered.composition.u
    for unit, lost in case.lost:
        if unit.is_sensors:
            sensed = sensors(lowered.scenario)[unit.path]
            go_blind(sensed, lowered.composition, own, np.zeros(len(own), dtype=bool))
            continue
        left = 1.0 - lost / unit.count
        own[:, u.index(unit.path, AVAILABILITY)] *= left
        if (service := f"{unit.path}.{SERVICE}") in u.types:
            own[:, u.index(service, "stated_frac")] *= left
    return own


def with_supply(scenario: Scenario) -> Scenario:
    """The site as one whose power can fail, so that what loses its feed stands still; nothing fails by this."""
    if can_fail(scenario):
        return scenario
    meter = scenario.grid.meter.model_copy(update={"availability": OutageProfile(outages=())})
    return scenario.model_copy(update={"grid": scenario.grid.model_copy(update={"meter": meter})})
