"""Reuse of waste heat: the share that is warm enough to be used as it is, and heat pumps for the rest.

COP after Lorenz: that of an ideal machine whose streams change temperature, times an efficiency (Lorenz 1894; Reinholdt
et al. 2018, doi:10.18462/iir.gl.2018.1380; Pieper et al. 2020, doi:10.1016/j.energy.2020.117994, who find a constant
efficiency good near its design point only).
"""

from __future__ import annotations

import math

from twin.compiled import compilable
from twin.units import KELVIN

LORENZ_EFFICIENCY_FRAC = 0.50  # large heat pumps .45-.55: from memory, no figure of a published survey behind it
LEAST_LIFT_K = 5.0  # mean temperatures nearer than this count as this far apart: no machine follows the ideal there
ALIKE = 1e-9  # relative difference of two temperatures below which their mean is the arithmetic one


@compilable
def mean_temperature_k(first_c: float, second_c: float) -> float:
    """Entropic mean in K of a stream that changes temperature: (T1 - T2) / ln(T1 / T2).

    >>> round(mean_temperature_k(40.0, 70.0), 3), mean_temperature_k(20.0, 20.0)
    (327.921, 293.15)
    """
    first, second = first_c + KELVIN, second_c + KELVIN
    if abs(first - second) <= ALIKE * abs(first) or first <= 0.0 or second <= 0.0:
        return 0.5 * (first + second)
    return (first - second) / math.log(first / second)


@compilable
def lorenz_cop(sink_in_c: float, sink_out_c: float, source_in_c: float, source_out_c: float) -> float:
    """Heating COP of the ideal machine between two streams: T_h / (T_h - T_c) of their mean temperatures.

    The lift is taken as at least 5 K.

    >>> round(lorenz_cop(40.0, 70.0, 30.0, 20.0), 4)
    11.0043
    """
    hot = mean_temperature_k(sink_in_c, sink_out_c)
    return hot / max(hot - mean_temperature_k(source_in_c, source_out_c), LEAST_LIFT_K)


@compilable
def heat_pump_cop(
    sink_in_c: float, sink_out_c: float, source_in_c: float, source_out_c: float, efficiency_frac: float
) -> float:
    """Heating COP of a real heat pump: Lorenz COP times an efficiency, at least 1.

    >>> round(heat_pump_cop(40.0, 70.0, 30.0, 20.0, 0.5), 4)
    5.5022
    """
    return max(efficiency_frac * lorenz_cop(sink_in_c, sink_out_c, source_in_c, source_out_c), 1.0)


@compilable
def heat_pump_from_source(source_kw: float, cop: float) -> tuple[float, float]:
    """Electricity and heat to the sink in kW of a heat pump that takes ``source_kw``; sink = source + electricity.

    At a COP of 1 no heat can be taken: 0, 0.

    >>> heat_pump_from_source(800.0, 5.0)
    (200.0, 1000.0)
    """
    if cop <= 1.0:
        return 0.0, 0.0
    electricity_kw = source_kw / (cop - 1.0)
    return electricity_kw, source_kw + electricity_kw


@compilable
def heat_pump_for_sink(sink_kw: float, cop: float) -> tuple[float, float]:
    """Electricity and heat taken from the source in kW for a demand at the sink; source = sink - electricity.

    >>> heat_pump_for_sink(1000.0, 5.0)
    (200.0, 800.0)
    """
    electricity_kw = sink_kw / max(cop, 1.0)
    return electricity_kw, sink_kw - electricity_kw


@compilable
def direct_share_frac(
    source_hot_c: float, source_cold_c: float, sink_return_c: float, sink_supply_c: float, pinch_k: float
) -> float:
    """Share of a stream's heat (0..1) that a counterflow exchanger can give to a network at the temperature it needs.

    Nothing where the stream does not enter warmer than the network's supply by the pinch; else that part of its cooling
    which lies above the network's return by the pinch (pinch analysis, Linnhoff & Hindmarsh 1983, for two streams of
    which the network's flow follows).

    >>> direct_share_frac(45.0, 30.0, 30.0, 42.0, 3.0), direct_share_frac(45.0, 30.0, 25.0, 55.0, 3.0)
    (0.8, 0.0)
    """
    if source_hot_c < sink_supply_c + pinch_k or source_hot_c <= source_cold_c:
        return 0.0
    return min(max((source_hot_c - sink_return_c - pinch_k) / (source_hot_c - source_cold_c), 0.0), 1.0)


@compilable
def reused_kw(available_kw: float, share_frac: float, demand_kw: float) -> float:
    """Heat in kW that goes into reuse: the share of what is available, up to the demand, never below 0.

    >>> reused_kw(1000.0, 0.8, 500.0), reused_kw(1000.0, 0.25, 500.0)
    (500.0, 250.0)
    """
    return max(min(available_kw * share_frac, demand_kw), 0.0)
