"""The replay of the reference plant is EnergyPlus's own arithmetic: held beside its answers for all 16 climates."""

from __future__ import annotations

import importlib.util

import numpy as np
import pandas as pd
import pytest

from tests.reference import energyplus, replay_plant
from tests.reference.energyplus_plant import Plant

needs_energyplus = pytest.mark.skipif(
    importlib.util.find_spec("pyenergyplus") is None, reason="pyenergyplus-lbnl, which brings the weather, is absent"
)
STORED = energyplus.stored_answers()
EXACT = STORED[STORED["converged"] & (STORED["tower"] == "yorkcalc")]
# Largest miss over all 16 climates and the variations is half or less
TOLERANCE = {
    "chiller_electricity_kwh": 2e-6,
    "condenser_water_pump_kwh": 1e-7,
    "tower_heat_kwh": 1e-6,
    "tower_fan_kwh": 2e-4,
    "drift_m3": 2e-4,
    "evaporation_m3": 4e-3,
    "make_up_m3": 4e-3,
}


def test_evaporator_carries_the_load_the_pump_and_a_ratio_of_specific_heats() -> None:
    assert replay_plant.evaporator_heat_kw(1000.0, 7.0) == pytest.approx(1008.391, abs=5e-4)


def test_water_calibration_meets_the_design_point() -> None:
    calibration = replay_plant.water_calibration()
    assert calibration == pytest.approx(1.00737, abs=5e-6)
    assert replay_plant.approach_k(25.56, 5.6, calibration) == pytest.approx(3.9, abs=1e-9)


@pytest.mark.parametrize(
    ("wet_bulb", "range_k", "liquid_gas", "approach"),
    [
        (25.6, 5.6, 1.0, 3.8561),
        (20.0, 5.6, 1.0, 5.0872),
        (10.0, 5.6, 1.0, 7.8130),
        (0.0, 5.6, 1.0, 11.2150),
        (20.0, 5.6, 2.0, 10.9887),
        (20.0, 2.8, 1.0, 2.9155),
    ],
)
def test_york_curve_gives_the_published_approaches(
    wet_bulb: float, range_k: float, liquid_gas: float, approach: float
) -> None:
    assert replay_plant.approach_k(wet_bulb, range_k, liquid_gas) == pytest.approx(approach, abs=5e-5)


@needs_energyplus
@pytest.mark.parametrize("row", EXACT.to_dict("records"), ids=lambda row: f"{row['weather'][4:14]}-{row['load_kw']}")
def test_replay_gives_the_energy_and_water_of_converged_energyplus(row: dict[str, float | str]) -> None:
    weather = replay_plant.read_weather(energyplus.weather_files()[str(row["weather"])])
    chilled_water_c = float(row["chilled_water_c"])
    heat_kw = replay_plant.evaporator_heat_kw(float(row["load_kw"]), chilled_water_c)
    year = replay_plant.replay(weather, heat_kw, chilled_water_c)
    assert heat_kw * 8760.0 == pytest.approx(row["evaporator_heat_kwh"], rel=1e-6)
    assert year["tower_leaving_water_c"].mean() == pytest.approx(row["mean_tower_leaving_water_c"], abs=2e-4)
    for name, tolerance in TOLERANCE.items():
        column = name.replace("_kwh", "_kw")
        total = year[column].sum() * (0.25 if name.endswith("_kwh") else 1.0)
        assert total == pytest.approx(row[name], rel=tolerance), name


@needs_energyplus
def test_water_in_the_loops_moves_steps_but_not_the_year() -> None:
    weather = replay_plant.read_weather(energyplus.weather_file("Golden"))
    lagged, alone = (replay_plant.replay(weather, 1008.391, loop_lag=lag) for lag in (True, False))
    moved = (lagged["tower_leaving_water_c"] - alone["tower_leaving_water_c"]).abs()
    assert moved.max() > 0.01
    for name in ("chiller_electricity_kw", "tower_fan_kw", "make_up_m3"):
        assert lagged[name].sum() == pytest.approx(alone[name].sum(), rel=1e-4)


@pytest.mark.slow
@needs_energyplus
@pytest.mark.parametrize(
    ("site", "load_kw"), [("Dulles", 1000.0), ("Golden", 1000.0), ("Miami", 1000.0), ("Chicago", 130.0)]
)
def test_replay_follows_converged_energyplus_step_by_step(site: str, load_kw: float) -> None:
    """At 130 kW the fan cycles for 3 413 hours of the year."""
    weather = replay_plant.read_weather(energyplus.weather_file(site))
    year = replay_plant.replay(weather, replay_plant.evaporator_heat_kw(load_kw, 7.0))
    witness: pd.DataFrame = energyplus.run_year(Plant(load_kw, converged=True), energyplus.weather_file(site))
    misses = {name: float(np.sqrt(np.mean((year[name] - witness[name]) ** 2))) for name in year.columns}
    assert misses["tower_leaving_water_c"] < 1e-3
    assert misses["entering_condenser_water_c"] < 1e-3
    assert misses["chiller_electricity_kw"] < 0.01
    assert misses["tower_fan_kw"] < 0.1  # one step of 12.5 kW where EnergyPlus's root search fails is .067
    assert misses["tower_air_ratio"] < 0.01
    assert year["tower_fan_kw"].sum() == pytest.approx(witness["tower_fan_kw"].sum(), rel=2e-4)
    assert np.abs(weather.dry_bulb_c - witness["outdoor_dry_bulb_c"]).max() < 1e-9
