"""A tank of chilled water in a plan: against enumeration, and a plant's own tank that carries the plan out."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.scenarios import shipped
from tests.studies.planning.cases import line, problem
from twin.errors import InputError
from twin.scenario.model import Scenario
from twin.studies.planning.corrected import DEMAND_FRAC, TOTAL_FRAC
from twin.studies.planning.plan import Seen
from twin.studies.planning.problem import PlannedBattery, PlannedTank
from twin.studies.planning.replay import outcome, run_plan
from twin.studies.planning.rolling import Rolling
from twin.studies.planning.sampling import deferrable
from twin.studies.planning.solve import solve
from twin.studies.planning.study import PlanStudy, plan_study
from twin.studies.planning.tank import site_tank, tank_at_rest
from twin.studies.planning.tank_bound import widened

TANK = "plants.main.storage={volume_m3: 400, charge_kw: 500, discharge_kw: 1300, ua_kw_per_k: 0.2, head_kpa: 120}"
PRICE = st.sampled_from([-0.05, 0.0, 0.02, 0.1, 0.3])


@given(st.lists(PRICE, min_size=5, max_size=5), st.lists(st.sampled_from([0.1, 0.2, 0.25]), min_size=5, max_size=5))
@settings(max_examples=40, deadline=None)
def test_a_tank_costs_what_enumeration_finds(prices: list[float], per_cooling: list[float]) -> None:
    into, out = np.array(per_cooling), 0.9 * np.array(per_cooling)
    tank = PlannedTank("main", np.full(5, 4.0), np.full(5, 2.0), 8.0, 4.0, into, out)
    found = solve(problem(prices, facility=line(5), tank=tank))
    change = np.array(list(product([-2.0, 0.0, 2.0, 4.0], repeat=5)))
    held = 4.0 + np.cumsum(change, axis=1)
    can = (held.min(axis=1) >= 0.0) & (held.max(axis=1) <= 8.0) & (held[:, -1] >= 4.0)
    power = 10.0 + np.maximum(change, 0.0) * into - np.maximum(-change, 0.0) * out
    assert found.objective == pytest.approx(float((power[can] @ np.array(prices)).min()), abs=1e-6)
    assert np.minimum(found.tank_charge_kw, found.tank_discharge_kw).max() < 1e-2
    assert np.diff(np.concatenate([[4.0], found.tank_kwh])) == pytest.approx(
        found.tank_charge_kw - found.tank_discharge_kw, abs=1e-6
    )


def test_parts_of_a_tank_are_taken_in_their_order_also_where_a_kwh_is_worth_less_than_nothing() -> None:
    prices = [0.06, -0.05, 0.3, 0.3]
    parts = np.array([[2.0] * 4, [2.0] * 4])
    into, out = np.array([[0.1] * 4, [0.3] * 4]), np.array([[0.1] * 4, [0.05] * 4])
    found = solve(problem(prices, facility=line(4), tank=PlannedTank("main", parts, parts, 8.0, 0.0, into, out)))
    assert found.tank_charge_kw[:2] == pytest.approx([2.0, 4.0])
    assert found.tank_kw[:2] == pytest.approx([0.2, 0.8])  # at the negative price the line between the ends
    assert found.tank_discharge_kw[2:].sum() == pytest.approx(6.0)
    assert found.tank_kw[2:].sum() == pytest.approx(-0.5)


def test_a_plant_without_a_tank_is_told() -> None:
    with pytest.raises(InputError, match="plant 'main' has no storage: no plant has one"):
        site_tank(shipped("load_shifting", "run.duration=1d"), "main", ["batch"])


def with_tank(*overrides: str) -> Scenario:
    return shipped("load_shifting", TANK, "run.start=2025-06-02", "run.duration=7d", *overrides)


@pytest.fixture(scope="module")
def study() -> PlanStudy:
    return plan_study(with_tank(), storage="main")


@pytest.mark.slow
def test_the_twin_shows_what_a_kw_of_cooling_takes() -> None:
    tank = site_tank(with_tank(), "main", deferrable(with_tank()))
    assert 0.08 < tank.kw_per_charge.mean() < 0.35  # the plant's whole, per kW of cooling: COP of 3 to 12
    assert (tank.kw_per_discharge <= tank.kw_per_charge[0]).all()
    assert (np.diff(tank.kw_per_charge, axis=0) > -1e-9).all()  # the second part of what goes in takes no less
    assert (np.diff(tank.kw_per_discharge, axis=0) < 1e-9).all()
    assert tank.energy_kwh == pytest.approx(0.9 * 400 * 1.163 * 9.2, rel=0.1)  # water of 9 K, by hand
    assert tank.start_kwh == pytest.approx(tank.energy_kwh, rel=0.05)  # full


@pytest.mark.slow
def test_a_plan_with_a_tank_is_carried_out_and_gains(study: PlanStudy) -> None:
    alone = plan_study(with_tank("plants.main.storage.charge={kind: constant, value_frac: 0}"))
    assert study.realised.objective < alone.realised.objective
    assert study.realised.objective == pytest.approx(study.planned.objective, rel=0.01)
    assert study.realised.demand_cost == pytest.approx(study.planned.demand_cost, rel=0.02)
    assert study.realised.objective >= study.bound
    assert study.realised.late_kwh == 0.0
    assert study.plan.tank_discharge_kw.sum() > 1000.0
    assert study.plan.tank_discharge_kw[0] == study.plan.tank_charge_kw[0] == 0.0, "the warm-up would repeat it"
    assert study.realised.cooling_out_kw == pytest.approx(study.plan.tank_discharge_kw, abs=60.0)
    assert any("corrected by" in note and "replay" in note for note in study.notes)
    assert any("the bound has it on lines below the twin" in note for note in study.notes)


CLIMATES = {
    "Miami in January": ("run.start=2025-01-13",),
    "Miami in July": ("run.start=2025-07-14",),
    "Greensboro in January": ("run.start=2025-01-13", "weather.file=pvlib:723170TYA.CSV"),
    "Greensboro in April": ("run.start=2025-04-14", "weather.file=pvlib:723170TYA.CSV"),
    "Greensboro in October": ("run.start=2025-10-13", "weather.file=pvlib:723170TYA.CSV"),
}


@pytest.mark.slow
@pytest.mark.parametrize("climate", CLIMATES)
@pytest.mark.parametrize("battery", [None, PlannedBattery(300.0, 600.0)])
def test_a_replay_is_close_to_its_plan_in_any_climate(climate: str, battery: PlannedBattery | None) -> None:
    found = plan_study(with_tank(*CLIMATES[climate]), battery=battery, storage="main")
    assert found.realised.objective == pytest.approx(found.planned.objective, rel=TOTAL_FRAC)
    assert found.signals.demand is not None
    ours, plans = (found.signals.demand.monthly(way.import_kw) for way in (found.realised, found.planned))
    assert ours == pytest.approx(plans, rel=DEMAND_FRAC)
    assert found.bound <= found.realised.objective < found.submitted.objective
    if battery is not None:
        alone = plan_study(with_tank(*CLIMATES[climate], "plants.main.storage.charge={kind: constant, value_frac: 0}"),
                           battery=battery)  # fmt: skip
        assert alone.realised.objective == pytest.approx(alone.planned.objective, rel=TOTAL_FRAC)
        assert found.realised.objective < alone.realised.objective


@pytest.mark.slow
def test_no_way_to_use_a_tank_goes_below_the_bound(study: PlanStudy) -> None:
    """Orders at random beside the work of the plan: what the tank then lacks is priced, as in the plan's own replay."""
    scenario, samples, signals = tank_at_rest(with_tank(), "main"), study.samples, study.signals
    random, path, tank = np.random.default_rng(5), "plants.main.storage", study.problem.tank
    assert tank is not None
    least = study.realised.objective
    for _ in range(12):
        taken, given = random.uniform(0.0, 1.0, (2, samples.axis.count))
        gives = random.uniform(0.0, 1.0, samples.axis.count) < 0.4
        orders = {
            f"{path}.charge_frac": np.where(gives, 0.0, taken),
            f"{path}.discharge_frac": np.where(gives, given, 0),
        }
        noisy = {name: values * 0.7 for name, values in study.orders.items()} if random.uniform() < 0.5 else orders
        ds = run_plan(scenario, study.plan.served_per_h, noisy)
        least = min(least, outcome("tried", ds, scenario, samples, signals, tank=tank).objective)
    assert study.bound <= least


