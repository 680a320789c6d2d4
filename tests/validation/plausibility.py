"""Published fleets, surveys and sites (case V5) beside shipped sites that resemble them: plausibility only."""

from __future__ import annotations

from dataclasses import dataclass

from tests.engine.scenarios import shipped
from tests.validation.rows import Row, compared
from twin.engine.simulate import simulate
from twin.studies.kpis import kpis


@dataclass(frozen=True)
class Band:
    """What is published, and the shipped site that resembles it."""

    id: str
    site: str
    figure: str
    text: str
    low: float
    high: float
    source: str
    note: str


LBNL = "LBNL 2024 United States Data Center Energy Usage Report: medians and spread"
BANDS = (
    Band("google", "sites/hyperscale", "pue", "Google, campuses", 1.04, 1.14, "Google, PUE by campus, 2024-2025",
         "fleet 1.09"),
    Band("meta_microsoft", "sites/hyperscale", "pue", "Meta and Microsoft, fleets", 1.08, 1.17,
         "Meta 2022-2024; Microsoft 2024-2025", "1.08; 1.16 to 1.17; fleets of many climates"),
    Band("lbnl_hyperscale", "greensboro", "pue", "Hyperscale sites", 1.16, 1.28, LBNL, "median 1.22"),
    Band("lbnl_ai", "technologies/direct_to_chip", "pue", "AI sites with liquid cooling", 1.09, 1.19, LBNL,
         "median 1.14; ours holds a hall of air-cooled servers, too"),
    Band("lbnl_colocation", "sites/colocation", "pue", "Midsize and colocation sites", 1.55, 1.88, LBNL, "median 1.68"),
    Band("lbnl_small", "sites/server_room", "pue", "Small sites", 1.78, 2.12, LBNL, "median 1.91"),
    Band("uptime", "sites/colocation", "pue", "Average of the Uptime survey", 1.34, 1.74,
         "Uptime Institute, 2025: 1.54", "half-width of .2 assumed: the survey gives none"),
    Band("mghpcc_pue", "greensboro", "pue", "MGHPCC, Holyoke", 1.21, 1.37, "MGHPCC 2015-2016",
         "1.37, 1.29, best month 1.21; chilled water with economizer, a colder climate"),
    Band("mghpcc_wue", "greensboro", "wue_l_per_kwh", "MGHPCC, Holyoke, WUE by month", 1.3, 2.5, "MGHPCC 2015-2016",
         "ours over the year"),
    Band("supermuc", "technologies/frontier_power", "ppue_cooling", "SuperMUC-NG, partial PUE of cooling", 1.0, 1.07,
         "LRZ: cooling below .07 of IT", "warm water, no chillers for it"),
)  # fmt: skip


def plausibility() -> list[Row]:
    """One row per published band; its middle is the published value, half its width the tolerance."""
    found = {}
    for site in dict.fromkeys(band.site for band in BANDS):
        found[site] = {name: m["value"] for name, m in kpis(simulate(shipped(site))).items()}
    return [_row(band, float(found[band.site][band.figure])) for band in BANDS]


def _row(band: Band, ours: float) -> Row:
    unit = "L/kWh" if band.figure.startswith("wue") else ""
    middle, half = round((band.low + band.high) / 2, 6), round((band.high - band.low) / 2, 6)
    note = f"plausibility: {band.low:g} to {band.high:g} published; beside {band.site}; {band.note}"
    return compared("plausibility", band.id, band.text, unit, band.source, middle, ours, half, "abs", note)
