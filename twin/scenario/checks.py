"""What can only be checked when several parts are there: names that point to other parts, circles, sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from twin.components.base import said
from twin.components.profiles import hours_of
from twin.errors import SpecFault, did_you_mean, refuse
from twin.scenario.outages import outages
from twin.scenario.supply import island_faults
from twin.scenario.walk import components, plant_of
from twin.scenario.work import hardware_faults, work_faults
from twin.yaml_source import DataPath, shown

ROUNDING = 1.0 + 1e-9  # a size equal to what it must carry is enough
GRID = "grid"
OUTDOORS = "outdoors"
NOUNS = {"plant": "plant", "fed_by": "power device", "heat_to": "place"}  # fields that name another part
SECTIONS = ("halls", "rooms", "plants", "power", "loads")  # parts that name others, or are named
_FEW = 12  # names that a message lists

Words = Iterable[tuple[DataPath, str]]  # where a part names another one, and the name
Shares = Callable[[Any], Any]  # profile -> its values, as an array or a number; the same hours for all profiles


def check_references(scenario: Any) -> None:
    """Raise all faults between the parts of a scenario, each of which is sound by itself."""
    hardware = list(hardware_faults(scenario))
    refuse(
        [
            *_name_faults(_words_of_parts(scenario), known_names({name: getattr(scenario, name) for name in SECTIONS})),
            *_circles({name: device.fed_by for name, device in scenario.power.items()}),
            *_nothing_to_do(scenario),
            *_cold_enough(scenario),
            *_coolant_has_a_way_out(scenario),
            *_fans_in_a_bath(scenario),
            *_doors_fit(scenario),
            *_crosswise(scenario),
            *outages(scenario),
            *island_faults(scenario),
            *hardware,
            *work_faults(scenario, not hardware),
            *(() if hardware else size_faults(scenario)),  # nobody knows what such racks draw
        ]
    )


def faults_between(data: Mapping[str, Any]) -> Iterator[SpecFault]:
    """The same of names and circles, told from the data of a scenario of which other parts are not sound."""
    sections = {name: data.get(name, {}) for name in SECTIONS}
    if not all(isinstance(section, dict) for section in sections.values()):
        return
    yield from _name_faults(_words_of_data(sections, ()), known_names(sections))
    devices = {name: device for name, device in sections["power"].items() if isinstance(device, dict)}
    yield from _circles({name: str(device.get("fed_by", GRID)) for name, device in devices.items()})


def _words_of_parts(scenario: Any) -> Words:
    for path, component in components(scenario):
        yield from _words_of_part(path, component)
        if (trim := vars(component).get("trim")) is not None:
            yield from _words_of_part((*path, "trim"), trim)


def _words_of_part(path: DataPath, part: Any) -> Words:
    for field in NOUNS:
        word = said(part, field)
        if isinstance(word, str):
            yield (*path, field), word


def _words_of_data(data: Mapping[str, Any], path: DataPath) -> Words:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _words_of_data(value, (*path, key))
        elif key in NOUNS and isinstance(value, str):
            yield (*path, key), value


def known_names(sections: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Field that names another part -> names that it may state."""
    places = [f"{section}.{name}" for section in ("halls", "rooms") for name in sections[section]]
    return {
        "plant": list(sections["plants"]),
        "fed_by": [GRID, *sections["power"]],
        "heat_to": [OUTDOORS, *places],
    }


def _name_faults(words: Words, known: Mapping[str, list[str]]) -> Iterator[SpecFault]:
    """Names that are none of the parts that they could name, and a device called like the grid."""
    if GRID in known["fed_by"][1:]:
        yield SpecFault(("power", GRID), f"'{GRID}' is the utility's grid; a power device needs another name")
    for path, word in words:
        names = known[str(path[-1])]
        if word in names:
            continue
        inner = next((name for name in names if name.rpartition(".")[2] == word), None)
        near = f" (did you mean '{inner}'?)" if inner else did_you_mean(word, names)
        listed = f" (known here: {', '.join(names)})" if len(names) <= _FEW else ""
        without = "; the site has no plants" if not names else ""
        yield SpecFault(path, f"there is no {NOUNS[str(path[-1])]} {shown(word)}{without or near or listed}")


