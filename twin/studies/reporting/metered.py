"""A site's meters in a CSV file: one row for each month, day or hour, one column for each quantity.

Columns are ``month`` (2025-01), or ``start`` and ``end`` (end excluded), quantities of
:data:`twin.studies.reporting.quantities.KEYS` by their names, and ``quality`` (OK, ESTIMATED, MISSING) and ``note``
if wanted. ``eit_kwh`` is IT energy at UPS outputs. Every fault is told with row and column. A column that is empty from
top to bottom was not measured; a gap is an error unless its row is marked MISSING, and then there is no sum.
"""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from twin.errors import Fault, InputError, Place, did_you_mean
from twin.series.files import text_of
from twin.studies.reporting.quantities import KEYS, Ends, Interval, Quantity, ReportingPeriod

ALIASES = {"eit_kwh": "eit_ups_kwh"}  # EED: EIT is at UPS outputs
QUALITIES = ("OK", "ESTIMATED", "MISSING")
OTHER = ("month", "start", "end", "quality", "note")
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
WITH_UNIT = re.compile(r"[-+0-9.,eE\s]+[A-Za-z³%]")
NOT_MEASURED = "not measured: the meter file has no {}"


@dataclass(frozen=True)
class _Row:
    line: int
    start: datetime
    end: datetime
    quality: str
    values: dict[str, float | None]


def read_metered(path: Path, zone: str = "UTC") -> ReportingPeriod:
    """The reporting period that a site's meters tell; times without an offset are civil time of ``zone``.

    Raises
    ------
    InputError
        All faults of the file: unknown or foreign-unit columns, texts in numbers, gaps, negative values, rows missing
        between the first and the last, and rows that overlap; each with its row and column.
    """
    table = list(csv.reader(io.StringIO(text_of(path.read_bytes(), str(path)), newline="")))
    if len(table) < 2:
        raise InputError([Fault("has no rows below its header", "", Place(str(path)))])
    if len(table[0]) == 1 and ";" in table[0][0]:
        fault = Fault("its cells stand apart by semicolons; save it with commas, and numbers with a point", "",
                      Place(str(path), 1, table[0][0].index(";") + 1))  # fmt: skip
        raise InputError([fault])
    columns = [ALIASES.get(name.strip(), name.strip()) for name in table[0]]
    faults = _column_faults(columns, table[0], path)
    if faults:
        raise InputError(faults)
    empty = {name for k, name in enumerate(columns) if name in KEYS and not any(_cell(row, k) for row in table[1:])}
    rows = [_row(row, line, columns, empty, path, ZoneInfo(zone), faults) for line, row in enumerate(table[1:], 2)
            if any(cell.strip() for cell in row)]  # fmt: skip
    whole = [row for row in rows if row is not None]
    faults += _order_faults(whole, path)
    if faults:
        raise InputError(sorted(faults, key=lambda fault: fault.place or Place("")))
    return _period(path, whole, ZoneInfo(zone))


def _cell(row: Sequence[str], k: int) -> str:
    return row[k].strip() if k < len(row) else ""


def _column_faults(columns: Sequence[str], printed: Sequence[str], path: Path) -> list[Fault]:
    faults = []
    for k, name in enumerate(columns):
        place = Place(str(path), 1, k + 1)
        if name in columns[:k]:
            faults.append(Fault(f"column '{printed[k]}' stands there twice", "", place))
        elif name not in KEYS and name not in OTHER:
            faults.append(Fault(f"column '{printed[k]}' {_not_known(name)}", "", place))
    if "month" not in columns and not {"start", "end"} <= set(columns):
        faults.append(Fault("needs a column 'month', or 'start' and 'end'", "", Place(str(path), 1)))
    if not any(name in KEYS for name in columns):
        faults.append(Fault("has no column with a quantity, such as edc_kwh", "", Place(str(path), 1)))
    return faults


def _not_known(name: str) -> str:
    stem, _, unit = name.rpartition("_")
    right = next((key for key in [*KEYS, *ALIASES] if stem and key.rpartition("_")[0] == stem), None)
    if right:
        return f"is in '{unit}': the unit must be that of '{right}'; convert the column and rename it"
    return "is no known quantity" + (did_you_mean(name, [*KEYS, *ALIASES, *OTHER]) or f": {', '.join(KEYS)}")


