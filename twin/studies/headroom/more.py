"""What one more unit of each kind would free, and what each unit has left when the first limit is reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from twin.components.plant.chilled_water import ChilledWaterPlant
from twin.scenario.model import Scenario
from twin.studies.headroom.room import Headroom, Site, at_design
from twin.studies.headroom.uses import Use

GROWTH = 1.25  # of machines whose number no scenario states: a quarter more of pumps, exchangers and contracts
BANK = ("water_flow_m3_s", "air_flow_m3_s", "fan_kw")  # figures of all cells of heat rejection together
MORE = "_more"


@dataclass(frozen=True)
class Growth:
    """One more unit: where, in words, and the scenario with it."""

    path: str
    what: str
    grown: Callable[[Scenario], Scenario]


@dataclass(frozen=True)
class Freed:
    """IT that one more unit frees, and what binds then."""

    path: str
    what: str
    gained_kw: float
    binds: Use | None


def stranded(limit: Headroom) -> list[Use]:
    """Capacities that are left when the first limit is reached, the largest share first: what cannot be used."""
    left = [use for use in limit.at_limit if use.kind != "inlet temperature" and use.left > 0.0]
    return sorted(left, key=lambda use: use.most_frac)


def one_more(site: Site, limit: Headroom, level: str = "design") -> list[Freed]:
    """IT that one more unit of each kind frees at the place of a headroom, the most first; 0 where another limit holds.

    ``limit`` is the headroom without it, at the same level of design conditions.
    """
    found = []
    for growth in growths(site.scenario):
        (grown,) = at_design(replace(site, scenario=growth.grown(site.scenario)), level, [limit.place])
        gained_kw = max(grown.added_kw - limit.added_kw, 0.0)
        found.append(Freed(growth.path, growth.what, gained_kw, grown.binds))
    return sorted(found, key=lambda one: -one.gained_kw)


def growths(scenario: Scenario) -> Iterator[Growth]:
    """One more unit of everything that a limit can stand on."""
    for name, device in scenario.power.items():
        field = "modules_count" if hasattr(device, "modules_count") else "units_count"
        unit = "module" if field == "modules_count" else device.kind
        yield _counted(("power", name), field, f"one {unit} more")
    for name, load in (*scenario.loads.items(), *scenario.onsite.items()):
        if load.kind == "generator":
            section = "loads" if name in scenario.loads else "onsite"
            yield _counted((section, name), "units_count", "one set more")
    for name, hall in scenario.halls.items():
        yield _counted(("halls", name, "air"), "units_count", "one unit more")
        if hall.liquid is not None:
            yield _grown(("halls", name, "liquid"), hall.liquid, "capacity_kw")
    for name, room in scenario.rooms.items():
        yield _grown(("rooms", name), room, "capacity_kw")
    for name, plant in scenario.plants.items():
        yield from _of_plant(name, plant)
    if scenario.grid.meter.limit_kw is not None:
        yield _grown(("grid", "meter"), scenario.grid.meter, "limit_kw")


def _of_plant(name: str, plant: ChilledWaterPlant) -> Iterator[Growth]:
    path = ("plants", name)
    if plant.chillers:
        yield Growth(f"plants.{name}.chillers", "the largest chiller once more, with its condenser pump",
                     lambda scenario: _with_chiller(scenario, name))  # fmt: skip
    yield _grown((*path, "pump"), plant.pump, "flow_m3_s")
    if plant.condenser is not None:
        yield _grown((*path, "condenser", "pump"), plant.condenser.pump, "flow_m3_s")
        for bank, tower in plant.condenser.towers.items():
            yield _one_more_cell((*path, "condenser", "towers", bank), tower)


def _counted(path: Sequence[str], field: str, what: str) -> Growth:
    def grown(scenario: Scenario) -> Scenario:
        return changed(scenario, path, {field: getattr(_found(scenario, path), field) + 1})

    return Growth(".".join(path), what, grown)


def _grown(path: Sequence[str], component: Any, *fields: str) -> Growth:
    """One more of the units that the figures stand for; a quarter more where they stand for one."""
    count = getattr(component, "parallel_count", 1)
    growth, what = (GROWTH, "a quarter more") if count == 1 else ((count + 1) / count, "one unit more")

    def grown(scenario: Scenario) -> Scenario:
        part = _found(scenario, path)
        more: dict[str, Any] = {field: getattr(part, field) * growth for field in fields}
        return changed(scenario, path, more if count == 1 else {**more, "parallel_count": count + 1})

    return Growth(".".join(path), what, grown)


def _one_more_cell(path: Sequence[str], tower: Any) -> Growth:
    """One more cell of heat rejection; all of it once more where it is one, or takes natural water."""
    if tower.parallel_count > 1 and all(hasattr(tower, field) for field in BANK):
        return _grown(path, tower, *BANK)
    return Growth(".".join(path), "once more", lambda scenario: _with_copy(scenario, path))


def _with_chiller(scenario: Scenario, name: str) -> Scenario:
    plant = scenario.plants[name]
    largest = max(plant.chillers, key=lambda chiller: plant.chillers[chiller].rated_kw)
    more = plant.chillers[largest]
    grown = {**plant.chillers, largest + MORE: more}
    scenario = changed(scenario, ("plants", name), {"chillers": grown})
    flow_m3_s = getattr(more, "condenser_flow_m3_s", 0.0)
    if plant.condenser is None or not flow_m3_s:
        return scenario
    rated_m3_s = plant.condenser.pump.flow_m3_s + flow_m3_s
    return changed(scenario, ("plants", name, "condenser", "pump"), {"flow_m3_s": rated_m3_s})


def _with_copy(scenario: Scenario, path: Sequence[str]) -> Scenario:
    around = _found(scenario, path[:-1])
    return _put(scenario, path[:-1], {**around, path[-1] + MORE: around[path[-1]]})


def changed(scenario: Scenario, path: Sequence[str], fields: dict[str, Any]) -> Scenario:
    """The scenario with other values of fields of the part at a path; nothing is checked anew."""
    return _put(scenario, path, _found(scenario, path).model_copy(update=fields))


def _found(part: Any, path: Sequence[str]) -> Any:
    for name in path:
        part = part[name] if isinstance(part, dict) else getattr(part, name)
    return part


def _put(part: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return value
    inner = _put(_found(part, path[:1]), path[1:], value)
    return {**part, path[0]: inner} if isinstance(part, dict) else part.model_copy(update={path[0]: inner})