def _circles(feeders: Mapping[str, str]) -> Iterator[SpecFault]:
    """Power devices that feed each other, each circle once."""
    told: set[str] = set()
    feeders = {name: feeder for name, feeder in feeders.items() if name != GRID}  # a fault of its own
    for name in feeders:
        chain = [name]
        while (feeder := feeders[chain[-1]]) in feeders and feeder not in chain:
            chain.append(feeder)
        if feeder == name and name not in told:
            told.update(chain)
            circle = " <- ".join([*chain, name])
            yield SpecFault(("power", name, "fed_by"), f"is fed in a circle: {circle}; one of them must hang on {GRID}")


def _nothing_to_do(scenario: Any) -> Iterator[SpecFault]:
    if not scenario.halls and not any(plant.process for plant in scenario.plants.values()):
        yield SpecFault(("halls",), "there is nothing to cool: a site needs a hall, or a load in plants.NAME.process")


def _cold_enough(scenario: Any) -> Iterator[SpecFault]:
    """Air that cannot be made with the chilled water that it is made with."""
    halls = ((("halls", name, "air", "supply_air_c"), hall.air) for name, hall in scenario.halls.items())
    rooms = ((("rooms", name, "set_c"), room) for name, room in scenario.rooms.items())
    doors = ((("halls", name, "rear_doors", "leaving_air_c"), hall.rear_doors)
             for name, hall in scenario.halls.items())  # fmt: skip
    for path, cooled in (*halls, *rooms, *doors):
        air_c, name = getattr(cooled, path[-1], None), plant_of(cooled)
        if path[-1] == "supply_air_c":
            air_c = cooled.warmest_supply_c()
        plant = scenario.plants.get(name)
        if plant is not None and air_c is not None and air_c <= plant.coldest_supply_c():
            water = f"plants.{name} supplies water of {plant.coldest_supply_c():g} degC"
            yield SpecFault(path, f"air of {air_c:g} degC cannot be had: {water}")


def size_faults(scenario: Any, shares: Shares = hours_of) -> Iterator[SpecFault]:
    """Plants and coils too small for the racks that depend on them, with nothing lost on the way.

    ``shares`` gives the course of a profile. By itself a scenario tells all but those in CSV files, which count as 0.
    """
    to_air, to_coolant = _heat_of_halls(scenario, shares)
    yield from _small_plants(scenario, to_air, to_coolant, shares)
    for name, hall in scenario.halls.items():
        peak_kw = float(np.max(to_air[name]))
        doors_kw = _doors_kw(hall)
        if (_handlers_kw(hall) + doors_kw) * ROUNDING < peak_kw:
            field, noun = hall.air.sized_by
            coils = f"{hall.air.units_count} {noun} of {_kw(hall.air.unit_kw)}"
            coils += f" and rear doors of {_kw(doors_kw)}" if doors_kw else ""
            racks_at_peak = f"{_kw(peak_kw)} of racks at their highest utilisation"
            yield SpecFault(("halls", name, "air", field), f"{coils} cannot carry {racks_at_peak}")


def _handlers_kw(hall: Any) -> float:
    return float(hall.air.units_count * hall.air.unit_kw)


def _doors_kw(hall: Any) -> float:
    return float(hall.rear_doors.doors_count * hall.rear_doors.capacity_kw) if hall.rear_doors else 0.0


def _peak(powers: Iterable[Any]) -> float:
    return float(np.max(sum(powers, np.zeros(1))))


def _kw(power_kw: float) -> str:
    return f"{power_kw:,.0f} kW" if power_kw >= 100.0 else f"{power_kw:.3g} kW"


def _heat_of_halls(scenario: Any, shares: Shares) -> tuple[dict[str, Any], dict[str, Any]]:
    """Heat of each hall's racks to its air and to its coolant, over the course of their utilisation."""
    to_air, to_coolant = {}, {}
    for name, hall in scenario.halls.items():
        groups = [(group.course_kw(shares), group.liquid_frac) for group in hall.rack_groups.values()]
        to_air[name] = sum(power * (1.0 - liquid) for power, liquid in groups)
        to_coolant[name] = sum(power * liquid for power, liquid in groups)
    return to_air, to_coolant


def _air_share(hall: Any, plant: str, heat_kw: Any) -> Any:
    """Least heat of a hall's air that a plant gets through handlers and rear doors; None where it has neither."""
    handlers = getattr(hall.air, "plant", None) == plant
    doors = hall.rear_doors is not None and hall.rear_doors.plant == plant
    if not handlers and not doors:
        return None
    if handlers and doors:
        return heat_kw
    return np.maximum(heat_kw - (_doors_kw(hall) if handlers else _handlers_kw(hall)), 0.0)


