"""Cooling tower after Merkel by effectiveness and NTU, with the heat to reject given.

Moist air is taken as a fluid with the specific heat c_pe = Δh_sat / ΔT_wb, in counterflow with the water through
UA_e = UA c_pe / c_p. EnergyPlus 25.2 engineering reference, CoolingTower:VariableSpeed:Merkel.

With the heat Q given, both streams' differences are known and the logarithmic mean takes the place of the
effectiveness, exactly: Q = UA_e LMTD. At a fan speed h_out = h_in + Q / m_air gives the leaving wet bulb by one
inversion, then the approach = (Q / UA_e) x / (e^x - 1), x = UA_e (range - rise) / Q, where rise is the wet bulb's. On
set-point the unknown is the rise; the air flow m = Q / Δh follows.
"""

from __future__ import annotations

import math

from twin.compiled import compilable
from twin.physics.fluids import (
    MAGNUS_C,
    MAGNUS_SLOPE,
    MOLE_RATIO,
    VAPOUR_KJ_KG,
    saturated_enthalpy_kj_kg,
    temperature_at_saturated_enthalpy_c,
)
from twin.units import AIR_CP_KJ_KG_K, VAPOUR_CP_KJ_KG_K, WATER_CP_KJ_KG_K

STEPS = 16  # most evaluations of a search: 8 do, the rest is for bisection
SETTLED_K = 1e-4  # last Newton step of the leaving wet bulb; what it leaves is below 1e-6
LEAST_RISE_K = 1e-6
MAGNUS_SLOPE_C = MAGNUS_SLOPE * MAGNUS_C  # d ln p / dt = this / (t + MAGNUS_C)²


@compilable
def air_flow_factor(air_ratio: float) -> float:
    """UA over its value at design air flow: 1.3 f - .3 f², f clamped to .2..1 (EnergyPlus Merkel example curves).

    >>> air_flow_factor(1.0), round(air_flow_factor(0.5), 9)
    (1.0, 0.575)
    """
    f = min(max(air_ratio, 0.2), 1.0)
    return f * (1.3 - 0.3 * f)


@compilable
def water_flow_factor(water_ratio: float) -> float:
    """UA over its value at design water flow: .1082 + 1.667 f - .7713 f², f in .3..1, result in .5..1.1 (EnergyPlus).

    >>> round(water_flow_factor(1.0), 4), round(water_flow_factor(0.5), 4)
    (1.0039, 0.7489)
    """
    f = min(max(water_ratio, 0.3), 1.0)
    return min(max(0.1082 + f * (1.667 - 0.7713 * f), 0.5), 1.1)


@compilable
def wet_bulb_factor(design_less_now_k: float) -> float:
    """UA over its value at design wet bulb: 1 + .0081 (Twb,des - Twb), result in .85..1.3 (EnergyPlus).

    >>> round(wet_bulb_factor(10.0), 9)
    1.081
    """
    return min(max(1.0 + 0.0081 * design_less_now_k, 0.85), 1.3)


@compilable
def _slope_kj_kg_k(t_c: float, h_kj_kg: float) -> float:
    """Slope over temperature of the enthalpy of saturated air, from t and h alone; within .5 % over 0..50 degC.

    The slope of the vapour pressure is Magnus's (Alduchov & Eskridge 1996): it steers Newton, the root does not see it.
    """
    latent = max(h_kj_kg - AIR_CP_KJ_KG_K * t_c, 0.0)
    w = latent / (VAPOUR_KJ_KG + VAPOUR_CP_KJ_KG_K * t_c)
    warm = t_c + MAGNUS_C
    return AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * w + latent * (1.0 + MOLE_RATIO * w) * (MAGNUS_SLOPE_C / (warm * warm))


@compilable
def _leaving_rise_k(rise_kj_kg: float, wet_bulb_c: float, h_kj_kg: float, pressure_pa: float) -> float:
    """Rise of the wet bulb in K with a rise of the enthalpy, from ``h_kj_kg`` of saturated air at the wet bulb."""
    guess_k = rise_kj_kg / max(0.9 + 0.046 * (h_kj_kg + 0.5 * rise_kj_kg), 1.3)
    guess_k = rise_kj_kg / max(_slope_kj_kg_k(wet_bulb_c + 0.5 * guess_k, h_kj_kg + 0.45 * rise_kj_kg), 1.0)
    t_c = temperature_at_saturated_enthalpy_c(h_kj_kg + rise_kj_kg, pressure_pa, wet_bulb_c + guess_k)
    return max(t_c - wet_bulb_c, LEAST_RISE_K)


