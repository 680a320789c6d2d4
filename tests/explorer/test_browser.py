"""The explorer in headless chromium: pages, address, uploads good and bad, download, no word to other machines."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

pytest.importorskip("playwright.sync_api")

from tests.explorer.browser import CHROMIUM, ONCE_MORE, choose, opened, rested, served, settled, unfold, until, visitor
from tests.explorer.held_app import HELD
from twin.engine.simulate import simulate
from twin.explorer.choice import from_address
from twin.outputs.numbers import figure
from twin.outputs.template import scenarios_folder
from twin.scenario.reading import read_scenario
from twin.studies.kpis import kpis
from twin.studies.visitors import shipped_names

pytestmark = [
    ONCE_MORE,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (Debian: apt-get install chromium)"),
]
SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served("tests/explorer/held_app.py") as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with opened() as one:
        yield one


@pytest.fixture
def page(address: str, browser: Any) -> Iterator[Any]:
    """A page that asks no other machine for anything."""
    with visitor(browser) as (one, asked):
        yield one
    assert asked == []


def shown(page: Any, name: str) -> str:
    """Text of a figure of the headline row."""
    return page.locator(f'[data-figure="{name}"] .tw-value').first.inner_text()


ENERGY = "document.querySelector('[data-figure=facility_energy_kwh] .tw-value')"
CHANGED = f"before => ({ENERGY}?.innerText ?? before) !== before"


@pytest.mark.slow
def test_a_changed_setting_reaches_figures_address_and_download(page: Any, address: str, tmp_path: Path) -> None:
    page.goto(f"{address}/explore?file=quickstart.yaml&set=run.duration%3D7d")
    settled(page)
    before = shown(page, "facility_energy_kwh")
    until(page, lambda: page.get_by_role("slider").first.press("Home"), page.get_by_text("supply_air_c=").first)
    page.wait_for_function("location.search.includes('supply_air_c')")
    page.wait_for_function(CHANGED, arg=before)
    rested(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download YAML").click()
    file = tmp_path / "scenario.yaml"
    download.value.save_as(file)
    energy = kpis(simulate(read_scenario(file)))["facility_energy_kwh"]
    assert shown(page, "facility_energy_kwh") == " ".join(figure(energy["value"], energy["unit"]))


AIR = "halls.enterprise.air"
MOVED = {  # slider -> the key that ends its move, and the change that it leaves
    "supply air": ("Home", f"{AIR}.supply_air_c=10.0"),
    "airflow ratio": ("End", f"{AIR}.airflow_ratio=5.0"),
}
STATED = "change => new URLSearchParams(location.search).getAll('set').includes(change)"


@pytest.mark.slow
def test_two_visitors_who_move_sliders_at_once_each_get_their_own_figures(address: str, browser: Any) -> None:
    with visitor(browser) as (first, _), visitor(browser) as (second, _):
        moves = list(zip((first, second), MOVED.items(), strict=True))
        for page, _ in moves:
            page.goto(f"{address}/explore?set=run.duration%3D2d")
            settled(page)
        for key in ("PageUp", ""):  # neither waits for the other, nor for its own picture
            for page, (label, (last, _)) in moves:
                page.get_by_role("slider", name=label).press(key or last)
        told = [own_energy(page, label, *move) for page, (label, move) in moves]
    assert told[0] != told[1]


def own_energy(page: Any, label: str, last: str, change: str) -> str:
    """The energy that a page shows with one change beside its period, and nothing of another visitor's."""
    until(page, lambda: page.get_by_role("slider", name=label).press(last), page.get_by_text(change).first)
    page.wait_for_function(STATED, arg=change)
    choice = from_address(parse_qs(urlsplit(page.url).query))
    assert ["=".join(one) for one in choice.overrides] == ["run.duration=2d", change]
    energy = kpis(simulate(choice.scenario()))["facility_energy_kwh"]
    told = " ".join(figure(energy["value"], energy["unit"]))
    page.locator('[data-figure="facility_energy_kwh"] .tw-value').filter(has_text=told).wait_for()
    return told


