"""Electric chillers after the EIR model of DOE-2 and EnergyPlus, and a Carnot-fraction model beyond its curves.

Te is the chilled water leaving, Tc the fluid entering the condenser (water, or outdoor air), both in degC. Curves are
indexable (a record's nested array or a tuple), lowest order first. ``limits`` holds the range in which the curves
were fitted: Te low, Te high, Tc low, Tc high, PLR low, PLR high; below PLR low the machine cycles.
EnergyPlus 25.2 engineering reference, Chiller:Electric:EIR and Chiller:Electric:ReformulatedEIR.
"""

from __future__ import annotations

from collections.abc import Sequence

from twin.compiled import compilable
from twin.units import KELVIN

REFRIGERANT_PINCH_K = 2.0  # refrigerant beyond the water on both sides, for the Carnot ratio only
LEAST_LIFT_K = 8.0  # below it a compressor does not follow the Carnot ratio any more
STEPS = 12  # most passes over the condenser's leaving water; each is some 20 times nearer than the last
ROUNDING = 1.0 + 1e-9  # a load at the limit is not beyond it
SETTLED_K = 1e-7  # change of the condenser's leaving water that ends the passes


@compilable
def biquadratic(c: Sequence[float], x: float, y: float) -> float:
    """c0 + c1 x + c2 x² + c3 y + c4 y² + c5 x y, the order of EnergyPlus.

    >>> biquadratic((1.0, 0.1, 0.0, 0.0, 0.0, 0.01), 2.0, 3.0)
    1.26
    """
    return c[0] + x * (c[1] + c[2] * x + c[5] * y) + y * (c[3] + c[4] * y)


@compilable
def quadratic(c: Sequence[float], x: float) -> float:
    """c0 + c1 x + c2 x²: the part-load curve EIRFPLR of the EIR model.

    >>> quadratic((0.222903, 0.313387, 0.46371), 1.0)
    1.0
    """
    return c[0] + x * (c[1] + c[2] * x)


@compilable
def bicubic(c: Sequence[float], x: float, y: float) -> float:
    """c0 + c1 x + c2 x² + c3 y + c4 y² + c5 xy + c6 x³ + c7 y³ + c8 x² y + c9 x y²: EIRFPLR of the reformulated model.

    >>> round(bicubic((1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 0.5, 2.0), 3)
    126.125
    """
    return (
        c[0]
        + x * (c[1] + x * (c[2] + x * c[6] + y * c[8]))
        + y * (c[3] + y * (c[4] + y * c[7] + x * c[9]))
        + c[5] * (x * y)
    )


@compilable
def normalisation(c: Sequence[float], x_reference: float, y_reference: float) -> float:
    """Factor that makes a curve 1 at its reference point: 53 of 159 published sets miss it by more than 2 %."""
    return 1.0 / biquadratic(c, x_reference, y_reference)


@compilable
def chiller_capacity_kw(
    chilled_c: float, condenser_c: float, reference_kw: float, limits: Sequence[float], capft: Sequence[float]
) -> float:
    """Cooling capacity in kW at Te and Tc, both clamped into ``limits``; never below 0.

    >>> limits, capft = (5.0, 10.0, 24.0, 35.0, 0.1, 1.0), (0.257896, 0.0389016, -0.00021708, 0.0468684,
    ...     -0.00094284, -0.00034344)
    >>> round(chiller_capacity_kw(6.67, 29.4, 100.0, limits, capft), 3)
    100.334
    """
    te = min(max(chilled_c, limits[0]), limits[1])
    tc = min(max(condenser_c, limits[2]), limits[3])
    return max(reference_kw * biquadratic(capft, te, tc), 0.0)


@compilable
def _share_of_load(load_kw: float, available_kw: float, limits: Sequence[float]) -> tuple[float, float]:
    """Part-load ratio at which the curve is read, and the share of time that a cycling machine runs."""
    plr = min(load_kw / available_kw, limits[5]) if available_kw > 0.0 else 0.0
    running = plr / limits[4] if plr < limits[4] else 1.0
    return max(plr, limits[4]), running


