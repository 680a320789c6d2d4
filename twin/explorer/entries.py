"""Parts that come and go: a second chiller, a battery, a rack group; each a copy of a sibling or of an example."""

from __future__ import annotations

import streamlit as st

from twin.errors import InputError
from twin.explorer import session
from twin.explorer.widgets import REFUSED, told
from twin.outputs.template import scenarios_folder
from twin.scenario.entries import Shelf, shelves
from twin.scenario.model import Scenario
from twin.studies.exchange import added, removed

PART = "part"  # of the session: the part whose settings the form shows
EXAMPLE = "a shipped example"


def entries(scenario: Scenario, part: str) -> None:
    """Draw it, for the mapping that the part on the screen stands in."""
    found = {shelf.path: shelf for shelf in shelves(scenario)}
    here = next((path for path in (part, part.rpartition(".")[0]) if path in found), "")
    around = next((path for path in reversed(found) if part.startswith(f"{path}.")), here)
    at = list(found).index(here or around) if here or around else 0
    key = f"{session.generation()}:{part}"
    with st.expander("Add or remove a part"):
        path = st.selectbox(
            "Where", list(found), at, key=f"shelf:{key}", help="A place of the site that holds parts by their names"
        )
        shelf = found[str(path)]
        _adding(shelf, part.rpartition(".")[2], f"{key}:{path}")
        _removing(shelf, part.rpartition(".")[2], f"{key}:{path}")


def _adding(shelf: Shelf, shown: str, key: str) -> None:
    kinds = list(shelf.kinds)
    now = dict(shelf.entries).get(shown, "")
    kind = kinds[0]
    if len(kinds) > 1:
        kind = str(st.selectbox("Kind", kinds, kinds.index(now) if now in kinds else 0, key=f"add-kind:{key}",
                                format_func=lambda one: one.replace("_", " "), help=shelf.meaning or None))  # fmt: skip
    copies, first = _copies(shelf, shown, kind)
    like = str(st.selectbox("Begins as", copies, copies.index(first), key=f"add-like:{key}:{kind}",
                            help="Its settings, to change then"))  # fmt: skip
    like = "" if like == EXAMPLE else like
    st.text_input("Name", shelf.free_name(like or kind), key=f"add-name:{key}:{kind}:{like}", max_chars=64)
    st.button("Add", key=f"add:{shelf.path}", width="stretch", on_click=_added, args=(shelf, shown, key))


def _copies(shelf: Shelf, shown: str, kind: str) -> tuple[list[str], str]:
    """What a new part of a kind may be a copy of, and which of them comes first to hand."""
    siblings = list(shelf.of_kind(kind))
    copies = [*siblings, EXAMPLE]
    return copies, shown if shown in siblings else copies[0]


def _removing(shelf: Shelf, shown: str, key: str) -> None:
    names = list(shelf.names)
    if not names:
        st.caption("Nothing to remove: it has no entries.")
        return
    gone = st.selectbox("Part to remove", names, names.index(shown) if shown in names else 0, key=f"remove-name:{key}")
    st.button(f"Remove {gone}", key=f"remove:{shelf.path}", width="stretch", on_click=_removed,
              args=(f"{shelf.path}.{gone}",))  # fmt: skip


def _added(shelf: Shelf, shown: str, key: str) -> None:
    """Add what the boxes hold, where the form has not yet followed the last of them: the kind that was just chosen."""
    boxes, choice = st.session_state, session.now()
    kind = str(boxes.get(f"add-kind:{key}", shelf.kinds[0]))
    like = str(boxes.get(f"add-like:{key}:{kind}", _copies(shelf, shown, kind)[1]))
    like = "" if like == EXAMPLE else like
    name = str(boxes.get(f"add-name:{key}:{kind}:{like}", shelf.free_name(like or kind))).strip()
    st.session_state.pop(REFUSED, None)
    path = f"{shelf.path}.{name}"
    try:
        text = added(choice.scenario(), scenarios_folder(), shelf, name, kind, like)
    except InputError as error:
        st.session_state[REFUSED] = (
            f"{name or 'A part without a name'} cannot be added to {shelf.path} as the site is.",
            told(error),
        )
        return
    session.show(choice.changed(path, text))
    st.session_state[PART] = path
    session.renew()


def _removed(path: str) -> None:
    """Take an entry back that a change had added, or leave out one of the file."""
    choice = session.now()
    without = choice.changed(path, None)
    st.session_state.pop(REFUSED, None)
    try:
        text = removed(without.scenario(), path)
    except InputError as error:
        st.session_state[REFUSED] = (f"{path} cannot be removed as the site is.", told(error))
        return
    session.show(without if text is None else without.changed(path, text))
    session.renew()
