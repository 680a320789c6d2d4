"""Hall air: the exact step of two heat stores, how rack and handler air mix, and the indices of that mixing."""

from __future__ import annotations

import math

from twin.compiled import compilable

SERIES_BELOW = 0.2  # |z| below which phi2 is summed as a series: its closed form loses digits there
SERIES_TERMS = 12  # z^10 / 12! is below 1e-15 there
ALIKE = 1e-7  # relative distance below which two rates count as equal
HIGHEST_EXPONENT = 500.0  # growth is cut here so that a runaway hall ends in a number, not in an exception


@compilable
def phi1(z: float) -> float:
    """(e^z - 1) / z, 1 at z = 0: what a store keeps, on average over a step, of where it started.

    >>> phi1(0.0), round(phi1(-1.0), 9)
    (1.0, 0.632120559)
    """
    x = min(z, HIGHEST_EXPONENT)
    return math.expm1(x) / x if x != 0.0 else 1.0


@compilable
def _phi2(x: float, gone: float) -> float:
    """(e^x - 1 - x) / x² with ``gone`` = e^x - 1 at hand; a series near 0."""
    if abs(x) >= SERIES_BELOW:
        return (gone - x) / (x * x)
    total = 1.0
    for k in range(SERIES_TERMS, 2, -1):
        total = 1.0 + x / k * total
    return 0.5 * total


@compilable
def phi2(z: float) -> float:
    """(e^z - 1 - z) / z², 1/2 at z = 0: what a steady forcing adds, on average over a step.

    >>> phi2(0.0), round(phi2(-1.0), 9), round(phi2(-1e-3), 12)
    (0.5, 0.367879441, 0.499833374992)
    """
    x = min(z, HIGHEST_EXPONENT)
    return _phi2(x, math.expm1(x))


@compilable
def one_node_step(rate_per_h: float, forcing_k_per_h: float, start: float, dt: float) -> tuple[float, float]:
    """Exact end and time-mean of dx/dt = rate x + forcing over a step; end - start = dt (rate mean + forcing).

    >>> [round(t, 6) for t in one_node_step(-1.0, 20.0, 30.0, 2.0)]
    [21.353353, 24.323324]
    """
    x = min(rate_per_h * dt, HIGHEST_EXPONENT)
    gone = math.expm1(x)
    f = gone / x if x != 0.0 else 1.0
    push = dt * forcing_k_per_h
    return (1.0 + gone) * start + f * push, f * start + _phi2(x, gone) * push


@compilable
def two_node_step(
    a11: float, a12: float, a21: float, a22: float, b1: float, b2: float, x1: float, x2: float, dt: float
) -> tuple[float, float, float, float]:
    """Exact end and time-mean of dx/dt = A x + b over a step, for two stores that exchange heat (a12 a21 >= 0).

    The eigenvalues are then real and the two modes, y1 = x1 + r12 x2 and y2 = x2 - r21 x1 with r12 r21 in 0..1, well
    apart; each runs by :func:`one_node_step`. A may be singular (an adiabatic hall). end - x = dt (A mean + b), so heat
    flows computed from the means balance the change of stored heat to rounding.

    Parameters
    ----------
    a11, a12, a21, a22
        Matrix, in 1/h for ``dt`` in h.
    b1, b2
        Forcing, K/h.
    x1, x2
        Temperatures at the start, degC.
    dt
        Length of the step, h; tested for |eigenvalue * dt| from 0 to 1e6.

    Returns
    -------
    x1_end, x2_end, x1_mean, x2_mean

    >>> [round(t, 6) for t in two_node_step(-1.0, 1.0, 0.05, -0.05, 0.0, 1.0, 20.0, 20.0, 2.0)]
    [21.108804, 21.94456, 20.424379, 20.978781]
    """
    middle, lean = 0.5 * (a11 + a22), 0.5 * (a11 - a22)
    gap = math.sqrt(lean * lean + max(a12 * a21, 0.0))
    if gap <= ALIKE * abs(middle) and (a12 != 0.0 or a21 != 0.0):
        lean = ALIKE * abs(middle) + 1e-300  # one-way coupling of equal stores has one mode only: set them apart
        gap = lean
    determinant = a11 * a22 - a12 * a21
    if middle <= 0.0:
        lower = middle - gap
        upper = determinant / lower if lower != 0.0 else 0.0
    else:
        upper = middle + gap
        lower = determinant / upper
    first, second = (upper, lower) if lean >= 0.0 else (lower, upper)
    q = lean + gap if lean >= 0.0 else lean - gap
    r12, r21 = (a12 / q, a21 / q) if q != 0.0 else (0.0, 0.0)
    share = 1.0 / (1.0 + r12 * r21)
    y1, m1 = one_node_step(first, share * (b1 + r12 * b2), share * (x1 + r12 * x2), dt)
    y2, m2 = one_node_step(second, share * (b2 - r21 * b1), share * (x2 - r21 * x1), dt)
    return y1 - r12 * y2, y2 + r21 * y1, m1 - r12 * m2, m2 + r21 * m1


