"""Heat exchangers by effectiveness and NTU, conductance away from the design point, and the coil with its valve.

NTU = UA / C_min and C_r = C_min / C_max, where C is a capacity rate (mass flow times specific heat) in kW/K.
Equations: Incropera & DeWitt, Fundamentals of Heat and Mass Transfer, 6th ed., tables 11.3 and 11.4.
"""

from __future__ import annotations

import math

from twin.compiled import compilable

# Modelica Buildings 10, DryCoilEffectivenessNTU: r_nominal = 2/3 = hA of the air side over hA of the water side,
# so the air side holds 1 / (1 + r_nominal) of the resistance.
AIR_RESISTANCE_FRAC = 0.6
AIR_EXPONENT = 0.8  # Modelica Buildings 10, HADryCoil n_a
WATER_EXPONENT = 0.85  # Modelica Buildings 10, HADryCoil n_w
ALIKE = 1e-9  # capacity rates closer than this count as equal
LARGEST_NTU = 100.0  # upper end of the inversions: no exchanger is larger
BEST_EXCHANGER_FRAC = 0.98  # highest effectiveness given to a design: beyond, it would need many times the surface
VALVE_EVALUATIONS = 12  # most evaluations of the coil in one valve search
VALVE_STEP, VALVE_SHARE = 1e-5, 1e-3  # last Newton step over 1/v and over the warm difference: leaves 1e-7


@compilable
def effectiveness_counterflow(ntu: float, capacity_ratio: float) -> float:
    """Effectiveness of a counterflow exchanger, 0..1, for NTU >= 0 and C_r in 0..1 (table 11.3, eq. 11.29).

    >>> round(effectiveness_counterflow(1.0, 0.5), 6), round(effectiveness_counterflow(3.0, 1.0), 6)
    (0.564733, 0.75)
    """
    n = max(ntu, 0.0)
    less = 1.0 - capacity_ratio
    if less < ALIKE:
        return n / (1.0 + n)
    gone = -math.expm1(-n * less)
    return gone / (less + capacity_ratio * gone)


@compilable
def effectiveness_parallel(ntu: float, capacity_ratio: float) -> float:
    """Effectiveness of a parallel-flow exchanger, 0..1 (table 11.3, eq. 11.28).

    >>> round(effectiveness_parallel(1.0, 0.5), 6)
    0.517913
    """
    more = 1.0 + capacity_ratio
    return -math.expm1(-max(ntu, 0.0) * more) / more


@compilable
def effectiveness_crossflow(ntu: float, capacity_ratio: float) -> float:
    """Effectiveness of a crossflow exchanger, both streams unmixed, 0..1 (table 11.3, eq. 11.32).

    The usual approximation: within .007 of the exact series for NTU up to 3 (.5448 against .5475 at (1, .5)).

    >>> round(effectiveness_crossflow(1.0, 0.5), 6), round(effectiveness_crossflow(2.0, 0.5), 6)
    (0.544764, 0.738758)
    """
    n = max(ntu, 0.0)
    if n == 0.0:
        return n
    root = n**0.22
    if capacity_ratio < ALIKE:
        return -math.expm1(-n)
    return -math.expm1(root / capacity_ratio * math.expm1(-capacity_ratio * n / root))


@compilable
def ntu_counterflow(effectiveness: float, capacity_ratio: float) -> float:
    """NTU of a counterflow exchanger with this effectiveness (table 11.4), cut at 100.

    >>> round(ntu_counterflow(0.564733, 0.5), 4)
    1.0
    """
    e = min(max(effectiveness, 0.0), 1.0)
    left = 1.0 - e
    if left < 1e-12:
        return LARGEST_NTU
    less = 1.0 - capacity_ratio
    if less < ALIKE:
        return min(e / left, LARGEST_NTU)
    return min(math.log1p(e * less / left) / less, LARGEST_NTU)


def design_effectiveness_frac(heat_kw: float, hot_kw_per_k: float, cold_kw_per_k: float, span_k: float) -> float:
    """Effectiveness that a design point asks for: heat over what the smaller stream carries across ``span_k``.

    ``span_k`` is the entering hot above the entering cold stream; more than 1 cannot be had.

    >>> round(design_effectiveness_frac(500.0, 50.0, 60.0, 14.0), 6)
    0.714286
    """
    return heat_kw / (min(hot_kw_per_k, cold_kw_per_k) * span_k)


