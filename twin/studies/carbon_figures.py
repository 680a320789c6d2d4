"""Key figures of carbon: location-based, market-based and marginal emissions, and the carbon-free score."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.components.grid.carbon import CarbonSeries, CleanPower
from twin.scenario.model import Grid
from twin.series.axis import TimeAxis
from twin.series.carbon_intensity import Intensity, Marginal, intensity, marginal
from twin.studies.clean_power import (
    carbon_free_by_volume,
    carbon_free_score,
    claimed,
    grid_share,
    hourly,
    market_annual_kgco2,
    market_hourly_kgco2,
    residual_of,
)
from twin.studies.emissions import emissions_kgco2
from twin.studies.sums import Metric, figure

Values = NDArray[np.float64]
MARGINAL = "for differences between runs only, no inventory"


def carbon_figures(import_kw: Values, axis: TimeAxis, grid: Grid, it_kwh: float, interim: str) -> dict[str, Metric]:
    """Figures of the power drawn; those of marginal factors and of claims only where the scenario states them."""
    average = intensity(grid.carbon, axis)
    emitted = float(emissions_kgco2(import_kw, axis, average).sum())
    basis = f"location-based average, {_described(average)}"
    figures = {"emissions_kgco2": figure(emitted, "kgCO2e", "Emissions of electricity", basis)}
    if it_kwh > 0:
        basis = f"per IT kWh at equipment input; {basis}{interim}"
        figures["cue_kgco2_per_kwh"] = figure(emitted / it_kwh, "kgCO2e/kWh", "CUE", basis)
    if grid.marginal_carbon is not None:
        factors = marginal(grid.marginal_carbon, axis)
        value = float((import_kw * axis.dt_h * factors.marginal_kgco2_per_kwh).sum())
        basis = f"marginal, {_described(factors)}; {MARGINAL}"
        figures["emissions_marginal_kgco2"] = figure(value, "kgCO2e", "Marginal emissions", basis)
    if grid.clean_power is not None and import_kw.sum() > 0:
        figures |= _market(import_kw, axis, grid.clean_power, average, interim)
        figures |= _carbon_free(import_kw, axis, grid.clean_power, interim)
    return figures


def _described(factors: Intensity | Marginal) -> str:
    return factors.basis.replace("_", " ") + (f"; {factors.source}" if factors.source else "")


def _market(
    import_kw: Values, axis: TimeAxis, clean: CleanPower, average: Intensity, interim: str
) -> dict[str, Metric]:
    kwh, claims = hourly(import_kw * axis.dt_h, axis), claimed(clean, axis)
    by_hour, mean, words = residual_of(clean, average, import_kw, axis)
    said = f"market-based, {average.basis.replace('_', ' ')}; {words}{interim}"
    value = market_annual_kgco2(float(kwh.sum()), claims, mean)
    basis = f"claims matched by volume (GHG Protocol 2015); {said}"
    figures = {"emissions_market_kgco2": figure(value, "kgCO2e", "Market-based emissions", basis)}
    if any(claim.kwh is not None for claim in claims):
        value = market_hourly_kgco2(kwh, claims, by_hour)
        basis = f"claims matched by the hour (draft of the revised guidance); {said}"
        name = "Market-based emissions, hourly (draft)"
        figures["emissions_market_hourly_kgco2"] = figure(value, "kgCO2e", name, basis)
    return figures


def _carbon_free(import_kw: Values, axis: TimeAxis, clean: CleanPower, interim: str) -> dict[str, Metric]:
    kwh, claims, share = hourly(import_kw * axis.dt_h, axis), claimed(clean, axis), grid_share(clean, axis)
    drawn = kwh.sum()
    figures = {}
    if claims:
        value = carbon_free_by_volume(kwh, claims)
        basis = f"carbon-free energy claimed over energy drawn, by volume, at most 1{interim}"
        figures["cfe_by_volume"] = figure(value, "1", "Carbon-free energy by volume", basis)
    if share is None and not any(claim.kwh is not None for claim in claims):
        return figures
    grid = 0.0 if share is None else _by_hour(share, axis)
    basis = "by the hour; the grid's own share " + ("is not given: 0" if share is None else "counts for the rest")
    figures["cfe_score"] = figure(carbon_free_score(kwh, claims, grid), "1", "24/7 carbon-free score", basis + interim)
    if share is not None:
        own = float((import_kw * axis.dt_h * share).sum() / drawn)
        basis = f"mean of the grid's carbon-free share, weighted by energy drawn{interim}"
        figures["grid_cfe"] = figure(own, "1", "Carbon-free share of grid energy", basis)
    return figures


def _by_hour(share: Values, axis: TimeAxis) -> Values:
    return np.asarray(hourly(share, axis) / hourly(np.ones_like(share), axis), np.float64)


def carbon_notes(grid: Grid, axis: TimeAxis) -> list[str]:
    """What was done to files of factors to lay them on the run."""
    notes = [f"emission factor: {note}" for note in intensity(grid.carbon, axis).notes]
    if isinstance(grid.marginal_carbon, CarbonSeries):
        notes += [f"marginal factor: {note}" for note in marginal(grid.marginal_carbon, axis).notes]
    return notes
