"""Rows of a meter file: the text of a CSV file turned to times and numbers, with every fault told by row and column."""

from __future__ import annotations

import csv
import functools
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from twin.errors import Fault, InputError, Place, did_you_mean
from twin.series.files import text_of
from twin.studies.reporting.quantities import KEYS

ALIASES = {"eit_kwh": "eit_ups_kwh"}  # EED: EIT is at UPS outputs
QUALITIES = ("OK", "ESTIMATED", "MISSING")
OF_ONE = "_quality"  # ending of a column with the quality of one quantity
OTHER = ("month", "start", "end", "quality", "note")
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
WITH_UNIT = re.compile(r"[-+0-9.,eE\s]+[A-Za-z³%]")
A_UNIT = re.compile(r"[\[(]?[A-Za-z/%]+[3³]?[\])]?")
GAPS = ("-", "–", "—", "na", "n/a", "#n/a", "null", "none", "k.a.")
EXCEL_DAYS = re.compile(r"[2-7]\d{4}(\.\d+)?")  # 1954 to 2119, counted from 1900
OTHER_FORMATS = {  # first bytes -> what the file is
    b"PK\x03\x04": "is a workbook, not text; save its sheet as CSV",
    b"\xd0\xcf\x11\xe0": "is a workbook, not text; save its sheet as CSV",
    b"\xff\xfe": "is UTF-16; save it as CSV in UTF-8",
    b"\xfe\xff": "is UTF-16; save it as CSV in UTF-8",
}
SEPARATORS = {";": "semicolons", "\t": "tabs"}
LONGEST = 60  # characters of a cell that a fault repeats


@dataclass(frozen=True)
class Row:
    """A row: its line in the file, its ends in UTC, its values, and the quality of each."""

    line: int
    start: datetime
    end: datetime
    qualities: Mapping[str, str]
    values: Mapping[str, float | None]
    note: str = ""

    def quality(self, key: str) -> str:
        """Quality of a quantity in this row."""
        return self.qualities.get(key) or self.qualities[""]

    @property
    def hours(self) -> float:
        """Length."""
        return (self.end - self.start).total_seconds() / 3600.0


@dataclass(frozen=True)
class Sheet:
    """The cells of a file, its columns by the twin's names, and the civil time of times without an offset."""

    path: Path
    columns: tuple[str, ...]
    lines: tuple[tuple[int, list[str]], ...]
    zone: ZoneInfo

    def place(self, line: int, name: str = "") -> Place:
        """Place of a cell, or of a line."""
        return Place(str(self.path), line, self.columns.index(name) + 1 if name else 0)

    @functools.cached_property
    def empty(self) -> set[str]:
        """Columns without a value from top to bottom."""
        return {name for k, name in enumerate(self.columns) if not any(_cell(row, k) for _, row in self.lines)}


def read_sheet(path: Path, zone: ZoneInfo) -> Sheet:
    """The cells of a file. Raises InputError where it is no CSV, or has columns that are not known."""
    table = _table(path)
    columns = tuple(ALIASES.get(name.strip(), name.strip()) for name in table[0])
    lines = tuple((line, row) for line, row in enumerate(table[1:], 2) if any(cell.strip() for cell in row))
    sheet = Sheet(path, columns, lines, zone)
    if faults := _column_faults(sheet, table[0]):
        raise InputError(faults)
    return sheet


