"""Forms in which exports of markets write times: ISO 8601, ranges, marks of daylight saving, days before months.

``01.01.2021 00:00 - 01.01.2021 01:00`` (ENTSO-E) is a range and names start and end; ``(CET)`` and ``(CEST)`` after a
time tell standard time from daylight saving. Where no form is stated and the texts are not ISO 8601, the one of
:data:`FORMS` that fits every row is taken; where several do (no day after the 12th), the user has to say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.errors import Fault, InputError, Place
from twin.series.columns import HOUR_NAME, MOST_FAULTS, Column

FORMS = (
    "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p",
    "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y",
    "%d-%m-%Y %H:%M", "%d-%m-%Y", "%b %d, %Y %I:%M %p", "%d-%b-%Y %H:%M",
)  # fmt: skip
_RANGE = re.compile(r"^(.*\d.*?)\s+-\s+(.*\d.*)$")
_SAVING = re.compile(r"\s*\(?\b(CEST|EEST|WEST|BST|[CEMP]DT)\b\)?\s*$")
_STANDARD = re.compile(r"\s*\(?\b(CET|EET|WET|GMT|[CEMP]ST)\b\)?\s*$")
_MARK_ENDS = ("T", ")")  # of all marks
_ZONE = re.compile(r"(Z|[T ]\S*[+-]\d{2}:?\d{2})$")  # an offset follows a time: 01-01-2021 has none
_MIDNIGHT = re.compile(r"([T ])24:00(:00)?(?=$|Z|[+-])")  # 24:00 of a day is 00:00 of the next
DAY_NS = 86_400_000_000_000


@dataclass(frozen=True)
class Times:
    """Times of rows, nanoseconds on their own clock, or in UTC where ``zoned``; shape (n,).

    ``saving`` is 1 for daylight saving, 0 for standard time, -1 where the text does not tell. ``ends_ns`` are the ends
    of ranges, or None.
    """

    starts_ns: NDArray[np.int64]
    saving: NDArray[np.int8]
    zoned: bool
    ends_ns: NDArray[np.int64] | None = None
    end_saving: NDArray[np.int8] | None = None


def read_times(column: Column, texts: Sequence[str], time_format: str | None) -> Times:
    """Times of all rows; InputError with the lines of those that cannot be read."""
    if not texts or _RANGE.match(texts[0]) is None:
        starts_ns, saving, zoned = _instants(column, texts, time_format)
        return Times(starts_ns, saving, zoned)
    found = [_RANGE.match(text) for text in texts]
    bad = [at for at, match in enumerate(found) if match is None]
    if bad:
        raise InputError(column.fault(at, f"{texts[at]!r} is no range, others are") for at in bad[:MOST_FAULTS])
    starts, ends = ([match[side] for match in found if match] for side in (1, 2))
    starts_ns, saving, zoned = _instants(column, starts, time_format)
    ends_ns, end_saving, _ = _instants(column, ends, time_format)
    return Times(starts_ns, saving, zoned, ends_ns, end_saving)


def _instants(
    column: Column, texts: Sequence[str], time_format: str | None
) -> tuple[NDArray[np.int64], NDArray[np.int8], bool]:
    bare, saving = _without_marks(texts)
    zoned = _zoned(column, bare)
    return _parse(column, bare, zoned, time_format), saving, zoned


def _without_marks(texts: Sequence[str]) -> tuple[list[str], NDArray[np.int8]]:
    saving = np.full(len(texts), -1, np.int8)
    if not any(text.endswith(_MARK_ENDS) for text in texts):
        return list(texts), saving
    bare = []
    for at, text in enumerate(texts):
        for mark, pattern in ((1, _SAVING), (0, _STANDARD)):
            if pattern.search(text):
                saving[at] = mark
                text = pattern.sub("", text)
                break
        bare.append(text)
    return bare, saving


def _zoned(column: Column, texts: Sequence[str]) -> bool:
    """Whether the times state their zone; all of them must do as the first."""
    zoned = [bool(_ZONE.search(text)) for text in texts]
    if any(zoned) != all(zoned):
        odd = zoned.index(not zoned[0])
        raise InputError([column.fault(odd, f"{texts[odd]!r}: some times state a zone and others do not")])
    return zoned[0]


def _parse(column: Column, texts: Sequence[str], zoned: bool, time_format: str | None) -> NDArray[np.int64]:
    late = np.array([bool(_MIDNIGHT.search(text)) for text in texts])
    plain = pd.Series([_MIDNIGHT.sub(r"\g<1>00:00", text) for text in texts] if late.any() else list(texts))
    form = time_format or ("ISO8601" if zoned or _fits(plain, "ISO8601") else _form_of(plain, column))
    parsed = pd.to_datetime(plain, format=form, utc=zoned, errors="coerce")
    bad = np.flatnonzero(parsed.isna())
    if bad.size:
        said = time_format or "ISO 8601, such as 2025-01-31 13:00 (for another, give `time_format`)"
        message = "{!r} is no time in the form " + said
        raise InputError(column.fault(at, message.format(texts[at])) for at in bad[:MOST_FAULTS].tolist())
    naive = parsed.dt.tz_localize(None) if zoned else parsed
    times_ns: NDArray[np.int64] = pd.DatetimeIndex(naive).as_unit("ns").asi8 + late * DAY_NS
    return times_ns


def _form_of(texts: pd.Series, column: Column) -> str:
    """The form that fits every text; ISO 8601 where none does, so that the faults speak of that."""
    known = [form for form in FORMS if _fits(texts.iloc[:1], form)]
    fitting = [form for form in known if _fits(texts, form)]
    if column.hour_name and HOUR_NAME.match(column.hour_name):  # the names of North American markets: months first
        fitting = fitting[:1]
    if len(fitting) > 1:
        either = " or ".join(fitting)
        message = f"{texts.iloc[0]!r} and all other times can be read as {either}: give `time_format`"
        raise InputError([Fault(message, "", Place(str(column.path), int(column.lines[0])))])
    return fitting[0] if fitting else "ISO8601"


def _fits(texts: pd.Series, form: str) -> bool:
    return not pd.to_datetime(texts, format=form, errors="coerce", utc=form == "ISO8601").isna().any()
