"""A plan over years: what a unit of work costs where load grows, hardware is renewed and power becomes dearer.

The twin gives the electricity bill and the energy of IT for the load of each year at today's prices; the plan adds what
no simulation of a year can: escalation of prices, renewal, discounting.

* Work of a month is its IT energy times the work per joule of the generation in service; each renewal multiplies that
  by ``gain``. Its unit is what the first generation does with a kWh of IT energy.
* The bill of year y is that of its load times (1 + escalation)^y.
* Hardware is bought at the start, with what the load grows by at the start of each year, and all of it at each renewal.
* Everything is discounted to the start: a month's bill to its middle, a purchase to its month, at (1 + r)^-(month/12).

Cost per unit of work is levelised: net present cost over discounted work, as the levelised cost of energy of Short,
Packey and Holt (NREL/TP-462-5173, 1995) with work in place of energy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from pydantic import Field

from twin.quantities import Spec

MONTHS = 12


class Plan(Spec):
    """What a plan over years assumes; lists are alternatives, each with each of the others."""

    refresh_months: list[int] = Field(min_length=1)
    """Months after which all hardware is renewed."""
    gain_ratio: list[float] = Field(min_length=1)
    """Work per joule of new hardware over that of the hardware before it."""
    escalation_frac: list[float] = Field(min_length=1)
    """Yearly rise of electricity prices."""
    discount_frac: float = Field(ge=0, le=1)
    """Yearly interest at which later money counts less."""
    hardware_per_kw: float = Field(ge=0, le=1e8)
    """Price of hardware per kW of mean IT power, in the currency of the bill."""
    site_capex_per_kw: float = Field(0.0, ge=0, le=1e8)
    """Price of building and plant per kW of mean IT power of the largest year, paid at the start."""


@dataclass(frozen=True)
class Year:
    """What the twin says of a year's load: bill at today's prices, energy and mean power of IT."""

    bill: float
    it_kwh: float
    it_kw: float


@dataclass(frozen=True)
class Option:
    """One alternative of a plan and what it comes to, in money of the start."""

    refresh_months: int
    gain_ratio: float
    escalation_frac: float
    electricity: float
    hardware: float
    site: float
    work: float  # discounted, in kWh of the first generation

    @property
    def net_present_cost(self) -> float:
        """All that is paid, discounted."""
        return self.electricity + self.hardware + self.site

    @property
    def cost_per_work(self) -> float:
        """Net present cost of a unit of work."""
        return self.net_present_cost / self.work


def options(plan: Plan, years: Sequence[Year]) -> list[Option]:
    """Every alternative, the cheapest unit of work first."""
    alternatives = product(plan.refresh_months, plan.gain_ratio, plan.escalation_frac)
    found = [option(plan, years, *one) for one in alternatives]
    return sorted(found, key=lambda one: one.cost_per_work)


def option(plan: Plan, years: Sequence[Year], refresh: int, gain: float, escalation: float) -> Option:
    """One alternative: months from the start, money discounted to it."""
    electricity = work = 0.0
    hardware = years[0].it_kw
    for month in range(MONTHS * len(years)):
        number = month // MONTHS
        year, first = years[number], month % MONTHS == 0
        middle = _discount(plan, month + 0.5)
        electricity += middle * year.bill / MONTHS * (1.0 + escalation) ** number
        work += middle * year.it_kwh / MONTHS * gain ** (month // refresh)
        if month and month % refresh == 0:
            hardware += _discount(plan, month) * year.it_kw
        elif month and first:
            hardware += _discount(plan, month) * max(year.it_kw - years[number - 1].it_kw, 0.0)
    site = plan.site_capex_per_kw * max(year.it_kw for year in years)
    return Option(refresh, gain, escalation, electricity, plan.hardware_per_kw * hardware, site, work)


def _discount(plan: Plan, month: float) -> float:
    return float((1.0 + plan.discount_frac) ** (-month / MONTHS))
