"""How EnergyPlus computes the reference plant, replayed without EnergyPlus.

A second statement of the rules, vectorised over the steps of a year and sharing nothing with the twin: the tests
hold it beside EnergyPlus's answers, and the twin's own plant can be held beside it step by step.

1. Weather. Dry bulb, relative humidity and pressure are interpolated linearly between the hours of the file; the
   value of hour h stands at its end, so the quarters of hour h see 3/4, 2/4, 1/4, 0 of hour h-1. Hour 1 of the year
   starts from hour 24 of the first day. Humidity ratio and wet bulb follow from the interpolated three.
2. Set-point of the tower water: wet bulb of the same step + 4 K, within 18..32 C; no lag.
3. Chiller: curves at leaving chilled and entering condenser water, clamped to their ranges; all of its electricity
   goes into the condenser water. The evaporator carries the load and the pump's shaft power, times cp at the
   entering over cp at the leaving water temperature (:func:`evaporator_heat_kw`).
4. Condenser water: a constant mass flow, .055 m3/s at the density of 29.44 C. The pump draws 14 103 W times the ratio
   of that flow's volume at the tower's entering temperature to .055 m3/s; 90 % of it warms the water before the tower.
5. Each half of a loop is a mixed tank of half the loop's volume (time constant 60 s): the mean over a 15-minute step
   keeps 1/15 of the step before. Means of a year do not notice it.
6. Tower: approach = YorkCalc(wet bulb clamped to the curve, range, L/G), L/G = calibration x (volume flow at the
   entering temperature / .055) / air ratio, calibration so that the design point is met at air ratio 1 (1.00737). If
   full air misses the set-point, the leaving water is wet bulb + approach and the fan draws 12 600 W; otherwise the air
   ratio solves the approach, fan power is its cube, and below the smallest ratio .2 the fan cycles at .2: the leaving
   water stays on the set-point, cycling = (entering - set-point) / (entering - leaving at .2), the mean air ratio is
   .2 x cycling, the fan power .008 x 12 600 W x cycling; see also :func:`_range_at`. In the few steps (0
   to 3 a year) where full air meets the set-point by a hair, EnergyPlus's root search finds no bracket and reports a
   ratio of .2 for one of 1; the replay does not copy that.
7. Water: :func:`evaporation_m3_s`; drift is .008 % of .055 m3/s times the air ratio; blowdown is evaporation / 3 less
   drift, never negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.reference import energyplus_plant as plant

Array = NDArray[np.float64]

QUARTERS = np.array([0.25, 0.5, 0.75, 1.0])
STEP_S = 900.0
# Water properties of EnergyPlus (FluidProperties default tables, 0..50 C in steps of 5 C, linear between)
TABLE_C = np.arange(0.0, 51.0, 5.0)
CP_J_KG_K = np.array([4217.0, 4198, 4191, 4185, 4181, 4179, 4180, 4180, 4180, 4180, 4181])
DENSITY_KG_M3 = np.array([999.8, 999.9, 999.7, 999.1, 998.2, 997.0, 995.6, 994.0, 992.2, 990.2, 988.0])
DESIGN_DENSITY_C = 5.05  # EnergyPlus turns design volume flows of a loop into mass flows at this temperature
# YorkCalc: Form 160.00-SG2 (2002), order [L/G power, range power, wet bulb power]
YORK = np.array(
    [
        [-0.359741205, -0.055053608, 0.0023850432],
        [0.173926877, -0.0248473764, 0.00048430224],
        [-0.005589849456, 0.0005770079712, -0.00001342427256],
        [2.84765801111111, -0.121765149, 0.0014599242],
        [1.680428651, -0.0166920786, -0.0007190532],
        [-0.025485194448, 0.0000487491696, 0.00002719234152],
        [-0.0653766255555556, -0.002278167, 0.0002500254],
        [-0.0910565458, 0.00318176316, 0.000038621772],
        [-0.0034285382352, 0.00000856589904, -0.000001516821552],
    ]
).reshape(3, 3, 3)
YORK_WET_BULB_C = (-34.4, 29.4444)  # as EnergyPlus 25.2 clamps its YorkCalc; the curve was fitted up to 26.7 C
YORK_MAX_RANGE_K = 22.2222
SWEEPS = 40  # fixed-point sweeps over the whole year; 15 suffice, each shrinks the change tenfold


@dataclass(frozen=True)
class Weather:
    """What each 15-minute step sees, arrays of shape ``(steps,)``."""

    dry_bulb_c: Array
    humidity_kg_kg: Array
    wet_bulb_c: Array
    pressure_pa: Array


def water_cp(t_c: Array | float) -> Array:
    """Specific heat of water in J/(kg K), shape of ``t_c``."""
    return np.asarray(np.interp(t_c, TABLE_C, CP_J_KG_K))


def water_density(t_c: Array | float) -> Array:
    """Density of water in kg/m3, shape of ``t_c``."""
    return np.asarray(np.interp(t_c, TABLE_C, DENSITY_KG_M3))


def saturation_pa(t_c: Array | float) -> Array:
    """Vapour pressure over water, below 0.01 C over ice (ASHRAE Fundamentals, Hyland and Wexler)."""
    t = np.asarray(t_c, dtype=float) + 273.15
    ice = -5674.5359 / t + 6.3925247 - 0.009677843 * t + 6.2215701e-7 * t**2 + 2.0747825e-9 * t**3
    ice += -9.484024e-13 * t**4 + 4.1635019 * np.log(t)
    liquid = -5800.2206 / t + 1.3914993 - 0.048640239 * t + 4.1764768e-5 * t**2 - 1.4452093e-8 * t**3
    return np.asarray(np.exp(np.where(t < 273.16, ice, liquid + 6.5459673 * np.log(t))))


def humidity_ratio(t_c: Array, relative_humidity_frac: Array | float, pressure_pa: Array | float) -> Array:
    """Humidity ratio in kg/kg dry air (EnergyPlus's ratio of molar masses, .62198)."""
    vapour = relative_humidity_frac * saturation_pa(t_c)
    return np.asarray(np.maximum(0.62198 * vapour / (pressure_pa - vapour), 1e-5))


def enthalpy_j_kg(t_c: Array, humidity_kg_kg: Array) -> Array:
    """Enthalpy of moist air per kg of dry air (EnergyPlus's constants)."""
    return np.asarray(1004.84 * t_c + humidity_kg_kg * (2.50094e6 + 1858.95 * t_c))


def saturated_enthalpy_j_kg(t_c: Array, pressure_pa: Array | float) -> Array:
    """Enthalpy of saturated air."""
    return enthalpy_j_kg(t_c, humidity_ratio(t_c, 1.0, pressure_pa))


def air_density(t_c: Array, humidity_kg_kg: Array, pressure_pa: Array | float) -> Array:
    """Dry-air mass per volume of moist air, kg/m3: the density EnergyPlus multiplies the fan's volume flow with."""
    return np.asarray(pressure_pa / (287.0 * (t_c + 273.15) * (1.0 + 1.6077687 * humidity_kg_kg)))


def wet_bulb_c(t_c: Array, humidity_kg_kg: Array, pressure_pa: Array) -> Array:
    """Thermodynamic wet bulb by bisection (ASHRAE Fundamentals 2017 ch. 1 eq. 33 and 35), never above dry bulb."""
    low, high = np.full_like(t_c, -60.0), t_c + 0.01
    for _ in range(45):
        mid = 0.5 * (low + high)
        saturated = 0.62198 * saturation_pa(mid) / (pressure_pa - saturation_pa(mid))
        wet = ((2501 - 2.326 * mid) * saturated - 1.006 * (t_c - mid)) / (2501 + 1.86 * t_c - 4.186 * mid)
        iced = ((2830 - 0.24 * mid) * saturated - 1.006 * (t_c - mid)) / (2830 + 1.86 * t_c - 2.1 * mid)
        above = np.where(mid >= 0.0, wet, iced) > humidity_kg_kg
        low, high = np.where(above, low, mid), np.where(above, mid, high)
    return np.asarray(np.minimum(0.5 * (low + high), t_c))


def read_weather(epw: Path) -> Weather:
    """Weather of each 15-minute step of the year of an EPW file (rule 1)."""
    hours = pd.read_csv(epw, skiprows=8, header=None, usecols=[6, 8, 9], dtype=float)
    dry_bulb, humidity_percent, pressure = (_quarters(hours[column].to_numpy()) for column in (6, 8, 9))
    humidity = humidity_ratio(dry_bulb, humidity_percent / 100.0, pressure)
    return Weather(dry_bulb, humidity, wet_bulb_c(dry_bulb, humidity, pressure), pressure)


def _quarters(hourly: Array) -> Array:
    before = np.concatenate([hourly[23:24], hourly[:-1]])
    return np.asarray((before[:, None] * (1.0 - QUARTERS) + hourly[:, None] * QUARTERS).ravel())


def approach_k(wet_bulb: Array | float, range_k: Array | float, liquid_gas: Array | float) -> Array:
    """YorkCalc approach in K."""
    return np.asarray(np.polynomial.polynomial.polyval(liquid_gas, _in_liquid_gas(wet_bulb, range_k), tensor=False))


def _in_liquid_gas(wet_bulb: Array | float, range_k: Array | float) -> Array:
    """Coefficients of the approach as a polynomial in L/G, shape ``(3, steps)``."""
    wb, r = np.asarray(wet_bulb, dtype=float), np.asarray(range_k, dtype=float)
    return np.einsum("kji,j...,i...->k...", YORK, np.stack([r**0, r, r**2]), np.stack([wb**0, wb, wb**2]))


def water_calibration() -> float:
    """L/G at which the approach curve meets the tower's design point (EnergyPlus: 1.00737)."""
    c0, c1, c2 = _in_liquid_gas(plant.TOWER_WET_BULB_C, plant.TOWER_RANGE_K)
    return float(_positive_root(c0 - plant.TOWER_APPROACH_K, c1, c2))


def _positive_root(c0: Array, c1: Array, c2: Array) -> Array:
    """Root of c0 + c1 x + c2 x2 that stays finite as c2 goes to 0."""
    return np.asarray(-2.0 * c0 / (c1 + np.sqrt(np.maximum(c1 * c1 - 4.0 * c2 * c0, 0.0))))


def _range_at(entering_c: Array, wet_bulb: Array, liquid_gas: Array) -> Array:
    """Range in K of water that enters at ``entering_c``: wet bulb + approach(range) + range = entering.

    Where no range above .001 K balances, the air is too little to cool at all; EnergyPlus then takes the largest range
    of the curve, as if it were plenty, and so do we: that is its arithmetic, not physics.
    """
    wb = np.asarray(wet_bulb, dtype=float)
    powers = np.stack([liquid_gas**0, liquid_gas, liquid_gas**2])
    c0, c1, c2 = np.einsum("kji,k...,i...->j...", YORK, powers, np.stack([wb**0, wb, wb**2]))
    balanced = _positive_root(c0 + wb - entering_c, c1 + 1.0, c2)
    return np.asarray(np.where((balanced > 0.001) & (balanced < YORK_MAX_RANGE_K), balanced, YORK_MAX_RANGE_K))


def chiller_kw(evaporator_kw: float, chilled_water_c: float, condenser_water_c: Array) -> Array:
    """Electricity of the chiller (rule 3)."""
    te = float(np.clip(chilled_water_c, *plant.CHILLED_WATER_RANGE_C))
    tc = np.clip(condenser_water_c, *plant.CONDENSER_WATER_RANGE_C)
    terms = np.stack([tc**0, te * tc**0, te * te * tc**0, tc, tc * tc, te * tc])
    available_kw = plant.CHILLER_CAPACITY_W / 1000.0 * np.tensordot(plant.CAPACITY_CURVE, terms, 1)
    load = np.polynomial.polynomial.polyval(evaporator_kw / available_kw, plant.PART_LOAD_CURVE)
    return np.asarray(available_kw / plant.CHILLER_COP * np.tensordot(plant.EIR_CURVE, terms, 1) * load)


def evaporator_heat_kw(load_kw: float, chilled_water_c: float) -> float:
    """Heat that reaches the evaporator: 1008.391 kW for 1000 kW at 7 C."""
    flow = plant.CHILLED_WATER_M3_S * float(water_density(DESIGN_DENSITY_C))
    returned_c = chilled_water_c + 1000.0 * load_kw / (flow * float(water_cp(chilled_water_c)))
    entering_c = returned_c
    for _ in range(5):
        shaft_w = plant.MOTOR_EFFICIENCY * plant.CHILLED_WATER_PUMP_W
        entering_c = returned_c + shaft_w / (flow * float(water_cp(entering_c)))
    return flow * float(water_cp(entering_c)) * (entering_c - chilled_water_c) / 1000.0


def evaporation_m3_s(heat_w: Array, air_ratio: Array, weather: Weather) -> Array:
    """Evaporation of a tower with saturated exit, as EnergyPlus writes it.

    Air of mass flow ``ratio x 33.16 m3/s x density at ambient`` enters with the enthalpy of saturated air at wet bulb,
    takes up the tower's heat and leaves saturated. The water is mass flow times the difference of w/(1+w), w_in being
    the ambient ratio, divided by the density of water at the mean of ambient and exit temperature, at least 4 C.
    """
    w_in = weather.humidity_kg_kg
    air = air_ratio * plant.TOWER_AIR_M3_S * air_density(weather.dry_bulb_c, w_in, weather.pressure_pa)
    leaving = saturated_enthalpy_j_kg(weather.wet_bulb_c, weather.pressure_pa) + heat_w / air
    low, high = weather.wet_bulb_c, np.full_like(leaving, 70.0)
    for _ in range(40):
        mid = 0.5 * (low + high)
        above = saturated_enthalpy_j_kg(mid, weather.pressure_pa) > leaving
        low, high = np.where(above, low, mid), np.where(above, mid, high)
    exit_c = 0.5 * (low + high)
    w_out = humidity_ratio(exit_c, 1.0, weather.pressure_pa)
    density = water_density(np.maximum(0.5 * (weather.dry_bulb_c + exit_c), 4.0))
    return np.asarray(np.maximum(air * (w_out / (1.0 + w_out) - w_in / (1.0 + w_in)) / density, 0.0))


def replay(weather: Weather, evaporator_kw: float, chilled_water_c: float = 7.0, loop_lag: bool = True) -> pd.DataFrame:
    """One year of the plant with the YorkCalc tower.

    Parameters
    ----------
    weather
        From :func:`read_weather`.
    evaporator_kw
        Heat at the evaporator, constant.
    chilled_water_c
        Leaving chilled water.
    loop_lag
        Whether the loop's halves hold water (rule 5); without, each step stands alone.

    Returns
    -------
    pandas.DataFrame
        One row per step, columns named as :func:`tests.reference.energyplus.run_year` names them.
    """
    wet_bulb = weather.wet_bulb_c
    inside = np.clip(wet_bulb, *YORK_WET_BULB_C)
    set_point = np.clip(wet_bulb + plant.TOWER_SET_POINT_K, *plant.TOWER_SET_POINT_RANGE_C)
    leaving = supplied = set_point
    returned = set_point + 5.0
    for _ in range(SWEEPS):
        loop = _loop(leaving, supplied, returned, evaporator_kw, chilled_water_c, loop_lag)
        full = inside + approach_k(inside, loop["tower_entering_water_c"] - leaving, loop["liquid_gas"])
        leaving = np.maximum(set_point, full)
        supplied, returned = _step_before(leaving), _step_before(loop["returned_c"])
    air_ratio, fan_frac = _fan(loop, leaving, set_point, full, weather)
    heat_w = loop["flow"] * water_cp(loop["tower_entering_water_c"]) * (loop["tower_entering_water_c"] - leaving)
    evaporation = evaporation_m3_s(heat_w, air_ratio, weather) * STEP_S
    drift = plant.CONDENSER_WATER_M3_S * plant.DRIFT_FRAC * air_ratio * STEP_S
    blowdown = np.maximum(evaporation / (plant.CYCLES - 1.0) - drift, 0.0)
    columns = (
        "chiller_electricity_kw",
        "condenser_water_pump_kw",
        "entering_condenser_water_c",
        "tower_entering_water_c",
    )
    return pd.DataFrame(
        {
            **{name: loop[name] for name in columns},
            "tower_set_point_c": set_point,
            "tower_leaving_water_c": leaving,
            "tower_heat_kw": heat_w / 1000.0,
            "tower_air_ratio": air_ratio,
            "tower_fan_kw": plant.TOWER_FAN_W / 1000.0 * fan_frac,
            "evaporation_m3": evaporation,
            "drift_m3": drift,
            "blowdown_m3": blowdown,
            "make_up_m3": evaporation + drift + blowdown,
        }
    )


def _step_before(values: Array) -> Array:
    return np.concatenate([values[:1], values[:-1]])


def _loop(
    leaving: Array, supplied: Array, returned: Array, evaporator_kw: float, chilled_water_c: float, loop_lag: bool
) -> dict[str, Array]:
    """Once around the condenser loop (rules 3 to 5): from the tower through chiller and pump back to the tower."""
    flow = plant.CONDENSER_WATER_M3_S * water_density(plant.CHILLER_REFERENCE_C[1])
    held = plant.CONDENSER_WATER_M3_S * 60.0 * plant.LOOP_CIRCULATION_MIN / 2.0 * water_density(DESIGN_DENSITY_C)
    kept = float(held / flow / STEP_S) if loop_lag else 0.0  # exp(-900 s / 60 s) is 3e-7
    condenser_c = leaving + (supplied - leaving) * kept
    electricity = chiller_kw(evaporator_kw, chilled_water_c, condenser_c)
    leaving_condenser = condenser_c + 1000.0 * (evaporator_kw + electricity) / (flow * water_cp(condenser_c))
    entering = leaving_condenser
    for _ in range(3):
        volume_ratio = flow / water_density(entering) / plant.CONDENSER_WATER_M3_S
        pump_w = plant.CONDENSER_WATER_PUMP_W * np.minimum(volume_ratio, 1.0)
        warmed = leaving_condenser + plant.MOTOR_EFFICIENCY * pump_w / (flow * water_cp(returned))
        entering = warmed + (returned - warmed) * kept
    return {
        "flow": flow,
        "entering_condenser_water_c": condenser_c,
        "chiller_electricity_kw": electricity,
        "condenser_water_pump_kw": pump_w / 1000.0,
        "returned_c": warmed,
        "tower_entering_water_c": entering,
        "liquid_gas": water_calibration() * volume_ratio,
    }


def _fan(
    loop: dict[str, Array], leaving: Array, set_point: Array, full: Array, weather: Weather
) -> tuple[Array, Array]:
    """Mean air ratio and share of full fan power (rule 6)."""
    entering, slowest = loop["tower_entering_water_c"], plant.TOWER_MIN_AIR_RATIO
    inside = np.clip(weather.wet_bulb_c, *YORK_WET_BULB_C)
    c0, c1, c2 = _in_liquid_gas(inside, entering - leaving)
    wanted = loop["liquid_gas"] / _positive_root(c0 - (set_point - weather.wet_bulb_c), c1, c2)
    ratio = np.where(full >= set_point, 1.0, np.clip(wanted, slowest, 1.0))
    coldest = entering - _range_at(entering, inside, loop["liquid_gas"] / slowest)
    cycling = np.minimum((entering - set_point) / (entering - coldest), 1.0)
    cycles = coldest < set_point
    air_ratio = np.where(cycles, slowest * cycling, ratio)
    return air_ratio, np.where(cycles, slowest**3 * cycling, ratio**3)
