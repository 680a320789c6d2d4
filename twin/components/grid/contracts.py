"""Contracts beside the tariff: two-settlement, power purchase, demand response, a carbon price, water and sewer.

Each adds lines of its own to the bill; none changes what the site draws. Equations stand where the lines are made,
in :mod:`twin.studies.contracts`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from twin.components.grid.periods import PeriodName
from twin.components.grid.tariffs import EnergyPrice
from twin.components.profiles import Moment
from twin.quantities import Spec
from twin.series.series_file import SeriesFile

PriceUnit = Literal["per_kwh", "cent_per_kwh", "per_mwh"]


class PriceSeries(Spec):
    """A market's price from a file, in the tariff's currency."""

    price: SeriesFile
    """File and column of the price."""
    price_unit: PriceUnit = "per_mwh"
    """Unit of the column."""


class TwoSettlement(Spec):
    """Energy is scheduled at the tariff's day-ahead price; the difference to it is paid at the real-time price."""

    real_time: PriceSeries
    """Price of the deviation."""
    schedule: SeriesFile | None = None
    """Energy that was scheduled, as mean power of each interval in kW."""
    schedule_kw: float | None = Field(None, ge=0, le=1e7)
    """The same for all hours."""

    @model_validator(mode="after")
    def _one_schedule(self) -> TwoSettlement:
        if (self.schedule is None) == (self.schedule_kw is None):
            raise ValueError("a schedule is either schedule (a file) or schedule_kw")
        return self


class _PowerPurchase(Spec):
    generation: SeriesFile
    """What the plant (or the site's share of it) generates, as mean power of each interval in kW."""
    strike_per_kwh: EnergyPrice
    """Price that was agreed for its energy."""
    market: PriceSeries | None = None
    """Market price at which the plant's energy is sold; left out: that of a market tariff, without its adder."""


class PhysicalPurchase(_PowerPurchase):
    """The plant's energy is delivered to the site (sleeved by a utility); what the site does not use is sold."""

    kind: Literal["physical"] = "physical"
    """Physical delivery."""
    sleeve_per_kwh: float = Field(0.0, ge=0, le=1e6)
    """Fee for each kWh that is delivered."""


class DifferencePurchase(_PowerPurchase):
    """Contract for differences: no energy moves, the site pays strike less market price for all generation."""

    kind: Literal["difference"] = "difference"
    """Contract for differences."""


class CarbonPrice(Spec):
    """A price on location-based emissions of the electricity drawn: a tax, or a price that the company sets itself."""

    price_per_t: float = Field(ge=0, le=1e8)
    """Price of a tonne of CO2e."""


class Escalation(Spec):
    """The tariff's prices rise each year; prices of contracts do not."""

    per_year_frac: float = Field(ge=-0.5, le=1)
    """Rise in a year, compounded."""
    from_year: int = Field(ge=1900, le=2200)
    """Year of which the tariff's prices are."""


class Event(Spec):
    """A call to reduce the draw from the grid."""

    at: Moment
    """Start in civil local time, such as 2025-07-15 14:00."""
    duration_h: float = Field(gt=0, le=24)
    """How long it lasts."""


class DemandResponse(Spec):
    """Payments for being ready to draw less when called, and for doing so; penalties for what is short of it."""

    committed_kw: float = Field(gt=0, le=1e7)
    """Reduction that was promised."""
    capacity_per_kw: float = Field(0.0, ge=0, le=1e6)
    """Payment for each month and kW that is promised."""
    energy_per_kwh: float = Field(0.0, ge=0, le=1e6)
    """Payment for energy not drawn in events, up to what is promised."""
    penalty_per_kwh: float = Field(0.0, ge=0, le=1e6)
    """Penalty for energy that was promised and drawn all the same."""
    events: tuple[Event, ...] = ()
    """Calls, each on one day."""
    baseline_kw: float | None = Field(None, ge=0, le=1e7)
    """Draw that counts as unreduced; left out: the mean of the same hours of ten days before."""


class WaterTariff(Spec):
    """Price of water drawn and of water given to the sewer."""

    supply_per_m3: float = Field(0.0, ge=0, le=1e6)
    """Price of water drawn (make-up)."""
    sewer_per_m3: float = Field(0.0, ge=0, le=1e6)
    """Price of water given to the sewer."""
    sewer_on: Literal["blowdown", "make_up"] = "blowdown"
    """Whether the sewer is charged on metered blowdown or on a share of make-up."""
    sewer_share_frac: float = Field(1.0, ge=0, le=1)
    """Share of it that is charged; below 1 where evaporation is credited by a rule."""
    fixed_per_month: float = Field(0.0, ge=0, le=1e9)
    """Customer charge."""


PowerPurchase = Annotated[PhysicalPurchase | DifferencePurchase, Field(discriminator="kind")]


class Contracts(Spec):
    """What is agreed beside the tariff; nothing by default."""

    two_settlement: TwoSettlement | None = None
    """Day-ahead schedule and real-time deviation; for market tariffs."""
    power_purchase: dict[PeriodName, PowerPurchase] = Field(default_factory=dict)
    """Power purchase agreements, by name; physical ones deliver in this order."""
    demand_response: DemandResponse | None = None
    """Demand response."""
    carbon_price: CarbonPrice | None = None
    """Price on emissions."""
    water: WaterTariff | None = None
    """Water and sewer."""
    escalation: Escalation | None = None
    """Rise of the tariff's prices."""
    power_factor_frac: float | None = Field(None, gt=0, le=1)
    """Power factor at the meter, for tariffs that bill kVA, kvar or a low factor."""
