"""Batteries: state of charge with its limits, ride-through of lead and lithium, and ageing in closed form.

The energy content is linear in charge and discharge; powers are at the terminals, >= 0 both. State of charge (0..1) is
energy over the capacity now.
"""

from __future__ import annotations

import math

from twin.compiled import compilable
from twin.units import KELVIN

ROUND_TRIP_FRAC = 0.90  # AC to AC .85-.92: quoted from memory
# Peukert exponents by make, ranges quoted by encyclopaedias and dealers: 1.05-1.15, 1.1-1.25, 1.2-1.6.
PEUKERT_EXPONENT = {"agm": 1.10, "gel": 1.175, "flooded": 1.40}
LIFE_HALVES_PER_K = 8.3  # lead cells on float: every 15 degF above 25 degC halves the life, makers' and IEEE 1188 rule
LIFE_RATED_C = 25.0  # temperature of the rated float life
END_OF_LIFE_FRAC = 0.8  # capacity at which lead cells are to be replaced (IEEE 450 and 1188)
# Float current of sound lead cells at 25 degC: 1 mA per Ah (typical value of EN 50272-2 table 1), at 2.25 V a cell,
# over the 2 Wh that an Ah holds at nominal voltage.
LEAD_FLOAT_KW_PER_KWH = 0.001 * 2.25 / 2.0

# LFP-graphite, 250 Ah prismatic: NREL BLAST-Lite (Lfp_Gr_250AhPrismatic), tests of doi:10.1016/j.est.2023.109042.
LFP_P1, LFP_P2, LFP_P3, LFP_CALENDAR_POWER = 8.37e4, -5.21e3, -3.56e3, 0.526
LFP_P4, LFP_P5, LFP_P6, LFP_P7, LFP_P8, LFP_CYCLE_POWER = 4.38e-8, 1.55e-8, 1.68e-7, 2.19e3, 1.55e5, 0.828


@compilable
def charge_limit_kw(
    soc_frac: float, most_soc_frac: float, energy_kwh: float, rate_per_h: float, efficiency_frac: float, dt_h: float
) -> float:
    """Most power in kW that can be charged for a step: C-rate, and the room up to the upper state of charge.

    >>> charge_limit_kw(0.5, 0.9, 100.0, 0.5, 0.95, 0.25), round(charge_limit_kw(0.85, 0.9, 100.0, 0.5, 0.95, 1.0), 4)
    (50.0, 5.2632)
    """
    room_kwh = max(most_soc_frac - soc_frac, 0.0) * energy_kwh
    return min(rate_per_h * energy_kwh, room_kwh / (efficiency_frac * dt_h))


@compilable
def discharge_limit_kw(
    soc_frac: float, least_soc_frac: float, energy_kwh: float, rate_per_h: float, efficiency_frac: float, dt_h: float
) -> float:
    """Most power in kW that can be drawn for a step: C-rate, and what is left above the lower state of charge.

    >>> [round(discharge_limit_kw(soc, 0.1, 100.0, 1.0, 0.95, 0.25), 6) for soc in (0.5, 0.15)]
    [100.0, 19.0]
    """
    left_kwh = max(soc_frac - least_soc_frac, 0.0) * energy_kwh
    return min(rate_per_h * energy_kwh, left_kwh * efficiency_frac / dt_h)


@compilable
def next_soc_frac(
    soc_frac: float, charge_kw: float, discharge_kw: float, charge_efficiency_frac: float,
    discharge_efficiency_frac: float, energy_kwh: float, dt_h: float,
) -> float:  # fmt: skip
    """State of charge after a step: SOC + (η_c P_c - P_d / η_d) Δt / E; keep powers within their limits.

    >>> next_soc_frac(0.2, 1.0, 0.0, 1.0, 1.0, 0.1, 0.05)  # .1 kWh, charged at 1 kW for 3 minutes
    0.7
    """
    net_kw = charge_efficiency_frac * charge_kw - discharge_kw / discharge_efficiency_frac
    return soc_frac + net_kw * dt_h / energy_kwh


@compilable
def battery_loss_kw(
    charge_kw: float, discharge_kw: float, charge_efficiency_frac: float, discharge_efficiency_frac: float
) -> float:
    """Heat in kW that charging and discharging give off: what goes in or comes out less the change of content.

    >>> round(battery_loss_kw(100.0, 0.0, 0.95, 0.95), 9), round(battery_loss_kw(0.0, 95.0, 0.95, 0.95), 9)
    (5.0, 5.0)
    """
    return charge_kw * (1.0 - charge_efficiency_frac) + discharge_kw * (1.0 / discharge_efficiency_frac - 1.0)


@compilable
def one_way_efficiency_frac(round_trip_frac: float) -> float:
    """Efficiency of charging, and of discharging, where both are alike: the root of the round trip's.

    >>> round(one_way_efficiency_frac(0.9025), 9)
    0.95
    """
    return math.sqrt(max(round_trip_frac, 0.0))


@compilable
def lithium_ride_through_h(
    load_kw: float, soc_frac: float, least_soc_frac: float, energy_kwh: float, efficiency_frac: float
) -> float:
    """Hours that a lithium battery carries a load: what is left above the lower state of charge times η over the load.

    No load: 1e9 h. The C-rate limit is apart.

    >>> lithium_ride_through_h(1000.0, 1.0, 0.1, 100.0, 0.95)
    0.0855
    """
    if load_kw <= 0.0:
        return 1e9
    return max(soc_frac - least_soc_frac, 0.0) * energy_kwh * efficiency_frac / load_kw


