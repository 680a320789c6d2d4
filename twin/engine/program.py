"""The order of a time step: which technology's step runs when, what is gathered before, what is repeated.

A program is data: instructions with the nodes they are joined to, the group that each closes, and gathers
``node field += output`` that carry electricity to buses and losses to rooms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from twin.components.base import Component, Phase
from twin.errors import did_you_mean

FIRST = ("see_feed", "order")  # the utility, then orders to batteries and generators
# before the IT power chain: caps, work placed in order of priority, racks, flows of hall air
BEFORE = (
    "release", "cap_open", "cap", "cap_close", "arrive", "hold", "place", "tally", "finish", "demand",
    "ventilate",
)  # fmt: skip
# inside a plant, in order; a group is repeated from its opening while the closing step asks for it
PLANT = (
    "loop_open", "precool", "load", "circulate", "loop_demand", "reuse", "dry_section", "store", "condenser_prepare",
    "rejection_offer", "rejection_close", "economizer_prepare", "condenser_open", "economize", "stage_open",
    "offer_open", "offer", "dispatch", "serve", "settle", "condenser_circulate", "reject", "condenser_close",
    "loop_close",
)  # fmt: skip
SUPPLY = ("get_ready", "feed", "take_over", "switch")  # where power can fail: what is served, before anything else
GROUPS = {  # closing phase -> (phase to go back to, role of the node that asks, field that asks)
    "dispatch": ("offer_open", "loop", "restage"),
    "condenser_close": ("condenser_open", "condenser", "again"),
    "loop_close": ("loop_open", "loop", "again"),
}
AFTER = ("observe",)
POWER = ("convert", "site_load")  # what reads a bus
WITH_DEVICE = ("support",)  # batteries of a power device, as soon as its load is known
LAST = (
    "reserve",
    "site_load",
    "generate",
    "run",
    "account",
)  # after all power devices; on-site generation once load is known
BATTERY = ("watch", "charge")  # each battery behind the rule that watches the site for it; then the meter
KNOWN = (*FIRST, *BEFORE, *SUPPLY, *PLANT, *AFTER, "convert", *WITH_DEVICE, *LAST, *BATTERY, "meter")
Field = tuple[str, str]  # (path or node name, field name)


@dataclass(frozen=True)
class Member:
    """A component of a site: its path, its technology, and the nodes that it is joined to by role."""

    path: str
    kind: type[Component]
    nodes: tuple[tuple[str, str], ...]
    plant: str | None = None
    fed_by: str | None = None
    heat_to: str | None = None
    cuts: tuple[tuple[str, str, str], ...] = ()  # own output, and the unit and input of it that falls with it

    @property
    def circuit(self) -> str | None:
        """Plant in whose stretch of the program it runs; its own path where it cools without a plant; else None."""
        return self.plant or (self.path if any(phase.at in PLANT for phase in self.kind.phases) else None)

    def node(self, role: str) -> str:
        """Name of the node that it is joined to as ``role``."""
        return dict(self.nodes)[role]


@dataclass(frozen=True)
class Instruction:
    """One call: a member's phase; ``back`` is the instruction to return to while ``asks`` is above one half."""

    member: Member
    phase: Phase
    back: int = -1
    asks: Field | None = None
    gathers: list[tuple[Field, Field]] = field(default_factory=list)
    cuts: list[tuple[Field, Field]] = field(default_factory=list)  # input of a unit *= output, from here on


def build(members: Sequence[Member]) -> list[Instruction]:
    """Instructions of one time step in physical order. TypeError where a technology has a phase that never comes."""
    _refuse_unknown(members)
    late = late_devices(members)
    devices = [m for m in _in_feeding_order(members) if m not in late]
    program = [Instruction(m, p) for at in FIRST for m, p in _at(members, at)]
    if any(m.cuts for m in members):
        program += _supply(members)
    supplied = len(program)
    program += [Instruction(m, p) for at in BEFORE for m, p in _at(members, at) if at != "release" or m in late]
    program += [i for m in devices for i in _convert(m, members)]
    first_plant = len(program)
    for plant in circuits(members):
        _add_plant(program, [m for m in members if m.circuit == plant])
    program += [Instruction(m, p) for at in AFTER for m, p in _at(members, at)]
    program += [i for m in _in_feeding_order(members) if m in late for i in _convert(m, members)]
    program += [Instruction(m, p) for at in LAST for m, p in _at(members, at)]
    program += [Instruction(m, p) for m, p in _batteries(members)]
    program += [Instruction(m, p) for m, p in _at(members, "meter")]
    program[supplied].cuts.extend(((m.path, name), (unit, column)) for m in members for name, unit, column in m.cuts)
    _add_electric_gathers(program, members)
    _add_account_gathers(program, members)
    _add_heat_gathers(program[first_plant], members, late)
    return program


def _supply(members: Sequence[Member]) -> list[Instruction]:
    """What can be served in this step: standby sets, the utility, each device behind what feeds it, then the units."""
    program = [Instruction(m, p) for m, p in _at(members, "get_ready")]
    devices = _in_feeding_order(members)[::-1]
    program += [Instruction(m, p) for m, p in _at(members, "feed") if m not in devices]
    for device in devices:
        program.append(Instruction(device, _phase(device, "feed")))
        batteries = [(m, p) for m, p in _at(members, "take_over") if m.node("bus") == device.node("bus")]
        program += [Instruction(m, p) for m, p in batteries]
    return [*program, *(Instruction(m, p) for m, p in _at(members, "switch"))]


