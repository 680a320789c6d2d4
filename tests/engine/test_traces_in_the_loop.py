"""Traces as demand: what they ask for is done, counted and paid in energy, whatever the step."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engine.work_sites import CPU, H100, Run, chat, compute, work_site
from twin.errors import InputError

STEPS = ("1h", "15min", "5min")
LINEAR = CPU | {"load_power_frac": [0.4 + 0.06 * i for i in range(11)]}  # 200 W idle, 500 W at full load
SERVERS = 100


def jobs(count: int, seed: int, machine: int) -> list[tuple[int, int, int]]:
    """(submission, run time, units) of made-up jobs over a day."""
    draw = np.random.default_rng(seed)
    submitted = np.sort(draw.integers(0, 80_000, count))
    submitted[0] = 0  # where clock times tell of the submission, a trace begins with its first job
    rows = zip(submitted, draw.integers(10, 9000, count), draw.integers(1, machine // 2, count), strict=True)
    return [(int(a), int(b), int(c)) for a, b, c in rows]


def swf(folder: Path, rows: list[tuple[int, int, int]], head: str = "; MaxProcs: 64\n") -> Path:
    lines = [f"{i} {at} 0 {run} {n} -1 -1 {n} {run} -1 1 1 1 1 1 -1 -1 -1" for i, (at, run, n) in enumerate(rows, 1)]
    path = folder / "trace.swf"
    path.write_text(f"; UnixStartTime: 0\n{head}" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def traced(folder: Path, demand: dict[str, Any], step: str, group: dict[str, Any] = LINEAR, **others: Any) -> Run:
    work = compute(0.0, slack_h=100) | {"demand": demand} | others
    return Run(work_site({"g": group}, {"w": work}, f"run.step={step}", "run.duration=4d"))


@pytest.mark.parametrize(("step", "policy"), list(itertools.product(STEPS, ["fifo", "easy", "shortest"])))
def test_all_unit_hours_of_a_job_trace_are_done_in_any_order_and_step(tmp_path: Path, step: str, policy: str) -> None:
    rows = jobs(130, 7, 64)
    run = traced(tmp_path, {"kind": "jobs", "file": str(swf(tmp_path, rows)), "format": "swf", "policy": policy}, step)
    hours = sum(seconds * units for _, seconds, units in rows) / 3600
    assert run.work("w.served_per_h").sum() * run.dt_h == pytest.approx(hours, rel=1e-9)
    assert run.work("w.arrived_per_h").max() <= 64 + 1e-6, "no more than the machine holds"
    energy = run.group("g.power_kw").sum() * run.dt_h
    assert energy == pytest.approx(0.2 * SERVERS * 96 + 0.3 * hours, rel=1e-9)


@pytest.mark.parametrize("step", STEPS)
def test_sacct_and_plain_tables_give_the_same_work_as_swf(tmp_path: Path, step: str) -> None:
    rows = jobs(40, 3, 64)
    stamp = lambda s: str(np.datetime64("2025-03-01T00:00:00") + np.timedelta64(s, "s"))  # noqa: E731
    lines = [
        f"{i}|{stamp(at)}|{stamp(at)}|{stamp(at + run)}|{run}|{n}|COMPLETED" for i, (at, run, n) in enumerate(rows, 1)
    ]
    (tmp_path / "sacct.txt").write_text(
        "JobID|Submit|Start|End|ElapsedRaw|AllocCPUS|State\n" + "\n".join(lines), encoding="utf-8"
    )
    table = "submit,run,units\n" + "\n".join(f"{at},{run},{n}" for at, run, n in rows)
    (tmp_path / "jobs.csv").write_text(table, encoding="utf-8")
    swf(tmp_path, rows)
    columns = {"submit_column": "submit", "run_column": "run", "units_column": "units"}
    runs = [
        traced(
            tmp_path, {"kind": "jobs", "file": str(tmp_path / file), "format": form, "capacity_count": 64} | more, step
        )
        for file, form, more in (("trace.swf", "swf", {}), ("sacct.txt", "sacct", {}), ("jobs.csv", "csv", columns))
    ]
    for other in runs[1:]:
        np.testing.assert_allclose(other.work("w.served_per_h"), runs[0].work("w.served_per_h"), rtol=1e-9, atol=1e-9)


def test_a_machine_of_unknown_size_must_be_given(tmp_path: Path) -> None:
    path = swf(tmp_path, jobs(5, 1, 8), head="")
    with pytest.raises(InputError) as error:
        traced(tmp_path, {"kind": "jobs", "file": str(path), "format": "swf"}, "1h")
    assert str(error.value) == f"{path}: states no size of its machine: give `capacity_count`"


def fragments(folder: Path, tasks: int, each: int, seed: int) -> tuple[dict[str, Any], float]:
    """A made-up OpenDC trace of a day as demand, and its work in GHz hours."""
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    draw = np.random.default_rng(seed)
    duration = draw.integers(1_000, 900_000, (tasks, each))
    usage = draw.uniform(0, 3000, (tasks, each))
    names = [f"t{i}" for i in range(tasks)]
    submitted = draw.integers(0, 40_000_000, tasks)
    parquet.write_table(pyarrow.table({
        "id": names, "submission_time": submitted, "duration": duration.sum(axis=1), "cpu_count": [1] * tasks,
        "cpu_capacity": [3000.0] * tasks, "mem_capacity": [1] * tasks}), folder / "tasks.parquet")  # fmt: skip
    parquet.write_table(pyarrow.table({
        "id": np.repeat(names, each), "duration": duration.ravel(), "cpu_usage": usage.ravel()}),
        folder / "fragments.parquet")  # fmt: skip
    demand = {"kind": "opendc", **{name: str(folder / f"{name}.parquet") for name in ("tasks", "fragments")}}
    return demand, float((duration * usage).sum()) / 3.6e6 / 1000


@pytest.mark.parametrize("step", STEPS)
def test_the_energy_of_linear_servers_over_fragments_is_exact_whatever_the_step(tmp_path: Path, step: str) -> None:
    """Servers of 40 GHz: 200 W for each hour, and 300 W for each 40 GHz hours of work."""
    demand, work_ghz_h = fragments(tmp_path, 200, 30, 11)
    run = traced(tmp_path, demand, step, speed_per_device_h=40.0)
    assert run.work("w.queue_count")[-1] == 0.0
    assert run.work("w.served_per_h").sum() * run.dt_h == pytest.approx(work_ghz_h, rel=1e-9)
    energy = run.group("g.power_kw").sum() * run.dt_h
    assert energy == pytest.approx(0.2 * SERVERS * 96 + 0.3 * work_ghz_h / 40, rel=1e-9)


AZURE = "TIMESTAMP,ContextTokens,GeneratedTokens\n"


def requests(folder: Path, count: int) -> tuple[Path, float]:
    """Requests of some two hours at uneven distances, and their million output tokens."""
    draw = np.random.default_rng(5)
    at_s = np.sort(draw.uniform(0, 7000, count))
    tokens = draw.integers(1, 900, count)
    start = np.datetime64("2023-11-16T18:00:00", "ms")
    lines = [f"{str(start + np.timedelta64(int(s * 1000), 'ms')).replace('T', ' ')},{int(n) + 3},{int(n)}"
             for s, n in zip(at_s, tokens, strict=True)]  # fmt: skip
    path = folder / "requests.csv"
    path.write_text(AZURE + "\n".join(lines) + "\n", encoding="utf-8")
    return path, float(tokens.sum()) / 1e6


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("scale", [1.0, 250.0])
def test_every_output_token_of_a_request_trace_is_generated_once(tmp_path: Path, step: str, scale: float) -> None:
    path, million = requests(tmp_path, 3000)
    demand = {"kind": "requests", "file": str(path), "scale_ratio": scale, "repeat": False}
    run = Run(work_site({"g": H100}, {"w": chat(0, tokens_out_count=17) | {"demand": demand}}, f"run.step={step}"))
    assert run.work("w.arrived_per_h").sum() * run.dt_h == pytest.approx(million * scale, rel=1e-12)
    assert run.work("w.served_per_h").sum() * run.dt_h == pytest.approx(million * scale, rel=1e-9)


def test_a_request_trace_laid_end_to_end_keeps_its_mean_rate(tmp_path: Path) -> None:
    path, million = requests(tmp_path, 3000)
    demand = {"kind": "requests", "file": str(path)}
    run = Run(work_site({"g": H100}, {"w": chat(0) | {"demand": demand}}, "run.duration=30d"))
    span_h = 7000 / 3600
    assert run.work("w.arrived_per_h").mean() == pytest.approx(million / span_h, rel=0.01)


def test_a_trace_of_requests_to_a_service_counts_requests(tmp_path: Path) -> None:
    path, _ = requests(tmp_path, 3000)
    run = traced(tmp_path, {"kind": "requests", "file": str(path), "repeat": False}, "15min", speed_per_device_h=1000.0)
    assert run.work("w.served_per_h").sum() * run.dt_h == pytest.approx(3000.0, rel=1e-9)


def test_a_rate_below_zero_is_refused_with_its_column(tmp_path: Path) -> None:
    rows = "".join(f"2025-03-{20 + h // 24:02d} {h % 24:02d}:00,{-1.5 if h == 20 else 4}\n" for h in range(60))
    (tmp_path / "rate.csv").write_text("time,rate\n" + rows, encoding="utf-8")
    demand = {"kind": "csv", "file": str(tmp_path / "rate.csv"), "column": "rate", "timezone": "UTC"}
    with pytest.raises(InputError, match=r"rate\.csv: column 'rate' has values below 0: a demand has none, the lowest"):
        Run(work_site({"g": LINEAR}, {"w": compute(0) | {"demand": demand}}, "run.duration=1d"))
