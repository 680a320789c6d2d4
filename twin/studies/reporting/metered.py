"""A site's meters in a CSV file: one row for each month, day or hour, one column for each quantity.

Columns are ``month`` (2025-01), or ``start`` and ``end`` (end excluded), quantities of
:data:`twin.studies.reporting.quantities.KEYS` by their names, and ``quality`` (OK, ESTIMATED, MISSING) and ``note``
if wanted; ``win_m3_quality`` is the quality of one quantity alone. ``eit_kwh`` is IT energy at UPS outputs. Every fault
is told with row and column. A column that is empty from top to bottom was not measured; a gap is an error unless it is
marked MISSING, and then there is no sum.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from twin.errors import Fault, InputError, Place
from twin.studies.reporting.meter_checks import odd_values, order_faults, part_faults
from twin.studies.reporting.meter_rows import Row, read_rows, read_sheet
from twin.studies.reporting.quantities import KEYS, Ends, Interval, Quantity, ReportingPeriod

NOT_MEASURED = "not measured: the meter file has no {}"


def read_metered(path: Path, zone: str = "UTC") -> ReportingPeriod:
    """The reporting period that a site's meters tell; times without an offset are civil time of ``zone``.

    Raises
    ------
    InputError
        All faults of the file: unknown or foreign-unit columns, texts in numbers, gaps, negative values, parts that are
        larger than their whole, rows missing between the first and the last, rows that overlap or reach beyond a year,
        and times that the clocks of ``zone`` have twice or never; each with its row and column.
    """
    sheet = read_sheet(path, ZoneInfo(zone))
    faults: list[Fault] = []
    rows = read_rows(sheet, faults)
    if len(rows) == len(sheet.lines):  # else a row that could not be read would be told as one that is missing
        faults += order_faults(sheet, rows)
    faults += part_faults(sheet, rows)
    if faults:
        raise InputError(sorted(faults, key=lambda fault: fault.place or Place("")))
    return _period(path, rows, sheet.zone)


def _period(path: Path, rows: Sequence[Row], zone: ZoneInfo) -> ReportingPeriod:
    quantities = {key: _quantity(key, rows, path.name) for key in KEYS}
    intervals = tuple(Interval(_ends(row.start, row.end, zone), row.values) for row in rows)
    notes = (*(f"{path.name}:{row.line}: {said}" for row in rows if (said := _said(row))), *odd_values(rows, path.name))
    ends = _ends(rows[0].start, rows[-1].end, zone)
    return ReportingPeriod(path.stem, "metered", ends, quantities, intervals, {}, notes)


def _said(row: Row) -> str:
    """What a row states of its quality, and its note."""
    words = [f"{key} {word}".strip() for key, word in row.qualities.items() if word != "OK"]
    return ": ".join(filter(None, (", ".join(words), row.note)))


def _quantity(key: str, rows: Sequence[Row], file: str) -> Quantity:
    if key not in rows[0].values:
        return Quantity(None, "metered", file, NOT_MEASURED.format(key))
    gaps = [row for row in rows if row.values[key] is None]
    if gaps:
        reason = f"row {gaps[0].line} of {file} is MISSING" + (f", and {len(gaps) - 1} more" if len(gaps) > 1 else "")
        return Quantity(None, "metered", file, reason)
    values = [float(row.values[key] or 0.0) for row in rows]
    quality = "estimated" if any(row.quality(key) == "ESTIMATED" for row in rows) else "metered"
    if KEYS[key].adds:
        return Quantity(math.fsum(values), quality, f"{file}, column {key}, sum of {len(rows)} rows")  # type: ignore[arg-type]
    weights = [(row.end - row.start).total_seconds() for row in rows]
    mean = math.fsum(v * w for v, w in zip(values, weights, strict=True)) / math.fsum(weights)
    return Quantity(mean, quality, f"{file}, column {key}, mean of {len(rows)} rows over time")  # type: ignore[arg-type]


def _ends(start: datetime, end: datetime, zone: ZoneInfo) -> Ends:
    utc = [one.astimezone(UTC).isoformat().replace("+00:00", "Z") for one in (start, end)]
    local = [one.astimezone(zone).isoformat() for one in (start, end)]
    return {"start_utc": utc[0], "end_utc": utc[1], "start_local": local[0], "end_local": local[1]}
