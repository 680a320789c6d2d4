"""Machine code out of plain Python: the only file that knows numba.

Functions marked :func:`compilable` stay plain Python functions, for tests, for a debugger and for machines
without numba. When the loop is first compiled they are registered with numba, so that the same source runs as
machine code with equal results. Compiled code is kept on disk under a digest of the package's sources: an edit
in any file makes a new folder, an undone edit finds the old one again.
"""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

F = TypeVar("F", bound=Callable[..., Any])

_marked: list[Callable[..., Any]] = []
_registered: set[int] = set()
_compiling = threading.RLock()  # numba's settings belong to the process: one thread at a time changes them
_PACKAGE = Path(__file__).parent
_KEPT_DIGESTS = 4  # folders of compiled code kept; older ones are removed


def compilable(function: F) -> F:
    """Mark a plain function as part of the compiled loop; it is returned unchanged."""
    _marked.append(function)
    return function


def once(function: F) -> F:
    """As ``functools.cache``; a value that several threads ask for at the same time is still made only once."""
    known = functools.cache(function)

    @functools.wraps(function)
    def ask(*arguments: Any) -> Any:
        with _compiling:
            return known(*arguments)

    ask.cache_info = known.cache_info  # type: ignore[attr-defined]
    return ask  # type: ignore[return-value]


@functools.cache
def has_numba() -> bool:
    """Whether numba can be imported; without it everything runs as plain Python, with the same results."""
    try:
        numba()
    except ImportError:  # absent, or there but at odds with the NumPy installed
        return False
    return True


@functools.cache
def numba() -> Any:
    """The numba module, set up once: no SVML, so that compiled equals plain Python bit for bit."""
    os.environ.setdefault("NUMBA_DISABLE_INTEL_SVML", "1")
    import numba as module

    return module


def register_marked() -> None:
    """Make every function marked so far callable from compiled code."""
    from numba.extending import register_jitable

    numba()
    with _compiling:
        for function in _marked:
            if id(function) not in _registered:
                register_jitable(error_model="numpy")(function)
                _registered.add(id(function))


@functools.cache
def source_digest() -> str:
    """Digest of all Python sources of the package, in hexadecimal."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@functools.cache
def cache_folder() -> Path | None:
    """Folder for compiled code: the user's cache, else a temporary folder, else None (compile each time)."""
    for parent in _places():
        folder = parent / source_digest()
        try:
            parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _is_own(parent):
                continue
            folder.mkdir(exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
            os.utime(folder)
        except OSError:
            continue
        _prune(parent)
        return folder
    return None


def _places() -> Iterator[Path]:
    """Where compiled code may be kept, best first. Without a known home ``~`` stays, which names no cache."""
    for home in (os.environ.get("XDG_CACHE_HOME", ""), os.path.join(os.path.expanduser("~"), ".cache")):
        if os.path.isabs(home):
            yield Path(home) / "datacenter-twin"
            break
    try:
        yield Path(tempfile.gettempdir()) / f"datacenter-twin-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    except OSError:  # no folder at all can be written
        return


def _is_own(folder: Path) -> bool:
    """Whether the folder is this user's: code that another one could put there is never run."""
    return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()


def _prune(parent: Path) -> None:
    """Remove all but the most recently used folders of compiled code."""
    try:
        folders = sorted((f for f in parent.iterdir() if f.is_dir()), key=lambda f: f.stat().st_mtime, reverse=True)
    except OSError:
        return
    for folder in folders[_KEPT_DIGESTS:]:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def disk_cache(function: Callable[..., Any], *records: Any) -> Iterator[bool]:
    """Numba's cache directory set to ours while ``function`` is compiled; yields whether it can be kept there."""
    with _compiling:
        config, folder = numba().config, _entry_folder(function, records)
        before = config.CACHE_DIR
        config.CACHE_DIR = str(folder) if folder else before
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", numba().NumbaWarning)
                yield folder is not None
        finally:
            config.CACHE_DIR = before


def _entry_folder(function: Callable[..., Any], records: tuple[Any, ...]) -> Path | None:
    """Folder of one function's machine code, or None where it cannot be kept.

    Each has its own, because numba numbers what is in one folder, and two processes that add to it at once can
    give two functions one number. Functions from outside the package are not kept: the digest does not see an edit.
    """
    folder, code = cache_folder(), function.__code__
    if folder is None or _PACKAGE not in Path(code.co_filename).parents:
        return None
    name = repr((function.__module__, function.__qualname__, code.co_firstlineno, records))
    return folder / f"{function.__name__}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def jit(function: F, of: Callable[..., Any] | None = None) -> F:
    """Compile ``function`` without the interpreter lock, from the disk cache where it is there.

    ``of`` is the function that it was made for, where it is a closure over one.
    """
    register_marked()
    with disk_cache(of or function, function.__qualname__) as cached:
        return numba().njit(nogil=True, cache=cached, error_model="numpy")(function)


def elementwise(function: Callable[..., float]) -> Callable[..., Any]:
    """Array form of a scalar function: broadcasts its arguments, returns float64 of the common shape.

    Compiled on first use where numba is there, a plain loop elsewhere; both give the same bits.
    """

    @functools.wraps(function)
    def over(*arguments: Any) -> Any:
        arrays = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in arguments))
        out = np.empty(arrays[0].shape)
        flat = [np.ascontiguousarray(a).ravel() for a in arrays]
        _array_loop(function, len(flat))(out.ravel(), *flat)
        return out

    return over


@once
def _array_loop(function: Callable[..., float], count: int) -> Callable[..., None]:
    loop = _LOOPS[count - 1](function)
    return jit(loop, of=function) if has_numba() else loop


def _loop1(f: Callable[..., float]) -> Callable[..., None]:
    def loop(out, a):  # type: ignore[no-untyped-def]
        for i in range(out.size):
            out[i] = f(a[i])

    return loop


def _loop2(f: Callable[..., float]) -> Callable[..., None]:
    def loop(out, a, b):  # type: ignore[no-untyped-def]
        for i in range(out.size):
            out[i] = f(a[i], b[i])

    return loop


def _loop3(f: Callable[..., float]) -> Callable[..., None]:
    def loop(out, a, b, c):  # type: ignore[no-untyped-def]
        for i in range(out.size):
            out[i] = f(a[i], b[i], c[i])

    return loop


_LOOPS = (_loop1, _loop2, _loop3)
