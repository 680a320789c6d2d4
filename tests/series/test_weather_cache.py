"""Weather files kept on disk: the same weather, whatever becomes of the entry."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from twin.series import weather_cache
from twin.series.weather import COLUMNS, read_weather

HERE = Path(__file__).parent / "weather"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(weather_cache, "cache_folder", lambda: tmp_path)
    return tmp_path / "weather"


def test_a_file_kept_on_disk_gives_the_same_weather(cache: Path) -> None:
    for reference in ("pvlib:12839.tm2", str(HERE / "good.csv"), str(HERE / "open_meteo.csv")):
        first, again = read_weather(reference), read_weather(reference)
        assert (cache / f"{first.sha256[:32]}.npz").is_file()
        assert (first.name, first.notes, first.elevation_m) == (again.name, again.notes, again.elevation_m)
        assert np.array_equal(first.seconds, again.seconds)
        assert all(np.array_equal(first.columns[n], again.columns[n], equal_nan=True) for n in COLUMNS)


def test_a_damaged_entry_of_the_cache_counts_as_absent(cache: Path) -> None:
    first = read_weather(str(HERE / "good.csv"))
    kept = cache / f"{first.sha256[:32]}.npz"
    for damage in (b"", b"not a zip file", kept.read_bytes()[:-200]):
        kept.write_bytes(damage)
        again = read_weather(str(HERE / "good.csv"))
        assert np.array_equal(first.columns["dry_bulb_c"], again.columns["dry_bulb_c"])


def test_weather_is_read_where_nothing_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weather_cache, "cache_folder", lambda: None)
    assert read_weather(str(HERE / "good.csv")).seconds.size == 48


def test_a_copy_under_another_name_bears_that_name_and_faults_name_it(cache: Path, tmp_path: Path) -> None:
    read_weather(str(HERE / "good.csv"))
    shutil.copy(HERE / "good.csv", tmp_path / "copy.csv")
    weather = read_weather(str(tmp_path / "copy.csv"))
    assert (weather.name, weather.file) == ("copy.csv", str(tmp_path / "copy.csv"))
