"""The moisture of a hall over a step: what humidifiers must give, what coils have taken, and the search for both."""

from __future__ import annotations

from twin.compiled import compilable
from twin.components.air.hall_air import moisture_course
from twin.components.base import Fields
from twin.physics.fluids import VAPOUR_KJ_KG
from twin.units import AIR_CP_KJ_KG_K, VAPOUR_CP_KJ_KG_K

OUTPUTS: Fields = {  # of cooling whose coils may condense
    "latent_kw": "Heat of the moisture that coils take from the air",
    "condensate_kg_s": "Water that coils take from the air",
}
REMOVAL: Fields = {  # state of such cooling, from which the next step's search begins
    "removal_kg_s": "Change of what coils take over that of the air's humidity; 0: nothing was taken",
    "removal_ratio": "Humidity ratio at which that line comes to nothing",
}
MOST_PASSES = 16  # bound of the search for the mean humidity at which a coil takes what the hall loses; 1-3 are usual
FRESH_PASS = 4  # trial after which it begins anew from moist air
NO_TRIAL = 1000  # added where it began so
SETTLED_FRAC = 1e-6  # what coil and course may differ by, of what the coil takes
LEAST_FRAC = 1e-9  # and of the air's flow: a change of its humidity ratio that is none
FLATTEST_FRAC = 1e-4  # least slope of a coil's removal, of its air flow: keeps the search bounded
TRIALS = 40  # bound of the search for how far a coil must be driven to dry to the set-point; 5-8 are usual
MET_FRAC = 1e-5  # of the water to take, what the coils may miss there; and of the set-point, what counts as met


@compilable
def humidifier_need(p, s, air, removal_kg_s, surface_ratio, dt_h):  # type: ignore[no-untyped-def]
    """Water in kg/s with which the hall ends the step at the humidifiers' set-point, up to what they can.

    The end is a straight line over the water given, so that two courses tell it exactly.
    """
    most = air.humidifier_most_kg_s
    if most <= 0.0:
        return 0.0
    dry, _ = moisture_course(p, s, air, air.outdoor_kg_s, air.outdoor_ratio, removal_kg_s, surface_ratio, 0.0, dt_h)
    if dry >= air.least_ratio:
        return 0.0
    moist, _ = moisture_course(p, s, air, air.outdoor_kg_s, air.outdoor_ratio, removal_kg_s, surface_ratio, most, dt_h)
    return most * min((air.least_ratio - dry) / max(moist - dry, 1e-15), 1.0)


@compilable
def removal_to(p, s, air, goal_ratio, dt_h):  # type: ignore[no-untyped-def]
    """Water in kg/s, taken at a steady rate, with which the hall ends the step at a humidity ratio."""
    given = air.humidifier_kg_s
    without, _ = moisture_course(p, s, air, air.outdoor_kg_s, air.outdoor_ratio, 0.0, 0.0, given, dt_h)
    with_one, _ = moisture_course(p, s, air, air.outdoor_kg_s, air.outdoor_ratio, 0.0, 0.0, given - 1.0, dt_h)
    return (without - goal_ratio) / (without - with_one)


@compilable
def trial(p, s, air, slope_kg_s, surface_ratio, dt_h):  # type: ignore[no-untyped-def]
    """Hall with a line of removal: humidity ratio at the end, its mean, and the water that coils have taken by it.

    Humidifiers give what the hall then needs.
    """
    air.humidifier_kg_s = humidifier_need(p, s, air, slope_kg_s, surface_ratio, dt_h)
    air.moistening_kw = air.humidifier_kg_s * air.moistening_kj_kg
    end_ratio, mean_ratio = moisture_course(
        p, s, air, air.outdoor_kg_s, air.outdoor_ratio, slope_kg_s, surface_ratio, air.humidifier_kg_s, dt_h
    )
    return end_ratio, mean_ratio, slope_kg_s * (mean_ratio - surface_ratio)


@compilable
def agree(taken_kg_s, booked_kg_s, air_kg_s):  # type: ignore[no-untyped-def]
    """1 where what coils take at a mean humidity is what the hall's course has booked."""
    return 1.0 if abs(taken_kg_s - booked_kg_s) <= SETTLED_FRAC * taken_kg_s + LEAST_FRAC * air_kg_s else 0.0


