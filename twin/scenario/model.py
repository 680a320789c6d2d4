"""The scenario: everything that is assumed about a site, closed and frozen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from twin.components.air.humidity import HeldHumidity, TrackedHumidity
from twin.components.air.room import Room
from twin.components.base import Name
from twin.components.catalog import (
    AirCooling,
    Humidity,
    LiquidCooling,
    Load,
    OnSite,
    Plant,
    PowerDevice,
    RackGroup,
    RearDoors,
    Work,
)
from twin.components.grid.carbon import Carbon, CleanPower, MarginalCarbon
from twin.components.grid.contracts import Contracts
from twin.components.grid.meter import Meter
from twin.components.grid.tariffs import MarketPrice, Tariff
from twin.components.profiles import UnitEvent, real_moment
from twin.components.weather_file import WeatherFile
from twin.errors import SpecFault, refuse
from twin.quantities import Spec
from twin.scenario.checks import check_references, faults_between
from twin.scenario.period import period_faults
from twin.scenario.tables import mixed_bases, table_faults
from twin.series.series_file import Timezone
from twin.units import DURATION

STEP = r"^[1-9][0-9]{0,8}(s|min|h)$"
START = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?$"


class Refine(Spec):
    """Finer steps around events, in the same run."""

    model_config = ConfigDict(populate_by_name=True)

    around: Literal["events"] = "events"
    """What the finer steps stand around: every beginning and end of an outage, event or failure of a unit."""
    step: str = Field("1s", pattern=STEP)
    """Step there, such as 1s or 5s; it must divide the run's step evenly."""
    duration: str = Field("2h", alias="for", pattern=DURATION)
    """How long it holds from each beginning and end on; steps of the run are divided as a whole."""


class Run(Spec):
    """Period and step."""

    calendar_year: int = Field(2025, ge=1950, le=2100)
    """Year that is simulated; typical weather is laid on it."""
    step: str = Field("1h", pattern=STEP)
    """Time step, such as 1h, 15min, 5min or 5s; it must divide an hour evenly, or be whole hours."""
    start: Annotated[str, Field(pattern=START), AfterValidator(real_moment)] | None = None
    """First instant in local standard time, such as 2025-07-01 or 2025-07-01 12:00; else the start of the year."""
    duration: str | None = Field(None, pattern=DURATION)
    """Length of the run, such as 7d or 20min; to the end of the year if left out."""
    warmup_h: int = Field(48, ge=0, le=8760)
    """Hours of the first step's conditions before the run, so that it starts settled."""
    refine: Refine | None = None
    """Finer steps around events, or none."""

    @model_validator(mode="after")
    def _period_lies_in_the_year(self) -> Self:
        refuse(period_faults(self))
        return self


class Site(Spec):
    """Where the site is, beyond what the weather file says."""

    timezone: Timezone
    """IANA zone of civil time, such as America/New_York; tariffs and profiles follow it."""


class Hall(Spec):
    """A room with racks and the air that cools them."""

    rack_groups: dict[Name, RackGroup] = Field(min_length=1)
    """Groups of equal racks, by name."""
    air: AirCooling
    """Air cooling."""
    liquid: LiquidCooling | None = None
    """Liquid cooling of the racks that give heat to a coolant, or none."""
    rear_doors: RearDoors | None = None
    """Water coils in the exhaust of racks, or none."""
    volume_m3: float = Field(gt=0, le=1e6)
    """Air volume of the hall."""
    bypass_frac: float = Field(0.05, ge=0, le=0.9)
    """Share of the supplied air that leaks to the return."""
    recirculation_frac: float = Field(0.05, ge=0, le=0.9)
    """Share of the racks' air that leaks in from the hot side (containment .02-.08, none .15-.30)."""
    solid_kg: float | None = Field(None, gt=0, le=1e8)
    """Mass of racks and other solids, as steel; 900 kg per rack if left out."""
    solid_kw_per_k: float | None = Field(None, gt=0, le=1e6)
    """Conductance between solids and air; .08 kW/K per kW of peak power if left out."""
    dew_point_c: float = Field(10.0, ge=-20, le=27)
    """Dew point of the hall's air: held by others, or, where moisture is tracked, at the start of the run."""
    humidity: Humidity = HeldHumidity()
    """Moisture of the hall's air: held by others, or tracked."""
    envelope: Literal["A1", "A2", "A3", "A4", "H1"] = "A1"
    """ASHRAE TC 9.9 class of the equipment."""

    @model_validator(mode="after")
    def _moisture_has_a_band(self) -> Self:
        if isinstance(self.humidity, TrackedHumidity):
            found = [*self.humidity.band_faults(self.envelope), *self.air.humidity_faults(self.humidity)]
            refuse(SpecFault(("humidity", *fault.path), fault.message) for fault in found)
        return self


