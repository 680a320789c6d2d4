"""What blocks of energy and of demand cost under rates with tiers.

Thresholds of energy count the month's energy of all periods, and each period pays its share of every block, as NREL's
System Advisor Model does (SAM ``lib_utility_rate_equations``, checked against PySAM); blocks of demand count each
period's own highest demand. A month that a run covers in part has its thresholds pro rata.
"""

from __future__ import annotations

import functools
from calendar import monthrange

import numpy as np
from numpy.typing import NDArray

from twin.components.grid.tariffs import DemandRate, EnergyRate, FlatTariff, TimeOfUseTariff

Months = NDArray[np.float64]  # a value per month


def energy_cost(
    tariff: FlatTariff | TimeOfUseTariff, kwh: NDArray[np.float64], peak_kw: Months, covered_frac: Months, days: Months
) -> NDArray[np.float64]:
    """Cost of energy by period and month, shape (period, month).

    ``kwh`` is the energy of the same shape; by month are the highest demand at any hour, the share of the month that
    the run covers, and the days of the month.
    """
    if isinstance(tariff, FlatTariff):
        return kwh * tariff.energy_per_kwh
    rates, all_kwh = tariff.energy.periods.values(), kwh.sum(axis=0)
    costs = (_period_cost(*pair, all_kwh, peak_kw, covered_frac, days) for pair in zip(rates, kwh, strict=True))
    return np.array(list(costs))


def _period_cost(
    rate: EnergyRate, own_kwh: Months, all_kwh: Months, peak_kw: Months, covered_frac: Months, days: Months
) -> Months:
    if not rate.tiers:
        return own_kwh * rate.total_per_kwh
    ends = []
    for tier in rate.tiers:
        end = tier.up_to_kwh if tier.up_to_kwh is not None else (tier.up_to_kwh_per_kw or 0.0) * peak_kw
        ends.append(end * covered_frac * (days if tier.each == "day" else 1.0))
    prices = [*(tier.total_per_kwh for tier in rate.tiers), rate.total_per_kwh]
    share = np.divide(own_kwh, all_kwh, out=np.zeros_like(own_kwh), where=all_kwh > 0.0)
    return share * _in_blocks(all_kwh, ends, prices)


def demand_cost(rate: DemandRate, kw: Months) -> Months:
    """Cost of the highest demand of each month."""
    ends = [np.full_like(kw, tier.up_to_kw) for tier in rate.tiers]
    return _in_blocks(kw, ends, [*(tier.total_per_kw for tier in rate.tiers), rate.total_per_kw])


def _in_blocks(amount: Months, ends: list[Months], prices: list[float]) -> Months:
    """Each block of the amount at its price; what lies beyond the last end at the last one."""
    cost, begin = np.zeros_like(amount), np.zeros_like(amount)
    for end, price in zip([*ends, np.full_like(amount, np.inf)], prices, strict=True):
        cost += price * np.clip(amount - begin, 0.0, end - begin)
        begin = end
    return cost


@functools.lru_cache(maxsize=64)
def days_of(months: tuple[str, ...]) -> Months:
    """Days of each month, named as 2025-02."""
    days = np.array([monthrange(int(month[:4]), int(month[-2:]))[1] for month in months], np.float64)
    days.flags.writeable = False
    return days
