"""How the app is served: on this machine only, without a word to any other, with the house's colours."""

from __future__ import annotations

import sys
from pathlib import Path

# Also in .streamlit/config.toml, for `streamlit run app.py`; a test keeps both equal.
OPTIONS: dict[str, str | int | bool] = {
    "server.address": "127.0.0.1",
    "server.headless": True,
    "server.maxUploadSize": 8,
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "theme.light.primaryColor": "#0072B2",
    "theme.light.backgroundColor": "#FFFFFF",
    "theme.light.secondaryBackgroundColor": "#F4F5F6",
    "theme.dark.primaryColor": "#2E93D1",
    "theme.dark.backgroundColor": "#0E1117",
    "theme.dark.secondaryBackgroundColor": "#171B22",
}


def command(port: int) -> list[str]:
    """The command that serves the explorer from this Python."""
    page = Path(__file__).resolve().parent / "app.py"
    flags = [f"--{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in OPTIONS.items()]
    return [sys.executable, "-m", "streamlit", "run", str(page), f"--server.port={port}", *flags]
