"""Columns of a delimited text file as texts and numbers, each row with its line in the file."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.errors import Fault, InputError, Place, did_you_mean
from twin.series.files import text_of
from twin.series.parquet import parquet_rows
from twin.series.series_file import SeriesFile, Where

_TIME_NAMES = (  # what holds times, the likelier first
    re.compile(r"^(time|date)", re.IGNORECASE),
    re.compile(
        r"^(mtu\b|delivery ?date|datum|start[ _]?(date|time)|interval ?start|local ?time|opr_dt)", re.IGNORECASE
    ),
    re.compile(r"^hour", re.IGNORECASE),
)
HOUR_NAME = re.compile(r"^(hour ending|delivery hour|he|opr_hr)$", re.IGNORECASE)
_PART_NAME = re.compile(r"^(delivery interval|opr_interval)$", re.IGNORECASE)
MOST_TITLES_LENGTH = 5000  # characters within which the header stands
_FIELD = re.compile(r"[,;\t|]")
_TAGGED = re.compile(r'"?C"?,')
_FLAG_NAME = re.compile(r"^(repeated ?hour ?flag|dst ?flag)$", re.IGNORECASE)
UTC_NAME = re.compile(r"(^|[^a-z])(utc|gmt)(?! ?[+-]\d)([^a-z]|$)", re.IGNORECASE)  # a name that says so is in UTC
MISSING = frozenset({"", "na", "n/a", "n/e", "nan", "null", "none", "-", "--"})  # written for no value, in any case
_MOST_VALUES = 8  # of a column, in a fault
MOST_FAULTS = 10


@dataclass(frozen=True)
class Column:
    """One column: values (NaN where missing), shape (n,), with the line of each row and the times beside it."""

    path: Path
    lines: NDArray[np.int64]
    values: NDArray[np.float64]
    time_name: str | None
    times: Sequence[str] | None
    hours: Sequence[str] | None
    hour_name: str | None = None
    parts: Sequence[str] | None = None
    flags: Sequence[str] | None = None

    def fault(self, row: int, message: str) -> Fault:
        """A fault at a row of the file."""
        return Fault(message, "", Place(str(self.path), int(self.lines[row])))


def find_time_column(header: Sequence[str]) -> str | None:
    """The column that holds times, judged by its name; one that says UTC goes before others."""
    named = [name for pattern in _TIME_NAMES for name in header if pattern.match(name)]
    return next((name for name in named if UTC_NAME.search(name)), named[0] if named else None)


def read_column(path: Path, spec: SeriesFile) -> Column:
    """The column that ``spec`` names, with its times.

    Raises
    ------
    InputError
        The file cannot be read, has no rows, lacks a column (nearest name given), or holds text among numbers.
    """
    is_parquet, text = path.suffix == ".parquet", ""
    if is_parquet:
        header, rows = parquet_rows(path, lambda names: _needed(names, spec, path))
        lines = np.arange(1, len(rows) + 1)
    else:
        text = below_titles(content_of(path), spec.column)
        lines, header, rows = rows_of(text, path)
    time_name = spec.time_column or find_time_column(header)
    required = [spec.column, time_name, spec.hour_column, spec.part_column, spec.flag_column]
    require_columns([name for name in (*required, *(w.column for w in spec.where)) if name is not None], header, path)
    lines, rows = _chosen(lines, header, rows, spec.where, path)
    beside = _beside_dates(header, rows, time_name, spec)
    wanted = [name for name in (spec.column, time_name, *beside) if name is not None]
    picked = {name: [row[at].strip() for row in rows] for name in wanted for at in (header.index(name),)}
    values, bad = numbers_of(picked[spec.column], decimal_comma=_separator(text) == ";")
    times = picked[time_name] if time_name else None
    hours, parts, flags = (picked[name] if name else None for name in beside)
    column = Column(path, lines, values, time_name, times, hours, beside[0], parts, flags)
    if bad:
        raise InputError(column.fault(at, f"{picked[spec.column][at]!r} is no number") for at in bad[:MOST_FAULTS])
    if np.isnan(values).all():
        raise InputError([Fault(f"column '{spec.column}' holds no values", "", Place(str(path)))])
    return column


def _needed(names: Sequence[str], spec: SeriesFile, path: Path) -> list[str]:
    """Columns of a parquet file that a series may want: reading all of them as texts takes long."""
    stated = [spec.column, spec.time_column, spec.hour_column, spec.part_column, spec.flag_column]
    wanted = {name for name in (*stated, *(w.column for w in spec.where)) if name is not None}
    require_columns(sorted(wanted), names, path)
    usual = (
        find_time_column(names),
        *(n for n in names if any(p.match(n) for p in (HOUR_NAME, _PART_NAME, _FLAG_NAME))),
    )
    return [name for name in names if name in wanted or name in usual]


def _beside_dates(
    header: Sequence[str], rows: Sequence[Sequence[str]], time_name: str | None, spec: SeriesFile
) -> tuple[str | None, str | None, str | None]:
    """Columns of hours, parts of hours and flags: as stated, or by their usual names beside a column of dates."""
    stated = (spec.hour_column, spec.part_column, spec.flag_column)
    if time_name is None or ":" in rows[0][header.index(time_name)]:
        return stated
    hour, part, flag = (
        own or next((name for name in header if pattern.match(name)), None)
        for own, pattern in zip(stated, (HOUR_NAME, _PART_NAME, _FLAG_NAME), strict=True)
    )
    return (hour, part, flag) if hour else stated


def _chosen(
    lines: NDArray[np.int64], header: Sequence[str], rows: list[list[str]], where: Sequence[Where], path: Path
) -> tuple[NDArray[np.int64], list[list[str]]]:
    """Rows that fulfil all conditions; InputError with the nearest value where none does."""
    keep = np.ones(len(rows), bool)
    for condition in where:
        texts = [row[header.index(condition.column)].strip() for row in rows]
        fits = np.array([text in condition.values for text in texts])
        if not (fits & keep).any():
            known = list(dict.fromkeys(text for text, kept in zip(texts, keep, strict=True) if kept))
            near = did_you_mean(condition.values[0], known) or f": there are {', '.join(known[:_MOST_VALUES])}"
            message = f"no row has {condition.column} {' or '.join(map(repr, condition.values))}{near}"
            raise InputError([Fault(message, "where", Place(str(path)))])
        keep &= fits
    return lines[keep], [row for row, kept in zip(rows, keep, strict=True) if kept]


def content_of(path: Path) -> str:
    """Text of a file, unzipped where it is gzip; InputError where it cannot be read."""
    try:
        return text_of(path.read_bytes(), str(path))
    except OSError as error:
        raise InputError([Fault(f"cannot be read: {error.strerror}", "", Place(str(path)))]) from error


def below_titles(text: str, column: str) -> str:
    """The text with titles above its header, such as those of the EIA, as comments: lines keep their numbers."""
    first = text[:MOST_TITLES_LENGTH].splitlines()
    if _TAGGED.match(next((line for line in first if line.strip() and not line.lstrip().startswith("#")), "")):
        return text
    fields = [[field.strip().strip('"') for field in _FIELD.split(line)] for line in first]
    at = next((at for at, names in enumerate(fields) if column in names), 0)
    return "\n".join([f"#{line}" for line in first[:at]] + text.splitlines()[at:]) if at else text


def require_columns(wanted: Sequence[str], header: Sequence[str], path: Path) -> None:
    """InputError with the nearest name for each column that is not there."""
    faults = [_no_column(name, header, path) for name in wanted if name not in header]
    if faults:
        raise InputError(faults)


def _no_column(name: str, header: Sequence[str], path: Path) -> Fault:
    near = did_you_mean(name, header) or f": there are {', '.join(header)}"
    return Fault(f"no column '{name}'{near}", "", Place(str(path)))


def _kept(text: str) -> list[tuple[int, str]]:
    """Lines that are neither empty nor comments, each with its number in the file."""
    numbered = enumerate(text.splitlines(), start=1)
    kept = [(number, line) for number, line in numbered if line.strip() and not line.lstrip().startswith("#")]
    return _untagged(kept) if kept and _TAGGED.match(kept[0][1]) else kept


def _untagged(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """ISO New England marks each line: comments C, the header H (then one of types), data D, the end T."""
    names = [line for line in lines if line[1].lstrip('"').startswith("H")]
    return names[:1] + [line for line in lines if line[1].lstrip('"').startswith("D")]


def _separator(text: str) -> str:
    """What parts the header's fields: a comma, a semicolon, a tab or a bar."""
    header = next((line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")), "")
    return max(",;\t|", key=header.count)


def rows_of(text: str, path: Path) -> tuple[NDArray[np.int64], list[str], list[list[str]]]:
    """Numbers of the lines with values, the header, and the fields of each row."""
    kept = _kept(text)
    records = list(csv.reader((line for _, line in kept), delimiter=_separator(text)))
    if len(records) < 2 or len(records) != len(kept):
        reason = "no rows of values" if len(records) < 2 else "a quoted text runs over several lines"
        raise InputError([Fault(reason, "", Place(str(path)))])
    numbers, header = [number for number, _ in kept[1:]], [name.strip() for name in records[0]]
    odd = [at for at, row in enumerate(records[1:]) if len(row) != len(header)]
    if odd:
        raise InputError(
            Fault(f"{len(records[at + 1])} fields, the header has {len(header)}", "", Place(str(path), numbers[at]))
            for at in odd[:MOST_FAULTS]
        )
    return np.array(numbers), header, records[1:]


def _plain_number(text: str, decimal_comma: bool) -> str:
    """The text with a point for its decimals and without marks of thousands: of point and comma the last counts."""
    if "," in text and "." in text:
        thousands = "," if text.rfind(".") > text.rfind(",") else "."
        text = text.replace(thousands, "")
        return text.replace(",", ".")
    return text.replace(",", ".") if decimal_comma else text


def numbers_of(texts: Sequence[str], decimal_comma: bool = False) -> tuple[NDArray[np.float64], list[int]]:
    """Values of the texts, and the rows that hold none; beside semicolons a comma is a decimal point."""
    values, bad = np.empty(len(texts)), []
    for at, text in enumerate(texts):
        try:
            plain = _plain_number(text, decimal_comma)
            values[at] = np.nan if text.lower() in MISSING else float(plain)
        except ValueError:
            values[at] = np.inf
        if np.isinf(values[at]):
            bad.append(at)
    return values, bad
