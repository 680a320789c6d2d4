"""A Dataset as the bytes of a netCDF 4 file, the same for an equal Dataset.

Series become float32, compressed; coordinates and single numbers stay as they are. The file is made in memory: HDF5
takes the interpreter down with it where a disk is full, and a few tens of megabytes are all there is. It is written
with h5netcdf alone, because it is faster by a third than through xarray, whose bytes move with its version.
"""

from __future__ import annotations

import io
from collections.abc import Hashable, Mapping
from typing import Any

import h5netcdf
import h5py
import numpy as np
import xarray as xr

PACKED = {"compression": "gzip", "compression_opts": 1, "shuffle": True}
SECOND_NS = 1_000_000_000


def netcdf_bytes(dataset: xr.Dataset) -> memoryview:
    """Bytes of a netCDF 4 file that ``xr.open_dataset`` reads back as ``dataset``, series to float32."""
    target = io.BytesIO()
    beside = {str(name): set(dataset.variables[name].dims) for name in sorted(dataset.coords, key=str)}
    beside = {name: dims for name, dims in beside.items() if name not in dataset.dims}
    with h5netcdf.File(target, "w") as file:
        file.dimensions = {str(name): int(size) for name, size in sorted(dataset.sizes.items())}
        for name in _coordinates_first(dataset):
            variable = dataset.variables[name]
            listed = [other for other, dims in beside.items() if dims <= set(variable.dims)]
            of_variable = {"coordinates": " ".join(listed)} if listed and name not in dataset.coords else {}
            _write(file, str(name), variable, {**variable.attrs, **of_variable})
        file.attrs.update(_sorted(dataset.attrs))
    return target.getbuffer()


def _coordinates_first(dataset: xr.Dataset) -> list[Hashable]:
    """Names in the order of writing: a dimension that came late would be linked anew to every variable before it."""
    return sorted(dataset.variables, key=lambda name: (name not in dataset.dims, str(name)))


def _write(file: Any, name: str, variable: xr.Variable, attributes: Mapping[str, Any]) -> None:
    values, kind, more = _stored(variable)
    packed = {**PACKED, "chunks": _chunks(variable)} if kind == "f4" and variable.size else {}
    written = file.create_variable(name, tuple(map(str, variable.dims)), kind, data=values, **packed)
    written.attrs.update(_sorted({**attributes, **more}))


def _stored(variable: xr.Variable) -> tuple[Any, Any, dict[str, str]]:
    """Values as the file holds them, their type there, and the attributes that tell a reader."""
    values = variable.values
    if np.issubdtype(values.dtype, np.datetime64):
        return _time(values)
    if np.issubdtype(values.dtype, np.floating):
        kind = "f4" if "time" in variable.dims else "f8"
        return values.astype(kind), kind, {}
    if values.dtype == bool:
        return values.astype("i1"), "i1", {"dtype": "bool"}
    if np.issubdtype(values.dtype, np.integer):
        return values, values.dtype, {}
    return np.array(values, dtype=object), h5py.string_dtype(), {}


def _time(values: Any) -> tuple[Any, str, dict[str, str]]:
    """Whole seconds where the axis has them, so that other programs read it with ease; else nanoseconds."""
    nanoseconds = values.astype("datetime64[ns]").astype("int64")
    whole = not np.any(nanoseconds % SECOND_NS)
    calendar = {"units": f"{'seconds' if whole else 'nanoseconds'} since 1970-01-01", "calendar": "proleptic_gregorian"}
    return nanoseconds // SECOND_NS if whole else nanoseconds, "i8", calendar


def _chunks(variable: xr.Variable) -> tuple[int, ...]:
    """One chunk per scenario and column, so that one series is read with one look."""
    return tuple(size if dim == "time" else 1 for dim, size in zip(variable.dims, variable.shape, strict=True))


def _sorted(attributes: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): value for key, value in sorted(attributes.items(), key=lambda item: str(item[0]))}
