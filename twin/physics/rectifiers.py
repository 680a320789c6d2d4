"""Rectifiers: the chain of Frontier in closed form, efficiency curves by load, and staging of parallel units."""

from __future__ import annotations

import math

from twin.compiled import compilable

# Frontier, configuration of ExaDigiT RAPS (config/frontier.yaml); all powers in W.
CPU_IDLE_W, CPU_MOST_W, GPU_IDLE_W, GPU_MOST_W, GPUS = 90.0, 280.0, 88.0, 560.0, 4.0
MEMORY_W, NETWORK_W, NETWORK_CARDS, DRIVES_W = 74.26, 20.0, 4.0, 30.0
SIVOC_FIXED_W, SIVOC_EFFICIENCY_FRAC = 13.0, 0.98  # DC-DC converter of a node
RECTIFIER_FIXED_W, RECTIFIER_EFFICIENCY_FRAC = 17.0, 0.96
CHASSIS_NODES, CHASSIS_SWITCHES, SWITCH_W, CHASSIS_RECTIFIERS = 16.0, 4.0, 250.0, 4.0
RACK_CHASSIS, RACKS, CDUS, CDU_W = 8.0, 74.0, 25.0, 8473.47
RECTIFIER_PEAK_W = 13670.0  # load of a rectifier at its best efficiency, on which staging goes

# Least efficiency of power supplies by load, 230 V internal redundant: 80 PLUS (CLEAResult).
LOADS_FRAC = (0.10, 0.20, 0.50, 1.00)
EFFICIENCIES = {
    "platinum": (0.8182, 0.90, 0.94, 0.91),  # no 10 % point below Titanium: the loss of 20 % load, held
    "titanium": (0.90, 0.94, 0.96, 0.91),
}
# From memory, not seen: smart staging holds rectifiers at .98 instead of .96, and 380 V DC takes Frontier's chain from
# .933 to .973 (SC24 paper on ExaDigiT).
BEST_RECTIFIER_FRAC, DC_380_CHAIN_FRAC, AC_CHAIN_FRAC = 0.98, 0.973, 0.933


@compilable
def frontier_node_w(cpu_frac: float, gpu_frac: float) -> float:
    """Power in W that a Frontier node draws from its converter, by the load of CPU and GPUs (0..1).

    >>> round(frontier_node_w(0.0, 0.0), 2), round(frontier_node_w(1.0, 1.0), 2)
    (626.26, 2704.26)
    """
    cpu_w = CPU_IDLE_W + (CPU_MOST_W - CPU_IDLE_W) * cpu_frac
    gpu_w = GPU_IDLE_W + (GPU_MOST_W - GPU_IDLE_W) * gpu_frac
    return cpu_w + GPUS * gpu_w + MEMORY_W + NETWORK_CARDS * NETWORK_W + DRIVES_W


@compilable
def shared_input(load: float, units: float, fixed: float, efficiency_frac: float) -> float:
    """Input of ``units`` equal converters that share a load: units ((load / units + fixed) / η), in the load's unit.

    >>> round(shared_input(11437.0, 4.0, 17.0, 0.96), 3), shared_input(0.0, 0.0, 17.0, 0.96)
    (11984.375, 0.0)
    """
    return (load + units * fixed) / efficiency_frac if units > 0.0 else 0.0


@compilable
def units_for_load(load: float, best_load: float, units: float) -> float:
    """Units in use where staging loads each to no more than its best: ceil(load / best), at least 1, at most all.

    RAPS stages Frontier's rectifiers so (its integer form, floor((P - 1 W) / peak) + 1, is the same for whole watts).

    >>> [units_for_load(p, 13670.0, 4.0) for p in (0.0, 11437.0, 13670.0, 13671.0, 45363.0, 1e6)]
    [1.0, 1.0, 1.0, 2.0, 4.0, 4.0]
    """
    if not load > 0.0 or best_load <= 0.0:
        return 1.0
    return float(math.ceil(min(max(load / best_load, 1.0), max(units, 1.0))))


