"""What commands share: what they say while something takes its time, and where results go if nobody says."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TEMPLATE = "scenario.yaml"  # what ``twin new NAME`` writes, and what a run leaves, each in a folder with a name


@contextmanager
def saying(text: str, quiet: bool) -> Iterator[None]:
    """A line on a terminal's stderr while something takes its time; nothing when piped."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


def results_folder(file: Path) -> Path:
    """Where results of a file go: runs/NAME after the file, or after the folder of one that is called scenario.yaml.

    >>> results_folder(Path("sites/miami.yaml")).as_posix(), results_folder(Path("oslo/scenario.yaml")).as_posix()
    ('runs/miami', 'runs/oslo')
    """
    folder = file.resolve().parent.name if file.name == TEMPLATE else ""
    return Path("runs") / (folder or file.stem)
