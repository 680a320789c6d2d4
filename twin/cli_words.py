"""What commands say while something takes its time."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def saying(text: str, quiet: bool) -> Iterator[None]:
    """A line on a terminal's stderr while something takes its time; nothing when piped."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield
