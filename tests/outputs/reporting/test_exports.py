"""Reports: each figure in each file is that of metrics.json, equal reports are equal bytes, files say what they are."""

from __future__ import annotations

import csv
import hashlib
import html.parser
import io
import json
import math
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest

from tests.test_cli import called
from twin.errors import InputError
from twin.outputs.metrics_schema import metrics_schema
from twin.outputs.reporting.exports import KINDS, kinds, left_behind, write_report
from twin.outputs.reporting.tables import COLUMNS
from twin.studies.facts import period_of, stated
from twin.studies.reporting.fact import Fact
from twin.studies.reporting.inputs import read_hourly, read_report
from twin.studies.reporting.report import HEADLINES, STANDARDS, chosen

ROOT = Path(__file__).parents[3]
SIMULATED = "simulated, not a metered disclosure"
YEAR = period_of(1735707600_000_000_000, 365 * 86400.0, -5.0)  # 2025 in New York's standard time
FIGURES = {
    "facility_energy_kwh": (12243416.645571975, "kWh"), "it_energy_ups_output_kwh": (9561264.649814498, "kWh"),
    "it_energy_pdu_output_kwh": (9446154.090240361, "kWh"), "it_energy_kwh": (9446154.090240361, "kWh"),
    "cooling_energy_kwh": (2090506.444465653, "kWh"), "power_chain_loss_kwh": (514036.1108662857, "kWh"),
    "water_use_m3": (19271.73692213994, "m3"), "emissions_kgco2": (4358399.214074058, "kgCO2e"),
}  # fmt: skip
SITE = """
commissioned: 2026-08-01
installed_it_kw: 1320
kind: colocation
owner: "=HYPERLINK(\\"http://x\\") & <b>Söhne</b>"
refrigerants: [{name: R-32, charge_kg: 100, leak_frac: 0.05}]
instruments: [{kind: GO, energy_kwh: 5000000, kgco2_per_kwh: 0, source: AIB 17}]
residual: {kgco2_per_kwh: 0.4412, data_year: 2024, source: AIB}
stated: {ereuse_kwh: 1000000, eres_os_kwh: 0}
missing: {win_pot_m3: confidential}
changes: [{on: 2026-03-01, what: water meter exchanged}]
"""


def run_folder(folder: Path) -> Path:
    """What a run leaves of its figures: a year, in two halves."""
    metrics = {n: {"value": v, "unit": u, "long_name": n, "basis": "b"} for n, (v, u) in FIGURES.items()}
    half = {name: value / 2 for name, (value, _) in FIGURES.items()}
    document = {
        "schema_version": 2, "scenario": "Miami <colocation>", "statement": SIMULATED, "period": YEAR,
        "metrics": stated(metrics, YEAR, "simulation"), "warnings": [], "notes": ["weather: typical"],
        "months": [{"period": YEAR, "values": half}, {"period": YEAR, "values": half}],
        "provenance": {"scenario_sha256": "0" * 64, "inputs_sha256": {"data:x.yaml": "1" * 64}},
    }  # fmt: skip
    folder.mkdir(exist_ok=True)
    (folder / "metrics.json").write_text(json.dumps(document))
    (folder / "site.yaml").write_text(SITE, encoding="utf-8")
    return folder


def documented(folder: Path) -> dict[str, Any]:
    return read_report(run_folder(folder), None, folder / "site.yaml", list(STANDARDS))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_report(folder, documented(tmp_path_factory.mktemp("run")), KINDS)
    return folder


@pytest.fixture(scope="module")
def document(written: Path) -> dict[str, Any]:
    return dict(json.loads((written / "metrics.json").read_text(encoding="utf-8")))


