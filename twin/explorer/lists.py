"""Lists of a part: each a fold, in it the items with their settings, and what adds one or takes one away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from twin.errors import InputError
from twin.explorer import session
from twin.explorer.widgets import note_of, set_to, told, typed, widget
from twin.outputs.figures_time import unit_text
from twin.outputs.template import scenarios_folder
from twin.scenario.lists import MONTHS, Item, Listing
from twin.scenario.model import Scenario
from twin.studies.exchange import with_item, with_list, without_item, without_table

AT, OPEN, TOLD = "items", "list", "list-refused"  # of the session: item shown by list; the fold in use; what went wrong
MOST_AT_ONCE = 12  # items that are shown below each other; more are in a list to choose from
COLUMNS = 3  # of numbers
NEW = "It stands beside the one shown and does not clash: a day later, behind it, or half of its hours. Change it then."
HOW_TO_ADD = "type one, then Enter"
Changed = Callable[[str], bool]  # whether there is a change at or below a path


def folds(listings: Sequence[Listing], changed: Changed, whole_path: bool = False) -> None:
    """Draw them."""
    for listing in listings:
        inside = st.session_state.get(OPEN, "")
        is_open = listing.kind == "records" or inside == listing.path or inside.startswith(f"{listing.path}.")
        with st.expander(_title(listing, changed, whole_path), expanded=is_open):
            _drawn(listing, changed)


def table(scenario: Scenario, path: str) -> None:
    """Offer to take the rates of a tariff's table over into the scenario, where they can be changed."""
    if path == "grid.tariff" and scenario.grid.tariff.kind == "table":
        st.caption("Its prices and hours stand in a table. Take them over to change them here; the figures stay.")
        st.button("Take the table's rates over", key=f"table:{session.generation()}", width="stretch",
                  on_click=_put, args=(path, lambda now: without_table(now, scenarios_folder())))  # fmt: skip
        _refused(path)


def _title(listing: Listing, changed: Changed, whole_path: bool) -> str:
    name = f"{listing.part}: {listing.label}" if whole_path else listing.label
    bounds = listing.numbers[0].bounds if listing.numbers and listing.kind == "numbers" else ""
    count = "left out" if listing.values is None else str(listing.count) if listing.count else "none"
    note = note_of(listing.name, listing.unit, bounds)
    return f"{'● ' if changed(listing.path) else ''}{name} · {count}{f' · {note}' if note else ''}"


def _drawn(listing: Listing, changed: Changed) -> None:
    if listing.meaning:
        st.caption(listing.meaning)
    if listing.values is None:
        _button(
            f"State {listing.label}", "state", listing, lambda now: with_list(now, scenarios_folder(), listing.path)
        )
    elif listing.kind == "records":
        _records(listing, changed)
    elif listing.kind == "numbers":
        _numbers(listing, changed)
    else:
        _words(listing)
    if listing.optional and listing.values is not None:
        _button("Leave out", "leave", listing, lambda now: "null")
    _refused(listing.path)


def _records(listing: Listing, changed: Changed) -> None:
    at = _shown_item(listing)
    if listing.items:
        item = listing.items[at]
        for setting in item.settings:
            widget(setting, changed(setting.path))
        for inner in item.lists:
            with st.container(border=True):
                st.markdown(f"**{_title(inner, changed, False)}**")
                _drawn(inner, changed)
    left, right = st.columns(2)
    label, then = ("Add one like it", at + 1) if listing.items else ("Add one", 0)
    with left:
        _button(label, "add", listing, lambda now: with_item(now, scenarios_folder(), listing.path, at), then, help=NEW)
    with right:
        _button(f"Remove {at + 1}", "remove", listing, lambda now: without_item(now, listing.path, at), max(at - 1, 0),
                disabled=listing.count <= listing.least)  # fmt: skip


def _shown_item(listing: Listing) -> int:
    """The item whose settings are shown, chosen from all of them."""
    known = st.session_state.setdefault(AT, {})
    at = min(known.get(listing.path, 0), max(listing.count - 1, 0))
    if listing.count > 1:
        key = f"item:{session.generation()}:{listing.path}"
        choose: Any = st.radio if listing.count <= MOST_AT_ONCE else st.selectbox
        words = [_words_of(number, item) for number, item in enumerate(listing.items)]
        choose("Item", range(listing.count), at, format_func=words.__getitem__, key=key, on_change=_chosen,
               args=(key, listing.path), label_visibility="collapsed")  # fmt: skip
    return int(at)


def _words_of(number: int, item: Item) -> str:
    facts = [f"{text} {unit_text(unit)}" if unit not in ("", "1") else text for text, unit in item.facts]
    return f"{number + 1} · {' · '.join(facts).replace('_', ' ') or 'as by default'}"


def _chosen(key: str, path: str) -> None:
    st.session_state[AT][path] = st.session_state[key]


def _numbers(listing: Listing, changed: Changed) -> None:
    columns = st.columns(COLUMNS, gap="small")
    for number, setting in enumerate(listing.numbers):
        key = f"set:{session.generation()}:{setting.path}"
        label = f"{'● ' if changed(setting.path) else ''}{setting.name}"
        with columns[number % COLUMNS]:
            typed(label, setting, {"key": key, "on_change": _number_changed, "args": (key, listing.path, setting.path)})


def _number_changed(key: str, path: str, item_path: str) -> None:
    if st.session_state[key] is not None:
        st.session_state[OPEN] = path
        set_to(item_path, st.session_state[key])


def _words(listing: Listing) -> None:
    key = f"set:{session.generation()}:{listing.path}"
    values, months = list(listing.values or ()), "month" in listing.name
    if listing.kind == "some":
        st.pills(listing.label, listing.words, selection_mode="multi", default=values, key=key, on_change=_some_changed,
                 format_func=lambda number: MONTHS[number - 1] if months else str(number), args=(key, listing.path),
                 label_visibility="collapsed")  # fmt: skip
    else:
        st.multiselect(listing.label, values, values, accept_new_options=True, key=key, on_change=_some_changed,
                       args=(key, listing.path), placeholder=HOW_TO_ADD, label_visibility="collapsed")  # fmt: skip


def _some_changed(key: str, path: str) -> None:
    st.session_state[OPEN] = path
    chosen = st.session_state[key]
    set_to(path, sorted(chosen) if all(isinstance(one, int) for one in chosen) else list(chosen))


def _button(label: str, what: str, listing: Listing, made: Callable[[Scenario], str], then: int = 0,
            **more: Any) -> None:  # fmt: skip
    st.button(label, key=f"{what}:{session.generation()}:{listing.path}", width="stretch", on_click=_put,
              args=(listing.path, made, then), **more)  # fmt: skip


def _put(path: str, made: Callable[[Scenario], str], then: int = 0) -> None:
    """Show the scenario with another list at a path; where that cannot be had, say why and keep what is there."""
    choice = session.now()
    st.session_state.pop(TOLD, None)
    st.session_state[OPEN] = path
    try:
        text = made(choice.scenario())
    except InputError as error:
        st.session_state[TOLD] = (path, choice, told(error))
        return
    session.show(choice.with_list(path, text))
    st.session_state.setdefault(AT, {})[path] = then
    session.renew()


def _refused(path: str) -> None:
    where, choice, faults = st.session_state.get(TOLD, ("", None, ()))
    if where == path and choice == session.now():
        st.error("**This cannot be done as the site is.** Nothing was changed.")
        st.code("\n".join(faults), language=None, wrap_lines=True)
