"""Seen while a batch runs: a line with rate and time left on a terminal, JSON lines for machines, else nothing."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

Report = Callable[[str, int, int, int], None]  # phase, done, of, failed
EVERY_S = 1.0  # between two JSON lines
WORDS = {"check": "checking runs", "run": "running"}


@contextmanager
def progress(as_json: bool, quiet: bool) -> Iterator[Report]:
    """What to tell progress to."""
    if as_json:
        yield _json_lines(sys.stdout)
    elif quiet or not sys.stderr.isatty():
        yield lambda phase, done, of, failed: None
    else:
        with _terminal() as report:
            yield report


def json_line(stream: TextIO, **fields: object) -> None:
    """One event as a line of JSON, seen at once."""
    stream.write(json.dumps(fields, sort_keys=True) + "\n")
    stream.flush()


def _json_lines(stream: TextIO) -> Report:
    phases: list[str] = [""]
    told = [0.0]

    def report(phase: str, done: int, of: int, failed: int) -> None:
        now = time.monotonic()
        if phase == phases[-1] and done < of and now - told[-1] < EVERY_S:
            return
        phases[0], told[0] = phase, now
        json_line(stream, event="progress", phase=phase, done=done, of=of, failed=failed)

    return report


@contextmanager
def _terminal() -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TextColumn("{task.fields[rate]}"), TimeRemainingColumn(elapsed_when_finished=True))  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, tuple[int, float]] = {}

        def report(phase: str, done: int, of: int, failed: int) -> None:
            if phase not in tasks:
                task = bars.add_task(WORDS.get(phase, phase), total=of, rate="")
                tasks[phase] = (int(task), time.monotonic())
            task_id, began = tasks[phase]
            seconds = time.monotonic() - began
            rate = f"{done / seconds:.0f} runs/s" if seconds > 0 else ""
            bad = f", {failed} failed" if failed else ""
            bars.update(task_id, completed=done, rate=rate + bad)  # type: ignore[arg-type]

        yield report
