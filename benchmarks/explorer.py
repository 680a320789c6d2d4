"""First paint and a setting's way to a finished picture in chromium, printed; pictures for docs with ``--pictures``.

``python benchmarks/explorer.py [--pictures docs/img [PAGE ...]]``. Targets for a year of the quickstart: first paint
within 4 s, a change to the finished picture within 1 s, median of ten.
"""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PIL import Image

from tests.explorer.browser import browsed, rested, served, settled
from twin.explorer import stores

CHANGES = 10
COLOURS, ALIKE = 256, 6  # of a picture, which makes it a third as large; colours (0 to 255) closer than that are one
FIRST_PAINT_S, CHANGE_S = 4.0, 1.0
SIZES = {"1280": (1280, 1180), "1920": (1920, 1180)}
PAGES = {
    "overview": "/",
    "explore": "/explore?set=halls.ai.air.supply_air_c%3D25&set=plants.main.supply_c%3D10",
    "floor": "/floor",
    "strategies": "/strategies?file=load_shifting.yaml&set=run.duration%3D14d",
    "studies": "/studies",
    "reports": "/reports",
}
VIEWS = {"plant": "Plant", "psychrometric": "Psychrometric", "heat_map": "Heat map", "scatter": "PUE by wet bulb",
         "duration": "Duration"}  # of Explore, one picture each  # fmt: skip
LISTS, PART = "/explore?file=grid%2Fdemand_response.yaml", "power.ups.battery.control"  # whose form has a list
RUNS = 60  # of the study whose store the page of studies shows


def main() -> None:
    """Measure, or draw."""
    if "--pictures" not in sys.argv:
        with served() as address:
            measure(address)
        return
    at = sys.argv.index("--pictures")
    asked = sys.argv[at + 2 :]
    with with_store(), served() as address:
        wanted = {title: path for title, path in PAGES.items() if title in asked or not asked}
        pictures(address, Path(sys.argv[at + 1]), wanted)


def measure(address: str) -> None:
    """Print seconds beside their targets, processor time (which a busy machine does not stretch), and bytes sent."""
    with browsed() as (page, _):
        first = painted(page, address)
        settled(page)
        whole = time.perf_counter() - first.start
    with browsed() as (page, _):
        again = painted(page, address)
        sent: list[int] = []
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: sent.append(len(frame))))
        page.goto(f"{address}/explore")
        settled(page)
        page.wait_for_timeout(1500)
        changes = [changed(page, sent) for _ in range(CHANGES)]
    seconds = [change.seconds for change in changes]
    print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print(f"first paint, new server   {first.seconds:6.2f} s   target {FIRST_PAINT_S} s; first picture {whole:.2f} s")
    print(f"first paint, next visit   {again.seconds:6.2f} s   target {FIRST_PAINT_S} s")
    print(f"change to picture, median {statistics.median(seconds):6.2f} s   target {CHANGE_S} s, of {CHANGES}")
    print(f"change to picture, least  {min(seconds):6.2f} s")
    for name in ("server", "browser"):
        used = [getattr(change, name) for change in changes]
        print(f"processor time, {name:8}  {min(used):6.2f} s   least; median {statistics.median(used):.2f} s")
    print(f"sent to the browser       {statistics.median(change.sent for change in changes) / 1000.0:6.0f} kB")
    print("                          " + " ".join(f"{second:.2f}" for second in seconds))


@dataclass(frozen=True)
class Painted:
    """When the app was asked for, and the seconds to its heading."""

    start: float
    seconds: float


@dataclass(frozen=True)
class Changed:
    """Seconds of a change, processor seconds of the server and of all browser processes, bytes to the browser."""

    seconds: float
    server: float
    browser: float
    sent: int


