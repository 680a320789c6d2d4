"""Bad input to the command: every fault told on stderr, exit code 2 or 1, and never a traceback.

Each way to end is seen in a real process, other causes of the same end in this one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.test_cli import QUICKSTART, SCENARIOS, Done, called, python, twin
from twin.series.files import data_folder, pvlib_folder

BAD = Path(__file__).parent / "scenario" / "bad_scenarios"
WEEK = ("--set", "run.start=2025-07-01", "--set", "run.duration=7d")
MEGABYTE = 1_000_000
MOST_MB = 300.0  # of the process that reads
# Runs a command and prints the peak memory of its process, in MB, as the last line of stdout.
MEASURED = """
import resource, subprocess, sys
code = subprocess.run([sys.executable, *sys.argv[1:]]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6)
sys.exit(code)
"""


def shown(done: Done, folder: Path) -> str:
    """What stands on stderr, with the folders of this machine as the texts of the bad files have them."""
    text = done.stderr
    for path, name in ((folder.resolve(), "."), (data_folder(), "DATA"), (pvlib_folder(), "PVLIB")):
        text = text.replace(str(path), name)
    return text


def refused(done: Done, code: int = 2) -> str:
    """The lines on stderr of a command that ended with this exit code, without a traceback and with nothing else."""
    assert (done.returncode, done.stdout) == (code, "")
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def read_as_they_are() -> list[Path]:
    """Bad scenarios whose faults are in the file, not in overrides."""
    return [path for path in sorted(BAD.glob("*.yaml")) if not path.read_text().startswith("# --set")]


# --- check ------------------------------------------------------------------------------------------------------


def test_check_lists_every_fault_of_every_bad_scenario(read_as_they_are: list[Path]) -> None:
    done = twin("check", *(path.name for path in read_as_they_are), folder=BAD)
    refused(done)
    told = "".join(path.with_suffix(".txt").read_text(encoding="utf-8") for path in read_as_they_are)
    count = len(read_as_they_are)
    assert shown(done, BAD) == f"{told}{count} of {count} files cannot be used\n"


def test_a_folder_a_missing_file_and_bytes_that_are_no_text_are_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").mkdir()
    (tmp_path / "weather.epw.gz").write_bytes(bytes(range(256)))
    lines = refused(called("check", "site.yaml", "sites.yaml", "weather.epw.gz", folder=tmp_path)).splitlines()
    assert lines[0] == "site.yaml: is a folder, not a file"
    assert lines[1] == "sites.yaml: no such file (did you mean 'site.yaml'?)"
    assert lines[2].startswith("weather.epw.gz:")
    assert "is not UTF-8 text" in lines[2]
    assert lines[3] == "3 of 3 files cannot be used"


def alias_bomb() -> str:
    """10 MB of lists, each of which holds the one before it nine times."""
    layers = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 40)]
    text = "\n".join(["a0: &a0 [x]", *layers, ""])
    filler = "b: [" + ", ".join(["*a3"] * 90_000) + "]\n"
    return text + filler * (10 * MEGABYTE // len(filler) + 1)


def small_alias_bomb() -> str:
    """2 kB that would be 9 ** 39 texts written out."""
    return "\n".join(["a0: &a0 [x]", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 40))])


def plain_table() -> str:
    """10 MB of rack groups."""
    entry = "    group_{}: {{kind: servers, racks_count: 40, servers_per_rack_count: 20}}\n"
    return "halls:\n  a:\n" + "".join(entry.format(i) for i in range(10 * MEGABYTE // len(entry)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (alias_bomb, "is larger than 4 MB"),
        (plain_table, "is larger than 4 MB"),
        (small_alias_bomb, "more than 200,000 values (an alias counts as often as it is used)"),
        (lambda: plain_table()[: 39 * MEGABYTE // 10], "more than 200,000 values"),
        (lambda: "a: " + "[" * MEGABYTE, "nested more than 64 levels deep"),
    ],
    ids=["alias bomb of 10 MB", "plain file of 10 MB", "alias bomb of 2 kB", "plain file of 3.9 MB", "deep nest"],
)
def test_a_file_made_to_exhaust_memory_is_refused_in_little_memory(
    text: Callable[[], str], said: str, tmp_path: Path
) -> None:
    (tmp_path / "bomb.yaml").write_text(text(), encoding="utf-8")
    done = python("-c", MEASURED, "-m", "twin", "check", "bomb.yaml", folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("bomb.yaml:")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert float(done.stdout) < MOST_MB


# --- run --------------------------------------------------------------------------------------------------------


def test_run_lists_all_faults_of_a_file_and_writes_nothing(tmp_path: Path) -> None:
    done = twin("run", "several_sections.yaml", "--out", tmp_path / "out", folder=BAD)
    refused(done)
    assert shown(done, BAD) == (BAD / "several_sections.txt").read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == []


def test_run_tells_what_is_wrong_inside_a_weather_file_where_the_scenario_names_it(tmp_path: Path) -> None:
    done = called("run", "broken_weather.yaml", "--out", tmp_path / "out", folder=BAD)
    refused(done)
    assert shown(done, BAD) == (BAD / "broken_weather.txt").read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == []


def test_check_reads_the_traces_that_work_comes_from(tmp_path: Path) -> None:
    work = SCENARIOS[0].parent / "work"
    rows = (work / "made_up_cluster.swf").read_text(encoding="utf-8").splitlines()
    first = next(n for n, row in enumerate(rows) if row and not row.startswith(";"))
    rows[first] = rows[first].replace(rows[first].split()[3], "soon", 1)
    (tmp_path / "trace.swf").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "site.yaml").write_text(
        f"extends: {work / 'hpc_trace.yaml'}\nworkloads:\n  batch:\n    demand: {{file: trace.swf}}\n", encoding="utf-8"
    )
    said = refused(called("check", "site.yaml", folder=tmp_path))
    assert f"site.yaml:4:5: workloads.batch.demand: {tmp_path / 'trace.swf'}:{first + 1}: field " in said
    assert "'soon' is no number" in said


def test_all_faults_of_set_options_are_told_together(tmp_path: Path) -> None:
    options = ("halls.ai.air.suply_air_c=24", "run.step=7min", "power.ups.fed_by=mian", "halls.ai", "run.step=[")
    arguments = [word for option in options for word in ("--set", option)]
    lines = refused(called("run", QUICKSTART, *arguments, folder=tmp_path)).splitlines()
    assert [line.partition(": ")[0] for line in lines] == sorted(f"--set {option}" for option in options)
    for said in ("did you mean 'supply_air_c'?", "did you mean 'main'?", "try 5min", "must be PATH=VALUE"):
        assert any(said in line for line in lines), said
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_runs_away_exits_1_with_time_and_place_and_writes_no_results(tmp_path: Path) -> None:
    out = "{kind: outages, outages: [{at: '2025-07-02 12:00', duration_h: 24}]}"
    chillers = [f"plants.main.chillers.{name}.availability={out}" for name in ("large", "medium", "small")]
    arguments = [word for option in chillers for word in ("--set", option)]
    told = refused(twin("run", QUICKSTART, "--out", "out", *WEEK, *arguments, folder=tmp_path), code=1)
    assert told.startswith("the run failed: Miami colocation: ran away at 2025-07-02 1")
    assert "halls.ai.air.inlet_c = " in told
    assert told.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_picture_without_what_draws_it_is_refused_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "plotly", None)
    told = refused(called("run", QUICKSTART, "--picture", "outage.html", folder=tmp_path))
    assert told == "--picture needs plotly: pip install 'datacenter-twin[app]'\n"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_below_a_file_cannot_take_results(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")
    told = refused(called("run", QUICKSTART, "--out", "notes/out", *WEEK, folder=tmp_path), code=1)
    assert told == "notes/out: cannot write here: Not a directory\n"
    assert (tmp_path / "notes").read_text() == "mine"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a file system that nobody can write to")
def test_a_file_system_that_takes_no_files_is_told_before_the_run(tmp_path: Path) -> None:
    told = refused(called("run", QUICKSTART, "--out", "/proc/runs", *WEEK, folder=tmp_path), code=1)
    assert told.startswith("/proc/runs: cannot write here: ")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_told_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o500)
    told = refused(called("run", QUICKSTART, "--out", "out", *WEEK, folder=tmp_path), code=1)
    assert told == "out: cannot write here: Permission denied\n"


def test_new_beside_a_file_in_the_place_of_its_folder_exits_1(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("mine")
    done = called("new", "site", folder=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("site")
    assert (tmp_path / "site").read_text() == "mine"
