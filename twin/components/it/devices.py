"""What a rack group's processors can do: power, sweep of power limits and inference tables, own or a stand-in's."""

from __future__ import annotations

from dataclasses import dataclass

from twin.components.it.hardware import Hardware, InferenceTable
from twin.components.it.hardware_files import hardware_of
from twin.errors import SpecFault

Floats = tuple[float, ...]
HAIR = 1e-9  # of the power without a limit: far below what anybody measures


@dataclass(frozen=True)
class Device:
    """A processor. Limits and powers are shares of ``limit_w``, its highest limit.

    ``sweep_limit``, ``sweep_throughput`` and ``sweep_power`` are the measured points; ``uncapped_frac`` is what the
    measured work drew at the highest limit. ``notes`` say which device stands in for what.
    """

    name: str
    limit_w: float
    idle_w: float
    sweep_limit: Floats
    sweep_throughput: Floats
    sweep_power: Floats
    uncapped_frac: float
    inference: tuple[InferenceTable, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def rising_power(self) -> Floats:
        """The sweep's power as a table that can be read backwards."""
        return rising(self.sweep_power)


def rising(values: Floats) -> Floats:
    """The values as a table that can be read backwards: none below one before it, equal ones parted by a hair.

    >>> [round(value, 9) for value in rising((0.5, 0.7, 0.6, 1.0))]
    [0.5, 0.7, 0.700000001, 1.0]
    """
    found: list[float] = []
    for value in values:
        found.append(max(value, found[-1] + HAIR) if found else value)
    return tuple(found)


def device_of(reference: str, limit_w: float | None, idle_w: float | None) -> Device:
    """The processor that a catalog file states; ``limit_w`` and ``idle_w`` stand in for figures that are not public.

    Raises SpecFault, with the field below the rack group, where a figure is missing or contradicted.
    """
    hardware = hardware_of(reference)
    if hardware.device is None:
        raise SpecFault(
            ("hardware",), f"{hardware.name} is a {hardware.kind}, not a processor that work can be placed on"
        )
    highest = _figure(hardware, hardware.device.limit_w, limit_w, "device_limit_w")
    idle = _figure(hardware, hardware.device.idle_w, idle_w, "device_idle_w")
    sweep_of, notes = hardware, []
    if hardware.power_limits is None and hardware.stand_in.power_limits:
        sweep_of = hardware_of(_beside(reference, hardware.stand_in.power_limits))
        notes.append(f"{hardware.name}: power limits as measured on {sweep_of.name}, by share of the highest limit")
    sweep = sweep_of.power_limits
    if sweep is None or sweep_of.device is None or sweep_of.device.limit_w is None:
        raise SpecFault(("hardware",), f"{hardware.name} has no measured power limits, nor a device that stands in")
    reference_w = sweep_of.device.limit_w
    tables_of = hardware
    if not hardware.inference and hardware.stand_in.inference:
        tables_of = hardware_of(_beside(reference, hardware.stand_in.inference))
        notes.append(f"{hardware.name}: inference as measured on {tables_of.name}")
    return Device(
        hardware.name, highest, idle, tuple(limit / reference_w for limit in sweep.limit_w), sweep.throughput_frac,
        sweep.power_frac, sweep.uncapped_w / reference_w, tables_of.inference, tuple(notes))  # fmt: skip


def stand_ins(reference: str) -> list[str]:
    """References of the files whose measurements stand in for those that a catalog file lacks, each once."""
    named = hardware_of(reference).stand_in
    return list(dict.fromkeys(_beside(reference, name) for name in (named.power_limits, named.inference) if name))


def _figure(hardware: Hardware, known: float | None, given: float | None, name: str) -> float:
    if given is None and known is None:
        raise SpecFault((name,), f"is required: it is not public for {hardware.name}")
    if given is not None and known is not None and given != known:
        raise SpecFault((name,), f"contradicts the catalog: {hardware.name} has {known:g}; leave it out, got {given:g}")
    return float(known if known is not None else given or 0.0)


def _beside(reference: str, name: str) -> str:
    """Reference of another file of the folder that ``reference`` lies in."""
    return f"{reference[: len(reference) - len(_last(reference))]}{name}.yaml"


def _last(reference: str) -> str:
    return reference.replace("\\", "/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]
