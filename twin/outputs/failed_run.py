"""What ``twin show`` tells of a run that failed: why, what was set in it, and its last steps before that."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from twin.outputs.files import scenario_yaml, write_whole
from twin.outputs.netcdf import netcdf_bytes
from twin.outputs.numbers import figure
from twin.outputs.reopen import Reopened
from twin.units import SECONDS_PER_HOUR

STEPS = 6  # last ones that are shown
MOST = 4  # outputs beside the meter


def last_steps(results: xr.Dataset) -> tuple[list[str], list[np.datetime64], list[list[float]]]:
    """Names of the outputs that ran away and of the import, times in UTC, and their values in the last steps run."""
    one = results.isel(scenario=0)
    beyond = re.findall(r"([\w.]+) = ", str(one["failure"].values))
    names = [name for name in [*beyond[:MOST], "grid.meter.import_kw"] if name in one]
    taken = int(np.isfinite(one["grid.meter.import_kw"].values).sum())
    part = slice(max(taken - STEPS, 0), taken)
    rows = [[float(one[name].values[at]) for name in names] for at in range(*part.indices(taken))]
    return names, list(one["time"].values[part]), rows


def failure_document(run: Reopened, results: xr.Dataset) -> dict[str, Any]:
    """The same as data: for ``--json``."""
    names, times, rows = last_steps(results)
    steps = [
        {"time_utc": str(at)[:19]} | dict(zip(names, row, strict=True)) for at, row in zip(times, rows, strict=True)
    ]
    return {"run": run.run, "run_id": run.run_id, "settings": run.settings, "error": _failure(run, results),
            "last_steps": steps}  # fmt: skip


def print_failure(run: Reopened, results: xr.Dataset, store: Path, written: list[Path]) -> None:
    """Why, what was set, the last steps, and what to do next, on stdout."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    console.print(f"run {run.run} of {store} failed")
    console.print(f"why     {_failure(run, results)}")
    for name, value in run.settings.items():
        console.print(f"set     {name} = {value:.6g}" if isinstance(value, float) else f"set     {name} = {value}")
    names, times, rows = last_steps(results)
    if not rows:
        console.print("steps   none: it failed in the warm-up")
    offset = np.timedelta64(round(float(results.attrs["utc_offset_h"]) * SECONDS_PER_HOUR), "s")
    table = Table(box=box.SIMPLE_HEAD, title="The last steps, local standard time", title_justify="left")
    for name in ("", *names):
        table.add_column(name, justify="right", overflow="fold", no_wrap=not name)
    for at, row in zip(times, rows, strict=True):
        cells = (" ".join(figure(value, str(results[name].attrs["units"]))).strip()
                 for name, value in zip(names, row, strict=True))  # fmt: skip
        table.add_row(str(at + offset)[5:16].replace("T", " "), *cells)
    if rows:
        console.print(table)
    for path in written:
        console.print(f"wrote   {path}")
    if not written:
        console.print("next    --out FOLDER writes its scenario, and its course up to there as results.nc")


def write_failure(folder: Path, results: xr.Dataset) -> list[Path]:
    """The scenario of a run that failed and its series up to there; it has no metrics. Raises OSError."""
    write_whole(folder / "scenario.yaml", scenario_yaml(results).encode())
    write_whole(folder / "results.nc", netcdf_bytes(results))
    return [folder / "scenario.yaml", folder / "results.nc"]


def _failure(run: Reopened, results: xr.Dataset) -> str:
    return str(results["failure"].values[0]) or run.error
