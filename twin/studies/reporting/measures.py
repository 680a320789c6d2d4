"""Formulas of carbon, water and work that several standards share, on plain numbers; each with its source."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

HOURS_PER_YEAR = 8760.0


def market_based_kgco2(
    drawn_kwh: float, instruments: Iterable[tuple[float, float]], residual_kgco2_per_kwh: float
) -> float:
    """Market-based emissions, kgCO2e: instruments (kWh, kgCO2e/kWh), the rest at the residual mix.

    GHG Protocol Scope 2 Guidance (2015), ch. 6. Energy of instruments beyond what was drawn is worth nothing: they
    count in the order given.
    """
    left, emitted = drawn_kwh, 0.0
    for kwh, rate in instruments:
        used = min(kwh, left)
        emitted += used * rate
        left -= used
    return emitted + left * residual_kgco2_per_kwh


def carbon_free_score(load: Sequence[float], clean: Sequence[float], grid_share: Sequence[float]) -> float:
    """24/7 carbon-free share: ``sum(min(C, L) + max(0, L - C) g) / sum(L)`` over hours; Google (2021), 24/7 CFE."""
    hours = zip(load, clean, grid_share, strict=True)
    return math.fsum(min(c, x) + max(0.0, x - c) * g for x, c, g in hours) / math.fsum(load)


def software_carbon_intensity(operational: float, embodied: float, units: float) -> float:
    """SCI = (O + M) / R of ISO/IEC 21031:2024, in the unit of mass that O and M are given in, per unit."""
    return (operational + embodied) / units


def embodied_share(total: float, used_h: float, life_h: float, share_frac: float = 1.0) -> float:
    """M = TE x (TiR / EL) x (RR / ToR) of ISO/IEC 21031:2024, in the unit of ``total``."""
    return total * used_h / life_h * share_frac


def embodied_per_device_hour(total: float, life_years: float, used_frac: float) -> float:
    """Embodied carbon of a device over the hours in which it works; life in years of 8760 h."""
    return total / (life_years * HOURS_PER_YEAR * used_frac)


def site_and_source_water_l(
    it_kwh: float, wue_l_per_kwh: float, facility_kwh: float, source_l_per_kwh: float
) -> tuple[float, float]:
    """Water on site (IT energy times WUE) and at the source of electricity (all energy times its intensity), L.

    Li et al. (2023), "Making AI Less Thirsty", arXiv:2304.03271; facility energy is IT energy times PUE.
    """
    return it_kwh * wue_l_per_kwh, facility_kwh * source_l_per_kwh


def water_intensity_l_per_kwh(mix: Iterable[tuple[float, float]]) -> float:
    """Water of a mix of sources: shares, which have to add up to one, and L/kWh of each."""
    found = list(mix)
    total = math.fsum(share for share, _ in found)
    if abs(total - 1.0) > 0.01:
        raise ValueError(f"shares of the mix add up to {total:g}, not to 1")
    return math.fsum(share * water for share, water in found) / total
