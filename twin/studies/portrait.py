"""One run with everything that a screen shows of it, made once: results, figures, months, flows, margins, bands."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from twin.engine.simulate import simulate
from twin.engine.watch import Watch
from twin.scenario.model import Scenario
from twin.studies.benchmarks import Benchmark, benchmarks
from twin.studies.flows import Flow, energy_flows
from twin.studies.kpis import kpis, notes, warnings
from twin.studies.margins import Margin, margins
from twin.studies.monthly import Monthly, monthly
from twin.studies.onsite import facility_kw
from twin.studies.sums import Metric, axis_of, one_of, sums_of

PUE = "pue"  # name of the curve of each step's PUE, beside the outputs of components


@dataclass(frozen=True, eq=False)
class Portrait:
    """A scenario that ran. ``one`` is its Dataset without the scenario dimension; nothing here is ever changed."""

    scenario: Scenario
    one: xr.Dataset
    metrics: Mapping[str, Metric]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    monthly: Monthly
    flows: tuple[Flow, ...]
    margins: tuple[Margin, ...]
    bands: Mapping[str, Benchmark]
    pue: np.ndarray
    civil: np.ndarray

    @property
    def dt_h(self) -> float:
        """Length of a step in hours."""
        return float(self.one.attrs["step_h"])

    @functools.cached_property
    def names(self) -> Mapping[str, tuple[str, str]]:
        """Every series by name with label and unit."""
        return series_names(self)

    def values(self, name: str) -> np.ndarray:
        """A series by its name: an output of a component, weather, or ``pue``."""
        return self.pue if name == PUE else self.one[name].values


def portrait(scenario: Scenario, watch: Watch | None = None) -> Portrait:
    """Run a scenario and look at it from all sides; ``watch`` as in :func:`simulate`.

    Raises RunError where it ran away or was stopped, InputError for its files.
    """
    results = simulate(scenario, watch=watch)
    one = one_of(results)
    sums, metrics = sums_of(one), kpis(results)
    uses = {str(o): str(u) for o, u in zip(one["output"].values, one["end_use"].values, strict=True)}
    it_kw = sum(one[name].values for name, use in uses.items() if use == "it")
    whole = facility_kw(one)
    pue = np.divide(whole, it_kw, out=np.full(whole.shape, np.nan), where=np.asarray(it_kw) > 0)
    civil = axis_of(one).civil(scenario.site.timezone).tz_localize(None).to_numpy()
    return Portrait(
        scenario, one, metrics, tuple(warnings(results)), tuple(notes(results)), monthly(one, scenario),
        tuple(energy_flows(sums, scenario)), tuple(margins(one, sums, scenario)),
        benchmarks(one, scenario, metrics["it_energy_kwh"]["value"]), pue, civil,
    )  # fmt: skip


def series_names(run: Portrait) -> dict[str, tuple[str, str]]:
    """Every series of a run: name -> label, unit; those that engineers look at first come first."""
    first = ["grid.meter.import_kw", PUE, "weather.dry_bulb_c", "weather.wet_bulb_c"]
    named = {str(n): (str(v.attrs["long_name"]), str(v.attrs["units"])) for n, v in run.one.data_vars.items()
             if v.dims == ("time",)} | {PUE: ("PUE of each step", "1")}  # fmt: skip
    return {name: named[name] for name in dict.fromkeys([*(n for n in first if n in named), *named])}
