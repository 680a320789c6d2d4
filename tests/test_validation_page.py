"""The committed validation page: it says what the stored results say, has every row, and its cheap rows hold now."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.reference import archetypes
from tests.validation import checks, page, plausibility, rows, tables
from tests.validation.archetypes import place
from tests.validation.rows import FAIL, NOT_RUN, PASS, Row

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "validation.md"
REMAKE = "make validation writes it anew"
PUBLISHED_CHECKS = 79
VALIDATION_CASES = {"V1", "V2", "V6", "V7", "V8", "V10", "V12"}


@pytest.fixture(scope="module")
def stored() -> list[Row]:
    """The rows of the file of results."""
    return rows.stored()


@pytest.fixture(scope="module")
def text() -> str:
    """The committed page."""
    return PAGE.read_text(encoding="utf-8")


def table_under(title: str, text: str) -> list[list[str]]:
    """Cells of the first table under a heading, without its head."""
    section = text.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines[2:]]


def test_the_page_is_what_the_stored_results_say(stored: list[Row], text: str) -> None:
    assert text == page.page(stored), REMAKE


def test_every_published_check_stands_on_the_page_once_with_a_status(text: str) -> None:
    with (ROOT / "tests" / "reference" / checks.IDS).open(encoding="utf-8", newline="") as file:
        wanted = [row["id"] for row in csv.DictReader(file)]
    assert len(wanted) == len(set(wanted)) == PUBLISHED_CHECKS
    found = table_under(page.SECTIONS["checks"][0], text)
    assert [line[0].strip("`") for line in found] == wanted
    assert {re.split(":", line[-1])[0] for line in found} <= {PASS, NOT_RUN}
    assert all(text.count(f"| `{name}` |") == 1 for name in wanted)


def test_the_counts_at_the_top_are_those_of_the_rows(stored: list[Row], text: str) -> None:
    top = {line[0].strip("*"): [int(cell.strip("*")) for cell in line[1:]] for line in table_under("Counts", text)}
    for section, (title, _) in page.SECTIONS.items():
        counted = Counter(row.status for row in stored if row.section == section)
        assert top[title] == [counted[PASS], counted[FAIL], counted[NOT_RUN], counted.total()]
    assert top["all"] == [sum(top[title][i] for title, _ in page.SECTIONS.values()) for i in range(4)]
    assert top["all"][3] == len(stored)


def test_only_rows_with_a_known_reason_fail_and_every_row_that_is_not_run_says_why(stored: list[Row]) -> None:
    known = {f"{quantity}_{case}_{place(site)}" for quantity, case, site in archetypes.beside()}
    assert {row.id for row in stored if row.status == FAIL} == known
    assert [row.id for row in stored if row.status in (FAIL, NOT_RUN) and not row.note] == []
    assert {row.status for row in stored} == {PASS, FAIL, NOT_RUN}


def test_a_row_stands_once_and_every_validation_case_is_there(stored: list[Row]) -> None:
    assert [key for key, n in Counter((row.section, row.id) for row in stored).items() if n > 1] == []
    assert {row.id.split("_")[0] for row in stored if row.section == "cases"} == VALIDATION_CASES
    assert sum(row.section == "plant" for row in stored) == 3 * 63
    sites, figures = len(archetypes.SITES), len(archetypes.files()) + len(archetypes.WITH_WATER)
    held = [row for row in stored if row.section == "archetypes" and row.id.startswith(("pue_", "wue_"))]
    assert len(held) == figures * sites
    assert sum(row.section == "windage" for row in stored) == len(archetypes.WITH_WATER) * sites


def test_what_lies_beside_a_band_is_counted_at_the_top(stored: list[Row], text: str) -> None:
    top = text.split("## Counts", 1)[1].split("## Published checks", 1)[0]
    lines = re.findall(r"^FAIL: (\d+) of (\d+) ", top, re.M)
    failed = Counter(row.section for row in stored if row.status == FAIL)
    assert lines == [(str(failed[section]), of) for section, of in (("archetypes", "168"), ("windage", "48"))]


def test_cheap_rows_evaluated_now_are_those_of_the_page(stored: list[Row]) -> None:
    found = tables.evaluated()
    now = {(row.section, row.id): row for row in (*checks.checks(found), *tables.months_of_ite(found))}
    then = {(row.section, row.id): row for row in stored if row.section in ("checks", "ite")}
    assert sorted(now) == sorted(then), REMAKE
    for key, row in now.items():
        assert (row.status, row.published, row.tolerance) == (
            then[key].status,
            then[key].published,
            then[key].tolerance,
        )
        if row.status == PASS:
            assert float(row.ours) == pytest.approx(float(then[key].ours), rel=1e-6), f"{key}: {REMAKE}"


def test_a_difference_beyond_its_tolerance_fails() -> None:
    def status(ours: float, tolerance: float, kind: str) -> str:
        return rows.compared("checks", "x", "x", "1", "x", 200.0, ours, tolerance, kind).status

    assert [status(ours, 0.01, "rel") for ours in (198.1, 201.9, 202.1)] == [PASS, PASS, FAIL]
    assert [status(ours, 0.5, "abs") for ours in (199.6, 200.6, float("nan"))] == [PASS, FAIL, FAIL]
    with pytest.raises(ValueError, match="states its reason"):
        rows.not_run("checks", "x", "x", "x", "")


def test_measured_facilities_and_fleets_have_their_rows(stored: list[Row]) -> None:
    by_section = {name: [row for row in stored if row.section == name] for name in ("facilities", "plausibility")}
    assert {row.id.split("_")[0] for row in by_section["facilities"]} == {"esif", "summit"}
    assert len(by_section["facilities"]) == 9
    assert [row.id for row in by_section["plausibility"]] == [band.id for band in plausibility.BANDS]
    assert all(row.note.startswith("plausibility: ") for row in by_section["plausibility"])


def test_summits_figure_shows_measured_and_simulated_weeks(text: str) -> None:
    assert f"]({page.WEEKS_FIGURE})" in text
    root = ElementTree.parse(PAGE.parent / page.WEEKS_FIGURE).getroot()
    words = {element.text for element in root.iter() if element.tag.endswith("text")}
    assert {"measured", "twin", "MW", "°C", "month of 2020"} <= words
    assert sum(element.tag.endswith("polyline") for element in root.iter()) == 4


def test_the_figure_is_there_with_axes_units_and_legend(text: str) -> None:
    assert f"]({page.FIGURE})" in text
    root = ElementTree.parse(PAGE.parent / page.FIGURE).getroot()
    words = {element.text for element in root.iter() if element.tag.endswith("text")}
    assert {"°C", "kW", "K", "Jan", "Dec", "EnergyPlus 25.2", "twin"} <= words
    assert sum(element.tag.endswith("polyline") for element in root.iter()) == 5
