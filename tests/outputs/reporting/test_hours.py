"""Hours of a run as CSV and Parquet: they add up to its figures, state their units, and match certificates in Wh."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.outputs.files import metrics_document
from twin.outputs.reporting.exports import report_files
from twin.scenario.reading import read_scenario
from twin.studies.kpis import kpis
from twin.studies.months import months
from twin.studies.reporting.hourly import Hourly, hourly_of_run
from twin.studies.reporting.inputs import About, read_hourly, report_of_run
from twin.studies.reporting.site import Site

QUICKSTART = Path(__file__).parents[3] / "scenarios" / "quickstart.yaml"
START = np.datetime64("2025-06-30T05:00", "m")  # midnight of Miami's standard time


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], Hourly]:
    """Two days by the quarter of an hour with a solar contract of 3 MW at noon and none at night."""
    folder = tmp_path_factory.mktemp("sun")
    kw = [3000.0 * max(0.0, np.sin((k % 24 - 6) / 12 * np.pi)) for k in range(48)]
    rows = "".join(f"{START + np.timedelta64(k, 'h')}Z,{value}\n" for k, value in enumerate(kw))
    (folder / "sun.csv").write_text(f"time_utc,kw\n{rows}")
    claim = f"{{claims: {{sun: {{kind: hourly, generation: {{file: '{folder / 'sun.csv'}', column: kw}}}}}}}}"
    options = ("run.start=2025-06-30", "run.duration=2d", "run.step=15min", f"grid.clean_power={claim}")
    results = simulate(read_scenario(QUICKSTART, options))
    run = metrics_document(results, kpis(results), months=months(results))
    hourly = hourly_of_run(results)
    return report_files(report_of_run(run, About(Site(), None, {}), ["cfe"]), ["csv", "parquet"], hourly), hourly


def table(files: Mapping[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode())))


def test_quarters_of_an_hour_become_hours_that_add_up_to_the_figures(
    reported: tuple[dict[str, bytes], Hourly],
) -> None:
    files, hourly = reported
    metrics, rows = json.loads(files["metrics.json"])["metrics"], table(files, "hourly.csv")
    assert len(rows) == hourly.count == 48
    assert rows[0]["start_utc"] == "2025-06-30T05:00:00Z"
    assert rows[0]["end_utc"] == rows[1]["start_utc"] == "2025-06-30T06:00:00Z"
    assert rows[0]["start_local"] == "2025-06-30T01:00:00-04:00", "civil time of Miami in summer"
    for name in ("edc_kwh", "eit_ups_kwh", "eit_input_kwh", "cooling_kwh", "electrical_loss_kwh", "win_m3",
                 "grid_import_kwh", "scope2_location_kgco2"):  # fmt: skip
        total = sum(float(row[name]) for row in rows)
        assert total == pytest.approx(metrics[f"quantity.{name}"]["value"], rel=1e-9), name
    parts = ("eit_input_kwh", "cooling_kwh", "electrical_loss_kwh", "other_kwh")
    for row in rows:
        assert sum(float(row[name]) for name in parts) == pytest.approx(float(row["edc_kwh"]), rel=1e-12)
        emitted = float(row["grid_import_kwh"]) * float(row["average_kgco2_per_kwh"])
        assert emitted == pytest.approx(float(row["scope2_location_kgco2"]), rel=1e-12)


def test_parquet_holds_the_numbers_of_the_csv_file_with_units_and_the_statement(
    reported: tuple[dict[str, bytes], Hourly],
) -> None:
    files, _ = reported
    found, rows = pq.read_table(io.BytesIO(files["hourly.parquet"])), table(files, "hourly.csv")
    assert found.column_names == list(rows[0])
    assert found["edc_kwh"].to_pylist() == [float(row["edc_kwh"]) for row in rows]
    assert found["start_utc"][0].as_py().isoformat() == "2025-06-30T05:00:00+00:00"
    assert found.schema.field("price_per_kwh").metadata[b"unit"] == b"USD/kWh"
    assert found.schema.metadata[b"statement"].startswith(b"simulated, not a metered disclosure; interim")


def test_every_column_of_the_data_package_has_type_unit_and_description(
    reported: tuple[dict[str, bytes], Hourly],
) -> None:
    files, _ = reported
    package = {one["path"]: one for one in json.loads(files["datapackage.json"])["resources"]}
    assert {"hourly.csv", "hourly.parquet", "cfe_hourly.csv", "certificates.csv"} <= set(package)
    units = {field["name"]: field["unit"] for field in package["hourly.csv"]["schema"]["fields"]}
    assert (units["edc_kwh"], units["win_m3"], units["price_per_kwh"]) == ("kWh", "m3", "USD/kWh")
    for path, one in package.items():
        for field in one["schema"]["fields"]:
            assert field["description"], (path, field["name"])
            assert field["type"] in ("string", "number", "integer", "boolean", "datetime")


def test_the_manifest_lists_the_hours_too(reported: tuple[dict[str, bytes], Hourly]) -> None:
    files, _ = reported
    lines = dict(line.split("  ")[::-1] for line in files["manifest.sha256"].decode().splitlines())
    assert set(lines) == set(files) - {"manifest.sha256"}
    assert lines["hourly.parquet"] == hashlib.sha256(files["hourly.parquet"]).hexdigest()


def test_a_contract_by_the_hour_matches_load_to_the_watt_hour(reported: tuple[dict[str, bytes], Hourly]) -> None:
    files, _ = reported
    ledger, certificates = table(files, "cfe_hourly.csv"), table(files, "certificates.csv")
    assert len(ledger) == 48
    clean = 0
    for row in ledger:
        names = ("load", "clean", "matched", "unmatched", "surplus")
        load, own, matched, rest, surplus = (int(row[f"{name}_wh"]) for name in names)
        assert matched + rest == load
        assert matched + surplus == own
        assert min(rest, surplus) == 0
        clean += own
    assert sum(int(row["quantity_wh"]) for row in certificates) == clean
    assert certificates[0]["certificate_id"] == "sun/2025-06-30T12:00:00Z", "no certificate for nothing at night"
    assert {row["status"] for row in certificates} == {"simulated"}
    score = json.loads(files["metrics.json"])["metrics"]["cfe.score"]["value"]
    matched_wh, load_wh = (sum(int(row[f"{name}_wh"]) for row in ledger) for name in ("matched", "load"))
    assert matched_wh / load_wh == pytest.approx(score, abs=1e-6), "the grid's own share is not given: 0"


def test_hours_of_a_day_on_which_clocks_go_back_are_told_apart_by_their_offset(tmp_path: Path) -> None:
    """26 October 2025 in Berlin: 2 o'clock stands there twice, and the day has 25 hours."""
    first = np.datetime64("2025-10-25T22:00", "s")
    rows = "".join(f"{first + np.timedelta64(k, 'h')}Z,{first + np.timedelta64(k + 1, 'h')}Z,{k}\n" for k in range(25))
    (tmp_path / "m.csv").write_text(f"start,end,edc_kwh\n{rows}")
    (tmp_path / "site.yaml").write_text("timezone: Europe/Berlin\n")
    hourly = read_hourly(None, tmp_path / "m.csv", tmp_path / "site.yaml")
    assert hourly is not None
    start, end = hourly.civil()
    assert start[:4] == [f"2025-10-26T{hour}" for hour in ("00:00:00+02:00", "01:00:00+02:00", "02:00:00+02:00",
                                                           "02:00:00+01:00")]  # fmt: skip
    assert end[:3] == start[1:4]
    assert end[-1] == "2025-10-27T00:00:00+01:00"
    (tmp_path / "site.yaml").write_text("timezone: Europe/Berln\n")
    with pytest.raises(InputError, match=r"site\.yaml:1:1: timezone: .*Europe/Berlin"):
        read_hourly(None, tmp_path / "m.csv", tmp_path / "site.yaml")


def test_a_run_without_series_and_monthly_meters_have_no_hours(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("month,edc_kwh\n2025-01,10\n")
    assert read_hourly(tmp_path, None, None) is None
    assert read_hourly(None, tmp_path / "m.csv", None) is None
