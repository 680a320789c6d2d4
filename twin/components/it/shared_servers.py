"""Rack groups of CPU servers that workloads share, beside a load of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Fields, Name, Phase, Surroundings
from twin.components.it.accelerators import NO_LIMIT_KW, limits_open
from twin.components.it.caps import GroupCap
from twin.components.it.devices import rising
from twin.components.it.protection import DeviceProtection
from twin.components.it.rack_group import MOISTURE, MOISTURE_OUTPUTS, RackGroup
from twin.components.it.servers import Servers, serve_load
from twin.components.profiles import ConstantProfile, Profile
from twin.physics.interpolation import interpolate_at
from twin.physics.servers import table_power_frac

LOADS = tuple(i / 10 for i in range(11))


@compilable
def shared_close(p, u, w, s, x, y, limits, devices, dt_h):  # type: ignore[no-untyped-def]
    """The load that the caps leave: at which the table's power is at the limit; the servers' own load goes first."""
    peak_kw = p.peak_kw * u.availability_frac
    power = min(limits.limit_frac, (limits.allowed_kw - s.extra_kw) / max(peak_kw, 1e-9))
    y.most_load_frac = interpolate_at(p.rising_power, p.loads, power) if power < 1.0 else 1.0
    y.capped = 1.0 if power < 1.0 else 0.0
    devices.devices_count = p.devices_count * u.availability_frac
    devices.idle_w = 0.0
    devices.host_span_kw = 0.0
    devices.budget_kw = NO_LIMIT_KW
    devices.limit_frac = 1.0
    devices.free_frac = max(y.most_load_frac - u.utilisation_frac, 0.0)


@compilable
def shared_demand(p, u, w, s, x, y, air, liquid, devices, dt_h):  # type: ignore[no-untyped-def]
    """The servers at their own load and at what has been placed on them."""
    serve_load(p, u, w, s, y, air, liquid, u.utilisation_frac + devices.busy_frac)
    x.power_kw = y.power_kw
    x.extra_kw = y.power_kw - p.peak_kw * u.availability_frac * table_power_frac(p.load_power, y.utilisation_frac)


class SharedServers(Servers):
    """CPU servers that workloads are placed on. A device is a server, and its work goes with its load."""

    kind: Literal["shared_servers"] = "shared_servers"  # type: ignore[assignment]
    """Kind of rack group."""
    utilisation: Profile = ConstantProfile(value_frac=0.0)
    """Load of the servers beside the workloads; caps do not act on it."""
    device_cost_per_h: float | None = Field(None, gt=0, le=1e6)
    """All that an hour of a server costs, electricity included; orders places by cost."""
    caps: dict[Name, GroupCap] = Field(default_factory=dict)
    """Power caps by name; the lowest limit holds."""
    protection: DeviceProtection | None = None
    """What the servers do as their inlet air or their coolant warms, or nothing."""

    derived: ClassVar[Mapping[str, int]] = {**Servers.derived, "devices_count": 0, "rising_power": 11, "loads": 11}
    state: ClassVar[Fields] = {
        **Servers.state,
        "power_kw": "Power in the last step",
        "extra_kw": "What of it fans drew above their nominal speed",
    }
    outputs: ClassVar[Fields] = {
        **Servers.outputs, "most_load_frac": "Load that the caps allow", "capped": "1: a cap limits power",
    }  # fmt: skip
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("cap_open", limits_open, ("limits",)),
        Phase("cap_close", shared_close, ("limits", "devices")),
        Phase("demand", shared_demand, ("air", "liquid", "devices")),
        RackGroup.observe,
    )

    def serving_w(self, response: Any) -> float:
        """Power of a server at full load."""
        return self.peak_w

    def derive(self, around: Surroundings) -> dict[str, Any]:
        """As of servers; the load table as one that can be read backwards."""
        return Servers.derive(self, around) | {
            "devices_count": float(self.servers_count), "rising_power": rising(self.load_power_frac), "loads": LOADS,
        }  # fmt: skip


class MoistSharedServers(SharedServers):
    """The same racks as the loop runs them in a hall whose moisture is tracked."""

    outputs: ClassVar[Fields] = {**SharedServers.outputs, **MOISTURE_OUTPUTS}
    phases: ClassVar[tuple[Phase, ...]] = (*SharedServers.phases[:-1], MOISTURE)
