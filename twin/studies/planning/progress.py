"""How far a long study is: what it tells as it goes, and what may stop it by raising."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, int, int, int], None]  # phase, done, of, missed or failed


def silent(phase: str, done: int, of: int, failed: int) -> None:
    """Tells nobody."""
