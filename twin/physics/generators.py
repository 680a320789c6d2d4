"""Generators: fuel by load, and what they draw while they stand by.

Fuel flow is piecewise linear in load (Willans lines), through the points of a map of efficiencies at 25, 50, 75 and
100 % load; below the lowest point its line goes on, so that a machine without load still burns fuel.
"""

from __future__ import annotations

from twin.compiled import compilable

LOADS_FRAC = (0.25, 0.50, 0.75, 1.00)
# Electric efficiency on the lower heating value, 0..1, at those loads.
MAPS = {
    "typical": (0.32, 0.38, 0.40, 0.40),  # quoted from memory: a large modern set, no published sheet behind it
    "chart": (0.3087, 0.3665, 0.3842, 0.3754),  # 1 MW: 81.8, 137.8, 197.2, 269.1 L/h, dealers' chart of diesel sets
}
DIESEL_KWH_PER_L = 9.9  # lower heating value, as the published fuel factors of the ISO/IEC 30134 metrics have it
# Jacket heater and battery charger, over rating, all the time: .001-.003, from memory, for sets of some MW. Small sets
# take more: 1.8 kW heater of a 60 kW set on for 4755 h a year (E3TNW item 381, Bonneville Power) is .016.
STANDBY_FRAC = 0.002


@compilable
def _fuel_at(efficiencies: tuple[float, ...], i: int) -> float:
    """Fuel power over rated electric power at a point of the map."""
    return LOADS_FRAC[i] / efficiencies[i]


@compilable
def fuel_frac(load_frac: float, efficiencies: tuple[float, ...]) -> float:
    """Fuel power over rated electric power of a running set at a load over rating (0..1.1, clamped).

    >>> [round(x / fuel_frac(x, MAPS["typical"]), 4) for x in (0.25, 0.5, 0.75, 1.0)]
    [0.32, 0.38, 0.4, 0.4]
    >>> round(fuel_frac(0.0, MAPS["typical"]), 5)
    0.24671
    """
    x = min(max(load_frac, 0.0), 1.1)
    i = 2 if x > LOADS_FRAC[2] else (1 if x > LOADS_FRAC[1] else 0)
    low, high = _fuel_at(efficiencies, i), _fuel_at(efficiencies, i + 1)
    return max(low + (x - LOADS_FRAC[i]) / (LOADS_FRAC[i + 1] - LOADS_FRAC[i]) * (high - low), x)


@compilable
def fuel_kw(load_kw: float, rated_kw: float, units: float, efficiencies: tuple[float, ...]) -> float:
    """Fuel power in kW (lower heating value) of ``units`` equal sets that share a load; 0 with none running.

    >>> round(fuel_kw(1000.0, 1000.0, 1.0, MAPS["typical"]), 3), round(fuel_kw(1000.0, 1000.0, 2.0, MAPS["typical"]), 3)
    (2500.0, 2631.579)
    """
    if units <= 0.0 or rated_kw <= 0.0:
        return 0.0
    return units * rated_kw * fuel_frac(load_kw / (units * rated_kw), efficiencies)


@compilable
def fuel_volume(fuel_kwh: float, kwh_per_unit: float) -> float:
    """Fuel in its own unit, such as L, of an energy in kWh, both on the lower heating value.

    >>> round(fuel_volume(2500.0, DIESEL_KWH_PER_L), 3)
    252.525
    """
    return fuel_kwh / kwh_per_unit


@compilable
def standby_kw(rated_kw: float, standby_frac: float, running_units: float, units: float) -> float:
    """Electricity in kW for jacket heaters and chargers of the sets that stand by; running sets need none.

    >>> standby_kw(2500.0, 0.002, 0.0, 4.0), standby_kw(2500.0, 0.002, 3.0, 4.0)
    (20.0, 5.0)
    """
    return max(units - running_units, 0.0) * rated_kw * standby_frac
