"""The form: settings of one part, or those that a search finds, each with unit, bounds and meaning from the schema."""

from __future__ import annotations

from typing import Any

import streamlit as st

from twin.errors import InputError
from twin.explorer import session
from twin.explorer.choice import Choice
from twin.outputs.figures_time import unit_text
from twin.scenario.form import Setting, as_override, settings

MOST_FOUND = 24
WIDEST_SLIDER = 120.0  # range of bounds up to which a slider is finer than typing
SLIDER_STEPS = 400
FIRST_PART = "halls"


def form(choice: Choice, pinned: Choice) -> None:
    """Draw the form of what is on the screen; of the baseline where that cannot be read."""
    found = _readable(choice) or _readable(pinned)
    st.subheader("Settings")
    words = st.text_input("Search", help="Words of a name, its meaning or its unit: supply air, rated kW, redundancy")
    parts = list(dict.fromkeys(setting.part for setting in found))
    start = next((at for at, part in enumerate(parts) if part.endswith(".air")), 0)
    part = st.selectbox("Part", parts, index=start, disabled=bool(words.strip()), help="As in the YAML file")
    shown = [s for s in found if s.matches(words)] if words.strip() else [s for s in found if s.part == part]
    if not shown:
        st.info("No setting has these words. Try fewer, or clear the search and choose a part.")
    if len(shown) > MOST_FOUND:
        st.caption(f"First {MOST_FOUND} of {len(shown)}; add a word to narrow the search.")
    changed = dict(choice.overrides)
    for setting in shown[:MOST_FOUND]:
        _widget(setting, setting.path in changed, bool(words.strip()))


def _readable(choice: Choice) -> list[Setting]:
    try:
        return settings(choice.scenario())
    except InputError:
        return []


def _widget(setting: Setting, is_changed: bool, whole_path: bool) -> None:
    key = f"set:{st.session_state.get('form', 0)}:{setting.path}"
    name = f"{setting.part}: {setting.label}" if whole_path else setting.label
    fraction = "fraction" if setting.name.endswith("_frac") else ""
    facts = [unit_text(setting.unit) if setting.unit not in ("", "1") else fraction, setting.bounds]
    note = ", ".join(fact for fact in facts if fact)
    label = f"{'● ' if is_changed else ''}{name}{f' · {note}' if note else ''}"
    common: dict[str, Any] = {
        "key": key,
        "on_change": _changed,
        "args": (key, setting),
        "help": setting.meaning or None,
    }
    if setting.kind == "switch":
        st.toggle(label, value=setting.value, **common)
    elif setting.kind == "choice":
        st.selectbox(label, setting.words, index=setting.words.index(setting.value), **common)
    elif setting.kind in ("number", "whole"):
        _number(label, setting, common)
    else:
        text = str(setting.value) if setting.kind == "list" else setting.value
        st.text_input(label, value=text, **common)


def _number(label: str, setting: Setting, common: dict[str, Any]) -> None:
    as_kind = int if setting.kind == "whole" else float
    low, high, value = setting.low, setting.high, as_kind(setting.value)
    slides = low is not None and high is not None and high - low <= WIDEST_SLIDER
    slides = slides and not setting.low_open and not setting.high_open
    if slides and low is not None and high is not None:
        step = 1 if setting.kind == "whole" else _round_step((high - low) / SLIDER_STEPS)
        st.slider(label, as_kind(low), as_kind(high), value, step=as_kind(step), **common)
        return
    step = max(1, round(abs(value) / 20)) if setting.kind == "whole" else _round_step(abs(value) / 20 or 0.1)
    least, most = (as_kind(bound) if bound is not None else None for bound in (low, high))
    shown = "%d" if setting.kind == "whole" else "%.6g"
    st.number_input(label, least, most, value, step=as_kind(step), format=shown, **common)


def _round_step(step: float) -> float:
    """The power of ten, its double or its fivefold nearest below a step."""
    magnitude = 10.0 ** float(f"{step:e}".partition("e")[2])
    return next(magnitude * factor for factor in (5.0, 2.0, 1.0) if magnitude * factor <= step * (1 + 1e-9))


def _changed(key: str, setting: Setting) -> None:
    value = st.session_state[key]
    if value is not None:
        path, _, text = as_override(setting.path, value).partition("=")
        session.show(session.now().changed(path, text))
