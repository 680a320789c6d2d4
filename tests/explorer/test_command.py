"""``twin app`` serves the explorer on this machine, and says what to install where it cannot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from unittest import mock

from click.testing import CliRunner

from twin.cli import commands

ROOT = Path(__file__).parents[2]


def test_twin_app_starts_streamlit_on_the_loopback_address_with_the_page_that_exists() -> None:
    with mock.patch.object(subprocess, "run", return_value=mock.Mock(returncode=0)) as started:
        done = CliRunner().invoke(commands, ["app", "--port", "8765"])
    (command,) = started.call_args.args
    assert done.exit_code == 0
    assert "http://127.0.0.1:8765" in done.output
    assert command[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert Path(command[4]) == ROOT / "twin" / "explorer" / "app.py"
    assert {"--server.port=8765", "--server.address=127.0.0.1", "--browser.gatherUsageStats=false"} <= set(command)


def test_twin_app_names_what_is_not_installed() -> None:
    with mock.patch("importlib.util.find_spec", return_value=None):
        done = CliRunner().invoke(commands, ["app"])
    assert done.exit_code == 1
    assert "streamlit and plotly not installed: pip install 'datacenter-twin[app]'" in done.output
