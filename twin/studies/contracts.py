"""Lines that contracts add to a bill; the total stays the sum of all lines. Taxes are on the tariff's lines alone.

* Two-settlement: ``DA q_DA + RT (q - q_DA)``. The bill's ``energy.market`` is ``DA q``, so ``energy.imbalance`` is
  ``(RT - DA) (q - q_DA)``.
* Physical power purchase: ``strike gen + price (q - used) - market excess``; the bill has ``price q`` already, so the
  lines are ``strike gen + sleeve used`` and ``-price used - market excess``. Contract for differences:
  ``(strike - market) gen``.
* Carbon price: price times location-based emissions.
* Demand response: capacity by month, energy reduced up to what is promised, a penalty on the rest. The baseline is
  the mean of the same hours of the ten similar days before without event, as in California ISO's ten-in-ten
  (tariff section 4.13.4.1), without its adjustment of the same day.
* Water: make-up drawn, and blowdown or a share of make-up given to the sewer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.components.grid.contracts import Contracts, DemandResponse, PhysicalPurchase, PriceSeries, WaterTariff
from twin.components.grid.tariffs import KnownTariff, MarketPrice, TariffTable
from twin.errors import InputError
from twin.series.axis import TimeAxis
from twin.series.energy_price import calendar_of, market, price_per_kwh, priced
from twin.series.series_file import PER_KWH
from twin.series.tables import read_series
from twin.series.tariff_tables import in_force
from twin.studies.billing import Bill

Values = NDArray[np.float64]  # of each step
BASELINE_DAYS = 10  # California ISO, ten-in-ten
KG_PER_T = 1000.0


@dataclass(frozen=True)
class Flows:
    """What contracts bill beside power: emissions and water of each step, shape (time,)."""

    emissions_kgco2: Values
    make_up_m3: Values
    blowdown_m3: Values


@dataclass(frozen=True)
class _Case:
    contracts: Contracts
    tariff: KnownTariff
    import_kw: Values
    flows: Flows
    axis: TimeAxis
    timezone: str
    base: Path | None
    month: NDArray[np.intp]
    months: int
    covered: Values

    def monthly(self, amounts: Values) -> Values:
        """Sums of each month."""
        return np.bincount(self.month, weights=amounts, minlength=self.months).astype(np.float64)

    def price(self, series: PriceSeries | None) -> Values:
        """A market's price per kWh: of a series, or of the tariff without its adder."""
        if series is None:
            if not isinstance(self.tariff, MarketPrice):
                raise InputError(
                    "a power purchase under this tariff needs `market`: the price that its energy is sold at"
                )
            return market(self.tariff, self.axis, self.base).values * PER_KWH[self.tariff.price_unit]
        found = priced(series.price, self.tariff.currency, series.price_unit, self.axis, self.base)
        return found.values * PER_KWH[series.price_unit]


def with_contracts(
    paid: Bill,
    contracts: Contracts,
    import_kw: Values,
    flows: Flows,
    axis: TimeAxis,
    tariff: KnownTariff | TariffTable,
    timezone: str,
    base: Path | None = None,
) -> Bill:
    """The bill with the lines of contracts, and the tariff's own lines at the prices of their year.

    Parameters
    ----------
    paid : bill of the tariff for the same power and axis
    contracts : what is agreed
    import_kw : mean power drawn in each step, kW, shape (time,)
    flows : emissions and water of each step
    axis, tariff, timezone, base : as for :func:`twin.studies.billing.bill`

    Raises
    ------
    InputError
        A file that cannot be used; two-settlement without a market tariff; a purchase without a market price.
    """
    known = in_force(tariff, base)
    when = calendar_of(known, axis, timezone)
    month = when.energy_cell[:: when.pieces] % len(when.months)
    case = _Case(
        contracts, known, import_kw, flows, axis, timezone, base, month, len(when.months), when.covered_frac
    )  # fmt: skip
    cost, warnings = _escalated(paid, contracts)
    lines = dict(_lines(case))
    return replace(
        paid,
        lines=paid.lines + tuple(lines),
        cost=np.vstack([cost, *lines.values()]),
        warnings=paid.warnings + warnings + tuple(_baseline_warnings(case)),
    )


