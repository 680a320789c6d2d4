"""Cooling tower after the YorkCalc correlation, with the heat to reject given, and curves of tower fans.

Approach = Σ c[k][j][i] (L/G)^k range^j Twb^i, i, j, k = 0..2, where L/G is the ratio of the water flow to the air flow,
both over design. York International, YORKcalc Software, Form 160.00-SG2 (2002), as in EnergyPlus
CoolingTower:VariableSpeed. With the heat given the range is known, so at given Twb and range the approach is a
quadratic in L/G: the air flow that holds a set-point comes in closed form, and so does the water at full fan.
"""

from __future__ import annotations

import math

from twin.compiled import compilable
from twin.units import WATER_CP_KJ_KG_K

# YorkCalc coefficients for (L/G)^0, ^1, ^2; within each Twb^0..2 runs fastest, then range^0..2.
YORK_0 = (
    -0.359741205, -0.055053608, 0.0023850432,
    0.173926877, -0.0248473764, 0.00048430224,
    -0.005589849456, 0.0005770079712, -0.00001342427256,
)  # fmt: skip
YORK_1 = (
    2.84765801111111, -0.121765149, 0.0014599242,
    1.680428651, -0.0166920786, -0.0007190532,
    -0.025485194448, 0.0000487491696, 0.00002719234152,
)  # fmt: skip
YORK_2 = (
    -0.0653766255555556, -0.002278167, 0.0002500254,
    -0.0910565458, 0.00318176316, 0.000038621772,
    -0.0034285382352, 0.00000856589904, -0.000001516821552,
)  # fmt: skip
# Range of validity, EnergyPlus 25.2: -30..80 degF, 2..40 K(F), L/G up to 8.
COLDEST_C, WARMEST_C = -34.4, 26.6667
LEAST_RANGE_K, MOST_RANGE_K = 1.1111, 22.2222
MOST_RATIO = 8.0

# Power over design power of tower fans: coefficients (constant, x, x², x³) over the air flow over design.
FAN_CUBE = (0.0, 0.0, 0.0, 1.0)  # EnergyPlus CoolingTower:VariableSpeed without a curve
FAN_CUBE_BASE = (0.02, 0.0, 0.0, 0.98)  # cube with 2 % of drive loss
FAN_MERKEL = (-0.00931516, 0.0512334, -0.0838365, 1.0419182)  # EnergyPlus example of the Merkel variable-speed tower


@compilable
def _at(c: tuple[float, ...], t: float, r: float) -> float:
    """One power of L/G: a biquadratic with all nine terms in Twb and range."""
    return (
        c[0] + t * (c[1] + t * c[2])
        + r * (c[3] + t * (c[4] + t * c[5]) + r * (c[6] + t * (c[7] + t * c[8])))
    )  # fmt: skip


@compilable
def yorkcalc_approach_k(wet_bulb_c: float, range_k: float, ratio: float) -> float:
    """Approach in K: leaving water above the entering wet bulb; not clamped. ``ratio`` is L/G, 1 at design.

    Valid for Twb -34.4..26.7 degC, range 1.1..22.2 K, ratio up to 8.

    >>> round(yorkcalc_approach_k(25.55, 5.56, 1.0), 5), round(yorkcalc_approach_k(20.0, 10.0, 1.0), 5)
    (3.84452, 7.96387)
    """
    a0, a1, a2 = _at(YORK_0, wet_bulb_c, range_k), _at(YORK_1, wet_bulb_c, range_k), _at(YORK_2, wet_bulb_c, range_k)
    return a0 + ratio * (a1 + ratio * a2)


@compilable
def _highest_ratio(a1: float, a2: float) -> float:
    """L/G up to which the approach rises: 8, or the top of the parabola where that comes first."""
    return -0.5 * a1 / a2 if a2 * (-2.0 * MOST_RATIO) > a1 else MOST_RATIO


@compilable
def _ratio_at(a0: float, a1: float, a2: float, approach_k: float) -> float:
    """L/G of an approach on the rising branch; beyond its top, and so far above any valid L/G, 1e9."""
    square = a1 * a1 - 4.0 * a2 * (a0 - approach_k)
    return 1e9 if square < 0.0 else 2.0 * (approach_k - a0) / (a1 + math.sqrt(square))


