"""The report of a run that is on a screen: every file of ``twin report``, in memory, and all of them as one zip."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twin.errors import Fault, InputError, Place
from twin.outputs.files import metrics_document, write_run
from twin.outputs.reporting.exports import KINDS, write_report
from twin.outputs.template import commented
from twin.scenario.reading import read_document, validated
from twin.studies.jobs import job_table
from twin.studies.months import factor_files, months
from twin.studies.portrait import Portrait
from twin.studies.reporting.inputs import read_report
from twin.studies.reporting.site import Site
from twin.studies.visitors import LARGEST_UPLOAD
from twin.yaml_source import parse

SITE_FILE = "site.yaml"
DOCUMENT, MANIFEST = "metrics.json", "manifest.sha256"
EARLIEST = (1980, 1, 1, 0, 0, 0)  # of a zip: equal reports are equal bytes
READ_ONLY = 0o644 << 16


@dataclass(frozen=True)
class Report:
    """A report's document, its files by name, and the kinds that could not be made, each with its reason."""

    document: Mapping[str, Any]
    files: Mapping[str, bytes]
    missing: Mapping[str, str]

    @property
    def statement(self) -> str:
        """What the figures are: simulated, and of how long a period."""
        return str(self.document["statement"])


def report_of(run: Portrait, standards: Sequence[str], site_text: str = "") -> Report:
    """The report of a run by standards, with what a site's file states. Raises InputError with the file's faults.

    The run's files and the report's are written to a temporary folder, as ``twin run`` and ``twin report`` do.
    """
    with tempfile.TemporaryDirectory(prefix="twin-report-") as name:
        folder = Path(name)
        written_run(run, folder / "run")
        site = _written_site(folder, site_text)
        document = read_report(folder / "run", None, site, standards)
        kept, missing = _kinds(folder / "trial", document)
        (folder / "report").mkdir()
        paths = write_report(folder / "report", document, kept)
        return Report(document, {path.name: path.read_bytes() for path in sorted(paths)}, missing)


def written_run(run: Portrait, folder: Path) -> list[Path]:
    """The files that ``twin run`` leaves of a run, in a new folder. Raises OSError."""
    results = run.one.expand_dims("scenario")
    document = metrics_document(results, run.metrics, run.warnings, notes=run.notes, factors=factor_files(results),
                                months=months(results))  # fmt: skip
    folder.mkdir()
    return write_run(folder, results, document, job_table(run.scenario))


def checked_site(text: str, name: str = SITE_FILE) -> Site:
    """A site from a stranger's text: it may name the twin's own tables and no other file. Raises InputError."""
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST_UPLOAD:
        raise InputError([Fault(f"is larger than {LARGEST_UPLOAD // 1000} kB", place=Place(name))])
    document = parse(text, name)
    if isinstance(document.data, dict) and "extends" in document.data:
        fault = Fault("an uploaded file cannot extend another", "extends", document.places.get(("extends",)))
        raise InputError([fault])
    return validated(Site, read_document(name, (), Site, text), ())


def blank_site() -> str:
    """A site's file to fill in: every field with its meaning."""
    return commented(Site())


def zipped(report: Report) -> bytes:
    """All files of a report, the manifest with them; equal reports give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in sorted(report.files.items()):
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.external_attr, entry.compress_type = READ_ONLY, zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def _written_site(folder: Path, text: str) -> Path | None:
    if not text.strip():
        return None
    checked_site(text)
    (folder / SITE_FILE).write_text(text, encoding="utf-8")
    return folder / SITE_FILE


def _kinds(folder: Path, document: Mapping[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Kinds of files that can be made here, and why others cannot."""
    kept: list[str] = []
    missing: dict[str, str] = {}
    folder.mkdir()
    for kind in KINDS:
        try:
            write_report(folder, document, [kind])
        except InputError as error:
            missing[kind] = str(error)
        else:
            kept.append(kind)
    return kept, missing


def counted(report: Report) -> str:
    """How many figures have a value, and how many only a reason why there is none."""
    metrics = json.loads(report.files[DOCUMENT])["metrics"].values()
    known = sum(metric["value"] is not None for metric in metrics)
    return f"{known} figures have a value; {len(metrics) - known} have the reason why there is none."


def by_use(report: Report) -> list[str]:
    """Names of the files, those that people read first."""
    order = ("html", "pdf", "xlsx", "csv", "json", "sha256")
    return sorted(report.files, key=lambda name: order.index(ending(name)) if ending(name) in order else len(order))


def ending(name: str) -> str:
    """What a file's name ends in, without the dot."""
    return name.rpartition(".")[2]
