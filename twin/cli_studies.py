"""Commands of studies: batch, and reading its store: show, diff, and what ``twin compare`` says of a store."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from xarray import Dataset

    from twin.outputs.batch import Doing, Job
    from twin.outputs.reopen import Reopened
    from twin.scenario.model import Scenario
    from twin.studies.runs import Record

FAILED = 1


@click.command(short_help="Run a study: many runs into a store that can be taken up again.")
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--out", "folder", type=click.Path(path_type=Path), help="Store of the runs  [default: runs/NAME]")
@click.option(
    "--workers", type=click.IntRange(1, 1024), help="Threads, or processes with --dask  [default: processors]"
)
@click.option("--dask", "on_dask", is_flag=True, help="Run in Dask worker processes of this machine.")
@click.option("--scheduler", metavar="tcp://HOST:PORT", help="Run on the Dask cluster at this address.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first runs of the study.")
@click.option("--retry", is_flag=True, help="Run those that failed once more.")
@click.option("--json", "as_json", is_flag=True, help="Print progress and outcome as lines of JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but faults and failures.")
def batch(
    study: Path, folder: Path | None, workers: int | None, on_dask: bool, scheduler: str | None, limit: int | None,
    retry: bool, as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Run all runs of STUDY that its store does not hold, and write the table runs.parquet.

    Killed at any moment and started again, it goes on where it was. A run that failed is a row, and is not run again
    without --retry. Exit code 1 where runs failed.
    """
    needs_pyarrow()
    from twin.outputs.batch import prepared, run_batch
    from twin.outputs.batch_report import print_outcome
    from twin.outputs.files import prepared_folder
    from twin.outputs.progress import progress
    from twin.outputs.store import Store

    target = folder or Path("runs") / study.stem
    with progress(as_json, quiet) as report:
        ready = prepared(study, limit, report)
        with prepared_folder(target), Store(target).writing() as store:
            outcome = run_batch(ready, store, _doing(workers, on_dask, scheduler), report, retry)
    print_outcome(outcome, target, as_json, quiet)
    if outcome.failed:
        raise click.exceptions.Exit(FAILED)


def needs_pyarrow() -> None:
    from importlib.util import find_spec

    from twin.errors import InputError

    if find_spec("pyarrow") is None:
        raise InputError("stores are Parquet files and need pyarrow: pip install 'datacenter-twin[batch]'")


def _doing(workers: int | None, on_dask: bool, scheduler: str | None) -> Doing:
    """How runs are made: in threads, or on the workers of Dask for as long as they are asked for."""
    from twin.outputs.batch import in_threads

    if not on_dask and scheduler is None:
        return in_threads(workers or os.cpu_count() or 1)
    from twin.outputs.batch_dask import dask_client
    from twin.outputs.batch_dask import on_dask as runs_on

    def doing(jobs: Iterable[Job], series: Sequence[str]) -> Iterator[Record]:
        with dask_client(scheduler, workers) as client:
            yield from runs_on(client)(jobs, series)

    return doing


@click.command(short_help="Show a run of a store in full.")
@click.argument("store", type=click.Path(path_type=Path))
@click.argument("run")
@click.option("--out", "folder", type=click.Path(path_type=Path), help="Folder for results.nc and the other files.")
@click.option("--json", "as_json", is_flag=True, help="Print metrics.json to stdout instead of the table.")
def show(store: Path, run: str, folder: Path | None, as_json: bool) -> None:
    """Run RUN of STORE (its number, or the start of its address) again and show it as twin run does.

    Of a run that failed: why, what was set in it, and its last steps; exit code 1.
    """
    needs_pyarrow()
    from twin.engine.simulate import simulate
    from twin.outputs.files import metrics_document, metrics_text, prepared_folder, write_run
    from twin.outputs.reopen import reopened
    from twin.outputs.summary import print_summary
    from twin.studies.jobs import job_table
    from twin.studies.kpis import kpis, notes, warnings

    one = reopened(store, run)
    results = simulate([one.scenario])
    if str(results["failure"].values[0]):
        _show_failure(one, results, store, folder, as_json)
        raise click.exceptions.Exit(FAILED)
    if one.error:
        click.echo(f"in the batch this run failed, now it did not: {one.error}", err=True)
    document = metrics_document(results, kpis(results), warnings(results), notes=notes(results))
    paths: list[Path] = []
    if folder is not None:
        with prepared_folder(folder) as target:
            paths = write_run(target, results, document, job_table(one.scenario))
    if as_json:
        click.echo(metrics_text(document), nl=False)
    else:
        print_summary(document, paths)


def _show_failure(one: Reopened, results: Dataset, store: Path, folder: Path | None, as_json: bool) -> None:
    from twin.outputs.failed_run import failure_document, print_failure, write_failure
    from twin.outputs.files import metrics_text, prepared_folder

    paths: list[Path] = []
    if folder is not None:
        with prepared_folder(folder) as target:
            paths = write_failure(target, results)
    if as_json:
        click.echo(metrics_text(failure_document(one, results)), nl=False)
    else:
        print_failure(one, results, store, paths)


@click.command(short_help="Explain the difference of two runs, cause by cause.")
@click.argument("first")
@click.argument("second")
@click.option("--json", "as_json", is_flag=True, help="Print the steps as JSON.")
def diff(first: str, second: str, as_json: bool) -> None:
    """Explain how energy, cost and carbon change from FIRST to SECOND; the steps add up.

    Each is a scenario file, the folder of a run, or STORE:RUN.
    """
    from twin.outputs.files import metrics_text
    from twin.outputs.waterfall import print_waterfall, waterfall_document
    from twin.studies.waterfall import waterfall

    named = _named(first), _named(second)
    fall = waterfall(named[0][0], named[1][0])
    if as_json:
        click.echo(metrics_text(waterfall_document(fall)), nl=False)
    else:
        alike = named[0][1] == named[1][1]
        names = (
            f"{name} ({given})" if alike else name for (_, name), given in zip(named, (first, second), strict=True)
        )
        print_waterfall(fall, *names)


def _named(name: str) -> tuple[Scenario, str]:
    needs_pyarrow()
    from twin.outputs.reopen import scenario_named

    return scenario_named(name)


def compare_store(folder: Path, by: str | None, best: int, as_json: bool) -> None:
    """What ``twin compare`` does with the store of a batch: rank, front, what matters, and a picture beside it."""
    needs_pyarrow()
    from twin.outputs.files import metrics_text
    from twin.outputs.store_compare import PICTURE, print_reading, read_store, reading_document, write_picture

    reading = read_store(folder, by)
    drawn = write_picture(reading, folder / PICTURE)
    if as_json:
        click.echo(metrics_text(reading_document(reading)), nl=False)
        return
    print_reading(reading, best)
    if drawn:
        click.echo(f"picture  {folder / PICTURE}")


COMMANDS = (batch, show, diff)
