"""A composition: which technologies stand where. Everything about it that does not depend on a number.

Built once per composition and kept; a scenario with the same composition only brings other numbers.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from twin.components import nodes
from twin.components.base import Component, said
from twin.components.catalog import MOIST
from twin.components.it.protection import Protection
from twin.components.power.service import Service
from twin.engine.layout import Block, component_records, node_record
from twin.engine.program import Instruction, Member, build, late_devices
from twin.scenario.model import Scenario
from twin.scenario.supply import SERVICE, served_units
from twin.scenario.walk import in_order_of_work, plant_of

NODES = {
    "air": nodes.HallAir, "room": nodes.Room, "loop": nodes.WaterLoop, "condenser": nodes.CondenserLoop,
    "bus": nodes.Bus, "own": nodes.Unused, "liquid": nodes.Liquid, "site": nodes.Site, "devices": nodes.Devices,
    "limits": nodes.Limits, "work": nodes.Work, "orders": nodes.Orders, "feeder": nodes.Bus, "unit": nodes.Unit,
}  # fmt: skip
WEATHER = "weather"
Index = np.ndarray  # of int64


@dataclass(frozen=True, eq=False)
class Composition:
    """Program, blocks and tables of positions in them; see the loop in ``twin.engine.kernel``."""

    members: tuple[Member, ...]
    program: tuple[Instruction, ...]
    late: frozenset[str]  # power devices whose loss reaches a room one step later
    p: Block
    u: Block
    s: Block
    y: Block
    n: Block
    offsets: Index  # (instructions, 7): p, u, s, y and three nodes, in bytes
    back: Index
    flag: Index
    gather_end: Index
    gather_from: Index
    gather_to: Index
    cut_at: int  # instruction before which inputs of units are cut, -1 where none are
    cut_from: Index
    cut_to: Index
    zero: Index
    watch: Index
    limits: np.ndarray
    outputs: tuple[tuple[str, str, int], ...]  # (path, field, position) of every output
    begins: Index  # states that the warm-up leaves as they were
    electric: Index
    supplies: Index
    gives: Index
    to_air: Index
    from_air: Index
    to_water: Index
    from_water: Index
    stores: tuple[tuple[int, int, str], ...]  # (state position, parameter position or -1, ledger)


def members_of(scenario: Scenario) -> tuple[Member, ...]:
    """Members of a scenario's site, in the order in which the scenario states them; work by its priority."""
    members = [_member(path, component, scenario) for path, component in in_order_of_work(scenario)]
    known = {m.path: m for m in members}
    served = [_service(path, unit, known[".".join(path)]) for path, unit in served_units(scenario)]
    return (*members, *served)


def _service(path: tuple[str, ...], unit: Component, member: Member) -> Member:
    """What tells whether a unit gets power and runs."""
    own = f"{member.path}.{SERVICE}"
    joined = (("feeder", member.fed_by or "grid"), ("unit", own))
    return Member(own, Service, joined, cuts=(("served_frac", member.path, type(unit).cut),))


def _cuts(path: tuple[str, ...], component: Component, scenario: Scenario) -> tuple[tuple[str, str, str], ...]:
    """Inputs of its rack group that a protection lowers."""
    if not isinstance(component, Protection):
        return ()
    unit = ".".join(path[:-1])
    slowed = scenario.halls[path[1]].rack_groups[path[3]].slowed
    return (("running_frac", unit, "availability_frac"), *(("speed_frac", unit, name) for name in slowed))


def _kind(path: tuple[str, ...], component: Component, scenario: Scenario) -> type[Component]:
    """A component's technology; in a hall whose moisture is tracked, cooling and racks take other steps."""
    tracked = path[0] == "halls" and scenario.halls[path[1]].humidity.kind == "tracked"
    return MOIST.get(type(component), type(component)) if tracked else type(component)


def _member(path: tuple[str, ...], component: Component, scenario: Scenario) -> Member:
    kind = _kind(path, component, scenario)
    device = scenario.power[path[1]] if path[0] == "power" else None  # the one that a battery belongs to
    plant = plant_of(component) or (path[1] if path[0] == "plants" else None)
    fed_by = said(component, "fed_by")
    if fed_by is None and path[0] == "plants":
        fed_by = scenario.plants[path[1]].fed_by
    heat_to = said(component, "heat_to")
    if device and component is not device:
        fed_by, heat_to = device.fed_by, heat_to or device.heat_to
    joined = tuple((role, _JOINED[role](path, component, plant, device)) for role in _roles(kind))
    return Member(".".join(path), kind, joined, plant, fed_by, heat_to, _cuts(path, component, scenario))


@functools.cache
def _roles(kind: type[Component]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(role for phase in kind.phases for role in phase.nodes))


def _commanded(path: tuple[str, ...]) -> str:
    """Path of the battery or generator that a rule at ``path`` is for."""
    return ".".join(path[:-1] if path[-1] == "control" else path)


def _limited(path: tuple[str, ...]) -> str:
    """Path of the rack group or the class of work that a cap at ``path`` limits."""
    return ".".join(path[:4] if path[0] == "halls" else path[:2])


def _group(path: tuple[str, ...], component: Component) -> str:
    """Path of the rack group whose processors a member of it, or a placement, is joined to."""
    return said(component, "group") or _limited(path)