@compilable
def lead_ride_through_h(load_kw: float, rated_kwh: float, rated_h: float, exponent: float) -> float:
    """Hours that a full lead battery carries a load after Peukert (1897): t = H (E / (P H))^k.

    E is the energy at the rated duration H; current is taken in proportion to power. An empirical law for steady loads,
    good to some 10 % (its usual figure); rate the battery near the duration that it is for. No load: 1e9 h.

    >>> round(lead_ride_through_h(5.0, 100.0, 100.0, 1.2), 3)  # 100 Ah at 1 A, drawn at 5 A
    14.496
    """
    if load_kw <= 0.0 or rated_kwh <= 0.0:
        return 1e9 if rated_kwh > 0.0 else 0.0
    return rated_h * math.exp(exponent * math.log(rated_kwh / (load_kw * rated_h)))


@compilable
def lead_energy_kwh(load_kw: float, rated_kwh: float, rated_h: float, exponent: float) -> float:
    """Energy in kWh that a full lead battery gives at a load, Peukert; above the rated energy at slower discharge.

    >>> round(lead_energy_kwh(5.0, 100.0, 100.0, 1.2), 2), lead_energy_kwh(0.0, 100.0, 100.0, 1.2)
    (72.48, 0.0)
    """
    return load_kw * lead_ride_through_h(load_kw, rated_kwh, rated_h, exponent) if load_kw > 0.0 else 0.0


@compilable
def lead_float_life_ratio(temperature_c: float) -> float:
    """Float life of lead cells over that at 25 degC: halved for every 8.3 K above it, not longer below.

    >>> lead_float_life_ratio(20.0), round(lead_float_life_ratio(33.3), 9)
    (1.0, 0.5)
    """
    return math.exp(-math.log(2.0) * max(temperature_c - LIFE_RATED_C, 0.0) / LIFE_HALVES_PER_K)


@compilable
def lead_capacity_frac(age: float, life: float) -> float:
    """Capacity of lead cells over rated at an age, in the unit of the life: 80 % at its end.

    The end points are IEEE 450's and 1188's; the straight line between and beyond them is an assumption. Cells hold
    more in their first years and fall faster near the end. Never below 0.

    >>> lead_capacity_frac(0.0, 10.0), round(lead_capacity_frac(5.0, 10.0), 9), round(lead_capacity_frac(10.0, 10.0), 9)
    (1.0, 0.9, 0.8)
    """
    return max(1.0 - (1.0 - END_OF_LIFE_FRAC) * age / life, 0.0) if life > 0.0 else 0.0


@compilable
def graphite_potential_v(soc_frac: float) -> float:
    """Potential in V of the graphite electrode over the state of charge of the cell (BLAST-Lite).

    >>> round(graphite_potential_v(0.5), 6), round(graphite_potential_v(0.95), 6)
    (0.123304, 0.08713)
    """
    x = 8.5e-3 + min(max(soc_frac, 0.0), 1.0) * (0.78 - 8.5e-3)
    return (
        0.6379
        + 0.5416 * math.exp(-305.5309 * x)
        - 0.044 * math.tanh((x - 0.1958) / 0.1088)
        - 0.1978 * math.tanh((x - 1.0571) / 0.0854)
        - 0.6875 * math.tanh((x + 0.0117) / 0.0529)
        - 0.0175 * math.tanh((x - 0.5692) / 0.0875)
    )


@compilable
def lfp_calendar_rate(temperature_c: float, soc_frac: float) -> float:
    """Coefficient of calendar ageing of LFP: loss = k days^.526; tested at all states of charge.

    >>> round(1.0 - lfp_calendar_rate(30.0, 0.95) * power(3650.0, LFP_CALENDAR_POWER), 4)  # ten years on float
    0.9227
    """
    kelvin = max(temperature_c + KELVIN, 200.0)
    return LFP_P1 * math.exp(LFP_P2 / kelvin) * math.exp(LFP_P3 * graphite_potential_v(soc_frac) / kelvin)


@compilable
def lfp_cycle_rate(temperature_c: float, depth_frac: float, rate_per_h: float) -> float:
    """Coefficient of cycle ageing of LFP: loss = k cycles^.828 over equivalent full cycles; 10..45 degC (clamped).

    ``depth_frac`` is the depth of discharge (tested .8-1), ``rate_per_h`` the mean C-rate of charge and discharge.

    >>> round(1.0 - lfp_cycle_rate(25.0, 0.9, 0.0625) * power(2920.8, LFP_CYCLE_POWER), 4)
    0.9217
    """
    kelvin = min(max(temperature_c, 10.0), 45.0) + KELVIN
    return (LFP_P4 + LFP_P5 * depth_frac + LFP_P6 * rate_per_h) * (
        math.exp(LFP_P7 / kelvin) + math.exp(-LFP_P8 / kelvin)
    )


@compilable
def power(base: float, exponent: float) -> float:
    """``base ** exponent``, 0 at base 0 and below, in the form that is equal in plain and compiled code."""
    return math.exp(exponent * math.log(base)) if base > 0.0 else 0.0


@compilable
def aged_loss_frac(loss_frac: float, rate: float, exponent: float, more: float) -> float:
    """Capacity loss after ``more`` days or cycles at a rate, along loss = rate x^exponent from where the loss stands.

    Steps of any length add up: the loss so far is read as a time at the present rate.

    >>> half = aged_loss_frac(0.0, 0.001, 0.5, 50.0)
    >>> round(aged_loss_frac(half, 0.001, 0.5, 50.0), 9)
    0.01
    """
    if rate <= 0.0:
        return loss_frac
    return rate * power(power(max(loss_frac, 0.0) / rate, 1.0 / exponent) + more, exponent)
