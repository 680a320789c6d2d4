"""The app in a real browser: served on a free port of this machine, driven through Debian's chromium."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update"]  # fmt: skip
WAIT_MS = 240_000  # for a first run, which compiles
TRIES, TRY_MS = 10, 20_000
LOOPBACK = re.compile(r"(http|ws)://127\.0\.0\.1|data:|blob:|about:")


@contextlib.contextmanager
def served() -> Iterator[str]:
    """Address of the app, served until the block is left; the system gives it a port that nobody else has."""
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", "0"]
    before = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, before)])}
    with tempfile.TemporaryDirectory() as folder, Path(folder, "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env=env)
        try:
            yield _address(server, Path(log.name))
        finally:
            server.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(60)
            server.kill()
            server.wait()


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    """Where the server says that it is, once it answers there."""
    until = time.monotonic() + WAIT_MS / 1000
    while time.monotonic() < until:
        ended, said = server.poll() is not None, log.read_text(encoding="utf-8")
        assert not ended, f"the server ended: {said}"
        if told := re.search(r"(http://127\.0\.0\.1:[1-9]\d*)\s", said):
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(told[1] + "/_stcore/health", timeout=10) as health,
            ):
                if health.read() == b"ok":
                    return told[1]
        time.sleep(0.1)
    raise TimeoutError(log.read_text(encoding="utf-8"))


@contextlib.contextmanager
def browsed(width: int = 1440, height: int = 1000, scheme: str = "light") -> Iterator[tuple[Any, list[str]]]:
    """A page of a fresh profile, and the addresses outside this machine that it asked for."""
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as driver:
        context = driver.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, headless=True, args=FLAGS, accept_downloads=True, color_scheme=scheme,
            viewport={"width": width, "height": height},
        )  # fmt: skip
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("request", lambda request: asked.append(request.url) if not LOOPBACK.match(request.url) else None)
        yield page, asked
        context.close()


@contextlib.contextmanager
def opened() -> Iterator[Any]:
    """Chromium itself, for as many visitors as a module has tests: starting it takes longer than most of them."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser
        browser.close()


@contextlib.contextmanager
def visitor(browser: Any, width: int = 1440, height: int = 1000) -> Iterator[tuple[Any, list[str]]]:
    """A page that shares no cookie and no storage with others, and the addresses outside this machine it asked for."""
    asked: list[str] = []
    context = browser.new_context(accept_downloads=True, viewport={"width": width, "height": height})
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.on("request", lambda request: asked.append(request.url) if not LOOPBACK.match(request.url) else None)
    yield page, asked
    context.close()


def settled(page: Any) -> None:
    """Wait until a plot is there and the app has stopped running."""
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget], [data-testid=stSpinner]')")


def until(act: Callable[[], object], sign: Any) -> None:
    """Act until the sign is there: a page that is drawn anew may not have heard, or the moment may have passed."""
    from playwright.sync_api import TimeoutError as NotThere

    for _ in range(TRIES):
        with contextlib.suppress(NotThere):
            act()
            sign.wait_for(timeout=TRY_MS)
            return
    sign.wait_for()
