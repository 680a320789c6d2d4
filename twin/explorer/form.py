"""The form: settings of one part, or those that a search finds, each with unit, bounds and meaning from the schema."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from twin.errors import InputError
from twin.explorer import session
from twin.explorer.choice import Choice
from twin.explorer.entries import PART, entries
from twin.explorer.lists import folds, table
from twin.explorer.widgets import REFUSED, told, widget
from twin.outputs.template import scenarios_folder
from twin.scenario.exchange import NONE, Place, places
from twin.scenario.form import Setting, settings
from twin.scenario.lists import Listing, lists
from twin.scenario.model import Scenario
from twin.studies.exchange import exchanged

MOST_FOUND = 24


def form(choice: Choice, pinned: Choice, scenario: Scenario | None) -> None:
    """Draw the form of what is on the screen, given where it runs; else of what of it can be read, or the baseline."""
    scenario = scenario or choice.readable() or pinned.readable()
    found = settings(scenario) if scenario else []
    stands = places(scenario) if scenario else []
    st.subheader("Settings")
    words = st.text_input("Search", help="Words of a name, its meaning or its unit: supply air, rated kW, redundancy")
    searches = bool(words.strip())
    part = _part(found, stands, searches)
    shown = [s for s in found if s.matches(words)] if searches else [s for s in found if s.part == part]
    technologies = [] if searches else [p for p in stands if p.path == part or p.path.rpartition(".")[0] == part]
    if scenario and not searches:
        entries(scenario, part)
    if REFUSED in st.session_state:
        _refused(st.session_state[REFUSED])
    for place in technologies:
        _technology(place, part, place.path in dict(choice.overrides))
    for setting in shown[:MOST_FOUND]:
        widget(setting, choice.changes(setting.path), searches)
    listings = _lists(scenario, part, words) if scenario else []
    folds(listings, choice.changes, searches)
    if scenario and not searches:
        table(scenario, part)
    if not shown and not technologies and not listings:
        st.info("No setting has these words. Try fewer, or clear the search and choose a part.")
    if len(shown) > MOST_FOUND:
        st.caption(f"First {MOST_FOUND} of {len(shown)}; add a word to narrow the search.")


def _lists(scenario: Scenario, part: str, words: str) -> list[Listing]:
    if words.strip():
        return [one for one in lists(scenario) if one.matches(words)][:MOST_FOUND]
    return lists(scenario, part)


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
