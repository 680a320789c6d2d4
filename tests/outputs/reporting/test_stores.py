"""Reports of stores: a run by number, the run in the middle with percentiles, and all runs as one table."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from tests.studies.studies import COMPARED, QUICKSTART, written
from twin.cli import _run_command
from twin.errors import InputError
from twin.outputs.metrics_schema import metrics_schema
from twin.outputs.reporting.stores import central_run, named_run, opened, report_of_store, runs_table

pytestmark = pytest.mark.slow
DRAWN = f"""\
name: drawn
base: {QUICKSTART}
seed: 3
set: {{run.start: 2025-07-01, run.duration: 1d, run.warmup_h: 0}}
vary:
  - kind: latin_hypercube
    samples_count: 24
    of:
      weather.dry_bulb_shift_k: {{kind: uniform, low: 0, high: 4}}
"""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    assert _run_command(["batch", str(written(folder, DRAWN)), "--out", str(folder / "store"), "-q"]) == 0
    return folder / "store"


@pytest.fixture(scope="module")
def document(drawn: Path) -> dict[str, Any]:
    return json.loads(json.dumps(report_of_store(opened(drawn), "5", None, ["iso30134", "ghg"])[0]))  # type: ignore[no-any-return]


def test_low_and_high_are_percentiles_of_the_runs(drawn: Path, document: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(metrics_schema()).validate(document)
    rows = opened(drawn).rows
    pue = document["metrics"]["iso30134.pue_category_1"]
    assert pue["value"] == rows["pue_category_1"][5]
    low, high = np.percentile(rows["facility_energy_kwh"] / rows["it_energy_ups_output_kwh"], (5, 95))
    assert (pue["low"], pue["high"]) == (pytest.approx(low, rel=1e-12), pytest.approx(high, rel=1e-12))
    assert pue["low"] < pue["high"]
    assert pue["uncertainty"] == "5th to 95th percentile of 24 runs of drawn, seed 3"
    assert document["provenance"]["seed"] == 3
    assert "runs.parquet" in document["provenance"]["inputs_sha256"]
    assert document["notes"][0].startswith("run 5 (")


def test_the_run_in_the_middle_lies_within_the_range_and_all_runs_stand_in_a_table(drawn: Path, tmp_path: Path) -> None:
    assert _run_command(["report", str(drawn), "--to", "json,csv,parquet", "--standard", "iso30134",
                         "--out", str(tmp_path)]) == 0  # fmt: skip
    metrics = json.loads((tmp_path / "metrics.json").read_text())["metrics"]
    for name in ("iso30134.pue_category_1", "quantity.edc_kwh", "iso30134.wue_category_2"):
        assert metrics[name]["low"] <= metrics[name]["value"] <= metrics[name]["high"], name
    runs = list(csv.DictReader(io.StringIO((tmp_path / "runs.csv").read_text())))
    assert [row["run"] for row in runs] == [str(k) for k in range(24)]
    middle = runs[central_run(opened(drawn)) or 0]
    assert float(middle["iso30134.pue_category_1"]) == metrics["iso30134.pue_category_1"]["value"]
    assert 0.0 <= float(middle["weather.dry_bulb_shift_k"]) <= 4.0
    assert (tmp_path / "hourly.csv").read_text().count("\n") == 25
    assert "runs.parquet" in (tmp_path / "manifest.sha256").read_text()


def test_alternatives_are_one_table_and_one_of_them_is_reported_by_its_number(tmp_path: Path) -> None:
    assert _run_command(["batch", str(written(tmp_path, COMPARED)), "--out", str(tmp_path / "s"), "--limit", "10",
                         "-q"]) == 0  # fmt: skip
    store = opened(tmp_path / "s")
    assert central_run(store) is None
    assert _run_command(["report", str(tmp_path / "s"), "--standard", "iso30134", "--out", str(tmp_path / "all")]) == 0
    names = {path.name for path in (tmp_path / "all").iterdir()}
    assert names == {"runs.csv", "runs.parquet", "datapackage.json", "manifest.sha256"}
    assert len(runs_table(store, None, ["iso30134"]).rows) == 10
    document, hourly = report_of_store(store, "3", None, ["iso30134"])
    pue = document["metrics"]["iso30134.pue_category_1"]
    assert pue["low"] is None, "8 runs are too few for a 5th percentile"
    assert pue["uncertainty"].startswith("none: ")
    assert hourly.count == 48
    with pytest.raises(InputError, match="there is no run '99'"):
        report_of_store(store, "99", None, ["iso30134"])


def test_names_of_stores_and_of_their_runs(drawn: Path, tmp_path: Path) -> None:
    assert named_run(drawn) == (drawn, "")
    assert named_run(Path(f"{drawn}:7")) == (drawn, "7")
    assert named_run(tmp_path) is None