@compilable
def saturated_rise_k(heat_kw: float, air_kg_s: float, wet_bulb_c: float, pressure_pa: float) -> float:
    """Rise of the air's wet bulb in K that takes up a heat: inverse of the enthalpy of saturated air.

    >>> round(saturated_rise_k(25.0, 0.66, 25.6, 101325.0), 4)
    7.4357
    """
    h = saturated_enthalpy_kj_kg(wet_bulb_c, pressure_pa)
    return _leaving_rise_k(heat_kw / air_kg_s, wet_bulb_c, h, pressure_pa)


@compilable
def merkel_design_ua_kw_per_k(
    heat_kw: float,
    range_k: float,
    approach_k: float,
    wet_bulb_c: float,
    humidity_ratio: float,
    pressure_pa: float,
    air_kg_s: float,
) -> float:
    """UA in kW/K of a tower that cools its water by ``range_k`` to ``approach_k`` above the wet bulb at full fan.

    0 where the air cannot take the heat: its wet bulb would leave above the entering water.

    >>> round(merkel_design_ua_kw_per_k(25.05, 5.5, 3.9, 25.6, 0.0207, 101325.0, 0.6735), 4)
    1.7793
    """
    rise_k = saturated_rise_k(heat_kw, air_kg_s, wet_bulb_c, pressure_pa)
    warm_k = approach_k + range_k - rise_k
    if warm_k <= 0.0 or approach_k <= 0.0:
        return 0.0
    share, _ = _log_mean_share(warm_k / approach_k - 1.0)
    cp = AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * humidity_ratio
    return cp * rise_k * air_kg_s / (share * approach_k)  # Q / LMTD times c_p / c_pe, and Q = m c_pe rise


@compilable
def _approach_k(
    heat_kw: float, range_k: float, base_kg_s: float, air_kg_s: float, air_ratio: float, rise_k: float
) -> float:
    """Approach at a fan speed, its wet-bulb rise at hand; ``base_kg_s`` is UA / c_p, ``air_kg_s`` that of full fan."""
    per_heat = base_kg_s * air_flow_factor(air_ratio) / (air_kg_s * air_ratio * rise_k)  # UA_e / Q
    x = min(max(per_heat * (range_k - rise_k), -500.0), 500.0)
    return x / math.expm1(x) / per_heat if abs(x) > 1e-9 else 1.0 / per_heat


@compilable
def _log_mean_share(grown: float) -> tuple[float, float]:
    """LMTD over the cold difference, (e^z - 1) / z with e^z - 1 = ``grown``, and the slope of its logarithm over z."""
    if abs(grown) < 1e-4:
        return 1.0 + 0.5 * grown, 0.5
    z = math.log(grown + 1.0)
    return grown / z, 1.0 + 1.0 / grown - 1.0 / z


