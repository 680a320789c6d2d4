"""The page ``docs/validation.md``, written from the rows of the file of results."""

from __future__ import annotations

from itertools import groupby

from tests.validation.archetypes import BESIDE
from tests.validation.rows import ASKED, FAIL, NOT_RUN, STATUSES, Row

# WUE published, by the authors' equations with windage off the blowdown, and uncredited; a test derives them.
POINTS = (
    "case 2 at 9 °C and 10 %: published 2.131, theirs 2.131, uncredited 2.330; "
    "case 2 at 35 °C and 40 %: 2.351, 2.351, 2.573; "
    "case 5 at 20 °C and 50 %: 2.937, 2.937, 3.279"
)
FIGURE = "img/reference_plant_chicago.svg"
WEEKS_FIGURE = "img/summit_weeks_2020.svg"
HEAD = """# How the twin was validated

Made by `make validation` from the results of the tests' own evaluations; do not edit it by hand. `make test` checks
that this page says what the stored results say, and evaluates the published checks anew.

PASS: the difference is within the stated tolerance. FAIL: it is not. NOT RUN: nothing was compared, for the
reason given. A relative difference is ours over the published value less one; a difference below a thousandth of its
tolerance is shown as 0.
"""
SECTIONS = {
    "checks": ("Published checks", "Single values from programs, standards and publications, each id once."),
    "ite": (
        "Servers: EnergyPlus's ITE object by month",
        "Inlet air and loading of the example in Denver, month by month.",
    ),
    "plant": (
        "Reference plant beside EnergyPlus: a year",
        "A chiller, a tower, two pumps and a constant load ([scenarios/reference_plant.yaml]"
        "(../scenarios/reference_plant.yaml)), run by `simulate` under the same weather, with the heat that "
        "EnergyPlus's evaporator carried. Sources: EnergyPlus 25.2 (pyenergyplus-lbnl 26.1.0); its answers stand in "
        "[energyplus_reference_plant.csv](../tests/reference/energyplus_reference_plant.csv).",
    ),
    "leaving_water": ("Reference plant beside EnergyPlus: hour by hour", "EnergyPlus is run beside the twin."),
    "loss": (
        "Loss of cooling",
        "Air handlers of a 500 kW hall stop ([scenarios/loss_of_cooling.yaml](../scenarios/loss_of_cooling.yaml)).",
    ),
    "frontier": (
        "Frontier",
        "Blades with rectifiers and converters of their own on a warm-water plant "
        "([scenarios/technologies/frontier_power.yaml](../scenarios/technologies/frontier_power.yaml)).",
    ),
    "archetypes": (
        "Archetypes of data centres",
        "The ten cases of Lei & Masanet ([scenarios/archetypes](../scenarios/archetypes)), all parameters at the "
        "middle of their ranges, fans sized for the air at the site's altitude. No value was fitted; where the "
        "published text and the authors' code differ (windage, some ranges) the code is followed, which was settled "
        "after eleven rows lay beside their bands. Bands: the published value is their middle, the tolerance half "
        "their width. Typical weather of each zone at hand; none for 6A. "
        "Water as the authors' code counts it: all heat is latent, and windage is taken off the blowdown, which is at "
        "least 0; a row of WUE also says what it would be with windage apart from all of the blowdown.",
    ),
    "windage": (
        "Archetypes: WUE with windage apart from blowdown",
        "The same years once more, with windage uncredited: evaporation / (cycles - 1) is blown down in full beside "
        "it. The authors' points in one weather show which of the two their figures hold. Their equations at the "
        f"middle of the ranges, windage taken off the blowdown against uncredited, L/kWh: {POINTS}.",
    ),
    "facilities": (
        "Measured facilities",
        "NREL ESIF ([scenarios/sites/esif.yaml](../scenarios/sites/esif.yaml)), a year with a thermosyphon before the "
        "towers and without it; Summit ([scenarios/sites/summit.yaml](../scenarios/sites/summit.yaml)), each week of "
        "2020 at its median wet bulb and power. Measured weeks: "
        "[summit_weeks_2020.csv](../tests/reference/summit_weeks_2020.csv).",
    ),
    "plausibility": (
        "Published fleets and surveys: plausibility only",
        "Shipped sites that resemble what operators and surveys publish, beside the published bands. They were not "
        "built from those sites' figures; agreement says that usual figures lead to usual results, no more.",
    ),
    "steps": (
        "Size of the step",
        "The same site at 1 h, 15 min and 5 min; the 5-minute run is the published value here.",
    ),
    "ledgers": ("Ledgers", "What electricity, air and water miss over the year, from the stores' own temperatures."),
    "tables": (
        "Reference tables of the physics",
        "All rows of the tables that the tests of the physics read, the published checks among them.",
    ),
    "cases": (
        "Further validation cases",
        "What is not run says what it needs. V9 is the list of published checks, V11 stands in checks_batteries.csv.",
    ),
}
PLANT_QUANTITIES = ("chiller", "plant", "water")
COLUMNS = ("id", "quantity", "source", "published", "ours", "difference", "tolerance", "status")


