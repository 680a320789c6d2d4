"""Deadlines that may be missed at a price: as enumeration finds, less where it costs more, and told apart."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.work_sites import compute
from tests.studies.planning.cases import monthly, one_class, problem
from tests.studies.planning.sites import site
from tests.studies.planning.test_response import calls
from tests.studies.planning.test_terms import TOU
from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.outputs.plan import plan_csv, plan_metrics, sentences, write_plan
from twin.scenario.model import Scenario
from twin.studies.planning.deadlines import explained
from twin.studies.planning.lateness import late_work, least_rest_kwh, solved
from twin.studies.planning.lowest import LowestBills
from twin.studies.planning.plan import weights_of
from twin.studies.planning.rolling import Rolling
from twin.studies.planning.sampling import Samples, sample
from twin.studies.planning.solve import Infeasible, solve
from twin.studies.planning.study import plan_study

whole = st.integers(0, 4)
price = st.sampled_from([0.0, 0.02, 0.1, 0.3, 1.0])


MOST = 4
WAYS = np.array(list(product(range(MOST + 1), repeat=5)), dtype=float)  # to serve in whole units


def cost_with_delay(arrivals: list[int], prices: list[float], slack: int, per_unit_h: float) -> float:
    """Least cost of all ways that have done everything by the end, late or not."""
    came, done = np.cumsum(arrivals), np.cumsum(WAYS, axis=1)
    due = np.concatenate([np.zeros(slack), came])[:5]
    can = (done <= came).all(axis=1) & (done[:, -1] == came[-1])
    late = np.maximum(due - done, 0.0).sum(axis=1)
    cost = WAYS @ np.array(prices) + 10.0 * sum(prices) + per_unit_h * late
    return float(np.min(cost[can], initial=np.inf))


@given(st.lists(whole, min_size=5, max_size=5), st.lists(price, min_size=5, max_size=5), st.integers(0, 3),
       st.sampled_from([0.0, 0.01, 0.07, 0.5, 1e3]))  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_delay_is_bought_as_enumeration_finds(
    arrivals: list[int], prices: list[float], slack: int, per_unit_h: float
) -> None:
    case = problem(prices, one_class(arrivals, slack, MOST), late_per_unit_h={"batch": per_unit_h})
    best = cost_with_delay(arrivals, prices, slack, per_unit_h)
    if not np.isfinite(best):  # what comes last does not fit into the end
        with pytest.raises(Infeasible):
            solve(case)
        return
    found = solve(case)
    assert found.objective == pytest.approx(best, abs=1e-6)
    late = late_work(case.classes, {"batch": per_unit_h}, found.queue_count, found.served_per_h, 1.0)["batch"]
    assert np.dot(prices, 10.0 + found.work_kw) + late.cost == pytest.approx(best, abs=1e-6)
    assert late.missed_kwh <= sum(arrivals) + 1e-9
    if per_unit_h == 1e3 and late.late_kwh_h == 0.0:
        held = solve(replace(case, late_per_unit_h={}))
        assert found.objective == pytest.approx(held.objective, abs=1e-6)


def test_amounts_and_hours_of_delay_are_those_of_a_queue_by_hand() -> None:
    """Eight units come due at once, two are done in an hour: 6, 4 and 2 are late, each of the six once."""
    late = late_work([one_class([8, 0, 0, 0], 0, 2.0)], {"batch": 0.5}, {"batch": np.array([6.0, 4.0, 2.0, 0.0])},
                     {"batch": np.full(4, 2.0)}, 1.0)["batch"]  # fmt: skip
    assert (late.missed_kwh, late.late_kwh_h, late.cost, late.mean_h) == (6.0, 12.0, 6.0, 2.0)


def test_what_cannot_be_done_by_the_end_is_left_over_and_no_more_than_that() -> None:
    case = problem([0.1, 0.9, 0.9], one_class([4, 0, 9], 1, 5.0), late_per_unit_h={"batch": 0.01},
                   demand=monthly(3, 9.0))  # fmt: skip
    assert least_rest_kwh(case) == pytest.approx(4.0, abs=1e-6)
    bills = LowestBills(case.price_per_kwh, np.zeros(3, dtype=np.int64), np.array([500.0]), None, np.ones(1))
    paid = replace(case, lowest=bills, response=calls([0, 1], 18.0, 5.0), export_per_kwh=0.5)
    assert least_rest_kwh(paid) == pytest.approx(4.0, abs=1e-6), "what else is paid for is no work left over"
    with pytest.raises(Infeasible):
        solve(case)
    found = solved(case)
    assert found.queue_count["batch"][-1] == pytest.approx(4.0, abs=1e-5)
    assert found.served_per_h["batch"].sum() == pytest.approx(9.0, abs=1e-5)


def test_work_without_a_price_goes_first_and_alone_makes_a_plan_impossible() -> None:
    held, late = one_class([4, 0, 0], 0, 4.0, "held"), one_class([4, 0, 0], 0, 4.0, "late")
    found = solve(problem([0.1] * 3, held, late, late_per_unit_h={"late": 2.0}))
    assert found.served_per_h["held"] == pytest.approx([4.0, 0.0, 0.0])
    assert found.objective == pytest.approx(0.1 * 38.0 + 2.0 * 4.0, abs=1e-6)
    full = problem([0.1] * 3, one_class([5, 0, 0], 0, 4.0, "held"), late, late_per_unit_h={"late": 2.0})
    with pytest.raises(Infeasible):
        solved(full)
    assert explained(problem([0.1] * 3, late, late_per_unit_h={"late": 2.0}), None) is None  # type: ignore[arg-type]


def priced(per_kwh_h: float | None, rate_per_h: float = 25.0, slack_h: float = 2.0, *overrides: str) -> Scenario:
    """Four days by time of use, six dear hours each: work of two hours' slack can only escape them late."""
    work: dict[str, Any] = compute(rate_per_h, slack_h=slack_h) | {"draw_frac": 0.6}
    work |= {} if per_kwh_h is None else {"late_per_kwh_h": per_kwh_h}
    return site("run.duration=4d", f"grid.tariff={TOU | {'demand': {}}}", *overrides, batch=work)


