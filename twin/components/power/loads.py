"""Constant electrical loads: lighting, security, offices. Their heat goes to a stated place."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase
from twin.components.profiles import ALWAYS, Profile


@compilable
def constant_load(p, u, w, s, x, y, bus, dt_h):  # type: ignore[no-untyped-def]
    """Rated power times the profile."""
    y.power_kw = p.power_kw * u.use_frac


class ConstantLoad(Component):
    """An electrical load that follows a profile and turns into heat."""

    power_kw: float = Field(ge=0, le=1e6)
    """Rated power."""
    use: Profile = ALWAYS
    """Share of the rated power in use."""
    fed_by: str = "grid"
    """Power device that feeds it, or grid."""
    heat_to: str = "outdoors"
    """Where its heat goes: halls.NAME, rooms.NAME or outdoors."""

    inputs: ClassVar[Fields] = {"use_frac": "Share of the rated power in use"}
    outputs: ClassVar[Fields] = {"power_kw": "Electrical power"}
    phases: ClassVar[tuple[Phase, ...]] = (Phase("demand", constant_load, ("own",)),)
    ledger: ClassVar[Ledger] = Ledger(electric=("power_kw",))
    draws: ClassVar[str | None] = "power_kw"
    loses: ClassVar[str | None] = "power_kw"
    cut: ClassVar[str] = "use_frac"


class Lighting(ConstantLoad):
    """Lighting of halls and rooms."""

    kind: Literal["lighting"] = "lighting"
    """Kind of load."""
    end_use: ClassVar[str] = "lighting"


class Auxiliary(ConstantLoad):
    """Any other constant load: security, building management, offices."""

    kind: Literal["auxiliary"] = "auxiliary"
    """Kind of load."""
    end_use: ClassVar[str] = "auxiliary"
