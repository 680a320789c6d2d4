"""Dry coolers with variable-speed fans, the heat to reject given, and adiabatic pads on their air inlet.

Crossflow with both streams unmixed (Incropera & DeWitt, 6th ed., table 11.3, eq. 11.32), the form of EnergyPlus
FluidCooler:SingleSpeed; the conductance follows the two flows (Wetter 1999, LBNL-42355). With the heat given, the water
at full fan comes in closed form, and so does the product of effectiveness and least capacity rate that holds a
set-point: only the air flow that has it is searched for.

Capacity rates are in kW/K. That of the air carries the altitude: a fan moves a volume, whose mass falls with density.
"""

from __future__ import annotations

import math

from twin.compiled import compilable
from twin.physics.fluids import humidity_ratio_from_wet_bulb
from twin.units import AIR_CP_KJ_KG_K, VAPOUR_CP_KJ_KG_K

SATURATION_EFFECTIVENESS_FRAC = 0.8  # adiabatic pads .7-.9; the middle is a rule of thumb without a measured source
LARGEST_NTU = 100.0  # upper end of the search for the design conductance: no cooler is larger
ALIKE = 1e-9  # capacity rates further apart than this ratio leave one of them constant
LEAST_KW_PER_K = 1e-6  # a cooler without air is held above it, so that it ends in a number, not in an exception
SEARCH_STEPS = 12  # most evaluations in the search for the air flow; 3-6 are usual
WORTH_STEPS = 14  # halvings of the air flow: 5e-5 of full fan
WORTH_WIDTH = 1e-4  # half width of the difference that gives the slope of heat over air flow
SETTLED = 1e-8  # relative miss of effectiveness x capacity rate that ends it


@compilable
def crossflow_effectiveness(ntu: float, capacity_ratio: float) -> float:
    """Effectiveness of a crossflow cooler, both streams unmixed, 0..1, for NTU >= 0 and C_r in 0..1 (eq. 11.32).

    >>> round(crossflow_effectiveness(1.0, 0.5), 6)
    0.544764
    """
    n = max(ntu, 0.0)
    if n == 0.0:
        return n
    if capacity_ratio < ALIKE:
        return -math.expm1(-n)
    root = n**0.22
    return -math.expm1(root / capacity_ratio * math.expm1(-capacity_ratio * n / root))


def design_ua_kw_per_k(heat_kw: float, water_kw_per_k: float, air_kw_per_k: float, approach_k: float) -> float:
    """Conductance in kW/K of a cooler that rejects ``heat_kw`` with its water leaving ``approach_k`` above the air.

    The initial temperature difference is approach plus range, the effectiveness heat over C_min times it. For design
    time, not compiled: bisection, cut at NTU = 100. A design is possible where :func:`design_effectiveness_frac` is
    below 1 and the air can take the heat.

    >>> round(design_ua_kw_per_k(1000.0, 200.0, 150.0, 7.0), 4)
    182.4149
    """
    least, most = min(water_kw_per_k, air_kw_per_k), max(water_kw_per_k, air_kw_per_k)
    wanted = design_effectiveness_frac(heat_kw, water_kw_per_k, air_kw_per_k, approach_k)
    low, high = 0.0, LARGEST_NTU
    for _ in range(200):
        middle = 0.5 * (low + high)
        if crossflow_effectiveness(middle, least / most) < wanted:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high) * least


@compilable
def design_effectiveness_frac(heat_kw: float, water_kw_per_k: float, air_kw_per_k: float, approach_k: float) -> float:
    """Effectiveness that a design asks for: Q / (C_min (approach + range)); 1 or more cannot be built.

    >>> round(design_effectiveness_frac(1000.0, 200.0, 150.0, 7.0), 6)
    0.555556
    """
    return heat_kw / (min(water_kw_per_k, air_kw_per_k) * (approach_k + heat_kw / water_kw_per_k))


@compilable
def air_capacity_kw_per_k(volume_m3_s: float, dry_air_kg_m3: float, humidity_ratio: float) -> float:
    """Capacity rate of moving air: V times dry-air density times (cp of air + W cp of vapour), ASHRAE F1 eq. 30.

    ``dry_air_kg_m3`` is :func:`twin.physics.fluids.dry_air_density_kg_m3` at the fan: it falls with altitude and heat.

    >>> round(air_capacity_kw_per_k(100.0, 1.2, 0.008), 3)
    122.506
    """
    return volume_m3_s * dry_air_kg_m3 * (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * humidity_ratio)


