"""The wheel: what it carries, and that it works without the checkout."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_dev_extra_and_the_dev_group_are_the_same() -> None:
    assert PROJECT["project"]["optional-dependencies"]["dev"] == PROJECT["dependency-groups"]["dev"]


def test_every_dependency_has_a_floor_and_no_cap() -> None:
    extras = PROJECT["project"]["optional-dependencies"].values()
    needed = [line for group in (PROJECT["project"]["dependencies"], *extras) for line in group]
    assert [line for line in needed if ">=" not in line or "<" in line] == []


def test_constraints_are_plain_names_and_versions_that_satisfy_the_floors() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
    known = {name.lower().replace("_", "-") for name in pinned}
    extras = PROJECT["project"]["optional-dependencies"]
    needed = {line.split(">=")[0].lower() for line in PROJECT["project"]["dependencies"] + extras["dev"]}
    assert needed - known == set()
    assert all(version.replace(".", "").isalnum() for version in pinned.values())


@pytest.mark.slow
def test_an_installed_wheel_runs_the_scenario_that_it_carries(tmp_path: Path) -> None:
    """Installed apart from the checkout: nothing may be read from beside the package."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", tmp_path, ROOT], check=True, stdin=subprocess.DEVNULL)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "site")
    assert {"twin/_scenarios/quickstart.yaml", "twin/_scenarios/scenario.schema.json", "twin/_data/SOURCES.md"} <= set(
        names
    )
    assert not [name for name in names if name.startswith(("data/", "scenarios/", "tests/")) or "__pycache__" in name]
    script = (
        f"import sys; sys.path[:] = [r'{tmp_path / 'site'}', *(p for p in sys.path if p not in ('', r'{ROOT}'))];"
        f"import twin.cli; assert twin.cli.__file__.startswith(r'{tmp_path}'); twin.cli.main()"
    )
    quickstart = tmp_path / "site" / "twin" / "_scenarios" / "quickstart.yaml"
    for arguments in (
        ["run", quickstart, "--set", "run.duration=1d"],
        ["new", "mine"],
        ["check", "mine/scenario.yaml"],
    ):
        done = subprocess.run(
            [sys.executable, "-I", "-c", script, *map(str, arguments)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, done.stderr