def _table(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    for begins, message in OTHER_FORMATS.items():
        if content.startswith(begins):
            raise InputError([Fault(message, "", Place(str(path)))])
    try:
        table = list(csv.reader(io.StringIO(text_of(content, str(path)), newline="")))
    except csv.Error as error:
        raise InputError([Fault(f"is no CSV: {error}", "", Place(str(path)))]) from error
    if len(table) < 2:
        raise InputError([Fault("has no rows below its header", "", Place(str(path)))])
    if len(table[0]) == 1:
        for sign, words in SEPARATORS.items():
            if sign in table[0][0]:
                message = f"its cells stand apart by {words}; save it with commas, and numbers with a point"
                raise InputError([Fault(message, "", Place(str(path), 1, table[0][0].index(sign) + 1))])
    return table


def _cell(row: Sequence[str], k: int) -> str:
    return row[k].strip() if k < len(row) else ""


def _brief(text: str) -> str:
    """The first line of a cell, as far as a fault repeats it."""
    return text.partition("\n")[0][:LONGEST]


def _column_faults(sheet: Sheet, printed: Sequence[str]) -> list[Fault]:
    faults, columns, empty = [], sheet.columns, sheet.empty
    for k, name in enumerate(columns):
        place = Place(str(sheet.path), 1, k + 1)
        if not name and name in empty:
            continue  # commas that a spreadsheet leaves at the end of lines
        if name in columns[:k]:
            faults.append(Fault(f"column '{printed[k]}' stands there twice", "", place))
        elif name not in KEYS and name not in OTHER and _of_one(name) not in columns:
            faults.append(Fault(f"column '{printed[k].strip()}' {_not_known(name)}", "", place))
    top = sheet.place(1)
    if "month" not in columns and not {"start", "end"} <= set(columns):
        faults.append(Fault("needs a column 'month', or 'start' and 'end'", "", top))
    if "month" in columns and {"start", "end"} & set(columns):
        faults.append(Fault("has 'month' and 'start' or 'end'; one of the two says when", "", top))
    if not any(name in KEYS for name in columns):
        faults.append(Fault("has no column with a quantity, such as edc_kwh", "", top))
    return faults


def _of_one(name: str) -> str:
    """The quantity whose quality a column tells; empty where it is no such column."""
    stem = name.removesuffix(OF_ONE)
    return ALIASES.get(stem, stem) if name.endswith(OF_ONE) else ""


def _not_known(name: str) -> str:
    if not name:
        return "has no name"
    known = [*KEYS, *ALIASES]
    plain = re.sub(r"\W+", "_", name.lower()).strip("_")
    first = re.split(r"[\s(\[]", name.lower())[0]
    for one in (plain, first):
        if one in known or one in OTHER:
            return f"is no known quantity: write '{one}'"
    stem, _, unit = plain.rpartition("_")
    right = next((key for key in known if stem and key.rpartition("_")[0] == stem), None)
    if right:
        return f"is in '{unit}': the unit must be that of '{right}'; convert the column and rename it"
    return "is no known quantity" + (did_you_mean(name, [*known, *OTHER]) or f": {', '.join(KEYS)}")


def read_rows(sheet: Sheet, faults: list[Fault]) -> list[Row]:
    """The rows of a sheet that can be read; what is wrong goes to ``faults``."""
    if (units := _row_of_units(sheet)) is not None:
        faults.append(units)
        return []
    found = [_row(sheet, line, row, faults) for line, row in sheet.lines]
    return [row for row in found if row is not None]


def _row_of_units(sheet: Sheet) -> Fault | None:
    """A fault where the first line below the header has texts alone: units, most likely."""
    line, row = sheet.lines[0]
    cells = [_cell(row, k) for k, name in enumerate(sheet.columns) if name in KEYS]
    if len(sheet.lines) < 2 or not all(A_UNIT.fullmatch(cell) and cell.lower() not in GAPS for cell in cells):
        return None
    return Fault("has texts where numbers belong: a line of units? the header's names tell them", "", sheet.place(line))


def _row(sheet: Sheet, line: int, row: Sequence[str], faults: list[Fault]) -> Row | None:
    columns = sheet.columns
    if len(row) > len(columns) and any(cell.strip() for cell in row[len(columns) :]):
        message = f"has {len(row)} cells, the header {len(columns)}; a comma within a number? decimals have a point"
        faults.append(Fault(message, "", sheet.place(line)))
        return None
    cells = {name: _cell(row, k) for k, name in enumerate(columns)}
    qualities = _qualities(sheet, line, cells, faults)
    values = {}
    for name, text in cells.items():
        if name in KEYS and name not in sheet.empty:
            missing = (qualities.get(name) or qualities[""]) == "MISSING"
            values[name], message = _number(_brief(text), missing, KEYS[name].unit)
            if message:
                faults.append(Fault(message, name, sheet.place(line, name)))
    times = _times(cells, sheet.zone)
    if isinstance(times, Fault):
        faults.append(Fault(times.message, times.path, sheet.place(line, times.path)))
        return None
    return Row(line, *times, qualities, values, cells.get("note", ""))


def _qualities(sheet: Sheet, line: int, cells: Mapping[str, str], faults: list[Fault]) -> dict[str, str]:
    """Quality of the row (under the empty name) and of single quantities."""
    found = {"": "OK"}
    for name, text in cells.items():
        word = _brief(text).upper()
        if (name == "quality" or _of_one(name)) and word:
            found[_of_one(name)] = word
            if word not in QUALITIES:
                message = f"'{word}' is none of {', '.join(QUALITIES)}"
                faults.append(Fault(message, name, sheet.place(line, name)))
    return found


def _number(text: str, may_be_missing: bool, unit: str) -> tuple[float | None, str]:
    """Value and, where there is something wrong with it, what."""
    if not text:
        return None, "" if may_be_missing else "is empty; a gap is a row of quality MISSING, never nothing or 0"
    try:
        value = float(text)
    except ValueError:
        return None, _no_number(text, unit)
    if not math.isfinite(value):
        return None, f"'{text}' is not a finite number"
    if value < 0:
        return None, f"{text} is negative"
    return (None, f"{text} is more than 1: it is a share, 45 % is .45") if unit == "1" and value > 1 else (value, "")


def _no_number(text: str, unit: str) -> str:
    if text.lower() in GAPS:
        return f"'{text}' is not a number in {unit}; a gap is an empty cell in a row of quality MISSING"
    if WITH_UNIT.match(text):
        return f"'{text}' has a unit in the cell; write the number in {unit}"
    if "," in text:
        return f"'{text}' is not a number in {unit}; decimals have a point and thousands no sign, such as 1234.5"
    return f"'{text}' is not a number in {unit}, such as 1234.5 (no separators of thousands)"


def _times(cells: Mapping[str, str], zone: ZoneInfo) -> tuple[datetime, datetime] | Fault:
    """Start and end of a row in UTC; months begin and end in civil time."""
    if "month" in cells:
        found = MONTH.fullmatch(cells["month"])
        if not found:
            return Fault(f"'{_brief(cells['month'])}' is no month, such as 2025-01{_excel(cells['month'])}", "month")
        year, month = int(found[1]), int(found[2])
        ends = [datetime(year, month, 1, tzinfo=zone), datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)]
        return ends[0].astimezone(UTC), ends[1].astimezone(UTC)
    times = []
    for name in ("start", "end"):
        time = _time(cells[name], zone)
        if isinstance(time, str):
            return Fault(time, name)
        times.append(time)
    start, end = times
    return (start, end) if start < end else Fault("is not after the start; the end of a row is excluded", "end")


def _excel(text: str) -> str:
    return (
        "; it is a day as Excel counts them: give the column the format of text" if EXCEL_DAYS.fullmatch(text) else ""
    )


def _time(text: str, zone: ZoneInfo) -> datetime | str:
    """A time in UTC, or what is wrong with it; without an offset it is civil time, which the clocks must have once."""
    try:
        time = datetime.fromisoformat("" if EXCEL_DAYS.fullmatch(text) else text)
    except ValueError:
        return f"'{_brief(text)}' is no time, such as 2025-01-01 or 2025-01-01T00:00:00+01:00{_excel(text)}"
    if time.tzinfo:
        return time.astimezone(UTC)
    first, second = (time.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset() or ":" not in text:  # a day begins at its first moment
        return first.astimezone(UTC)
    if first.astimezone(UTC) < second.astimezone(UTC):
        both = " or ".join(one.isoformat(timespec="minutes") for one in (first, second))
        return f"'{text}' comes twice in {zone}, where clocks go back; write it with its offset: {both}"
    return f"'{text}' does not exist in {zone}, where clocks go forward over it; write times with their offset"
