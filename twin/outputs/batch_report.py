"""What ``twin batch`` says at its end: how many runs, which failed and why."""

from __future__ import annotations

import sys
from pathlib import Path

from twin.outputs.batch import Outcome
from twin.outputs.progress import json_line
from twin.outputs.store import TABLE

FEW = 5  # numbers of failed runs that are listed


def print_outcome(outcome: Outcome, folder: Path, as_json: bool, quiet: bool) -> None:
    """The outcome as text or as one JSON line; failures by cause, the most frequent first, on stderr."""
    failed = sum(len(runs) for runs in outcome.failed.values())
    if as_json:
        causes = dict(_by_count(outcome))
        json_line(sys.stdout, event="done", runs=outcome.total, fresh=outcome.fresh, failed=failed,
                  violating=outcome.violating, table=str(folder / TABLE), causes=causes)  # fmt: skip
        return
    if not quiet:
        known = outcome.total - outcome.fresh
        print(f"{outcome.total} runs: {outcome.fresh} made, {known} there before; {failed} failed, "
              f"{outcome.violating} beyond a constraint")  # fmt: skip
        print(f"table  {folder / TABLE}\nread   twin compare {folder}")
    if failed:
        _print_failures(outcome)


def _by_count(outcome: Outcome) -> list[tuple[str, list[int]]]:
    return sorted(outcome.failed.items(), key=lambda item: (-len(item[1]), item[0]))


def _print_failures(outcome: Outcome) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, title="Failed runs by cause", title_justify="left")
    for name in ("count", "cause", "runs", "first error"):
        table.add_column(name, justify="right" if name == "count" else "left", overflow="fold")
    for cause, runs in _by_count(outcome):
        listed = ", ".join(map(str, runs[:FEW])) + (", ..." if len(runs) > FEW else "")
        table.add_row(str(len(runs)), cause, listed, outcome.errors[cause])
    console = Console(stderr=True)
    console.print(table)
    console.print("twin show STORE RUN tells more of one; with --retry they are run once more", highlight=False)
