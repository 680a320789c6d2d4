"""Matrices of months by hours -> windows of months, day types and hours."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

Matrix = Sequence[Sequence[int]]  # 12 rows of 24 period numbers
HOURS = 24
Span = tuple[int, int]  # first hour, and the hour after the last one; an end before the start crosses midnight


def default_of(weekday: Matrix, weekend: Matrix) -> int:
    """The period of most hours of the year, weekdays counted five times; of equals the lowest number."""
    hours = Counter(cell for row in weekday for cell in row for _ in range(5))
    hours.update(cell for row in weekend for cell in row for _ in range(2))
    return min(hours, key=lambda period: (-hours[period], period))


def windows_of(weekday: Matrix, weekend: Matrix) -> Iterator[tuple[int, dict[str, Any]]]:
    """Windows of every period but the default one, with their period, in the order of periods and hours."""
    default = default_of(weekday, weekend)
    found: dict[tuple[int, Span], dict[str, list[int]]] = defaultdict(lambda: {"weekdays": [], "weekends": []})
    for days, matrix in (("weekdays", weekday), ("weekends", weekend)):
        for month, row in enumerate(matrix, start=1):
            for period, span in _spans(row):
                if period != default:
                    found[period, span][days].append(month)
    for (period, span), months in sorted(found.items()):
        yield from ((period, window) for window in _by_days(span, months["weekdays"], months["weekends"]))


def _spans(row: Sequence[int]) -> Iterator[tuple[int, Span]]:
    """Runs of hours of one period; the last run and the first, if they are of one period, are one across midnight."""
    starts = [hour for hour in range(HOURS) if hour == 0 or row[hour] != row[hour - 1]]
    runs = [(row[start], (start, end)) for start, end in zip(starts, [*starts[1:], HOURS], strict=True)]
    if len(runs) > 1 and runs[0][0] == runs[-1][0]:
        runs = [*runs[1:-1], (runs[0][0], (runs[-1][1][0], runs[0][1][1]))]
    yield from runs


def _by_days(span: Span, weekdays: list[int], weekends: list[int]) -> Iterator[dict[str, Any]]:
    """One window for all days in the months that both have, and one for what is left of each."""
    both = [month for month in weekdays if month in weekends]
    rest = {"weekdays": [m for m in weekdays if m not in both], "weekends": [m for m in weekends if m not in both]}
    for days, months in {"all": both, **rest}.items():
        if months:
            window: dict[str, Any] = {"months": months} if len(months) < 12 else {}
            window |= {"days": days} if days != "all" else {}
            yield window | {"start": f"{span[0]:02d}:00", "end": f"{span[1]:02d}:00"}