@compilable
def _kw_per_k(
    air_ratio: float, air_resistance: float, water_resistance: float, air_full_kw_per_k: float, water_kw_per_k: float,
    ua_design_kw_per_k: float,
) -> float:  # fmt: skip
    """ε C_min from the resistances of both sides, over the whole resistance at design."""
    ua = ua_design_kw_per_k / (air_resistance + water_resistance)
    air_kw_per_k = air_ratio * air_full_kw_per_k
    least, most = min(air_kw_per_k, water_kw_per_k), max(air_kw_per_k, water_kw_per_k)
    return crossflow_effectiveness(ua / least, least / most) * least


@compilable
def cooler_kw_per_k(
    air_ratio: float, air_full_kw_per_k: float, air_full_frac: float, water_kw_per_k: float, water_frac: float,
    ua_design_kw_per_k: float, air_resistance_frac: float, air_exponent: float, water_exponent: float,
) -> float:  # fmt: skip
    """Heat per kelvin between entering water and entering air in kW/K: ε C_min at a fan speed; 0 where a flow is 0.

    Parameters
    ----------
    air_ratio
        Air flow over that at full fan, 0..1.
    air_full_kw_per_k, air_full_frac
        Capacity rate of the air at full fan now, and its mass flow over that of the design point (the density ratio).
    water_kw_per_k, water_frac
        Capacity rate of the water, and its flow over design.
    ua_design_kw_per_k, air_resistance_frac, air_exponent, water_exponent
        Conductance at design; 1/UA = R_a m_a^-n_a + R_w m_w^-n_w (Modelica Buildings: .6, .8, .85).

    >>> round(cooler_kw_per_k(1.0, 150.0, 1.0, 200.0, 1.0, 182.4149, 0.6, 0.8, 0.85), 3)
    83.333
    >>> round(cooler_kw_per_k(0.5, 150.0, 1.0, 200.0, 1.0, 182.4149, 0.6, 0.8, 0.85), 3)
    54.3
    """
    if min(air_ratio * air_full_kw_per_k, air_ratio * air_full_frac, water_kw_per_k, water_frac) <= 0.0:
        return 0.0
    air = air_resistance_frac * math.exp(-air_exponent * math.log(air_ratio * air_full_frac))
    water = (1.0 - air_resistance_frac) * math.exp(-water_exponent * math.log(water_frac))
    return _kw_per_k(air_ratio, air, water, air_full_kw_per_k, water_kw_per_k, ua_design_kw_per_k)


@compilable
def _air_ratio_for(
    wanted_kw_per_k: float, slowest: float, slowest_kw_per_k: float, full_kw_per_k: float, air_full_kw_per_k: float,
    air_full_frac: float, water_kw_per_k: float, water_frac: float, ua_design_kw_per_k: float,
    air_resistance_frac: float, air_exponent: float, water_exponent: float,
) -> float:  # fmt: skip
    """Air flow over full fan whose ε C_min is as wanted: Illinois on logarithms, where the law is almost straight."""
    goal = math.log(wanted_kw_per_k)
    air_full = air_resistance_frac * math.exp(-air_exponent * math.log(air_full_frac))
    water = (1.0 - air_resistance_frac) * math.exp(-water_exponent * math.log(water_frac))
    low, high = math.log(slowest), 0.0
    f_low, f_high = math.log(slowest_kw_per_k) - goal, math.log(full_kw_per_k) - goal
    x, side = 0.0, 0.0
    for _ in range(SEARCH_STEPS):
        x = (low * f_high - high * f_low) / (f_high - f_low)
        air = air_full * math.exp(-air_exponent * x)
        here = _kw_per_k(math.exp(x), air, water, air_full_kw_per_k, water_kw_per_k, ua_design_kw_per_k)
        f = math.log(here) - goal
        if abs(f) < SETTLED:
            break
        if f > 0.0:
            f_low = 0.5 * f_low if side > 0.0 else f_low
            high, f_high, side = x, f, 1.0
        else:
            f_high = 0.5 * f_high if side < 0.0 else f_high
            low, f_low, side = x, f, -1.0
    return min(max(math.exp(x), slowest), 1.0)


