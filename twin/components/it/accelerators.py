"""Rack groups of servers with processors (GPU or other) that workloads share, and their power limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Fields, Name, Phase, Surroundings
from twin.components.it.caps import GroupCap
from twin.components.it.devices import Device, device_of
from twin.components.it.hardware_files import hardware_of
from twin.components.it.protection import DeviceProtection
from twin.components.it.rack_group import MOISTURE, MOISTURE_OUTPUTS, REFERENCE_KG_M3, RackGroup, give_heat, inlet_kg_m3
from twin.errors import SpecFault, refuse
from twin.physics.interpolation import interpolate_at
from twin.physics.servers import fan_speed_ratio
from twin.references import InputFile
from twin.units import W_PER_KW

SAME_PEAK = {"bf16": "fp16"}  # equal rates on all tensor cores since the A100 (NVIDIA data sheets)
NO_LIMIT_KW = 1e9
POINTS = 20  # most points of a sweep; shorter ones repeat their last
LEAST_BUSY_FRAC = 0.01  # share of busy devices that a limit is reckoned with at least


@compilable
def limits_open(p, u, w, s, x, y, limits, dt_h):  # type: ignore[no-untyped-def]
    """Before the caps: no limit, and the power of the last step for those that follow it."""
    limits.limit_frac = 1.0
    limits.allowed_kw = NO_LIMIT_KW
    limits.power_kw = s.power_kw


@compilable
def fans_at(p, s, availability_frac, busy_frac):  # type: ignore[no-untyped-def]
    """Power of the servers' fans at nominal speed and at this inlet air, and air flow over that at full load."""
    ratio = fan_speed_ratio(s.inlet_c, p.fan_onset_c, p.fan_rise_per_k, p.fan_limit_ratio)
    flow = p.fan_minimum_frac + (1.0 - p.fan_minimum_frac) * min(busy_frac, 1.0)
    nominal_kw = availability_frac * p.peak_kw * p.fan_power_frac * flow * flow * flow
    return nominal_kw, nominal_kw * ratio * ratio * ratio, flow * ratio


@compilable
def limits_close(p, u, w, s, x, y, limits, devices, dt_h):  # type: ignore[no-untyped-def]
    """What the caps leave: a limit for each device, and power above that of idle servers.

    Where power is allowed rather than a limit set, the limit is that at which as many devices draw it as had work in
    the last step, so that all of them run rather than some wait; no more is started than the power carries.
    """
    count = p.devices_count * u.availability_frac
    limit = max(limits.limit_frac, p.sweep_limit[0])
    devices.budget_kw = NO_LIMIT_KW
    if limits.allowed_kw < NO_LIMIT_KW:
        idle_kw = (p.host_idle_kw + p.idle_w * p.devices_count / W_PER_KW) * u.availability_frac
        nominal_fan_kw, fan_kw, _ = fans_at(p, s, u.availability_frac, s.busy_frac)
        devices.budget_kw = max(limits.allowed_kw - idle_kw - (fan_kw - nominal_fan_kw), 0.0)
        busy = min(max(s.wanted_frac, LEAST_BUSY_FRAC), 1.0)
        host_span_kw = p.host_span_kw * u.availability_frac
        each_w = W_PER_KW * (devices.budget_kw / busy - host_span_kw) / max(count, 1.0) + p.idle_w
        limit = min(limit, interpolate_at(p.sweep_power, p.sweep_limit, each_w / p.limit_w))
    devices.devices_count = count
    devices.idle_w = p.idle_w
    devices.host_span_kw = p.host_span_kw * u.availability_frac
    devices.limit_frac = limit
    devices.free_frac = 1.0
    y.limit_w = limit * p.limit_w
    y.capped = 1.0 if limit < 1.0 or devices.budget_kw < NO_LIMIT_KW else 0.0


