"""Each table that the twin ships stands in data/SOURCES.md with origin and licence, and is the file that it was."""

from __future__ import annotations

import hashlib
from pathlib import Path

DATA = Path(__file__).parent.parent / "data"
SOURCES = DATA / "SOURCES.md"
COLUMNS = ["file", "what", "origin", "licence", "date", "sha256"]


def rows() -> dict[str, dict[str, str]]:
    """Rows of the tables in SOURCES.md by file name."""
    cells = [
        [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        for line in SOURCES.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    ]
    return {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in cells}


def shipped() -> dict[str, str]:
    """Checksum of every shipped table by file name."""
    files = sorted(path for path in DATA.rglob("*") if path.is_file() and path != SOURCES)
    return {path.relative_to(DATA).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_every_shipped_table_has_a_row_and_every_row_a_table() -> None:
    missing = [f"| `{name}` | what | origin | licence | date | `{sha}` |" for name, sha in shipped().items()]
    to_paste = [line for line in missing if line.split("`")[1] not in rows()]
    assert not to_paste, "\n".join(["add to data/SOURCES.md:", *to_paste])
    assert sorted(rows()) == sorted(shipped())


def test_every_checksum_is_that_of_the_file() -> None:
    moved = [f"{name}: {sha}" for name, sha in shipped().items() if name in rows() and rows()[name]["sha256"] != sha]
    assert not moved, "\n".join(["these files changed; their checksums are now:", *moved])


def test_every_row_states_origin_licence_and_date() -> None:
    empty = [f"{name}: {column}" for name, row in rows().items() for column in COLUMNS if not row[column]]
    assert rows()
    assert not empty
