"""The headline row: key figures with unit, meaning, basis, band and difference to a baseline, ready for a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twin.outputs.numbers import figure, share
from twin.studies.benchmarks import Benchmark
from twin.studies.compare import Row, every_row
from twin.studies.sums import Metric

LABELS = {  # key figure -> short label, in the order of the row
    "pue": "PUE", "wue_l_per_kwh": "WUE", "cue_kgco2_per_kwh": "CUE", "facility_energy_kwh": "Energy",
    "total_cost": "Bill", "emissions_kgco2": "Carbon", "water_use_m3": "Water", "peak_grid_kw": "Peak",
    "max_rack_inlet_c": "Warmest inlet",
}  # fmt: skip
MEANINGS = {
    "pue": "Energy of the whole facility for each unit that IT takes; 1 would be no overhead.",
    "wue_l_per_kwh": "Water withdrawn on site for each kWh of IT.",
    "cue_kgco2_per_kwh": "Emissions of the facility's electricity for each kWh of IT.",
    "facility_energy_kwh": "Electricity bought over the run.",
    "total_cost": "What the electricity costs over the run.",
    "emissions_kgco2": "Emissions of the electricity bought.",
    "water_use_m3": "Water taken by towers and humidifiers.",
    "peak_grid_kw": "Highest power drawn from the grid.",
    "max_rack_inlet_c": "Warmest air that any rack drew in.",
}
WORK = {"served": "done", "work_per_kwh": "per kWh", "missed_frac": "missed"}  # of each class of work
SUMS = ("facility_energy_kwh", "total_cost", "emissions_kgco2", "water_use_m3", ".served")  # over the run
MOST_CLASSES = 3
SAME = 5e-5  # relative difference below which figures on the screen are called the same
SHORT = {"kg CO2e/kWh": "kg/kWh"}  # on the row; the basis says of what


@dataclass(frozen=True)
class Headline:
    """One figure of the row; ``change`` has its arrow, ``worse`` and ``same`` say how to read it."""

    name: str
    label: str
    value: str
    unit: str
    tip: str
    band: str
    change: str
    worse: bool
    same: bool


def headlines(
    metrics: Mapping[str, Metric],
    bands: Mapping[str, Benchmark],
    base: Mapping[str, Metric] | None = None,
    same_period: bool = True,
) -> list[Headline]:
    """The row of a run, with differences to ``base`` where there is one; of sums only over the same period."""
    rows = {row.name: row for row in every_row([base if base is not None else metrics, metrics])}
    work = [name for name in metrics if name.startswith("workloads.") and name.rpartition(".")[2] in WORK]
    names = [name for name in LABELS if name in metrics] + work[: MOST_CLASSES * len(WORK)]
    compared = {name for name in names if base is not None and (same_period or not name.endswith(SUMS))}
    return [_headline(name, metrics[name], rows.get(name), bands.get(name), name in compared) for name in names]


def _headline(name: str, metric: Metric, row: Row | None, band: Benchmark | None, compared: bool) -> Headline:
    value, unit = share(metric["value"]).split() if name.endswith("_frac") else figure(metric["value"], metric["unit"])
    tip = f"{metric['long_name']}. {MEANINGS.get(name, '')} Basis: {metric['basis']}."
    unit = SHORT.get(unit, unit).replace("device hours", "device h")
    said = f"band {band.low:.2f}–{band.high:.2f}: {band.says(metric['value'])}" if band else ""
    text = change_text(row, 1) if compared and row else ""
    worse = bool(row and row.worse(1))
    same = not text or text.startswith("=") or not row or row.better == "neither"
    label = LABELS.get(name) or f"{name.split('.')[1]}: {WORK[name.rpartition('.')[2]]}"
    return Headline(name, label, value, unit, tip + (f" Band: {band.note}." if band else ""), said, text, worse, same)


def change_text(row: Row, at: int) -> str:
    """Difference to the first with an arrow: percent, points where the figure is a share, else in its unit.

    >>> change_text(Row("pue", "PUE", "1", (1.4, 1.33), "less"), 1)
    '↓ −5.0 %'
    """
    change, first = row.change(at), row.values[0]
    if change is None or first is None:
        return ""
    if abs(change) <= SAME * max(abs(first), 1e-9):
        return "= baseline"
    arrow = "↑" if change > 0 else "↓"
    if row.name.endswith("_frac"):
        text = f"{100.0 * change:+.2f} pts"
    elif row.unit in ("degC", "K") or not first:
        text = " ".join(figure(change, row.unit)) if change < 0 else "+" + " ".join(figure(change, row.unit))
    else:
        percent = 100.0 * change / abs(first)
        text = f"{percent:+.1f} %" if abs(percent) >= 0.05 else f"{percent:+.2g} %"
    if not any(digit in text for digit in "123456789"):
        return "= baseline"
    return f"{arrow} {text.strip()}".replace("-", "−")


def difference_table(metrics: Mapping[str, Metric], base: Mapping[str, Metric]) -> list[dict[str, str]]:
    """Every figure with its difference, as texts for a table: figure, value, unit, baseline, difference, note."""
    return [_cells(row) for row in every_row([base, metrics]) if any(row.values) or row.name == "pue"]


def _cells(row: Row) -> dict[str, str]:
    scale = max((abs(value) for value in row.values if value is not None), default=0.0)
    unit = figure(scale, row.unit)[1]
    texts = [_in_unit(value, row.unit, unit) for value in row.values]
    owner, change = f"{row.name.split('.')[1]}: " if "." in row.name else "", change_text(row, 1)
    return {"Figure": owner + row.label, "Now": texts[1], "Unit": unit, "Baseline": texts[0],
            "Difference": change, "Note": "worse" if row.worse(1) and not change.startswith("=") else ""}  # fmt: skip


def _in_unit(value: float | None, unit: str, wanted: str) -> str:
    text, found = figure(value, unit)
    return text if found == wanted or value is None else f"{text} {found}"


def told(warnings: Sequence[str], metrics: Mapping[str, Metric]) -> list[str]:
    """Cautions of a run in sentences: figures that should be zero, then the run's own warnings."""
    from twin.outputs.summary import warnings_of

    return [sentence(text) for text in warnings_of({"metrics": metrics, "warnings": list(warnings)})]


def sentence(text: str) -> str:
    """A caution as a sentence; one that begins with a path keeps its first letter."""
    path = any(mark in text.partition(" ")[0] for mark in "._")
    return f"{text if path else text[:1].upper() + text[1:]}{'' if text.endswith('.') else '.'}"
