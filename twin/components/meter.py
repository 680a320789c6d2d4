"""The grid connection: one meter at the utility's side of everything."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Component, Fields, Phase


@compilable
def meter_step(p, u, w, s, x, y, bus, site, dt_h):  # type: ignore[no-untyped-def]
    """Read the bus that everything hangs on; caps on the site's import go by it in the next step."""
    y.import_kw = bus.load_kw
    site.import_kw = bus.load_kw


class Meter(Component):
    """Connection to the grid. ``limit_kw`` is the contracted power; hours above it are reported."""

    limit_kw: float | None = Field(None, gt=0, le=1e7)
    """Contracted import power; exceeding it is reported, not prevented. None where there is no contract on it."""

    outputs: ClassVar[Fields] = {"import_kw": "Power imported from the grid"}
    watched: ClassVar[dict[str, float]] = {"import_kw": 1e9}
    phases: ClassVar[tuple[Phase, ...]] = (Phase("meter", meter_step, ("bus", "site")),)
