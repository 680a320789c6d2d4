"""What limits a site: how much of each part's capacity its worst step took, the tightest first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from twin.physics.envelopes import recommended_c
from twin.scenario.model import Scenario
from twin.studies.sums import Sums

WORDS = {  # output that is a share of what a part can do -> what it says
    "load_frac": "load over rating",
    "fan_speed_frac": "fan speed",
    "valve_frac": "water valve",
    "utilisation_frac": "utilisation",
}


@dataclass(frozen=True)
class Margin:
    """Share of a capacity that the worst step took; ``detail`` says of what."""

    path: str
    what: str
    used_frac: float
    detail: str


def margins(one: xr.Dataset, sums: Sums, spec: Scenario) -> list[Margin]:
    """Capacities used, the tightest first."""
    found = [
        Margin(path, WORDS[output], peak, f"{100.0 * peak:.0f} % at the worst step")
        for path, _, output, peak in ((*name.rpartition("."), peak) for name, peak in sums.peak.items())
        if output in WORDS
    ]
    found += [margin for plant in spec.plants if (margin := _chillers(one, plant)) is not None]
    return sorted([*found, *_inlets(sums, spec)], key=lambda margin: -margin.used_frac)


def _chillers(one: xr.Dataset, plant: str) -> Margin | None:
    """Heat that chillers remove over what all of them could at the temperatures of the same step."""
    names = [str(n) for n in one.data_vars if str(n).startswith(f"plants.{plant}.chillers.")]
    removed = [one[name].values for name in names if name.endswith(".cooling_kw")]
    able = [one[name].values for name in names if name.endswith(".capacity_kw")]
    if not removed or len(able) != len(removed):
        return None
    total, most = np.sum(removed, axis=0), np.sum(able, axis=0)
    share = np.divide(total, most, out=np.zeros_like(total), where=most > 0)
    at = int(np.nanargmax(share))
    return Margin(f"plants.{plant}", "chillers in all", float(share[at]), f"{total[at]:.0f} of {most[at]:.0f} kW")


def _inlets(sums: Sums, spec: Scenario) -> list[Margin]:
    """Warmest inlet as a share of the recommended band of its class."""
    found = []
    for hall, one in spec.halls.items():
        low, high = recommended_c(one.envelope)
        for group in one.rack_groups:
            path = f"halls.{hall}.rack_groups.{group}"
            inlet = sums.peak.get(f"{path}.inlet_c")
            if inlet is not None:
                detail = f"{inlet:.1f} °C; {one.envelope} recommends {low:g} to {high:g} °C"
                found.append(Margin(path, "warmest inlet", (inlet - low) / (high - low), detail))
    return found
