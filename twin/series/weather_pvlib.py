"""Calls of pvlib's weather readers, which are imported when a file is first read (half a second)."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from twin.series.weather_raw import Layout, refuse_bad_cells

_RAISED = (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError)  # by pvlib on bad files
Frame = Any  # pandas.DataFrame, without importing pandas


def frame_of(
    reader: str, file: str, lines: Sequence[str], layout: Layout, **options: Any
) -> tuple[Frame, dict[str, Any]]:
    """What ``pvlib.iotools.reader`` makes of these lines: a frame whose needed columns are numbers, and the header.

    pvlib opens files itself and some readers take nothing but a path, so the lines go through a temporary file.
    Raises :class:`InputError` with the line and cell that cannot be read.
    """
    import pvlib.iotools

    read = getattr(pvlib.iotools, reader)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weather"
        path.write_bytes(("\n".join(lines) + "\n").encode("ascii", "replace"))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of mixed types in a column: a fault with its line is raised instead
                frame, header = read(str(path), **options)
        except _RAISED as error:
            refuse_bad_cells(file, lines[layout.skip :], layout, f"{error}".replace(str(path), file))
    return frame, header


def numbers(
    file: str, lines: Sequence[str], layout: Layout, frame: Frame, factors: Mapping[str, tuple[str, float]]
) -> dict[str, np.ndarray]:
    """Columns of ``frame`` in our names and units; ``factors``: pvlib's name -> our name, and what to multiply by."""
    present = {theirs: pair for theirs, pair in factors.items() if theirs in frame}
    if any(frame[theirs].dtype.kind not in "fiu" for theirs in present):
        refuse_bad_cells(file, lines[layout.skip :], layout, "a column holds text")
    return {ours: frame[theirs].to_numpy(dtype=float) * factor for theirs, (ours, factor) in present.items()}


def nsrdb_reader() -> str:
    """Name of pvlib's reader of NSRDB files: it was ``read_psm3`` before pvlib 0.13."""
    import pvlib.iotools

    return "read_nsrdb_psm4" if hasattr(pvlib.iotools, "read_nsrdb_psm4") else "read_psm3"
