"""The command ``twin``: run, compare, check and others; ``cli_studies`` and the other ``cli_*`` hold the rest.

Only click is imported here: whatever takes time to load is loaded inside the command that needs it. Exit code 0
is success, 1 a run that failed or a file that could not be written, 2 wrong usage or an invalid file.
"""

from __future__ import annotations

import codecs
import errno
import importlib.util
import os
import shlex
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO

import click

from twin.cli_capacity import COMMANDS as CAPACITY
from twin.cli_plans import COMMANDS as PLANS
from twin.cli_reports import report
from twin.cli_studies import COMMANDS, compare_store
from twin.cli_words import results_folder, saying
from twin.errors import Fault, InputError, RunError
from twin.version import VERSION

if TYPE_CHECKING:
    import xarray as xr

PLAIN = {"°": "deg", "³": "3", "\u202f": " ", "–": "-", "…": "..."}
OK, FAILED, INVALID, INTERRUPTED = 0, 1, 2, 130
SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Entry point: run the command and exit; what a user can cause ends in lines on stderr, not in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        _print_what_it_can(stream)
    sys.exit(_run_command(arguments))


def _run_command(arguments: Sequence[str] | None) -> int:
    try:
        code = commands.main(args=arguments, prog_name="twin", standalone_mode=False)
        sys.stdout.flush()
        return int(code or OK)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except InputError as error:
        _print_faults(error.faults)
        return INVALID
    except RunError as error:
        click.echo(f"the run failed: {error}", err=True)
        return FAILED
    except OSError as error:
        return _file_trouble(error)


def _file_trouble(error: OSError) -> int:
    if error.errno == errno.EPIPE:  # the reader of our output left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    where = f"{error.filename}: " if error.filename else ""
    click.echo(f"{where}{error.strerror or error}", err=True)
    return FAILED


def _print_what_it_can(stream: TextIO) -> None:
    """Where a terminal does not know a character such as ³, it gets a plain one instead of an error."""
    codecs.register_error("plain", lambda error: (_plain_characters(error), error.end))  # type: ignore[attr-defined]
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="plain")


def _plain_characters(error: UnicodeError) -> str:
    unknown = error.object[error.start : error.end]  # type: ignore[attr-defined]
    return "".join(PLAIN.get(character, "?") for character in unknown)


def _print_faults(faults: Sequence[Fault]) -> None:
    for fault in faults:
        click.echo(str(fault), err=True)


@click.group(context_settings=SETTINGS)
@click.version_option(VERSION, prog_name="twin", message="%(prog)s %(version)s")
def commands() -> None:
    """Digital twin of a data center: a site in YAML in, a year of PUE, water, carbon and cost out."""


for _command in (*COMMANDS, *PLANS, *CAPACITY, report):
    commands.add_command(_command)


@commands.command(short_help="Run a scenario: key figures, and three files.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", "folder", type=click.Path(path_type=Path), help="Folder for the results  [default: runs/NAME]")
@click.option("--set", "overrides", multiple=True, metavar="a.b=VALUE", help="Change a value of the file; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print metrics.json to stdout instead of the table.")
@click.option("--picture", type=click.Path(path_type=Path), help="Picture of the first event, an HTML file.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but faults and warnings.")
def run(
    file: Path, folder: Path | None, overrides: tuple[str, ...], as_json: bool, picture: Path | None, quiet: bool
) -> None:
    """Run the scenario FILE and write results.nc, metrics.json and scenario.yaml; jobs.csv too where it has jobs."""
    from twin.studies.inputs import read_for_run

    if picture is not None and importlib.util.find_spec("plotly") is None:
        raise InputError("--picture needs plotly: pip install 'datacenter-twin[app]'")
    scenario = read_for_run(file, overrides)
    with saying("simulating (the first run on a machine compiles for some seconds)", quiet or as_json):
        from twin.outputs.files import metrics_document, metrics_text, prepared_folder, write_run

        with prepared_folder(folder or results_folder(file)) as target:
            from twin.engine.simulate import simulate
            from twin.studies.jobs import job_table
            from twin.studies.kpis import kpis, notes, warnings
            from twin.studies.months import factor_files, months

            results = simulate(scenario)
            document = metrics_document(
                results,
                kpis(results),
                warnings(results),
                notes=notes(results),
                factors=factor_files(results),
                months=months(results),
            )
            paths = write_run(target, results, document, job_table(scenario))
            if picture is not None:
                paths.append(_write_picture(picture, results))
    if as_json:
        click.echo(metrics_text(document), nl=False)
    _print_summary(document, paths, quiet or as_json)


def _write_picture(path: Path, results: xr.Dataset) -> Path:
    """The picture of the run's first event as one HTML file that needs no network. InputError without an event."""
    from twin.outputs.figures_failure import failure_figure
    from twin.outputs.files import write_whole

    try:
        chart = failure_figure(results)
    except ValueError as error:
        raise InputError(f"--picture: {error}") from error
    write_whole(path, chart.to_html(include_plotlyjs=True, full_html=True).encode())
    return path


def _print_summary(document: dict[str, object], paths: Sequence[Path], only_warnings: bool) -> None:
    from twin.outputs.summary import print_summary, print_warnings

    if only_warnings:
        print_warnings(document)
    else:
        print_summary(document, paths)


