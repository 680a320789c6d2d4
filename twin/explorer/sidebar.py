"""The bar on the left: which scenario is shown, upload, download, and the pinned baseline."""

from __future__ import annotations

import streamlit as st

from twin.errors import Fault, InputError, Place
from twin.explorer import session
from twin.explorer.choice import Choice
from twin.explorer.parts import trouble
from twin.explorer.runs import run_of, yaml_of
from twin.outputs.template import scenarios_folder
from twin.studies.visitors import LARGEST_UPLOAD, shipped_names

UPLOAD = (
    f"Read as data: nothing is executed or stored. At most {LARGEST_UPLOAD // 1000} kB; it may name weather and tables "
    "that the twin brings along."
)


def sidebar() -> None:
    """Draw it."""
    with st.sidebar:
        st.subheader("Scenario")
        names = shipped_names(scenarios_folder())
        choice = session.now()
        listed = [*names] if not choice.text else [choice.file, *names]
        at = listed.index(choice.file) if choice.file in listed else None
        generation = st.session_state.get("form", 0)
        st.selectbox("Shipped scenario", listed, index=at, key=f"file:{generation}", on_change=_chosen,
                     args=(f"file:{generation}",), format_func=lambda name: name.removesuffix(".yaml"))  # fmt: skip
        key = f"upload:{generation}"
        st.file_uploader(
            "Upload a scenario (YAML)", ["yaml", "yml"], key=key, on_change=_uploaded, args=(key,), help=UPLOAD
        )
        if session.TROUBLE in st.session_state:
            trouble("The upload or address was not loaded", st.session_state[session.TROUBLE])
        _changes(choice)
        _download(choice)


def _chosen(key: str) -> None:
    name = st.session_state[key]
    if name is not None and name != session.now().file:
        session.load(Choice(name))


def _uploaded(key: str) -> None:
    """Take an upload over where it can be used; else keep what is on the screen and tell every fault."""
    file = st.session_state.get(key)
    if file is None:
        return
    name = "".join(letter for letter in file.name if letter.isprintable())[-80:] or "upload.yaml"
    try:
        choice = Choice(name, _text(file.getvalue(), name))
        choice.scenario()
    except InputError as error:
        st.session_state[session.TROUBLE] = [str(fault) for fault in error.faults]
    else:
        session.load(choice)


def _text(content: bytes, name: str) -> str:
    if len(content) > LARGEST_UPLOAD:
        raise InputError([Fault(f"is larger than {LARGEST_UPLOAD // 1000} kB", place=Place(name))])
    try:
        return content.decode("utf-8-sig") or " "
    except UnicodeDecodeError as error:
        raise InputError([Fault(f"is not UTF-8 text (byte {error.start})", place=Place(name))]) from error


def _changes(choice: Choice) -> None:
    st.subheader(f"Changes ({len(choice.overrides)})")
    if choice.overrides:
        st.code("\n".join(f"{path}={value}" for path, value in choice.overrides), language=None, wrap_lines=True)
    else:
        st.caption("None. Change settings on the page Explore.")
    st.button(
        "Take changes back",
        on_click=_reset,
        disabled=not choice.overrides,
        width="stretch",
        help="Show the file as it is",
    )
    st.button("Pin as baseline", on_click=_pin, disabled=choice == session.baseline(), width="stretch",
                 help="Compare what follows with what is on the screen now")  # fmt: skip


def _reset() -> None:
    choice = session.now()
    pinned = session.baseline()
    session.load(Choice(choice.file, choice.text))
    session.show(session.now(), pinned)


def _pin() -> None:
    session.show(session.now(), session.now())


@st.fragment
def _download(choice: Choice) -> None:
    """The YAML of what is on the screen, made when it is asked for."""
    st.download_button("Download YAML", data=lambda: yaml_of(run_of(choice)), file_name="scenario.yaml",
                       mime="text/yaml", on_click="ignore", width="stretch",
                       help="Everything written out; `twin run scenario.yaml` gives the same figures")  # fmt: skip
