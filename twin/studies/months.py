"""Energy, water and emissions of a run by month, from the same series as the sums over the run.

Months are those of local standard time, as the period of a run is. A quantity is stated only where the series of all
outputs in it were kept; its months then add up to the figure of the run.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from twin.components.grid.carbon import CarbonSeries, SubregionCarbon
from twin.components.power.ups import Ups
from twin.scenario.model import Scenario
from twin.scenario.resolved import parse_scenario
from twin.series.axis import TimeAxis
from twin.series.carbon_intensity import intensity
from twin.studies.emissions import emissions_kgco2
from twin.studies.facts import period_of
from twin.studies.kpis import COOLING, LOSSES
from twin.studies.sums import axis_of, one_of

Values = NDArray[np.float64]
IMPORT = "grid.meter.import_kw"
BY_USE = {"it_energy_kwh": ("it",), "cooling_energy_kwh": COOLING, "power_chain_loss_kwh": LOSSES}
BY_SUFFIX = {"water_use_m3": ".make_up_m3_h", "reused_energy_kwh": ".heat_reuse.reused_kw"}


def months(results: xr.Dataset, scenario: int | str = 0) -> list[dict[str, Any]]:
    """Months of a run: the ends of each within the run, and sums by the name of the key figure.

    Raises RunError or InputError as :func:`twin.studies.kpis.kpis`.
    """
    one = one_of(results, scenario)
    axis = axis_of(one)
    series = dict(amounts(one, axis))
    offset = pd.Timedelta(hours=float(one.attrs["utc_offset_h"]))
    local = pd.DatetimeIndex(one["time"].values) + offset
    starts = np.flatnonzero(np.r_[True, local.month[1:] != local.month[:-1]])
    bounds = [*starts, axis.count]
    ns = one["time"].values.astype("datetime64[ns]").astype("int64")
    return [
        {
            "period": period_of(int(ns[a]), (b - a) * axis.dt_h * 3600.0, float(one.attrs["utc_offset_h"])),
            "values": {name: float(values[a:b].sum()) for name, values in series.items()},
        }
        for a, b in itertools.pairwise(bounds)
    ]


def amounts(one: xr.Dataset, axis: TimeAxis) -> Iterator[tuple[str, Values]]:
    """Amount of each step, shape (time,), by the name of the key figure that they add up to."""
    uses = dict(zip(map(str, one["output"].values), map(str, one["end_use"].values), strict=True))
    there = {name for name, total in zip(uses, one["total"].values, strict=True) if total == total}
    if IMPORT in one:
        drawn = one[IMPORT].values.astype(np.float64)
        spec = parse_scenario(str(one["scenario_yaml"].values))
        factors = intensity(spec.grid.carbon, axis)
        yield from _facility(one, there, drawn * axis.dt_h, axis)
        if spec.onsite:
            yield "grid_import_kwh", drawn * axis.dt_h
        yield "emissions_kgco2", emissions_kgco2(drawn, axis, factors)
        ups = _ups_of(spec)
        yield from _summed(one, "it_energy_ups_output_kwh", [f"power.{name}.output_kw" for name in ups], axis)
    for name, ends in BY_USE.items():
        yield from _summed(one, name, [output for output in uses if output in there and uses[output] in ends], axis)
    for name, suffix in BY_SUFFIX.items():
        yield from _summed(one, name, [output for output in uses if output in there and output.endswith(suffix)], axis)


def _ups_of(spec: Scenario) -> list[str]:
    """UPS that feed racks; none where a rack has no UPS above it, since it is then metered elsewhere."""
    found: dict[str, None] = {}
    for group in (group for hall in spec.halls.values() for group in hall.rack_groups.values()):
        feeder = group.fed_by
        while feeder in spec.power and not isinstance(spec.power[feeder], Ups):
            feeder = spec.power[feeder].fed_by
        if feeder not in spec.power:
            return []
        found[feeder] = None
    return list(found)


def _facility(one: xr.Dataset, there: set[str], drawn_kwh: Values, axis: TimeAxis) -> Iterator[tuple[str, Values]]:
    """As :func:`twin.studies.onsite.facility_kwh`: import and generation, less what is exported or curtailed."""
    made = [name for name in there if name.startswith("onsite.") and name.endswith(".generated_kw")]
    gone = [name for name in ("grid.meter.export_kw", "grid.meter.curtailed_kw") if name in there]
    if all(name in one for name in (*made, *gone)):
        added, taken = (sum(one[name].values.astype(np.float64) for name in names) for names in (made, gone))
        yield "facility_energy_kwh", np.asarray(drawn_kwh + (added - taken) * axis.dt_h, np.float64)


def _summed(one: xr.Dataset, name: str, outputs: Iterable[str], axis: TimeAxis) -> Iterator[tuple[str, Values]]:
    found = list(outputs)
    if found and all(output in one for output in found):
        yield (
            name,
            np.asarray(
                np.sum([one[output].values for output in found], axis=0, dtype=np.float64) * axis.dt_h, np.float64
            ),
        )


def factor_files(results: xr.Dataset, scenario: int | str = 0) -> list[str]:
    """Names of the tables and files of emission factors that a run read, as the scenario names them."""
    one = one_of(results, scenario)
    grid = parse_scenario(str(one["scenario_yaml"].values)).grid
    return [used.file for used in (grid.carbon, grid.marginal_carbon)
            if isinstance(used, SubregionCarbon | CarbonSeries)]  # fmt: skip
