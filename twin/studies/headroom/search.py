"""The largest load that a test lets pass, found by trying several at once: each round cuts the span into parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

PARTS = 4  # loads tried in a round, at once: a multiple of the usual processors
ROUNDS = 40  # most rounds; each leaves a fifth of the span
MOST_DOUBLINGS = 12  # from the first try on: beyond 4096 times that, nothing limits the load

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Found(Generic[Answer]):
    """The last load that passed and the first that did not, with what each gave; None where there is none."""

    passed_kw: float
    passed: Answer | None
    broken_kw: float | None
    broken: Answer | None


def largest_load(
    attempt: Callable[[Sequence[float]], Sequence[Answer]],
    holds: Callable[[Answer], bool],
    first_kw: float,
    within_kw: float,
) -> Found[Answer]:
    """Bracket the largest load that holds to ``within_kw``, from 0 up; ``attempt`` answers several loads together.

    Nothing passes where 0 does not: ``passed`` is then None. Loads are taken to pass below the first that does not.
    """
    low_kw, high_kw = 0.0, None
    low, high = attempt([0.0])[0], None
    if not holds(low):
        return Found(0.0, None, 0.0, low)
    reach = [first_kw * 2.0**at for at in range(MOST_DOUBLINGS + 1)]
    for start in range(0, len(reach), PARTS):
        tried = reach[start : start + PARTS]
        low_kw, low, high_kw, high = _narrowed(tried, attempt(tried), holds, (low_kw, low, high_kw, high))
        if high_kw is not None:
            break
    for _ in range(ROUNDS):
        if high_kw is None or high_kw - low_kw <= within_kw:
            break
        width = (high_kw - low_kw) / (PARTS + 1)
        tried = [low_kw + width * (at + 1) for at in range(PARTS)]
        low_kw, low, high_kw, high = _narrowed(tried, attempt(tried), holds, (low_kw, low, high_kw, high))
    return Found(low_kw, low, high_kw, high)


def _narrowed(tried, answers, holds, span):  # type: ignore[no-untyped-def]
    """The span between the last load that holds and the first that does not."""
    low_kw, low, high_kw, high = span
    for kw, answer in zip(tried, answers, strict=True):
        if not holds(answer):
            return low_kw, low, kw, answer
        low_kw, low = kw, answer
    return low_kw, low, high_kw, high
