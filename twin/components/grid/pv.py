"""Photovoltaics on the site: PVWatts by pvlib from the site's own weather, computed before the loop."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase

# Defaults of PVWatts: soiling 2, shading 3, mismatch 2, wiring 2, connections .5, light-induced degradation 1.5,
# nameplate 1, availability 3 %; one after the other they make 14.0757 % (Dobos 2014, NREL/TP-6A20-62641; pvlib's
# pvwatts_losses). The inverter's nominal efficiency is of the same report.
LOSSES_FRAC = 0.140757
INVERTER_FRAC = 0.96
STANDARD_MODULE_PER_K = -0.0037  # per K: "standard" module of SAM's PVWatts version 8


@compilable
def follow(p, u, w, s, x, y, site, dt_h):  # type: ignore[no-untyped-def]
    """Power that it adds to an island."""
    site.sun_kw += u.available_kw


@compilable
def generate(p, u, w, s, x, y, site, dt_h):  # type: ignore[no-untyped-def]
    """Give what the sun gives, while there is a grid or an island to follow (IEEE 1547: no unintended islands)."""
    y.generated_kw = u.available_kw if site.lost_frac < 1.0 or site.ready_kw > 0.0 else 0.0
    site.supply_kw += y.generated_kw


class Photovoltaics(Component):
    """Photovoltaic modules of one orientation with their inverters, coupled to the grid's bus."""

    kind: Literal["pv"] = "pv"
    """Kind of on-site technology."""
    dc_kw: float = Field(gt=0, le=1e7)
    """Rated power of the modules at standard test conditions."""
    inverter_kw: float | None = Field(None, gt=0, le=1e7)
    """Rated power of the inverters, AC; as the modules' DC if left out."""
    tilt_deg: float = Field(20.0, ge=0, le=90)
    """Slope of the modules from the horizontal."""
    azimuth_deg: float = Field(180.0, ge=0, le=360)
    """Direction that they face, from north by east: 180 is south."""
    losses_frac: float = Field(LOSSES_FRAC, ge=0, lt=1)
    """Losses before the inverter: soiling, shading, wiring, mismatch, ageing, availability."""
    inverter_efficiency_frac: float = Field(INVERTER_FRAC, ge=0.5, le=1)
    """Nominal efficiency of the inverters."""
    power_rise_per_k: float = Field(STANDARD_MODULE_PER_K, ge=-0.02, le=0)
    """Relative change of module power with cell temperature."""
    mounting: Literal["open_rack", "close_mount", "insulated_back"] = "open_rack"
    """How air passes behind the modules (temperatures of the Sandia model)."""
    albedo_frac: float = Field(0.25, ge=0, le=1)
    """Share of the sun that the ground reflects."""

    inputs: ClassVar[Fields] = {"available_kw": "Power behind the inverters"}
    outputs: ClassVar[Fields] = {"generated_kw": "Power to the site"}
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("get_ready", follow, ("site",)),
        Phase("generate", generate, ("site",)),
    )
    ledger: ClassVar[Ledger] = Ledger(supplies=("generated_kw",))