@compilable
def dry_cooler(
    heat_kw: float, water_kw_per_k: float, water_frac: float, air_in_c: float, setpoint_c: float,
    air_full_kw_per_k: float, air_full_frac: float, air_min_frac: float, ua_design_kw_per_k: float,
    air_resistance_frac: float, air_exponent: float, water_exponent: float,
) -> tuple[float, float, float]:  # fmt: skip
    """Leaving water of a dry cooler with variable-speed fans that rejects ``heat_kw``.

    Full fan where the set-point cannot be held; below the lowest speed the fans cycle between off and that speed, for
    the share of the time that carries the heat. A cooler that stands still rejects nothing (no source for its natural
    draught was found). Arguments as in :func:`cooler_kw_per_k`.

    Returns
    -------
    leaving_c, air_ratio, fan_on_frac
        ``air_ratio`` is the air flow of the running fans over full fan (0 when off), ``fan_on_frac`` their share of the
        time. Without heat or water: set-point, fans off. Without air the water grows too hot to mean anything.

    >>> [round(x, 5) for x in dry_cooler(1000.0, 200.0, 1.0, 30.0, 25.0, 150.0, 1.0, 0.2, 182.4149, 0.6, 0.8, 0.85)]
    [37.0, 1.0, 1.0]
    >>> [round(x, 5) for x in dry_cooler(1000.0, 200.0, 1.0, 20.0, 32.0, 150.0, 1.0, 0.2, 182.4149, 0.6, 0.8, 0.85)]
    [32.0, 0.56098, 1.0]
    """
    if heat_kw <= 0.0 or water_kw_per_k <= LEAST_KW_PER_K:
        return setpoint_c, 0.0, 0.0
    full = cooler_kw_per_k(1.0, air_full_kw_per_k, air_full_frac, water_kw_per_k, water_frac, ua_design_kw_per_k,
                           air_resistance_frac, air_exponent, water_exponent)  # fmt: skip
    full = max(full, LEAST_KW_PER_K)
    range_k = heat_kw / water_kw_per_k
    driving_k = setpoint_c + range_k - air_in_c
    if driving_k * full <= heat_kw:
        return air_in_c + heat_kw / full - range_k, 1.0, 1.0
    wanted = heat_kw / driving_k
    slowest = min(max(air_min_frac, 1e-3), 1.0)
    slow = cooler_kw_per_k(slowest, air_full_kw_per_k, air_full_frac, water_kw_per_k, water_frac, ua_design_kw_per_k,
                           air_resistance_frac, air_exponent, water_exponent)  # fmt: skip
    slow = max(slow, LEAST_KW_PER_K)
    if wanted <= slow:
        return setpoint_c, slowest, wanted / slow
    ratio = _air_ratio_for(wanted, slowest, slow, full, air_full_kw_per_k, air_full_frac, water_kw_per_k, water_frac,
                           ua_design_kw_per_k, air_resistance_frac, air_exponent, water_exponent)  # fmt: skip
    return setpoint_c, ratio, 1.0


