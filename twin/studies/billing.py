"""The electricity bill of a run: energy by period, demand charges, ratchet, fixed charges and taxes, by month.

Billed demand of a month is ``max(measured, ratchet share x highest measured of the months before, minimum)``. Energy
is in the period in which it flows, demand in the period in which its interval starts, both in local civil time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from twin.components.grid.tariffs import (
    KnownTariff,
    MarketPrice,
    Ratchet,
    TariffTable,
    demand_schedule,
    energy_schedule,
)
from twin.series.axis import TimeAxis
from twin.series.energy_price import calendar_of, market
from twin.series.series_file import PER_KWH
from twin.series.tariff_calendar import Calendar
from twin.series.tariff_tables import in_force
from twin.studies.power_factor import power_factor_lines, power_factor_warnings
from twin.studies.tiers import days_of, demand_cost, energy_cost

Months = NDArray[np.float64]  # a value per month
MONTHS_PER_YEAR = 12
DEMAND_LINES = ("flat_demand", "ratchet", "minimum_demand", "reactive_demand", "power_factor")
Kind = Literal["energy", "demand", "fixed", "tax", "ppa", "carbon", "demand_response", "water"]
SECONDS_PER_MINUTE = 60.0


@dataclass(frozen=True)
class Bill:
    """What a run costs. ``cost`` has a row per line and a column per month, in ``currency``.

    Lines are ``energy.<period>``, ``flat_demand``, ``ratchet`` and ``minimum_demand`` (what these add to the measured
    flat demand), ``demand.<period>``, ``fixed``, ``fixed.minimum`` (what a lowest bill adds) and ``tax``.
    ``energy_kwh`` and ``period_kw`` are by period and month; ``measured_kw`` and ``billed_kw`` by month.
    """

    currency: str
    months: tuple[str, ...]
    covered_frac: Months
    lines: tuple[str, ...]
    cost: NDArray[np.float64]
    energy_periods: tuple[str, ...]
    energy_kwh: NDArray[np.float64]
    demand_periods: tuple[str, ...]
    period_kw: NDArray[np.float64]
    measured_kw: Months
    billed_kw: Months
    demand_resolution: Literal["interval", "coarse"]
    warnings: tuple[str, ...]

    @property
    def total(self) -> float:
        """Sum of all lines and months."""
        return float(self.cost.sum())

    def by_month(self) -> dict[str, float]:
        """Sum of all lines by month."""
        return dict(zip(self.months, self.cost.sum(axis=0).tolist(), strict=True))

    def by_line(self) -> dict[str, float]:
        """Sum of all months by line."""
        return dict(zip(self.lines, self.cost.sum(axis=1).tolist(), strict=True))

    def by_kind(self) -> dict[str, Months]:
        """Cost by month of each kind of line; ratchet, minimum and power factor count as demand."""
        kinds: dict[str, Months] = {}
        for line, cost in zip(self.lines, self.cost, strict=True):
            kinds[_kind(line)] = kinds.get(_kind(line), 0.0) + cost
        return kinds

    def share(self, kind: Kind) -> float:
        """Sum of the lines of one kind; ratchet, minimum and power factor count as demand."""
        return sum(cost for line, cost in self.by_line().items() if _kind(line) == kind)


def _kind(line: str) -> str:
    return "demand" if line in DEMAND_LINES else line.partition(".")[0]


def bill(
    import_kw: NDArray[np.float64],
    axis: TimeAxis,
    tariff: KnownTariff | TariffTable,
    timezone: str,
    base: Path | None = None,
    power_factor_frac: float | None = None,
) -> Bill:
    """The bill for electricity imported over a run.

    Parameters
    ----------
    import_kw : mean power drawn from the grid in each step, kW, shape (time,), not negative
    axis : the run's steps
    tariff : any of the tariffs; a table is read from its file
    timezone : IANA name of the zone in which the tariff's windows and months are meant
    base : folder from which relative file names start
    power_factor_frac : at the meter, for tariffs that bill kVA, reactive power or a low factor; 1 where it is not given

    Raises
    ------
    InputError
        A table or a price file that cannot be used.
    ValueError
        ``import_kw`` does not fit the axis, or is negative or not finite somewhere.
    """
    _refuse_unfit(import_kw, axis)
    known = in_force(tariff, base)
    when = calendar_of(known, axis, timezone)
    names = demand_schedule(known).names
    pieces_kw = import_kw if when.pieces == 1 else np.repeat(import_kw, when.pieces)
    period_kw = when.demand.peaks_kw(pieces_kw, (len(names), len(when.months)))
    measured_kw = period_kw.max(axis=0)
    energy = _energy(known, import_kw, measured_kw, axis, when, base)
    billed_kw = _billed_kw(known, measured_kw, when.months)
    factor = 1.0 if power_factor_frac is None else power_factor_frac
    scale = 1.0 / factor if known.demand.billed_in == "kva" else 1.0
    demand = _flat_lines(known, measured_kw * scale, billed_kw * scale, when.months)
    demand |= _period_lines(known, names, period_kw * scale)
    demand |= power_factor_lines(known.demand, factor, measured_kw, demand)
    lines = _with_fixed_and_tax(known, energy.lines | demand, when)
    return Bill(
        currency=known.currency,
        months=when.months,
        covered_frac=when.covered_frac,
        lines=tuple(lines),
        cost=np.array(list(lines.values())),
        energy_periods=energy.names,
        energy_kwh=energy.kwh,
        demand_periods=names,
        period_kw=period_kw,
        measured_kw=measured_kw,
        billed_kw=billed_kw,
        demand_resolution="coarse" if when.demand.coarse else "interval",
        warnings=energy.notes
        + tuple(_warnings(known, axis, when, billed_kw))
        + power_factor_warnings(known.demand, power_factor_frac),
    )


def _refuse_unfit(import_kw: NDArray[np.float64], axis: TimeAxis) -> None:
    if import_kw.shape != (axis.count,):
        raise ValueError(f"import_kw has shape {import_kw.shape}, the axis has {axis.count} steps")
    if not (import_kw.min(initial=0.0) >= 0.0 and np.isfinite(import_kw.sum())):
        raise ValueError("import_kw is negative or not finite somewhere: bill what flows in, and exports apart")


def _with_fixed_and_tax(tariff: KnownTariff, lines: dict[str, Months], when: Calendar) -> dict[str, Months]:
    untaxed = lines | {"fixed": tariff.fixed_per_month * when.covered_frac}
    if tariff.minimum_per_month or tariff.minimum_per_year:
        untaxed |= {"fixed.minimum": _minimum(tariff, np.sum(list(untaxed.values()), axis=0), when)}
    return untaxed | ({"tax": tariff.tax_frac * np.sum(list(untaxed.values()), axis=0)} if tariff.tax_frac else {})


def _minimum(tariff: KnownTariff, charges: Months, when: Calendar) -> Months:
    """What lowest bills of months and of a whole year add to the charges."""
    added = np.maximum(tariff.minimum_per_month * when.covered_frac - charges, 0.0)
    if len(when.months) == MONTHS_PER_YEAR:
        added[-1] += max(tariff.minimum_per_year - float((charges + added).sum()), 0.0)
    return added


@dataclass(frozen=True)
class _EnergyPart:
    names: tuple[str, ...]
    kwh: NDArray[np.float64]  # (period, month)
    lines: dict[str, Months]
    notes: tuple[str, ...] = ()


def _energy(
    tariff: KnownTariff,
    import_kw: NDArray[np.float64],
    measured_kw: Months,
    axis: TimeAxis,
    when: Calendar,
    base: Path | None,
) -> _EnergyPart:
    names, shape = energy_schedule(tariff).names, (-1, len(when.months))
    pieces_kwh = np.repeat(import_kw, when.pieces) * when.piece_h
    size = len(names) * len(when.months)
    kwh = _sums(pieces_kwh, when.energy_cell, size).reshape(shape)
    if not isinstance(tariff, MarketPrice):
        costs = energy_cost(tariff, kwh, measured_kw, when.covered_frac, days_of(when.months))
        return _EnergyPart(names, kwh, {f"energy.{name}": cost for name, cost in zip(names, costs, strict=True)})
    series = market(tariff, axis, base)
    price = np.repeat(series.values * PER_KWH[tariff.price_unit], when.pieces)
    lines = {"energy.market": _sums(pieces_kwh * price, when.energy_cell, size)}
    if tariff.adder_per_kwh:
        lines["energy.adder"] = kwh[0] * tariff.adder_per_kwh
    return _EnergyPart(names, kwh, lines, tuple(f"price: {note}" for note in series.notes))


def _sums(values: NDArray[np.float64], cell: NDArray[np.intp], size: int) -> NDArray[np.float64]:
    return np.bincount(cell, weights=values, minlength=size).astype(np.float64)


def _billed_kw(tariff: KnownTariff, measured_kw: Months, months: tuple[str, ...]) -> Months:
    """Demand that is billed at any hour: measured, ratchet or minimum, whichever is highest."""
    ratchet = tariff.demand.ratchet
    floor = _ratchet_kw(ratchet, measured_kw, months) if ratchet else 0.0
    return np.maximum(np.maximum(measured_kw, floor), tariff.demand.minimum_billed_kw)


def _ratchet_kw(ratchet: Ratchet, measured_kw: Months, months: tuple[str, ...]) -> Months:
    """Share of the highest counted demand of the months before each month; 0 where none is known."""
    counted = np.array([int(month[-2:]) in ratchet.counted_months for month in months])
    known = np.where(counted, measured_kw, 0.0)
    if ratchet.year_before == "same" and len(months) == MONTHS_PER_YEAR:
        before = np.concatenate([known, known])[-len(months) - ratchet.lookback_months : -1]
    else:
        before = np.concatenate([np.zeros(ratchet.lookback_months), known[:-1]])
    windows = np.lib.stride_tricks.sliding_window_view(before, ratchet.lookback_months)
    by_month = ratchet.by_month_frac or (ratchet.peak_frac,) * MONTHS_PER_YEAR
    share = np.array([by_month[int(month[-2:]) - 1] for month in months])
    return np.asarray(share * windows.max(axis=1), np.float64)


def _flat_lines(
    tariff: KnownTariff, measured_kw: Months, billed_kw: Months, months: tuple[str, ...]
) -> dict[str, Months]:
    """Demand at any hour, in the unit of its rates: what was measured, and what ratchet and minimum add."""
    demand = tariff.demand
    if not demand.flat:
        return {}
    number = np.array([int(month[-2:]) for month in months])

    def cost(kw: Months) -> Months:
        charged = [demand_cost(flat, kw) * np.isin(number, flat.months) for flat in demand.flat]
        return np.asarray(np.sum(charged, axis=0), np.float64)

    lines = {"flat_demand": cost(measured_kw)}
    with_ratchet = measured_kw
    if demand.ratchet:
        with_ratchet = np.maximum(measured_kw, _ratchet_kw(demand.ratchet, measured_kw, months))
        lines["ratchet"] = cost(with_ratchet) - cost(measured_kw)
    if demand.minimum_billed_kw:
        lines["minimum_demand"] = cost(billed_kw) - cost(with_ratchet)
    return lines


def _period_lines(tariff: KnownTariff, names: tuple[str, ...], period_kw: NDArray[np.float64]) -> dict[str, Months]:
    rates = tariff.demand.periods
    return {
        f"demand.{name}": demand_cost(rates[name], kw)
        for name, kw in zip(names, period_kw, strict=True)
        if name in rates
    }


def _warnings(tariff: KnownTariff, axis: TimeAxis, when: Calendar, billed_kw: Months) -> Iterator[str]:
    """What a reader of the bill has to know."""
    yield from _range_warnings(tariff, when.months, billed_kw)
    partial = [month for month, frac in zip(when.months, when.covered_frac, strict=True) if frac < 1.0]
    if partial:
        yield f"the run covers {_listed(partial)} in part: fixed charges pro rata, demand charges in full"
    if tariff.minimum_per_year and len(when.months) != MONTHS_PER_YEAR:
        yield f"the run has {len(when.months)} months: the lowest bill of a year is left out"
    demand = tariff.demand
    if when.demand.coarse and (demand.flat or demand.periods):
        yield (
            f"peaks are means over {axis.step_s / SECONDS_PER_MINUTE:g} min, the tariff bills those over "
            f"{demand.demand_interval_min} min (demand_resolution: coarse)"
        )
    if demand.ratchet and demand.ratchet.year_before == "same" and len(when.months) != MONTHS_PER_YEAR:
        yield f"ratchet: the run has {len(when.months)} months, so no year before is assumed"
    if tariff.holidays and not when.holidays_in_run:
        yield "none of the tariff's holidays lies in the run"


def _range_warnings(tariff: KnownTariff, months: tuple[str, ...], billed_kw: Months) -> Iterator[str]:
    low, high = tariff.valid_demand_min_kw, tariff.valid_demand_max_kw
    over = np.inf if high is None else high
    outside = [(month, kw) for month, kw in zip(months, billed_kw.tolist(), strict=True) if not low <= kw <= over]
    if outside:
        month, worst = max(outside, key=lambda pair: max(low - pair[1], pair[1] - over))
        span = f"from {low:g} kW" if high is None else f"{low:g} to {high:g} kW"
        yield (
            f"billed demand leaves the range of {tariff.name or 'the tariff'} ({span}) in {len(outside)} of "
            f"{len(months)} months, farthest in {month} with {worst:.1f} kW: another rate applies"
        )


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{words[0]} and {words[-1]}"