def circuits(members: Sequence[Member]) -> list[str]:
    """Plants in the order stated, but those of rear doors before what cools the same hall's air or counts its water."""
    left = list(dict.fromkeys(m.circuit for m in members if m.circuit))
    behind = [(m.node("air"), m.circuit) for m, p in _at(members, "load") if "air" in p.nodes]
    first = [(door.circuit, circuit) for door, _ in _at(members, "precool") for hall, circuit in behind
             if hall == door.node("air")]  # fmt: skip
    ordered: list[str] = []
    while left:
        free = [c for c in left if not any(after == c != door and door in left for door, after in first)]
        ordered.append((free or left)[0])  # plants that wait for each other are refused with the scenario
        left.remove(ordered[-1])
    return ordered


def _refuse_unknown(members: Sequence[Member]) -> None:
    """A phase whose name is misspelt would be a step that never runs."""
    for kind in dict.fromkeys(m.kind for m in members):
        for phase in kind.phases:
            if phase.at not in KNOWN:
                near = did_you_mean(phase.at, KNOWN)
                raise TypeError(f"{kind.__name__}: there is no '{phase.at}' in a time step{near}")


def late_devices(members: Sequence[Member]) -> frozenset[Member]:
    """Power devices that can only be solved after the plants, because they feed them."""
    by_bus = {m.node("bus"): m for m in _devices(members)}
    late: set[Member] = set()
    for load in members:
        bus = load.fed_by if load.circuit and load.kind.draws else None
        while bus in by_bus:
            late.add(by_bus[bus])
            bus = by_bus[bus].fed_by
    return frozenset(late)


def _devices(members: Sequence[Member]) -> list[Member]:
    return [m for m in members if any(p.at == "convert" for p in m.kind.phases)]


def _phase(member: Member, at: str) -> Phase:
    return next(p for p in member.kind.phases if p.at == at)


def _at(members: Sequence[Member], at: str) -> list[tuple[Member, Phase]]:
    return [(m, p) for m in members for p in m.kind.phases if p.at == at]


def _convert(device: Member, members: Sequence[Member]) -> Iterator[Instruction]:
    """A power device, and the battery in it, which what feeds the device has to carry as well."""
    yield Instruction(device, _phase(device, "convert"))
    for at in WITH_DEVICE:
        yield from (Instruction(m, p) for m, p in _at(members, at) if m.node("bus") == device.node("bus"))


def _batteries(members: Sequence[Member]) -> Iterator[tuple[Member, Phase]]:
    """Batteries of the site one after the other, so that two do not answer the same load."""
    watch, store = (_at(members, at) for at in BATTERY)
    for battery, phase in store:
        orders = battery.node("orders")
        yield from ((m, p) for m, p in watch if m.node("orders") == orders)
        yield battery, phase


def _add_plant(program: list[Instruction], members: list[Member]) -> None:
    opened: dict[str, int] = {}
    for at in PLANT:
        opened[at] = len(program)
        for member, phase in _at(members, at):
            if at in GROUPS:
                to, role, name = GROUPS[at]
                program.append(Instruction(member, phase, opened[to], (member.node(role), name)))
            else:
                program.append(Instruction(member, phase))


def _in_feeding_order(members: Sequence[Member]) -> list[Member]:
    """Power devices, each before the one that feeds it."""
    by_bus = {m.node("bus"): m for m in _devices(members)}

    def depth(member: Member) -> int:
        parent = by_bus.get(member.fed_by or "")
        return 0 if parent is None else 1 + depth(parent)

    return sorted(by_bus.values(), key=depth, reverse=True)


def _add_electric_gathers(program: list[Instruction], members: Sequence[Member]) -> None:
    """Each bus collects what its children draw just before the step that reads it."""
    for instruction in program:
        if instruction.phase.at in POWER:
            bus = instruction.member.node("bus")
            for child in members:
                if child.kind.draws and child.fed_by == bus:
                    instruction.gathers.append(((child.path, child.kind.draws), (bus, "load_kw")))


def _add_account_gathers(program: list[Instruction], members: Sequence[Member]) -> None:
    """Each service sees what its unit draws."""
    draws = {m.path: m.kind.draws for m in members}
    for instruction in program:
        if instruction.phase.at == "account":
            unit = instruction.member.path.rpartition(".")[0]
            if draws[unit]:
                source = (unit, str(draws[unit]))
                instruction.gathers.append((source, (instruction.member.node("unit"), "power_kw")))


def _add_heat_gathers(first: Instruction, members: Sequence[Member], late: frozenset[Member]) -> None:
    """Losses reach their hall or room before the plants run; those of late devices as released from the last step."""
    for m in members:
        if m.kind.loses and m.heat_to and m.heat_to != "outdoors":
            name = "released_kw" if m in late else m.kind.loses
            first.gathers.append(((m.path, name), (m.heat_to, "extra_heat_kw")))
