"""Bars of energy by interval as a drawing of its own (SVG), for pages that load nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from twin.outputs.palette import COLOURS

PARTS = (  # quantity, name, meaning of the colour; what is left of the whole comes last
    ("eit_input_kwh", "IT equipment", "it"),
    ("cooling_kwh", "Cooling", "chillers"),
    ("electrical_loss_kwh", "Losses of power", "losses"),
)
WHOLE, OTHER = "edc_kwh", ("Other", "other")
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 960.0, 250.0, 64.0, 26.0, 26.0
MOST = 60  # bars that a page can hold


def energy_chart(months: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Rectangles, ticks and labels of stacked bars; None where intervals are too few, too many or tell no energy."""
    if not 2 <= len(months) <= MOST or any(month["values"].get(WHOLE) is None for month in months):
        return None
    top = max(month["values"][WHOLE] for month in months)
    if top <= 0:
        return None
    step = (WIDTH - LEFT) / len(months)
    lines = _round_lines(top)
    scale = (HEIGHT - BOTTOM - TOP) / lines[-1]
    bars, used = [], {}
    for k, month in enumerate(months):
        y = HEIGHT - BOTTOM
        for name, colour, kwh in _stack(month["values"]):
            used[name] = colour
            y -= kwh * scale
            bars.append({"x": _r(LEFT + k * step + 0.15 * step), "y": _r(y), "width": _r(0.7 * step),
                         "height": _r(kwh * scale), "colour": colour,
                         "title": f"{_day(month)}: {name} {kwh / 1000:,.1f} MWh"})  # fmt: skip
    labels = [{"x": _r(LEFT + (k + 0.5) * step), "text": _day(month)} for k, month in enumerate(months)]
    ticks = [{"y": _r(HEIGHT - BOTTOM - kwh * scale), "text": f"{kwh / 1000:,.6g}"} for kwh in lines]
    every = max(1, -(-len(labels) // 12))
    legend = [
        {"x": _r(LEFT + 150 * k), "name": name, "colour": colour} for k, (name, colour) in enumerate(used.items())
    ]
    return {"bars": bars, "labels": labels[::every], "ticks": ticks, "legend": legend, "width": WIDTH,
            "height": HEIGHT, "left": LEFT, "base": HEIGHT - BOTTOM}  # fmt: skip


def _round_lines(top: float) -> list[float]:
    """Round values from zero to the first that is not below the top, three to six of them.

    >>> _round_lines(1013.0)
    [0.0, 250.0, 500.0, 750.0, 1000.0, 1250.0]
    """
    decade = 10.0 ** math.floor(math.log10(top))
    apart = next(step for step in (0.25 * decade, 0.5 * decade, decade, 2.0 * decade) if top <= 5.0 * step)
    return [k * apart for k in range(math.ceil(top / apart) + 1)]


def _stack(values: Mapping[str, Any]) -> list[tuple[str, str, float]]:
    found = [(name, COLOURS[meaning], float(values[key])) for key, name, meaning in PARTS if values.get(key)]
    left = float(values[WHOLE]) - sum(kwh for *_, kwh in found)
    name = OTHER[0] if found else "Data centre"
    return [*found, (name, COLOURS[OTHER[1] if found else "it"], max(left, 0.0))]


def _day(month: Mapping[str, Any]) -> str:
    return str(month["period"]["start_local"])[:7]


def _r(value: float) -> str:
    return f"{value:.1f}"