def processor_s() -> dict[str, float]:
    """Processor time so far of this process's descendants: the server's, and those of the browser (Linux)."""
    used, mine = {"server": 0.0, "browser": 0.0, "driver": 0.0}, {os.getpid()}
    stats = sorted((int(entry.name), entry) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    for pid, entry in stats:
        with contextlib.suppress(OSError):
            name, _, rest = (entry / "stat").read_text().partition("(")[2].rpartition(")")
            fields = rest.split()
            if int(fields[1]) in mine:
                mine.add(pid)
                ticks = int(fields[11]) + int(fields[12])
                kind = (
                    "browser" if "chrom" in name else "server" if "streamlit" in name or "python" in name else "driver"
                )
                used[kind] += ticks / os.sysconf("SC_CLK_TCK")
    return used


def painted(page: Any, address: str) -> Painted:
    """Seconds from asking for the app to its heading."""
    start = time.perf_counter()
    page.goto(address)
    page.get_by_role("heading", level=1).first.wait_for()
    return Painted(start, time.perf_counter() - start)


def changed(page: Any, sent: list[int]) -> Changed:
    """A key on the slider to new figures and plots: the address is written last, then the app rests."""
    slider = page.get_by_role("slider").first
    before, used, bytes_before = page.evaluate("location.search"), processor_s(), sum(sent)
    slider.focus()
    start = time.perf_counter()
    page.keyboard.press("ArrowRight")  # each a value that has not run before
    page.wait_for_function("before => location.search !== before", arg=before)
    settled(page)
    seconds = time.perf_counter() - start
    page.wait_for_timeout(1000)  # what is drawn behind the picture counts as processor time, too
    now = processor_s()
    return Changed(seconds, now["server"] - used["server"], now["browser"] - used["browser"], sum(sent) - bytes_before)


def pictures(address: str, folder: Path, pages: Mapping[str, str] = PAGES) -> None:
    """Write a picture of each page, light and dark, at both widths, one of each view of Explore and one of a list."""
    folder.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        for name, (width, height) in SIZES.items():
            with browsed(width, height, scheme) as (page, _):
                for title, path in pages.items():
                    page.goto(address + path)
                    ready(page, title)
                    _picture(page, folder / f"explorer_{title}_{scheme}_{name}.png")
    if "explore" not in pages:
        return
    with browsed(*SIZES["1280"]) as (page, _):
        page.goto(address + PAGES["explore"])
        settled(page)
        for title, view in VIEWS.items():
            page.get_by_test_id("stButtonGroup").get_by_text(view, exact=True).first.click()
            settled(page)
            _picture(page, folder / f"explorer_{title}_light_1280.png")
        page.goto(address + LISTS)
        settled(page)
        page.get_by_role("combobox", name="Part").focus()
        page.keyboard.type(PART)
        page.keyboard.press("Enter")
        page.locator("summary").filter(has_text="events").wait_for()
        settled(page)
        _picture(page, folder / "explorer_lists_light_1280.png")


def _picture(page: Any, file: Path) -> None:
    page.wait_for_timeout(1500)  # plots fade in
    _few_colours(Image.open(io.BytesIO(page.screenshot())).convert("RGB")).save(file, optimize=True)
    print(file, flush=True)


def _few_colours(picture: Any) -> Any:
    """A picture in its commonest colours that differ: what is plain on the screen keeps its colour in the file."""
    seen = np.asarray(picture, dtype=np.int64)
    colours, place, counts = np.unique(seen.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    left, kept = colours[np.argsort(-counts, kind="stable")], []
    while left.size and len(kept) < COLOURS:
        kept.append(left[0])
        left = left[np.abs(left - left[0]).max(axis=1) > ALIKE]
    palette = np.array(kept)
    nearest = np.argmin(((colours[:, None, :] - palette[None, :, :]) ** 2).sum(axis=2), axis=1)
    few = Image.fromarray(nearest[place.ravel()].reshape(seen.shape[:2]).astype(np.uint8), mode="P")
    few.putpalette(palette.astype(np.uint8).tobytes())
    return few


def ready(page: Any, title: str) -> None:
    """Wait until a page shows what it is for."""
    if title == "reports":
        page.frame_locator("iframe").first.get_by_role("heading", level=1).wait_for()
        return
    if title == "strategies":
        table, press = page.locator("table.tw-ways"), page.get_by_role("button", name="Compare strategies")
        table.or_(press).first.wait_for()
        rested(page)
        if not table.count():
            press.click()
        table.wait_for()
    settled(page)


@contextlib.contextmanager
def with_store() -> Iterator[None]:
    """The explorer finds a store of a study that ships."""
    with tempfile.TemporaryDirectory(prefix="twin-runs-") as name:
        stores.made("setpoints", Path(name) / "setpoints", RUNS, lambda phase, done, of, failed: None)
        with mock.patch.dict(os.environ, {stores.ROOT_VARIABLE: name}):
            yield


if __name__ == "__main__":
    main()
