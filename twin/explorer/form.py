"""The form: settings of one part, or those that a search finds, each with unit, bounds and meaning from the schema."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from twin.errors import InputError
from twin.explorer import session
from twin.explorer.choice import Choice
from twin.explorer.entries import PART, REFUSED, entries, told
from twin.outputs.figures_time import unit_text
from twin.outputs.template import scenarios_folder
from twin.scenario.exchange import NONE, Place, places
from twin.scenario.form import Setting, as_override, settings
from twin.scenario.model import Scenario
from twin.studies.exchange import exchanged

MOST_FOUND = 24
WIDEST_SLIDER = 120.0  # range of bounds up to which a slider is finer than typing
SLIDER_STEPS = 400
UNSET = "left out"


def form(choice: Choice, pinned: Choice, scenario: Scenario | None) -> None:
    """Draw the form of what is on the screen, given where it runs; of the baseline where that cannot be read."""
    scenario = scenario or _readable(choice) or _readable(pinned)
    found = settings(scenario) if scenario else []
    stands = places(scenario) if scenario else []
    st.subheader("Settings")
    words = st.text_input("Search", help="Words of a name, its meaning or its unit: supply air, rated kW, redundancy")
    searches = bool(words.strip())
    part = _part(found, stands, searches)
    shown = [s for s in found if s.matches(words)] if searches else [s for s in found if s.part == part]
    technologies = [] if searches else [p for p in stands if p.path == part or p.path.rpartition(".")[0] == part]
    if not shown and not technologies:
        st.info("No setting has these words. Try fewer, or clear the search and choose a part.")
    if len(shown) > MOST_FOUND:
        st.caption(f"First {MOST_FOUND} of {len(shown)}; add a word to narrow the search.")
    if scenario and not searches:
        entries(scenario, part)
    if REFUSED in st.session_state:
        _refused(st.session_state[REFUSED])
    changed = dict(choice.overrides)
    for place in technologies:
        _technology(place, part, place.path in changed)
    for setting in shown[:MOST_FOUND]:
        _widget(setting, setting.path in changed or any(setting.path.startswith(f"{p}.") for p in changed), searches)


def _readable(choice: Choice) -> Scenario | None:
    try:
        return choice.scenario()
    except InputError:
        return None


def _part(found: list[Setting], stands: list[Place], searches: bool) -> str:
    """The part whose settings are shown; it stays when another scenario or technology has it, too."""
    own = [setting.part for setting in found] + [place.path for place in stands if place.kind != NONE]
    parts = sorted(dict.fromkeys(own), key=own.index)
    first = next((part for part in parts if part.endswith(".air")), parts[0] if parts else "")
    if st.session_state.get(PART) not in parts:
        st.session_state[PART] = first
    return str(st.selectbox("Part", parts, disabled=searches, key=PART, help="As in the YAML file") or "")


def _refused(trouble: tuple[str, Sequence[str]]) -> None:
    title, faults = trouble
    st.error(f"**{title}** Nothing was changed.")
    st.code("\n".join(faults), language=None, wrap_lines=True)


def _technology(place: Place, part: str, is_changed: bool) -> None:
    """The technologies of a place; another one comes with settings that serve, and the form shows those then."""
    name = "technology" if place.path == part else place.path.rpartition(".")[2].replace("_", " ")
    key = f"kind:{session.generation()}:{place.path}"
    st.selectbox(f"{'● ' if is_changed else ''}{name}", place.kinds, index=place.kinds.index(place.kind), key=key,
                 on_change=_exchanged, args=(key, place), format_func=lambda kind: kind.replace("_", " "),
                 help=f"{place.meaning} Another one starts with settings of a shipped example.")  # fmt: skip


def _exchanged(key: str, place: Place) -> None:
    kind, choice = st.session_state[key], session.now()
    st.session_state.pop(REFUSED, None)
    try:
        text = exchanged(choice.scenario(), scenarios_folder(), place.path, kind)
    except InputError as error:
        title = f"{kind.replace('_', ' ')} cannot stand at {place.path} as the site is."
        st.session_state[REFUSED] = (title, told(error))
    else:
        session.show(choice.changed(place.path, text))
    session.renew()


def _widget(setting: Setting, is_changed: bool, whole_path: bool) -> None:
    key = f"set:{session.generation()}:{setting.path}"
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
        _choice(label, setting, common)
    elif setting.kind in ("number", "whole"):
        _number(label, setting, common)
    else:
        text = str(setting.value) if setting.kind == "list" else setting.value or ""
        st.text_input(label, value=text, placeholder=UNSET if setting.optional else None, **common)


def _choice(label: str, setting: Setting, common: dict[str, Any]) -> None:
    """One of the words, or none of them where the field may be left out."""
    words = [None, *setting.words] if setting.optional else list(setting.words)
    st.selectbox(label, words, index=words.index(setting.value),
                 format_func=lambda word: UNSET if word is None else word.replace("_", " "), **common)  # fmt: skip


def _number(label: str, setting: Setting, common: dict[str, Any]) -> None:
    as_kind = int if setting.kind == "whole" else float
    low, high, value = setting.low, setting.high, None if setting.value is None else as_kind(setting.value)
    slides = low is not None and high is not None and high - low <= WIDEST_SLIDER
    slides = slides and not setting.low_open and not setting.high_open and value is not None
    if slides and low is not None and high is not None:
        step = 1 if setting.kind == "whole" else _round_step((high - low) / SLIDER_STEPS)
        st.slider(label, as_kind(low), as_kind(high), value, step=as_kind(step), **common)
        return
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
        path, _, text = as_override(setting.path, value).partition("=")
        session.show(session.now().changed(path, text))
