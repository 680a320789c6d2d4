"""Where electricity goes and where its heat leaves: flows from the grid through the power chain to air and water.

Every node passes on what it takes in, to rounding: grid, generation and batteries meet at the site's bus; all
electricity that is used becomes heat, and what stores of heat hold back over a run is shown with what leaves directly.
"""

from __future__ import annotations

from dataclasses import dataclass

from twin.components.grid.pv import Photovoltaics
from twin.engine.composition import members_of
from twin.engine.program import Member
from twin.scenario.model import Scenario
from twin.studies.onsite import METER
from twin.studies.sums import Sums

GRID, BUS, IT, HEAT = "Grid", "Site bus", "IT", "Heat of the site"
SOLAR, GENERATORS = "Photovoltaics", "Generators"
EXPORTED, CURTAILED, STORED, GIVEN = "Exported", "Curtailed", "Left in batteries", "From batteries"
DEVICES = {"ups": "UPS", "pdu": "PDU", "panel": "Panels", "transformer": "Transformers", "rectifier": "Rectifiers"}
REJECTED, REUSED, DIRECT = "Heat to towers, coolers", "Heat reused", "Heat outdoors, direct"
INSIDE = {"fan_kw": "Server fans", "psu_loss_kw": "PSU losses"}  # of IT; the rest is computing
COMPUTING = "Computing"


@dataclass(frozen=True)
class Flow:
    """Energy from one node to another over the run; ``end_use`` is the ledger's word, empty where it has none."""

    source: str
    target: str
    kwh: float
    end_use: str = ""


def energy_flows(sums: Sums, spec: Scenario) -> list[Flow]:
    """Flows of a run, parallel ones added, those of nothing left out."""
    members = members_of(spec)
    devices = {m.path: DEVICES.get(getattr(spec.power[name], "kind", ""), name) for name in spec.power
               for m in members if m.path == f"power.{name}"}  # fmt: skip
    added: dict[tuple[str, str, str], float] = {}
    for member in members:
        for flow in _taken(member, devices, sums):
            key = (flow.source, flow.target, flow.end_use)
            added[key] = added.get(key, 0.0) + flow.kwh
    supply = BUS if spec.onsite else GRID
    electric = [
        Flow(supply if source == GRID else source, target, kwh, use)
        for (source, target, use), kwh in added.items()
        if source != target
    ]
    stored = [flow for member in members for flow in _stored(member, devices, supply, sums)]
    sources = _supplied(sums, spec) if spec.onsite else []
    return [flow for flow in [*sources, *electric, *stored, *_inside_it(sums), *_heat(sums)] if flow.kwh > 1e-9]


def _supplied(sums: Sums, spec: Scenario) -> list[Flow]:
    """What meets at the bus behind the meter: the grid, generation, and what leaves again."""
    solar = {f"onsite.{name}.generated_kw" for name, one in spec.onsite.items() if isinstance(one, Photovoltaics)}
    made = {name: sums.total[name] for name in sums.named(".generated_kw", "onsite.")}
    imported, exported, curtailed = (sums.total[f"{METER}.{name}_kw"] for name in ("import", "export", "curtailed"))
    return [
        Flow(GRID, BUS, imported),
        Flow(SOLAR, BUS, sum(kwh for name, kwh in made.items() if name in solar)),
        Flow(GENERATORS, BUS, sum(kwh for name, kwh in made.items() if name not in solar)),
        Flow(BUS, EXPORTED, exported),
        Flow(BUS, CURTAILED, curtailed),
    ]


def _stored(member: Member, devices: dict[str, str], supply: str, sums: Sums) -> list[Flow]:
    """What a battery holds more or less at the end of the run, at the node that it hangs on."""
    if not any(store.ledger == "electric" for store in member.kind.stores):
        return []
    node = devices.get(f"power.{member.fed_by}", supply)
    charge, given, support, loss = (sums.total.get(f"{member.path}.{name}_kw", 0.0)
                                    for name in ("charge", "discharge", "support", "loss"))  # fmt: skip
    gained = charge - given - support - loss
    return [Flow(node, STORED, gained) if gained > 0.0 else Flow(GIVEN, node, -gained)]


def _taken(member: Member, devices: dict[str, str], sums: Sums) -> list[Flow]:
    """What a member takes from its bus; of a power device also what it loses."""
    source = devices.get(f"power.{member.fed_by}", GRID)
    uses = {f: member.kind.end_uses.get(f, member.kind.end_use) for f in member.kind.ledger.electric}
    lost = dict.fromkeys(uses.values(), 0.0)
    for output, use in uses.items():
        lost[use] += sums.total.get(f"{member.path}.{output}", 0.0)
    own = devices.get(member.path)
    if own is None:
        return [Flow(source, use if use != "it" else IT, kwh, use) for use, kwh in lost.items()]
    drawn = sums.total.get(f"{member.path}.{member.kind.draws}", 0.0)
    return [Flow(source, own, drawn), *(Flow(own, use, kwh, use) for use, kwh in lost.items())]


def _inside_it(sums: Sums) -> list[Flow]:
    it = sums.end_use.get("it", 0.0)
    parts = {label: sum(sums.total[name] for name in sums.named(f".{output}", "halls.") if ".rack_groups." in name)
             for output, label in INSIDE.items()}  # fmt: skip
    parts = {COMPUTING: it - sum(parts.values())} | parts
    return [Flow(IT, label, kwh, "it") for label, kwh in parts.items()]


def _heat(sums: Sums) -> list[Flow]:
    """Heat from where electricity was used, and on to where it leaves the site."""
    flows = [Flow(part.target, HEAT, part.kwh, "it") for part in _inside_it(sums)]
    flows += [Flow(use, HEAT, kwh, use) for use, kwh in sums.end_use.items() if use != "it"]
    left = sum(flow.kwh for flow in flows)
    leaving = {REUSED: sums.summed(".reused_kw"), REJECTED: sums.summed(".rejected_kw")}
    for label, kwh in leaving.items():
        taken = min(max(kwh, 0.0), left)  # more is rejected than used where outdoor air warms halls or loops
        flows.append(Flow(HEAT, label, taken))
        left -= taken
    return [*flows, Flow(HEAT, DIRECT, left)]
