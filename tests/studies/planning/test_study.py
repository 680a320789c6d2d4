"""Plans replayed in the twin: near what was planned, never below the bound, and for the same work."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.engine.work_sites import compute
from tests.studies.planning.sites import site
from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.studies.billing import bill
from twin.studies.planning.forecast import Forecast
from twin.studies.planning.plan import Weights, signals_of, weights_of
from twin.studies.planning.problem import PlannedBattery
from twin.studies.planning.replay import run_plan
from twin.studies.planning.rolling import Rolling
from twin.studies.planning.sampling import sample
from twin.studies.planning.solve import Infeasible
from twin.studies.planning.study import PlanStudy, plan_study
from twin.studies.planning.terms import MeterFlows

BATTERY = PlannedBattery(20.0, 40.0)


@pytest.fixture(scope="module")
def study() -> PlanStudy:
    return plan_study(site(), battery=BATTERY)


def test_what_is_realised_is_what_was_planned(study: PlanStudy) -> None:
    assert study.realised.objective == pytest.approx(study.planned.objective, rel=0.01)
    assert study.realised.demand_cost == pytest.approx(study.planned.demand_cost, rel=0.02)
    assert study.realised.energy_cost == pytest.approx(study.planned.energy_cost, rel=0.01)


def test_nothing_is_below_the_bound_and_the_bound_is_near(study: PlanStudy) -> None:
    for way in (study.submitted, study.planned, study.realised):
        assert way.objective >= study.bound
    assert study.realised.objective < 1.02 * study.bound


def test_a_plan_gains_on_equal_work_and_misses_no_deadline(study: PlanStudy) -> None:
    assert study.gain_frac > 0.02
    done = study.realised.work_kwh + study.realised.unserved_kwh
    assert done == pytest.approx(study.submitted.work_kwh + study.submitted.unserved_kwh, rel=1e-9)
    assert study.realised.unserved_kwh < 1e-6 * done
    assert study.realised.late_kwh == 0.0


def test_a_battery_gives_back_less_than_it_takes(study: PlanStudy) -> None:
    plan = study.plan
    assert plan.stored_kwh[-1] >= BATTERY.start_kwh - 1e-6
    taken, given = plan.charge_kw.sum(), plan.discharge_kw.sum()
    assert 0 < given <= taken * BATTERY.charge_frac * BATTERY.discharge_frac + 1e-6
    assert np.minimum(plan.charge_kw, plan.discharge_kw).max() < 1e-3
    assert study.realised.import_kwh == pytest.approx(study.realised.facility_kw.sum() + taken - given, rel=1e-9)


def test_the_objective_of_cost_is_the_bill_without_what_no_plan_changes(study: PlanStudy) -> None:
    scenario, axis = site(), study.samples.axis
    paid = bill(study.realised.import_kw, axis, scenario.grid.tariff, scenario.site.timezone)
    fixed = paid.share("fixed") * (1.0 + 0.0)
    assert paid.total - fixed == pytest.approx(study.realised.objective - study.realised.unserved_value, rel=1e-9)


def test_the_twin_serves_each_class_as_planned(study: PlanStudy) -> None:
    ds = run_plan(site(), study.plan.served_per_h)
    for name, plan in study.plan.served_per_h.items():
        np.testing.assert_allclose(ds[f"workloads.{name}.served_per_h"].values[0], plan, atol=1e-5)


def test_samples_are_the_twin_at_levels_of_work(study: PlanStudy) -> None:
    samples = study.samples
    assert samples.work_kw[0].max() == 0.0
    full = sum(max(one.kw_per_rate[0] / one.share_per_rate[0] for one in samples.classes) for _ in (0,))
    assert samples.work_kw[-1].max() <= full
    assert (np.diff(samples.facility_kw, axis=0) > 0).mean() > 0.9
    assert 0.0 <= samples.gap_frac() < 0.01


def test_weights_move_work_to_where_they_count() -> None:
    one = site("run.duration=7d")
    samples = sample(one)
    hours = np.arange(samples.axis.count) % 24
    carbon = np.where(hours < 12, 0.2, 0.6)
    by_cost = plan_study(one, samples=samples, carbon=carbon)
    by_carbon = plan_study(one, weights_of("carbon"), samples=samples, carbon=carbon)
    by_peak = plan_study(one, weights_of("peak"), samples=samples, carbon=carbon)
    assert by_carbon.realised.marginal_kgco2 < by_cost.realised.marginal_kgco2
    assert by_carbon.realised.marginal_kgco2 < by_carbon.submitted.marginal_kgco2
    assert by_peak.realised.peak_kw < by_cost.realised.peak_kw + 1e-6
    assert by_peak.realised.peak_kw < by_carbon.realised.peak_kw
    assert by_cost.realised.total_cost < by_carbon.realised.total_cost


def test_rolling_plans_cost_no_less_than_perfect_foresight() -> None:
    found = plan_study(site("run.duration=10d"), rolling=Rolling(forecast=Forecast("perfect")))
    assert found.cycles == 10
    assert found.regret_frac is not None
    assert -1e-3 < found.regret_frac < 0.1
    assert found.realised.late_kwh == 0.0
    assert found.realised.objective >= found.bound


def test_a_horizon_shorter_than_the_slack_is_told() -> None:
    found = plan_study(site("run.duration=5d"), rolling=Rolling(30.0))
    assert any("the horizon of 30 h is shorter than the longest slack and a day (72 h)" in note for note in found.notes)


def test_work_that_cannot_be_done_in_time_is_named() -> None:
    heavy = compute(120.0, slack_h=3)
    with pytest.raises(Infeasible, match=r"workloads\.batch: work that arrives .* is full until then"):
        plan_study(site("run.duration=3d", batch=heavy))


def test_nothing_to_plan_is_told() -> None:
    at_once: dict[str, Any] = {"daily": compute(30.0), "batch": compute(25.0)}
    with pytest.raises(InputError, match="no class of work has a `slack_h`"):
        plan_study(site(**at_once))


@pytest.mark.parametrize(("text", "expected"), [
    ("cost", Weights()), ("carbon", Weights(0.0, 1.0)), ("cost=1, carbon=0.08", Weights(1.0, 0.08)),
    ("peak=2,water=3", Weights(0.0, 0.0, 2.0, 3.0)),
])  # fmt: skip
def test_weights_are_read(text: str, expected: Weights) -> None:
    assert weights_of(text) == expected


@pytest.mark.parametrize("text", ["money", "cost=x", "cost=0", "carbon"[:3]])
def test_what_is_no_weight_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        weights_of(text)


def test_demand_charges_are_those_of_the_bill() -> None:
    for step in ("1h", "15min", "5min"):
        scenario = site(f"run.step={step}", "run.duration=40d")
        ds = simulate(scenario, keep="none")
        axis = sample(scenario, levels=5).axis
        load = ds["grid.meter.import_kw"].values[0] * np.linspace(0.5, 1.5, axis.count)
        samples = sample(scenario, levels=5)
        signals = signals_of(scenario, samples, Weights())
        paid = bill(load, axis, scenario.grid.tariff, scenario.site.timezone)
        flows = MeterFlows(load, 0 * load, 0 * load, 0 * load)
        expected = pytest.approx(paid.share("energy") + paid.share("demand"))
        assert signals.objective(flows, axis.dt_h) == expected
