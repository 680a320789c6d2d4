"""Traces of requests to language models: arrival, tokens in, tokens out (Azure's CSV, Mooncake's JSON lines)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twin.errors import Fault, InputError, Place
from twin.jobs.course import sums_at
from twin.jobs.table import MOST_FAULTS, Floats, rows_at
from twin.jobs.times import seconds_since_first
from twin.series.columns import content_of, numbers_of, rows_of

TIMES = ("TIMESTAMP", "timestamp", "arrival_time", "time")
TOKENS_IN = ("ContextTokens", "input_length", "tokens_in", "prompt_tokens")
TOKENS_OUT = ("GeneratedTokens", "output_length", "tokens_out", "completion_tokens")
MS = 1e-3  # Mooncake states milliseconds


@dataclass(frozen=True, eq=False)
class Requests:
    """Requests in order of arrival; arrays of shape (request,)."""

    arrival_s: Floats
    tokens_in: Floats
    tokens_out: Floats
    start_utc: np.datetime64

    @property
    def span_s(self) -> float:
        """From the first to the last arrival."""
        return float(self.arrival_s[-1] - self.arrival_s[0])

    def per_step(self, step_s: float, count: int) -> tuple[Floats, Floats, Floats]:
        """Requests, tokens in and tokens out that arrive in each step."""
        ones = np.ones(self.arrival_s.size)
        return tuple(sums_at(self.arrival_s, what, step_s, count) for what in (ones, self.tokens_in, self.tokens_out))  # type: ignore[return-value]


def read_requests(path: Path) -> Requests:
    """Requests of a CSV file or of JSON lines; InputError by line for texts, negative tokens and times that go back."""
    text = content_of(path)
    lines, columns = _json_lines(text, path) if text.lstrip().startswith("{") else _csv(text, path)
    start, arrival_s = _arrivals(columns[0], lines, path, text.lstrip().startswith("{"))
    numbers = [_numbers(values, lines, path) for values in columns[1:]]
    faults = [*rows_at(~(numbers[0] >= 0), numbers[0], lines, str(path), "{:g} tokens in, at least 0 wanted"),
              *rows_at(~(numbers[1] >= 0), numbers[1], lines, str(path), "{:g} tokens out, at least 0 wanted"),
              *rows_at(np.diff(arrival_s, prepend=arrival_s[:1]) < 0, arrival_s, lines, str(path),
                       "came before the line above it: sort the trace by arrival")]  # fmt: skip
    if faults:
        raise InputError(faults)
    return Requests(arrival_s, numbers[0], numbers[1], start)


def _csv(text: str, path: Path) -> tuple[np.ndarray, list[list[str]]]:
    lines, header, rows = rows_of(text, path)
    columns = []
    for names in (TIMES, TOKENS_IN, TOKENS_OUT):
        at = next((header.index(name) for name in names if name in header), None)
        if at is None:
            message = f"no column {', '.join(names[:-1])} or {names[-1]}: there are {', '.join(header)}"
            raise InputError([Fault(message, place=Place(str(path)))])
        columns.append([row[at].strip() for row in rows])
    return lines, columns


def _json_lines(text: str, path: Path) -> tuple[np.ndarray, list[list[str]]]:
    lines, columns, faults = [], ([], [], []), []  # type: ignore[var-annotated]
    for n, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            values = [
                next(record[name] for name in names if name in record) for names in (TIMES, TOKENS_IN, TOKENS_OUT)
            ]
        except (ValueError, TypeError, StopIteration):
            faults.append(
                Fault("is no JSON object with timestamp, input_length and output_length", place=Place(str(path), n))
            )
            continue
        lines.append(n)
        for column, value in zip(columns, values, strict=True):
            column.append(str(value))
    if faults:
        raise InputError(faults[:MOST_FAULTS])
    return np.array(lines), list(columns)


def _arrivals(texts: list[str], lines: np.ndarray, path: Path, in_ms: bool) -> tuple[np.datetime64, Floats]:
    values, bad = numbers_of(texts)
    if not bad:
        return np.datetime64("NaT", "ns"), (values - values[0]) * (MS if in_ms else 1.0)
    return seconds_since_first(texts, lines, path, "timestamp", "UTC")


def _numbers(texts: list[str], lines: np.ndarray, path: Path) -> Floats:
    values, bad = numbers_of(texts)
    if bad:
        raise InputError(
            Fault(f"{texts[row]!r} is no number", place=Place(str(path), int(lines[row]))) for row in bad[:MOST_FAULTS]
        )
    return values