def test_a_bound_holds_what_runs_took_gave_and_held() -> None:
    """By hand: a tank of 8 that starts with 2 and had to lend 3 before it was given 12."""
    parts = np.array([[2.0, 2.0], [2.0, 2.0]])
    tank = PlannedTank("main", parts, parts, 8.0, 2.0, 0.1 * parts, 0.1 * parts)
    none = np.zeros(2)
    run = Seen(none, none, np.array([0.0, 12.0]), np.array([5.0, 0.0]))
    wide = widened(tank, [run], [run], 1.0)
    assert wide.charge_kw.sum(axis=0) == pytest.approx([4.0, 12.0])
    assert wide.discharge_kw.sum(axis=0) == pytest.approx([5.0, 4.0])
    assert (wide.start_kwh, wide.energy_kwh, wide.end_kwh) == pytest.approx((5.0, 12.0, 5.0))
    case = problem([0.1, 0.1], facility=line(2), tank=tank)
    assert Seen(none, np.array([11.0, 11.0]), np.array([3.0, 0.0]), np.array([0.0, 1.0])).without_tank(
        case
    ) == pytest.approx([10.4, 11.2])  # 0.2 for each


@pytest.mark.slow
def test_cooling_at_the_end_is_as_at_the_start_or_is_paid_for(study: PlanStudy) -> None:
    assert study.planned.cooling_kwh > -1e-6
    short = max(-study.realised.cooling_kwh, 0.0)
    assert short < 0.1 * study.problem.tank.energy_kwh  # type: ignore[union-attr]
    assert (study.realised.stored_value > 0.0) == (short > 0.0)


@pytest.mark.slow
def test_a_rolling_plan_has_the_tank_too() -> None:
    found = plan_study(with_tank("run.duration=4d"), storage="main", rolling=Rolling(48.0))
    assert found.plan.tank_kwh.size == 96
    assert found.realised.objective < found.submitted.objective
