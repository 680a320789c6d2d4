"""Energy of each class of work: what its devices draw while they work, and its part of what else the group draws.

Own energy is that of the devices during the time that the class uses them, and of their hosts above idle. The rest of
a group (idle devices, hosts at idle, fans) is shared by device time used: who uses a quarter of the used time bears a
quarter of it. What no class has used stays unallocated: groups without work, and the own load of shared servers.
Classes and unallocated add up to the groups' energy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from twin.components.it.accelerators import Accelerators
from twin.components.it.shared_servers import SharedServers
from twin.scenario.model import Scenario

Read = Callable[[str], Any]  # sum or series of an output by its name


@dataclass(frozen=True)
class Attributed:
    """Energy, or power over time, by class: ``own`` of its devices, ``whole`` with its part of the rest."""

    own: dict[str, Any]
    whole: dict[str, Any]
    unallocated: Any

    @property
    def total(self) -> Any:
        """That of all groups which run work."""
        return sum(self.whole.values()) + self.unallocated


def work_groups(spec: Scenario) -> Iterator[tuple[str, Accelerators | SharedServers]]:
    """Reference and spec of the rack groups on which work may be placed."""
    for hall, one in spec.halls.items():
        for name, group in one.rack_groups.items():
            if isinstance(group, Accelerators | SharedServers):
                yield f"halls.{hall}.rack_groups.{name}", group


def places(spec: Scenario, reference: str) -> list[tuple[str, str]]:
    """(class, path of its placement) of all that may run on a rack group."""
    return [
        (name, f"workloads.{name}.runs_on.{place}")
        for name, work in spec.workloads.items()
        for place, placement in work.runs_on.items()
        if placement.group == reference
    ]


def attributed(read: Read, spec: Scenario) -> Attributed:
    """Split what each group draws over the classes; ``read`` gives sums over the run, or series, of outputs."""
    own: dict[str, Any] = dict.fromkeys(spec.workloads, 0.0)
    whole: dict[str, Any] = dict.fromkeys(spec.workloads, 0.0)
    unallocated: Any = 0.0
    for reference, _ in work_groups(spec):
        there = places(spec, reference)
        drawn = read(f"{reference}.power_kw")
        direct = {path: read(f"{path}.power_kw") for _, path in there}
        rest = drawn - sum(direct.values())
        used = np.maximum(read(f"{reference}.utilisation_frac"), sum(read(f"{path}.share_frac") for _, path in there))
        given = 0.0
        for name, path in there:
            part = direct[path] + rest * _over(read(f"{path}.share_frac"), used)
            own[name], whole[name], given = own[name] + direct[path], whole[name] + part, given + part
        unallocated = unallocated + drawn - given
    return Attributed(own, whole, unallocated)


def _over(part: Any, whole: Any) -> Any:
    """Share of the time used; 0 where none was."""
    return np.divide(part, whole, out=np.zeros(np.shape(whole)), where=np.asarray(whole) > 0.0)
