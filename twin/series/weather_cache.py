"""Weather files as they were read, kept on disk: pvlib takes a second to load and another to read a TMY2 file.

The key is the checksum of the file; the folder changes with the package's sources. An entry is written whole or not
at all, and one that cannot be read counts as absent.
"""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from twin.compiled import cache_folder
from twin.series.weather_raw import RawWeather, Site, Stamps

_UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile)


def load(sha256: str) -> RawWeather | None:
    """The weather file with this checksum, if it was kept."""
    path = _path(sha256)
    if path is None or not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as kept:
            facts, table = json.loads(str(kept["facts"])), kept["table"]
        days = table[0].astype("int64").astype("datetime64[D]")
        stamps = Stamps(days, table[1], table[2].astype("int64"))
        columns = dict(zip(facts.pop("columns"), table[3:], strict=True))
        return RawWeather(site=Site(**facts.pop("site")), stamps=stamps, columns=columns, **facts)
    except _UNREADABLE:
        return None


def keep(sha256: str, raw: RawWeather) -> None:
    """Keep a weather file; nothing happens where there is no place for it."""
    path = _path(sha256)
    if path is None:
        return
    facts = {name: getattr(raw, name) for name in ("kind", "typical", "solar_before_stamp")}
    facts |= {"site": dataclasses.asdict(raw.site), "columns": list(raw.columns)}
    table = np.vstack([raw.stamps.days.astype("int64"), raw.stamps.second_s, raw.stamps.lines, *raw.columns.values()])
    try:
        path.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            whole = Path(folder) / "weather.npz"
            np.savez(whole, facts=np.array(json.dumps(facts)), table=table)
            os.replace(whole, path)
    except OSError:
        return


def _path(sha256: str) -> Path | None:
    folder = cache_folder()
    return folder / "weather" / f"{sha256[:32]}.npz" if folder else None
