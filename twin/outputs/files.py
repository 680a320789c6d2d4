"""The files that a run leaves: ``results.nc``, ``metrics.json``, ``scenario.yaml``, and ``jobs.csv`` where jobs ran.

Each is written under a temporary name beside its place and renamed when it is whole, so that a reader never meets
half a file. The same scenario gives the same bytes: nothing in them tells when, where or by whom they were written.
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from twin.errors import Fault, InputError, Place
from twin.outputs.netcdf import netcdf_bytes
from twin.studies.facts import SIMULATED, is_interim, period_of, stated
from twin.studies.sums import one_of
from twin.units import SECONDS_PER_HOUR

SCHEMA_VERSION = 2  # of metrics.json


@contextmanager
def prepared_folder(folder: Path) -> Iterator[Path]:
    """The folder, made where it is missing, and known to take files; OSError with its name where it does not.

    Where what is done inside fails, folders that were made for it and are still empty are gone again.
    """
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    done = False
    try:
        yield _writable(folder)
        done = True
    finally:
        for one in () if done else made:
            with suppress(OSError):
                one.rmdir()


def _writable(folder: Path) -> Path:
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "is a file, not a folder", str(folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise OSError(error.errno, f"cannot write here: {error.strerror}", str(folder)) from error


def write_run(
    folder: Path, results: xr.Dataset, document: Mapping[str, Any], jobs: pd.DataFrame | None = None
) -> list[Path]:
    """Write the files of a run of one scenario into a folder that is there; returns their paths.

    Three files, and ``jobs.csv`` where there are ``jobs``; one that is left from another run is taken away.

    ``document`` is that of :func:`metrics_document`. It is written last: where ``metrics.json`` stands, the others
    are whole. Raises OSError.
    """
    write_whole(folder / "results.nc", netcdf_bytes(results))
    write_whole(folder / "scenario.yaml", scenario_yaml(results).encode())
    if jobs is None:
        (folder / "jobs.csv").unlink(missing_ok=True)
    else:
        write_whole(folder / "jobs.csv", jobs.to_csv(index=False, lineterminator="\n").encode())
    write_whole(folder / "metrics.json", metrics_text(document).encode())
    names = ("results.nc", "metrics.json", "scenario.yaml", *(() if jobs is None else ("jobs.csv",)))
    return [folder / name for name in names]


def write_new(path: Path, text: str) -> None:
    """Write a text to a file that must not be there yet; InputError where it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        fault = Fault("is there already and is left as it is; choose another name", place=Place(str(path)))
        raise InputError([fault]) from error


def scenario_yaml(results: xr.Dataset, scenario: int = 0) -> str:
    """The resolved scenario as YAML; it runs again to the same results."""
    return str(results["scenario_yaml"].values[scenario])


def metrics_document(
    results: xr.Dataset,
    metrics: Mapping[str, Any],
    warnings: Iterable[str] = (),
    scenario: int = 0,
    notes: Iterable[str] = (),
    factors: Iterable[str] = (),
    months: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """What ``metrics.json`` holds: the figures of one scenario of the results, for which period, and from what.

    ``period`` is in UTC and in local standard time, its end excluded; ``notes`` say what was assumed of the files
    read, and ``provenance`` has the checksums of all of them, those of tables of emission ``factors`` apart. ``months``
    are those of :func:`twin.studies.months.months`. The form is that of :mod:`twin.outputs.metrics_schema`.
    """
    text, version, period = scenario_yaml(results, scenario), results.attrs["package_version"], _period(results)
    read = json.loads(results.attrs["inputs"])
    return {
        "schema_version": SCHEMA_VERSION,
        "scenario": str(results["scenario"].values[scenario]),
        "statement": SIMULATED,
        "period": period,
        "metrics": stated(metrics, period, f"simulation, datacenter-twin {version}"),
        "months": list(months),
        "warnings": list(warnings),
        "notes": list(notes),
        "provenance": {
            "package": "datacenter-twin",
            "package_version": version,
            "scenario_sha256": hashlib.sha256(text.encode()).hexdigest(),
            "inputs_sha256": read,
            "factors_sha256": {name: read[name] for name in factors if name in read},
            "seed": None,  # the loop draws nothing at random
            "data_nature": "simulated",
        },
    }


def _period(results: xr.Dataset) -> dict[str, Any]:
    step_s, steps = float(results.attrs["step_h"]) * SECONDS_PER_HOUR, one_of(results).sizes["time"]
    start_ns = int(results["time"].values[0].astype("datetime64[ns]").astype("int64"))
    ends = period_of(start_ns, step_s * steps, float(results.attrs["utc_offset_h"]))
    named = {"start": ends["start_local"], "end": ends["end_local"], "step_s": step_s, "steps": steps}
    return ends | named | {"interim": is_interim(ends)}


def metrics_text(document: Mapping[str, Any]) -> str:
    """JSON text of a metrics document: keys sorted, floats to the last bit, null for what is not a number."""
    return json.dumps(_plain(document), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def write_whole(path: Path, content: bytes | memoryview) -> None:
    """Write a file under a temporary name beside it, force it to disk, and give it its name; OSError names the file."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise OSError(error.errno, f"cannot be written: {error.strerror}", str(path)) from error
    finally:
        temporary.unlink(missing_ok=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