def _escalated(paid: Bill, contracts: Contracts) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    rise = contracts.escalation
    if rise is None:
        return paid.cost, ()
    level = np.array([(1.0 + rise.per_year_frac) ** (int(month[:4]) - rise.from_year) for month in paid.months])
    spans = f"{level.min():.4g}" if level.min() == level.max() else f"{level.min():.4g} to {level.max():.4g}"
    said = f"prices of {rise.from_year} raised by {100 * rise.per_year_frac:g} % a year: times {spans}"
    return paid.cost * level, (said,)


def _lines(case: _Case) -> Iterator[tuple[str, Values]]:
    yield from _imbalance(case)
    yield from _purchases(case)
    if case.contracts.carbon_price:
        price = case.contracts.carbon_price.price_per_t / KG_PER_T
        yield "carbon", case.monthly(price * case.flows.emissions_kgco2)
    if case.contracts.demand_response:
        yield from _response(case, case.contracts.demand_response)
    if case.contracts.water:
        yield from _water(case, case.contracts.water)


def _imbalance(case: _Case) -> Iterator[tuple[str, Values]]:
    terms = case.contracts.two_settlement
    if terms is None:
        return
    if not isinstance(case.tariff, MarketPrice):
        raise InputError("two_settlement needs a market tariff: its price is that of the day ahead")
    if terms.schedule is None:
        scheduled_kw = np.full(case.axis.count, terms.schedule_kw or 0.0)
    else:
        scheduled_kw = read_series(terms.schedule, case.axis, case.base).values
    spread = case.price(terms.real_time) - case.price(None)
    yield "energy.imbalance", case.monthly(spread * (case.import_kw - scheduled_kw) * case.axis.dt_h)


def _purchases(case: _Case) -> Iterator[tuple[str, Values]]:
    left_kw = case.import_kw
    for name, terms in case.contracts.power_purchase.items():
        generated_kw = read_series(terms.generation, case.axis, case.base).values
        if not isinstance(terms, PhysicalPurchase):
            yield f"ppa.{name}", _kwh_cost(case, generated_kw * (terms.strike_per_kwh - case.price(terms.market)))
            continue
        used_kw = np.minimum(generated_kw, left_kw)
        left_kw = left_kw - used_kw
        yield f"ppa.{name}", _kwh_cost(case, terms.strike_per_kwh * generated_kw + terms.sleeve_per_kwh * used_kw)
        saved = price_per_kwh(case.tariff, case.axis, case.timezone, case.base) * used_kw
        excess_kw = generated_kw - used_kw
        sold = case.price(terms.market) * excess_kw if excess_kw.any() else 0.0
        yield f"ppa.{name}.displaced", -_kwh_cost(case, saved + sold)


def _kwh_cost(case: _Case, per_h: Values) -> Values:
    return case.monthly(per_h * case.axis.dt_h)


def _response(case: _Case, terms: DemandResponse) -> Iterator[tuple[str, Values]]:
    promised_kwh, reduced_kwh = np.zeros(case.axis.count), np.zeros(case.axis.count)
    spans = called_h(terms, case.axis, case.timezone)
    baselines = baselines_kw(terms, spans, case.import_kw, case.axis, case.timezone)
    for hours, baseline_kw in zip(spans, baselines, strict=True):
        reduced_kw = np.clip(baseline_kw - case.import_kw, 0.0, terms.committed_kw)
        promised_kwh += terms.committed_kw * hours
        reduced_kwh += reduced_kw * hours
    yield "demand_response.capacity", -terms.capacity_per_kw * terms.committed_kw * case.covered
    if terms.events:
        yield "demand_response.energy", -terms.energy_per_kwh * case.monthly(reduced_kwh)
        yield "demand_response.penalty", terms.penalty_per_kwh * case.monthly(promised_kwh - reduced_kwh)


