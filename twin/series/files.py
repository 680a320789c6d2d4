"""Where input files are, what is in them, and their checksums.

A reference is a path, ``pvlib:NAME`` (a file in pvlib's data folder) or ``data:PATH`` (a file that this project ships).
"""

from __future__ import annotations

import codecs
import difflib
import functools
import gzip
import hashlib
import importlib.util
import time
import zlib
from collections.abc import Callable
from pathlib import Path

from twin.errors import InputError
from twin.references import scheme_of
from twin.yaml_source import shown

_PACKAGE = Path(__file__).resolve().parent.parent
_NEAREST = 3  # names offered where a file is missing
SETTLED_NS = 3 * 10**9  # more than the coarsest clock of a file system in use: FAT's, two seconds
_contents: dict[Path, tuple[tuple[int, ...], str]] = {}


def resolve(reference: str, base: Path | None = None) -> Path:
    """Absolute path of the file that ``reference`` names; relative paths start at the folder ``base``.

    Raises :class:`InputError` with the nearest names when there is no such file.
    """
    scheme = scheme_of(reference)
    if scheme not in ("", *_FOLDERS):
        raise InputError(f"{_quoted(reference)}: unknown scheme '{scheme}:'; a file is a path, pvlib:NAME or data:PATH")
    try:
        if scheme:
            folder = _FOLDERS[scheme]()
            return _existing(reference, folder / reference[len(scheme) + 1 :], folder, f"{scheme}:")
        path = Path(reference).expanduser()
        path = (path if path.is_absolute() else (base or Path.cwd()) / path).resolve()
        return _existing(reference, path, path.parent, "")
    except (OSError, ValueError, RuntimeError) as error:  # a name too long, with a NUL, of an unknown home
        why = getattr(error, "strerror", None) or error
        raise InputError(f"cannot be a file: {shown(reference)} ({why})") from error


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_of(path: Path) -> str:
    """SHA-256 of a file's bytes, by which what was read from it is kept; taken anew only where the file has changed.

    A file that was written within :data:`SETTLED_NS` is hashed each time: its next change may fall into the same tick
    of the file system's clock and leave time and size as they were. Empty where it cannot be read: who reads it tells
    why.
    """
    stat = path.stat()
    seen = stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino
    known = _contents.get(path)
    if known is not None and known[0] == seen:
        return known[1]
    settled = time.time_ns() - max(stat.st_mtime_ns, stat.st_ctime_ns) > SETTLED_NS
    try:
        content = sha256_of(path)
    except OSError:
        return ""
    if settled:
        _contents[path] = seen, content
    return content


def text_of(content: bytes, name: str) -> str:
    """Text of a file's bytes: unzipped where it is gzip; UTF-16 with its mark, UTF-8 with or without, else Latin-1."""
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"{name}: damaged gzip file: {error}") from error
    try:
        marked = content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # "Unicode text" of spreadsheets
        return content.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def data_folder() -> Path:
    """Folder of the tables that this project ships: inside an installed package, or beside it in a checkout."""
    installed = _PACKAGE / "_data"
    return installed if installed.is_dir() else _PACKAGE.parent / "data"


@functools.cache
def pvlib_folder() -> Path:
    """Data folder of pvlib, found without importing pvlib, which takes a second or two."""
    found = importlib.util.find_spec("pvlib")
    if found is None or not found.submodule_search_locations:
        raise InputError("pvlib is not installed, so 'pvlib:' names no file")
    return Path(found.submodule_search_locations[0]) / "data"


_FOLDERS: dict[str, Callable[[], Path]] = {"pvlib": pvlib_folder, "data": data_folder}


def _existing(reference: str, path: Path, folder: Path, prefix: str) -> Path:
    if path.is_file():
        return path
    if path.is_dir():
        raise InputError(f"{_quoted(reference)} is a folder, not a file")
    where = str(folder) if str(folder).isprintable() else repr(str(folder))
    if not folder.is_dir():
        raise InputError(f"no file {_quoted(reference)}: there is no folder {where}")
    raise InputError(f"no file {_quoted(reference)} in {where}{_nearest(path, folder, prefix)}")


def _quoted(reference: str) -> str:
    return f"'{reference}'" if reference.isprintable() else repr(reference)  # faults are one line each


def _nearest(path: Path, folder: Path, prefix: str) -> str:
    names = {p.relative_to(folder).as_posix(): p for p in _files_under(folder, deep=bool(prefix))}
    wanted = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
    near = difflib.get_close_matches(wanted, names, n=_NEAREST, cutoff=0.6)
    return f" (did you mean {' or '.join(repr(prefix + name) for name in near)}?)" if near else ""


def _files_under(folder: Path, deep: bool) -> list[Path]:
    return sorted(p for p in (folder.rglob("*") if deep else folder.iterdir()) if p.is_file())
