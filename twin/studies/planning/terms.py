"""What electricity and water cost under a tariff and its contracts, as a plan sees them: prices and offers.

A contract that is linear in the import is in the price: two-settlement pays deviations at the real-time price, a carbon
price its factor. What is cheaper only up to an amount is an offer: energy that a physical purchase delivers, the first
blocks of a month's energy where the later ones are dearer. What is neither is named in ``outside``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy import sparse

from twin.components.grid.contracts import PhysicalPurchase, PriceSeries
from twin.components.grid.tariffs import EnergyRate, KnownTariff, MarketPrice, TimeOfUseTariff
from twin.scenario.model import Scenario
from twin.series.axis import TimeAxis
from twin.series.carbon_intensity import intensity
from twin.series.energy_price import calendar_of, market, price_per_kwh, priced
from twin.series.series_file import PER_KWH
from twin.series.tables import read_series
from twin.series.tariff_tables import in_force
from twin.studies.planning.charges import escalation_of, months_of
from twin.studies.planning.hull import Floats
from twin.studies.tiers import days_of

KG_PER_T = 1000.0
FALLING_ENERGY = "energy tiers whose price falls (a plan pays the price beyond the last)"


@dataclass(frozen=True, eq=False)
class MeterFlows:
    """What a run takes and gives, mean of each step, shape (time,)."""

    import_kw: Floats
    export_kw: Floats
    make_up_m3_h: Floats
    blowdown_m3_h: Floats


@dataclass(frozen=True, eq=False)
class Offers:
    """Energy that costs less than the price by ``gain_per_kwh``, up to ``most_kwh``, as far as there is import.

    ``steps`` (group, time) says of which steps a group takes the import; offers of a group have shape (rank, group) and
    are taken in this order. ``tariff`` says that they are the tariff's own blocks, a group for each month.
    """

    steps: sparse.csr_array
    most_kwh: Floats
    gain_per_kwh: Floats
    tariff: bool = False

    def value(self, import_kw: Floats, dt_h: float) -> float:
        """What the offers take off the cost of a run; negative where a contract obliges to pay more."""
        return float(self.values(import_kw, dt_h).sum())

    def values(self, import_kw: Floats, dt_h: float) -> Floats:
        """The same by group."""
        left = np.asarray(self.steps @ import_kw) * dt_h
        gained = np.zeros(left.size)
        for most, gain in zip(self.most_kwh, self.gain_per_kwh, strict=True):
            taken = np.minimum(most, left)
            left = left - taken
            gained += gain * taken
        return gained

    def window(self, start: int, end: int) -> Offers:
        """The groups that lie in the steps from one up to another; of those that lie there in part, that share."""
        whole = np.diff(self.steps.indptr)
        within = self.steps[:, start:end]
        share = np.diff(within.indptr) / np.maximum(whole, 1)
        some = share > 0.0
        return replace(
            self, steps=within[some], most_kwh=(self.most_kwh * share)[:, some], gain_per_kwh=self.gain_per_kwh[:, some]
        )


@dataclass(frozen=True, eq=False)
class Terms:
    """Prices without those of demand.

    Attributes
    ----------
    import_per_kwh : what one more kWh costs in each step, taxes, contracts and a carbon price in it
    export_per_kwh, most_export_kw : what a kWh exported earns, and the limit of export
    supply_per_m3, sewer_per_m3, sewer_on_make_up : water drawn, and water that is given to the sewer
    offers : energy that is cheaper up to an amount
    outside : parts of the bill that the objective does not have, in words
    """

    import_per_kwh: Floats
    export_per_kwh: float = 0.0
    most_export_kw: float = np.inf
    supply_per_m3: float = 0.0
    sewer_per_m3: float = 0.0
    sewer_on_make_up: bool = False
    offers: tuple[Offers, ...] = ()
    outside: tuple[str, ...] = ()

    def water(self, make_up_m3: Floats, blowdown_m3: Floats) -> Floats:
        """What water costs."""
        charged = make_up_m3 if self.sewer_on_make_up else blowdown_m3
        return np.asarray(self.supply_per_m3 * make_up_m3 + self.sewer_per_m3 * charged)


def terms_of(scenario: Scenario, axis: TimeAxis, planned: str | None = None) -> Terms:
    """Terms of a scenario on the axis of its run; ``planned`` generators are in the objective."""
    known, zone, contracts = in_force(scenario.grid.tariff), scenario.site.timezone, scenario.grid.contracts
    price = price_per_kwh(known, axis, zone)
    raised = price * escalation_of(contracts, known, axis, zone)[months_of(known, axis, zone)]
    if contracts.carbon_price is not None:
        factors = intensity(scenario.grid.carbon, axis).average_kgco2_per_kwh
        raised = raised + contracts.carbon_price.price_per_t / KG_PER_T * factors
    if contracts.two_settlement is not None:
        raised = raised + _market(contracts.two_settlement.real_time, known, axis) - _market(None, known, axis)
    water, meter = contracts.water, scenario.grid.meter
    deliveries = _deliveries(scenario, known, axis, price)
    blocks, said = _blocks(known, scenario, axis)
    return Terms(
        raised, meter.export_per_kwh, np.inf if meter.export_limit_kw is None else meter.export_limit_kw,
        water.supply_per_m3 if water else 0.0, water.sewer_per_m3 * water.sewer_share_frac if water else 0.0,
        water is not None and water.sewer_on == "make_up", (*deliveries, *blocks),
        (*_outside(scenario, known, planned), *said, *_dear(deliveries)))  # fmt: skip


def _market(series: PriceSeries | None, tariff: KnownTariff, axis: TimeAxis) -> Floats:
    """A market's price per kWh: of a series, or of the tariff without its adder."""
    if series is None:
        assert isinstance(tariff, MarketPrice)  # the reader of scenarios refuses others
        return market(tariff, axis, None).values * PER_KWH[tariff.price_unit]
    return priced(series.price, tariff.currency, series.price_unit, axis, None).values * PER_KWH[series.price_unit]


