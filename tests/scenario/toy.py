"""A small model of a site with every form that a scenario uses, so that reading is tested apart from any technology."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from twin.errors import SpecFault, SpecFaults
from twin.quantities import Spec
from twin.references import InputFile

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def _clock(value: object) -> object:
    """``12:30`` as 12.5 hours, anything else as it is."""
    hours, colon, minutes = str(value).partition(":")
    return int(hours) + int(minutes) / 60 if colon and (hours + minutes).isdigit() else value


class Flat(Spec):
    """A price that never changes."""

    kind: Literal["flat"] = "flat"
    """Kind of tariff."""
    price_per_kwh: float = Field(0.08, gt=0)
    """Price of energy."""


class Windows(Spec):
    """Prices by time of use."""

    kind: Literal["tou"]
    """Kind of tariff."""
    windows: tuple[tuple[str, str], ...] = ()
    """Start and end of each window."""
    peak_per_kwh: float = Field(gt=0)
    """Price inside the windows."""


class Spot(Spec):
    """Prices from a file."""

    kind: Literal["spot"]
    """Kind of tariff."""
    file: InputFile
    """File of prices."""


Tariff = Annotated[Flat | Windows | Spot, Field(discriminator="kind")]


class Curve(Spec):
    """A table of points."""

    points_cop: tuple[tuple[float, float], ...] = Field(min_length=2)
    """Load and coefficient of performance."""


class Chiller(Spec):
    """A machine that makes cold water."""

    kind: Literal["chiller"] = "chiller"
    """Kind of cooling."""
    rated_cop: float | Curve | Literal["auto"] = 5.0
    """Coefficient of performance: a number, a table or ``auto``."""
    units_count: int = Field(1, ge=1, le=20)
    """Number of machines."""
    low_c: float = 6.0
    """Lowest leaving water."""
    high_c: float = 12.0
    """Highest leaving water."""

    @model_validator(mode="after")
    def _limits_are_in_order(self) -> Self:
        if self.low_c > self.high_c:
            raise SpecFault(("low_c",), f"must not be above high_c ({self.high_c:g})")
        return self


class DryCooler(Spec):
    """Air that cools water."""

    kind: Literal["dry_cooler"]
    """Kind of cooling."""
    approach_k: float = Field(gt=0, le=30)
    """Leaving water above outdoor air."""


class Hall(Spec):
    """A room with racks."""

    racks_kw: float = Field(gt=0, le=1e6)
    """Power of its racks."""
    contained: bool = True
    """Whether the aisles are closed."""
    label: str = Field("", max_length=20)
    """Name on the door."""
    cooling: Annotated[Chiller | DryCooler, Field(discriminator="kind")] = Chiller()
    """What cools it."""
    trace: InputFile | None = None
    """File of its load."""
    profile_frac: tuple[float, ...] = (1.0,)
    """Share of the load by hour."""


class Battery(Spec):
    """A battery."""

    energy_kwh: float = Field(gt=0)
    """What it holds."""
    power_kw: float | None = Field(500.0, gt=0)
    """What it gives; unlimited where null."""


class Run(Spec):
    """How long, and how finely."""

    step_s: float = Field(3600.0, gt=0)
    """Time step."""
    from_h: Annotated[float, BeforeValidator(_clock), Field(ge=0, le=24)] = 0.0
    """First hour of the day, also as a clock time."""
    mode: Literal["design", "operate"] = "design"
    """What is asked."""


class Site(Spec):
    """All of it."""

    name: str
    """Name of the site."""
    run: Run = Run()
    """Period and step."""
    halls: dict[Name, Hall] = Field(min_length=1)
    """Halls, by name."""
    tariff: list[Tariff] = Field(default_factory=lambda: [Flat()])
    """Tariffs, one after the other."""
    battery: Battery | None = None
    """Battery, if there is one."""
    weather: InputFile = "pvlib:723170TYA.CSV"
    """Weather file."""
    margin_kw: dict[str, float] = Field(default_factory=dict)
    """Spare power by name."""

    @model_validator(mode="after")
    def _margins_name_halls(self) -> Self:
        unknown = [name for name in self.margin_kw if name not in self.halls]
        if unknown:
            raise SpecFaults(SpecFault(("margin_kw", name), "there is no such hall") for name in unknown)
        return self
