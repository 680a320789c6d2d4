"""Heat reuse in key figures: ERF after ISO/IEC 30134-6, ERE after The Green Grid."""

from __future__ import annotations

from twin.studies.sums import Metric, Sums, figure


def reuse(sums: Sums, facility_kwh: float, it_kwh: float) -> dict[str, Metric]:
    """Figures of heat reuse, only where a plant has it: ERF = reused / facility, ERE = (facility - reused) / IT.

    The heat pump stands inside the boundary: its electricity is in the facility's energy, and the heat counted is what
    goes to the network, that electricity included.
    """
    plants = [name.removesuffix(".reused_kw") for name in sums.named(".heat_reuse.reused_kw", "plants.")]
    if not plants:
        return {}
    reused, source, power = (
        sum(sums.total.get(f"{path}.{name}_kw", 0.0) for path in plants) for name in ("reused", "source", "power")
    )
    inside = "heat to the network; heat pumps inside the boundary" + sums.interim()
    figures = {
        "reused_energy_kwh": figure(
            reused, "kWh", "Heat reused", "handed to the network, electricity of heat pumps in it"
        ),
        "reuse_source_kwh": figure(
            source, "kWh", "Heat of the loops that is reused", "without electricity of heat pumps"
        ),
    }
    if facility_kwh > 0.0:
        figures["erf"] = figure(reused / facility_kwh, "1", "ERF", f"reused / facility energy; {inside}")
    if it_kwh > 0.0:
        figures["ere"] = figure((facility_kwh - reused) / it_kwh, "1", "ERE", f"(facility - reused) / IT; {inside}")
    if power > 0.0:
        pumped = sum(sums.total[f"{path}.reused_kw"] for path in plants if f"{path}.power_kw" in sums.total)
        figures["heat_pump_cop"] = figure(pumped / power, "1", "COP of heat pumps", "heat to the network / electricity")
    return figures
