"""Commands of capacity and risk: how much more a site carries, what binds, and what losing a unit does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twin.cli_words import saying

if TYPE_CHECKING:
    from twin.scenario.model import Scenario


@click.command(short_help="How much more IT a site carries, what binds first, and what a loss does.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--inlet", "band", default="recommended", show_default=True, help="Limit of inlet air; or allowable.")
@click.option("--year/--no-year", default=True, show_default=True, help="Headroom over the year's hours as well.")
@click.option("--part-load", is_flag=True, help="PUE and MLC at 25, 50, 75 and 100 % IT by outdoor temperature.")
@click.option(
    "--ramp", metavar="YEARS[,FIRST]", help="Years in which the site fills, from a share of its racks (0.25)."
)
@click.option("--lose", type=click.Choice(["1", "2"]), help="Worst hour for losing any one unit, or two.")
@click.option("--window", "window_h", default=2.0, metavar="HOURS", help="How long a loss is followed  [default: 2]")
@click.option("--redundancy", is_flag=True, help="Price and time gained of N, N+1 and 2N as operated.")
@click.option("--vary", metavar="a.b=V1,V2,...", help="Efficiency against risk at several values of a setting.")
@click.option("--study", type=click.Path(path_type=Path), help="The same for the runs of a study.")
@click.option("--set", "overrides", multiple=True, metavar="a.b=VALUE", help="Change a value of the file; repeatable.")
@click.option("--out", "folder", type=click.Path(path_type=Path), help="Folder for headroom.json and headroom.html.")
@click.option("--json", "as_json", is_flag=True, help="Print headroom.json to stdout instead of the tables.")
def headroom(
    file: Path, band: str, year: bool, part_load: bool, ramp: str | None, lose: str | None, window_h: float,
    redundancy: bool, vary: str | None, study: Path | None, overrides: tuple[str, ...], folder: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """How many kW of IT the site in FILE still takes, in each hall and in all, and what one more unit would free."""
    from twin.studies.headroom.answers import Asked
    from twin.studies.inputs import read_for_run

    years, first_frac = _ramp(ramp)
    asked = Asked(
        band, year, part_load, years, first_frac, int(lose or 0), window_h, redundancy,
        _strategies(file, vary, study, overrides),
    )  # fmt: skip
    scenario = read_for_run(file, overrides)
    with saying("searching (the first run on a machine compiles for some seconds)", as_json):
        from contextlib import nullcontext

        from twin.outputs.files import metrics_text, prepared_folder
        from twin.outputs.headroom import answers_document, print_answers, write_answers
        from twin.studies.headroom.answers import answers

        with prepared_folder(folder) if folder else nullcontext() as target:
            found = answers(scenario, asked)
            paths = write_answers(target, found) if target else []
    if as_json:
        click.echo(metrics_text(answers_document(found)), nl=False)
    else:
        print_answers(found, paths)


def _ramp(text: str | None) -> tuple[int | None, float]:
    """Years and first share of ``YEARS[,FIRST]``; None where nothing is asked."""
    from twin.errors import Fault, InputError, Place

    if text is None:
        return None, 1.0
    years, _, first = text.partition(",")
    try:
        return int(years), float(first or 0.25)
    except ValueError:
        fault = Fault("must be YEARS or YEARS,FIRST, such as 5,0.25", place=Place(f"--ramp {text}"))
        raise InputError([fault]) from None


def _strategies(file: Path, vary: str | None, study: Path | None, overrides: tuple[str, ...]) -> dict[str, Scenario]:
    """Scenarios to hold against each other, by name."""
    from twin.studies.compare import variants
    from twin.studies.headroom.risk import strategies_of

    found = strategies_of(study) if study is not None else {}
    if vary is not None:
        scenarios, values, path = variants(file, vary, overrides)
        name = path.rpartition(".")[2]
        found |= {f"{name} {value}": scenario for value, scenario in zip(values, scenarios, strict=True)}
    return found


COMMANDS = (headroom,)
