"""Command line: ``python -m tests.validation --write`` runs every case and writes results, figure and page."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.validation import archetypes, checks, frontier, page, plant, plausibility, site, summit, tables
from tests.validation.capping import capping
from tests.validation.esif import esif
from tests.validation.figure import GREY, Curve, Panel, figure
from tests.validation.rows import FAIL, RESULTS, Row, not_run, store

DOCS = Path(__file__).parents[2] / "docs"
TOWERS, CHILLERS = "#8CCFC5", "#009E73"  # the colours that these parts have on every screen
COURSES = [(site, tower) for tower in plant.LEAVING_WATER_K for site in plant.CLIMATES]
THEIRS = "EnergyPlus 25.2"


def absent() -> list[Row]:
    """Validation cases that cannot be run, each with its reason."""
    return [
        not_run("cases", row["id"], row["quantity"], row["source"], row["reason"], row["published"])
        for row in tables.read("validation_not_run.csv")
    ]


def everything(courses: list[plant.Course], weeks: list[Row]) -> list[Row]:
    """All rows of the page; ``weeks`` are those of Summit."""
    found = tables.evaluated()
    steps, ledgers = site.steps_and_ledgers()
    return [
        *checks.checks(found),
        *tables.months_of_ite(found),
        *plant.annual(),
        *plant.leaving_water(courses),
        *site.loss_of_cooling(),
        *frontier.frontier(),
        *archetypes.archetypes(),
        *esif(),
        *weeks,
        *plausibility.plausibility(),
        *steps,
        *ledgers,
        *tables.summaries(found),
        *capping(),
        *absent(),
    ]


def by_day(hourly: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means of 24 hours."""
    return hourly.reshape(-1, 24).mean(axis=1)


def drawing(course: plant.Course) -> str:
    """Tower water, chiller power and the difference of the first, over a year."""
    (water, their_water), (power, their_power) = (
        [by_day(x) for x in pair] for pair in (course.leaving_c, course.chiller_kw)
    )
    limit = plant.LEAVING_WATER_K[course.tower]
    panels = (
        Panel(
            "Water leaving the tower, daily means",
            "°C",
            (Curve(THEIRS, their_water, GREY, 4.0), Curve("twin", water, TOWERS, 1.6)),
            (16, 20, 24, 28, 32),
        ),
        Panel(
            "Chiller power, daily means",
            "kW",
            (Curve(THEIRS, their_power, GREY, 4.0), Curve("twin", power, CHILLERS, 1.6)),
            (110, 125, 140, 155, 170),
        ),
        Panel(
            "Difference of the leaving water, twin less EnergyPlus, daily means",
            "K",
            (Curve("difference", water - their_water, TOWERS),),
            (-0.1, -0.05, 0, 0.05, 0.1),
            (-limit, limit),
            "limit of the RMS over hours",
        ),
    )
    return figure(f"Reference plant in {course.site}, YorkCalc tower: the twin beside EnergyPlus", panels)


def weeks_drawing(measured: summit.Weeks, pue: NDArray[np.float64]) -> str:
    """Summit's PUE, wet bulb and power over 2020; straight lines between the odd weeks that are known."""
    days = 7.0 * measured.week - 3.5

    def daily(weekly: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.interp(np.arange(365) + 0.5, days, weekly)

    panels = (
        Panel(
            "Weekly PUE (week 5: free cooling out of service)",
            "",
            (Curve("measured", daily(measured.pue), GREY, 4.0), Curve("twin", daily(pue), CHILLERS, 1.6)),
            (1.0, 1.1, 1.2, 1.3),
        ),
        Panel(
            "Wet bulb, weekly medians", "°C", (Curve("wet bulb", daily(measured.wet_bulb_c), TOWERS),), (0, 8, 16, 24)
        ),
        Panel("IT power, weekly medians", "MW", (Curve("power", daily(measured.power_mw), GREY),), (4.5, 5, 5.5, 6)),
    )
    return figure("Summit in 2020: plant over IT, measured and simulated", panels, "month of 2020")


def write(rows: list[Row], courses: list[plant.Course], weeks: str) -> None:
    """Write results, figures and page."""
    store(rows)
    shown = next(c for c in courses if (c.site, c.tower) == (plant.SHOWN, "yorkcalc"))
    (DOCS / "img").mkdir(parents=True, exist_ok=True)
    (DOCS / page.FIGURE).write_text(drawing(shown), encoding="utf-8")
    (DOCS / page.WEEKS_FIGURE).write_text(weeks, encoding="utf-8")
    (DOCS / "validation.md").write_text(page.page(rows), encoding="utf-8")


def main() -> int:
    """Exit code 1 where a row fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.validation", description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true", help=f"write docs/validation.md, its figure and {RESULTS.name}")
    given = parser.parse_args()
    start = time.monotonic()
    courses = plant.courses(COURSES)
    of_summit, measured, simulated = summit.summit()
    rows = everything(courses, of_summit)
    if given.write:
        write(rows, courses, weeks_drawing(measured, simulated))
    for row in rows:
        if row.status == FAIL:
            print(f"FAIL {row.section} {row.id}: {row.ours}, not {row.published} ± {row.tolerance} {row.kind}")
    print(page.counts(rows), f"{time.monotonic() - start:.0f} s")
    return int(page.counts(rows)[FAIL] > 0)


if __name__ == "__main__":
    raise SystemExit(main())
