"""Where a batch keeps its runs: Parquet parts by content, and one table of the study that DuckDB and pandas read.

``parts/*.parquet`` have a row per run under its address (the hash of its resolved scenario, its input files and the
package's version), ``runs.parquet`` a row per run of the study, in its order. Files are written whole under a temporary
name and renamed; a part that is there is finished, so that a batch that was killed goes on where it was. One batch at a
time may write: the system frees the lock of one that is gone.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from twin.errors import InputError
from twin.outputs.files import write_whole
from twin.studies.runs import Record

TABLE, PARTS, SERIES, FULL = "runs.parquet", "parts", "series", "full"
GROUP = 64  # parts that are joined at a time: hundreds of small tables take more memory than their rows
TEXTS = ("run_id", "error", "cause", "scenario")


class Store:
    """A folder of finished runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.parts = folder / PARTS

    @contextmanager
    def writing(self) -> Iterator[Store]:
        """The store for one writer. Raises InputError where another batch writes to it, OSError where none can."""
        self.parts.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise InputError(f"{self.folder}: another batch is writing to this store") from error
            for left in self.folder.rglob(".*.tmp"):  # what a kill interrupted
                left.unlink(missing_ok=True)
            yield self

    def finished(self) -> set[str]:
        """Addresses of all runs that are there, failed ones included."""
        found: set[str] = set()
        for part in self._files():
            found.update(pq.read_table(part, columns=["run_id"])["run_id"].to_pylist())
        return found

    def failed(self) -> set[str]:
        """Addresses of the runs that are there and failed."""
        found: set[str] = set()
        for part in self._files():
            rows = pq.read_table(part, columns=["run_id"], filters=[("error", "!=", "")])
            found.update(rows["run_id"].to_pylist())
        return found

    def forget(self, runs: set[str]) -> None:
        """Take the rows of runs out, each part whole or not at all. Raises OSError."""
        for part in self._files():
            table = pq.read_table(part)
            kept = table.filter(pa.array([one not in runs for one in table["run_id"].to_pylist()], pa.bool_()))
            if not kept.num_rows:
                part.unlink()
            elif kept.num_rows < table.num_rows:
                write_parquet(part, kept)

    def has_series(self, run_id: str) -> bool:
        """Whether the series of a run are there."""
        return self.series_file(run_id).exists()

    def series_file(self, run_id: str) -> Path:
        """File of a run's series."""
        return self.folder / SERIES / f"{run_id}.parquet"

    def full_folder(self, run_id: str) -> Path:
        """Folder of a run's full results."""
        return self.folder / FULL / run_id

    def add(self, records: Sequence[Record]) -> None:
        """Write finished runs as one part, their series before it; all or nothing. Raises OSError."""
        for record in records:
            if record.series:
                self.series_file(record.run_id).parent.mkdir(exist_ok=True)
                write_parquet(self.series_file(record.run_id), pa.table(record.series))
        records = sorted(records, key=lambda record: record.run_id)
        name = hashlib.sha256("".join(record.run_id for record in records).encode()).hexdigest()[:32]
        write_parquet(self.parts / f"{name}.parquet", _table(records))

    def read(self, wanted: Iterable[str]) -> pa.Table:
        """Rows of the runs with these addresses, each once, without their scenarios, sorted by address."""
        keep = set(wanted)
        seen: set[str] = set()
        tables = []
        for part in self._files():
            names = [name for name in pq.read_schema(part).names if name != "scenario"]
            table = pq.read_table(part, columns=names)
            ids = table["run_id"].to_pylist()
            tables.append(table.filter(pa.array([one in keep and one not in seen for one in ids], pa.bool_())))
            seen.update(ids)
            if len(tables) >= GROUP:
                tables = [_joined(tables)]
        if not tables:
            return pa.table({"run_id": pa.array([], pa.string())})
        return _joined(tables)

    def scenario_json(self, run_id: str) -> str | None:
        """Resolved scenario of a run as JSON; None where the run is not there."""
        for part in self._files():
            rows = pq.read_table(part, columns=["run_id", "scenario"], filters=[("run_id", "==", run_id)])
            if rows.num_rows:
                return str(rows["scenario"][0].as_py())
        return None

    def table(self) -> pa.Table:
        """The table of the study. Raises InputError where there is none."""
        path = self.folder / TABLE
        if not path.is_file():
            raise InputError(f"{self.folder}: holds no finished batch ({TABLE} is missing); run twin batch first")
        return pq.read_table(path)

    def _files(self) -> list[Path]:
        return sorted(self.parts.glob("*.parquet"))


def is_store(folder: Path) -> bool:
    """Whether a folder holds the table of a study."""
    return (folder / TABLE).is_file()


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write a table whole or not at all; equal tables give equal bytes."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    write_whole(path, memoryview(sink.getvalue()))


def columns_with_units(columns: Mapping[str, Any], units: Mapping[str, str], study: str = "") -> pa.Table:
    """A table whose fields state their unit in their metadata, and which carries its study as JSON."""
    arrays = [pa.array(values) if not isinstance(values, pa.Array) else values for values in columns.values()]
    fields = [
        pa.field(name, array.type, metadata={"unit": units[name]} if name in units else None)
        for name, array in zip(columns, arrays, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata={"study": study} if study else None))


def units_of(table: pa.Table) -> dict[str, str]:
    """Units of the key figures of a table, by name, in the table's order."""
    return {f.name: f.metadata[b"unit"].decode() for f in table.schema if f.metadata and b"unit" in f.metadata}


def _table(records: Sequence[Record]) -> pa.Table:
    names = sorted({name for record in records for name in record.figures})
    units: dict[str, str] = {}
    for record in records:
        for name, unit in record.units.items():
            units[name] = unit if units.get(name, unit) == unit else _either(units[name], unit)
    columns: dict[str, Any] = {
        "run_id": [record.run_id for record in records],
        "error": [record.error for record in records],
        "cause": [record.cause for record in records],
        "scenario": [record.scenario_json for record in records],
    }
    for name in names:
        columns[name] = pa.array([record.figures.get(name) for record in records], pa.float64())
    return columns_with_units(columns, units)


def _either(known: str, unit: str) -> str:
    """Units of a figure that is in different ones, such as currencies."""
    return known if unit in known.split(" or ") else " or ".join(sorted([*known.split(" or "), unit]))


def _joined(tables: Sequence[pa.Table]) -> pa.Table:
    """One table, sorted by address; its columns do not depend on how rows were spread over parts."""
    units: dict[str, str] = {}
    for table in tables:
        for name, unit in units_of(table).items():
            for one in unit.split(" or "):
                units[name] = one if units.get(name, one) == one else _either(units[name], one)
    bare = [table.replace_schema_metadata(None).cast(pa.schema([pa.field(f.name, f.type) for f in table.schema]))
            for table in tables]  # fmt: skip
    whole = pa.concat_tables(bare, promote_options="default").sort_by("run_id").combine_chunks()
    names = ["run_id", "error", "cause", *sorted(set(whole.column_names) - set(TEXTS))]
    return columns_with_units({name: whole[name].combine_chunks() for name in names}, units)
