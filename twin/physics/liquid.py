"""Liquid cooling: coolant properties, cold plates, distribution units, rear doors, and the guard against dew.

Exchangers enter by their effectiveness times least capacity rate, in kW/K (:mod:`twin.physics.exchangers`), so that the
same equations serve any flow arrangement and part flow.
"""

from __future__ import annotations

import math

from twin.compiled import compilable
from twin.units import KELVIN

# Aqueous propylene glycol: Σ_i Σ_j c[i][j] (T - 305.8583 K)^i (x - .307031)^j, x the mass fraction 0..0.6. Melinder
# 2010, Properties of Secondary Working Fluids (IIR), as in CoolProp 8 (INCOMP::MPG). One row per power of temperature.
PG_BASE_K, PG_BASE_FRAC = 305.8583, 0.3070310
PG_DENSITY = (
    (1018.0, 76.04, -24.98, -155.0, -113.1, 234.2),
    (-0.5406, -0.9450, 0.2700, 2.829, -2.221, 0.0),
    (-2.666e-3, 5.541e-3, -4.018e-3, -7.175e-3, 0.0, 0.0),
    (1.347e-5, -1.343e-5, 3.376e-5, 0.0, 0.0, 0.0),
)  # kg/m3
PG_CP = (
    (3882.0, -1304.0, -1598.0, 353.9, 5000.0, -4959.0),
    (2.699, 5.070, 0.9534, 31.02, -71.35, 0.0),
    (-1.659e-3, -4.752e-3, 0.1167, -0.2950, 0.0, 0.0),
    (-1.032e-5, 1.522e-4, -4.870e-4, 0.0, 0.0, 0.0),
)  # J/kgK
PG_FREEZING_K = (259.9, -66.31, -109.4, -228.3, -340.9, 146.5)
PG25_MASS_FRAC = 0.25  # the coolant that is sold as PG25

FLOW_EXPONENT = 0.8  # of the convective part of a cold plate's resistance: turbulent flow (Dittus & Boelter 1930)
LEAST_KW_PER_K = 1e-6  # capacity rates are held above it: a loop at rest ends in a number, not in an exception
DEW_POINT_MARGIN_K = 2.0  # facility water above the room's dew point, 2-3 K: ASHRAE TC 9.9 liquid cooling guidance


@compilable
def _row(c: tuple[float, ...], x: float) -> float:
    """Polynomial of degree five."""
    return c[0] + x * (c[1] + x * (c[2] + x * (c[3] + x * (c[4] + x * c[5]))))


@compilable
def _surface(c: tuple[tuple[float, ...], ...], t_c: float, mass_frac: float) -> float:
    """One property at a temperature and a mass fraction, clamped to 0..100 degC (or freezing) and 0..0.6."""
    x = min(max(mass_frac, 0.0), 0.6) - PG_BASE_FRAC
    t = min(max(t_c, -50.0), 100.0) + KELVIN - PG_BASE_K
    return _row(c[0], x) + t * (_row(c[1], x) + t * (_row(c[2], x) + t * _row(c[3], x)))


@compilable
def glycol_density_kg_m3(t_c: float, mass_frac: float) -> float:
    """Density of aqueous propylene glycol in kg/m3; from freezing to 100 degC, mass fraction 0..0.6 (clamped).

    >>> round(glycol_density_kg_m3(20.0, 0.25), 3)
    1019.278
    """
    return _surface(PG_DENSITY, t_c, mass_frac)


@compilable
def glycol_cp_kj_kg_k(t_c: float, mass_frac: float) -> float:
    """Specific heat of aqueous propylene glycol in kJ/kgK; from freezing to 100 degC, mass fraction 0..0.6 (clamped).

    >>> round(glycol_cp_kj_kg_k(20.0, 0.25), 5), round(glycol_cp_kj_kg_k(45.0, 0.25), 5)
    (3.92047, 3.98056)
    """
    return 0.001 * _surface(PG_CP, t_c, mass_frac)


@compilable
def glycol_freezing_c(mass_frac: float) -> float:
    """Freezing point of aqueous propylene glycol in degC, mass fraction 0.1..0.6 (clamped): near 0 at none.

    >>> round(glycol_freezing_c(0.25), 3)
    -9.785
    """
    return _row(PG_FREEZING_K, min(max(mass_frac, 0.1), 0.6) - PG_BASE_FRAC) - KELVIN


