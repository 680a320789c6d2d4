"""The same batch on ``dask.distributed``: chunks of runs go to worker processes, rows come back to one store.

A chunk is some hundred runs, so that what Dask costs per task (some milliseconds) is little beside seconds of work. It
carries its templates once and numbers by run; workers need the package and the input files under the same paths, and
write nothing. Dask itself sends the chunks of a lost worker to another one. A chunk that loses one worker after another
is halved until the run that does it stands alone and becomes a failed row.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import Any

from twin.errors import InputError
from twin.outputs.batch import Doing, Job
from twin.studies.runs import Record, run_once
from twin.studies.templates import Template

CHUNK = 200  # runs of a task: 5 s of work against milliseconds of Dask
AHEAD = 3  # chunks per worker that are under way
# What a cluster of this machine does beside the runs, less often than by default: of two workers that are busy it takes
# .6 % instead of 5 % of the CPU time. Measured idle, worker and rest: 3.5 and 2.8 % of a core before, .3 and .6 % with
# it.
SELDOM = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.worker.memory.monitor-interval": "2s",
    "distributed.scheduler.work-stealing-interval": "1s",
    "distributed.client.heartbeat": "10s",
}
# Workers of a busy machine are slow to start and to answer, not dead (by default half a minute each).
PATIENT = {"distributed.comm.timeouts.connect": "180s", "distributed.comm.timeouts.tcp": "180s"}
Chunk = tuple[list[Template], list[tuple[str, int, tuple[float | int, ...]]]]


def on_dask(client: Any, chunk_runs: int = CHUNK) -> Doing:
    """Runs on the workers of a client, ``chunk_runs`` a task."""

    def doing(jobs: Iterable[Job], series: Sequence[str]) -> Iterator[Record]:
        from distributed import as_completed

        chunks = _chunks(iter(jobs), chunk_runs)
        workers = max(len(client.scheduler_info()["workers"]), 1)
        first = [_submitted(client, chunk, series) for chunk in islice(chunks, AHEAD * workers)]
        sent = {future.key: chunk for future, chunk in first}
        pending = as_completed([future for future, _ in first])
        for future in pending:
            chunk = sent.pop(future.key)
            records, again = _outcome(future, chunk)
            yield from records
            for more in (*again, *islice(chunks, 0 if again else 1)):
                submitted, of = _submitted(client, more, series)
                sent[submitted.key] = of
                pending.add(submitted)

    return doing


def run_chunk(chunk: Chunk, series: tuple[str, ...], threads: int) -> list[Record]:
    """All runs of a chunk, on a worker."""
    templates, runs = chunk
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda run: run_once(run[0], templates[run[1]], run[2], series), runs))


def _submitted(client: Any, chunk: Chunk, series: Sequence[str]) -> tuple[Any, Chunk]:
    return client.submit(run_chunk, chunk, tuple(series), 1, pure=False), chunk


def _outcome(future: Any, chunk: Chunk) -> tuple[list[Record], list[Chunk]]:
    """Records of a chunk, or the halves of one that its workers did not survive."""
    from distributed import KilledWorker

    try:
        return future.result(), []
    except KilledWorker:
        templates, runs = chunk
        if len(runs) == 1:
            return [Record(runs[0][0], "each worker that ran it was lost", "workers were lost")], []
        middle = len(runs) // 2
        return [], [(templates, runs[:middle]), (templates, runs[middle:])]


def _chunks(jobs: Iterator[Job], size: int) -> Iterator[Chunk]:
    while part := list(islice(jobs, size)):
        places: dict[int, int] = {}
        templates: list[Template] = []
        runs = []
        for run_id, template, numbers in part:
            if id(template) not in places:
                places[id(template)] = len(templates)
                templates.append(template)
            runs.append((run_id, places[id(template)], numbers))
        yield templates, runs


@contextmanager
def dask_client(scheduler: str | None, workers: int | None) -> Iterator[Any]:
    """A client of the cluster at an address, or of one of worker processes on this machine. Raises InputError."""
    try:
        from dask import config
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise InputError("Dask is not installed: pip install 'datacenter-twin[distributed]'") from error
    if scheduler is not None:
        try:
            client = Client(scheduler, timeout=60)
        except (OSError, ValueError, TypeError) as error:
            raise InputError(f"--scheduler {scheduler}: {error}") from error
        with client:
            yield client
        return
    count = workers or os.cpu_count() or 1
    with (
        config.set(SELDOM | PATIENT),
        LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # any free port: the usual one may be another cluster's
            scheduler_kwargs={"dashboard": False},
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client
