"""What of a store is on the screen, as a value that fits in an address: its name, figures, filter, view and run.

A store is named as the list of the page names it, never by a folder: an address leads to no other place of the machine.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

KEYS = ("store", "by", "across", "up", "only", "range", "beyond", "view", "run")
MOST_FILTERS = 60  # conditions that an address may hold
LONGEST = 300  # characters of one of them
LARGEST_RUN = 10**9
DIGITS = ".9g"


@dataclass(frozen=True)
class Shown:
    """A store by its name, figures by their columns, and a filter: words and ranges by column, in the store's units."""

    store: str = ""
    by: str = ""
    across: str = ""
    up: str = ""
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    beyond: bool = True  # runs beyond a bound, too
    view: str = ""
    run: int | None = None

    def address(self) -> dict[str, list[str]]:
        """Parts of an address that :func:`from_address` reads again; what is as it begins stays out."""
        single = {"store": self.store, "by": self.by, "across": self.across, "up": self.up,
                  "beyond": "" if self.beyond else "no", "view": self.view,
                  "run": "" if self.run is None else str(self.run)}  # fmt: skip
        parts = {key: [value] for key, value in single.items() if value}
        parts["only"] = [f"{name}={word}" for name, words in self.words.items() for word in words]
        parts["range"] = [f"{name}={low:{DIGITS}}..{high:{DIGITS}}" for name, (low, high) in self.ranges.items()]
        return {key: parts[key] for key in KEYS if parts.get(key)}


def from_address(parts: Mapping[str, Sequence[str]]) -> Shown:
    """What an address asks for; conditions that cannot be read are left out, as are those of no column later."""
    one = {key: next(iter(parts.get(key, ())), "")[:LONGEST] for key in KEYS}
    words: dict[str, list[str]] = {}
    for name, word in _pairs(parts.get("only", ())):
        words.setdefault(name, []).append(word)
    spans = {name: _span(text) for name, text in _pairs(parts.get("range", ()))}
    ranges = {name: span for name, span in spans.items() if span is not None}
    digits = one["run"].isascii() and one["run"].isdigit() and len(one["run"]) < len(str(LARGEST_RUN))
    return Shown(one["store"], one["by"], one["across"], one["up"], words, ranges, one["beyond"] != "no", one["view"],
                 int(one["run"]) if digits else None)  # fmt: skip


def _pairs(texts: Sequence[str]) -> list[tuple[str, str]]:
    found = (text.partition("=") for text in texts[:MOST_FILTERS] if len(text) <= LONGEST)
    return [(name, value) for name, equals, value in found if name and equals]


def _span(text: str) -> tuple[float, float] | None:
    low, dots, high = text.partition("..")
    try:
        ends = float(low), float(high)
    except ValueError:
        return None
    return ends if dots and all(math.isfinite(end) for end in ends) and ends[0] <= ends[1] else None
