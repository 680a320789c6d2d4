"""The screen that tables are printed on: a terminal's width, or room for whole tables where stdout has no width."""

from __future__ import annotations

import os

from rich.console import Console

PIPED = 160  # characters of a line in a pipe or a file, so that no table is folded there


def table_screen() -> Console:
    """Console of stdout: as wide as its terminal or COLUMNS; a pipe or a file takes tables as wide as they are."""
    console = Console(highlight=False)
    return console if console.is_terminal or "COLUMNS" in os.environ else Console(highlight=False, width=PIPED)
