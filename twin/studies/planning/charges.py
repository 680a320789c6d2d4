"""What a plan pays for peaks: charges on the highest demand of months and periods, their tiers, and the ratchet."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from twin.components.grid.contracts import Contracts
from twin.components.grid.tariffs import DemandRate, KnownTariff, TariffTable, demand_schedule
from twin.series.axis import TimeAxis
from twin.series.energy_price import calendar_of
from twin.series.tariff_calendar import Calendar
from twin.series.tariff_tables import in_force

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
MONTHS_PER_YEAR = 12
FALLING_DEMAND = "tiers of demand whose price falls (a plan pays that of the cheapest)"


@dataclass(frozen=True, eq=False)
class Blocks:
    """Prices of blocks of demand: ``width_kw`` and ``rate_per_kw`` of shape (block, item); the last has no end."""

    width_kw: Floats
    rate_per_kw: Floats

    def cost(self, kw: Floats) -> float:
        """Cost of a demand for each item."""
        return float(self.costs(kw).sum())

    def costs(self, kw: Floats) -> Floats:
        """What each item costs, by block."""
        begins = np.concatenate([np.zeros((1, kw.size)), np.cumsum(self.width_kw[:-1], axis=0)])
        return np.asarray(np.clip(kw - begins, 0.0, self.width_kw) * self.rate_per_kw)

    @property
    def convex(self) -> bool:
        """Whether no block is cheaper than the one before it."""
        real = self.width_kw > 0.0
        return bool((np.diff(np.where(real, self.rate_per_kw, np.inf), axis=0)[real[1:]] >= -1e-12).all())

    def scaled(self, share: Floats) -> Blocks:
        """At a share of the rates, by item."""
        return Blocks(self.width_kw, self.rate_per_kw * share)


@dataclass(frozen=True, eq=False)
class DemandCharges:
    """Peaks that are paid for: of each month and period, and of each month at any hour.

    Attributes
    ----------
    intervals : weights by which steps make the means of demand intervals, (interval, time)
    peak : the peak that each interval belongs to, (interval,)
    periods : what a peak costs, by peak
    month : the month of each peak, (peak,)
    flat : what a month's billed demand costs, by month; ``measured_per_kw`` what its measured one costs beside
    floor_kw : billed demand at any hour at least, (month,)
    ratchet : billed demand of a month is at least a share of the measured one of another, (month, month)
    begins, ends : steps with which each month begins and ends, (month,)
    outside : charges that the program does not have as they are, in words
    """

    intervals: sparse.csr_array
    peak: Integers
    periods: Blocks
    month: Integers
    flat: Blocks
    measured_per_kw: Floats
    floor_kw: Floats
    ratchet: Floats
    begins: Integers
    ends: Integers
    outside: tuple[str, ...] = ()

    @property
    def counts(self) -> tuple[int, int]:
        """Number of peaks by period, and of months."""
        return self.month.size, self.floor_kw.size

    @property
    def charged(self) -> bool:
        """Whether any demand at any hour costs something."""
        return bool((self.flat.rate_per_kw != 0.0).any() or (self.measured_per_kw != 0.0).any())

    def steps(self, start: int, end: int) -> DemandCharges:
        """Charges on the steps from one up to another; peaks keep their numbers."""
        within = self.intervals[:, start:end]
        some = np.diff(within.indptr) > 0
        return replace(self, intervals=within[some], peak=self.peak[some])

    def measured_kw(self, import_kw: Floats) -> tuple[Floats, Floats]:
        """Highest demand by peak and by month."""
        peaks, months = np.zeros(self.month.size), np.zeros(self.floor_kw.size)
        np.maximum.at(peaks, self.peak, self.intervals @ import_kw)
        np.maximum.at(months, self.month, peaks)
        return peaks, months

    def billed_kw(self, months_kw: Floats) -> Floats:
        """Demand at any hour that is billed in each month, from what was measured."""
        billed = np.maximum(months_kw, self.floor_kw)
        return np.maximum(billed, (self.ratchet * months_kw).max(axis=1)) if self.ratchet.size else billed

    def cost(self, import_kw: Floats) -> float:
        """Charges for the demand of a run."""
        peaks, months = self.measured_kw(import_kw)
        billed = self.billed_kw(months)
        return self.periods.cost(peaks) + self.flat.cost(billed) + float(self.measured_per_kw @ months)

    def monthly(self, import_kw: Floats) -> Floats:
        """The same by month."""
        peaks, months = self.measured_kw(import_kw)
        of_periods = np.bincount(self.month, self.periods.costs(peaks).sum(axis=0), minlength=months.size)
        return of_periods + self.flat.costs(self.billed_kw(months)).sum(axis=0) + self.measured_per_kw * months


def demand_charges(
    tariff: KnownTariff | TariffTable, axis: TimeAxis, timezone: str, contracts: Contracts | None = None
) -> DemandCharges:
    """Demand charges of a tariff on the axis of a run: taxes, escalation and the power factor in them."""
    known, contracts = in_force(tariff), contracts or Contracts()
    when = calendar_of(known, axis, timezone)
    names, months = demand_schedule(known).names, len(when.months)
    level = escalation_of(contracts, known, axis, timezone) * (1.0 + known.tax_frac)
    raised, scale, reactive = _power_factor(known, contracts)
    number = [int(month[-2:]) for month in when.months]
    month_of_peak = np.tile(np.arange(months), len(names))
    rates = known.demand.periods
    periods = _blocks([[rates[name]] if name in rates else [] for name in names for _ in range(months)], scale)
    flat = _blocks([[one for one in known.demand.flat if at in one.months] for at in number], scale)
    periods, flat = periods.scaled(level[month_of_peak] * raised), flat.scaled(level * raised)
    rows, peak = _intervals(when, axis.count)
    ratchet, month_of = _ratchet(known, when.months), month_of_peak[peak]
    paid = (periods.rate_per_kw[:, peak] != 0.0).any(axis=0) | (flat.rate_per_kw[:, month_of] != 0.0).any(axis=0)
    paid |= bool(reactive or ratchet.size)
    month_of_step = _month_of_step(when, axis.count, months)
    begins, ends = (np.searchsorted(month_of_step, np.arange(months), side) for side in ("left", "right"))
    return DemandCharges(
        rows[paid], peak[paid], periods, month_of_peak, flat, reactive * level,
        np.full(months, known.demand.minimum_billed_kw), ratchet, begins, ends,
        tuple(_outside(periods, flat)))  # fmt: skip


def escalation_of(contracts: Contracts, tariff: KnownTariff, axis: TimeAxis, timezone: str) -> Floats:
    """Level of the tariff's prices in each month of a run."""
    months = calendar_of(tariff, axis, timezone).months
    rise = contracts.escalation
    if rise is None:
        return np.ones(len(months))
    return np.array([(1.0 + rise.per_year_frac) ** (int(month[:4]) - rise.from_year) for month in months])


