"""A study that ships, run into a store from the page: asked for, watched, stopped, and told of when it has ended."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from twin.errors import InputError
from twin.explorer import stores
from twin.explorer.tasks import Task, found, running, started, watched
from twin.outputs.batch import Outcome
from twin.outputs.store import is_store

KIND = "study"
MINE, TOLD = "study-mine", "study-told"  # folder of the study that this visitor started, and how the last one ended
FIRST_LIMIT = 60  # runs of a study that is tried
MOST = 100_000


def new_study() -> None:
    """What is asked for."""
    study = st.selectbox("Study", stores.shipped_studies(), key="study")
    whole = st.toggle("All of its runs", key="study-whole", help="Some studies have hundreds")
    limit = st.number_input("Its first runs", 1, MOST, FIRST_LIMIT, key="study-limit", disabled=whole)
    name = st.text_input("Name of the store", key="study-name", placeholder="empty: temporary",
                         help=f"A folder below {stores.stated_root()}; without a name it is temporary")  # fmt: skip
    if st.button("Run", type="primary", width="stretch", disabled=study is None, key="study-run"):
        _start(str(study), None if whole else int(limit), name.strip())
        st.rerun()


def _start(study: str, limit: int | None, name: str) -> None:
    st.session_state.pop(MINE, None)
    try:
        folder = stores.folder_for(study, name)
    except InputError as error:
        st.session_state[TOLD] = (False, str(error))
        return
    st.session_state.pop(TOLD, None)
    st.session_state[MINE] = folder
    started((KIND, folder), lambda report: stores.made(study, folder, limit, report))


def ended_study() -> None:
    """Choose the store of a study that has just ended, and keep what there is to say of it."""
    folder: Path | None = st.session_state.get(MINE)
    task = found((KIND, folder))
    if folder is None or task is None or not task.ended:
        return
    del st.session_state[MINE]
    st.session_state[TOLD] = (task.fault is None or task.was_stopped, _ending(task, folder))
    names = {path: name for name, path in stores.stores().items()}
    if folder in names:
        st.session_state["store"] = names[folder]


def running_studies() -> None:
    """Every study that runs, with a stop button; else how the last one of this visitor ended."""
    tasks = running(KIND)
    for at, task in enumerate(tasks):
        watched(task, f"study-{at}")
    if not tasks and TOLD in st.session_state:
        well, text = st.session_state[TOLD]
        (st.success if well else st.error)(text)


def _ending(task: Task, folder: Path) -> str:
    if task.was_stopped:
        kept = f"{len(stores.read(folder).table)} runs are in the store; " if is_store(folder) else ""
        return f"Stopped: {kept}run it again under the same name to go on where it was."
    if isinstance(task.result, Outcome):
        made, of = task.result.fresh, task.result.total
        failed = sum(len(runs) for runs in task.result.failed.values())
        beyond = task.result.violating
        return f"{of} runs: {made} made, {of - made} there before; {failed} failed, {beyond} beyond a bound."
    return f"The study could not be run. {task.fault or 'The terminal that serves the explorer says why.'}"
