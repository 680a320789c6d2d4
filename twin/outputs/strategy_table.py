"""What strategies gain beside what they cost the work and the racks: rows of figures with their changes, for a page."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import pandas as pd

from twin.outputs.headline import Headline
from twin.outputs.numbers import figure
from twin.studies.planning.comparison import Comparison

SAME = 5e-4  # relative change below which a figure is called the same
ROUNDING = 1e-6  # of the work done: what is left or late below it is none
NONE = "none"
SPLIT = " class='tw-split'"
WHERE_ANY = ("water_m3", "late_cost")
MORE_IS_BETTER = ("work_per_kwh_ratio",)
MEANINGS = {
    "none": "all work as it comes", "capping": "GPUs capped while power is dear",
    "threshold": "work that may wait in the cheapest hours of its slack", "optimal": "planned, all known ahead",
    "MPC": "planned day by day with forecasts", "battery": "a battery at the meter, work as it comes",
    "generator": "generators where their fuel is cheaper, work as it comes",
    "all together": "capped, planned, with the battery and with generators that have a price of fuel",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A figure of the table: its column in the comparison, heading, unit (empty for money) and meaning."""

    name: str
    label: str
    unit: str
    tip: str


GAINS = (
    Line("cost", "Cost", "", "Bill, fuel, wear and the price of delay, less what export earns; what is left at the end "
         "at the run's mean price"),
    Line("emissions_kgco2", "Carbon", "kgCO2e", "Emissions of the import, with what is left at the end"),
    Line("peak_kw", "Peak", "kW", "Highest import"),
    Line("water_m3", "Water", "m3", "Make-up water"),
    Line("work_per_kwh_ratio", "Work per energy", "kWh/kWh", "Work done, by the energy that its devices usually take "
         "for it, over the energy imported; more is better"),
)  # fmt: skip
LOSSES = (
    Line("delay_h", "Mean delay", "h", "How long a unit of work waits"),
    Line("late_kwh", "Missed deadline", "kWh", "Work that was not done by its deadline"),
    Line("late_cost", "Price of delay", "", "What waiting beyond deadlines costs, by late_per_kwh_h; in the cost, too"),
    Line("rest_kwh", "Left at the end", "kWh", "Work that still waits when the run ends"),
    Line("hours_above_recommended_h", "Inlets too warm", "h", "Hours of the worst rack group above what its class "
         "recommends"),
    Line("inlet_max_c", "Warmest inlet", "degC", "Warmest air that a rack drew in"),
)  # fmt: skip


def best_of(comparison: Comparison) -> str:
    """The strategy that gains most."""
    return str(comparison.figures["gain_frac"].drop(NONE).idxmax())


def cells(comparison: Comparison, way: str) -> list[Headline]:
    """Figures of a strategy with their changes against the work as submitted: gains, then losses."""
    return [_cell(comparison, way, line) for line in lines(comparison)]


def lines(comparison: Comparison) -> list[Line]:
    """What the table tells: water and a price of delay only where there are any."""
    return [line for line in (*GAINS, *LOSSES)
            if line.name not in WHERE_ANY or comparison.figures[line.name].any()]  # fmt: skip


def table_html(comparison: Comparison) -> str:
    """A row for each strategy, gains beside losses, each figure with its change below it, by arrow and by colour."""
    told = lines(comparison)
    gains = sum(line in GAINS for line in told)
    heads = "".join(f'<th{SPLIT * (at == gains)} title="{escape(line.tip)}">{escape(line.label)}</th>'
                    for at, line in enumerate(told))  # fmt: skip
    rows = "".join(_row(comparison, str(way), gains) for way in comparison.figures.index)
    return (
        f'<table class="tw-ways"><thead><tr><th></th><th colspan="{gains}">Gains</th>'
        f'<th{SPLIT} colspan="{len(told) - gains}">Losses</th></tr><tr><th></th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _row(comparison: Comparison, way: str, gains: int) -> str:
    parts = []
    for at, one in enumerate(cells(comparison, way)):
        mood = "" if one.same else " class='tw-worse'" if one.worse else " class='tw-better'"
        parts.append(f"<td{SPLIT * (at == gains)}>{escape(one.value)} <span class='tw-unit'>{escape(one.unit)}</span>"
                     f"<br><small{mood}>{escape(one.change) or '&nbsp;'}</small></td>")  # fmt: skip
    return f'<tr><th title="{escape(MEANINGS.get(way, ""))}">{escape(way)}</th>{"".join(parts)}</tr>'


def _cell(comparison: Comparison, way: str, line: Line) -> Headline:
    table, unit = comparison.figures, line.unit or comparison.currency
    value, before = _value(table, way, line.name), _value(table, NONE, line.name)
    number, spelled = figure(value, unit)
    change = value - before
    same = way == NONE or abs(change) <= SAME * max(abs(before), 1e-9)
    text = "" if way == NONE else "=" if same else _arrowed(change, before, unit)
    worse = not same and (change < 0) == (line.name in MORE_IS_BETTER)
    return Headline(line.name, line.label, number, spelled, line.tip, "", text, worse, same)


def _value(table: pd.DataFrame, way: str, name: str) -> float:
    value = float(table[name][way])
    return 0.0 if name in ("rest_kwh", "late_kwh") and value < ROUNDING * float(table["work_kwh"].max()) else value


def _arrowed(change: float, before: float, unit: str) -> str:
    """A change in percent; in its unit where it is of a time or temperature, or against nothing."""
    arrow, sign = ("↑", "+") if change > 0 else ("↓", "−")
    if unit in ("h", "degC") or abs(before) < 1e-9:
        return f"{arrow} {sign}{' '.join(figure(abs(change), unit))}".rstrip()
    return f"{arrow} {sign}{100.0 * abs(change / before):.1f} %"
