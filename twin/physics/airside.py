"""What outdoor air that is let into a hall needs to become supply air: mixing, evaporation, or mechanical cooling.

The regions of the psychrometric chart of an air-side economizer with an adiabatic stage (Lei & Masanet 2022,
doi:10.1016/j.resconrec.2022.106323, their large air-side archetype; ASHRAE Fundamentals 2017 ch. 1 for the processes).
Temperatures are those before the fan. Flows of air are of dry air; humidity is per kg of dry air.
"""

from __future__ import annotations

from twin.compiled import compilable
from twin.physics.fluids import VAPOUR_KJ_KG
from twin.units import AIR_CP_KJ_KG_K, VAPOUR_CP_KJ_KG_K, WATER_CP_KJ_KG_K

# How outdoor air becomes supply air, from the coldest weather to the warmest, and not at all.
CLOSED, MIXED, PLAIN, EVAPORATIVE, TRIMMED = 0.0, 1.0, 2.0, 3.0, 4.0
LEAST_DEPRESSION_K = 1e-9  # a stage that cools by less than this does nothing


@compilable
def _taken_up_kj_kg(outdoor_c: float, outdoor_ratio: float, wet_c: float, wet_ratio: float) -> float:
    """L of the line (1.006 + 1.86 W) T + L W = constant through two states of one wet bulb (F1 eq. 33 and 35)."""
    entering = (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * outdoor_ratio) * outdoor_c
    return (entering - (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * wet_ratio) * wet_c) / (wet_ratio - outdoor_ratio)


@compilable
def humidity_on_line(t_c: float, outdoor_c: float, outdoor_ratio: float, wet_c: float, wet_ratio: float) -> float:
    """Humidity ratio of outdoor air that a stage has cooled to ``t_c``; at its full effect it has ``wet_c, wet_ratio``.

    >>> round(humidity_on_line(30.0, 35.0, 0.007, 25.0, 0.01111), 5)
    0.00905
    """
    t = min(max(t_c, wet_c), outdoor_c)
    if outdoor_c - wet_c < LEAST_DEPRESSION_K or wet_ratio <= outdoor_ratio:
        return outdoor_ratio
    heat = _taken_up_kj_kg(outdoor_c, outdoor_ratio, wet_c, wet_ratio)
    constant = (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * outdoor_ratio) * outdoor_c + heat * outdoor_ratio
    return (constant - AIR_CP_KJ_KG_K * t) / (heat + VAPOUR_CP_KJ_KG_K * t)


@compilable
def temperature_on_line(ratio: float, outdoor_c: float, outdoor_ratio: float, wet_c: float, wet_ratio: float) -> float:
    """Temperature in degC at which the same air has a humidity ratio, clamped to the ends of the line.

    >>> round(temperature_on_line(0.00905, 35.0, 0.007, 25.0, 0.01111), 1)
    30.0
    >>> round(temperature_on_line(0.02, 35.0, 0.007, 25.0, 0.01111), 6)
    25.0
    """
    if outdoor_c - wet_c < LEAST_DEPRESSION_K or wet_ratio <= outdoor_ratio:
        return outdoor_c
    w = min(max(ratio, outdoor_ratio), wet_ratio)
    heat = _taken_up_kj_kg(outdoor_c, outdoor_ratio, wet_c, wet_ratio)
    entering = (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * outdoor_ratio) * outdoor_c
    at_c = (entering - heat * (w - outdoor_ratio)) / (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * w)
    return min(max(at_c, wet_c), outdoor_c)


