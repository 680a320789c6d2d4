"""The widget of one setting: a switch, a choice, a slider, a number, a time of day or a text; what it says is shown."""

from __future__ import annotations

from typing import Any

import streamlit as st

from twin.errors import InputError
from twin.explorer import session
from twin.outputs.figures_time import unit_text
from twin.scenario.form import Setting, as_override

REFUSED = "refused"  # of the session: why another technology, or a part that comes or goes, cannot be had
WIDEST_SLIDER = 120.0  # range of bounds up to which a slider is finer than typing
SLIDER_STEPS = 400
UNSET = "left out"


def widget(setting: Setting, is_changed: bool, whole_path: bool = False) -> None:
    """Draw it, with its unit and bounds; a dot marks what was changed."""
    key = f"set:{session.generation()}:{setting.path}"
    name = f"{setting.part}: {setting.label}" if whole_path else setting.label
    note = note_of(setting.name, setting.unit, setting.bounds)
    label = f"{'● ' if is_changed else ''}{name}{f' · {note}' if note else ''}"
    common: dict[str, Any] = {"key": key, "on_change": _changed, "args": (key, setting)}
    common["help"] = setting.meaning or None
    if setting.kind == "switch":
        st.toggle(label, value=setting.value, **common)
    elif setting.kind == "choice":
        _choice(label, setting, common)
    elif setting.kind == "clock":
        words = list(dict.fromkeys([*setting.words, setting.value]))
        st.selectbox(label, words, words.index(setting.value), accept_new_options=True, **common)
    elif setting.kind in ("number", "whole"):
        _number(label, setting, common)
    else:
        st.text_input(label, value=setting.value or "", placeholder=UNSET if setting.optional else None, **common)


def note_of(name: str, unit: str, bounds: str) -> str:
    """Unit and bounds in words: ``kW, above 0``."""
    fraction = "fraction" if name.endswith("_frac") else ""
    return ", ".join(fact for fact in (unit_text(unit) if unit not in ("", "1") else fraction, bounds) if fact)


def _choice(label: str, setting: Setting, common: dict[str, Any]) -> None:
    """One of the words, or none of them where the field may be left out."""
    words = [None, *setting.words] if setting.optional else list(setting.words)
    st.selectbox(label, words, index=words.index(setting.value),
                 format_func=lambda word: UNSET if word is None else str(word).replace("_", " "), **common)  # fmt: skip


def _number(label: str, setting: Setting, common: dict[str, Any]) -> None:
    as_kind = int if setting.kind == "whole" else float
    low, high, value = setting.low, setting.high, None if setting.value is None else as_kind(setting.value)
    slides = low is not None and high is not None and high - low <= WIDEST_SLIDER
    slides = slides and not setting.low_open and not setting.high_open and value is not None
    if slides and low is not None and high is not None:
        step = 1 if setting.kind == "whole" else _round_step((high - low) / SLIDER_STEPS)
        st.slider(label, as_kind(low), as_kind(high), value, step=as_kind(step), **common)
        return
    typed(label, setting, common)


def typed(label: str, setting: Setting, common: dict[str, Any]) -> None:
    """A number to be typed."""
    as_kind = int if setting.kind == "whole" else float
    low, high, value = setting.low, setting.high, None if setting.value is None else as_kind(setting.value)
    size = abs(value or 0)
    step = max(1, round(size / 20)) if setting.kind == "whole" else _round_step(size / 20 or 0.1)
    least, most = (as_kind(bound) if bound is not None else None for bound in (low, high))
    shown = "%d" if setting.kind == "whole" else "%.6g"
    st.number_input(label, least, most, value, step=as_kind(step), format=shown, placeholder=UNSET, **common)


def _round_step(step: float) -> float:
    """The power of ten, its double or its fivefold nearest below a step."""
    magnitude = 10.0 ** float(f"{step:e}".partition("e")[2])
    return next(magnitude * factor for factor in (5.0, 2.0, 1.0) if magnitude * factor <= step * (1 + 1e-9))


def _changed(key: str, setting: Setting) -> None:
    value = st.session_state[key]
    value = None if value == "" and setting.optional else value
    st.session_state.pop(REFUSED, None)
    if value is not None or setting.optional:
        set_to(setting.path, value)


def set_to(path: str, value: Any) -> None:
    """Show the scenario with another value at a path."""
    session.show(session.now().changed(path, as_override(path, value).partition("=")[2]))


def told(error: InputError) -> list[str]:
    """Faults without their places, which are those of a text that no one has on the screen."""
    return [": ".join(part for part in (fault.path, fault.message) if part) for fault in error.faults]