@compilable
def capacity_kw_per_k(flow_l_min: float, density_kg_m3: float, cp_kj_kg_k: float) -> float:
    """Capacity rate in kW/K of a coolant flow in L/min.

    >>> round(1.0 / capacity_kw_per_k(1.5, 998.0, 4.186), 3)  # rise in K per kW at 1.5 L/min per kW
    9.575
    """
    return flow_l_min / 60.0 * 0.001 * density_kg_m3 * cp_kj_kg_k


@compilable
def plate_k_per_kw(fixed_k_per_kw: float, convective_k_per_kw: float, flow_frac: float) -> float:
    """Thermal resistance of a cold plate at a flow over design: R1 + R2 flow^-.8; ``flow_frac`` above 0.

    >>> round(plate_k_per_kw(15.0, 15.0, 0.5), 3)
    41.117
    """
    return fixed_k_per_kw + convective_k_per_kw * math.exp(-FLOW_EXPONENT * math.log(max(flow_frac, 1e-6)))


@compilable
def case_c(coolant_in_c: float, heat_kw: float, resistance_k_per_kw: float, coolant_kw_per_k: float) -> float:
    """Steady case temperature in degC on a cold plate, or of a device in a bath: T_in + Q (R + 1 / (2 C)).

    Half the rise counts: R is meant from the mean coolant. Without coolant flow the rise is left out.

    >>> case_c(32.0, 0.7, 30.0, 0.07)
    58.0
    """
    half_k = 0.5 * heat_kw / coolant_kw_per_k if coolant_kw_per_k > 0.0 else 0.0
    return coolant_in_c + heat_kw * resistance_k_per_kw + half_k


@compilable
def unit_supply_c(
    heat_kw: float, facility_in_c: float, exchanger_kw_per_k: float, coolant_kw_per_k: float
) -> tuple[float, float]:
    """Supply and return of the coolant loop of a distribution unit (CDU) with all heat given to the facility water.

    The return is Q / (ε C_min) above the entering facility water, the supply Q / C below the return; supply less
    facility water is the approach (ATD). The same holds for an immersion bath and for a loop cooled by lake water; the
    water flow that holds a supply set-point is that of :func:`twin.physics.exchangers.coil_water_flow_for_heat` with
    the coolant in the place of the air. Without flow the temperatures grow without a bound that means anything.

    >>> unit_supply_c(500.0, 20.0, 35.714285714285715, 50.0)
    (24.0, 34.0)
    """
    return_c = facility_in_c + heat_kw / max(exchanger_kw_per_k, LEAST_KW_PER_K)
    return return_c - heat_kw / max(coolant_kw_per_k, LEAST_KW_PER_K), return_c


@compilable
def approach_effectiveness_frac(
    heat_kw: float, approach_k: float, coolant_kw_per_k: float, facility_kw_per_k: float
) -> float:
    """Effectiveness of an exchanger by its design: heat, approach of supply coolant to facility water, and both flows.

    ε = Q / (C_min (approach + Q / C_coolant)); 1 or more cannot be built.

    >>> round(approach_effectiveness_frac(500.0, 4.0, 50.0, 60.0), 6)
    0.714286
    """
    return heat_kw / (min(coolant_kw_per_k, facility_kw_per_k) * (approach_k + heat_kw / coolant_kw_per_k))


@compilable
def rear_door_kw(
    exhaust_c: float, water_in_c: float, exchanger_kw_per_k: float, air_kw_per_k: float
) -> tuple[float, float]:
    """Heat in kW that a rear-door exchanger takes from rack exhaust, and the air that leaves it in degC; never heats.

    Sensible only: the water is kept above the dew point.

    >>> rear_door_kw(38.0, 18.0, 0.8, 1.25)
    (16.0, 25.2)
    """
    heat_kw = exchanger_kw_per_k * max(exhaust_c - water_in_c, 0.0)
    return heat_kw, exhaust_c - heat_kw / air_kw_per_k if air_kw_per_k > 0.0 else exhaust_c
