"""Plain Python and machine code give the same bits, for thousands of random points of every physics function.

Each ``run`` fills a row of results from a row of random numbers in 0..1; it runs as it stands and compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from twin.compiled import has_numba, jit
from twin.physics import (
    chillers,
    envelopes,
    exchangers,
    halls,
    interpolation,
    losses,
    merkel,
    movers,
    servers,
    tower_water,
    towers,
)

POINTS = 4000
TABLE = servers.SPECPOWER_2023
LOADS, EFFICIENCIES = (0.1, 0.2, 0.5, 1.0), (0.90, 0.92, 0.94, 0.90)
LIMITS = (4.44, 8.89, 12.78, 35.0, 0.09, 1.06)  # York YT 1023 kW of data/chillers.yaml
CAPFT = (0.2571195, -0.01571421, -0.003041761, 0.08106512, -0.002568598, 0.004247073)
EIRFT = (0.5254964, -0.01972389, 0.0003441072, 0.01651466, 0.0002005198, -0.0003193246)
EIRFPLR = (0.2368399, 0.3286421, 0.4344939)
LIMITS_8 = (6.67, 12.22, 21.77, 33.09, 0.17, 1.03, 21.77, 33.09)  # Carrier 19XR reformulated of the same file
CAPFT_R = (0.8573696, -0.03077045, -0.002171254, 0.02296255, -0.001067689, 0.003125156)
EIRFT_R = (1.172049, -0.01768334, 0.000335646, -0.01485826, 0.0006930197, -0.0005461447)
EIRFPLR_R = (0.1386665, 0.004836823, -5.406708e-05, -0.4609915, 2.214035, -0.001925694, 0.0, -0.9302446, 0.0, 0.0)
CPU, FLOW = (-1.0, 1.0, 0.0, 0.06667, 0.0, 0.0), (-1.4, 0.9, 0.0, 0.1, 0.0, 0.0)


def run_exchangers(y, x):  # type: ignore[no-untyped-def]
    for i in range(x.shape[0]):
        a = x[i]
        y[i, 0] = exchangers.effectiveness_counterflow(20.0 * a[0], a[1])
        y[i, 1] = exchangers.effectiveness_crossflow(20.0 * a[0], a[1])
        y[i, 2] = exchangers.effectiveness_parallel(20.0 * a[0], a[1])
        y[i, 3] = exchangers.ntu_counterflow(a[0], a[1])
        y[i, 4] = exchangers.counterflow_heat_kw(40.0 * a[0], 20.0 * a[1], 20.0 * a[2], 50.0 * a[3], 50.0 * a[4])
        y[i, 5] = exchangers.crossflow_heat_kw(40.0 * a[0], 20.0 * a[1], 20.0 * a[2], 50.0 * a[3], 50.0 * a[4])
        y[i, 6], y[i, 7], y[i, 8] = exchangers.coil_water_flow_for_heat(
            300.0 * a[0], 20.0 * a[1], 25.0 + 20.0 * a[2], 5.0 + 25.0 * a[3], 1.0 + 40.0 * a[4], 60.0 * a[5],
            1.1 * a[1], 0.2 + 0.6 * a[6], 0.8, 0.85, a[7])  # fmt: skip
        y[i, 9] = exchangers.coil_heat_kw(a[0], 20.0 * a[1], 30.0, 10.0, 30.0, 40.0 * a[2], a[3] + 0.1, a[4], 0.85)


def run_movers(y, x):  # type: ignore[no-untyped-def]
    for i in range(x.shape[0]):
        a = x[i]
        y[i, 0] = movers.mover_power_kw(20.0 * a[0], 1000.0 * a[1], 0.3 + 0.7 * a[2])
        y[i, 1] = movers.cubic_power_frac(movers.VAV_FAN, 1.2 * a[0])
        y[i, 2] = movers.cubic_power_frac(movers.PUMP_VARIABLE_SPEED, 1.2 * a[0])
        y[i, 3] = movers.affinity_power_frac(a[0], a[1])
        y[i, 4] = movers.static_head_power_frac(a[0], a[1])
        y[i, 5] = movers.shared_power_frac(a[0], 1.0 + 4.0 * a[1], a[2])


def run_losses(y, x):  # type: ignore[no-untyped-def]
    for i in range(x.shape[0]):
        a = x[i]
        y[i, 0] = losses.three_coefficient_loss_frac(1.2 * a[0], 0.03 * a[1], 0.03 * a[2], 0.03 * a[3])
        y[i, 1] = losses.input_kw(1200.0 * a[0], 1000.0, 0.03 * a[1], 0.03 * a[2], 0.03 * a[3])
        y[i, 2] = losses.efficiency_frac(a[0], 0.03 * a[1], 0.03 * a[2], 0.03 * a[3])
        y[i, 3], y[i, 4] = losses.transformer_losses_frac(0.95 + 0.049 * a[0], 0.2 + 0.3 * a[1])
        y[i, 5] = losses.converter_input(3000.0 * a[0], 20.0 * a[1], 0.9 + 0.1 * a[2])
        y[i, 6] = envelopes.derated_high_c(30.0 + 10.0 * a[0], 3000.0 * a[1], 100.0 + 400.0 * a[2])


def run_servers(y, x):  # type: ignore[no-untyped-def]
    for i in range(x.shape[0]):
        a = x[i]
        y[i, 0] = servers.table_power_frac(TABLE, 1.4 * a[0] - 0.2)
        y[i, 1] = interpolation.interpolate_at(LOADS, EFFICIENCIES, 1.4 * a[0])
        y[i, 2] = servers.linear_power_frac(0.5 * a[1], a[0])
        y[i, 3] = servers.fan_power_model_frac(0.5 * a[1], a[0])
        y[i, 4] = servers.fan_speed_ratio(50.0 * a[0], 25.0, 0.1 * a[1], 1.0 + a[2])
        y[i, 5] = servers.warm_inlet_power_ratio(90.0 * a[0], 23.0, 0.01 * a[1])
        y[i, 6] = servers.leakage_power_ratio(120.0 * a[0], 60.0, 0.03 * a[1], 3.0)
        y[i, 7], y[i, 8], y[i, 9] = servers.ite_power_kw(50.0, a[0], a[1], 50.0 * a[2], CPU, FLOW)
        y[i, 10] = servers.ite_supply_loss_kw(y[i, 7], y[i, 8], a[3])


def run_halls(y, x):  # type: ignore[no-untyped-def]
    for i in range(x.shape[0]):
        a = x[i]
        z = (a[0] - 0.9) * 30.0
        y[i, 0] = halls.phi1(z)
        y[i, 1] = halls.phi2(z * a[1])
        y[i, 2], y[i, 3] = halls.one_node_step(z, 40.0 * a[1], 30.0 * a[2], a[3])
        k, flow = 100.0 * a[0] * a[0], 100.0 * a[1] if a[1] > 0.2 else 0.0
        air, solid = 0.01 + a[2], 0.01 + 40.0 * a[3] * a[3]
        y[i, 4], y[i, 5], y[i, 6], y[i, 7] = halls.two_node_step(
            -(k + flow) / air, k / air, k / solid, -k / solid, 20.0 * flow / air, 500.0 * a[4] / solid,
            10.0 + 40.0 * a[5], 10.0 + 60.0 * a[6], 2.0 * a[7] * a[7])  # fmt: skip
        y[i, 8] = halls.uncooled_air_c(a[0], 500.0 * a[1], 0.1 + a[2], 0.1 + 20.0 * a[3], 1.0 + 90.0 * a[4], 20.0)
        y[i, 9], y[i, 10] = halls.leaked_shares(20.0 * a[0], 20.0 * a[1], 0.5 * a[2], 0.5 * a[3])
        y[i, 11] = halls.inlet_c(20.0, 12.0, 0.9 * a[0]) + halls.mixed_c(20.0 * a[1], 30.0, a[2])


def run_chillers(y, x):  # type: ignore[no-untyped-def]
    for i in range(x.shape[0]):
        a = x[i]
        load, te, tc = 1300.0 * a[0], 2.0 + 20.0 * a[1], 8.0 + 32.0 * a[2]
        y[i, 0], y[i, 1], y[i, 2] = chillers.chiller_power_kw(load, te, tc, 1023.3, 5.81, LIMITS, CAPFT, EIRFT, EIRFPLR)
        y[i, 3], y[i, 4], y[i, 5], y[i, 11] = chillers.warm_chiller_power_kw(
            load, te, tc, 1023.3, 5.81, LIMITS, CAPFT, EIRFT, EIRFPLR
        )
        y[i, 6], y[i, 7], y[i, 8], y[i, 9] = chillers.reformulated_power_kw(
            1.2 * load, te, tc, 100.0 + 300.0 * a[3], 1403.1, 7.09, 0.95, LIMITS_8, CAPFT_R, EIRFT_R, EIRFPLR_R
        )
        y[i, 10] = chillers.carnot_cop(te, tc)
        y[i, 11] = chillers.chiller_capacity_kw(te, tc, 1023.3, LIMITS, CAPFT)


def run_towers(y, x):  # type: ignore[no-untyped-def]
    for i in range(x.shape[0]):
        a = x[i]
        heat, water, wet_bulb = 2500.0 * a[0], 70.0 * a[1], 70.0 * a[2] - 38.0
        free = 0.2 * a[4] if a[4] > 0.5 else 0.0
        y[i, 0], y[i, 1], y[i, 2], y[i, 3] = towers.yorkcalc_tower(
            heat, water, 54.4, wet_bulb, wet_bulb - 3.0 + 30.0 * a[3], 0.05 + 0.5 * a[5], free
        )
        y[i, 4] = towers.yorkcalc_ratio(wet_bulb, 1.0 + 20.0 * a[0], 30.0 * a[3])
        y[i, 5] = towers.fan_power_frac(towers.FAN_MERKEL, a[0], a[1])
        y[i, 6] = towers.mean_air_ratio(a[0], a[1], a[2])
        y[i, 7] = towers.yorkcalc_approach_k(wet_bulb, 1.0 + 20.0 * a[0], 8.0 * a[1])


def run_merkel(y, x):  # type: ignore[no-untyped-def]
    for i in range(x.shape[0]):
        a = x[i]
        heat, water, wet_bulb = 2500.0 * a[0], 5.0 + 65.0 * a[1], 70.0 * a[2] - 38.0
        free = 0.2 * a[4] if a[4] > 0.5 else 0.0
        y[i, 0], y[i, 1], y[i, 2], y[i, 3] = merkel.merkel_tower(
            heat, water, 54.8, wet_bulb, wet_bulb - 3.0 + 30.0 * a[3], 0.05 + 0.5 * a[5], free, 0.02 * a[6],
            80000.0 + 22000.0 * a[7], 20.0 + 40.0 * a[5], 20.0 + 150.0 * a[6], 25.56)  # fmt: skip
        y[i, 4] = merkel.merkel_design_ua_kw_per_k(heat, 5.6, 3.9, 25.56, 0.017, 101325.0, 20.0 + 40.0 * a[5])
        exit_c = tower_water.saturated_exit_c(heat, 60.0 * a[1], wet_bulb, 101325.0)
        y[i, 5] = exit_c
        y[i, 6] = tower_water.saturated_exit_evaporation_kg_s(heat, 60.0 * a[1], wet_bulb, 0.02 * a[3], 101325.0)
        y[i, 7] = tower_water.all_latent_evaporation_kg_s(heat, 50.0 * a[1])
        y[i, 8] = tower_water.blowdown_kg_s(a[0], 0.1 * a[1], 1.5 + 10.0 * a[2], a[3])
        y[i, 9] = tower_water.drift_kg_s(a[0], a[1]) + tower_water.make_up_kg_s(a[0], a[1], a[2])


RUNS = (run_exchangers, run_movers, run_losses, run_servers, run_halls, run_chillers, run_towers, run_merkel)


@pytest.mark.skipif(not has_numba(), reason="numba is not installed: there is only plain Python")
@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.__name__)
def test_plain_and_compiled_give_the_same_bits(run: Callable[..., Any]) -> None:
    x = np.random.default_rng(7).random((POINTS, 8))
    x[:5] = 0.0
    x[5:10] = 1.0
    x[10:200] = np.round(x[10:200], 1)  # equal arguments, limits and zeros
    plain, compiled = np.full((POINTS, 12), 0.5), np.full((POINTS, 12), 0.5)
    run(plain, x)
    jit(run)(compiled, x)
    assert np.isfinite(plain).all()
    different = np.argwhere(plain.view(np.int64) != compiled.view(np.int64))
    assert different.size == 0, f"{len(different)} differ, first at {different[0]}: {x[different[0][0]]}"
