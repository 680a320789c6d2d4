"""Carbon of imported electricity, location-based: energy times the grid's average factor, step by step.

GHG Protocol Scope 2 Guidance ch. 6: location-based emissions are the sum of kWh x grid-average factor. Transmission
losses and upstream emissions are scope 3 and stay out. The basis of the factor (direct or life cycle) goes with
every figure.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.series.axis import TimeAxis
from twin.series.carbon_intensity import Intensity


def emissions_kgco2(import_kw: NDArray[np.float64], axis: TimeAxis, grid: Intensity) -> NDArray[np.float64]:
    """Location-based emissions of each step, kgCO2e, for power ``import_kw`` drawn from the grid, shape (time,)."""
    return import_kw * axis.dt_h * grid.average_kgco2_per_kwh