@commands.command(short_help="Compare scenarios, values of one setting, or the runs of a study.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--set", "overrides", multiple=True, metavar="a.b=VALUE", help="Change a value of all; repeatable.")
@click.option("--vary", metavar="a.b=V1,V2,...", help="Compare one FILE at several values of a setting.")
@click.option("--out", "folder", type=click.Path(path_type=Path), help="Folder for comparison.csv and comparison.json.")
@click.option("--by", metavar="FIGURE", help="Figure by which runs of a study are ranked  [default: total_cost]")
@click.option("--best", type=click.IntRange(min=1), default=10, help="Runs of a study that are listed  [default: 10]")
@click.option("--json", "as_json", is_flag=True, help="Print comparison.json to stdout instead of the table.")
def compare(
    files: tuple[Path, ...], overrides: tuple[str, ...], vary: str | None, folder: Path | None, by: str | None,
    best: int, as_json: bool,
) -> None:  # fmt: skip
    """Run scenario FILES together and tell each figure beside that of the first: energy, cost, carbon, and work.

    Of the store of a twin batch: the best runs, those that no other beats, and what the figure depends on.
    """
    if len(files) == 1 and files[0].is_dir():
        compare_store(files[0], by, best, as_json)
        return
    if vary is not None and len(files) != 1:
        raise click.UsageError(f"--vary takes one FILE, got {len(files)}")
    if len(files) == 1 and not files[0].exists():
        raise InputError(f"{files[0]}: no such file, and no store of a batch")
    if vary is None and len(files) < 2:
        raise click.UsageError("name at least two FILEs, or one FILE and --vary")
    from twin.studies.compare import alternatives, variants

    found = variants(files[0], vary, overrides) if vary is not None else alternatives(files, overrides)
    with saying("simulating (the first run on a machine compiles for some seconds)", as_json):
        from twin.outputs.comparison import comparison_document, print_comparison, write_comparison
        from twin.outputs.files import metrics_text, prepared_folder
        from twin.studies.compare import compare as compared

        with prepared_folder(folder) if folder else nullcontext() as target:
            comparison = compared(*found)
            paths = write_comparison(target, comparison) if target else []
    if as_json:
        click.echo(metrics_text(comparison_document(comparison)), nl=False)
    else:
        print_comparison(comparison, paths)


@commands.command(short_help="List every fault of scenario files.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but faults.")
def check(files: tuple[Path, ...], quiet: bool) -> None:
    """Validate scenario FILES and what they name; every fault of every file is listed, with its line."""
    from twin.studies.inputs import read_for_run

    faulty = 0
    for file in files:
        try:
            scenario = read_for_run(file)
        except InputError as error:
            _print_faults(error.faults)
            faulty += 1
        else:
            if not quiet:
                click.echo(f"{file}: ok ({scenario.name})")
    if faulty:
        click.echo(f"{faulty} of {len(files)} files cannot be used", err=True)
        raise click.exceptions.Exit(INVALID)


@commands.command(short_help="Print the JSON Schema of a scenario, or of metrics.json.")
@click.option("--metrics", is_flag=True, help="That of metrics.json, of runs and of reports.")
@click.option("--site", is_flag=True, help="That of the file of twin report --site.")
def schema(metrics: bool, site: bool) -> None:
    """Print the JSON Schema of a scenario file, for editors and forms, or of metrics.json, or of a report's site."""
    if metrics and site:
        raise click.UsageError("--metrics and --site are two schemas: ask for one of them")
    if metrics:
        from twin.outputs.metrics_schema import metrics_schema_text as text
    elif site:
        from twin.outputs.metrics_schema import site_schema_text as text
    else:
        from twin.outputs.template import schema_text as text
    click.echo(text(), nl=False)


@commands.command(short_help="Write a commented scenario to start from.")
@click.argument("name", type=click.Path(path_type=Path))
def new(name: Path) -> None:
    """Write a commented scenario to start from: NAME/scenario.yaml, or NAME itself where it ends in .yaml."""
    from twin.outputs.files import write_new
    from twin.outputs.template import scenario_text

    path = name if name.suffix in (".yaml", ".yml") else name / "scenario.yaml"
    site = path.stem if path == name else name.resolve().name
    write_new(path, scenario_text(site))
    word = shlex.quote(str(path))
    click.echo(f"wrote {path}\nnext: twin check {word}\n      twin run {word}")


@commands.command(short_help="Turn a URDB record into a tariff file.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Tariff file to write  [default: print it]")
def urdb(file: Path, out: Path | None) -> None:
    """Write the utility rate of FILE (OpenEI URDB, JSON) as a tariff that `grid.tariff: {kind: table}` reads.

    What the record holds and a tariff cannot, and what was assumed, stands in the tariff's note and on stderr.
    """
    from twin.outputs.files import write_new
    from twin.scenario.writing import dump
    from twin.series.urdb import read_urdb

    data, notes = read_urdb(str(file))
    for note in notes:
        click.echo(f"note: {note}", err=True)
    if out is None:
        click.echo(dump(data), nl=False)
    else:
        write_new(out, dump(data))
        click.echo(f"wrote {out}\nin a scenario: grid: {{tariff: {{kind: table, file: {out}}}}}")


@commands.command(short_help="Open the explorer in a browser.")
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535), help="Port on this machine.")
def app(port: int) -> None:
    """Serve the explorer on this machine alone until Ctrl-C; it needs the extra `app`."""
    import subprocess

    from twin.explorer.settings import command

    missing = [name for name in ("streamlit", "plotly") if importlib.util.find_spec(name) is None]
    if missing:
        raise click.ClickException(f"{' and '.join(missing)} not installed: pip install 'datacenter-twin[app]'")
    click.echo(f"explorer at http://127.0.0.1:{port} (Ctrl-C ends it)")
    done = subprocess.run(command(port), check=False)
    raise click.exceptions.Exit(FAILED if done.returncode else OK)
