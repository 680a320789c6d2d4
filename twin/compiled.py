"""Machine code out of plain Python: the only file that knows numba.

Functions marked :func:`compilable` stay plain Python functions, for tests, for a debugger and for machines
without numba. When the loop is first compiled they are registered with numba, so that the same source runs as
machine code with equal results. Compiled code is kept on disk under a digest of what the function means: its
bytecode, its constants, and the same of everything that it calls. An edit compiles anew just what it touches.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import shutil
import tempfile
import threading
import types
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
_KEPT_DIGESTS = 4  # folders that belong to a state of the sources; older ones are removed
_KEPT_ENTRIES = 1500  # compiled functions; a scenario needs some 50, all technologies some 300
_CODE = "code"
# Functions become part of what calls them: a site's loop takes 10-15 % less time and as long to compile. Inlining
# reorders no arithmetic, so the bits stay.
_OPTIONS: dict[str, Any] = {"error_model": "numpy", "forceinline": True}


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
    """Whether numba can be imported and may compile; without it all runs as plain Python, with the same results.

    ``NUMBA_DISABLE_JIT=1`` is how its users ask for plain Python.
    """
    try:
        return not numba().config.DISABLE_JIT
    except ImportError:  # absent, or there but at odds with the NumPy installed
        return False


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
                register_jitable(**_OPTIONS)(function)
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
    """Folder for what is kept as long as no source changes; None where none can be written."""
    home = _home()
    folder = _made(home / source_digest()) if home else None
    if home and folder:
        _prune(home, _KEPT_DIGESTS, but=_CODE)
    return folder


@functools.cache
def code_folder() -> Path | None:
    """Folder of all compiled functions, each under the digest of its meaning; None where none can be written."""
    home = _home()
    folder = _made(home / _CODE) if home else None
    if folder:
        _prune(folder, _KEPT_ENTRIES)
    return folder


@functools.cache
def _home() -> Path | None:
    """The user's cache, else a temporary folder, else None."""
    for parent in _places():
        try:
            parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _is_own(parent) and _made(parent / _CODE):
                return parent
        except OSError:
            continue
    return None


def _made(folder: Path) -> Path | None:
    """The folder, there and just used; None where it cannot be written."""
    try:
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        os.utime(folder)
    except OSError:
        return None
    return folder


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


def _prune(parent: Path, kept: int, but: str = "") -> None:
    """Remove all but the ``kept`` most recently used folders; the one named ``but`` stays in any case."""
    try:
        aged = [(f.stat().st_mtime, f.name) for f in os.scandir(parent) if f.is_dir() and f.name != but]
    except OSError:
        return
    for _, name in sorted(aged, reverse=True)[kept:]:
        shutil.rmtree(parent / name, ignore_errors=True)


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
    give two functions one number.
    """
    folder = code_folder()
    if folder is None:
        return None
    name = repr((function.__module__, function.__qualname__, meaning(function), records, _OPTIONS))
    entry = folder / f"{function.__name__}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    with contextlib.suppress(OSError):  # not there yet: numba makes it
        os.utime(entry)
    return entry


@functools.cache
def meaning(function: Callable[..., Any]) -> str:
    """Digest of what a function computes: bytecode, constants, and the meaning of all that it refers to.

    Line numbers and file names do not count. Numba itself looks at the file of what it compiles, not further.
    """
    return hashlib.sha256("\n".join(_facts(function.__code__, function)).encode()).hexdigest()


def _facts(code: types.CodeType, function: Any) -> Iterator[str]:
    yield repr((code.co_code, code.co_varnames, code.co_names, code.co_freevars))
    for constant in code.co_consts:
        yield from _facts(constant, function) if isinstance(constant, types.CodeType) else (repr(constant),)
    for name in code.co_names:
        if name in function.__globals__:
            yield f"{name}: {_told(function.__globals__[name], code)}"
    for cell in function.__closure__ or ():
        yield _told(cell.cell_contents, code)


def _told(value: Any, code: types.CodeType) -> str:
    """A value that a function refers to, as text: a function by its meaning, what cannot be looked into by its file."""
    if isinstance(value, types.FunctionType):
        return meaning(value)
    if isinstance(value, types.ModuleType):
        return value.__name__
    if isinstance(value, bool | int | float | str | tuple):
        return repr(value)
    return type(value).__name__ + hashlib.sha256(Path(code.co_filename).read_bytes()).hexdigest()


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


def _loop4(f: Callable[..., float]) -> Callable[..., None]:
    def loop(out, a, b, c, d):  # type: ignore[no-untyped-def]
        for i in range(out.size):
            out[i] = f(a[i], b[i], c[i], d[i])

    return loop


_LOOPS = (_loop1, _loop2, _loop3, _loop4)
