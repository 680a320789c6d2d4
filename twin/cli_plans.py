"""Commands of plans: when work that may wait should run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twin.cli_words import results_folder, saying

if TYPE_CHECKING:
    from twin.studies.planning.comparison import Comparison


@click.command(short_help="Plan when work that may wait runs, replay the plan, and bound it.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--objective",
    default="cost",
    show_default=True,
    metavar="WHAT",
    help="cost, carbon, peak, water, or weights such as cost=1,carbon=0.08 (currency for each kg).",
)
@click.option(
    "--battery",
    metavar="NAME|KW,KWH[,WEAR]",
    help="A battery of the scenario's (onsite.NAME), or one that it could have; wear in currency for each kWh given.",
)
@click.option("--storage", metavar="PLANT", help="Plan the chilled-water tank of this plant with the work.")
@click.option(
    "--generator", metavar="NAME", help="Plan these generators of the scenario's (onsite.NAME) by their fuel."
)
@click.option("--marginal", is_flag=True, help="Emissions by the grid's marginal factors rather than its average.")
@click.option(
    "--horizon",
    "horizon_h",
    type=click.FloatRange(min=1.0),
    metavar="HOURS",
    help="Plan every day so far ahead  [default: once; with --forecast the longest slack and a day].",
)
@click.option(
    "--forecast",
    type=click.Choice(["perfect", "persistence", "blend", "day_ahead"]),
    help="How rolling plans foresee market prices and emission factors  [default: day_ahead].",
)
@click.option("--noise", "noise_frac", default=0.0, metavar="FRACTION", help="Relative error of a perfect forecast.")
@click.option("--seed", default=0, help="Seed of that error.")
@click.option("--out", "folder", type=click.Path(path_type=Path), help="Folder for plan.csv and plan.json.")
@click.option("--set", "overrides", multiple=True, metavar="a.b=VALUE", help="Change a value of the file; repeatable.")
def plan(
    file: Path, objective: str, battery: str | None, storage: str | None, generator: str | None, marginal: bool,
    horizon_h: float | None, forecast: str | None,
    noise_frac: float, seed: int, folder: Path | None, overrides: tuple[str, ...],
) -> None:  # fmt: skip
    """Plan the work of the scenario FILE that may wait (classes with a slack_h), and replay the plan in the twin.

    Deadlines hold, but for classes whose late_per_kwh_h states what an hour of delay costs for each kWh of their work:
    --set workloads.NAME.late_per_kwh_h=0.02 plans with them, and tells what is late beside what it costs.
    """
    from twin.outputs.files import prepared_folder
    from twin.outputs.plan import print_plan, write_plan
    from twin.studies.inputs import read_for_run
    from twin.studies.planning.options import battery_of, marginal_of, rolling_of
    from twin.studies.planning.plan import weights_of
    from twin.studies.planning.study import plan_study

    weights, rolling = weights_of(objective), rolling_of(horizon_h, forecast, noise_frac, seed)
    scenario = read_for_run(file, overrides)
    unit = battery_of(battery, scenario)
    with saying("planning", quiet=False):
        factors = marginal_of(scenario) if marginal else None
        study = plan_study(scenario, weights, battery=unit, storage=storage, generator=generator, rolling=rolling,
                           carbon=factors)  # fmt: skip
    print_plan(study, f"{scenario.name}: {objective}{', marginal emissions' if marginal else ''}")
    if folder:
        with prepared_folder(folder) as target:
            for path in write_plan(target, study):
                click.echo(f"wrote {path}")


@click.command(short_help="Compare ways to run work that may wait, in one table and one picture.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--objective", metavar="WHAT", help="As of twin plan  [default: cost, or as the study has it].")
@click.option("--battery", metavar="KW,KWH[,WEAR]", help="As of twin plan; a quarter of the peak for two hours else.")
@click.option("--marginal", is_flag=True, help="Emissions by the grid's marginal factors rather than its average.")
@click.option("--apart", "apart", multiple=True, metavar="YYYY-MM", help="A month to show apart; repeatable.")
@click.option(
    "--out", "folder", type=click.Path(path_type=Path), help="Folder of page and tables  [default: runs/NAME]"
)
@click.option(
    "--set", "overrides", multiple=True, metavar="a.b=VALUE", help="Change a value of the scenario; repeatable."
)
def strategies(
    file: Path, objective: str | None, battery: str | None, marginal: bool, apart: tuple[str, ...],
    folder: Path | None, overrides: tuple[str, ...],
) -> None:  # fmt: skip
    """Run FILE (a scenario, or a study of strategies) as submitted, capped, by a threshold, planned, with a battery,
    and with all of them, on equal work."""
    from twin.outputs.files import prepared_folder
    from twin.outputs.strategies import print_comparison, write_comparison
    from twin.studies.planning.strategy_study import compared_study, read_strategies

    study, scenario = read_strategies(file, overrides, objective, battery, marginal, apart)
    with saying("running and planning", quiet=False):
        comparison = compared_study(study, scenario)
    title = f"{study.name}: {study.strategies.objective}"
    print_comparison(comparison, title, study.apart)
    with prepared_folder(folder or results_folder(file)) as target:
        for path in write_comparison(target, comparison, title, study.apart, _pictures(comparison, study.apart)):
            click.echo(f"wrote {path}")


def _pictures(comparison: Comparison, apart: Sequence[str]) -> dict[str, str]:
    """The pictures as HTML; none, and a word about it, where plotly is not installed."""
    from importlib.util import find_spec

    if find_spec("plotly") is None:
        click.echo("no pictures: they need plotly: pip install 'datacenter-twin[app]'", err=True)
        return {}
    from twin.outputs.figures_strategies import pictures

    return pictures(comparison, apart)


@click.command(short_help="What a daily job saves that may move by some hours, on a signal from a CSV file.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--column", required=True, help="Column of the signal, such as grams of CO2 for each kWh.")
@click.option("--year", required=True, type=int, help="Calendar year that the file covers.")
@click.option("--timezone", default="UTC", show_default=True, help="Zone of the job's clock, such as Europe/Berlin.")
@click.option("--stamps", default="UTC", show_default=True, help="Zone of the file's times where they state none.")
@click.option("--step", "step_min", default=60.0, show_default=True, help="Step of the signal in minutes.")
@click.option("--at", default="01:00", show_default=True, help="When the job starts.")
@click.option("--duration", "duration_min", default=30.0, show_default=True, help="Minutes that it takes.")
@click.option("--windows", default="2,4,6,8", show_default=True, help="Hours that it may move, either way.")
def shift(
    file: Path, column: str, year: int, timezone: str, stamps: str, step_min: float, at: str, duration_min: float,
    windows: str,
) -> None:  # fmt: skip
    """Mean of the signal in FILE over a job that runs every day, as it is and where it may move."""
    from twin.series.series_file import SeriesFile
    from twin.series.tables import read_series
    from twin.studies.planning.nightly import axis_of_year, nightly_starts, shifted, steps_of

    axis = axis_of_year(year, step_min, timezone)
    spec = SeriesFile(file=str(file), column=column, timezone=stamps)
    values = read_series(spec, axis, Path.cwd()).values
    hours = [float(part) for part in windows.split(",")]
    for one in shifted(values, nightly_starts(axis, timezone, at), steps_of(duration_min, axis), hours, axis.dt_h):
        click.echo(f"{'as it is' if not one.window_h else f'+-{one.window_h:g} h':>9}  mean {one.mean:10.4f}  "
                   f"saving {one.saving_frac:7.2%}")  # fmt: skip


COMMANDS = (plan, strategies, shift)