def page(rows: list[Row]) -> str:
    """The whole page."""
    parts = [HEAD, _counts(rows), _widened(rows)]
    for section, (title, text) in SECTIONS.items():
        of_section = [row for row in rows if row.section == section]
        table = _plant(of_section) if section == "plant" else _table(of_section)
        parts.append(f"## {title}\n\n{text}\n\n{table}")
        if section == "facilities":
            parts.append(f"![Summit's weekly PUE of 2020, measured and simulated]({WEEKS_FIGURE})\n")
        if section == "leaving_water":
            parts.append(
                f"![Tower water and chiller power over a year in Chicago, the twin beside EnergyPlus]({FIGURE})\n"
            )
    return "\n".join(parts)


def counts(rows: list[Row]) -> dict[str, int]:
    """Rows by status."""
    return {status: sum(row.status == status for row in rows) for status in STATUSES}


def _counts(rows: list[Row]) -> str:
    lines: list[tuple[str, ...]] = [("section", *STATUSES, "rows")]
    for section, (title, _) in SECTIONS.items():
        found = [row for row in rows if row.section == section]
        lines.append((title, *(str(n) for n in counts(found).values()), str(len(found))))
    lines.append(("**all**", *(f"**{n}**" for n in counts(rows).values()), f"**{len(rows)}**"))
    return "## Counts\n\n" + _markdown(lines, right=range(1, 5))


def _widened(rows: list[Row]) -> str:
    """Rows that pass at a tolerance wider than was asked for say so at the top, not only in their place."""
    wide = sorted((row for row in rows if row.section == "plant" and row.note), key=lambda row: row.note)
    lines = []
    for note, group in groupby(wide, key=lambda row: row.note):
        members = list(group)
        asked, found = _asked(members[0]), [abs(float(row.difference)) for row in members]
        lines.append(
            f"* {members[0].quantity.capitalize()} energy of the reference plant, rows: {len(members)}. "
            f"Asked {100 * asked:g} %, stated {100 * float(members[0].tolerance):g} %. Beyond what was asked: "
            f"{sum(f > asked for f in found)}, at most {100 * max(found):.2f} %. {note}."
        )
    return "Tolerances that are wider than asked:\n\n" + "\n".join(lines) + "\n" + _beside(rows)


def _beside(rows: list[Row]) -> str:
    code = "Ranges and windage are those of the authors' code, which was read after eleven rows lay beside their bands."
    apart = "Their code takes it off the blowdown."
    return "".join(
        (
            _failing(rows, "archetypes", "figures of archetypes lie", code),
            _failing(rows, "windage", "figures of their WUE with windage apart from blowdown lie", apart),
        )
    )


def _failing(rows: list[Row], section: str, what: str, why: str) -> str:
    held = [row for row in rows if row.section == section and row.id.startswith(("pue_", "wue_"))]
    found = [row for row in held if BESIDE in row.note]
    if not found:
        return ""
    furthest = max(float(row.note.split(" by ")[1].split(":")[0]) / float(row.published) for row in found)
    return (
        f"\nFAIL: {len(found)} of {len(held)} {what} {BESIDE}, at most {100 * furthest:.1f} % of its middle beyond its "
        f"end. Each row states why. {why}\n"
    )


