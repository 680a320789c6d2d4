"""``twin batch``: every run of a study that is not in the store yet, in threads or on Dask, and then its table.

Runs are ordered by composition and files, so that what they share is made once. Finished runs are written in parts
every two seconds or so: what a kill costs is what was under way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from twin.engine.simulate import simulate
from twin.errors import InputError, RunError
from twin.outputs.files import metrics_document, write_run
from twin.outputs.store import TABLE, Store, columns_with_units, units_of, write_parquet
from twin.studies.design import Design, design_of
from twin.studies.jobs import job_table
from twin.studies.kpis import kpis, notes, warnings
from twin.studies.runs import Record, run_once
from twin.studies.study import Study, read_study
from twin.studies.templates import Template
from twin.studies.variants import Variant, Variants

FLUSH_S, MOST_ROWS = 2.0, 250  # a part is written when it is so old, or has so many rows
AHEAD = 4  # runs per thread that wait: enough to keep it busy, few enough to weigh nothing

Report = Callable[[str, int, int, int], None]  # phase, done, of, failed
Job = tuple[str, Template, tuple[float | int, ...]]  # address, template, numbers
Doing = Callable[[Iterable[Job], Sequence[str]], Iterator[Record]]


@dataclass(frozen=True)
class Batch:
    """A study that was read and checked: its design, its scenarios, and its runs in the order of the study."""

    study: Study
    design: Design
    variants: Variants
    runs: tuple[Variant, ...]


@dataclass
class Outcome:
    """What a batch came to."""

    total: int
    fresh: int = 0
    failed: dict[str, list[int]] = field(default_factory=dict)  # cause -> runs
    violating: int = 0
    errors: dict[str, str] = field(default_factory=dict)  # cause -> the first run's error


def _silent(phase: str, done: int, of: int, failed: int) -> None:
    return None


def prepared(path: Path, limit: int | None = None, report: Report = _silent) -> Batch:
    """Read a study and check all its runs, or the first ``limit``. Raises InputError with their faults."""
    study, source = read_study(path)
    design = design_of(study)
    variants = Variants(design, source)
    count = design.count if limit is None else min(limit, design.count)
    beyond = [run for run in study.keep.full if not 0 <= run < design.count] if study.keep.full != "all" else []
    if beyond:
        raise InputError(f"{path}: keep.full: there is no run {beyond[0]} (runs 0 to {design.count - 1})")
    runs = []
    for variant in variants.all(count):
        runs.append(variant)
        report("check", len(runs), count, 0)
    return Batch(study, design, variants, tuple(runs))


def run_batch(batch: Batch, store: Store, doing: Doing, report: Report = _silent, retry: bool = False) -> Outcome:
    """Run what is not in the store, and with ``retry`` what failed; then write the table of the study.

    Raises OSError, and what ``doing`` raises.
    """
    if retry:
        store.forget(store.failed() & {variant.run_id for variant in batch.runs})
    wanted = tuple(batch.study.keep.series)
    unfinished = _unfinished(batch, store.finished(), lambda one: not wanted or store.has_series(one))
    outcome = Outcome(len(batch.runs), len(unfinished))
    jobs = ((v.run_id, batch.variants.templates[v.template], v.numbers) for v in unfinished)
    try:
        _collect(doing(jobs, wanted), store, len(unfinished), report)
    finally:
        table = study_table(batch, store)
        write_parquet(store.folder / TABLE, table)
    _tell(table, outcome)
    _keep_full(batch, store)
    return outcome


def _unfinished(batch: Batch, done: set[str], complete: Callable[[str], bool]) -> list[Variant]:
    """Runs to be made, each content once, what shares files and technologies together."""
    fresh: dict[str, Variant] = {}
    for variant in batch.runs:
        if variant.run_id not in done or not complete(variant.run_id):
            fresh.setdefault(variant.run_id, variant)
    return sorted(fresh.values(), key=lambda variant: (variant.template, variant.run))


def _collect(records: Iterator[Record], store: Store, count: int, report: Report) -> None:
    """Write records as they come; what is there when something breaks is written, too."""
    waiting: list[Record] = []
    done = failed = 0
    last = time.monotonic()
    try:
        for record in records:
            waiting.append(record)
            done, failed = done + 1, failed + bool(record.error)
            if len(waiting) >= MOST_ROWS or time.monotonic() - last > FLUSH_S:
                store.add(waiting)
                waiting, last = [], time.monotonic()
            report("run", done, count, failed)
    finally:
        if waiting:
            store.add(waiting)


def in_threads(workers: int) -> Doing:
    """Runs in threads of this process: the loop holds no lock."""

    def doing(jobs: Iterable[Job], series: Sequence[str]) -> Iterator[Record]:
        pending: set[Future[Record]] = set()
        with ThreadPoolExecutor(workers) as pool:
            try:
                for job in jobs:
                    pending.add(pool.submit(run_once, *job, series))
                    while len(pending) >= AHEAD * workers:
                        done, pending = wait(pending, return_when=FIRST_COMPLETED)
                        yield from (one.result() for one in done)
                while pending:
                    done, pending = wait(pending, return_when=FIRST_COMPLETED)
                    yield from (one.result() for one in done)
            finally:
                for one in pending:
                    one.cancel()

    return doing


def study_table(batch: Batch, store: Store) -> pa.Table:
    """A row per run of the study that is finished, in its order: what was set, how it went, its key figures."""
    rows = store.read(variant.run_id for variant in batch.runs)
    at = {run_id: i for i, run_id in enumerate(rows["run_id"].to_pylist())}
    runs = [variant for variant in batch.runs if variant.run_id in at]
    taken = rows.take(pa.array([at[variant.run_id] for variant in runs], pa.int64()))
    columns: dict[str, Any] = {"run": pa.array([variant.run for variant in runs], pa.int64())}
    columns["case"] = pa.array([batch.design.case(variant.run) for variant in runs], pa.string())
    columns |= _settings(batch.design, runs)
    columns["run_id"], columns["error"], columns["cause"] = (
        (taken[name].combine_chunks() for name in ("run_id", "error", "cause"))
        if taken.num_columns > 1
        else ([], [], [])
    )
    units = units_of(taken)
    figures = {name: taken[name].combine_chunks() for name in units if name not in columns}
    columns["violations"] = pa.array(_violations(batch.study, figures, len(runs)), pa.string())
    return columns_with_units(columns | figures, units, batch.study.model_dump_json())


def _settings(design: Design, runs: Sequence[Variant]) -> dict[str, pa.Array]:
    """A column per varied path: numbers as numbers, anything else as text."""
    columns: dict[str, list[Any]] = {path: [] for path in design.paths}
    for variant in runs:
        values = {path: value for path, value, _ in design.varied(variant.run)}
        for path, column in columns.items():
            value = values.get(path)
            column.append(value["times"] if isinstance(value, dict) and set(value) == {"times"} else value)
    return {path: _column(column) for path, column in columns.items()}


def _column(values: list[Any]) -> pa.Array:
    if all(value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values):
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def _violations(study: Study, figures: dict[str, pa.Array], count: int) -> list[str]:
    """What each run violates, as text; empty where it keeps all bounds. A figure that is not stated keeps none."""
    found: list[list[str]] = [[] for _ in range(count)]
    for name, bound in study.constraints.items():
        values = figures[name].to_pylist() if name in figures else [None] * count
        for own, value in zip(found, values, strict=True):
            if value is None:
                own.append(f"{name} not stated")
            elif bound.at_most is not None and value > bound.at_most:
                own.append(f"{name} {value:.6g} > {bound.at_most:g}")
            elif bound.at_least is not None and value < bound.at_least:
                own.append(f"{name} {value:.6g} < {bound.at_least:g}")
    return ["; ".join(own) for own in found]


def _tell(table: pa.Table, outcome: Outcome) -> None:
    texts = (table[name].to_pylist() for name in ("run", "cause", "error", "violations"))
    for run, cause, error, violations in zip(*texts, strict=True):
        if error:
            outcome.failed.setdefault(cause, []).append(run)
            outcome.errors.setdefault(cause, error)
        elif violations:
            outcome.violating += 1


def _keep_full(batch: Batch, store: Store) -> None:
    """All results of the chosen runs that did not fail."""
    chosen = batch.study.keep.full
    for variant in batch.runs:
        if chosen != "all" and variant.run not in chosen:
            continue
        folder = store.full_folder(variant.run_id)
        if not (folder / "metrics.json").exists():
            write_full(batch.variants.templates[variant.template].scenario(variant.numbers), folder)


def write_full(scenario: Any, folder: Path) -> list[Path]:
    """Run a scenario and write what ``twin run`` leaves; nothing where it fails."""
    try:
        results = simulate(scenario)
    except RunError:
        return []
    document = metrics_document(results, kpis(results), warnings(results), notes=notes(results))
    folder.mkdir(parents=True, exist_ok=True)
    return write_run(folder, results, document, job_table(scenario))
