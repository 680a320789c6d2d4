"""Units behind an air-side stage for their tests: years of a shipped site, and one unit in one weather for hours."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from tests.engine.scenarios import shipped
from twin.components.air.hall_air import ventilate
from twin.components.air.staged import StagedCooling
from twin.components.base import Surroundings
from twin.components.nodes import HallAir
from twin.engine.simulate import simulate
from twin.physics.fluids import (
    dew_point_c,
    humidity_ratio_from_relative,
    moist_air_density_kg_m3,
    station_pressure_pa,
    wet_bulb_c,
)
from twin.studies.kpis import kpis

AIR = "halls.enterprise.air"
DX = {"kind": "dx", "capacity_kw": 125.0}
SEA_PA = 101325.0


class Staged:
    """Years of a site by overrides, and its units alone."""

    def __init__(self, site: str, kind: type[StagedCooling], step: Callable[..., None]) -> None:
        self.site, self.kind, self.step = site, kind, step
        self.hall = shipped(site).halls["enterprise"]
        self.chilled = self.hall.air.model_dump()["trim"]
        self.year = functools.cache(self._year)
        self.figures = functools.cache(self._figures)

    def _year(self, *overrides: str) -> xr.Dataset:
        return simulate(shipped(self.site, *overrides)).isel(scenario=0)

    def _figures(self, *overrides: str) -> dict[str, float]:
        results = simulate(shipped(self.site, *overrides), keep="none")
        return {name: m["value"] for name, m in kpis(results).items()}

    def agrees_with_short_steps(self, step: str) -> None:
        """A year at a step has the energy, water and free hours of one at 5 min."""
        coarse, fine = self.figures(f"run.step={step}"), self.figures("run.step=5min")
        assert coarse["facility_energy_kwh"] == pytest.approx(fine["facility_energy_kwh"], rel=0.002)
        assert coarse["cooling_energy_kwh"] == pytest.approx(fine["cooling_energy_kwh"], rel=0.01)
        assert coarse["water_use_m3"] == pytest.approx(fine["water_use_m3"], rel=0.01)
        assert coarse["free_cooling_h"] == pytest.approx(fine["free_cooling_h"], rel=0.02)

    def settled(self, outdoor_c: float, rh: float = 0.4, heat_kw: float = 240.0, steps: int = 12,
                altitude_m: float = 0.0, ratio: float | None = None, hall: Mapping[str, Any] = {},
                **changes: Any) -> SimpleNamespace:  # fmt: skip
        """Outputs of the units after some hours of the same weather and load; ``hall``: changes of the hall itself."""
        unit = self.kind.model_validate(self.hall.air.model_dump() | changes)
        pressure = station_pressure_pa(altitude_m)
        around = Surroundings(hall=self.hall.model_copy(update={"air": unit, **hall}), pressure_pa=pressure)
        p = SimpleNamespace(**unit.parameters(around))
        u = SimpleNamespace(availability_frac=1.0, set_air_c=unit.supply_air_c)
        outdoor = humidity_ratio_from_relative(outdoor_c, rh, pressure) if ratio is None else ratio
        w = SimpleNamespace(
            dry_bulb_c=outdoor_c, pressure_pa=pressure, humidity_ratio_kg_kg=outdoor,
            wet_bulb_c=wet_bulb_c(outdoor_c, outdoor, pressure), dew_point_c=dew_point_c(outdoor, pressure),
            density_kg_m3=moist_air_density_kg_m3(outdoor_c, outdoor, pressure))  # fmt: skip
        s, y = SimpleNamespace(**unit.initial(around)), SimpleNamespace()
        for _ in range(steps):
            s = self._hour(p, u, w, s, y, heat_kw)
        y.dry_air_kg, y.outdoor_kg_kg = p.dry_air_kg, outdoor
        return y

    def _hour(self, p: Any, u: Any, w: Any, s: Any, y: Any, heat_kw: float) -> SimpleNamespace:
        """State after an hour; ``y`` takes the outputs, what the hall's humidity was, and the load of its plant."""
        loop = SimpleNamespace(supply_c=8.5, flow_frac=1.0, load_kw=0.0, flow_kg_s=0.0, return_sum=0.0)
        x, air = SimpleNamespace(), SimpleNamespace(**dict.fromkeys([*HallAir.accumulated, *HallAir.held], 0.0))
        air.rack_heat_kw, air.rack_flow_kg_s = heat_kw, heat_kw / 12.0
        ventilate(p, u, w, s, x, y, air, 1.0)
        self.step(p, u, w, s, x, y, air, loop, 1.0)
        y.start_kg_kg, y.mean_kg_kg, y.load_kw = s.humidity_kg_kg, air.humidity_mean_kg_kg, loop.load_kw
        return x


def of_air(ds: xr.Dataset, name: str) -> np.ndarray:
    """Series of the hall's units."""
    return np.asarray(ds[f"{AIR}.{name}"].values)
