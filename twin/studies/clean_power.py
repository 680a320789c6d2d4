"""Market-based emissions and the 24/7 carbon-free score of power drawn, from what is claimed by contract.

* Market-based (GHG Protocol Scope 2 Guidance ch. 6): ``sum MWh_i EF_i + max(0, MWh - sum MWh_i) EF_residual``, claims
  in their order and no more than is drawn; without a residual mix the grid's average stands in and is disclosed.
* The same hour by hour, as the revision of that guidance proposed in 2025: only claims with hours match.
* Carbon-free score: ``sum_h [min(C, L) + max(0, L - C) g] / sum_h L`` with load L, claimed carbon-free energy C and
  the grid's carbon-free share g; by volume ``min(sum C / sum L, 1)``.

Steps shorter than an hour are summed to hours first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.components.grid.carbon import CleanPower, HourlyClaim
from twin.errors import Fault, InputError, Place
from twin.series.axis import TimeAxis
from twin.series.carbon_intensity import Intensity
from twin.series.series_file import SeriesFile
from twin.series.tables import read_series

Values = NDArray[np.float64]
HOURS_PER_YEAR = 8760.0


@dataclass(frozen=True)
class Claimed:
    """A claim's energy by hour (None: a volume without hours), its volume, factor, and whether it is carbon-free."""

    name: str
    kwh: Values | None
    volume_kwh: float
    factor_kgco2_per_kwh: float
    carbon_free: bool


def hourly(kwh: Values, axis: TimeAxis) -> Values:
    """Sums over the hours of UTC; steps of an hour and more stay as they are."""
    if axis.dt_h >= 1.0:
        return kwh
    hour = axis.utc().floor("h").to_numpy()
    starts = np.flatnonzero(np.concatenate([[True], hour[1:] != hour[:-1]]))
    return np.add.reduceat(kwh, starts)


def claimed(clean: CleanPower, axis: TimeAxis, base: Path | None = None) -> tuple[Claimed, ...]:
    """The claims on a run's axis; volumes of a year in proportion to the run's length."""
    year_share = axis.count * axis.dt_h / HOURS_PER_YEAR
    found = []
    for name, claim in clean.claims.items():
        kwh = None
        if isinstance(claim, HourlyClaim):
            kwh = hourly(read_series(claim.generation, axis, base).values * axis.dt_h, axis)
        volume = float(kwh.sum()) if kwh is not None else getattr(claim, "energy_kwh", 0.0) * min(year_share, 1.0)
        found.append(Claimed(name, kwh, volume, claim.factor_kgco2_per_kwh, claim.carbon_free))
    return tuple(found)


def grid_share(clean: CleanPower, axis: TimeAxis, base: Path | None = None) -> Values | None:
    """Carbon-free share of the grid in each step, or None where nothing states it."""
    if clean.grid_cfe is not None:
        return share_of_grid(clean.grid_cfe, axis, base)
    return None if clean.grid_cfe_frac is None else np.full(axis.count, clean.grid_cfe_frac)


def share_of_grid(spec: SeriesFile, axis: TimeAxis, base: Path | None = None) -> Values:
    """A file's carbon-free share in each step; InputError where it is no fraction."""
    share = read_series(spec, axis, base).values
    if share.min() < 0.0 or share.max() > 1.0:
        hint = ": for percent give `scale_ratio: .01`" if share.max() > 1.0 else ""
        raise InputError([Fault(f"column '{spec.column}' is no fraction of 0 to 1{hint}", "", Place(spec.file))])
    return share


def market_annual_kgco2(drawn_kwh: float, claims: Iterable[Claimed], residual_kgco2_per_kwh: float) -> float:
    """Market-based emissions with claims matched by volume over the run.

    >>> market_annual_kgco2(100e3, [Claimed("go", None, 75e3, 0.0, True)], 0.4412)
    11030.0
    """
    left, emitted = drawn_kwh, 0.0
    for claim in claims:
        used = min(claim.volume_kwh, left)
        emitted += used * claim.factor_kgco2_per_kwh
        left -= used
    return emitted + left * residual_kgco2_per_kwh


def market_hourly_kgco2(load_kwh: Values, claims: Iterable[Claimed], residual_kgco2_per_kwh: Values) -> float:
    """Market-based emissions with claims matched in each hour; ``residual`` has a factor for each."""
    left, emitted = load_kwh, np.zeros_like(load_kwh)
    for kwh, claim in _with_hours(claims):
        used = np.minimum(kwh, left)
        emitted = emitted + used * claim.factor_kgco2_per_kwh
        left = left - used
    return float((emitted + left * residual_kgco2_per_kwh).sum())


def carbon_free_score(load_kwh: Values, claims: Iterable[Claimed], grid_frac: Values | float) -> float:
    """Share of the load that is carbon-free hour by hour, the grid's own share of the rest included."""
    claimed_kwh = sum((kwh for kwh, claim in _with_hours(claims) if claim.carbon_free), np.zeros_like(load_kwh))
    rest = np.maximum(load_kwh - claimed_kwh, 0.0)
    return float((np.minimum(claimed_kwh, load_kwh) + rest * grid_frac).sum() / load_kwh.sum())


def carbon_free_by_volume(load_kwh: Values, claims: Iterable[Claimed]) -> float:
    """Claimed carbon-free energy over the load of the run, at most 1: what matching by the year says."""
    volume = sum(claim.volume_kwh for claim in claims if claim.carbon_free)
    return float(min(volume / load_kwh.sum(), 1.0))


def _with_hours(claims: Iterable[Claimed]) -> Iterator[tuple[Values, Claimed]]:
    yield from ((claim.kwh, claim) for claim in claims if claim.kwh is not None)


def residual_of(clean: CleanPower, grid: Intensity, load_kw: Values, axis: TimeAxis) -> tuple[Values, float, str]:
    """Factor of what no claim covers: by hour, its mean over the run weighted by load, and what it is."""
    if clean.residual is not None:
        factor, source = clean.residual.factor_kgco2_per_kwh, clean.residual.source
        words = "residual mix" + (f" ({source})" if source else "")
        return np.full(hourly(load_kw, axis).size, factor), factor, words
    kwh = hourly(load_kw * axis.dt_h, axis)
    emitted = hourly(load_kw * axis.dt_h * grid.average_kgco2_per_kwh, axis)
    by_hour = np.divide(emitted, kwh, out=np.zeros_like(kwh), where=kwh > 0)
    mean = float(emitted.sum() / kwh.sum()) if kwh.sum() > 0 else 0.0
    return by_hour, mean, "no residual mix is given: the grid's average stands in"
