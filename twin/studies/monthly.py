"""A run by month of the site's civil time: electricity by end use, cost by kind, emissions, water."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from twin.scenario.model import Scenario
from twin.series.carbon_intensity import intensity
from twin.studies.emissions import emissions_kgco2
from twin.studies.kpis import bill_of
from twin.studies.onsite import facility_kw
from twin.studies.sums import axis_of

Months = NDArray[np.float64]


@dataclass(frozen=True)
class Monthly:
    """Values by month, ``months`` such as 2025-01. ``energy_kwh`` is by end use, ``cost`` by kind in ``currency``."""

    months: tuple[str, ...]
    energy_kwh: dict[str, Months]
    it_kwh: Months
    facility_kwh: Months
    cost: dict[str, Months]
    currency: str
    emissions_kgco2: Months
    water_m3: Months

    @property
    def pue(self) -> Months:
        """Ratio of sums of each month; NaN where IT took nothing."""
        return np.divide(self.facility_kwh, self.it_kwh, out=np.full(len(self.months), np.nan), where=self.it_kwh > 0)


def monthly(one: xr.Dataset, spec: Scenario) -> Monthly:
    """Sums by month of one scenario whose series were all kept."""
    axis = axis_of(one)
    paid = bill_of(one, spec)
    names = axis.civil(spec.site.timezone).strftime("%Y-%m").to_numpy()
    # the bill counts an hour of another month at an end of the run, as daylight saving leaves it, to the nearest
    month = np.clip(np.searchsorted(np.array(paid.months), names.astype(str), side="right") - 1, 0, None)

    def summed(values: NDArray[np.float64]) -> Months:
        return np.bincount(month, weights=values, minlength=len(paid.months)).astype(np.float64)

    energy: dict[str, Months] = {}
    for output, use in zip(one["output"].values, one["end_use"].values, strict=True):
        if use and output in one:
            energy[str(use)] = energy.get(str(use), 0.0) + summed(one[output].values) * axis.dt_h
    imported = one["grid.meter.import_kw"].values
    carbon = emissions_kgco2(imported, axis, intensity(spec.grid.carbon, axis))
    water = [one[name].values for name in one.data_vars if str(name).endswith(".make_up_m3_h")]
    none = np.zeros(len(paid.months))
    return Monthly(
        paid.months, energy, energy.get("it", none), summed(facility_kw(one)) * axis.dt_h, paid.by_kind(),
        paid.currency,
        summed(carbon), summed(np.sum(water, axis=0)) * axis.dt_h if water else none,
    )  # fmt: skip