def design_exchanger(heat_kw: float, hot_kw_per_k: float, cold_kw_per_k: float, span_k: float) -> tuple[float, float]:
    """Counterflow exchanger of a design point: effectiveness, cut at what can be built, and conductance in kW/K.

    Heat in kW, capacity rates of both streams in kW/K, and the entering hot above the entering cold stream in K.

    >>> [round(value, 4) for value in design_exchanger(141.183, 10.0, 20.0, 25.0)]
    [0.5647, 10.0]
    """
    least, most = min(hot_kw_per_k, cold_kw_per_k), max(hot_kw_per_k, cold_kw_per_k)
    asked = design_effectiveness_frac(heat_kw, hot_kw_per_k, cold_kw_per_k, span_k)
    effectiveness = min(asked, BEST_EXCHANGER_FRAC)
    return effectiveness, ntu_counterflow(effectiveness, least / most) * least


@compilable
def power_of(base: float, exponent: float) -> float:
    """``base ** exponent`` for base > 0, in the form that is equal in plain and compiled code."""
    return math.exp(exponent * math.log(base))


@compilable
def counterflow_heat_kw(
    ua_kw_per_k: float, hot_kw_per_k: float, cold_kw_per_k: float, hot_in_c: float, cold_in_c: float
) -> float:
    """Heat in kW from the hot to the cold stream of a counterflow exchanger; 0 where a flow is 0.

    >>> round(counterflow_heat_kw(10.0, 10.0, 20.0, 35.0, 10.0), 3)
    141.183
    """
    least = min(hot_kw_per_k, cold_kw_per_k)
    most = max(hot_kw_per_k, cold_kw_per_k)
    if least <= 0.0:
        return 0.0
    return effectiveness_counterflow(ua_kw_per_k / least, least / most) * least * (hot_in_c - cold_in_c)


@compilable
def crossflow_heat_kw(
    ua_kw_per_k: float, hot_kw_per_k: float, cold_kw_per_k: float, hot_in_c: float, cold_in_c: float
) -> float:
    """Heat in kW from the hot to the cold stream of a crossflow exchanger, such as a dry cooler; 0 where a flow is 0.

    >>> round(crossflow_heat_kw(10.0, 10.0, 20.0, 35.0, 10.0), 3)
    136.191
    """
    least = min(hot_kw_per_k, cold_kw_per_k)
    most = max(hot_kw_per_k, cold_kw_per_k)
    if least <= 0.0:
        return 0.0
    return effectiveness_crossflow(ua_kw_per_k / least, least / most) * least * (hot_in_c - cold_in_c)


@compilable
def coil_heat_kw(
    valve_frac: float,
    air_kw_per_k: float,
    air_in_c: float,
    water_in_c: float,
    water_full_kw_per_k: float,
    ua_design_kw_per_k: float,
    air_resistance: float,
    air_resistance_frac: float,
    water_exponent: float,
) -> float:
    """Sensible heat in kW that a counterflow coil takes from the air at a valve position; 0 with the valve shut.

    ``valve_frac`` is the water flow as a fraction (0..1) of the full flow, whose capacity rate is
    ``water_full_kw_per_k``. ``air_resistance`` is that of the air side at its flow now, over the whole resistance at
    design: ``air_resistance_frac * power_of(air_flow_frac, -air_exponent)``; it stays while the valve moves.

    >>> round(coil_heat_kw(0.5, 10.0, 35.0, 10.0, 20.0, 15.0, 0.6, 0.6, 0.85), 3)
    132.932
    """
    if valve_frac <= 0.0:
        return 0.0
    ua = ua_design_kw_per_k / (air_resistance + (1.0 - air_resistance_frac) * power_of(valve_frac, -water_exponent))
    return counterflow_heat_kw(ua, air_kw_per_k, valve_frac * water_full_kw_per_k, air_in_c, water_in_c)


@compilable
def _log_mean(warm_k: float, cold_k: float) -> tuple[float, float]:
    """Logarithmic mean of two temperature differences > 0, and its slope over the first."""
    apart = warm_k / cold_k - 1.0
    if abs(apart) < 1e-5:
        return cold_k * (1.0 + 0.5 * apart), 0.5 - apart / 6.0
    logarithm = math.log(warm_k / cold_k)
    mean = (warm_k - cold_k) / logarithm
    return mean, (1.0 - mean / warm_k) / logarithm