def months_of(tariff: KnownTariff, axis: TimeAxis, timezone: str) -> Integers:
    """Billing month of each step of a run."""
    when = calendar_of(tariff, axis, timezone)
    return _month_of_step(when, axis.count, len(when.months))


def _power_factor(tariff: KnownTariff, contracts: Contracts) -> tuple[float, float, float]:
    """By how much a low factor raises charges, kVA for a kW that is billed, and the price of a kW's reactive power."""
    demand, factor = tariff.demand, contracts.power_factor_frac or 1.0
    least = demand.least_power_factor_frac
    raised = 1.0 if least is None else max(least / factor, 1.0)
    kvar = math.sqrt(1.0 / (factor * factor) - 1.0)  # IEEE 1459-2010, as in the bill
    reactive = demand.reactive_per_kvar * max(kvar - demand.reactive_free_frac, 0.0)
    return raised, 1.0 / factor if demand.billed_in == "kva" else 1.0, reactive


def _blocks(rates: Sequence[Sequence[DemandRate]], scale: float) -> Blocks:
    """Sum of the rates of each item as blocks of kW; a rate's own blocks are in the unit that is billed."""
    ends = sorted({tier.up_to_kw / scale for item in rates for rate in item for tier in rate.tiers})
    edges = np.array([0.0, *ends])
    width = np.diff(edges, append=np.inf)
    price = np.array([[sum(_rate_at(rate, edge * scale) for rate in item) * scale for item in rates] for edge in edges])
    return Blocks(np.repeat(width[:, None], len(rates), axis=1), price.reshape(edges.size, len(rates)))


def _rate_at(rate: DemandRate, above_kw: float) -> float:
    """Price of the next kW above a demand."""
    return next((tier.total_per_kw for tier in rate.tiers if above_kw < tier.up_to_kw * (1 - 1e-12)), rate.total_per_kw)


def _ratchet(tariff: KnownTariff, months: tuple[str, ...]) -> Floats:
    """Shares by which the measured demand of months (columns) binds what is billed in others (rows); or nothing."""
    terms = tariff.demand.ratchet
    if terms is None or not tariff.demand.flat:
        return np.zeros((0, 0))
    count, share = len(months), np.zeros((len(months), len(months)))
    wraps = terms.year_before == "same" and count == MONTHS_PER_YEAR
    for row, month in enumerate(months):
        own = terms.by_month_frac[int(month[-2:]) - 1] if terms.by_month_frac else terms.peak_frac
        for back in range(1, terms.lookback_months + 1):
            column = (row - back) % count if wraps else row - back
            if column >= 0 and int(months[column][-2:]) in terms.counted_months:
                share[row, column] = own
    return share


def _outside(periods: Blocks, flat: Blocks) -> Iterator[str]:
    if not periods.convex or not flat.convex:
        yield FALLING_DEMAND


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
