"""Jobs of a trace one by one, against a schedule drawn by hand."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tests.engine.scenarios import FOLDER
from twin.cli import commands
from twin.engine.simulate import simulate
from twin.scenario.model import Scenario
from twin.scenario.reading import read_scenario
from twin.studies.jobs import COLUMNS, job_figures, job_table, schedules
from twin.studies.kpis import kpis, warnings

# (name, submit s, run s, nodes, asked s) on four nodes: b waits for a, c fits beside a before b, d asks for too much
TRACE = [("1", 0, 7200, 3, 7200), ("2", 600, 3600, 4, 3600), ("3", 1200, 3600, 1, 3600), ("4", 1800, 60, 5, 60)]
HEAD = "; MaxProcs: 4\n"
SWF = "".join(f"{n} {s} -1 {r} {u} -1 -1 {u} {a} -1 1 1 1 -1 1 1 -1 -1\n" for n, s, r, u, a in TRACE)
NEVER = "5 2400 -1 -1 2 -1 -1 2 60 -1 5 1 1 -1 1 1 -1 -1\n"
DAY = ("run.start=2025-01-06", "run.duration=1d", "run.step=1h")


def trace(folder: Path, text: str = HEAD + SWF + NEVER) -> Path:
    (folder / "jobs.swf").write_text(text, encoding="utf-8")
    return folder / "jobs.swf"


def overrides(file: Path, *more: str) -> list[str]:
    return [*DAY, f"workloads.batch.demand.file={file}", *more]


def site(file: Path, *more: str) -> Scenario:
    return read_scenario(FOLDER / "work" / "hpc_trace.yaml", overrides(file, *more))


def test_each_job_stands_in_the_table_as_the_schedule_by_hand_has_it(tmp_path: Path) -> None:
    table = job_table(site(trace(tmp_path)))
    assert table is not None
    assert tuple(table.columns) == COLUMNS
    assert table["job"].tolist() == ["1", "2", "3", "4"]
    assert table["start_s"].tolist()[:3] == [0.0, 7200.0, 1200.0]
    assert table["end_s"].tolist()[:3] == [7200.0, 10800.0, 4800.0]
    assert table["wait_s"].tolist()[:3] == [0.0, 6600.0, 0.0]
    assert table["stretch_ratio"].tolist()[:3] == pytest.approx([1.0, 10200 / 3600, 1.0])
    assert table["energy_kwh"].tolist()[:3] == pytest.approx([0.5 * 3 * 2, 0.5 * 4, 0.5])
    assert table.loc[3, ["start_s", "end_s", "wait_s", "energy_kwh"]].isna().all()


def test_figures_of_jobs_are_those_of_the_table(tmp_path: Path) -> None:
    f = {name.rpartition(".")[2]: m["value"] for name, m in job_figures(site(trace(tmp_path)), 24.0).items()}
    wait_h = np.array([0.0, 6600.0, 0.0]) / 3600
    assert f["jobs_count"] == 4
    assert f["jobs_unscheduled_count"] == 1
    assert f["jobs_never_count"] == 1
    assert f["jobs_unfinished_count"] == 0
    assert f["machine_utilisation_frac"] == pytest.approx((3 * 2 + 4 + 1) / (4 * 3))
    assert f["job_wait_mean_h"] == pytest.approx(wait_h.mean())
    assert f["job_wait_median_h"] == 0.0
    assert f["job_wait_p95_h"] == pytest.approx(np.percentile(wait_h, 95))
    assert f["job_stretch_ratio"] == pytest.approx((1 + 10200 / 3600 + 1) / 3)
    assert f["job_energy_kwh"] == pytest.approx(0.5 * 11)


def test_the_work_of_all_jobs_that_start_arrives_in_the_loop_and_a_job_has_the_mean_size(tmp_path: Path) -> None:
    scenario = site(trace(tmp_path))
    f = kpis(simulate(scenario))
    assert f["workloads.batch.arrived"]["value"] == pytest.approx(11.0, rel=1e-9)
    assert f["workloads.batch.served"]["value"] == pytest.approx(11.0, rel=1e-9)
    each = f["workloads.batch.kwh_per_unit"]["value"]
    assert f["workloads.batch.kwh_per_job"]["value"] == pytest.approx(each * 11 / 3, rel=1e-9)


def test_jobs_beyond_the_end_of_the_run_are_counted(tmp_path: Path) -> None:
    find = functools.partial(job_figures, site(trace(tmp_path)))
    assert find(3.0)["workloads.batch.jobs_unfinished_count"]["value"] == 0
    assert find(2.9)["workloads.batch.jobs_unfinished_count"]["value"] == 1
    assert find(1.0)["workloads.batch.jobs_unfinished_count"]["value"] == 3


def test_jobs_that_never_ran_or_never_start_are_told(tmp_path: Path) -> None:
    results = simulate(site(trace(tmp_path)))
    told = [text for text in warnings(results) if text.startswith("workloads.batch: ")]
    assert told == [
        "workloads.batch: 1 jobs that never ran left out",
        "workloads.batch: 1 of 4 jobs never start: they ask for more than 4 units",
    ]
    assert set(told) <= set(str(results["notes"].values[0]).splitlines())


def test_a_trace_of_which_nothing_starts_still_gives_its_counts(tmp_path: Path) -> None:
    file = trace(tmp_path, "; MaxProcs: 2\n" + SWF.splitlines()[0] + "\n")
    f = job_figures(site(file), 24.0)
    assert f["workloads.batch.jobs_unscheduled_count"]["value"] == 1
    assert "workloads.batch.job_wait_mean_h" not in f


def test_without_a_power_of_a_unit_no_energy_of_jobs_is_stated(tmp_path: Path) -> None:
    scenario = site(trace(tmp_path), "workloads.batch.demand.unit_kw=0")
    table = job_table(scenario)
    assert table is not None
    assert table["energy_kwh"].isna().all()
    assert "workloads.batch.job_energy_kwh" not in job_figures(scenario, 24.0)


def test_a_run_writes_its_jobs_whole_and_takes_those_of_another_run_away(tmp_path: Path) -> None:
    sets = [part for one in overrides(trace(tmp_path)) for part in ("--set", one)]
    scenario, folder = FOLDER / "work" / "hpc_trace.yaml", tmp_path / "out"
    call = functools.partial(CliRunner(env={"COLUMNS": "100"}).invoke, commands, catch_exceptions=False)
    first = call(["run", str(scenario), "--out", str(folder), *sets])
    lines = (folder / "jobs.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert lines[2] == f"batch,2,600.0,7200.0,10800.0,6600.0,{10200 / 3600!r},4.0,2.0"
    assert lines[4] == "batch,4,1800.0,,,,,5.0,"
    assert len(lines) == 5
    assert [line.split()[0] for line in first.output.splitlines() if line.strip().startswith("batch")] == ["batch"] * 3
    assert "1 of 4 jobs never start" in first.output
    assert str(folder / "jobs.csv") in first.output
    quickstart = FOLDER / "quickstart.yaml"
    call(["run", str(quickstart), "--out", str(folder), "--set", "run.duration=1d"])
    assert not (folder / "jobs.csv").exists()
    assert "workloads.batch.served" not in json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["metrics"]


def test_traces_of_several_classes_share_one_table(tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("job,submit,run,units\na,0,60,1\n", encoding="utf-8")
    more = (
        f"workloads.night={{kind: compute, demand: {{kind: jobs, file: '{other}', format: csv, capacity_count: 4}}, "
        "runs_on: {nodes: {group: halls.enterprise.rack_groups.nodes}}}"
    )
    scenario = site(trace(tmp_path), more)
    table = job_table(scenario)
    assert table is not None
    assert table["workload"].tolist() == ["batch"] * 4 + ["night"]
    assert [name for name, _, _ in schedules(scenario)] == ["batch", "night"]
    assert job_table(read_scenario(FOLDER / "quickstart.yaml")) is None
