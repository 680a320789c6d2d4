"""What commands say to first users: which file is meant, where results go, and what would have been right."""

from __future__ import annotations

from pathlib import Path

import pytest

from twin.cli import _run_command
from twin.cli_words import results_folder
from twin.compiled import has_numba, numba

SHIPPED = Path(__file__).parents[1] / "scenarios"
QUICKSTART, SETPOINTS = SHIPPED / "quickstart.yaml", SHIPPED / "studies" / "setpoints.yaml"
STRATEGIES = SHIPPED / "studies" / "strategies.yaml"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (
            ["batch", str(QUICKSTART)],
            f"{QUICKSTART}: is a scenario and no study: a study names one, such as base: quick",
        ),
        (["run", str(SETPOINTS)], f"{SETPOINTS}: is a study and no scenario; it runs with: twin batch {SETPOINTS}"),
        (["check", str(STRATEGIES)], f"it runs with: twin strategies {STRATEGIES}"),
        (["compare", "nowhere"], "nowhere: no such file, and no store of a batch"),
        (["schema", "--metrics", "--site"], "--metrics and --site are two schemas: ask for one of them"),
        (["run", "comma.yaml"], "halls.ai.000: unknown key (a comma ends an entry here: numbers are written without"),
    ],
)
def test_a_command_tells_what_would_have_been_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], command: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "comma.yaml").write_text(f"extends: {QUICKSTART}\nhalls: {{ai: {{volume_m3: 1,000}}}}\n")
    assert _run_command(command) == 2
    assert told in capfd.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["comma.yaml"]


def test_two_sites_of_the_template_do_not_share_a_folder_of_results() -> None:
    assert results_folder(Path("oslo/scenario.yaml")) == Path("runs/oslo")
    assert results_folder(Path("sites/miami.yaml")) == Path("runs/miami")


def test_new_tells_commands_that_a_shell_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _run_command(["new", "my site"]) == 0
    assert capfd.readouterr().out.splitlines()[1:] == [
        "next: twin check 'my site/scenario.yaml'",
        "      twin run 'my site/scenario.yaml'",
    ]


@pytest.mark.skipif(not has_numba(), reason="numba is not installed: there is only plain Python")
def test_numba_that_may_not_compile_leaves_plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba().config, "DISABLE_JIT", 1)
    assert has_numba.__wrapped__() is False
    monkeypatch.setattr(numba().config, "DISABLE_JIT", 0)
    assert has_numba.__wrapped__() is True
