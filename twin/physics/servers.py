"""Servers: power over load, air flow and fan power over inlet temperature, and EnergyPlus's ITE object.

Fractions are over the server's full power, load is 0..1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from twin.compiled import compilable

# Power over full power at load 0, .1, ... 1 of the 95th-percentile server of 2023: SPECpower_ssj2008 results as
# tabulated by the authors of LBNL-2001637 (SPEC_2024.xlsx).
SPECPOWER_2023 = (0.181, 0.359, 0.428, 0.494, 0.557, 0.611, 0.665, 0.721, 0.780, 0.870, 1.0)
FAN_EXPONENT = 1.4  # Fan, Weber & Barroso, ISCA 2007, doi:10.1145/1250662.1250665
WARMEST_C = 80.0  # inlet temperature beyond which nothing rises any more: no server runs there


@compilable
def table_power_frac(table: Sequence[float], load_frac: float) -> float:
    """Power over full power by linear interpolation in a table over equally spaced loads from 0 to 1; load is clamped.

    >>> round(table_power_frac(SPECPOWER_2023, 0.25), 3)
    0.461
    """
    last = len(table) - 1
    x = min(max(load_frac, 0.0), 1.0) * last
    if x != x:
        return x
    k = min(int(x), last - 1)
    return table[k] + (table[k + 1] - table[k]) * (x - k)


@compilable
def linear_power_frac(idle_frac: float, load_frac: float) -> float:
    """Power over full power, linear between idle and full. RMSE .061 over 14 servers of 2017-23: the table is better.

    >>> linear_power_frac(0.181, 0.5)
    0.5905
    """
    return idle_frac + (1.0 - idle_frac) * min(max(load_frac, 0.0), 1.0)


@compilable
def fan_power_model_frac(idle_frac: float, load_frac: float) -> float:
    """Power over full power of Fan et al. 2007: idle + (1 - idle) (2 u - u^1.4). RMSE .088 on servers of 2017-23.

    >>> round(fan_power_model_frac(0.181, 0.5), 4)
    0.6897
    """
    u = min(max(load_frac, 0.0), 1.0)
    if u == 0.0:
        return idle_frac
    return idle_frac + (1.0 - idle_frac) * (2.0 * u - u**1.4)


@compilable
def fan_speed_ratio(inlet_c: float, onset_c: float, rise_per_k: float, limit_ratio: float) -> float:
    """Speed (and air flow) of the server's fans over nominal: 1 up to the onset, then a rise per K, capped.

    Affinity: flow follows the speed, fan power its cube.

    >>> fan_speed_ratio(22.0, 25.0, 0.05, 2.0), round(fan_speed_ratio(29.0, 25.0, 0.05, 2.0), 3)
    (1.0, 1.2)
    """
    return min(1.0 + rise_per_k * max(inlet_c - onset_c, 0.0), limit_ratio)


@compilable
def warm_inlet_power_ratio(inlet_c: float, onset_c: float, rise_per_k: float) -> float:
    """Whole-server power over its power at the onset, linear in the inlet temperature and flat beyond 80 degC.

    Colocation study: .0035-.005 per K over 23-30 degC, fans and leakage together. Use this or explicit fans, not both.

    >>> round(warm_inlet_power_ratio(30.0, 23.0, 0.004), 4)
    1.028
    """
    return 1.0 + rise_per_k * max(min(inlet_c, WARMEST_C) - onset_c, 0.0)


@compilable
def leakage_power_ratio(junction_c: float, reference_c: float, rise_per_k: float, limit_ratio: float) -> float:
    """Leakage power over its value at the reference: exp(k (T - T0)), k .01-.02 per K, capped: heat never runs away.

    >>> round(leakage_power_ratio(70.0, 60.0, 0.015, 3.0), 4)
    1.1618
    """
    return min(math.exp(min(max(rise_per_k * (junction_c - reference_c), -50.0), 50.0)), limit_ratio)


@compilable
def ite_curve(c: Sequence[float], x: float, y: float) -> float:
    """Biquadratic c0 + c1 x + c2 x² + c3 y + c4 y² + c5 x y of the EnergyPlus ITE object, never below 0.

    x is the loading (0..1) and y the inlet air in degC.

    >>> round(ite_curve((-1.0, 1.0, 0.0, 0.06667, 0.0, 0.0), 0.5, 27.0), 5)
    1.30009
    """
    return max(c[0] + x * (c[1] + c[2] * x) + y * (c[3] + c[4] * y) + c[5] * (x * y), 0.0)


@compilable
def ite_power_kw(
    design_kw: float,
    fan_frac: float,
    load_frac: float,
    inlet_c: float,
    cpu_curve: Sequence[float],
    flow_curve: Sequence[float],
) -> tuple[float, float, float]:
    """CPU power in kW, fan power in kW and air flow over design of ElectricEquipment:ITE:AirCooled.

    EnergyPlus 25.2 engineering reference, with fan power proportional to the flow fraction.

    >>> cpu, fan, flow = ite_power_kw(50.0, 0.4, 1.0, 23.72, (-1, 1, 0, 0.06667, 0, 0), (-1.4, 0.9, 0, 0.1, 0, 0))
    >>> round(cpu, 2), round(fan, 2), round(flow, 3)
    (47.44, 37.44, 1.872)
    """
    flow = ite_curve(flow_curve, load_frac, inlet_c)
    cpu_kw = design_kw * (1.0 - fan_frac) * ite_curve(cpu_curve, load_frac, inlet_c)
    return cpu_kw, design_kw * fan_frac * flow, flow


@compilable
def ite_supply_loss_kw(cpu_kw: float, fan_kw: float, efficiency: float) -> float:
    """Loss in kW of the power supply as EnergyPlus counts it: (CPU + fan) (1 - η), 11 % less than P (1/η - 1) at .9.

    >>> round(ite_supply_loss_kw(47.443, 37.4406, 0.9), 4)
    8.4884
    """
    return (cpu_kw + fan_kw) * (1.0 - efficiency)
