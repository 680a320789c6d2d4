"""results.nc: what was written is read back, in the same bytes each time."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from twin.outputs.netcdf import netcdf_bytes


@pytest.fixture
def dataset() -> xr.Dataset:
    power = np.random.default_rng(1).random((1, 48, 2)) * 1000
    return xr.Dataset(
        {
            "rack_kw": (("scenario", "time", "hall"), power, {"units": "kW", "long_name": "Rack power"}),
            "wet_bulb_c": ("time", np.linspace(-5, 25, 48), {"units": "degC", "long_name": "Wet bulb"}),
            "balance_kwh": ("scenario", [1.0 + 1e-15], {"units": "kWh", "long_name": "Residual"}),
            "chillers_count": ("time", np.arange(48), {"units": "1", "long_name": "Chillers running"}),
            "is_peak": ("time", np.arange(48) % 2 == 0, {"units": "1", "long_name": "Peak hours"}),
        },
        coords={
            "time": pd.date_range("2023-01-01T05:00", periods=48, freq="1h"),
            "scenario": ["miami"],
            "hall": ["enterprise", "ki-räume"],
            "hall_kind": ("hall", ["air", "dense"]),
        },
        attrs={"scenario_yaml": "name: miami\n" * 10_000, "package_version": "0.1.0"},
    )


def read_back(dataset: xr.Dataset) -> xr.Dataset:
    with xr.open_dataset(io.BytesIO(netcdf_bytes(dataset)), engine="h5netcdf") as opened:
        return opened.load()


def test_everything_is_read_back_as_it_was_with_series_in_single_precision(dataset: xr.Dataset) -> None:
    back = read_back(dataset)
    assert set(back.variables) == set(dataset.variables)
    for name in ("time", "scenario", "hall", "hall_kind", "balance_kwh", "chillers_count", "is_peak"):
        assert (back[name].values == dataset[name].values).all(), name
    for name in ("rack_kw", "wet_bulb_c"):
        np.testing.assert_array_equal(back[name].values, dataset[name].values.astype("f4"))
    assert back["hall_kind"].dims == ("hall",)
    assert "hall_kind" in back.coords


def test_units_names_and_attributes_come_back(dataset: xr.Dataset) -> None:
    back = read_back(dataset)
    assert back.attrs == dataset.attrs
    assert back["rack_kw"].attrs == {"units": "kW", "long_name": "Rack power"}
    assert back["is_peak"].dtype == bool


def test_the_same_dataset_gives_the_same_bytes(dataset: xr.Dataset) -> None:
    shuffled = dataset[list(dataset.data_vars)[::-1]].assign_attrs(dict(reversed(dataset.attrs.items())))
    assert bytes(netcdf_bytes(dataset)) == bytes(netcdf_bytes(shuffled))


def test_another_number_gives_other_bytes(dataset: xr.Dataset) -> None:
    other = dataset.assign(wet_bulb_c=dataset["wet_bulb_c"] + 1)
    assert bytes(netcdf_bytes(dataset)) != bytes(netcdf_bytes(other))


@pytest.mark.parametrize("step", ["5s", "1h", "500ms"])
def test_the_time_axis_is_exact_at_any_step(step: str) -> None:
    time = pd.date_range("2024-02-28T23:59", periods=100, freq=step)
    back = read_back(xr.Dataset({"a_kw": ("time", np.zeros(100))}, coords={"time": time}))
    assert (back["time"].values == time.values).all()


def test_an_empty_series_can_be_written() -> None:
    assert read_back(xr.Dataset({"a_kw": ("time", np.zeros(0))}))["a_kw"].shape == (0,)
