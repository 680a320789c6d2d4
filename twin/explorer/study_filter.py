"""The left of the page of studies: which figures are looked at, and the runs that are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import streamlit as st

from twin.explorer.session import begins
from twin.explorer.study_address import Shown
from twin.outputs import study_view as view_of
from twin.outputs.store_compare import Reading
from twin.outputs.study_view import Wanted, label_of, name_of

T = TypeVar("T")
MOST_MARKS = 12  # values of a setting up to which a slider stops at each
DIGITS = "%.5g"


def ranked_by(numeric: list[str], asked: Shown, first: str, place: str) -> str:
    """The figure by which runs are ranked and coloured."""
    return _one_of("Rank and colour by", numeric, f"by:{place}", asked.by, first)


def axes_of(reading: Reading, numeric: list[str], asked: Shown, place: str) -> tuple[str, str]:
    """The two figures, or settings, of the plot."""
    settings = [name for name in view_of.settings_of(reading) if not view_of.is_words(reading, name)]
    known = [*numeric, *settings]
    first = view_of.first_axes(reading) or tuple([*known, known[0]][:2])
    across = _one_of("Across", known, f"Across:{place}", asked.across, first[0])
    return across, _one_of("Up", known, f"Up:{place}", asked.up, first[1])


def filtered(reading: Reading, numeric: list[str], asked: Shown, place: str) -> Shown:
    """The conditions that runs have to meet, beside what was asked for otherwise."""
    st.subheader("Filter")
    words: dict[str, Sequence[str]] = {}
    ranges: dict[str, tuple[float, float]] = {}
    for name in (settings := view_of.settings_of(reading)):
        if view_of.is_words(reading, name):
            known = list(dict.fromkeys(view_of.texts_of(reading.table[name])))
            key = f"filter:{place}:{name}"
            first = begins(key, [word for word in asked.words.get(name, ()) if word in known])
            chosen = st.multiselect(name_of(name), known, first, key=key, placeholder="all",
                                    format_func=view_of.value_text)  # fmt: skip
            words |= {name: chosen} if chosen else {}
        else:
            ranges |= _range(reading, name, asked, place)
    figures = [name for name in numeric if name not in settings]
    key, before = f"bounded:{place}", next((name for name in asked.ranges if name in figures), None)
    at = begins(key, None if before is None else figures.index(before))
    bounded = st.selectbox("Bound a figure", figures, at, format_func=name_of, placeholder="none", key=key)
    if bounded:
        ranges |= _range(reading, bounded, asked, place)
    key = f"broken:{place}"
    keep = st.toggle("With runs beyond a bound", begins(key, asked.beyond), key=key)
    return replace(asked, words=words, ranges=ranges, beyond=keep)


def wanted(shown: Shown) -> Wanted:
    """The filter as views take it."""
    return Wanted(shown.words, shown.ranges, shown.beyond)


def _one_of(title: str, known: list[str], key: str, asked: str, first: str) -> str:
    at = begins(key, known.index(next(name for name in (asked, first, known[0]) if name in known)))
    return str(st.selectbox(title, known, at, format_func=name_of, key=key))


def _range(reading: Reading, name: str, asked: Shown, place: str) -> dict[str, tuple[float, float]]:
    """A range of a column in the unit that it is shown in; empty where all of it is wanted."""
    values = view_of.known_values(reading, name)
    if len(values) < 2:
        return {}
    size = view_of.unit_in(reading, name)[1]
    label, key = label_of(name, reading), f"range:{place}:{name}"
    ends = (values[0], values[-1])
    marks = {f"{value:.6g}": value for value in values}
    if few := len(values) == len(marks) <= MOST_MARKS:
        texts = list(marks)
    first = begins(key, _first(values if few else [], ends, asked.ranges.get(name), size))
    if few:
        of = dict(zip(marks.values(), texts, strict=True))
        chosen = st.select_slider(label, texts, (of[first[0]], of[first[1]]), key=key)
        low, high = (marks[text] for text in chosen)
    else:
        low, high = st.slider(label, *ends, first, step=(ends[1] - ends[0]) / 200, format=DIGITS, key=key)
    return {} if (low, high) == ends else {name: (low * size, high * size)}


def _first(
    marks: Sequence[float], ends: tuple[float, float], asked: tuple[float, float] | None, size: float
) -> tuple[float, float]:
    """The range that is asked for, within the column's own ends, at marks where there are some."""
    if asked is None or asked[1] / size < ends[0] or asked[0] / size > ends[1]:
        return ends
    low, high = (min(max(one / size, ends[0]), ends[1]) for one in asked)
    if marks:
        low, high = (min(marks, key=lambda mark: abs(mark - one)) for one in (low, high))
    return low, high
