"""Air temperatures and humidities that IT equipment allows: ASHRAE TC 9.9 classes.

ASHRAE, Thermal Guidelines for Data Processing Environments, 5th ed. 2021, tables 2.1 and 2.2 (inlet air, powered on).
"""

from __future__ import annotations

from typing import NamedTuple

from twin.compiled import compilable

DERATE_ABOVE_M = 900.0  # altitude from which the allowable maximum falls, TC 9.9 2021 note to table 2.1


class Envelope(NamedTuple):
    """Limits of one class: dry bulb and dew point in degC, relative humidity 0..1, altitude derate in m per K."""

    recommended_low_c: float
    recommended_high_c: float
    allowable_low_c: float
    allowable_high_c: float
    dew_point_low_c: float
    dew_point_high_c: float
    rh_low_frac: float
    rh_high_frac: float
    derate_m_per_k: float


ENVELOPES = {
    "A1": Envelope(18.0, 27.0, 15.0, 32.0, -12.0, 17.0, 0.08, 0.80, 300.0),
    "A2": Envelope(18.0, 27.0, 10.0, 35.0, -12.0, 21.0, 0.08, 0.80, 300.0),
    "A3": Envelope(18.0, 27.0, 5.0, 40.0, -12.0, 24.0, 0.08, 0.85, 175.0),
    "A4": Envelope(18.0, 27.0, 5.0, 45.0, -12.0, 24.0, 0.08, 0.90, 125.0),
    "H1": Envelope(18.0, 22.0, 5.0, 25.0, -12.0, 17.0, 0.08, 0.80, 500.0),
}
RECOMMENDED_DEW_POINT_C = (-9.0, 15.0)  # recommended envelope of all classes, TC 9.9 2021 table 2.1
BEYOND_FRAC = 1e-6  # moisture counts as beyond a limit from this share of it on: rounding of a limit that is held
RECOMMENDED_RH_HIGH_FRAC = 0.60  # recommended envelope with corrosive gases unknown; .70 with clean air

# Highest facility water supply in degC by liquid class, TC 9.9 2021 table 3.1. "W+" is above 45.
WATER_CLASSES = {"W17": 17.0, "W27": 27.0, "W32": 32.0, "W40": 40.0, "W45": 45.0}


@compilable
def derated_high_c(allowable_high_c: float, altitude_m: float, derate_m_per_k: float) -> float:
    """Highest allowable dry bulb in degC at an altitude: 1 K less per ``derate_m_per_k`` above 900 m.

    >>> derated_high_c(35.0, 1500.0, 300.0), derated_high_c(35.0, 500.0, 300.0)
    (33.0, 35.0)
    """
    return allowable_high_c - max(altitude_m - DERATE_ABOVE_M, 0.0) / derate_m_per_k


@compilable
def beyond_moisture(
    vapour_pa: float, relative_frac: float, low_pa: float, high_pa: float, rh_low_frac: float, rh_high_frac: float
) -> tuple[float, float]:
    """1 where air is too moist, 1 where it is too dry, by the vapour pressure of dew points or by relative humidity.

    >>> beyond_moisture(1800.0, 0.5, 284.0, 1706.0, 0.0, 0.6), beyond_moisture(300.0, 0.07, 217.0, 1938.0, 0.08, 0.8)
    ((1.0, 0.0), (0.0, 1.0))
    """
    more, less = 1.0 + BEYOND_FRAC, 1.0 - BEYOND_FRAC
    above = vapour_pa > high_pa * more or relative_frac > rh_high_frac * more
    below = vapour_pa < low_pa * less or relative_frac < rh_low_frac * less
    return 1.0 if above else 0.0, 1.0 if below else 0.0


def moisture_limits(envelope: str, band: str) -> tuple[float, float, float, float]:
    """Dew points in degC and relative humidities (0..1), low and high of each, of a class.

    ``band`` is recommended (the same for all classes, without a lowest relative humidity) or allowable.

    >>> moisture_limits("A1", "recommended"), moisture_limits("A3", "allowable")
    ((-9.0, 15.0, 0.0, 0.6), (-12.0, 24.0, 0.08, 0.85))
    """
    limits = ENVELOPES[envelope]
    if band == "recommended":
        return *RECOMMENDED_DEW_POINT_C, 0.0, RECOMMENDED_RH_HIGH_FRAC
    return limits.dew_point_low_c, limits.dew_point_high_c, limits.rh_low_frac, limits.rh_high_frac


def recommended_c(envelope: str) -> tuple[float, float]:
    """Lowest and highest recommended inlet dry bulb in degC of a class (A1, A2, A3, A4 or H1).

    >>> recommended_c("A2")
    (18.0, 27.0)
    """
    limits = ENVELOPES[envelope]
    return limits.recommended_low_c, limits.recommended_high_c


def allowable_c(envelope: str, altitude_m: float) -> tuple[float, float]:
    """Lowest and highest allowable inlet dry bulb in degC of a class at an altitude in m.

    >>> allowable_c("A3", 1600.0)
    (5.0, 36.0)
    """
    limits = ENVELOPES[envelope]
    return limits.allowable_low_c, derated_high_c(limits.allowable_high_c, altitude_m, limits.derate_m_per_k)
