"""Losing units: the search against every hour simulated, one loss against the engine's own events and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.studies.headroom.sites import plain_site
from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.physics.fluids import station_pressure_pa
from twin.scenario.events import with_event
from twin.scenario.model import Refine, Run, Scenario
from twin.studies.headroom.n_minus import Prepared, exhaustive, loss_of_cooling, n_minus, prepared
from twin.studies.headroom.outcome import outcome_at
from twin.studies.headroom.units import Case, Unit, all_of, cases_of, count_of, units_of, without

HALF_DAY = ", ".join(f"{0.55 + 0.45 * math.sin(math.pi * hour / 24.0):.3f}" for hour in range(24))
BUSY = f"halls.hall.rack_groups.racks.utilisation={{kind: daily, weekday_frac: [{HALF_DAY}]}}"
TABLE = "halls.hall.rack_groups.racks.load_power_frac=[.2, .28, .36, .44, .52, .6, .68, .76, .84, .92, 1]"
TWO = (
    "plants.main.chillers={one: {kind: water_cooled, curves: York_YT_1023, rated_kw: 350, condenser_flow_m3_s: 0.02},"
    " two: {kind: water_cooled, curves: York_YT_1023, rated_kw: 300, condenser_flow_m3_s: 0.02}}"
)


def small_site(start: str, duration: str) -> Scenario:
    """Two chillers that both run in the afternoon, handlers with little to spare, a load that follows the day."""
    run = f"run={{calendar_year: 2025, start: {start}, duration: {duration}}}"
    return plain_site(run, BUSY, TABLE, TWO, "halls.hall.air.units_count=7")


@pytest.fixture(scope="module")
def day() -> Prepared:
    return prepared(small_site("2025-07-14", "1d"))


def case_of(ready: Prepared, path: str, lost: int = 1) -> Case:
    (unit,) = [unit for unit in ready.units if unit.path == path]
    return Case(((unit, lost),))


def test_units_are_those_that_events_know_without_racks() -> None:
    found = {unit.path: unit.count for unit in units_of(small_site("2025-07-14", "1d"))}
    assert found["halls.hall.air"] == 7
    assert found["plants.main.chillers.two"] == 1
    assert not [path for path in found if "rack_groups" in path]


def test_equal_units_are_one_case_that_stands_for_all_of_them() -> None:
    a, b = Unit("halls.a.air", 4), Unit("plants.p.chillers.c", 1)
    names = [case.name for case in cases_of([a, b], 2)]
    assert names == ["2 of 4 halls.a.air", "1 of 4 halls.a.air + plants.p.chillers.c"]
    assert [case.ways for case in cases_of([a, b], 2)] == [6, 4]
    assert all_of([a, b]).lost_frac("halls.a.air") == 1.0


def test_a_component_counts_its_redundant_units() -> None:
    site = plain_site("power={main: {kind: transformer, rated_kva: 900, redundancy: N+1}}")
    assert count_of(site.power["main"]) == 2


def test_losing_all_air_handling_takes_the_time_of_the_published_check_case() -> None:
    """PHYSICS 3.5: 500 kW, 1500 m3, 41.4 MJ/K, 40 kW/K: 22 to 32 degC in 70.3 s, in an hour of constant load."""
    ready = prepared(plain_site("run={calendar_year: 2025, start: 2025-07-01, duration: 3h}"))
    found = outcome_at(ready.course, ready.limits, case_of(ready, "halls.hall.air", 10), 1, 1.0, 1.0)
    assert found.allowable_min * 60.0 == pytest.approx(70.3, abs=1.0)
    assert found.recommended_min < found.allowable_min


def test_a_loss_is_that_of_the_engine_with_an_event_and_refined_steps(day: Prepared) -> None:
    """The window from a moment of the hourly run and one refined run through the event: the same numbers."""
    hour, path = 14, "plants.main.chillers.one"
    own = outcome_at(day.course, day.limits, case_of(day, path), hour, 1.0, 5.0)
    lost = with_event(day.scenario, path, "2025-07-14 14:00", "1h")
    refined = lost.model_copy(update={"run": lost.run.model_copy(update={"refine": Refine(step="5s", duration="1h")})})
    inlet = simulate(refined, keep=day.limits.inlets)[day.limits.inlets[0]].values[0]
    fine = inlet[hour : hour + 720]
    assert own.highest_c == float(np.max(fine))
    assert own.excess_k == own.highest_c - 32.0


def test_minutes_lie_between_the_steps_around_the_limit(day: Prepared) -> None:
    """Steps of five seconds and of one agree to a step: the crossing is found between the means of steps."""
    case = case_of(day, "halls.hall.air", 7)
    coarse, fine = (outcome_at(day.course, day.limits, case, 14, 1.0, step_s) for step_s in (5.0, 1.0))
    assert coarse.allowable_min == pytest.approx(fine.allowable_min, abs=1.0 / 60.0)


def test_a_controller_that_loses_its_sensors_holds_the_set_point_of_that_hour(day: Prepared) -> None:
    path, u = "plants.main.condenser.sensors", day.course.lowered.composition.u
    rows = day.course.lowered.u[8:10]
    blind = without(day.course.lowered, rows, case_of(day, path))
    at = u.index("plants.main.condenser", "set_c")
    assert blind[:, at].tolist() == [rows[0, at]] * 2
    assert rows[1, at] != rows[0, at]
    np.testing.assert_array_equal(np.delete(blind, at, axis=1), np.delete(rows, at, axis=1))
    found = outcome_at(day.course, day.limits, case_of(day, path), 8, 1.0, 20.0)
    assert found.minutes == math.inf  # an hour of condenser water that is a little off


def test_losing_more_of_the_same_units_never_takes_longer(day: Prepared) -> None:
    found = [outcome_at(day.course, day.limits, case_of(day, "halls.hall.air", n), 14, 1.0, 5.0) for n in range(1, 8)]
    minutes = [one.minutes for one in found]
    assert minutes == sorted(minutes, reverse=True)
    highest = [one.highest_c for one in found]
    assert highest == sorted(highest)


def test_the_search_of_a_day_finds_what_every_hour_simulated_finds(day: Prepared) -> None:
    found = {one.case: one for one in n_minus(day.scenario, 1, 1.0).worst}
    for case in (case_of(day, "plants.main.chillers.one"), case_of(day, "halls.hall.air")):
        every = exhaustive(day, case, 1.0)
        assert (found[case].step, found[case].minutes) == (every.step, every.minutes)


@pytest.mark.slow
def test_the_search_equals_exhaustive_simulation_of_every_loss_of_one_and_of_two() -> None:
    """Two days in July of a small site, each loss in each hour in steps of 1 s: the same worst hour, to the bit."""
    site = small_site("2025-07-11", "2d")
    ready, found = prepared(site, 2, 1.0), n_minus(site, 2, 1.0)
    assert len(found.worst) == len(cases_of(ready.units, 1)) + len(cases_of(ready.units, 2))
    for one in found.worst:
        every = exhaustive(ready, one.case, 1.0)
        assert (one.minutes, one.highest_c) == (every.minutes, every.highest_c), one.case.name


@pytest.mark.slow
def test_losses_that_two_units_add_are_told_apart_from_those_of_one(day: Prepared) -> None:
    found = n_minus(day.scenario, 2, 1.0)
    alone = {
        one.case.lost[0][0].path: one for one in found.worst if len(one.case.lost) == 1 and one.case.lost[0][1] == 1
    }
    for one in found.telling():
        if len(one.case.lost) == 2:
            singles = [alone[unit.path] for unit, _ in one.case.lost]
            assert all(one.severity < single.severity for single in singles)
    assert len(found.telling()) < len(found.worst)


def test_loss_of_cooling_loses_all_handlers_and_all_chillers(day: Prepared) -> None:
    names = {one.case.name for one in loss_of_cooling(day.scenario, 1.0).worst}
    assert names == {"7 of 7 halls.hall.air", "plants.main.chillers.one + plants.main.chillers.two"}


def test_a_hall_at_altitude_is_held_to_the_derated_limit() -> None:
    high = prepared(
        plain_site("run={calendar_year: 2025, start: 2025-07-01, duration: 2h}", "weather.elevation_m=1500")
    )
    assert station_pressure_pa(1500.0) < 90_000.0
    assert high.limits.allowable_c[0] == pytest.approx(30.0)


@pytest.mark.parametrize(
    ("together", "window_h", "message"),
    [
        (3, 1.0, "--lose 3: one unit or two can be lost together"),
        (1, 0.5, "--window 0.5: must be whole hours, at least 1"),
        (1, 1.5, "--window 1.5: must be whole hours, at least 1"),
    ],
)
def test_what_cannot_be_searched_is_told(together: int, window_h: float, message: str) -> None:
    with pytest.raises(InputError) as told:
        prepared(small_site("2025-07-14", "1d"), together, window_h)
    assert str(told.value) == message


def test_a_window_that_reaches_beyond_the_run_ends_with_it() -> None:
    ready = prepared(plain_site("run={calendar_year: 2025, start: 2025-07-01, duration: 2h}"))
    found = outcome_at(ready.course, ready.limits, case_of(ready, "halls.hall.air", 1), 1, 4.0, 5.0)
    assert found.window_h == 1.0


def test_run_of_a_site_is_taken_by_the_hour_whatever_its_own_step() -> None:
    site = small_site("2025-07-14", "1d").model_copy(
        update={"run": Run(calendar_year=2025, start="2025-07-14", duration="1d", step="5min")}
    )
    assert prepared(site).course.lowered.axis.step_s == 3600.0
