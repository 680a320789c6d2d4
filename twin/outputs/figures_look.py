"""The look of every plot: fonts, greys, grids and paper for light and dark, and how a curve gets fewer points."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from twin.outputs.palette import COLOURS

FONT = "Source Sans, Source Sans Pro, system-ui, sans-serif"
LIGHT_ON_DARK = {
    "grid": "#D0D0D0",
    "carbon": "#B5B5B5",
    "it": "#1F7DC2",
    "fans": "#86CDF7",
    "cost": "#A98AC4",
    "water": "#6C9EE0",
}
MOST_POINTS = 10_000  # of a line: an hourly year is whole at every zoom, a browser without a GPU draws it at once
MOST_CUTS = 24  # of a line: those of daylight saving in twelve years
TEMPERATURES = [[0.0, "#2F6FBF"], [0.35, "#8CCFC5"], [0.6, "#F3EBCF"], [0.8, "#E69F00"], [1.0, "#D55E00"]]
SEQUENTIAL = [[0.0, "#F2F6F9"], [0.5, "#56B4E9"], [1.0, "#003E66"]]
SEQUENTIAL_DARK = [[0.0, "#16222B"], [0.5, "#2E93D1"], [1.0, "#D9F0FF"]]


@dataclass(frozen=True)
class Look:
    """Greys of a theme."""

    dark: bool = False

    @property
    def ink(self) -> str:
        """Text."""
        return "#E8E8E8" if self.dark else "#1F1F1F"

    @property
    def quiet(self) -> str:
        """Axes, units, notes."""
        return "#9A9A9A" if self.dark else "#6B6B6B"

    @property
    def line(self) -> str:
        """Grid lines."""
        return "#2C2F36" if self.dark else "#E6E6E6"

    @property
    def paper(self) -> str:
        """Ground."""
        return "#0E1117" if self.dark else "#FFFFFF"

    @property
    def sequential(self) -> list[list[Any]]:
        """Scale from little to much."""
        return SEQUENTIAL_DARK if self.dark else SEQUENTIAL

    def colour(self, meaning: str) -> str:
        """Colour of a meaning; the darkest are lifted on a dark ground."""
        return (LIGHT_ON_DARK.get(meaning) if self.dark else None) or COLOURS[meaning]


@functools.cache
def _template(look: Look) -> go.layout.Template:
    """The house's look as a template: made once for each theme, since plotly checks every word of a layout."""
    axis = {"gridcolor": look.line, "zerolinecolor": look.line, "linecolor": look.line, "ticks": "",
            "title": {"font": {"size": 12, "color": look.quiet}}, "tickfont": {"size": 12, "color": look.quiet},
            "automargin": True}  # fmt: skip
    return go.layout.Template(layout={
        "title": {"font": {"size": 14, "color": look.ink}, "x": 0, "xanchor": "left", "xref": "container",
                  "y": 1, "yanchor": "top", "yref": "container", "pad": {"t": 10, "l": 4}},
        "font": {"family": FONT, "size": 12, "color": look.ink}, "separators": ".\u202f",
        "margin": {"l": 8, "r": 12, "t": 40, "b": 8},
        "legend": {"orientation": "h", "y": -0.18, "yanchor": "top", "x": 0, "font": {"size": 12}},
        "hoverlabel": {"bgcolor": look.paper, "font": {"color": look.ink, "family": FONT}},
        "hovermode": "closest", "dragmode": "zoom", "xaxis": axis, "yaxis": axis,
    })  # fmt: skip


def styled(figure: go.Figure, look: Look, title: str, height: int = 320, **layout: Any) -> go.Figure:
    """The figure in the house's look, under a title that states the quantity; a reader's zoom outlives new numbers."""
    return figure.update_layout(
        template=_template(look), title_text=title, paper_bgcolor=look.paper, plot_bgcolor=look.paper, height=height,
        uirevision="kept", **layout,
    )  # fmt: skip


def line_data(
    time: NDArray[np.datetime64], values: NDArray[np.float64], most: int = MOST_POINTS
) -> list[dict[str, Any]]:
    """A series as ``x0, dx, y`` (or ``x, y``) of plotly's lines, in as few bytes as show every step.

    Even steps need no times of their own. A line is cut where civil time jumps, as in spring and autumn. Beyond
    ``most`` points the lowest and highest value of each stretch stay, with their times.
    """
    steps = np.diff(time)
    cuts = np.flatnonzero(steps != steps[0]) if steps.size else steps
    if values.size > most or np.unique(cuts).size > MOST_CUTS or not steps.size:
        x, y = thinned(time, values, most)
        return [{"x": x, "y": y.astype(np.float32)}]
    dx_ms = steps[0] / np.timedelta64(1, "ms")
    edges = [0, *(int(cut) + 1 for cut in cuts), values.size]
    return [{"x0": str(time[a].astype("datetime64[s]")), "dx": dx_ms, "y": values[a:b].astype(np.float32)}
            for a, b in itertools.pairwise(edges)]  # fmt: skip


def thinned(
    time: NDArray[Any], values: NDArray[np.float64], most: int = MOST_POINTS
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """A long series as lowest and highest value of each of its stretches, so that no peak is lost on the screen.

    >>> x, y = thinned(np.arange(100_000), np.r_[np.zeros(99_999), 5.0])
    >>> len(x) <= MOST_POINTS, float(y.max())
    (True, 5.0)
    """
    count = len(values)
    if count <= most:
        return time, values
    edges = np.linspace(0, count, most // 2 + 1).astype(int)
    keep = []
    for start, end in itertools.pairwise(edges):
        part = values[start:end]
        keep += sorted({start + int(part.argmin()), start + int(part.argmax())})
    return time[keep], values[keep]
