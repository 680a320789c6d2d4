"""The bill of a run or of a plan with its contracts, and its net cost: fuel added, export taken off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr

from twin.components.grid.contracts import Contracts
from twin.components.grid.onsite_generator import SiteGenerator
from twin.scenario.model import Scenario
from twin.series.axis import TimeAxis
from twin.series.carbon_intensity import intensity
from twin.studies.billing import Bill, Kind, bill
from twin.studies.contracts import Flows, with_contracts
from twin.studies.emissions import emissions_kgco2
from twin.studies.planning.hull import Floats
from twin.studies.planning.terms import MeterFlows

AGREED: tuple[Kind, ...] = ("ppa", "carbon", "demand_response", "water")


@dataclass(frozen=True)
class Money:
    """Parts of what a run costs, in the tariff's currency; ``net`` is ``total`` and fuel less ``export``."""

    total: float
    net: float
    energy: float
    demand: float
    contracts: float
    export: float
    fuel: float


def money_of(scenario: Scenario, axis: TimeAxis, flows: MeterFlows, fuel: float = 0.0) -> Money:
    """What flows at the meter cost, beside ``fuel``."""
    paid = bill_of(scenario, axis, flows)
    export = float(flows.export_kw.sum()) * axis.dt_h * scenario.grid.meter.export_per_kwh
    agreed, net = sum(paid.share(kind) for kind in AGREED), paid.total + fuel - export
    return Money(paid.total, net, paid.share("energy"), paid.share("demand"), agreed, export, fuel)


def fuel_of(scenario: Scenario, ds: xr.Dataset, dt_h: float) -> float:
    """What the fuel of a run's generators costs."""
    return sum((float(kw.sum()) * dt_h * one.fuel_per_kwh for one, kw in _fuel_kw(scenario, ds)), 0.0)


def fuel_steps(scenario: Scenario, ds: xr.Dataset, dt_h: float) -> tuple[Floats, Floats]:
    """Cost and direct emissions (kgCO2) of the fuel that a run's generators burn in each step, (time,)."""
    cost, kgco2 = np.zeros(ds.sizes["time"]), np.zeros(ds.sizes["time"])
    for one, kw in _fuel_kw(scenario, ds):
        cost, kgco2 = cost + kw * dt_h * one.fuel_per_kwh, kgco2 + kw * dt_h * one.fuel_kgco2_per_kwh
    return cost, kgco2


def _fuel_kw(scenario: Scenario, ds: xr.Dataset) -> Iterator[tuple[SiteGenerator, Floats]]:
    for name, one in scenario.onsite.items():
        if isinstance(one, SiteGenerator):
            yield one, ds[f"onsite.{name}.fuel_kw"].values[0]


def bill_of(scenario: Scenario, axis: TimeAxis, flows: MeterFlows) -> Bill:
    """The bill with contracts, as that of a run in the key figures."""
    grid, zone, drawn = scenario.grid, scenario.site.timezone, flows.import_kw
    paid = bill(drawn, axis, grid.tariff, zone, power_factor_frac=grid.contracts.power_factor_frac)
    if grid.contracts == Contracts(power_factor_frac=grid.contracts.power_factor_frac):
        return paid
    emitted = emissions_kgco2(drawn, axis, intensity(grid.carbon, axis))
    water = (values * axis.dt_h for values in (flows.make_up_m3_h, flows.blowdown_m3_h))
    return with_contracts(paid, grid.contracts, drawn, Flows(emitted, *water), axis, grid.tariff, zone)
