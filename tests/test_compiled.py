"""Machine code: kept on disk as long as the sources stand, never in the way, and equal to plain Python."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from twin import compiled
from twin.compiled import elementwise, has_numba, once
from twin.physics import fluids

ROOT = Path(__file__).parent.parent
KEPT = 4  # folders of compiled code that are kept beside each other
needs_numba = pytest.mark.skipif(not has_numba(), reason="numba is not installed: there is only plain Python")

# What a process reports: folder of its cache, loads from it, and a value computed with compiled code.
USE = """
import json, sys
from twin import compiled
from twin.physics import fluids
value = float(compiled.elementwise(fluids.saturation_pressure_pa)(20.0))
loop = compiled._array_loop(fluids.saturation_pressure_pa, 1)
folder = compiled.cache_folder()
print(json.dumps({"folder": str(folder), "hits": sum(loop.stats.cache_hits.values()), "value": value,
                  "left": compiled.numba().config.CACHE_DIR}))
"""
RUN = """
import json, sys
from twin.engine.simulate import simulate
from twin.scenario.reading import read_scenario
from twin.studies.kpis import kpis
results = simulate(read_scenario(sys.argv[1], sys.argv[2:]))
print(json.dumps({name: metric["value"] for name, metric in kpis(results).items()}))
"""
PLANT = (str(ROOT / "scenarios" / "reference_plant.yaml"), "run.duration=1d", "run.step=1h")


def environment(home: Path, package: Path = ROOT) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(package), "XDG_CACHE_HOME": str(home)}


def python(script: str, *arguments: str, env: dict[str, str], folder: Path | None = None) -> str:
    command = [sys.executable, "-P", "-c", script, *arguments]  # -P: the package of PYTHONPATH, not of the folder
    done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    return done.stdout


def used(env: dict[str, str], before: str = "", folder: Path | None = None) -> dict:
    return json.loads(python(before + USE, env=env, folder=folder))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package that a test may edit."""
    shutil.copytree(ROOT / "twin", tmp_path / "copy" / "twin", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "copy"


# --- the folder follows the sources -----------------------------------------------------------------------------


@needs_numba
def test_an_edit_is_compiled_and_its_undoing_finds_the_old_code(package: Path, tmp_path: Path) -> None:
    env, edited = environment(tmp_path / "home", package), package / "twin" / "physics" / "fluids.py"
    first, again = used(env), used(env)
    assert first["hits"] == 0
    assert (again["folder"], again["hits"]) == (first["folder"], 1)
    original, stamp = edited.read_text(encoding="utf-8"), edited.stat().st_mtime_ns
    edited.write_text(
        original + "\n\n@compilable\ndef saturation_pressure_pa(c):\n    return 2.0 * c\n", encoding="utf-8"
    )
    changed = used(env)
    assert (changed["hits"], changed["value"]) == (0, 40.0)
    edited.write_text(original, encoding="utf-8")
    os.utime(edited, ns=(stamp, stamp))
    assert used(env) == again


def f(x: float) -> float:
    return FACTOR * g(x)


def g(x: float) -> float:
    return x + 1.0


FACTOR = 2.0


def test_what_a_function_means_follows_its_constants_and_what_it_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    def meant() -> str:
        compiled.meaning.cache_clear()
        return compiled.meaning(f)

    seen = [meant()]
    for name, value in (("FACTOR", 3.0), ("g", lambda x: x + 2.0)):
        monkeypatch.setattr(sys.modules[__name__], name, value)
        seen.append(meant())
    assert len(set(seen)) == 3
    monkeypatch.undo()
    assert meant() == seen[0]


@needs_numba
def test_an_edit_elsewhere_compiles_nothing_anew(package: Path, tmp_path: Path) -> None:
    env = environment(tmp_path / "home", package)
    used(env)
    for where in ("physics/towers.py", "components/nodes.py", "cli.py"):
        with (package / "twin" / where).open("a", encoding="utf-8") as file:
            file.write("# an edit\n")
    assert used(env)["hits"] == 1


@pytest.mark.parametrize("where", ["cli.py", "components/nodes.py", "physics/towers.py", "studies/billing.py"])
def test_an_edit_in_any_file_changes_the_digest(where: str, package: Path, tmp_path: Path) -> None:
    env, script = environment(tmp_path, package), "from twin.compiled import source_digest; print(source_digest())"
    before = python(script, env=env)
    with (package / "twin" / where).open("a", encoding="utf-8") as file:
        file.write("# an edit\n")
    assert python(script, env=env) != before


def test_a_file_that_comes_goes_or_is_renamed_changes_the_digest(package: Path, tmp_path: Path) -> None:
    env, script = environment(tmp_path, package), "from twin.compiled import source_digest; print(source_digest())"
    digests = [python(script, env=env)]
    new = package / "twin" / "components" / "new.py"
    new.write_text("x = 1\n", encoding="utf-8")
    digests.append(python(script, env=env))
    new.rename(new.with_name("newer.py"))
    digests.append(python(script, env=env))
    assert len(set(digests)) == 3
    new.with_name("newer.py").unlink()
    assert python(script, env=env) == digests[0]


MINE = "from twin.compiled import compilable\n@compilable\ndef f(x):\n    return {factor} * x\n"


@needs_numba
def test_an_edit_outside_the_package_is_never_missed(tmp_path: Path) -> None:
    script = "import numpy as np, mine; from twin.compiled import elementwise; print(float(elementwise(mine.f)(3.0)))"
    # Both files have one length: within a second Python itself would take the bytecode of the first for the second.
    env = {**environment(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1"}
    env["PYTHONPATH"] += os.pathsep + str(tmp_path)
    for factor in ("2.0", "5.0"):
        (tmp_path / "mine.py").write_text(MINE.format(factor=factor), encoding="utf-8")
        assert float(python(script, env=env)) == 3.0 * float(factor)


def test_old_folders_are_removed_and_the_latest_are_kept(tmp_path: Path) -> None:
    home = tmp_path / "datacenter-twin"
    for age in range(6):
        (home / f"old{age}" / "inner").mkdir(parents=True)
        os.utime(home / f"old{age}", (time.time() - 1000 * (age + 1),) * 2)
    folder = Path(
        python("from twin.compiled import cache_folder; print(cache_folder())", env=environment(tmp_path)).strip()
    )
    assert {path.name for path in home.iterdir()} == {"code", folder.name, *(f"old{age}" for age in range(KEPT - 1))}


# --- where it can be kept ---------------------------------------------------------------------------------------


def below_a_file(folder: Path) -> Path:
    """A path that nobody can make a folder of, root neither."""
    (folder / "file").write_text("", encoding="utf-8")
    return folder / "file" / "home"


@needs_numba
def test_without_a_writable_home_the_temporary_folder_serves(tmp_path: Path) -> None:
    env = environment(below_a_file(tmp_path)) | {"TMPDIR": str(tmp_path)}
    first, again = used(env), used(env)
    assert Path(first["folder"]).parent.parent == tmp_path
    assert (first["value"], first["hits"], again["hits"]) == (again["value"], 0, 1)


NOWHERE = {
    "cannot be written": "import tempfile; tempfile.tempdir = {path!r}\n",
    "is not there at all": "import tempfile; tempfile._candidate_tempdir_list = lambda: []\n",
}


@needs_numba
@pytest.mark.parametrize("before", NOWHERE.values(), ids=NOWHERE)
def test_with_nothing_writable_code_is_compiled_each_time(before: str, tmp_path: Path) -> None:
    path = below_a_file(tmp_path)
    done = used(environment(path), before.format(path=str(path)))
    assert (done["folder"], done["hits"]) == ("None", 0)
    assert done["value"] == fluids.saturation_pressure_pa(20.0)


@pytest.mark.slow
@needs_numba
def test_a_run_needs_no_place_for_its_code(tmp_path: Path, cold_runs: list[str]) -> None:
    (tmp_path / f"datacenter-twin-{os.getuid() if hasattr(os, 'getuid') else 'user'}").write_text("", encoding="utf-8")
    env = environment(below_a_file(tmp_path)) | {"TMPDIR": str(tmp_path)}
    assert python("from twin.compiled import cache_folder; print(cache_folder())", env=env) == "None\n"
    assert python(RUN, *PLANT, env=env) == cold_runs[0]


@pytest.mark.parametrize("home", [{"XDG_CACHE_HOME": "here"}, {"XDG_CACHE_HOME": "", "HOME": ""}, {"HOME": "~"}])
def test_a_home_that_is_not_known_makes_no_folder_where_one_works(home: dict[str, str], tmp_path: Path) -> None:
    work, temporary = tmp_path / "work", tmp_path / "temporary"
    work.mkdir()
    temporary.mkdir()
    env = {**environment(tmp_path), "XDG_CACHE_HOME": "", "TMPDIR": str(temporary), "HOME": str(tmp_path), **home}
    folder = python("from twin.compiled import cache_folder; print(cache_folder())", env=env, folder=work).strip()
    assert os.path.isabs(folder)
    assert list(work.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no owners here")
def test_a_folder_of_another_user_is_not_used(tmp_path: Path) -> None:
    """Anyone may have put code there: it would run under this user's name."""
    (tmp_path / "datacenter-twin").mkdir()
    script = "import os; os.getuid = lambda: 54321\nfrom twin.compiled import cache_folder; print(cache_folder())"
    assert python(script, env=environment(tmp_path) | {"TMPDIR": str(tmp_path)}).strip() == "None"
    assert list((tmp_path / "datacenter-twin").iterdir()) == []


# --- several at once --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cold_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cold")


@pytest.fixture(scope="module")
def cold_runs(cold_home: Path) -> list[str]:
    """What two processes print that start at once without any compiled code."""
    command = [sys.executable, "-P", "-c", RUN, *PLANT]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    both = [subprocess.Popen(command, env=environment(cold_home), **pipes) for _ in range(2)]
    said = [process.communicate(timeout=900) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    return [out for out, _ in said]


@pytest.mark.slow
@needs_numba
def test_two_processes_may_start_cold_at_once(cold_runs: list[str], cold_home: Path) -> None:
    assert cold_runs[0] == cold_runs[1]
    assert python(RUN, *PLANT, env=environment(cold_home)) == cold_runs[0]


@pytest.mark.slow
@needs_numba
def test_each_entry_has_an_index_of_its_own(cold_runs: list[str], cold_home: Path) -> None:
    """Numba reads, numbers and writes an index without a lock: in a shared one two processes mix up their code."""
    indexes = list(cold_home.rglob("*.nbi"))
    assert len(indexes) > 15
    assert {index.name: len(list(index.parent.glob("*.nbc"))) for index in indexes if len(
        list(index.parent.glob("*.nbc"))) != 1} == {}  # fmt: skip


def test_what_several_threads_ask_for_at_once_is_made_once() -> None:
    made, barrier = [], threading.Barrier(8)

    @once
    def make(name: str) -> object:
        made.append(name)
        time.sleep(0.05)
        return object()

    def ask(name: str) -> object:
        barrier.wait(timeout=900)
        return make(name)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, "aabbaabb"))
    assert sorted(made) == ["a", "b"]
    assert len(set(map(id, found))) == 2


@needs_numba
def test_numbas_own_settings_are_left_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    config = compiled.numba().config
    monkeypatch.setattr(config, "CACHE_DIR", "/of/the/caller")
    barrier = threading.Barrier(4)

    def enter(_: int) -> str:
        barrier.wait(timeout=900)
        with compiled.disk_cache(fluids.saturation_pressure_pa):
            time.sleep(0.01)
            return str(config.CACHE_DIR)

    with ThreadPoolExecutor(4) as pool:
        inside = set(pool.map(enter, range(4)))
    assert len(inside) == 1
    assert "/of/the/caller" not in inside
    assert config.CACHE_DIR == "/of/the/caller"
    with pytest.raises(ValueError, match="a fault"), compiled.disk_cache(fluids.saturation_pressure_pa):
        raise ValueError("a fault")
    assert config.CACHE_DIR == "/of/the/caller"


# --- the same bits ----------------------------------------------------------------------------------------------

ARGUMENTS = {  # function -> ranges of its arguments, beyond the usual on both sides
    fluids.saturation_pressure_pa: ((-60.0, 90.0),),
    fluids.station_pressure_pa: ((-400.0, 5000.0),),
    fluids.dew_point_c: ((-0.001, 0.05), (6e4, 1.1e5)),
    fluids.humidity_ratio_from_relative: ((-40.0, 60.0), (0.0, 1.2), (6e4, 1.1e5)),
    fluids.wet_bulb_c: ((-40.0, 60.0), (0.0, 0.04), (6e4, 1.1e5)),
}


@pytest.mark.parametrize("function", ARGUMENTS, ids=lambda f: f.__name__)
def test_the_array_form_has_the_bits_of_the_plain_function(function) -> None:
    random = np.random.default_rng(3)
    arrays = [random.uniform(*limits, 300) for limits in ARGUMENTS[function]]
    plain = np.array([function(*map(float, row)) for row in zip(*arrays, strict=True)])
    assert elementwise(function)(*arrays).tobytes() == plain.tobytes()


def test_the_array_form_broadcasts_and_keeps_the_shape() -> None:
    air = elementwise(fluids.humidity_ratio_from_relative)
    grid = air(np.array([[10.0], [20.0], [30.0]]), np.array([0.2, 0.8]), 101325)
    assert grid.shape == (3, 2)
    assert grid[2, 1] == fluids.humidity_ratio_from_relative(30.0, 0.8, 101325.0)
    assert air(20.0, 0.5, 101325.0).shape == ()
    assert air(np.zeros(0), 0.5, 101325.0).shape == (0,)


# --- without numba ----------------------------------------------------------------------------------------------

BLOCKED = {
    "a finder that refuses it": (
        "import sys\nclass Refuse:\n    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('numba', 'llvmlite'): raise ImportError('refused')\n"
        "sys.meta_path.insert(0, Refuse())\n"
    ),
    "not installed": "import sys\nsys.modules['numba'] = None\n",
    "at odds with numpy": (
        "import sys, tempfile, pathlib\nplace = pathlib.Path(tempfile.mkdtemp())\n"
        "(place / 'numba.py').write_text(\"raise ImportError('Numba needs NumPy 2.2 or less')\")\n"
        "sys.path.insert(0, str(place))\n"
    ),
}
TWO_DAYS = (str(ROOT / "scenarios" / "quickstart.yaml"), "run.start=2025-07-14", "run.duration=2d", "run.warmup_h=4")


@pytest.mark.parametrize("block", BLOCKED.values(), ids=BLOCKED)
def test_without_numba_there_is_plain_python(block: str, tmp_path: Path) -> None:
    script = block + (
        "from twin.compiled import elementwise, has_numba\nfrom twin.physics.fluids import saturation_pressure_pa\n"
        "print(has_numba(), float(elementwise(saturation_pressure_pa)(20.0)))"
    )
    env = environment(tmp_path) | {"TMPDIR": str(tmp_path)}
    assert python(script, env=env).split() == ["False", str(fluids.saturation_pressure_pa(20.0))]


@pytest.mark.slow
@needs_numba
def test_without_numba_a_run_gives_the_same_figures_to_the_last_bit(tmp_path: Path) -> None:
    with_numba = python(RUN, *TWO_DAYS, env=dict(os.environ) | {"PYTHONPATH": str(ROOT)})
    plain = python(BLOCKED["a finder that refuses it"] + RUN, *TWO_DAYS, env=environment(tmp_path))
    assert plain == with_numba
    assert json.loads(plain)["pue"] > 1
