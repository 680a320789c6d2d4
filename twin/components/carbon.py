"""Carbon of the grid's electricity: one average factor, a subregion of a shipped table, or a series from a file.

Location-based accounting wants AVERAGE factors (GHG Protocol Scope 2 Guidance, ch. 6). A marginal signal scores
interventions and belongs elsewhere; direct and life-cycle factors differ by 20-35 % and are never mixed, so each
factor states its basis.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

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