@pytest.fixture(scope="module")
def samples() -> Samples:
    return sample(priced(None))


def test_the_dearer_delay_is_the_less_is_late_and_in_the_end_deadlines_hold(samples: Samples) -> None:
    studies = [plan_study(priced(p), samples=samples) for p in (0.0, 0.005, 1e4)]
    held = plan_study(priced(None), samples=samples)
    late = [study.realised.late_kwh_h for study in studies]
    assert late == sorted(late, reverse=True)
    assert late[0] > late[1] > late[2] == 0.0
    totals = [study.realised.objective for study in studies]
    assert totals == sorted(totals)
    assert totals[0] < 0.99 * totals[-1]
    assert totals[-1] == pytest.approx(held.realised.objective, rel=1e-6)
    assert held.realised.late_cost == held.realised.late_kwh == 0.0
    assert held.planned.lateness == {}
    assert plan_metrics(held)["figures"]["planned"]["late_kwh"] == 0.0
    assert plan_metrics(held)["figures"]["planned"]["late_cost"] == 0.0
    for study in studies:
        assert study.realised.objective >= study.bound
        assert study.realised.late_kwh_h == pytest.approx(study.planned.late_kwh_h, rel=1e-6, abs=1e-3)
        assert study.realised.late_kwh == pytest.approx(study.planned.late_kwh, rel=1e-6, abs=1e-3)
        assert study.realised.unserved_kwh < 1e-3
        paid = study.realised.total_cost + study.realised.late_cost + study.realised.unserved_value
        assert study.realised.objective == pytest.approx(paid, rel=1e-9), "delay stands beside the bill, not in it"


