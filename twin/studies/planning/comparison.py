"""Strategies beside each other as plain tables: ``compared`` makes a ``Comparison``, which pages and prints only read.

* ``figures``: a row per strategy (``NAMES`` of ``strategies``), columns as in ``FIGURES``
* ``months``: the same additive figures by strategy and month, ``part`` sums some of them up
* ``signals``: price, emission factor and outdoor temperature over local time
* ``schedules``: by strategy what it did in each step, columns as in ``SCHEDULE``

Equal work: what a strategy has done less of than has arrived by the end (of the run, or of a month) is ``rest_kwh`` and
stands in ``cost`` and ``emissions_kgco2`` at its strategy's mean price and factor over the run, with all that a kWh of
the devices takes at the meter. Work that a month hands on is counted there, and taken off where it is done.
Delay beyond deadlines that has a price is ``late_cost``, and in ``cost``; so is fuel of generators, less what export
earns. Emissions of fuel are direct ones: they stand apart from those of the import.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from twin.engine.forcing import weather_on
from twin.scenario.model import Scenario
from twin.series.tariff_tables import in_force
from twin.studies.planning.hull import Floats
from twin.studies.planning.money import bill_of
from twin.studies.planning.plan import Weights
from twin.studies.planning.progress import Report, silent
from twin.studies.planning.strategies import Choices, Way, Ways, strategies

ADDITIVE = {  # figure -> unit, "" is the tariff's currency
    "cost": "", "bill": "", "fuel_cost": "", "export_credit": "", "wear_cost": "", "rest_cost": "", "late_cost": "",
    "emissions_kgco2": "kgCO2e", "fuel_kgco2": "kgCO2",
    "import_kwh": "kWh", "water_m3": "m3", "work_kwh": "kWh", "rest_kwh": "kWh", "late_kwh": "kWh",
}  # fmt: skip
FIGURES = {**ADDITIVE, "peak_kw": "kW", "delay_h": "h", "late_frac": "1", "objective": "", "gain_frac": "1",
           "work_per_kwh_ratio": "1", "inlet_max_c": "degC", "hours_above_recommended_h": "h"}  # fmt: skip
COSTS = ("bill", "fuel_cost", "wear_cost", "rest_cost", "late_cost")  # what a cost is made of, less what export earns
SCHEDULE = {  # what a strategy does in a step -> unit
    "import_kw": "kW", "it_kw": "kW", "work_kw": "kW", "limit_frac": "1", "waiting_kwh": "kWh", "charge_kw": "kW",
    "discharge_kw": "kW", "stored_kwh": "kWh",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Comparison:
    """Strategies on one scenario. Money is in ``currency``; times are civil time of ``zone``, without a zone.

    Attributes
    ----------
    figures : index strategy, columns ``FIGURES``; ``gain_frac`` is what the objective saves over "none",
        ``work_per_kwh_ratio`` work done (by the energy that devices usually take for it) over energy imported
    months : index (strategy, month such as 2021-02), columns ``ADDITIVE`` and ``peak_kw``
    signals : index time, columns price_per_kwh, carbon_kgco2_per_kwh, outdoor_c
    schedules : by strategy: index time, columns ``SCHEDULE``
    regret_frac : what MPC costs more than the plan with perfect foresight, of that, in the objective
    notes : what a reader has to know
    """

    name: str
    currency: str
    zone: str
    dt_h: float
    figures: pd.DataFrame
    months: pd.DataFrame
    signals: pd.DataFrame
    schedules: dict[str, pd.DataFrame]
    regret_frac: float
    notes: tuple[str, ...]

    def unit(self, figure: str) -> str:
        """Unit of a figure, the currency where it is money."""
        return FIGURES[figure] or self.currency

    def part(self, months: Sequence[str] = (), without: Sequence[str] = ()) -> pd.DataFrame:
        """Figures of some months, all if none are named, less those of others: a row per strategy.

        ``cost_change_frac`` and ``emissions_change_frac`` are against "none".
        """
        at = self.months.index.get_level_values("month")
        chosen = self.months[(at.isin(list(months)) if months else True) & ~at.isin(list(without))]
        found = chosen.groupby(level="strategy", sort=False)[list(ADDITIVE)].sum()
        found["peak_kw"] = chosen["peak_kw"].groupby(level="strategy", sort=False).max()
        for name, of in (("cost_change_frac", "cost"), ("emissions_change_frac", "emissions_kgco2")):
            found[name] = found[of] / float(found[of]["none"]) - 1.0
        return found


def compared(scenario: Scenario, weights: Weights | None = None, choices: Choices | None = None,
             carbon: Floats | None = None, report: Report = silent) -> Comparison:  # fmt: skip
    """Run all strategies (:func:`twin.studies.planning.strategies.strategies`) and put them into tables."""
    found = strategies(scenario, weights, choices, carbon, report)
    axis, zone = found.samples.axis, scenario.site.timezone
    time = axis.civil(zone).tz_localize(None)
    months = pd.concat({way.name: _months(way, found, scenario) for way in found.ways}, names=["strategy", "month"])
    figures = months[list(ADDITIVE)].groupby(level="strategy", sort=False).sum()
    outcomes = {way.name: way.outcome for way in found.ways}
    for name in ("peak_kw", "delay_h", "objective"):
        figures[name] = [getattr(outcomes[way], name) for way in figures.index]
    done = figures["work_kwh"]
    figures["late_frac"] = (figures["late_kwh"] / done).where(done > 0.0, 0.0)
    figures["gain_frac"] = 1.0 - figures["objective"] / float(figures["objective"]["none"])
    figures["work_per_kwh_ratio"] = done / figures["import_kwh"].where(figures["import_kwh"] > 0.0)
    ways = {way.name: way for way in found.ways}
    figures["inlet_max_c"] = [ways[str(name)].inlet_max_c for name in figures.index]
    figures["hours_above_recommended_h"] = [ways[str(name)].hot_h for name in figures.index]
    dry_bulb = weather_on(scenario.weather, scenario.run.calendar_year, axis)["dry_bulb_c"]
    signals = pd.DataFrame({"price_per_kwh": found.signals.energy_per_kwh,
                            "carbon_kgco2_per_kwh": found.signals.carbon_kgco2_per_kwh,
                            "outdoor_c": dry_bulb}, index=time)  # fmt: skip
    return Comparison(
        scenario.name, in_force(scenario.grid.tariff).currency, zone, axis.dt_h, figures[list(FIGURES)], months,
        signals, {way.name: _schedule(way, time) for way in found.ways},
        float(figures["objective"]["MPC"]) / float(figures["objective"]["optimal"]) - 1.0, found.notes)  # fmt: skip


def _schedule(way: Way, time: pd.DatetimeIndex) -> pd.DataFrame:
    outcome = way.outcome
    columns = {"import_kw": outcome.import_kw, "work_kw": outcome.work_kw}
    columns |= {name: getattr(way, name) for name in SCHEDULE if name not in columns}
    return pd.DataFrame({name: columns[name] for name in SCHEDULE}, index=time)


def _months(way: Way, found: Ways, scenario: Scenario) -> pd.DataFrame:
    """Additive figures and the peak of each month of civil time."""
    samples, signals, import_kw = found.samples, found.signals, way.outcome.import_kw
    axis, dt = samples.axis, samples.axis.dt_h
    paid = bill_of(scenario, axis, way.outcome.flows).by_month()
    month = axis.civil(scenario.site.timezone).strftime("%Y-%m")
    month = month.where(month >= min(paid), min(paid)).where(
        month <= max(paid), max(paid)
    )  # an hour beyond, of summer time, is billed with the month beside it
    rest_kwh = np.diff(way.waiting_kwh, prepend=0.0)
    at_meter_kwh = rest_kwh * meter_kw_per_kw(found)
    total = max(float(import_kw.sum()), 1e-12)
    price = float(signals.energy_per_kwh @ import_kw) / total
    factor = float(signals.carbon_kgco2_per_kwh @ import_kw) / total
    steps = pd.DataFrame({
        "wear_cost": way.wear_per_kwh * way.discharge_kw * dt, "rest_cost": at_meter_kwh * price,
        "emissions_kgco2": signals.carbon_kgco2_per_kwh * import_kw * dt + at_meter_kwh * factor,
        "import_kwh": import_kw * dt, "water_m3": way.water_m3, "work_kwh": way.served_kwh, "rest_kwh": rest_kwh,
        "late_kwh": way.late_kwh, "late_cost": way.late_cost, "fuel_cost": way.fuel_cost, "fuel_kgco2": way.fuel_kgco2,
        "export_credit": way.outcome.flows.export_kw * dt * scenario.grid.meter.export_per_kwh,
    })  # fmt: skip
    sums = steps.groupby(month).sum()
    sums["bill"] = pd.Series(paid)
    sums["cost"] = sums[list(COSTS)].sum(axis=1) - sums["export_credit"]
    sums["peak_kw"] = pd.Series(import_kw).groupby(month).max()
    return sums[[*ADDITIVE, "peak_kw"]]


def meter_kw_per_kw(found: Ways) -> float:
    """What a kW of the devices takes at the meter: the mean slope of the twin's samples."""
    samples = found.samples
    rise = samples.facility_kw[-1] - samples.facility_kw[0]
    return float(np.mean(rise / np.maximum(samples.work_kw[-1], 1e-9)))
