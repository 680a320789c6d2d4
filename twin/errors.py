"""Faults and the errors that carry them.

A fault is one thing wrong with what a user gave: where it stands, what was read and what would do. An
:class:`InputError` carries every fault of a file at once and ends the command with exit code 2. A
:class:`RunError` is a simulation that could not go on: exit code 1.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Place:
    """A place in a text file; line and column count from 1, 0 where unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: ``place: path: message``."""

    message: str
    path: str = ""
    place: Place | None = None

    def __str__(self) -> str:
        return ": ".join(str(part) for part in (self.place, self.path, self.message) if part)


class SpecFault(ValueError):
    """Raised by a model's validator: something is wrong at a path below the model.

    >>> str(SpecFault(("tariff", 1, "price_per_kwh"), "must not fall below the first"))
    'must not fall below the first'
    """

    def __init__(self, path: Iterable[str | int], message: str):
        self.path: tuple[str | int, ...] = tuple(path)
        self.message = message
        super().__init__(message)


class SpecFaults(ValueError):
    """Raised by a model's validator: several things are wrong at once."""

    def __init__(self, faults: Iterable[SpecFault]):
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.message for fault in self.faults))


def refuse(faults: Iterable[SpecFault]) -> None:
    """Raise all faults together, if there are any."""
    found = tuple(faults)
    if found:
        raise SpecFaults(found)


class TwinError(Exception):
    """Whatever this package raises on purpose."""


class InputError(TwinError):
    """What was given cannot be used; ``faults`` lists everything wrong with it, in reading order."""

    def __init__(self, faults: Iterable[Fault] | str):
        self.faults = (Fault(faults),) if isinstance(faults, str) else tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class RunError(TwinError):
    """A scenario that failed while it ran: which one, when and where."""


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """`` (did you mean 'cop'?)`` with the nearest of ``choices``, or nothing when none is near."""
    near = difflib.get_close_matches(str(word), list(choices), n=1, cutoff=0.6)
    return f" (did you mean '{near[0]}'?)" if near else ""