@compilable
def _inverse_flow(
    driving_k: float, cold_k: float, warming_k: float, air_k: float, water_k: float, exponent: float, guess: float
) -> float:
    """x = 1/v >= 1 at which LMTD = heat / UA, both in K; 1 where the open valve is just enough or not enough.

    ``cold_k`` is leaving air above entering water, ``warming_k`` that of the full water flow; heat / UA is
    air_k + water_k x^exponent.
    """
    end = driving_k / warming_k  # there the water leaves as warm as the air enters
    low, high = 1.0, end
    x = guess if guess < high else 0.5 * (low + high)
    for _ in range(VALVE_EVALUATIONS):
        warm_k = max(driving_k - warming_k * x, 1e-12 * driving_k)  # entering air above leaving water
        mean_k, slope = _log_mean(warm_k, cold_k)
        resisted_k = water_k * power_of(x, exponent)
        miss_k = mean_k - air_k - resisted_k
        step = miss_k / (warming_k * slope + exponent * resisted_k / x)
        x_next = x + step
        if abs(step) < VALVE_STEP * x and warming_k * abs(step) < VALVE_SHARE * warm_k and x_next >= 1.0:
            return x_next
        if miss_k >= 0.0:
            low = x
        elif x <= 1.0:
            return 1.0
        else:
            high = x
        if x_next >= high and warm_k < 0.9 * cold_k:  # a trickle, leaving as warm as the air enters: exponential
            x_next = (driving_k - cold_k * math.exp((warm_k - cold_k) / (air_k + resisted_k))) / warming_k
            if x_next >= end:
                return end
        inside = 1.0 if x_next <= 1.0 else 0.5 * (low + high)
        x = x_next if low < x_next < high else inside
    return x


@compilable
def coil_water_flow_for_heat(
    heat_kw: float, air_kw_per_k: float, air_in_c: float, water_in_c: float, water_full_kw_per_k: float,
    ua_design_kw_per_k: float, air_flow_frac: float, air_resistance_frac: float, air_exponent: float,
    water_exponent: float, valve_guess_frac: float,
) -> tuple[float, float, float]:  # fmt: skip
    """Valve position (water flow fraction) at which a coil takes ``heat_kw`` from the air.

    With the heat given all four temperatures follow from the water flow, so the unknown is 1/v in
    LMTD / heat = 1 / UA, whose two sides hardly bend: Newton from the last valve, kept in a bracket that starts at
    v = 1 and at the least flow that could carry the heat; 2-5 evaluations, at most 12, to 1e-7 of the heat.

    Returns
    -------
    valve_frac, heat_kw, water_out_c
        ``heat_kw`` is the heat delivered: what was asked for, or that of the open valve (1.0) where it is not enough.
        Without flow, driving temperature or heat to take: 0, 0 and the entering water.

    >>> v, q, t = coil_water_flow_for_heat(150.0, 10.0, 35.0, 10.0, 20.0, 15.0, 1.0, 0.6, 0.8, 0.85, 0.5)
    >>> round(v, 5), q, round(t, 3)
    (0.65802, 150.0, 21.398)
    """
    if air_flow_frac <= 0.0:
        return 0.0, 0.0, water_in_c
    return coil_valve_for_heat(
        heat_kw, air_kw_per_k, air_in_c, water_in_c, water_full_kw_per_k, ua_design_kw_per_k,
        air_resistance_frac * power_of(air_flow_frac, -air_exponent), air_resistance_frac, water_exponent,
        valve_guess_frac)  # fmt: skip


@compilable
def coil_valve_for_heat(
    heat_kw: float, air_kw_per_k: float, air_in_c: float, water_in_c: float, water_full_kw_per_k: float,
    ua_design_kw_per_k: float, air_resistance: float, air_resistance_frac: float, water_exponent: float,
    valve_guess_frac: float,
) -> tuple[float, float, float]:  # fmt: skip
    """:func:`coil_water_flow_for_heat` with the resistance of the air side at hand, as :func:`coil_heat_kw` has it.

    >>> v, q, t = coil_valve_for_heat(150.0, 10.0, 35.0, 10.0, 20.0, 15.0, 0.6, 0.6, 0.85, 0.5)
    >>> round(v, 5), q, round(t, 3)
    (0.65802, 150.0, 21.398)
    """
    driving_k, flows = air_in_c - water_in_c, min(air_kw_per_k, water_full_kw_per_k)
    if heat_kw <= 0.0 or driving_k <= 0.0 or flows <= 0.0 or ua_design_kw_per_k <= 0.0:
        return 0.0, 0.0, water_in_c
    scale_k = heat_kw / ua_design_kw_per_k
    cold_k, warming_k = driving_k - heat_kw / air_kw_per_k, heat_kw / water_full_kw_per_k
    if cold_k > 0.0 and warming_k < driving_k:
        x = _inverse_flow(driving_k, cold_k, warming_k, scale_k * air_resistance, scale_k * (1.0 - air_resistance_frac),
                          water_exponent, 1.0 / min(max(valve_guess_frac, 1e-6), 1.0))  # fmt: skip
        if x > 1.0:
            return 1.0 / x, heat_kw, water_in_c + warming_k * x
    most_kw = coil_heat_kw(1.0, air_kw_per_k, air_in_c, water_in_c, water_full_kw_per_k, ua_design_kw_per_k,
                           air_resistance, air_resistance_frac, water_exponent)  # fmt: skip
    most_kw = min(heat_kw, most_kw)
    return 1.0, most_kw, water_in_c + most_kw / water_full_kw_per_k
