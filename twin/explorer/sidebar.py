"""The bar on the left: which scenario is shown, upload, download, and the pinned baseline."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable

import streamlit as st

from twin.errors import Fault, InputError, Place
from twin.explorer import session
from twin.explorer.choice import Choice
from twin.explorer.parts import trouble
from twin.explorer.runs import bundle_of, run_of, yaml_of
from twin.outputs.template import scenarios_folder
from twin.scenario.model import Scenario
from twin.studies.handed_in import LARGEST_SERIES, PRICE_UNITS, PriceColumn, columns_of, prices, weather
from twin.studies.visitors import LARGEST_UPLOAD, Handed, shipped_names

UPLOAD = "Read as data: nothing is executed or stored. It may name weather and tables that the twin brings along."
UPLOAD_LIMIT, SERIES_LIMIT = f"{LARGEST_UPLOAD // 1000} kB", f"{LARGEST_SERIES // 1_000_000} MB"
SERIES = "Read as data; kept in a temporary folder that goes with the server."
STUDIES = "studies/"  # what the command line sweeps and compares: no scenarios


def sidebar() -> None:
    """Draw it."""
    with st.sidebar:
        st.subheader("Scenario")
        names = [name for name in shipped_names(scenarios_folder()) if not name.startswith(STUDIES)]
        choice = session.now()
        listed = [*names] if not choice.text else [choice.file, *names]
        at = listed.index(choice.file) if choice.file in listed else None
        generation = session.generation()
        st.selectbox("Shipped scenario", listed, index=at, key=f"file:{generation}", on_change=_chosen,
                     args=(f"file:{generation}",), format_func=lambda name: name.removesuffix(".yaml"))  # fmt: skip
        key = f"upload:{generation}"
        st.file_uploader(f"Own YAML (at most {UPLOAD_LIMIT})", ["yaml", "yml"], key=key,
                         on_change=_uploaded, args=(key,), help=UPLOAD)  # fmt: skip
        _series(choice, generation)
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


def _series(choice: Choice, generation: int) -> None:
    """Weather or prices of one's own, for the scenario on the screen."""
    with st.expander("Own weather or prices"):
        key = f"weather:{generation}"
        st.file_uploader(f"Weather (EPW, TMY or CSV, at most {SERIES_LIMIT})", ["epw", "csv", "tm2"], key=key,
                         on_change=_weather, args=(key,), help=SERIES)  # fmt: skip
        key = f"prices:{generation}"
        file = st.file_uploader(f"Prices (CSV, at most {SERIES_LIMIT})", ["csv"], key=key,
                                help=f"{SERIES} Its first column holds times.")  # fmt: skip
        if file is not None and (columns := columns_of(file.getvalue())):
            st.selectbox("Column", columns, key="price-column")
            st.selectbox("Unit", PRICE_UNITS, key="price-unit", format_func=lambda unit: unit.replace("_", " "))
            st.button("Use as price of energy", on_click=_prices, args=(key,), width="stretch")
        elif file is not None:
            st.info("This file has no second column. The first line names the columns: time, then prices.")
        for one in choice.handed:
            st.caption(f"{one.name} in place of {one.path}. Uploaded files are not part of the address.")


def _weather(key: str) -> None:
    file = st.session_state.get(key)
    if file is not None:
        _hand_in(lambda scenario: weather(scenario, file.getvalue(), file.name))


def _prices(key: str) -> None:
    file, wanted = st.session_state[key], PriceColumn(st.session_state["price-column"], st.session_state["price-unit"])
    _hand_in(lambda scenario: prices(scenario, file.getvalue(), file.name, wanted))


def _hand_in(read: Callable[[Scenario], Handed]) -> None:
    """Show the scenario with a file where it serves; else keep what is on the screen and tell every fault."""
    choice = session.now()
    st.session_state.pop(session.TROUBLE, None)
    try:
        session.show(choice.with_file(read(choice.scenario())))
    except InputError as error:
        st.session_state[session.TROUBLE] = [str(fault) for fault in error.faults]


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
        st.code(
            "\n".join(f"{path}={_short(value)}" for path, value in choice.overrides), language=None, wrap_lines=True
        )
    else:
        st.caption("None. Change settings on the page Explore.")
    if len(choice.overrides) > 1:
        key = f"back:{session.generation()}:{len(choice.overrides)}"
        paths = [path for path, _ in choice.overrides]
        st.selectbox("Take one back", paths, index=None, key=key, placeholder="a change", on_change=_take_back,
                     args=(key,))  # fmt: skip
    st.button("Take changes back", on_click=_reset, disabled=not choice.overrides, width="stretch",
              help="Show the file as it is")  # fmt: skip
    st.button("Pin as baseline", on_click=_pin, disabled=choice == session.baseline(), width="stretch",
                 help="Compare what follows with what is on the screen now")  # fmt: skip


def _short(value: str) -> str:
    """A value as the list shows it: of another technology only which, of a list of records only how many."""
    kind = re.match(r'{"?kind"?: "?(\w+)', value)
    if value.startswith("[{"):
        with contextlib.suppress(ValueError):  # an address may hold anything
            return f"[{len(json.loads(value))} …]"
    return f"{kind[1]} …" if kind else value


def _take_back(key: str) -> None:
    path = st.session_state[key]
    if path is not None:
        session.show(session.now().changed(path, None))
        session.renew()


def _reset() -> None:
    choice = session.now()
    pinned = session.baseline()
    session.load(Choice(choice.file, choice.text))
    session.show(session.now(), pinned)


def _pin() -> None:
    session.show(session.now(), session.now())


@st.fragment
def _download(choice: Choice) -> None:
    """The YAML of what is on the screen, made when it is asked for; a zip archive with files of its own."""
    if files := choice.files():
        st.download_button("Download YAML and files", data=lambda: bundle_of(run_of(choice), files),
                           file_name="scenario.zip", mime="application/zip", on_click="ignore", width="stretch",
                           help="Unpacked, `twin run scenario.yaml` gives the same figures")  # fmt: skip
        return
    st.download_button("Download YAML", data=lambda: yaml_of(run_of(choice)), file_name="scenario.yaml",
                       mime="text/yaml", on_click="ignore", width="stretch",
                       help="Everything written out; `twin run scenario.yaml` gives the same figures")  # fmt: skip
