"""Batches: the same table however it is made, nothing repeated, failures as rows, kept series and full results."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.studies.studies import COMPARED, QUICKSTART, ROOT, SMALL, written
from twin.cli import _run_command
from twin.errors import InputError
from twin.outputs.batch import in_threads, prepared, run_batch, study_table
from twin.outputs.store import Store
from twin.scenario.reading import read_scenario
from twin.studies.runs import Record

KILLER = Path(__file__).with_name("kill_batch.py")


def run(study: Path, folder: Path, *options: str) -> int:
    """Exit code of ``twin batch``."""
    return _run_command(["batch", str(study), "--out", str(folder), "-q", *options])


def never(jobs, series):  # type: ignore[no-untyped-def]
    """Runs nothing, and tells of anything that should be run."""
    raise AssertionError(f"would run {next(iter(jobs))[0]}")
    yield


def test_one_thread_two_threads_and_a_batch_taken_up_again_give_the_same_bytes(tmp_path: Path) -> None:
    study = written(tmp_path)
    assert run(study, tmp_path / "one", "--workers", "1") == 0
    assert run(study, tmp_path / "two", "--workers", "2") == 0
    assert run(study, tmp_path / "more", "--limit", "5") == 0
    assert len(pd.read_parquet(tmp_path / "more" / "runs.parquet")) == 5
    assert run(study, tmp_path / "more", "--workers", "2") == 0
    tables = [(tmp_path / name / "runs.parquet").read_bytes() for name in ("one", "two", "more")]
    assert tables[0] == tables[1] == tables[2]


def test_a_finished_batch_runs_nothing_again(tmp_path: Path) -> None:
    study, store = written(tmp_path), Store(tmp_path / "store")
    batch = prepared(study)
    with store.writing():
        assert run_batch(batch, store, in_threads(2)).fresh == 16
        table = (store.folder / "runs.parquet").read_bytes()
        again = run_batch(batch, store, lambda jobs, series: iter(()) if not list(jobs) else never(jobs, series))
    assert (again.fresh, again.total) == (0, 16)
    assert (store.folder / "runs.parquet").read_bytes() == table


def test_the_table_holds_what_was_set_and_the_figures_of_single_runs(tmp_path: Path) -> None:
    from twin.engine.simulate import simulate
    from twin.studies.kpis import kpis

    assert run(written(tmp_path), tmp_path / "store") == 0
    table = pd.read_parquet(tmp_path / "store" / "runs.parquet")
    assert list(table["run"]) == list(range(16))
    row = table.iloc[11]
    assert row["weather.file"] == "pvlib:723170TYA.CSV"
    overrides = ["run.start=2025-07-01", "run.duration=2d", "run.warmup_h=24", f"weather.file={row['weather.file']}"]
    overrides += [f"halls.{hall}.air.supply_air_c={row['halls.*.air.supply_air_c']}" for hall in ("ai", "enterprise")]
    overrides += [f"plants.main.supply_c={row['plants.main.supply_c']}"]
    overrides += [f"halls.ai.rack_groups.gpu.racks_count={row['halls.ai.rack_groups.gpu.racks_count']:g}"]
    wanted = {name: one["value"] for name, one in kpis(simulate(read_scenario(QUICKSTART, overrides))).items()}
    assert {name: row[name] for name in wanted} == wanted


def test_duckdb_and_pandas_read_the_table_and_the_parts(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    assert run(written(tmp_path), tmp_path / "store") == 0
    table = pd.read_parquet(tmp_path / "store" / "runs.parquet")
    query = f"select count(*), count(distinct run_id), min(pue) from '{tmp_path}/store/parts/*.parquet'"
    assert duckdb.sql(query).fetchall() == [(16, 16, table["pue"].min())]
    found = duckdb.sql(f"select run from '{tmp_path}/store/runs.parquet' order by total_cost limit 1").fetchall()
    assert found == [(table["run"][table["total_cost"].idxmin()],)]


def test_a_run_that_fails_is_a_row_and_the_batch_goes_on(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(written(tmp_path, COMPARED), tmp_path / "store") == 1
    table = pd.read_parquet(tmp_path / "store" / "runs.parquet")
    assert len(table) == 32
    failed = table[table["error"] != ""]
    assert set(failed["case"]) == {"no_chillers"}
    assert failed["pue"].isna().all()
    assert table[table["error"] == ""]["pue"].notna().all()
    told = capfd.readouterr().err
    assert "Failed runs by cause" in told
    assert str(len(failed)) in told
    assert failed["cause"].str.startswith("ran away: halls.").all()
    assert run(written(tmp_path, COMPARED), tmp_path / "store") == 1, "known failures are failures"
    assert run(written(tmp_path, COMPARED), tmp_path / "store", "--retry") == 1, "what fails again is a row again"
    assert pd.read_parquet(tmp_path / "store" / "runs.parquet").equals(table)


def test_runs_that_failed_are_run_again_where_that_is_asked_for(tmp_path: Path) -> None:
    batch, plain, store = prepared(written(tmp_path)), Store(tmp_path / "plain"), Store(tmp_path / "store")
    lost = {variant.run_id for variant in batch.runs[3:6]}

    def losing(jobs, series):  # type: ignore[no-untyped-def]
        for record in in_threads(1)(jobs, series):
            yield Record(record.run_id, "lost", "workers were lost") if record.run_id in lost else record

    with plain.writing(), store.writing():
        run_batch(batch, plain, in_threads(1))
        assert run_batch(batch, store, losing).failed == {"workers were lost": [3, 4, 5]}
        assert store.failed() == lost
        assert run_batch(batch, store, in_threads(1)).fresh == 0, "without being asked it runs none again"
        again = run_batch(batch, store, in_threads(1), retry=True)
        assert (again.fresh, again.failed) == (3, {})
        ids = [one for path in store.parts.iterdir() for one in pq.read_table(path)["run_id"].to_pylist()]
        assert len(ids) == len(set(ids)) == 16, "none is there twice, the failed rows are gone"
    assert (store.folder / "runs.parquet").read_bytes() == (plain.folder / "runs.parquet").read_bytes()


def test_bounds_mark_runs(tmp_path: Path) -> None:
    text = SMALL + "constraints: {max_rack_inlet_c: {at_most: 24.5}, pue: {at_least: 1}, nonsense: {at_most: 1}}\n"
    run(written(tmp_path, text), tmp_path / "store")
    table = pd.read_parquet(tmp_path / "store" / "runs.parquet")
    beyond = table["max_rack_inlet_c"] > 24.5
    assert 0 < beyond.sum() < 16
    assert list(table["violations"].str.startswith("max_rack_inlet_c ")) == list(beyond)
    assert table["violations"].str.endswith("nonsense not stated").all()
    assert not table["violations"].str.contains("pue").any()


def test_series_and_full_results_are_kept_where_asked_for(tmp_path: Path) -> None:
    assert run(written(tmp_path), tmp_path / "store") == 0
    text = SMALL + "keep: {series: [halls.ai.air.fan_kw], full: [3]}\n"
    assert run(written(tmp_path, text), tmp_path / "store") == 0
    table = pd.read_parquet(tmp_path / "store" / "runs.parquet")
    assert len(table) == 16, "runs that were made without series are made again, and are one row each"
    one = pd.read_parquet(tmp_path / "store" / "series" / f"{table['run_id'][3]}.parquet")
    assert list(one.columns) == ["time", "halls.ai.air.fan_kw", "grid.meter.import_kw"]
    assert one["grid.meter.import_kw"].sum() == pytest.approx(table["facility_energy_kwh"][3], rel=1e-12)
    document = json.loads((tmp_path / "store" / "full" / table["run_id"][3] / "metrics.json").read_text())
    assert document["metrics"]["pue"]["value"] == table["pue"][3]
    assert len(list((tmp_path / "store" / "full").iterdir())) == 1


def test_json_lines_tell_progress_and_outcome(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert _run_command(["batch", str(written(tmp_path)), "--out", str(tmp_path / "store"), "--json"]) == 0
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert lines[-1] == {"event": "done", "runs": 16, "fresh": 16, "failed": 0, "violating": 0, "causes": {},
                         "table": str(tmp_path / "store" / "runs.parquet")}  # fmt: skip
    last = next(line for line in reversed(lines) if line["event"] == "progress")
    assert last.pop("runs_per_s") > 0.0
    assert last == {"event": "progress", "phase": "run", "done": 16, "of": 16, "failed": 0, "left_s": 0.0}


def test_a_second_batch_on_the_same_store_is_refused(tmp_path: Path) -> None:
    with (
        Store(tmp_path).writing(),
        pytest.raises(InputError, match="another batch is writing"),
        Store(tmp_path).writing(),
    ):
        pass


def test_what_breaks_amid_a_batch_leaves_what_is_finished(tmp_path: Path) -> None:
    batch, store = prepared(written(tmp_path)), Store(tmp_path / "store")

    def breaking(jobs, series):  # type: ignore[no-untyped-def]
        for at, record in enumerate(in_threads(1)(jobs, series)):
            if at == 4:
                raise OSError("disk full")
            yield record

    with store.writing():
        with pytest.raises(OSError, match="disk full"):
            run_batch(batch, store, breaking)
        assert len(store.finished()) == study_table(batch, store).num_rows == 4
        assert run_batch(batch, store, in_threads(2)).fresh == 12


def killed_and_resumed(tmp_path: Path, kills: int, seed: int) -> dict[str, float]:
    """What the killer found."""
    command = [sys.executable, str(KILLER), str(written(tmp_path)), str(tmp_path / "stores"), str(kills), str(seed)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=1800)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.slow
def test_a_dozen_random_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    found = killed_and_resumed(tmp_path, 12, 1)
    assert (found["lost"], found["doubled"]) == (0, 0)
    assert found["killed"] >= 12


@pytest.mark.slow
def test_two_hundred_random_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    found = killed_and_resumed(tmp_path, 200, 2)
    assert (found["lost"], found["doubled"]) == (0, 0)
    assert found["killed"] >= 200
    assert found["amid"] >= 20, "kills must fall amid the work, not only before and behind it"


def test_a_command_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    study, folder = written(tmp_path, SMALL.replace("2d", "120d")), tmp_path / "store"
    command = [sys.executable, "-m", "twin", "batch", str(study), "--out", str(folder), "--workers", "1", "-q"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, env=environment)
    while not list(folder.glob("parts/*.parquet")) and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = {path.name: path.stat().st_mtime_ns for path in folder.glob("parts/*.parquet")}
    assert before
    assert subprocess.run(command, env=environment, check=False).returncode == 0
    after = {path.name: path.stat().st_mtime_ns for path in folder.glob("parts/*.parquet")}
    assert before.items() <= after.items()
    ids = [one for path in folder.glob("parts/*.parquet") for one in pq.read_table(path)["run_id"].to_pylist()]
    assert len(ids) == len(set(ids)) == 16
