"""Where stores of studies are: below a stated folder, or in a temporary one that is gone with the server."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import streamlit as st

from twin.errors import InputError
from twin.explorer.tasks import Report
from twin.outputs.batch import Outcome, in_threads, prepared, run_batch
from twin.outputs.reopen import reopened
from twin.outputs.store import TABLE, Store, is_store
from twin.outputs.store_compare import Reading, read_store
from twin.outputs.study_view import stores_in
from twin.outputs.template import scenarios_folder
from twin.series.files import content_of
from twin.studies.portrait import Portrait, portrait
from twin.yaml_source import parse

ROOT_VARIABLE = "TWIN_RUNS"  # names the folder of stores; else `runs`, where twin batch writes
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
LEFT_FREE = 1  # processors that pages keep while a study runs
KEPT = 6  # stores that were read, and runs that were opened


def root() -> Path:
    """Folder of stores."""
    return Path(stated_root()).resolve()


def stated_root() -> str:
    """The same as whoever serves the explorer states it."""
    return os.environ.get(ROOT_VARIABLE, "runs")


def without_folder(error: Exception, folder: Path) -> str:
    """What went wrong with a store, by its name rather than by its place on the server's disk."""
    return str(error).replace(f"{folder}{os.sep}", "").replace(str(folder), folder.name)


@st.cache_resource(show_spinner=False)
def _temporary() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="twin-studies-")


def temporary() -> Path:
    """Folder of stores without a name; it is gone when the server ends."""
    return Path(_temporary().name)


def stores() -> dict[str, Path]:
    """Stores by what they are called in a list."""
    short_lived = {f"{name} (temporary)": path for name, path in stores_in(temporary(), TABLE).items()}
    return short_lived | stores_in(root(), TABLE)


def shipped_studies() -> list[str]:
    """Names of the studies of many runs that ship; those of strategies are on a page of their own."""
    files = (scenarios_folder() / "studies").glob("*.yaml")
    return sorted(path.stem for path in files if not is_of_strategies(path))


def folder_for(study: str, name: str) -> Path:
    """Folder of a new store. Raises InputError where a name is none, or stands for another study's store."""
    if not name:
        return temporary() / study
    if not NAME.fullmatch(name):
        raise InputError(f"{name!r} is no name of a store: use letters, digits, - and _, at most 64")
    folder = root() / name
    if folder.exists() and not is_store(folder) and any(folder.iterdir()):
        raise InputError(f"{name} is there already and holds no store: choose another name")
    if is_store(folder) and read(folder).study.name != prepared(file_of(study), 1).study.name:
        raise InputError(f"{name} holds runs of another study: choose another name")
    return folder


def is_of_strategies(path: Path) -> bool:
    """Whether a study's file has the key by which studies of strategies are told."""
    data = parse(path.read_text(encoding="utf-8"), path.name).data
    return isinstance(data, dict) and "strategies" in data


def file_of(study: str) -> Path:
    """File of a study that ships. Raises InputError where there is none."""
    if study not in shipped_studies():
        raise InputError(f"there is no study {study!r}")
    return scenarios_folder() / "studies" / f"{study}.yaml"


def made(study: str, folder: Path, limit: int | None, report: Report) -> Outcome:
    """Run a study into a folder, as ``twin batch`` does. Raises InputError, OSError, and what ``report`` raises."""
    batch = prepared(file_of(study), limit, report)
    workers = max((os.cpu_count() or 1) - LEFT_FREE, 1)
    with Store(folder).writing() as store:
        return run_batch(batch, store, in_threads(workers), report)


def read(folder: Path, by: str | None = None) -> Reading:
    """A store as it is now, ranked by a figure. Raises InputError and OSError where it cannot be read."""
    return _read(folder, by, content_of(folder / TABLE))


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _read(folder: Path, by: str | None, content: str) -> Reading:
    return read_store(folder, by)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def run_of(folder: Path, run: int) -> Portrait:
    """A run of a store, made again from its scenario. Raises InputError and RunError."""
    return portrait(reopened(folder, str(run)).scenario)
