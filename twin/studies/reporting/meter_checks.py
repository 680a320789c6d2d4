"""What must hold between the rows of a meter file, and between quantities of a row."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from twin.errors import Fault
from twin.studies.reporting.meter_rows import Row, Sheet
from twin.studies.reporting.quantities import KEYS

PARTS = {  # a quantity that none of its parts can be larger than
    "edc_kwh": ("eit_ups_kwh", "eit_pdu_kwh", "eit_input_kwh", "cooling_kwh", "electrical_loss_kwh", "edc_bg_kwh"),
    "win_m3": ("win_pot_m3", "water_returned_m3"),
}
DAY_H = 23.0  # rows at least this long must balance: in an hour a battery may give what the supply does not
MONTH_H, FEWEST, FACTOR = 600.0, 6, 100.0  # of rows that are compared with their median, and how far from it is odd


def order_faults(sheet: Sheet, rows: Sequence[Row]) -> list[Fault]:
    """Rows that are missing, overlap, stand twice or out of order, or reach beyond a year."""
    late = next((after for before, after in itertools.pairwise(rows) if after.start < before.start), None)
    if late:
        message = "is earlier than the row above; rows stand in the order of time"
        return [Fault(message, "", sheet.place(late.line, _first(sheet)))]
    faults = []
    for before, after in itertools.pairwise(rows):
        place, end = sheet.place(after.line, _first(sheet)), _civil(before.end, sheet.zone)
        if after.start > before.end:
            message = f"nothing from {end} to {_civil(after.start, sheet.zone)}: rows are missing"
            faults.append(Fault(message, "", place))
        elif after.start == before.start:
            faults.append(Fault(f"{_civil(after.start, sheet.zone)} stands there twice", "", place))
        elif after.start < before.end:
            faults.append(Fault(f"begins before {end}, where the row above ends", "", place))
    return [*faults, *_too_long(sheet, rows)]


def _first(sheet: Sheet) -> str:
    return "month" if "month" in sheet.columns else "start"


def _civil(time: datetime, zone: ZoneInfo) -> str:
    return time.astimezone(zone).isoformat()[:16].removesuffix("T00:00")


def _too_long(sheet: Sheet, rows: Sequence[Row]) -> Iterator[Fault]:
    """A fault at the first row beyond a year: a figure of a year covers twelve months, ISO/IEC 30134-2."""
    if not rows:
        return
    start = rows[0].start.astimezone(sheet.zone)
    leap = (start.month, start.day) == (2, 29)
    year = start.replace(year=start.year + 1, month=3, day=1) if leap else start.replace(year=start.year + 1)
    beyond = next((row for row in rows if row.end > year), None)
    if beyond:
        span = f"{_civil(rows[0].start, sheet.zone)} to {_civil(year, sheet.zone)}"
        message = f"is beyond the year {span}: a report covers at most twelve months, report each year by itself"
        yield Fault(message, "", sheet.place(beyond.line, _first(sheet)))


def part_faults(sheet: Sheet, rows: Sequence[Row]) -> Iterator[Fault]:
    """Parts that are larger than their whole in rows of a day or longer."""
    for row in rows:
        if row.hours < DAY_H:
            continue
        for whole, parts in PARTS.items():
            total = row.values.get(whole)
            for part in parts:
                value = row.values.get(part)
                if total is not None and value is not None and value > total:
                    message = f"{value:.10g} is more than {whole} of the same row, {total:.10g}: a wrong unit or meter?"
                    yield Fault(message, part, sheet.place(row.line, part))


def odd_values(rows: Sequence[Row], file: str) -> Iterator[str]:
    """Lines on values of months that lie far from their column's median: a wrong unit or sign of thousands, maybe."""
    months = [row for row in rows if row.hours >= MONTH_H]
    for key in rows[0].values:
        known = [value for row in months if (value := row.values[key])]
        if len(known) < FEWEST:
            continue
        middle = statistics.median(known)
        for row in months:
            value = row.values[key] or middle
            if not middle / FACTOR <= value <= middle * FACTOR:
                words = f"{value:.6g} {KEYS[key].unit} is far from the median of its column, {middle:.6g}"
                yield f"{file}:{row.line}: {key}: {words}: a wrong unit or sign of thousands?"