@compilable
def _enthalpy_rise_kj_kg(
    heat_kw: float, air_ratio: float, span_k: float, cold_k: float, cold_loss: float, base_kg_s: float,
    air_kg_s: float, wet_bulb_c: float, h_kj_kg: float, pressure_pa: float,
) -> float:  # fmt: skip
    """Enthalpy rise Δh of the air at which LMTD = Q / UA_e, for water that enters ``span_k`` above the wet bulb.

    Two uses: the heat and the approach (``cold_k``, with ``cold_loss`` 0) are given and the air flow
    f = Q / Δh / m_full is found, or just that it is above 1 or below ``air_ratio``; or, with ``heat_kw`` 0, the air
    flow ``air_ratio`` is given and the approach is cold_k - cold_loss Δh.

    With a rise u of the wet bulb, Q / UA_e = κ u / ψ, κ = m_full / base and ψ = f_a(f) / f. In z = ln(warm / cold) of
    the two differences the equation is ln((e^z - 1) / z) = ln(κ u / (ψ cold)), whose left side is almost a straight
    line: Newton over y = ln(warm / span), in a bracket. Beyond full fan ψ is carried on: a root above 1 tells it.
    """
    kappa = air_kg_s / base_kg_s
    steep = cold_loss * _slope_kj_kg_k(wet_bulb_c + 0.4 * span_k, h_kj_kg)
    u = min((span_k + cold_k) / (1.0 + 1.75 * kappa + steep), 0.9 * span_k)
    cold = max(cold_k - steep * u, 0.02 * span_k)
    guess = math.log(kappa * u / (1.1 * cold))
    y = math.log(cold / span_k) + guess * (2.0 - 0.4 * guess)
    low, high = -30.0, -1e-9
    y = min(max(y, -6.0), -0.05)
    dh = 0.0
    for _ in range(STEPS):
        warm = span_k * math.exp(y)
        u = span_k - warm
        h = saturated_enthalpy_kj_kg(wet_bulb_c + u, pressure_pa)
        dh = max(h - h_kj_kg, 1e-9)
        steep = _slope_kj_kg_k(wet_bulb_c + u, h) / dh  # d ln Δh / du
        f = max(heat_kw / (dh * air_kg_s), 1e-9) if heat_kw > 0.0 else air_ratio
        psi = 1.3 - 0.3 * min(f, 3.0) if f > 0.2 else 0.248 / f
        cold = cold_k - cold_loss * dh
        if cold > 0.0:
            left, slope = _log_mean_share(warm / cold - 1.0)
            loss = cold_loss * dh * steep * warm / cold  # d ln cold / dy
            share = 0.0 if heat_kw <= 0.0 else (1.3 - psi) / psi if f > 0.2 else 1.0  # d ln ψ / d ln Δh
            slope = slope * (1.0 - loss) + loss + warm * (1.0 / u - share * steep)
            miss = math.log(left * psi * cold / (kappa * u))
            step = -miss / max(slope, 0.05)
            if abs(step) * warm < SETTLED_K:
                return dh * (1.0 - step * warm * steep)
            if heat_kw > 0.0 and ((f > 1.0 and miss < 0.0) or (f < air_ratio and miss > 0.0)):
                return dh
        else:
            miss, step = -1.0, 0.0
        if miss < 0.0:
            low = y
        else:
            high = y
        y = y + step if low < y + step < high else 0.5 * (max(low, -8.0) + high)
    return dh