class _Data(html.parser.HTMLParser):
    """Values of the ``data`` elements by name, ids, links, and what is loaded from elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.values: dict[str, set[str]] = {}
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {key: value or "" for key, value in attrs}
        if tag == "data":
            self.values.setdefault(told["data-name"], set()).add(told["value"])
        self.ids.add(told.get("id", ""))
        self.links.add(told.get("href", "#").removeprefix("#"))
        self.loaded += [told[key] for key in ("src", "srcset") if key in told]
        self.loaded += [tag] if tag in ("script", "link", "iframe", "img") else []


def test_the_document_is_valid_and_its_figures_are_those_of_the_run(document: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(metrics_schema()).validate(document)
    metrics = document["metrics"]
    assert metrics["quantity.edc_kwh"]["value"] == FIGURES["facility_energy_kwh"][0]
    assert metrics["iso30134.pue_category_1"]["value"] == 12243416.645571975 / 9561264.649814498
    assert metrics["iso30134.pue_category_1"]["long_name"] == "dPUE, category 1"
    assert metrics["ghg.scope2_location"]["value"] == FIGURES["emissions_kgco2"][0]
    assert metrics["eed.scope"]["value"] == "to be reported"
    assert metrics["eed.WIN-POT"]["reason"] == "confidential"
    assert set(HEADLINES) <= set(metrics)


def test_changes_from_earlier_reports_stand_in_the_workbook_and_the_page(written: Path) -> None:
    sheet = openpyxl.load_workbook(written / "report.xlsx")["Change log"]
    assert [sheet["A5"].value, sheet["B5"].value] == ["2026-03-01", "water meter exchanged"]
    assert "2026-03-01: water meter exchanged" in (written / "report.html").read_text(encoding="utf-8")


def test_fields_from_memory_are_not_verified(document: dict[str, Any]) -> None:
    metrics = document["metrics"]
    assert metrics["eed.SDC"]["verified"] is False
    assert metrics["eed.CDD"]["verified"] is False
    assert metrics["eed.EDC"]["verified"] is True
    assert metrics["esrs.E1-6.GrossScope1GreenhouseGasEmissions"]["verified"] is True
    unverified = [m for n, m in metrics.items() if n.startswith("esrs.E3-4")]
    assert unverified
    assert all(m["verified"] is False and m["category"] is None for m in unverified), "no element name is invented"


def test_the_draft_is_marked_and_leaves_out_what_it_removes(document: dict[str, Any]) -> None:
    metrics = document["metrics"]
    assert "eed.TRAFFIC-IN" in metrics
    assert "eed_2026_draft.TRAFFIC-IN" not in metrics
    assert "draft" in metrics["eed_2026_draft.PUE"]["standard"]
    assert metrics["eed_2026_draft.PUE"]["value"] == metrics["eed.PUE"]["value"]


def test_nothing_without_a_value_is_zero(document: dict[str, Any]) -> None:
    for name, metric in document["metrics"].items():
        if metric["value"] is None:
            assert metric["reason"], name
            assert metric["quality"] == "missing", name


def test_every_figure_of_the_csv_files_is_that_of_metrics_json(written: Path, document: dict[str, Any]) -> None:
    seen = set()
    for path in written.glob("*.csv"):
        if path.name in ("months.csv", "certificates.csv"):
            continue
        for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))):
            metric = document["metrics"][row["metric"]]
            expected = metric["value"]
            assert row["value"] == (
                "" if expected is None else repr(expected) if isinstance(expected, float) else expected
            )
            assert row["unit"] == metric["unit"]
            assert row["reason"] == metric.get("reason", "")
            seen.add(row["metric"])
    assert seen == set(document["metrics"])


def test_months_add_up_to_the_year_in_the_csv_file(written: Path, document: dict[str, Any]) -> None:
    found = list(csv.DictReader(io.StringIO((written / "months.csv").read_text())))
    for key in ("edc_kwh", "win_m3", "scope2_location_kgco2", "cooling_kwh"):
        total = math.fsum(float(row[key]) for row in found)
        assert total == pytest.approx(document["metrics"][f"quantity.{key}"]["value"], rel=1e-12)


def test_every_figure_of_the_workbook_is_that_of_metrics_json(written: Path, document: dict[str, Any]) -> None:
    book = openpyxl.load_workbook(written / "report.xlsx")
    assert book.sheetnames == ["Summary", "KPIs", "Monthly", "Assumptions", "Factors", "Methodology", "Data quality",
                               "Change log", "Provenance"]  # fmt: skip
    lines = list(book["KPIs"].iter_rows(min_row=4, values_only=True))
    assert sorted(lines[0]) == sorted(COLUMNS)
    found = {line[0]: dict(zip(lines[0], line, strict=True)) for line in lines[1:]}
    assert set(found) == set(document["metrics"])
    for name, metric in document["metrics"].items():
        value = found[name]["value"]
        if isinstance(metric["value"], float):
            assert value == pytest.approx(metric["value"], rel=1e-15, abs=0), "a workbook holds 16 digits"
        else:
            assert value == metric["value"], name
    for line, name in enumerate(HEADLINES, 5):
        cell = book["Summary"].cell(line, 2)
        expected = document["metrics"][name]["value"]
        assert cell.value == ("–" if expected is None else pytest.approx(expected, rel=1e-15))
        target = book["Summary"].cell(line, 8).hyperlink.location
        assert book["KPIs"].cell(int(target.rpartition("A")[2]), 1).value == name, (
            "one click leads to how it is computed"
        )


@pytest.fixture(scope="module")
def doubtful(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report whose factor of electricity was not checked against its publisher's own table."""
    folder = tmp_path_factory.mktemp("doubtful")
    (folder / "m.csv").write_text("month,edc_kwh,eit_kwh,grid_import_kwh\n2025-01,125000,100000,125000\n")
    (folder / "s.yaml").write_text("electricity: {file: 'data:factors/countries_direct.yaml', name: ITA}\n")
    write_report(
        folder,
        read_report(None, folder / "m.csv", folder / "s.yaml", ["iso30134", "ghg", "esrs"]),
        ["csv", "xlsx", "html"],
    )
    return folder


