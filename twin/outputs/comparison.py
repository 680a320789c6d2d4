"""A comparison on the screen and as files: each figure with its difference to the first scenario, losses marked."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twin.outputs.files import metrics_text, write_whole
from twin.outputs.numbers import figure, share
from twin.outputs.palette import COLOURS
from twin.studies.compare import Comparison, Row

SCHEMA_VERSION = 1  # of comparison.json
GAP = 2  # spaces between columns
NAME, NUMBER = 12, 12  # widest name of a scenario before it is folded, and widest number
SHORT = {"million tokens": "M tokens", "device hours": "device h"}  # on the screen only
MARK = "!"


def print_comparison(comparison: Comparison, paths: Sequence[Path] = (), console: Console | None = None) -> None:
    """Print the figures in tables as wide as the screen; the first scenario stands in each."""
    screen = console or Console(highlight=False)
    for page in _pages(comparison, screen.width):
        screen.print(_table(comparison, page))
        screen.print()
    screen.print(Text(f"differences are to {_name(comparison, 0)}; {MARK}: worse than there", style="dim"))
    for text in _losses(comparison):
        screen.print(text)
    for warning in comparison.warnings:
        screen.print(Text.assemble((f"{MARK} ", f"bold {COLOURS['limit']}"), warning))
    for path in paths:
        screen.print(f"wrote {path}", soft_wrap=True, markup=False)


def comparison_document(comparison: Comparison) -> dict[str, Any]:
    """What ``comparison.json`` holds: names, and of every figure its values, differences, and where it is worse."""
    places = range(len(comparison.names))
    return {
        "schema_version": SCHEMA_VERSION,
        "axis": comparison.axis,
        "scenarios": list(comparison.names),
        "figures": {
            row.name: {
                "long_name": row.label,
                "unit": row.unit,
                "better": row.better,
                "values": list(row.values),
                "differences": [row.change(at) for at in places],
                "worse": [row.worse(at) for at in places],
            }
            for row in comparison.rows
        },
        "warnings": list(comparison.warnings),
    }


def comparison_csv(comparison: Comparison) -> str:
    """A line for each scenario, a column for each figure with its unit in the second line's place: ``name [unit]``."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([comparison.axis, *(f"{row.name} [{row.unit}]" for row in comparison.rows)])
    for at, name in enumerate(comparison.names):
        values = (row.values[at] for row in comparison.rows)
        writer.writerow([name, *("" if value is None else repr(float(value)) for value in values)])
    return text.getvalue()


def write_comparison(folder: Path, comparison: Comparison) -> list[Path]:
    """Write ``comparison.csv`` and ``comparison.json`` into a folder that is there; returns their paths."""
    write_whole(folder / "comparison.csv", comparison_csv(comparison).encode())
    write_whole(folder / "comparison.json", metrics_text(comparison_document(comparison)).encode())
    return [folder / "comparison.csv", folder / "comparison.json"]


def _name(comparison: Comparison, at: int) -> str:
    name = comparison.names[at]
    return name if comparison.axis == "scenario" else f"{comparison.axis} = {name}"


def _pages(comparison: Comparison, width: int) -> Iterator[list[int]]:
    """Places of the scenarios of each table, the first in all, as many as a screen of this width holds."""
    spent = [max(len(row.label) for row in comparison.rows), max(len(_unit(row)) for row in comparison.rows)]
    needed = [_width(comparison, at) for at in range(len(comparison.names))]
    left_over = width - sum(spent) - GAP * len(spent) - needed[0]
    page, room = [0], left_over
    for at in range(1, len(needed)):
        if needed[at] > room and len(page) > 1:
            yield page
            page, room = [0], left_over
        page.append(at)
        room -= needed[at]
    yield page


def _width(comparison: Comparison, at: int) -> int:
    """Columns that a scenario's figures and differences take."""
    numbers = max(len(_number(row, at)) for row in comparison.rows)
    changes = max(len(_change(row, at)) for row in comparison.rows) + GAP if at else 0
    return max(numbers, min(len(comparison.names[at]), NAME)) + changes + GAP


def _table(comparison: Comparison, places: Sequence[int]) -> Table:
    title = "" if comparison.axis == "scenario" else f"{comparison.axis.rpartition('.')[2]} ="
    table = Table(box=None, show_edge=False, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    table.add_column(title, overflow="fold")
    table.add_column("", style="dim", no_wrap=True)
    for at in places:
        table.add_column(comparison.names[at], justify="right", overflow="fold", max_width=max(NAME, NUMBER))
        if at:
            table.add_column("", no_wrap=True)
    heading = ""
    for row in comparison.rows:
        owner = row.name.split(".")[1] if "." in row.name else ""
        if owner != heading:
            table.add_row(Text(owner, style="bold"))
            heading = owner
        table.add_row(*_cells(row, places))
    return table


def _cells(row: Row, places: Sequence[int]) -> Iterator[Text]:
    """Label, unit, and for each scenario its figure and difference."""
    yield Text(row.label)
    yield Text(_unit(row))
    for at in places:
        style = f"bold {COLOURS['limit']}" if row.worse(at) else ""
        yield Text(_number(row, at), style=style)
        if at:
            yield Text(_change(row, at), style=style or "dim")


def _largest(row: Row) -> float:
    return max((value for value in row.values if value is not None), key=abs)


def _unit(row: Row) -> str:
    """Unit that the largest value asks for, in short."""
    unit = "%" if row.name.endswith("_frac") else figure(_largest(row), row.unit)[1]
    for long, short in SHORT.items():
        unit = unit.replace(long, short)
    return unit


def _number(row: Row, at: int) -> str:
    value = row.values[at]
    if value is None:
        return "–"
    if row.name.endswith("_frac"):
        return f"{100.0 * value:.1f}"
    text, unit = figure(value, row.unit)
    return text if unit == figure(_largest(row), row.unit)[1] else f"{text} {unit}"


def _change(row: Row, at: int) -> str:
    """Difference in percent of the first, in points where the figure is a share, as it is where the first is zero."""
    change, first = row.change(at), row.values[0]
    if change is None or first is None:
        return ""
    mark = f" {MARK}" if row.worse(at) else ""
    if row.name.endswith("_frac"):
        return f"{100.0 * change:+.1f} pts{mark}"
    if not first:
        return mark.strip()
    return f"{100.0 * change / abs(first):+.1f} %{mark}"


def _losses(comparison: Comparison) -> Iterator[Text]:
    """For each scenario that saves energy, what it loses of the work."""
    energy = next((row for row in comparison.rows if row.name == "facility_energy_kwh"), None)
    for at in range(1, len(comparison.names)):
        change = energy.change(at) if energy else None
        lost = [row for row in comparison.losses(at) if row.name.endswith((".served", ".missed_frac", ".slow_frac"))]
        if lost and change is not None and change < 0 and energy and energy.values[0]:
            saved = share(-change / energy.values[0])
            what = "; ".join(f"{row.name.split('.')[1]}: {row.label[0].lower()}{row.label[1:]} {_change(row, at)}"
                             for row in lost)  # fmt: skip
            yield Text.assemble((f"{MARK} ", f"bold {COLOURS['limit']}"),
                                f"{_name(comparison, at)} saves {saved} of energy and loses work: {what}")  # fmt: skip
