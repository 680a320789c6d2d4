"""Long work tells how far it is, ends with a result, a fault or at someone's word, and is found again by its key."""

from __future__ import annotations

import threading

import pytest

pytest.importorskip("streamlit")

from tests.explorer.alone import MOST_S
from twin.errors import InputError
from twin.explorer import tasks
from twin.explorer.tasks import Report, Task


def test_a_task_ends_with_its_result_and_tells_its_share() -> None:
    def work(report: Report) -> int:
        report("run", 3, 4, 1)
        return 7

    task = Task(work)
    task.wait(MOST_S)
    assert (task.ended, task.result, task.fault) == (True, 7, None)
    assert task.share == 0.75
    assert task.told().startswith("Running: 3 of 4, 1 failed")


def test_a_task_stops_at_its_next_report_and_says_so() -> None:
    reached = threading.Event()

    def work(report: Report) -> None:
        for at in range(10**9):
            report("run", at, 10**9, 0)
            reached.set()

    task = Task(work)
    assert reached.wait(MOST_S)
    assert not task.ended
    task.stop()
    task.wait(MOST_S)
    assert (task.ended, task.was_stopped, task.result) == (True, True, None)


def test_a_fault_is_kept_for_the_page() -> None:
    def work(report: Report) -> None:
        raise InputError("nothing to plan")

    task = Task(work)
    task.wait(MOST_S)
    assert isinstance(task.fault, InputError)
    assert not task.was_stopped


def test_the_same_key_finds_the_task_that_runs_and_starts_one_that_has_ended_anew() -> None:
    going = threading.Event()

    def work(report: Report) -> bool:
        return going.wait(MOST_S)

    first = tasks.started(("kind", 1), work)
    assert tasks.started(("kind", 1), work) is first
    assert tasks.running("kind") == [first]
    going.set()
    first.wait(MOST_S)
    assert tasks.found(("kind", 1)) is first
    assert tasks.running("kind") == []
    assert tasks.started(("kind", 1), work) is not first


def test_old_results_are_let_go() -> None:
    for at in range(tasks.KEPT + 5):
        tasks.started(("old", at), lambda report: 1).wait(MOST_S)
    assert tasks.found(("old", 0)) is None
    assert tasks.found(("old", tasks.KEPT + 4)) is not None