def called_h(terms: DemandResponse, axis: TimeAxis, timezone: str) -> list[Values]:
    """Hours of each step that lie in a call, for each call, shape (time,)."""
    civil = axis.civil(timezone).tz_localize(None)
    return [_overlap_h(civil, event.at, event.duration_h, axis.dt_h) for event in terms.events]


def baselines_kw(
    terms: DemandResponse, spans: Sequence[Values], import_kw: Values, axis: TimeAxis, timezone: str
) -> Iterator[Values]:
    """Draw that counts as unreduced in the steps of each call (``spans``, as of :func:`called_h`), shape (time,)."""
    civil = axis.civil(timezone).tz_localize(None)
    off = {day for hours in spans for day in civil[hours > 0].normalize()}
    for hours in spans:
        if terms.baseline_kw is None:
            yield _ten_days_before(import_kw, civil, hours > 0, off)
        else:
            yield np.full(axis.count, terms.baseline_kw)


def _overlap_h(civil: pd.DatetimeIndex, at: str, duration_h: float, dt_h: float) -> Values:
    """Hours of each step that lie in an event."""
    into_h = np.asarray((civil - pd.Timestamp(at)) / pd.Timedelta(hours=1), np.float64)
    return np.clip(np.minimum(into_h + dt_h, duration_h) - np.maximum(into_h, 0.0), 0.0, dt_h)


def _ten_days_before(
    import_kw: Values, civil: pd.DatetimeIndex, called: NDArray[np.bool_], off: set[pd.Timestamp]
) -> Values:
    """Mean draw at the same time of the ten days before of the same type without event; of the run where none is."""
    baseline_kw = np.full(import_kw.size, float(import_kw.mean()))
    if not called.any():
        return baseline_kw
    days, time = civil.normalize(), civil - civil.normalize()
    chosen = np.asarray(days.isin(_similar_days(days.unique(), days[called][0], off)))
    if chosen.any():
        means = pd.Series(import_kw[chosen]).groupby(np.asarray(time[chosen])).mean()
        baseline_kw[called] = means.reindex(np.asarray(time[called])).fillna(baseline_kw[0]).to_numpy()
    return baseline_kw


def _similar_days(days: pd.DatetimeIndex, day: pd.Timestamp, off: set[pd.Timestamp]) -> list[pd.Timestamp]:
    """Up to ten days before of the same type (Monday to Friday, or weekend) without event."""
    weekend = day.day_of_week >= 5  # Saturday or Sunday
    return sorted(d for d in days if d < day and d not in off and (d.day_of_week >= 5) == weekend)[-BASELINE_DAYS:]


def _baseline_warnings(case: _Case) -> Iterator[str]:
    """Events in the run that fewer than ten similar days go before."""
    terms = case.contracts.demand_response
    if terms is None or terms.baseline_kw is not None:
        return
    days = case.axis.civil(case.timezone).tz_localize(None).normalize().unique()
    called = [pd.Timestamp(event.at).normalize() for event in terms.events]
    for event, day in zip(terms.events, called, strict=True):
        found = len(_similar_days(days, day, set(called)))
        if day in days and found < BASELINE_DAYS:
            instead = "the mean of the run is its baseline" if not found else "their mean is its baseline"
            yield f"demand response of {event.at}: {found} of {BASELINE_DAYS} similar days lie before it; {instead}"


def _water(case: _Case, terms: WaterTariff) -> Iterator[tuple[str, Values]]:
    charged = case.flows.blowdown_m3 if terms.sewer_on == "blowdown" else case.flows.make_up_m3
    yield "water.supply", case.monthly(terms.supply_per_m3 * case.flows.make_up_m3)
    if terms.sewer_per_m3:
        yield "water.sewer", case.monthly(terms.sewer_per_m3 * terms.sewer_share_frac * charged)
    if terms.fixed_per_month:
        yield "water.fixed", terms.fixed_per_month * case.covered
