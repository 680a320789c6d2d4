"""``twin compare`` as a user meets it: a real process, exit codes, what goes to stdout and stderr, and the files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.test_cli import Done, called, twin

SCENARIOS = Path(__file__).parent.parent / "scenarios"
CAPPED, CLUSTER = SCENARIOS / "work" / "cap_depth_a100.yaml", SCENARIOS / "work" / "a100_cluster.yaml"
WEEK = ("--set", "run.start=2025-07-07", "--set", "run.duration=7d")
DEPTH = "halls.ai.rack_groups.gpu.caps.depth.limit_frac"


@pytest.fixture(scope="module")
def depth(tmp_path_factory: pytest.TempPathFactory) -> tuple[Done, Path]:
    folder = tmp_path_factory.mktemp("depth")
    vary = f"{DEPTH}=1.0,0.5,0.25"
    return twin("compare", CAPPED, "--vary", vary, *WEEK, "--out", "out", folder=folder, COLUMNS="120"), folder / "out"


def test_a_study_over_a_setting_prints_each_figure_with_its_difference(depth: tuple[Done, Path]) -> None:
    done, _ = depth
    assert (done.returncode, done.stderr) == (0, "")
    first = done.stdout.splitlines()[0].split()
    assert first == ["limit_frac", "=", "1.0", "0.5", "0.25"]
    (energy,) = [line for line in done.stdout.splitlines() if line.startswith("Facility energy")]
    assert energy.count("%") == 2
    assert "!" not in energy


def test_a_saving_that_loses_work_is_told_in_words(depth: tuple[Done, Path]) -> None:
    said = " ".join(depth[0].stdout.split())
    assert f"! {DEPTH} = 0.25 saves" in said
    assert "of energy and loses work: models: work done -" in said
    assert f"! {DEPTH} = 0.5 saves" not in said
    assert "!: worse than there" in said


def test_the_files_are_named_and_hold_every_scenario(depth: tuple[Done, Path]) -> None:
    done, folder = depth
    assert done.stdout.splitlines()[-2:] == [f"wrote {Path('out') / name}" for name in FILES]
    head, *lines = csv.reader((folder / "comparison.csv").read_text(encoding="utf-8").splitlines())
    assert [line[0] for line in lines] == ["1.0", "0.5", "0.25"]
    document = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
    assert {name.rpartition(" [")[0] for name in head[1:]} == set(document["figures"])


FILES = ("comparison.csv", "comparison.json")


def test_json_is_all_that_stdout_holds(tmp_path: Path) -> None:
    done = called("compare", CLUSTER, CAPPED, *WEEK, "--json", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert document["scenarios"] == ["256 A100", "A100, depth of a power cap"]
    assert document["figures"]["facility_energy_kwh"]["better"] == "less"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((CLUSTER,), "name at least two FILEs, or one FILE and --vary"),
        ((CLUSTER, CAPPED, "--vary", "a=1,2"), "--vary takes one FILE, got 2"),
        ((CLUSTER, "--vary", "a=1"), "--vary a=1: must be PATH=VALUE,VALUE,... with two values or more"),
        ((CLUSTER, "absent.yaml"), "no such file"),
        ((CLUSTER, "--vary", "run.step=1h,5min"), "scenarios simulated together must have the same period and step"),
    ],
    ids=["one file", "two files", "one value", "absent", "steps"],
)
def test_wrong_use_exits_2_and_says_what_would_do(arguments: tuple[str | Path, ...], said: str, tmp_path: Path) -> None:
    done = called("compare", *arguments, folder=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_narrow_screen_gets_more_tables_and_the_first_scenario_in_each(tmp_path: Path) -> None:
    vary = f"{DEPTH}=1.0,0.8,0.6,0.5"
    done = called("compare", CAPPED, "--vary", vary, *WEEK, folder=tmp_path, columns=78)
    heads = [line.split()[2:] for line in done.stdout.splitlines() if line.startswith("limit_frac")]
    assert heads == [["1.0", "0.8"], ["1.0", "0.6"], ["1.0", "0.5"]]
    assert max(map(len, done.stdout.splitlines())) <= 78
