"""The twin from Python, as the README shows it: light to import, and its files are what it says they are."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr

from tests.test_cli import called
from twin.quantities import UNITS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
QUICKSTART = ROOT / "scenarios" / "quickstart.yaml"
HEAVY = ("numpy", "pandas", "xarray", "numba", "pvlib", "scipy", "pydantic", "yaml", "h5netcdf", "h5py")
DAYS = ("--set", "run.start=2025-07-07", "--set", "run.duration=2d", "--set", "run.step=15min")
FILES = ("results.nc", "metrics.json", "scenario.yaml")
PLAIN_UNITS = {*UNITS.values(), "1", "", "unit of the output times h", "unit of the output"}


def python(*arguments: str | Path, folder: Path = ROOT) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=folder, capture_output=True, text=True, timeout=900,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- imports ----------------------------------------------------------------------------------------------------


def loaded_after(statement: str) -> set[str]:
    script = f"import sys\n{statement}\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    return set(python("-c", script).split()) & set(HEAVY)


def test_importing_the_package_loads_nothing_that_takes_time() -> None:
    assert loaded_after("import twin; twin.__version__; dir(twin)") == set()


def test_reading_a_scenario_loads_no_engine() -> None:
    assert loaded_after("import twin; twin.read_scenario") & {"numba", "pandas", "xarray", "pvlib", "h5py"} == set()


def test_simulating_loads_what_it_needs_and_no_more() -> None:
    loaded = loaded_after("from twin import simulate")
    assert "xarray" in loaded
    assert not loaded & {"pvlib", "h5py", "h5netcdf"}


def test_the_three_names_are_at_the_front_door() -> None:
    script = f"""
import twin
from twin import kpis, read_scenario, simulate
from twin.engine.simulate import simulate as inner
assert simulate is inner
assert set(twin.__all__) >= {{"kpis", "read_scenario", "simulate"}}
print(kpis(simulate(read_scenario({str(QUICKSTART)!r}, ["run.duration=1d"])))["pue"]["value"])
"""
    assert 1.1 < float(python("-c", script)) < 1.6


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    script = "import twin\ntry:\n    twin.simulat\nexcept AttributeError as error:\n    print(error)"
    assert python("-c", script) == "module 'twin' has no attribute 'simulat'\n"


# --- the README -------------------------------------------------------------------------------------------------


def test_the_readme_has_examples() -> None:
    assert len(EXAMPLES) >= 2
    assert "simulate(scenario)" in EXAMPLES[0]


def test_the_readmes_examples_run_one_after_the_other(tmp_path: Path) -> None:
    """In a folder where the checkout's scenarios are, with nothing but what the package depends on."""
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    first = "shown = []\ndef print(*values):\n    shown.append(values)\n"
    last = """
assert results.sizes["scenario"] == 10
assert abs(shown[0][0]["value"] - 1.3) < 0.2, shown
import sys; sys.stdout.write("ran\\n")
"""
    assert python("-c", first + "\n".join(EXAMPLES) + last, folder=tmp_path) == "ran\n"


def test_the_options_of_the_readmes_commands_are_there() -> None:
    stated = set(re.findall(r"(--[a-z]+)", "".join(line for line in README.splitlines(True) if "twin run" in line)))
    assert {"--set", "--out"} <= stated
    known = python("-m", "twin", "run", "--help")
    assert [option for option in sorted(stated) if f"{option}" not in known] == []


# --- the files --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    assert called("run", QUICKSTART, "--out", folder / "out", *DAYS, "-q", folder=folder).returncode == 0
    return folder / "out"


def test_every_variable_of_the_results_has_a_unit_and_a_long_name(run: Path) -> None:
    with xr.open_dataset(run / "results.nc") as results:
        assert len(results.data_vars) > 100
        assert results["halls.ai.air.fan_kw"].dims == ("scenario", "time")
        for name, variable in results.data_vars.items():
            assert variable.attrs["units"] in PLAIN_UNITS, name
            assert len(variable.attrs["long_name"]) > 3, name
        for name, coordinate in results.coords.items():
            assert coordinate.attrs["long_name"], name


def test_units_are_those_that_the_names_state(run: Path) -> None:
    stated = {"_kw": "kW", "_c": "degC", "_kg_s": "kg/s", "_m3_h": "m3/h", "_frac": "1", "_kg_m3": "kg/m3", "_pa": "Pa"}
    with xr.open_dataset(run / "results.nc") as results:
        for name, variable in results.data_vars.items():
            ending = next((s for s in stated if str(name).endswith(s)), None)
            assert ending is None or variable.attrs["units"] == stated[ending], name


@pytest.mark.slow
def test_a_written_scenario_runs_again_to_the_same_bytes_of_all_three_files(run: Path, tmp_path: Path) -> None:
    python("-m", "twin", "run", run / "scenario.yaml", "--out", tmp_path / "again", "-q", folder=tmp_path)
    python(
        "-m", "twin", "run", tmp_path / "again" / "scenario.yaml", "--out", tmp_path / "third", "-q", folder=tmp_path
    )
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (run / name).read_bytes(), name
        assert (tmp_path / "third" / name).read_bytes() == (run / name).read_bytes(), name


def test_the_metrics_file_states_its_inputs_with_their_checksums(run: Path) -> None:
    document = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    inputs = document["provenance"]["inputs_sha256"]
    assert set(inputs) == {"pvlib:12839.tm2", "data:tariffs/fpl_gsldt_1.yaml", "data:emission_factors.yaml"}
    assert all(re.fullmatch(r"[0-9a-f]{64}", checksum) for checksum in inputs.values())
    assert document["period"]["start"] == "2025-07-07T00:00:00-05:00"
    assert document["notes"] == ["weather: typical weather laid on 2025"]