@compilable
def accelerators_demand(p, u, w, s, x, y, air, liquid, devices, dt_h):  # type: ignore[no-untyped-def]
    """Power, air flow and heat of the group with what has been placed on it."""
    y.utilisation_frac = devices.busy_frac
    nominal_fan_kw, y.fan_kw, flow = fans_at(p, s, u.availability_frac, devices.busy_frac)
    y.device_kw = u.availability_frac * p.devices_count * (p.idle_w + devices.device_w) / W_PER_KW
    host_kw = u.availability_frac * (p.host_idle_kw + p.host_span_kw * devices.busy_frac) - nominal_fan_kw
    y.power_kw = y.device_kw + host_kw + y.fan_kw
    y.flow_kg_s = p.rated_kg_s * u.availability_frac * flow * inlet_kg_m3(w, s) / REFERENCE_KG_M3
    x.busy_frac, x.wanted_frac, x.power_kw = devices.busy_frac, devices.wanted_frac, y.power_kw
    give_heat(p, y, air, liquid)


class Accelerators(RackGroup):
    """A group of racks with equal servers of processors; workloads are placed on them.

    Power of a server: its devices, each as what runs on it draws at its limit, and its host, between idle and peak with
    the share of busy devices. Limits act on devices; hosts do not follow them.
    """

    kind: Literal["accelerators"] = "accelerators"
    """Kind of rack group."""
    hardware: InputFile
    """Catalog file of the processor, such as data:hardware/h100_sxm.yaml."""
    servers_per_rack_count: int = Field(ge=1, le=200)
    """Servers in each rack."""
    devices_per_server_count: int | None = Field(None, ge=1, le=1000)
    """Processors in each server; the catalog's usual server if left out."""
    device_limit_w: float | None = Field(None, gt=0, le=1e5)
    """Highest power limit of a processor, where the catalog has none."""
    device_idle_w: float | None = Field(None, ge=0, le=1e5)
    """Idle power of a processor, where the catalog has none."""
    server_idle_w: float | None = Field(None, gt=0, le=1e6)
    """Wall power of a server whose devices idle, where it is not the catalog's."""
    server_peak_w: float | None = Field(None, gt=0, le=1e6)
    """Highest wall power of a server, where it is not the catalog's."""
    fan_power_frac: float = Field(0.06, ge=0, le=0.5)
    """Power of the servers' fans at full load and nominal speed, over peak power; inside the host's power."""
    fan_minimum_frac: float = Field(0.4, ge=0.05, le=1)
    """Air flow when idle, over air flow at full load."""
    fan_onset_c: float = Field(25.0, ge=10, le=45)
    """Inlet air above which the fans speed up."""
    fan_rise_per_k: float = Field(0.023, ge=0, le=0.2)
    """Relative rise of fan speed per K above the onset."""
    fan_limit_ratio: float = Field(1.5, ge=1, le=3)
    """Highest fan speed over nominal."""
    device_cost_per_h: float | None = Field(None, gt=0, le=1e6)
    """All that an hour of a processor costs, electricity included; orders places by cost."""
    caps: dict[Name, GroupCap] = Field(default_factory=dict)
    """Power caps by name; the lowest limit holds."""
    protection: DeviceProtection | None = None
    """What the servers do as their inlet air or their coolant warms, or nothing."""

    inputs: ClassVar[Fields] = RackGroup.in_service
    derived: ClassVar[Mapping[str, int]] = {
        **RackGroup.shared, "devices_count": 0, "limit_w": 0, "idle_w": 0, "host_idle_kw": 0, "host_span_kw": 0,
        "sweep_limit": POINTS, "sweep_power": POINTS,
    }  # fmt: skip
    state: ClassVar[Fields] = {
        **RackGroup.state,
        "busy_frac": "Share of the devices' time that was used in the last step",
        "wanted_frac": "Share of it that there was work for",
        "power_kw": "Power in the last step",
    }
    outputs: ClassVar[Fields] = {
        "utilisation_frac": "Share of the devices' time that is used",
        "power_kw": "Power drawn by the servers",
        "device_kw": "Power of the processors",
        "fan_kw": "Power of the servers' fans",
        "limit_w": "Power limit of each processor",
        "capped": "1: a cap limits power",
        **RackGroup.outputs,
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("cap_open", limits_open, ("limits",)),
        Phase("cap_close", limits_close, ("limits", "devices")),
        Phase("demand", accelerators_demand, ("air", "liquid", "devices")),
        RackGroup.observe,
    )

    @property
    def device(self) -> Device:
        """The processor; SpecFault where the catalog lacks a figure that the group does not give."""
        return device_of(self.hardware, self.device_limit_w, self.device_idle_w)

    def server_figures(self) -> tuple[int, float, float]:
        """Devices of a server, and its wall power idle and at most; SpecFault where one is not known."""
        known = hardware_of(self.hardware).server
        count = self.devices_per_server_count or (known.devices_count if known else None)
        idle_w = self.server_idle_w or (known.idle_w if known else None)
        peak_w = self.server_peak_w or (known.peak_w if known else None)
        named = {"devices_per_server_count": count, "server_idle_w": idle_w, "server_peak_w": peak_w}
        states_none = f"is required: {hardware_of(self.hardware).name} states none"
        refuse(SpecFault((name,), states_none) for name, value in named.items() if value is None)
        assert count is not None
        assert idle_w is not None
        assert peak_w is not None
        device = self.device
        for name, value, least in (("server_idle_w", idle_w, device.idle_w), ("server_peak_w", peak_w, device.limit_w)):
            if value < count * least:
                raise SpecFault(
                    (name,), f"must be at least that of its {count} devices ({count * least:g}), got {value:g}"
                )
        return count, idle_w, peak_w

    @property
    def servers_count(self) -> int:
        """Servers in the group."""
        return self.racks_count * self.servers_per_rack_count

    @property
    def peak_kw(self) -> float:
        """Power of the group with all devices busy at their highest limit."""
        return self.servers_count * self.server_figures()[2] / W_PER_KW

    def serving_w(self, response: Any) -> float:
        """Power of a busy processor and its part of the host, without a limit."""
        count, _, peak_w = self.server_figures()
        return float(response.device_w[-1]) + peak_w / count - self.device.limit_w

    def peak_tflops(self, precision: str) -> float:
        """Peak operations of a processor; SpecFault where the catalog has none for a number format."""
        known = hardware_of(self.hardware).device
        table = known.peak_tflops if known else {}
        name = SAME_PEAK.get(precision, precision)
        if name not in table:
            raise SpecFault(("prefill_mfu_frac",), f"no peak operations in {precision} for {self.device.name}")
        return table[name]

    def course_kw(self, shares: Callable[[Any], Any]) -> Any:
        """Power at the values that ``shares`` gives of its availability, all devices busy."""
        return self.peak_kw * shares(self.availability)

    def derive(self, around: Surroundings) -> dict[str, object]:
        """Group totals and the sweep, in shares of the highest limit."""
        device = self.device
        count, idle_w, peak_w = self.server_figures()
        servers, devices = self.servers_count, self.servers_count * count
        host_idle_w, host_peak_w = idle_w - count * device.idle_w, peak_w - count * device.limit_w
        return self.rack_parameters(around) | {
            "devices_count": float(devices),
            "limit_w": device.limit_w,
            "idle_w": device.idle_w,
            "host_idle_kw": servers * host_idle_w / W_PER_KW,
            "host_span_kw": servers * max(host_peak_w - host_idle_w, 0.0) / W_PER_KW,
            "sweep_limit": padded(device.sweep_limit, POINTS),
            "sweep_power": padded(tuple(power * device.uncapped_frac for power in device.rising_power), POINTS),
        }


class MoistAccelerators(Accelerators):
    """The same racks as the loop runs them in a hall whose moisture is tracked."""

    outputs: ClassVar[Fields] = {**Accelerators.outputs, **MOISTURE_OUTPUTS}
    phases: ClassVar[tuple[Phase, ...]] = (*Accelerators.phases[:-1], MOISTURE)


def padded(values: tuple[float, ...], length: int) -> tuple[float, ...]:
    """The values, the last one repeated up to a length; interpolation then ends in it."""
    return (*values, *[values[-1]] * (length - len(values)))