def _row(
    row: Sequence[str], line: int, columns: Sequence[str], empty: set[str], path: Path, zone: ZoneInfo,
    faults: list[Fault],
) -> _Row | None:  # fmt: skip
    cells = {name: (k + 1, _cell(row, k)) for k, name in enumerate(columns)}
    place = Place(str(path), line)
    if len(row) > len(columns) and any(cell.strip() for cell in row[len(columns) :]):
        faults.append(Fault(f"has {len(row)} cells, the header {len(columns)}", "", place))
    quality = cells.get("quality", (0, "OK"))[1].upper() or "OK"
    if quality not in QUALITIES:
        at = Place(str(path), line, cells["quality"][0])
        faults.append(Fault(f"'{quality}' is none of {', '.join(QUALITIES)}", "quality", at))
    values = {}
    for name, (column, text) in cells.items():
        if name in KEYS and name not in empty:
            value, message = _number(text, quality == "MISSING", KEYS[name].unit)
            values[name] = value
            if message:
                faults.append(Fault(message, name, Place(str(path), line, column)))
    times = _times(cells, zone)
    if isinstance(times, Fault):
        faults.append(Fault(times.message, times.path, Place(str(path), line, cells[times.path][0])))
        return None
    return _Row(line, *times, quality, values)


def _number(text: str, may_be_missing: bool, unit: str) -> tuple[float | None, str]:
    """Value and, where there is something wrong with it, what."""
    if not text:
        return None, "" if may_be_missing else "is empty; a gap is a row of quality MISSING, never nothing or 0"
    try:
        value = float(text)
    except ValueError:
        if WITH_UNIT.match(text):
            return None, f"'{text}' has a unit in the cell; write the number in {unit}"
        return None, f"'{text}' is not a number in {unit}, such as 1234.5 (no separators of thousands)"
    if not math.isfinite(value):
        return None, f"'{text}' is not a finite number"
    return (None, f"{text} is negative") if value < 0 else (value, "")


def _times(cells: Mapping[str, tuple[int, str]], zone: ZoneInfo) -> tuple[datetime, datetime] | Fault:
    if "month" in cells:
        text = cells["month"][1]
        found = MONTH.fullmatch(text)
        if not found:
            return Fault(f"'{text}' is no month, such as 2025-01", "month")
        year, month = int(found[1]), int(found[2])
        return datetime(year, month, 1, tzinfo=zone), datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
    ends = []
    for name in ("start", "end"):
        try:
            time = datetime.fromisoformat(cells[name][1])
        except ValueError:
            return Fault(f"'{cells[name][1]}' is no time, such as 2025-01-01 or 2025-01-01T00:00:00+01:00", name)
        ends.append(time if time.tzinfo else time.replace(tzinfo=zone))
    start, end = (one.astimezone(UTC) for one in ends)
    return (start, end) if start < end else Fault("is not after the start; the end of a row is excluded", "end")


def _order_faults(rows: Sequence[_Row], path: Path) -> list[Fault]:
    faults = []
    for before, after in itertools.pairwise(rows):
        place = Place(str(path), after.line, 1)
        end, start = (one.astimezone(UTC) for one in (before.end, after.start))
        if start > end:
            faults.append(Fault(f"nothing from {_day(before.end)} to {_day(after.start)}: rows are missing", "", place))
        elif start < end:
            faults.append(Fault(f"begins before {_day(before.end)}, where the row above ends", "", place))
    return faults


def _day(time: datetime) -> str:
    return time.isoformat()[:16].removesuffix("T00:00")


def _period(path: Path, rows: Sequence[_Row], zone: ZoneInfo) -> ReportingPeriod:
    quantities = {key: _quantity(key, rows, path.name) for key in KEYS}
    intervals = tuple(Interval(_ends(row.start, row.end, zone), row.values) for row in rows)
    notes = tuple(f"{path.name}:{row.line}: {row.quality}" for row in rows if row.quality != "OK")
    ends = _ends(rows[0].start, rows[-1].end, zone)
    return ReportingPeriod(path.stem, "metered", ends, quantities, intervals, {}, notes)


def _quantity(key: str, rows: Sequence[_Row], file: str) -> Quantity:
    if key not in rows[0].values:
        return Quantity(None, "metered", file, NOT_MEASURED.format(key))
    gaps = [row for row in rows if row.values[key] is None]
    if gaps:
        reason = f"row {gaps[0].line} of {file} is MISSING" + (f", and {len(gaps) - 1} more" if len(gaps) > 1 else "")
        return Quantity(None, "metered", file, reason)
    values = [float(row.values[key] or 0.0) for row in rows]
    quality = "estimated" if any(row.quality == "ESTIMATED" for row in rows) else "metered"
    if KEYS[key].adds:
        return Quantity(math.fsum(values), quality, f"{file}, column {key}, sum of {len(rows)} rows")  # type: ignore[arg-type]
    weights = [(row.end - row.start).total_seconds() for row in rows]
    mean = math.fsum(v * w for v, w in zip(values, weights, strict=True)) / math.fsum(weights)
    return Quantity(mean, quality, f"{file}, column {key}, mean of {len(rows)} rows over time")  # type: ignore[arg-type]


def _ends(start: datetime, end: datetime, zone: ZoneInfo) -> Ends:
    utc = [one.astimezone(UTC).isoformat().replace("+00:00", "Z") for one in (start, end)]
    local = [one.astimezone(zone).isoformat() for one in (start, end)]
    return {"start_utc": utc[0], "end_utc": utc[1], "start_local": local[0], "end_local": local[1]}
