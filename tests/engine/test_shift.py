"""Policies of work that may wait: nothing is lost, nothing is late because of them, and they do what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.scenarios import shipped
from tests.engine.work_sites import H100, Run, compute, work_site
from twin.components.grid.carbon import CarbonSeries
from twin.components.work.shift import PriceShift, allowed_frac
from twin.engine.simulate import simulate
from twin.errors import InputError

DEVICES = 160  # of the H100 group
POLICIES: dict[str, dict[str, Any]] = {
    "price": {"kind": "price", "quantile_frac": 0.3, "window_h": 12},
    "carbon": {"kind": "carbon", "quantile_frac": 0.5},
    "valley": {"kind": "valley", "import_kw": 130},
    "planned": {"kind": "planned"},
}


def site(policy: str, *overrides: str, slack_h: float = 12.0, rate_per_h: float = 80.0) -> Any:
    work = compute(rate_per_h) | {"slack_h": slack_h, "shift": POLICIES[policy]}
    return work_site({"g": H100}, {"w": work}, *overrides)


@pytest.mark.parametrize("step", ["1h", "15min"])
@pytest.mark.parametrize("policy", POLICIES)
def test_work_is_conserved_and_never_late_under_each_policy(policy: str, step: str) -> None:
    run = Run(site(policy, f"run.step={step}", "run.duration=10d"))
    assert run.conserves("w") < 1e-9
    assert run.work("w.missed_per_h").max() == 0.0
    assert np.abs(run.ds["residual_kwh"].values).max() < 1e-9 * run.group("g.power_kw").sum()


@pytest.mark.parametrize("policy", POLICIES)
def test_plain_python_equals_machine_code_under_each_policy(policy: str) -> None:
    scenario = site(policy, "run.warmup_h=3", "run.duration=36h")
    inputs = {"workloads.w.shift.planned_per_h": np.tile([0.0, 190.0, 50.0], 12)} if policy == "planned" else {}
    compiled, plain = (simulate(scenario, engine=engine, inputs=inputs) for engine in ("compiled", "plain"))  # type: ignore[arg-type]
    for name in compiled.data_vars:
        if compiled[name].dtype.kind == "f":
            np.testing.assert_array_equal(compiled[name].values, plain[name].values, err_msg=str(name))


def test_without_a_plan_a_planned_class_runs_as_one_without_policy() -> None:
    free = Run(work_site({"g": H100}, {"w": compute(80.0, slack_h=12)}))
    planned = Run(site("planned"))
    np.testing.assert_array_equal(planned["grid.meter.import_kw"], free["grid.meter.import_kw"])


def plain_plan(planned: np.ndarray, arrivals: float, most: float, slack: int, waits: bool = False) -> np.ndarray:
    """Work done in each step: a list of what came and when, the oldest first; what is due ``waits`` for the plan."""
    waiting: list[list[float]] = []
    done, owed = [], 0.0
    for step, want in enumerate(planned):
        waiting.append([float(step), arrivals])
        there = sum(amount for _, amount in waiting)
        due = 0.0 if waits else sum(amount for came, amount in waiting if came <= step - slack)
        owed += want
        left = served = min(max(owed, due, 0.0), there, most)
        owed = min(owed, there) - served
        while left > 0 and waiting:
            part = min(left, waiting[0][1])
            waiting[0][1] -= part
            left -= part
            if waiting[0][1] <= 0:
                waiting.pop(0)
        done.append(served)
    return np.array(done)


@given(
    plan=st.lists(st.sampled_from([0.0, 20.0, 100.0, 150.0, 400.0]), min_size=48, max_size=48),
    arrivals=st.sampled_from([50.0, 100.0, 155.0]),
    slack=st.integers(1, 20),
    late=st.sampled_from(["avoid", "as_planned"]),
)
@settings(max_examples=40, deadline=None)
def test_a_plan_is_followed_as_by_a_plain_queue(plan: list[float], arrivals: float, slack: int, late: str) -> None:
    settings = ("run.duration=2d", f"workloads.w.shift.late={late}")
    scenario = site("planned", *settings, slack_h=float(slack), rate_per_h=arrivals)
    ds = simulate(scenario, inputs={"workloads.w.shift.planned_per_h": np.array(plan)})
    expected = plain_plan(np.array(plan), arrivals, DEVICES, slack, late == "as_planned")
    np.testing.assert_allclose(ds["workloads.w.served_per_h"].values[0], expected, atol=1e-6)


def test_the_warm_up_leaves_no_work_behind() -> None:
    ds = simulate(site("planned", "run.warmup_h=48"), inputs={"workloads.w.shift.planned_per_h": 0.0})
    assert ds["workloads.w.queue_count"].values[0, 0] == pytest.approx(80.0)


def test_work_runs_in_the_cheap_hours_that_the_window_knows() -> None:
    run = Run(site("price", "run.duration=7d", slack_h=24.0))
    free = Run(work_site({"g": H100}, {"w": compute(80.0, slack_h=24)}, "run.duration=7d"))
    allowed = run["workloads.w.shift.allowed"] > 0.5
    served = run.work("w.served_per_h")
    assert 0.25 < allowed.mean() < 0.95
    assert served[allowed].sum() > 0.95 * served.sum()
    assert served.sum() + run.work("w.queue_count")[-1] == pytest.approx(free.work("w.served_per_h").sum(), rel=1e-9)


def test_work_runs_in_the_clean_hours_that_the_window_knows(tmp_path: Path) -> None:
    hours = np.arange(24 * 10)
    factors = 300.0 + 200.0 * np.cos(hours / 24.0 * 2.0 * np.pi) + hours % 7
    stamps = np.datetime_as_string(np.datetime64("2025-03-19T00:00") + hours * np.timedelta64(1, "h"), unit="m")
    rows = "\n".join(f"{stamp}Z,{value:.3f}" for stamp, value in zip(stamps, factors, strict=True))
    (tmp_path / "factors.csv").write_text(f"time,g\n{rows}\n")
    series = {"kind": "csv", "file": str(tmp_path / "factors.csv"), "column": "g", "unit": "g_per_kwh",
              "basis": "direct"}  # fmt: skip
    scenario = site("carbon", "run.duration=6d", slack_h=24.0)
    grid = scenario.grid.model_copy(update={"carbon": CarbonSeries(**series)})
    ds = simulate(scenario.model_copy(update={"grid": grid}))
    served, open_ = (ds[f"workloads.w.{name}"].values[0] for name in ("served_per_h", "shift.allowed"))
    used = factors[24 + 4 :][
        : served.size
    ]  # the run begins on the 20th in the zone's standard time, four or five hours later
    assert 0.4 < open_.mean() < 0.6
    assert served[open_ < 0.5].sum() < 0.05 * served.sum()
    assert used[open_ > 0.5].mean() < used[open_ < 0.5].mean() - 100.0


def test_a_valley_is_filled_to_its_target() -> None:
    run = Run(site("valley", "run.duration=3d", slack_h=240.0, rate_per_h=120.0))
    settled = run["grid.meter.import_kw"][12:]
    assert np.abs(settled - 130.0).max() < 0.02 * 130.0
    free = Run(work_site({"g": H100}, {"w": compute(120.0, slack_h=240)}, "run.duration=3d"))
    assert free["grid.meter.import_kw"].min() > 140.0, "the target binds nowhere"


def test_a_quantile_is_that_of_the_hours_ahead() -> None:
    policy = PriceShift(quantile_frac=0.25, window_h=4)
    values = np.array([3.0, 1.0, 2.0, 4.0, 0.0, 5.0, 5.0, 6.0])
    assert allowed_frac(values, policy, 1.0).tolist() == [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]


def test_what_may_not_wait_cannot_be_shifted() -> None:
    with pytest.raises(InputError, match="work that may not wait cannot be shifted: state its `slack_h`"):
        site("price", slack_h=0.0)


def test_work_follows_what_the_sun_leaves_over() -> None:
    days = ("run.start=2025-06-01", "run.duration=20d")
    followed = shipped("work/follow_pv", *days)
    work = followed.workloads["batch"]
    at_once = followed.model_copy(update={"workloads": {"batch": work.model_copy(update={"shift": None})}})
    found, free = (simulate(one) for one in (followed, at_once))
    served, sun = found["workloads.batch.served_per_h"].values[0], found["onsite.solar.generated_kw"].values[0]
    bright = sun > 300.0
    assert served[bright].mean() > 1.5 * served[~bright].mean()
    assert found["workloads.batch.missed_per_h"].values.max() == 0.0
    lost = [float((ds["grid.meter.export_kw"] + ds["grid.meter.curtailed_kw"]).sum()) for ds in (found, free)]
    assert lost[0] < 0.75 * lost[1]
