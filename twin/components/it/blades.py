"""Rack groups of liquid-cooled blades: chassis of nodes behind converters and rectifiers that share the load.

Powers default to those of a Frontier node, its converter and its rectifiers: ExaDigiT RAPS, config/frontier.yaml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from twin.compiled import compilable
from twin.components.base import Fields, Phase, Surroundings
from twin.components.it.rack_group import (
    MOISTURE,
    MOISTURE_OUTPUTS,
    REFERENCE_KG_M3,
    RackGroup,
    give_heat,
    inlet_kg_m3,
)
from twin.components.profiles import Profile
from twin.errors import SpecFault, refuse
from twin.physics.rectifiers import shared_input, units_for_load
from twin.units import W_PER_KW


@compilable
def node_w(p, cpu_frac, gpu_frac):  # type: ignore[no-untyped-def]
    """Power in W that a node draws from its converter, by the load of its CPUs and GPUs."""
    cpu_w = p.cpu_idle_w + (p.cpu_peak_w - p.cpu_idle_w) * cpu_frac
    gpu_w = p.gpu_idle_w + (p.gpu_peak_w - p.gpu_idle_w) * gpu_frac
    return (
        p.cpus_count * cpu_w + p.gpus_count * gpu_w + p.memory_w + p.network_cards_count * p.network_card_w + p.drives_w
    )


@compilable
def chassis_w(p, cpu_frac, gpu_frac, least_count):  # type: ignore[no-untyped-def]
    """Power in W that a chassis draws, its loss in converters and rectifiers, and how many rectifiers are in use."""
    each_w = node_w(p, cpu_frac, gpu_frac)
    switches_w = p.switches_per_chassis_count * p.switch_w
    load_w = shared_input(p.nodes_per_chassis_count * each_w, p.nodes_per_chassis_count * 1.0, p.converter_fixed_w,
                          p.converter_efficiency_frac) + switches_w  # fmt: skip
    staged = units_for_load(load_w, p.rectifier_best_w, p.rectifiers_per_chassis_count * 1.0)
    used = max(staged, least_count * 1.0)
    input_w = shared_input(load_w, used, p.rectifier_fixed_w, p.rectifier_efficiency_frac)
    return input_w, input_w - p.nodes_per_chassis_count * each_w - switches_w, used


@compilable
def blades_demand(p, u, w, s, x, y, air, liquid, dt_h):  # type: ignore[no-untyped-def]
    """Power, its losses and heat of the group at this utilisation; air passes in proportion to power."""
    y.cpu_utilisation_frac = min(max(u.cpu_utilisation_frac, 0.0), 1.2)
    y.gpu_utilisation_frac = min(max(u.gpu_utilisation_frac, 0.0), 1.2)
    input_w, loss_w, y.rectifiers_used_count = chassis_w(
        p, y.cpu_utilisation_frac, y.gpu_utilisation_frac, p.rectifiers_least_count
    )
    y.power_kw = p.chassis_count * u.availability_frac * input_w / W_PER_KW
    y.psu_loss_kw = p.chassis_count * u.availability_frac * loss_w / W_PER_KW
    y.rack_kw = y.power_kw / p.racks_count
    y.flow_kg_s = p.rated_kg_s * y.power_kw / p.peak_kw * inlet_kg_m3(w, s) / REFERENCE_KG_M3
    give_heat(p, y, air, liquid)


class Blades(RackGroup):
    """A group of racks with chassis of equal blades, mostly liquid-cooled; power is that at the racks' AC input."""

    kind: Literal["blades"] = "blades"
    """Kind of rack group."""
    chassis_per_rack_count: int = Field(8, ge=1, le=100)
    """Chassis in each rack."""
    nodes_per_chassis_count: int = Field(16, ge=1, le=1000)
    """Nodes in each chassis."""
    switches_per_chassis_count: int = Field(4, ge=0, le=1000)
    """Switches in each chassis, behind its rectifiers but not behind converters."""
    cpu_utilisation: Profile
    """Utilisation of the CPUs over time."""
    gpu_utilisation: Profile
    """Utilisation of the GPUs over time."""
    cpus_count: int = Field(1, ge=0, le=100)
    """CPUs in each node."""
    cpu_idle_w: float = Field(90.0, ge=0, le=10000)
    """Power of an idle CPU."""
    cpu_peak_w: float = Field(280.0, ge=0, le=10000)
    """Power of a CPU at full load."""
    gpus_count: int = Field(4, ge=0, le=100)
    """GPUs in each node."""
    gpu_idle_w: float = Field(88.0, ge=0, le=10000)
    """Power of an idle GPU."""
    gpu_peak_w: float = Field(560.0, ge=0, le=10000)
    """Power of a GPU at full load."""
    memory_w: float = Field(74.26, ge=0, le=10000)
    """Power of a node's memory, at any load."""
    network_cards_count: int = Field(4, ge=0, le=100)
    """Network cards in each node."""
    network_card_w: float = Field(20.0, ge=0, le=1000)
    """Power of a network card, at any load."""
    drives_w: float = Field(30.0, ge=0, le=10000)
    """Power of a node's drives, at any load."""
    switch_w: float = Field(250.0, ge=0, le=10000)
    """Power of a switch, at any load."""
    converter_fixed_w: float = Field(13.0, ge=0, le=1000)
    """Fixed loss of a node's DC-DC converter, at its output."""
    converter_efficiency_frac: float = Field(0.98, gt=0.5, le=1)
    """Efficiency of a node's converter beyond its fixed loss."""
    rectifiers_per_chassis_count: int = Field(4, ge=1, le=100)
    """Rectifiers that share the load of a chassis."""
    rectifiers_least_count: int = Field(4, ge=1, le=100)
    """Fewest in use; if that is not all of them, each is loaded to its best before another one is switched in."""
    rectifier_best_w: float = Field(13670.0, gt=0, le=1e6)
    """Load of a rectifier at its best efficiency, to which staging loads it."""
    rectifier_fixed_w: float = Field(17.0, ge=0, le=1e5)
    """Fixed loss of a rectifier in use, at its output."""
    rectifier_efficiency_frac: float = Field(0.96, gt=0.5, le=1)
    """Efficiency of a rectifier beyond its fixed loss."""
    liquid_frac: float = Field(1.0, ge=0, le=1)
    """Share of the heat that goes to a coolant; the hall then needs liquid cooling."""
    air_rise_k: float = Field(12.0, ge=3, le=40)
    """Rise of the air that carries the rest, whose flow follows the power."""

    inputs: ClassVar[Fields] = {
        "cpu_utilisation_frac": "Utilisation of the CPUs", "gpu_utilisation_frac": "Utilisation of the GPUs",
        **RackGroup.in_service,
    }  # fmt: skip
    slowed: ClassVar[tuple[str, ...]] = ("cpu_utilisation_frac", "gpu_utilisation_frac")
    derived: ClassVar[Mapping[str, int]] = {**RackGroup.shared, "chassis_count": 0}
    outputs: ClassVar[Fields] = {
        "cpu_utilisation_frac": "Utilisation of the CPUs",
        "gpu_utilisation_frac": "Utilisation of the GPUs",
        "power_kw": "Power drawn at the racks' AC input",
        "rack_kw": "Power drawn by one rack",
        "psu_loss_kw": "Loss of rectifiers and node converters",
        "rectifiers_used_count": "Rectifiers in use in each chassis",
        **RackGroup.outputs,
    }
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("demand", blades_demand, ("air", "liquid")), RackGroup.observe,
    )  # fmt: skip

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[SpecFault]:
        for part in ("cpu", "gpu"):
            idle_w, peak_w = getattr(self, f"{part}_idle_w"), getattr(self, f"{part}_peak_w")
            if peak_w < idle_w:
                yield SpecFault((f"{part}_peak_w",), f"must not be below {part}_idle_w ({idle_w:g}), got {peak_w:g}")
        most = self.rectifiers_per_chassis_count
        if self.rectifiers_least_count > most:
            got = f"got {self.rectifiers_least_count}"
            yield SpecFault(("rectifiers_least_count",), f"must not be above the {most} of a chassis, {got}")
        if chassis_w(self, 1.0, 1.0, most)[0] <= 0:
            yield SpecFault(("nodes_per_chassis_count",), "nodes, converters and rectifiers draw nothing at full load")

    @property
    def peak_kw(self) -> float:
        """Power of the group at full load."""
        return self._power_kw(1.0, 1.0)

    def course_kw(self, shares: Callable[[Any], Any]) -> Any:
        """Power at the values that ``shares`` gives of its utilisation, with all rectifiers in use."""
        idle_kw = self._power_kw(0.0, 0.0)
        cpu_kw, gpu_kw = self._power_kw(1.0, 0.0) - idle_kw, self._power_kw(0.0, 1.0) - idle_kw
        power_kw = idle_kw + cpu_kw * shares(self.cpu_utilisation) + gpu_kw * shares(self.gpu_utilisation)
        return power_kw * shares(self.availability)

    def _power_kw(self, cpu_frac: float, gpu_frac: float) -> float:
        draw_w = chassis_w(self, cpu_frac, gpu_frac, self.rectifiers_per_chassis_count)[0]
        return float(self.racks_count * self.chassis_per_rack_count * draw_w / W_PER_KW)

    def derive(self, around: Surroundings) -> dict[str, float]:
        """What all rack groups share, and the chassis in the group."""
        return self.rack_parameters(around) | {"chassis_count": float(self.racks_count * self.chassis_per_rack_count)}


class MoistBlades(Blades):
    """The same racks as the loop runs them in a hall whose moisture is tracked."""

    outputs: ClassVar[Fields] = {**Blades.outputs, **MOISTURE_OUTPUTS}
    phases: ClassVar[tuple[Phase, ...]] = (Blades.phases[0], MOISTURE)
