"""The report on a screen is that of ``twin run`` and ``twin report``, to the byte, and reads no file of a stranger."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from twin.cli import _run_command
from twin.errors import InputError
from twin.outputs.reporting import of_run
from twin.outputs.reporting.exports import FORMATS, KINDS, MANIFEST
from twin.scenario.reading import read_scenario
from twin.studies.portrait import Portrait, portrait
from twin.studies.reporting.report import STANDARDS

QUICKSTART = Path(__file__).parents[3] / "scenarios" / "quickstart.yaml"
SHORT = "run.duration=2d"
SITE = "owner: <script>alert(1)</script> & Söhne\ninstalled_it_kw: 1320\n"


@pytest.fixture(scope="module")
def run() -> Portrait:
    return portrait(read_scenario(QUICKSTART, [SHORT]))


@pytest.fixture(scope="module")
def report(run: Portrait) -> of_run.Report:
    """With a stranger's site, by one standard."""
    return of_run.report_of(run, ["ghg"], SITE)


@pytest.mark.slow
def test_every_file_equals_that_of_the_commands(run: Portrait, tmp_path: Path) -> None:
    pytest.importorskip("reportlab")
    site = tmp_path / "site.yaml"
    site.write_text(SITE, encoding="utf-8")
    assert _run_command(["run", str(QUICKSTART), "--set", SHORT, "--out", str(tmp_path / "run"), "-q"]) == 0
    told = ["--standard", ",".join(STANDARDS), "--to", ",".join(KINDS), "--site", str(site)]
    assert _run_command(["report", str(tmp_path / "run"), *told]) == 0
    report = of_run.report_of(run, list(STANDARDS), SITE)
    written = {path.name: path.read_bytes() for path in (tmp_path / "run" / "report").iterdir()}
    assert dict(report.files) == written
    assert report.missing == {}
    assert report.statement.startswith("simulated, not a metered disclosure")


def test_the_zip_holds_all_files_with_a_manifest_that_fits_and_is_the_same_again(
    run: Portrait, report: of_run.Report
) -> None:
    content = of_run.zipped(report)
    assert content == of_run.zipped(of_run.report_of(run, ["ghg"], SITE))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert set(archive.namelist()) == set(report.files)
        for line in archive.read(MANIFEST).decode().splitlines():
            digest, name = line.split("  ")
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest


def test_a_kind_whose_library_is_missing_is_told_and_the_others_are_made(
    run: Portrait, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = of_run.report_files

    def without_pdf(document, to, hourly=None):  # type: ignore[no-untyped-def]
        if "pdf" in to:
            raise InputError("--to pdf needs reportlab")
        return whole(document, to, hourly)

    monkeypatch.setattr(of_run, "report_files", without_pdf)
    report = of_run.report_of(run, ["ghg"])
    assert report.missing == {"pdf": "--to pdf needs reportlab"}
    assert {one.file for one in FORMATS if one.word != "pdf"} <= set(report.files)


def test_what_a_stranger_writes_is_text_on_the_page(run: Portrait) -> None:
    page = of_run.report_of(run, ["eed"], SITE).files["report.html"].decode()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(
    ("text", "message"),
    [("refrigerant_table: /etc/passwd", "site.yaml:1:1: refrigerant_table: may name only files"),
     ("extends: other.yaml", "an uploaded file cannot extend another"),
     ("installed_it_kw: -3", "site.yaml:1:1: installed_it_kw: must be > 0"), ("owner: [", "site.yaml:"),
     ("#" * 600_000, "is larger than 500 kB")],
)  # fmt: skip
def test_a_faulty_site_file_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(InputError) as found:
        of_run.checked_site(text)
    assert message in str(found.value)


def test_the_page_is_on_white_paper_wherever_it_is_embedded(report: of_run.Report) -> None:
    assert "html { background: #ffffff; color-scheme: light; }" in report.files["report.html"].decode()


def test_a_blank_site_file_can_be_read_again() -> None:
    assert of_run.checked_site(of_run.blank_site()).owner == ""


def test_files_are_in_the_order_of_use_and_say_what_they_are(report: of_run.Report) -> None:
    assert of_run.by_use(report)[-1] == "months.csv"
    assert of_run.first_shown(report) == "report.html"
    assert of_run.media("ghg.csv") == "text/csv"
    assert "have a value" in of_run.counted(report)
