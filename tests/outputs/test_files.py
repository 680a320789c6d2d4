"""The files of a run: whole or not there, and no trace of a failed try."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from twin.errors import InputError, RunError
from twin.outputs.files import metrics_document, metrics_text, prepared_folder, write_new, write_run, write_whole

DOCUMENT = {
    "schema_version": 1,
    "metrics": {"pue": {"value": np.float64(1.0) / 3, "unit": "1"}, "tue": {"value": float("nan"), "unit": "1"}},
}


@pytest.fixture
def results() -> xr.Dataset:
    return xr.Dataset(
        {
            "a_kw": (("scenario", "time"), np.arange(5.0)[np.newaxis], {"units": "kW", "long_name": "A"}),
            "scenario_yaml": ("scenario", np.array(["name: x\n"], dtype=object)),
        },
        coords={"time": pd.date_range("2025-01-01T05:00", periods=5, freq="15min"), "scenario": ["x"]},
        attrs={"package_version": "0.1.0", "step_h": 0.25, "utc_offset_h": -5.0, "inputs": '{"data:a.yaml": "00ff"}'},
    )


def test_a_run_leaves_three_files_and_nothing_else(tmp_path: Path, results: xr.Dataset) -> None:
    paths = write_run(tmp_path, results, DOCUMENT)
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    assert {p.name for p in paths} == {"results.nc", "metrics.json", "scenario.yaml"}
    with xr.open_dataset(tmp_path / "results.nc") as opened:
        assert opened["a_kw"].attrs["units"] == "kW"


def test_a_second_run_replaces_the_files_with_the_same_bytes(tmp_path: Path, results: xr.Dataset) -> None:
    first = [p.read_bytes() for p in write_run(tmp_path, results, DOCUMENT)]
    assert [p.read_bytes() for p in write_run(tmp_path, results, DOCUMENT)] == first


def test_the_document_tells_scenario_period_and_provenance(results: xr.Dataset) -> None:
    document = metrics_document(results, {"pue": {"value": 1.4}})
    assert document["scenario"] == "x"
    assert document["metrics"]["pue"]["value"] == 1.4
    assert document["statement"] == "simulated, not a metered disclosure"
    ends = {
        "start_local": "2025-01-01T00:00:00-05:00", "end_local": "2025-01-01T01:15:00-05:00",
        "start_utc": "2025-01-01T05:00:00Z", "end_utc": "2025-01-01T06:15:00Z",
    }  # fmt: skip
    assert document["metrics"]["pue"]["period"] == ends
    assert document["period"] == ends | {
        "start": "2025-01-01T00:00:00-05:00", "end": "2025-01-01T01:15:00-05:00", "step_s": 900.0, "steps": 5,
        "interim": True,
    }  # fmt: skip
    assert document["provenance"]["package_version"] == "0.1.0"
    assert document["provenance"]["inputs_sha256"] == {"data:a.yaml": "00ff"}


def test_metrics_are_sorted_exact_and_valid_json() -> None:
    text = metrics_text(DOCUMENT)
    assert json.loads(text)["metrics"] == {"pue": {"unit": "1", "value": 1 / 3}, "tue": {"unit": "1", "value": None}}
    assert text.index('"metrics"') < text.index('"schema_version"')
    assert text.endswith("}\n")


def test_a_file_in_the_place_of_the_folder_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OSError, match="is a file, not a folder"), prepared_folder(tmp_path / "out"):
        pass
    assert (tmp_path / "out").read_text() == "mine"


def test_a_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    with prepared_folder(tmp_path / "a" / "b") as folder:
        assert folder.is_dir()
    assert list((tmp_path / "a" / "b").iterdir()) == []


@pytest.mark.parametrize("mine", ["", "a", "a/b"])
def test_what_fails_leaves_no_folder_that_was_not_there_before(tmp_path: Path, mine: str) -> None:
    (tmp_path / mine).mkdir(parents=True, exist_ok=True)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(RunError, match="too hot"), prepared_folder(tmp_path / "a" / "b" / "c"):
        raise RunError("too hot")
    assert sorted(tmp_path.rglob("*")) == before


def test_what_fails_after_a_file_was_written_leaves_the_file(tmp_path: Path) -> None:
    def written_and_failed(folder: Path) -> None:
        (folder / "results.nc").write_text("whole")
        raise RunError("too hot")

    with pytest.raises(RunError, match="too hot"), prepared_folder(tmp_path / "a" / "b") as folder:
        written_and_failed(folder)
    assert (tmp_path / "a" / "b" / "results.nc").read_text() == "whole"


def test_a_write_that_fails_leaves_the_old_file_and_no_temporary_one(tmp_path: Path) -> None:
    (tmp_path / "results.nc").mkdir()
    with pytest.raises(OSError, match="cannot be written") as caught:
        write_whole(tmp_path / "results.nc", b"new")
    assert caught.value.filename == str(tmp_path / "results.nc")
    assert [p.name for p in tmp_path.iterdir()] == ["results.nc"]


def test_a_new_scenario_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "site.yaml"
    write_new(path, "name: mine\n")
    with pytest.raises(InputError, match=r"site\.yaml: is there already"):
        write_new(path, "name: other\n")
    assert path.read_text() == "name: mine\n"
