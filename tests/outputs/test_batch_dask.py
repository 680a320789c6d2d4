"""The same batch on Dask workers, real processes over loopback: the same bytes, also when workers are lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.studies.studies import written
from twin.cli import _run_command
from twin.outputs.batch import Job, in_threads, prepared, run_batch
from twin.outputs.batch_dask import _outcome, dask_client, on_dask
from twin.outputs.store import Store
from twin.studies.runs import Record

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with dask_client(None, 2) as one:
        yield one


@pytest.fixture
def in_one_thread(tmp_path: Path) -> bytes:
    store = Store(tmp_path / "threads")
    with store.writing():
        run_batch(prepared(written(tmp_path)), store, in_threads(1))
    return (store.folder / "runs.parquet").read_bytes()


def test_workers_on_loopback_give_the_bytes_of_one_thread(tmp_path: Path, client: Any, in_one_thread: bytes) -> None:
    store = Store(tmp_path / "dask")
    with store.writing():
        outcome = run_batch(prepared(written(tmp_path)), store, on_dask(client, 3))
    assert outcome.fresh == 16
    assert (store.folder / "runs.parquet").read_bytes() == in_one_thread


def test_a_scheduler_is_named_by_its_address(tmp_path: Path, client: Any, in_one_thread: bytes) -> None:
    options = ["--out", str(tmp_path / "dask"), "--scheduler", client.scheduler.address, "-q"]
    assert _run_command(["batch", str(written(tmp_path)), *options]) == 0
    assert (tmp_path / "dask" / "runs.parquet").read_bytes() == in_one_thread


def test_a_lost_worker_loses_nothing(tmp_path: Path, client: Any, in_one_thread: bytes) -> None:
    store = Store(tmp_path / "dask")
    killed = []

    def with_a_kill(jobs: Iterable[Job], series: Sequence[str]) -> Iterator[Record]:
        for record in on_dask(client, 2)(jobs, series):
            if not killed:
                killed.append(next(iter(client.run(os.getpid).values())))
                os.kill(killed[0], signal.SIGKILL)
            yield record

    with store.writing():
        outcome = run_batch(prepared(written(tmp_path)), store, with_a_kill)
    assert (outcome.fresh, outcome.failed) == (16, {})
    assert killed
    assert (store.folder / "runs.parquet").read_bytes() == in_one_thread


def test_a_chunk_that_no_worker_survives_is_halved_until_one_run_stands_alone() -> None:
    from distributed import KilledWorker

    class Lost:
        def result(self) -> None:
            raise KilledWorker("chunk", None, 3)

    runs = [(str(i), 0, ()) for i in range(3)]
    records, again = _outcome(Lost(), ([], runs))
    assert (records, [part for _, part in again]) == ([], [runs[:1], runs[1:]])
    records, again = _outcome(Lost(), ([], runs[:1]))
    assert again == []
    assert (records[0].run_id, records[0].cause) == ("0", "workers were lost")


def test_an_address_where_nobody_answers_is_a_fault(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    options = ["--out", str(tmp_path / "dask"), "--scheduler", "nonsense://127.0.0.1:1", "-q"]
    assert _run_command(["batch", str(written(tmp_path)), *options]) == 2
    assert "--scheduler nonsense://127.0.0.1:1" in capfd.readouterr().err
