"""Seen while a batch runs: a line with rate and time left on a terminal, JSON lines for machines, else nothing."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

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
    began: dict[str, float] = {}
    told = [0.0]

    def report(phase: str, done: int, of: int, failed: int) -> None:
        now = time.monotonic()
        if phase in began and done < of and now - told[0] < EVERY_S:
            return
        told[0] = now
        seconds = now - began.setdefault(phase, now)
        rate = done / seconds if seconds > 0.0 else None
        left = None if rate is None else round((of - done) / rate, 1)
        json_line(stream, event="progress", phase=phase, done=done, of=of, failed=failed,
                  runs_per_s=None if rate is None else round(rate, 3), left_s=left)  # fmt: skip

    return report


def rate_text(done: int, seconds: float) -> str:
    """How fast runs are made, with as many digits as tell something.

    >>> rate_text(300, 10.0), rate_text(16, 10.0), rate_text(3, 10.0), rate_text(0, 1.0)
    ('30 runs/s', '1.6 runs/s', '3.3 s/run', '')
    """
    if not done or seconds <= 0.0:
        return ""
    rate = done / seconds
    if rate < 1.0:
        return f"{1.0 / rate:.1f} s/run"
    return f"{rate:.0f} runs/s" if rate >= 10.0 else f"{rate:.1f} runs/s"


@contextmanager
def _terminal() -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TextColumn("{task.fields[rate]}"), TimeRemainingColumn(elapsed_when_finished=True),
               TextColumn("{task.fields[word]}"))  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, tuple[Any, float]] = {}
        reading = bars.add_task("reading the study", total=None, rate="", word="")

        def report(phase: str, done: int, of: int, failed: int) -> None:
            if phase not in tasks:
                bars.update(reading, visible=False)
                tasks[phase] = (bars.add_task(WORDS.get(phase, phase), total=of, rate="", word=""), time.monotonic())
            task, began = tasks[phase]
            bad = f", {failed} failed" if failed else ""
            word = "left" if done < of else "in all"
            bars.update(task, completed=done, rate=rate_text(done, time.monotonic() - began) + bad, word=word)

        yield report
        bars.update(reading, visible=False)
