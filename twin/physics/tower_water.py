"""Water that a cooling tower evaporates, blows down and loses as drift.

EnergyPlus 25.2 engineering reference, cooling tower water usage. Flows in kg/s; divide by water density outside.
"""

from __future__ import annotations

from twin.compiled import compilable
from twin.physics.fluids import (
    saturated_enthalpy_kj_kg,
    saturation_humidity_ratio_kg_kg,
    temperature_at_saturated_enthalpy_c,
    vaporisation_heat_kj_kg,
)

SLOPE_0, SLOPE_1 = 0.9, 0.046  # dh/dT of saturated air = .9 + .046 h, within 10 % over 5..35 degC: first guess only


@compilable
def saturated_exit_c(heat_kw: float, air_kg_s: float, wet_bulb_c: float, pressure_pa: float) -> float:
    """Temperature in degC of the air that leaves the tower saturated; it enters as saturated air at its wet bulb.

    >>> round(saturated_exit_c(1284.0, 38.0, 20.0, 101325.0), 3)
    28.306
    """
    if air_kg_s <= 0.0 or heat_kw <= 0.0:
        return wet_bulb_c
    h = saturated_enthalpy_kj_kg(wet_bulb_c, pressure_pa)
    rise = heat_kw / air_kg_s
    guess_c = wet_bulb_c + rise / max(SLOPE_0 + SLOPE_1 * (h + 0.5 * rise), 1.3)
    return temperature_at_saturated_enthalpy_c(h + rise, pressure_pa, guess_c)


@compilable
def evaporation_at_exit_kg_s(air_kg_s: float, humidity_ratio: float, exit_c: float, pressure_pa: float) -> float:
    """Evaporation in kg/s with the exit temperature at hand: m (W_out / (1 + W_out) - W_in / (1 + W_in)), at least 0.

    EnergyPlus's form: ``air_kg_s`` is the volume flow times what it calls air density (kg of dry air per m³), taken
    with humidity per kg of mixture; a balance per kg of dry air comes out some 2 % higher.

    >>> round(evaporation_at_exit_kg_s(38.0, 0.010, 28.306, 101325.0), 4)
    0.5349
    """
    out = saturation_humidity_ratio_kg_kg(exit_c, pressure_pa)
    return max(air_kg_s * (out / (1.0 + out) - humidity_ratio / (1.0 + humidity_ratio)), 0.0)


@compilable
def saturated_exit_evaporation_kg_s(
    heat_kw: float, air_kg_s: float, wet_bulb_c: float, humidity_ratio: float, pressure_pa: float
) -> float:
    """Evaporation in kg/s of a tower whose air leaves saturated, as EnergyPlus counts it; 0 without air flow.

    ``air_kg_s`` is the mean air flow: :func:`twin.physics.towers.mean_air_ratio` times the flow at full fan.

    >>> round(saturated_exit_evaporation_kg_s(1284.0, 38.0, 20.0, 0.010, 101325.0), 4)
    0.5349
    """
    if air_kg_s <= 0.0:
        return 0.0
    exit_c = saturated_exit_c(heat_kw, air_kg_s, wet_bulb_c, pressure_pa)
    return evaporation_at_exit_kg_s(air_kg_s, humidity_ratio, exit_c, pressure_pa)


@compilable
def all_latent_evaporation_kg_s(heat_kw: float, water_c: float) -> float:
    """Evaporation in kg/s if all heat left as vapour: Q / h_fg (Lei & Masanet 2022), 1.474 kg/kWh at 25 degC.

    >>> round(3600.0 * all_latent_evaporation_kg_s(1.0, 25.0), 4)
    1.4742
    """
    return max(heat_kw, 0.0) / vaporisation_heat_kj_kg(water_c)


@compilable
def drift_kg_s(water_kg_s: float, drift_frac: float) -> float:
    """Drift in kg/s: a fraction of the water flow. EnergyPlus takes the design water flow times the mean air ratio.

    >>> round(drift_kg_s(55.0, 0.00008), 6)
    0.0044
    """
    return water_kg_s * drift_frac


@compilable
def blowdown_kg_s(evaporation_kg_s: float, drift_kg_s: float, cycles: float, drift_credit: float) -> float:
    """Blowdown in kg/s that holds ``cycles`` of concentration (> 1): max(0, E / (CC - 1) - D).

    ``drift_credit`` is 1 where drift counts as blowdown (EnergyPlus, Lei & Masanet's code), 0 where it does not.

    >>> tuple(round(blowdown_kg_s(0.6, d, 4.0, credit), 9) for d, credit in ((0.02, 1.0), (0.02, 0.0), (0.3, 1.0)))
    (0.18, 0.2, 0.0)
    """
    return max(evaporation_kg_s / (cycles - 1.0) - drift_credit * drift_kg_s, 0.0)


@compilable
def make_up_kg_s(evaporation_kg_s: float, drift_kg_s: float, blowdown_kg_s: float) -> float:
    """Make-up water in kg/s: evaporation, drift and blowdown.

    >>> make_up_kg_s(0.6, 0.02, 0.18)
    0.8
    """
    return evaporation_kg_s + drift_kg_s + blowdown_kg_s
