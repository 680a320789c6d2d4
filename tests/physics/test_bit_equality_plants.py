"""Plain Python and machine code give the same bits for the plants' physics too: thousands of random points of each.

Each ``run`` fills a row of results from a row of random numbers in 0..1; it runs as it stands and compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from twin.compiled import has_numba, jit
from twin.physics import (
    airside,
    batteries,
    cop_maps,
    direct_expansion,
    dry_coolers,
    evaporative,
    free_cooling,
    generators,
    heat_pumps,
    liquid,
    moist_coils,
    natural_water,
    rectifiers,
    storage,
)

POINTS = 2000
RESULTS = 24
CAPFT, EIRFT, LIMITS = direct_expansion.DX_CAPFT, direct_expansion.DX_EIRFT, direct_expansion.DX_LIMITS
MAP = generators.MAPS["typical"]
LOADS, TITANIUM = rectifiers.LOADS_FRAC, rectifiers.EFFICIENCIES["titanium"]


def run_dry_coolers(y, x):  # type: ignore[no-untyped-def]
    for i in range(x.shape[0]):
        a = x[i]
        outdoor, pressure = 100.0 * a[2] - 45.0, 70000.0 + 32000.0 * a[7]
        y[i, 0], y[i, 1], y[i, 2] = dry_coolers.dry_cooler(
            2000.0 * a[0], 300.0 * a[1], 1.5 * a[1], outdoor, 4.0 + 56.0 * a[3], 150.0 * a[4], a[4], a[5], 182.4, 0.6,
            0.8, 0.85)  # fmt: skip
        y[i, 3] = dry_coolers.cooler_kw_per_k(
            a[0], 200.0 * a[1], a[1], 200.0 * a[2], a[2], 300.0 * a[3], a[4], 0.8, 0.85
        )
        y[i, 4] = dry_coolers.crossflow_effectiveness(20.0 * a[0], a[1])
        y[i, 5], y[i, 6] = dry_coolers.adiabatic_inlet(outdoor, outdoor - 20.0 * a[3], a[4], pressure)
        y[i, 7] = dry_coolers.pad_water_kg_s(100.0 * a[0], 0.02 * a[1], 0.02 * a[2], 1.5 + 10.0 * a[3])
        y[i, 8] = dry_coolers.wetted(outdoor, 18.0, a[3], a[4])
        y[i, 9] = dry_coolers.fan_power_frac(a[0], a[1], 0.7 + 0.5 * a[2])
        y[i, 10] = dry_coolers.air_capacity_kw_per_k(200.0 * a[0], 0.8 + 0.6 * a[1], 0.02 * a[2])
        y[i, 11] = dry_coolers.design_effectiveness_frac(1000.0 * a[0], 10.0 + a[1], 10.0 + a[2], 3.0 + 5.0 * a[3])


def run_evaporative(y, x):  # type: ignore[no-untyped-def]
    for i in range(x.shape[0]):
        a = x[i]
        t, pressure = 100.0 * a[0] - 45.0, 70000.0 + 32000.0 * a[7]
        y[i, 0], y[i, 1], y[i, 2] = evaporative.direct_cooler(t, t - 20.0 * a[1], a[2], 10.0 + 30.0 * a[3], pressure)
        y[i, 3] = evaporative.pad_effectiveness_frac(5.0 * a[0], 0.5 * a[1])
        wet = evaporative.indirect_wet_c(10.0 + 30.0 * a[1], t, t - 20.0 * a[2], a[3])
        dry = evaporative.indirect_dry_c(10.0 + 30.0 * a[1], t, a[3], 20.0 * a[4], 20.0 * a[5])
        y[i, 4], y[i, 5] = wet, dry
        y[i, 6], y[i, 7], y[i, 8] = evaporative.indirect_cooler(10.0 + 30.0 * a[1], dry, wet, 30.0 * a[6], t, 5.0)
        y[i, 9], y[i, 10] = evaporative.mixed_air(9.0 * a[1], 40.0 * a[2], 0.02 * a[3], 9.0 * a[4], t, 0.02 * a[5])
        y[i, 11], y[i, 12], y[i, 13] = evaporative.without_fog(60.0 * a[0] - 30.0, 0.03 * a[1], pressure)
        y[i, 14] = evaporative.outdoor_air_frac(10.0 + 30.0 * a[1], 20.0 + 30.0 * a[2], t, 0.3 * a[3])
        y[i, 15] = evaporative.indirect_evaporation_kg_s(500.0 * a[1] - 100.0)
        y[i, 16] = evaporative.evaporated_kg_s(50.0 * a[1], 0.02 * a[2], 0.02 * a[3])


def run_airside(y, x):  # type: ignore[no-untyped-def]
    for i in range(x.shape[0]):
        a = x[i]
        t, ratio = 100.0 * a[0] - 45.0, 0.02 * a[1]
        wet_c, wet = t - 20.0 * a[2], ratio + 0.008 * a[2] * a[3]
        y[i, 0], y[i, 1], y[i, 2] = airside.treated_outdoor_air(
            t, ratio, wet_c, wet, 10.0 + 10.0 * a[4], 20.0 + 10.0 * a[5], 0.006 * a[6], 0.006 + 0.01 * a[7]
        )
        y[i, 3] = airside.humidity_on_line(100.0 * a[7] - 45.0, t, ratio, wet_c, wet)
        y[i, 4] = airside.temperature_on_line(0.02 * a[7], t, ratio, wet_c, wet)
        y[i, 5] = airside.cooling_per_moisture_k(40.0 * a[0], 30.0 * a[1], 1.0 + 0.05 * a[2])
        y[i, 6] = airside.mixing_share(30.0 * a[2], 0.01 * a[3], 50.0 * a[4], 0.02 * a[5], t, ratio, 2500.0 * a[6])
        y[i, 7] = airside.evaporation_limit_k(40.0 * a[0], 30.0 * a[1], a[2])


def run_moist_coils(y, x):  # type: ignore[no-untyped-def]
    for i in range(x.shape[0]):
        a = x[i]
        t, w, pressure = 10.0 + 50.0 * a[0], 0.03 * a[1], 70000.0 + 32000.0 * a[2]
        air, water, ua_air, ua_water = 20.0 * a[3], 80.0 * a[4], 80.0 * a[5], 80.0 * a[6]
        y[i, 0], y[i, 1], y[i, 2], y[i, 3], y[i, 4] = moist_coils.cooling_coil(
            air, t, w, pressure, water, 4.0 + 41.0 * a[7], ua_air, ua_water)  # fmt: skip
        y[i, 5] = moist_coils.coil_valve_for_sensible(
            a[7] * y[i, 1], air, t, w, pressure, water, 4.0 + 41.0 * a[7], ua_air, ua_water, 0.85)  # fmt: skip
        y[i, 6], y[i, 7], y[i, 8] = moist_coils.coil_outlet(60.0 * a[3], t, w, 0.5 * a[4], pressure)
        y[i, 9], y[i, 10], y[i, 11] = moist_coils.dehumidified(t, w, 0.02 * a[3], 0.5 * a[4], pressure)
        y[i, 12] = moist_coils.bypass_at_flow_frac(a[3], 1.5 * a[4])
        y[i, 13] = moist_coils.reheat_kw(air, w, t, 40.0 * a[4])
        y[i, 14] = moist_coils.steam_humidifier_kw(a[3], 30.0 * a[4], 0.5 + 0.5 * a[5])
        y[i, 15], y[i, 16] = moist_coils.humidified(air, t, w, 0.1 * a[4], 2676.0 * a[5])
        y[i, 17], y[i, 18] = moist_coils.hall_humidity(10.0 + 1e4 * a[3], w, 1e5 * a[4] * a[4], 0.02 * a[5],
                                                       10.0 * a[6] - 2.0, 0.01 + a[7])  # fmt: skip


def run_direct_expansion(y, x):  # type: ignore[no-untyped-def]
    for i in range(x.shape[0]):
        a = x[i]
        outdoor = 100.0 * a[0] - 45.0
        y[i, 0], y[i, 1] = direct_expansion.air_cooled_cop(1.3 * a[1], outdoor)
        y[i, 2], y[i, 3] = direct_expansion.dx_cop(outdoor)
        y[i, 4], y[i, 5], y[i, 6] = direct_expansion.dx_coil(
            150.0 * a[1], 40.0 * a[2], outdoor, 100.0, 3.0, CAPFT, EIRFT, LIMITS, 0.3 * a[3])  # fmt: skip
        y[i, 7], y[i, 8] = direct_expansion.pumped_refrigerant(
            500.0 * a[1], 45.0 * a[2], outdoor, 20.0 * a[3], 300.0 * a[4], a[5] - 0.5)  # fmt: skip
        y[i, 9] = direct_expansion.compressor_kw(100.0 * a[1], 1.0 + 5.0 * a[2], a[3] - 0.5)
        y[i, 10] = direct_expansion.thermosyphon_kw_per_k(100.0 * a[1], 0.1 * a[2])
        y[i, 11], y[i, 12] = cop_maps.water_cooled_cop(1.3 * a[1], 45.0 * a[2])


def run_liquid_and_water(y, x):  # type: ignore[no-untyped-def]
    for i in range(x.shape[0]):
        a = x[i]
        y[i, 0] = liquid.glycol_density_kg_m3(150.0 * a[0] - 50.0, 0.7 * a[1])
        y[i, 1] = liquid.glycol_cp_kj_kg_k(150.0 * a[0] - 50.0, 0.7 * a[1])
        y[i, 2] = liquid.glycol_freezing_c(0.7 * a[1])
        y[i, 3] = liquid.case_c(45.0 * a[0], a[1], liquid.plate_k_per_kw(20.0 * a[2], 20.0 * a[3], a[4]), 0.1 * a[5])
        y[i, 4], y[i, 5] = liquid.unit_supply_c(500.0 * a[0], 45.0 * a[1], 50.0 * a[2], 80.0 * a[3])
        y[i, 6] = liquid.approach_effectiveness_frac(
            500.0 * a[0], 2.0 + 5.0 * a[1], 10.0 + 50.0 * a[2], 10.0 + 50.0 * a[3]
        )
        y[i, 7], y[i, 8] = liquid.rear_door_kw(60.0 * a[0], 45.0 * a[1], a[2] * a[3], a[3])
        y[i, 9] = liquid.capacity_kw_per_k(100.0 * a[0], 1000.0, 4.0)
        y[i, 10] = natural_water.loop_supply_c(500.0 * a[0], 30.0 * a[1], 50.0 * a[2], 80.0 * a[3])
        y[i, 11] = natural_water.discharge_flow_kg_s(500.0 * a[0], 0.5 + 5.0 * a[1], 4.0)
        y[i, 12] = natural_water.intake_pump_kw(a[0], 1.2 * a[1], 1026.0, 20.0 * a[2], 200.0 * a[3], 0.5 + 0.5 * a[4])


def run_storage(y, x):  # type: ignore[no-untyped-def]
    for i in range(x.shape[0]):
        a = x[i]
        cold, warm = 4.0 + 20.0 * a[1], 10.0 + 35.0 * a[2]
        y[i, 0], y[i, 1], y[i, 2], y[i, 3], y[i, 4] = storage.two_zone_exchange(
            a[0], cold, warm, 2.0 * a[3] - 1.0, 4.0 + 41.0 * a[4], 0.5 + 0.5 * a[5])  # fmt: skip
        y[i, 5], y[i, 6], y[i, 7] = storage.two_zone_gain(
            a[0], cold, warm, 100.0 * a[3] - 45.0, 5.0 * a[4], 1.0 + 1000.0 * a[5], 24.0 * a[6])  # fmt: skip
        (y[i, 8], y[i, 9], y[i, 10], y[i, 11], y[i, 12], y[i, 13], y[i, 14], y[i, 15], y[i, 16],
         y[i, 17]) = storage.ten_nodes_along_flow(
            (warm, warm, warm, warm, warm, cold, cold, cold, cold, cold), 45.0 * a[3], 10.0 * a[4], a[5], a[6],
            100.0 * a[7] - 45.0)  # fmt: skip
        y[i, 18] = storage.two_zone_cooling_kwh(a[0], cold, warm, 1000.0)
        y[i, 19] = storage.tank_capacity_kwh(2000.0 * a[0], 20.0 * a[1], a[2])


def run_heat_pumps_and_free_cooling(y, x):  # type: ignore[no-untyped-def]
    for i in range(x.shape[0]):
        a = x[i]
        outdoor = 100.0 * a[0] - 45.0
        y[i, 0] = heat_pumps.heat_pump_cop(20.0 + 60.0 * a[1], 30.0 + 60.0 * a[2], 60.0 * a[3], 50.0 * a[4], a[5])
        y[i, 1] = heat_pumps.mean_temperature_k(outdoor, outdoor + a[1] * a[2])
        y[i, 2], y[i, 3] = heat_pumps.heat_pump_from_source(1000.0 * a[1], 10.0 * a[2])
        y[i, 4], y[i, 5] = heat_pumps.heat_pump_for_sink(1000.0 * a[1], 10.0 * a[2])
        y[i, 6] = heat_pumps.direct_share_frac(60.0 * a[1], 60.0 * a[2], 60.0 * a[3], 60.0 * a[4], 5.0 * a[5])
        y[i, 7] = heat_pumps.reused_kw(1000.0 * a[1], a[2], 1000.0 * a[3])
        y[i, 8], y[i, 9], y[i, 10] = free_cooling.free_cooling_split(
            1000.0 * a[1], 45.0 * a[2], outdoor, 50.0 * a[3], 5.0 * a[4])  # fmt: skip
        y[i, 11] = free_cooling.evaporator_in_c(45.0 * a[2], 500.0 * a[1], 50.0 * a[3])
        y[i, 12] = free_cooling.full_free_below_c(500.0 * a[1], 45.0 * a[2], 50.0 * a[3])
        y[i, 13] = free_cooling.coil_pump_kw(5.0 * a[1], 0.1 * a[2], 0.1 * a[3])
        y[i, 14] = free_cooling.partial_free_below_c(45.0 * a[2], a[3])


def run_power(y, x):  # type: ignore[no-untyped-def]
    for i in range(x.shape[0]):
        a = x[i]
        y[i, 0] = batteries.charge_limit_kw(a[0], a[1], 100.0 * a[2], 3.0 * a[3], 0.5 + 0.5 * a[4], 0.01 + a[5])
        y[i, 1] = batteries.discharge_limit_kw(a[0], a[1], 100.0 * a[2], 3.0 * a[3], 0.5 + 0.5 * a[4], 0.01 + a[5])
        y[i, 2] = batteries.next_soc_frac(
            a[0], 50.0 * a[1], 50.0 * a[2], 0.5 + 0.5 * a[3], 0.5 + 0.5 * a[4], 100.0, a[5]
        )
        y[i, 3] = batteries.battery_loss_kw(50.0 * a[1], 50.0 * a[2], 0.5 + 0.5 * a[3], 0.5 + 0.5 * a[4])
        y[i, 4] = batteries.lead_ride_through_h(500.0 * a[0], 100.0 * a[1], 0.1 + a[2], 1.0 + 0.6 * a[3])
        y[i, 5] = batteries.lithium_ride_through_h(500.0 * a[0], a[1], a[2], 100.0, a[3])
        y[i, 6] = batteries.lead_energy_kwh(500.0 * a[0], 100.0 * a[1], 0.1 + a[2], 1.0 + 0.6 * a[3])
        y[i, 7] = batteries.lead_float_life_ratio(100.0 * a[0] - 45.0)
        rate = batteries.lfp_calendar_rate(100.0 * a[0] - 45.0, a[1])
        y[i, 8] = batteries.aged_loss_frac(0.2 * a[2], rate, batteries.LFP_CALENDAR_POWER, 3650.0 * a[3])
        y[i, 9] = batteries.lfp_cycle_rate(100.0 * a[0] - 45.0, a[1], 2.0 * a[2])
        y[i, 10] = batteries.one_way_efficiency_frac(a[0])
        y[i, 11] = generators.fuel_kw(2000.0 * a[0], 1000.0, 4.0 * a[1] - 1.0, MAP)
        y[i, 12] = generators.standby_kw(1000.0, 0.01 * a[0], 4.0 * a[1], 4.0 * a[2])
        y[i, 13] = generators.fuel_volume(1000.0 * a[0], 9.9)
        y[i, 14] = rectifiers.frontier_system_mw(a[0], a[1], 74.0 * a[2], 25.0 * a[3], 5.0 * a[4] - 1.0)
        y[i, 15], y[i, 16] = rectifiers.frontier_chassis_w(2704.0 * a[0], 0.0)
        y[i, 17], y[i, 18] = rectifiers.staged_input_kw(
            80.0 * a[0], 1.0 + 20.0 * a[1], 4.0, a[2] - 0.1, LOADS, TITANIUM
        )
        y[i, 19] = rectifiers.units_for_load(1e5 * a[0], 2e4 * a[1], 8.0)
        y[i, 20] = batteries.lead_capacity_frac(40.0 * a[0], 20.0 * a[1])


RUNS = (
    run_airside,
    run_dry_coolers,
    run_evaporative,
    run_moist_coils,
    run_direct_expansion,
    run_liquid_and_water,
    run_storage,
    run_heat_pumps_and_free_cooling,
    run_power,
)


@pytest.mark.skipif(not has_numba(), reason="numba is not installed: there is only plain Python")
@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.__name__)
def test_plain_and_compiled_give_the_same_bits(run: Callable[..., Any]) -> None:
    x = np.random.default_rng(11).random((POINTS, 8))
    x[:5] = 0.0
    x[5:10] = 1.0
    x[10:200] = np.round(x[10:200], 1)  # equal arguments, limits and zeros
    plain, compiled = np.full((POINTS, RESULTS), 0.5), np.full((POINTS, RESULTS), 0.5)
    run(plain, x)
    jit(run)(compiled, x)
    assert np.isfinite(plain).all(), np.argwhere(~np.isfinite(plain))[:3]
    different = np.argwhere(plain.view(np.int64) != compiled.view(np.int64))
    assert different.size == 0, f"{len(different)} differ, first at {different[0]}: {x[different[0][0]]}"
