"""The files of a report: ``metrics.json``, what is made of it, and checksums; equal reports are equal bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from twin.errors import InputError, did_you_mean
from twin.outputs.files import metrics_text, write_whole
from twin.outputs.reporting.contents import hours, tables
from twin.outputs.reporting.described import Table, csv_bytes, package_bytes, parquet_bytes
from twin.outputs.reporting.tables import Document
from twin.studies.facts import SIMULATED
from twin.studies.reporting.hourly import Hourly


@dataclass(frozen=True)
class Format:
    """A kind of files: its word for --to, the main file, type of media, and what is in it."""

    word: str
    file: str
    media: str
    what: str


FORMATS = (
    Format("json", "metrics.json", "application/json", "every figure with all that is said of it; always written"),
    Format("csv", "figures.csv", "text/csv", "figures by standard, months, hours, certificates, with datapackage.json"),
    Format("parquet", "hourly.parquet", "application/vnd.apache.parquet", "the hours"),
    Format("xlsx", "report.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "workbook"),
    Format("html", "report.html", "text/html", "page that loads nothing from elsewhere"),
    Format("pdf", "report.pdf", "application/pdf", "the page on paper"),
)
KINDS = tuple(one.word for one in FORMATS)
MANIFEST, PACKAGE = "manifest.sha256", "datapackage.json"


def kinds(words: Iterable[str]) -> list[str]:
    """Kinds of files by their words; InputError with the nearest where one is not known."""
    found = [word.strip() for word in words if word.strip()]
    for word in found:
        if word not in KINDS:
            raise InputError(f"--to: no '{word}'{did_you_mean(word, KINDS)}; there are {', '.join(KINDS)}")
    return list(dict.fromkeys(found))


def write_report(folder: Path, document: Document, to: Sequence[str], hourly: Hourly | None = None) -> list[Path]:
    """Write the files of :func:`report_files` to a folder that is there. Raises OSError, and InputError as it does."""
    return write_files(folder, report_files(document, to, hourly))


def write_files(folder: Path, made: Mapping[str, bytes]) -> list[Path]:
    """Write files by name to a folder that is there. Raises OSError."""
    for name, content in made.items():
        write_whole(folder / name, content)
    return [folder / name for name in made]


def left_behind(folder: Path, made: Mapping[str, bytes]) -> list[str]:
    """Files of an earlier report in a folder, by its manifest, that a report of the files ``made`` does not replace."""
    try:
        lines = (folder / MANIFEST).read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, UnicodeDecodeError):
        return []
    names = [name for line in lines if (name := line.partition("  ")[2])]
    return [name for name in names if name not in made and (folder / name).is_file()]


def report_files(
    document: Document, to: Sequence[str], hourly: Hourly | None = None, more: Sequence[Table] = ()
) -> dict[str, bytes]:
    """Bytes by name of the files of the kinds asked for, ``metrics.json`` first and ``manifest.sha256`` last.

    Without ``hourly`` there are no tables by the hour; ``more`` are tables beside those of the document. Raises
    InputError where a library of the extra ``report`` is missing.
    """
    made: dict[str, bytes] = {"metrics.json": metrics_text(document).encode()}
    found = dict(_tables(document, to, hourly)) | {f"{one.name}.{kind}": one for one in more for kind in _flat(to)}
    for name, table in found.items():
        made[name] = _table_bytes(name, table, document["statement"])
    if found:
        made[PACKAGE] = package_bytes(document, found, made)
    for kind in to:
        made |= _rendered(kind, document)
    return made | {MANIFEST: manifest(made)}


def table_files(table: Table, to: Sequence[str]) -> dict[str, bytes]:
    """A table alone, as CSV where no kind of table is asked for, with its data package and checksums."""
    found = {f"{table.name}.{kind}": table for kind in _flat(to) or ("csv",)}
    made = {name: _table_bytes(name, one, SIMULATED) for name, one in found.items()}
    about = {"scenario": table.description, "statement": SIMULATED}
    made[PACKAGE] = package_bytes(about, found, made)
    return made | {MANIFEST: manifest(made)}


def _flat(to: Sequence[str]) -> list[str]:
    return [kind for kind in ("csv", "parquet") if kind in to]


def manifest(files: Mapping[str, bytes]) -> bytes:
    """Checksums as ``sha256sum --check`` reads them."""
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()


def _tables(document: Document, to: Sequence[str], hourly: Hourly | None) -> Iterator[tuple[str, Table]]:
    if "csv" in to:
        yield from ((f"{table.name}.csv", table) for table in tables(document, hourly))
    if "parquet" in to and hourly is not None:
        yield "hourly.parquet", hours(document, hourly)


def _table_bytes(name: str, table: Table, statement: str) -> bytes:
    if name.endswith(".csv"):
        return csv_bytes(table)
    try:
        return parquet_bytes(table, statement)
    except ModuleNotFoundError as error:
        raise _without("parquet", error) from error


def _without(kind: str, error: ModuleNotFoundError) -> InputError:
    return InputError(f"--to {kind} needs {error.name}: pip install 'datacenter-twin[report]'")


def _rendered(kind: str, document: Document) -> dict[str, bytes]:
    try:
        if kind == "xlsx":
            from twin.outputs.reporting.workbook import workbook_bytes

            return {"report.xlsx": workbook_bytes(document)}
        if kind == "html":
            from twin.outputs.reporting.page import page

            return {"report.html": page(document).encode()}
        if kind == "pdf":
            from twin.outputs.reporting.paper import pdf_bytes

            return {"report.pdf": pdf_bytes(document)}
    except ModuleNotFoundError as error:
        raise _without(kind, error) from error
    return {}
