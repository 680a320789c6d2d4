"""Energy charge and emissions of a class of work hour by hour: what running at other hours is worth."""

from __future__ import annotations

import numpy as np
import xarray as xr

from twin.scenario.model import Scenario
from twin.series.carbon_intensity import intensity
from twin.series.energy_price import price_per_kwh
from twin.studies.sums import Metric, axis_of, figure
from twin.studies.work_energy import attributed, work_groups

METER = "grid.meter.import_kw"


def hourly_figures(
    name: str, one: xr.Dataset, spec: Scenario, net: float, unit: str, currency: str
) -> dict[str, Metric]:
    """Energy charges and emissions for a unit of work, weighted by hour; nothing where series are not kept.

    In each step a class bears its part of its groups' power, times facility over IT power, at that step's price and
    factor. Steps in which a group runs no work are nobody's here.
    """
    racks = [f"halls.{hall}.rack_groups.{group}.power_kw" for hall, h in spec.halls.items() for group in h.rack_groups]
    wanted = [*racks, METER, *(f"{path}.utilisation_frac" for path, _ in work_groups(spec))]
    wanted += [f"workloads.{work}.runs_on.{place}.{output}" for work, w in spec.workloads.items()
               for place in w.runs_on for output in ("power_kw", "share_frac")]  # fmt: skip
    if net <= 0.0 or not all(path in one for path in wanted):
        return {}

    def read(path: str) -> np.ndarray:
        return np.asarray(one[path].values, dtype=float)

    step_h = float(one.attrs["step_h"])
    axis = axis_of(one)
    it_kw = np.sum([read(path) for path in racks], axis=0)
    ratio = np.divide(read(METER), it_kw, out=np.zeros(it_kw.shape), where=it_kw > 0.0)
    class_kwh = attributed(read, spec).whole[name] * ratio * step_h
    price = price_per_kwh(spec.grid.tariff, axis, spec.site.timezone)
    factor = intensity(spec.grid.carbon, axis).average_kgco2_per_kwh
    basis = "by the hour: its part of power times facility over IT power, in steps in which its groups work"
    return {
        "hourly_energy_cost_per_unit": figure(
            float(np.dot(class_kwh, price)) / net, f"{currency}/({unit})", "Energy charges for a unit of work", basis
        ),
        "hourly_kgco2_per_unit": figure(
            float(np.dot(class_kwh, factor)) / net, f"kgCO2e/({unit})", "Emissions for a unit of work, hourly", basis
        ),
    }