def _coolant_has_a_way_out(scenario: Any) -> Iterator[SpecFault]:
    for name, hall in scenario.halls.items():
        for key, group in hall.rack_groups.items():
            if group.liquid_frac > 0 and hall.liquid is None:
                path = ("halls", name, "rack_groups", key, "liquid_frac")
                yield SpecFault(path, f"halls.{name} has no liquid cooling for it; add halls.{name}.liquid")


def _fans_in_a_bath(scenario: Any) -> Iterator[SpecFault]:
    for name, hall in scenario.halls.items():
        for key, group in hall.rack_groups.items():
            bath = getattr(hall.liquid, "kind", None) == "immersion" and group.liquid_frac > 0
            if bath and getattr(group, "fan_power_frac", 0.0) > 0:
                path = ("halls", name, "rack_groups", key, "fan_power_frac")
                yield SpecFault(path, f"must be 0: servers in a bath have no fans, got {group.fan_power_frac:g}")


def _doors_fit(scenario: Any) -> Iterator[SpecFault]:
    for name, hall in scenario.halls.items():
        racks = sum(group.racks_count for group in hall.rack_groups.values())
        if hall.rear_doors and hall.rear_doors.doors_count > racks:
            path = ("halls", name, "rear_doors", "doors_count")
            yield SpecFault(path, f"halls.{name} has only {racks} racks, got {hall.rear_doors.doors_count}")


def _crosswise(scenario: Any) -> Iterator[SpecFault]:
    """Plants that would each have to be solved before the other: doors come before what cools the rest of the air."""
    after: dict[str, dict[str, str]] = {}  # plant of doors -> plants of the same halls' air, and the hall
    for name, hall in scenario.halls.items():
        air = getattr(hall.air, "plant", None)
        if hall.rear_doors and air and air != hall.rear_doors.plant:
            after.setdefault(hall.rear_doors.plant, {}).setdefault(air, name)
    for plant in after:
        ring = _ring(after, [plant])
        if ring:
            path = ("halls", after[ring[0]][ring[1]], "rear_doors", "plant")
            chain = " before ".join([*ring, ring[0]])
            yield SpecFault(path, f"plants of rear doors and of air handlers stand crosswise between halls: {chain}")
            return


def _ring(after: Mapping[str, Iterable[str]], chain: list[str]) -> list[str]:
    """Plants from the first of ``chain`` back to it, or none."""
    for plant in after.get(chain[-1], ()):
        if plant == chain[0]:
            return chain
        if plant not in chain and (ring := _ring(after, [*chain, plant])):
            return ring
    return []


def _small_plants(
    scenario: Any, to_air: Mapping[str, Any], to_coolant: Mapping[str, Any], shares: Shares
) -> Iterator[SpecFault]:
    for name, plant in scenario.plants.items():
        of_air = {key: _air_share(hall, name, to_air[key]) for key, hall in scenario.halls.items()}
        halls = [key for key, load in of_air.items() if load is not None]
        cooled = [key for key, hall in scenario.halls.items() if hall.liquid and hall.liquid.plant == name]
        loads = [of_air[hall] for hall in halls] + [to_coolant[hall] for hall in cooled]
        loads += [load.heat_kw * shares(load.use) for load in plant.process.values()]
        chillers_kw = sum(chiller.rated_kw for chiller in plant.chillers.values())
        free_kw = plant.economizer.capacity_kw if plant.economizer else 0.0
        stored_kw = plant.storage.discharge_kw if plant.storage else 0.0
        if (chillers_kw + free_kw + stored_kw) * ROUNDING < _peak(loads):
            with_free = f" with an economizer of {_kw(free_kw)}" if free_kw else ""
            with_free += f" and storage of {_kw(stored_kw)}" if stored_kw else ""
            served = ", ".join([*(f"halls.{hall}" for hall in dict.fromkeys([*halls, *cooled])), *plant.process])
            yield SpecFault(
                ("plants", name, "chillers"),
                f"{_kw(chillers_kw)} of chillers{with_free} cannot carry {_kw(_peak(loads))} at the highest use of"
                f" what they cool ({served}); add chillers or take load away",
            )
