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

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update"]  # fmt: skip
WAIT_MS = 600_000  # for a first run, which compiles, on a machine that has other things to do
TRIES, TRY_MS = 10, 20_000
RESTS = """() => {
  const app = document.querySelector('[data-testid=stApp]')?.dataset
  return app?.testConnectionState === 'CONNECTED' && app.testScriptState === 'notRunning'
    && !document.querySelector('[data-testid=stSpinner]')
}"""
ONCE_MORE = pytest.mark.flaky(reruns=1)  # chromium is not ours and shares the machine; what it takes is told by pytest
LOOPBACK = re.compile(r"(http|ws)://127\.0\.0\.1|data:|blob:|about:")


@contextlib.contextmanager
def served(script: str = "app.py") -> Iterator[str]:
    """Address of the app, served until the block is left; the system gives it a port that nobody else has."""
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", "0"]
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


def rested(page: Any) -> None:
    """Wait until the app has nothing to do: a key or a click is then neither lost nor heard by what goes away.

    The page itself states it, from the very event that asks for a run on; signs of a run come half a second later.
    """
    page.wait_for_function(RESTS)


def settled(page: Any) -> None:
    """Wait until a plot is there and the app has nothing to do."""
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    rested(page)


def until(page: Any, act: Callable[[], object], sign: Any, ready: Callable[[Any], object] = rested) -> None:
    """Act until the sign is there, each time on a page that is ready and never where the sign is there already."""
    from playwright.sync_api import TimeoutError as NotThere

    for _ in range(TRIES):
        ready(page)
        if sign.is_visible():
            return
        page.set_default_timeout(TRY_MS)
        with contextlib.suppress(NotThere):
            act()
            sign.wait_for()
        page.set_default_timeout(WAIT_MS)
    ready(page)
    if not sign.is_visible():
        shows = page.locator("body").inner_text()
        raise AssertionError(f"{sign} did not come; {page.url} shows: {shows}")


def unfold(page: Any, title: str) -> None:
    """Open a fold with the keyboard, and wait until it stands still: a list that opens while it moves is shut again."""
    fold = page.locator("details").filter(has=page.locator("summary").filter(has_text=title))
    until(page, lambda: fold.locator("summary").press("Enter"), fold.locator(":scope > :not(summary, [inert])"))
    fold.evaluate("fold => Promise.allSettled(fold.getAnimations().map(motion => motion.finished))")


def choose(page: Any, field: Any, option: str, sign: Any) -> None:
    """Choose an option of a list with the keyboard until the sign is there.

    Any scroll shuts the list, and then what was typed stays in the field without being taken; a field that is left
    forgets it. So each try leaves the field first, and takes the option only where the list shows it.
    """

    def taken() -> None:
        field.blur()
        field.focus()
        page.keyboard.type(option)
        page.get_by_role("option", name=option, exact=True).wait_for()
        page.keyboard.press("Enter")

    until(page, taken, sign)
