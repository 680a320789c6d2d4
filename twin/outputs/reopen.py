"""A run by name: one of a store (``DIR`` and its number or the start of its address), of a run's folder, or a file."""

from __future__ import annotations

import json
from pathlib import Path

from twin.errors import InputError
from twin.outputs.store import Store, is_store
from twin.scenario.model import Scenario
from twin.studies.inputs import read_for_run


def scenario_of_run(folder: Path, run: str) -> tuple[Scenario, str]:
    """Scenario and address of a run of a store. Raises InputError where there is none, or not just one."""
    store = Store(folder)
    table = store.table()
    ids, numbers = table["run_id"].to_pylist(), table["run"].to_pylist()
    found = {one for one, number in zip(ids, numbers, strict=True) if str(number) == run}
    if not found and len(run) > 3:
        found = {one for one in ids if one.startswith(run)}
    if len(found) != 1:
        span = f"runs {min(numbers)} to {max(numbers)}" if numbers else "no runs"
        raise InputError(f"{folder}: there is {'no' if not found else 'more than one'} run {run!r} (it has {span})")
    run_id = found.pop()
    text = store.scenario_json(run_id)
    if not text:
        raise InputError(f"{folder}: the scenario of run {run!r} is not in the store")
    return Scenario.model_validate(json.loads(text)), run_id


def scenario_named(name: str) -> tuple[Scenario, str]:
    """Scenario and title of a file, a run's folder, or ``DIR:RUN`` of a store. Raises InputError."""
    folder, colon, run = name.rpartition(":")
    if colon and is_store(Path(folder)):
        scenario, _ = scenario_of_run(Path(folder), run)
        return scenario, f"{scenario.name} (run {run})"
    path = Path(name)
    if is_store(path):
        raise InputError(f"{name}: is a store; name one of its runs, such as {name}:0")
    scenario = read_for_run(path / "scenario.yaml" if path.is_dir() else path)
    return scenario, scenario.name
