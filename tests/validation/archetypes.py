"""The archetypes of Lei & Masanet (case V4): PUE and WUE beside their bands, medians and points, and the orders."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from tests.reference.archetypes import (
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
THEIRS, APART = "wue_on_their_heat_l_per_kwh", "wue_windage_apart_l_per_kwh"
PUE_NEAR, WUE_NEAR = 0.05, 0.10  # agreement asked of medians
POINT_NEAR = 0.05  # L/kWh of their points for one weather: at most the condenser water differs
TARGETS = (  # case, dry bulb degC, relative humidity %, PUE, WUE: the authors' midpoints in one weather at sea level
    (2, 9, 10, 1.13437, 2.1306), (2, 35, 40, 1.23325, 2.35091), (5, 20, 50, 1.65683, 2.93736),
)  # fmt: skip
# Pairs of technologies in the other order: case 8 lies above the middle of its band by .09, because the fans' heat is
# in the water and towers miss their approach in the cold. All are inside their bands.
OTHER_ORDER = {("2A", 7, 8), ("3B", 7, 8)}


def archetypes() -> list[Row]:
    """All rows, the bands first."""
    return [*_bands(), *_targets(), *_medians(), *_orders()]


def _bands() -> Iterator[Row]:
    for case in files():
        for site, zone in SITES.items():
            for quantity in QUANTITIES if case in WITH_WATER else ("pue",):
                yield _in_band(quantity, case, site, bands()[quantity, case, zone])


def _in_band(quantity: str, case: int, site: str, band: Band) -> Row:
    """The published value is the middle of the band, the tolerance half its width; the reason where one is known."""
    ours, (word, unit) = year(case, site)[quantity], QUANTITIES[quantity]
    known = beside().get((quantity, case, site))
    half, note = (band.high - band.low) / 2, ""
    if known:
        beyond = max(ours - band.high, band.low - ours)
        note = f"{BESIDE} ({band.low:g} to {band.high:g}) by {beyond:.3f}: {known['reason']}"
    elif quantity != "pue":
        apart = year(case, site)[APART]
        note = f"with windage apart from blowdown {apart:.2f}{'' if band.holds(apart) else ', above the band'}"
    place = site.removeprefix("pvlib:").removesuffix(".CSV")
    return compared(
        "archetypes", f"{quantity}_{case}_{place}", f"{word} of case {case}, {place}", unit,
        SOURCE.format(zone=SITES[site]), round(band.middle, 6), ours, round(half, 6), "abs", note,
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
