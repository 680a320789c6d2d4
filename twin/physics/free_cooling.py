"""Air-cooled chillers with an integrated free-cooling coil, in series before the evaporator.

The return water passes the coil first; the evaporator takes what is left (mode names as in Modelica Buildings' controls
of data-centre plants: free, partial and full mechanical cooling). The coil is a dry cooler: its heat per kelvin between
return water and outdoor air, ε C_min in kW/K, comes from :func:`twin.physics.dry_coolers.cooler_kw_per_k`.
"""

from __future__ import annotations

from twin.compiled import compilable

MECHANICAL, PARTIAL, FREE = 0.0, 1.0, 2.0


@compilable
def free_cooling_split(
    load_kw: float, return_c: float, outdoor_c: float, coil_kw_per_k: float, least_gain_k: float
) -> tuple[float, float, float]:
    """Heat that the coil and the evaporator take in kW, and the mode: 0 mechanical, 1 partial, 2 free.

    Parameters
    ----------
    load_kw, return_c
        Heat of the chilled water and the temperature at which it comes back.
    coil_kw_per_k
        ε C_min of the coil at full fan.
    least_gain_k
        The valve to the coil opens only where the outdoor air is that much colder than the return water.

    >>> free_cooling_split(500.0, 20.0, 5.0, 25.0, 2.0), free_cooling_split(500.0, 20.0, -5.0, 25.0, 2.0)
    ((375.0, 125.0, 1.0), (500.0, 0.0, 2.0))
    >>> free_cooling_split(500.0, 20.0, 19.0, 25.0, 2.0)
    (0.0, 500.0, 0.0)
    """
    wanted_kw = max(load_kw, 0.0)
    apart_k = return_c - outdoor_c
    if apart_k < least_gain_k or apart_k <= 0.0 or wanted_kw <= 0.0:
        return 0.0, wanted_kw, MECHANICAL
    free_kw = min(max(coil_kw_per_k, 0.0) * apart_k, wanted_kw)
    return free_kw, wanted_kw - free_kw, FREE if free_kw >= wanted_kw else PARTIAL


@compilable
def evaporator_in_c(return_c: float, free_kw: float, water_kw_per_k: float) -> float:
    """Water in degC between coil and evaporator: return less what the coil took.

    >>> evaporator_in_c(20.0, 375.0, 62.5)
    14.0
    """
    return return_c - free_kw / water_kw_per_k if water_kw_per_k > 0.0 else return_c


@compilable
def full_free_below_c(load_kw: float, return_c: float, coil_kw_per_k: float) -> float:
    """Outdoor dry bulb in degC up to which the coil takes the whole load: return - Q / (ε C_min); -1e9 without a coil.

    >>> full_free_below_c(500.0, 20.0, 25.0)
    0.0
    """
    return return_c - load_kw / coil_kw_per_k if coil_kw_per_k > 0.0 else -1e9


@compilable
def partial_free_below_c(return_c: float, least_gain_k: float) -> float:
    """Outdoor dry bulb in degC up to which the coil takes a part.

    >>> partial_free_below_c(20.0, 2.0)
    18.0
    """
    return return_c - least_gain_k


@compilable
def coil_pump_kw(design_kw: float, design_water_m3_s: float, water_m3_s: float) -> float:
    """Pumping power in kW that the coil adds while water passes it: cube of the flow (square-law resistance).

    >>> coil_pump_kw(4.0, 0.02, 0.01)
    0.5
    """
    if design_water_m3_s <= 0.0:
        return 0.0
    x = max(water_m3_s, 0.0) / design_water_m3_s
    return design_kw * (x * x * x)
