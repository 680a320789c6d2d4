"""PUE, MLC and ELC of a site at parts of its IT load, by outdoor temperature and over the year.

All racks draw the same share of their full power in every hour of the year's weather; what stands on site beside the
grid is left out. MLC is the energy of cooling over that of IT, ELC the losses of the power chain over it, as ASHRAE
90.4-2016 names them at 25, 50, 75 and 100 % load; its limits by climate are not applied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.engine.composition import WEATHER
from twin.engine.lowering import Lowered, lower
from twin.scenario.model import Run, Scenario
from twin.studies.headroom.racks import at_load
from twin.studies.headroom.running import Series, run_all
from twin.studies.kpis import COOLING, LOSSES

LOADS_FRAC = (0.25, 0.5, 0.75, 1.0)  # ASHRAE 90.4-2016, section 6.2.1.2
BIN_K = 5.0
METER = "grid.meter.import_kw"
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Ratios:
    """PUE, MLC and ELC over some hours."""

    pue_ratio: float
    mlc_ratio: float
    elc_ratio: float


@dataclass(frozen=True)
class LoadCurve:
    """Ratios at a load: over the year, and by bin of outdoor dry bulb; NaN in bins that the year does not have."""

    load_frac: float
    it_kw: float
    year: Ratios
    bins: tuple[Ratios, ...]
    failure: str = ""


@dataclass(frozen=True)
class LoadTable:
    """Curves of all loads over the same bins; ``edges_c`` has one value more than there are bins."""

    edges_c: Values
    hours: Values
    curves: tuple[LoadCurve, ...]


def load_table(scenario: Scenario, loads_frac: Sequence[float] = LOADS_FRAC, bin_k: float = BIN_K) -> LoadTable:
    """Run a year at each load. Raises InputError where the weather does not serve."""
    year = Run(calendar_year=scenario.run.calendar_year, warmup_h=scenario.run.warmup_h)
    base = scenario.model_copy(update={"run": year})
    lowered = [lower(at_load(base, load)) for load in loads_frac]
    uses = _electric(lowered[0])
    runs = run_all(lowered, tuple(uses))
    u = lowered[0].composition.u
    dry_bulb_c = lowered[0].u[:, u.index(WEATHER, "dry_bulb_c")]
    first, last = (int(np.floor(end / bin_k)) for end in (dry_bulb_c.min(), dry_bulb_c.max()))
    edges_c: Values = bin_k * np.arange(first, last + 2, dtype=np.float64)
    at = np.clip(np.digitize(dry_bulb_c, edges_c) - 1, 0, len(edges_c) - 2).astype(np.int64)
    hours = np.asarray(np.bincount(at, minlength=len(edges_c) - 1) * lowered[0].axis.dt_h, dtype=np.float64)
    curves = [_curve(load, run, uses, at, len(hours)) for load, run in zip(loads_frac, runs, strict=True)]
    return LoadTable(edges_c, hours, tuple(curves))


def _electric(lowered: Lowered) -> dict[str, str]:
    """Outputs that use electricity, and the meter -> end use."""
    kinds = {member.path: member.kind for member in lowered.composition.members}
    found = {
        f"{path}.{field}": kinds[path].end_uses.get(field, kinds[path].end_use)
        for path, field, _ in lowered.composition.outputs
        if field in kinds[path].ledger.electric
    }
    return {METER: "", **found}


def _curve(load_frac: float, run: Series, uses: Mapping[str, str], at: NDArray[np.int64], count: int) -> LoadCurve:
    if run.failure:
        nothing = Ratios(np.nan, np.nan, np.nan)
        return LoadCurve(load_frac, np.nan, nothing, (nothing,) * count, run.failure)
    zero_kw = np.zeros(at.size)
    drawn = {
        word: np.sum([zero_kw, *(run[name] for name, use in uses.items() if use in words)], axis=0)
        for word, words in (("it", ("it",)), ("cooling", COOLING), ("losses", LOSSES))
    }
    drawn["all"] = run[METER]
    sums = {word: np.bincount(at, kw, minlength=count) for word, kw in drawn.items()}
    bins = tuple(_ratios({word: float(values[b]) for word, values in sums.items()}) for b in range(count))
    year = _ratios({word: float(np.sum(kw)) for word, kw in drawn.items()})
    return LoadCurve(load_frac, float(drawn["it"].mean()), year, bins)


def _ratios(sums: Mapping[str, float]) -> Ratios:
    it = sums["it"]
    if it <= 0.0:
        return Ratios(np.nan, np.nan, np.nan)
    return Ratios(sums["all"] / it, sums["cooling"] / it, sums["losses"] / it)
