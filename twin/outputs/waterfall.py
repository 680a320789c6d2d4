"""A waterfall on a screen: from one scenario's energy, cost and carbon to another's, cause by cause."""

from __future__ import annotations

from typing import Any

from twin.outputs.numbers import figure
from twin.studies.waterfall import QUANTITIES, Waterfall

BAR = 8  # characters of the longest bar, so that the table fits a screen of 80
ROUNDING = 1e-9  # of a quantity: a change below it is shown as none
HEADS = {"facility_energy_kwh": "energy", "total_cost": "cost", "emissions_kgco2": "carbon"}


def print_waterfall(fall: Waterfall, first: str, second: str) -> None:
    """One row per cause, with a bar of what it does to cost."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("")
    for name in QUANTITIES:
        table.add_column(HEADS[name], justify="right", no_wrap=True)
    table.add_column("in cost", no_wrap=True)
    widest = max((abs(step.change["total_cost"]) for step in fall.steps), default=0.0)
    table.add_row("first", *_cells(fall.first, fall, False), "")
    for step in fall.steps:
        if all(abs(change) <= ROUNDING * abs(fall.second[name]) for name, change in step.change.items()):
            continue
        share = abs(step.change["total_cost"]) / widest if widest else 0.0
        sign = "+" if step.change["total_cost"] > 0 else "-"
        table.add_row(step.cause.replace("_", " "), *_cells(step.change, fall, True), sign * round(BAR * share))
    table.add_row("second", *_cells(fall.second, fall, False), "")
    screen = Console()
    for place, name in (("first ", first), ("second", second)):
        screen.print(f"{place}  {name}", soft_wrap=True, markup=False, highlight=False)
    screen.print(table)


def _cells(values: dict[str, float], fall: Waterfall, signed: bool) -> list[str]:
    cells = []
    for name, unit in QUANTITIES.items():
        value = values[name] if abs(values[name]) > ROUNDING * abs(fall.second[name]) else 0.0
        text = " ".join(figure(value, unit or fall.currency)).strip() if value or not signed else "0"
        cells.append(f"+{text}" if signed and value > 0 else text)
    return cells


def waterfall_document(fall: Waterfall) -> dict[str, Any]:
    """The same as data: for ``--json``."""
    return {
        "first": fall.first,
        "second": fall.second,
        "currency": fall.currency,
        "steps": [{"cause": step.cause, **step.change} for step in fall.steps],
    }
