"""The command report: figures for standards from a run, a store or meters, as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twin.errors import InputError

if TYPE_CHECKING:
    from twin.studies.reporting.hourly import Hourly

TABLES = ("csv", "parquet")  # kinds that have hours in them


@click.command(short_help="Figures for standards, from a run, a store or meters, as files.")
@click.argument("run_or_store", required=False, type=click.Path(path_type=Path))
@click.option("--to", default="json,csv,parquet,xlsx,html,pdf", show_default=True,
              help="Kinds of files, with commas between them.")  # fmt: skip
@click.option("--standard", "standards", default="iso30134,ashrae904,eed,enefg,ghg,sci,cfe,esrs", show_default=True,
              help="Standards, with commas between them; eed_2026_draft too.")  # fmt: skip
@click.option(
    "--out", "folder", type=click.Path(path_type=Path), help="Folder for the files  [default: RUN_OR_STORE/report]"
)
@click.option("--site", type=click.Path(path_type=Path), help="YAML with what no run and no meter tells of the site.")
@click.option("--metered", type=click.Path(path_type=Path),
              help="CSV of the site's meters, such as data:reporting/example/meters.csv; no run.")  # fmt: skip
def report(
    run_or_store: Path | None, to: str, standards: str, folder: Path | None, site: Path | None, metered: Path | None
) -> None:
    """Report a run, a store's runs, or a site's meters by standards; every file is made of the report's metrics.json.

    RUN_OR_STORE is the folder of a run, STORE:RUN, or a store. Of a store whose inputs are drawn it is the run in the
    middle, with percentiles as low and high; of any store all runs as one table.
    """
    if run_or_store is None and metered is None:
        raise click.UsageError("name the folder of a run, a store, or --metered FILE")
    if folder is None and run_or_store is None:
        raise click.UsageError("--metered needs --out FOLDER")
    from twin.outputs.files import prepared_folder
    from twin.outputs.reporting.exports import kinds, left_behind, write_files
    from twin.studies.reporting.report import chosen

    asked, words = kinds(to.split(",")), chosen(standards.split(","))
    made = _made(run_or_store, metered, site, asked, words)
    with prepared_folder(folder or _beside(Path(str(run_or_store)))) as target:
        left = left_behind(target, made)
        for path in write_files(target, made):
            click.echo(path)
    if left:
        click.echo(f"left from an earlier report, not of this one: {', '.join(left)}", err=True)


def _beside(run_or_store: Path) -> Path:
    """Folder report in that of a run or a store; that of a run of a store with its number."""
    if run_or_store.exists():
        return run_or_store / "report"
    folder, _, run = str(run_or_store).rpartition(":")
    return Path(folder) / f"report-{run}"


def _made(
    run_or_store: Path | None, metered: Path | None, site: Path | None, asked: list[str], words: list[str]
) -> dict[str, bytes]:
    """Files by name."""
    from twin.outputs.reporting.exports import report_files
    from twin.studies.reporting.inputs import read_report

    if metered is None and run_or_store is not None and _is_store(run_or_store):
        return _of_store(run_or_store, site, asked, words)
    document = read_report(run_or_store, metered, site, words)
    if metered is not None:
        for note in document["notes"]:
            click.echo(f"note: {note}", err=True)
    hourly = _hours(run_or_store, metered, site) if set(asked) & set(TABLES) else None
    return report_files(document, asked, hourly)


def _is_store(name: Path) -> bool:
    """Whether it is a store or a run of one."""
    return (name / "runs.parquet").is_file() or (not name.exists() and ":" in name.name)


def _of_store(name: Path, site: Path | None, asked: list[str], words: list[str]) -> dict[str, bytes]:
    from twin.cli_studies import needs_pyarrow

    needs_pyarrow()
    from twin.outputs.reporting.exports import report_files, table_files
    from twin.outputs.reporting.stores import central_run, named_run, opened, report_of_store, runs_table

    found = named_run(name)
    if found is None:
        raise InputError(f"{name}: is neither the folder of a run nor a run of a store; a run of a store is STORE:RUN")
    folder, run = found
    store = opened(folder)
    table = None if run else runs_table(store, site, words)
    chosen = run or central_run(store)
    if chosen is None and table is not None:
        click.echo(f"its runs are no sample of one site: all stand in one table; report one of them as {folder}:RUN",
                   err=True)  # fmt: skip
        return table_files(table, asked)
    document, hourly = report_of_store(store, str(chosen), site, words)
    return report_files(document, asked, hourly, (table,) if table is not None else ())


def _hours(run_dir: Path | None, metered: Path | None, site: Path | None) -> Hourly | None:
    """The hours, or none with a line on stderr where a file that the run has read is gone."""
    from twin.studies.reporting.inputs import read_hourly

    try:
        return read_hourly(run_dir, metered, site)
    except InputError as error:
        click.echo(f"no tables by the hour: {error}", err=True)
        return None
