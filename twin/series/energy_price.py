"""What a kWh costs in each step of a run under a tariff, and the tariff's calendar and market price on its axis."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.components.grid.tariffs import (
    FlatTariff,
    KnownTariff,
    MarketPrice,
    TariffTable,
    TimeOfUseTariff,
    demand_schedule,
    energy_schedule,
)
from twin.errors import Fault, InputError, Place
from twin.series.axis import TimeAxis
from twin.series.series_file import PER_KWH, SeriesFile
from twin.series.tables import Series, read_series
from twin.series.tariff_calendar import Calendar, calendar
from twin.series.tariff_tables import in_force

CURRENCIES = frozenset({  # of power markets; three capitals before /MWh may be LMP, too
    "AED", "ARS", "AUD", "BGN", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EUR", "GBP",
    "HKD", "HUF", "IDR", "ILS", "INR", "JPY", "KRW", "MXN", "MYR", "NOK", "NZD", "PEN", "PHP", "PLN",
    "RON", "RUB", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD", "VND", "ZAR",
})  # fmt: skip
SIGNS = {"€": "EUR", "£": "GBP"}  # a dollar may be any of several
_CURRENCY = re.compile(r"(?<![A-Za-z])([A-Z]{3}) ?(?:/|_per_|per ) ?[kKM]W[hH]")
_PER_ENERGY = re.compile(r"(?:/|_per_|per ) ?([kKM])W[hH]")


def price_per_kwh(
    tariff: KnownTariff | TariffTable, axis: TimeAxis, timezone: str, base: Path | None = None
) -> NDArray[np.float64]:
    """What one more kWh costs in each step, taxes included, demand charges not: currency/kWh, shape (time,).

    Where a rate has tiers, it is that of energy beyond the last of them.
    """
    known = in_force(tariff, base)
    if isinstance(known, MarketPrice):
        price = market(known, axis, base).values * PER_KWH[known.price_unit] + known.adder_per_kwh
    elif isinstance(known, FlatTariff):
        price = np.full(axis.count, known.energy_per_kwh)
    else:
        when = calendar_of(known, axis, timezone)
        price = rates_per_kwh(known)[when.energy_period].reshape(axis.count, when.pieces).mean(axis=1)
    return price * (1.0 + known.tax_frac)


def calendar_of(tariff: KnownTariff, axis: TimeAxis, timezone: str) -> Calendar:
    """Months and periods of a run under a tariff."""
    interval_min = tariff.demand.demand_interval_min
    return calendar(energy_schedule(tariff), demand_schedule(tariff), interval_min, tariff.holidays, axis, timezone)


def market(tariff: MarketPrice, axis: TimeAxis, base: Path | None) -> Series:
    """Market price on the run's axis, in the tariff's unit.

    Raises
    ------
    InputError
        The file cannot be used, or its column names another currency or unit than the tariff.
    """
    return priced(tariff.price, tariff.currency, tariff.price_unit, axis, base)


def priced(spec: SeriesFile, currency: str, unit: str, axis: TimeAxis, base: Path | None) -> Series:
    """A column of prices, which must not contradict the currency and the unit that are stated for it."""
    messages = list(_contradictions(spec.column, currency, unit))
    if messages:
        raise InputError([Fault(message, "", Place(spec.file)) for message in messages])
    return read_series(spec, axis, base)


def _contradictions(column: str, currency: str, unit: str) -> Iterator[str]:
    named = _CURRENCY.search(column)
    found = (
        named[1]
        if named and named[1] in CURRENCIES
        else next((code for sign, code in SIGNS.items() if sign in column), currency)
    )
    if found != currency:
        yield f"column '{column}' is in {found}, the tariff in {currency}"
    energy = _PER_ENERGY.search(column)
    if energy and (energy[1].lower() == "m") != (unit == "per_mwh"):
        wanted = "per_mwh" if energy[1].lower() == "m" else "per_kwh or cent_per_kwh"
        yield f"column '{column}' is per {energy[1]}Wh, `price_unit` is {unit}: give {wanted}"


def rates_per_kwh(tariff: FlatTariff | TimeOfUseTariff) -> NDArray[np.float64]:
    """Rate of each energy period beyond its tiers, taxes not included, shape (period,)."""
    if isinstance(tariff, FlatTariff):
        return np.array([tariff.energy_per_kwh])
    return np.array([rate.total_per_kwh for rate in tariff.energy.periods.values()])
