"""Series in parquet files are read as those in CSV files are."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from twin.errors import InputError
from twin.series.axis import TimeAxis
from twin.series.series_file import SeriesFile
from twin.series.tables import read_series

pytest.importorskip("pyarrow", reason="pyarrow is not installed (it is among the test dependencies)")
AXIS = TimeAxis(np.datetime64("2025-01-01", "ns"), 300.0, 4)
TIMES = pd.date_range("2025-01-01", periods=4, freq="5min")


def read(path: Path, **options: object) -> list[float]:
    return read_series(SeriesFile.model_validate({"file": str(path), "column": "v", **options}), AXIS).values.tolist()


@pytest.mark.parametrize(
    "times",
    [TIMES.tz_localize("UTC"), TIMES.tz_localize("UTC").tz_convert("Asia/Tokyo"), TIMES.strftime("%Y-%m-%dT%H:%MZ")],
)
def test_times_with_a_zone_are_themselves(tmp_path: Path, times: pd.Index) -> None:
    pd.DataFrame({"time": times, "v": [0.1, -2.0, 3.0, 4.0]}).to_parquet(tmp_path / "s.parquet")
    assert read(tmp_path / "s.parquet") == [0.1, -2.0, 3.0, 4.0]


def test_times_without_a_zone_need_one(tmp_path: Path) -> None:
    pd.DataFrame({"time": TIMES + pd.Timedelta(hours=9), "v": [1, 2, 3, 4]}).to_parquet(tmp_path / "s.parquet")
    assert read(tmp_path / "s.parquet", timezone="Asia/Tokyo") == [1, 2, 3, 4]
    with pytest.raises(InputError, match="times in column 'time' state no zone"):
        read(tmp_path / "s.parquet")


def test_times_in_the_index_and_rows_of_a_long_table_are_found(tmp_path: Path) -> None:
    long = pd.concat(
        [
            pd.DataFrame({"v": [k, k, np.nan, k], "node": name}, TIMES.rename("time"))
            for k, name in ((1.0, "a"), (2.0, "b"))
        ]
    )
    long.to_parquet(tmp_path / "s.parquet")
    assert read(tmp_path / "s.parquet", timezone="UTC", where=[{"column": "node", "values": ["b"]}]) == [2, 2, 2, 2]


def test_a_damaged_an_empty_and_a_foreign_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.parquet"
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(InputError, match="cannot be read as parquet"):
        read(path)
    pd.DataFrame({"time": [], "v": []}).to_parquet(path)
    with pytest.raises(InputError, match="no rows of values"):
        read(path)
    pd.DataFrame({"time": TIMES, "w": 1.0}).to_parquet(path)
    with pytest.raises(InputError, match="no column 'v'"):
        read(path)


def test_without_pyarrow_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pd.DataFrame({"time": TIMES, "v": 1.0}).to_parquet(tmp_path / "s.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match="pyarrow is needed to read parquet: pip install pyarrow"):
        read(tmp_path / "s.parquet")
