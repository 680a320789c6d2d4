"""Energy, water, emissions and price by the hour, of a run's series or of a site's hourly meters.

Amounts carry the names of the reporting quantities, so that a column adds up to the figure of the same name. Shorter
steps are summed to hours of UTC. A run's series are stored in single precision: sums agree with its figures to 1e-6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from twin.scenario.model import Scenario
from twin.scenario.resolved import parse_scenario
from twin.series.axis import TimeAxis
from twin.series.energy_price import price_per_kwh
from twin.series.tariff_tables import in_force
from twin.studies.clean_power import claimed, grid_share, hourly
from twin.studies.months import amounts
from twin.studies.reporting.quantities import KEYS, OF_A_RUN, Interval, ReportingPeriod
from twin.studies.sums import axis_of, one_of

Values = NDArray[np.float64]
PARTS = ("eit_input_kwh", "cooling_kwh", "electrical_loss_kwh")  # of EDC; what is left is other_kwh


@dataclass(frozen=True)
class Column:
    """A column of the table: its unit and what it holds."""

    unit: str
    description: str


MORE = {  # columns that are no reporting quantities
    "other_kwh": Column("kWh", "EDC less IT, cooling and losses: lighting, offices and other"),
    "average_kgco2_per_kwh": Column("kgCO2e/kWh", "location-based emissions over energy purchased"),
    "unmatched_kwh": Column("kWh", "energy that no carbon-free energy of the same hour covers: max(0, load - clean)"),
    "price_per_kwh": Column("currency/kWh", "price of energy, mean over the hour, without demand charges"),
}


@dataclass(frozen=True)
class Hourly:
    """Values by hour. ``start`` and ``end`` are datetime64[s] in UTC, the end excluded; ``load`` is what is matched.

    ``timezone`` is the site's, for times in civil time.
    ``claims`` are carbon-free energy by hour and by name of the contract, kWh.
    """

    start: NDArray[np.datetime64]
    end: NDArray[np.datetime64]
    values: Mapping[str, Values]
    columns: Mapping[str, Column]
    load: str
    claims: Mapping[str, Values]
    timezone: str

    def civil(self) -> tuple[list[str], list[str]]:
        """Start and end of each hour in civil time with its offset: unambiguous where clocks are changed."""
        start, end = (pd.DatetimeIndex(one).tz_localize("UTC").tz_convert(self.timezone)
                      for one in (self.start, self.end))  # fmt: skip
        return [one.isoformat() for one in start], [one.isoformat() for one in end]

    @property
    def count(self) -> int:
        """Number of hours."""
        return int(self.start.size)


def hourly_of_run(results: xr.Dataset, scenario: int | str = 0) -> Hourly:
    """The hours of a run of at most hourly steps; a quantity is there where the series of all outputs in it were kept.

    Raises InputError where a file that the scenario names is gone.
    """
    one = one_of(results, scenario)
    axis, spec = axis_of(one), parse_scenario(str(one["scenario_yaml"].values))
    back = {figure: key for key, figure in OF_A_RUN.items()}
    found = {back[name]: hourly(kwh, axis) for name, kwh in amounts(one, axis) if name in back}
    if not spec.onsite and "edc_kwh" in found:
        found["grid_import_kwh"] = found["edc_kwh"]  # all energy is drawn at the grid meter
    claims = _claims(spec, axis)
    if claims:
        found["clean_kwh"] = np.asarray(np.sum(list(claims.values()), axis=0), np.float64)
    share = None if spec.grid.clean_power is None else grid_share(spec.grid.clean_power, axis)
    if share is not None:
        found["grid_cfe_frac"] = _mean(share, axis)
    tariff = in_force(spec.grid.tariff)
    found["price_per_kwh"] = _mean(price_per_kwh(tariff, axis, spec.site.timezone), axis)
    return _table(*_hours(axis), _completed(found, "grid_import_kwh"), "grid_import_kwh", claims, spec.site.timezone,
                  tariff.currency)  # fmt: skip


def _claims(spec: Scenario, axis: TimeAxis) -> dict[str, Values]:
    """Carbon-free energy by hour of each contract that states hours."""
    known = claimed(spec.grid.clean_power, axis) if spec.grid.clean_power is not None else ()
    return {one.name: one.kwh for one in known if one.kwh is not None and one.carbon_free}


def _mean(values: Values, axis: TimeAxis) -> Values:
    return np.asarray(hourly(values, axis) / hourly(np.ones_like(values), axis), np.float64)


def _hours(axis: TimeAxis) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
    """First and last moment of each hour; the first and the last hour may be parts of one."""
    times = axis.utc()
    start = times.to_numpy().astype("datetime64[s]")
    if axis.dt_h < 1.0:
        floor = times.floor("h").to_numpy()
        start = start[np.flatnonzero(np.concatenate([[True], floor[1:] != floor[:-1]]))]
    last = times[-1] + pd.Timedelta(hours=axis.dt_h)
    return start, np.append(start[1:], last.to_numpy().astype("datetime64[s]"))


def hourly_of_meters(period: ReportingPeriod, timezone: str) -> Hourly | None:
    """The rows of a meter file by the hour or finer; None where a row is longer."""
    if not period.intervals or any(one.hours > 1.0 for one in period.intervals):
        return None
    start, end = (_times(period.intervals, name) for name in ("start_utc", "end_utc"))
    names = [key for key in KEYS if key in period.intervals[0].values]
    found = {key: np.array([_value(one, key) for one in period.intervals]) for key in names}
    claims = {"clean_kwh": found["clean_kwh"]} if "clean_kwh" in found else {}
    return _table(start, end, _completed(found, "edc_kwh"), "edc_kwh", claims, timezone)


def _times(intervals: tuple[Interval, ...], name: str) -> NDArray[np.datetime64]:
    return np.array([one.ends[name].removesuffix("Z") for one in intervals], "datetime64[s]")


def _value(interval: Interval, key: str) -> float:
    value = interval.values[key]
    return np.nan if value is None else float(value)


def _completed(found: dict[str, Values], load: str) -> dict[str, Values]:
    """With what follows from other columns of the same hour."""
    more: dict[str, Values] = {}
    if all(key in found for key in ("edc_kwh", *PARTS)):
        more["other_kwh"] = found["edc_kwh"] - sum(found[key] for key in PARTS)
    if {"scope2_location_kgco2", "grid_import_kwh"} <= set(found):
        drawn = found["grid_import_kwh"]
        more["average_kgco2_per_kwh"] = np.divide(
            found["scope2_location_kgco2"], drawn, out=np.full(drawn.size, np.nan), where=drawn > 0
        )
    if {load, "clean_kwh"} <= set(found):
        more["unmatched_kwh"] = np.maximum(found[load] - found["clean_kwh"], 0.0)
    return found | more


def _table(
    start: NDArray[np.datetime64], end: NDArray[np.datetime64], found: Mapping[str, Values], load: str,
    claims: Mapping[str, Values], timezone: str, currency: str = "currency",
) -> Hourly:  # fmt: skip
    known = {key: Column(kind.unit, f"{kind.long_name}; {kind.boundary}") for key, kind in KEYS.items()} | MORE
    names = [name for name in known if name in found]
    columns = {name: Column(known[name].unit.replace("currency", currency), known[name].description) for name in names}
    return Hourly(start, end, {name: found[name] for name in names}, columns, load, claims, timezone)