@compilable
def yorkcalc_ratio(wet_bulb_c: float, range_k: float, approach_k: float) -> float:
    """L/G at which the tower has this approach: the inverse of :func:`yorkcalc_approach_k`, in closed form.

    The physical root is the one where the approach rises with L/G. Where even the highest L/G (8, or where the
    polynomial turns down) gives less, that L/G; 0 where no air flow, however large, gives so small an approach.

    >>> round(yorkcalc_ratio(25.55, 5.56, 3.84452), 5)
    1.0
    """
    a0, a1, a2 = _at(YORK_0, wet_bulb_c, range_k), _at(YORK_1, wet_bulb_c, range_k), _at(YORK_2, wet_bulb_c, range_k)
    return min(max(_ratio_at(a0, a1, a2, approach_k), 0.0), _highest_ratio(a1, a2))


@compilable
def yorkcalc_calibrated_ratio(wet_bulb_c: float, range_k: float, approach_k: float) -> float:
    """L/G at the design point: EnergyPlus's calibration of the water flow ratio.

    The correlation has its own approach at L/G = 1 (3.8561 K at 25.6/5.6); a tower of another design approach is the
    same tower at another flow. Its flow at L/G = 1 is the design flow over this ratio.

    >>> round(yorkcalc_calibrated_ratio(25.56, 5.6, 3.9), 5)
    1.00737
    """
    return yorkcalc_ratio(wet_bulb_c, range_k, approach_k)


@compilable
def _range_at(wet_bulb_c: float, span_k: float, ratio: float) -> float:
    """Range in K of water that enters ``span_k`` above the wet bulb: range + approach(range) = span.

    The approach is a quadratic in the range too; outside 1.1..22.2 K it is held at that end.
    """
    t, p = wet_bulb_c, ratio
    b0 = (YORK_0[0] + t * (YORK_0[1] + t * YORK_0[2])) + p * (
        (YORK_1[0] + t * (YORK_1[1] + t * YORK_1[2])) + p * (YORK_2[0] + t * (YORK_2[1] + t * YORK_2[2]))
    )
    b1 = (YORK_0[3] + t * (YORK_0[4] + t * YORK_0[5])) + p * (
        (YORK_1[3] + t * (YORK_1[4] + t * YORK_1[5])) + p * (YORK_2[3] + t * (YORK_2[4] + t * YORK_2[5]))
    )
    b2 = (YORK_0[6] + t * (YORK_0[7] + t * YORK_0[8])) + p * (
        (YORK_1[6] + t * (YORK_1[7] + t * YORK_1[8])) + p * (YORK_2[6] + t * (YORK_2[7] + t * YORK_2[8]))
    )
    square = (1.0 + b1) * (1.0 + b1) + 4.0 * b2 * (span_k - b0)
    r = 2.0 * (span_k - b0) / (1.0 + b1 + math.sqrt(square)) if square >= 0.0 else MOST_RANGE_K
    end = min(max(r, LEAST_RANGE_K), MOST_RANGE_K)
    if end == r:
        return r
    return max(span_k - (b0 + end * (b1 + end * b2)), 0.0)


