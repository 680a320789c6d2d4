"""Direct-expansion units and air-cooled chillers by maps of COP, a DX coil by curves, and pumped refrigerant.

Maps are read within the points they hold: outside, the nearest point, and a count. The EIR set of an air-cooled chiller
(York YCAL) is in ``data/chillers.yaml`` and :mod:`twin.physics.chillers`.
"""

from __future__ import annotations

from twin.compiled import compilable

# COP of air-cooled chillers over part-load ratio (.25 to 1 in ten steps) and outdoor dry bulb, and of DX units over dry
# bulb. Read from a data file of published code, taken to be the training data of the archetype model of Lei & Masanet
# 2022 (doi:10.1016/j.resconrec.2022.106323); it names no make and does not say which fans are included.
LEAST_PLR, MOST_PLR, PLR_POINTS = 0.25, 1.0, 10.0
MAP_15_C = (5.23, 6.00, 6.38, 6.69, 6.92, 7.00, 6.90, 6.80, 6.61, 6.35)
MAP_25_C = (2.84, 3.37, 3.85, 4.09, 4.27, 4.38, 4.47, 4.43, 4.35, 4.12)
MAP_35_C = (1.90, 2.27, 2.54, 2.78, 2.98, 3.12, 3.19, 3.13, 3.05, 2.93)
COLDEST_C, MIDDLE_C, HOTTEST_C, MAP_STEP_K = 15.0, 25.0, 35.0, 10.0
DX_OUTDOOR_C = (15.0, 19.5, 25.0, 30.0, 35.0, 40.0)
DX_COP = (2.8, 2.4, 2.07, 1.71, 1.46, 1.23)  # 2.8 at 15 degC and below

# Curves of a single-speed DX coil as in EnergyPlus's examples (HPACCoolCapFT, HPACCOOLEIRFT, HPACCOOLPLFFPLR): x the
# wet bulb of the entering air 12.78..23.89 degC, y the outdoor dry bulb 18..46.11 degC; PLF = .85 + .15 PLR.
DX_CAPFT = (0.766956, 0.0107756, -0.0000414703, 0.00134961, -0.000261144, 0.000457488)
DX_EIRFT = (0.297145, 0.0430933, -0.000748766, 0.00597727, 0.000482112, -0.000956448)
DX_LIMITS = (12.77778, 23.88889, 18.0, 46.11111)
DX_CYCLING_LOSS_FRAC = 0.15  # fall of the part-load fraction from full load to none
MOST_BYPASS_FRAC = 0.999  # keeps the surface of a coil that its air passes by finite

THERMOSYPHON_SHARE_PER_K = 0.06  # of the reference capacity: EnergyPlus's unit tests for Chiller:Electric:EIR


@compilable
def _on_row(row: tuple[float, ...], plr: float) -> float:
    """COP on one row of the map at a part-load ratio within it."""
    at = (plr - LEAST_PLR) / (MOST_PLR - LEAST_PLR) * (PLR_POINTS - 1.0)
    i = int(min(max(at, 0.0), PLR_POINTS - 2.0)) if at == at else 0
    return row[i] + (at - i) * (row[i + 1] - row[i])


@compilable
def air_cooled_cop(plr: float, outdoor_c: float) -> tuple[float, float]:
    """COP of an air-cooled chiller, bilinear in part-load ratio and outdoor dry bulb, and 1 where either was clamped.

    Valid for PLR .25..1 and 15..35 degC; colder outdoors the COP stays that of 15 degC.

    >>> air_cooled_cop(0.25, 15.0), air_cooled_cop(1.0, -10.0), round(air_cooled_cop(1.0, 30.0)[0], 6)
    ((5.23, 0.0), (6.35, 1.0), 3.525)
    """
    x = min(max(plr, LEAST_PLR), MOST_PLR)
    t = min(max(outdoor_c, COLDEST_C), HOTTEST_C)
    middle = _on_row(MAP_25_C, x)
    if t <= MIDDLE_C:
        cold = _on_row(MAP_15_C, x)
        cop = cold + (t - COLDEST_C) / MAP_STEP_K * (middle - cold)
    else:
        cop = middle + (t - MIDDLE_C) / MAP_STEP_K * (_on_row(MAP_35_C, x) - middle)
    return cop, 0.0 if x == plr and t == outdoor_c else 1.0


@compilable
def dx_cop(outdoor_c: float) -> tuple[float, float]:
    """COP of a DX unit over outdoor dry bulb, linear between points, and 1 above 40 degC, where it is clamped.

    2.8 at 15 degC and below, as the source has it.

    >>> dx_cop(25.0), dx_cop(-20.0), dx_cop(50.0)
    ((2.07, 0.0), (2.8, 0.0), (1.23, 1.0))
    """
    t = min(max(outdoor_c, DX_OUTDOOR_C[0]), DX_OUTDOOR_C[5])
    i = 0
    for j in range(1, 5):
        i = j if t >= DX_OUTDOOR_C[j] else i
    part = (t - DX_OUTDOOR_C[i]) / (DX_OUTDOOR_C[i + 1] - DX_OUTDOOR_C[i])
    return DX_COP[i] + part * (DX_COP[i + 1] - DX_COP[i]), 1.0 if outdoor_c > t else 0.0


