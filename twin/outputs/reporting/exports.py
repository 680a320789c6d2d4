"""The files of a report: ``metrics.json``, what is made of it, and checksums; equal reports are equal bytes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from twin.errors import InputError, did_you_mean
from twin.outputs.files import metrics_text, write_whole
from twin.outputs.reporting.tables import COLUMNS, LEDGER, Document, ledger_rows, month_columns, month_rows, rows

KINDS = ("json", "csv", "xlsx", "html")


def kinds(words: Iterable[str]) -> list[str]:
    """Kinds of files by their words; InputError with the nearest where one is not known."""
    found = [word.strip() for word in words if word.strip()]
    for word in found:
        if word not in KINDS:
            hint = did_you_mean(word, KINDS) or ("; print report.html to PDF" if word == "pdf" else "")
            raise InputError(f"--to: no '{word}'{hint}; there are {', '.join(KINDS)}")
    return list(dict.fromkeys(found))


def write_report(folder: Path, document: Document, to: Sequence[str]) -> list[Path]:
    """Write the files of the kinds asked for, ``metrics.json`` always, and ``manifest.sha256`` over all of them.

    Raises OSError where a file cannot be written, InputError where a library of the extra ``report`` is missing.
    """
    made: dict[str, bytes] = {"metrics.json": metrics_text(document).encode()}
    for kind in to:
        made |= _made(kind, document)
    lines = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(made.items()))
    made["manifest.sha256"] = lines.encode()
    for name, content in made.items():
        write_whole(folder / name, content)
    return [folder / name for name in made]


def _made(kind: str, document: Document) -> dict[str, bytes]:
    if kind == "csv":
        return _csv_files(document)
    try:
        if kind == "xlsx":
            from twin.outputs.reporting.workbook import workbook_bytes

            return {"report.xlsx": workbook_bytes(document)}
        if kind == "html":
            from twin.outputs.reporting.page import page

            return {"report.html": page(document).encode()}
    except ModuleNotFoundError as error:
        raise InputError(f"--to {kind} needs {error.name}: pip install 'datacenter-twin[report]'") from error
    return {}


def _csv_files(document: Document) -> dict[str, bytes]:
    files = {"figures.csv": _csv(COLUMNS, ([row[c] for c in COLUMNS] for row in rows(document)))}
    for word in document["standards"]:
        files[f"{word}.csv"] = _csv(COLUMNS, ([row[c] for c in COLUMNS] for row in rows(document, word)))
    if document["months"]:
        head = ["start_utc", "end_utc", "start_local", "end_local", *month_columns(document), "statement"]
        files["months.csv"] = _csv(head, ([*row, document["statement"]] for row in month_rows(document)))
    ledger = ledger_rows(document) if "cfe" in document["standards"] else []
    if ledger:
        files["cfe_hourly.csv"] = _csv((*LEDGER, "statement"), ([*row, document["statement"]] for row in ledger))
    files["datapackage.json"] = _package(document, files).encode()
    return files


def _csv(head: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    """CSV after RFC 4180 but with line feeds; numbers to the last bit, nothing where there is none."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([repr(v) if isinstance(v, float) else "" if v is None else v for v in line] for line in lines)
    return text.getvalue().encode()


def _package(document: Document, files: dict[str, bytes]) -> str:
    """Frictionless description of the tables."""
    resources = []
    for name, content in files.items():
        head = next(csv.reader(io.StringIO(content.decode())))
        fields = [{"name": column, "type": _type(name, column)} for column in head]
        resources.append({
            "name": name.removesuffix(".csv"), "path": name, "format": "csv", "mediatype": "text/csv",
            "encoding": "utf-8", "hash": f"sha256:{hashlib.sha256(content).hexdigest()}", "schema": {"fields": fields},
        })  # fmt: skip
    package = {"name": "datacenter-twin-report", "title": f"Report of {document['scenario']}",
               "description": document["statement"], "resources": resources}  # fmt: skip
    return json.dumps(package, indent=2, ensure_ascii=False) + "\n"


def _type(file: str, column: str) -> str:
    if column.endswith(("start_utc", "end_utc", "start_local", "end_local")):
        return "datetime"
    if column.endswith("_wh"):
        return "integer"
    if file == "months.csv":
        return "string" if column == "statement" else "number"
    return "number" if column in ("low", "high") else "boolean" if column == "verified" else "string"
