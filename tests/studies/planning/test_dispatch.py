"""Whole jobs follow a plan: each runs once, at its own rate, between its ready time and its latest start."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.work_sites import compute
from tests.studies.planning.sites import site
from twin.studies.planning.dispatch import Work, dispatch
from twin.studies.planning.study import plan_study

STEP_S = 3600.0
HOUR = st.integers(0, 30).map(float)


@given(st.lists(st.tuples(HOUR, HOUR, st.floats(0.2, 9.0), st.integers(1, 8)), min_size=1, max_size=25))
@settings(max_examples=80, deadline=None)
def test_every_job_runs_whole_and_in_time(jobs: list[tuple[float, float, float, int]]) -> None:
    ready, slack, run, units = (np.array(column, dtype=float) for column in zip(*jobs, strict=True))
    work = Work(ready * 3600, (ready + slack) * 3600, run * 3600, units)
    found = dispatch(work, np.full(80, 6.0), np.full(80, 12.0), STEP_S)
    assert (found.start_s >= work.ready_s).all()
    assert (found.start_s <= work.latest_s + 1e-6).all()
    assert found.units.sum() == pytest.approx(float(run @ units))
    assert found.gap_frac >= 0.0


def test_jobs_go_where_the_plan_has_them() -> None:
    plan = np.zeros(24)
    plan[10:14] = 8.0
    work = Work(np.zeros(4), np.full(4, 20 * 3600.0), np.full(4, 4 * 3600.0), np.full(4, 2.0))
    found = dispatch(work, plan, np.full(24, 8.0), STEP_S)
    assert found.units == pytest.approx(plan)
    assert found.gap_frac == 0.0
    assert found.forced_count == 0


def test_a_limit_is_kept_until_a_deadline_breaks_it() -> None:
    work = Work(np.zeros(3), np.array([9.0, 9.0, 1.0]) * 3600, np.full(3, 2 * 3600.0), np.full(3, 4.0))
    held = dispatch(work, np.full(12, 12.0), np.full(12, 4.0), STEP_S)
    assert held.units.max() == 4.0
    assert held.forced_count == 0
    urgent = Work(work.ready_s, np.full(3, 1.0), work.run_s, work.units_count)
    assert dispatch(urgent, np.full(12, 12.0), np.full(12, 4.0), STEP_S).forced_count == 2


def test_a_trace_of_jobs_is_planned_and_carried_out_by_whole_jobs(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    rows = ["submit,run,units"]
    for submit in np.sort(random.integers(0, 6 * 86400, 150)):
        rows.append(f"{submit},{random.integers(1800, 18000)},{random.integers(1, 24)}")
    (tmp_path / "jobs.csv").write_text("\n".join(rows) + "\n")
    demand = {"kind": "jobs", "file": str(tmp_path / "jobs.csv"), "format": "csv", "capacity_count": 100}
    batch = compute(0.0, slack_h=24) | {"demand": demand}
    study = plan_study(site("run.duration=8d", batch=batch))
    assert study.jobs is not None
    assert 0.0 < study.job_gaps_frac["batch"] < 0.6
    assert study.jobs.work_kwh + study.jobs.unserved_kwh == pytest.approx(study.submitted.work_kwh, rel=1e-6)
    assert study.jobs.objective >= study.bound
    assert study.jobs.objective < study.submitted.objective
