"""Rectifiers of a direct-current chain: modules with an efficiency curve by load, staged or all in use."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Fields, Phase, Surroundings
from twin.components.catalog_parts import AnyBattery
from twin.components.power.device import (
    PowerDevice,
    Redundancy,
    hold_loss,
    hold_wanted,
    installed_count,
    pass_power_on,
    release_loss,
)
from twin.physics.rectifiers import EFFICIENCIES, LOADS_FRAC, staged_input_kw

Efficiency = Annotated[float, Field(ge=0.3, le=1)]


@compilable
def rectify(p, u, w, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """Input of the modules in use after their efficiency at the load of each; each feed stages its own."""
    y.output_kw = bus.load_kw
    y.load_frac = bus.load_kw / p.rated_total_kw
    feed_kw, used = staged_input_kw(
        bus.load_kw / p.feeds, p.module_kw, p.feed_modules, p.staging_load_frac, p.curve_loads, p.curve_efficiency
    )
    y.modules_used_count = used * p.feeds
    y.loss_kw = (feed_kw * p.feeds - y.output_kw) * (1.0 - bus.unfed_frac)
    y.input_kw = y.output_kw + y.loss_kw
    y.overload_frac = max(y.load_frac - 1.0, 0.0)
    hold_loss(p, s, x, y, dt_h)
    hold_wanted(s, x, bus)


class Rectifier(PowerDevice):
    """Rectifier modules that feed a direct-current bus (380 V) and share its load."""

    kind: Literal["rectifier"] = "rectifier"
    """Kind of power device."""
    module_kw: float = Field(gt=0, le=1e5)
    """Rated power of one module."""
    modules_count: int = Field(ge=1, le=100000)
    """Modules needed for the load (N)."""
    redundancy: Redundancy = "N"
    """N: as needed; N+1: one module more; 2N: two such feeds, each carrying half and staging its own modules."""
    efficiency_frac: tuple[Efficiency, Efficiency, Efficiency, Efficiency] = EFFICIENCIES["titanium"]
    """Efficiency of a module at 10, 20, 50 and 100 % load (80 PLUS Titanium, 230 V internal redundant)."""
    staging_load_frac: float = Field(0.0, ge=0, le=1)
    """Load of the modules in use, over their rating, at which another one is switched in; 0 keeps all of them on."""
    battery: AnyBattery | None = None
    """Battery that carries the load when the feed fails, or none."""

    derived: ClassVar[dict[str, int]] = {
        "rated_total_kw": 0, "feeds": 0, "feed_modules": 0, "curve_loads": 4, "curve_efficiency": 4, "lagged": 0,
        "bypass": 0,
    }  # fmt: skip
    outputs: ClassVar[Fields] = {**PowerDevice.outputs, "modules_used_count": "Modules in use"}
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("feed", pass_power_on, ("bus", "feeder")),
        Phase("release", release_loss, ("bus",)),
        Phase("convert", rectify, ("bus",)),
    )
    end_use: ClassVar[str] = "rectifier"

    @property
    def installed_count(self) -> int:
        """Modules installed, redundant ones included."""
        return installed_count(self.modules_count, self.redundancy)

    def rating(self) -> tuple[float, float, float, float]:
        """Rated power of all modules; no coefficients, as the loss follows the curve."""
        return self.installed_count * self.module_kw, 0.0, 0.0, 0.0

    def derive(self, around: Surroundings) -> dict[str, object]:  # type: ignore[override]
        """Rating, feeds and curve."""
        feeds = 2 if self.redundancy == "2N" else 1
        return {
            "rated_total_kw": self.rating()[0],
            "feeds": float(feeds),
            "feed_modules": self.installed_count / feeds,
            "curve_loads": LOADS_FRAC,
            "curve_efficiency": self.efficiency_frac,
            "lagged": float(around.lagged),
            "bypass": 0.0,
        }
