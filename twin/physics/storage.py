"""Chilled-water storage tanks: two zones with a moving thermocline, and ten nodes.

The two-zone tank has an ideal thermocline; what mixing and the thermocline's thickness cost is its figure of merit: the
share of the ideal capacity that can be discharged (Dorgan & Elleson 1993, Design Guide for Cool Thermal Storage).
The ten-node tank mixes by itself: upwind flow between nodes, conduction and gain, one implicit step (energy balances of
EnergyPlus 25.2 ThermalStorage:ChilledWater:Stratified, without its mixing of inversions). Charging, cold water enters
the bottom and warm water leaves the top; discharging, the other way round. Both conserve energy to rounding.
"""

from __future__ import annotations

import math

from twin.compiled import compilable
from twin.units import KJ_PER_KWH, WATER_CP_KJ_KG_K, WATER_KG_M3

FIGURE_OF_MERIT_FRAC = 0.90  # stratified tanks .85-.95; a usual range quoted from memory, no measurement behind it
LEAST_ZONE_FRAC = 1e-12  # zones smaller than this hold nothing: their temperature is that of what enters


@compilable
def tank_kwh_per_k(volume_m3: float) -> float:
    """Heat capacity of a tank full of water in kWh/K.

    >>> round(tank_kwh_per_k(1000.0), 3)
    1160.452
    """
    return volume_m3 * WATER_KG_M3 * WATER_CP_KJ_KG_K / KJ_PER_KWH


@compilable
def tank_capacity_kwh(volume_m3: float, span_k: float, merit_frac: float) -> float:
    """Cooling in kWh that a full tank gives over a temperature span: V ρ cp ΔT times the figure of merit.

    >>> round(tank_capacity_kwh(1000.0, 10.0, 1.0), 1)
    11604.5
    """
    return tank_kwh_per_k(volume_m3) * span_k * merit_frac


@compilable
def _joined_c(first_frac: float, first_c: float, second_frac: float, second_c: float) -> float:
    """Temperature of two volumes put together."""
    total = first_frac + second_frac
    return (first_frac * first_c + second_frac * second_c) / total if total > LEAST_ZONE_FRAC else second_c


@compilable
def two_zone_exchange(
    cold_frac: float, cold_c: float, warm_c: float, wanted_frac: float, entering_c: float, merit_frac: float
) -> tuple[float, float, float, float, float]:
    """Move water through a two-zone tank: charge with ``wanted_frac`` > 0, discharge with < 0.

    Parameters
    ----------
    cold_frac, cold_c, warm_c
        Share of the tank below the thermocline (0..1) and the temperatures of the two zones.
    wanted_frac, entering_c
        Volume over that of the tank, and its temperature: cold water into the bottom, or warm into the top.
    merit_frac
        Figure of merit: discharge ends with 1 - merit of the tank left, charge with the tank full.

    Returns
    -------
    cold_frac, cold_c, warm_c, moved_frac, leaving_c
        ``moved_frac`` is what could be moved, with the sign of what was wanted; what leaves has the temperature of the
        other zone. Heat capacity times (moved (entering - leaving)) is the change of stored heat.

    >>> [round(x, 6) for x in two_zone_exchange(0.5, 6.0, 16.0, 0.25, 4.0, 0.9)]
    [0.75, 5.333333, 16.0, 0.25, 16.0]
    >>> [round(x, 6) for x in two_zone_exchange(0.5, 6.0, 16.0, -0.6, 16.0, 0.9)]
    [0.1, 6.0, 16.0, -0.4, 6.0]
    """
    if wanted_frac >= 0.0:
        moved = min(wanted_frac, max(1.0 - cold_frac, 0.0))
        joined_c = _joined_c(cold_frac, cold_c, moved, entering_c) if moved > 0.0 else cold_c
        return cold_frac + moved, joined_c, warm_c, moved, warm_c
    moved = min(-wanted_frac, max(cold_frac - (1.0 - merit_frac), 0.0))
    joined_c = _joined_c(1.0 - cold_frac, warm_c, moved, entering_c) if moved > 0.0 else warm_c
    return cold_frac - moved, cold_c, joined_c, -moved, cold_c


