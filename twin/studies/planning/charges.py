"""What a plan pays: the price of a kWh in each step, and charges on the highest demand of months and periods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from twin.components.grid.tariffs import KnownTariff, TariffTable, demand_schedule
from twin.series.axis import TimeAxis
from twin.series.energy_price import calendar_of
from twin.series.tariff_calendar import Calendar
from twin.series.tariff_tables import in_force

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DemandCharges:
    """Peaks that are paid for: of each month and period, and of each month at any hour.

    Attributes
    ----------
    intervals : weights by which steps make the means of demand intervals, (interval, time)
    peak : the peak that each interval belongs to, (interval,)
    rate_per_kw : what a kW of each peak costs, (peak,)
    month : the month of each peak, (peak,); its peak at any hour is ``flat[month]``
    flat_per_kw : what a kW of each month's highest demand at any hour costs, (month,)
    floor_kw : billed demand at any hour at least, (month,)
    begins, ends : steps with which each month begins and ends, (month,)
    """

    intervals: sparse.csr_array
    peak: Integers
    rate_per_kw: Floats
    month: Integers
    flat_per_kw: Floats
    floor_kw: Floats
    begins: Integers
    ends: Integers
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> tuple[int, int]:
        """Number of peaks by period, and of months."""
        return self.rate_per_kw.size, self.flat_per_kw.size

    def steps(self, start: int, end: int) -> DemandCharges:
        """The part of the run from one step up to another; peaks and months keep their numbers."""
        within = self.intervals[:, start:end]
        some = np.diff(within.indptr) > 0
        return DemandCharges(within[some], self.peak[some], self.rate_per_kw, self.month, self.flat_per_kw,
                             self.floor_kw, self.begins, self.ends, self.notes)  # fmt: skip

    def measured_kw(self, import_kw: Floats) -> tuple[Floats, Floats]:
        """Highest demand by peak and by month."""
        peaks, months = np.zeros(self.rate_per_kw.size), np.zeros(self.flat_per_kw.size)
        np.maximum.at(peaks, self.peak, self.intervals @ import_kw)
        np.maximum.at(months, self.month, peaks)
        return peaks, months

    def cost(self, import_kw: Floats) -> float:
        """Charges for the demand of a run."""
        peaks, months = self.measured_kw(import_kw)
        return float(self.rate_per_kw @ peaks + self.flat_per_kw @ np.maximum(months, self.floor_kw))


def demand_charges(tariff: KnownTariff | TariffTable, axis: TimeAxis, timezone: str) -> DemandCharges:
    """Demand charges of a tariff on the axis of a run, taxes included."""
    known = in_force(tariff)
    when = calendar_of(known, axis, timezone)
    names, months = demand_schedule(known).names, len(when.months)
    taxed = 1.0 + known.tax_frac
    rates = known.demand.periods
    rate = np.repeat([rates[name].total_per_kw if name in rates else 0.0 for name in names], months) * taxed
    number = [int(month[-2:]) for month in when.months]
    flat = np.array([sum(f.total_per_kw for f in known.demand.flat if at in f.months) for at in number]) * taxed
    month_of_peak = np.tile(np.arange(months), len(names))
    rows, peak = _intervals(when, axis.count)
    paid = (rate[peak] != 0.0) | (flat[month_of_peak[peak]] != 0.0)
    month_of_step = _month_of_step(when, axis.count, months)
    begins, ends = (np.searchsorted(month_of_step, np.arange(months), side) for side in ("left", "right"))
    floor = np.full(months, known.demand.minimum_billed_kw)
    notes = ("the plan does not see the demand ratchet; the bill does",) if known.demand.ratchet else ()
    return DemandCharges(rows[paid], peak[paid], rate, month_of_peak, flat, floor, begins, ends, notes)


def _intervals(when: Calendar, count: int) -> tuple[sparse.csr_array, Integers]:
    """Weights of steps in demand intervals and the peak of each; where a step is longer, it is its own interval."""
    demand, pieces = when.demand, when.pieces
    cell = np.empty(demand.order.size, dtype=np.int64)
    cell[demand.order] = np.repeat(demand.cells, np.diff(demand.cuts, append=demand.order.size))
    if demand.starts is None:
        step = np.arange(cell.size) // pieces
        keys = np.unique(np.stack([step, cell]), axis=1)
        steps, peak = keys[0], keys[1]
        weights = sparse.csr_array((np.ones(steps.size), (np.arange(steps.size), steps)), shape=(steps.size, count))
        return weights, peak.astype(np.int64)
    lengths = np.diff(demand.starts, append=count * pieces)
    row = np.repeat(np.arange(lengths.size), lengths)
    step = np.arange(row.size) // pieces
    weights = sparse.csr_array((1.0 / lengths[row], (row, step)), shape=(lengths.size, count))
    return weights, cell


def _month_of_step(when: Calendar, count: int, months: int) -> Integers:
    """Billing month of each step, that of its first piece."""
    cells = when.energy_cell[:: when.pieces]
    return np.asarray(cells[:count] % months, dtype=np.int64)
