"""What ``twin compare DIR`` says of a store: the best runs, those that no other beats, and what figures depend on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from twin.errors import InputError
from twin.outputs.files import write_whole
from twin.outputs.numbers import figure
from twin.outputs.scatter import scatter
from twin.outputs.store import Store, units_of
from twin.studies.design import design_of
from twin.studies.ranking import OBJECTIVES, objectives_of, pareto, ranked, sound, with_work
from twin.studies.sensitivity import Effect, Index, bands, effects, independent, is_sampled, part_count, sobol_indices
from twin.studies.study import Study
from twin.studies.sums import YEAR_H
from twin.studies.tenyears import Option, Year, options

PICTURE = "pareto.svg"
BEST = 10  # runs that are listed


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
    by = by or (objectives[0] if objectives else "facility_energy_kwh")
    if by not in frame or not pd.api.types.is_numeric_dtype(frame[by]):
        raise InputError(f"{folder}: --by {by}: the table has no such figure; these are in it: {', '.join(units)}")
    good = sound(frame)
    ranks = ranked(good, by)
    front = ranks[pareto(ranks, objectives)] if objectives else ranks.head(0)
    alone, paths = independent(study, frame[frame["error"] == ""]), design_of(study).paths
    causes = [*(["case"] if study.compare else []), *paths]
    spread = bands(alone, [by, *(name for name in objectives if name != by)]) if is_sampled(study) else None
    return Reading(
        study, units, by, tuple(paths), tuple(objectives), frame, ranks, front,
        tuple(effects(alone, causes, by)), tuple(sobol_indices(study, frame, by)), spread,
        _plans(study, frame),
    )  # fmt: skip


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
    from rich.console import Console

    console = Console()
    failed = int((reading.table["error"] != "").sum())
    count = len(reading.table)
    broken = count - failed - len(reading.ranks)
    console.print(f"{reading.study.name}: {count} runs, {failed} failed, {broken} beyond a bound", highlight=False)
    console.print(
        _runs_table(f"Best {min(best, len(reading.ranks))} by {reading.by}", reading, reading.ranks.head(best))
    )
    if len(reading.objectives) > 1:
        words = ", ".join(OBJECTIVES[name] for name in reading.objectives)
        title = f"Pareto front of {words}: {len(reading.front)} runs that no other beats"
        console.print(_runs_table(title, reading, reading.front.head(2 * best)))
    plans = (_plan_table(reading, case, found) for case, found in reading.plans.items())
    for table in (_effects_table(reading), _indices_table(reading), _bands_table(reading), *plans):
        if table is not None:
            console.print(table)


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
    table = _table(f"Sobol indices of {reading.by}: share of its variance", ["", "alone", "with interactions"])
    for one in reading.indices:
        table.add_row(_short(one.path), f"{one.first:.3f}", f"{one.total:.3f}")
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
    """Alternatives of a plan, the cheapest unit of work first."""
    unit = reading.units.get("total_cost", "")
    columns = ["renewed every", "gain", "escalation", "electricity", "hardware", "site", "net present cost", "per work"]
    table = _table(f"Plan {case}: {unit} per kWh of first-generation work, discounted", columns, 0)
    for one in found:
        money = (" ".join(figure(v, unit)) for v in (one.electricity, one.hardware, one.site, one.net_present_cost))
        head = (f"{one.refresh_months} months", f"x {one.gain_ratio:g}", f"{100 * one.escalation_frac:g} %")
        table.add_row(*head, *money, f"{one.cost_per_work:.4g}")
    return table


def write_picture(reading: Reading, path: Path, axes: tuple[str, str] | None = None) -> bool:
    """The front of two objectives as SVG; False where runs do not differ in two."""
    pair = axes or tuple(reading.objectives[:2])
    if len(pair) < 2:
        return False
    rows = reading.table[(reading.table["error"] == "")].dropna(subset=list(pair))
    broken = (rows["violations"] != "").to_numpy()
    front = np.zeros(len(rows), bool)
    front[~broken] = pareto(rows[~broken], pair)
    names = [str(run) for run in rows["run"]]
    labels = (_axis_name(pair[0], reading), _axis_name(pair[1], reading))
    text = scatter(
        f"{reading.study.name}: {len(rows)} runs", labels, rows[list(pair)].to_numpy(float), front, broken, names
    )
    write_whole(path, text.encode())
    return True


def _axis_name(name: str, reading: Reading) -> str:
    unit = reading.units.get(name, "")
    return f"{name}, {unit} over the run" if unit else name


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
