"""What ``twin compare DIR`` says of a store: the best runs, those that no other beats, and what figures depend on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from twin.errors import InputError, did_you_mean
from twin.outputs.files import write_whole
from twin.outputs.numbers import figure
from twin.outputs.row_pictures import bands_picture, plan_picture
from twin.outputs.scatter import scatter
from twin.outputs.screens import table_screen
from twin.outputs.store import Store, units_of
from twin.studies.design import design_of
from twin.studies.ranking import OBJECTIVES, objectives_of, pareto, ranked, sound, with_work
from twin.studies.sensitivity import Effect, Index, bands, effects, independent, is_sampled, part_count, sobol_indices
from twin.studies.study import Sampled, Sobol, Study
from twin.studies.sums import YEAR_H
from twin.studies.tenyears import Option, Year, options

PICTURE = "pareto.svg"
BEST, LEAST = 10, 3  # runs that are listed, and of each of several groups at least


SHORT = {"total_cost": "Cost of the run", "emissions_kgco2": "Carbon of the run", "water_use_m3": "Water of the run",
         "peak_grid_kw": "Peak", "pue": "PUE", "wue_l_per_kwh": "WUE", "cue_kgco2_per_kwh": "CUE"}  # fmt: skip
LARGE = 1e5  # from here on axes are in thousands
UNITS = {"kgCO2e": "t CO2e", "kWh": "MWh", "kW": "MW", "USD": "k USD", "EUR": "k EUR", "GBP": "k GBP", "m3": "1000 m3"}


@dataclass(frozen=True)
class Reading:
    """What there is to say of a store. ``ranks`` and ``front`` hold rows of its table, the best first."""

    study: Study
    units: dict[str, str]
    by: str
    paths: tuple[str, ...]
    objectives: tuple[str, ...]
    table: pd.DataFrame
    ranks: pd.DataFrame
    front: pd.DataFrame
    effects: tuple[Effect, ...]
    indices: tuple[Index, ...]
    bands: pd.DataFrame | None
    plans: dict[str, list[Option]]  # by alternative


def read_store(folder: Path, by: str | None = None) -> Reading:
    """Read a store, ranked by a figure (the first objective that runs differ in if left out). Raises InputError."""
    table = Store(folder).table()
    study = Study.model_validate_json(table.schema.metadata[b"study"])
    units, frame = units_of(table), with_work(table.to_pandas())
    objectives = objectives_of(frame)
    objectives = [name for name in study.rank.objectives if name in frame] or objectives
    by = by or study.rank.by or (objectives[0] if objectives else "facility_energy_kwh")
    if by not in frame or not pd.api.types.is_numeric_dtype(frame[by]):
        known = did_you_mean(by, units) or f"; these are in it: {', '.join(units)}"
        raise InputError(f"{folder}: --by {by}: the table has no such figure{known}")
    good = sound(frame)
    ranks = pd.concat([ranked(part, by) for part in _groups(study, good)])
    fronts = [part[pareto(part, objectives)] for part in _groups(study, ranks)] if objectives else [ranks.head(0)]
    front = pd.concat(fronts)
    alone, paths = independent(study, frame[frame["error"] == ""]), design_of(study).paths
    causes = [*(["case"] if study.compare else []), *paths]
    spread = bands(alone, [by, *(name for name in objectives if name != by)]) if is_sampled(study) else None
    return Reading(
        study, units, by, tuple(paths), tuple(objectives), frame, ranks, front,
        tuple(effects(alone, causes, by)), tuple(sobol_indices(study, frame, by)), spread,
        _plans(study, frame),
    )  # fmt: skip


def _groups(study: Study, rows: pd.DataFrame) -> list[pd.DataFrame]:
    """Rows of each value of what is no choice; all of them where everything is one."""
    if not study.rank.within or rows.empty:
        return [rows]
    return [part for _, part in rows.groupby(study.rank.within, sort=False)]


def _all_drawn(study: Study) -> bool:
    """Whether nothing in a study is chosen: ranks of draws tell nothing."""
    return not study.compare and bool(study.vary) and all(isinstance(one, Sampled | Sobol) for one in study.vary)


def _plans(study: Study, table: pd.DataFrame) -> dict[str, list[Option]]:
    """Alternatives of a plan over years, for each case whose years are all there."""
    if study.plan is None:
        return {}
    found = {}
    for case, rows in table.sort_values("run").groupby("case", sort=False):
        if (rows["error"] == "").all() and len(rows) == part_count(study.vary[0]):
            energy = rows["it_energy_kwh"]
            years = [Year(*one) for one in zip(rows["total_cost"], energy, energy / YEAR_H, strict=True)]
            found[str(case)] = options(study.plan, years)
    return found


def print_reading(reading: Reading, best: int = BEST) -> None:
    """Tables on stdout."""
    console = table_screen()
    failed = int((reading.table["error"] != "").sum())
    count = len(reading.table)
    broken = count - failed - len(reading.ranks)
    console.print(f"{reading.study.name}: {count} runs, {failed} failed, {broken} beyond a bound", highlight=False)
    if not reading.plans and not _all_drawn(reading.study):
        _print_ranks(console, reading, best)
    plans = (_plan_table(reading, case, found) for case, found in reading.plans.items())
    for table in (_effects_table(reading), _indices_table(reading), _bands_table(reading), *plans):
        if table is not None:
            console.print(table)


def _print_ranks(console: Any, reading: Reading, best: int) -> None:
    """The best runs and the front, for each value of what is no choice."""
    within = reading.study.rank.within
    groups = _groups(reading.study, reading.ranks)
    each = best if len(groups) == 1 else max(best // len(groups), LEAST)
    kind = f" in each {_short(within)}" if within else ""
    table = pd.concat([part.head(each) for part in groups])
    console.print(_runs_table(f"Best {min(each, len(table))}{kind} by {reading.by}", reading, table))
    if len(reading.objectives) > 1:
        words = ", ".join(OBJECTIVES.get(name, name) for name in reading.objectives)
        runs = "1 run" if len(reading.front) == 1 else f"{len(reading.front)} runs"
        title = f"Pareto front of {words}{kind}: {runs} that no other beats"
        console.print(_runs_table(title, reading, reading.front.head(2 * best)))


def _table(title: str, columns: Sequence[str], left: int = 1) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left")
    for at, name in enumerate(columns):
        table.add_column(name, justify="left" if at < left else "right", overflow="fold")
    return table


def _runs_table(title: str, reading: Reading, rows: pd.DataFrame) -> Any:
    shown = list(dict.fromkeys([reading.by, *reading.objectives]))
    settings = [*(["case"] if reading.study.compare else []), *reading.paths]
    table = _table(title, ["run", *map(_short, settings), *(OBJECTIVES.get(name, name) for name in shown)], 0)
    for _, row in rows.iterrows():
        values = [figure(row[name], reading.units.get(name, "")) for name in shown]
        table.add_row(
            str(row["run"]), *(_setting(row[path]) for path in settings), *(" ".join(v).strip() for v in values)
        )
    return table


def _short(path: str) -> str:
    """Last words of a path, by which a column is told from others."""
    return ".".join(path.split(".")[-2:])


def _setting(value: Any) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.5g}"
    return str(value)


def _effects_table(reading: Reading) -> Any:
    if not reading.effects:
        return None
    unit = reading.units.get(reading.by, "")
    table = _table(
        f"What moves {reading.by}: means over all other settings", ["", "least at", "most at", "span", ""], 1
    )
    widest = reading.effects[0].span
    for one in reading.effects:
        bar = "█" * max(round(24 * one.span / widest), 1) if widest > 0 else ""
        table.add_row(_short(one.path), one.at_low, one.at_high, " ".join(figure(one.span, unit)), bar)
    table.columns[-1].justify = "left"
    return table


def _indices_table(reading: Reading) -> Any:
    if not reading.indices:
        return None
    title = f"Sobol indices of {reading.by}: share of its variance, ± standard error"
    table = _table(title, ["", "alone", "", "with interactions", ""])
    for one in reading.indices:
        errors = (f"± {one.first_error:.3f}", f"± {one.total_error:.3f}")
        table.add_row(_short(one.path), f"{one.first:.3f}", errors[0], f"{one.total:.3f}", errors[1])
    return table


def _bands_table(reading: Reading) -> Any:
    if reading.bands is None or reading.bands.empty:
        return None
    table = _table("Percentiles over the sample", ["", *reading.bands.columns])
    for name, row in reading.bands.iterrows():
        values = (" ".join(figure(value, reading.units.get(str(name), ""))).strip() for value in row)
        table.add_row(str(name), *values)
    return table


def _plan_table(reading: Reading, case: str, found: Sequence[Option]) -> Any:
    """Alternatives of a plan (months between renewals, gain, rise of prices), the cheapest unit of work first."""
    unit = reading.units.get("total_cost", "")
    columns = ["months", "gain", "price", "electricity", "hardware", "site", "all", "per work"]
    title = f"Plan {case}: million {unit}, discounted, and {unit} per kWh of first-generation work"
    table = _table(title, columns, 0)
    for one in found:
        money = (f"{v / 1e6:,.2f}" for v in (one.electricity, one.hardware, one.site, one.net_present_cost))
        head = (f"{one.refresh_months}", f"x {one.gain_ratio:g}", f"+{100 * one.escalation_frac:g} %/a")
        table.add_row(*head, *money, f"{one.cost_per_work:.4g}")
    return table


def write_picture(reading: Reading, path: Path, axes: tuple[str, str] | None = None) -> bool:
    """A plan's costs, the bands of what is drawn, or the front of two objectives, as SVG; False where there is none."""
    text = _picture(reading, axes)
    if text:
        write_whole(path, text.encode())
    return bool(text)


