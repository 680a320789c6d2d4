"""What ``twin strategies`` prints and writes: one table, the months that are shown apart, figures.csv, months.csv."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table

from twin.outputs.files import metrics_text, write_whole
from twin.studies.planning.comparison import Comparison

LINES = (  # label, figure, divisor, decimals, whether its change against "none" stands below
    ("CO2e, t", "emissions_kgco2", 1e3, 0, True), ("Peak, kW", "peak_kw", 1.0, 0, True),
    ("Water, m3", "water_m3", 1.0, 0, True), ("Work, MWh", "work_kwh", 1e3, 1, False),
    ("Left, MWh", "rest_kwh", 1e3, 1, False), ("Late, MWh", "late_kwh", 1e3, 1, False),
    ("Delay, h", "delay_h", 1.0, 1, False),
)  # fmt: skip
APART = {  # figures that are told in a sentence, where there are any
    "fuel_cost": "fuel of generators is in the cost", "export_credit": "the cost is less what export earns",
    "fuel_kgco2": "direct emissions of fuel, not in the CO2e of the import",
    "late_cost": "delay beyond deadlines is in the cost at its price",
}  # fmt: skip
CHANGE = "  change, %"
LARGE = 1e5  # from here on money is told in thousands
PAGE, FIGURES, MONTHS, METRICS = "strategies.html", "figures.csv", "months.csv", "strategies.json"
STYLE = """body{font:14px/1.45 "Source Sans 3","Source Sans Pro",system-ui,sans-serif;color:#1f1f1f;margin:24px auto;
max-width:1400px;padding:0 16px}h1{font-size:20px;margin:0 0 4px}h2{font-size:14px;margin:24px 0 4px}
p{color:#6b6b6b;margin:4px 0}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:3px 10px;text-align:right;border-bottom:1px solid #e6e6e6;white-space:nowrap}
th:first-child,td:first-child{text-align:left}th{font-weight:600;color:#6b6b6b}.more{color:#b34700}.less{color:#00785a}"""


def rows(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    """Headings and cells of the table: a column for each strategy, a row for each figure."""
    table = comparison.figures
    cells = _cost_rows(f"Cost, {money(comparison)}", table, scale(comparison))
    for line in LINES:
        if line[1] != "water_m3" or table["water_m3"].any():
            cells += _rows(table, *line)
    return ["", *map(str, table.index)], cells


def part_rows(comparison: Comparison, apart: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """Cost of the whole run, of the months apart and of the rest, each with its change against "none"."""
    cells: list[list[str]] = []
    for title, part in parts(comparison, apart).items():
        cells += _cost_rows("Without it" if title.startswith("Without") else title, part, scale(comparison))
        if part["rest_kwh"].abs().max() > 1e-6 * part["work_kwh"].max():
            cells += _rows(part, "  moved, MWh", "rest_kwh", 1e3, 1, False)
    return ["", *map(str, comparison.figures.index)], cells


def parts(comparison: Comparison, apart: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The whole run, the months apart, and the run without them."""
    listed = ", ".join(apart)
    found = {"All months": comparison.part(), listed: comparison.part(apart)}
    return found | {f"Without {listed}": comparison.part(without=apart)}


def scale(comparison: Comparison) -> float:
    """Units of money that a number in the tables stands for."""
    return 1e3 if float(comparison.figures["cost"].abs().max()) >= LARGE else 1.0


def money(comparison: Comparison) -> str:
    """The unit of money in the tables."""
    return f"{'k ' if scale(comparison) > 1.0 else ''}{comparison.currency}"


def _cost_rows(title: str, table: pd.DataFrame, divisor: float) -> list[list[str]]:
    return _rows(table, title, "cost", divisor, 1 if divisor > 1.0 else 0, True)


def _rows(table: pd.DataFrame, label: str, figure: str, divisor: float, decimals: int, told: bool) -> list[list[str]]:
    values = table[figure]
    lines = [[label, *(number(float(value) / divisor, decimals) for value in values)]]
    if told and (values != values["none"]).any():
        lines.append([CHANGE, *(change_text(float(value), float(values["none"])) for value in values)])
    return lines


def number(value: float, decimals: int) -> str:
    """A number with its thousands apart; what rounds to nothing has no sign.

    >>> number(1234.56, 1), number(-0.01, 1)
    ('1,234.6', '0.0')
    """
    return f"{round(value, decimals) + 0.0:,.{decimals}f}"


def change_text(value: float, base: float) -> str:
    """Change against a base in percent; nothing where there is none.

    >>> change_text(90.0, 100.0), change_text(100.0, 100.0)
    ('-10.0', '')
    """
    change = 100.0 * (value / base - 1.0) if base else 0.0
    return "" if abs(change) < 0.05 else f"{change:+.1f}"


def sentences(comparison: Comparison) -> list[str]:
    """What the table comes to, and what a reader has to know."""
    figures = comparison.figures
    rest = figures["rest_kwh"].max()
    lines = [
        "cost and CO2e are on equal work: what is left at the end, or moved out of a month, is in them at the mean "
        "price and factor of the run; late is what missed its deadline, delay the mean wait",
        f"MPC against perfect foresight: {100.0 * comparison.regret_frac:+.2f} % of the objective",
    ]
    for name, words in APART.items():
        if figures[name].any():
            told = ", ".join(f"{way} {value:,.0f}" for way, value in figures[name].items())
            lines.append(f"{words} ({comparison.unit(name)}): {told}")
    if rest > 1e-6 * figures["work_kwh"].max():
        worst = str(figures["rest_kwh"].idxmax())
        lines.append(f"most is left by {worst}: {rest / 1e3:.2f} MWh, priced at {figures['rest_cost'][worst]:,.0f} "
                     f"{comparison.currency}")  # fmt: skip
    return [*lines, *comparison.notes]


def print_comparison(comparison: Comparison, title: str, apart: Sequence[str] = ()) -> None:
    """The table on stdout, that of the months apart, and sentences."""
    console = Console()
    console.print(_table(title, *rows(comparison)))
    if apart:
        console.print(_table(_part_title(comparison, apart), *part_rows(comparison, apart)))
    for line in sentences(comparison):
        console.print(line, highlight=False)


def _part_title(comparison: Comparison, apart: Sequence[str]) -> str:
    return f"Cost, {money(comparison)}, with {', '.join(apart)} and without"


def _table(title: str, heads: Sequence[str], cells: Sequence[Sequence[str]]) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for at, head in enumerate(heads):
        table.add_column(head, justify="right" if at else "left", no_wrap=not at)
    for row in cells:
        table.add_row(*row)
    return table


def metrics(comparison: Comparison) -> dict[str, Any]:
    """Figures of all strategies with their units, for a file."""
    return {
        "figures": {str(name): {k: float(v) for k, v in row.items()} for name, row in comparison.figures.iterrows()},
        "units": {name: comparison.unit(name) for name in comparison.figures.columns},
        "regret_frac": comparison.regret_frac, "notes": list(comparison.notes),
    }  # fmt: skip


def write_comparison(folder: Path, comparison: Comparison, title: str, apart: Sequence[str],
                     pictures: Mapping[str, str]) -> list[Path]:  # fmt: skip
    """Tables as CSV, figures as JSON, and a page with the pictures (title -> HTML) if there are any."""
    texts = {
        FIGURES: comparison.figures.to_csv(), MONTHS: comparison.months.to_csv(),
        METRICS: metrics_text(metrics(comparison)),
    }  # fmt: skip
    if pictures:
        texts[PAGE] = page(comparison, title, apart, pictures)
    for name, text in texts.items():
        write_whole(folder / name, text.encode())
    return [folder / name for name in texts]


def page(comparison: Comparison, title: str, apart: Sequence[str], pictures: Mapping[str, str]) -> str:
    """One HTML page that loads nothing from elsewhere: pictures, tables, what to know."""
    body = [f"<h1>{html.escape(title)}</h1>", *pictures.values(), _html_table("Figures", *rows(comparison))]
    if apart:
        body.append(_html_table(_part_title(comparison, apart), *part_rows(comparison, apart)))
    body += [f"<p>{html.escape(line)}</p>" for line in sentences(comparison)]
    head = f"<meta charset='utf-8'><title>{html.escape(title)}</title><style>{STYLE}</style>"
    return f"<!doctype html><html lang='en'><head>{head}</head><body>{''.join(body)}</body></html>\n"


def _html_table(title: str, heads: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    def cell(text: str, change: bool) -> str:
        if change and text[:1] in ("+", "-"):
            mark, arrow = ("more", "↑") if text[0] == "+" else ("less", "↓")
            return f"<td class={mark}>{arrow}{html.escape(text[1:])}</td>"
        return f"<td>{html.escape(text)}</td>"

    head = "".join(f"<th>{html.escape(one)}</th>" for one in heads)
    lines = "".join(f"<tr>{''.join(cell(one, row[0] == CHANGE) for one in row)}</tr>" for row in cells)
    return f"<h2>{html.escape(title)}</h2><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
