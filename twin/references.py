"""How a scenario names a file: a path, ``pvlib:NAME`` or ``data:PATH``, in a field of type :data:`InputFile`.

A path is meant relative to the file in which it is written. Reading a scenario makes it absolute and checks that
the file is there, so that whoever opens it never asks where a name came from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from twin.errors import did_you_mean

# Two letters or more: a single one before the colon is a drive.
_SCHEME = re.compile(r"([a-z][a-z0-9+-]+):")


@dataclass(frozen=True)
class FileMarker:
    """Marks a string that names an input file."""


InputFile = Annotated[str, FileMarker()]


def scheme_of(reference: str) -> str:
    """Scheme of a reference, or an empty text for a plain path.

    >>> scheme_of("pvlib:723170TYA.CSV"), scheme_of("weather/ashburn.epw"), scheme_of("C:/ashburn.epw")
    ('pvlib', '', '')
    """
    found = _SCHEME.match(reference)
    return found.group(1) if found else ""


def near_files(path: Path) -> str:
    """Hint for a missing file: the nearest name in its folder, or the folder that is missing itself."""
    try:
        if path.parent.is_dir():
            return did_you_mean(path.name, (entry.name for entry in path.parent.iterdir()))
        missing = next(folder for folder in reversed(path.parents) if not folder.is_dir())
    except (OSError, ValueError, StopIteration):
        return ""
    return f" (there is no folder {str(missing)!r})"
