"""The moisture of a hall over a step, beside any coil: how much humidifiers must give, and what a coil has taken."""

from __future__ import annotations

from twin.compiled import compilable
from twin.components.base import Fields
from twin.components.hall_air import moisture_course
from twin.physics.fluids import VAPOUR_KJ_KG
from twin.units import VAPOUR_CP_KJ_KG_K

OUTPUTS: Fields = {  # of cooling whose coils may condense
    "latent_kw": "Heat of the moisture that coils take from the air",
    "condensate_kg_s": "Water that coils take from the air",
}
MOST_PASSES = 16  # bound of the search for the mean humidity at which a coil takes what the hall loses; 1-5 are usual
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
    dry, _ = moisture_course(p, s, air.outdoor_kg_s, air.outdoor_ratio, removal_kg_s, surface_ratio, 0.0, dt_h)
    if dry >= air.least_ratio:
        return 0.0
    moist, _ = moisture_course(p, s, air.outdoor_kg_s, air.outdoor_ratio, removal_kg_s, surface_ratio, most, dt_h)
    return most * min((air.least_ratio - dry) / max(moist - dry, 1e-15), 1.0)


@compilable
def removal_to(p, s, air, goal_ratio, dt_h):  # type: ignore[no-untyped-def]
    """Water in kg/s, taken at a steady rate, with which the hall ends the step at a humidity ratio."""
    given = air.humidifier_kg_s
    without, _ = moisture_course(p, s, air.outdoor_kg_s, air.outdoor_ratio, 0.0, 0.0, given, dt_h)
    with_one, _ = moisture_course(p, s, air.outdoor_kg_s, air.outdoor_ratio, 0.0, 0.0, given - 1.0, dt_h)
    return (without - goal_ratio) / (without - with_one)


@compilable
def removal_line(taken_kg_s, mean_ratio, taken_before_kg_s, mean_before_ratio, air_kg_s, first):  # type: ignore[no-untyped-def]
    """Removal as a line over the hall's humidity: its slope in kg/s, and the ratio at which nothing is taken.

    The first slope is the air's whole flow, the steepest that a coil has; then that of the last two trials. Removal is
    convex over humidity, so that a search from moist air comes down on the solution from one side.
    """
    slope = air_kg_s
    if not first and abs(mean_before_ratio - mean_ratio) > 1e-15:
        slope = (taken_before_kg_s - taken_kg_s) / (mean_before_ratio - mean_ratio)
    slope = min(max(slope, FLATTEST_FRAC * air_kg_s), air_kg_s)
    return slope, mean_ratio - taken_kg_s / slope


@compilable
def latent_heat_kw(condensate_kg_s, air_out_c):  # type: ignore[no-untyped-def]
    """Heat of moisture that leaves air of a temperature; condensate drains without enthalpy, as in ``moist_coils``."""
    return condensate_kg_s * (VAPOUR_KJ_KG + VAPOUR_CP_KJ_KG_K * air_out_c)
