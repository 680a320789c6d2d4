"""Columns of a parquet file as texts, so that a series is read from it as from a CSV file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from twin.errors import Fault, InputError, Place

WANTED = "pyarrow is needed to read parquet: pip install pyarrow"


def parquet_rows(path: Path, choose: Callable[[Sequence[str]], list[str]]) -> tuple[list[str], list[list[str]]]:
    """Names of the columns that ``choose`` takes from all names, and their rows as texts; times in ISO 8601.

    Raises
    ------
    InputError
        pyarrow is not installed, or the file cannot be read or holds no rows.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise InputError([Fault(WANTED, "", Place(str(path)))]) from None
    try:
        names = [str(name) for name in pyarrow.parquet.read_schema(path).names]
        table = pyarrow.parquet.read_table(path, columns=choose(names)).to_pandas(ignore_metadata=True)
    except (OSError, pyarrow.ArrowException) as error:
        raise InputError([Fault(f"cannot be read as parquet: {error}", "", Place(str(path)))]) from error
    if table.empty:
        raise InputError([Fault("no rows of values", "", Place(str(path)))])
    columns = [_texts(table[name]) for name in table.columns]
    return [str(name) for name in table.columns], [list(row) for row in zip(*columns, strict=True)]


def _texts(column: pd.Series) -> list[str]:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return column.dt.tz_convert("UTC").dt.strftime("%Y-%m-%dT%H:%M:%SZ").fillna("").tolist()
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S").fillna("").tolist()
    if pd.api.types.is_float_dtype(column):
        return [repr(value) for value in column.tolist()]
    return [str(value) for value in column.tolist()]
