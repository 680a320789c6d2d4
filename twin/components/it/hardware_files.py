"""Catalog files of hardware, read and kept."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from twin.components.it.hardware import Hardware
from twin.errors import Fault, InputError, Place
from twin.series.files import content_of, resolve
from twin.yaml_source import load


def hardware_of(reference: str) -> Hardware:
    """What a catalog file states, kept for as long as it does not change. InputError where it cannot be used."""
    path = resolve(reference)
    return _read(path, content_of(path))


@functools.lru_cache(maxsize=64)
def _read(path: Path, _content: str) -> Hardware:
    document: Any = load(path)
    if document.faults:
        raise InputError(document.faults)
    try:
        return Hardware.model_validate(document.data)
    except ValueError as error:
        raise InputError([Fault(str(error), place=Place(str(path)))]) from error
