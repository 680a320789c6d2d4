"""Whole sites: loss of cooling, the size of the step, and ledgers that close."""

from __future__ import annotations

import math

import numpy as np
import xarray as xr

from tests.engine.scenarios import SHIPPED, shipped
from tests.engine.test_ledgers import CLOSED, it_kwh
from tests.engine.test_thermal_mass import LOST_AT_S, closed_form_c
from tests.validation.rows import Row, compared, stable
from twin.engine.simulate import simulate
from twin.studies.kpis import kpis

TWO_NODES = "Closed form of the two-node hall (Khankari, ASHRAE LV-11-C026), agrees with scipy solve_ivp"
STEPS = ("1h", "15min", "5min")
FIGURES = {  # name: unit, what it is, tolerance
    "facility_energy_kwh": ("kWh", "facility energy", 0.002),
    "cooling_energy_kwh": ("kWh", "cooling energy", 0.01),
    "water_use_m3": ("m3", "water", 0.01),
    "energy_cost": ("USD", "energy charges", 0.002),
}


def loss_of_cooling() -> list[Row]:
    """A hall of 500 kW whose air handlers stop, through ``simulate`` at 5 s."""
    air = simulate(shipped("loss_of_cooling"))["halls.hall.air.air_c"].values[0]
    seconds = (np.arange(air.size) + 1) * 5.0 - LOST_AT_S
    after = seconds >= 0
    rows = [
        compared(
            "loss",
            f"air_{at_s}_s",
            f"Hall air {at_s} s after the loss",
            "°C",
            TWO_NODES,
            published_c,
            float(np.interp(at_s, seconds, air)),
            0.01,
            "abs",
        )
        for at_s, published_c in ((60, 31.292), (120, 34.141), (300, 36.934))
    ]
    to_32_s = float(np.interp(32.0, air[after], seconds[after]))
    worst = float(np.abs(air[after] - closed_form_c(seconds[after])).max())
    return [
        compared(
            "loss",
            "seconds_to_32",
            "Time from 22 to 32 °C",
            "s",
            TWO_NODES,
            70.3,
            to_32_s,
            5.0,
            "abs",
            "the tolerance is the step",
        ),
        *rows,
        compared(
            "loss",
            "course",
            "Largest distance from the closed form in 8 minutes",
            "K",
            TWO_NODES,
            0.0,
            worst,
            0.01,
            "abs",
        ),
    ]


def steps_and_ledgers() -> tuple[list[Row], list[Row]]:
    """Key figures of a year at each step beside those at 5 minutes, and the ledgers of the same runs."""
    steps: list[Row] = []
    ledgers: list[Row] = []
    for name in SHIPPED:
        runs = {step: simulate(shipped(name, f"run.step={step}"), keep="none") for step in STEPS}
        figures = {step: {k: m["value"] for k, m in kpis(ds).items()} for step, ds in runs.items()}
        for step in STEPS[:-1]:
            for key, (unit, text, tolerance) in FIGURES.items():
                steps.append(
                    compared(
                        "steps",
                        f"{name}_{step}_{key}",
                        f"{name}, {step}: {text}",
                        unit,
                        "the same site at 5 min",
                        float(stable(figures["5min"][key])),
                        figures[step][key],
                        tolerance,
                    )
                )
        ledgers += [_ledger(name, step, ds) for step, ds in runs.items()]
    return steps, ledgers


def _ledger(name: str, step: str, ds: xr.Dataset) -> Row:
    residual = float(np.abs(ds["residual_kwh"].values).max()) / it_kwh(ds)
    decade = 10.0 ** math.ceil(math.log10(max(residual, 1e-18)))
    return compared(
        "ledgers",
        f"{name}_{step}",
        f"{name}, {step}: largest residual of electricity, air and water",
        "1",
        "conservation of energy",
        0.0,
        decade,
        CLOSED,
        "abs",
        "share of IT energy, rounded up to a power of ten",
    )
