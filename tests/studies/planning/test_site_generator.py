"""Generators of the scenario that are planned: fuel against import and peaks, carried out in the twin as planned."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.studies.planning.cases import line, monthly, one_class, problem
from tests.studies.planning.sites import site
from tests.studies.planning.test_terms import TOU
from twin.errors import InputError
from twin.physics.generators import MAPS
from twin.studies.planning.plan import weights_of
from twin.studies.planning.problem import PlannedBattery, PlannedGenerator
from twin.studies.planning.replay import run_plan
from twin.studies.planning.rolling import Rolling
from twin.studies.planning.site_generator import generator_at_rest, generator_orders, site_generator
from twin.studies.planning.solve import solve
from twin.studies.planning.study import PlanStudy, plan_study

SETS = ("onsite.sets={kind: generator, rated_kw: 20, units_count: 2, start_min: 30, fuel_per_kwh: 0.06, "
        "control: {kind: schedule, running: {kind: constant, value_frac: 0}}}")  # fmt: skip
SITE = site("run.duration=5d", SETS, f"grid.tariff={TOU}")


@given(st.lists(st.sampled_from([-0.1, 0.05, 0.1, 0.3, 0.9]), min_size=4, max_size=4),
       st.sampled_from([0.0, 0.2, 2.0]), st.sampled_from([0.08, 0.25]), st.sampled_from([2.0, 12.0]))  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_fuel_is_burnt_where_enumeration_finds_it_cheaper(
    prices: list[float], rate: float, fuel: float, power: float
) -> None:
    arrivals, base = [3, 0, 0, 0], 8.0
    sets = PlannedGenerator("sets", np.full(4, power), 1.0)
    case = problem(prices, one_class(arrivals, 4, 4.0), facility=line(4, base), demand=monthly(4, rate),
                   generator=sets, fuel_worth_per_kwh=fuel)  # fmt: skip
    found = solve(case)
    best = np.inf
    for served in product(range(4), repeat=4):
        if sum(served) != 3 or served[0] > 3:
            continue
        load = base + np.array(served, dtype=float)
        for limit in np.arange(0.0, 12.0):  # a peak that generators keep, beside what is cheaper to generate
            burnt = np.where(np.array(prices) > fuel, np.minimum(power, load), np.clip(load - limit, 0.0, power))
            best = min(best, case.value(load - base, load - burnt, 0.0 * load) + fuel * float(burnt.sum()))
    assert found.objective <= best + 1e-6
    whole = case.value(found.work_kw, found.net_kw, found.discharge_kw) + fuel * float(found.generated_kw.sum())
    assert found.objective == pytest.approx(whole, abs=1e-6)
    assert found.net_kw.min() >= -1e-6, "generators export nothing"
    if rate == 0.0:
        assert found.objective == pytest.approx(best, abs=1e-6)


def test_a_peak_is_shaved_while_fuel_costs_less_than_it() -> None:
    """By hand: 30 kW in one hour of four; each of 15 kW saves 2 of the peak and 0.1 of energy for 0.5 of fuel."""
    facility = line(4)
    facility = type(facility)(np.array([10.0, 30.0, 10.0, 10.0]), facility.width_kw, facility.slope)
    sets = PlannedGenerator("sets", np.full(4, 15.0), 1.0)
    found = solve(problem([0.1] * 4, facility=facility, demand=monthly(4, 2.0), generator=sets, fuel_worth_per_kwh=0.5))
    assert found.generated_kw == pytest.approx([0.0, 15.0, 0.0, 0.0])
    assert found.objective == pytest.approx(0.1 * 45.0 + 0.5 * 15.0 + 2.0 * 15.0)


@pytest.fixture(scope="module")
def study() -> PlanStudy:
    return plan_study(SITE, generator="onsite.sets")


def test_the_twins_generators_do_what_was_planned(study: PlanStudy) -> None:
    sets = site_generator(SITE, "sets")
    orders = generator_orders(sets, study.plan, 1.0)
    ds = run_plan(generator_at_rest(SITE, "sets"), study.plan.served_per_h, orders)
    given_kw = ds["onsite.sets.generated_kw"].values[0]
    assert study.plan.generated_kw.max() > 5.0
    np.testing.assert_allclose(given_kw, study.plan.generated_kw, atol=1e-5)
    assert ds["onsite.sets.fuel_kw"].values[0] == pytest.approx(given_kw / MAPS["chart"][3], abs=1e-4)
    assert list(study.orders) == ["onsite.sets.control.running_frac"]


def test_fuel_is_in_the_objective_and_saves_more_than_it_costs(study: PlanStudy) -> None:
    planned, realised, before = study.planned, study.realised, study.submitted
    assert realised.generator_cost == realised.fuel_cost > 0.0
    assert realised.generator_cost == pytest.approx(0.06 * realised.generated_kwh / MAPS["chart"][3])
    assert realised.generator_cost == pytest.approx(planned.generator_cost, rel=1e-6)
    assert realised.net_cost == pytest.approx(realised.objective - realised.unserved_value)
    assert realised.objective == pytest.approx(planned.objective, rel=0.01)
    assert realised.demand_cost == pytest.approx(planned.demand_cost, rel=0.02)
    assert study.bound <= realised.objective < before.objective
    alone = plan_study(SITE, samples=study.samples)
    assert realised.objective < alone.realised.objective - 5.0
    assert "fuel of generators" in alone.signals.outside
    assert study.signals.outside == ()


def test_emissions_of_fuel_count_where_emissions_do(study: PlanStudy) -> None:
    clean = plan_study(SITE, weights_of("carbon"), generator="sets", samples=study.samples)
    assert clean.realised.generated_kwh == 0.0, "diesel emits more than this grid"
    assert study.realised.generator_kgco2 == pytest.approx(0.26676 * study.realised.generated_kwh / MAPS["chart"][3])


def test_generators_go_with_a_battery_and_with_rolling_plans(study: PlanStudy) -> None:
    found = plan_study(SITE, generator="sets", battery=PlannedBattery(20.0, 40.0), rolling=Rolling(72.0))
    assert found.foresight is not None
    assert found.foresight.objective < study.realised.objective
    assert found.bound <= found.foresight.objective <= found.realised.objective + 1e-6
    assert found.realised.objective == pytest.approx(found.planned.objective, rel=0.01)


def test_generators_that_are_not_there_are_named() -> None:
    with pytest.raises(
        InputError, match=r"generator: there is no generator 'onsite.set': the scenario has onsite\.sets"
    ):
        site_generator(SITE, "onsite.set")
    with pytest.raises(InputError, match="there is no generator 'sets': the scenario has none under `onsite`"):
        site_generator(site(), "sets")
    free = site("run.duration=5d", SETS.replace("fuel_per_kwh: 0.06", "fuel_per_kwh: 0"))
    said = r"onsite\.sets\.fuel_per_kwh: is required for a plan: fuel without a price would always be burnt"
    with pytest.raises(InputError, match=said):
        site_generator(free, "sets")
