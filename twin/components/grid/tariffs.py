"""Electricity tariffs: flat, by time of use, from a table, or at a market price; demand charges, ratchets, taxes.

Windows are in local civil time, daylight saving included. Rates state a base and an adjustment (fuel, storm and
other riders) apart, as rate sheets do; the bill uses their sum. Terms follow the Utility Rate Database
(OpenEI URDB v7: ``rate`` + ``adj``, energy and demand matrices of months by hours, flat demand by month).
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from twin.components.grid.periods import ALL_MONTHS, Month, PeriodName, Schedule, Window
from twin.quantities import Spec
from twin.references import InputFile
from twin.series.series_file import SeriesFile

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
# Bounds leave room for currencies of many digits; prices below zero occur in markets and as riders.
EnergyPrice = Annotated[float, Field(ge=-1e6, le=1e6)]
DemandPrice = Annotated[float, Field(ge=-1e8, le=1e8)]
Share = Annotated[float, Field(ge=0, le=1)]


class EnergyPriced(Spec):
    """A price of energy."""

    base_per_kwh: EnergyPrice
    """Energy rate as on the rate sheet."""
    adjustment_per_kwh: EnergyPrice = 0.0
    """Fuel and other riders, added to the base."""

    @property
    def total_per_kwh(self) -> float:
        """Base and adjustment."""
        return self.base_per_kwh + self.adjustment_per_kwh


class EnergyTier(EnergyPriced):
    """Price of a block of a month's energy: from the end of the tier before it up to its own."""

    up_to_kwh: float | None = Field(None, gt=0, le=1e12)
    """End of the block, in energy."""
    up_to_kwh_per_kw: float | None = Field(None, gt=0, le=1000)
    """End of the block, in energy for each kW of the month's highest demand (hours of use)."""
    each: Literal["month", "day"] = "month"
    """Whether the end is that of a month, or of a day and to be multiplied by the days of the month."""

    @model_validator(mode="after")
    def _one_end(self) -> EnergyTier:
        if (self.up_to_kwh is None) == (self.up_to_kwh_per_kw is None):
            raise ValueError("a tier ends at either up_to_kwh or up_to_kwh_per_kw")
        return self


class EnergyRate(EnergyPriced):
    """Price of energy in one period; with tiers, the price of what lies beyond the last of them."""

    tiers: tuple[EnergyTier, ...] = ()
    """Prices of the first blocks of a month's energy. All periods' energy counts; each pays its share of a block."""

    @model_validator(mode="after")
    def _tiers_rise(self) -> EnergyRate:
        forms = {(tier.up_to_kwh is None, tier.each) for tier in self.tiers}
        ends = [tier.up_to_kwh or tier.up_to_kwh_per_kw or 0.0 for tier in self.tiers]
        if len(forms) > 1 or any(end <= before for before, end in pairwise(ends)):
            raise ValueError("the ends of tiers rise from one to the next, all in one unit")
        return self


class DemandPriced(Spec):
    """A price of a month's highest demand."""

    base_per_kw: float = Field(0.0, ge=0, le=1e8)
    """Demand rate as on the rate sheet, for each month."""
    adjustment_per_kw: DemandPrice = 0.0
    """Riders on demand, added to the base."""

    @property
    def total_per_kw(self) -> float:
        """Base and adjustment."""
        return self.base_per_kw + self.adjustment_per_kw


class DemandTier(DemandPriced):
    """Price of a block of demand: from the end of the tier before it up to its own."""

    up_to_kw: float = Field(gt=0, le=1e7)
    """End of the block."""


class DemandRate(DemandPriced):
    """Price of the highest demand of a month in one period; with tiers, of what lies beyond the last of them."""

    tiers: tuple[DemandTier, ...] = ()
    """Prices of the first blocks of demand."""

    @model_validator(mode="after")
    def _tiers_rise(self) -> DemandRate:
        ends = [tier.up_to_kw for tier in self.tiers]
        if any(end <= before for before, end in pairwise(ends)):
            raise ValueError("the ends of tiers rise from one to the next")
        return self


class FlatDemand(DemandRate):
    """Price of the highest demand of a month at any hour; several of them add up."""

    months: tuple[Month, ...] = ALL_MONTHS
    """Months in which it is charged, 1 to 12."""


class Ratchet(Spec):
    """Billed demand does not fall below a share of the highest demand of the months before."""

    peak_frac: float = Field(gt=0, le=1)
    """Share of the highest earlier demand that is billed at least."""
    by_month_frac: tuple[Share, ...] | None = Field(None, min_length=12, max_length=12)
    """Shares by the month that is billed, January first, in place of `peak_frac`."""
    lookback_months: int = Field(11, ge=1, le=11)
    """How many months before the billed one count."""
    counted_months: tuple[Month, ...] = ALL_MONTHS
    """Months of the year whose demand sets the ratchet (summer only in some tariffs)."""
    year_before: Literal["none", "same"] = "none"
    """Demand of the year before the run: none, or the same as this year's."""


