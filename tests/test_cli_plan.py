"""``twin plan``, ``twin strategies``, ``twin shift``: tables on stdout, files that run again, faults in words."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tests.studies.planning.sites import site
from twin.cli import commands
from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.scenario.reading import read_scenario
from twin.scenario.writing import dump
from twin.studies.planning.options import battery_of, rolling_of
from twin.studies.planning.problem import PlannedBattery
from twin.studies.planning.strategies import NAMES
from twin.studies.planning.strategy_study import compared_study, read_strategies


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(dump(site("run.duration=4d").model_dump(mode="json", exclude_none=True)), encoding="utf-8")
    return path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(commands, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_plan_prints_four_ways_and_its_file_runs_again(file: Path, tmp_path: Path) -> None:
    printed = run("plan", str(file), "--battery", "20,40", "--out", str(tmp_path / "out"))
    for words in ("as submitted", "planned", "realised", "bound", "gain against as submitted", "hull below"):
        assert words in printed
    figures = json.loads((tmp_path / "out" / "plan.json").read_text())
    assert (
        figures["bound"] <= figures["figures"]["realised"]["objective"] <= figures["figures"]["submitted"]["objective"]
    )
    assert len({tuple(way) for way in figures["figures"].values()}) == 1  # the same figures of every way
    planned = {
        name: f"workloads.{name}.shift={{kind: planned, plan: {{file: {tmp_path}/out/plan.csv, column: {name}_per_h}}}}"
        for name in ("daily", "batch")
    }
    again = simulate(read_scenario(file, tuple(planned.values())))
    with (tmp_path / "out" / "plan.csv").open() as table:
        rows = list(csv.DictReader(table))
    realised = np.array([float(row["realised_import_kw"]) for row in rows])
    net = np.array([float(row["charge_kw"]) - float(row["discharge_kw"]) for row in rows])
    np.testing.assert_allclose(again["grid.meter.import_kw"].values[0] + net, realised, rtol=1e-9)


def test_rolling_plans_tell_their_regret(file: Path) -> None:
    printed = run("plan", str(file), "--forecast", "perfect", "--objective", "cost=1,carbon=0.05")
    assert "regret of 4 rolling plans against perfect foresight" in printed
    assert "perfect foresight" in printed


def test_plans_that_look_ahead_by_less_than_a_day_are_made_as_often_and_their_work_left_is_no_gain(file: Path) -> None:
    printed = " ".join(run("plan", str(file), "--forecast", "perfect", "--horizon", "6").split())
    assert "regret of 16 rolling plans against perfect foresight" in printed
    assert "over the bound: not compared, it does all work" in printed
    assert "beside the work left at the end" in printed


def test_marginal_factors_are_asked_for_where_there_are_none(file: Path) -> None:
    with pytest.raises(InputError, match=r"grid\.marginal_carbon: is required for a plan by marginal emissions"):
        run("plan", str(file), "--marginal")
    stated = "grid.marginal_carbon={kind: flat, marginal_kgco2_per_kwh: 0.5, basis: direct}"
    printed = run("plan", str(file), "--objective", "carbon", "--marginal", "--set", stated)
    assert "carbon, marginal emissions" in printed


def test_strategies_stand_in_one_table_and_one_picture(file: Path, tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    out = tmp_path / "out"
    printed = run("strategies", str(file), "--battery", "20,40", "--out", str(out))
    for line in ("Cost, USD", "CO2e, t", "Peak, kW", "Work, MWh", "Left, MWh", "Late, MWh", "Delay, h"):
        assert line in printed
    assert "MPC against perfect foresight" in printed
    figures = json.loads((out / "strategies.json").read_text())["figures"]
    assert set(figures) == set(NAMES)
    with (out / "figures.csv").open() as table:
        rows = {row["strategy"]: row for row in csv.DictReader(table)}
    assert float(rows["optimal"]["cost"]) == figures["optimal"]["cost"]
    page = (out / "strategies.html").read_text()
    assert page.count('class="plotly-graph-div"') == 3, "all strategies, and what two of them did"
    assert f"<td>{figures['none']['cost']:,.0f}</td>" in page
    assert "<script src=" not in page, "it loads nothing from elsewhere"


STUDY = """
name: Small
base: site.yaml
set: {run.duration: 3d}
strategies: {battery: {power_kw: 20, energy_kwh: 40}, mpc: {forecast: perfect}}
"""


def test_a_study_of_strategies_sets_its_scenario_and_says_what_is_wrong_where(file: Path) -> None:
    path = file.with_name("study.yaml")
    path.write_text(STUDY)
    study, scenario = read_strategies(path, ["site.timezone=America/Chicago"], "carbon")
    assert (scenario.run.duration, scenario.site.timezone) == ("3d", "America/Chicago")
    choices = study.strategies.choices()
    assert study.strategies.objective == "carbon"
    assert choices.battery == PlannedBattery(20.0, 40.0)
    assert choices.rolling.forecast.kind == "perfect"
    path.write_text(STUDY + "apart: [2021-13]\n")
    with pytest.raises(
        InputError, match=r"study\.yaml:6:9: apart\[0\]: must be a month such as 2021-02, got '2021-13'"
    ):
        read_strategies(path)
    path.write_text(STUDY.replace("3d", "nonsense"))
    with pytest.raises(InputError, match=r"study\.yaml:4:\d+: run\.duration"):
        read_strategies(path)
    path.write_text(STUDY + "apart: [2021-02]\n")
    with pytest.raises(InputError, match="apart: the run has no month 2021-02, it goes from 2025-03 to 2025-03"):
        compared_study(*read_strategies(path))
    with pytest.raises(InputError, match=f"runs with: twin strategies {path}"):
        run("batch", str(path), "--out", str(path.with_name("store")))


def test_a_signal_of_the_users_is_studied(tmp_path: Path) -> None:
    path = tmp_path / "signal.csv"
    hours = np.datetime64("2021-01-01T00:00") + np.arange(8760) * np.timedelta64(1, "h")
    values = 300.0 + 100.0 * np.cos((np.arange(8760) % 24 - 1) / 24.0 * 2.0 * np.pi)
    lines = [f"{hour},{value}" for hour, value in zip(np.datetime_as_string(hours, unit="m"), values, strict=True)]
    path.write_text("time,g_per_kwh\n" + "\n".join(lines) + "\n")
    printed = run("shift", str(path), "--column", "g_per_kwh", "--year", "2021").splitlines()
    assert printed[0].split() == ["as", "it", "is", "mean", "400.0000", "saving", "0.00%"]
    assert printed[4].split()[:4] == ["+-8", "h", "mean", "250.0000"]


def test_options_are_read_and_refused_in_words() -> None:
    unit = battery_of("500,1000,0.02")
    assert unit is not None
    assert (unit.power_kw, unit.energy_kwh, unit.wear_per_kwh) == (500.0, 1000.0, 0.02)
    assert battery_of(None) is None
    assert rolling_of(None, None, 0.0, 0) is None
    for text in ("500", "a,b", "-1,5", "1,2,3,4"):
        with pytest.raises(InputError, match="is no battery: write its power in kW and its energy in kWh"):
            battery_of(text)
