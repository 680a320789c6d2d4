"""Runs, kept by what was asked for. What is kept is never changed, so sessions may share it."""

from __future__ import annotations

import functools
import gc
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from twin.explorer.choice import Choice
from twin.scenario.resolved import resolved_yaml
from twin.studies.portrait import Portrait, portrait
from twin.studies.visitors import Handed

KEPT = 24  # runs; a year of the quickstart by the hour takes 12 MB
KEPT_S = 3600.0


@st.cache_resource(max_entries=KEPT, ttl=KEPT_S, show_spinner=False)
def run_of(choice: Choice) -> Portrait:
    """The run of a choice. Raises InputError and RunError, which are not kept."""
    run = portrait(choice.scenario())
    keep_out_of_collection()
    return run


@functools.cache
def keep_out_of_collection() -> None:
    """Let the garbage collector pass over modules and compiled code, once: Streamlit runs it after each change.

    It takes longer than a year's simulation otherwise.
    """
    gc.collect()
    gc.freeze()


def yaml_of(run: Portrait) -> str:
    """The scenario on the screen as YAML with everything written out; it runs in batch to the same figures."""
    return resolved_yaml(run.scenario)


def bundle_of(run: Portrait, handed: Sequence[Handed]) -> bytes:
    """The same beside the files that were handed in, as a zip archive; the scenario names them by their names."""
    text = yaml_of(run)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in handed:
            text = text.replace(str(Path(one.folder, one.name)), one.name)
            archive.write(Path(one.folder, one.name), one.name)
        archive.writestr("scenario.yaml", text)
    return packed.getvalue()