@compilable
def yorkcalc_tower(
    heat_kw: float, water_kg_s: float, water_calibrated_kg_s: float, wet_bulb_c: float, setpoint_c: float,
    air_min_frac: float, free_convection_frac: float,
) -> tuple[float, float, float, float]:  # fmt: skip
    """Leaving water of a tower with a variable-speed fan that rejects ``heat_kw``.

    Control as in EnergyPlus: full fan where the set-point cannot be held; below the lowest speed the fan cycles between
    off and that speed (a share of the time, seen from the water that enters at set-point plus range); where the fan
    off cools enough (``free_convection_frac`` of the capacity at full fan) it stays off and the water may leave colder.
    The wet bulb and the range that the correlation sees are clamped to its validity, L/G to 8 and to where the
    correlation still rises; the leaving water is never below the wet bulb.

    Parameters
    ----------
    heat_kw, water_kg_s
        Heat to reject and water flow; with either at 0 the fan is off and the water leaves at set-point.
    water_calibrated_kg_s
        Water flow at L/G = 1: design flow over :func:`yorkcalc_calibrated_ratio`.
    wet_bulb_c, setpoint_c
        Entering air and wanted leaving water.
    air_min_frac
        Lowest air flow of the running fan over design, such as .2.
    free_convection_frac
        Capacity with the fan off over capacity at full fan: 0, or EnergyPlus's default of .125.

    Returns
    -------
    leaving_c, air_ratio, fan_on_frac, clamped_count
        ``air_ratio`` is the air flow of the fan while it runs (0 when off), ``fan_on_frac`` the share of the time that
        it runs; the count is 1 where an input of the correlation was clamped.

    >>> [round(x, 5) for x in yorkcalc_tower(1284.0, 54.8, 54.4, 20.0, 24.0, 0.2, 0.0)]
    [25.13011, 1.0, 1.0, 0.0]
    >>> [round(x, 5) for x in yorkcalc_tower(1284.0, 54.8, 54.4, 5.0, 18.0, 0.2, 0.0)]
    [18.0, 0.71922, 1.0, 0.0]
    """
    if heat_kw <= 0.0 or water_kg_s <= 0.0:
        return setpoint_c, 0.0, 0.0, 0.0
    range_k = heat_kw / (water_kg_s * WATER_CP_KJ_KG_K)
    flow = water_kg_s / water_calibrated_kg_s
    t = min(max(wet_bulb_c, COLDEST_C), WARMEST_C)
    r = min(max(range_k, LEAST_RANGE_K), MOST_RANGE_K)
    a0, a1, a2 = _at(YORK_0, t, r), _at(YORK_1, t, r), _at(YORK_2, t, r)
    highest = _highest_ratio(a1, a2)
    ratio = min(flow, highest)
    clamped = 0.0 if t == wet_bulb_c and r == range_k and ratio == flow else 1.0
    wanted_k = setpoint_c - wet_bulb_c
    approach_k = max(a0 + ratio * (a1 + ratio * a2), 0.0)
    if wanted_k <= approach_k:
        return wet_bulb_c + approach_k, 1.0, 1.0, clamped
    if free_convection_frac > 0.0:
        off_c = wet_bulb_c + _unforced_k(range_k, flow, t, free_convection_frac)
        if off_c <= setpoint_c:
            return off_c, 0.0, 0.0, clamped
    slowest = min(max(air_min_frac, flow / highest), 1.0)
    ratio = _ratio_at(a0, a1, a2, wanted_k)
    if ratio * slowest > flow:
        on_frac = _on_frac(range_k, wanted_k + range_k, flow, t, slowest, free_convection_frac)
        return setpoint_c, slowest, on_frac, clamped
    return setpoint_c, min(flow / ratio, 1.0), 1.0, clamped


@compilable
def _unforced_k(range_k: float, flow: float, t: float, free_convection_frac: float) -> float:
    """Approach with the fan off: the water whose range at full fan is that many times the range, leaving warmer."""
    full_k = range_k / free_convection_frac
    r = min(max(full_k, LEAST_RANGE_K), MOST_RANGE_K)
    return max(yorkcalc_approach_k(t, r, min(flow, MOST_RATIO)), 0.0) + full_k - range_k


@compilable
def _on_frac(
    range_k: float, span_k: float, flow: float, t: float, slowest: float, free_convection_frac: float
) -> float:
    """Share of the time that the fan runs at its lowest speed, for water entering ``span_k`` above the wet bulb."""
    free_k = 0.0
    if free_convection_frac > 0.0:
        free_k = free_convection_frac * _range_at(t, span_k, min(flow, MOST_RATIO))
    slow_k = _range_at(t, span_k, flow / slowest)
    on_frac = (range_k - free_k) / max(slow_k - free_k, 1e-9) if slow_k > range_k else 1.0
    return min(max(on_frac, 0.0), 1.0)


@compilable
def fan_power_frac(curve: tuple[float, ...], air_ratio: float, fan_on_frac: float) -> float:
    """Fan power over design power from what a tower returned: the curve at the running speed, for its share of time.

    >>> fan_power_frac(FAN_CUBE, 0.5, 1.0), round(fan_power_frac(FAN_CUBE_BASE, 0.2, 0.5), 5)
    (0.125, 0.01392)
    """
    x = air_ratio
    return max(curve[0] + x * (curve[1] + x * (curve[2] + x * curve[3])), 0.0) * fan_on_frac


@compilable
def mean_air_ratio(air_ratio: float, fan_on_frac: float, free_convection_frac: float) -> float:
    """Mean air flow over design: with the fan off, EnergyPlus takes the free-convection share as the air flow.

    >>> round(mean_air_ratio(0.2, 0.5, 0.1), 9)
    0.15
    """
    return fan_on_frac * air_ratio + (1.0 - fan_on_frac) * free_convection_frac
