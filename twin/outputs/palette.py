"""One colour per meaning, for every table, figure and page (after Okabe and Ito, told apart by all eyes)."""

from __future__ import annotations

COLOURS = {
    "it": "#0072B2",
    "chillers": "#009E73",
    "fans": "#56B4E9",
    "pumps": "#3C8DAD",
    "heat_rejection": "#8CCFC5",
    "losses": "#E69F00",
    "other": "#999999",
    "limit": "#D55E00",
}