def test_a_plan_that_was_impossible_says_what_is_late(samples: Samples, tmp_path: Path) -> None:
    heavy = sample(priced(None, 120.0, 3.0))
    with pytest.raises(Infeasible, match=r"workloads\.batch: .*; it may be late where late_per_kwh_h states what"):
        plan_study(priced(None, 120.0, 3.0), samples=heavy)
    study = plan_study(priced(0.01, 120.0, 3.0), samples=heavy)
    late = study.realised.lateness["batch"]
    assert study.planned.lateness["batch"].missed_kwh == pytest.approx(late.missed_kwh, rel=1e-6)
    assert study.planned.lateness["batch"].cost == pytest.approx(late.cost, rel=1e-6)
    assert late.cost == study.realised.late_cost == pytest.approx(0.01 * late.late_kwh_h)
    assert late.missed_kwh > 100.0
    assert study.realised.unserved_kwh == pytest.approx(study.submitted.unserved_kwh, rel=1e-6), "no more than must be"
    assert study.bound <= study.realised.objective < study.submitted.objective
    words = f"late at 0.01 for each kWh and hour: planned {late.missed_kwh:,.1f} kWh by {late.mean_h:.1f} h on average"
    assert any(line.startswith("workloads.batch, ") and words in line for line in sentences(study))
    told = plan_metrics(study)["lateness"]["realised"]["batch"]
    assert told == {"missed_kwh": late.missed_kwh, "late_kwh_h": late.late_kwh_h, "cost": late.cost}
    write_plan(tmp_path, study)
    assert json.loads((tmp_path / "plan.json").read_text())["lateness"]["planned"]["batch"]["cost"] > 0.0


def test_a_late_plan_in_a_file_runs_again(samples: Samples, tmp_path: Path) -> None:
    study = plan_study(priced(0.0), samples=samples)
    (tmp_path / "plan.csv").write_text(plan_csv(study))
    plans = [f"workloads.{name}.shift={{kind: planned, late: as_planned, plan: {{file: {tmp_path}/plan.csv, "
             f"column: {name}_per_h}}}}" for name in ("daily", "batch")]  # fmt: skip
    ds = simulate(priced(0.0, 25.0, 2.0, *plans))
    np.testing.assert_allclose(ds["grid.meter.import_kw"].values[0], study.realised.import_kw, rtol=1e-9)
    late_kwh = ds["workloads.batch.missed_per_h"].values.sum() * samples.classes[1].kw_per_rate.mean()
    assert late_kwh == pytest.approx(study.realised.lateness["batch"].missed_kwh)


def test_rolling_plans_pay_for_delay_and_leave_nothing_over(samples: Samples) -> None:
    found = plan_study(priced(0.005), samples=samples, rolling=Rolling(48.0))
    assert found.foresight is not None
    assert found.realised.late_cost > 0.0
    assert found.realised.unserved_kwh < 1e-3
    assert found.realised.objective >= found.bound
    assert found.realised.objective == pytest.approx(found.foresight.objective, rel=0.01)


def test_deadlines_hold_where_the_objective_has_no_money(samples: Samples) -> None:
    found = plan_study(priced(0.0), weights_of("carbon"), samples=samples)
    assert found.realised.late_kwh == 0.0
    assert "workloads.batch: deadlines hold, the objective has no money to weigh late_per_kwh_h against" in found.notes


@pytest.mark.parametrize(("change", "said"), [
    ({"late_per_kwh_h": -1}, "workloads.batch.late_per_kwh_h: must be >= 0, got -1"),
    ({"late_per_kwh_h": 2e4}, "workloads.batch.late_per_kwh_h: must be <= 10000, got 20000.0"),
    ({"late_per_kwh_h": "dear"}, "workloads.batch.late_per_kwh_h: must be a number, got 'dear'"),
    ({"late_per_kwh_h": 1, "slack_h": 0},
     "workloads.batch.late_per_kwh_h: work that may not wait is not planned: state its `slack_h`"),
    ({"late_per_kwh_h": 1, "late": "drop"},
     "workloads.batch.late_per_kwh_h: late work that is dropped is never done: it needs `late: wait`"),
])  # fmt: skip
def test_a_price_that_cannot_be_is_refused_in_words(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        site(batch=compute(25.0, slack_h=48) | change)
    assert [str(fault).partition(": ")[2] or str(fault) for fault in caught.value.faults] == [said]


@pytest.mark.parametrize("text", ["cost=-1", "cost=nan", "cost=1,carbon=inf"])
def test_a_weight_that_no_plan_can_be_best_in_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=f"^objective: a weight must be 0 or more, got '{text.rpartition(',')[2]}'$"):
        weights_of(text)
