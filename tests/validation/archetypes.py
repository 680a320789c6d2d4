"""The archetypes of Lei & Masanet (case V4): PUE and WUE beside their bands, medians and points, and the orders."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from tests.reference.archetypes import (
    APART,
    MEDIANS,
    SITES,
    TYPICAL,
    WITH_WATER,
    Band,
    bands,
    beside,
    files,
    rows,
    steady,
    year,
)
from tests.validation.rows import Row, compared

SOURCE = "Lei & Masanet 2022, 5th to 95th percentile of zone {zone}"
QUANTITIES = {"pue": ("PUE", ""), "wue_l_per_kwh": ("WUE", "L/kWh")}
BESIDE = "beside the published band"
THEIRS = "wue_on_their_heat_l_per_kwh"
PUE_NEAR, WUE_NEAR = 0.05, 0.10  # agreement asked of medians
POINT_NEAR = 0.05  # L/kWh of their points for one weather: at most the condenser water differs
TARGETS = (  # case, dry bulb degC, relative humidity %, PUE, WUE: the authors' midpoints in one weather at sea level
    (2, 9, 10, 1.13437, 2.1306), (2, 35, 40, 1.23325, 2.35091), (5, 20, 50, 1.65683, 2.93736),
)  # fmt: skip
# Pairs of technologies in the other order: case 8 lies above the middle of its band by .09, because the fans' heat is
# in the water and towers miss their approach in the cold. All are inside their bands.
OTHER_ORDER = {("2A", 7, 8), ("3B", 7, 8)}


def archetypes() -> list[Row]:
    """All rows, the bands first; those with windage apart from blowdown in a section of their own at the end."""
    return [*_bands(), *_targets(), *_medians(), *_orders(), *_windage_apart()]


def _bands() -> Iterator[Row]:
    for case in files():
        for site, zone in SITES.items():
            for quantity in QUANTITIES if case in WITH_WATER else ("pue",):
                yield _in_band(quantity, case, site, bands()[quantity, case, zone])


def _in_band(quantity: str, case: int, site: str, band: Band) -> Row:
    """The published value is the middle of the band, the tolerance half its width; the reason where one is known."""
    ours, (word, unit) = year(case, site)[quantity], QUANTITIES[quantity]
    known = beside().get((quantity, case, site))
    note = ""
    if known:
        note = _beside(band, ours, known["reason"])
    elif quantity != "pue":
        apart = year(case, site)[APART]
        note = f"with windage apart from blowdown {apart:.2f}{'' if band.holds(apart) else ', above the band'}"
    at = place(site)
    return compared(
        "archetypes", f"{quantity}_{case}_{at}", f"{word} of case {case}, {at}", unit,
        SOURCE.format(zone=SITES[site]), round(band.middle, 6), ours, round(band.half, 6), "abs", note,
    )  # fmt: skip


def place(site: str) -> str:
    """Its name in rows."""
    return site.removeprefix("pvlib:").removesuffix(".CSV")


def _beside(band: Band, ours: float, reason: str) -> str:
    beyond = max(ours - band.high, band.low - ours)
    return f"{BESIDE} ({band.low:g} to {band.high:g}) by {beyond:.3f}: {reason}"


def _windage_apart() -> Iterator[Row]:
    """The same years with the whole of evaporation / (cycles - 1) blown down beside the windage."""
    for case, site in itertools.product(WITH_WATER, SITES):
        band, ours = bands()["wue_l_per_kwh", case, SITES[site]], year(case, site)[APART]
        known = beside().get((APART, case, site))
        at = place(site)
        yield compared(
            "windage", f"{APART}_{case}_{at}", f"WUE of case {case}, {at}, windage apart from blowdown", "L/kWh",
            SOURCE.format(zone=SITES[site]), round(band.middle, 6), ours, round(band.half, 6), "abs",
            _beside(band, ours, known["reason"]) if known else "",
        )  # fmt: skip


def _targets() -> Iterator[Row]:
    source = "Lei & Masanet's method at midpoints, sea level"
    for case, dry_bulb_c, humidity_pct, pue, wue in TARGETS:
        found = steady(case, dry_bulb_c, humidity_pct)
        name, where = f"{case}_{dry_bulb_c}_{humidity_pct}", f"case {case} at {dry_bulb_c} °C, {humidity_pct} %"
        yield compared("archetypes", f"point_pue_{name}", f"PUE of {where}", "", source, pue, found["pue"], PUE_NEAR,
                       "abs")  # fmt: skip
        yield compared("archetypes", f"point_wue_{name}", f"WUE of {where}, on the heat that they count", "L/kWh",
                       source, wue, found[THEIRS], POINT_NEAR, "abs",
                       f"on all heat {found['wue_l_per_kwh']:.3f} L/kWh")  # fmt: skip


def _medians() -> Iterator[Row]:
    for row in rows(MEDIANS):
        case, zone = int(row["case"]), row["climate_zone"]
        site, found = TYPICAL[zone], year(case, TYPICAL[zone])
        source = f"Lei & Masanet 2025, median of zone {zone}"
        yield compared("archetypes", f"median_pue_{case}_{site}", f"PUE of case {case}, {site}", "", source,
                       float(row["pue_p50"]), found["pue"], PUE_NEAR, "abs")  # fmt: skip
        if case in WITH_WATER:
            what = f"WUE of case {case}, {site}, on the heat that they count"
            yield compared("archetypes", f"median_wue_{case}_{site}", what, "L/kWh", source, float(row["wue_p50"]),
                           found[THEIRS], WUE_NEAR, "abs")  # fmt: skip


def technology_pairs(zone: str) -> Iterator[tuple[int, int, float, float]]:
    """Two cases whose bands' middles lie apart, by how much, and by how much ours do, in the zone's typical city."""
    for one, other in itertools.combinations(files(), 2):
        published = bands()["pue", one, zone].middle - bands()["pue", other, zone].middle
        if abs(published) > PUE_NEAR:
            yield one, other, published, year(one, TYPICAL[zone])["pue"] - year(other, TYPICAL[zone])["pue"]


def climate_pairs(case: int) -> Iterator[tuple[str, str, float, float]]:
    """The same of two zones for one case."""
    for one, other in itertools.combinations(TYPICAL, 2):
        published = bands()["pue", case, one].middle - bands()["pue", case, other].middle
        if abs(published) > PUE_NEAR:
            yield one, other, published, year(case, TYPICAL[one])["pue"] - year(case, TYPICAL[other])["pue"]


def _orders() -> Iterator[Row]:
    for zone in TYPICAL:
        pairs = list(technology_pairs(zone))
        agree = sum(published * ours > 0 for _, _, published, ours in pairs)
        other = [f"{one} and {two}" for z, one, two in sorted(OTHER_ORDER) if z == zone]
        note = f"in the other order, both inside their bands: {', '.join(other)}" if other else ""
        yield compared("archetypes", f"order_{zone}", f"Pairs of technologies in the published order, {TYPICAL[zone]}",
                       "1", SOURCE.format(zone=zone), len(pairs), agree, float(len(other)), "abs", note)  # fmt: skip
    pairs = [pair for case in files() for pair in climate_pairs(case)]
    agree = sum(published * ours > 0 for _, _, published, ours in pairs)
    yield compared("archetypes", "order_climates", "Pairs of climates in the published order, all cases", "1",
                   SOURCE.format(zone="s 2A, 3B, 4A, 5A, 5B"), len(pairs), agree, 0.0, "abs")  # fmt: skip