def test_months_of_the_workbook_add_up_to_the_line_of_the_whole_period(written: Path) -> None:
    lines = list(openpyxl.load_workbook(written / "report.xlsx")["Monthly"].iter_rows(min_row=4, values_only=True))
    column = lines[0].index("edc_kwh")
    assert [line[0] for line in lines] == ["interval", "part", "part", "whole period"]
    assert lines[1][column] + lines[2][column] == pytest.approx(lines[3][column], rel=1e-15)


def test_a_figure_names_the_factors_of_all_that_it_is_computed_from(doubtful: Path) -> None:
    """One click, not three, from CUE by way of emissions and scope 2 to the factor's source."""
    metrics = json.loads((doubtful / "metrics.json").read_text())["metrics"]
    for name in ("ghg.scope2_location", "iso30134.cue", "esrs.E1-6.GrossLocationBasedScope2GreenhouseGasEmissions"):
        assert [one for one in metrics[name]["factors"] if "ISPRA" in one and "0.2347 kgCO2e/kWh" in one], name
        assert metrics[name]["factors_verified"] is False, name
    assert metrics["iso30134.pue_category_1"]["factors_verified"] is None
    assert metrics["iso30134.pue_category_1"]["factors"] == []


def test_a_factor_that_was_not_verified_is_told_next_to_the_figure_in_each_file(doubtful: Path) -> None:
    text = (doubtful / "report.html").read_text(encoding="utf-8")
    card = next(part for part in text.split('<div class="card">') if "Scope 2, location-based" in part)
    assert "factor not verified" in card
    row = next(part for part in text.split("<tr>") if part.startswith('\n<td><a href="#how-iso30134-cue"'))
    assert "factor not verified" in row
    with (doubtful / "ghg.csv").open(encoding="utf-8") as file:
        told = {one["metric"]: one["factors_verified"] for one in csv.DictReader(file)}
    assert (told["ghg.scope2_location"], told["ghg.scope3_category2"]) == ("False", "")
    book = openpyxl.load_workbook(doubtful / "report.xlsx")
    assert [cell.value for cell in book["Summary"]["F"][4:9]].count("metered; factor not verified") == 1
    lines = list(book["KPIs"].iter_rows(min_row=4, values_only=True))
    found = {line[0]: line[lines[0].index("factors_verified")] for line in lines}
    assert (found["iso30134.cue"], found["iso30134.erf"]) == ("no", None)


