"""Reports of a store: one of its runs in full, its range from an uncertainty study, and all runs as one table.

A run of the store is simulated again, so that it has its months and hours. Where the study has drawn its inputs, each
figure's ``low`` and ``high`` are percentiles over the runs that were drawn as this one was (same case, same settings of
parts that were not drawn), each run reported with the same site's file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.outputs.files import metrics_document
from twin.outputs.reopen import scenario_of_run
from twin.outputs.reporting.contents import STATEMENT
from twin.outputs.reporting.described import Described, Table
from twin.outputs.store import TABLE, Store, is_store, units_of
from twin.series.files import sha256_of
from twin.studies.facts import SIMULATED
from twin.studies.kpis import kpis, notes, warnings
from twin.studies.months import factor_files, months
from twin.studies.reporting.fact import Fact
from twin.studies.reporting.hourly import Hourly, hourly_of_run
from twin.studies.reporting.inputs import About, about_site, report_of_run
from twin.studies.reporting.quantities import ReportingPeriod, from_run
from twin.studies.reporting.report import STANDARDS, all_facts, with_site
from twin.studies.sensitivity import independent, is_sampled
from twin.studies.study import Sampled, Sobol, Study, paths_of

LOW, HIGH = 5.0, 95.0  # percentiles of low and high, as twin compare prints them
FEWEST = 20  # runs below which the 5th percentile is the lowest run or nothing
FAILED = "error"


@dataclass(frozen=True)
class Opened:
    """A store with its study: rows of its table by run, without those that failed."""

    folder: Path
    study: Study
    units: Mapping[str, str]
    rows: pd.DataFrame

    def like(self, run: int) -> pd.DataFrame:
        """Runs drawn independently, of the same case and the same settings that are not drawn; none where none are."""
        drawn = independent(self.study, self.rows)
        if not is_sampled(self.study):
            return drawn.head(0)
        own = self.rows.loc[self.rows["run"] == run].iloc[0]
        kept = [path for part in self.study.vary if not isinstance(part, Sampled | Sobol) for path in paths_of(part)]
        for column in map(str, ("case", *(path for path in kept if path in drawn))):
            drawn = drawn[drawn[column] == own[column]]
        return drawn


def opened(folder: Path) -> Opened:
    """The store in a folder. Raises InputError where no batch has finished there, or none of its runs is sound."""
    table = Store(folder).table()
    study = Study.model_validate_json(table.schema.metadata[b"study"])
    frame = table.to_pandas()
    rows = frame[frame[FAILED] == ""].reset_index(drop=True)
    if rows.empty:
        raise InputError(f"{folder}: all {len(frame)} runs of {study.name} failed; twin compare {folder} says why")
    return Opened(folder, study, units_of(table), rows)


def named_run(name: Path) -> tuple[Path, str] | None:
    """Store and run that ``STORE:RUN`` or ``STORE`` names, the run empty for all; None where it is no store."""
    if is_store(name):
        return name, ""
    folder, colon, run = str(name).rpartition(":")
    return (Path(folder), run) if colon and is_store(Path(folder)) else None


def central_run(store: Opened) -> int | None:
    """The run whose figures lie nearest to the middle of all, by their ranks; None where runs are no one sample."""
    if len(store.rows) == 1:
        return int(store.rows["run"].iloc[0])
    drawn = store.like(int(store.rows["run"].iloc[0]))
    if len(drawn) < len(independent(store.study, store.rows)) or len(drawn) < 2:
        return None
    figures = drawn[[name for name in store.units if drawn[name].nunique() > 1]]
    off = ((figures.rank(pct=True) - 0.5) ** 2).mean(axis=1)
    return int(drawn["run"].to_numpy()[int(np.argmin(off.to_numpy()))])


def report_of_store(
    store: Opened, run: str, site_file: Path | None, standards: Sequence[str]
) -> tuple[dict[str, Any], Hourly]:
    """Document and hours of one run, with the range of its study.

    Raises InputError where the store has no such run, RunError where it runs away now.
    """
    scenario, run_id = scenario_of_run(store.folder, run)
    number = int(store.rows.loc[store.rows["run_id"] == run_id, "run"].iloc[0])
    results = simulate(scenario)
    about = about_site(site_file)
    document = report_of_run(_document(results), about, standards)
    drawn = store.like(number)
    where = f"run {number} ({run_id[:12]}) of {store.study.name}"
    document["notes"] = [f"{where}: {_settings(store, number)}", *document["notes"]]
    document["provenance"]["inputs_sha256"] |= {TABLE: sha256_of(store.folder / TABLE)}
    if len(drawn) >= FEWEST:
        document["provenance"]["seed"] = store.study.seed
        _with_range(document, store, drawn, about)
    return document, hourly_of_run(results)


def _document(results: xr.Dataset) -> dict[str, Any]:
    return metrics_document(results, kpis(results), warnings(results), notes=notes(results),
                            factors=factor_files(results), months=months(results))  # fmt: skip


def _settings(store: Opened, run: int) -> str:
    own = store.rows.loc[store.rows["run"] == run].iloc[0]
    names = [name for name in ("case", *_paths(store)) if str(own[name])]
    return "; ".join(f"{name} = {own[name]:.6g}" if isinstance(own[name], float) else f"{name} = {own[name]}"
                     for name in names) or "as in the base"  # fmt: skip


def _paths(store: Opened) -> list[str]:
    return [path for part in store.study.vary for path in paths_of(part) if path in store.rows]


def _with_range(document: dict[str, Any], store: Opened, drawn: pd.DataFrame, about: About) -> None:
    """Fill low and high of each number with percentiles of the same figure over the runs."""
    found = [_figures(store, row, document, about) for _, row in drawn.iterrows()]
    words = f"{LOW:g}th to {HIGH:g}th percentile of {len(found)} runs of {store.study.name}, seed {store.study.seed}"
    for name, metric in document["metrics"].items():
        values = [one[name].number for one in found if name in one]
        numbers = [float(value) for value in values if value is not None]
        if metric["value"] is None or isinstance(metric["value"], str) or len(numbers) < FEWEST:
            continue
        low, high = np.percentile(numbers, (LOW, HIGH))
        metric |= {"low": float(low), "high": float(high), "uncertainty": words}


def _figures(store: Opened, row: pd.Series, like: Mapping[str, Any], about: About) -> dict[str, Fact]:
    """All figures of a run of the table, over the period of ``like``."""
    period = with_site(_period(store, row, like), about.site)
    return {one.name: one for one in all_facts(period, about.site, about.base)[0]}


def _period(store: Opened, row: pd.Series, like: Mapping[str, Any]) -> ReportingPeriod:
    metrics = {
        name: {"value": float(row[name]), "unit": unit, "long_name": name, "basis": "table of the store"}
        for name, unit in store.units.items()
        if not pd.isna(row[name])
    }
    return from_run({"schema_version": 2, "scenario": f"{store.study.name}, run {row['run']}",
                     "period": like["period"], "metrics": metrics})  # fmt: skip


def runs_table(store: Opened, site_file: Path | None, standards: Sequence[str]) -> Table:
    """One row for each run of a store: what it sets, and its figures; those that no run has are left out."""
    about, first = about_site(site_file), str(store.rows["run"].iloc[0])
    like = _document(simulate(scenario_of_run(store.folder, first)[0]))
    begins = ("quantity.", *(one for word in standards for one in STANDARDS[word]))
    found = [_figures(store, row, like, about) for _, row in store.rows.iterrows()]
    there = dict.fromkeys(name for one in found for name, fact in one.items() if fact.value is not None)
    names = [name for name in there if name.startswith(begins)]
    settings = _paths(store)
    columns = {"run": Described("integer", "1", "number in the study"),
               "run_id": Described("string", "", "address: hash of scenario, inputs and version"),
               "case": Described("string", "", "alternative that the study compares")}  # fmt: skip
    columns |= {path: _setting(store.rows[path]) for path in settings}
    facts = {name: next(one[name] for one in found if name in one and one[name].value is not None) for name in names}
    columns |= {name: Described("string" if fact.number is None else "number", fact.unit, fact.long_name)
                for name, fact in facts.items()}  # fmt: skip
    lines = [
        [int(row["run"]), row["run_id"], row["case"], *(_plain(row[path]) for path in settings),
         *(one[name].value if name in one else None for name in names), SIMULATED]
        for (_, row), one in zip(store.rows.iterrows(), found, strict=True)
    ]  # fmt: skip
    return Table("runs", f"Runs of {store.study.name}", columns | {"statement": STATEMENT}, lines)


def _setting(values: pd.Series) -> Described:
    number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    return Described("number" if number else "string", "", "setting of the run")


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