@compilable
def frontier_chassis_w(node_w: float, rectifiers: float) -> tuple[float, float]:
    """Input in W of a chassis and its loss: 16 nodes behind their converters and 4 switches behind its rectifiers.

    ``rectifiers`` is how many of the four share the load; 0 stages them (:func:`units_for_load`).

    >>> [round(x, 2) for x in frontier_chassis_w(626.26, 4.0)]
    [11984.27, 964.11]
    """
    blades_w = CHASSIS_NODES * (node_w + SIVOC_FIXED_W) / SIVOC_EFFICIENCY_FRAC + CHASSIS_SWITCHES * SWITCH_W
    used = rectifiers if rectifiers > 0.0 else units_for_load(blades_w, RECTIFIER_PEAK_W, CHASSIS_RECTIFIERS)
    input_w = shared_input(blades_w, used, RECTIFIER_FIXED_W, RECTIFIER_EFFICIENCY_FRAC)
    return input_w, input_w - CHASSIS_NODES * node_w - CHASSIS_SWITCHES * SWITCH_W


@compilable
def frontier_system_mw(cpu_frac: float, gpu_frac: float, racks: float, cdus: float, rectifiers: float) -> float:
    """Power in MW of Frontier, all nodes alike: racks of eight chassis, and its cooling units.

    >>> [round(frontier_system_mw(c, g, 74.0, 25.0, 4.0), 4) for c, g in ((0, 0), (0.33, 0.79), (0, 1), (1, 1))]
    [7.3065, 22.9545, 26.315, 28.2279]
    """
    chassis_w, _ = frontier_chassis_w(frontier_node_w(cpu_frac, gpu_frac), rectifiers)
    return 1e-6 * (chassis_w * RACK_CHASSIS * racks + cdus * CDU_W)


@compilable
def curve_loss_frac(load_frac: float, loads: tuple[float, ...], efficiencies: tuple[float, ...]) -> float:
    """Loss over rating at a load over rating (0..1.2, clamped), linear between four points of efficiency.

    Below the first point its loss stays: a converter without load still draws it.

    >>> round(curve_loss_frac(0.5, LOADS_FRAC, EFFICIENCIES["titanium"]), 6)
    0.020833
    """
    x = min(max(load_frac, 0.0), 1.2)
    i = 2 if x > loads[2] else (1 if x > loads[1] else 0)
    low, high = loads[i] * (1.0 / efficiencies[i] - 1.0), loads[i + 1] * (1.0 / efficiencies[i + 1] - 1.0)
    return low + max(x - loads[i], 0.0) / (loads[i + 1] - loads[i]) * (high - low)


@compilable
def staged_input_kw(
    load_kw: float, unit_kw: float, units: float, best_load_frac: float, loads: tuple[float, ...],
    efficiencies: tuple[float, ...],
) -> tuple[float, float]:  # fmt: skip
    """Input in kW of rectifiers with an efficiency curve, and how many run: each loaded to its best, or all of them.

    ``best_load_frac`` is the load over rating at which another unit is switched in; 0 keeps all on (no staging).

    >>> p, n = staged_input_kw(10.0, 15.0, 4.0, 0.5, LOADS_FRAC, EFFICIENCIES["titanium"])
    >>> round(10.0 / p, 4), n
    (0.9532, 2.0)
    >>> round(10.0 / staged_input_kw(10.0, 15.0, 4.0, 0.0, LOADS_FRAC, EFFICIENCIES["titanium"])[0], 4)
    0.9317
    """
    used = units_for_load(load_kw, best_load_frac * unit_kw, units) if best_load_frac > 0.0 else units
    rating_kw = max(used * unit_kw, 1e-9)
    return load_kw + rating_kw * curve_loss_frac(load_kw / rating_kw, loads, efficiencies), used