def test_a_field_of_a_form_keeps_the_unit_of_the_form(written: Path, document: dict[str, Any]) -> None:
    text = (written / "report.html").read_text(encoding="utf-8")
    assert '12\u202f243\u202f417</data> <span class="unit">kWh' in text, "EDC is handed in in kWh"
    assert document["metrics"]["eed.EDC"]["unit"] == "kWh"


def test_a_text_that_looks_like_a_formula_stays_a_text(written: Path, document: dict[str, Any]) -> None:
    owner = document["metrics"]["eed.OWNER"]["value"]
    assert owner.startswith("=HYPERLINK")
    with zipfile.ZipFile(written / "report.xlsx") as archive:
        assert not [n for n in archive.namelist() if "sheet" in n and b"<f>" in archive.read(n)]
    assert "<b>Söhne" not in (written / "report.html").read_text(encoding="utf-8")


def test_every_figure_of_the_page_is_that_of_metrics_json(written: Path, document: dict[str, Any]) -> None:
    page = _Data((written / "report.html").read_text(encoding="utf-8"))
    with_value = {n: m["value"] for n, m in document["metrics"].items() if m["value"] is not None}
    assert set(page.values) == set(with_value)
    for name, texts in page.values.items():
        assert len(texts) == 1, name
        told, expected = texts.pop(), with_value[name]
        assert (float(told) if isinstance(expected, float) else told) == expected


def test_the_page_loads_nothing_and_each_link_has_its_place(written: Path) -> None:
    text = (written / "report.html").read_text(encoding="utf-8")
    page = _Data(text)
    assert page.loaded == []
    assert "@import" not in text
    assert "url(" not in text
    assert page.links <= page.ids
    assert text.index('class="cards"') < text.index("<table>"), "the five figures come first"
    assert text[: text.index("<table>")].count('class="card"') == 5


def test_every_file_says_that_it_is_simulated(written: Path) -> None:
    for path in written.iterdir():
        if path.suffix == ".xlsx":
            for sheet in openpyxl.load_workbook(path):
                assert sheet["A2"].value == SIMULATED, sheet.title
        elif path.suffix == ".pdf":
            assert SIMULATED.encode() in path.read_bytes(), "in its properties; each page says it too"
        elif path.name != "manifest.sha256":
            assert SIMULATED in path.read_text(encoding="utf-8"), path.name


