"""The grid's average and marginal emission factors on the axis of a run, from a number, a table or a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.components.grid.carbon import (
    Basis,
    CarbonSeries,
    FlatCarbon,
    FlatMarginal,
    MarginalSeries,
    SubregionCarbon,
)
from twin.errors import Fault, InputError, Place
from twin.series.axis import TimeAxis
from twin.series.series_file import KGCO2_PER_KWH
from twin.series.tables import read_series
from twin.series.tariff_tables import subregion_factor


@dataclass(frozen=True)
class Intensity:
    """Average factor of each step, kgCO2e/kWh, shape (time,), with its basis, source and notes."""

    average_kgco2_per_kwh: NDArray[np.float64]
    basis: Basis
    source: str
    notes: tuple[str, ...] = ()


def intensity(
    carbon: FlatCarbon | SubregionCarbon | CarbonSeries, axis: TimeAxis, base: Path | None = None
) -> Intensity:
    """The grid's average factor on the run's axis.

    Raises
    ------
    InputError
        A table or file that cannot be used, or a negative factor (a marginal signal is not an average).
    """
    if isinstance(carbon, CarbonSeries):
        series = read_series(carbon, axis, base)
        if series.values.min() < 0:
            message = f"column '{carbon.column}' has negative values: an average factor has none, a marginal one may"
            raise InputError([Fault(message, "", Place(carbon.file))])
        return Intensity(series.values * KGCO2_PER_KWH[carbon.unit], carbon.basis, carbon.source, series.notes)
    flat = subregion_factor(carbon, base) if isinstance(carbon, SubregionCarbon) else carbon
    return Intensity(np.full(axis.count, flat.average_kgco2_per_kwh), flat.basis, flat.source)


@dataclass(frozen=True)
class Marginal:
    """Marginal factor of each step, kgCO2e/kWh, shape (time,), with its basis, source and notes."""

    marginal_kgco2_per_kwh: NDArray[np.float64]
    basis: Basis
    source: str
    notes: tuple[str, ...] = ()


def marginal(carbon: FlatMarginal | MarginalSeries, axis: TimeAxis, base: Path | None = None) -> Marginal:
    """The grid's marginal factor on the run's axis; it may be negative.

    Raises
    ------
    InputError
        A file that cannot be used.
    """
    if isinstance(carbon, FlatMarginal):
        return Marginal(np.full(axis.count, carbon.marginal_kgco2_per_kwh), carbon.basis, carbon.source)
    series = read_series(carbon, axis, base)
    return Marginal(series.values * KGCO2_PER_KWH[carbon.unit], carbon.basis, carbon.source, series.notes)
