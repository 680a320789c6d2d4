"""Tables of a report with a type, a unit and a description for each column: CSV, Parquet and their data package.

Equal tables are equal bytes. The package is Frictionless (https://specs.frictionlessdata.io/tabular-data-package/),
with ``unit`` as a property of its own beside the standard ones.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from twin.outputs.reporting.tables import Document

Kind = Literal["string", "number", "integer", "boolean", "datetime"]
MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


@dataclass(frozen=True)
class Described:
    """A column: type after Frictionless, unit, and what it holds."""

    kind: Kind
    unit: str
    description: str


@dataclass(frozen=True)
class Table:
    """A table by the name of its file without ending, such as figures; ``rows`` have a cell for each column."""

    name: str
    description: str
    columns: Mapping[str, Described]
    rows: Sequence[Sequence[Any]]


def csv_bytes(table: Table) -> bytes:
    """CSV after RFC 4180 but with line feeds; numbers to the last bit, nothing where there is none."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([_cell(value) for value in row] for row in table.rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return repr(value) if value == value else ""
    return "" if value is None else value


def parquet_bytes(table: Table, statement: str) -> bytes:
    """Parquet with unit and description in the metadata of each field, and the statement in that of the table."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"string": pa.string(), "number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_(),
             "datetime": pa.timestamp("s", tz="UTC")}  # fmt: skip
    fields = [
        pa.field(name, types[one.kind], metadata={"unit": one.unit, "description": one.description})
        for name, one in table.columns.items()
    ]
    columns = zip(*table.rows, strict=True) if table.rows else ([] for _ in fields)
    arrays = [pa.array([_typed(value, field.type) for value in column], field.type)
              for field, column in zip(fields, columns, strict=True)]  # fmt: skip
    about = {"statement": statement, "description": table.description}
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=about)), sink, compression="zstd")
    return bytes(sink.getvalue())


def _typed(value: Any, kind: Any) -> Any:
    import pandas as pd

    if value is None or value == "" or value != value:
        return None
    return pd.Timestamp(value).to_pydatetime() if str(kind).startswith("timestamp") else value


def package_bytes(document: Document, tables: Mapping[str, Table], files: Mapping[str, bytes]) -> bytes:
    """``datapackage.json`` over files by their names; ``tables`` has the table of each."""
    resources: list[dict[str, Any]] = []
    for name, table in tables.items():
        ending = name.rpartition(".")[2]
        fields = [
            {"name": column, "type": one.kind, "unit": one.unit, "description": one.description}
            for column, one in table.columns.items()
        ]
        resources.append({
            "name": name.replace(".", "-").replace("_", "-").lower(), "path": name, "profile": "tabular-data-resource",
            "title": table.description, "format": ending, "mediatype": MEDIA[ending], "encoding": "utf-8",
            "schema": {"fields": fields, "missingValues": [""]},
        })  # fmt: skip
        if ending == "csv":  # Frictionless' own reader of Parquet counts no bytes and refuses what states them
            resources[-1] |= {"bytes": len(files[name]), "hash": f"sha256:{hashlib.sha256(files[name]).hexdigest()}"}
    package = {
        "profile": "tabular-data-package" if all(name.endswith(".csv") for name in tables) else "data-package",
        "name": "datacenter-twin-report", "title": f"Report of {document['scenario']}",
        "description": document["statement"], "resources": resources,
    }  # fmt: skip
    return (json.dumps(package, indent=2, ensure_ascii=False) + "\n").encode()