def test_the_same_run_reported_twice_gives_the_same_bytes(written: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    again.mkdir()
    write_report(again, documented(tmp_path / "run"), KINDS)
    assert sorted(p.name for p in again.iterdir()) == sorted(p.name for p in written.iterdir())
    for path in again.iterdir():
        assert path.read_bytes() == (written / path.name).read_bytes(), path.name


def test_the_manifest_has_the_checksum_of_every_file(written: Path) -> None:
    lines = dict(line.split("  ")[::-1] for line in (written / "manifest.sha256").read_text().splitlines())
    assert set(lines) == {p.name for p in written.iterdir()} - {"manifest.sha256"}
    for name, checksum in lines.items():
        assert hashlib.sha256((written / name).read_bytes()).hexdigest() == checksum


def test_files_that_an_earlier_report_has_left_are_named(written: Path) -> None:
    assert left_behind(written, {"metrics.json": b"", "report.pdf": b""})[:2] == ["ashrae904.csv", "certificates.csv"]
    assert left_behind(written, {path.name: b"" for path in written.iterdir()}) == []
    assert left_behind(written.parent, {}) == []


def test_the_data_package_describes_every_table(written: Path) -> None:
    package = json.loads((written / "datapackage.json").read_text(encoding="utf-8"))
    assert {one["path"] for one in package["resources"]} == {p.name for p in written.glob("*.csv")}
    for one in package["resources"]:
        content = (written / one["path"]).read_bytes()
        assert one["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert [f["name"] for f in one["schema"]["fields"]] == next(csv.reader(io.StringIO(content.decode())))


def test_the_ledger_of_certificates_balances_to_the_watt_hour(tmp_path: Path) -> None:
    hours = [(0, 10.0004, 20.0), (1, 10.0, 8.0006), (2, 10.0, 0.0), (3, 10.0, 12.0)]
    text = "start,end,edc_kwh,clean_kwh\n"
    text += "".join(f"2025-01-01T0{h}:00,2025-01-01T0{h + 1}:00,{x},{c}\n" for h, x, c in hours)
    (tmp_path / "hours.csv").write_text(text)
    document = read_report(None, tmp_path / "hours.csv", None, ["cfe"])
    write_report(tmp_path, document, ["csv"], read_hourly(None, tmp_path / "hours.csv", None))
    found = list(csv.DictReader(io.StringIO((tmp_path / "cfe_hourly.csv").read_text())))
    assert [row["matched_wh"] for row in found] == ["10000", "8001", "0", "10000"]
    assert found[0]["period_start_utc"] == "2025-01-01T00:00:00Z"
    assert found[0]["period_end_utc"] == found[1]["period_start_utc"] == "2025-01-01T01:00:00Z"
    for row in found:
        assert int(row["matched_wh"]) + int(row["unmatched_wh"]) == int(row["load_wh"])
        assert int(row["matched_wh"]) + int(row["surplus_wh"]) == int(row["clean_wh"])


def test_monthly_values_have_no_ledger(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("month,edc_kwh,clean_kwh\n2025-01,10,8\n")
    document = read_report(None, tmp_path / "m.csv", None, ["cfe"])
    write_report(tmp_path, document, ["csv"], read_hourly(None, tmp_path / "m.csv", None))
    assert not (tmp_path / "cfe_hourly.csv").exists()


def test_a_figure_that_is_not_a_number_is_an_error() -> None:
    with pytest.raises(InputError, match=r"wue: nan is no figure"):
        Fact("wue", "s", "WUE", math.nan)


@pytest.mark.parametrize(("words", "message"), [
    (["xslx"], "--to: no 'xslx' (did you mean 'xlsx'?); there are json, csv, parquet, xlsx, html, pdf"),
])  # fmt: skip
def test_a_kind_of_file_that_is_not_known_is_refused(words: list[str], message: str) -> None:
    with pytest.raises(InputError) as caught:
        kinds(words)
    assert message in str(caught.value)


def test_a_standard_that_is_not_known_is_refused() -> None:
    with pytest.raises(InputError, match=r"--standard: no 'esr' \(did you mean 'esrs'\?\)"):
        chosen(["esr"])


def twin(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-m", "twin", "report", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900)


def test_meters_are_reported_without_the_banner_and_a_quarter_as_interim(tmp_path: Path) -> None:
    (tmp_path / "meters.csv").write_text("month,edc_kwh,eit_kwh\n2025-01,125,100\n2025-02,125,100\n")
    done = twin("--metered", tmp_path / "meters.csv", "--out", tmp_path / "out", "--standard", "iso30134,eed")
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "out" / "metrics.json").read_text())
    jsonschema.Draft202012Validator(metrics_schema()).validate(document)
    assert document["metrics"]["iso30134.pue_category_1"]["value"] == 1.25
    assert document["statement"].endswith("; interim: not a year, nothing is annualised")
    assert document["provenance"]["data_nature"] == "metered"
    for path in (tmp_path / "out").glob("*.[ch]*"):
        assert "not a metered disclosure" not in path.read_text(encoding="utf-8"), path.name


def test_faults_end_the_command_with_code_2_and_leave_no_folder(tmp_path: Path) -> None:
    (tmp_path / "meters.csv").write_text("month,edc_kwh\n2025-01,x\n")
    done = called("report", "--metered", tmp_path / "meters.csv", "--out", tmp_path / "out", folder=tmp_path)
    assert done.returncode == 2
    assert "meters.csv:2:2: edc_kwh: 'x' is not a number" in done.stderr
    assert not (tmp_path / "out").exists()
    done = called("report", tmp_path, folder=tmp_path)
    assert done.returncode == 2
    assert "metrics.json: is missing; name the folder that twin run has written" in done.stderr


def test_a_report_is_made_of_a_run_and_not_of_a_report(written: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_report(written, None, None, STANDARDS)
    assert [fault.message for fault in caught.value.faults] == [
        "is not that of a run; name the folder that twin run has written"
    ]