@compilable
def _outside_count(te: float, tc: float, chilled_c: float, condenser_c: float, load_kw: float, most_kw: float) -> float:
    """1 where a temperature was clamped or the load exceeds what the machine can take, else 0."""
    inside = te == chilled_c and tc == condenser_c and load_kw <= most_kw * ROUNDING
    return 0.0 if inside else 1.0


@compilable
def chiller_power_kw(
    load_kw: float,
    chilled_c: float,
    condenser_c: float,
    reference_kw: float,
    reference_cop: float,
    limits: Sequence[float],
    capft: Sequence[float],
    eirft: Sequence[float],
    eirfplr: Sequence[float],
) -> tuple[float, float, float]:
    """Power in kW, capacity in kW and count of clamped inputs (0 or 1) of an EIR chiller.

    P = Q_av / COP_ref EIRFT(Te, Tc) EIRFPLR(PLR) min(PLR / PLR_low, 1), Q_av = Q_ref CAPFT(Te, Tc), PLR = load / Q_av.
    Te, Tc and PLR are clamped into ``limits``; a load beyond PLR_high Q_av is not met (the power is that of
    PLR_high), which counts too. No load, no power.

    >>> limits = (5.0, 10.0, 24.0, 35.0, 0.1, 1.0)
    >>> capft = (0.257896, 0.0389016, -0.00021708, 0.0468684, -0.00094284, -0.00034344)
    >>> eirft = (0.933884, -0.058212, 0.00450036, 0.00243, 0.000486, -0.001215)
    >>> power_kw, available_kw, clamped = chiller_power_kw(
    ...     100.0, 6.67, 29.4, 100.0, 5.5, limits, capft, eirft, (0.222903, 0.313387, 0.46371))
    >>> round(power_kw, 4), round(available_kw, 3), clamped
    (18.1507, 100.334, 0.0)
    """
    te = min(max(chilled_c, limits[0]), limits[1])
    tc = min(max(condenser_c, limits[2]), limits[3])
    available_kw = max(reference_kw * biquadratic(capft, te, tc), 0.0)
    if load_kw <= 0.0:
        return 0.0, available_kw, 0.0
    plr, running = _share_of_load(load_kw, available_kw, limits)
    power_kw = available_kw / reference_cop * biquadratic(eirft, te, tc) * quadratic(eirfplr, plr) * running
    clamped = _outside_count(te, tc, chilled_c, condenser_c, load_kw, limits[5] * available_kw)
    return max(power_kw, 0.0), available_kw, clamped


@compilable
def carnot_cop(chilled_c: float, condenser_c: float) -> float:
    """COP of a Carnot machine between refrigerant 2 K beyond the waters, with a lift of at least 8 K.

    >>> round(carnot_cop(18.0, 30.0), 4)
    18.0719
    """
    cold_c = chilled_c - REFRIGERANT_PINCH_K
    lift_k = condenser_c + REFRIGERANT_PINCH_K - cold_c
    return (cold_c + KELVIN) / max(lift_k, LEAST_LIFT_K)


