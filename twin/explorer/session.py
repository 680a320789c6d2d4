"""The state of one visitor: what is on the screen and the pinned baseline. Nothing is kept outside the session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import streamlit as st

from twin.errors import InputError
from twin.explorer.choice import Choice, from_address
from twin.outputs.figures_look import Look

NOW, BASE, TROUBLE = "choice", "baseline", "trouble"
ASKED, ALSO, BEGAN = "asked", "also", "began"  # the first address; what a page adds to it; how its widgets began
T = TypeVar("T")


def start() -> None:
    """Read the address once for each session; from then on the address follows the session."""
    if NOW not in st.session_state:
        asked = {key: st.query_params.get_all(key) for key in st.query_params}
        st.session_state[ASKED] = asked
        try:
            choice = from_address(asked)
        except InputError as error:
            choice, st.session_state[TROUBLE] = Choice(), [str(fault) for fault in error.faults]
        st.session_state[NOW] = choice
        st.session_state[BASE] = Choice(choice.file, choice.text)


def now() -> Choice:
    """What is on the screen."""
    choice: Choice = st.session_state[NOW]
    return choice


def baseline() -> Choice:
    """What it is compared with."""
    choice: Choice = st.session_state[BASE]
    return choice


def show(choice: Choice, pinned: Choice | None = None) -> None:
    """Put a choice on the screen, and pin another baseline where one is given."""
    st.session_state[NOW] = choice
    if pinned is not None:
        st.session_state[BASE] = pinned


def load(choice: Choice) -> None:
    """Put another scenario on the screen; it is its own baseline, and the form starts anew."""
    show(choice, choice)
    renew()
    st.session_state.pop(TROUBLE, None)


def generation() -> int:
    """Number of the form: its widgets keep what they hold for as long as it stays."""
    return int(st.session_state.get("form", 0))


def renew() -> None:
    """Let the form start anew from what is on the screen."""
    st.session_state["form"] = generation() + 1


def also(parts: Mapping[str, list[str]]) -> None:
    """What a page adds to the address while it is on the screen."""
    st.session_state[ALSO] = dict(parts)


def begins(key: str, value: T) -> T:
    """What a widget begins with: as given when it comes to the page, and the same for as long as it stays there."""
    began = st.session_state.setdefault(BEGAN, {})
    if key not in st.session_state or key not in began:
        began[key] = value
    found: T = began[key]
    return found


def follow() -> None:
    """Let the address state what is on the screen."""
    wanted = now().address() | st.session_state.pop(ALSO, {})
    if {key: st.query_params.get_all(key) for key in st.query_params} != wanted:
        st.query_params.from_dict(wanted)


def look() -> Look:
    """Greys of the theme that the visitor has."""
    return Look(dark=st.context.theme.type == "dark")
