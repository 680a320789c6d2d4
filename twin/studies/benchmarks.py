"""Published bands of PUE and WUE beside a site: of the archetype that its cooling resembles, in its thermal zone.

Lei & Masanet 2022 give the 5th and 95th percentile of ten archetypes in climate zones 2A to 7. A band is a neighbour's
result, not a limit: where a site is unlike all of them, or its zone has no band, that is told.
"""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from twin.scenario.model import Scenario
from twin.series.files import data_folder
from twin.studies.sums import YEAR_H, axis_of
from twin.units import HOURS_PER_DAY

TABLE = "benchmarks/lei_masanet_2022.csv"
FIGURES = {"pue": "pue", "wue_l_per_kwh": "wue_l_per_kwh"}  # key figure -> quantity of the table
# Sizes of Lei & Masanet 2022's archetypes as IT power; they stand 10 MW, 1 MW and 100 kW apart, and so do the
# scenarios of them here. The bounds lie halfway between on a logarithmic scale.
MIDSIZE_FROM_KW, LARGE_FROM_KW = 316.0, 3160.0
CASES = {  # size, cooling -> case of the table
    ("large", "airside"): 1, ("large", "waterside"): 2, ("midsize", "airside"): 3, ("midsize", "waterside"): 4,
    ("midsize", "water"): 5, ("midsize", "airside, air-cooled"): 6, ("midsize", "air"): 7, ("small", "water"): 8,
    ("small", "air"): 9, ("small", "dx"): 10,
}  # fmt: skip
# Heating degree days to 18.3 degC above which zones 4 to 8 begin, and cooling degree days to 10 degC of zones 0 to 2:
# ANSI/ASHRAE Standard 169-2013, table A-3.
HEATING_KD = {8: 7000.0, 7: 5000.0, 6: 4000.0, 5: 3000.0, 4: 2000.0}
COOLING_KD = {0: 6000.0, 1: 5000.0, 2: 3500.0}
HEATING_BASE_C, COOLING_BASE_C = 18.3, 10.0  # as above
PUBLISHED = "Lei & Masanet 2022"


@dataclass(frozen=True)
class Benchmark:
    """5th and 95th percentile of what is published for sites of this kind; ``note`` says of which."""

    low: float
    high: float
    note: str

    def says(self, value: float) -> str:
        """Where a value lies: ``below``, ``in`` or ``above`` the band."""
        return "below" if value < self.low else "above" if value > self.high else "in"


def benchmarks(one: xr.Dataset, spec: Scenario, it_kwh: float) -> dict[str, Benchmark]:
    """Bands by key figure; empty for runs shorter than a year and for sites unlike the archetypes."""
    axis = axis_of(one)
    run_h = axis.dt_h * axis.count
    case = CASES.get((_size(it_kwh / run_h), cooling_of(spec)))
    if run_h < YEAR_H - 1e-6 or case is None:
        return {}
    zone = thermal_zone(one["weather.dry_bulb_c"].values, axis.dt_h)
    found = {figure: _band(quantity, case, zone) for figure, quantity in FIGURES.items()}
    return {figure: band for figure, band in found.items() if band is not None}


def _size(it_kw: float) -> str:
    return "large" if it_kw >= LARGE_FROM_KW else "midsize" if it_kw >= MIDSIZE_FROM_KW else "small"


def cooling_of(spec: Scenario) -> str:
    """Kind of cooling in the archetypes' words; ``other`` for liquid cooling, mixtures and what they do not have."""
    airs = {hall.air.kind for hall in spec.halls.values()}
    chillers = {chiller.kind for plant in spec.plants.values() for chiller in getattr(plant, "chillers", {}).values()}
    economizers = {e.kind for p in spec.plants.values() if (e := getattr(p, "economizer", None)) is not None}
    if any(hall.liquid or hall.rear_doors for hall in spec.halls.values()) or len(airs) != 1:
        return "other"
    aircooled = bool(chillers) and all("air_cooled" in kind for kind in chillers)
    if airs == {"outdoor_air"} and chillers:
        return "airside, air-cooled" if aircooled else "airside"
    if airs == {"crac"} and not spec.plants:
        return "dx"
    if airs != {"crah"} or not chillers or economizers - {"waterside"}:
        return "other"
    return "waterside" if economizers else "air" if aircooled else "water"


def thermal_zone(dry_bulb_c: NDArray[np.float64], dt_h: float) -> int:
    """Thermal zone 0..8 of ANSI/ASHRAE Standard 169 from a year of dry bulbs in degC, steps of ``dt_h`` hours."""
    per_day = round(HOURS_PER_DAY / dt_h)
    days = dry_bulb_c[: dry_bulb_c.size // per_day * per_day].reshape(-1, per_day).mean(axis=1)
    cooling, heating = np.maximum(days - COOLING_BASE_C, 0.0).sum(), np.maximum(HEATING_BASE_C - days, 0.0).sum()
    warm = next((zone for zone, least in COOLING_KD.items() if cooling > least), None)
    return warm if warm is not None else next((zone for zone, least in HEATING_KD.items() if heating > least), 3)


@functools.lru_cache(maxsize=1)
def _rows() -> tuple[dict[str, str], ...]:
    with (data_folder() / TABLE).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _band(quantity: str, case: int, zone: int) -> Benchmark | None:
    """Widest band of the zone's moist and dry parts; of the nearest zone where it has none."""
    rows = [row for row in _rows() if row["quantity"] == quantity and int(row["case"]) == case]
    if not rows:
        return None
    nearest = min((int(row["climate_zone"][0]) for row in rows), key=lambda known: abs(known - zone))
    there = [row for row in rows if int(row["climate_zone"][0]) == nearest]
    zones = "/".join(row["climate_zone"] for row in there)
    note = f"{there[0]['name']}, zone {zones}; 5th to 95th percentile, {PUBLISHED}"
    if nearest != zone:
        note += f"; this weather is of zone {zone}, for which none is published"
    return Benchmark(min(float(r["p5"]) for r in there), max(float(r["p95"]) for r in there), note)