@compilable
def warm_chiller_power_kw(
    load_kw: float,
    chilled_c: float,
    condenser_c: float,
    reference_kw: float,
    reference_cop: float,
    limits: Sequence[float],
    capft: Sequence[float],
    eirft: Sequence[float],
    eirfplr: Sequence[float],
) -> tuple[float, float, float, float]:
    """:func:`chiller_power_kw` carried beyond the fitted temperatures at constant Carnot fraction.

    COP = COP(Te*, Tc*, PLR) Carnot(Te, Tc) / Carnot(Te*, Tc*), * = the point clamped into ``limits``; capacity stays
    that of the clamped point. No listed chiller is fitted above 13 degC leaving water: beyond, this is an
    extrapolation, so results can say where it was used.

    Returns
    -------
    power_kw, available_kw, clamped_count, extrapolated_count
        ``clamped_count`` is 1 where the load exceeds what the machine can take, ``extrapolated_count`` where a running
        machine stands beyond the fitted temperatures.

    >>> limits = (5.0, 10.0, 24.0, 35.0, 0.1, 1.0)
    >>> capft = (0.257896, 0.0389016, -0.00021708, 0.0468684, -0.00094284, -0.00034344)
    >>> eirft = (0.933884, -0.058212, 0.00450036, 0.00243, 0.000486, -0.001215)
    >>> power_kw, available_kw, clamped, extrapolated = warm_chiller_power_kw(
    ...     100.0, 18.0, 29.4, 100.0, 5.5, limits, capft, eirft, (0.222903, 0.313387, 0.46371))
    >>> round(power_kw, 3), round(available_kw, 2), clamped, extrapolated
    (10.698, 108.72, 0.0, 1.0)
    """
    te = min(max(chilled_c, limits[0]), limits[1])
    tc = min(max(condenser_c, limits[2]), limits[3])
    power_kw, available_kw, clamped = chiller_power_kw(
        load_kw, te, tc, reference_kw, reference_cop, limits, capft, eirft, eirfplr
    )
    if (te == chilled_c and tc == condenser_c) or load_kw <= 0.0:
        return power_kw, available_kw, clamped, 0.0
    return power_kw * carnot_cop(te, tc) / carnot_cop(chilled_c, condenser_c), available_kw, clamped, 1.0


@compilable
def condenser_heat_kw(load_kw: float, power_kw: float, motor_efficiency: float) -> float:
    """Heat in kW that the condenser rejects: load plus the part of the power that reaches the refrigerant.

    >>> condenser_heat_kw(100.0, 20.0, 1.0)
    120.0
    """
    return load_kw + power_kw * motor_efficiency


@compilable
def reformulated_power_kw(
    load_kw: float,
    chilled_c: float,
    condenser_in_c: float,
    condenser_kw_per_k: float,
    reference_kw: float,
    reference_cop: float,
    motor_efficiency: float,
    limits: Sequence[float],
    capft: Sequence[float],
    eirft: Sequence[float],
    eirfplr: Sequence[float],
) -> tuple[float, float, float, float]:
    """Power, capacity, clamped count and condenser leaving water of the reformulated EIR model.

    Its curves take the condenser water **leaving**, Tc = entering + (load + η P) / C, and a bicubic part-load curve in
    (Tc, PLR), so power and Tc are found together: a fixed point, at most 12 passes, to 1e-7 K. ``limits`` has two more
    entries than for the EIR model: the range of Tc in the part-load curve.

    Returns
    -------
    power_kw, available_kw, clamped_count, condenser_out_c
    """
    te = min(max(chilled_c, limits[0]), limits[1])
    leaving_c = condenser_in_c
    power_kw, available_kw, tc = 0.0, 0.0, leaving_c
    for _ in range(STEPS):
        tc = min(max(leaving_c, limits[2]), limits[3])
        available_kw = max(reference_kw * biquadratic(capft, te, tc), 0.0)
        if load_kw <= 0.0 or condenser_kw_per_k <= 0.0:
            return 0.0, available_kw, 0.0, condenser_in_c
        plr, running = _share_of_load(load_kw, available_kw, limits)
        part_load = bicubic(eirfplr, min(max(leaving_c, limits[6]), limits[7]), plr)
        power_kw = max(available_kw / reference_cop * biquadratic(eirft, te, tc) * part_load * running, 0.0)
        heat_kw = condenser_heat_kw(min(load_kw, limits[5] * available_kw), power_kw, motor_efficiency)
        change_k = condenser_in_c + heat_kw / condenser_kw_per_k - leaving_c
        leaving_c = leaving_c + change_k
        if abs(change_k) < SETTLED_K:
            break
    clamped = _outside_count(te, tc, chilled_c, leaving_c, load_kw, limits[5] * available_kw)
    return power_kw, available_kw, clamped, leaving_c
