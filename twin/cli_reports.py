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
@click.argument("run_dir", required=False, type=click.Path(path_type=Path))
@click.option("--to", default="json,csv,parquet,xlsx,html,pdf", show_default=True,
              help="Kinds of files, with commas between them.")  # fmt: skip
@click.option("--standard", "standards", default="iso30134,eed,enefg,ghg,sci,cfe,esrs", show_default=True,
              help="Standards, with commas between them; ashrae904 and eed_2026_draft too.")  # fmt: skip
@click.option(
    "--out", "folder", type=click.Path(path_type=Path), help="Folder for the files  [default: RUN_DIR/report]"
)
@click.option("--site", type=click.Path(path_type=Path), help="YAML with what no run and no meter tells of the site.")
@click.option("--metered", type=click.Path(path_type=Path), help="CSV of the site's meters: its figures, not a run's.")
def report(
    run_dir: Path | None, to: str, standards: str, folder: Path | None, site: Path | None, metered: Path | None
) -> None:
    """Report the run in RUN_DIR, or a site's meters, by standards; every file is made of the report's metrics.json."""
    if run_dir is None and metered is None:
        raise click.UsageError("name the folder of a run, or --metered FILE")
    if folder is None and run_dir is None:
        raise click.UsageError("--metered needs --out FOLDER")
    from twin.outputs.files import prepared_folder
    from twin.outputs.reporting.exports import kinds, write_report
    from twin.studies.reporting.inputs import read_report
    from twin.studies.reporting.report import chosen

    asked = kinds(to.split(","))
    document = read_report(run_dir, metered, site, chosen(standards.split(",")))
    hourly = _hours(run_dir, metered, site) if set(asked) & set(TABLES) or "cfe" in document["standards"] else None
    with prepared_folder(folder or Path(str(run_dir)) / "report") as target:
        for path in write_report(target, document, asked, hourly):
            click.echo(path)


def _hours(run_dir: Path | None, metered: Path | None, site: Path | None) -> Hourly | None:
    """The hours, or none with a line on stderr where a file that the run has read is gone."""
    from twin.studies.reporting.inputs import read_hourly

    try:
        return read_hourly(run_dir, metered, site)
    except InputError as error:
        click.echo(f"no tables by the hour: {error}", err=True)
        return None