class Grid(Spec):
    """Connection, price and emissions of electricity."""

    tariff: Tariff
    """What energy and power cost."""
    carbon: Carbon
    """Emission factor of the grid's average, location-based."""
    marginal_carbon: MarginalCarbon | None = None
    """What a kWh more or less changes, for comparing runs."""
    clean_power: CleanPower | None = None
    """Clean energy claimed by contract: market-based emissions and carbon-free score."""
    meter: Meter = Meter()
    """The meter."""
    contracts: Contracts = Contracts()
    """What is agreed beside the tariff."""

    @model_validator(mode="after")
    def _tables_can_be_used(self) -> Self:
        refuse([*table_faults(self), *self._contract_faults(), *mixed_bases(self)])
        return self

    def _contract_faults(self) -> Iterator[SpecFault]:
        if isinstance(self.tariff, MarketPrice):
            return
        if self.contracts.two_settlement:
            message = "needs a market tariff: its price is that of the day ahead"
            yield SpecFault(("contracts", "two_settlement"), message)
        for name, purchase in self.contracts.power_purchase.items():
            if purchase.market is None:
                message = "is required: under this tariff nothing says at what price the energy is sold"
                yield SpecFault(("contracts", "power_purchase", name, "market"), message)


class Scenario(Spec):
    """A site, its plants, its weather and its prices: all that a run needs."""

    name: str = Field(min_length=1, max_length=200)
    """Name of the scenario."""
    description: str = ""
    """What it shows, in a sentence or two."""
    site: Site
    """Where the site is."""
    weather: WeatherFile
    """Weather file."""
    run: Run = Run()
    """Period and step."""
    halls: dict[Name, Hall] = Field(default_factory=dict)
    """Halls, by name."""
    rooms: dict[Name, Room] = Field(default_factory=dict)
    """Electrical rooms, by name."""
    plants: dict[Name, Plant] = Field(default_factory=dict)
    """Cooling plants, by name; none where all cooling works without water."""
    power: dict[Name, PowerDevice] = Field(default_factory=dict)
    """Power devices, by name; each is fed by another or by the grid."""
    loads: dict[Name, Load] = Field(default_factory=dict)
    """Lighting and other loads, by name."""
    workloads: dict[Name, Work] = Field(default_factory=dict)
    """Classes of work that rack groups of accelerators and shared servers run, by name."""
    onsite: dict[Name, OnSite] = Field(default_factory=dict)
    """Photovoltaics, batteries and generators on the site's side of the meter, by name."""
    grid: Grid
    """Electricity: tariff, emissions, meter."""
    events: dict[Name, UnitEvent] = Field(default_factory=dict)
    """Units that are lost for a time, by name of the event, beside what each unit's availability states."""

    @model_validator(mode="after")
    def _references(self) -> Self:
        check_references(self)
        return self

    @classmethod
    def faults_between(cls, data: Mapping[str, Any]) -> Iterable[SpecFault]:
        """Names that point nowhere and circles in ``data`` that is not sound elsewhere; none beside unknown keys."""
        return faults_between(data) if set(data) <= set(cls.model_fields) else ()
