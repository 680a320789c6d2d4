"""A run can be watched and stopped from another thread; the next run of the same site knows nothing of it."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from twin.engine.simulate import simulate
from twin.engine.watch import Watch
from twin.errors import RunError
from twin.scenario.reading import read_scenario

QUICKSTART = Path(__file__).parents[2] / "scenarios" / "quickstart.yaml"


def test_a_watched_run_has_the_same_results_and_ends_at_one() -> None:
    scenario, watch = read_scenario(QUICKSTART, ["run.duration=2d"]), Watch()
    assert simulate(scenario, watch=watch).identical(simulate(scenario))
    assert watch.done_frac == 1.0


def stopped_once_it_runs() -> tuple[Watch, list[str]]:
    """A run of a fraction of a second that was asked to stop after its first step, and what it said."""
    scenario, watch = read_scenario(QUICKSTART, ["run.step=1min", "run.duration=40d"]), Watch()
    said: list[str] = []

    def run() -> None:
        try:
            simulate(scenario, watch=watch)
        except RunError as error:
            said.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    while watch.done_frac == 0.0 and thread.is_alive():
        time.sleep(0.002)
    watch.stop()
    thread.join()
    return watch, said


def test_a_run_that_is_stopped_ends_at_its_next_step_and_the_next_one_is_whole() -> None:
    for _ in range(30):  # on a busy machine this thread may come back only after the run's end
        watch, said = stopped_once_it_runs()
        if watch.done_frac < 1.0:
            break
    assert said == ["Miami colocation: stopped"]
    assert 0.0 < watch.done_frac < 1.0
    short = read_scenario(QUICKSTART, ["run.duration=1d"])
    assert simulate(short).sizes["time"] == 24


def test_a_run_that_is_stopped_before_it_begins_does_not() -> None:
    watch = Watch()
    watch.stop()
    with pytest.raises(RunError, match="stopped"):
        simulate(read_scenario(QUICKSTART, ["run.duration=1d"]), watch=watch)
