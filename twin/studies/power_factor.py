"""What reactive power adds to demand charges.

With power factor pf, apparent power is ``P / pf`` and reactive power ``P sqrt(1 / pf^2 - 1)`` (IEEE 1459-2010, the
sinusoidal case). A least factor raises all demand charges by ``least / pf``.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from twin.components.grid.tariffs import Demand

Months = NDArray[np.float64]  # a value per month


def power_factor_lines(
    demand: Demand, factor: float, measured_kw: Months, charges: dict[str, Months]
) -> dict[str, Months]:
    """Lines ``reactive_demand`` and ``power_factor``, where there are such charges; ``charges`` are those on demand."""
    lines: dict[str, Months] = {}
    if demand.reactive_per_kvar:
        kvar_per_kw = math.sqrt(1.0 / (factor * factor) - 1.0)
        billed_kvar = measured_kw * max(kvar_per_kw - demand.reactive_free_frac, 0.0)
        lines["reactive_demand"] = demand.reactive_per_kvar * billed_kvar
    least = demand.least_power_factor_frac
    if least is not None and charges:
        rise = max(least / factor - 1.0, 0.0)
        lines["power_factor"] = rise * np.sum(list(charges.values()), axis=0)
    return lines


def power_factor_warnings(demand: Demand, factor: float | None) -> tuple[str, ...]:
    """Whether the tariff asks for a power factor that nobody stated."""
    asks = demand.billed_in == "kva" or demand.reactive_per_kvar or demand.least_power_factor_frac is not None
    missing = "the tariff bills by power factor and none is given (grid.contracts.power_factor_frac): 1 is assumed"
    return (missing,) if asks and factor is None else ()