@compilable
def two_zone_gain(
    cold_frac: float, cold_c: float, warm_c: float, ambient_c: float, ua_kw_per_k: float, tank_kwh_per_k: float,
    dt_h: float,
) -> tuple[float, float, float]:  # fmt: skip
    """Both zones after heat gain from outside, exactly, and the heat gained in kWh (negative where they lose).

    Each zone has its share of the wall, so both approach the surroundings at the rate UA / C.

    >>> [round(x, 6) for x in two_zone_gain(0.5, 6.0, 16.0, 26.0, 1.0, 1000.0, 24.0)]
    [6.474286, 16.237143, 355.714354]
    """
    gone = -math.expm1(-ua_kw_per_k * dt_h / tank_kwh_per_k)
    cold_k, warm_k = gone * (ambient_c - cold_c), gone * (ambient_c - warm_c)
    gained = tank_kwh_per_k * (cold_frac * cold_k + (1.0 - cold_frac) * warm_k)
    return cold_c + cold_k, warm_c + warm_k, gained


@compilable
def two_zone_cooling_kwh(cold_frac: float, cold_c: float, warm_c: float, tank_kwh_per_k: float) -> float:
    """Cooling in kWh that the cold zone holds against the warm zone's temperature.

    >>> two_zone_cooling_kwh(0.5, 6.0, 16.0, 1000.0)
    5000.0
    """
    return tank_kwh_per_k * cold_frac * (warm_c - cold_c)


@compilable
def _onward(
    old_c: float, share: float, before_share: float, before_c: float, flow: float, gain: float, ambient_c: float,
    neighbours: float,
) -> tuple[float, float]:  # fmt: skip
    """One node of the forward sweep of the tridiagonal system: its coefficient on the next node, and its constant."""
    pivot = 1.0 + flow + gain + share * neighbours - (share + flow) * before_share
    return share / pivot, (old_c + gain * ambient_c + (share + flow) * before_c) / pivot


@compilable
def ten_nodes_along_flow(
    nodes_c: tuple[float, ...], entering_c: float, flow_frac: float, conduction: float, gain: float, ambient_c: float
) -> tuple[float, float, float, float, float, float, float, float, float, float]:
    """Ten equal nodes a step later, node 0 where the water enters, node 9 where it leaves at its new temperature.

    Implicit upwind: stable for any step, and no node leaves the range of the temperatures given. The change of the sum
    of the nodes is flow (entering - node 9) + gain Σ (ambient - node).

    Parameters
    ----------
    nodes_c
        Temperatures at the start, indexable, ten of them.
    flow_frac
        Water through the tank in the step over the volume of **one node**, >= 0.
    conduction, gain
        Conductance between neighbours, and of one node to its surroundings, times the step, over one node's capacity.

    >>> t = ten_nodes_along_flow((16.0,) * 10, 6.0, 5.0, 0.0, 0.0, 20.0)
    >>> round(t[0], 6), round(t[9], 6), round(160.0 - sum(t) - 5.0 * (t[9] - 6.0), 9)
    (7.666667, 14.384944, 0.0)
    """
    k, f, g, a = conduction, flow_frac, gain, ambient_c
    pivot = 1.0 + f + g + k
    s0, d0 = k / pivot, (nodes_c[0] + f * entering_c + g * a) / pivot
    s1, d1 = _onward(nodes_c[1], k, s0, d0, f, g, a, 2.0)
    s2, d2 = _onward(nodes_c[2], k, s1, d1, f, g, a, 2.0)
    s3, d3 = _onward(nodes_c[3], k, s2, d2, f, g, a, 2.0)
    s4, d4 = _onward(nodes_c[4], k, s3, d3, f, g, a, 2.0)
    s5, d5 = _onward(nodes_c[5], k, s4, d4, f, g, a, 2.0)
    s6, d6 = _onward(nodes_c[6], k, s5, d5, f, g, a, 2.0)
    s7, d7 = _onward(nodes_c[7], k, s6, d6, f, g, a, 2.0)
    s8, d8 = _onward(nodes_c[8], k, s7, d7, f, g, a, 2.0)
    _, t9 = _onward(nodes_c[9], k, s8, d8, f, g, a, 1.0)
    t8 = d8 + s8 * t9
    t7 = d7 + s7 * t8
    t6 = d6 + s6 * t7
    t5 = d5 + s5 * t6
    t4 = d4 + s4 * t5
    t3 = d3 + s3 * t4
    t2 = d2 + s2 * t3
    t1 = d1 + s1 * t2
    return d0 + s0 * t1, t1, t2, t3, t4, t5, t6, t7, t8, t9
