"""The psychrometric chart: outdoor air and rack inlets beside the envelope of the equipment."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from twin.outputs.figures_look import Look, styled
from twin.physics.envelopes import allowable_c, moisture_limits, recommended_c
from twin.physics.fluids import humidity_ratio_from_dew_point, humidity_ratio_from_relative

Floats = NDArray[np.float64]
G_PER_KG = 1000.0
POINTS = 40
RELATIVE = (0.2, 0.4, 0.6, 0.8, 1.0)
MOST_DOTS = 2000
INLET_PX = 7  # of a dot: inlets of a hall that is held lie on one spot
INLETS = ("it", "chillers", "battery", "cost")


def envelope_outline(envelope: str, band: str, altitude_m: float, pressure_pa: float) -> tuple[Floats, Floats]:
    """Outline of a class's band: dry bulb in degC and humidity ratio in g/kg, closed, counter-clockwise from below."""
    low, high = recommended_c(envelope) if band == "recommended" else allowable_c(envelope, altitude_m)
    dew_low, dew_high, rh_low, rh_high = moisture_limits(envelope, band)
    t = np.linspace(low, high, POINTS)
    dew = [humidity_ratio_from_dew_point(point, pressure_pa) for point in (dew_low, dew_high)]
    bottom = np.maximum(_moist(t, rh_low, pressure_pa), dew[0]) if rh_low > 0 else np.full(POINTS, dew[0])
    top = np.minimum(_moist(t, rh_high, pressure_pa), dew[1])
    x, y = np.r_[t, t[::-1], t[:1]], np.r_[bottom, top[::-1], bottom[:1]]
    return x, y * G_PER_KG


def _moist(t_c: Floats, rh_frac: float, pressure_pa: float) -> Floats:
    return np.array([humidity_ratio_from_relative(float(t), rh_frac, pressure_pa) for t in t_c])


def psychrometric_figure(
    outdoor: tuple[Floats, Floats], inlets: Mapping[str, tuple[Floats, Floats]], envelope: str, altitude_m: float,
    pressure_pa: float, look: Look, height: int = 480,
) -> go.Figure:  # fmt: skip
    """States of outdoor air and of inlets (dry bulb in degC, humidity ratio in kg/kg) beside a class's envelope."""
    chart = go.Figure()
    high_c = max(45.0, float(np.nanmax(outdoor[0])) + 2.0)
    low_c = min(0.0, float(np.nanmin(outdoor[0])) - 2.0)
    _saturation(chart, low_c, high_c, pressure_pa, look)
    _dots(chart, outdoor, "outdoor air", look.colour("baseline"), 0.35)
    for band, dash in (("allowable", "dot"), ("recommended", "solid")):
        x, y = envelope_outline(envelope, band, altitude_m, pressure_pa)
        chart.add_scatter(x=x, y=y, name=f"{envelope} {band}", mode="lines", hoverinfo="skip",
                          line={"color": look.colour("limit"), "width": 2, "dash": dash})  # fmt: skip
    for at, (name, states) in enumerate(inlets.items()):
        _dots(chart, states, f"inlet {name}", look.colour(INLETS[at % len(INLETS)]), 0.6, INLET_PX)
    top = max(24.0, float(np.nanmax(outdoor[1])) * G_PER_KG + 2.0)
    return styled(
        chart, look, f"Psychrometric chart at {pressure_pa / 1000.0:.1f} kPa, class {envelope}", height,
        xaxis={"title": {"text": "Dry bulb, °C"}, "range": [low_c, high_c]},
        yaxis={"title": {"text": "Humidity ratio, g/kg"}, "range": [0, top], "side": "right"},
    )  # fmt: skip


def _saturation(chart: go.Figure, low_c: float, high_c: float, pressure_pa: float, look: Look) -> None:
    t = np.linspace(low_c, high_c, 2 * POINTS)
    for rh in RELATIVE:
        w = _moist(t, rh, pressure_pa) * G_PER_KG
        chart.add_scatter(x=t, y=w, mode="lines", showlegend=False, hoverinfo="skip",
                          line={"color": look.quiet, "width": 1.4 if rh == 1.0 else 0.6})  # fmt: skip
        at = int(np.searchsorted(w, 20.0 if rh > 0.3 else 8.0))
        if at < t.size:
            chart.add_annotation(x=t[at], y=w[at], text=f"{100 * rh:.0f} %", showarrow=False, bgcolor=look.paper,
                                 font={"size": 11, "color": look.quiet})  # fmt: skip


def _dots(chart: go.Figure, states: tuple[Floats, Floats], name: str, colour: str, opacity: float, px: int = 4) -> None:
    every = max(1, states[0].size // MOST_DOTS)
    x, y = states[0][::every].astype(np.float32), (states[1][::every] * G_PER_KG).astype(np.float32)
    chart.add_scatter(x=x, y=y, name=name, mode="markers",
                        marker={"size": px, "color": colour}, opacity=opacity,
                        hovertemplate="%{x:.1f} °C, %{y:.1f} g/kg")  # fmt: skip
