"""One run of a batch: from a scenario to its key figures, without a Dataset; what fails is a value, not the end."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pydantic import ValidationError

from twin.components.grid.contracts import Contracts
from twin.engine.lowering import Lowered, lower
from twin.engine.one_run import OneRun
from twin.engine.results import failure
from twin.engine.simulate import METERED, runner
from twin.errors import RunError, TwinError
from twin.scenario.model import Scenario
from twin.studies.kpis import figures_of
from twin.studies.templates import Numbers, Template
from twin.studies.work import kept_for_work

# What a run may end with although its scenario is sound: its row tells, and the batch goes on. Trouble with files or
# memory is none of a run's own and ends the batch, which can be taken up again.
OWN_FAULTS = (TwinError, ValidationError, ArithmeticError, LookupError, ValueError, TypeError)
MOST_KEPT_BYTES = 1 << 23  # inputs of the run before that a thread keeps to copy from: an hourly year of most sites
_before = threading.local()  # what a thread ran last: the next run of a batch is most like it
_NUMBER = re.compile(r"[-+]?\d[\d.,]*(e[-+]?\d+)?")


@dataclass(frozen=True)
class Record:
    """What a batch keeps of a run; ``figures`` is empty where it failed."""

    run_id: str
    error: str = ""
    cause: str = ""
    figures: dict[str, float] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    scenario_json: str = ""
    series: dict[str, Any] = field(default_factory=dict)


def run_once(run_id: str, template: Template, numbers: Numbers, series: Sequence[str] = ()) -> Record:
    """Run a scenario that was checked before; a failure is in the record."""
    text = ""
    try:
        scenario = template.scenario(numbers)
        text = scenario.model_dump_json()
        one = simulated(scenario, series)
        metrics = figures_of(one, scenario)
    except OWN_FAULTS as error:
        return Record(run_id, str(error) or type(error).__name__, cause_of(error), scenario_json=text)
    figures = {name: float(metric["value"]) for name, metric in metrics.items()}
    units = {name: str(metric["unit"]) for name, metric in metrics.items()}
    return Record(run_id, "", "", figures, units, text, _series(one, series))


def simulated(scenario: Scenario, series: Sequence[str] = ()) -> OneRun:
    """Run a scenario, with the series that its figures need and those wanted. Raises RunError where it ran away."""
    lowered = lower(scenario, like=getattr(_before, "lowered", None))
    _before.lowered = lowered if lowered.u.nbytes <= MOST_KEPT_BYTES else None
    keep = tuple(dict.fromkeys([*kept_for_work(scenario), *_billed_flows(scenario, lowered), *series]))
    outcome = runner("auto")(lowered, keep)
    if outcome.failed_at >= 0:
        raise RunError(failure(outcome))
    return OneRun(outcome, keep)


def _billed_flows(scenario: Scenario, lowered: Lowered) -> list[str]:
    """Series of water, where a contract prices it by the step."""
    if scenario.grid.contracts == Contracts():
        return []
    names = (f"{path}.{field}" for path, field, _ in lowered.composition.outputs)
    return [name for name in names if name.endswith((".make_up_m3_h", ".blowdown_m3_h"))]


def _series(one: OneRun, wanted: Sequence[str]) -> dict[str, np.ndarray]:
    if not wanted:
        return {}
    return {"time": one["time"].values} | {name: one[name].values for name in (*wanted, METERED) if name in one}


def cause_of(error: Exception) -> str:
    """What went wrong without the numbers of this run: runs that fail alike have the same.

    >>> cause_of(RunError("Miami: ran away at 2025-07-02 09:00:00 local standard time (step 33): hall.inlet_c = 91.2"))
    'ran away: hall.inlet_c'
    """
    text = str(error).splitlines()[0] if str(error) else ""
    found = re.search(r"ran away at .*? \(step \d+\): (.*)", text)
    if found:
        return "ran away: " + found.group(1).partition(" = ")[0]
    return f"{type(error).__name__}: {_NUMBER.sub('#', text)}" if text else type(error).__name__
