"""What redundancy costs: losses of power devices as operated against those of as many units as the load needs.

Exact from the three coefficients. With R the rating installed and L the load, loss = R a0 + a1 L + a2 L²/R; the sum of
the squares follows from the sum of the losses, so no series is needed. Counted are a device's own losses: what they
draw through the devices above and what it takes to cool them comes on top.
"""

from __future__ import annotations

from dataclasses import dataclass

import xarray as xr

from twin.components.power.device import PowerDevice
from twin.errors import RunError
from twin.scenario.model import Scenario
from twin.scenario.resolved import parse_scenario
from twin.studies.sums import Sums, one_of, sums_of


@dataclass(frozen=True)
class Spread:
    """Load of each unit over its rating, mean and largest, and losses in kWh as operated and with the units needed."""

    mean_load_frac: float
    peak_load_frac: float
    loss_kwh: float
    needed_loss_kwh: float

    @property
    def price_kwh(self) -> float:
        """What the redundant units cost; negative where the load on fewer units would lose more."""
        return self.loss_kwh - self.needed_loss_kwh


def redundancy(results: xr.Dataset, scenario: int | str = 0) -> dict[str, Spread]:
    """Load and losses of each power device of one scenario of a run, by its name; rectifiers have no coefficients.

    Parameters
    ----------
    results
        What :func:`twin.engine.simulate.simulate` returns, or the same read from ``results.nc``.
    scenario
        Its position or its name.

    Raises
    ------
    RunError
        When the scenario ran away.
    """
    one = one_of(results, scenario)
    if failed := str(one["failure"].values):
        raise RunError(failed)
    return spreads(sums_of(one), parse_scenario(str(one["scenario_yaml"].values)))


def spreads(sums: Sums, spec: Scenario) -> dict[str, Spread]:
    """The same from the sums of a run."""
    return {name: _spread(sums, f"power.{name}", device) for name, device in spec.power.items()
            if device.kind != "rectifier"}  # fmt: skip


def _spread(sums: Sums, path: str, device: PowerDevice) -> Spread:
    rated_kw, no_load, proportional, _ = device.rating()
    load_kwh, loss_kwh = sums.total[f"{path}.output_kw"], sums.total[f"{path}.loss_kw"]
    fixed_kwh, linear_kwh = rated_kw * no_load * sums.run_h, proportional * load_kwh
    square_kwh = loss_kwh - fixed_kwh - linear_kwh
    needed = device.needed_share_frac
    needed_kwh = loss_kwh if needed == 1.0 else fixed_kwh * needed + linear_kwh + square_kwh / needed
    mean = load_kwh / (rated_kw * sums.run_h)
    return Spread(mean, sums.peak[f"{path}.load_frac"], loss_kwh, needed_kwh)
