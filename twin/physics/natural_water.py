"""Cooling by the water of a lake, river or sea: its temperature over the year, the loop that it cools, and its pump."""

from __future__ import annotations

from typing import Any

import numpy as np

from twin.compiled import compilable

DAYS_PER_YEAR = 365.0
GRAVITY_M_S2 = 9.80665  # standard gravity, ISO 80000-3
# Sea water of 35 g/kg at 15 degC; 5-20 degC within .1 %: Sharqawy, Lienhard & Zubair 2010, doi:10.5004/dwt.2010.1079.
SEA_WATER_KG_M3, SEA_WATER_CP_KJ_KG_K = 1025.99, 3.9976
FREEZING_C = {"fresh": 0.0, "sea": -1.92}  # sea water of 35 g/kg: Fofonoff & Millard 1983, UNESCO 44
LEAST_KW_PER_K = 1e-6  # capacity rates are held above it: a loop at rest ends in a number, not in an exception


def intake_c(day: Any, mean_c: float, amplitude_k: float, coldest_day: float, least_c: float) -> Any:
    """Water temperature in degC by the day of the year (0..365, with fractions; a number or an array).

    mean - amplitude cos(2π (day - coldest day) / 365): one harmonic, the usual form for rivers and the upper layers of
    lakes (Steele 1978, USGS OFR 78-155; Hydrological Atlas of Switzerland, plate 7.3), never below ``least_c``. Its
    parameters are the intake's own, at its depth: amplitude falls and the coldest day comes later the deeper it lies.

    >>> float(intake_c(45.0, 10.0, 6.0, 45.0, 0.0)), float(intake_c(227.5, 10.0, 6.0, 45.0, 0.0))
    (4.0, 16.0)
    """
    wave = np.cos(2.0 * np.pi / DAYS_PER_YEAR * (np.asarray(day, dtype=float) - coldest_day))
    return np.maximum(mean_c - amplitude_k * wave, least_c)[()]


@compilable
def loop_supply_c(heat_kw: float, intake_c: float, exchanger_kw_per_k: float, loop_kw_per_k: float) -> float:
    """Supply in degC of a loop that gives all its heat to natural water: intake + Q / (ε C_min) - Q / C_loop.

    Without flow it grows without a bound that means anything.

    >>> round(loop_supply_c(1000.0, 8.0, 125.0, 200.0), 6)
    11.0
    """
    warm_k = heat_kw / max(exchanger_kw_per_k, LEAST_KW_PER_K)
    return intake_c + warm_k - heat_kw / max(loop_kw_per_k, LEAST_KW_PER_K)


@compilable
def discharge_flow_kg_s(heat_kw: float, rise_k: float, cp_kj_kg_k: float) -> float:
    """Flow of natural water in kg/s that keeps its warming to what a permit allows.

    >>> round(discharge_flow_kg_s(1000.0, 4.0, 4.186), 4)
    59.7229
    """
    return max(heat_kw, 0.0) / (cp_kj_kg_k * rise_k)


@compilable
def intake_pump_kw(
    flow_m3_s: float, flow_frac: float, density_kg_m3: float, lift_m: float, friction_kpa: float, efficiency_frac: float
) -> float:
    """Electricity in kW of the intake pump: V (ρ g lift + friction at design times flow²) / η.

    ``lift_m`` is what the siphon of a closed return does not give back (0 where it is full).

    >>> round(intake_pump_kw(0.06, 1.0, 998.0, 5.0, 100.0, 0.7), 4)
    12.7659
    """
    pressure_kpa = 0.001 * density_kg_m3 * GRAVITY_M_S2 * lift_m + friction_kpa * (flow_frac * flow_frac)
    return flow_m3_s * pressure_kpa / efficiency_frac
