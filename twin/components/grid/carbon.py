"""Carbon of the grid's electricity: one average factor, a subregion of a shipped table, or a series from a file.

Location-based accounting wants AVERAGE factors (GHG Protocol Scope 2 Guidance, ch. 6). A marginal signal scores
interventions and stands apart; direct and life-cycle factors differ by 20-35 % and are never mixed, so each
factor states its basis.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from twin.components.grid.periods import PeriodName
from twin.quantities import Spec
from twin.references import InputFile
from twin.series.series_file import SeriesFile

Basis = Literal["direct", "life_cycle"]


class FlatCarbon(Spec):
    """One average factor for all hours."""

    kind: Literal["flat"] = "flat"
    """Flat factor."""
    average_kgco2_per_kwh: float = Field(ge=0, le=5)
    """Location-based average of the grid."""
    basis: Basis = "direct"
    """Direct combustion, or the life cycle of fuels and plants with it."""
    source: str = ""
    """Where the factor stands, with its year."""


class SubregionCarbon(Spec):
    """The average factor of a grid subregion from a table, such as eGRID's FRCC."""

    kind: Literal["subregion"] = "subregion"
    """Subregion of a table."""
    subregion: str
    """Its name in the table."""
    file: InputFile = "data:emission_factors.yaml"
    """The table."""


class CarbonSeries(SeriesFile):
    """Average factors by hour (or finer) from a file."""

    kind: Literal["csv"] = "csv"
    """Series from a file."""
    unit: Literal["g_per_kwh", "kg_per_kwh", "kg_per_mwh", "lb_per_kwh", "lb_per_mwh"] = "g_per_kwh"
    """Unit of the column."""
    basis: Basis
    """Direct combustion, or the life cycle of fuels and plants with it."""
    source: str = ""
    """Who publishes the series."""


Carbon = Annotated[FlatCarbon | SubregionCarbon | CarbonSeries, Field(discriminator="kind")]


class FlatMarginal(Spec):
    """One marginal factor for all hours: what one kWh more or less changes."""

    kind: Literal["flat"] = "flat"
    """Flat factor."""
    marginal_kgco2_per_kwh: float = Field(ge=-5, le=5)
    """Marginal factor of the grid."""
    basis: Basis = "direct"
    """Direct combustion, or the life cycle of fuels and plants with it."""
    source: str = ""
    """Where the factor stands, with its year."""


class MarginalSeries(CarbonSeries):
    """Marginal factors by hour (or finer) from a file; they may be negative."""


MarginalCarbon = Annotated[FlatMarginal | MarginalSeries, Field(discriminator="kind")]


class _Claim(Spec):
    factor_kgco2_per_kwh: float = Field(0.0, ge=0, le=5)
    """Emission factor of its energy."""
    basis: Basis | None = None
    """Basis of the factor; needed where it is not zero."""
    carbon_free: bool = True
    """Whether its energy counts as carbon-free, as that of sun, wind, water and nuclear power does."""

    @model_validator(mode="after")
    def _a_factor_has_a_basis(self) -> _Claim:
        if self.factor_kgco2_per_kwh and self.basis is None:
            raise ValueError("a factor that is not zero states its basis: direct or life_cycle")
        return self


class VolumeClaim(_Claim):
    """Certificates for a volume of energy in a year, without hours: they match years only."""

    kind: Literal["volume"] = "volume"
    """Volume in a year."""
    energy_kwh: float = Field(ge=0, le=1e12)
    """Energy of a year; a shorter run takes its share."""


class HourlyClaim(_Claim):
    """Energy with its hours: a power purchase, or certificates with time stamps."""

    kind: Literal["hourly"] = "hourly"
    """Energy by hour."""
    generation: SeriesFile
    """What is generated for the site, as mean power of each interval in kW."""


Claim = Annotated[VolumeClaim | HourlyClaim, Field(discriminator="kind")]


class ResidualMix(Spec):
    """Factor of what is left of a grid after claimed generation; without one, market-based takes the grid's average."""

    factor_kgco2_per_kwh: float = Field(ge=0, le=5)
    """Residual mix factor."""
    basis: Basis = "direct"
    """Direct combustion, or the life cycle of fuels and plants with it."""
    source: str = ""
    """Who publishes it, with its year."""


class CleanPower(Spec):
    """Clean energy that the site claims by contract, for market-based emissions and the carbon-free score."""

    claims: dict[PeriodName, Claim] = Field(default_factory=dict)
    """Contractual instruments, by name; they are used in this order (certificates, contracts, supplier)."""
    residual: ResidualMix | None = None
    """Residual mix of the grid."""
    grid_cfe_frac: float | None = Field(None, ge=0, le=1)
    """Share of the grid's own energy that is carbon-free, for all hours."""
    grid_cfe: SeriesFile | None = None
    """The same by hour from a file, as a fraction: `scale_ratio: .01` for a column in percent."""

    @model_validator(mode="after")
    def _one_share(self) -> CleanPower:
        if self.grid_cfe is not None and self.grid_cfe_frac is not None:
            raise ValueError("the grid's share is either grid_cfe_frac or grid_cfe (a file)")
        return self