def _deliveries(scenario: Scenario, tariff: KnownTariff, axis: TimeAxis, price: Floats) -> list[Offers]:
    """Physical purchases, in their order: a kWh used displaces one at the tariff's price, and is then not sold."""
    bought = [one for one in scenario.grid.contracts.power_purchase.values() if isinstance(one, PhysicalPurchase)]
    if not bought:
        return []
    most = np.array([read_series(one.generation, axis, None).values * axis.dt_h for one in bought])
    gain = np.array([price - one.sleeve_per_kwh - _market(one.market, tariff, axis) for one in bought])
    some = np.flatnonzero(most.max(axis=0) > 0.0)
    steps = sparse.csr_array((np.ones(some.size), (np.arange(some.size), some)), shape=(some.size, axis.count))
    return [Offers(steps, most[:, some], gain[:, some])] if some.size else []


def _dear(offers: list[Offers]) -> Iterator[str]:
    for one in offers:
        obliged = int((one.gain_per_kwh < 0.0).any(axis=0).sum())
        if obliged:
            yield f"power purchase in {obliged} steps in which its energy is worth more sold than used"


def _blocks(tariff: KnownTariff, scenario: Scenario, axis: TimeAxis) -> tuple[list[Offers], list[str]]:
    """First blocks of each month's energy, where all periods have the same ones and later blocks are dearer."""
    rates = list(tariff.energy.periods.values()) if isinstance(tariff, TimeOfUseTariff) else []
    if not any(rate.tiers for rate in rates):
        return [], []
    ends, gains = _ends(rates[0]), _gains(rates[0])
    alike = all(_ends(rate) == ends and np.allclose(_gains(rate), gains) for rate in rates)
    if not alike or any(tier.up_to_kwh is None for tier in rates[0].tiers):
        words = "energy tiers that differ between periods or go by demand (a plan pays the price beyond the last)"
        return [], [words]
    when = calendar_of(tariff, axis, scenario.site.timezone)
    month, count = months_of(tariff, axis, scenario.site.timezone), len(when.months)
    days = days_of(when.months) if rates[0].tiers[0].each == "day" else np.ones(count)
    width = np.diff(ends, prepend=0.0)[:, None] * (when.covered_frac * days)
    steps = sparse.csr_array((np.ones(axis.count), (month, np.arange(axis.count))), shape=(count, axis.count))
    level = escalation_of(scenario.grid.contracts, tariff, axis, scenario.site.timezone) * (1.0 + tariff.tax_frac)
    offers = [Offers(steps, width, np.array(gains)[:, None] * level, tariff=True)]
    rising = min(gains) >= 0.0 and all(gain >= after for gain, after in pairwise(gains))
    return offers, [] if rising else [FALLING_ENERGY]


def _ends(rate: EnergyRate) -> list[float]:
    return [tier.up_to_kwh or 0.0 for tier in rate.tiers]


def _gains(rate: EnergyRate) -> list[float]:
    """How much less each block costs than what lies beyond the last."""
    return [rate.total_per_kwh - tier.total_per_kwh for tier in rate.tiers]


def _outside(scenario: Scenario, tariff: KnownTariff, planned: str | None) -> Iterator[str]:
    """Parts of the bill that the objective does not have."""
    contracts = scenario.grid.contracts
    if tariff.fixed_per_month or (contracts.water and contracts.water.fixed_per_month):
        yield "fixed charges"
    if contracts.two_settlement is not None:
        yield "what the schedule of two_settlement is worth"
    if contracts.power_purchase:
        yield "generation that power purchase pays for, used or not"
    if contracts.demand_response is not None and contracts.demand_response.capacity_per_kw:
        yield "what demand response pays for being ready"
    if any(one.kind == "generator" and name != planned for name, one in scenario.onsite.items()):
        yield "fuel of generators" if planned is None else "fuel of other generators"
