"""Heat that the cooling system takes out of halls and electrical rooms: what CER of EN 50600-4-7 has above the line.

It is what coils, exchangers, outdoor air and rear doors take from air, and what liquid takes from racks; heat that
tanks give to the air of their hall is taken once. Humidity and the heat of pumps and compressors are not in it. Outputs
are those of the air ledgers, found by name: a batch has no time to build members for each run.
"""

from __future__ import annotations

from twin.studies.sums import Metric, Sums, figure

PARTS = ("outdoor_kw", "evaporation_kw", "exchanger_kw", "trim_kw")  # of handlers whose coil only trims
FROM_RACKS, TO_HALL, DOORS = ".liquid_heat_kw", ".tank_loss_kw", ".rear_doors.heat_kw"


def heat_removed(sums: Sums) -> dict[str, Metric]:
    """The figure of a run; nothing where no heat is taken from a room."""
    handlers = {name.rpartition(".")[0] for name in sums.named(".coil_kw", "halls.")}
    handlers |= {name.rpartition(".")[0] for name in sums.named(".air.trim_kw", "halls.")}
    total = sum(_taken(sums, path) for path in sorted(handlers)) + sums.summed(".coil_kw", "rooms.")
    total += sums.summed(DOORS, "halls.") + sums.summed(FROM_RACKS, "halls.") - sums.summed(TO_HALL, "halls.")
    if total <= 0.0:
        return {}
    basis = "sensible heat out of the air of halls and electrical rooms, and out of racks by liquid"
    return {"heat_removed_kwh": figure(total, "kWh", "Heat removed by the cooling system", basis)}


def _taken(sums: Sums, path: str) -> float:
    """What a handler takes from the air of its hall."""
    if f"{path}.trim_kw" in sums.total:
        return sum(sums.total.get(f"{path}.{part}", 0.0) for part in PARTS)
    return sums.total[f"{path}.coil_kw"]