def _asked(row: Row) -> float:
    _, tower, *_, quantity = row.id.split("|")
    return ASKED[tower][PLANT_QUANTITIES.index(quantity)]


def _markdown(lines: list[tuple[str, ...]], right: range = range(0)) -> str:
    rule = ["---:" if i in right else "---" for i in range(len(lines[0]))]
    cells = [lines[0], tuple(rule), *lines[1:]]
    return "\n".join("| " + " | ".join(cell.replace("|", "·") for cell in line) + " |" for line in cells) + "\n"


def _table(rows: list[Row]) -> str:
    lines: list[tuple[str, ...]] = [COLUMNS]
    for row in rows:
        status = f"{row.status}: {row.note}" if row.note else row.status
        lines.append(
            (
                f"`{row.id}`",
                row.quantity,
                row.source,
                _value(row.published, row.unit),
                _value(row.ours, row.unit),
                _difference(row),
                _tolerance(row),
                status,
            )
        )
    return _markdown(lines, right=range(3, 7))


def _plant(rows: list[Row]) -> str:
    """Largest differences by tower, then the three rows of a case side by side, by weather."""
    lines = [
        (
            "weather",
            "tower",
            "EnergyPlus's limits",
            "load",
            "chilled water",
            *(f"{q}: EnergyPlus, ours, difference (at most)" for q in ("chiller MWh", "plant MWh", "water m³")),
            "status",
        )
    ]
    for case, group in groupby(rows, key=lambda row: row.id.rpartition("|")[0]):
        members = list(group)
        worst = FAIL if any(row.status == FAIL for row in members) else members[0].status
        lines.append((*case.split("|"), *map(_side_by_side, members), worst))
    legend = "`*`: wider than asked, see the top of the page.\n"
    return "\n".join((_largest(rows), _markdown(lines, right=range(5, 8)), legend))


def _largest(rows: list[Row]) -> str:
    by_kind: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        _, tower, limits, *_ = row.id.split("|")
        by_kind.setdefault((tower, limits), []).append(row)
    lines = [("tower", "EnergyPlus's limits", "runs", *(f"{q}: differences from, to" for q in PLANT_QUANTITIES))]
    for kind, members in by_kind.items():
        found = [[float(r.difference) for r in members if r.quantity == q] for q in PLANT_QUANTITIES]
        lines.append((*kind, str(len(found[0])), *(f"{100 * min(d):+.3f} %, {100 * max(d):+.3f} %" for d in found)))
    return _markdown(lines, right=range(2, 6))


def _side_by_side(row: Row) -> str:
    scale, digits = (1e-3, 2) if row.unit == "kWh" else (1.0, 1)
    theirs, ours = (f"{float(text) * scale:.{digits}f}" for text in (row.published, row.ours))
    mark = "*" if row.note else ""
    return f"{theirs}, {ours}, {100 * float(row.difference):+.3f} % ({100 * float(row.tolerance):g} %{mark})"


def _value(text: str, unit: str) -> str:
    try:
        value = float(text)
    except ValueError:
        return text
    shown = f"{value:.1f}".removesuffix(".0") if abs(value) >= 1e5 else f"{value:.6g}"
    return f"{shown} {unit}" if unit not in ("", "1") else shown


def _difference(row: Row) -> str:
    if row.status == NOT_RUN:
        return ""
    value = float(row.difference)
    if value == 0.0:
        return "0"
    unit = row.unit if row.unit != "1" else ""
    return f"{100 * value:+.2g} %" if row.kind == "rel" else f"{value:+.3g} {unit}".rstrip()


def _tolerance(row: Row) -> str:
    if row.status == NOT_RUN:
        return ""
    value = float(row.tolerance)
    return f"{100 * value:g} %" if row.kind == "rel" else _value(row.tolerance, row.unit)
