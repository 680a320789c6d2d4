"""The explorer in headless chromium: pages, address, uploads good and bad, download, no word to other machines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from tests.explorer.browser import CHROMIUM, browsed, served, settled
from twin.engine.simulate import simulate
from twin.outputs.numbers import figure
from twin.scenario.reading import read_scenario
from twin.studies.kpis import kpis

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium on this machine (Debian: apt-get install chromium)"
)
SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served() as url:
        yield url


@pytest.fixture
def page(address: str) -> Iterator[Any]:
    """A page that asks no other machine for anything."""
    with browsed() as (one, asked):
        yield one
    assert asked == []


def shown(page: Any, name: str) -> str:
    """Text of a figure of the headline row."""
    return page.locator(f'[data-figure="{name}"] .tw-value').first.inner_text()


def test_a_changed_setting_reaches_figures_address_and_download(page: Any, address: str, tmp_path: Path) -> None:
    page.goto(f"{address}/explore?file=quickstart.yaml&set=run.duration%3D7d")
    settled(page)
    before = shown(page, "facility_energy_kwh")
    field = page.get_by_role("slider").first
    field.focus()
    page.keyboard.press("Home")
    page.wait_for_function("location.search.includes('supply_air_c')")
    page.locator('[data-figure="facility_energy_kwh"] .tw-note').filter(has_text=re.compile("[↑↓]")).first.wait_for()
    assert shown(page, "facility_energy_kwh") != before
    with page.expect_download() as download:
        page.get_by_role("button", name="Download YAML").click()
    file = tmp_path / "scenario.yaml"
    download.value.save_as(file)
    energy = kpis(simulate(read_scenario(file)))["facility_energy_kwh"]
    assert shown(page, "facility_energy_kwh") == " ".join(figure(energy["value"], energy["unit"]))


@pytest.mark.slow
def test_uploads_are_shown_or_refused_with_their_line(page: Any, address: str, tmp_path: Path) -> None:
    page.goto(f"{address}/?set=run.duration%3D2d")
    settled(page)
    text = (SCENARIOS / "quickstart.yaml").read_text(encoding="utf-8").replace("step: 1h", "step: 1h\n  duration: 2d")
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(text.replace("name: Miami colocation", "name: My own site"), encoding="utf-8")
    bad.write_text("name: x\nhalls: [\n", encoding="utf-8")
    page.locator("input[type=file]").set_input_files(bad)
    page.get_by_text("bad.yaml:").first.wait_for()
    assert page.get_by_role("heading", name="Miami colocation").is_visible()
    page.locator("input[type=file]").set_input_files(good)
    page.get_by_role("heading", name="My own site").wait_for()
    page.wait_for_function("location.search.includes('yaml=')")
    page.reload()
    page.get_by_role("heading", name="My own site").wait_for()


@pytest.mark.slow
@pytest.mark.parametrize("file", [
    "loss_of_cooling.yaml", "power_capping.yaml", "technologies/direct_to_chip.yaml", "sites/esif.yaml",
])  # fmt: skip
def test_shipped_sites_of_other_kinds_open(page: Any, address: str, file: str) -> None:
    page.goto(f"{address}/?file={file}")
    settled(page)
    assert page.get_by_text("cannot run").count() == 0
    assert page.get_by_role("heading", level=1).inner_text() == read_scenario(SCENARIOS / file).name