def _picture(reading: Reading, axes: tuple[str, str] | None) -> str:
    name = reading.study.name
    if reading.plans:
        unit = f"{reading.units.get('total_cost', '')} per kWh of first-generation work, discounted"
        return plan_picture(name, reading.plans, unit)
    if _all_drawn(reading.study) and reading.bands is not None:
        words = [(SHORT.get(str(figure_), str(figure_)), _band_text(row, reading.units.get(str(figure_), "")))
                 for figure_, row in reading.bands.iterrows()]  # fmt: skip
        return bands_picture(name, reading.bands, words)
    pair = axes or tuple(reading.objectives[:2])
    return _front_picture(reading, pair) if len(pair) == 2 else ""


def _band_text(row: pd.Series, unit: str) -> str:
    return f"{' '.join(figure(row['p5'], unit)).strip()} to {' '.join(figure(row['p95'], unit)).strip()}"


def _front_picture(reading: Reading, pair: tuple[str, ...]) -> str:
    """The front of two objectives, of each value of what is no choice."""
    study = reading.study
    rows = reading.table[(reading.table["error"] == "")].dropna(subset=list(pair))
    broken = (rows["violations"] != "").to_numpy()
    front = np.zeros(len(rows), bool)
    for part in _groups(study, rows[~broken]):
        front[rows.index.get_indexer(part.index[pareto(part, pair)])] = True
    label = "case" if study.compare and study.rank.within != "case" else "run"
    names = [str(name) for name in rows[label]]
    groups = [str(value) for value in rows[study.rank.within]] if study.rank.within else []
    labels = (_axis_name(pair[0], reading), _axis_name(pair[1], reading))
    points = rows[list(pair)].to_numpy(float) / [_divisor(name, reading) for name in pair]
    return scatter(f"{study.name}: {len(rows)} runs", labels, points, front, broken, names, groups)