@compilable
def merkel_tower(
    heat_kw: float, water_kg_s: float, water_design_kg_s: float, wet_bulb_c: float, setpoint_c: float,
    air_min_frac: float, free_convection_frac: float, humidity_ratio: float, pressure_pa: float,
    air_full_kg_s: float, ua_design_kw_per_k: float, wet_bulb_design_c: float,
) -> tuple[float, float, float, float]:  # fmt: skip
    """Leaving water of a Merkel tower with a variable-speed fan that rejects ``heat_kw``.

    Arguments up to ``free_convection_frac``, fan control and result as :func:`twin.physics.towers.yorkcalc_tower`, with
    the design water flow for the calibrated one. (EnergyPlus's Merkel tower does not cycle: it overcools at the lowest
    fan speed, and its fan-off regime is a UA and an air flow; here it is a share of capacity.)

    Parameters
    ----------
    humidity_ratio, pressure_pa
        Entering air, with ``wet_bulb_c``.
    air_full_kg_s
        Mass flow of dry air at full fan: its volume flow times the dry-air density now.
    ua_design_kw_per_k, wet_bulb_design_c
        UA by :func:`merkel_design_ua_kw_per_k` and the wet bulb it was found at.

    Returns
    -------
    leaving_c, air_ratio, fan_on_frac, clamped_count
        The count is 1 where the water flow is outside the .3..1 of its UA curve, or the wet bulb beyond its clamp.

    >>> x = merkel_tower(25.05, 1.0897, 1.0897, 20.0, 27.0, 0.2, 0.0, 0.012, 101325.0, 0.6735, 1.7148, 25.6)
    >>> [round(v, 4) for v in x]
    [27.0, 0.8144, 1.0, 0.0]
    """
    if heat_kw <= 0.0 or water_kg_s <= 0.0:
        return setpoint_c, 0.0, 0.0, 0.0
    water_kw_per_k = water_kg_s * WATER_CP_KJ_KG_K
    range_k = heat_kw / water_kw_per_k
    flow = water_kg_s / water_design_kg_s
    warmer = wet_bulb_factor(wet_bulb_design_c - wet_bulb_c)
    cp = AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * humidity_ratio
    base = ua_design_kw_per_k * water_flow_factor(flow) * warmer / cp
    clamped = 0.0 if 0.3 <= flow <= 1.0 + 1e-9 and 0.85 < warmer < 1.3 else 1.0
    h = saturated_enthalpy_kj_kg(wet_bulb_c, pressure_pa)
    wanted_k = setpoint_c - wet_bulb_c
    span_k = wanted_k + range_k
    if wanted_k > LEAST_RISE_K:
        if free_convection_frac > 0.0:
            off_c = wet_bulb_c + _unforced_k(heat_kw, range_k, base, air_full_kg_s, wet_bulb_c, h, pressure_pa,
                                             free_convection_frac)  # fmt: skip
            if off_c <= setpoint_c:
                return off_c, 0.0, 0.0, clamped
        dh = _enthalpy_rise_kj_kg(heat_kw, air_min_frac, span_k, wanted_k, 0.0, base, air_full_kg_s, wet_bulb_c, h,
                                  pressure_pa)  # fmt: skip
        ratio = heat_kw / (dh * air_full_kg_s)
        if ratio < air_min_frac:
            on_frac = _on_frac(range_k, span_k, water_kw_per_k, base, air_full_kg_s, wet_bulb_c, h, pressure_pa,
                               air_min_frac, free_convection_frac)  # fmt: skip
            return setpoint_c, air_min_frac, on_frac, clamped
        if ratio <= 1.0:
            return setpoint_c, ratio, 1.0, clamped
    rise_k = _leaving_rise_k(heat_kw / air_full_kg_s, wet_bulb_c, h, pressure_pa)
    approach_k = _approach_k(heat_kw, range_k, base, air_full_kg_s, 1.0, rise_k)
    return wet_bulb_c + approach_k, 1.0, 1.0, clamped


@compilable
def _unforced_k(
    heat_kw: float, range_k: float, base_kg_s: float, air_full_kg_s: float, wet_bulb_c: float, h_kj_kg: float,
    pressure_pa: float, free_convection_frac: float,
) -> float:  # fmt: skip
    """Approach with the fan off: the water whose range at full fan is that many times the range, leaving warmer."""
    full_kw, full_k = heat_kw / free_convection_frac, range_k / free_convection_frac
    rise_k = _leaving_rise_k(full_kw / air_full_kg_s, wet_bulb_c, h_kj_kg, pressure_pa)
    return _approach_k(full_kw, full_k, base_kg_s, air_full_kg_s, 1.0, rise_k) + full_k - range_k


@compilable
def _on_frac(
    range_k: float, span_k: float, water_kw_per_k: float, base_kg_s: float, air_full_kg_s: float, wet_bulb_c: float,
    h_kj_kg: float, pressure_pa: float, air_min_frac: float, free_convection_frac: float,
) -> float:  # fmt: skip
    """Share of the time that the fan runs at its lowest speed, for water entering ``span_k`` above the wet bulb."""
    free_k = 0.0
    if free_convection_frac > 0.0:
        loss = air_full_kg_s / water_kw_per_k
        free_k = (
            free_convection_frac
            * loss
            * _enthalpy_rise_kj_kg(
                0.0, 1.0, span_k, span_k, loss, base_kg_s, air_full_kg_s, wet_bulb_c, h_kj_kg, pressure_pa
            )
        )
    loss = air_min_frac * air_full_kg_s / water_kw_per_k
    slow_k = loss * _enthalpy_rise_kj_kg(
        0.0, air_min_frac, span_k, span_k, loss, base_kg_s, air_full_kg_s, wet_bulb_c, h_kj_kg, pressure_pa
    )
    on_frac = (range_k - free_k) / max(slow_k - free_k, 1e-9) if slow_k > range_k else 1.0
    return min(max(on_frac, 0.0), 1.0)