@pytest.mark.slow
def test_uploads_are_shown_or_refused_with_their_line(page: Any, address: str, tmp_path: Path) -> None:
    page.goto(f"{address}/?set=run.duration%3D2d")
    settled(page)
    text = (SCENARIOS / "quickstart.yaml").read_text(encoding="utf-8").replace("step: 1h", "step: 1h\n  duration: 2d")
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(text.replace("name: Miami colocation", "name: My own site"), encoding="utf-8")
    bad.write_text("name: x\nhalls: [\n", encoding="utf-8")
    field = page.locator("input[type=file]").first
    until(page, lambda: field.set_input_files(bad), page.get_by_text("bad.yaml:").first)
    assert page.get_by_role("heading", name="Miami colocation").is_visible()
    until(page, lambda: field.set_input_files(good), page.get_by_role("heading", name="My own site"))
    page.wait_for_function("location.search.includes('yaml=')")
    rested(page)
    page.reload()
    page.get_by_role("heading", name="My own site").wait_for()


@pytest.mark.slow
def test_own_weather_is_shown_or_refused_with_its_line_and_comes_along_in_the_download(
    page: Any, address: str, tmp_path: Path
) -> None:
    weather = Path(__file__).parents[1] / "series" / "weather"  # of 1 and 2 March 2024
    page.goto(f"{address}/?set=run.calendar_year%3D2024&set=run.start%3D2024-03-01&set=run.duration%3D1d")
    settled(page)
    unfold(page, "Own weather or prices")
    field = page.locator("input[type=file]").nth(1)
    until(page, lambda: field.set_input_files(weather / "text_cell.epw"),
          page.get_by_text("text_cell.epw:15: dry_bulb_c 'n.a.' is not a number").first)  # fmt: skip
    until(page, lambda: field.set_input_files(weather / "good.epw"),
          page.get_by_text("good.epw in place of weather.file"))  # fmt: skip
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download YAML and files").click()
    download.value.save_as(tmp_path / "scenario.zip")
    zipfile.ZipFile(tmp_path / "scenario.zip").extractall(tmp_path)
    energy = kpis(simulate(read_scenario(tmp_path / "scenario.yaml")))["facility_energy_kwh"]
    assert shown(page, "facility_energy_kwh") == " ".join(figure(energy["value"], energy["unit"]))


@pytest.mark.slow
def test_another_technology_is_chosen_with_the_keyboard_and_a_long_run_can_be_stopped(page: Any, address: str) -> None:
    page.goto(f"{address}/explore?set=run.duration%3D2d")
    settled(page)
    choose(page, page.get_by_role("combobox", name="technology"), "outdoor air",
           page.get_by_text("halls.enterprise.air=outdoor_air").first)  # fmt: skip
    page.wait_for_function("location.search.includes('outdoor_air')")
    settled(page)
    assert page.get_by_text("cannot").count() == 0
    page.goto(f"{address}/?set=run.step%3D1min&set={'%3D'.join(HELD)}")
    stop = page.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True)
    stopped = page.get_by_text("This run was stopped")
    until(page, stop.click, stopped, ready=lambda page: stop.or_(stopped).first.wait_for())


@pytest.mark.slow
def test_a_battery_is_added_with_the_keyboard_alone_and_is_in_the_address(page: Any, address: str) -> None:
    page.goto(f"{address}/explore?set=run.duration%3D2d")
    settled(page)
    where, kind = (page.get_by_role("combobox", name=name, exact=True) for name in ("Where", "Kind"))
    unfold(page, "Add or remove a part")
    choose(page, where, "onsite", kind)
    choose(page, kind, "battery", page.locator("input[aria-label=Name][value=battery]"))
    add = page.get_by_role("button", name="Add", exact=True)
    until(page, lambda: add.press("Enter"), page.get_by_text("onsite.battery=").first)
    page.wait_for_function("location.search.includes('onsite.battery')")
    settled(page)
    assert page.get_by_text("cannot").count() == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "file", [name for name in shipped_names(scenarios_folder()) if not name.startswith("studies/")]
)
def test_a_shipped_site_opens(page: Any, address: str, file: str) -> None:
    page.goto(f"{address}/?file={file}")
    settled(page)
    assert page.get_by_text("cannot run").count() == 0
    assert page.get_by_role("heading", level=1).inner_text() == read_scenario(SCENARIOS / file).name