def _axis_name(name: str, reading: Reading) -> str:
    unit, word = reading.units.get(name, ""), SHORT.get(name, name)
    unit = UNITS.get(unit, unit) if _divisor(name, reading) > 1.0 else unit
    return f"{word}, {unit}" if unit and unit != "1" else word


def _divisor(name: str, reading: Reading) -> float:
    """Thousands on an axis where all values are large."""
    return 1e3 if float(reading.table[name].abs().max()) >= LARGE else 1.0


def reading_document(reading: Reading) -> dict[str, Any]:
    """The same as data: for ``--json``."""
    shown = [
        *(["case"] if reading.study.compare else []),
        *reading.paths,
        *dict.fromkeys([reading.by, *reading.objectives]),
    ]
    return {
        "study": reading.study.name,
        "by": reading.by,
        "units": {name: reading.units.get(name, "") for name in dict.fromkeys([reading.by, *reading.objectives])},
        "runs": len(reading.table),
        "failed": int((reading.table["error"] != "").sum()),
        "ranks": reading.ranks[["run", *shown]].to_dict("records"),
        "front": reading.front["run"].tolist(),
        "effects": [vars(one) | {"span": one.span} for one in reading.effects],
        "sobol_indices": [vars(one) for one in reading.indices],
        "plans": {
            case: [
                vars(one) | {"net_present_cost": one.net_present_cost, "cost_per_work": one.cost_per_work}
                for one in found
            ]
            for case, found in reading.plans.items()
        },
        "percentiles": {} if reading.bands is None else reading.bands.to_dict("index"),
    }
