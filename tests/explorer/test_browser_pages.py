"""Strategies, studies and reports in headless chromium: what a visitor clicks, sees and downloads."""

from __future__ import annotations

import hashlib
import io
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

pytest.importorskip("playwright.sync_api")

from tests.explorer.browser import CHROMIUM, ONCE_MORE, opened, rested, served, settled, until, visitor
from tests.studies.studies import COMPARED, written
from twin.explorer.stores import ROOT_VARIABLE
from twin.outputs.batch import in_threads, prepared, run_batch
from twin.outputs.store import Store

pytestmark = [
    ONCE_MORE,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (Debian: apt-get install chromium)"),
]
DAYS = "set=run.duration%3D3d"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app with a store of twelve runs."""
    here = tmp_path_factory.mktemp("runs")
    batch, store = prepared(written(here, COMPARED), 12), Store(here / "small")
    with store.writing():
        run_batch(batch, store, in_threads(1))
    with mock.patch.dict(os.environ, {ROOT_VARIABLE: str(here)}), served() as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with opened() as one:
        yield one


@pytest.fixture
def page(address: str, browser: Any) -> Iterator[Any]:
    """A page that asks no other machine for anything."""
    with visitor(browser, 1440, 1400) as (one, asked):
        yield one
    assert asked == []


def test_strategies_are_compared_and_one_is_looked_at(page: Any, address: str) -> None:
    page.goto(f"{address}/strategies?file=load_shifting.yaml&{DAYS}")
    compare = page.get_by_role("button", name="Compare strategies")
    compare.wait_for()
    rested(page)
    compare.click()
    page.locator("table.tw-ways tbody tr").nth(6).wait_for()
    settled(page)
    assert page.locator("table.tw-ways tbody th").all_inner_texts()[0] == "none"
    until(page, lambda: page.get_by_role("radio", name="MPC").click(),
          page.get_by_text("MPC: what it did, and when").first)  # fmt: skip


def test_a_dot_of_the_front_opens_its_run(page: Any, address: str) -> None:
    page.goto(f"{address}/studies")
    settled(page)

    dot = page.locator(".js-plotly-plot .scatterlayer .points path").last
    until(page, lambda: dot.click(force=True),  # what hears it lies above the dots
          page.get_by_role("heading", name=re.compile(r"^Run \d+ of small")))  # fmt: skip
    settled(page)
    page.get_by_role("button", name="Put on the screen").click()
    page.get_by_text("It is on the screen").wait_for()
    rested(page)
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("heading", name="Miami colocation").wait_for()
    rested(page)
    assert page.get_by_text("cannot run").count() == 0


def test_the_view_of_a_store_comes_back_with_its_address(page: Any, address: str) -> None:
    page.goto(f"{address}/studies?store=small&only=weather.file%3Dpvlib%3A12839.tm2")
    page.get_by_role("radio", name="Pareto").wait_for()
    until(page, lambda: page.get_by_role("radio", name="Runs").click(), page.get_by_test_id("stDataFrame"))
    page.wait_for_function("location.search.includes('view=Runs')")
    rested(page)
    shown = page.locator('[data-figure="shown"] .tw-value').inner_text()
    assert 0 < int(shown) < 12
    page.reload()
    page.get_by_test_id("stDataFrame").wait_for()
    rested(page)
    assert page.locator('[data-figure="shown"] .tw-value').inner_text() == shown


def test_a_report_is_shown_and_its_zip_fits_its_manifest(page: Any, address: str, tmp_path: Path) -> None:
    page.goto(f"{address}/reports?{DAYS}")
    page.get_by_text("Simulated, not a metered disclosure").wait_for()
    rested(page)
    inside = page.frame_locator("iframe").first
    inside.get_by_role("heading", level=1).wait_for()
    assert inside.get_by_role("heading", level=1).inner_text() == "Miami colocation"
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all as zip").click()
    file = tmp_path / "report.zip"
    download.value.save_as(file)
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive:
        lines = archive.read("manifest.sha256").decode().splitlines()
        assert len(lines) == len(archive.namelist()) - 1
        for line in lines:
            digest, name = line.split("  ")
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest
