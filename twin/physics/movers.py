"""Fans and pumps: power from flow and pressure, affinity laws, and part-load curves.

A part-load curve gives power as a fraction of design power at a flow that is a fraction of design flow (0..1).
"""

from __future__ import annotations

from twin.compiled import compilable

# Coefficients (constant, x, x^2, x^3) of power fraction over flow fraction.
CUBE = (0.0, 0.0, 0.0, 1.0)  # affinity law
VAV_FAN = (0.040759894, 0.08804497, -0.07292612, 0.943739823)  # VAV fans of the DOE prototype buildings
VSD_FAN = (0.0013, 0.147, 0.9506, -0.0998)  # ASHRAE 90.1-2010 appendix G, part-load of VSD fans
PUMP_VARIABLE_SPEED = (0.0, 3.2485, -4.7443, 2.5295)  # DOE prototype buildings, variable-speed pump riding its curve
PUMP_PRESSURE_RESET = (0.0, 0.0205, 0.4101, 0.5753)  # DOE prototype buildings, variable speed with pressure reset
PUMP_LINEAR = (0.0, 1.0, 0.0, 0.0)  # DOE prototype buildings


@compilable
def mover_power_kw(flow_m3_s: float, pressure_pa: float, efficiency: float) -> float:
    """Electric power in kW of a fan or pump: V Δp / η, where η covers fan or pump, motor and drive (0..1].

    >>> round(mover_power_kw(10.0, 500.0, 0.65), 4), round(mover_power_kw(0.05, 200e3, 0.7), 4)
    (7.6923, 14.2857)
    """
    return flow_m3_s * pressure_pa / (1000.0 * efficiency)


@compilable
def cubic_power_frac(curve: tuple[float, ...], flow_frac: float) -> float:
    """Power over design power by a cubic in the flow fraction, never below 0; flow is clamped to 0..1.5.

    ``curve`` holds four coefficients, constant first. A mover that stands still draws nothing.

    >>> round(cubic_power_frac(VAV_FAN, 0.5), 5), cubic_power_frac(VAV_FAN, 0.0)
    (0.18452, 0.0)
    """
    x = min(max(flow_frac, 0.0), 1.5)
    if x == 0.0:
        return 0.0
    return max(curve[0] + x * (curve[1] + x * (curve[2] + x * curve[3])), 0.0)


@compilable
def affinity_power_frac(flow_frac: float, fixed_frac: float) -> float:
    """Power over design power where a fixed part does not depend on speed and the rest follows its cube.

    >>> affinity_power_frac(0.5, 0.0), round(affinity_power_frac(0.5, 0.2), 9)
    (0.125, 0.3)
    """
    x = max(flow_frac, 0.0)
    return fixed_frac + (1.0 - fixed_frac) * (x * x * x)


@compilable
def static_head_power_frac(flow_frac: float, static_frac: float) -> float:
    """Power over design power against a pressure of which ``static_frac`` is held and the rest falls with V².

    P ∝ V Δp, so only a system without a static part follows the cube.

    >>> static_head_power_frac(0.5, 0.0), static_head_power_frac(0.5, 0.4)
    (0.125, 0.275)
    """
    x = max(flow_frac, 0.0)
    return x * (static_frac + (1.0 - static_frac) * (x * x))


@compilable
def shared_power_frac(flow_frac: float, units: float, fixed_frac: float) -> float:
    """Power of ``units`` equal movers that share a flow given in units of one mover, over the power of one at design.

    >>> shared_power_frac(1.0, 2.0, 0.0)  # two fans at half flow against one at full flow
    0.25
    """
    return units * affinity_power_frac(flow_frac / units, fixed_frac)