@compilable
def worthwhile_air_ratio(
    driving_k: float, fan_full_kw: float, worth_ratio: float, air_min_frac: float, air_full_kw_per_k: float,
    air_full_frac: float, water_kw_per_k: float, water_frac: float, ua_design_kw_per_k: float,
    air_resistance_frac: float, air_exponent: float, water_exponent: float,
) -> float:  # fmt: skip
    """Air flow over full fan up to which more air carries more heat than its fan power is worth; 0 where none does.

    It maximises q - worth P with P = P_full a^3 (fan law) and q = ΔT ε C_min, which grows ever more slowly with a:
    heat is concave, power convex, so there is one maximum, found by halving on the sign of the slope. The running fan
    is not slower than ``air_min_frac``; at that speed it must carry its worth as a whole.

    Parameters
    ----------
    driving_k
        Entering water above entering air.
    fan_full_kw, worth_ratio
        Fan power at full air flow now; heat in kW that a kW of it must carry. With 0: full fan.
    air_min_frac, ...
        As in :func:`dry_cooler`.

    >>> round(worthwhile_air_ratio(12.0, 30.0, 10.0, 0.2, 150.0, 1.0, 200.0, 1.0, 182.4149, 0.6, 0.8, 0.85), 4)
    0.8323
    >>> worthwhile_air_ratio(12.0, 30.0, 0.0, 0.2, 150.0, 1.0, 200.0, 1.0, 182.4149, 0.6, 0.8, 0.85)
    1.0
    """
    if worth_ratio <= 0.0:
        return 1.0
    slowest = min(max(air_min_frac, 1e-3), 1.0)
    low, high = slowest, 1.0
    for _ in range(WORTH_STEPS):
        a = 0.5 * (low + high)
        less, more = a - WORTH_WIDTH, a + WORTH_WIDTH
        gain_kw = driving_k * (
            cooler_kw_per_k(more, air_full_kw_per_k, air_full_frac, water_kw_per_k, water_frac, ua_design_kw_per_k,
                            air_resistance_frac, air_exponent, water_exponent)
            - cooler_kw_per_k(less, air_full_kw_per_k, air_full_frac, water_kw_per_k, water_frac, ua_design_kw_per_k,
                              air_resistance_frac, air_exponent, water_exponent)
        )  # fmt: skip
        if gain_kw > worth_ratio * fan_full_kw * (more * more * more - less * less * less):
            low = a
        else:
            high = a
    best = 0.5 * (low + high)
    best = high if high >= 1.0 else low if low <= slowest else best  # the ends themselves, where it lies there
    carried_kw = driving_k * cooler_kw_per_k(
        best, air_full_kw_per_k, air_full_frac, water_kw_per_k, water_frac, ua_design_kw_per_k, air_resistance_frac,
        air_exponent, water_exponent)  # fmt: skip
    return best if carried_kw > worth_ratio * fan_full_kw * best * best * best else 0.0


@compilable
def fan_power_frac(air_ratio: float, fan_on_frac: float, density_ratio: float) -> float:
    """Fan power over design power: the cube of the speed, for its share of the time, at a density over design.

    >>> fan_power_frac(0.5, 1.0, 1.0), fan_power_frac(1.0, 1.0, 0.8)
    (0.125, 0.8)
    """
    return air_ratio * air_ratio * air_ratio * fan_on_frac * density_ratio


@compilable
def adiabatic_inlet(
    outdoor_c: float, wet_bulb_c: float, effectiveness_frac: float, pressure_pa: float
) -> tuple[float, float]:
    """Dry bulb in degC and humidity ratio of air behind a wetted pad: T - ε (T - Twb) at constant wet bulb.

    EnergyPlus 25.2 engineering reference, EvaporativeCooler:Direct:ResearchSpecial and evaporatively cooled condensers.

    >>> t, w = adiabatic_inlet(35.0, 20.0, 0.8, 101325.0)
    >>> t, round(w, 6)
    (23.0, 0.013435)
    """
    t = outdoor_c - effectiveness_frac * max(outdoor_c - wet_bulb_c, 0.0)
    return t, humidity_ratio_from_wet_bulb(t, wet_bulb_c, pressure_pa)


@compilable
def pad_water_kg_s(dry_air_kg_s: float, humidity_in: float, humidity_out: float, cycles: float) -> float:
    """Water that a pad takes in kg/s: m (W_out - W_in), never below 0, and the bleed that holds the concentration.

    Bleed is evaporation / (cycles - 1), cycles of concentration above 1 (EnergyPlus, the same objects; no drift).

    >>> round(pad_water_kg_s(100.0, 0.0085, 0.0134, 3.0), 6)
    0.735
    """
    evaporated = max(dry_air_kg_s * (humidity_out - humidity_in), 0.0)
    return evaporated * cycles / (cycles - 1.0)


@compilable
def wetted(outdoor_c: float, wet_from_c: float, band_k: float, was_wetted: float) -> float:
    """1 while the pads are wet: from ``wet_from_c`` outdoors on, until it is ``band_k`` colder than that; else 0.

    The outdoor dry bulb below which evaporation stops is EnergyPlus's "Evaporative Operation Minimum Limit".

    >>> wetted(18.0, 18.0, 1.0, 0.0), wetted(17.5, 18.0, 1.0, 1.0), wetted(17.5, 18.0, 1.0, 0.0)
    (1.0, 1.0, 0.0)
    """
    stays = was_wetted > 0.0 and outdoor_c > wet_from_c - band_k
    return 1.0 if stays or outdoor_c >= wet_from_c else 0.0
