"""Numbers as people read them: four significant digits, thousands apart, a unit of fitting size."""

from __future__ import annotations

import math

THIN = "\u202f"  # narrow no-break space
DIGITS = 4

# Unit -> units of the same quantity, largest first, each with its size; the first that gives at least 1 is used.
SCALES: dict[str, tuple[tuple[float, str], ...]] = {
    "kWh": ((1e6, "GWh"), (1e3, "MWh"), (1.0, "kWh")),
    "kW": ((1e3, "MW"), (1.0, "kW")),
    "kgCO2e": ((1e6, "kt CO2e"), (1e3, "t CO2e"), (1.0, "kg CO2e")),
}
SPELLED = {"degC": "°C", "m3": "m³", "m2": "m²", "kgCO2e/kWh": "kg CO2e/kWh", "1": "", "currency": ""}
DECIMALS = {"degC": 1, "1": 3}


def figure(value: float | None, unit: str) -> tuple[str, str]:
    """Number and unit for a screen.

    >>> figure(15_932_000.0, "kWh")
    ('15.93', 'GWh')
    >>> figure(31.26, "degC"), figure(1.4123, "1"), figure(None, "1")
    (('31.3', '°C'), ('1.412', ''), ('–', ''))
    """
    if value is None or not math.isfinite(value):
        return "–", SPELLED.get(unit, unit)
    size, name = _scale(value, unit)
    return _digits(value / size, unit), name


def unscaled(value: float, unit: str) -> tuple[str, str]:
    """Number and unit for a form that asks for this unit: whole from a thousand on.

    >>> unscaled(11_328_340.2, "kWh") == (f"11{THIN}328{THIN}340", "kWh")
    True
    >>> unscaled(0.17054, "L/kWh")
    ('0.1705', 'L/kWh')
    """
    name = SPELLED.get(unit, unit)
    return (whole(value), name) if abs(value) >= 1000.0 else (_digits(value, unit), name)


def share(fraction: float) -> str:
    """A fraction as percent with one decimal.

    >>> share(0.0734)
    '7.3 %'
    """
    return f"{100.0 * fraction:.1f} %"


def whole(value: float) -> str:
    """A number without decimals, thousands apart."""
    return f"{value:,.0f}".replace(",", THIN)


def _scale(value: float, unit: str) -> tuple[float, str]:
    scales = SCALES.get(unit, ((1.0, SPELLED.get(unit, unit)),))
    return next((scale for scale in scales if abs(value) >= scale[0]), scales[-1])


def _digits(value: float, unit: str) -> str:
    if value == int(value) and abs(value) < 1e15 and unit in ("1", "h"):
        return whole(value)
    if unit in DECIMALS and 0.01 <= abs(value) < 1000:
        return f"{value:.{DECIMALS[unit]}f}"
    if abs(value) < 1e-3:
        return f"{value:.2e}" if value else "0"
    decimals = DIGITS - 1 - math.floor(math.log10(abs(value)))
    return f"{round(value, decimals):,.{max(decimals, 0)}f}".replace(",", THIN)