class Demand(Spec):
    """Demand charges: the highest mean power over an interval in each month, at any hour and by period."""

    demand_interval_min: Literal[15, 30, 60] = 15
    """Interval over which power is averaged before its maximum is taken."""
    flat: tuple[FlatDemand, ...] = ()
    """Charges on the highest demand at any hour."""
    periods: dict[PeriodName, DemandRate] = Field(default_factory=dict)
    """Charges on the highest demand in each period."""
    default_period: str | None = None
    """Period of hours outside the windows; without windows of its own: as for energy."""
    windows: tuple[Window, ...] | None = None
    """When the periods apply; left out: as for energy."""
    ratchet: Ratchet | None = None
    """Ratchet on the demand at any hour."""
    billed_in: Literal["kw", "kva"] = "kw"
    """Whether rates are for real or for apparent power: kVA are kW over the power factor (`grid.contracts`)."""
    reactive_per_kvar: float = Field(0.0, ge=0, le=1e8)
    """Price of the reactive power of a month's highest demand."""
    reactive_free_frac: float = Field(0.0, ge=0, le=5)
    """Reactive power that is free, for each kW of demand."""
    least_power_factor_frac: float | None = Field(None, gt=0, le=1)
    """Below this power factor demand charges rise in its proportion to the site's own."""
    minimum_billed_kw: float = Field(0.0, ge=0, le=1e7)
    """Demand at any hour that is billed at least."""


class Energy(Spec):
    """Energy rates by period, and when each applies."""

    periods: dict[PeriodName, EnergyRate] = Field(min_length=1)
    """Rates by the name of their period."""
    default_period: str | None = None
    """Period of hours outside all windows."""
    windows: tuple[Window, ...] = ()
    """When the periods apply."""

    @model_validator(mode="after")
    def _every_hour_has_one_period(self) -> Energy:
        _refuse(_schedule(tuple(self.periods), self.default_period, self.windows).faults())
        return self


class Terms(Spec):
    """What every tariff has beside its energy price."""

    currency: Currency
    """Three-letter code (ISO 4217), such as USD."""
    name: str = ""
    """Name of the tariff."""
    demand: Demand = Demand()
    """Demand charges."""
    fixed_per_month: float = Field(0.0, ge=0, le=1e12)
    """Customer charge."""
    minimum_per_month: float = Field(0.0, ge=0, le=1e12)
    """Lowest bill of a month, before taxes."""
    minimum_per_year: float = Field(0.0, ge=0, le=1e12)
    """Lowest sum of a year's bills, before taxes; what is missing falls due in its last month."""
    tax_frac: float = Field(0.0, ge=0, lt=1)
    """Taxes on everything else, as a fraction."""
    holidays: tuple[date, ...] = ()
    """Days that count as weekends."""
    valid_demand_min_kw: float = Field(0.0, ge=0, le=1e7)
    """Lowest demand for which the utility offers the tariff; a warning below it."""
    valid_demand_max_kw: float | None = Field(None, gt=0, le=1e7)
    """Highest demand for which the utility offers the tariff; a warning above it."""
    utility: str = ""
    """Who sells."""
    effective: date | None = None
    """From when the rates hold."""
    source: str = ""
    """Where the rates stand: a link or a document."""
    note: str = ""
    """Anything that a reader of the bill should know."""

    @model_validator(mode="after")
    def _every_hour_has_one_demand_period(self) -> Terms:
        _refuse(demand_schedule(self).faults())
        return self


class FlatTariff(Terms):
    """One price for all hours."""

    kind: Literal["flat"] = "flat"
    """Flat price."""
    energy_per_kwh: EnergyPrice
    """Price of energy at all hours."""


class TimeOfUseTariff(Terms):
    """Prices by season, day type and hour."""

    kind: Literal["tou"] = "tou"
    """Time of use."""
    energy: Energy
    """Energy rates."""


class MarketPrice(Terms):
    """Hourly (or finer) prices from a file, with an adder for supply, losses and network."""

    kind: Literal["market"] = "market"
    """Price series."""
    price: SeriesFile
    """File and column of the price."""
    price_unit: Literal["per_kwh", "cent_per_kwh", "per_mwh"] = "per_mwh"
    """Unit of the column, in the tariff's currency or its hundredth."""
    adder_per_kwh: EnergyPrice = 0.0
    """Added to every hour's price."""


class TariffTable(Spec):
    """A tariff kept in a YAML file of its own: a `flat` or `tou` tariff as it would stand in a scenario."""

    kind: Literal["table"] = "table"
    """Table."""
    file: InputFile
    """The file, such as data:tariffs/fpl_gsldt_1.yaml."""


KnownTariff = FlatTariff | TimeOfUseTariff | MarketPrice
Tariff = Annotated[FlatTariff | TimeOfUseTariff | TariffTable | MarketPrice, Field(discriminator="kind")]
ALL_HOURS = Schedule(("all",), "all", ())


def energy_schedule(tariff: Terms) -> Schedule:
    """Periods of the energy price; one for all hours unless the tariff is by time of use."""
    if not isinstance(tariff, TimeOfUseTariff):
        return ALL_HOURS
    return _schedule(tuple(tariff.energy.periods), tariff.energy.default_period, tariff.energy.windows)


def demand_schedule(tariff: Terms) -> Schedule:
    """Periods of the demand charges: those of their own windows, else those of the energy price."""
    demand = tariff.demand
    if not demand.periods:
        return ALL_HOURS
    names = tuple(demand.periods)
    if demand.windows is not None or not isinstance(tariff, TimeOfUseTariff):
        return _schedule(names, demand.default_period, demand.windows or ())
    as_energy = energy_schedule(tariff)
    strange = tuple(name for name in names if name not in as_energy.names)  # these never apply: a fault
    return Schedule(as_energy.names + strange, demand.default_period or as_energy.default, as_energy.windows)


def _schedule(names: tuple[str, ...], default: str | None, windows: tuple[Window, ...]) -> Schedule:
    return Schedule(names, names[0] if default is None and len(names) == 1 else default, windows)


def _refuse(faults: list[str]) -> None:
    if faults:
        raise ValueError("; ".join(faults))