@compilable
def booked(p, s, air, booked_kg_s, end_ratio, mean_ratio, dt_h):  # type: ignore[no-untyped-def]
    """Water, and humidity at the end and its mean; below 0 by less than the search's tolerance: a coil gives none."""
    if booked_kg_s < 0.0:
        booked_kg_s = 0.0
        end_ratio, mean_ratio = moisture_course(
            p, s, air, air.outdoor_kg_s, air.outdoor_ratio, 0.0, 0.0, air.humidifier_kg_s, dt_h
        )
    return booked_kg_s, end_ratio, mean_ratio


@compilable
def next_line(slope_kg_s, taken_kg_s, mean_ratio, taken_before_kg_s, mean_before_ratio, air_kg_s, first, trial):  # type: ignore[no-untyped-def]
    """Removal as a line over the hall's humidity: slope in kg/s, the ratio at which nothing is taken; and ``first``.

    ``first`` is 1 before there are two trials; ``trial`` counts them from the last step's line on. The first slope is
    that of the last step, else the air's whole flow, the steepest that a coil has; then that of the last two trials.
    Removal is convex over humidity, so that a search from moist air comes down on the solution from one side: where the
    last step's line leads to a dry coil, or not to an end soon, the search begins anew without removal.
    """
    if slope_kg_s > 0.0 and (trial == FRESH_PASS or (trial < FRESH_PASS and taken_kg_s <= 0.0)):
        return 0.0, 0.0, 1.0
    slope = slope_kg_s if slope_kg_s > 0.0 else air_kg_s
    if first < 0.5 and abs(mean_before_ratio - mean_ratio) > 1e-15:
        slope = (taken_before_kg_s - taken_kg_s) / (mean_before_ratio - mean_ratio)
    slope = min(max(slope, FLATTEST_FRAC * air_kg_s), air_kg_s)
    return slope, mean_ratio - taken_kg_s / slope, 0.0


@compilable
def heat_and_moisture(course, p, w, s, x, y, air, loop, units, how, dt_h):  # type: ignore[no-untyped-def]
    """Heat and moisture of a hall together: the mean humidity at which coils take what the hall loses to them.

    ``course(p, w, s, x, y, air, loop, units, how, ratio, dt_h)`` gives the water that coils take from a hall of a mean
    humidity ratio, and whatever else it finds; ``how`` is for the course alone, ``()`` where it takes nothing. Returns
    what the course has found, the water, and the humidity ratio at the end and its mean. Water is what the hall's
    course of moisture says, so that it balances to rounding; the coils' own answer differs by the search's tolerance.
    The search begins with the removal of the last step.
    """
    slope_kg_s, surface_ratio, taken_before, mean_before = s.removal_kg_s, s.removal_ratio, 0.0, 0.0
    first, begun = 1.0, 0 if s.removal_kg_s > 0.0 else NO_TRIAL
    air_kg_s = air.flow_kw_per_k / (AIR_CP_KJ_KG_K + VAPOUR_CP_KJ_KG_K * s.humidity_kg_kg)
    for i in range(MOST_PASSES):
        end_ratio, mean_ratio, booked_kg_s = trial(p, s, air, slope_kg_s, surface_ratio, dt_h)
        taken_kg_s, found = course(p, w, s, x, y, air, loop, units, how, mean_ratio, dt_h)
        if agree(taken_kg_s, booked_kg_s, air_kg_s) > 0.5:
            break
        slope_kg_s, surface_ratio, first = next_line(
            slope_kg_s, taken_kg_s, mean_ratio, taken_before, mean_before, air_kg_s, first, begun + i
        )
        taken_before, mean_before = taken_kg_s, mean_ratio
    x.removal_kg_s, x.removal_ratio = slope_kg_s, surface_ratio
    booked_kg_s, end_ratio, mean_ratio = booked(p, s, air, booked_kg_s, end_ratio, mean_ratio, dt_h)
    return found, booked_kg_s, end_ratio, mean_ratio


@compilable
def latent_heat_kw(condensate_kg_s, air_out_c):  # type: ignore[no-untyped-def]
    """Heat of moisture that leaves air of a temperature; condensate drains without enthalpy, as in ``moist_coils``."""
    return condensate_kg_s * (VAPOUR_KJ_KG + VAPOUR_CP_KJ_KG_K * air_out_c)
