"""The command as a user meets it: its exit codes, what goes to stdout and what to stderr.

Each command is seen as a real process; what else it is asked is asked of the same entry point in this one, which
saves the two seconds that loading takes.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import jsonschema
import pydantic
import pytest
import xarray as xr

from twin.cli import main
from twin.scenario.layers import read_layers
from twin.version import VERSION
from twin.yaml_source import load

ROOT = Path(__file__).parent.parent
SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))
PINNED = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
QUICKSTART = ROOT / "scenarios" / "quickstart.yaml"
WEEK = ("--set", "run.duration=7d")
HEAVY = {"numpy", "pandas", "xarray", "pvlib", "scipy", "numba", "pydantic", "yaml", "rich", "h5netcdf"}
REQUIRED_METRICS = (
    "it_energy_kwh", "facility_energy_kwh", "cooling_energy_kwh", "power_chain_loss_kwh", "it_energy_pdu_output_kwh",
    "it_energy_ups_output_kwh", "it_fan_energy_kwh", "pue", "pue_category_1", "tue", "wue_l_per_kwh", "water_use_m3",
    "cue_kgco2_per_kwh", "emissions_kgco2", "energy_cost", "demand_cost", "total_cost", "peak_grid_kw",
    "max_rack_inlet_c", "free_cooling_h", "energy_balance_residual_frac",
)  # fmt: skip

Done = subprocess.CompletedProcess[str]


def python(*arguments: str | Path, folder: Path, **more: str) -> Done:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100", **more}
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=900
    )


def twin(*arguments: str | Path, folder: Path, **more: str) -> Done:
    return python("-m", "twin", *arguments, folder=folder, **more)


def called(*arguments: str | Path, folder: Path, encoding: str = "utf-8", columns: int = 100) -> Done:
    """As :func:`twin`, by the entry point in this process, with streams of a given encoding."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True) for _ in range(2))
    words = list(map(str, arguments))
    here, screen = chdir(folder), patch.dict(os.environ, COLUMNS=str(columns))
    with here, screen, redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main(words)
    said = (stream.buffer.getvalue().decode(encoding) for stream in (out, err))  # type: ignore[attr-defined]
    return Done(words, int(ended.value.code or 0), *said)


