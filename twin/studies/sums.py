"""Sums and extremes of one run by the name of the output, and the form of a key figure."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from twin.engine.refining import base_of, mean_of_pieces
from twin.series.axis import TimeAxis
from twin.units import SECONDS_PER_HOUR

Metric = dict[str, Any]  # value, unit, long_name, basis
YEAR_H = 8760.0
LENGTH = "step_length_h"  # coordinate of results whose steps are not all alike


@dataclass(frozen=True)
class Sums:
    """Sums (unit h), largest, smallest and last values of one scenario's outputs by name."""

    total: dict[str, float]
    peak: dict[str, float]
    end_use: dict[str, float]
    dt_h: float
    run_h: float
    low: dict[str, float] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)

    def interim(self, word: str = "interim") -> str:
        """What the basis of a ratio adds where the run is shorter than a year; nothing for a year."""
        return "" if self.run_h > YEAR_H - 1e-6 else f"; {word}, {self.run_h:g} h"

    def named(self, suffix: str, prefix: str = "") -> Iterator[str]:
        """Names of the outputs that start and end so."""
        return iter(_named(self._names, suffix, prefix))

    @functools.cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(self.total)

    def summed(self, suffix: str, prefix: str = "") -> float:
        """Sum over the outputs that start and end so; 0 where there is none."""
        return sum(self.total[name] for name in self.named(suffix, prefix))

    def largest(self, suffix: str, prefix: str = "") -> float:
        """Largest sum among them; 0 where there is none."""
        return max((self.total[name] for name in self.named(suffix, prefix)), default=0.0)


@functools.lru_cache(maxsize=4096)
def _named(names: tuple[str, ...], suffix: str, prefix: str) -> tuple[str, ...]:
    """Sites of one composition have the same names: of a batch they are looked through once."""
    return tuple(name for name in names if name.endswith(suffix) and name.startswith(prefix))


def sums_of(one: xr.Dataset) -> Sums:
    """Sums and extremes of one scenario."""
    there = ~np.isnan(one["total"].values)
    names: list[str] = one["output"].values[there].tolist()
    total, peak, low, last = (one[name].values[there].tolist() for name in ("total", "peak", "low", "last"))
    uses: dict[str, float] = {}
    for use, value in zip(one["end_use"].values[there].tolist(), total, strict=True):
        if use:
            uses[use] = uses.get(use, 0.0) + value
    return Sums(
        dict(zip(names, total, strict=True)),
        dict(zip(names, peak, strict=True)),
        uses,
        float(one.attrs["step_h"]),
        float(one.attrs["step_h"]) * one.sizes["time"],
        dict(zip(names, low, strict=True)),
        dict(zip(names, last, strict=True)),
    )


def of_scenario(results: xr.Dataset, scenario: int | str = 0) -> xr.Dataset:
    """One scenario of results by position or name, as ``isel`` gives it; KeyError where the name is not there.

    The name goes its own way: for its sake alone ``isel`` loads dask where that is there, half a second.
    """
    at = results.indexes["scenario"].get_loc(scenario) if isinstance(scenario, str) else scenario
    name = results.variables["scenario"]
    held = xr.Variable((), np.asarray(name.values[at]), name.attrs, fastpath=True)
    return results.drop_vars("scenario").isel(scenario=at).assign_coords(scenario=held)


def one_of(results: xr.Dataset, scenario: int | str = 0) -> xr.Dataset:
    """One scenario of results by position or name, its series on the steps of the run: means where those were divided.

    Sums are those of the loop. A run without ``run.refine`` comes back as it is.
    """
    one = of_scenario(results, scenario)
    if LENGTH not in one.coords:
        return one
    hours = one[LENGTH].values
    base = base_of(hours, float(one.attrs["step_h"]))
    starts = np.flatnonzero(np.r_[True, np.diff(base) > 0])
    series = {
        name: (("time",), mean_of_pieces(one[name].values, hours, base), one[name].attrs)
        for name in one.data_vars
        if one[name].dims == ("time",)
    }
    return one.isel(time=starts).drop_vars(LENGTH).assign(series)


def axis_of(one: xr.Dataset) -> TimeAxis:
    """The time axis of one run whose steps are all alike, as :func:`one_of` has it; ValueError for others."""
    if LENGTH in one.coords:
        raise ValueError("this run has steps of unequal length: take it from twin.studies.sums.one_of")
    time = one["time"].values
    step_s = one.attrs["step_h"] * SECONDS_PER_HOUR
    return TimeAxis(time[0].astype("datetime64[ns]"), step_s, len(time), one.attrs["utc_offset_h"])


def figure(value: float, unit: str, long_name: str, basis: str) -> Metric:
    """A key figure."""
    return {"value": float(value), "unit": unit, "long_name": long_name, "basis": basis}
