"""The report of a run that is on a screen: every file of ``twin report``, in memory, and all of them as one zip."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from twin.errors import Fault, InputError, Place
from twin.outputs.files import metrics_document, metrics_text
from twin.outputs.reporting.exports import FORMATS, KINDS, report_files
from twin.outputs.template import commented
from twin.scenario.reading import read_document, validated
from twin.studies.months import factor_files, months
from twin.studies.portrait import Portrait
from twin.studies.reporting.hourly import Hourly, hourly_of_run
from twin.studies.reporting.inputs import About, report_of_run
from twin.studies.reporting.site import Site
from twin.studies.visitors import LARGEST_UPLOAD, as_stated
from twin.yaml_source import parse

SITE_FILE = "site.yaml"
DOCUMENT, HOURS = "metrics.json", "tables by the hour"
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

    Equal to that of ``twin run`` and ``twin report``, to the byte.
    """
    results = run.one.expand_dims("scenario")
    told = metrics_document(results, run.metrics, run.warnings, notes=run.notes, factors=factor_files(results),
                            months=months(results))  # fmt: skip
    document = report_of_run(json.loads(metrics_text(told)), _about(site_text), standards)
    hourly, without = _hourly(results)
    files, missing = _files(document, hourly)
    return Report(document, files, without | missing)


def checked_site(text: str, name: str = SITE_FILE) -> Site:
    """A site from a stranger's text: it may name the twin's own tables and no other file. Raises InputError."""
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST_UPLOAD:
        raise InputError([Fault(f"is larger than {LARGEST_UPLOAD // 1000} kB", place=Place(name))])
    document = parse(text, name)
    if isinstance(document.data, dict) and "extends" in document.data:
        fault = Fault("an uploaded file cannot extend another", "extends", document.places.get(("extends",)))
        raise InputError([fault])
    try:
        return validated(Site, read_document(name, (), Site, text), ())
    except InputError as error:
        raise as_stated(error) from error


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


def _about(text: str) -> About:
    """What is told of the site by a stranger's text; nothing where there is none."""
    if not text.strip():
        return About(Site(), None, {})
    return About(checked_site(text), None, {SITE_FILE: hashlib.sha256(text.encode()).hexdigest()})


def _hourly(results: xr.Dataset) -> tuple[Hourly | None, dict[str, str]]:
    """The hours of a run as its results file has them, in single precision; or why there are none."""
    stored = results.map(lambda one: one.astype(np.float32) if _is_series(one) else one, keep_attrs=True)
    try:
        return hourly_of_run(stored), {}
    except InputError as error:
        return None, {HOURS: str(error)}


def _is_series(one: xr.DataArray) -> bool:
    return "time" in one.dims and bool(np.issubdtype(one.dtype, np.floating))


def _files(document: Mapping[str, Any], hourly: Hourly | None) -> tuple[dict[str, bytes], dict[str, str]]:
    """Files of all kinds that can be made here, and why others cannot."""
    try:
        return report_files(document, KINDS, hourly), {}
    except InputError:
        missing = {kind: why for kind in KINDS if (why := _fault_of(kind, document))}
        return report_files(document, [kind for kind in KINDS if kind not in missing], hourly), missing


def _fault_of(kind: str, document: Mapping[str, Any]) -> str:
    try:
        report_files(document, [kind], None)
    except InputError as error:
        return str(error)
    return ""


def counted(report: Report) -> str:
    """How many figures have a value, and how many only a reason why there is none."""
    metrics = json.loads(report.files[DOCUMENT])["metrics"].values()
    known = sum(metric["value"] is not None for metric in metrics)
    return f"{known} figures have a value; {len(metrics) - known} have the reason why there is none."


def by_use(report: Report) -> list[str]:
    """Names of the files, those that people read first."""
    main = [one.file for one in reversed(FORMATS)]
    return sorted(report.files, key=lambda name: (main.index(name) if name in main else len(main), name))


def first_shown(report: Report) -> str:
    """The file that a page shows before another is chosen: one that it can show whole."""
    names = by_use(report)
    return next((name for name in names if ending(name) == "html"), names[-1])


def media(name: str) -> str:
    """Type of media of a file."""
    return {ending(one.file): one.media for one in FORMATS}.get(ending(name), "text/plain")


def what(name: str) -> str:
    """What a file holds, in words; empty for those that come along."""
    return next((one.what for one in FORMATS if one.file == name), "")


def ending(name: str) -> str:
    """What a file's name ends in, without the dot."""
    return name.rpartition(".")[2]
