"""Runs, kept by what was asked for. What is kept is never changed, so sessions may share it."""

from __future__ import annotations

import collections
import functools
import gc
import io
import threading
import zipfile
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

from twin.engine.composition import members_of
from twin.engine.watch import Watch
from twin.errors import Fault, InputError, RunError, TwinError
from twin.explorer.choice import Choice
from twin.scenario.model import Scenario
from twin.scenario.period import period_of
from twin.scenario.resolved import resolved_yaml
from twin.studies.portrait import Portrait, portrait

MOST_BYTES = 800e6  # of series that are kept for all sessions; a year of the quickstart by the hour takes 12 MB
LARGEST_BYTES = 1e9  # of one run's series
FLOAT_BYTES = 8
LONG_STEPS = 50_000  # from which a run shows how far it is: about half a second of simulation

_kept: collections.OrderedDict[Choice, Portrait] = collections.OrderedDict()
_lock = threading.Lock()


class Job:
    """A long run in a thread of its own: how far it is, what came of it, and a way to stop it."""

    def __init__(self, choice: Choice) -> None:
        self.choice, self.watch = choice, Watch()
        self.done: Future[Portrait] = Future()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            self.done.set_result(run_of(self.choice, self.watch))
        except TwinError as error:
            self.done.set_exception(error)
        finally:
            if not self.done.done():  # out of memory, say
                self.done.set_exception(RunError("the run ended without a result"))


def run_of(choice: Choice, watch: Watch | None = None) -> Portrait:
    """The run of a choice, kept for the next who asks. Raises InputError and RunError, which are not kept."""
    found = kept(choice)
    if found is not None:
        return found
    run = portrait(choice.scenario(), watch)
    with _lock:
        _kept[choice] = run
        while sum(one.one.nbytes for one in _kept.values()) > MOST_BYTES and len(_kept) > 1:
            _kept.popitem(last=False)
    keep_out_of_collection()
    return run


def kept(choice: Choice) -> Portrait | None:
    """The run of a choice, where it is there already."""
    with _lock:
        if choice in _kept:
            _kept.move_to_end(choice)
        return _kept.get(choice)


def steps_of(scenario: Scenario) -> int:
    """Steps of a run. Raises InputError where its series are more than a screen's server keeps."""
    steps = period_of(scenario.run)[1]
    series = sum(len(member.kind.outputs) for member in members_of(scenario))
    if steps * series * FLOAT_BYTES > LARGEST_BYTES:
        much = f"{steps:,} steps of {series} series take {steps * series * FLOAT_BYTES / 1e9:.1f} GB"
        message = (
            f"{much}, the explorer shows up to {LARGEST_BYTES / 1e9:g} GB: choose a longer step or a shorter duration, "
            "or use `twin run`"
        )
        raise InputError([Fault(message, "run.step")])
    return steps


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


def bundle_of(run: Portrait, files: Sequence[Path]) -> bytes:
    """The same beside those of its files that the twin does not bring along, as a zip archive; it names them there."""
    text = yaml_of(run)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in (file for file in files if str(file) in text):
            text = text.replace(str(file), file.name)
            archive.writestr(_entry(file.name), file.read_bytes())
        archive.writestr(_entry("scenario.yaml"), text)
    return packed.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    """Place of a file in an archive without the time at which it was written: equal content gives equal bytes."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
    return entry
