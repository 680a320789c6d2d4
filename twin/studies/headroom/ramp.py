"""The years in which a site fills: what it draws, costs and wastes while halls are half empty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twin.errors import InputError, RunError
from twin.scenario.model import Run, Scenario
from twin.studies.headroom.racks import filled, installed_kw
from twin.studies.kpis import figures_of
from twin.studies.runs import simulated

MOST_YEARS = 30


@dataclass(frozen=True)
class RampYear:
    """A year at a share of the racks; cost in the tariff's currency. ``failure`` where the site ran away."""

    year: int
    fill_frac: float
    it_kw: float
    pue_ratio: float
    mlc_ratio: float
    facility_kwh: float
    cost: float
    cost_per_it_kwh: float
    failure: str = ""


def ramp(scenario: Scenario, years: int, first_frac: float) -> list[RampYear]:
    """Years from ``first_frac`` of the racks to all of them in equal steps, racks at full power, weather of one year.

    Raises InputError where years or share are out of range.
    """
    check_ramp(years, first_frac)
    shares = np.linspace(first_frac, 1.0, years) if years > 1 else np.array([first_frac])
    whole = Run(calendar_year=scenario.run.calendar_year, warmup_h=scenario.run.warmup_h)
    base = scenario.model_copy(update={"run": whole})
    return [_year(base, at, float(share)) for at, share in enumerate(shares)]


def check_ramp(years: int, first_frac: float) -> None:
    """Raise InputError where years or share are out of range."""
    if not 1 <= years <= MOST_YEARS:
        raise InputError(f"--ramp: years run from 1 to {MOST_YEARS}, got {years}")
    if not 0.0 < first_frac <= 1.0:
        raise InputError(f"--ramp: the first year's share is above 0 and at most 1, got {first_frac:g}")


def _year(scenario: Scenario, at: int, fill_frac: float) -> RampYear:
    site = filled(scenario, fill_frac)
    year, it_kw = scenario.run.calendar_year + at, sum(installed_kw(site).values())
    try:
        found = figures_of(simulated(site), site)
    except RunError as error:
        nothing = float("nan")
        return RampYear(year, fill_frac, it_kw, nothing, nothing, nothing, nothing, nothing, str(error))
    kwh = {name: float(found[name]["value"]) for name in ("it_energy_kwh", "cooling_energy_kwh", "facility_energy_kwh")}
    cost = float(found["total_cost"]["value"])
    return RampYear(
        year, fill_frac, it_kw, float(found["pue"]["value"]), kwh["cooling_energy_kwh"] / kwh["it_energy_kwh"],
        kwh["facility_energy_kwh"], cost, cost / kwh["it_energy_kwh"],
    )  # fmt: skip
