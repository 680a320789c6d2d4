"""First paint and a setting's way to a finished picture in chromium, printed; pictures for docs with ``--pictures``.

``python benchmarks/explorer.py [--pictures docs/img]``. Targets for a year of the quickstart: first paint within 4 s, a
change to the finished picture within 1 s, median of ten.
"""

from __future__ import annotations

import io
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PIL import Image

from tests.explorer.browser import browsed, served, settled

CHANGES = 10
COLOURS = 64  # of a picture, which makes it a third as large
FIRST_PAINT_S, CHANGE_S = 4.0, 1.0
SIZES = {"1280": (1280, 1180), "1920": (1920, 1180)}
PAGES = {
    "overview": "/",
    "explore": "/explore?set=halls.ai.air.supply_air_c%3D25&set=plants.main.supply_c%3D10",
    "floor": "/floor",
}


def main() -> None:
    """Measure, or draw."""
    with served() as address:
        if "--pictures" in sys.argv:
            pictures(address, Path(sys.argv[sys.argv.index("--pictures") + 1]))
        else:
            measure(address)


def measure(address: str) -> None:
    """Print seconds beside their targets, and the load of the machine that they were measured under."""
    with browsed() as (page, _):
        first = painted(page, address)
        settled(page)
    with browsed() as (page, _):
        again = painted(page, address)
        page.goto(f"{address}/explore")
        settled(page)
        changes = [changed(page) for _ in range(CHANGES)]
    print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print(f"first paint, new server  {first:6.2f} s   target {FIRST_PAINT_S} s")
    print(f"first paint, next visit  {again:6.2f} s   target {FIRST_PAINT_S} s")
    print(f"change to picture        {statistics.median(changes):6.2f} s   target {CHANGE_S} s, median of {CHANGES}")
    print("                         " + " ".join(f"{seconds:.2f}" for seconds in changes))


def painted(page: Any, address: str) -> float:
    """Seconds from asking for the app to its heading."""
    start = time.perf_counter()
    page.goto(address)
    page.get_by_role("heading", level=1).first.wait_for()
    return time.perf_counter() - start


def changed(page: Any) -> float:
    """Seconds from a key on the slider to new figures and plots: the address is written last, then the app rests."""
    slider = page.get_by_role("slider").first
    before = page.evaluate("location.search")
    slider.focus()
    start = time.perf_counter()
    page.keyboard.press("ArrowRight")  # each a value that has not run before
    page.wait_for_function("before => location.search !== before", arg=before)
    settled(page)
    return time.perf_counter() - start


def pictures(address: str, folder: Path) -> None:
    """Write a picture of each page, light and dark, at both widths."""
    folder.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        for name, (width, height) in SIZES.items():
            with browsed(width, height, scheme) as (page, _):
                for title, path in PAGES.items():
                    page.goto(address + path)
                    settled(page)
                    page.wait_for_timeout(1500)  # plots fade in
                    file = folder / f"explorer_{title}_{scheme}_{name}.png"
                    picture = Image.open(io.BytesIO(page.screenshot()))
                    picture.convert("RGB").quantize(COLOURS).save(file, optimize=True)
                    print(file)


if __name__ == "__main__":
    main()
