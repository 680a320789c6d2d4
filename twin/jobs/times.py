"""Times of a trace: numbers in a stated unit, or stamps, as seconds after the first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from twin.errors import Fault, InputError, Place
from twin.jobs.table import MOST_FAULTS, Floats


def seconds_since_first(
    texts: Sequence[str], lines: np.ndarray, path: Path, title: str, timezone: str
) -> tuple[np.datetime64, Floats]:
    """Instant (UTC) of the earliest stamp, and each stamp's distance from it in seconds; empty texts are NaN.

    Stamps without a zone are civil time in ``timezone``; of the hour that comes twice in autumn the first is taken.
    """
    stated = pd.Series([text or None for text in texts], dtype=object)
    parsed = pd.to_datetime(stated, errors="coerce", format="ISO8601")
    bad = [row for row, text in enumerate(texts) if text and pd.isna(parsed.iloc[row])]
    if bad:
        raise InputError(Fault(f"{title}: {texts[row]!r} is no time such as 2025-03-01T12:00:00",
                               place=Place(str(path), int(lines[row]))) for row in bad[:MOST_FAULTS])  # fmt: skip
    stamps = pd.DatetimeIndex(parsed)
    if stamps.tz is None:
        stamps = stamps.tz_localize(timezone, ambiguous=np.ones(len(stamps), bool), nonexistent="shift_forward")
    utc = stamps.tz_convert("UTC").tz_localize(None).as_unit("ns")
    start = utc.min()
    seconds = (utc - start).total_seconds().to_numpy()
    return start.to_datetime64(), np.asarray(seconds, dtype=float)