def bad(folder: Path, old: str = "name:", new: str = "nmae:") -> Path:
    """A copy of the quickstart with one text replaced."""
    text = QUICKSTART.read_text(encoding="utf-8")
    assert old in text
    (folder / "bad.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder / "bad.yaml"


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> tuple[Done, Path]:
    """A week of the quickstart: what it printed, and the folder of its files."""
    folder = tmp_path_factory.mktemp("week")
    return twin("run", QUICKSTART, "--out", "out", *WEEK, folder=folder), folder / "out"


# --- what needs no engine ---------------------------------------------------------------------------------------


def test_help_names_every_command_and_exits_0(tmp_path: Path) -> None:
    done = twin("--help", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(f"\n  {command} " in done.stdout for command in ("run", "compare", "check", "schema", "new", "urdb"))


def test_the_command_line_loads_nothing_that_takes_time(tmp_path: Path) -> None:
    script = "import sys, twin.cli; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = set(python("-c", script, folder=tmp_path).stdout.split())
    assert "click" in loaded
    assert not loaded & HEAVY


def test_version_is_that_of_the_package(tmp_path: Path) -> None:
    assert twin("--version", folder=tmp_path).stdout == f"twin {VERSION}\n"


@pytest.mark.parametrize("arguments", [["rnu"], ["run"], ["check"], ["run", "a.yaml", "--st", "a=1"], ["new"]])
def test_wrong_usage_is_told_on_stderr_and_exits_2(arguments: list[str], tmp_path: Path) -> None:
    done = twin(*arguments, folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: twin")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (
            "InputError([Fault('must be > 0', 'halls.a', Place('x.yaml', 3, 5)), Fault('more')])",
            2,
            "x.yaml:3:5: halls.a",
        ),
        ("RunError('halls.a.air at 2023-01-05T12:00')", 1, "the run failed: halls.a.air at 2023-01-05T12:00"),
        ("OSError(28, 'No space left on device', 'out/results.nc')", 1, "out/results.nc: No space left on device"),
        ("KeyboardInterrupt()", 130, ""),
    ],
)
def test_what_a_command_raises_becomes_lines_and_an_exit_code(
    raised: str, code: int, said: str, tmp_path: Path
) -> None:
    script = f"""
from twin.cli import commands, main
from twin.errors import Fault, InputError, Place, RunError
@commands.command()
def fail():
    raise {raised}
main(["fail"])
"""
    done = python("-c", script, folder=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_fault_of_the_program_itself_is_not_hidden(tmp_path: Path) -> None:
    script = "from twin.cli import commands, main\ncommands.command('fail')(lambda: 1 / 0)\nmain(['fail'])"
    assert "ZeroDivisionError" in python("-c", script, folder=tmp_path).stderr


def test_a_reader_that_leaves_early_is_no_error_message(tmp_path: Path) -> None:
    script = "from twin.cli import commands, main\nimport click\n" + (
        "commands.command('much')(lambda: [click.echo('x' * 1000) for _ in range(10000)] and None)\nmain(['much'])"
    )
    command = f"'{sys.executable}' -c \"$SCRIPT\" | head -c 10"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SCRIPT": script}
    done = subprocess.run(
        ["bash", "-c", command], env=environment, capture_output=True, text=True, cwd=tmp_path, timeout=900
    )
    assert (done.stdout, done.stderr) == ("x" * 10, "")


# --- check, schema, new -----------------------------------------------------------------------------------------


def test_every_shipped_scenario_passes_the_check(tmp_path: Path) -> None:
    done = called("check", *SCENARIOS, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == len(SCENARIOS) >= 2


def test_check_lists_the_faults_of_every_file_and_exits_2(tmp_path: Path) -> None:
    done = called("check", bad(tmp_path), QUICKSTART, "nowhere.yaml", folder=tmp_path)
    assert done.returncode == 2
    assert "bad.yaml:" in done.stderr
    assert "nmae: unknown key (did you mean 'name'?)" in done.stderr
    assert "nowhere.yaml: no such file" in done.stderr
    assert done.stdout.startswith(f"{QUICKSTART}: ok")
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a process prints."""
    return twin("schema", folder=tmp_path_factory.mktemp("schema")).stdout


def test_the_schema_is_valid_and_the_same_each_time(schema: str, tmp_path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema))
    assert called("schema", folder=tmp_path).stdout == schema


@pytest.mark.skipif(f"pydantic=={pydantic.VERSION}" not in PINNED, reason="another pydantic words the schema otherwise")
def test_the_schema_is_the_one_that_is_shipped(schema: str) -> None:
    shipped = (ROOT / "scenarios" / "scenario.schema.json").read_text(encoding="utf-8")
    assert schema == shipped, "run `make schema`"


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_shipped_scenario_satisfies_the_shipped_schema(path: Path) -> None:
    schema = json.loads((ROOT / "scenarios" / "scenario.schema.json").read_text(encoding="utf-8"))
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(read_layers(path).data)) == []


def test_the_schema_refuses_an_unknown_key() -> None:
    schema = json.loads((ROOT / "scenarios" / "scenario.schema.json").read_text(encoding="utf-8"))
    with pytest.raises(jsonschema.ValidationError, match="nmae"):
        jsonschema.validate({**load(QUICKSTART).data, "nmae": 1}, schema)


def test_new_writes_a_commented_scenario_that_passes_the_check(tmp_path: Path) -> None:
    done = twin("new", "my-site", folder=tmp_path)
    assert done.returncode == 0
    assert "twin run my-site/scenario.yaml" in done.stdout
    text = (tmp_path / "my-site" / "scenario.yaml").read_text(encoding="utf-8")
    assert "name: my-site" in text
    assert "degC" in text
    assert called("check", "my-site/scenario.yaml", folder=tmp_path).returncode == 0


def test_new_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("mine")
    done = called("new", "mine.yaml", folder=tmp_path)
    assert done.returncode == 2
    assert "is there already" in done.stderr
    assert (tmp_path / "mine.yaml").read_text() == "mine"


# --- run --------------------------------------------------------------------------------------------------------


def test_a_run_prints_its_figures_and_the_paths_of_its_files(week: tuple[Done, Path]) -> None:
    done, folder = week
    assert done.returncode == 0, done.stderr
    for words in ("PUE", "IT equipment", "Where the energy went", "What it cost", "USD", "m³", "out/metrics.json"):
        assert words in done.stdout
    assert {path.name for path in folder.iterdir()} == {"results.nc", "metrics.json", "scenario.yaml"}


def test_metrics_hold_every_required_figure_with_unit_name_and_basis(week: tuple[Done, Path]) -> None:
    document = json.loads((week[1] / "metrics.json").read_text(encoding="utf-8"))
    assert document["schema_version"] == 2
    assert {"scenario", "period", "metrics", "provenance"} <= set(document)
    assert [name for name in REQUIRED_METRICS if name not in document["metrics"]] == []
    assert all({"value", "unit", "long_name", "basis"} <= set(m) for m in document["metrics"].values())


def test_every_variable_of_the_results_has_a_unit_and_a_name(week: tuple[Done, Path]) -> None:
    with xr.open_dataset(week[1] / "results.nc") as results:
        assert results.sizes["time"] == 7 * 24
        assert results.data_vars
        bare = [n for n, v in results.data_vars.items() if not v.attrs.get("long_name") or "units" not in v.attrs]
        assert bare == []


def test_the_written_scenario_runs_again_to_the_same_bytes(week: tuple[Done, Path], tmp_path: Path) -> None:
    done = called("run", week[1] / "scenario.yaml", "--out", "again", "-q", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    for path in week[1].iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes(), path.name


def test_a_terminal_without_unicode_gets_plain_characters(tmp_path: Path) -> None:
    done = called("run", QUICKSTART, *WEEK, folder=tmp_path, encoding="ascii")
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert " degC" in done.stdout
    assert " m3" in done.stdout


def test_json_prints_the_metrics_file_and_nothing_else_on_stdout(tmp_path: Path) -> None:
    done = twin("run", QUICKSTART, "--json", *WEEK, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (tmp_path / "runs" / "quickstart" / "metrics.json").read_text(encoding="utf-8")
    assert json.loads(done.stdout)["metrics"]["pue"]["value"] > 1


def test_a_set_option_reaches_the_run(week: tuple[Done, Path], tmp_path: Path) -> None:
    name = next(iter(load(QUICKSTART).data["halls"]))
    warmer = f"halls.{name}.bypass_frac=0.3"
    assert called("run", QUICKSTART, "--out", "out", *WEEK, "--set", warmer, folder=tmp_path).returncode == 0
    assert load(tmp_path / "out" / "scenario.yaml").data["halls"][name]["bypass_frac"] == 0.3
    before, after = (json.loads((f / "metrics.json").read_text())["metrics"] for f in (week[1], tmp_path / "out"))
    assert after["facility_energy_kwh"]["value"] != before["facility_energy_kwh"]["value"]


def test_a_set_option_that_names_nothing_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    done = called("run", QUICKSTART, "--set", "run.stpe=5min", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean 'step'?" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_invalid_scenario_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    done = called("run", bad(tmp_path), "--out", "out", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "nmae" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_file_in_the_place_of_the_output_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    done = called("run", QUICKSTART, "--out", "out", *WEEK, folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "out: is a file, not a folder\n"
    assert (tmp_path / "out").read_text() == "mine"


def test_urdb_writes_a_tariff_that_a_scenario_may_name_and_says_what_it_assumes(tmp_path: Path) -> None:
    record = {
        "energyratestructure": [[{"rate": 0.07, "unit": "kWh"}]],
        "energyweekdayschedule": [[0] * 24] * 12,
        "energyweekendschedule": [[0] * 24] * 12,
        "flatdemandstructure": [[{"rate": 9.0}]],
        "flatdemandmonths": [0] * 12,
    }
    (tmp_path / "record.json").write_text(json.dumps(record), encoding="utf-8")
    done = twin("urdb", "record.json", "--out", "tariff.yaml", folder=tmp_path)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "wrote tariff.yaml")
    assert done.stderr.splitlines() == [
        "note: the record states no demand interval of 15, 30 or 60 minutes: 15 are assumed"
    ]
    text = (tmp_path / "tariff.yaml").read_text(encoding="utf-8")
    assert called("urdb", "record.json", folder=tmp_path).stdout == text
    assert load(tmp_path / "tariff.yaml").data["demand"]["flat"] == [{"base_per_kw": 9.0}]
    again = called("urdb", "record.json", "--out", "tariff.yaml", folder=tmp_path)
    assert again.returncode == 2
    assert "is there already" in again.stderr
