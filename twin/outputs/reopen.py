"""A run by name: one of a store (``DIR`` and its number or the start of its address), of a run's folder, or a file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from twin.errors import InputError
from twin.outputs.store import Store, is_store
from twin.scenario.model import Scenario
from twin.studies.inputs import read_for_run


@dataclass(frozen=True)
class Reopened:
    """A run of a store: its number, its address, its scenario, what was set in it, and its error, if it failed."""

    run: int
    run_id: str
    scenario: Scenario
    settings: dict[str, object]
    error: str


def reopened(folder: Path, run: str) -> Reopened:
    """A run of a store by its number or the start of its address. Raises InputError where there is none, or not one."""
    store = Store(folder)
    table = store.table()
    rows = table.select(["run", "run_id", "error"]).to_pylist()
    found = [at for at, row in enumerate(rows) if str(row["run"]) == run]
    if not found and len(run) > 3:
        found = [at for at, row in enumerate(rows) if row["run_id"].startswith(run)]
    if len({rows[at]["run_id"] for at in found}) != 1:
        numbers = [row["run"] for row in rows]
        span = f"runs {min(numbers)} to {max(numbers)}" if numbers else "no runs"
        raise InputError(f"{folder}: there is {'no' if not found else 'more than one'} run {run!r} (it has {span})")
    row = rows[found[0]]
    text = store.scenario_json(row["run_id"])
    if not text:
        why = f"it failed before it could start: {row['error']}" if row["error"] else "its scenario is not in the store"
        raise InputError(f"{folder}: run {run!r} cannot be opened: {why}")
    names = table.column_names[1 : table.column_names.index("run_id")]
    settings = {name: value for name in names if (value := table[name][found[0]].as_py()) not in (None, "")}
    scenario = Scenario.model_validate(json.loads(text))
    return Reopened(row["run"], row["run_id"], scenario, settings, row["error"])


def scenario_named(name: str) -> tuple[Scenario, str]:
    """Scenario and title of a file, a run's folder, or ``DIR:RUN`` of a store. Raises InputError."""
    folder, colon, run = name.rpartition(":")
    if colon and is_store(Path(folder)):
        scenario = reopened(Path(folder), run).scenario
        return scenario, f"{scenario.name} (run {run})"
    path = Path(name)
    if is_store(path):
        raise InputError(f"{name}: is a store; name one of its runs, such as {name}:0")
    scenario = read_for_run(path / "scenario.yaml" if path.is_dir() else path)
    return scenario, scenario.name