_JOINED: dict[str, Callable[[tuple[str, ...], Component, str | None, Any], str]] = {  # role -> name of its node
    "air": lambda path, *_: ".".join(path[:2]),
    "room": lambda path, *_: ".".join(path[:2]),
    "loop": lambda path, component, plant, device: f"plants.{plant}",
    "condenser": lambda path, component, plant, device: f"plants.{plant}.condenser",
    "bus": lambda path, component, plant, device: path[1] if device else "grid",
    "own": lambda path, *_: ".".join(path),
    "liquid": lambda path, *_: ".".join((*path[:2], "coolant")),
    "site": lambda *_: "site",
    "devices": lambda path, component, *_: f"{_group(path, component)}.devices",
    "limits": lambda path, *_: f"{_limited(path)}.limits",
    "work": lambda path, *_: ".".join((*path[:2], "work")),
    "orders": lambda path, *_: f"{_commanded(path)}.orders",
    "feeder": lambda path, component, plant, device: device.fed_by if device else "grid",
    "unit": lambda path, *_: ".".join(path),
}


@functools.lru_cache(maxsize=256)
def compose(members: tuple[Member, ...], gap: int = 0) -> Composition:
    """Lay out blocks and lower the program of a site. ``gap`` leaves numbers free between records, for canaries."""
    program = tuple(build(members))
    p, u, s, y, n = Block(), Block(), Block(), Block(), Block()
    u.add(WEATHER, node_record(nodes.Weather), gap)
    for m in members:
        records = component_records(m.kind)
        for block, name in ((p, "p"), (u, "u"), (s, "s"), (y, "y")):
            block.add(m.path, records[name], gap)
        for role, node in m.nodes:
            if node not in n.offsets:
                n.add(node, node_record(NODES[role]), gap)
    ends = np.cumsum([0, *(len(i.gathers) for i in program)])
    gathers = [g for i in program for g in i.gathers]
    watched = [(y.index(m.path, name), limit) for m in members for name, limit in m.kind.watched.items()]
    late = late_devices(members)
    return Composition(
        members, program, frozenset(m.path for m in late if m.heat_to != "outdoors"), p, u, s, y, n,
        offsets=np.array([_offsets(i, p, u, s, y, n) for i in program], dtype=np.int64) * 8,
        back=_index(i.back for i in program),
        flag=_index(n.index(*i.asks) if i.asks else 0 for i in program),
        gather_end=_index(ends),
        gather_from=_index(y.index(*source) for source, _ in gathers),
        gather_to=_index(n.index(*sink) for _, sink in gathers),
        cut_at=next((k for k, i in enumerate(program) if i.cuts), -1),
        cut_from=_index(y.index(*source) for i in program for source, _ in i.cuts),
        cut_to=_index(u.index(*sink) for i in program for _, sink in i.cuts),
        zero=_index(n.index(node, f) for node, role in _node_roles(members) for f in NODES[role].accumulated),
        watch=_index(i for i, _ in watched),
        limits=np.array([limit for _, limit in watched], dtype=float),
        outputs=tuple(y.fields()),
        begins=_index(s.index(m.path, name) for m in members for name in m.kind.begins),
        electric=_ledger(y, members, "electric"),
        supplies=_ledger(y, members, "supplies"),
        gives=_ledger(y, members, "gives"),
        to_air=_ledger(y, members, "to_air", _room_losses(y, members)),
        from_air=_ledger(y, members, "from_air"),
        to_water=_ledger(y, members, "to_water"),
        from_water=_ledger(y, members, "from_water"),
        stores=tuple(_stores(members, p, s)),
    )  # fmt: skip


def _index(values: Iterable[int]) -> Index:
    return np.array(list(values), dtype=np.int64)


def _node_roles(members: tuple[Member, ...]) -> dict[tuple[str, str], None]:
    return dict.fromkeys((node, role) for m in members for role, node in m.nodes)


def _offsets(i: Instruction, p: Block, u: Block, s: Block, y: Block, n: Block) -> list[int]:
    joined = [n.offsets[i.member.node(role)] for role in i.phase.nodes]
    path = i.member.path
    return [p.offsets[path], u.offsets[path], s.offsets[path], y.offsets[path], *[*joined, 0, 0][:3]]


def _ledger(y: Block, members: tuple[Member, ...], name: str, extra: Iterable[int] = ()) -> Index:
    own = [y.index(m.path, f) for m in members for f in getattr(m.kind.ledger, name)]
    return _index([*own, *extra])


def _room_losses(y: Block, members: tuple[Member, ...]) -> list[int]:
    return [y.index(m.path, m.kind.loses) for m in members if m.kind.loses and m.heat_to not in (None, "outdoors")]


def _stores(members: tuple[Member, ...], p: Block, s: Block) -> Iterable[tuple[int, int, str]]:
    for m in members:
        for store in m.kind.stores:
            capacity = p.index(m.path, store.capacity) if store.capacity else -1
            yield s.index(m.path, store.state), capacity, store.ledger


def record_types(composition: Composition, instruction: Instruction) -> tuple[np.dtype, ...]:
    """Record types of p, u, w, s, x, y and the nodes of one instruction, in the order of its step's arguments."""
    r = component_records(instruction.member.kind)
    joined = [composition.n.types[instruction.member.node(role)] for role in instruction.phase.nodes]
    return (r["p"], r["u"], node_record(nodes.Weather), r["s"], r["s"], r["y"], *joined)
