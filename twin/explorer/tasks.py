"""Long work beside the pages: a thread that tells how far it is, can be stopped, and is found again after a reload."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any

import streamlit as st
from pydantic import ValidationError

from twin.errors import TwinError
from twin.explorer.runs import keep_out_of_collection

Report = Callable[[str, int, int, int], None]  # phase, done, of, failed
KEPT = 12  # tasks that ended
EVERY_S = 2.0  # between two looks at a task that runs; each costs a run of the fragment
FAULTS = (TwinError, ValidationError, OSError, ArithmeticError, LookupError, ValueError, TypeError, RuntimeError)
WORDS = {"check": "Checking runs", "run": "Running"}
LEAST_S = 1.0  # before a rate is told


class Stopped(Exception):
    """Someone asked the work to stop."""


class Task:
    """Work in a thread of its own; ``result`` or ``fault`` are there once it has ``ended``."""

    def __init__(self, work: Callable[[Report], Any]) -> None:
        self.phase, self.done, self.of, self.failed = "", 0, 0, 0
        self.result: Any = None
        self.fault: Exception | None = None
        self.ended = False
        self._began = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def _run(self, work: Callable[[Report], Any]) -> None:
        try:
            self.result = work(self.report)
        except (Stopped, *FAULTS) as error:
            self.fault = error
        finally:
            self.ended = True

    def report(self, phase: str, done: int, of: int, failed: int = 0) -> None:
        """What the work calls as it goes. Raises Stopped where someone asked for it."""
        if phase != self.phase:
            self._began = time.monotonic()
        self.phase, self.done, self.of, self.failed = phase, done, of, failed
        if self._stop.is_set():
            raise Stopped

    def stop(self) -> None:
        """Ask the work to stop at its next report."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """Whether someone asked for it."""
        return self._stop.is_set()

    @property
    def was_stopped(self) -> bool:
        """Whether it ended because someone asked for it."""
        return isinstance(self.fault, Stopped)

    @property
    def share(self) -> float:
        """Part that is done, 0 to 1."""
        return min(self.done / self.of, 1.0) if self.of else 0.0

    def told(self) -> str:
        """How far it is, and how long it may still take, in words."""
        if not self.phase:
            return "Starting. The first run on a machine compiles for up to a minute."
        words = WORDS.get(self.phase, self.phase)
        text = f"{words[:1].upper()}{words[1:]}: {self.done} of {self.of}"
        if self.failed:
            text += f", {self.failed} failed"
        gone_s = time.monotonic() - self._began
        if self.done and gone_s > LEAST_S and self.done < self.of:
            text += f", about {gone_s / self.done * (self.of - self.done):.0f} s left"
        return text

    def wait(self, timeout_s: float) -> None:
        """Wait for the end."""
        self._thread.join(timeout_s)


@st.cache_resource(show_spinner=False)
def _tasks() -> dict[Hashable, Task]:
    """All tasks of the server, by what was asked for: visitors who ask for the same share one."""
    return {}


def started(key: Hashable, work: Callable[[Report], Any]) -> Task:
    """The task of a key that runs, or a new one."""
    keep_out_of_collection()
    tasks = _tasks()
    task = tasks.get(key)
    if task is None or task.ended:
        task = tasks[key] = Task(work)
    ended = [one for one, known in tasks.items() if known.ended]
    for old in ended[: max(len(ended) - KEPT, 0)]:
        del tasks[old]
    return task


def found(key: Hashable) -> Task | None:
    """The task of a key, if one was started."""
    return _tasks().get(key)


def running(kind: str) -> list[Task]:
    """Tasks that run whose keys begin with a word: whoever started them, and before a reload, too."""
    return [task for key, task in _tasks().items() if not task.ended and isinstance(key, tuple) and key[0] == kind]


@st.fragment(run_every=EVERY_S)
def watched(task: Task, key: str) -> None:
    """Progress of a task with a button that stops it; draws the page anew when it has ended."""
    if task.ended:
        st.rerun()
    left, right = st.columns([6, 1], vertical_alignment="bottom")
    left.progress(task.share, text=task.told())
    right.button("Stopping" if task.stopping else "Stop", key=f"stop:{key}", on_click=task.stop, width="stretch",
                 disabled=task.stopping, help="What is done so far is kept")  # fmt: skip
