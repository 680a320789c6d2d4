"""Events made in Python: a scenario with one unit more that is lost for a time."""

from __future__ import annotations

from twin.components.profiles import UnitEvent
from twin.errors import Fault, InputError
from twin.scenario.model import Scenario
from twin.scenario.outages import outages, units
from twin.yaml_source import dotted


def units_of(scenario: Scenario) -> tuple[str, ...]:
    """Paths of all units of a site that an event may name, in the order of the scenario."""
    return tuple(units(scenario))


def with_event(
    scenario: Scenario,
    unit: str,
    at: str,
    duration: str,
    available_frac: float = 0.0,
    name: str = "lost",
    lost_count: int | None = None,
) -> Scenario:
    """The scenario with one event more: a unit is out of service from a moment on.

    Parameters
    ----------
    scenario
        Scenario to start from; it is not changed. An event of the same ``name`` is replaced.
    unit
        Path of the unit, one of :func:`units_of`, such as ``plants.main.chillers.one``, ``power.ups`` or
        ``grid.meter`` (the utility's feeds).
    at
        Start in civil local time of the site, such as ``"2025-07-15 14:00"``.
    duration
        How long it lasts, such as ``"30s"``, ``"10min"`` or ``"2h"``.
    available_frac
        Share of the unit that stays in service, 0 to below 1.
    name
        Name of the event, letters and digits.
    lost_count
        Units lost of those behind the path, such as 1 of four tower cells, in the place of ``available_frac``.

    Returns
    -------
    Scenario
        The same input of the loop as ``unit``'s ``availability_frac`` multiplied out by hand: programs and compiled
        steps are shared with the scenario as it was, unless the first event makes its power supply fail.

    Raises
    ------
    InputError
        For a unit that is not there, a moment outside the year that is run, or a contradiction to another event.

    Such as ``with_event(scenario, "plants.main.chillers.one", "2025-07-15 14:00", "2h")``.
    """
    fields = {"unit": unit, "at": at, "for": duration, "available_frac": available_frac, "lost_count": lost_count}
    events = {**scenario.events, name: UnitEvent.model_validate(fields)}
    made = scenario.model_copy(update={"events": events})
    if faults := [Fault(one.message, dotted(one.path)) for one in outages(made)]:
        raise InputError(faults)
    return made