@compilable
def uncooled_air_c(
    t_h: float, heat_kw: float, air_kwh_per_k: float, solid_kwh_per_k: float, exchange_kw_per_k: float, start_c: float
) -> float:
    """Hall air in degC a time after all cooling stopped at steady state: two nodes, closed form.

    Ta = T0 + P t / (Ca + Cs) + (P/Ca - P/(Ca + Cs)) τ (1 - e^(-t/τ)), τ = Ca Cs / ((Ca + Cs) hA): the rate falls from
    P/Ca to P/(Ca + Cs) (the structure of Khankari, ASHRAE LV-11-C026).

    >>> round(uncooled_air_c(120.0 / 3600.0, 500.0, 1810.8 / 3600.0, 41400.0 / 3600.0, 40.0, 22.0), 3)
    34.141
    """
    both = air_kwh_per_k + solid_kwh_per_k
    tau_h = air_kwh_per_k * solid_kwh_per_k / (both * exchange_kw_per_k)
    slow, fast = heat_kw / both, heat_kw / air_kwh_per_k
    return start_c + slow * t_h - (fast - slow) * tau_h * math.expm1(-t_h / tau_h)


@compilable
def leaked_shares(
    supply_kg_s: float, rack_kg_s: float, bypass_leak_frac: float, recirculation_leak_frac: float
) -> tuple[float, float]:
    """Bypass share of the supply air and recirculated share of the rack air, with leakage and unequal flows.

    At least the leaks bypass and recirculate; beyond them one stream is always free: excess supply bypasses, excess
    rack air recirculates, so that supply (1 - bypass) = rack (1 - recirculation).

    >>> [round(share, 9) for share in leaked_shares(12.0, 10.0, 0.05, 0.1)]
    [0.25, 0.1]
    """
    used = min(supply_kg_s * (1.0 - bypass_leak_frac), rack_kg_s * (1.0 - recirculation_leak_frac))
    bypass = 1.0 - used / supply_kg_s if supply_kg_s > 0.0 else 0.0
    recirculation = 1.0 - used / rack_kg_s if rack_kg_s > 0.0 else 0.0
    return bypass, recirculation


@compilable
def mixed_c(main_c: float, other_c: float, other_frac: float) -> float:
    """Temperature of two mixed air streams: rack inlet of supply and exhaust, or return of exhaust and supply.

    >>> mixed_c(18.0, 33.0, 0.2)
    21.0
    """
    return (1.0 - other_frac) * main_c + other_frac * other_c


@compilable
def inlet_c(supply_c: float, rack_rise_k: float, recirculation_frac: float) -> float:
    """Rack inlet in degC when a share of the rack air is its own exhaust: supply + φ / (1 - φ) ΔT.

    >>> inlet_c(18.0, 12.0, 0.2)
    21.0
    """
    return supply_c + recirculation_frac / (1.0 - recirculation_frac) * rack_rise_k


@compilable
def supply_heat_index(inlet_c: float, outlet_c: float, supply_c: float) -> float:
    """SHI = (inlet - supply) / (outlet - supply), flow-weighted means over racks; 0 without heat (Sharma et al. 2002).

    >>> supply_heat_index(21.0, 33.0, 18.0)
    0.2
    """
    span_k = outlet_c - supply_c
    return (inlet_c - supply_c) / span_k if span_k != 0.0 else 0.0


@compilable
def return_heat_index(inlet_c: float, outlet_c: float, supply_c: float) -> float:
    """RHI = 1 - SHI (Sharma et al. 2002).

    >>> return_heat_index(21.0, 33.0, 18.0)
    0.8
    """
    return 1.0 - supply_heat_index(inlet_c, outlet_c, supply_c)


@compilable
def return_temperature_index(return_c: float, supply_c: float, rack_rise_k: float) -> float:
    """RTI = (return - supply) / rack rise: above 1 air recirculates, below 1 it bypasses (Herrlin 2008).

    >>> return_temperature_index(27.0, 18.0, 12.0)
    0.75
    """
    return (return_c - supply_c) / rack_rise_k if rack_rise_k != 0.0 else 1.0


@compilable
def rack_cooling_index(outside_sum_k: float, racks: float, recommended_c: float, allowable_c: float) -> float:
    """RCI (0..1) = 1 - Σ excess / (n |allowable - recommended|), high or low side (Herrlin, ASHRAE 2005).

    ``outside_sum_k`` is the sum over racks of the inlet's distance beyond the recommended limit of that side.

    >>> rack_cooling_index(10.0, 10.0, 27.0, 32.0)
    0.8
    """
    return 1.0 - outside_sum_k / (racks * abs(allowable_c - recommended_c))


@compilable
def air_flow_kg_s(heat_kw: float, rise_k: float, cp_kj_kg_k: float) -> float:
    """Air flow in kg/s that carries a heat at a temperature rise.

    >>> round(air_flow_kg_s(1.0, 12.0, 1.006) / 1.2, 5)  # m3/s per kW at 1.2 kg/m3
    0.06903
    """
    return heat_kw / (cp_kj_kg_k * rise_k)