@compilable
def treated_outdoor_air(
    outdoor_c: float, outdoor_ratio: float, wet_c: float, wet_ratio: float,
    low_c: float, high_c: float, low_ratio: float, high_ratio: float,
) -> tuple[float, float, float]:  # fmt: skip
    """What outdoor air alone becomes: as much evaporation as humidity and then temperature ask for, and no more.

    Evaporation goes on to ``low_ratio`` (moisture of the window), and further to ``high_c`` while the air is warmer;
    it stops at ``high_ratio`` and at the stage's full effect. Below ``low_c`` the air has to be mixed with return air.

    Parameters
    ----------
    outdoor_c, outdoor_ratio
        Outdoor air, degC and kg/kg.
    wet_c, wet_ratio
        The same behind the stage at its full effect; equal to outdoor air where there is no stage.
    low_c, high_c
        Lowest temperature of the supply air, and the one that mechanical cooling holds, before the fan.
    low_ratio, high_ratio
        Limits of the supply air's humidity ratio.

    Returns
    -------
    mode, leaving_c, leaving_ratio
        :data:`MIXED` (then ``leaving_c`` is ``low_c`` and the humidity that of outdoor air, or the limit),
        :data:`PLAIN`, :data:`EVAPORATIVE`, or :data:`TRIMMED` where the air is still warmer than ``high_c``.

    >>> [treated_outdoor_air(t, 0.006, t - 6.0, 0.0084, 18.0, 27.0, 0.004, 0.012)[:2] for t in (0.0, 22.0, 30.0, 36.0)]
    [(1.0, 18.0), (2.0, 22.0), (3.0, 27.0), (4.0, 30.0)]
    """
    wanted_ratio = max(low_ratio, outdoor_ratio)
    moist_c = temperature_on_line(wanted_ratio, outdoor_c, outdoor_ratio, wet_c, wet_ratio)
    if moist_c < low_c:
        return MIXED, low_c, wanted_ratio
    bound_c = temperature_on_line(max(high_ratio, wanted_ratio), outdoor_c, outdoor_ratio, wet_c, wet_ratio)
    leaving_c = min(moist_c, max(high_c, bound_c))
    leaving_ratio = humidity_on_line(leaving_c, outdoor_c, outdoor_ratio, wet_c, wet_ratio)
    if leaving_c > high_c + LEAST_DEPRESSION_K:
        return TRIMMED, leaving_c, leaving_ratio
    return EVAPORATIVE if outdoor_c - leaving_c > LEAST_DEPRESSION_K else PLAIN, leaving_c, leaving_ratio


@compilable
def cooling_per_moisture_k(leaving_c: float, wet_bulb_c: float, cp_kj_kg_k: float) -> float:
    """Fall of temperature in K per kg/kg of water that air takes up from a wetted pad at its wet bulb.

    Enthalpy of adiabatic saturation, h + dW h_w(Twb) = h' (F1 eq. 33), for air that leaves at ``leaving_c``:
    (2501 + 1.86 T - 4.186 Twb) / cp, with the specific heat of the entering air per kg of dry air.

    >>> round(cooling_per_moisture_k(24.0, 16.0, 1.02), 1)
    2430.1
    """
    return (VAPOUR_KJ_KG + VAPOUR_CP_KJ_KG_K * leaving_c - WATER_CP_KJ_KG_K * wet_bulb_c) / cp_kj_kg_k


@compilable
def mixing_share(
    leaving_c: float, leaving_ratio: float, return_c: float, return_ratio: float, outdoor_c: float,
    outdoor_ratio: float, per_moisture_k: float,
) -> float:  # fmt: skip
    """Share of outdoor air (0..1) in a mixture that, moistened to ``leaving_ratio``, has ``leaving_c``.

    The mixture is linear in temperature and humidity ratio and falls by ``per_moisture_k`` times what it takes up; with
    0 for that: :func:`twin.physics.evaporative.outdoor_air_frac`. 0 where return air is no warmer than wanted.

    >>> mixing_share(20.0, 0.005, 35.0, 0.005, 5.0, 0.002, 0.0)
    0.5
    >>> round(mixing_share(20.0, 0.005, 35.0, 0.005, 5.0, 0.002, 2450.0), 6)  # 15 K of 30 K and 3 g/kg
    0.401606
    """
    apart_k = return_c - outdoor_c + per_moisture_k * (return_ratio - outdoor_ratio)
    if apart_k <= 0.0:
        return 0.0
    wanted_k = return_c - leaving_c - per_moisture_k * (leaving_ratio - return_ratio)
    return min(max(wanted_k / apart_k, 0.0), 1.0)


@compilable
def evaporation_limit_k(leaving_c: float, wet_bulb_c: float, effectiveness_frac: float) -> float:
    """Most by which a stage can have cooled air that leaves at ``leaving_c``: T - T' = e / (1 - e) (T' - Twb).

    From T' = T - e (T - Twb) solved for T.

    >>> round(evaporation_limit_k(20.0, 15.0, 0.8), 9)
    20.0
    """
    e = min(max(effectiveness_frac, 0.0), 0.99)
    return e / (1.0 - e) * max(leaving_c - wet_bulb_c, 0.0)
