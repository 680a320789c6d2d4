"""Physical constants and unit conversions: the only place where a conversion factor stands."""

from __future__ import annotations

KELVIN = 273.15  # 0 degC in K
SEA_LEVEL_PA = 101325.0  # standard atmosphere, ICAO
AIR_CP_KJ_KG_K = 1.006  # dry air, ASHRAE Fundamentals 2017 ch. 1 eq. 28
VAPOUR_CP_KJ_KG_K = 1.86  # water vapour, ASHRAE Fundamentals 2017 ch. 1 eq. 28
WATER_CP_KJ_KG_K = 4.186  # liquid water near 20 degC
WATER_KG_M3 = 998.0  # liquid water near 20 degC
SECONDS_PER_HOUR = 3600.0
MINUTES_PER_HOUR = 60.0
HOURS_PER_DAY = 24.0
DAYS_PER_YEAR = 365.0
W_PER_KW = 1000.0
L_PER_M3 = 1000.0
KW_PER_TON = 3.516853  # ton of refrigeration
KJ_PER_KWH = 3600.0
KG_PER_LB = 0.45359237
PA_PER_MBAR = 100.0
PA_PER_KPA = 1000.0
PA_PER_INHG = 3386.389  # at 0 degC
DURATION = r"^[1-9][0-9]{0,8}(s|min|h|d)$"  # how a time span is written: 30s, 10min, 2h, 7d
_UNITS_S = {"min": 60, "s": 1, "h": 3600, "d": 86400}


def seconds_of(text: str) -> int:
    """Seconds of ``5s``, ``15min``, ``1h`` or ``7d``.

    >>> seconds_of("15min"), seconds_of("7d")
    (900, 604800)
    """
    unit = next(unit for unit in _UNITS_S if text.endswith(unit))
    return int(text.removesuffix(unit)) * _UNITS_S[unit]