@compilable
def compressor_kw(load_kw: float, cop: float, cop_error_frac: float) -> float:
    """Electricity in kW at a COP of the map times (1 + error); no load, no power.

    Lei & Masanet scale by -45..-25 % for air-cooled chillers and -40..+20 % for DX units of smaller sites.

    >>> compressor_kw(100.0, 2.5, 0.0), compressor_kw(100.0, 2.5, -0.2)
    (40.0, 50.0)
    """
    return max(load_kw, 0.0) / (cop * (1.0 + cop_error_frac))


@compilable
def _biquadratic(c: tuple[float, ...], x: float, y: float) -> float:
    """c0 + c1 x + c2 x² + c3 y + c4 y² + c5 x y."""
    return c[0] + x * (c[1] + c[2] * x + c[5] * y) + y * (c[3] + c[4] * y)


@compilable
def dx_coil(
    load_kw: float, entering_wet_bulb_c: float, outdoor_c: float, rated_kw: float, rated_cop: float,
    capft: tuple[float, ...], eirft: tuple[float, ...], limits: tuple[float, ...], cycling_loss_frac: float,
) -> tuple[float, float, float]:  # fmt: skip
    """Power, capacity and clamped count of a single-speed DX coil at rated air flow.

    Q_av = Q_rated CAPFT(Twb, Tdb); P = Q_av / COP EIRFT(Twb, Tdb) min(PLR / PLF, 1), PLF = 1 - loss (1 - PLR), at least
    .7. EnergyPlus 25.2 engineering reference, Coil:Cooling:DX:SingleSpeed. The heat that it splits into sensible and
    latent is that of :func:`twin.physics.moist_coils.coil_outlet`.

    Parameters
    ----------
    entering_wet_bulb_c, outdoor_c
        Wet bulb of the air entering the coil, dry bulb of that entering the condenser; both clamped to ``limits``.
    capft, eirft, limits, cycling_loss_frac
        Curves, their range (x low, x high, y low, y high) and the part-load loss: :data:`DX_CAPFT` and so on.

    Returns
    -------
    power_kw, available_kw, clamped_count
        A load beyond the capacity is not met: the power is that of the capacity, and it counts.

    >>> p, q, count = dx_coil(100.0, 19.44, 35.0, 100.0, 3.0, DX_CAPFT, DX_EIRFT, DX_LIMITS, 0.15)
    >>> round(p, 4), round(q, 4), count
    (33.3435, 99.9371, 1.0)
    """
    x = min(max(entering_wet_bulb_c, limits[0]), limits[1])
    y = min(max(outdoor_c, limits[2]), limits[3])
    available_kw = max(rated_kw * _biquadratic(capft, x, y), 0.0)
    if load_kw <= 0.0 or available_kw <= 0.0:
        return 0.0, available_kw, 0.0
    plr = min(load_kw / available_kw, 1.0)
    running = min(plr / max(1.0 - cycling_loss_frac * (1.0 - plr), 0.7), 1.0)
    inside = x == entering_wet_bulb_c and y == outdoor_c and load_kw <= available_kw
    power_kw = max(available_kw / rated_cop * _biquadratic(eirft, x, y), 0.0) * running
    return power_kw, available_kw, 0.0 if inside else 1.0


@compilable
def dry_surface_c(entering_c: float, drop_k: float, bypass_frac: float) -> float:
    """Apparatus dew point in degC of a coil that cools all its air by ``drop_k`` and takes no moisture.

    t_adp = t - dT / (1 - BF), the sensible form of :func:`twin.physics.moist_coils.coil_outlet`: just where this lies
    below the dew point of the entering air, that coil condenses.

    >>> round(dry_surface_c(33.0, 18.0, 0.1), 6)
    13.0
    """
    return entering_c - drop_k / (1.0 - min(max(bypass_frac, 0.0), MOST_BYPASS_FRAC))


@compilable
def pumped_refrigerant(
    load_kw: float, warm_c: float, outdoor_c: float, capacity_kw_per_k: float, most_kw: float, partial: float
) -> tuple[float, float]:
    """Heat that an economizer of pumped or thermosyphoning refrigerant takes in kW, and what the compressor keeps.

    Capacity is linear in the temperature difference of its two sides, as the thermosyphon of EnergyPlus 25.2
    (Chiller:Electric:EIR, thermosiphon capacity fraction curve); ``warm_c`` is the leaving chilled water there, or the
    return air of a unit whose capacity was rated so. ``partial`` is 1 where one circuit may pump while the other
    compresses (two-circuit units, Emerson SL-28170), and 0 where, as in EnergyPlus, it runs only if it can take all.

    >>> pumped_refrigerant(80.0, 35.0, 5.0, 3.0, 100.0, 1.0), pumped_refrigerant(80.0, 35.0, 15.0, 3.0, 100.0, 1.0)
    ((80.0, 0.0), (60.0, 20.0))
    >>> pumped_refrigerant(80.0, 35.0, 15.0, 3.0, 100.0, 0.0)
    (0.0, 80.0)
    """
    able_kw = min(max(capacity_kw_per_k * (warm_c - outdoor_c), 0.0), most_kw)
    wanted_kw = max(load_kw, 0.0)
    if able_kw >= wanted_kw:
        return wanted_kw, 0.0
    taken_kw = able_kw if partial > 0.0 else 0.0
    return taken_kw, wanted_kw - taken_kw


@compilable
def thermosyphon_kw_per_k(reference_kw: float, share_per_k: float) -> float:
    """Capacity in kW/K of a thermosyphon from its share of a chiller's reference capacity per K.

    >>> thermosyphon_kw_per_k(1000.0, THERMOSYPHON_SHARE_PER_K)
    60.0
    """
    return reference_kw * share_per_k
