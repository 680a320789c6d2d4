"""Lowest bills of months and of a year: what a tariff charges at least, added where its other lines come to less.

Added is ``max(lowest - charges, 0)`` of the tariff's own lines, before tax: convex in what is drawn, so a plan has it
exactly. Contracts are beside it. Amounts here have taxes and escalation in them, month by month, as prices have.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from twin.components.grid.tariffs import KnownTariff
from twin.scenario.model import Scenario
from twin.series.axis import TimeAxis
from twin.series.energy_price import calendar_of, price_per_kwh
from twin.series.tariff_tables import in_force
from twin.studies.planning.charges import MONTHS_PER_YEAR, escalation_of, months_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LowestBills:
    """What is charged at least.

    Attributes
    ----------
    price_per_kwh : the tariff's own price in each step, without contracts
    month : month of each step
    month_floor : lowest charges for energy and demand of each month: the lowest bill less fixed charges
    year_floor : the same of the year, in the level of its last month; None where the run is no year
    level : taxes and escalation of each month
    """

    price_per_kwh: Floats
    month: Integers
    month_floor: Floats
    year_floor: float | None
    level: Floats

    def scaled(self, weight: float) -> LowestBills:
        """All amounts times a weight."""
        year = None if self.year_floor is None else weight * self.year_floor
        return replace(self, price_per_kwh=weight * self.price_per_kwh, month_floor=weight * self.month_floor,
                       year_floor=year)  # fmt: skip

    def window(self, begin: int, price_per_kwh: Floats, charged: Floats, share: Floats) -> LowestBills:
        """The steps from ``begin`` on at these prices, with what they still have to reach.

        That is what each month's energy has been ``charged`` less than its lowest bill, at the ``share`` of the rest of
        the month that these steps are: demand is weighed by the same share.
        """
        month = self.month[begin : begin + price_per_kwh.size]
        return replace(self, price_per_kwh=price_per_kwh, month=month, month_floor=share * (self.month_floor - charged),
                       year_floor=None)  # fmt: skip

    def charges(self, import_kw: Floats, dt_h: float, demand: Floats, saved: Floats) -> Floats:
        """Charges of each month for energy and ``demand``; ``saved`` is what blocks of energy take off."""
        energy = np.bincount(self.month, self.price_per_kwh * import_kw * dt_h, minlength=self.level.size)
        return np.asarray(energy + demand - saved)

    def added(self, charges: Floats) -> float:
        """What lowest bills add to charges by month."""
        added = np.maximum(self.month_floor - charges, 0.0)
        if self.year_floor is None:
            return float(added.sum())
        whole = float(((charges + added) / self.level).sum()) * self.level[-1]
        return float(added.sum()) + max(self.year_floor - whole, 0.0)


def lowest_bills(scenario: Scenario, axis: TimeAxis) -> LowestBills | None:
    """Lowest bills of a scenario's tariff; None where it has none."""
    known, zone = in_force(scenario.grid.tariff), scenario.site.timezone
    if not (known.minimum_per_month or known.minimum_per_year):
        return None
    escalation, when = escalation_of(scenario.grid.contracts, known, axis, zone), calendar_of(known, axis, zone)
    month, level = months_of(known, axis, zone), escalation * (1.0 + known.tax_frac)
    price = price_per_kwh(known, axis, zone) * escalation[month]
    floor = (known.minimum_per_month - known.fixed_per_month) * when.covered_frac * level
    return LowestBills(price, month, floor, _year_floor(known, when.covered_frac, level), level)


def _year_floor(tariff: KnownTariff, covered_frac: Floats, level: Floats) -> float | None:
    if not tariff.minimum_per_year or level.size != MONTHS_PER_YEAR:
        return None
    return float((tariff.minimum_per_year - tariff.fixed_per_month * covered_frac.sum()) * level[-1])
